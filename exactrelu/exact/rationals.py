"""Exact rational numbers from whatever a caller holds: text, integers, fractions, and floats only on request.

Every number of this package enters through `parse_rational` or `as_rational`.  The definition is the naive one: the
text "0.1" is the rational 1/10, "1e-5" is 1/100000, and a binary float is *not* a number unless the caller says
`exact_floats=True`, in which case it is the dyadic rational m*2^e that its bits spell.  File formats that store IEEE
floats mean exactly that value; a float typed in a program usually does not, hence the refusal.

Invariant: nothing here rounds.  Cost: linear in the size of the text, up to the multiplication by the power of ten.
Exponents beyond `MAX_EXPONENT` are refused, since "1e999999999" would ask for a gigabyte.
Not done here: irrational numbers, and floats with error bounds (`exactrelu.exact.enclosures`).
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint

from exactrelu.errors import InexactNumberError, InputError

__all__ = ["MAX_EXPONENT", "as_rational", "as_vector", "format_rational", "parse_rational"]

MAX_EXPONENT = 10_000
"""Largest power of ten that a text may carry; IEEE doubles need 324."""

_FRACTION = re.compile(r"([+-]?[0-9]+)(?:/([0-9]+))?\Z")
_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?\Z")


def parse_rational(text: str) -> Fraction:
    """Read an integer, a fraction or a decimal exactly: "0.1" is 1/10, not the nearest double.

    Accepted: an optional sign, then digits; or digits "/" digits; or a decimal with an optional exponent.
    Blanks around the number are ignored; blanks inside, underscores, "nan" and "inf" are refused.

    Raises:
        InputError: the text is no such number, its denominator is zero, or its exponent exceeds `MAX_EXPONENT`.

    >>> parse_rational("-3/4"), parse_rational("0.1"), parse_rational("1e-5")
    (Fraction(-3, 4), Fraction(1, 10), Fraction(1, 100000))
    """
    if not isinstance(text, str):
        raise InputError(f"a number in text is expected, not {type(text).__name__}")
    stripped = text.strip()
    match = _FRACTION.match(stripped)
    if match:
        numerator = _integer(match[1])
        if match[2] is None:
            return Fraction(numerator)
        denominator = _integer(match[2])
        if denominator == 0:
            raise InputError(f"the denominator is zero in {_shorten(text)}")
        return Fraction(numerator, denominator)
    match = _DECIMAL.match(stripped)
    if match is None or not (match[2] or match[3]):
        raise InputError(f"not a rational number: {_shorten(text)}; write it like -3/4, 0.25 or 1e-5")
    sign, whole, decimals, exponent_text = match[1], match[2], match[3] or "", match[4] or "0"
    # The length test comes first: even the exponent itself may be too long to be worth reading.
    if len(exponent_text.lstrip("+-0")) > len(str(MAX_EXPONENT)) or abs(int(exponent_text)) > MAX_EXPONENT:
        raise InputError(f"the exponent of {_shorten(text)} exceeds {MAX_EXPONENT} in absolute value")
    exponent = int(exponent_text) - len(decimals)
    mantissa = _integer(sign + whole + decimals)
    return Fraction(mantissa * 10**exponent) if exponent >= 0 else Fraction(mantissa, 10**-exponent)


def as_rational(value: object, *, exact_floats: bool = False, name: str = "value") -> Fraction:
    """Return the exact rational that `value` denotes.

    Accepted: int, Fraction, Decimal, text (see `parse_rational`), and the integers and rationals of NumPy, python-flint
    and SymPy.  Python and NumPy floats are accepted only with `exact_floats=True`, as their dyadic value.

    Raises:
        InexactNumberError: a float, without `exact_floats=True`.
        InputError: a bool, nan, an infinity, or something that is no number.  The message starts with `name`.

    >>> as_rational("2.5")
    Fraction(5, 2)
    >>> as_rational(0.1, exact_floats=True)
    Fraction(3602879701896397, 36028797018963968)
    """
    if type(value) is Fraction:
        return value
    if type(value) is int:
        return Fraction(value)
    if isinstance(value, bool):
        raise InputError(f"{name} is a bool ({value}); write 0 or 1 if a number is meant")
    if isinstance(value, str):
        try:
            return parse_rational(value)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    if isinstance(value, Decimal):
        return as_rational(str(value), name=name)
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, flint.fmpz):
        return Fraction(int(value))
    if isinstance(value, flint.fmpq):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, numbers.Real):
        return _dyadic(value, exact_floats, name)
    raise InputError(f"{name} is not a rational number: {type(value).__name__} {_shorten(repr(value))}")


def as_vector(values: Iterable[object], *, exact_floats: bool = False, name: str = "vector") -> tuple[Fraction, ...]:
    """Return the entries of `values` as exact rationals; errors name the entry, as in "vector[2]".

    Raises:
        InputError, InexactNumberError: as `as_rational`; a text or a scalar in place of a sequence is refused.

    >>> as_vector([1, "1/2", "-0.5"])
    (Fraction(1, 1), Fraction(1, 2), Fraction(-1, 2))
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InputError(f"{name} must be a sequence of numbers, not {type(values).__name__}")
    # The plain cases are taken here, so that a long vector does not pay for building a name per entry.
    return tuple(
        value
        if type(value) is Fraction
        else Fraction(value)
        if type(value) is int
        else as_rational(value, exact_floats=exact_floats, name=f"{name}[{index}]")
        for index, value in enumerate(values)
    )


def format_rational(value: Fraction | int) -> str:
    """Return the shortest text p or p/q that `parse_rational` reads back as the same number.

    >>> format_rational(Fraction(6, -4)), format_rational(Fraction(2))
    ('-3/2', '2')
    """
    # flint prints integers of any length; Python's own conversion stops at 4300 digits.
    numerator = str(flint.fmpz(value.numerator))
    return numerator if value.denominator == 1 else f"{numerator}/{flint.fmpz(value.denominator)}"


def _integer(digits: str) -> int:
    """Read digits of any length (Python's own int() refuses more than 4300)."""
    return int(digits) if len(digits) < 4000 else int(flint.fmpz(digits.lstrip("+")))


def _dyadic(value: Any, exact_floats: bool, name: str) -> Fraction:
    """Exact value of a binary float, if the caller allows floats."""
    if not math.isfinite(value):
        raise InputError(f"{name} is {value}; a finite number is needed")
    if not exact_floats:
        raise InexactNumberError(
            f"{name} is the float {value!r}; pass an integer, a Fraction or text such as '1/10', "
            "or ask for the float's exact dyadic value with exact_floats=True"
        )
    if not hasattr(value, "as_integer_ratio"):
        raise InputError(f"{name} is a {type(value).__name__}, which has no dyadic value; pass a float or a Fraction")
    numerator, denominator = value.as_integer_ratio()
    return Fraction(int(numerator), int(denominator))


def _shorten(text: str) -> str:
    """Quote a text for a message, cut to a readable length."""
    return repr(text) if len(text) <= 60 else repr(text[:57] + "...")
