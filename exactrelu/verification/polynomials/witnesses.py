"""Points and segments of a simplex that may satisfy a situation, and the tests that they do.

Tried are the vertices, the barycentre, the midpoints of the edges, the critical points of quadratic comparisons, and
the rational zeros of equations on edges.  For a single equation without a rational zero at hand, the segments between
vertices and barycentre are tried for a crossing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import flint

from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.polynomials.bernstein_form import Point, as_fractions, as_homogeneous, point_between
from exactrelu.verification.polynomials.cuts import critical_weights
from exactrelu.verification.polynomials.evidence import CrossingWitness, Witness
from exactrelu.verification.polynomials.pieces import Piece, circuit_of, homogeneous
from exactrelu.verification.questions.formulas import Comparison, Formula
from exactrelu.verification.questions.situations import Situation

__all__ = ["find_crossing", "find_witness"]


def find_witness(piece: Piece, situation: Situation, atoms: Sequence[Comparison]) -> Witness | None:
    """Return a candidate that satisfies the situation; `atoms` are the comparisons that the piece leaves open."""
    for point in _candidates(piece, atoms):
        if _holds(situation, point):
            return Witness(as_fractions(point))
    return None


def _holds(situation: Situation, point: Point) -> bool:
    def true_at(atom: Comparison) -> bool:
        value = homogeneous(atom.polynomial, len(point) - 1).at(point)
        if atom.relation == "==":
            return value == 0
        return value < 0 or (value == 0 and atom.relation == "<=")

    return all(true_at(fact) for fact in situation.literals) and all(
        circuit_of(alternative).evaluate([true_at(atom) for atom in circuit_of(alternative).atoms])
        for alternative in situation.pending
    )


def _candidates(piece: Piece, atoms: Sequence[Comparison]) -> Iterator[Point]:
    yield from piece.points
    if len(piece.points) == 1:
        return
    yield _barycentre(piece.points)
    equations = {atom.polynomial for atom in atoms if atom.relation == "==" and atom.polynomial.degree > 1}
    for one, two in combinations(piece.points, 2):
        yield point_between(one, two, Fraction(1, 2))
        for polynomial in equations:
            for ratio in _rational_zeros(polynomial, one, two):
                yield point_between(one, two, ratio)
    for polynomial in dict.fromkeys(atom.polynomial for atom in atoms):
        critical = critical_weights(piece, polynomial)
        if critical is not None:
            yield _mean(piece.points, critical)


def _barycentre(points: Sequence[Point]) -> Point:
    return _mean(points, [Fraction(1, len(points))] * len(points))


def _mean(points: Sequence[Point], weights: Sequence[Fraction]) -> Point:
    columns = zip(*(as_fractions(point) for point in points), strict=True)
    return as_homogeneous([sum((w * x for w, x in zip(weights, c, strict=True)), Fraction(0)) for c in columns])


def _rational_zeros(polynomial: Polynomial, one: Point, two: Point) -> list[Fraction]:
    """Return the rational zeros of a polynomial inside the segment, as ratios."""
    values = homogeneous(polynomial, len(one) - 1).on((one, two)).coefficients
    # With m_0 = l_0 / q_0 and m_1 = l_1 / q_1 the form is sum c_k m_0^(n-k) m_1^k: a polynomial in u = m_1 / m_0.
    zeros = []
    for factor, _ in flint.fmpz_poly(list(values)).factor()[1]:
        if factor.degree() == 1:
            u = Fraction(-int(factor[0]), int(factor[1]))
            if u > 0:
                # l_1 / l_0 = u q_1 / q_0
                odds = u * two[-1] / one[-1]
                zeros.append(odds / (1 + odds))
    return zeros


def find_crossing(piece: Piece, situation: Situation, facts: Sequence[Comparison]) -> CrossingWitness | None:
    """Return a segment on which an equation is crossed and all else holds; `facts` are those that are open."""
    equations = [fact for fact in facts if fact.relation == "=="]
    if not equations:
        return None
    polynomial = equations[0].polynomial
    if any(equation.polynomial not in (polynomial, -polynomial) for equation in equations):
        return None
    ends = [*piece.points, _barycentre(piece.points)]
    form = homogeneous(polynomial, piece.n_variables)
    values = [form.at(point) for point in ends]
    assumed: list[Formula] = [*situation.literals, *situation.pending]
    for (one, u), (two, v) in combinations(zip(ends, values, strict=True), 2):
        if (u < 0 < v) or (v < 0 < u):
            witness = CrossingWitness(as_fractions(one), as_fractions(two), equations[0])
            if all(witness.defect(part) is None for part in assumed):
                return witness
    return None
