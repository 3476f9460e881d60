"""Networks that theorems are tried on: degenerate ones on purpose, and small random ones."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from exactrelu.networks.activations import Activation
from exactrelu.networks.network import Network
from exactrelu.theorems.examples import parse_network

DEGENERATE = {
    "linear": Network.from_weights([[[1, -2]]], [[3]]),
    "constant": parse_network("0 0 | 0 2"),
    "dead-unit": parse_network("1 0 0; 0 1 0; 0 0 -1 | 1 -1 5 0"),
    "dead-layer": parse_network("0 0 -1; 0 0 -1 | 0 0 -1; 0 0 -1 | 1 1 0"),
    "always-active": parse_network("0 0 1; 1 1 0 | 2 1 -1"),
    "zero-row-zero-bias": parse_network("0 0 0; 1 0 0 | 1 1 0"),
    "duplicate-rows": parse_network("1 1 0; 1 1 0; 2 2 0 | 1 -1 1 0"),
    "opposite-rows": parse_network("1 0; -1 0; 1 0 | 1 1 1 0"),
    "parallel-rows": parse_network("1 0 0; 1 0 -1; 1 0 -2 | 1 -2 1 0"),
    "one-unit-layers": parse_network("1 -1 | -1 2 | 1 -1 | 2 1"),
    "one-input": parse_network("1 0; -2 1 | 1 -1 0; 1 1 -1 | 1 2 0"),
    "coincident-deep": parse_network("1 0; -1 0 | 1 -1 0; -1 1 0 | 1 1 0"),
    "zero-biases": parse_network("1 2 0; -1 1 0 | 1 -1 0; 2 1 0 | 1 1 7"),
    "two-outputs": parse_network("1 0 0; 1 1 -1 | 1 -1 0; 2 1 1"),
    "three-inputs": parse_network("1 0 0 0; 0 1 1 -1 | 1 1 0"),
    "five-inputs": parse_network("1 1 0 0 0 0; 0 0 1 -1 0 1 | 1 1 0"),
    "leaky": Network.from_weights(
        [[[1, 1], [1, -1]], [[1, 2]]], [[0, 1], [0]], activations=[[Activation.of(["1/10", 1])] * 2]
    ),
    "absolute": Network.from_weights(
        [[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]], activations=[[Activation.of([-1, 1])] * 2]
    ),
    "half-linear": Network.from_weights(
        [[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]], activations=[[Activation.of([1, 1]), Activation.of([0, 1])]]
    ),
}


@st.composite
def small_networks(draw: st.DrawFn) -> Network:
    """Up to two hidden layers of up to three units, small rationals, many zeros and repeated rows."""
    widths = [draw(st.integers(1, 2)), *draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)), 1]
    numbers = st.sampled_from([0, 0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-3, 2)])
    weights = [[[draw(numbers) for _ in range(a)] for _ in range(b)] for a, b in pairwise(widths)]
    biases = [[draw(numbers) for _ in range(b)] for b in widths[1:]]
    return Network.from_weights(weights, biases)
