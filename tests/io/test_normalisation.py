"""Batch normalisation: the rational that stands for an irrational factor is the nearest one, never chosen silently."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import FormatError, InputError
from exactrelu.io.files import load_network
from exactrelu.io.normalisation import normalisation_factor, require_reading

POSITIVE = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**6)
FORMATS = {"float32": np.float32, "float64": np.float64}


def is_nearest(square: Fraction, low: Fraction, middle: Fraction, high: Fraction) -> bool:
    """Whether no neighbour of `middle` is nearer to sqrt(square): the root lies between the two half-way points."""
    below, above = (low + middle) / 2, (middle + high) / 2
    return (below <= 0 or below * below <= square) and square <= above * above


@given(POSITIVE, POSITIVE, st.sampled_from(sorted(FORMATS)))
def test_floats_are_nearest(scale: Fraction, radicand: Fraction, name: str) -> None:
    """The square of the root lies between the squares of the half-way points to the neighbouring floats."""
    kind = FORMATS[name]
    found = normalisation_factor(scale, radicand, name)  # type: ignore[arg-type]
    number = kind(float(found))
    assert Fraction(float(number)) == found
    low, high = (Fraction(float(np.nextafter(number, kind(end)))) for end in (0, np.inf))
    assert is_nearest(scale * scale / radicand, low, found, high)
    assert normalisation_factor(-scale, radicand, name) == -found  # type: ignore[arg-type]


@given(POSITIVE, POSITIVE, POSITIVE)
def test_multiples_are_nearest(scale: Fraction, radicand: Fraction, step: Fraction) -> None:
    """The square of the root lies between the squares of the half-way points to the neighbouring multiples."""
    found = normalisation_factor(scale, radicand, step)
    assert (found / step).denominator == 1
    assert is_nearest(scale * scale / radicand, found - step, found, found + step)


@given(POSITIVE, POSITIVE)
def test_rational_roots_need_no_reading(scale: Fraction, root: Fraction) -> None:
    """The root of a square is itself, exactly."""
    assert normalisation_factor(scale, root * root, None) == scale / root


@pytest.mark.parametrize(
    ("scale", "radicand", "reading", "factor"),
    [
        (Fraction(0), Fraction(2), None, Fraction(0)),
        (Fraction(0), Fraction(2), "float32", Fraction(0)),
        (Fraction(1), Fraction(4), Fraction(1), Fraction(0)),  # 1/2 is a tie of 0 and 1
        (Fraction(3), Fraction(4), Fraction(1), Fraction(2)),  # 3/2 is a tie of 1 and 2
        (1 + Fraction(1, 2**24), Fraction(1), "float32", Fraction(1)),
        (1 + Fraction(3, 2**24), Fraction(1), "float32", 1 + Fraction(1, 2**22)),
        (Fraction(1, 2**149), Fraction(1), "float32", Fraction(1, 2**149)),
        (Fraction(1, 2**150), Fraction(1), "float32", Fraction(0)),
        (Fraction(3, 2**150), Fraction(1), "float32", Fraction(1, 2**148)),
        (Fraction(2**24 - 1), Fraction(1, 2**208), "float32", Fraction((2**24 - 1) * 2**104)),
    ],
)
def test_ties_and_ends(scale: Fraction, radicand: Fraction, reading: object, factor: Fraction) -> None:
    """Ties go to the even neighbour; zero, subnormal and largest numbers are exact."""
    assert normalisation_factor(scale, radicand, require_reading(reading)) == factor


def test_what_is_refused() -> None:
    """An irrational root without a reading, a variance that is not positive, an infinite float, an unknown reading."""
    with pytest.raises(
        FormatError, match=r'irrational: sqrt\(1/2\); say how to read it: batch_normalisation="float32"'
    ):
        normalisation_factor(Fraction(1), Fraction(2), None)
    for radicand in (Fraction(0), Fraction(-1)):
        with pytest.raises(FormatError, match="a positive number is needed"):
            normalisation_factor(Fraction(1), radicand, "float32")
    with pytest.raises(FormatError, match="too large for the float format"):
        normalisation_factor(Fraction(2**128), Fraction(1), "float32")
    for reading in ("float16", 0, Fraction(-1), True, 0.5):
        with pytest.raises(InputError, match="batch_normalisation is"):
            require_reading(reading)


def test_the_readings_of_a_file_are_close_and_different(shared_data: Path) -> None:
    """Without a reading the file is refused by name of the node; the readings differ by their roundings only."""
    path = shared_data / "benchmarks" / "marabou" / "linear2-3_bn1-linear3-1.onnx"
    with pytest.raises(FormatError, match=r"'BatchNormalization_1' .* batch_normalisation="):
        load_network(path)
    point = [Fraction(1, 3), -2]
    single, double, fine = (
        load_network(path, batch_normalisation=r)(point)[0] for r in ("float32", "float64", Fraction(1, 10**30))
    )
    assert len({single, double, fine}) == 3
    assert abs(single - fine) < Fraction(1, 2**20)
    assert abs(double - fine) < Fraction(1, 2**49)
