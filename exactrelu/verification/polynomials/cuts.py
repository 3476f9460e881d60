"""Where to cut a simplex on which comparisons of polynomials are undecided.

Four kinds, from exact to plain:

- at the zero of a *linear factor* of a polynomial: afterwards the factor has one sign on each side;
- along the *contact* of a quadratic polynomial with zero, which is the meeting of the simplex with a plane: it becomes
  a union of faces, where the coefficients can say so;
- on the edge of the *lowest coefficient*, if that is negative though no value at a vertex is;
- in the middle of the *longest* edge.

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
from exactrelu.lp.system import LinearSystem
from exactrelu.polyhedra.affine_hull import AffineHull, find_affine_hull
from exactrelu.verification.polynomials.bernstein_form import BernsteinForm, Point, as_fractions, positions
from exactrelu.verification.polynomials.pieces import Piece, signs_of, simple_between
from exactrelu.verification.questions.formulas import Comparison

__all__ = [
    "bent_cut",
    "critical_weights",
    "linear_cut",
    "linear_factors",
    "longest_cut",
    "quadratic_matrix",
    "touching_cut",
]

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


def quadratic_matrix(piece: Piece, polynomial: Polynomial) -> RationalMatrix | None:
    """Return the symmetric matrix B of Bernstein coefficients of a quadratic polynomial, up to a factor; else None.

    In barycentric coordinates the polynomial is l^T B l.
    """
    if polynomial.degree != 2:
        return None
    n = len(piece.points)
    form = piece.form(polynomial)
    entries = dict(zip(positions(n, 2), _true_coefficients(piece.points, form), strict=True))
    return RationalMatrix.from_rows([[entries[min(i, j), max(i, j)] for j in range(n)] for i in range(n)])


def critical_weights(piece: Piece, polynomial: Polynomial) -> tuple[Fraction, ...] | None:
    """Return the barycentric weights of the critical point of a quadratic polynomial on the piece.

    On sum l = 1 the polynomial l^T B l is critical where B l = v·(1, ..., 1).  None if the polynomial is not
    quadratic, or the point is not unique or not in the simplex.
    """
    matrix = quadratic_matrix(piece, polynomial)
    if matrix is None:
        return None
    n = matrix.n_rows
    rows = [[*row, Fraction(-1)] for row in matrix.to_fractions()]
    rows.append([*[Fraction(1)] * n, Fraction(0)])
    solution = RationalMatrix.from_rows(rows).solve([*[0] * n, 1])
    if not isinstance(solution, Solution) or not solution.unique or min(solution.point[:n]) < 0:
        return None
    return solution.point[:n]


def touching_cut(piece: Piece, atoms: Iterable[Comparison]) -> Cut | None:
    """Return a cut along the contact of a quadratic atom with zero, unless the contact is a face.

    Where a quadratic polynomial has value and derivatives zero, B l = 0.  Take a point of the relative interior of
    these l, and S its vertices.  Either B vanishes on S, so the contact is the face S; or some row of B is not zero on
    S, and then it has both signs there, because its mean with the weights l is zero.  The row is a linear form that
    vanishes on the whole contact, and the cut is at its zero.
    """
    for polynomial in dict.fromkeys(atom.polynomial for atom in atoms):
        matrix = quadratic_matrix(piece, polynomial)
        if matrix is None or matrix.rank() == matrix.n_rows:
            continue
        n = matrix.n_rows
        entries = matrix.to_fractions()
        rows: list[tuple[Sequence[Fraction | int], str, int]] = [(row, "==", 0) for row in entries]
        rows.append(([1] * n, "==", 1))
        rows.extend(([-int(i == j) for j in range(n)], "<=", 0) for i in range(n))
        hull = find_affine_hull(LinearSystem.from_rows(rows))
        if not isinstance(hull, AffineHull):
            continue
        support = [i for i, weight in enumerate(hull.interior.point) if weight]
        for i in support:
            low = min(support, key=lambda j: entries[i][j])
            high = max(support, key=lambda j: entries[i][j])
            if entries[i][low] < 0 < entries[i][high]:
                return low, high, entries[i][low] / (entries[i][low] - entries[i][high])
    return None


def bent_cut(piece: Piece, atoms: Iterable[Comparison]) -> Cut | None:
    """Return a cut of the edge of the lowest coefficient, if it is negative though no value at a vertex is.

    There the form, not the polynomial, stands in the way.  Near a zero at a vertex the pieces cut at the longest edges
    may all look alike; it takes cuts of the opposite edge.  Atoms are compared relative to their largest coefficient.

    A quadratic polynomial with coefficients a, b < 0, c on the edge has (1 - r) a + r b and (1 - r) b + r c beside the
    cut at r: neither is negative for -b/(c - b) <= r <= a/(a - b), and such r exist unless the polynomial is negative
    on the edge.  Otherwise the cut is in the middle.
    """
    worst, cut = Fraction(0), None
    for atom in atoms:
        form = piece.form(atom.polynomial)
        places = positions(form.n_points, form.degree)
        for sign in signs_of(atom):
            if min(sign * value for value in form.vertex_values) < 0:
                continue
            true = [sign * c for c in _true_coefficients(piece.points, form)]
            size = max(map(abs, true))
            if size and min(true) / size < worst:
                worst = min(true) / size
                lowest = places[true.index(min(true))]
                i, j = lowest[0], lowest[-1]
                cut = (i, j, Fraction(1, 2))
                if form.degree == 2:
                    a, b, c = (true[places.index(place)] for place in ((i, i), (i, j), (j, j)))
                    low, high = -b / (c - b), a / (a - b)
                    if 0 < low <= high < 1:
                        cut = (i, j, simple_between(low, high))
    return cut


def _true_coefficients(points: Sequence[Point], form: BernsteinForm) -> list[Fraction]:
    """Return the Bernstein coefficients themselves, up to a factor that depends on the polynomial alone."""
    found = []
    for scaled, place in zip(form.coefficients, positions(form.n_points, form.degree), strict=True):
        arrangements = factorial(form.degree) // prod(factorial(place.count(i)) for i in set(place))
        found.append(Fraction(scaled, arrangements * prod(points[i][-1] for i in place)))
    return found


def longest_cut(points: Sequence[Point]) -> Cut:
    """Return the middle of the edge with the largest squared length; the first of several."""
    coordinates = [as_fractions(point) for point in points]
    best, edge = Fraction(-1), (0, 1)
    for i, j in combinations(range(len(points)), 2):
        length = sum(((a - b) ** 2 for a, b in zip(coordinates[i], coordinates[j], strict=True)), Fraction(0))
        if length > best:
            best, edge = length, (i, j)
    return (*edge, Fraction(1, 2))
