"""Algebraic numbers: order, equality, roots, powers, enclosures; floats only to compare with."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.bounds.algebraic import AlgebraicNumber, largest_real_root
from exactrelu.errors import InexactNumberError, InputError

rationals = st.fractions(-20, 20, max_denominator=9)


@given(st.lists(rationals, min_size=1, max_size=4))
def test_largest_of_known_roots(roots: list[Fraction]) -> None:
    """A product of linear factors: the largest root is found and is rational; repeated factors do no harm."""
    coefficients = [Fraction(1)]
    for root in [*roots, roots[0]]:
        shifted = [Fraction(0), *coefficients]
        scaled = [-root * c for c in coefficients] + [Fraction(0)]
        coefficients = [a + b for a, b in zip(shifted, scaled, strict=True)]
    assert largest_real_root(coefficients).rational == max(roots)


@given(st.fractions(0, 50, max_denominator=30), st.integers(1, 5))
def test_square_root_and_power(value: Fraction, exponent: int) -> None:
    """sqrt(q)^2 = q; a power of the root is the root of the power; equality is exact."""
    root = AlgebraicNumber.of_rational(value).square_root()
    assert root.power(2) == value
    assert root.power(2 * exponent) == value**exponent
    assert root.power(exponent) == AlgebraicNumber.of_rational(value**exponent).square_root()


@given(st.integers(2, 60), st.integers(2, 60))
def test_order_of_square_roots(a: int, b: int) -> None:
    """sqrt(a) < sqrt(b) iff a < b, and equal values are equal, hash alike and compare as 0."""
    one, two = (AlgebraicNumber.of_rational(n).square_root() for n in (a, b))
    assert (one < two, one == two) == (a < b, a == b)
    if a == b:
        assert hash(one) == hash(two)


@given(st.integers(2, 99), st.fractions(Fraction(1, 10**6), 1))
def test_enclosures(value: int, width: Fraction) -> None:
    """The enclosure is as narrow as asked and contains the number."""
    root = AlgebraicNumber.of_rational(value).square_root()
    lower, upper = root.enclosure(width)
    assert upper - lower <= width
    assert lower * lower <= value <= upper * upper
    assert root.compare(lower) >= 0 >= root.compare(upper)


def test_roots_close_together() -> None:
    """Two roots 10^-12 apart are told apart: (t^2 - 2)(t^2 - 2 - 10^-12)."""
    near = AlgebraicNumber.of_rational(2 + Fraction(1, 10**12)).square_root()
    two = AlgebraicNumber.of_rational(2).square_root()
    assert two < near
    product = [2 * (2 + Fraction(1, 10**12)), 0, -4 - Fraction(1, 10**12), 0, 1]
    assert largest_real_root(product) == near


def test_negative_and_scaled() -> None:
    """Scaling keeps the root; (-sqrt 2)^2 = 2 and (-sqrt 2)^3 < 0."""
    negative = AlgebraicNumber((-2, 0, 1), 0)
    assert negative.power(2) == 2
    assert negative.power(3) < 0
    assert negative.power(0) == 1
    assert negative.scaled(Fraction(1, 2)).power(2) == Fraction(1, 2)
    assert negative.decimal(3) == "-1.414"


def test_text_reads_well() -> None:
    """A rational is shown as such, other numbers by digits and polynomial."""
    assert str(AlgebraicNumber.of_rational(Fraction(-3, 4))) == "-3/4"
    assert str(largest_real_root([-2, 0, 1])) == "1.41421356... (root 1 of t^2 + (-2))"


def test_refusals() -> None:
    """No real root, a constant polynomial, bad widths, factors and exponents, a negative square."""
    with pytest.raises(InputError, match="no real root"):
        largest_real_root([1, 0, 1])
    with pytest.raises(InputError, match="positive degree"):
        largest_real_root([3])
    one = AlgebraicNumber.of_rational(1)
    for call in (
        lambda: one.enclosure(Fraction(0)),
        lambda: one.scaled(0),
        lambda: one.power(-1),
        lambda: AlgebraicNumber.of_rational(-1).square_root(),
    ):
        with pytest.raises(InputError):
            call()


def test_floats_are_refused() -> None:
    """A float is not taken for its dyadic value: as a value, a factor, a width, or in a comparison."""
    one = AlgebraicNumber.of_rational(1)
    calls: list[Callable[[Any], object]] = [AlgebraicNumber.of_rational, one.scaled, one.enclosure, one.compare]
    for call in calls:
        with pytest.raises(InexactNumberError):
            call(0.5)
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        for other in (0.5, "1/2"):
            with pytest.raises(TypeError, match="not supported"):
                compare(one, other)
    assert one != 1.0
    assert AlgebraicNumber.of_rational("1/2").scaled("2") == 1


@pytest.mark.parametrize("number", [Fraction(1, 2), Fraction(2), 2.7, True, "2", -1])
def test_exponents_and_digits_are_nonnegative_integers(number: Any) -> None:
    """Nothing is cut to an integer: 2^(1/2) is not 1."""
    two = AlgebraicNumber.of_rational(2)
    for call, name in ((two.power, "exponent"), (two.square_root().power, "exponent"), (two.decimal, "digits")):
        with pytest.raises(InputError, match=name):
            call(number)
