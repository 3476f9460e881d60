"""Which full-dimensional cells share a facet?  Exactly, also where several units change sign at once.

Let D and E be cells on the two sides of a hyperplane H.  If they share a facet in H, then the preactivations of both
formulas agree on it (the network is continuous) and so agree on H; hence both have the same set V of units that
vanish on H, and the bits outside V are the same.  Conversely, for two cells on different sides of H that agree
outside the same V, the facet is the set of points of H in the domain where all units outside V have their strict
signs: it is a facet iff that set is not empty, because it is open in H.  Units that are zero on the whole cell belong
to V for every H.

So cells are sorted into buckets by (H, bits outside V); a bucket has at most one cell on each side.  The point where
the segment between the two witnesses meets H usually proves the facet at once; else the exact linear program decides.

Cost: one row for every unit and cell, then at most one linear program a bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul

from exactrelu.errors import InvariantError
from exactrelu.exact.matrices import RationalMatrix, Solution
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem, Row, scaled_point
from exactrelu.regions.problem import Problem
from exactrelu.regions.results import Region

__all__ = ["Facet", "FacingPair", "Hyperplane", "facing_pairs", "shared_facets"]

Hyperplane = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet shared by two cells.

    Fields:
        negative, positive: positions (in the given list) of the cells on the two sides.
        hyperplane: integers (n_1, ..., n_d, t), without common factor, first nonzero one positive: n·x + t = 0.
        units: the units whose sign changes or that vanish on both sides: all that are zero on the facet.
        point: a point in the facet's relative interior.
    """

    negative: int
    positive: int
    hyperplane: Hyperplane
    units: tuple[int, ...]
    point: tuple[Fraction, ...]


def shared_facets(regions: Iterable[Region]) -> Iterator[Facet]:
    """Yield every facet that two of the given full-dimensional regions of one network share.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> [(facet.negative, facet.positive, facet.units) for facet in shared_facets(enumerate_regions(absolute))]
        [(0, 1, (0, 1))]
    """
    for candidate in facing_pairs(regions):
        point = candidate.find_facet_point()
        if point is not None:
            negative, positive = candidate.positions
            yield Facet(negative, positive, candidate.hyperplane, tuple(sorted(candidate.units)), point)


@dataclass(frozen=True, slots=True)
class FacingPair:
    """Two cells on the two sides of a hyperplane that agree on all units that do not vanish there.

    positions: of the cells on the negative and on the positive side.
    """

    positions: tuple[int, int]
    regions: tuple[Region, Region]
    hyperplane: Hyperplane
    units: frozenset[int]

    def find_facet_point(self) -> tuple[Fraction, ...] | None:
        """Return a point of the shared facet's relative interior, None if there is no such facet."""
        return _facet_point(*self.regions, self.units)


def facing_pairs(regions: Iterable[Region]) -> Iterator[FacingPair]:
    """Yield the pairs of cells that may share a facet; `find_facet_point` decides."""
    buckets: dict[tuple[Hyperplane, str], dict[int, tuple[int, Region]]] = {}
    for index, region in enumerate(regions):
        for hyperplane, side, units in _walls(region):
            bits = region.configuration.bits
            masked = "".join("*" if unit in units else bit for unit, bit in enumerate(bits))
            bucket = buckets.setdefault((hyperplane, masked), {})
            bucket[side] = (index, region)
            if -side in bucket:
                (low, below), (high, above) = bucket[-1], bucket[1]
                yield FacingPair((low, high), (below, above), hyperplane, units)


def _walls(region: Region) -> Iterator[tuple[Hyperplane, int, frozenset[int]]]:
    """Yield the hyperplanes of the region's units: canonical form, the region's side, all units that vanish there."""
    problem, bits = region.problem, region.configuration.bits
    by_plane: dict[Hyperplane, list[int]] = {}
    zero: list[int] = []
    for unit in range(len(bits)):
        row = _on_hull(problem, problem.linearisation.unit_row(bits, unit)[0])
        if not any(row):
            zero.append(unit)
        elif any(row[:-1]):
            by_plane.setdefault(_canonical(row), []).append(unit)
    numerators, denominator = scaled_point(_coordinates(problem, region.witness))
    for plane, units in by_plane.items():
        value = sum(map(mul, plane, numerators)) + plane[-1] * denominator
        yield plane, 1 if value > 0 else -1, frozenset((*units, *zero))


def _on_hull(problem: Problem, row: tuple[int, ...]) -> tuple[int, ...]:
    """Write an affine form in coordinates of the domain's affine hull (unchanged when that is all of space)."""
    if problem.hull is None:
        return row
    origin, directions = problem.hull
    parts = [sum(map(mul, row, direction), Fraction(0)) for direction in directions]
    parts.append(sum(map(mul, row, origin), Fraction(row[-1])))
    scale = 1
    for part in parts:
        scale = scale * part.denominator // gcd(scale, part.denominator)
    return tuple(int(part * scale) for part in parts)


def _coordinates(problem: Problem, point: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return a point of the domain in the coordinates of `_on_hull`."""
    if problem.hull is None:
        return point
    origin, directions = problem.hull
    matrix = RationalMatrix.from_rows(directions, n_columns=len(origin)).transpose()
    solution = matrix.solve([a - b for a, b in zip(point, origin, strict=True)])
    if not isinstance(solution, Solution):
        raise InvariantError("a witness lies outside the affine hull of its domain")
    return solution.point


def _canonical(row: tuple[int, ...]) -> Hyperplane:
    common = gcd(*row)
    if next(entry for entry in row if entry) < 0:
        common = -common
    return tuple(entry // common for entry in row)


def _facet_point(one: Region, other: Region, units: frozenset[int]) -> tuple[Fraction, ...] | None:
    problem, bits = one.problem, one.configuration.bits
    strict: list[Row] = []
    unit_on_plane = next(unit for unit in sorted(units) if any(problem.linearisation.unit_row(bits, unit)[0][:-1]))
    for unit in range(len(bits)):
        if unit not in units:
            (normal, _, offset), _ = problem.unit_row(bits, unit)
            strict.append((normal, "<", offset))
    (normal, _, offset), _ = problem.unit_row(bits, unit_on_plane)
    values = [sum(map(mul, normal, r.witness), Fraction(-offset)) for r in (one, other)]
    share = values[0] / (values[0] - values[1])
    crossing = tuple(a + share * (b - a) for a, b in zip(one.witness, other.witness, strict=True))
    rows = LinearSystem.from_integer_rows(
        [*problem.domain_rows, *strict, (normal, "==", offset)], dimension=problem.network.n_inputs
    )
    if rows.is_satisfied(crossing):
        return crossing
    answer = decide(rows)
    return answer.witness.point if isinstance(answer, Feasible) else None
