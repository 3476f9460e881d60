"""The question that a search answers: which configurations of a network occur in a domain, in one of the three senses.

`Problem` turns a prefix of a configuration into its exact linear system: the rows of the domain (inequalities first,
then equalities), then one row for each unit of the prefix.  With bit 1 the signed preactivation is g = z, with bit 0
it is g = -z; the row says 0 < g or 0 <= g by the notion. Rows are kept as integers; evidence is converted to the
scale of certificates, where multipliers belong to the true rational preactivations (`docs/certificate-format.md`).

A `Refutation` says that no configuration begins with a prefix, with the multipliers that prove it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from operator import mul

from exactrelu.errors import DomainError, InputError, InvariantError
from exactrelu.exact.matrices import RationalMatrix, Solution
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible, Infeasible
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network
from exactrelu.polyhedra.affine_hull import AffineHull
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion

__all__ = ["Problem", "Refutation"]

Multipliers = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Refutation:
    """Proof that no configuration begins with `prefix`: integer multipliers that add its rows up to a contradiction.

    units: pairs (unit, multiplier > 0) on the signed true preactivations; domain: pairs (row, multiplier), rows
        numbered with the inequalities first; equalities may have negative multipliers.  On a box the domain's share
        is left out: it is the maximum of the rest over the box.  touches: the sum is exactly zero, so the prefix is
        empty only because a strict inequality excludes the boundary; with weak inequalities it would not be refuted.
    """

    prefix: str
    units: Multipliers
    domain: Multipliers = ()
    touches: bool = False


@dataclass(frozen=True)
class Problem:
    """A network, a domain and a notion.

    Raises:
        DomainError: the domain's dimension is not the network's input dimension.
    """

    network: Network
    domain: HPolyhedron
    notion: Notion
    linearisation: Linearisation = field(init=False, repr=False, compare=False)

    @classmethod
    def of(cls, network: Network, domain: HPolyhedron | None, notion: Notion) -> Problem:
        """Make a problem; without a domain on all of space."""
        if not isinstance(network, Network):
            raise InputError(f"network must be a Network; got {network!r}")
        return cls(network, HPolyhedron.space(network.n_inputs) if domain is None else domain, notion)

    def __post_init__(self) -> None:
        for name, value, kind in (("network", self.network, Network), ("domain", self.domain, HPolyhedron)):
            if not isinstance(value, kind):
                raise InputError(f"{name} must be a {kind.__name__}; got {value!r}")
        if self.domain.system.dimension != self.network.n_inputs:
            raise DomainError(
                f"the domain has dimension {self.domain.system.dimension}, "
                f"the network takes {self.network.n_inputs} inputs"
            )
        object.__setattr__(self, "linearisation", Linearisation(self.network))

    @cached_property
    def box(self) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]] | None:
        """Lower and upper bounds if the domain is a bounded box with interior, else None."""
        bounds = self.domain.box_bounds()
        if bounds is None or any(low == high for low, high in bounds):
            return None
        return tuple(low for low, _ in bounds), tuple(high for _, high in bounds)

    @cached_property
    def _affine_hull(self) -> AffineHull | Infeasible:
        return self.domain.affine_hull()

    @cached_property
    def interior(self) -> tuple[Fraction, ...] | None:
        """A point of the domain's relative interior; None if the domain is empty."""
        if self.box is not None:
            return tuple((low + high) / 2 for low, high in zip(*self.box, strict=True))
        return self._affine_hull.interior.point if isinstance(self._affine_hull, AffineHull) else None

    @cached_property
    def domain_rows(self) -> tuple[Row, ...]:
        """The domain's rows, inequalities first, equalities in disguise written as equalities."""
        rows = self.domain.system.rows
        if self.box is None and isinstance(self._affine_hull, AffineHull):
            equal = set(self._affine_hull.equalities)
            rows = tuple((n, "==" if index in equal else r, b) for index, (n, r, b) in enumerate(rows))
        return tuple(r for r in rows if r[1] != "==") + tuple(r for r in rows if r[1] == "==")

    @cached_property
    def n_inequalities(self) -> int:
        """How many of `domain_rows` are inequalities."""
        return sum(row[1] != "==" for row in self.domain_rows)

    @cached_property
    def hull(self) -> tuple[tuple[Fraction, ...], tuple[tuple[Fraction, ...], ...]] | None:
        """A point and directions that span the affine space of the domain's equalities; None if there are none."""
        equalities = [row for row in self.domain_rows if row[1] == "=="]
        if not equalities:
            return None
        matrix = RationalMatrix.from_integers([row[0] for row in equalities], n_columns=self.network.n_inputs)
        solution = matrix.solve([row[2] for row in equalities])
        if not isinstance(solution, Solution):
            return None
        return solution.point, matrix.kernel().to_fractions()

    def unit_row(self, bits: str, unit: int) -> tuple[Row, int]:
        """Return the row -q·g <= 0 (or < 0) of a unit of the prefix `bits`, and the denominator q.

        In the full notion a bit 0 of a unit that is zero on the whole domain is no constraint, hence weak.
        """
        integers, q = self.linearisation.unit_row(bits, unit)
        sign = 1 if bits[unit] == "1" else -1
        relation = self.notion.relation(int(bits[unit]))
        if relation == "<" and sign < 0 and self._constant(integers) == 0:
            relation = "<="
        normal = tuple(-sign * a for a in integers[:-1])
        return (normal, relation, sign * integers[-1]), q

    def _constant(self, integers: tuple[int, ...]) -> Fraction | None:
        """Return the value of an affine form on the domain's affine hull if it is constant there, else None."""
        if self.hull is None:
            return None if any(integers[:-1]) else Fraction(integers[-1])
        origin, directions = self.hull
        if any(sum(map(mul, integers, direction)) for direction in directions):
            return None
        return sum(map(mul, integers, origin), Fraction(integers[-1]))

    def system(self, bits: str) -> LinearSystem:
        """Return the exact system of a prefix: domain rows, then unit rows."""
        rows = [self.unit_row(bits, unit)[0] for unit in range(len(bits))]
        return LinearSystem.from_integer_rows([*self.domain_rows, *rows], dimension=self.network.n_inputs)

    def decide(self, bits: str) -> Feasible | Refutation:
        """Decide whether some input has the prefix `bits`, exactly, with evidence either way."""
        system = self.system(bits)
        answer = decide(system)
        if isinstance(answer, Infeasible):
            multipliers = answer.certificate.multipliers
            split = len(self.domain_rows)
            units = {
                unit: y * self.linearisation.unit_row(bits, unit)[1] for unit, y in enumerate(multipliers[split:]) if y
            }
            total = sum((y * b for y, b in zip(multipliers, system.offsets, strict=True) if y), Fraction(0))
            return self.refutation(bits, units, dict(enumerate(multipliers[:split])), touches=total == 0)
        return answer

    def refutation(
        self, bits: str, units: dict[int, Fraction], domain: dict[int, Fraction], *, touches: bool
    ) -> Refutation:
        """Return the refutation with the given rational multipliers, cleared of denominators."""
        if self.box is not None:
            domain = {}
        scale = math.lcm(*(y.denominator for y in (*units.values(), *domain.values())))
        return Refutation(bits, _integers(units, scale), _integers(domain, scale), touches)

    def refute_constant(self, bits: str) -> Refutation:
        """Return the refutation of a prefix whose last unit is constant on the domain and on the other side."""
        if self.hull is None:
            return Refutation(bits, ((len(bits) - 1, 1),), touches=self.constant_sign(bits[:-1]) == 0)
        answer = self.decide(bits)
        if isinstance(answer, Feasible):
            raise InvariantError(f"a constant unit of the prefix {bits} is on both sides")
        return answer

    def constant_sign(self, bits: str) -> int | None:
        """Return the sign of the preactivation of unit len(bits) if it is constant on the domain's hull, else None."""
        value = self._constant(self.linearisation.unit_row(bits, len(bits))[0])
        return None if value is None else (value > 0) - (value < 0)

    def sides_of_constant(self, sign: int) -> tuple[int, ...]:
        """Return the bits that a unit takes whose preactivation is constant of that sign."""
        if sign:
            return (1,) if sign > 0 else (0,)
        return (0, 1) if self.notion is Notion.CLOSED else (0,)

    def preactivation(self, bits: str, point: Iterable[Fraction]) -> Fraction:
        """Return the preactivation of unit len(bits) at `point` by the formula of the prefix."""
        integers, q = self.linearisation.unit_row(bits, len(bits))
        total = sum((a * x for a, x in zip(integers, point, strict=False)), Fraction(integers[-1]))
        return total / q

    def holds(self, bit: int, preactivation: Fraction) -> bool:
        """Whether a preactivation is on the side `bit` in this notion."""
        signed = preactivation if bit else -preactivation
        return signed > 0 or (signed == 0 and self.notion.relation(bit) == "<=")


def _integers(multipliers: dict[int, Fraction], scale: int) -> Multipliers:
    pairs = [(index, y * scale) for index, y in sorted(multipliers.items()) if y]
    if any(y.denominator != 1 for _, y in pairs):
        raise InvariantError("a multiplier kept a denominator")
    return tuple((index, y.numerator) for index, y in pairs)
