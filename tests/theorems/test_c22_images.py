"""C22: ranks of pieces and the cone of their values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.networks.activations import ABSOLUTE
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c22_images, theorem
from exactrelu.theorems.examples import example


@given(seed=st.integers(0, 10**6), widths=st.lists(st.integers(1, 3), min_size=3, max_size=5))
def test_rank_and_cone_of_random_networks(seed: int, widths: list[int]) -> None:
    """Both, for any number of outputs."""
    network = random_network(widths, seed=seed, height=2)
    assert isinstance(theorem("C22-rank").verify(network), Proved)
    assert isinstance(theorem("C22-cone").verify(network), Proved)


def test_a_dead_network_has_one_value() -> None:
    """No active unit: rank 0 and the value b^L."""
    network = Network.from_weights([[[0]], [[1], [2]]], [[-1], [3, 4]])
    assert theorem("C22-rank").verify(network).evidence["constants"] == (("0", (Fraction(3), Fraction(4))),)
    assert theorem("C22-cone").verify(network).lines == ("0: no active unit, the single value b^L.",)


def test_what_is_not_applicable() -> None:
    """No hidden layer, or a unit that is no ReLU."""
    bent = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE]])
    for network in (bent, Network.from_weights([[[1]]], [[0]])):
        for name in ("C22-rank", "C22-cone", "C22-map-in-cone"):
            assert isinstance(theorem(name).verify(network), NotApplicable)


def test_a_wrong_coefficient_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An offset of 2^-40 in one c_i, and a missing active unit."""
    original = c22_images._active_forms
    tiny = Fraction(1, 2**40)
    monkeypatch.setattr(
        c22_images, "_active_forms", lambda piece: {i: (*f[:-1], f[-1] + tiny) for i, f in original(piece).items()}
    )
    assert isinstance(theorem("C22-cone").verify(example("count-n4")), Refuted)
    monkeypatch.setattr(c22_images, "_active_forms", lambda piece: dict(list(original(piece).items())[1:]))
    assert isinstance(theorem("C22-cone").verify(example("count-n4")), Refuted)
