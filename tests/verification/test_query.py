"""Queries: exact truth at a point, what top-level conjuncts say of the inputs, contradictions found."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import FALSE, TRUE, Formula, compare, conjunction, evaluate
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.terms import symbols

ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
SUM = Network.from_weights([[[1, 1]]], [[0]])
X, Y = symbols(SUM)


def half_spaces(data: list[tuple[int, int, int, str]]) -> list[Formula]:
    """Comparisons a x + b y REL c."""
    x, y = Polynomial.variable(0), Polynomial.variable(1)
    return [compare(x * a + y * b, relation, Polynomial.constant(c)) for a, b, c, relation in data]  # type: ignore[arg-type]


def test_holds_at_evaluates_the_network() -> None:
    """The outputs are the network's exact ones: |-5/3| > 1.6 but |-8/5| is not."""
    x, y = symbols(ABSOLUTE)
    query = Query(ABSOLUTE, (x[0] < 0) & (y[0] > "1.6"))
    assert query.holds_at(["-5/3"])
    assert not query.holds_at(["-8/5"])
    assert not query.holds_at(["5/3"])
    assert query.point_at(["-5/3"]) == (Fraction(-5, 3), Fraction(5, 3))


def test_the_box_is_the_closed_hull_of_single_variable_conjuncts() -> None:
    """Strict bounds count as closed; other conjuncts do not count; the tightest wins."""
    formula = (
        (2 * X[0] < 3)
        & (X[0] <= 7)
        & (-X[0] < "0.5")
        & (X[0] + X[1] <= 0)
        & ((X[1] <= 0) | (X[1] >= 5))
        & (Y[0] <= 0)
        & (X[1] * X[1] <= 4)
    )
    assert Query(SUM, formula).input_box() == ((Fraction(-1, 2), Fraction(3, 2)), (None, None))
    assert Query(SUM, X[1] == "1/3").input_box() == ((None, None), (Fraction(1, 3), Fraction(1, 3)))
    assert Query(SUM, -3 * X[1] == 1).input_box()[1] == (Fraction(-1, 3), Fraction(-1, 3))
    assert Query(SUM, TRUE).input_box() == ((None, None), (None, None))
    assert Query(SUM, (X[0] <= 1) | (X[0] <= 2)).input_box() == ((None, None), (None, None))


def test_a_box_that_ignores_the_sign_of_a_slope_is_caught() -> None:
    """-x <= 1 bounds x below; read as an upper bound it would cut off the solution 5."""
    query = Query(SUM, -X[0] <= 1)
    assert query.holds_at([5, 0])
    ((lower, upper), _) = query.input_box()
    assert (lower, upper) == (-1, None)


@given(
    st.lists(
        st.tuples(
            st.integers(-2, 2), st.integers(-2, 2), st.integers(-3, 3), st.sampled_from(["<=", "<", "==", ">=", ">"])
        ),
        max_size=5,
    )
)
def test_contradictions_are_real_and_complete(data: list[tuple[int, int, int, str]]) -> None:
    """No grid point satisfies parts that are reported; where none are, bounds on the axes leave a grid point."""
    parts = half_spaces(data)
    query = Query(SUM, conjunction(parts))
    found = query.input_contradiction()
    grid = [Fraction(n, 4) for n in range(-16, 17)]
    satisfied = [p for p in product(grid, grid) if all(evaluate(part, p) for part in (found or parts))]
    if found:
        assert not satisfied
        assert all(part in (*parts, FALSE) for part in found)
    elif all(abs(a) + abs(b) <= 1 for a, b, _, _ in data):
        assert satisfied  # bounds on the axes with small integers: a quarter grid sees every non-empty box


@pytest.mark.parametrize(
    ("formula", "is_empty"),
    [
        ((X[0] <= 0) & (X[0] >= 1), True),
        ((X[0] < 0) & (X[0] >= 0), True),
        ((X[0] <= 0) & (X[0] >= 0), False),
        ((X[0] == 0) & (X[0] == 1), True),
        ((X[0] + X[1] < 1) & (X[0] >= 1) & (X[1] >= 0), True),
        ((X[0] + X[1] <= 1) & (X[0] >= 1) & (X[1] >= 0), False),
        ((X[0] <= 0) & (X[0] + Y[0] >= 5) & (Y[0] <= 0), False),
        ((X[0] + Y[0] >= 5) & (X[0] + Y[0] <= 4), False),
        (FALSE, True),
        (TRUE, False),
        (X[0] * X[0] < 0, False),
    ],
)
def test_contradictions_of_inputs(formula: Formula, is_empty: bool) -> None:
    """Strictness decides at a touching point; outputs and polynomials are left to the search."""
    assert bool(Query(SUM, formula).input_contradiction()) == is_empty


def test_input_conjuncts_mention_no_output() -> None:
    """A conjunct with an output is not about the inputs alone, a disjunction without one is."""
    either = (X[0] <= 0) | (X[1] <= 0)
    query = Query(SUM, conjunction([X[0] <= 1, Y[0] <= X[0], either]))
    assert query.input_conjuncts() == (X[0] <= 1, either)


def test_restriction_comes_first() -> None:
    """`restrict` adds conjuncts in front and keeps the names."""
    query = Query(SUM, Y[0] > 0, ("a", "b"), ("c",)).restrict(X[0] <= 1)
    assert query.formula == (X[0] <= 1) & (Y[0] > 0)
    assert query.names == ("a", "b", "c")


def test_what_does_not_fit_is_refused() -> None:
    """Too many variables, wrong numbers of names, names that clash, points of another dimension."""
    with pytest.raises(ShapeError, match="variable 3"):
        Query(SUM, compare(Polynomial.variable(3), "<="))
    with pytest.raises(ShapeError, match="input_names has 1"):
        Query(SUM, TRUE, ("a",))
    with pytest.raises(InputError, match="'a' stands for two"):
        Query(SUM, TRUE, ("a", "b"), ("a",))
    with pytest.raises(ShapeError, match="2"):
        Query(SUM, TRUE).holds_at([1])


def test_default_names_and_equality() -> None:
    """Names are for people: queries with other names are equal; they default to X and Y."""
    query = Query(SUM, Y[0] > 0)
    assert query.names == ("X[0]", "X[1]", "Y[0]")
    assert query == Query(SUM, Y[0] > 0, ("a", "b"), ("c",))
    assert hash(query) == hash(Query(SUM, Y[0] > 0, ("a", "b"), ("c",)))
