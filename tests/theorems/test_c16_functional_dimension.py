"""C16: functional dimension by two methods, its bound, and what changes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.networks.activations import ABSOLUTE
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c16_functional_dimension, theorem
from exactrelu.theorems.c16_functional_dimension import rank_by_gradients
from exactrelu.theorems.examples import example
from exactrelu.varieties.functional_dimension import functional_dimension


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 2), hidden=st.lists(st.integers(1, 3), min_size=1, max_size=2))
def test_the_bound_and_the_invariance_hold(seed: int, n: int, hidden: list[int]) -> None:
    """Both on random networks, many of them degenerate."""
    network = random_network([n, *hidden, 1], seed=seed, height=2)
    assert isinstance(theorem("C16-bound").verify(network), Proved)
    assert isinstance(theorem("C16-invariance").verify(network), Proved)


def test_several_outputs_and_a_unit_that_is_zero_on_a_cell() -> None:
    """The two methods agree where the second layer has no bias and dead inputs."""
    network = Network.from_weights([[[1], [1]], [[1, 2]], [[1], [2]]], [[0, -1], [0], [0, 0]])
    assert rank_by_gradients(network) == functional_dimension(network).value


def test_other_units_are_not_covered() -> None:
    """The definition is for ReLU units; a network without hidden layer has no cells to speak of."""
    network = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE]])
    assert isinstance(theorem("C16-bound").verify(network), NotApplicable)
    assert isinstance(theorem("C16-bound").verify(Network.from_weights([[[1]]], [[0]])), NotApplicable)


def test_the_false_variant_takes_another_network() -> None:
    """Two generic networks of the same widths satisfy it; other widths do not fit."""
    false = theorem("C16-architecture")
    one, two = (random_network([1, 2, 1], seed=seed, height=64) for seed in (2, 3))
    assert isinstance(false.verify(one, other=two), Proved)
    assert isinstance(false.verify(one, other=example("fundim-dead")), NotApplicable)


def test_a_wrong_rank_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many or too few disagrees with the gradients."""
    for change in (1, -1):
        monkeypatch.setattr(
            c16_functional_dimension,
            "functional_dimension",
            lambda network, change=change: replace(found := functional_dimension(network), value=found.value + change),
        )
        assert isinstance(theorem("C16-bound").verify(example("fundim-1-2-2-1")), Refuted)
