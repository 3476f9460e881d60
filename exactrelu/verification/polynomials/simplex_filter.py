"""Bernstein coefficients on many simplices at once, in floats with proven error bounds.

The coefficients of `bernstein_form`, here with the factor (n choose a) only, are computed by the same Horner scheme for
arrays of simplices: a linear form has one column for each vertex, and a product by a linear form adds d + 1 shifted
multiples.  Every number is an `Enclosure`; a coefficient's sign counts only beyond its radius, or where it is exactly
zero.  So a simplex that is called refuted is refuted by the exact coefficients too, and the leaf `Direct` is right.

Cost: a few array operations for each product of a form by a linear one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure
from exactrelu.verification.polynomials.bernstein_form import HomogeneousForm, Nested, Point, as_fractions, positions
from exactrelu.verification.polynomials.circuit import Circuit
from exactrelu.verification.polynomials.evidence import Witness
from exactrelu.verification.questions.formulas import Formula, evaluate

__all__ = ["filter_simplices"]

Bits = NDArray[np.bool_]
_BLOCK = 4096  # simplices at a time: their coefficients stay in the cache


def filter_simplices(
    points: Sequence[Point], simplices: NDArray[np.int64], formula: Formula
) -> tuple[Bits, Witness | None]:
    """Return which simplices single comparisons refute for certain, and a point that satisfies the formula, if seen.

    With such a point the first answer is of no interest, and left all false.

    Args:
        points: homogeneous integers, with all variables of the formula as coordinates.
        simplices: (N, k + 1) numbers of points.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> x = Polynomial.variable(0)
        >>> points = [(0, 1), (1, 1), (2, 1)]
        >>> filter_simplices(points, np.array([[0, 1], [1, 2]]), compare(x * x, ">", 5 * x - 1) & compare(x, ">"))
        (array([False,  True]), None)
        >>> filter_simplices(points, np.array([[0, 1], [1, 2]]), compare(x, ">", Polynomial.constant(1)))
        (array([False, False]), Witness(point=(Fraction(2, 1),)))
    """
    circuit = Circuit.of(formula)
    n_variables = len(points[0]) - 1
    forms = [HomogeneousForm.of(atom.polynomial, n_variables) for atom in circuit.atoms]
    # The homogenising coordinate of the points divided by q is exactly 1.
    enclosed = [Enclosure.from_integers([point], point[-1]) for point in points]
    coordinates = Enclosure(np.concatenate([e.value for e in enclosed]), np.concatenate([e.radius for e in enclosed]))
    refuted = np.zeros(len(simplices), dtype=np.bool_)
    with np.errstate(all="ignore"):  # overflow gives inf and nan, which decide nothing
        candidates = _true_at_points(coordinates, circuit, forms)
        for vertex in np.flatnonzero(candidates).tolist():
            point = as_fractions(points[vertex])
            if evaluate(formula, point):
                return refuted, Witness(point)
        for start in range(0, len(simplices), _BLOCK):
            block = simplices[start : start + _BLOCK]
            columns = coordinates[block]
            possible = [
                ~_refuted(_expand(form.nested, form.degree, columns), form.degree, block.shape[1], atom.relation)
                for form, atom in zip(forms, circuit.atoms, strict=True)
            ]
            refuted[start : start + _BLOCK] = ~np.asarray(circuit.evaluate(possible), dtype=np.bool_)
    return refuted, None


def _true_at_points(coordinates: Enclosure, circuit: Circuit, forms: Sequence[HomogeneousForm]) -> Bits:
    """Points at which the formula seems to hold: a proposal, to be confirmed exactly."""
    columns = coordinates[np.arange(len(coordinates.value))[:, None]]
    holds = []
    for form, atom in zip(forms, circuit.atoms, strict=True):
        value = _expand(form.nested, form.degree, columns)
        negative = value.value[:, 0] < -value.radius[:, 0]
        zero = ~negative & (value.value[:, 0] <= value.radius[:, 0])
        holds.append(negative if atom.relation == "<" else zero if atom.relation == "==" else negative | zero)
    return np.broadcast_to(np.asarray(circuit.evaluate(holds), dtype=np.bool_), len(coordinates.value))


def _expand(nested: Nested, degree: int, columns: Enclosure) -> Enclosure:
    """Coefficients (N, number of positions) of a form; columns: (N, k + 1, variables + 1)."""
    n_simplices, n_points, _ = columns.value.shape
    if isinstance(nested, int):
        constant = Enclosure.from_integers([[nested]], 1)
        shape = (n_simplices, 1)
        return Enclosure(np.broadcast_to(constant.value, shape), np.broadcast_to(constant.radius, shape))
    total: Enclosure | None = None
    lower, higher = positions(n_points, degree - 1), positions(n_points, degree)
    place = {multiset: number for number, multiset in enumerate(higher)}
    for variable, rest in nested:
        inner = _expand(rest, degree - 1, columns)
        for i in range(n_points):
            product = inner.multiply(columns[:, i, variable][:, None])
            shifted = Enclosure(np.zeros((n_simplices, len(higher))), np.zeros((n_simplices, len(higher))))
            targets = [place[tuple(sorted((*multiset, i)))] for multiset in lower]
            shifted.value[:, targets] = product.value
            shifted.radius[:, targets] = product.radius
            total = shifted if total is None else total.plus(shifted)
    assert total is not None
    return total


def _refuted(form: Enclosure, degree: int, n_points: int, relation: str) -> Bits:
    """As `BernsteinForm.is_refuted`, for certain."""
    is_vertex = np.array([place[0] == place[-1] for place in positions(n_points, degree)])
    nonnegative = form.value >= form.radius  # false for nan
    positive = form.value > form.radius
    if relation == "<":
        return np.asarray(nonnegative.all(axis=1))
    found = nonnegative.all(axis=1) & positive[:, is_vertex].all(axis=1)
    if relation == "==":
        negative = form.value < -form.radius
        nonpositive = form.value <= -form.radius
        found |= nonpositive.all(axis=1) & negative[:, is_vertex].all(axis=1)
    return np.asarray(found)
