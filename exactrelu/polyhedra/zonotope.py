"""Vertices of a zonotope, the Minkowski sum of segments [0, w_1] + ... + [0, w_m].

A point p is a vertex iff some direction c has c·p > c·q for all other points q of the sum; then c·w_i != 0 for all
non-zero w_i, and p is the sum of the w_i with c·w_i > 0.  That direction is the evidence: checking it takes m inner
products.

Method: one segment after another.  The vertices of Z + [0, w] are among V and V + w for the vertices V of Z; each of
these candidates is a vertex iff the strict inequalities c·(q - p) < 0 for the other candidates q have a solution.
Zero segments change nothing; parallel and opposite ones merge by themselves.
Cost: for each segment one linear program a candidate; a zonotope of m segments in Q^d has O(m^(d-1)) vertices.
Not here: facets, volume.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import ShapeError
from exactrelu.exact.matrices import dot
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem

__all__ = ["ZonotopeVertex", "zonotope_vertices"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class ZonotopeVertex:
    """A vertex, and a direction in which it is the only point farthest out."""

    point: Vector
    direction: Vector

    def defect(self, segments: Iterable[Iterable[object]]) -> str | None:
        """Return what is wrong with it; None if the direction proves that the point is a vertex of the zonotope."""
        total = (Fraction(0),) * len(self.point)
        for number, segment in enumerate(segments):
            w = as_vector(segment, name=f"segments[{number}]")
            height = dot(w, self.direction)
            if any(w) and not height:
                return f"the direction is orthogonal to segment {number}"
            if height > 0:
                total = tuple(a + b for a, b in zip(total, w, strict=True))
        return None if total == self.point else "the point is not the sum of the segments on its side"


def zonotope_vertices(segments: Iterable[Iterable[object]], *, dimension: int) -> tuple[ZonotopeVertex, ...]:
    """Return the vertices of the sum of the segments [0, w], sorted, each with its direction.

    Args:
        segments: the ends w, vectors of `dimension` exact numbers; none of them gives the point 0.
        dimension: of the space, at least 1.

    Raises:
        ShapeError: a segment of another dimension.

    Example:
        >>> square = zonotope_vertices([[1, 0], [0, 1], [0, 2], [0, 0]], dimension=2)
        >>> [tuple(map(int, vertex.point)) for vertex in square]
        [(0, 0), (0, 3), (1, 0), (1, 3)]
    """
    ends = [as_vector(segment, name=f"segments[{number}]") for number, segment in enumerate(segments)]
    for number, w in enumerate(ends):
        if len(w) != dimension:
            raise ShapeError(f"segments[{number}] has {len(w)} entries; the zonotope lies in Q^{dimension}")
    directions: dict[Vector, Vector] = {(Fraction(0),) * dimension: (Fraction(0),) * dimension}
    for w in ends:
        if any(w):
            moved = (tuple(a + b for a, b in zip(point, w, strict=True)) for point in directions)
            directions = _extreme_points(sorted({*directions, *moved}))
    return tuple(ZonotopeVertex(point, directions[point]) for point in sorted(directions))


def _extreme_points(points: Sequence[Vector]) -> dict[Vector, Vector]:
    """The points outside the convex hull of the others, each with a direction in which it is alone farthest out."""
    extreme = {}
    for p in points:
        rows = [([a - b for a, b in zip(q, p, strict=True)], "<", 0) for q in points if q != p]
        answer = decide(LinearSystem.from_rows(rows, dimension=len(p)))
        if isinstance(answer, Feasible):
            extreme[p] = answer.witness.point
    return extreme
