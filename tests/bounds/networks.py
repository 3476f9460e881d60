"""Networks of the theory, written out, and random ones with rational unit vectors."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from exactrelu.networks.network import Network

N4 = Network.from_weights(
    [[[1, 2], [-1, 1], [3, 0]], [[1, -1, 2], [2, 1, 0]], [[1, 1], [-1, 3]], [[1, 2]]],
    [[1, 0, -1], [0, 1], [-1, 0], [5]],
    name="n4",
)
HAT = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]], name="hat")
TIGHT = Network.from_weights(
    [[["3/5", "4/5"]] * 2, [["1/2", "1/2"]] * 2, [["3/5", "3/5"], ["4/5", "4/5"]]],
    [[0, 0], [0, 0], [0, 0]],
    name="tight",
)
UNNORMALISED = Network.from_weights([[[2, 0], [0, 1]], [[1, 1]], [[1]]], [[0, 0], [0], [0]], name="unnormalised")
KINK = Network.from_weights([[[1], [1]], [[1, 1], [1, -1]], [[1, 1]]], [[0, 0], [0, 0], [0]], name="kink")
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]], name="abs")

WRITTEN_OUT = {
    "lip-n4": N4,
    "segment-n4": N4,
    "range-n4": N4,
    "range-hat": HAT,
    "thm6-tight": TIGHT,
    "thm6-unnormalised": UNNORMALISED,
    "grad-kink": KINK,
    "smooth-tight": TIGHT,
}


def unit_vector(chance: random.Random, dimension: int) -> list[Fraction]:
    """A rational vector of Euclidean norm 1, by inverse stereographic projection, entries in random order."""
    t = [Fraction(chance.randint(-3, 3), chance.randint(1, 2)) for _ in range(dimension - 1)]
    square = sum((a * a for a in t), Fraction(0))
    vector = [2 * a / (square + 1) for a in t] + [(square - 1) / (square + 1)]
    chance.shuffle(vector)
    return vector


def random_layers(chance: random.Random, widths: Sequence[int]) -> Network:
    """Small random fractions; ties and dead units are common."""

    def draw() -> Fraction:
        return Fraction(chance.randint(-3, 3), chance.randint(1, 3))

    weights = [[[draw() for _ in range(a)] for _ in range(b)] for a, b in pairwise(widths)]
    return Network.from_weights(weights, [[draw() for _ in range(b)] for b in widths[1:]])


def normalised(chance: random.Random, widths: Sequence[int]) -> Network:
    """Random, with unit rows in the first matrix and unit columns in the last: the hypotheses of Theorem 6 (i)."""
    net = random_layers(chance, widths)
    weights = [[list(row) for row in one.linear] for one in net.affine_maps]
    weights[0] = [unit_vector(chance, widths[0]) for _ in range(widths[1])]
    columns = [unit_vector(chance, widths[-1]) for _ in range(widths[-2])]
    weights[-1] = [list(row) for row in zip(*columns, strict=True)]
    return Network.from_weights(weights, [one.offset for one in net.affine_maps])
