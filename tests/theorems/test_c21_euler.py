"""C21: the Euler relation, with the faces found twice."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.regions.complex.complex import subdivide
from exactrelu.theorems import NotApplicable, Proved, Refuted, c21_euler, theorem
from exactrelu.theorems.c21_euler import f_vector_by_search
from exactrelu.theorems.examples import example


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 3), hidden=st.lists(st.integers(1, 3), max_size=2))
def test_the_relation_on_random_networks(seed: int, n: int, hidden: list[int]) -> None:
    """Both methods find the same faces, and the sum is (-1)^n."""
    assert isinstance(theorem("C21-euler").verify(random_network([n, *hidden, 1], seed=seed, height=2)), Proved)


@pytest.mark.parametrize(
    ("weights", "biases", "f_vector"),
    [
        ([[[1, 2]]], [[0]], (0, 0, 1)),
        ([[[0, 0]], [[1]]], [[0], [0]], (0, 0, 1)),
        ([[[1], [1], [-1]], [[1, 1, 1]]], [[-1, -1, 1], [0]], (1, 2)),
        ([[[1]], [[0]], [[1]]], [[0], [0], [0]], (1, 2)),
    ],
)
def test_degenerate_networks(weights: list, biases: list, f_vector: tuple[int, ...]) -> None:
    """No unit, a dead unit, duplicates and opposites, a unit that is zero everywhere."""
    verdict = theorem("C21-euler").verify(Network.from_weights(weights, biases))
    assert isinstance(verdict, Proved)
    assert verdict.evidence["f_vector"] == f_vector


def test_units_of_other_kinds() -> None:
    """Linear units have no sign; an absolute value has one."""
    network = Network.from_weights(
        [[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, 0], [0]], activations=[[RELU, IDENTITY, ABSOLUTE]]
    )
    assert f_vector_by_search(network) == subdivide(network).f_vector == (1, 4, 4)


def test_many_inputs_are_not_attempted() -> None:
    """All faces of a network with many inputs are too many."""
    assert isinstance(theorem("C21-euler").verify(Network.from_weights([[[1] * 9]], [[0]])), NotApplicable)


@pytest.mark.parametrize("f_vector", [(3, 9, 6), (3, 9, 8), (2, 9, 7), (3, 8, 6), (4, 10, 7)])
def test_a_missing_or_doubled_face_is_caught(monkeypatch: pytest.MonkeyPatch, f_vector: tuple[int, ...]) -> None:
    """Also where two mistakes cancel in the sum."""
    monkeypatch.setattr(c21_euler, "complex_of", lambda network: SimpleNamespace(f_vector=f_vector))
    assert isinstance(theorem("C21-euler").verify(example("count-g3")), Refuted)
