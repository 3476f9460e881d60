"""Candidates for counterexamples: points on which the formula seems to hold, found by descent in doubles.

The formula's *violation degree* at a point is p for a comparison p REL 0, the largest degree of a conjunction's parts
and the smallest of a disjunction's; where it is not positive the formula seems to hold.  Descent follows the gradient
of the one comparison that decides the degree, through the network and back, with steps in proportion to the box and
shrinking; points stay in the box.

Everything here is a proposal: `search` substitutes exactly before it says "sat".  Cost: a forward and a backward pass
of the network for each step and point, in matrix products over all points.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import And, Comparison, Formula, comparisons

__all__ = ["Descent"]


class Descent:
    """A network and a formula in doubles."""

    def __init__(self, network: Network, formula: Formula) -> None:
        self.formula = formula
        self.layers = []
        for m in (affine.augmented for affine in network.affine_maps):
            whole = Enclosure.from_nonzeros(m.nonzeros, m.denominator, m.n_columns).value
            self.layers.append((np.ascontiguousarray(whole[:, :-1]), whole[:, -1].copy()))
        self.slopes = [
            np.array([[_double(a.negative), _double(a.positive)] for a in layer.activations]).reshape(-1, 2)
            for layer in network.hidden
        ]
        self.polynomials: list[Polynomial] = []
        self._number: dict[Comparison, int] = {}
        for comparison in comparisons(formula):
            if comparison not in self._number:
                self._number[comparison] = len(self.polynomials)
                self.polynomials.append(comparison.polynomial)

    @np.errstate(over="ignore", invalid="ignore")
    def degrees(self, points: FloatArray) -> FloatArray:
        """Return the violation degree at every point, (P, d) -> (P,)."""
        return self._decisive(self._values(self._forward(points)[0]))[0]

    @np.errstate(over="ignore", invalid="ignore")
    def descend(self, points: FloatArray, lower: FloatArray, upper: FloatArray, steps: int) -> FloatArray:
        """Return points of smaller or equal degree, each the best on the way from its start."""
        best, best_degree = points, np.full(len(points), np.inf)
        reach = (upper - lower) / 4
        for step in range(steps + 1):
            variables, masks = self._forward(points)
            degree, decisive = self._decisive(self._values(variables))
            better = degree < best_degree
            best = np.where(better[:, None], points, best)
            best_degree = np.where(better, degree, best_degree)
            if step == steps or (best_degree <= 0).any():
                break
            gradient = self._gradient(variables, decisive, masks)
            direction = np.sign(gradient)
            points = np.clip(points - direction * reach * (0.85**step), lower, upper)
        return best

    def _forward(self, points: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
        """All variables, inputs then outputs, and the slopes that each hidden layer took."""
        values, taken = points, []
        for (weight, bias), slopes in zip(self.layers[:-1], self.slopes, strict=True):
            z = values @ weight.T + bias
            slope = np.where(z > 0, slopes[:, 1], slopes[:, 0])
            taken.append(slope)
            values = z * slope
        weight, bias = self.layers[-1]
        return np.concatenate([points, values @ weight.T + bias], axis=1), taken

    def _values(self, variables: FloatArray) -> FloatArray:
        columns = [_evaluate(p, variables) for p in self.polynomials]
        return np.stack(columns, axis=1) if columns else np.zeros((len(variables), 0))

    def _decisive(self, values: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
        """The degree at every point and the polynomial that decides it."""

        def degree(part: Formula) -> tuple[FloatArray, NDArray[np.int64]]:
            if isinstance(part, Comparison):
                number = self._number[part]
                own = np.abs(values[:, number]) if part.relation == "==" else values[:, number]
                return own, np.full(len(values), number)
            if not part.parts:
                return np.full(len(values), -np.inf if isinstance(part, And) else np.inf), np.zeros(len(values), int)
            found = [degree(inner) for inner in part.parts]
            degrees = np.stack([f[0] for f in found])
            chosen = degrees.argmax(axis=0) if isinstance(part, And) else degrees.argmin(axis=0)
            here = np.arange(len(values))
            return degrees[chosen, here], np.stack([f[1] for f in found])[chosen, here]

        return degree(self.formula)

    def _gradient(self, variables: FloatArray, decisive: NDArray[np.int64], taken: list[FloatArray]) -> FloatArray:
        d = self.layers[0][0].shape[1]
        outer = np.zeros_like(variables)
        for number in np.unique(decisive) if self.polynomials else ():
            rows = decisive == number
            polynomial = self.polynomials[number]
            for variable in polynomial.variables:
                outer[rows, variable] = _slope(polynomial, variable, variables[rows])
            equality = _evaluate(polynomial, variables[rows])[:, None]
            outer[rows] *= np.where(self._is_equality(number), np.sign(equality), 1.0)
        back = outer[:, d:] @ self.layers[-1][0]
        for (weight, _), slope in zip(reversed(self.layers[:-1]), reversed(taken), strict=True):
            back = (back * slope) @ weight
        return np.asarray(outer[:, :d] + back)

    def _is_equality(self, number: int) -> bool:
        return any(n == number and comparison.relation == "==" for comparison, n in self._number.items())


def _double(value: Fraction) -> float:
    """The nearest double, infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _evaluate(polynomial: Polynomial, variables: FloatArray) -> FloatArray:
    total = np.zeros(len(variables))
    for monomial, coefficient in polynomial.terms:
        term = np.full(len(variables), _double(coefficient))
        for variable, exponent in monomial:
            term = term * variables[:, variable] ** exponent
        total += term
    return total


def _slope(polynomial: Polynomial, variable: int, variables: FloatArray) -> FloatArray:
    """The partial derivative."""
    total = np.zeros(len(variables))
    for monomial, coefficient in polynomial.terms:
        powers = dict(monomial)
        if variable in powers:
            term = np.full(len(variables), _double(coefficient) * powers[variable])
            powers[variable] -= 1
            for other, exponent in powers.items():
                term = term * variables[:, other] ** exponent
            total += term
    return total
