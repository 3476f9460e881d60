"""A tolerance that is larger than the declared error of the floats is found, whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from exactrelu import Network
from exactrelu.testing import Implementation, check_evaluation, smallest_violation

Vector = tuple[Fraction, ...]


def with_threshold(threshold: Fraction) -> Callable[[Network, Vector], list[float]]:
    """An evaluator whose ReLU passes on what is greater than the threshold; floats come out."""

    def evaluate(network: Network, point: Vector) -> list[float]:
        for layer in network.hidden:
            point = tuple(z if z > threshold else Fraction(0) for z in layer.affine(point))
        return [float(y) for y in network.output(point)]

    return evaluate


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("exponent", range(2, 9))
def test_a_tolerance_on_either_side_of_zero_is_found_by_the_table(exponent: int, sign: int) -> None:
    """From 1e-2 to 1e-8 with a declared error of 1e-9."""
    wrong = Implementation(
        evaluate=with_threshold(sign * Fraction(1, 10**exponent)), absolute_error="1e-9", relative_error="1e-9"
    )
    assert smallest_violation(wrong, check_evaluation, max_examples=0) is not None


def test_no_tolerance_passes() -> None:
    """The same evaluator with the threshold 0."""
    right = Implementation(evaluate=with_threshold(Fraction(0)), absolute_error="1e-9", relative_error="1e-9")
    assert smallest_violation(right, check_evaluation, max_examples=20) is None
