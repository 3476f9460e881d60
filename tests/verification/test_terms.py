"""Terms: expressions mean what Python's arithmetic says, floats and chained comparisons are refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import FALSE, TRUE, Formula, evaluate
from exactrelu.verification.questions.terms import Term, symbols

NETWORK = Network.from_weights([[[1, 1], [1, -1]]], [[0, 0]])
(speed, load), (p, q) = symbols(NETWORK)
numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@given(numbers, numbers)
def test_expressions_mean_what_they_say(a: Fraction, b: Fraction) -> None:
    """Every operator agrees with the same expression in fractions, numbers on either side."""
    point = [a, b, Fraction(0), Fraction(0)]
    cases: list[Callable[..., object]] = [
        lambda x, y: 2 * x - y + 1 <= y * 3,
        lambda x, y: 1 - x < y / 2,
        lambda x, y: (x + y) ** 2 >= x * y * 4,
        lambda x, y: -x > y - 1,
        lambda x, y: x - y == 0,
        lambda x, y: x != y,
        lambda x, y: 1 + y + x <= 3 - x,
    ]
    for case in cases:
        formula = case(speed, load)
        assert evaluate(formula, point) == case(a, b)  # type: ignore[arg-type]


def test_numbers_are_exact() -> None:
    """Text, fractions, integers and decimals are exact; floats are refused on both sides."""
    assert len({speed <= number for number in ("0.1", "1/10", Fraction(1, 10), Decimal("0.1"))}) == 1
    for wrong in (
        lambda: speed <= 0.5,
        lambda: 0.5 * speed,
        lambda: speed + 1.0,
        lambda: speed / 0.5,
        lambda: speed == 0.5,
    ):
        with pytest.raises(InexactNumberError):
            wrong()
    with pytest.raises(InputError, match="divisor is 0"):
        speed / 0
    with pytest.raises(InputError):
        speed + "word"


def test_python_logic_is_refused() -> None:
    """Chained comparisons, `and`, `or` and `not` would lose parts of a formula."""
    for wrong in (
        lambda: 0 <= speed <= 1,
        lambda: (speed <= 1) and (load <= 1),
        lambda: (speed <= 1) or (load <= 1),
        lambda: not (speed <= 1),
        lambda: bool(speed == load),
    ):
        with pytest.raises(InputError, match="no truth value"):
            wrong()


def test_joined_formulas() -> None:
    """`&`, `|` and `~` join; constants fold."""
    formula: Formula = (speed >= 0) & (speed <= 1) | ~(load < 2)
    assert str(formula) == "((-x0 <= 0 and x0 - 1 <= 0) or -x1 + 2 <= 0)"
    assert (speed == speed) == TRUE
    assert (speed != speed) == FALSE


def test_symbols_are_inputs_then_outputs() -> None:
    """The terms are the variables in order; they cannot be keys, because == makes a formula."""
    assert [str(term) for term in (speed, load, p, q)] == ["x0", "x1", "x2", "x3"]
    with pytest.raises(TypeError):
        hash(speed)
    assert isinstance(speed, Term)
