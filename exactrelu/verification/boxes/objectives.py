"""The comparisons of a situation as rows of linear functions, and the formula's truth on many boxes at once.

A comparison p REL 0 is *impossible* on a box when a certified lower bound of p is positive (or zero, for p < 0); p == 0
also when that of -p is. A conjunction is impossible when a part is, a disjunction when all parts are; so an array of
lower bounds, a row for each box, decides many boxes with a few array operations.  Comparisons of nonlinear
polynomials are never found impossible here.

Not done here: the bounds (`float_network`), and what to do with boxes on which the formula may hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import And, Comparison, Formula, Or, comparisons
from exactrelu.verification.questions.situations import Situation

__all__ = ["Objectives"]

BoolArray = NDArray[np.bool_]


class Objectives:
    """The distinct linear comparisons of a situation beyond its box, in the last hidden values and the inputs.

    `rows` (R, width), `inputs` (R, d) and `shift` (R,) are enclosures of exact coefficients; an equality has two
    rows, of p and of -p.  `of_outputs` (R,): whether a row depends on the hidden layers at all.
    """

    def __init__(self, network: Network, situation: Situation) -> None:
        self.situation = situation
        self._row: dict[Comparison, int] = {}
        d = self.n_inputs = network.n_inputs
        augmented = network.output.augmented
        weights = [dict(enumerate(map(int, row[:-1]))) for row in augmented.numerators]
        biases = [Fraction(int(row[-1]), augmented.denominator) for row in augmented.numerators]
        width = augmented.n_columns - 1
        rows: list[list[Fraction]] = []
        inputs: list[list[Fraction]] = []
        shift: list[Fraction] = []
        for comparison in self._distinct():
            coefficients, constant = comparison.polynomial.linear_part()
            row, own = [Fraction(0)] * width, [Fraction(0)] * d
            for variable, c in coefficients.items():
                if variable < d:
                    own[variable] += c
                    continue
                constant += c * biases[variable - d]
                scaled = c / augmented.denominator
                for column, w in weights[variable - d].items():
                    if w:
                        row[column] += scaled * w
            self._row[comparison] = len(rows)
            for sign in (1, -1) if comparison.relation == "==" else (1,):
                rows.append([sign * value for value in row])
                inputs.append([sign * value for value in own])
                shift.append(sign * constant)
        self.rows = _enclose(rows, width)
        self.inputs = _enclose(inputs, d)
        self.shift = Enclosure.from_fractions(shift)
        self.of_outputs = np.array([any(row) for row in rows], dtype=np.bool_)

    def _distinct(self) -> Iterator[Comparison]:
        seen: set[Comparison] = set()
        for part in self.situation.beyond_box(self.n_inputs):
            for comparison in comparisons(part):
                if comparison.polynomial.is_linear and comparison not in seen:
                    seen.add(comparison)
                    yield comparison

    def __len__(self) -> int:
        return len(self.shift.value)

    def impossible(self, part: Formula, lower: FloatArray) -> BoolArray:
        """Which boxes the formula cannot hold on, from `lower`, the (B, R) lower bounds of the rows."""
        if isinstance(part, Comparison):
            row = self._row.get(part)
            if row is None:
                return np.zeros(len(lower), dtype=np.bool_)
            if part.relation == "<=":
                return np.asarray(lower[:, row] > 0)
            if part.relation == "<":
                return np.asarray(lower[:, row] >= 0)
            return np.asarray((lower[:, row] > 0) | (lower[:, row + 1] > 0))
        masks = [self.impossible(inner, lower) for inner in part.parts]
        if isinstance(part, Or):
            return np.asarray(np.logical_and.reduce(masks)) if masks else np.ones(len(lower), dtype=np.bool_)
        return np.asarray(np.logical_or.reduce(masks)) if masks else np.zeros(len(lower), dtype=np.bool_)

    def closed(self, lower: FloatArray) -> BoolArray:
        """Which boxes contain no point of the situation."""
        done = np.zeros(len(lower), dtype=np.bool_)
        for part in self.situation.parts:
            done |= self.impossible(part, lower)
        return done

    def decisive(self, lower: FloatArray) -> NDArray[np.int64]:
        """Return for each box the row whose bound is nearest to closing it, (B, R) -> (B,).

        Of a conjunction the part with the largest bound, of a disjunction the one with the smallest.
        """
        return self._decisive(And, self.situation.parts, np.where(np.isnan(lower), -np.inf, lower))[1]

    def _decisive(
        self, kind: type[And] | type[Or], parts: Sequence[Formula], lower: FloatArray
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        bounds, rows = [], []
        for part in parts:
            if isinstance(part, Comparison):
                row = self._row.get(part)
                if row is None or not self.of_outputs[row]:
                    continue
                chosen = np.full(len(lower), row)
                if part.relation == "==":
                    chosen = chosen + (lower[:, row + 1] > lower[:, row])
                bounds.append(np.take_along_axis(lower, chosen[:, None], axis=1)[:, 0])
                rows.append(chosen)
            else:
                bound, row_of = self._decisive(type(part), part.parts, lower)
                bounds.append(bound)
                rows.append(row_of)
        if not bounds:
            return np.full(len(lower), -np.inf if kind is And else np.inf), np.zeros(len(lower), dtype=np.int64)
        table, here = np.stack(bounds), np.arange(len(lower))
        best = table.argmax(axis=0) if kind is And else table.argmin(axis=0)
        return table[best, here], np.stack(rows)[best, here]

    def refuting_sign(self, comparison: Comparison, lower: FloatArray) -> int:
        """Return 1 if p is too large for the comparison, -1 if -p is, 0 if it may hold; `lower`: the (R,) bounds."""
        row = self._row.get(comparison)
        if row is None:
            return 0
        if lower[row] > 0 or (comparison.relation == "<" and lower[row] >= 0):
            return 1
        return -1 if comparison.relation == "==" and lower[row + 1] > 0 else 0


def _enclose(rows: list[list[Fraction]], width: int) -> Enclosure:
    found = [Enclosure.from_fractions(row) for row in rows]
    shape = (len(rows), width)
    return Enclosure(
        np.array([e.value for e in found], dtype=np.float64).reshape(shape),
        np.array([e.radius for e in found], dtype=np.float64).reshape(shape),
    )
