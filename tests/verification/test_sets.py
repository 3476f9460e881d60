"""Sets as formulas: membership agrees with the definition of the norm, and the implied box is exact."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InputError, ShapeError
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.verification.questions.formulas import TRUE, Formula, conjuncts, evaluate
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.sets import MAX_ONE_NORM, ball, membership
from exactrelu.verification.questions.terms import symbols

SUM = Network.from_weights([[[1, 1]]], [[0]])
X, _ = symbols(SUM)
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=4)
ROWS = [[1, 2], [0, "1/2"]]


def contains(formula: Formula, point: list[Fraction]) -> bool:
    """Whether a formula on two inputs holds at a point."""
    return evaluate(formula, [*point, Fraction(0)])


@given(numbers, numbers, st.sampled_from([Fraction(0), Fraction(1), Fraction(3, 4)]))
def test_balls_are_those_of_their_norm(a: Fraction, b: Fraction, radius: Fraction) -> None:
    """The formulas agree with max, sum and the rows, boundary included."""
    u, v = a - 1, b + Fraction(1, 2)
    center = [1, "-1/2"]
    assert contains(ball(X, center, radius), [a, b]) == (max(abs(u), abs(v)) <= radius)
    assert contains(ball(X, center, radius, norm="1"), [a, b]) == (abs(u) + abs(v) <= radius)
    by_rows = max(abs(u + 2 * v), abs(v / 2)) <= radius
    assert contains(ball(X, center, radius, norm=ROWS), [a, b]) == by_rows


def test_the_boundary_belongs_to_the_ball() -> None:
    """A closed ball contains its extreme points; an open mutant would lose them."""
    inside = ball(X, [0, 0], 1, norm="1")
    corners = [[Fraction(a), Fraction(b)] for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    assert all(contains(inside, corner) for corner in corners)
    mutant = ball(X, [0, 0], "999/1000", norm="1")
    assert not any(contains(mutant, corner) for corner in corners)
    assert not contains(inside, [Fraction(3, 4), Fraction(1, 2)])


@pytest.mark.parametrize(
    ("norm", "box"),
    [
        ("inf", ((-1, 1), (-1, 1))),
        ("1", ((-1, 1), (-1, 1))),
        (ROWS, ((-5, 5), (-2, 2))),
        ([[1, 1]], ((None, None), (None, None))),
        ([[1, 0]], ((-1, 1), (None, None))),
        ([], ((None, None), (None, None))),
    ],
)
def test_the_implied_box(norm: object, box: object) -> None:
    """A query on a ball knows the exact bounds of every coordinate; a seminorm leaves some open."""
    assert Query(SUM, ball(X, [0, 0], 1, norm=norm)).input_box() == box  # type: ignore[arg-type]


def test_chosen_coordinates() -> None:
    """The others stay at the center; rows speak about the chosen ones in their order."""
    assert ball(X, [2, 3], 1, coordinates=[1]) == (X[0] == 2) & (X[1] >= 2) & (X[1] <= 4)
    swapped = ball(X, [0, 0], 1, norm=[[1, 0], [0, "1/3"]], coordinates=[1, 0])
    assert contains(swapped, [Fraction(3), Fraction(1)])
    assert not contains(swapped, [Fraction(1), Fraction(3)])
    assert ball(X, [0, 0], 1, norm="1", coordinates=[]) == (X[0] == 0) & (X[1] == 0)


def test_boxes_and_polyhedra() -> None:
    """A polyhedron's rows and a box's pairs are the same membership; None is no bound."""
    box = membership(X, [(0, 1), ("-1/2", None)])
    polyhedron = membership(X, HPolyhedron.from_rows([([-1, 0], "<=", 0), ([1, 0], "<=", 1), ([0, -2], "<=", 1)]))
    grid = [Fraction(n, 4) for n in range(-6, 7)]
    for point in product(grid, grid):
        assert contains(box, list(point)) == contains(polyhedron, list(point))
    assert membership(X, HPolyhedron.from_rows([([1, -1], "==", 0)])) == (X[0] - X[1] == 0)
    assert membership(X, HPolyhedron.space(2)) == membership(X, [(None, None)] * 2) == TRUE
    assert membership((), []) == TRUE


def test_many_facets() -> None:
    """The 1-norm in n coordinates has 2^n facets and n bounds on each side; beyond the limit it is refused."""
    wide = Network.from_weights([[[1] * 13]], [[0]])
    x, _ = symbols(wide)
    assert len(conjuncts(ball(x[:5], [0] * 5, 1, norm="1"))) == 2**5 + 10
    with pytest.raises(InputError, match=f"at most {MAX_ONE_NORM}"):
        ball(x, [0] * 13, 1, norm="1")


def test_what_does_not_fit_is_refused() -> None:
    """Dimensions, empty boxes, negative radii, unknown norms, repeated and missing coordinates."""
    for error, wrong in (
        (ShapeError, lambda: membership(X, [(0, 1)])),
        (ShapeError, lambda: membership(X, HPolyhedron.cube(3))),
        (DomainError, lambda: membership(X, [(1, 0), (0, 1)])),
        (ShapeError, lambda: ball(X, [0], 1)),
        (InputError, lambda: ball(X, [0, 0], -1)),
        (InputError, lambda: ball(X, [0, 0], 1, norm="2")),
        (ShapeError, lambda: ball(X, [0, 0], 1, norm=[[1, 0, 0]])),
        (InputError, lambda: ball(X, [0, 0], 1, coordinates=[0, 0])),
        (InputError, lambda: ball(X, [0, 0], 1, coordinates=[2])),
    ):
        with pytest.raises(error):
            wrong()
