"""Pairs of equal networks are equal: at drawn points, and as functions by the cells of their difference."""

from __future__ import annotations

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from exactrelu import Network, enumerate_regions
from exactrelu.errors import InputError
from exactrelu.networks.combining import difference
from exactrelu.strategies import CHANGES, activations, networks, pairs_of_equal_networks, vectors

# The first example will do: no shrinking.
FIRST = settings(phases=[Phase.generate], database=None)
TINY = networks(max_units=3, max_outputs=2)


def is_zero(network: Network) -> bool:
    """Whether a network is zero everywhere: on each of its cells the affine map is zero."""
    return all(not any(map(any, region.affine_map.augmented.numerators)) for region in enumerate_regions(network))


@pytest.mark.parametrize("change", CHANGES)
@given(data=st.data())
@settings(max_examples=10)
def test_each_change_keeps_the_function(change: str, data: st.DataObject) -> None:
    """The difference of the two networks vanishes on every cell."""
    pair = data.draw(pairs_of_equal_networks(TINY, change=change, max_changes=1))
    assert pair.changes == (change,)
    assert is_zero(difference(pair.first, pair.second))


@given(st.data())
def test_changes_in_a_row_keep_the_function_at_points(data: st.DataObject) -> None:
    """Also with other activations than ReLU, where changes allow it, and for several changes."""
    several = pairs_of_equal_networks(networks(activations=activations()), max_changes=4)
    pair = data.draw(several)
    for _ in range(4):
        point = data.draw(vectors(pair.first.n_inputs))
        assert pair.first(point) == pair.second(point)


def test_the_check_catches_a_forgotten_division() -> None:
    """Mutant: a unit scaled without its outgoing weight is another function."""
    one = Network.from_weights([[[1]], [[1]]], [[0], [0]])
    careless = Network.from_weights([[[2]], [[1]]], [[0], [0]])
    proper = Network.from_weights([[[2]], [["1/2"]]], [[0], [0]])
    assert not is_zero(difference(one, careless))
    assert is_zero(difference(one, proper))


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_can_change_something(change: str) -> None:
    """Some pair of each change has two different networks."""
    pair = find(pairs_of_equal_networks(change=change), lambda pair: pair.first != pair.second, settings=FIRST)
    assert pair.first != pair.second


def test_mistakes_are_named() -> None:
    """Unknown changes, and a network in place of a strategy."""
    with pytest.raises(InputError, match="change is 'twist'; choose one of 'any', 'rescale'"):
        pairs_of_equal_networks(change="twist")
    with pytest.raises(InputError, match="networks must be a strategy"):
        pairs_of_equal_networks(Network.from_weights([[[1]]], [[0]]))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="max_changes is 0"):
        pairs_of_equal_networks(max_changes=0)
