"""Networks of the theory, written out, and random ones with units of every kind."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.network import Network

N4 = Network.from_weights(
    [[[1, 2], [-1, 1], [3, 0]], [[1, -1, 2], [2, 1, 0]], [[1, 1], [-1, 3]], [[1, 2]]],
    [[1, 0, -1], [0, 1], [-1, 0], [5]],
    name="n4",
)
E2 = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]], [[1]]], [[0, 0], [-1], [0]], name="e2")

KINDS = (
    RELU,
    RELU,
    IDENTITY,
    ABSOLUTE,
    Activation(Fraction(1, 10), Fraction(1)),
    Activation(Fraction(-1, 2), Fraction(0)),
)


def random_layers(chance: random.Random, widths: Sequence[int], kinds: Sequence[Activation] = (RELU,)) -> Network:
    """Small random fractions; zero rows, ties and dead units are common."""

    def draw() -> Fraction:
        return Fraction(chance.randint(-3, 3), chance.randint(1, 3))

    weights = [[[draw() for _ in range(a)] for _ in range(b)] for a, b in pairwise(widths)]
    biases = [[draw() for _ in range(b)] for b in widths[1:]]
    activations = [[chance.choice(kinds) for _ in range(b)] for b in widths[1:-1]]
    return Network.from_weights(weights, biases, activations=activations)


def random_widths(chance: random.Random, deepest: int, widest: int) -> list[int]:
    """Input, one to `deepest` - 1 hidden layers, output."""
    return [chance.randint(1, widest) for _ in range(chance.randint(2, deepest) + 1)]


def random_point(chance: random.Random, dimension: int) -> tuple[Fraction, ...]:
    """A point with small fractions, often on a hyperplane."""
    return tuple(Fraction(chance.randint(-4, 4), chance.randint(1, 2)) for _ in range(dimension))
