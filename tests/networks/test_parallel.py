"""Networks side by side: the function is the pair of functions, whatever the depths."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InputError, ShapeError
from exactrelu.networks.activations import ABSOLUTE, RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.combining import parallel, precompose
from exactrelu.networks.network import Network

AFFINE = Network.from_weights([[["1/2", 1]]], [["1/3"]])
SHALLOW = Network.from_weights([[[1], [-1]], [[1, 1], [2, "1/5"]]], [[0, 0], [1, 0]])
DEEP = Network.from_weights(
    [[[1, 1], [2, -1]], [[1, -1]], [[3]]], [[0, "1/7"], [1], [0]], activations=[[RELU, ABSOLUTE], [RELU]]
)
numbers = st.fractions(min_value=-3, max_value=3, max_denominator=5)


@given(st.permutations([AFFINE, SHALLOW, DEEP, SHALLOW]), st.data())
def test_the_value_is_the_tuple_of_values(networks: list[Network], data: st.DataObject) -> None:
    """parallel(f, g, ...)(x, y, ...) is f(x), g(y), ... for any order of depths."""
    combined = parallel(networks)
    inputs = [data.draw(st.lists(numbers, min_size=n.n_inputs, max_size=n.n_inputs)) for n in networks]
    expected = [value for network, x in zip(networks, inputs, strict=True) for value in network.evaluate(x)]
    assert combined.evaluate([value for x in inputs for value in x]) == tuple(expected)


def test_units_keep_their_layers() -> None:
    """Only units with a breakpoint count, and each stays in its layer: lengthening adds none."""
    combined = parallel([SHALLOW, DEEP])
    assert combined.n_units == SHALLOW.n_units + DEEP.n_units
    assert [len(r) for r in combined.layer_units] == [4, 1]
    assert combined.widths == (3, 4, 3, 3)


def test_one_network_is_itself_and_none_is_refused() -> None:
    """A single network needs no combination."""
    assert parallel([DEEP]) is DEEP
    with pytest.raises(InputError, match="empty"):
        parallel([])


def test_a_swap_of_the_networks_is_seen() -> None:
    """The order matters: a combination in the wrong order has other values."""
    one, two = [Fraction(1)], [Fraction(2), Fraction(3)]
    assert parallel([SHALLOW, AFFINE]).evaluate(one + two) != parallel([AFFINE, SHALLOW]).evaluate(two + one)


@pytest.mark.parametrize("network", [AFFINE, DEEP])
def test_precomposition(network: Network) -> None:
    """precompose(f, g)(x) is f(g(x)); a misfit is refused."""
    inner = AffineMap.from_parts([[1, 2, 3], [0, "1/2", 0]], [1, -1])
    point = [Fraction(1, 3), Fraction(-2), Fraction(5)]
    assert precompose(network, inner).evaluate(point) == network.evaluate(inner(point))
    with pytest.raises(ShapeError):
        precompose(network, AffineMap.identity(3))
