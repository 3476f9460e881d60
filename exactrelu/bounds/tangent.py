"""One-sided derivatives: the tangent of a network at a point is a network.

f'(x; v) = lim (f(x + t v) - f(x)) / t for t -> 0+ obeys the chain rule layer by layer, because every activation has
one-sided derivatives: h' = s+ z' where z > 0, h' = s- z' where z < 0, and h' = activation(z') where z = 0.  So v ->
f'(x; v) is computed by the network with the same matrices, zero biases, and linear units in place of those that are not
zero at x.  Its cells are the cones of the cells around x, which makes local questions global questions about a small
network.

f is differentiable at x iff the tangent is linear; a unit that is zero at x need not spoil it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.atoms.indices import require_index
from exactrelu.errors import ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_vector
from exactrelu.networks.activations import Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network, Unit
from exactrelu.regions.results import Region, enumerate_regions

__all__ = [
    "Differentiable",
    "Kinked",
    "ParameterDirection",
    "decide_differentiability",
    "directional_derivative",
    "tangent_network",
    "units_at_zero",
]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class ParameterDirection:
    """A direction in the space of parameters: one matrix and one vector for every affine layer.

    >>> net = Network.from_weights([[[1], [1]], [[1, 1]]], [[0, 0], [0]])
    >>> ParameterDirection.of_weight(net, 0, 1, 0).weights[0]
    RationalMatrix.from_rows([[0], [1]])
    """

    weights: tuple[RationalMatrix, ...]
    biases: tuple[Vector, ...]

    @classmethod
    def zero(cls, network: Network) -> ParameterDirection:
        """Return the zero direction."""
        maps = network.affine_maps
        return cls(
            tuple(RationalMatrix.zeros(m.n_outputs, m.n_inputs) for m in maps),
            tuple((Fraction(0),) * m.n_outputs for m in maps),
        )

    @classmethod
    def of_weight(cls, network: Network, layer: int, row: int, column: int) -> ParameterDirection:
        """Return the direction of one weight of an affine layer (from 0); InputError if there is no such weight."""
        zero = cls.zero(network)
        layer = require_index(layer, len(zero.weights), name="layer")
        n, m = zero.weights[layer].shape
        row, column = require_index(row, n, name="row"), require_index(column, m, name="column")
        entry = RationalMatrix.from_integers(
            [[int((i, j) == (row, column)) for j in range(m)] for i in range(n)], n_columns=m
        )
        return cls((*zero.weights[:layer], entry, *zero.weights[layer + 1 :]), zero.biases)

    def __neg__(self) -> ParameterDirection:
        return ParameterDirection(
            tuple(RationalMatrix.zeros(*w.shape) - w for w in self.weights),
            tuple(tuple(-b for b in bias) for bias in self.biases),
        )


@dataclass(frozen=True, slots=True)
class Differentiable:
    """The network is differentiable at the point; `jacobian` is n_L×n_0."""

    jacobian: RationalMatrix


@dataclass(frozen=True, slots=True)
class Kinked:
    """Not differentiable: f'(x; v) + f'(x; w) != f'(x; v + w) for the two directions."""

    first: Vector
    second: Vector


def units_at_zero(network: Network, point: Iterable[Any]) -> tuple[Unit, ...]:
    """Return the units with a breakpoint whose preactivation is zero at `point`.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> units_at_zero(absolute, [0])
        (Unit(layer=0, position=0), Unit(layer=0, position=1))
    """
    z = network.preactivations(point)
    return tuple(unit for unit in network.units if z[unit.layer][unit.position] == 0)


def tangent_network(network: Network, point: Iterable[Any]) -> Network:
    """Return the network that computes v -> f'(x; v), positively homogeneous in v.

    Raises:
        ShapeError: a point of another dimension.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [5]])
        >>> at_zero, at_two = tangent_network(absolute, [0]), tangent_network(absolute, [2])
        >>> [str(*at_zero([v])) for v in (-3, 3)], [str(*at_two([v])) for v in (-3, 3)]
        (['3', '3'], ['-3', '3'])
    """
    hidden = []
    for layer, values in zip(network.hidden, network.preactivations(point), strict=True):
        activations = tuple(_tangent(a, z) for a, z in zip(layer.activations, values, strict=True))
        hidden.append(Layer(_without_offset(layer.affine), activations))
    return Network(tuple(hidden), _without_offset(network.output))


def directional_derivative(
    network: Network,
    point: Iterable[Any],
    *,
    inputs: Sequence[Any] | None = None,
    parameters: ParameterDirection | None = None,
) -> Vector:
    """Return the one-sided derivative of the output when input and parameters move along a direction.

    Args:
        inputs: n_0 numbers; no motion of the input when left out.
        parameters: no motion of the parameters when left out.

    Raises:
        ShapeError: a direction that does not fit the network.

    Cost: one pass through the layers.

    Example:
        >>> kink = Network.from_weights([[[1], [1]], [[1, 1], [1, -1]], [[1, 1]]], [[0, 0], [0, 0], [0]])
        >>> up = ParameterDirection.of_weight(kink, 0, 0, 0)
        >>> directional_derivative(kink, [1], parameters=up), directional_derivative(kink, [1], parameters=-up)
        ((Fraction(2, 1),), (Fraction(-1, 1),))
    """
    x = as_vector(point, name="point")
    moved = as_vector(inputs, name="inputs") if inputs is not None else (Fraction(0),) * len(x)
    if len(moved) != network.n_inputs:
        raise ShapeError(f"inputs has {len(moved)} entries; the network takes {network.n_inputs}")
    direction = parameters if parameters is not None else ParameterDirection.zero(network)
    shapes = [(m.n_outputs, m.n_inputs) for m in network.affine_maps]
    if [w.shape for w in direction.weights] != shapes or [len(b) for b in direction.biases] != [m for m, _ in shapes]:
        raise ShapeError("parameters has matrices and vectors of other shapes than the network's")
    values = network.preactivations(x)
    value, change = x, moved
    for position, affine in enumerate(network.affine_maps):
        by_weights = direction.weights[position].apply(value)
        by_value = _without_offset(affine)(change)
        change = tuple(a + b + c for a, b, c in zip(by_weights, by_value, direction.biases[position], strict=True))
        if position < len(network.hidden):
            activations, z = network.hidden[position].activations, values[position]
            change = tuple(_tangent(a, s)(d) for a, s, d in zip(activations, z, change, strict=True))
            value = tuple(a(s) for a, s in zip(activations, z, strict=True))
    return change


def decide_differentiability(network: Network, point: Iterable[Any]) -> Differentiable | Kinked:
    """Decide exactly whether the network, as a function of its input, is differentiable at a point.

    A unit that is zero at the point does not decide: its kink may cancel or be cut off downstream.  The cells of the
    tangent network do.

    Example:
        >>> passes = Network.from_weights([[[1], [-1]], [[1, -1]]], [[0, 0], [0]])  # relu(x) - relu(-x) = x
        >>> decide_differentiability(passes, [0])
        Differentiable(jacobian=RationalMatrix.from_rows([[1]]))
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> isinstance(decide_differentiability(absolute, [0]), Kinked)
        True
    """
    cells = enumerate_regions(tangent_network(network, point))
    first = cells[0]
    for other in cells:
        if other.affine_map != first.affine_map:
            return _kink(first, other)
    augmented = first.affine_map.augmented
    rows = tuple(row[:-1] for row in augmented.numerators)
    return Differentiable(RationalMatrix(rows, augmented.denominator, augmented.n_columns - 1))


def _kink(one: Region, other: Region) -> Kinked:
    """Directions v in one cone and w in the other with g(v) + g(w) != g(v + w), g the tangent with two different maps.

    With w such that the maps A (of v) and B (of w) differ at w, and v so long that v + w is still in the first cone,
    g(v + w) = A v + A w, but g(v) + g(w) = A v + B w.
    """
    w = other.witness
    if one.affine_map(w) == other.affine_map(w):
        n = len(w)
        steps = [tuple(Fraction(int(i == j)) for i in range(n)) for j in range(n)]
        # The maps are linear and differ, so they differ on some unit vector, hence at w + t e for every t > 0.
        step = next(e for e in steps if one.affine_map(e) != other.affine_map(e))
        t = Fraction(1)
        while tuple(a + t * b for a, b in zip(w, step, strict=True)) not in other:
            t /= 2
        w = tuple(a + t * b for a, b in zip(w, step, strict=True))
    v = one.witness
    while tuple(a + b for a, b in zip(v, w, strict=True)) not in one:
        v = tuple(2 * a for a in v)
    return Kinked(v, w)


def _tangent(activation: Activation, preactivation: Fraction) -> Activation:
    """The activation's one-sided derivative at a preactivation, as a function of the direction."""
    if preactivation == 0:
        return activation
    slope = activation.slope(preactivation > 0)
    return Activation(slope, slope)


def _without_offset(affine: AffineMap) -> AffineMap:
    rows = tuple((*row[:-1], 0) for row in affine.augmented.numerators)
    return AffineMap(RationalMatrix(rows, affine.augmented.denominator, affine.augmented.n_columns))
