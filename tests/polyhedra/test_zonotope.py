"""Vertices of zonotopes against a brute force over all sign choices, with tampered evidence."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import ShapeError
from exactrelu.exact.matrices import dot
from exactrelu.polyhedra.zonotope import zonotope_vertices

SEGMENTS = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), max_size=5)


def planar_vertices(segments: list[tuple[int, int]]) -> set[tuple[Fraction, ...]]:
    """Farthest points in every direction of the plane: between the normals of the segments, one direction each."""
    normals = [(-b * s, a * s) for a, b in segments if (a, b) != (0, 0) for s in (1, -1)]
    directions = [tuple(Fraction(x + y) for x, y in zip(u, v, strict=True)) for u, v in combinations(normals, 2)]
    directions += [
        tuple(Fraction(1000 * x + s * y) for x, y in zip(u, (-u[1], u[0]), strict=True))
        for u in normals
        for s in (1, -1)
    ]
    found = set()
    for c in directions or [(Fraction(1), Fraction(0))]:
        heights = [dot(tuple(map(Fraction, w)), c) for w in segments]
        if all(h != 0 for h, w in zip(heights, segments, strict=True) if any(w)):
            chosen = [w for h, w in zip(heights, segments, strict=True) if h > 0]
            found.add(tuple(Fraction(sum(w[k] for w in chosen)) for k in range(2)))
    return found


@given(segments=SEGMENTS)
def test_the_vertices_are_the_farthest_points(segments: list[tuple[int, int]]) -> None:
    """The same set as the farthest points next to every normal."""
    vertices = zonotope_vertices(segments, dimension=2)
    assert {vertex.point for vertex in vertices} == planar_vertices(segments)
    assert [vertex.defect(segments) for vertex in vertices] == [None] * len(vertices)


@given(segments=SEGMENTS)
def test_zero_and_parallel_segments_merge(segments: list[tuple[int, int]]) -> None:
    """A zero segment changes nothing; doubling every segment doubles every vertex."""
    points = [vertex.point for vertex in zonotope_vertices(segments, dimension=2)]
    assert [v.point for v in zonotope_vertices([*segments, (0, 0)], dimension=2)] == points
    doubled = zonotope_vertices([w for w in segments for _ in range(2)], dimension=2)
    assert [v.point for v in doubled] == [tuple(2 * a for a in p) for p in points]


def test_the_cube_and_generic_segments_in_space() -> None:
    """2^3 vertices of the cube; four generic segments give 14."""
    cube = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert {v.point for v in zonotope_vertices(cube, dimension=3)} == set(product((0, 1), repeat=3))
    assert len(zonotope_vertices([*cube, (1, 1, 1)], dimension=3)) == 14


def test_degenerate_zonotopes() -> None:
    """No segment gives the point 0; opposite segments on a line give its two ends."""
    assert [v.point for v in zonotope_vertices([], dimension=1)] == [(0,)]
    assert [v.point for v in zonotope_vertices([(0,)], dimension=1)] == [(0,)]
    assert [v.point for v in zonotope_vertices([(2,), (-3,)], dimension=1)] == [(-3,), (2,)]


def test_tampered_evidence_is_rejected() -> None:
    """Another point, a direction orthogonal to a segment, a direction of another vertex."""
    segments = [(1, 0), (0, 1)]
    one, *_, last = zonotope_vertices(segments, dimension=2)
    assert replace(one, point=last.point).defect(segments) is not None
    assert replace(one, direction=last.direction).defect(segments) is not None
    assert (
        replace(one, direction=(Fraction(0), Fraction(1))).defect(segments)
        == "the direction is orthogonal to segment 0"
    )


def test_a_segment_of_another_dimension_is_refused() -> None:
    """The message names it."""
    with pytest.raises(ShapeError, match=r"segments\[1\]"):
        zonotope_vertices([(1, 0), (1,)], dimension=2)
