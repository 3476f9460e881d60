"""A network as integers: what the readers produce and the core consumes.

Layer `l` maps `h` to `z = (W h + b) / q` with integer `W`, `b` and one positive integer `q`; hidden neuron `k` then
multiplies `z_k` by `slopes[k][0] / s` if it is negative and by `slopes[k][1] / s` if not, with one positive integer
`s`. The last layer has no slopes.  A *unit* of the certificate is a hidden neuron whose two slopes differ.

Integers over one denominator a layer are what lets the core add and compare without ever reducing a fraction.  A
network whose parts do not fit together is refused here, so that the core may rely on every shape.  The readers are
`network_json` and `onnx_chain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .reading import Unreadable, over_common_denominator

__all__ = ["Layer", "Network", "rational_layer"]

RELU = (Fraction(0), Fraction(1))


@dataclass(frozen=True, slots=True)
class Layer:
    """One affine map over a common denominator, and the slopes that follow it (none after the last layer)."""

    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    denominator: int
    slopes: tuple[tuple[int, int], ...] = ()
    slope_denominator: int = 1


@dataclass(frozen=True, slots=True)
class Network:
    """Layers that fit together; the last one is the output.

    Raises:
        Unreadable: no layer, an empty layer, ragged or mismatched shapes.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        """Check every shape once."""
        if not self.layers:
            raise Unreadable("the network has no layer")
        width = self.inputs
        for number, layer in enumerate(self.layers):
            if not layer.weights or not width:
                raise Unreadable(f"layer {number} is empty")
            if any(len(row) != width for row in layer.weights):
                raise Unreadable(f"layer {number} has a weight row whose length is not {width}, its number of inputs")
            width = len(layer.weights)
            if len(layer.bias) != width:
                raise Unreadable(f"layer {number} has {width} outputs but {len(layer.bias)} biases")
            hidden = number + 1 < len(self.layers)
            if len(layer.slopes) != (width if hidden else 0):
                raise Unreadable(f"layer {number} has {len(layer.slopes)} pairs of slopes for {width} neurons")

    @property
    def inputs(self) -> int:
        """The dimension d of the input."""
        return len(self.layers[0].weights[0]) if self.layers[0].weights else 0

    @property
    def units(self) -> int:
        """The number of hidden neurons with two different slopes."""
        return sum(negative != positive for layer in self.layers for negative, positive in layer.slopes)


def rational_layer(
    weights: list[list[Fraction]], bias: list[Fraction], slopes: list[tuple[Fraction, Fraction]] | None = None
) -> Layer:
    """Bring one layer of rationals to integers over common denominators.

    >>> half = Fraction(1, 2)
    >>> rational_layer([[half]], [Fraction(3)], [(Fraction(0), Fraction(1))])
    Layer(weights=((1,),), bias=(6,), denominator=2, slopes=((0, 1),), slope_denominator=1)
    """
    rows, denominator = over_common_denominator([*weights, bias])
    pairs, slope_denominator = over_common_denominator([list(pair) for pair in slopes or []])
    return Layer(
        tuple(map(tuple, rows[:-1])),
        tuple(rows[-1]),
        denominator,
        tuple((negative, positive) for negative, positive in pairs),
        slope_denominator,
    )
