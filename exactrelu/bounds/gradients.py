"""Exact back-propagation, under either convention at zero, and what it does not say.

For a loss phi(f(x)) with gradient g = grad phi at f(x): delta^L = g, delta^l = D~_l (M^{l+1})^T delta^{l+1}, and then d
phi/d M^l = delta^l (h^{l-1})^T, d phi/d b^l = delta^l, grad_x phi = (M^1)^T delta^1 [HH19, section 3.2].  D~_l holds
the slopes; where a preactivation is zero it takes the positive side's slope for at_zero=1 (the paper's choice for
gradients) or the negative side's for at_zero=0 (its choice for configurations).

At a kink neither choice need be a gradient, nor any one-sided derivative: see `grad-kink` in the tests, where
back-propagation gives (4, 0) or (2, 2), while the one-sided derivatives are (4, 2) and (2, 0).  `Gradients.kinks` lists
the units at zero; without them the result is the gradient.  `one_sided_derivatives` has the true values, entry by
entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from exactrelu.atoms.indices import require_index
from exactrelu.bounds.tangent import ParameterDirection, directional_derivative, units_at_zero
from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix, dot
from exactrelu.exact.rationals import as_vector
from exactrelu.networks.network import Network, Unit

__all__ = ["Gradients", "LossGradient", "OneSided", "back_propagate", "one_sided_derivatives"]

Vector = tuple[Fraction, ...]
LossGradient = Sequence[Any] | Callable[[Vector], Sequence[Any]]
"""grad phi at the output: the numbers, or a function of the output that returns them."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """Result of back-propagation.

    Fields:
        weights, biases: derivatives for every affine layer; the bias part is delta^l.
        input: derivative for the input.
        values: h^0, ..., h^{L-1}, the inputs of the affine layers.
        loss_gradient: grad phi at the output.
        kinks: units whose preactivation is zero; empty means that this is the gradient.
    """

    weights: tuple[RationalMatrix, ...]
    biases: tuple[Vector, ...]
    input: Vector
    values: tuple[Vector, ...]
    loss_gradient: Vector
    kinks: tuple[Unit, ...]

    @property
    def is_differentiable_pattern(self) -> bool:
        """Whether no unit is at zero, so that the loss is differentiable in input and parameters here."""
        return not self.kinks


def back_propagate(
    network: Network, point: Iterable[Any], loss_gradient: LossGradient, *, at_zero: Literal[0, 1] = 1
) -> Gradients:
    """Back-propagate exactly.

    Args:
        point: n_0 numbers.
        loss_gradient: grad phi at the output, n_L numbers, or a function that computes it from the output.
        at_zero: the side taken where a preactivation is zero.

    Raises:
        InputError: at_zero is neither 0 nor 1.
        ShapeError: a point or gradient of the wrong length.

    Cost: one pass forward and one backward.  Source: [HH19, section 3.2].

    Example:
        >>> kink = Network.from_weights([[[1], [1]], [[1, 1], [1, -1]], [[1, 1]]], [[0, 0], [0, 0], [0]])
        >>> half_square = lambda output: output
        >>> [back_propagate(kink, [1], half_square, at_zero=side).biases[0] for side in (1, 0)]
        [(Fraction(4, 1), Fraction(0, 1)), (Fraction(2, 1), Fraction(2, 1))]
    """
    if at_zero not in (0, 1):
        raise InputError(f"at_zero is {at_zero!r}; write 0 or 1")
    x = as_vector(point, name="point")
    preactivations = network.preactivations(x)
    values = [x]
    for layer, z in zip(network.hidden, preactivations, strict=True):
        values.append(tuple(a(s) for a, s in zip(layer.activations, z, strict=True)))
    delta = _loss_gradient(network, network.output(values[-1]), loss_gradient)
    given = delta
    weights: list[RationalMatrix] = []
    biases: list[Vector] = []
    for position in reversed(range(len(network.affine_maps))):
        inputs = values[position]
        rows = [[d * h for h in inputs] for d in delta]
        weights.append(RationalMatrix.from_rows(rows, n_columns=len(inputs)))
        biases.append(delta)
        back = _transposed(network, position).apply(delta)
        if position:
            activations, z = network.hidden[position - 1].activations, preactivations[position - 1]
            sides = [at_zero if s == 0 else int(s > 0) for s in z]
            back = tuple(a.slope(side) * d for a, side, d in zip(activations, sides, back, strict=True))
        delta = back
    return Gradients(
        tuple(reversed(weights)), tuple(reversed(biases)), delta, tuple(values), given, units_at_zero(network, x)
    )


@dataclass(frozen=True, slots=True)
class OneSided:
    """One-sided derivatives of the loss for every entry of one weight matrix: slopes to the right and to the left."""

    right: RationalMatrix
    left: RationalMatrix

    @property
    def agree(self) -> bool:
        """Whether both sides agree in every entry, so that all partial derivatives exist."""
        return self.right == self.left


def one_sided_derivatives(network: Network, point: Iterable[Any], loss_gradient: LossGradient, layer: int) -> OneSided:
    """Return lim (phi(M + t E) - phi(M))/t for t -> 0+ and t -> 0-, for every entry E of the matrix of an affine layer.

    Args:
        layer: affine layer, from 0.
        loss_gradient: as in `back_propagate`; the loss itself must be differentiable.

    Raises:
        InputError: there is no such layer.

    Cost: two passes for every entry.

    Example:
        >>> kink = Network.from_weights([[[1], [1]], [[1, 1], [1, -1]], [[1, 1]]], [[0, 0], [0, 0], [0]])
        >>> sides = one_sided_derivatives(kink, [1], lambda output: output, 0)
        >>> sides.right, sides.left
        (RationalMatrix.from_rows([[4], [2]]), RationalMatrix.from_rows([[2], [0]]))
    """
    layer = require_index(layer, len(network.affine_maps), name="layer")
    x = as_vector(point, name="point")
    gradient = _loss_gradient(network, network.evaluate(x), loss_gradient)
    affine = network.affine_maps[layer]
    right: list[list[Fraction]] = []
    left: list[list[Fraction]] = []
    for i in range(affine.n_outputs):
        right.append([])
        left.append([])
        for j in range(affine.n_inputs):
            entry = ParameterDirection.of_weight(network, layer, i, j)
            right[-1].append(dot(gradient, directional_derivative(network, x, parameters=entry)))
            left[-1].append(-dot(gradient, directional_derivative(network, x, parameters=-entry)))
    n = affine.n_inputs
    return OneSided(RationalMatrix.from_rows(right, n_columns=n), RationalMatrix.from_rows(left, n_columns=n))


def _loss_gradient(network: Network, output: Vector, loss_gradient: LossGradient) -> Vector:
    given = loss_gradient(output) if callable(loss_gradient) else loss_gradient
    vector = as_vector(given, name="loss_gradient")
    if len(vector) != network.n_outputs:
        raise ShapeError(f"loss_gradient has {len(vector)} entries; the network has {network.n_outputs} outputs")
    return vector


def _transposed(network: Network, position: int) -> RationalMatrix:
    augmented = network.affine_maps[position].augmented
    rows = tuple(row[:-1] for row in augmented.numerators)
    return RationalMatrix(rows, augmented.denominator, augmented.n_columns - 1).transpose()
