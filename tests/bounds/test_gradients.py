"""Back-propagation: the gradient where there is one, neither derivative at kinks; one-sided derivatives are true."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.bounds.gradients import back_propagate, one_sided_derivatives
from exactrelu.bounds.tangent import (
    Differentiable,
    Kinked,
    ParameterDirection,
    decide_differentiability,
    directional_derivative,
    tangent_network,
    units_at_zero,
)
from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix, dot
from exactrelu.networks.activations import ABSOLUTE as ABSOLUTE_VALUE
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions

from .networks import ABSOLUTE, KINK, N4, random_layers


def loss(output: tuple[Fraction, ...]) -> Fraction:
    """Half the squared norm: its gradient is the output."""
    return sum((y * y for y in output), Fraction(0)) / 2


def moved(net: Network, direction: ParameterDirection, step: Fraction) -> Network:
    """The network with its parameters moved by step · direction."""
    weights, biases = [], []
    for affine, w, b in zip(net.affine_maps, direction.weights, direction.biases, strict=True):
        pairs = zip(affine.linear, w.to_fractions(), strict=True)
        weights.append([[a + step * c for a, c in zip(row, change, strict=True)] for row, change in pairs])
        biases.append([a + step * c for a, c in zip(affine.offset, b, strict=True)])
    return Network.from_weights(weights, biases)


def test_grad_kink() -> None:
    """(4, 0) or (2, 2) by back-propagation; the one-sided derivatives are (4, 2) and (2, 0)."""
    both = [back_propagate(KINK, [1], lambda y: y, at_zero=side) for side in (1, 0)]
    assert [g.weights[0].to_fractions() for g in both] == [((4,), (0,)), ((2,), (2,))]
    assert all(g.kinks == ((1, 1),) and not g.is_differentiable_pattern for g in both)
    sides = one_sided_derivatives(KINK, [1], lambda y: y, 0)
    assert (sides.right.to_fractions(), sides.left.to_fractions()) == (((4,), (2,)), ((2,), (0,)))
    assert not sides.agree


def test_false_variant_backpropagation_is_a_derivative() -> None:
    """At the kink neither convention gives the right or the left derivatives, so the claim is refuted."""
    sides = one_sided_derivatives(KINK, [1], lambda y: y, 0)
    for side in (0, 1):
        gradient = back_propagate(KINK, [1], lambda y: y, at_zero=side).weights[0]
        assert gradient not in (sides.right, sides.left)


def test_one_sided_derivatives_are_difference_quotients() -> None:
    """Along one weight the output is quadratic at most within a cell: quotients converge to the derivative exactly."""
    chance = random.Random(40)
    for _ in range(15):
        net = random_layers(chance, [2, 2, 2, 1])
        x = [chance.randint(-1, 1), chance.randint(-1, 1)]
        direction = ParameterDirection.of_weight(net, chance.randint(0, 2), 0, 0)
        for way in (direction, -direction):
            exact = directional_derivative(net, x, parameters=way)[0]
            steps = [Fraction(1, 2**k) for k in (30, 31)]
            one, two = ((moved(net, way, h)(x)[0] - net(x)[0]) / h for h in steps)
            # A weight enters the output linearly, or piecewise so; the quotient is exact for small steps.
            assert one == two == exact


def test_gradient_where_no_unit_is_zero() -> None:
    """At differentiable patterns the gradient gives the derivative along every direction, in input and parameters."""
    chance = random.Random(41)
    seen = 0
    for _ in range(40):
        net = random_layers(chance, [2, 3, 2, 2])
        x = [Fraction(chance.randint(-9, 9), 7) for _ in range(2)]
        one = back_propagate(net, x, lambda y: y)
        if not one.is_differentiable_pattern:
            continue
        seen += 1
        assert back_propagate(net, x, lambda y: y, at_zero=0) == one
        v = [chance.randint(-3, 3) for _ in range(2)]
        assert dot(one.input, [Fraction(a) for a in v]) == dot(net(x), directional_derivative(net, x, inputs=v))
        for layer, gradient in enumerate(one.weights):
            sides = one_sided_derivatives(net, x, lambda y: y, layer)
            assert sides.right == sides.left == gradient
    assert seen > 10


def test_gradient_by_the_affine_map() -> None:
    """On a cell the input gradient is A^T grad phi."""
    for region in enumerate_regions(N4):
        one = back_propagate(N4, region.witness, [3])
        assert one.input == tuple(3 * a for a in affine_map(N4, region.configuration).linear[0])


def test_tangent_is_the_directional_derivative() -> None:
    """The tangent network computes quotients of small steps, in degenerate points too."""
    chance = random.Random(42)
    for _ in range(25):
        net = random_layers(chance, [2, 3, 2, 2])
        x = [chance.randint(-2, 2), chance.randint(-2, 2)]
        v = [chance.randint(-2, 2), chance.randint(-2, 2)]
        value = tangent_network(net, x)(v)
        assert value == directional_derivative(net, x, inputs=v)
        h = Fraction(1, 10**6)
        far = net([a + h * b for a, b in zip(x, v, strict=True)])
        assert value == tuple((a - b) / h for a, b in zip(far, net(x), strict=True))


def test_differentiability() -> None:
    """Kinks that cancel or are cut off do not count; a kink comes with two directions that prove it."""
    passes = Network.from_weights([[[1], [-1]], [[1, -1]]], [[0, 0], [0]])
    assert units_at_zero(passes, [0]) == ((0, 0), (0, 1))
    assert decide_differentiability(passes, [0]) == Differentiable(RationalMatrix.identity(1))
    cut_off = Network.from_weights([[[1]], [[1]], [[1]]], [[0], [-5], [0]])
    assert decide_differentiability(cut_off, [0]) == Differentiable(RationalMatrix.zeros(1, 1))
    chance = random.Random(43)
    kinks = 0
    for _ in range(25):
        net = random_layers(chance, [2, 3, 2, 1])
        x = [chance.randint(-1, 1), chance.randint(-1, 1)]
        answer, tangent = decide_differentiability(net, x), tangent_network(net, x)
        if isinstance(answer, Kinked):
            kinks += 1
            v, w = answer.first, answer.second
            total = [a + b for a, b in zip(v, w, strict=True)]
            assert tangent(v)[0] + tangent(w)[0] != tangent(total)[0]
        else:
            v = (Fraction(3), Fraction(-2))
            assert tangent(v) == answer.jacobian.apply(v)
    assert 0 < kinks < 25


def test_absolute_value_units() -> None:
    """With slopes -1 and 1 the conventions give opposite signs at zero."""
    net = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE_VALUE]])
    assert [back_propagate(net, [0], [1], at_zero=side).input for side in (0, 1)] == [(-1,), (1,)]


def test_refusals() -> None:
    """Wrong lengths and conventions are named."""
    with pytest.raises(InputError, match="0 or 1"):
        back_propagate(KINK, [1], [1], at_zero=2)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="1 outputs"):
        back_propagate(KINK, [1], [1, 2])
    with pytest.raises(ShapeError, match="inputs has 2"):
        directional_derivative(KINK, [1], inputs=[1, 2])
    with pytest.raises(ShapeError, match="shapes"):
        directional_derivative(KINK, [1], parameters=ParameterDirection.zero(ABSOLUTE))


@pytest.mark.parametrize("layer", [-1, 3, 7, "0"])
def test_layers_out_of_range_are_refused(layer: Any) -> None:
    """Also for the direction of one weight, with its row and column."""
    with pytest.raises(InputError, match=r"layer is .*an integer from 0 to 2 is needed"):
        one_sided_derivatives(KINK, [1], [1], layer)
    with pytest.raises(InputError, match="layer"):
        ParameterDirection.of_weight(KINK, layer, 0, 0)
    with pytest.raises(InputError, match="row is 2"):
        ParameterDirection.of_weight(KINK, 0, 2, 0)
    with pytest.raises(InputError, match="column is -1"):
        ParameterDirection.of_weight(KINK, 0, 0, -1)
