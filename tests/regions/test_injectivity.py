"""Injectivity of layers and of deep networks, with a collision or a complete set of certificates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import ShapeError
from exactrelu.networks.activations import RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.builders import absolute_value, identity_chain, random_network
from exactrelu.networks.network import Layer, Network
from exactrelu.regions.injectivity import Collision, Injective, decide_injectivity, layer_deficiencies


def one_layer(rows: list[list[int]], bias: list[int]) -> Network:
    """x -> relu(W x + b)."""
    affine = AffineMap.from_parts(rows, bias)
    return Network((Layer(affine, (RELU,) * len(rows)),), AffineMap.identity(len(rows)))


LAYERS = [
    ([[1, 0], [0, 1], [-1, 0], [0, -1]], [0, 0, 0, 0], True),
    ([[1, 0], [0, 1], [-1, -1]], [0, 0, 0], False),
    ([[1, 0], [1, 1], [-1, 1], [-1, -1], [1, -1]], [0] * 5, True),
    ([[1], [-1]], [5, -1], True),
    ([[1], [-1]], [-1, -1], False),
    ([[1], [-1]], [1, 1], True),
    ([[1]], [0], False),
    ([[0]], [1], False),
]


@pytest.mark.parametrize(("rows", "bias", "injective"), LAYERS)
def test_the_rank_criterion_and_the_programs_agree(rows: list[list[int]], bias: list[int], injective: bool) -> None:
    """The worked layers, by the criterion and by pairs of cells."""
    network = one_layer(rows, bias)
    assert (layer_deficiencies(network.affine_maps[0]) == ()) is injective
    answer = decide_injectivity(network)
    assert isinstance(answer, Injective) is injective
    assert (answer.defect() if isinstance(answer, Injective) else answer.defect(network)) is None


@given(seed=st.integers(0, 10**6), inputs=st.integers(1, 2), width=st.integers(1, 4))
def test_the_two_methods_agree_on_random_layers(seed: int, inputs: int, width: int) -> None:
    """A layer is injective by the criterion iff no two points collide."""
    affine = random_network([inputs, width], seed=seed, height=2).output
    network = Network((Layer(affine, (RELU,) * width),), AffineMap.identity(width))
    answer = decide_injectivity(network)
    assert isinstance(answer, Injective) == (layer_deficiencies(affine) == ())
    assert (answer.defect() if isinstance(answer, Injective) else answer.defect(network)) is None


@given(seed=st.integers(0, 10**6), widths=st.lists(st.integers(1, 3), min_size=1, max_size=2))
def test_an_answer_about_a_deep_network_proves_itself(seed: int, widths: list[int]) -> None:
    """Collisions are two points with one value; certificates are complete and valid."""
    network = random_network([1, *widths, 2], seed=seed, height=2)
    answer = decide_injectivity(network)
    assert (answer.defect() if isinstance(answer, Injective) else answer.defect(network)) is None


def test_full_rank_on_every_cell_is_not_enough() -> None:
    """|x| has rank 1 on both cells, and a collision."""
    answer = decide_injectivity(absolute_value())
    assert isinstance(answer, Collision)
    assert answer.one == tuple(-a for a in answer.two)


def test_a_layer_that_is_not_injective_may_stand_in_an_injective_network() -> None:
    """relu(x), relu(-x) followed by another relu of both is injective, the second layer alone is not."""
    network = Network.from_weights([[[1], [-1]], [[1, 0], [0, 1]], [[1, 0], [0, 1]]], [[0, 0]] * 3)
    assert isinstance(decide_injectivity(network), Injective)
    assert layer_deficiencies(network.affine_maps[1]) != ()


def test_networks_without_hidden_layer() -> None:
    """An affine map is injective iff its kernel is zero; a constant is not."""
    assert isinstance(decide_injectivity(Network.from_weights([[[1, 2], [0, 1]]], [[0, 0]])), Injective)
    assert isinstance(decide_injectivity(Network.from_weights([[[1, 2], [2, 4]]], [[0, 0]])), Collision)
    assert isinstance(decide_injectivity(Network.from_weights([[[0]]], [[3]])), Collision)
    assert isinstance(decide_injectivity(identity_chain(2)), Collision)


def test_tampered_evidence_is_rejected() -> None:
    """A missing separation, a changed multiplier, and a collision that is none."""
    answer = decide_injectivity(one_layer([[1], [-1]], [5, -1]))
    assert isinstance(answer, Injective)
    assert replace(answer, separations=answer.separations[1:]).defect() is not None
    first = answer.separations[0]
    wrong = replace(first.certificate, multipliers=tuple(y + 1 for y in first.certificate.multipliers))
    assert replace(answer, separations=(replace(first, certificate=wrong), *answer.separations[1:])).defect()
    zero, one = (Fraction(0),), (Fraction(1),)
    assert Collision(zero, zero, zero).defect(absolute_value()) == "the two points are the same"
    assert Collision(zero, one, zero).defect(absolute_value()) == "the values differ"


def test_a_layer_without_input_is_refused() -> None:
    """There is nothing to map."""
    with pytest.raises(ShapeError, match="no input"):
        layer_deficiencies(AffineMap.from_parts([[]], [1], n_inputs=0))
