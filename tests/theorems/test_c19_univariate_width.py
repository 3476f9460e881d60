"""C19: the least width of one hidden layer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.networks.activations import ABSOLUTE
from exactrelu.networks.builders import maximum, random_network, tent
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c19_univariate_width, theorem


@given(seed=st.integers(0, 10**6), hidden=st.lists(st.integers(1, 4), max_size=3))
def test_the_width_of_random_networks(seed: int, hidden: list[int]) -> None:
    """Deep and shallow, with dead and doubled units."""
    network = random_network([1, *hidden, 1], seed=seed, height=3)
    assert not isinstance(theorem("C19-minimal-width").verify(network), Refuted)
    assert not isinstance(theorem("C19-no-narrower").verify(network), Refuted)


def test_what_is_not_applicable() -> None:
    """Two inputs, two outputs, too many breakpoints; the lower bound is about one layer of ReLUs."""
    two_outputs = Network.from_weights([[[1], [1]]], [[0, 0]])
    for network in (maximum(2), two_outputs, tent(4)):
        assert isinstance(theorem("C19-minimal-width").verify(network), NotApplicable)
    bent = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE]])
    assert isinstance(theorem("C19-no-narrower").verify(bent), NotApplicable)
    assert theorem("C19-minimal-width").verify(bent).evidence["width"] == 2


def test_constants_and_affine_functions() -> None:
    """No unit and two units, also from networks whose units cancel."""
    cancelling = Network.from_weights([[[1], [1]], [[1, -1]]], [[0, 0], [3]])
    assert theorem("C19-minimal-width").verify(cancelling).evidence["width"] == 0
    assert theorem("C19-minimal-width").verify(Network.from_weights([[[5]]], [[1]])).evidence["width"] == 2


def test_a_wrong_width_and_a_wrong_network_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """One unit more than needed, and a network of the right width with another function."""
    original = c19_univariate_width.minimal_width
    for change in (
        lambda form: replace(original(form), width=original(form).width + 1),
        lambda form: replace(original(form), network=tent(1)),
    ):
        monkeypatch.setattr(c19_univariate_width, "minimal_width", change)
        absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        assert isinstance(theorem("C19-minimal-width").verify(absolute), Refuted)


def test_three_breakpoints_where_a_subset_fits() -> None:
    """Slope 2 at the left and jumps -1, 4, -1: the two outer units face left, three units suffice."""
    network = Network.from_weights([[[1], [1], [1], [1], [-1]], [[-1, 4, -1, 2, -2]]], [[0, -1, -2, 0, 0], [0]])
    verdict = theorem("C19-minimal-width").verify(network)
    assert isinstance(verdict, Proved)
    assert (verdict.evidence["width"], verdict.evidence["left_facing"]) == (3, (0, 2))
