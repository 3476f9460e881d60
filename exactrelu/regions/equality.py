"""Do two networks compute the same function?  Decided on the cells of their difference.

The difference of two networks is a network (`exactrelu.networks.combining`).  It is zero on the domain iff its affine
map is zero on every full cell: the closed cells cover the domain, and the function is continuous.  Otherwise some cell
has a point where it is not zero; two evaluations confirm it.

On a domain without interior the map of a cell only has to vanish on the cell, so two linear programs an output decide.
Cost: the enumeration of the difference's cells, whose number may be the product of those of the two networks.
Source: own; elementary.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import BudgetExceeded, DomainError, InvariantError
from exactrelu.lp.evidence import Optimal, Unbounded
from exactrelu.lp.optimise import maximise
from exactrelu.networks.combining import difference
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import Enumeration, Region, enumerate_regions

__all__ = ["DifferentFunctions", "EqualFunctions", "decide_equality"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class EqualFunctions:
    """The difference network is zero on every one of the listed cells, and the list is complete."""

    cells: Enumeration

    @property
    def n_cells(self) -> int:
        """Number of full cells of the difference network."""
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class DifferentFunctions:
    """A point of the domain and the two different values there."""

    point: Vector
    values: tuple[Vector, Vector]


def decide_equality(
    one: Network, two: Network, domain: HPolyhedron | None = None, *, timeout: float | None = None
) -> EqualFunctions | DifferentFunctions:
    """Decide whether two networks agree on a domain; on all of space when it is left out.

    Raises:
        ShapeError: different numbers of inputs or of outputs.
        DomainError: the domain is empty, or of another dimension than the input.
        BudgetExceeded: the cells were not all found within `timeout` seconds.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> other = Network.from_weights([[[1]], [[2]]], [[0], [0]])
        >>> decide_equality(absolute, other).values
        ((Fraction(1, 1),), (Fraction(0, 1),))
        >>> decide_equality(absolute, other, HPolyhedron.cube(1, -2, -1)).values[1]
        (Fraction(0, 1),)
        >>> deeper = Network.from_weights([[[1]], [[2], [1]], [[1, 0]]], [[0], [0, -1], [0]])
        >>> decide_equality(other, deeper).n_cells
        3
    """
    cells = enumerate_regions(difference(one, two), domain, timeout=timeout)
    if not cells.is_complete:
        raise BudgetExceeded(f"the cells were not all found within {timeout} s; allow more with timeout", len(cells))
    if not len(cells):
        raise DomainError("the domain is empty, so there is nothing to compare")
    for region in cells:
        point = _nonzero_point(region)
        if point is not None:
            values = one(point), two(point)
            if values[0] == values[1]:
                raise InvariantError(f"the difference network is not zero at {point}, but the two networks agree")
            return DifferentFunctions(point, values)
    return EqualFunctions(cells)


def _nonzero_point(region: Region) -> Vector | None:
    """A point of the closed cell where the affine map is not zero, None if there is none."""
    map_ = region.affine_map
    if not any(entry for row in map_.augmented.numerators for entry in row):
        return None
    if any(map_(region.witness)):
        return region.witness
    for row in map_.linear:
        for direction in (row, tuple(-a for a in row)):
            answer = maximise(region.polyhedron.system, direction)
            candidates: list[Vector] = []
            if isinstance(answer, Optimal):
                candidates = [answer.point]
            elif isinstance(answer, Unbounded):
                moved = tuple(a + b for a, b in zip(answer.point, answer.ray, strict=True))
                candidates = [answer.point, moved]
            for point in candidates:
                if any(map_(point)):
                    return point
    return None
