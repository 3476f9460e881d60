"""Small random networks, degenerate on purpose, and their exact values; numbers of several kinds.

The kinds: `small` integers, `tenths` and `thirds` (no doubles), `huge` (2^60 and 2^-60 mixed), `tiny` (subnormal
doubles and smaller), `beyond` (larger than any double).  Slopes may be those of ReLU, leaky, absolute value, identity,
zero, concave and decreasing units.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.network import Network

SLOPES = (
    RELU,
    ABSOLUTE,
    IDENTITY,
    Activation.of([0, 0]),
    Activation.of([1, "1/2"]),
    Activation.of(["1/10", 1]),
    Activation.of(["1/3", "2/3"]),
    Activation.of([-1, "-1/3"]),
    Activation.of([2, -1]),
    Activation.of(["1/7", "1/7"]),
)

Number = Callable[[random.Random], Fraction]


def small(rng: random.Random) -> Fraction:
    """An integer of at most 3."""
    return Fraction(rng.randint(-3, 3))


def tenths(rng: random.Random) -> Fraction:
    """A multiple of 1/10."""
    return Fraction(rng.randint(-30, 30), 10)


def thirds(rng: random.Random) -> Fraction:
    """A third, or a seventh."""
    return Fraction(rng.randint(-9, 9), rng.choice([3, 7]))


def huge(rng: random.Random) -> Fraction:
    """Numbers around 2^60 and 2^-60, not doubles, so that sums cancel."""
    return Fraction(rng.randint(-4, 4)) * Fraction(2) ** rng.choice([-60, 0, 60]) + Fraction(rng.randint(-1, 1), 3)


def tiny(rng: random.Random) -> Fraction:
    """Numbers whose doubles are subnormal or zero, and large ones that bring them back."""
    return Fraction(rng.randint(-4, 4), 3) * Fraction(2) ** rng.choice([-1080, -1060, -540, 0, 540, 1000])


def beyond(rng: random.Random) -> Fraction:
    """Numbers of which some are larger than any double."""
    return Fraction(rng.randint(-4, 4), 3) * Fraction(2) ** rng.choice([0, 0, 0, 600, 2000])


KINDS: dict[str, Number] = {
    "small": small,
    "tenths": tenths,
    "thirds": thirds,
    "huge": huge,
    "tiny": tiny,
    "beyond": beyond,
}


def random_network(
    rng: random.Random,
    number: Number = small,
    slopes: Sequence[Activation] = (RELU,),
    *,
    inputs: int | None = None,
    widths: Sequence[int] | None = None,
    outputs: int | None = None,
) -> Network:
    """A network of at most two inputs and three layers; with zero rows, duplicate rows and dead units now and then."""
    d = inputs or rng.randint(1, 2)
    hidden = list(widths) if widths is not None else [rng.randint(1, 4) for _ in range(rng.randint(0, 3))]
    sizes = [d, *hidden, outputs or rng.randint(1, 2)]
    weights, biases = [], []
    for width, count in pairwise(sizes):
        rows = [[number(rng) for _ in range(width)] for _ in range(count)]
        bias = [number(rng) for _ in range(count)]
        what = rng.randint(0, 5)
        j = rng.randrange(count)
        if what == 0:
            rows[j] = [Fraction(0)] * width
        elif what == 1:
            rows[j], bias[j] = list(rows[0]), bias[0]
        elif what == 2:
            bias[j] = Fraction(rng.choice([-1000, 0]))
        elif what == 3:
            rows[j], bias[j] = [-w for w in rows[0]], -bias[0]
        weights.append(rows)
        biases.append(bias)
    activations = [[rng.choice(slopes) for _ in range(width)] for width in hidden]
    return Network.from_weights(weights, biases, activations=activations)


def random_box(rng: random.Random, dimension: int) -> list[tuple[Fraction, Fraction]]:
    """A box with ends that are often no doubles; flat in some directions, sometimes a point."""
    box = []
    for _ in range(dimension):
        low = Fraction(rng.randint(-6, 6), rng.choice([1, 2, 3, 10]))
        width = Fraction(rng.choice([0, 1, 1, 2, 4]), rng.choice([1, 3, 1 << 40]))
        box.append((low, low + width))
    return box


def layer_values(network: Network, point: Sequence[Fraction]) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """The exact preactivations and activations of every hidden layer at a point, computed here and now."""
    values, before, after = list(point), [], []
    for layer in network.hidden:
        z = [
            sum((w * h for w, h in zip(row, values, strict=True)), Fraction(0)) + b
            for row, b in zip(layer.affine.linear, layer.affine.offset, strict=True)
        ]
        values = [(a.positive if t > 0 else a.negative) * t for a, t in zip(layer.activations, z, strict=True)]
        before.append(z)
        after.append(values)
    return before, after
