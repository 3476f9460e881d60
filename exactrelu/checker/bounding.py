"""Lower bounds of linear functions of a network's values on a box, from lines below and above its units.

A function sum_j c_j h_j + c of the values behind a hidden layer is carried backwards, layer by layer, with the units'
lines in place of their activations (`steps`).  In front of layer 0 it is linear in the inputs, and its minimum over
the box is read off.

All numbers are integers over one positive denominator, which each layer multiplies.  `lower_bound` computes with
them as they are, for sums whose terms cancel and for bounds that are zero.  `rounded_bound`, which is enough nearly
always, keeps them short: coefficients of values that are never negative are rounded down to multiples of a power of 2
that leaves about 60 bits of the greatest, and so is the constant; a lower bound stays one.

Adding a multiple of a preactivation whose sign is assumed (`assumed`) is how signs that were split take part.

Cost: one product of a row with W for each layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from .network import Network
from .steps import KEPT, Lines, Packed, Step, size

__all__ = ["Box", "Stack"]

Box = Sequence[tuple[Fraction | None, Fraction | None]]


class Stack:
    """The hidden layers, prepared for products from the left; `bits` is f."""

    def __init__(self, network: Network, bits: int) -> None:
        """Prepare every layer."""
        self.bits = bits
        self.steps = [Step(layer, bits) for layer in network.layers[:-1]]
        self._packed: list[tuple[list[Lines], Packed | None]] = [([], None) for _ in self.steps]
        self._corners = _Corners([])

    def lower_bound(
        self,
        layer: int,
        coefficients: Sequence[int],
        constant: int,
        scale: int,
        lines: Sequence[Sequence[Lines]],
        box: Box,
        own: Sequence[int] = (),
        assumed: Mapping[tuple[int, int], int] | None = None,
    ) -> Fraction | None:
        """Bound (sum_j coefficients[j] h_j + own·x + constant) / scale from below; None if nothing bounds it.

        `h`: the values behind the activations of hidden layer number `layer`, the inputs x for -1.
        `assumed`: (layer, neuron) -> multiple of that neuron's preactivation to be added.
        """
        row: Sequence[int] = coefficients
        start = scale
        for k in range(layer, -1, -1):
            step = self.steps[k]
            scale *= step.scale
            factor = scale // step.layer.denominator
            added = {j: multiple * factor for (where, j), multiple in (assumed or {}).items() if where == k}
            passed = step.plain(row, lines[k], added)
            if passed is None:
                return None
            row, shift = passed
            constant = constant * step.scale + shift
        if own:
            factor = scale // start
            row = [c + factor * o for c, o in zip(row, own, strict=True)] if row else [factor * o for o in own]
        corners = self._of(box)
        least = corners.minimum(row)
        return None if least is None else Fraction(constant * corners.scale + least, scale * corners.scale)

    def rounded_bound(
        self,
        layer: int,
        coefficients: Sequence[int],
        constant: int,
        scale: int,
        lines: Sequence[Sequence[Lines]],
        box: Box,
    ) -> int | None:
        """Return an integer N such that N / 2^(2f) is a lower bound as `lower_bound`'s, perhaps a little smaller."""
        row: Sequence[int] = coefficients
        exponent = 0  # the function is (row·h + constant) 2^exponent / scale
        for k in range(layer, -1, -1):
            step = self.steps[k]
            rounds = k > 0 and self.steps[k - 1].nonnegative
            packed = self._pack(k, lines[k]) if step.is_dense and (rounds or k == 0) and size(row) <= KEPT + 1 else None
            e = 0
            if packed is not None and rounds:
                row, shift, e = packed.rounded(row)
                constant = ((constant * step.scale) >> e) + shift
            else:
                passed = step.plain(row, lines[k]) if packed is None else packed.times(row)
                if passed is None:
                    return None
                row, shift = passed
                constant = constant * step.scale + shift
                if rounds:
                    e = max(0, size(row) - KEPT)
                    row = [c >> e for c in row]
                    constant >>= e
            exponent += e
            scale *= step.scale
        corners = self._of(box)
        least = corners.minimum(row)
        if least is None:
            return None
        return ((constant * corners.scale + least) << (exponent + 2 * self.bits)) // (scale * corners.scale)

    def exact_floor(
        self,
        layer: int,
        coefficients: Sequence[int],
        constant: int,
        scale: int,
        lines: Sequence[Sequence[Lines]],
        box: Box,
    ) -> int | None:
        """Return the greatest integer N such that N / 2^(2f) is at most `lower_bound`'s answer."""
        bound = self.lower_bound(layer, coefficients, constant, scale, lines, box)
        return None if bound is None else (bound.numerator << (2 * self.bits)) // bound.denominator

    def _pack(self, k: int, lines: Sequence[Lines]) -> Packed | None:
        """A layer's packed lines, made anew when they have changed; None if some unit has none."""
        if self._packed[k][0] != lines:
            known = [line for line in lines if line is not None]
            self._packed[k] = (list(lines), Packed(self.steps[k], known) if len(known) == len(lines) else None)
        return self._packed[k][1]

    def _of(self, box: Box) -> _Corners:
        if self._corners.box != box:
            self._corners = _Corners(box)
        return self._corners


class _Corners:
    """The ends of a box, which is not empty, as integers over one denominator."""

    def __init__(self, box: Box) -> None:
        """Find the denominator.

        >>> box = _Corners([(Fraction(1, 2), None), (None, Fraction(3))])
        >>> box.minimum([2, -1]), box.scale, box.minimum([-2, 0])
        (-4, 2, None)
        """
        self.box = list(box)
        self.scale = lcm(*(end.denominator for ends in box for end in ends if end is not None))
        self.ends = [tuple(None if end is None else int(end * self.scale) for end in ends) for ends in box]

    def minimum(self, row: Sequence[int]) -> int | None:
        """Return the least value of row·x on the box, times `scale`; None if there is none."""
        total = 0
        for c, (low, high) in zip(row, self.ends, strict=True):
            if c:
                end = low if c > 0 else high
                if end is None:
                    return None
                total += c * end
        return total
