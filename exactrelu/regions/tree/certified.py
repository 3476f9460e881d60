"""Certified float tests of one cell after another: is a point strictly inside, is a side of a hyperplane empty?

Two questions, for thousands of cells at once, answered with a proof or not at all:

* *inside*: the signed row of every unit, and every row of the domain, is positive at a float point (the point is
  exactly the dyadic number that it is, the rows are enclosures, see `exactrelu.exact.enclosures`);
* *empty*: with dyadic multipliers y >= 0 the sum S = sum y_u g_u has a negative maximum over the domain's box.  This
  is Farkas' lemma with the box's own multipliers
  eliminated: whatever linear part is left over from rounding the multipliers is charged at its maximum over the box.
      So any multipliers will do if the margin allows, and short ones make short certificates.

What these tests leave open is decided by exact arithmetic.  Source: own; the second test is the rounding of dual
bounds of Neumaier and Shcherbina, *Safe bounds in linear and mixed-integer linear programming* (2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.regions.problem import Problem

__all__ = ["FloatDomain", "round_multipliers", "rows_at"]

BoolArray = NDArray[np.bool_]

_UNIT = 2.0**-53


def _below(x: Fraction) -> float:
    """Return a double that is not above x; -inf or the largest double if x is out of range."""
    try:
        value = float(x)
    except OverflowError:
        return -np.inf if x < 0 else float(np.finfo(np.float64).max)
    return float(np.nextafter(value, -np.inf)) if Fraction(value) > x else value


def _above(x: Fraction) -> float:
    return -_below(-x)


@dataclass(frozen=True, slots=True)
class FloatDomain:
    """The domain as floats with proven errors.

    rows: (p, d + 1) enclosures of b - a·x for every inequality a·x <= b.  lower, upper: doubles that enclose the box
        from outside; None if the domain is no bounded box.
    """

    rows: Enclosure
    lower: FloatArray | None
    upper: FloatArray | None

    @classmethod
    def of(cls, problem: Problem) -> FloatDomain:
        """Enclose the domain of a problem (its equalities, if any, are not represented)."""
        rows = [(*(-a for a in normal), b) for normal, relation, b in problem.domain_rows if relation != "=="]
        enclosed = Enclosure.from_integers(rows, 1, n_columns=problem.network.n_inputs + 1)
        if problem.box is None:
            return cls(enclosed, None, None)
        lower, upper = problem.box
        return cls(enclosed, np.array([_below(x) for x in lower]), np.array([_above(x) for x in upper]))

    def contains(self, points: FloatArray) -> BoolArray:
        """Whether each point, (B, d), certainly satisfies every inequality strictly."""
        if not len(self.rows.value):
            return np.ones(len(points), dtype=bool)
        stacked = Enclosure(
            np.broadcast_to(self.rows.value, (len(points), *self.rows.value.shape)),
            np.broadcast_to(self.rows.radius, (len(points), *self.rows.radius.shape)),
        )
        return np.asarray((rows_at(stacked, points).signs() > 0).all(axis=1))

    def maximum(self, forms: Enclosure) -> FloatArray:
        """Return upper bounds of affine forms, (B, d + 1), over the box; infinity if the domain is no box."""
        if self.lower is None or self.upper is None:
            return np.full(len(forms.value), np.inf)
        linear, constant = forms.value[:, :-1], forms.value[:, -1]
        size = np.maximum(np.abs(self.lower), np.abs(self.upper))
        corner = np.maximum(linear * self.lower, linear * self.upper)
        terms = linear.shape[1] + 2
        magnitude = np.abs(linear) @ size + np.abs(constant)
        error = (
            forms.radius[:, :-1] @ size + forms.radius[:, -1] + terms * 1.01 * _UNIT * magnitude + terms * 2.0**-1070
        )
        return np.asarray(np.nextafter(corner.sum(axis=1) + constant + error * (1 + 8 * terms * _UNIT), np.inf))

    def is_refuted(self, rows: Enclosure, multipliers: FloatArray) -> BoolArray:
        """Whether the combination of signed rows with these multipliers certainly has a negative maximum.

        Args:
            rows: (B, m, d + 1) enclosures of unit rows (unsigned).
            multipliers: (B, m) doubles, taken as exact, already multiplied by the signs of the rows.
        """
        combined = Enclosure.exact(multipliers[:, None, :]).matmul(rows)[:, 0]
        return np.asarray(self.maximum(combined) < 0)


def rows_at(rows: Enclosure, points: FloatArray) -> Enclosure:
    """Enclose the values of affine rows, (B, m, d + 1), at float points, (B, d): (B, m)."""
    extended = np.concatenate([points, np.ones((len(points), 1))], axis=1)[:, :, None]
    return rows.matmul(Enclosure.exact(extended))[..., 0]


def round_multipliers(multipliers: FloatArray, bits: int) -> FloatArray:
    """Round nonnegative multipliers, (B, m), to multiples of 2^-bits of the power of two above the largest of each row.

    Rounding changes which proof is proposed, not what is proved: the caller tests the rounded ones.
    """
    largest = multipliers.max(axis=1, keepdims=True, initial=0.0)
    step = np.exp2(np.frexp(np.where(largest > 0, largest, 1.0))[1] - float(bits))
    return np.asarray(np.rint(multipliers / step) * step)
