"""Small networks and sample points for the tests of this folder."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions
from exactrelu.representations.pieces import PiecewiseAffine

N4 = Network.from_weights(
    [[[1, 2], [-1, 1], [3, 0]], [[1, -1, 2], [2, 1, 0]], [[1, 1], [-1, 3]], [[1, 2]]],
    [[1, 0, -1], [0, 1], [-1, 0], [5]],
    name="n4",
)
VECTOR = Network.from_weights(
    [[["1/2", -1], [2, "-1/3"]], [[1, "-3/7"], [0, 1]]],
    [[0, "1/5"], [-1, "2/3"]],
    activations=[[RELU, Activation(Fraction(1, 10), Fraction(1))]],
)
MIXED = Network.from_weights(
    [[[1], [1], [2]], [[1, -1, 1]]], [[0, -1, 1], [0]], activations=[[ABSOLUTE, IDENTITY, RELU]]
)
AFFINE = Network.from_weights([[[2, -1]]], [["1/2"]])
NETWORKS = {"n4": N4, "two outputs": VECTOR, "other activations": MIXED, "affine": AFFINE}


def written_out(net: Network, domain: HPolyhedron | None = None) -> PiecewiseAffine:
    """All pieces of a network."""
    return PiecewiseAffine.of_enumeration(enumerate_regions(net, domain))


def points(net: Network, count: int = 12) -> list[tuple[Fraction, ...]]:
    """Sample points with small fractions, the origin first."""
    chance = random.Random(80)
    return [(Fraction(0),) * net.n_inputs] + [
        tuple(Fraction(chance.randint(-9, 9), chance.randint(1, 4)) for _ in range(net.n_inputs)) for _ in range(count)
    ]


def random_layers(chance: random.Random, widths: list[int]) -> Network:
    """Small random integers, degenerate more often than not."""
    weights = [[[chance.randint(-2, 2) for _ in range(a)] for _ in range(b)] for a, b in pairwise(widths)]
    return Network.from_weights(weights, [[chance.randint(-2, 2) for _ in range(b)] for b in widths[1:]])
