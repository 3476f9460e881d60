"""Certified linear bounds of a network's values on many boxes at once, by backward substitution.

A linear function of a layer's values is carried back to the input: in front of every unit its activation is replaced
by a line below or above it, whichever the sign of the coefficient asks for [Singh et al., DeepPoly, POPL 2019; Zhang
et al., CROWN, NeurIPS 2018].  At the input the linear function's minimum over the box is a lower bound.  The lines of
a unit are valid on an interval [lo, hi] that contains its preactivations on the box; these intervals are found layer by
layer in the same way.

Lines.  A unit that keeps one sign on the box is its line.  A convex crossing unit (negative <= positive slope) lies
above the line through zero with either slope, and below its chord; the chord's slope and shift are rounded to
multiples of 2^-bits, the shift upwards, so that the very same line can be written into a certificate.  Concave units
are mirrored.  Whatever the rounding, a chord that is used is valid on [lo, hi]; the double of a slope such as 1/3
stands for the slope itself, and the error analysis accounts for the difference.

Error analysis.  A product A W is computed in doubles as some matrix P.  Replacing it by P changes the function by
(A W - P) h, and |AW - P| <= g(n) |A||W| + |A| R with g(n) = n u/(1 - n u), u = 2^-53 and R the error of W [Higham,
*Accuracy and Stability of Numerical Algorithms*, 2nd ed., (3.4), (3.13)]; on the box |h| <= H, where H comes from the
intervals.  So one product of |A| with a vector for each layer, e = (g |W| + R) H + ..., bounds the error, and
everything that follows starts from P as if it were exact.  The bounds of the error itself are computed in doubles from
nonnegative terms and inflated.  An underflow in A W costs at most 2^-1074 for each product, times the value that it
multiplies (`_underflow`).  A slope that is no normal double is nan, and so is everything that depends on it; a bound
that is nan or infinite, of whatever sign, after an overflow is replaced by the one that says nothing.

Cost: for each box and each layer, one product (rows x width) (width x width) for each earlier layer; only units that
may still cross zero have rows.  Not done here: choosing boxes, formulas, certificates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.networks.network import Network

__all__ = ["Bounds", "Boxes", "FloatNetwork", "Lines", "chord_bits"]

BoolArray = NDArray[np.bool_]
_Errors = tuple[FloatArray, FloatArray]  # (B, width) for each unit's coefficient, (B, 1) in any case

_U = 2.0**-53
_TINY = 2.0**-900
_SAFE = 1 + 2.0**-20
_NORMAL = 2.0**-1022


def _gamma(terms: int) -> float:
    """A bound on the relative error of a sum of `terms` products, itself rounded up."""
    return (terms + 3) * _U * 1.001


def _underflow(size: FloatArray, terms: int) -> FloatArray:
    """A bound on what underflows lose in `terms` products for each of the values, which are at most `size`; (B, 1)."""
    return np.asarray(size.sum(axis=1, keepdims=True) * (terms * 2.0**-1070))


def _slope(value: Fraction) -> float:
    """The nearest double, nan if the relative error is more than the unit."""
    try:
        near = float(value)
    except OverflowError:
        return math.nan
    return near if not value or abs(near) >= _NORMAL else math.nan


def chord_bits(network: Network) -> int:
    """Return a precision for chords: 24 binary places, more for a layer whose numbers are all small, at most 48."""
    places = [
        m.denominator.bit_length() - max(a.bit_length() for row in m.nonzeros for a in row.values())
        for m in (layer.affine.augmented for layer in network.hidden)
        if any(m.nonzeros)
    ]
    return min(48, 24 + max(0, *places, 0))


def _below(value: Fraction) -> float:
    """The largest double that is not above the value, or the one before; -inf below all finite ones."""
    try:
        near = float(value)
    except OverflowError:
        return float(np.finfo(np.float64).max) if value > 0 else -math.inf
    return near if Fraction(near) <= value else float(np.nextafter(near, -np.inf))


@dataclass(frozen=True)
class Boxes:
    """Closed boxes given by doubles, (B, d) each."""

    lower: FloatArray
    upper: FloatArray

    @classmethod
    def around(cls, ends: Sequence[tuple[Fraction, Fraction]]) -> Boxes:
        """Return one box of doubles that contains an exact one; its ends are infinite beyond the largest double.

        >>> box = Boxes.around([(Fraction(1, 3), Fraction(1, 2))])
        >>> box.lower[0, 0] < Fraction(1, 3), box.upper[0, 0].item()
        (True, 0.5)
        """
        array = np.array([(_below(low), -_below(-high)) for low, high in ends], dtype=np.float64).reshape(len(ends), 2)
        return cls(array[None, :, 0], array[None, :, 1])

    def __len__(self) -> int:
        return len(self.lower)


@dataclass(frozen=True)
class Lines:
    """A layer's lines below and above its units, (B, width) each: slope t + shift."""

    lower_slope: FloatArray
    lower_shift: FloatArray
    upper_slope: FloatArray
    upper_shift: FloatArray


@dataclass(frozen=True)
class Bounds:
    """What is known of every hidden layer on every box.

    lower, upper: (B, width) intervals of the preactivations, one pair a layer.  lines: of the activations.
    influence: (B, d), how much of the crossing units' intervals each input is responsible for, added up over them.
    """

    lower: tuple[FloatArray, ...]
    upper: tuple[FloatArray, ...]
    lines: tuple[Lines, ...]
    influence: FloatArray

    def crossing(self, layer: int) -> BoolArray:
        """Which neurons of the layer may take both signs on their box."""
        return _crossing(self.lower[layer], self.upper[layer])


def _crossing(lo: FloatArray, hi: FloatArray) -> BoolArray:
    """Written so that nan, from an overflow, counts as crossing; then it spreads to the bounds and decides nothing."""
    return np.asarray(~(lo >= 0) & ~(hi <= 0))


@dataclass(frozen=True)
class _Layer:
    weight: FloatArray
    bias: FloatArray
    weight_radius: FloatArray
    bias_radius: FloatArray
    weight_size: FloatArray
    negative: FloatArray
    positive: FloatArray
    linear: BoolArray


class FloatNetwork:
    """The hidden layers of a network in doubles, with the distance of every number from the exact one.

    Args:
        network: any network.
        bits: slopes and shifts of chords are multiples of 2^-bits.
    """

    def __init__(self, network: Network, bits: int) -> None:
        self.n_inputs = network.n_inputs
        self.bits = bits
        self.layers: list[_Layer] = []
        for layer in network.hidden:
            m = layer.affine.augmented
            whole = Enclosure.from_nonzeros(m.nonzeros, m.denominator, m.n_columns)
            slopes = [[_slope(a.negative), _slope(a.positive)] for a in layer.activations]
            pairs = np.array(slopes, dtype=np.float64).reshape(len(slopes), 2)
            weight = np.ascontiguousarray(whole.value[:, :-1])
            self.layers.append(
                _Layer(
                    weight,
                    whole.value[:, -1].copy(),
                    whole.radius[:, :-1].copy(),
                    whole.radius[:, -1].copy(),
                    np.abs(weight),
                    pairs[:, 0].copy(),
                    pairs[:, 1].copy(),
                    np.array([a.is_linear for a in layer.activations], dtype=np.bool_),
                )
            )

    @np.errstate(over="ignore", invalid="ignore")
    def bounds(self, boxes: Boxes, known: Bounds | None = None, count: int | None = None) -> Bounds:
        """Return intervals and lines of all hidden layers.

        Args:
            boxes: B boxes.
            known: intervals that are valid already, for instance on larger boxes; the result is at least as tight.
            count: how many layers; all by default.
        """
        lower: list[FloatArray] = []
        upper: list[FloatArray] = []
        lines: list[Lines] = []
        sizes = [_sizes(boxes.lower, boxes.upper)]  # of the values h, layer by layer
        errors: list[_Errors] = []
        low, high = boxes.lower, boxes.upper
        influence = np.zeros_like(boxes.lower)
        for number, layer in enumerate(self.layers[:count]):
            lo, hi = self._interval(layer, low, high, sizes[-1])
            if number:
                # Backwards only: what a checker re-derives must not rest on two methods.  Linear units need no lines.
                lo, hi = np.where(layer.linear, lo, -np.inf), np.where(layer.linear, hi, np.inf)
            if known is not None:
                lo, hi = np.fmax(lo, known.lower[number]), np.fmin(hi, known.upper[number])
            if number:
                lo, hi, share = self._tighten(number, lo, hi, boxes, lines, errors, sizes)
                influence += share
            else:
                crossing = _crossing(lo, hi) & ~layer.linear
                weight = np.broadcast_to(layer.weight, (len(boxes), *layer.weight.shape))
                influence += _shares(weight, boxes, crossing)
            made = self._lines(layer, lo, hi)
            reach = np.maximum(np.abs(lo), np.abs(hi))
            errors.append(self._errors(layer, sizes[-1], reach))
            low, high = _images(layer, lo, hi)
            sizes.append(_sizes(low, high))
            lower.append(lo)
            upper.append(hi)
            lines.append(made)
        return Bounds(tuple(lower), tuple(upper), tuple(lines), influence)

    @np.errstate(over="ignore", invalid="ignore")
    def lower_bounds(
        self, boxes: Boxes, bounds: Bounds, rows: Enclosure, shift: Enclosure, inputs: Enclosure
    ) -> tuple[FloatArray, FloatArray]:
        """Return lower bounds of linear functions rows·h + inputs·x + shift on every box.

        Args:
            rows: (R, width of the last hidden layer); inputs: (R, d); shift: (R,).

        Returns:
            The bounds, (B, R), and the coefficients of the linear function below each, (B, R, d).
        """
        sizes = [_sizes(boxes.lower, boxes.upper)]
        errors: list[_Errors] = []
        for number, layer in enumerate(self.layers):
            reach = np.maximum(np.abs(bounds.lower[number]), np.abs(bounds.upper[number]))
            errors.append(self._errors(layer, sizes[-1], reach))
            low, high = _images(layer, bounds.lower[number], bounds.upper[number])
            sizes.append(_sizes(low, high))
        batch, (count, width) = len(boxes), rows.value.shape
        coefficients = np.broadcast_to(rows.value, (batch, count, width))
        constants = np.broadcast_to(shift.value, (batch, count))
        error = np.broadcast_to(shift.radius, (batch, count)) + sizes[-1] @ rows.radius.T
        error = error + sizes[0] @ (inputs.radius + 2 * _U * np.abs(inputs.value)).T + _underflow(sizes[0], 1)
        return self._backward(coefficients, constants, error, boxes, bounds.lines, errors, sizes[0], inputs.value)

    def _interval(
        self, layer: _Layer, low: FloatArray, high: FloatArray, size: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Interval arithmetic: the range of W h + b for low <= h <= high."""
        middle, half = (low + high) / 2, (high - low) / 2
        value = middle @ layer.weight.T + layer.bias
        spread = half @ layer.weight_size.T
        gamma = _gamma(layer.weight.shape[1] + 4)
        error = size @ (layer.weight_radius + 4 * gamma * layer.weight_size).T
        error = error + layer.bias_radius + 4 * gamma * np.abs(layer.bias)
        error = (error + _underflow(size, 1)) * _SAFE + _TINY
        return _finite_or(value - spread - error, -np.inf), _finite_or(value + spread + error, np.inf)

    def _tighten(
        self,
        number: int,
        lo: FloatArray,
        hi: FloatArray,
        boxes: Boxes,
        lines: list[Lines],
        errors: list[_Errors],
        sizes: list[FloatArray],
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Bound the crossing units of a layer backwards; every box has as many rows as the fullest of them."""
        layer = self.layers[number]
        open_units = _crossing(lo, hi) & ~layer.linear
        most = int(open_units.sum(axis=1).max(initial=0))
        if not most:
            return lo, hi, np.zeros_like(boxes.lower)
        chosen = np.argsort(~open_units, axis=1, kind="stable")[:, :most]
        weight, bias = layer.weight[chosen], layer.bias[chosen]
        # The units' own weights and biases are known up to their radii.
        own = np.matmul(layer.weight_radius[chosen], sizes[-1][:, :, None])[..., 0] + layer.bias_radius[chosen]
        both = np.concatenate([weight, -weight], axis=1)
        shift = np.concatenate([bias, -bias], axis=1)
        error = np.concatenate([own, own], axis=1)
        found, slopes = self._backward(both, shift, error, boxes, tuple(lines), errors, sizes[0], None)
        take = np.take_along_axis
        new_l = np.fmax(take(lo, chosen, axis=1), found[:, :most])
        new_u = np.fmin(take(hi, chosen, axis=1), -found[:, most:])
        lo, hi = lo.copy(), hi.copy()
        np.put_along_axis(lo, chosen, new_l, axis=1)
        np.put_along_axis(hi, chosen, new_u, axis=1)
        share = _shares(slopes[:, :most], boxes, _crossing(new_l, new_u) & take(open_units, chosen, axis=1))
        return lo, hi, share

    def _lines(self, layer: _Layer, lo: FloatArray, hi: FloatArray) -> Lines:
        """Choose the lines of a layer, valid on [lo, hi]."""
        negative, positive = np.broadcast_to(layer.negative, lo.shape), np.broadcast_to(layer.positive, lo.shape)
        slope = np.where(lo >= 0, positive, negative)
        crossing = _crossing(lo, hi) & ~layer.linear
        near = np.where(hi > -lo, positive, negative)  # through zero, the slope of the longer side
        width = np.where(crossing, hi - lo, 1.0)
        scale = 2.0**self.bits
        chord = np.rint((positive * hi - negative * lo) / width * scale) / scale
        convex = positive >= negative
        ends = (positive - chord) * hi, (negative - chord) * lo
        slack = 8 * _U * (np.abs(chord) + np.abs(positive) + np.abs(negative)) * (hi - lo) + _TINY
        above = np.ceil((np.maximum(*ends) + slack) * scale + 1) / scale
        below = np.floor((np.minimum(*ends) - slack) * scale - 1) / scale
        return Lines(
            np.where(crossing, np.where(convex, near, chord), slope),
            np.where(crossing & ~convex, below, 0.0),
            np.where(crossing, np.where(convex, chord, near), slope),
            np.where(crossing & convex, above, 0.0),
        )

    def _errors(self, layer: _Layer, size: FloatArray, reach: FloatArray) -> _Errors:
        """What it costs to carry coefficients a on preactivations to the layer's input: |a| e, and a constant."""
        gamma = _gamma(layer.weight.shape[1] + layer.weight.shape[0])
        error = size @ (layer.weight_radius + gamma * layer.weight_size).T
        error = error + layer.bias_radius + gamma * np.abs(layer.bias) + 8 * _U * reach + _underflow(size, 1)
        return error * _SAFE + _TINY, _underflow(size, sum(layer.weight.shape)) + _underflow(reach, 1)

    def _backward(
        self,
        coefficients: FloatArray,
        constants: FloatArray,
        error: FloatArray,
        boxes: Boxes,
        lines: tuple[Lines, ...],
        errors: list[_Errors],
        size: FloatArray,
        inputs: FloatArray | None,
    ) -> tuple[FloatArray, FloatArray]:
        """Carry linear functions of the values behind the lines' last layer back to the boxes."""
        terms = 1 + coefficients.shape[-1]
        for number in reversed(range(len(lines))):
            layer, line = self.layers[number], lines[number]
            up = np.maximum(coefficients, 0)
            down = coefficients - up
            shifts = np.matmul(down, line.upper_shift[:, :, None])[..., 0]
            lifts = np.matmul(up, line.lower_shift[:, :, None])[..., 0]
            on_units = up * line.lower_slope[:, None, :]
            on_units += down * line.upper_slope[:, None, :]
            each, lost = errors[number]
            error = error + np.matmul(np.abs(on_units), each[:, :, None])[..., 0]
            error = error + _gamma(terms) * (np.abs(shifts) + np.abs(lifts))
            error = error + 8 * _U * np.abs(constants)
            constants = constants + shifts + lifts + on_units @ layer.bias
            error = error + 8 * _U * np.abs(constants) + lost
            coefficients = on_units @ layer.weight
            terms = 1 + coefficients.shape[-1]
        if inputs is not None:
            coefficients = coefficients + inputs
        up = np.maximum(coefficients, 0)
        down = coefficients - up
        value = np.matmul(up, boxes.lower[:, :, None])[..., 0] + np.matmul(down, boxes.upper[:, :, None])[..., 0]
        error = error + _gamma(terms + 2) * np.matmul(np.abs(coefficients), size[:, :, None])[..., 0]
        error = error + 8 * _U * (np.abs(constants) + np.abs(value))
        return _finite_or(constants + value - (error * _SAFE + _TINY), -np.inf), coefficients


def _shares(slopes: FloatArray, boxes: Boxes, chosen: BoolArray) -> FloatArray:
    """Each input's part of the variation of linear functions over the boxes, (B, R, d), summed over the chosen ones."""
    parts = np.abs(slopes) * (boxes.upper - boxes.lower)[:, None, :]
    whole = parts.sum(axis=2, keepdims=True)
    return np.asarray(np.where((whole > 0) & chosen[..., None], parts / np.where(whole > 0, whole, 1), 0).sum(axis=1))


def _finite_or(bound: FloatArray, nothing: float) -> FloatArray:
    """A lower bound of +inf would be false, since every value is finite."""
    return np.asarray(np.where(np.isfinite(bound), bound, nothing))


def _sizes(low: FloatArray, high: FloatArray) -> FloatArray:
    """Bounds on the absolute values, never zero."""
    return np.maximum(np.abs(low), np.abs(high)) * _SAFE + _TINY


def _images(layer: _Layer, lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The range of the activations for preactivations in [lo, hi], widened by the rounding of the products."""
    at_l = np.where(lo < 0, layer.negative, layer.positive) * lo
    at_u = np.where(hi < 0, layer.negative, layer.positive) * hi
    low, high = np.minimum(at_l, at_u), np.maximum(at_l, at_u)
    inside = _crossing(lo, hi)
    low, high = np.where(inside, np.minimum(low, 0), low), np.where(inside, np.maximum(high, 0), high)
    return low - (4 * _U * np.abs(low) + _TINY) * (low != 0), high + (4 * _U * np.abs(high) + _TINY) * (high != 0)
