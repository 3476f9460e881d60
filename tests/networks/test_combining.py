"""Padding and subtracting networks changes no value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InputError, ShapeError
from exactrelu.networks.builders import maximum, random_network, tent
from exactrelu.networks.combining import difference, padded
from exactrelu.networks.network import Network

SEEDS = st.integers(0, 10**6)
SHAPES = st.lists(st.integers(1, 3), max_size=3)


@given(seed=SEEDS, hidden=SHAPES, more=st.integers(0, 2), relu_only=st.booleans())
def test_padding_keeps_every_value(seed: int, hidden: list[int], more: int, relu_only: bool) -> None:
    """The padded network has the asked number of hidden layers and the same values."""
    network = random_network([2, *hidden, 2], seed=seed, height=3)
    longer = padded(network, len(hidden) + more, relu_only=relu_only)
    assert len(longer.hidden) == len(hidden) + more
    assert longer.n_units == network.n_units + (4 * more if relu_only else 0)
    for point in ([0, 0], [1, -2], ["-1/3", 5]):
        assert longer(point) == network(point)


@given(seed=SEEDS, one=SHAPES, two=SHAPES)
def test_the_difference_is_the_difference_of_values(seed: int, one: list[int], two: list[int]) -> None:
    """(one - two)(x) = one(x) - two(x), for networks of any two depths."""
    left = random_network([2, *one, 2], seed=seed, height=3)
    right = random_network([2, *two, 2], seed=seed + 1, height=3)
    both = difference(left, right)
    assert both.n_units == left.n_units + right.n_units
    for point in ([0, 0], [1, -2], ["-1/3", 5]):
        assert both(point) == tuple(a - b for a, b in zip(left(point), right(point), strict=True))


def test_networks_of_different_shapes_are_refused() -> None:
    """Another number of inputs or outputs, and a depth below the network's own."""
    with pytest.raises(ShapeError, match="inputs"):
        difference(maximum(2), maximum(3))
    with pytest.raises(ShapeError, match="outputs"):
        difference(Network.from_weights([[[1]]], [[0]]), Network.from_weights([[[1], [1]]], [[0, 0]]))
    with pytest.raises(InputError, match="2 hidden layers"):
        padded(tent(2), 1)
