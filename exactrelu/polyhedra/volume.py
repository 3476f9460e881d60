"""The exact volume of a polytope, by triangulating it from its vertices.

Definition: n-dimensional Lebesgue measure in Q^n.  Flat and empty sets have volume 0, the one point of Q^0
has volume 1.

Method: pull one vertex: a face is the union of the pyramids from its first vertex over those of its facets that do not
contain it [Cohen and Hickey 1979].  Faces are sets of vertices, written as bits; the facets of a face are its maximal
proper intersections with the facets of the polytope.  Each simplex contributes |det| / n!.
Cost: the number of simplices, which is exponential in the dimension in the worst case (n! for a cube); triangulations
of lower faces are shared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from operator import mul

import flint

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.system import LinearSystem, scaled_point

__all__ = ["volume_of_vertices"]

Vector = tuple[Fraction, ...]


def volume_of_vertices(vertices: Sequence[Vector], system: LinearSystem) -> Fraction:
    """Return the volume of conv(vertices), where `system` describes the same polytope (redundant rows allowed).

    >>> triangle = LinearSystem.from_rows([([-1, 0], "<=", 0), ([0, -1], "<=", 0), ([1, 1], "<=", 1)])
    >>> corners = [(0, 0), (1, 0), (0, 1)]
    >>> volume_of_vertices([(Fraction(x), Fraction(y)) for x, y in corners], triangle)
    Fraction(1, 2)
    """
    n = system.dimension
    if not vertices:
        return Fraction(0)
    scaled = [scaled_point(v) for v in vertices]
    points = [(q, *p) for p, q in scaled]
    if RationalMatrix.from_integers(points).rank() < n + 1:
        return Fraction(0)
    faces = set()
    for normal, _, offset in system.rows:
        tight = sum(1 << k for k, (p, q) in enumerate(scaled) if sum(map(mul, normal, p)) == offset * q)
        faces.add(tight)
    total = Fraction(0)
    for simplex in _triangulate((1 << len(points)) - 1, faces, {}):
        # A row (q, p) is q times (1, p/q): the determinant is that of the homogeneous points times all q.
        determinant = abs(int(flint.fmpz_mat([points[k] for k in simplex]).det()))
        total += Fraction(determinant, math.prod(points[k][0] for k in simplex))
    return total / math.factorial(n)


def _triangulate(face: int, facets: set[int], known: dict[int, list[tuple[int, ...]]]) -> list[tuple[int, ...]]:
    """Simplices (tuples of vertex numbers) that tile the face, pulling its first vertex."""
    if face in known:
        return known[face]
    apex = (face & -face).bit_length() - 1
    if face == 1 << apex:
        return [(apex,)]
    proper = {face & facet for facet in facets} - {face, 0}
    maximal = [f for f in proper if not any(f != g and f & g == f for g in proper)]
    result = [(apex, *rest) for f in maximal if not f >> apex & 1 for rest in _triangulate(f, facets, known)]
    known[face] = result
    return result
