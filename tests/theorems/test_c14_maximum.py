"""C14: which networks compute the maximum, with a dual certificate for every comparison."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.networks.builders import absolute_value, maximum, random_network
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions
from exactrelu.theorems import NotApplicable, Proved, Refuted, c14_maximum, theorem
from exactrelu.theorems.c14_maximum import dominance


@pytest.mark.parametrize("relu_only", [True, False])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_tournaments(n: int, relu_only: bool) -> None:
    """Both tournaments, from one number on, compute the maximum in ceil(log2 n) hidden layers."""
    verdict = theorem("C14-tournament").verify(maximum(n, relu_only=relu_only))
    assert isinstance(verdict, Proved)
    assert verdict.evidence["is_max"]


def test_a_network_that_is_no_tournament() -> None:
    """|x| has one input and is not the tournament of one number."""
    assert isinstance(theorem("C14-tournament").verify(absolute_value()), NotApplicable)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 3), hidden=st.lists(st.integers(1, 3), max_size=2))
def test_the_criterion_agrees_with_the_difference(seed: int, n: int, hidden: list[int]) -> None:
    """On random networks cells and difference network give the same answer."""
    assert isinstance(theorem("C14-dominance").verify(random_network([n, *hidden, 1], seed=seed, height=2)), Proved)


def test_tampered_proofs_are_rejected() -> None:
    """Another coordinate, a missing certificate, another cell's certificate."""
    regions = list(enumerate_regions(maximum(3)))
    proofs = [dominance(region) for region in regions]
    for region, proof in zip(regions, proofs, strict=True):
        assert proof is not None
        assert proof.defect(region) is None
        assert replace(proof, coordinate=(proof.coordinate + 1) % 3).defect(region) is not None
        assert replace(proof, proofs=dict(list(proof.proofs.items())[1:])).defect(region) is not None
    swapped = replace(proofs[0], proofs={k: proofs[-1].proofs.get(k, d) for k, d in proofs[0].proofs.items()})
    assert swapped.defect(regions[0]) is not None


def test_a_criterion_that_forgets_a_comparison_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """With proofs for every network, the minimum is taken for the maximum and the statement is refuted."""
    minimum = Network.from_weights([[[-1, 1], [0, 1], [0, -1]], [[-1, 1, -1]]], [[0, 0, 0], [0]])
    assert isinstance(theorem("C14-dominance").verify(minimum), Proved)
    monkeypatch.setattr(c14_maximum, "_proofs", lambda network: ())
    assert isinstance(theorem("C14-dominance").verify(minimum), Refuted)


def test_one_input_needs_one_hidden_layer() -> None:
    """Deep, dead, constant and affine networks of one input all have a shallow network."""
    deep = random_network([1, 3, 3, 3, 1], seed=5, height=3)
    constant = Network.from_weights([[[0]], [[1]]], [[0], [4]])
    for network in (deep, constant, Network.from_weights([[[3]]], [[1]])):
        assert isinstance(theorem("C14-one-input").verify(network), Proved)


def max5() -> Network:
    """The network with two hidden layers for the maximum of five numbers."""
    return next(one.build() for one in theorem("C14-log-needed").instances if one.id == "max5-two-layers")


def test_five_numbers_in_two_hidden_layers() -> None:
    """The network, and the formula in the module's description, are the maximum on all weak orders of five numbers."""
    network = max5()
    assert network.widths == (5, 10, 8, 1)
    for x in product(range(5), repeat=5):
        m = {(i, j): max(x[i], x[j]) for i in range(5) for j in range(5)}
        units = (
            x[1] - m[3, 4],
            m[0, 1] + m[1, 2] - 2 * m[0, 2],
            m[0, 1] + m[1, 4] - m[1, 2] - m[1, 3],
            m[0, 1] + m[3, 4] - m[0, 2] - m[1, 3],
            m[0, 2] - m[3, 4],
            m[0, 2] + m[1, 4] - m[1, 2] - m[3, 4],
        )
        weights = (2, 1, 2, -2, 4, -2)
        formula = 4 * m[3, 4] + sum(v * max(u, 0) for v, u in zip(weights, units, strict=True))
        assert formula == 4 * max(x) == 4 * network([a - 2 for a in x])[0] + 8


def test_a_changed_weight_is_not_the_maximum() -> None:
    """2^-40 in one weight of the network for five numbers, and the hypothesis names a cell."""
    network = max5()
    weights = [[list(row) for row in affine.linear] for affine in network.affine_maps]
    weights[2][0][3] += Fraction(1, 2**40)
    changed = Network.from_weights(weights, [affine.offset for affine in network.affine_maps])
    verdict = theorem("C14-log-needed").verify(changed)
    assert isinstance(verdict, NotApplicable)
    assert "not the largest coordinate" in verdict.reason


def test_other_pieces_than_coordinates_are_outside_the_false_variant() -> None:
    """Nothing is proved of them: one piece is no coordinate, or a coordinate is no piece."""
    half = Network.from_weights([[["1/2", "1/2"]]], [[0]])
    first = Network.from_weights([[[1, 0]]], [[0]])
    for network, reason in ((half, "is no coordinate"), (first, "x1 is no piece")):
        verdict = theorem("C14-coordinates").verify(network)
        assert isinstance(verdict, NotApplicable)
        assert reason in verdict.reason
