"""Where to cut a simplex on which comparisons of polynomials are undecided.

Four kinds, from exact to plain:

- at the zero of a *linear factor* of a polynomial: afterwards the factor has one sign on each side;
- through the *critical point* of a quadratic form that touches zero there: it becomes a vertex, where the coefficients
  can say so;
- the edge of the *lowest coefficient*, in the middle, if that is negative though no value at a vertex is;
- the *longest* edge, in the middle.

A cut is (i, j, ratio): the point w_i + ratio·(w_j - w_i) of an edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import factorial, prod

import flint

from exactrelu.exact.matrices import RationalMatrix, Solution
from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.bernstein_form import BernsteinForm, Point, as_fractions, positions
from exactrelu.verification.formulas import Comparison
from exactrelu.verification.polynomial_pieces import Piece, signs_of

__all__ = ["bent_edge", "critical_weights", "linear_cut", "linear_factors", "longest_edge", "touching_cut"]

Cut = tuple[int, int, Fraction]


@lru_cache(maxsize=4096)
def linear_factors(polynomial: Polynomial) -> tuple[Polynomial, ...]:
    """Return the rational factors of degree 1 of a polynomial, each once; itself if it is linear.

    >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
    >>> [str(factor) for factor in linear_factors(x**3 - x * y**2)]
    ['x0', 'x0 + x1', 'x0 - x1']
    """
    if polynomial.degree <= 1:
        return (polynomial,) if polynomial.variables else ()
    variables = polynomial.variables
    context = flint.fmpq_mpoly_ctx.get([f"x{v}" for v in variables], "lex")
    dense = {}
    for monomial, c in polynomial.terms:
        powers = dict(monomial)
        dense[tuple(powers.get(v, 0) for v in variables)] = flint.fmpq(c.numerator, c.denominator)
    found = []
    for factor, _ in context.from_dict(dense).factor()[1]:
        if factor.total_degree() == 1:
            terms = [
                ([(variables[place], e) for place, e in enumerate(exponents)], Fraction(int(c.p), int(c.q)))
                for exponents, c in factor.to_dict().items()
            ]
            found.append(Polynomial.from_terms(terms))
    return tuple(sorted(found, key=str))


def linear_cut(piece: Piece, atoms: Iterable[Comparison]) -> Cut | None:
    """Return an edge on which a linear factor of an atom changes sign, and the place of its zero."""
    for atom in atoms:
        for factor in linear_factors(atom.polynomial):
            values = piece.form(factor).coefficients
            if min(values) < 0 < max(values):
                i, j = values.index(min(values)), values.index(max(values))
                low = Fraction(values[i], piece.points[i][-1])
                high = Fraction(values[j], piece.points[j][-1])
                return i, j, low / (low - high)
    return None


def critical_weights(piece: Piece, polynomial: Polynomial) -> tuple[tuple[Fraction, ...], Fraction] | None:
    """Return the barycentric weights of the critical point of a quadratic polynomial on the piece, and its value there.

    With the symmetric matrix B of Bernstein coefficients the polynomial is l^T B l, and on sum l = 1 it is critical
    where B l = v·(1, ..., 1); v is the value, up to the common denominator of the coefficients.  None if the
    polynomial is not quadratic, or the point is not unique or not in the simplex.
    """
    if polynomial.degree != 2:
        return None
    n = len(piece.points)
    form = piece.form(polynomial)
    entries = dict(zip(positions(n, 2), _true_coefficients(piece.points, form), strict=True))
    rows = [[*(entries[min(i, j), max(i, j)] for j in range(n)), Fraction(-1)] for i in range(n)]
    rows.append([*[Fraction(1)] * n, Fraction(0)])
    solution = RationalMatrix.from_rows(rows).solve([*[0] * n, 1])
    if not isinstance(solution, Solution) or not solution.unique or min(solution.point[:n]) < 0:
        return None
    return solution.point[:n], solution.point[n]


def touching_cut(piece: Piece, atoms: Iterable[Comparison]) -> Cut | None:
    """Return a cut towards the critical point of a quadratic atom that is zero there, unless it is a vertex."""
    for atom in atoms:
        critical = critical_weights(piece, atom.polynomial)
        if critical is not None and critical[1] == 0:
            inside = [i for i, weight in enumerate(critical[0]) if weight]
            if len(inside) > 1:
                i, j = inside[:2]
                return i, j, critical[0][j] / (critical[0][i] + critical[0][j])
    return None


def bent_edge(piece: Piece, atoms: Iterable[Comparison]) -> tuple[int, int] | None:
    """Return the edge of the lowest coefficient, if it is negative though no value at a vertex is.

    There the form, not the polynomial, stands in the way.  Near a zero at a vertex the pieces cut at the longest edges
    may all look alike; it takes cuts of the opposite edge.  Atoms are compared relative to their largest coefficient.
    """
    worst, edge = Fraction(0), None
    for atom in atoms:
        form = piece.form(atom.polynomial)
        for sign in signs_of(atom):
            if sign * (min(form.vertex_values) if sign > 0 else max(form.vertex_values)) < 0:
                continue
            places = positions(form.n_points, form.degree)
            true = [sign * c for c in _true_coefficients(piece.points, form)]
            size = max(map(abs, true))
            if size and min(true) / size < worst:
                worst = min(true) / size
                lowest = places[true.index(min(true))]
                edge = (lowest[0], lowest[-1])
    return edge


def _true_coefficients(points: Sequence[Point], form: BernsteinForm) -> list[Fraction]:
    """Return the Bernstein coefficients themselves, up to a factor that depends on the polynomial alone."""
    found = []
    for scaled, place in zip(form.coefficients, positions(form.n_points, form.degree), strict=True):
        arrangements = factorial(form.degree) // prod(factorial(place.count(i)) for i in set(place))
        found.append(Fraction(scaled, arrangements * prod(points[i][-1] for i in place)))
    return found


def longest_edge(points: Sequence[Point]) -> tuple[int, int]:
    """Return the edge with the largest squared length; the first of several."""
    coordinates = [as_fractions(point) for point in points]
    best, edge = Fraction(-1), (0, 1)
    for i, j in combinations(range(len(points)), 2):
        length = sum(((a - b) ** 2 for a, b in zip(coordinates[i], coordinates[j], strict=True)), Fraction(0))
        if length > best:
            best, edge = length, (i, j)
    return edge
