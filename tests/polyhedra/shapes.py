"""Polyhedra whose dimension, facets, vertices and volume are known by hand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from exactrelu.polyhedra.hpolyhedron import HPolyhedron


@dataclass(frozen=True)
class Shape:
    """A polyhedron and its numbers; `volume` None means unbounded, `dimension` -1 empty."""

    polyhedron: HPolyhedron
    dimension: int
    facets: int
    vertices: int
    rays: int
    lines: int
    volume: Fraction | None


def cross_polytope(n: int) -> HPolyhedron:
    """{x : sum |x_j| <= 1}."""
    return HPolyhedron.from_rows([(signs, "<=", 1) for signs in product((1, -1), repeat=n)], dimension=n)


def hypersimplex() -> HPolyhedron:
    """{x in [0,1]^4 : sum x == 2}: the octahedron, flat in Q^4."""
    return HPolyhedron.cube(4, 0, 1).intersection(HPolyhedron.from_rows([([1, 1, 1, 1], "==", 2)]))


def pyramid() -> HPolyhedron:
    """The pyramid over the square [-1,1]^2 with apex (0, 0, 1): four facets meet in one vertex."""
    sides = [([*side, 1], "<=", 1) for side in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    return HPolyhedron.from_rows([*sides, ([0, 0, -1], "<=", 0)])


def birkhoff() -> HPolyhedron:
    """Doubly stochastic 3×3 matrices: dimension 4 in Q^9, 9 facets, 6 vertices; equalities dependent."""
    rows: list[tuple[list[int], str, int]] = [([-int(i == j) for i in range(9)], "<=", 0) for j in range(9)]
    for k in range(3):
        rows.append(([int(i // 3 == k) for i in range(9)], "==", 1))
        rows.append(([int(i % 3 == k) for i in range(9)], "==", 1))
    return HPolyhedron.from_rows(rows)


def redundant_square() -> HPolyhedron:
    """[0,1]^2 with every row twice, scaled, touching lines through each vertex, and 0 <= 0."""
    rows: list[tuple[list[int], str, int]] = [
        ([0, 0], "<=", 0),
        ([1, 1], "<=", 2),
        ([-1, -1], "<=", 0),
        ([1, 0], "<=", 5),
    ]
    for k in (1, 3):
        rows += [([k, 0], "<=", k), ([-k, 0], "<=", 0), ([0, k], "<=", k), ([0, -k], "<=", 0)]
    return HPolyhedron.from_rows(rows)


def cone(n: int) -> HPolyhedron:
    """{x in Q^n : x_i >= |x_0| for i > 0}."""
    rows = [([s if j == 0 else -int(j == i) for j in range(n)], "<=", 0) for i in range(1, n) for s in (1, -1)]
    return HPolyhedron.from_rows(rows)


HALF = Fraction(1, 2)
SHAPES: dict[str, Shape] = {
    "the point of Q^0": Shape(HPolyhedron.space(0), 0, 0, 1, 0, 0, Fraction(1)),
    "the empty set of Q^0": Shape(HPolyhedron.from_rows([([], "<=", -1)]), -1, 0, 0, 0, 0, Fraction(0)),
    "a line": Shape(HPolyhedron.space(1), 1, 0, 1, 0, 1, None),
    "space": Shape(HPolyhedron.space(3), 3, 0, 1, 0, 3, None),
    "a segment": Shape(HPolyhedron.box([HALF], [3]), 1, 2, 2, 0, 0, Fraction(5, 2)),
    "a point": Shape(HPolyhedron.box([HALF, 2], [HALF, 2]), 0, 0, 1, 0, 0, Fraction(0)),
    "an empty box": Shape(HPolyhedron.box([1, 0], [0, 1]), -1, 0, 0, 0, 0, Fraction(0)),
    "a cube": Shape(HPolyhedron.cube(3), 3, 6, 8, 0, 0, Fraction(8)),
    "a 5-cube": Shape(HPolyhedron.cube(5, 0, HALF), 5, 10, 32, 0, 0, Fraction(1, 32)),
    "a simplex": Shape(HPolyhedron.simplex(4), 4, 5, 5, 0, 0, Fraction(1, 24)),
    "a cross-polytope": Shape(cross_polytope(3), 3, 8, 6, 0, 0, Fraction(4, 3)),
    "a 4-cross-polytope": Shape(cross_polytope(4), 4, 16, 8, 0, 0, Fraction(2, 3)),
    "a flat octahedron": Shape(hypersimplex(), 3, 8, 6, 0, 0, Fraction(0)),
    "a pyramid": Shape(pyramid(), 3, 5, 5, 0, 0, Fraction(4, 3)),
    "the Birkhoff polytope": Shape(birkhoff(), 4, 9, 6, 0, 0, Fraction(0)),
    "a redundant square": Shape(redundant_square(), 2, 4, 4, 0, 0, Fraction(1)),
    "a wedge": Shape(cone(2), 2, 2, 1, 2, 0, None),
    "a cone": Shape(cone(3), 3, 4, 1, 4, 0, None),
    "a half-space": Shape(HPolyhedron.from_rows([([1, 1, 0], "<=", 1)]), 3, 1, 1, 1, 2, None),
    "a slab": Shape(HPolyhedron.from_rows([([1, 1], "<=", 1), ([-1, -1], "<=", 0)]), 2, 2, 2, 0, 1, None),
    "a hyperplane by two rows": Shape(
        HPolyhedron.from_rows([([1, 1], "<=", 1), ([-1, -1], "<=", -1)]), 1, 0, 1, 0, 1, Fraction(0)
    ),
    "a strip of a plane": Shape(
        HPolyhedron.from_rows([([0, 0, 1], "==", 1), ([1, 0, 0], "<=", 1), ([-1, 0, 0], "<=", 0)]),
        2,
        2,
        2,
        0,
        1,
        Fraction(0),
    ),
    "a contradiction": Shape(
        HPolyhedron.from_rows([([1, 1], "<=", 0), ([-1, 0], "<=", -1), ([0, -1], "<=", 0)]), -1, 0, 0, 0, 0, Fraction(0)
    ),
}
