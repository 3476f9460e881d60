"""How large gradients are, and how fast they change inside a cell: (3.2) and (13) to (15) of [HH19], with exact checks.

Magnitude (3.2): with mu the largest absolute value of an entry of M^{l+1}, ..., M^L and s~_k the number of non-zero
slopes in D~_k,

    max |d phi/d M^l| <= mu^{L-l} n_L s~_{l+1} ... s~_{L-1} max|grad phi| max|h^{l-1}|   (l < L), with equality for l =
    L;

if mu times the widths exceeds 1 the factor grows towards the first layers.

Smoothness: fix a configuration and let J_l be the derivative of the output by h^l (J_L = I, J_0 = A_D).  If grad phi is
beta-Lipschitz (13), then

    ||d phi/d h^l - (d phi/d h^l)'|| <= beta ||J_l|| ||f - f'||  (14)  <= beta ||J_l||^2 ||h^l - h^l'||  (15)  <= beta
    sigma^{2(L-l)} ||h^l - h^l'||,

and for the weights of layer l alone, x fixed, beta ||J_l D_l||^2 ||h^{l-1}||^2 in the Frobenius norm.  All of this is
inside one cell: across cells gradients jump, and moving weights moves the cells.

Spectral norms are algebraic numbers (squared), so "the bound holds" is decided exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from exactrelu.atoms.indices import require_index
from exactrelu.atoms.slopes import Factors, layer_slopes, scale_columns
from exactrelu.bounds.algebraic import AlgebraicNumber
from exactrelu.bounds.gradients import LossGradient, back_propagate
from exactrelu.bounds.norms import spectral_norm_squared
from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.configuration import Configuration, configuration_at
from exactrelu.networks.network import Network

__all__ = ["LayerSmoothness", "MagnitudeBound", "magnitude_bounds", "smoothness_bounds", "weight_smoothness"]


@dataclass(frozen=True, slots=True)
class MagnitudeBound:
    """The largest entry of a layer's weight gradient and its bounds.

    layer: affine layer, from 0; value: max |d phi/d M|; bound: (3.2) with active units; width_bound: (mu N)^{L-l} with
        the widths.
    """

    layer: int
    value: Fraction
    bound: Fraction
    width_bound: Fraction

    @property
    def holds(self) -> bool:
        """Whether value <= bound <= width_bound, as (3.2) says."""
        return self.value <= self.bound <= self.width_bound


def magnitude_bounds(
    network: Network, point: Iterable[Any], loss_gradient: LossGradient, *, at_zero: Literal[0, 1] = 1
) -> tuple[MagnitudeBound, ...]:
    """Return the largest gradient entry of every affine layer with the bounds of (3.2).

    Raises:
        InputError: a slope of absolute value above 1, for which (3.2) does not hold.

    Source: [HH19, (3.2)], with the grouping of widths that is proved in `docs/atoms-and-bounds.md`.

    Example:
        >>> net = Network.from_weights([[[2], [1]], [[1, -3]]], [[0, 0], [0]])
        >>> [(b.value, b.bound) for b in magnitude_bounds(net, [1], [1])]
        [(Fraction(3, 1), Fraction(3, 1)), (Fraction(2, 1), Fraction(2, 1))]
    """
    if any(abs(s) > 1 for layer in network.hidden for a in layer.activations for s in (a.negative, a.positive)):
        raise InputError("a slope exceeds 1 in absolute value; (3.2) bounds gradients of networks with slopes up to 1")
    x = as_vector(point, name="point")
    gradients = back_propagate(network, x, loss_gradient, at_zero=at_zero)
    sizes = []
    for layer, values in zip(network.hidden, network.preactivations(x), strict=True):
        sides = [at_zero if z == 0 else int(z > 0) for z in values]
        sizes.append(sum(1 for a, side in zip(layer.activations, sides, strict=True) if a.slope(side)))
    largest = [_largest(affine.linear) for affine in network.affine_maps]
    steepness = _largest([gradients.loss_gradient])
    depth, n_outputs = len(largest), network.n_outputs
    bounds = []
    for position, gradient in enumerate(gradients.weights):
        scale = steepness * _largest([gradients.values[position]])
        value = _largest(gradient.to_fractions())
        above = depth - 1 - position
        if above == 0:
            bounds.append(MagnitudeBound(position, value, scale, scale))
            continue
        mu = max(largest[position + 1 :])
        widest = max(network.widths[position + 2 :])
        active = mu**above * n_outputs * math.prod(sizes[position + 1 :])
        bounds.append(MagnitudeBound(position, value, active * scale, (mu * widest) ** above * scale))
    return tuple(bounds)


@dataclass(frozen=True, slots=True)
class LayerSmoothness:
    """Constants of (14) and (15) for one layer of one configuration.

    layer: l from 0 (the input) to L (the output).
    jacobian: J_l, the derivative of the output by h^l.
    jacobian_norm_squared: ||J_l||^2; beta times it is the constant of (15).
    constant: beta ||J_l||^2.
    spectral_bound: beta sigma^{2(L-l)}.
    """

    layer: int
    jacobian: RationalMatrix
    jacobian_norm_squared: AlgebraicNumber
    constant: AlgebraicNumber
    spectral_bound: AlgebraicNumber

    @property
    def holds(self) -> bool:
        """Whether the constant is at most the bound by spectral norms, decided exactly."""
        return self.constant <= self.spectral_bound


def smoothness_bounds(network: Network, configuration: Configuration | str, beta: Any) -> tuple[LayerSmoothness, ...]:
    """Return the constants of (15) for every layer; entry 0 bounds the input gradient's change inside the cell.

    Args:
        beta: Lipschitz constant of grad phi, positive (1 for half the squared error).

    Raises:
        InputError: beta is not positive, or a slope exceeds 1 in absolute value.
        ShapeError: not one bit for every unit.

    Source: [HH19, (13) to (15)].

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> [(int(s.constant.rational), int(s.spectral_bound.rational)) for s in smoothness_bounds(hat, "11", 1)]
        [(1, 25), (5, 5), (1, 1)]
    """
    factor = as_rational(beta, name="beta")
    if factor <= 0:
        raise InputError(f"beta is {factor}; a positive number is needed")
    chosen = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
    jacobians = _jacobians(network, chosen)
    matrices = Factors.of(network).matrices[-len(network.affine_maps) :]
    sigma_squared = max(map(spectral_norm_squared, matrices))
    depth = len(matrices)
    result = []
    for layer, jacobian in enumerate(jacobians):
        square = spectral_norm_squared(jacobian)
        bound = sigma_squared.power(depth - layer).scaled(factor)
        result.append(LayerSmoothness(layer, jacobian, square, square.scaled(factor), bound))
    return tuple(result)


def weight_smoothness(network: Network, point: Iterable[Any], layer: int, beta: Any) -> AlgebraicNumber:
    """Return beta ||J_l D_l||^2 ||h^{l-1}||^2: how fast d phi/d M^l changes with M^l (Frobenius norm), inside the cell.

    Args:
        layer: affine layer, from 0.

    Raises:
        InputError: beta is not positive, there is no such layer, or a slope exceeds 1 in absolute value.

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> weight_smoothness(hat, [2], 0, 1).rational, weight_smoothness(hat, [2], 1, 1).rational
        (Fraction(20, 1), Fraction(5, 1))
    """
    factor = as_rational(beta, name="beta")
    if factor <= 0:
        raise InputError(f"beta is {factor}; a positive number is needed")
    layer = require_index(layer, len(network.affine_maps), name="layer")
    x = as_vector(point, name="point")
    chosen = configuration_at(network, x)
    jacobian = _jacobians(network, chosen)[layer + 1]
    if layer < len(network.hidden):
        jacobian = scale_columns(jacobian, layer_slopes(network, chosen)[layer])
    value = x
    for hidden in network.hidden[:layer]:
        value = tuple(a(z) for a, z in zip(hidden.activations, hidden.affine(value), strict=True))
    square = sum((h * h for h in value), Fraction(0)) * factor
    return spectral_norm_squared(jacobian).scaled(square) if square else AlgebraicNumber.of_rational(0)


def _jacobians(network: Network, configuration: Configuration) -> tuple[RationalMatrix, ...]:
    """J_0, ..., J_L: derivatives of the output by the input, by every h^l, and by itself."""
    if any(abs(s) > 1 for layer in network.hidden for a in layer.activations for s in (a.negative, a.positive)):
        raise InputError("a slope exceeds 1 in absolute value; the bounds by spectral norms need slopes up to 1")
    slopes = layer_slopes(network, configuration)
    matrices = Factors.of(network).matrices[-len(network.affine_maps) :]
    found = [RationalMatrix.identity(network.n_outputs)]
    for position in reversed(range(len(matrices))):
        outer = found[-1] if position == len(matrices) - 1 else scale_columns(found[-1], slopes[position])
        found.append(outer @ matrices[position])
    return tuple(reversed(found))


def _largest(rows: Iterable[Iterable[Fraction]]) -> Fraction:
    return max((abs(a) for row in rows for a in row), default=Fraction(0))
