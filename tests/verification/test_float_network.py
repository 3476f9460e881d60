"""Intervals, lines and bounds computed in doubles hold exactly, for every point, without any tolerance."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from exactrelu.exact.enclosures import Enclosure
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.network import Network
from exactrelu.verification.boxes import float_network
from exactrelu.verification.boxes.float_network import Bounds, Boxes, FloatNetwork, Lines, chord_bits
from tests.verification.network_cases import KINDS, SLOPES, Number, layer_values, random_network, tenths

Box = list[tuple[float, float]]


def float_box(rng: random.Random, dimension: int) -> Box:
    """Ends that are doubles: flat, points, tiny, huge, or usual."""
    ends = []
    for _ in range(dimension):
        low = rng.choice([0.0, -1.0, 0.1, -0.7, 1e-310, -(2.0**60), rng.uniform(-2, 2)])
        high = low + rng.choice([0.0, 1.0, 0.3, 2.0**-1074, 2.0**-52, 2.0**61])
        ends.append((low, high))
    return ends


def sample(rng: random.Random, box: Box, count: int) -> Iterator[list[Fraction]]:
    """All corners, and rational points of the box that are no doubles."""
    exact = [(Fraction(low), Fraction(high)) for low, high in box]
    yield from (list(corner) for corner in product(*exact))
    for _ in range(count):
        yield [low + (high - low) * Fraction(rng.randint(0, 7), 7) for low, high in exact]


def line_value(slope: float, shift: float, activation: Activation, z: Fraction) -> Fraction:
    """The line's exact value; a slope that is the nearest double of the unit's own slope stands for that one."""
    exact = Fraction(slope)
    for own in (activation.negative, activation.positive):
        if slope == float(own):
            exact = own
    return exact * z + Fraction(shift)


def findings(
    network: Network,
    boxes: Sequence[Box],
    bits: int,
    rng: random.Random,
    number: Number = tenths,
    known: bool = False,
    points: int = 4,
) -> list[str]:
    """Everything that an exact value at a sampled point contradicts; empty if all is sound."""
    floats = FloatNetwork(network, bits)
    ends = np.array(boxes, dtype=np.float64)
    batch = Boxes(ends[:, :, 0], ends[:, :, 1])
    bounds = floats.bounds(batch)
    if known:
        bounds = floats.bounds(batch, bounds)
    width = network.widths[-2]
    rows = [[number(rng) for _ in range(width)] for _ in range(3)]
    own = [[number(rng) for _ in range(network.n_inputs)] for _ in range(3)]
    shift = [number(rng) for _ in range(3)]
    lower, slopes = floats.lower_bounds(batch, bounds, enclosed(rows), Enclosure.from_fractions(shift), enclosed(own))
    assert lower.shape == (len(boxes), 3)
    assert slopes.shape == (len(boxes), 3, network.n_inputs)
    wrong = []
    for number, box in enumerate(boxes):
        for point in sample(rng, box, points):
            before, after = layer_values(network, point)
            wrong += wrong_layers(network, bounds, number, before, after)
            last = after[-1] if after else point
            for j in range(3):
                value = sum((a * h for a, h in zip(rows[j], last, strict=True)), shift[j])
                value += sum((a * x for a, x in zip(own[j], point, strict=True)), Fraction(0))
                if not math.isnan(lower[number, j]) and not at_most(lower[number, j], value):
                    wrong.append(f"bound {j}: {lower[number, j]} above {float_text(value)}")
    return wrong


def wrong_layers(
    network: Network, bounds: Bounds, box: int, before: list[list[Fraction]], after: list[list[Fraction]]
) -> list[str]:
    """The intervals and lines that the exact values of one point contradict."""
    wrong = []
    for k, layer in enumerate(network.hidden):
        lines = bounds.lines[k]
        for j, (z, a, activation) in enumerate(zip(before[k], after[k], layer.activations, strict=True)):
            if not at_most(bounds.lower[k][box, j], z) or not at_most(-bounds.upper[k][box, j], -z):
                wrong.append(f"interval of unit {k}, {j}")
            under = float(lines.lower_slope[box, j]), float(lines.lower_shift[box, j])
            over = float(lines.upper_slope[box, j]), float(lines.upper_shift[box, j])
            if all(map(math.isfinite, under)) and line_value(*under, activation, z) > a:
                wrong.append(f"lower line of unit {k}, {j}")
            if all(map(math.isfinite, over)) and line_value(*over, activation, z) < a:
                wrong.append(f"upper line of unit {k}, {j}")
    return wrong


def at_most(bound: Any, value: Fraction) -> bool:
    """Whether a float is at most a fraction; nan claims nothing."""
    number = float(bound)
    return math.isnan(number) or number == -math.inf or (number != math.inf and Fraction(number) <= value)


def float_text(value: Fraction) -> str:
    return str(value.numerator / value.denominator) if abs(value) < 10**300 else "huge"


def enclosed(rows: list[list[Fraction]]) -> Enclosure:
    parts = [Enclosure.from_fractions(row) for row in rows]
    return Enclosure(np.array([p.value for p in parts]), np.array([p.radius for p in parts]))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_claimed_is_wrong_at_any_sampled_point(kind: str) -> None:
    """70 networks of each kind of numbers, degenerate ones included, three boxes each: no exact value contradicts."""
    rng, number = random.Random(kind), KINDS[kind]
    for _ in range(70):
        network = random_network(rng, number, SLOPES if rng.random() < 0.7 else (RELU,))
        boxes = [float_box(rng, network.n_inputs) for _ in range(3)]
        assert findings(network, boxes, rng.choice([4, 24, 48]), rng, number, rng.random() < 0.3) == []


def first_finding(kind: str, tries: int = 60) -> str | None:
    """What a search over random networks finds wrong first."""
    rng, number = random.Random(f"mutant {kind}"), KINDS[kind]
    for _ in range(tries):
        network = random_network(rng, number, SLOPES)
        boxes = [float_box(rng, network.n_inputs) for _ in range(3)]
        if found := findings(network, boxes, 24, rng, number):
            return found[0]
    return None


def without_errors(self: FloatNetwork, layer: Any, size: Any, reach: Any) -> Any:
    return np.zeros_like(reach), np.zeros((len(reach), 1))


def swapped(lines: Lines) -> Lines:
    return Lines(lines.upper_slope, lines.upper_shift, lines.lower_slope, lines.lower_shift)


def without_shift(lines: Lines) -> Lines:
    zero = np.zeros_like(lines.lower_shift)
    return Lines(lines.lower_slope, zero, lines.upper_slope, zero)


def lower_shift_up(lines: Lines) -> Lines:
    return Lines(lines.lower_slope, lines.lower_shift + 2.0**-20, lines.upper_slope, lines.upper_shift)


def upper_shift_down(lines: Lines) -> Lines:
    return Lines(lines.lower_slope, lines.lower_shift, lines.upper_slope, lines.upper_shift - 2.0**-20)


@pytest.mark.parametrize("kind", ["tenths", "thirds", "huge"])
def test_a_mutant_that_forgets_the_rounding_errors_is_found_out(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With weights that are no doubles, and with cancellations, bounds without their errors are wrong somewhere."""
    monkeypatch.setattr(FloatNetwork, "_errors", without_errors)
    monkeypatch.setattr(float_network, "_gamma", lambda terms: 0.0)
    monkeypatch.setattr(float_network, "_U", 0.0)
    assert first_finding(kind) is not None


def test_a_mutant_that_forgets_the_errors_of_the_layers_only_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error vector of the layers is needed by itself: weights 1/10 do not cancel where their doubles do."""
    tenth = Fraction(1, 10)
    network = Network.from_weights([[[1]] * 3, [[tenth, 2 * tenth, -3 * tenth]], [[1]]], [[0] * 3, [0], [0]])
    box = [[(1.0, 1.0)]]
    rng = random.Random(1)
    assert findings(network, box, 24, rng) == []
    monkeypatch.setattr(FloatNetwork, "_errors", without_errors)
    monkeypatch.setattr(FloatNetwork, "_tighten", without_radii)
    assert findings(network, box, 24, rng) != []


_TIGHTEN = FloatNetwork._tighten


def without_radii(self: FloatNetwork, number: int, lo: Any, hi: Any, *rest: Any) -> Any:
    """`_tighten` that takes the doubles of a layer's own weights for exact."""
    own = self.layers[number]
    self.layers[number] = replace(
        own, weight_radius=np.zeros_like(own.weight_radius), bias_radius=np.zeros_like(own.bias_radius)
    )
    try:
        return _TIGHTEN(self, number, lo, hi, *rest)
    finally:
        self.layers[number] = own


@pytest.mark.parametrize("change", [swapped, without_shift, lower_shift_up, upper_shift_down])
def test_mutants_of_the_lines_are_found_out(change: Callable[[Lines], Lines], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines exchanged, without their shift, or shifted by 2^-20 to the wrong side contradict an exact value."""
    original = FloatNetwork._lines
    monkeypatch.setattr(FloatNetwork, "_lines", lambda self, *rest: change(original(self, *rest)))
    found = first_finding("small")
    assert found is not None
    assert "line" in found


def test_a_mutant_that_believes_infinite_bounds_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lower bound that overflows to +inf is false, since every value is finite."""
    network = Network.from_weights([[[2**1000]], [[1]]], [[0], [0]])
    box, rng = [[(2.0**60, 2.0**60)]], random.Random(1)
    assert findings(network, box, 24, rng) == []
    monkeypatch.setattr(float_network, "_finite_or", lambda bound, nothing: bound)
    assert findings(network, box, 24, rng) != []


def test_underflow_of_a_product_of_weights_is_accounted_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """2^-600 twice underflows to zero, but times x = 2^1000 it is 2^-200."""
    tiny = Fraction(1, 2**600)
    network = Network.from_weights(
        [[[tiny]], [[tiny]], [[1]]], [[0], [0], [0]], activations=[[RELU], [Activation.of([1, 1])]]
    )
    floats = FloatNetwork(network, 24)
    boxes = Boxes(np.array([[2.0**1000]]), np.array([[2.0**1000]]))

    def bound() -> float:
        row = Enclosure.from_fractions([Fraction(0)])
        bounds = floats.bounds(boxes)
        value = floats.lower_bounds(boxes, bounds, enclosed([[Fraction(-1)]]), row, enclosed([[Fraction(0)]]))
        return float(value[0][0, 0])

    assert at_most(bound(), -Fraction(1, 2**200))
    monkeypatch.setattr(float_network, "_underflow", lambda size, terms: np.zeros((len(size), 1)))
    assert not at_most(bound(), -Fraction(1, 2**200))


def test_slopes_beyond_the_doubles_decide_nothing() -> None:
    """A slope of 2^-1080 or 2^2000 has no double near: the bounds behind the unit are infinite, not wrong."""
    for slope in (Fraction(1, 2**1080), Fraction(2) ** 2000, Fraction(3, 2**1074)):
        network = Network.from_weights(
            [[[1]], [[2**900]], [[1]]], [[0], [0], [0]], activations=[[Activation.of([0, slope])], [RELU]]
        )
        boxes = Boxes(np.array([[-1.0]]), np.array([[1.0]]))
        bounds = FloatNetwork(network, 24).bounds(boxes)
        assert (bounds.lower[1][0, 0], bounds.upper[1][0, 0]) == (-math.inf, math.inf)


def test_known_intervals_are_used_and_kept() -> None:
    """Bounds on half a box from those of the whole are at least as tight as those, and valid."""
    rng = random.Random(7)
    for _ in range(40):
        network = random_network(rng, tenths, SLOPES, widths=[4, 4], inputs=2)
        floats = FloatNetwork(network, 24)
        whole = floats.bounds(Boxes(np.array([[-1.0, -1.0]]), np.array([[1.0, 1.0]])))
        half = Boxes(np.array([[-1.0, -1.0]]), np.array([[0.0, 1.0]]))
        both = floats.bounds(half, whole)
        for k in range(2):
            assert (both.lower[k] >= whole.lower[k]).all()
            assert (both.upper[k] <= whole.upper[k]).all()
        for point in sample(rng, [(-1.0, 0.0), (-1.0, 1.0)], 5):
            assert wrong_layers(network, both, 0, *layer_values(network, point)) == []


def test_bounds_are_sharp_where_nothing_crosses() -> None:
    """Without crossing units the bound is the minimum up to rounding: x1 + 2 x2 over [1, 2]^2 through two layers."""
    network = Network.from_weights([[[1, 0], [0, 1]], [[1, 2]], [[1]]], [[0, 0], [0], [0]])
    floats = FloatNetwork(network, 24)
    boxes = Boxes(np.array([[1.0, 1.0]]), np.array([[2.0, 2.0]]))
    bounds = floats.bounds(boxes)
    zero = Enclosure.from_fractions([Fraction(0)])
    lower, slopes = floats.lower_bounds(boxes, bounds, enclosed([[Fraction(1)]]), zero, enclosed([[Fraction(0)] * 2]))
    assert 3 - 1e-12 < lower[0, 0] <= 3
    assert slopes.tolist() == [[[1.0, 2.0]]]
    assert not bounds.crossing(0).any()


def test_chords_are_multiples_of_the_precision() -> None:
    """Slopes and shifts of chords are multiples of 2^-bits, so that a certificate can hold them as integers."""
    rng = random.Random(3)
    for bits in (4, 24, 48):
        network = random_network(rng, tenths, (RELU, Activation.of([1, "1/2"])), widths=[4, 4], inputs=2)
        bounds = FloatNetwork(network, bits).bounds(Boxes(np.array([[-1.0, -1.0]]), np.array([[1.0, 1.0]])))
        for k, lines in enumerate(bounds.lines):
            crossing = bounds.crossing(k)
            for array in (lines.lower_slope, lines.lower_shift, lines.upper_slope, lines.upper_shift):
                scaled = array[crossing] * 2.0**bits
                assert (scaled == np.rint(scaled)).all()


def test_precision_follows_the_size_of_the_weights() -> None:
    """24 places; more for a layer of small numbers, at most 48; zero and gigantic weights do not matter."""

    def bits(weight: Fraction | int) -> int:
        return chord_bits(Network.from_weights([[[weight]], [[1]]], [[0], [0]]))

    assert [bits(1), bits(0), bits(2**2000), bits(Fraction(1, 2**10)), bits(Fraction(1, 2**2000))] == [
        24,
        24,
        24,
        34,
        48,
    ]
    assert chord_bits(Network.from_weights([[[1]]], [[0]])) == 24


def test_float_boxes_contain_the_exact_ones() -> None:
    """The doubles of a box's ends enclose it, within one unit; beyond the largest double they are infinite outwards."""
    values = (Fraction(1, 3), Fraction(1, 2), Fraction(0), Fraction(1, 2**1100), Fraction(10**400))
    for value in (*values, *(-value for value in values)):
        box = Boxes.around([(value, value)])
        low, high = box.lower[0, 0].item(), box.upper[0, 0].item()
        assert low == -math.inf or Fraction(low) <= value
        assert high == math.inf or Fraction(high) >= value
        assert high <= math.nextafter(low, math.inf)
    assert Boxes.around([]).lower.shape == (1, 0)
