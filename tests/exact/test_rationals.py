"""Numbers are read exactly, floats are refused unless asked for, and nothing is ever rounded."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError
from exactrelu.exact.rationals import MAX_EXPONENT, as_rational, as_vector, format_rational, parse_rational


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("-0", Fraction(0)),
        ("+7", Fraction(7)),
        ("-3/4", Fraction(-3, 4)),
        ("6/4", Fraction(3, 2)),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1e-5", Fraction(1, 100_000)),
        ("-2.5E+3", Fraction(-2500)),
        (" 12 ", Fraction(12)),
        ("0e10000", Fraction(0)),
    ],
)
def test_text_is_read_exactly(text: str, value: Fraction) -> None:
    """Integers, fractions, decimals and exponents mean what they say."""
    assert parse_rational(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-",
        "e5",
        "1/0",
        "1/-2",
        "1.5/2",
        "nan",
        "inf",
        "-Infinity",
        "1_000",
        "1 2",
        "0x10",
        "1e",
        "--1",
        "½",
        "٣",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    """Whatever is no number raises InputError that quotes the text."""
    with pytest.raises(InputError, match=r"number|denominator"):
        parse_rational(text)


@pytest.mark.parametrize("exponent", [str(MAX_EXPONENT + 1), "-" + str(MAX_EXPONENT + 1), "9" * 5000])
def test_absurd_exponents_are_refused_at_once(exponent: str) -> None:
    """An exponent beyond the limit never becomes a power of ten."""
    with pytest.raises(InputError, match="exponent"):
        parse_rational("1e" + exponent)
    assert parse_rational(f"1e{MAX_EXPONENT}") == 10**MAX_EXPONENT


@given(st.fractions())
def test_format_and_parse_are_inverse(value: Fraction) -> None:
    """format_rational writes what parse_rational reads."""
    assert parse_rational(format_rational(value)) == value


def test_numbers_of_any_length_survive() -> None:
    """Ten thousand digits are read and written, although Python's int() stops at 4300."""
    text = "-" + "7" * 10_000 + "/" + "1" + "0" * 9_999
    assert format_rational(parse_rational(text)) == text


@pytest.mark.parametrize(
    "value",
    [
        3,
        Fraction(3),
        np.int8(3),
        np.uint64(3),
        flint.fmpz(3),
        flint.fmpq(6, 2),
        sympy.Integer(3),
        sympy.Rational(3),
        "3",
        Decimal("3.0"),
    ],
)
def test_exact_kinds_are_accepted(value: object) -> None:
    """Every exact kind of number gives a Fraction of Python ints."""
    result = as_rational(value)
    assert result == 3
    assert type(result.numerator) is int


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.float64(0.5), np.float16(0.5)])
def test_floats_need_consent(value: object) -> None:
    """A binary float is refused, and with exact_floats=True it is its dyadic value."""
    with pytest.raises(InexactNumberError, match=r"weight.*exact_floats=True"):
        as_rational(value, name="weight")
    assert as_rational(value, exact_floats=True) == Fraction(1, 2)


def test_the_dyadic_value_is_the_bits() -> None:
    """The double 0.1 is not 1/10, and the single 0.1 is another number again."""
    assert as_rational(0.1, exact_floats=True) == Fraction(0.1) != Fraction(1, 10)
    assert as_rational(np.float32(0.1), exact_floats=True) == Fraction(13421773, 2**27)
    assert as_rational(5e-324, exact_floats=True) == Fraction(1, 2**1074)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), np.float32("-inf"), True, np.True_, None, 1j, [1], "x", sympy.Float(1)]
)
def test_what_is_no_number_is_refused(value: object) -> None:
    """nan, infinities, bools and other objects raise InputError even with exact_floats=True."""
    with pytest.raises(InputError, match=r"^offset"):
        as_rational(value, exact_floats=True, name="offset")


def test_vectors_name_the_entry() -> None:
    """An error in a vector says which entry; text and scalars are no vectors."""
    assert as_vector(np.array([1, 2])) == (1, 2)
    assert as_vector([]) == ()
    with pytest.raises(InexactNumberError, match=r"bias\[1\]"):
        as_vector([1, 0.5], name="bias")
    for bad in ("12", b"12", 3):
        with pytest.raises(InputError, match="sequence"):
            as_vector(bad)  # type: ignore[arg-type]
