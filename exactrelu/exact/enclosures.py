"""Certified float enclosures: arrays of doubles, each with a proven bound on its error.

An `Enclosure` (value v, radius r) stands for unknown real numbers t with |t - v| <= r, entry by entry.  It lets a
search decide thousands of signs with a few array operations: the sign of t is that of v whenever |v| > r.  What stays
undecided is left to exact arithmetic; nothing is ever decided by a tolerance.

Error analysis.  Doubles round with unit u = 2^-53: fl(a op b) = (a op b)(1 + e), |e| <= u, plus at most 2^-1075 in
absolute value when a product underflows [Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., (2.4),
(2.8)].  A sum of k products in any order, with or without fused multiply-add, errs by at most g(k) sum|a_i||b_i| +
k·2^-1074, g(k) = k u/(1 - k u) [ibid., (3.4)].  With factors known only up to radii,

    |sum t_i s_i - fl(sum v_i w_i)| <= g(k) sum|v_i||w_i| + sum |v_i| r'_i + r_i (|w_i| + r'_i) + k·2^-1074 .

The right side is computed in doubles too: sums of nonnegative terms, each of which loses at most a relative g(k + 3),
and at most 2^-1075 in each of less than 4 (k + 1) products that underflow; so 4 (k + 1)·2^-1074 is added, the sum is
multiplied by 1 + 4 (k + 4) u, and k must stay below 2^40.  Overflow turns values or radii into inf or nan,
which decide nothing (all comparisons below are written so that nan counts as undecided).

Not here: division, square roots, interval arithmetic in general; the search needs products and sums only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Enclosure", "FloatArray"]

FloatArray = NDArray[np.float64]

_UNIT = 2.0**-53
_TINY = 2.0**-1074


def _nearest(numerator: int, denominator: int) -> tuple[float, float]:
    """Return a double near the fraction and a bound on the distance (0 when it is equal)."""
    try:
        value = numerator / denominator  # correctly rounded for integers of any size
    except OverflowError:
        return 0.0, float("inf")
    if value == 0.0:
        return 0.0, _TINY if numerator else 0.0
    high, low = value.as_integer_ratio()
    if high * denominator == numerator * low:
        return value, 0.0
    return value, abs(value) * 2 * _UNIT + _TINY


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Reals t with |t - value| <= radius, entry by entry; both arrays have the same shape.

    Example:
        >>> third = Enclosure.from_integers([[1]], 3)
        >>> bool(0 < third.radius[0, 0] < 1e-16), int(third.signs()[0, 0])
        (True, 1)
        >>> zero = third.plus(Enclosure(-third.value, third.radius))
        >>> zero.signs()[0, 0].item(), bool(zero.is_decided()[0, 0])
        (0, False)
    """

    value: FloatArray
    radius: FloatArray

    @classmethod
    def from_integers(cls, numerators: Sequence[Sequence[int]], denominator: int, n_columns: int = 0) -> Enclosure:
        """Enclose the matrix numerators/denominator; exact where a double is."""
        pairs = [[_nearest(n, denominator) for n in row] for row in numerators]
        shape = (len(pairs), len(pairs[0]) if pairs else n_columns, 2)
        array = np.array(pairs, dtype=np.float64).reshape(shape)
        return cls(array[..., 0], array[..., 1])

    @classmethod
    def from_nonzeros(cls, rows: Sequence[Mapping[int, int]], denominator: int, n_columns: int) -> Enclosure:
        """Enclose a matrix given by its nonzero entries, a mapping column -> numerator for each row.

        >>> Enclosure.from_nonzeros([{1: 3}, {}], 2, 2).value.tolist()
        [[0.0, 1.5], [0.0, 0.0]]
        """
        value, radius = np.zeros((len(rows), n_columns)), np.zeros((len(rows), n_columns))
        for i, row in enumerate(rows):
            if row:
                columns = list(row)
                pairs = np.array([_nearest(n, denominator) for n in row.values()])
                value[i, columns], radius[i, columns] = pairs[:, 0], pairs[:, 1]
        return cls(value, radius)

    @classmethod
    def from_fractions(cls, vector: Sequence[Fraction]) -> Enclosure:
        """Enclose a vector of fractions."""
        array = np.array([_nearest(f.numerator, f.denominator) for f in vector], dtype=np.float64).reshape(
            len(vector), 2
        )
        return cls(array[:, 0], array[:, 1])

    @classmethod
    def exact(cls, value: FloatArray) -> Enclosure:
        """Take doubles as the exact dyadic numbers that they are."""
        return cls(value, np.zeros_like(value))

    def __getitem__(self, key: Any) -> Enclosure:
        return Enclosure(self.value[key], self.radius[key])

    def matmul(self, other: Enclosure) -> Enclosure:
        """Enclose the matrix product (stacks of matrices broadcast as in NumPy's `@`)."""
        terms = self.value.shape[-1]
        left, right = np.abs(self.value), np.abs(other.value)
        # The unit is multiplied last: earlier it could underflow and take a large factor with it.
        radius = left @ other.radius + (terms * 1.0001 * _UNIT) * (left @ right)
        if self.radius.any():
            radius = radius + self.radius @ (right + other.radius)
        return Enclosure(self.value @ other.value, (radius + 4 * (terms + 1) * _TINY) * (1 + 4 * (terms + 4) * _UNIT))

    def plus(self, other: Enclosure) -> Enclosure:
        """Enclose the sum, entry by entry."""
        value = self.value + other.value
        radius = (self.radius + other.radius + np.abs(value) * (1.0001 * _UNIT)) * (1 + 8 * _UNIT) + _TINY
        radius = np.where((self.radius == 0) & (other.radius == 0) & (value == 0), 0.0, radius)
        return Enclosure(value, radius)

    def multiply(self, factors: Enclosure) -> Enclosure:
        """Enclose the product, entry by entry; a factor that is exactly zero gives an exact zero."""
        value = self.value * factors.value
        spread = self.radius * (np.abs(factors.value) + factors.radius)
        if factors.radius.any():
            spread = spread + np.abs(self.value) * factors.radius
        radius = (spread + np.abs(value) * (1.0001 * _UNIT) + 8 * _TINY) * (1 + 16 * _UNIT)
        exact_zero = ((self.value == 0) & (self.radius == 0)) | ((factors.value == 0) & (factors.radius == 0))
        return Enclosure(np.where(exact_zero, 0.0, value), np.where(exact_zero, 0.0, radius))

    def is_decided(self) -> NDArray[np.bool_]:
        """Whether the sign of an entry is certain: nonzero beyond its radius, or exactly zero."""
        decided = (np.abs(self.value) > self.radius) | ((self.value == 0) & (self.radius == 0))
        return np.asarray(decided)

    def signs(self) -> NDArray[np.int8]:
        """Return +1 or -1 where that sign is certain, 0 elsewhere (exact zero, or undecided: see `is_decided`)."""
        signs = (self.value > self.radius).astype(np.int8) - (self.value < -self.radius).astype(np.int8)
        return np.asarray(signs, dtype=np.int8)
