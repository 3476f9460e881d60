"""Systems keep rows as given, refuse what does not fit, and test points exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.lp.system import LinearSystem


def test_rational_rows_are_cleared_and_integer_rows_kept() -> None:
    """A row is multiplied by the least integer that clears it, so multipliers refer to the row as written."""
    system = LinearSystem.from_rows([(["1/2", "1/3"], "<=", "1/4"), ([2, 4], "==", 6)])
    assert system.rows == (((6, 4), "<=", 3), ((2, 4), "==", 6))


def test_a_system_is_a_value() -> None:
    """Equal rows make equal systems with equal hashes."""
    a, b = (LinearSystem.from_rows([([1, "0.5"], "<", 1)]) for _ in range(2))
    assert a == b
    assert hash(a) == hash(b)
    assert a != a.closure()


def test_points_on_the_boundary() -> None:
    """A tie satisfies "<=" and "==", not "<"; all failing rows are listed."""
    system = LinearSystem.from_rows([([3], "<=", 1), ([3], "<", 1), ([3], "==", 1)])
    assert system.violations([Fraction(1, 3)]) == (1,)
    assert system.violations(["1/4"]) == (2,)
    assert system.violations([1]) == (0, 1, 2)
    assert system.closure().is_satisfied(["1/3"])


def test_empty_systems() -> None:
    """No rows are satisfied everywhere, also by the one point of dimension 0."""
    assert LinearSystem.from_rows([], dimension=2).is_satisfied([5, 7])
    assert LinearSystem(0, (), (), ()).is_satisfied([])
    with pytest.raises(ShapeError, match="pass dimension"):
        LinearSystem.from_rows([])


def test_conjunction_keeps_the_order_of_rows() -> None:
    """a + b has a's rows, then b's; dimensions must agree."""
    a, b = LinearSystem.from_rows([([1], "<", 1)]), LinearSystem.from_rows([([-1], "<=", 0)])
    assert (a + b).rows == a.rows + b.rows
    with pytest.raises(ShapeError, match="dimensions 1 and 0"):
        a + LinearSystem(0, (), (), ())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, ((1,),), ("<=",), ()), "1 normals, 1 relations and 0 offsets"),
        ((2, ((1,),), ("<=",), (0,)), "row 0 has 1 coefficients, expected dimension 2"),
        ((1, ((1,),), (">=",), (0,)), "negate a row"),
        ((1, ((1.0,),), ("<=",), (0,)), "no int"),
        ((1, ((1,),), ("<=",), (Fraction(1),)), "offset is no int"),
        ((1, ((True,),), ("<=",), (0,)), "no int"),
        ((-1, (), (), ()), "dimension"),
    ],
)
def test_the_constructor_validates(arguments: tuple[object, ...], message: str) -> None:
    """Wrong lengths, relations and kinds of number are refused with the row."""
    with pytest.raises(InputError, match=message):
        LinearSystem(*arguments)  # type: ignore[arg-type]


def test_from_rows_validates() -> None:
    """Floats, ragged rows, unknown relations and wrong points are refused."""
    with pytest.raises(InexactNumberError, match=r"rows\[0\].normal\[1\]"):
        LinearSystem.from_rows([([1, 0.5], "<=", 0)])
    assert LinearSystem.from_rows([([0.5], "<=", 0.25)], exact_floats=True).rows == (((2,), "<=", 1),)
    with pytest.raises(ShapeError, match="row 1"):
        LinearSystem.from_rows([([1], "<=", 0), ([1, 2], "<=", 0)])
    with pytest.raises(InputError, match="relation '≤'"):
        LinearSystem.from_rows([([1], "≤", 0)])
    with pytest.raises(ShapeError, match="parts"):
        LinearSystem.from_rows([([1], 0)])  # type: ignore[list-item]
    with pytest.raises(ShapeError, match="point has 2 entries, expected dimension 1"):
        LinearSystem.from_rows([([1], "<=", 0)]).is_satisfied([1, 2])


def test_text() -> None:
    """str() writes one readable row per line."""
    system = LinearSystem.from_rows([([2, -1], "<=", 3), ([0, 0], "<", 1), ([-1, 1], "==", 0)])
    assert str(system).splitlines() == ["2*x0 - x1 <= 3", "0 < 1", "-x0 + x1 == 0"]
