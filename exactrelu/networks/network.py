"""A network: affine layers over Q, each hidden one followed by activations with two slopes.

x -> z^1 = W^1 x + b^1, h^1 = activation(z^1), z^2 = W^2 h^1 + b^2, ..., and the output layer is affine [HH19, section
2].  The value is immutable and hashable; equality is equality of content (layers, activations), not of functions.

*Units* are the hidden neurons with a breakpoint (slopes that differ), numbered from 0, first hidden layer first;
linear units are left out. This numbering is that of configurations, covectors and certificates.

Cost of an evaluation: one integer matrix-vector product a layer; bits add up along the layers. Neighbours:
`configuration` (what a point says about the units), `linearise` (the affine map of a configuration).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.rationals import as_vector
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.affine import AffineMap

__all__ = ["Layer", "Network", "Unit"]


class Unit(NamedTuple):
    """Address of a hidden unit with a breakpoint: hidden layer and position in it, both from 0."""

    layer: int
    position: int


@dataclass(frozen=True, slots=True)
class Layer:
    """A hidden layer: an affine map and one activation for each of its outputs."""

    affine: AffineMap
    activations: tuple[Activation, ...]

    def __post_init__(self) -> None:
        for activation in self.activations:
            if not isinstance(activation, Activation):
                raise InputError(
                    f"an activation must be an Activation, such as Activation.of([0, 1]); got {activation!r}"
                )
        if len(self.activations) != self.affine.n_outputs:
            raise ShapeError(
                f"the layer has {self.affine.n_outputs} preactivations, but {len(self.activations)} activations"
            )


@dataclass(frozen=True)
class Network:
    """Hidden layers, then an affine output map.

    Args:
        hidden: the layers with activations, in order; may be empty.
        output: the last affine map.
        name: shown to people; not part of equality.
        origins: for an imported network, where each unit came from (same order as `units`); not part of equality.

    Raises:
        ShapeError: two consecutive layers do not fit.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> absolute.evaluate(["-5/3"])
        (Fraction(5, 3),)
        >>> absolute.widths
        (1, 2, 1)
    """

    hidden: tuple[Layer, ...]
    output: AffineMap
    name: str = field(default="", compare=False)
    origins: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        for position, (one, two) in enumerate(pairwise(self.affine_maps)):
            if one.n_outputs != two.n_inputs:
                raise ShapeError(
                    f"layer {position} has {one.n_outputs} outputs, but layer {position + 1} takes {two.n_inputs}"
                )
        if self.origins and len(self.origins) != self.n_units:
            raise ShapeError(f"origins has {len(self.origins)} entries; the network has {self.n_units} units")

    @classmethod
    def from_weights(
        cls,
        weights: Sequence[Sequence[Sequence[Any]]],
        biases: Sequence[Sequence[Any]],
        *,
        activations: Sequence[Sequence[Activation]] | None = None,
        name: str = "",
        exact_floats: bool = False,
    ) -> Network:
        """Build a network from one matrix and one bias vector a layer, the output layer last.

        Args:
            weights: weights[layer][output][input]; integers, fractions or text ("1/3", "0.1").
            biases: biases[layer][output].
            activations: for every hidden layer one activation a unit; ReLU throughout when left out.
            name: shown to people.
            exact_floats: accept binary floats as their exact dyadic values.

        Raises:
            ShapeError: no layer, ragged rows, or layers that do not fit; the message names the layer.
            InexactNumberError: a float, unless `exact_floats`.
        """
        if not len(weights) or len(weights) != len(biases):
            raise ShapeError(
                f"weights has {len(weights)} layers and biases {len(biases)}; both need the same number, at least one"
            )
        maps: list[AffineMap] = []
        for position, (rows, bias) in enumerate(zip(weights, biases, strict=True)):
            width = maps[-1].n_outputs if maps else None
            try:
                maps.append(
                    AffineMap.from_parts(rows, bias, n_inputs=None if len(rows) else width, exact_floats=exact_floats)
                )
            except ShapeError as error:
                raise ShapeError(f"layer {position}: {error}") from None
        if activations is None:
            activations = [[RELU] * m.n_outputs for m in maps[:-1]]
        if len(activations) != len(maps) - 1:
            raise ShapeError(f"activations has {len(activations)} layers; the network has {len(maps) - 1} hidden ones")
        hidden = tuple(Layer(m, tuple(a)) for m, a in zip(maps[:-1], activations, strict=True))
        return cls(hidden, maps[-1], name)

    @property
    def affine_maps(self) -> tuple[AffineMap, ...]:
        """The affine map of every layer, the output's last."""
        return (*(layer.affine for layer in self.hidden), self.output)

    @property
    def n_inputs(self) -> int:
        """Dimension of the input space."""
        return self.affine_maps[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """Dimension of the output space."""
        return self.output.n_outputs

    @property
    def widths(self) -> tuple[int, ...]:
        """Input dimension, then the number of outputs of every layer (linear units included)."""
        return (self.n_inputs, *(m.n_outputs for m in self.affine_maps))

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units with a breakpoint, first hidden layer first."""
        return tuple(
            Unit(number, position)
            for number, layer in enumerate(self.hidden)
            for position, activation in enumerate(layer.activations)
            if not activation.is_linear
        )

    @property
    def n_units(self) -> int:
        """Number of units with a breakpoint, the length of every configuration."""
        return len(self.units)

    @cached_property
    def layer_units(self) -> tuple[range, ...]:
        """For every hidden layer the range of the numbers of its units."""
        starts = [0]
        for layer in self.hidden:
            starts.append(starts[-1] + sum(not a.is_linear for a in layer.activations))
        return tuple(range(a, b) for a, b in pairwise(starts))

    def _forward(self, point: Iterable[Any]) -> Iterator[tuple[Fraction, ...]]:
        """Yield the preactivations of every hidden layer, then the output."""
        x = as_vector(point, name="point")
        if len(x) != self.n_inputs:
            raise ShapeError(f"point has {len(x)} coordinates; the network takes {self.n_inputs}")
        for layer in self.hidden:
            z = layer.affine(x)
            yield z
            x = tuple(activation(value) for activation, value in zip(layer.activations, z, strict=True))
        yield self.output(x)

    def evaluate(self, point: Iterable[Any]) -> tuple[Fraction, ...]:
        """Return the exact output at a rational point.

        Raises:
            ShapeError: the point has another dimension than the input.
            InexactNumberError: a coordinate is a float.
        """
        *_, value = self._forward(point)
        return value

    __call__ = evaluate

    def preactivations(self, point: Iterable[Any]) -> tuple[tuple[Fraction, ...], ...]:
        """Return z^l for every hidden layer l (linear units included), exactly."""
        *hidden, _ = self._forward(point)
        return tuple(hidden)

    def _repr_html_(self) -> str:
        """Show the shape in a notebook."""
        rows = "".join(
            f"<tr><td>{position}</td><td>{layer.affine.n_inputs} &rarr; {layer.affine.n_outputs}</td>"
            f"<td>{sum(not a.is_linear for a in layer.activations)}</td></tr>"
            for position, layer in enumerate(self.hidden)
        )
        title = f"Network {self.name}: " if self.name else "Network: "
        return (
            f"<b>{title}{' &rarr; '.join(map(str, self.widths))}</b>, {self.n_units} units with a breakpoint"
            f"<table><tr><th>hidden layer</th><th>affine map</th><th>units</th></tr>{rows}</table>"
        )
