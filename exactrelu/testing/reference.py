"""The exact facts with which implementations are compared: one subdivision complex for a network and a box.

The *probes* are one rational point in the relative interior of every face of every dimension.  They see every covector
that occurs: a statement about signs that holds at the probes holds everywhere, ties included.  Ranges and reachable
output sets are decided by exact linear programs on the closed cells, which cover the box.

Everything is computed once for a network and a box, and kept for a while, because many checks ask for the same.
Cost: the complex itself; meant for networks of a dozen units in dimension at most 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import lcm

from exactrelu.bounds.ranges import OutputRange, output_range
from exactrelu.errors import DomainError
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem, Relation, Row
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import enumerate_regions

__all__ = ["Reference", "default_domain", "integer_row", "pulled_back", "reference"]

Vector = tuple[Fraction, ...]


def default_domain(network: Network) -> HPolyhedron:
    """Return the box [-2, 2]^d, on which networks are checked if nothing else is said.

    >>> default_domain(Network.from_weights([[[1]]], [[0]])).box_bounds()
    ((Fraction(-2, 1), Fraction(2, 1)),)
    """
    return HPolyhedron.cube(network.n_inputs, -2, 2)


@dataclass(frozen=True)
class Reference:
    """A network on a box, subdivided exactly."""

    complex: SubdivisionComplex

    @property
    def network(self) -> Network:
        """The network."""
        return self.complex.network

    @property
    def domain(self) -> HPolyhedron:
        """The box."""
        return self.complex.problem.domain

    @cached_property
    def probes(self) -> tuple[Vector, ...]:
        """A point in the relative interior of every face, vertices first, cells last."""
        complex_ = self.complex
        return tuple(
            complex_.witness(face, dimension)
            for dimension in range(complex_.dimension + 1)
            for face in range(complex_.f_vector[dimension])
        )

    @cached_property
    def configurations(self) -> tuple[str, ...]:
        """The configurations of the cells."""
        return tuple(configuration.bits for configuration in self.complex.configurations)

    def closed_cell(self, bits: str) -> LinearSystem:
        """Return the closed cell of a configuration within the box."""
        return self.cell_of(bits, Notion.FULL).closure()

    def cell_of(self, bits: str, notion: Notion) -> LinearSystem:
        """Return the rows of the box and of a configuration: closed in the full notion, else half-open."""
        linearisation = self.complex.problem.linearisation
        rows: list[Row] = list(self.domain.system.rows)
        for unit, bit in enumerate(bits):
            *normal, constant = linearisation.unit_row(bits, unit)[0]
            sign = 1 if bit == "1" else -1
            relation: Relation = "<" if notion is Notion.HALF_OPEN and bit == "1" else "<="
            rows.append((tuple(-sign * a for a in normal), relation, sign * constant))
        return LinearSystem.from_integer_rows(rows, dimension=self.network.n_inputs)

    def affine_map(self, bits: str) -> AffineMap:
        """Return the affine map of a configuration."""
        return self.complex.problem.linearisation.layer_map(bits, len(self.network.hidden))

    @cached_property
    def ranges(self) -> tuple[OutputRange, ...]:
        """The exact range of every output on the box."""
        return output_range(enumerate_regions(self.network, self.domain))

    def find_reaching(self, unsafe: LinearSystem) -> Vector | None:
        """Return a point of the box whose outputs satisfy all rows of `unsafe`; None if there is none."""
        for bits in self.configurations:
            system = self.closed_cell(bits) + pulled_back(unsafe, self.affine_map(bits))
            answer = decide(system)
            if isinstance(answer, Feasible):
                return answer.witness.point
        return None


@lru_cache(maxsize=128)
def reference(network: Network, domain: HPolyhedron) -> Reference:
    """Return the exact facts of a network on a box.

    Raises:
        DomainError: the domain is not a bounded box with interior, of the network's input dimension.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> facts = reference(absolute, default_domain(absolute))
        >>> facts.configurations, [str(point[0]) for point in facts.probes]
        (('01', '10'), ['-2', '2', '0', '-1', '1'])
    """
    bounds = domain.box_bounds()
    if bounds is None or not bounds or any(low == high for low, high in bounds):
        raise DomainError("domain must be a bounded box with interior; write HPolyhedron.box(lower, upper)")
    return Reference(subdivide(network, domain))


def pulled_back(system: LinearSystem, affine: AffineMap) -> LinearSystem:
    """Return the rows on x that say that affine(x) satisfies `system`.

    >>> double = AffineMap.from_parts([[2]], [1])
    >>> print(pulled_back(LinearSystem.from_rows([([1], "<=", 4)]), double))
    2*x0 <= 3
    """
    numerators, denominator = affine.augmented.numerators, affine.augmented.denominator
    rows: list[Row] = []
    for normal, relation, offset in system.rows:
        columns = zip(*numerators, strict=True) if numerators else [()] * (affine.n_inputs + 1)
        *form, constant = (sum(a * b for a, b in zip(normal, column, strict=True)) for column in columns)
        rows.append((tuple(form), relation, offset * denominator - constant))
    return LinearSystem.from_integer_rows(rows, dimension=affine.n_inputs)


def integer_row(normal: tuple[Fraction, ...], relation: Relation, offset: Fraction) -> Row:
    """Clear the denominators of a row."""
    scale = lcm(offset.denominator, *(a.denominator for a in normal))
    return tuple(int(a * scale) for a in as_vector(normal)), relation, int(offset * scale)
