"""The image of a cell lies in the cone of active columns; the affine map elsewhere need not."""

from __future__ import annotations

import random

import pytest

from exactrelu.atoms.decomposition import Atoms
from exactrelu.atoms.image_cone import image_cone
from exactrelu.errors import ShapeError
from exactrelu.lp.evidence import Feasible, Infeasible
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions

from .networks import KINDS, N4, random_layers, random_point, random_widths


def test_values_at_witnesses() -> None:
    """At the witness of every half-open cell the value is in the cone, with checkable coefficients."""
    atoms = Atoms(N4)
    for region in enumerate_regions(N4, cells="half-open"):
        cone = image_cone(atoms.decompose(region.configuration))
        assert isinstance(cone.decide_membership(N4.evaluate(region.witness)), Feasible)


def test_random_networks_and_activations() -> None:
    """Also for leaky, absolute-value and linear units, at random points, ties included."""
    chance = random.Random(9)
    for kinds in (KINDS[:1], KINDS):
        for _ in range(25):
            net = random_layers(chance, random_widths(chance, 4, 3), kinds)
            x = random_point(chance, net.n_inputs)
            cone = image_cone(Atoms(net).at(x))
            assert isinstance(cone.decide_membership(net.evaluate(x)), Feasible)


def test_the_affine_map_elsewhere_leaves_the_cone() -> None:
    """False variant: for all x in space.  On N4 the map of 0011111 takes values outside its cone."""
    piece = Atoms(N4).decompose("0011111")
    cone = image_cone(piece)
    assert isinstance(cone.decide_membership(piece.affine_map([100, 0])), Infeasible)


def test_empty_support_is_one_value() -> None:
    """No active unit in the last hidden layer: the cone is its apex b^L."""
    net = Network.from_weights([[[1], [2]], [[1, 1]]], [[0, 0], [7]])
    cone = image_cone(Atoms(net).decompose("00"))
    assert isinstance(cone.decide_membership([7]), Feasible)
    assert isinstance(cone.decide_membership([8]), Infeasible)


def test_strictness() -> None:
    """For ReLU the coefficients are positive, so the apex is outside unless it is spanned otherwise."""
    net = Network.from_weights([[[1]], [[1]]], [[0], [7]])
    cone = image_cone(Atoms(net).decompose("1"))
    assert isinstance(cone.decide_membership([7]), Infeasible)
    assert isinstance(cone.decide_membership([8]), Feasible)


def test_a_value_of_another_length_is_refused() -> None:
    """Both numbers are named."""
    cone = image_cone(Atoms(N4).at([1, 1]))
    for value in ([], [1, 2]):
        with pytest.raises(ShapeError, match=f"value has {len(value)} entries; the network has 1 outputs"):
            cone.decide_membership(value)
