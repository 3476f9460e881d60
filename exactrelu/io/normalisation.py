"""Batch normalisation: how its square root is read, for it is irrational as a rule.

y = s·(x - mean) + bias with the factor s = scale / sqrt(variance + epsilon).  All numbers in the file are rational, s
is not; so the user says which rational stands for it:

    None          s itself; refused unless every root is rational
    "float32"     the IEEE single nearest to the real number s, ties to even
    "float64"     the IEEE double nearest to s, ties to even
    a rational r  the multiple of r nearest to s, ties to an even multiple; as text, too: "1/1000"

The rest of the formula is exact.  A runtime rounds differently (the root, the quotient and the folded offset one after
the other), so "float32" is near to what it computes, and not the same bits.

The nearest number is found with integers: s is ±sqrt(t) for the rational t = scale² / (variance + epsilon), so that
comparing s with a candidate m compares t with m².  Source: own.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Literal

from exactrelu.errors import FormatError, InputError
from exactrelu.exact.rationals import as_rational, parse_rational

__all__ = ["RootChoice", "RootReading", "normalisation_factor", "require_reading"]

RootReading = Literal["float32", "float64"] | Fraction | None
RootChoice = str | int | Fraction | None
"""What a user may pass for a reading."""

_FORMATS: dict[Literal["float32", "float64"], tuple[int, int, int]] = {
    "float32": (24, -149, 128),
    "float64": (53, -1074, 1024),
}


def require_reading(reading: RootChoice) -> RootReading:
    """Return the reading that is meant; InputError if it is none.

    >>> require_reading("1/1000"), require_reading("float64")
    (Fraction(1, 1000), 'float64')
    >>> require_reading("float16")
    Traceback (most recent call last):
    exactrelu.errors.InputError: batch_normalisation is 'float16'; pass "float32", "float64" or a positive Fraction
    """
    if reading is None:
        return None
    for name in _FORMATS:
        if reading == name:
            return name
    try:
        step = parse_rational(reading) if isinstance(reading, str) else as_rational(reading, name="batch_normalisation")
    except InputError:
        step = Fraction(0)
    if step > 0:
        return step
    raise InputError(f'batch_normalisation is {reading!r}; pass "float32", "float64" or a positive Fraction')


def normalisation_factor(scale: Fraction, radicand: Fraction, reading: RootReading) -> Fraction:
    """Return the rational that stands for scale / sqrt(radicand).

    Raises:
        FormatError: the radicand is not positive; the root is irrational and there is no reading; a float would be
            infinite.

    >>> normalisation_factor(Fraction(3), Fraction(4), None)
    Fraction(3, 2)
    >>> normalisation_factor(Fraction(1), Fraction(2), Fraction(1, 100))
    Fraction(71, 100)
    >>> normalisation_factor(Fraction(-1), Fraction(2), "float32")
    Fraction(-11863283, 16777216)
    """
    if radicand <= 0:
        raise FormatError(f"variance + epsilon is {radicand}; a positive number is needed")
    square = scale * scale / radicand
    sign = -1 if scale < 0 else 1
    if reading is None:
        root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
        if root * root != square:
            raise FormatError(
                f"the factor scale / sqrt(variance + epsilon) is irrational: sqrt({square.numerator}/"
                f'{square.denominator}); say how to read it: batch_normalisation="float32", "float64" or a Fraction '
                "of which it becomes the nearest multiple"
            )
        return sign * root
    return sign * (
        _nearest_float(square, *_FORMATS[reading]) if isinstance(reading, str) else _nearest(square, reading)
    )


def _nearest(square: Fraction, step: Fraction) -> Fraction:
    """The multiple of `step` nearest to sqrt(square)."""
    scaled = square / (step * step)
    below = isqrt(scaled.numerator // scaled.denominator)  # the floor of the root
    middle = (below + Fraction(1, 2)) ** 2
    return step * (below + (scaled > middle or (scaled == middle and below % 2)))


def _nearest_float(square: Fraction, precision: int, least_exponent: int, largest_exponent: int) -> Fraction:
    """The nonnegative IEEE number nearest to sqrt(square), of `precision` bits and multiples of 2^least_exponent."""
    if not square:
        return Fraction(0)
    # 2^(exponent - 1) <= root < 2^exponent, up to one.
    exponent = (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    while square >= Fraction(4) ** exponent:
        exponent += 1
    while square < Fraction(4) ** (exponent - 1):
        exponent -= 1
    found = _nearest(square, Fraction(2) ** max(exponent - precision, least_exponent))
    if found >= Fraction(2) ** largest_exponent:
        raise FormatError("the factor of a batch normalisation is too large for the float format")
    return found
