"""C15: injectivity of layers and networks, both sides decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.networks.builders import absolute_value, identity_chain, maximum, random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c15_injectivity, theorem
from exactrelu.theorems.examples import example


@given(seed=st.integers(0, 10**6), n=st.integers(1, 2), width=st.integers(1, 4))
def test_the_criterion_holds_for_random_layers(seed: int, n: int, width: int) -> None:
    """Rank on every cell and programs over pairs of cells agree."""
    assert isinstance(theorem("C15-layer").verify(random_network([n, width, 1], seed=seed, height=2)), Proved)


@given(seed=st.integers(0, 10**6), hidden=st.lists(st.integers(1, 4), min_size=1, max_size=2))
def test_true_statements_are_never_refuted(seed: int, hidden: list[int]) -> None:
    """Layerwise injectivity and ranks on random deep networks with as many outputs as hidden units."""
    network = random_network([1, *hidden, hidden[-1]], seed=seed, height=2)
    for name in ("C15-layerwise", "C15-ranks-necessary"):
        assert not isinstance(theorem(name).verify(network), Refuted)


def test_degenerate_layers() -> None:
    """A single unit, a zero row, a duplicate and a dead unit are not injective; a doubled injective layer is."""
    for rows, bias in (([[1]], [0]), ([[0]], [1]), ([[1], [1]], [0, 0]), ([[1], [0]], [0, -1])):
        network = Network.from_weights([rows, [[1] * len(rows)]], [bias, [0]])
        verdict = theorem("C15-layer").verify(network)
        assert isinstance(verdict, Proved)
        assert verdict.evidence["injective"] is False
    doubled = Network.from_weights([[[1], [-1], [1], [-1], [0]], [[1] * 5]], [[0] * 5, [0]])
    assert theorem("C15-layer").verify(doubled).evidence["injective"] is True


def test_hypotheses_say_why() -> None:
    """|x| is not injective: the two points are in the reason; too many cells are refused."""
    verdict = theorem("C15-ranks-necessary").verify(absolute_value())
    assert isinstance(verdict, NotApplicable)
    assert "(-1/2) and (1/2)" in verdict.reason
    layered = theorem("C15-layerwise").verify(identity_chain(2))
    assert isinstance(layered, NotApplicable)
    assert "rank 0 < 1" in layered.reason
    many = random_network([2, 12, 1], seed=0)
    assert "cells" in theorem("C15-layer").verify(many).reason
    assert isinstance(theorem("C15-layerwise").verify(Network.from_weights([[[1]]], [[0]])), NotApplicable)


def test_the_output_map_belongs_to_the_layers() -> None:
    """relu(x), relu(-x) is injective, but an output matrix of rank 1 is not."""
    network = Network.from_weights([[[1], [-1]], [[1, 1], [2, 2]]], [[0, 0], [0, 0]])
    assert "output matrix has rank 1 < 2" in theorem("C15-layerwise").verify(network).reason


def test_a_criterion_without_ranks_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """If deficient cells are overlooked, the linear programs refute the statement."""
    monkeypatch.setattr(c15_injectivity, "layer_deficiencies", lambda layer: ())
    assert isinstance(theorem("C15-layer").verify(example("injective-three")), Refuted)


def test_a_maximum_is_not_injective() -> None:
    """It has two inputs and one output, so the rank is too small on every cell."""
    assert isinstance(theorem("C15-ranks-suffice").verify(maximum(2)), NotApplicable)
