"""Lower bounds of linear functions of a network's values on a box, from lines below and above its units.

Notation.  Hidden layer k maps the values h (the inputs for k = 0) to z = (W h + b) / q and then every unit's z to
a(z), with slopes n/s for z < 0 and p/s for z > 0.  A unit has *lines*: integers below = (m, t), above = (m', t') with

    m z / (2^f s) + t / 2^f  <=  a(z)  <=  m' z / (2^f s) + t' / 2^f

for all inputs considered; None where no line is known.  `lower_bound` carries a function sum_j c_j h_j + c backwards:
below a coefficient c_j >= 0 the unit's lower line may replace it, below c_j < 0 the upper one.  In front of layer 0 the
function is linear in the inputs, and its minimum over the box is read off.

All numbers are integers over one positive denominator, which each layer multiplies.  To keep them short, coefficients
of values that are never negative (n <= 0 <= p for all units of the layer) are rounded *down* to multiples of 2^-64,
and so is the constant: the function can only become smaller, so a lower bound stays one.  Nothing else is rounded, and
nothing at all on demand (`exact`): a bound that is zero stays zero then.

Adding a multiple of a preactivation whose sign is assumed (`assumed`) is how signs that were split take part.

Cost: one product of a row with W for each layer, zeros left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from operator import itemgetter, mul

from .network import Network

__all__ = ["Box", "Lines", "Stack", "minimum"]

PLACES = 64
Line = tuple[int, int]
Lines = tuple[Line, Line] | None
Box = Sequence[tuple[Fraction | None, Fraction | None]]


class Stack:
    """The hidden layers, prepared for products from the left; `bits` is f."""

    def __init__(self, network: Network, bits: int) -> None:
        """Turn every matrix once."""
        self.bits = bits
        self.hidden = network.layers[:-1]
        self.columns = [list(zip(*layer.weights, strict=True)) for layer in self.hidden]
        self.inputs = network.inputs
        self.nonnegative = [all(n <= 0 <= p for n, p in layer.slopes) for layer in self.hidden]

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
        *,
        exact: bool = False,
    ) -> Fraction | None:
        """Bound (sum_j coefficients[j] h_j + own·x + constant) / scale from below; None if nothing bounds it.

        `h`: the values behind the activations of hidden layer number `layer`, the inputs x for -1.
        `assumed`: (layer, neuron) -> multiple of that neuron's preactivation to be added.
        `exact`: round nothing; so it is with `own` in any case.
        """
        row: Sequence[int] = coefficients
        start = scale
        for k in range(layer, -1, -1):
            if self.nonnegative[k] and not exact and not own:
                row = [(c << PLACES) // scale for c in row]
                constant = (constant << PLACES) // scale
                scale = 1 << PLACES
            hidden, found, own_row = self.hidden[k], lines[k], list(row)
            slope_scale = hidden.slope_denominator << self.bits
            shifts = 0
            for j, c in enumerate(row):
                if c:
                    line = found[j]
                    if line is None:
                        return None
                    slope, shift = line[0] if c > 0 else line[1]
                    own_row[j] = c * slope
                    if shift:
                        shifts += c * shift
            constant = constant * slope_scale + shifts * hidden.slope_denominator
            scale *= slope_scale
            if assumed:
                for (where, j), multiple in assumed.items():
                    if where == k:
                        own_row[j] += multiple * scale
            constant = constant * hidden.denominator + sum(map(mul, own_row, hidden.bias))
            scale *= hidden.denominator
            row = _product(own_row, self.columns[k])
        if own:
            factor = scale // start
            row = [c + factor * o for c, o in zip(row, own, strict=True)] if row else [factor * o for o in own]
        least = minimum(row, box)
        return None if least is None else (constant + least) / scale


def _product(row: list[int], columns: list[tuple[int, ...]]) -> list[int]:
    """The product of a row with the matrix of these columns."""
    used = [j for j, c in enumerate(row) if c]
    if len(used) < 2:
        return [row[used[0]] * column[used[0]] for column in columns] if used else [0] * len(columns)
    pick = itemgetter(*used)
    values = pick(row)
    return [sum(map(mul, values, pick(column))) for column in columns]


def minimum(row: Sequence[int], box: Box) -> Fraction | None:
    """Return the least value of row·x on a box that is not empty, None if there is none.

    >>> minimum([2, -1], [(Fraction(1, 2), None), (None, Fraction(3))])
    Fraction(-2, 1)
    >>> minimum([-2, 0], [(Fraction(1, 2), None), (None, None)])
    """
    ends = []
    for c, (low, high) in zip(row, box, strict=True):
        if c:
            end = low if c > 0 else high
            if end is None:
                return None
            ends.append((c, end))
    scale = lcm(*(end.denominator for _, end in ends))
    return Fraction(sum(c * end.numerator * (scale // end.denominator) for c, end in ends), scale)
