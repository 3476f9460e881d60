"""C17: rescaling and permutation, and what they are not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU
from exactrelu.networks.builders import maximum, random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c17_symmetries, theorem
from exactrelu.theorems.examples import example
from exactrelu.varieties.symmetries import rescale_neuron


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 2),
    hidden=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    factor=st.fractions(min_value=Fraction(1, 9), max_value=9, max_denominator=9),
)
def test_symmetries_of_random_networks(seed: int, n: int, hidden: list[int], factor: Fraction) -> None:
    """Every layer's first unit, and every layer backwards."""
    network = random_network([n, *hidden, 1], seed=seed, height=2)
    for layer, width in enumerate(hidden):
        subject = {"layer": layer, "neuron": 0, "factor": factor}
        assert isinstance(theorem("C17-rescaling").verify(network, **subject), Proved)
        order = tuple(range(width))[::-1]
        assert isinstance(theorem("C17-permutation").verify(network, layer=layer, order=order), Proved)


def test_linear_units_have_no_bit() -> None:
    """A permutation that mixes linear and bent units permutes the bits of the bent ones."""
    network = Network.from_weights(
        [[[1], [1], [-1]], [[1, 2, 3]]], [[0, 1, 2], [0]], activations=[[RELU, IDENTITY, ABSOLUTE]]
    )
    assert isinstance(theorem("C17-permutation").verify(network, layer=0, order=(2, 0, 1)), Proved)
    assert isinstance(theorem("C17-permutation").verify(maximum(3)), Proved)


def test_a_dead_unit_may_be_turned() -> None:
    """A unit with outgoing weight zero may have any factor, so the false variant happens to hold."""
    network = Network.from_weights([[[1], [1]], [[1, 0]]], [[0, -1], [0]])
    assert isinstance(theorem("C17-negative-rescaling").verify(network), Proved)
    assert isinstance(theorem("C17-negative-rescaling").verify(network, neuron=0), Refuted)


def test_what_is_not_applicable() -> None:
    """No hidden layer, no such unit, a factor that is not positive, no permutation."""
    network = example("count-n4")
    affine = Network.from_weights([[[1]]], [[0]])
    for name in ("C17-rescaling", "C17-permutation", "C17-negative-rescaling"):
        assert isinstance(theorem(name).verify(affine), NotApplicable)
    for subject in ({"neuron": 3}, {"layer": 3}, {"factor": Fraction(0)}):
        assert isinstance(theorem("C17-rescaling").verify(network, **subject), NotApplicable)
    for subject in ({"order": (0, 0, 1)}, {"layer": 7}):
        assert isinstance(theorem("C17-permutation").verify(network, **subject), NotApplicable)


def test_a_rescaling_that_forgets_the_outgoing_weights_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function then differs at a point that the refutation names."""

    def careless(network: Network, layer: int, neuron: int, factor: object) -> Network:
        right = rescale_neuron(network, layer, neuron, factor)
        return Network(right.hidden, network.output)

    monkeypatch.setattr(c17_symmetries, "rescale_neuron", careless)
    assert isinstance(theorem("C17-rescaling").verify(example("count-hat")), Refuted)
