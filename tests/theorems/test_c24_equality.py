"""C24: equality of functions through the difference network."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.networks.builders import maximum, random_network
from exactrelu.networks.network import Network
from exactrelu.regions.equality import EqualFunctions
from exactrelu.theorems import NotApplicable, Proved, Refuted, c24_equality, theorem
from exactrelu.theorems.c24_equality import shallow_normal_form
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), hidden=st.lists(st.integers(1, 3), max_size=2), outputs=st.integers(1, 2))
def test_copies_are_equal_and_others_are_decided(seed: int, hidden: list[int], outputs: int) -> None:
    """The rescaled, permuted, padded copy equals the network; another random network is decided either way."""
    network = random_network([2, *hidden, outputs], seed=seed, height=2)
    copy = theorem("C24-difference").verify(network)
    assert isinstance(copy, Proved)
    assert copy.evidence["equal"] is True
    other = random_network([2, 2, outputs], seed=seed + 1, height=2)
    assert isinstance(theorem("C24-difference").verify(network, other=other), Proved)


def test_a_difference_of_one_weight_is_named() -> None:
    """2^-40 in one bias: not equal, with a point and both values."""
    network = example("count-hat")
    other = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [Fraction(1, 2**40)]])
    verdict = theorem("C24-difference").verify(network, other=other)
    assert isinstance(verdict, Proved)
    assert verdict.evidence["equal"] is False
    assert "have the values" in verdict.lines[1]


def test_what_is_not_applicable() -> None:
    """Different shapes; functions that differ; a deep network where one hidden layer is meant."""
    two = theorem("C24-difference").verify(maximum(2), other=maximum(3))
    assert isinstance(two, NotApplicable)
    unequal = theorem("C24-same-number-of-cells").verify(example("count-abs"), other=example("convex-c2"))
    assert isinstance(unequal, NotApplicable)
    assert "they have the values" in unequal.reason
    assert isinstance(theorem("C24-only-symmetries").verify(example("count-e2")), NotApplicable)


def test_the_normal_form_ignores_scale_order_and_zero_units() -> None:
    """And nothing else: a changed bias or a turned unit shows."""
    one = Network.from_weights([[[2, 0], [0, 1], [0, 0]], [[1, 1, 5]]], [[2, 0, 0], [0]])
    two = Network.from_weights([[[0, 3], [1, 0]], [["1/3", 2]]], [[0, 1], [0]])
    assert shallow_normal_form(one) == shallow_normal_form(two)
    for change in ([[0, 3], [-1, 0]], [[0, 3], [1, 1]]):
        assert shallow_normal_form(Network.from_weights([change, [["1/3", 2]]], [[0, 1], [0]])) != shallow_normal_form(
            one
        )


def test_an_enumerator_that_loses_cells_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the cells with a non-zero map are lost, the point with different values refutes the statement."""
    original = cells_of
    monkeypatch.setattr(
        c24_equality,
        "cells_of",
        lambda network: [r for r in original(network) if not any(map(any, r.affine_map.augmented.to_fractions()))],
    )
    verdict = theorem("C24-difference").verify(example("count-e2"), other=example("count-e2b"))
    assert isinstance(verdict, Refuted)


def test_a_decision_that_always_says_equal_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The values at the cells' witnesses differ."""
    monkeypatch.setattr(c24_equality, "decide_equality", lambda one, two: EqualFunctions(cells_of(one)))
    verdict = theorem("C24-difference").verify(example("count-e2"), other=example("count-e2b"))
    assert isinstance(verdict, Refuted)


def test_units_without_weights_are_listed_as_none() -> None:
    """A sentence, not a gap."""
    verdict = theorem("C24-only-symmetries").verify(Network.from_weights([[[0]], [[1]]], [[0], [0]]))
    assert verdict.lines[1] == "Up to scale the units (w, b, v) are none and none."
