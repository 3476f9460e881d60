"""C1 to C12 on networks that nobody chose: proved or not applicable, never refuted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from exactrelu.networks.network import Network
from exactrelu.theorems import THEOREMS, NotApplicable, Theorem, theorem

from .networks import DEGENERATE, small_networks

OURS = tuple(one for one in THEOREMS if int(one.name.split("-")[0][1:]) <= 12 and one.false_variant_of is None)
FALSE = tuple(one for one in THEOREMS if int(one.name.split("-")[0][1:]) <= 12 and one.false_variant_of is not None)


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.name)
def test_degenerate_networks(one: Theorem) -> None:
    """Dead units, repeated rows, one-unit layers, one input, other activations, no hidden layer."""
    for name, network in DEGENERATE.items():
        verdict = one.verify(network)
        assert verdict.status != "refuted", (name, verdict)
        assert verdict.lines


@pytest.mark.parametrize("one", FALSE, ids=lambda one: one.name)
def test_false_variants_answer_on_degenerate_networks(one: Theorem) -> None:
    """They are decided, or a hypothesis fails; they never break."""
    for network in DEGENERATE.values():
        assert one.verify(network).status in ("proved", "refuted", "not applicable")


@given(small_networks())
@settings(max_examples=25)
def test_random_networks(network: Network) -> None:
    """Never refuted."""
    for one in OURS:
        if one.name == "C11-refined-formula":
            continue  # a second or two for each network: tried below on fewer
        verdict = one.verify(network)
        assert verdict.status != "refuted", verdict


@given(small_networks())
@settings(max_examples=5)
def test_refined_lattice_formula_on_random_networks(network: Network) -> None:
    """After cutting by the order of the pieces the max-min formula holds."""
    assert theorem("C11-refined-formula").verify(network).status != "refuted"


@pytest.mark.parametrize(
    ("name", "network", "reason"),
    [
        ("C1-refinement", "linear", "the network has no hidden layer"),
        ("C2-motzkin", "one-unit-layers", "3 hidden layers"),
        ("C2-motzkin", "leaky", "unit 0 of hidden layer 0 has the activation"),
        ("C2-zero-conventions", "five-inputs", "5 inputs"),
        ("C4-path-bound", "duplicate-rows", "row 0 has squared norm 2"),
        ("C4-path-bound", "constant", "row 0 has squared norm 0"),
        ("C6-generic", "duplicate-rows", "are dependent"),
        ("C6-generic", "opposite-rows", "2 hyperplanes have a common point: [[1, 0], [-1, 0]]"),
        ("C6-count", "one-input", "the network has 2 hidden layers"),
        ("C7-montufar-lower", "always-active", ""),
        ("C7-montufar-lower", "three-inputs", "hidden widths (2,), 3 inputs"),
        ("C8-deep", "always-active", "the network has 2 inputs"),
        ("C9-homogeneous", "one-input", "unit 1 of hidden layer 0 has the bias 1"),
        ("C9-even", "zero-biases", "the network has 2 hidden layers"),
        ("C10-local-is-global", "two-outputs", "the network has 2 outputs"),
        ("C10-monotone-layers", "one-input", "entry (0, 1) of layer 1 is -1"),
        ("C12-square-layer", "always-active", "its rank is 1"),
        ("C12-square-layer", "one-input", "the network has 2 hidden layers"),
    ],
)
def test_the_failing_hypothesis_is_named(name: str, network: str, reason: str) -> None:
    """With the numbers that make it fail."""
    verdict = theorem(name).verify(DEGENERATE[network])
    if not reason:
        assert verdict.status == "proved"
        return
    assert isinstance(verdict, NotApplicable), verdict
    assert reason in verdict.reason
    assert verdict.hypothesis in {hypothesis.text for hypothesis in theorem(name).hypotheses}


def test_wrong_parameters_are_hypotheses() -> None:
    """A point of another length, a negative factor, a missing piece: not applicable, with the reason."""
    for name, parameters, reason in (
        ("C9-homogeneous", {"point": (1,)}, "the point has 1 coordinates and the network 2 inputs"),
        ("C9-homogeneous", {"factor": -1}, "the factor is -1"),
        ("C5-continuity-criterion", {"pieces": {}}, "there is no map, or no cell, for"),
    ):
        verdict = theorem(name).verify(DEGENERATE["zero-biases"], **parameters)
        assert isinstance(verdict, NotApplicable)
        assert reason in verdict.reason
