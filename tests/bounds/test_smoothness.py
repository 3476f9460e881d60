"""(3.2) and (13) to (15): bounds hold on random networks, are attained, and changed ones are refuted."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.bounds.gradients import back_propagate
from exactrelu.bounds.norms import spectral_norm_squared
from exactrelu.bounds.smoothness import magnitude_bounds, smoothness_bounds, weight_smoothness
from exactrelu.errors import InputError
from exactrelu.networks.activations import Activation
from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions

from .networks import HAT, KINK, N4, TIGHT, random_layers


def test_magnitude_on_random_networks() -> None:
    """Every layer's largest gradient entry is within (3.2), under both conventions, at kinks too."""
    chance = random.Random(50)
    pairs = 0
    for _ in range(60):
        net = random_layers(chance, [chance.randint(1, 3) for _ in range(chance.randint(3, 6))])
        x = [chance.randint(-2, 2) for _ in range(net.n_inputs)]
        gradient = [chance.randint(-3, 3) for _ in range(net.n_outputs)]
        for side in (0, 1):
            bounds = magnitude_bounds(net, x, gradient, at_zero=side)
            assert all(bound.holds for bound in bounds)
            assert bounds[-1].value == bounds[-1].bound
            pairs += len(bounds)
    assert pairs > 300


def test_magnitude_is_attained_and_no_less_will_do() -> None:
    """All weights 1, all units active: equality in every layer; leaving out one factor s would be false."""
    net = Network.from_weights([[[1]] * 2, [[1, 1]] * 2, [[1, 1]] * 2, [[1, 1]]], [[0, 0]] * 3 + [[0]])
    bounds = magnitude_bounds(net, [1], [1])
    assert [(b.value, b.bound) for b in bounds] == [(4, 4), (2, 2), (2, 2), (4, 4)]
    assert bounds[0].value > bounds[0].bound / 2


def test_the_convention_matters_for_the_count() -> None:
    """(3.2) counts units by the convention of the gradient: with that of configurations it would fail at a kink."""
    one = magnitude_bounds(KINK, [1], lambda y: y, at_zero=1)[0]
    zero = magnitude_bounds(KINK, [1], lambda y: y, at_zero=0)[0]
    assert (one.value, one.bound) == (4, 4)
    assert (zero.value, zero.bound) == (2, 2)
    assert one.value > zero.bound


def test_smooth_tight() -> None:
    """The constant of the input gradient is ||A^T A|| = 4, equal to beta (m^{L-2} s_1 s_2)^2."""
    constant = smoothness_bounds(TIGHT, "1111", 1)[0]
    assert (constant.layer, constant.constant) == (0, 4)
    assert constant.holds
    assert smoothness_bounds(TIGHT, "1111", "1/2")[0].constant == 2


def test_smoothness_on_random_networks() -> None:
    """(15) with every J_l, and the gradients of two points of one cell differ by no more."""
    chance = random.Random(51)
    for _ in range(12):
        net = random_layers(chance, [2, 3, 2, 2])
        for region in enumerate_regions(net):
            bounds = smoothness_bounds(net, region.configuration, 1)
            assert all(bound.holds for bound in bounds)
            assert bounds[0].jacobian_norm_squared == spectral_norm_squared(bounds[0].jacobian)
            x = region.witness
            y = next(y for k in range(60) if (y := (x[0] + Fraction(1, 2**k), x[1] - Fraction(1, 3**k))) in region)
            gradients = [back_propagate(net, p, lambda value: value).input for p in (x, y)]
            change = sum((a - b) ** 2 for a, b in zip(*gradients, strict=True))
            distance = sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
            # Squares on both sides: no root is taken.
            assert bounds[0].constant.power(2) >= change / distance


def test_smoothness_without_the_square_is_refuted() -> None:
    """False variant: beta ||J|| in place of beta ||J||^2.  On the tight cell 2 < 4, and the gradient moves by 4."""
    bound = smoothness_bounds(TIGHT, "1111", 1)[0]
    x, y = (Fraction(3), Fraction(4)), (Fraction(6), Fraction(8))
    assert configuration_at(TIGHT, x) == configuration_at(TIGHT, y)
    gradients = [back_propagate(TIGHT, p, lambda value: value).input for p in (x, y)]
    change = sum((a - b) ** 2 for a, b in zip(*gradients, strict=True))
    distance = sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
    assert change == 16 * distance == bound.constant.power(2).scaled(distance)
    assert change > bound.jacobian_norm_squared.scaled(distance)


def test_weight_smoothness() -> None:
    """Moving one layer's weights inside the cell changes their gradient by at most the constant times the motion."""
    x = (Fraction(1), Fraction(2))
    before = back_propagate(N4, x, lambda y: y)
    for layer in range(4):
        constant = weight_smoothness(N4, x, layer, 1)
        weights = [[list(row) for row in one.linear] for one in N4.affine_maps]
        weights[layer][0][0] += Fraction(1, 10**4)
        other = Network.from_weights(weights, [one.offset for one in N4.affine_maps])
        assert configuration_at(other, x) == configuration_at(N4, x)
        after = back_propagate(other, x, lambda y: y)
        change = after.weights[layer] - before.weights[layer]
        square = sum(a * a for row in change.to_fractions() for a in row)
        assert constant.power(2) >= square * 10**8


def test_weight_smoothness_counts_active_units_only() -> None:
    """beta ||J D||^2 ||h||^2: a unit that is off has no share, though its outgoing weight is large."""
    net = Network.from_weights([[[1], [-1]], [[3, 100]]], [[0, 0], [0]])
    assert weight_smoothness(net, [2], 0, 1) == 9 * 4
    assert weight_smoothness(net, [2], 1, "1/2") == 2


def test_zero_cases() -> None:
    """A dead cell and a zero input have constant 0."""
    assert smoothness_bounds(HAT, "000", 1)[0].constant == 0
    assert weight_smoothness(HAT, [0], 0, 1) == 0


def test_refusals() -> None:
    """beta must be positive, slopes at most 1."""
    for call in (lambda: smoothness_bounds(HAT, "000", 0), lambda: weight_smoothness(HAT, [0], 0, -1)):
        with pytest.raises(InputError, match="positive"):
            call()
    steep = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[Activation(Fraction(0), Fraction(2))]])
    for call in (lambda: smoothness_bounds(steep, "1", 1), lambda: magnitude_bounds(steep, [1], [1])):
        with pytest.raises(InputError, match="slope"):
            call()


@pytest.mark.parametrize("layer", [-2, -1, 2, 5, 1.0])
def test_layers_out_of_range_are_refused(layer: Any) -> None:
    """Layer -2 is not the last but one."""
    with pytest.raises(InputError, match=r"layer is .*an integer from 0 to 1 is needed"):
        weight_smoothness(HAT, [1], layer, 1)
