"""A network along a segment: t -> f((1 - t) p + t q) with its exact breakpoints.

Composing with the segment only changes the first layer, so the restriction is again a network (`restrict_to_segment`).
Its values are computed layer by layer: between two consecutive breakpoints every layer is affine in t, so it is known
from its values at the breakpoints; a unit with a sign change between them adds one more.  No linear program is needed.

Two lists are kept apart: all places where some unit changes sign (`knots`), and the places where the output bends
(`breakpoints`). Cost: (number of knots) times one pass through the layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["SegmentProfile", "restrict_to_segment", "segment_profile"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class SegmentProfile:
    """The restriction to a segment as a list of affine pieces over [0, 1].

    Fields:
        knots: inner parameters where the preactivation of some unit changes sign, ascending.
        breakpoints: inner parameters where the slope of the output changes.
        values: outputs at 0, at the breakpoints, and at 1.
        slopes: derivative by t on every piece; one more than breakpoints.
    """

    knots: tuple[Fraction, ...]
    breakpoints: tuple[Fraction, ...]
    values: tuple[Vector, ...]
    slopes: tuple[Vector, ...]

    def __call__(self, parameter: Any) -> Vector:
        """Return the output at a parameter in [0, 1].

        Raises:
            InexactNumberError: a float.
            InputError: a parameter outside [0, 1], where the pieces say nothing.
        """
        at = as_rational(parameter, name="parameter")
        if not 0 <= at <= 1:
            raise InputError(f"parameter is {at}; the profile ends at 0 and 1")
        ends = (Fraction(0), *self.breakpoints, Fraction(1))
        piece = sum(1 for t in self.breakpoints if t <= at)
        return tuple(v + s * (at - ends[piece]) for v, s in zip(self.values[piece], self.slopes[piece], strict=True))


def restrict_to_segment(network: Network, start: Iterable[Any], end: Iterable[Any]) -> Network:
    """Return the network t -> f((1 - t) start + t end) of one input; later layers are unchanged.

    Raises:
        ShapeError: a point of another dimension than the input.

    Example:
        >>> plus = Network.from_weights([[[1, 1]], [[1]]], [[0], [0]])
        >>> restrict_to_segment(plus, [-1, 0], [1, 1]).affine_maps[0]
        AffineMap.from_parts([['3']], ['-1'])
    """
    p, q = _points(network, start, end)
    rows = [[b - a, a] for a, b in zip(p, q, strict=True)]
    inner = AffineMap(RationalMatrix.from_rows(rows, n_columns=2))
    if not network.hidden:
        return Network((), network.output.after(inner), network.name)
    first = network.hidden[0]
    return Network(
        (Layer(first.affine.after(inner), first.activations), *network.hidden[1:]), network.output, network.name
    )


def segment_profile(network: Network, start: Iterable[Any], end: Iterable[Any]) -> SegmentProfile:
    """Return breakpoints, values and slopes along a segment, exactly.

    Raises:
        ShapeError: a point of another dimension than the input.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> profile = segment_profile(absolute, [-1], [3])
        >>> profile.breakpoints, profile.slopes
        ((Fraction(1, 4),), ((Fraction(-4, 1),), (Fraction(4, 1),)))
    """
    p, q = _points(network, start, end)
    times = [Fraction(0), Fraction(1)]
    values: list[Vector] = [p, q]
    inner: set[Fraction] = set()
    for layer in network.hidden:
        z = [layer.affine(v) for v in values]
        places = [k for k, activation in enumerate(layer.activations) if not activation.is_linear]
        times, z, crossings = _cut(times, z, places)
        inner |= crossings
        values = [tuple(a(s) for a, s in zip(layer.activations, row, strict=True)) for row in z]
    outputs = [network.output(v) for v in values]
    slopes = [
        tuple((b - a) / (t - s) for a, b in zip(u, v, strict=True))
        for (s, u), (t, v) in pairwise(zip(times, outputs, strict=True))
    ]
    bends = [k for k in range(1, len(slopes)) if slopes[k] != slopes[k - 1]]
    return SegmentProfile(
        tuple(sorted(inner)),
        tuple(times[k] for k in bends),
        (outputs[0], *(outputs[k] for k in bends), outputs[-1]),
        (slopes[0], *(slopes[k] for k in bends)),
    )


def _cut(
    times: list[Fraction], z: list[Vector], places: list[int]
) -> tuple[list[Fraction], list[Vector], set[Fraction]]:
    """Add the parameters where one of the places changes sign, with the interpolated values.

    A sign that changes at an old parameter adds none: all inner ones are knots already.
    """
    new_times, new_z = [times[0]], [z[0]]
    crossings: set[Fraction] = set()
    for (s, u), (t, v) in pairwise(zip(times, z, strict=True)):
        shares = sorted({u[k] / (u[k] - v[k]) for k in places if u[k] * v[k] < 0})
        for share in shares:
            at = s + share * (t - s)
            crossings.add(at)
            new_times.append(at)
            new_z.append(tuple(a + share * (b - a) for a, b in zip(u, v, strict=True)))
        new_times.append(t)
        new_z.append(v)
    return new_times, new_z, crossings


def _points(network: Network, start: Iterable[Any], end: Iterable[Any]) -> tuple[Vector, Vector]:
    p, q = as_vector(start, name="start"), as_vector(end, name="end")
    for name, point in (("start", p), ("end", q)):
        if len(point) != network.n_inputs:
            raise ShapeError(f"{name} has {len(point)} entries; the network takes {network.n_inputs} inputs")
    return p, q
