"""One hidden layer, passed backwards by a linear function: term by term, or all terms in one sum.

The layer maps the values h in front of it to z = (W h + b) / q, and every z_j to a(z_j), with slopes n/s for z < 0 and
p/s for z > 0.  A unit has *lines*: integers below = (m, t), above = (m', t') with

    m z / (2^f s) + t / 2^f  <=  a(z)  <=  m' z / (2^f s) + t' / 2^f

for all inputs considered; None where no line is known.  Below a coefficient c_j >= 0 the lower line may replace a(z_j),
below c_j < 0 the upper one: with D = 2^f s q and (m_j, t_j) the line that the sign of c_j asks for,

    sum_j c_j a(z_j)  >=  sum_j c_j (m_j (W_j·h + b_j) + t_j s q) / D.

`Step.plain` computes the right side's numerator, as it stands.  `Packed` computes it in one sum of products: let

    P_j = sum_i m_j W_ji 2^(v i)  +  (m_j b_j + t_j s q) 2^(v n),        i = 0..n-1;

then the digits of sum_j c_j P_j to the base 2^v are the coefficients of h, and in front of them stands the constant.
Digits do not run into one another: if |c_j| < 2^u, |m_j| < 2^g, and sum_j |W_ji| < 2^r for every i, a coefficient is
below 2^(u + g + r), and v > u + g + r.

Rounding.  Where no h_i is ever negative, coefficients may be rounded down, and so may the constant: the function only
becomes smaller.  `Packed` rounds to multiples of 2^e with e = max(0, u + g + r - 62), so that 62 bits remain.  With
2^(63 + e) added to each coefficient none is negative, and each is a group of v bits; what is wanted is the 64 bits from
bit e on, less 2^63.  Flipping the highest of 64 bits subtracts 2^63 from a number read in two's complement.

Cost: `plain` one product for each entry of W that is not zero, in rows where c_j m_j is not; `Packed` one product of a
number of v n bits for each such row, several times less if few entries are zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct

from .core import pack, unpack
from .network import Layer

__all__ = ["KEPT", "Line", "Lines", "Packed", "Step", "size"]

KEPT = 62
Line = tuple[int, int]
Lines = tuple[Line, Line] | None


def size(numbers: Sequence[int]) -> int:
    """Return the least u with |c| < 2^u for all the numbers, of which there is at least one.

    >>> size([3, -4]), size([0])
    (3, 0)
    """
    return max(max(numbers), -min(numbers)).bit_length()


class Step:
    """A hidden layer; `bits` is f."""

    def __init__(self, layer: Layer, bits: int) -> None:
        """List the weights that are not zero."""
        self.layer = layer
        self.nonnegative = all(n <= 0 <= p for n, p in layer.slopes)
        self.shift_scale = layer.slope_denominator * layer.denominator
        self.scale = self.shift_scale << bits
        self.inputs = len(layer.weights[0])
        self.entries = [[(i, w) for i, w in enumerate(row) if w] for row in layer.weights]
        self.is_dense = 8 * sum(map(len, self.entries)) >= self.inputs * len(layer.weights)
        self.norm = max(sum(map(abs, column)) for column in zip(*layer.weights, strict=True))
        self._packed: dict[int, list[int]] = {}

    def packed(self, width: int) -> list[int]:
        """Return the rows of W, with the bias in the last slot of `width` bits."""
        if width not in self._packed:
            rows = zip(self.layer.weights, self.layer.bias, strict=True)
            self._packed[width] = [pack([*row, bias], width) for row, bias in rows]
        return self._packed[width]

    def plain(
        self, row: Sequence[int], lines: Sequence[Lines], added: Mapping[int, int] | None = None
    ) -> tuple[list[int], int] | None:
        """Return the coefficients of h, and the constant, of sum_j row[j] a(z_j) + sum_j added[j] q z_j / D, times D.

        None if a unit without lines has a coefficient other than zero.
        """
        passed, constant = [0] * self.inputs, 0
        for j, c in enumerate(row):
            multiple = added.get(j, 0) if added else 0
            if c:
                line = lines[j]
                if line is None:
                    return None
                slope, shift = line[0] if c > 0 else line[1]
                multiple += c * slope
                constant += c * shift * self.shift_scale
            if multiple:
                constant += multiple * self.layer.bias[j]
                for i, weight in self.entries[j]:
                    passed[i] += multiple * weight
        return passed, constant


class Packed:
    """A layer with lines for all its units, for rows with numbers of at most KEPT + 1 bits."""

    def __init__(self, step: Step, lines: Sequence[tuple[Line, Line]]) -> None:
        """Pack every line.

        >>> step = Step(Layer(((1, 3), (1, -1)), (1, 0), 2, ((0, 1), (0, 1))), 0)
        >>> packed = Packed(step, [((1, 0), (1, 0)), ((0, 0), (1, 4))])
        >>> packed.times([1, -1])  # z_0 - (z_1 + 4), times 2
        ([0, 4], -7)
        >>> packed.rounded([1 << 62, 1])  # 2^62 z_0 + 0, times 2 / 2^e
        ((144115188075855872, 432345564227567616), 144115188075855872, 5)
        """
        self.inputs = step.inputs
        self.growth = size([step.norm]) + size([m for two in lines for m, _ in two])
        self.slot = (self.growth + KEPT + 3 + 7) // 8  # bytes
        self.top = 8 * self.slot * self.inputs
        self.pairs = []
        for packed, two in zip(step.packed(8 * self.slot), lines, strict=True):
            below, above = (m * packed + ((t * step.shift_scale) << self.top) for m, t in two)
            self.pairs.append((below, above))
        self.highest = pack([1 << 63] * self.inputs, 8 * self.slot)
        self.words = Struct("<" + f"q{self.slot - 8}x" * self.inputs)

    def times(self, row: Sequence[int]) -> tuple[list[int], int]:
        """Return what `Step.plain` returns."""
        constant, digits = self._sum(row, 8 * self.slot - 64)
        return unpack(digits - (self.highest << (8 * self.slot - 64)), self.inputs, 8 * self.slot), constant

    def rounded(self, row: Sequence[int]) -> tuple[tuple[int, ...], int, int]:
        """Return the coefficients and the constant, divided by 2^e and rounded down, and e."""
        e = max(0, size(row) + self.growth - KEPT)
        constant, digits = self._sum(row, e)
        words = (digits >> e) ^ self.highest
        return self.words.unpack(words.to_bytes(self.slot * self.inputs, "little")), constant >> e, e

    def _sum(self, row: Sequence[int], e: int) -> tuple[int, int]:
        """The constant, and the other digits with 2^(63 + e) added to each."""
        total = self.highest << e
        for c, (below, above) in zip(row, self.pairs, strict=True):
            if line := below if c > 0 else above:
                total += c * line
        constant = total >> self.top
        return constant, total - (constant << self.top)
