"""Polyhedra are of the kind that was asked for, with the evidence that the package itself gives."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from exactrelu import HPolyhedron
from exactrelu.errors import InputError
from exactrelu.lp import Feasible, Infeasible, Unbounded
from exactrelu.strategies import POLYHEDRON_KINDS, points_of_polyhedron, polyhedra

DIMENSIONS = st.integers(1, 3)


def of_kind(kind: str) -> st.SearchStrategy[HPolyhedron]:
    """Polyhedra of a kind in Q^1 to Q^3."""
    return DIMENSIONS.flatmap(lambda n: polyhedra(n, kind=kind))


def is_thin(polyhedron: HPolyhedron) -> bool:
    """Whether two rows leave a·x an interval of length at most 2^-9, for a vector a of fractions of height 4."""
    offsets = {normal: Fraction(offset) for normal, _, offset in polyhedron.system.rows}
    for normal, offset in offsets.items():
        opposite = offsets.get(tuple(-a for a in normal))
        if any(normal) and opposite is not None and 0 < offset + opposite <= max(map(abs, normal)) * Fraction(4, 2**9):
            return True
    return False


@given(of_kind("empty"))
def test_empty_ones_have_a_farkas_certificate(polyhedron: HPolyhedron) -> None:
    """The rows add up to a contradiction."""
    answer = polyhedron.decide_feasibility()
    assert isinstance(answer, Infeasible)
    assert answer.defect(polyhedron.system) is None


@given(of_kind("full"))
def test_full_ones_have_an_interior_point(polyhedron: HPolyhedron) -> None:
    """The affine hull is the whole space."""
    assert polyhedron.dimension() == polyhedron.ambient_dimension


@given(of_kind("thin"))
def test_thin_ones_are_full_but_between_close_hyperplanes(polyhedron: HPolyhedron) -> None:
    """An interior point, and two opposite rows hardly apart."""
    assert polyhedron.dimension() == polyhedron.ambient_dimension
    assert is_thin(polyhedron)


@given(of_kind("lower-dimensional"))
def test_lower_dimensional_ones_are_flat_and_not_empty(polyhedron: HPolyhedron) -> None:
    """0 <= dimension < ambient dimension."""
    assert 0 <= polyhedron.dimension() < polyhedron.ambient_dimension


@given(of_kind("unbounded"))
def test_unbounded_ones_have_a_ray(polyhedron: HPolyhedron) -> None:
    """Not empty, and some coordinate has no bound."""
    assert isinstance(polyhedron.decide_feasibility(), Feasible)
    box = polyhedron.bounding_box()
    assert any(isinstance(answer, Unbounded) for answer in (*box.minima, *box.maxima))  # type: ignore[union-attr]


def test_the_checks_tell_kinds_apart() -> None:
    """Mutants: a cube is neither flat, thin nor unbounded; a point is flat, not empty."""
    cube, point = HPolyhedron.cube(2), HPolyhedron.box([0], [0])
    assert not is_thin(cube)
    assert cube.dimension() == 2
    assert cube.is_bounded()
    assert point.dimension() == 0
    assert isinstance(point.decide_feasibility(), Feasible)


@pytest.mark.parametrize("kind", ["equality", "inequalities"])
def test_flat_ones_come_in_both_writings(kind: str) -> None:
    """As an equality, and as two inequalities that nobody marked."""
    has_equality = find(
        polyhedra(2, kind="lower-dimensional"), lambda one: ("==" in one.system.relations) == (kind == "equality")
    )
    assert has_equality.dimension() == 1


def test_the_space_of_dimension_zero_has_two_kinds() -> None:
    """Q^0 is one point or nothing; other kinds are refused."""
    dimensions = {polyhedron.dimension() for polyhedron in _both_of_dimension_zero()}
    assert dimensions == {-1, 0}
    with pytest.raises(InputError, match="dimension is 0 and kind 'thin'"):
        polyhedra(0, kind="thin")


def _both_of_dimension_zero() -> list[HPolyhedron]:
    return [find(polyhedra(0), lambda one, d=d: one.dimension() == d) for d in (-1, 0)]


@pytest.mark.parametrize("kind", POLYHEDRON_KINDS)
def test_each_kind_shrinks_to_few_rows(kind: str) -> None:
    """The minimal polyhedron has at most the two rows that make its kind."""
    assert len(find(polyhedra(2, kind=kind), lambda one: True).system) <= 2


@given(st.data())
def test_points_of_a_polyhedron_are_in_its_relative_interior(data: st.DataObject) -> None:
    """Every row that is not an equality on the whole set is strict at the point."""
    polyhedron = data.draw(of_kind("lower-dimensional") | of_kind("full") | of_kind("thin") | of_kind("unbounded"))
    point = data.draw(points_of_polyhedron(polyhedron))
    hull = polyhedron.affine_hull()
    equal = set(hull.equalities)  # type: ignore[union-attr]
    assert polyhedron.contains(point)
    for index, (normal, _, offset) in enumerate(polyhedron.system.rows):
        value = sum((a * x for a, x in zip(normal, point, strict=True)), Fraction(0))
        assert (value == offset) == (index in equal) or not any(normal)


def test_mistakes_are_named() -> None:
    """Unknown kinds, and points of the empty set."""
    with pytest.raises(InputError, match="kind is 'flat'; choose one of 'any', 'full'"):
        polyhedra(2, kind="flat")
    with pytest.raises(InputError, match="polyhedron is empty"):
        points_of_polyhedron(HPolyhedron.box([1], [0]))
    with pytest.raises(InputError, match="polyhedron is a strategy; pass a HPolyhedron"):
        points_of_polyhedron(polyhedra(2))  # type: ignore[arg-type]
