"""Many small linear programs at once, in floats: simplex dictionaries in one array, pivoted together.

A search tree asks thousands of similar questions ("does this hyperplane cut that cell?") about polyhedra of the same
dimension d.  One library call for each costs a millisecond, nearly all of it overhead; pivoting all of them with one
array operation costs microseconds.  Everything here is a *proposal*: points and multipliers that exact arithmetic or
a certified bound must accept before anything is concluded.  Hence tolerances are harmless here, and used.

A dictionary describes a vertex: d constraints g_j >= 0 are *nonbasic* (tight, their slacks s_j are the coordinates),
and every coordinate x_i and every other slack is an affine function of s.  `table[b]` holds, for problem b, one row
each: the objective, the d coordinates, the other slacks; columns: the d nonbasic slacks, then the constant, then the
coefficient of R.  R is an infinitely large number: an unbounded domain is treated as the box |x_i| <= R, whose rows
come along as ordinary constraints; constants compare lexicographically.  If at an optimum a box row has a positive
multiplier the objective's value has a positive coefficient of R, so no false optimum can arise from the box.

A pivot exchanges one nonbasic with one basic slack (a rank-one update of the table).  The entering slack has the
largest positive objective coefficient, the leaving one is the first to reach zero; a cap on pivots guards against
cycling.

Cost of a pivot: (1 + d + rows)·(d + 2) multiply-adds a problem.  Not here: exact anything (`simplex`, `decide`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import FloatArray

__all__ = ["Dictionaries"]

IntArray = NDArray[np.int64]

_TOLERANCE = 1e-9  # steers proposals only
_INFINITE = 1e12  # stands for R when constants are compared
_MAX_PIVOTS = 200


@dataclass(slots=True)
class Dictionaries:
    """A batch of dictionaries over the same space; mutable, owned by one search.

    table: (B, 1 + d + m, d + 2) floats; `basic`: (B, m) identifiers of the slack rows, -1 for padding; `nonbasic`:
        (B, d) identifiers.
    """

    table: FloatArray
    basic: IntArray
    nonbasic: IntArray

    @classmethod
    def corner(cls, lower: FloatArray, upper: FloatArray, infinite: bool) -> Dictionaries:
        """Return one dictionary at the corner x = lower of a box (of the box |x_i| <= R if `infinite`).

        Constraint j is x_j >= lower_j, constraint d + j is x_j <= upper_j.
        """
        d = len(lower)
        table = np.zeros((1, 1 + 2 * d, d + 2))
        table[0, 1 : 1 + d, :d] = np.eye(d)
        table[0, 1 + d :, :d] = -np.eye(d)
        if infinite:
            table[0, 1 : 1 + d, d + 1] = -1.0
            table[0, 1 + d :, d + 1] = 2.0
        else:
            table[0, 1 : 1 + d, d] = lower
            table[0, 1 + d :, d] = upper - lower
        return cls(table, np.arange(d, 2 * d)[None, :], np.arange(d)[None, :])

    @property
    def dimension(self) -> int:
        """Dimension d of the space."""
        return int(self.nonbasic.shape[1])

    def __len__(self) -> int:
        return len(self.table)

    def take(self, index: IntArray | NDArray[np.bool_]) -> Dictionaries:
        """Return a copy of some of the dictionaries."""
        return Dictionaries(self.table[index], self.basic[index], self.nonbasic[index])

    def put(self, index: IntArray, other: Dictionaries) -> None:
        """Overwrite some of the dictionaries by others of the same size."""
        self.table[index] = other.table
        self.basic[index] = other.basic
        self.nonbasic[index] = other.nonbasic

    @staticmethod
    def join(parts: list[Dictionaries]) -> Dictionaries:
        """Concatenate batches, padding to the largest number of rows."""
        most = max(part.basic.shape[1] for part in parts)
        return Dictionaries(
            np.concatenate([part._padded(most).table for part in parts]),
            np.concatenate([part._padded(most).basic for part in parts]),
            np.concatenate([part.nonbasic for part in parts]),
        )

    def _padded(self, rows: int) -> Dictionaries:
        more = rows - self.basic.shape[1]
        if not more:
            return self
        padding = np.zeros((len(self), more, self.table.shape[2]))
        padding[:, :, self.dimension] = 1.0  # the constraint 1 >= 0 never limits a step
        names = np.full((len(self), more), -1)
        return Dictionaries(
            np.concatenate([self.table, padding], axis=1), np.concatenate([self.basic, names], axis=1), self.nonbasic
        )

    def express(self, rows: FloatArray) -> FloatArray:
        """Write the affine functions rows·(x, 1), (B, d + 1), in the nonbasic slacks: (B, d + 2)."""
        d = self.dimension
        out = np.matmul(rows[:, None, :d], self.table[:, 1 : 1 + d])[:, 0]
        out[:, d] += rows[:, d]
        return np.asarray(out)

    def append(self, expressed: FloatArray, names: IntArray) -> Dictionaries:
        """Return the dictionaries with one more constraint each, given in the nonbasic slacks."""
        return Dictionaries(
            np.concatenate([self.table, expressed[:, None, :]], axis=1),
            np.concatenate([self.basic, names[:, None]], axis=1),
            self.nonbasic,
        )

    def vertices(self) -> tuple[FloatArray, FloatArray]:
        """Return the vertices as (finite part, coefficient of R), (B, d) each."""
        d = self.dimension
        return self.table[:, 1 : 1 + d, d], self.table[:, 1 : 1 + d, d + 1]

    def scale_of_infinity(self) -> FloatArray:
        """Return for each problem a number R for which the vertex satisfies its constraints."""
        d = self.dimension
        finite, coefficient = self.table[:, 1 + d :, d], self.table[:, 1 + d :, d + 1]
        needed = np.where(coefficient > _TOLERANCE, -finite / np.where(coefficient > _TOLERANCE, coefficient, 1.0), 0.0)
        return np.asarray(2.0 * np.maximum(1.0, needed.max(axis=1, initial=0.0)))

    def values(self, rows: FloatArray) -> FloatArray:
        """Return the values at the vertices of expressed rows, (..., d + 2), with a large number for R."""
        d = self.dimension
        infinite = rows[..., d + 1]
        constants = rows[..., d] + np.where(np.abs(infinite) > _TOLERANCE, infinite * _INFINITE, 0.0)
        return np.asarray(constants)

    def raise_objective(self, objective: FloatArray, above: float = _TOLERANCE) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Pivot, in place, until the objective exceeds `above` or is at its maximum.

        Args:
            objective: (B, d + 2), expressed in the current nonbasic slacks.
            above: stop as soon as the value at the vertex is greater.

        Returns:
            The objective in the final nonbasic slacks (so minus its first d entries are dual multipliers at a
            maximum), and which problems exceeded `above`.
        """
        d = self.dimension
        self.table[:, 0] = objective
        value = self.values(self.table[:, 0])
        active = np.flatnonzero(value <= above)
        for _ in range(_MAX_PIVOTS):
            if not len(active):
                break
            costs = self.table[active, 0, :d]
            enter = costs.argmax(axis=1)
            improving = costs[np.arange(len(active)), enter] > _TOLERANCE
            active, enter = active[improving], enter[improving]
            if not len(active):
                break
            leave, limited = self._ratio_test(active, enter)
            active, enter, leave = active[limited], enter[limited], leave[limited]
            if not len(active):
                break
            self._pivot(active, enter, leave)
            active = active[self.values(self.table[active, 0]) <= above]
        final = self.table[:, 0].copy()
        return final, self.values(final) > above

    def _ratio_test(self, active: IntArray, enter: IntArray) -> tuple[IntArray, NDArray[np.bool_]]:
        d = self.dimension
        slacks = self.table[active, 1 + d :]
        slopes = slacks[np.arange(len(active)), :, enter]
        falling = slopes < -_TOLERANCE
        limited = falling.any(axis=1)
        divisor = np.where(falling, -slopes, 1.0)
        if slacks[..., d + 1].any():  # constants compare by their coefficients of R first
            infinite = np.where(np.abs(slacks[..., d + 1]) > _TOLERANCE, slacks[..., d + 1], 0.0)
            falling = _smallest(np.maximum(infinite, 0.0) / divisor, falling)
            # Where R has a coefficient, a negative finite part is no violation.
            floor = np.where(infinite > 0, -np.inf, 0.0)
            steps = np.maximum(slacks[..., d], floor) / divisor
        else:
            steps = np.maximum(slacks[..., d], 0.0) / divisor
        # Among rows that stop the step first, the steepest gives the most accurate pivot.
        steep = np.where(_smallest(steps, falling), -slopes, -np.inf)
        return steep.argmax(axis=1), np.asarray(limited)

    def _pivot(self, active: IntArray, enter: IntArray, leave: IntArray) -> None:
        d = self.dimension
        count = np.arange(len(active))
        table = self.table if len(active) == len(self.table) else self.table[active]
        leaving = table[count, 1 + d + leave]
        pivot = leaving[count, enter]
        fresh = -leaving / pivot[:, None]
        fresh[count, enter] = 1.0 / pivot
        column = table[count, :, enter]
        table[count, :, enter] = 0.0
        table += column[:, :, None] * fresh[:, None, :]
        table[count, 1 + d + leave] = fresh
        if table is not self.table:
            self.table[active] = table
        names = self.basic[active, leave]
        self.basic[active, leave] = self.nonbasic[active, enter]
        self.nonbasic[active, enter] = names


def _smallest(steps: FloatArray, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark, in each row, the entries of `among` that are smallest up to rounding."""
    masked = np.where(among, steps, np.inf)
    first = masked.min(axis=1, keepdims=True, initial=np.inf)
    return np.asarray(among & (masked <= first + np.abs(first) * _TOLERANCE + 1e-14))
