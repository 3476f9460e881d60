"""Bernstein forms are the polynomials, their coefficients bound them, and three ways to compute them agree."""

from __future__ import annotations

from fractions import Fraction
from math import factorial, prod

import numpy as np
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.checker.bernstein import expand, is_refuted, is_valid, letters, zero_faces
from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.polynomials.bernstein_form import (
    BernsteinForm,
    HomogeneousForm,
    Point,
    as_fractions,
    as_homogeneous,
    point_between,
    positions,
)
from exactrelu.verification.polynomials.circuit import Circuit
from exactrelu.verification.polynomials.cuts import linear_factors
from exactrelu.verification.polynomials.evidence import Direct, homogeneous_tree_defect
from exactrelu.verification.polynomials.simplex_filter import filter_simplices
from exactrelu.verification.questions.formulas import Comparison, conjunction, disjunction

coefficients = st.fractions(min_value=-3, max_value=3, max_denominator=4)
monomials = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), max_size=2)
polynomials = st.lists(st.tuples(monomials, coefficients), max_size=4).map(Polynomial.from_terms)
points = st.tuples(*[st.fractions(min_value=-2, max_value=2, max_denominator=3)] * 2).map(as_homogeneous)
simplices = st.lists(points, min_size=1, max_size=3)
relations = st.sampled_from(["<=", "<", "=="])


@given(simplices, polynomials)
def test_the_form_is_the_polynomial(simplex: list[Point], polynomial: Polynomial) -> None:
    """Multiplied out in barycentric coordinates the form is the polynomial times its common denominator (SymPy)."""
    weights = sympy.symbols(f"l0:{len(simplex)}")
    total = sum(weights)
    form = HomogeneousForm.of(polynomial, 2)
    on = form.on(simplex)
    multiplied = sum(
        (
            c * prod(weights[i] / simplex[i][-1] for i in place)
            for c, place in zip(on.coefficients, positions(on.n_points, on.degree), strict=True)
        ),
        sympy.Integer(0),
    )
    coordinates = [
        sum(w * sympy.Rational(p[v], p[-1]) for w, p in zip(weights, simplex, strict=True)) / total for v in (0, 1)
    ]
    value = sympy.Integer(0)
    for monomial, c in polynomial.terms:
        value += sympy.Rational(c.numerator, c.denominator) * prod(coordinates[v] ** e for v, e in monomial)
    assert sympy.expand(sympy.simplify(form.scale * value * total**on.degree) - multiplied) == 0


@given(simplices, polynomials, st.integers(0, 2))
def test_a_higher_degree_is_the_same_polynomial(simplex: list[Point], polynomial: Polynomial, more: int) -> None:
    """Raising the degree keeps the values at the vertices, up to the vertices' denominators."""
    low = HomogeneousForm.of(polynomial, 2).on(simplex)
    high = HomogeneousForm.of(polynomial, 2, low.degree + more).on(simplex)
    for p, a, b in zip(simplex, low.vertex_values, high.vertex_values, strict=True):
        assert a * p[-1] ** more == b
    assert high.is_nonnegative or not low.is_nonnegative


@given(simplices, polynomials, relations, st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_refuted_and_valid_mean_it(
    simplex: list[Point], polynomial: Polynomial, relation: str, weights: list[int]
) -> None:
    """At every point of the simplex a refuted comparison fails, a valid one holds, and zeros lie in the zero faces."""
    chosen = weights[: len(simplex)]
    if not sum(chosen):
        chosen[0] = 1
    columns = zip(*(as_fractions(p) for p in simplex), strict=True)
    point = [sum((w * x for w, x in zip(chosen, column, strict=True)), Fraction(0)) / sum(chosen) for column in columns]
    value = polynomial.evaluate(point)
    holds = {"<=": value <= 0, "<": value < 0, "==": value == 0}[relation]
    form = HomogeneousForm.of(polynomial, 2).on(simplex)
    assert not (form.is_refuted(relation) and holds)
    assert holds or not form.is_valid(relation)
    if form.is_nonnegative:
        support = {i for i, w in enumerate(chosen) if w}
        assert (value == 0) == any(support <= set(face) for face in form.zero_faces())


@given(simplices, polynomials, relations)
def test_the_checker_computes_the_same(simplex: list[Point], polynomial: Polynomial, relation: str) -> None:
    """The stand-alone checker's expansion has the same coefficients, verdicts and zero faces."""
    form = HomogeneousForm.of(polynomial, 2).on(simplex)
    other = expand(letters(dict(polynomial.terms), 2), tuple(simplex))
    places = positions(form.n_points, form.degree)
    assert other == {place: c for place, c in zip(places, form.coefficients, strict=True) if c}
    assert is_refuted(relation, other, len(simplex)) == form.is_refuted(relation)
    assert is_valid(relation, other, len(simplex)) == form.is_valid(relation)
    if form.is_nonnegative:
        assert tuple(zero_faces(other, len(simplex))) == form.zero_faces()


@settings(max_examples=60)
@given(
    st.lists(points, min_size=3, max_size=5),
    st.lists(st.tuples(polynomials.filter(lambda p: bool(p.variables)), relations), min_size=1, max_size=4),
)
def test_the_filter_says_nothing_false(corners: list[Point], atoms: list[tuple[Polynomial, str]]) -> None:
    """What the floats call refuted is refuted exactly; with small numbers they miss nothing but ties."""
    parts = [Comparison(p, r) for p, r in atoms]  # type: ignore[arg-type]
    formula = conjunction([disjunction(parts[:2]), *parts[2:]])
    numbers = np.array([[i, (i + 1) % len(corners), (i + 2) % len(corners)] for i in range(len(corners))])
    refuted, witness = filter_simplices(corners, numbers, formula)
    if witness is not None:
        assert witness.defect(formula) is None
    for simplex, found in zip(numbers.tolist(), refuted.tolist(), strict=True):
        if found:
            assert homogeneous_tree_defect([corners[i] for i in simplex], formula, Direct()) is None


def test_the_filter_decides_where_there_is_room() -> None:
    """x^2 + 1/3 > 0 on a segment with denominators: certain in floats; an overflow is not."""
    x = Polynomial.variable(0)
    corners = [as_homogeneous([Fraction(-1, 3)]), as_homogeneous([Fraction(1, 7)])]
    formula = Comparison(x**2 + Fraction(1, 3), "<=")
    assert filter_simplices(corners, np.array([[0, 1]]), formula)[0].tolist() == [True]
    huge = Comparison(Fraction(10) ** 400 * x**2 + 1, "<=")
    assert filter_simplices(corners, np.array([[0, 1]]), huge)[0].tolist() == [False]


def test_positions_count_multisets() -> None:
    """There are (n + k choose k) coefficients; a point has one."""
    for n_points in (1, 2, 4):
        for degree in (1, 2, 5):
            count = factorial(n_points - 1 + degree) // factorial(degree) // factorial(n_points - 1)
            assert len(positions(n_points, degree)) == count


def test_zero_forms() -> None:
    """The zero polynomial vanishes on the whole simplex; a positive form nowhere."""
    assert BernsteinForm(3, 1, (0, 0, 0)).zero_faces() == ((0, 1, 2),)
    assert BernsteinForm(2, 2, (1, 0, 1)).zero_faces() == ()
    assert HomogeneousForm.of(Polynomial(()), 2).on([(0, 0, 1)]).coefficients == (0,)


@given(points, points, st.fractions(min_value=0, max_value=1, max_denominator=5))
def test_points_between(one: Point, two: Point, ratio: Fraction) -> None:
    """The point between two is the mean, in lowest terms."""
    mean = tuple(a + ratio * (b - a) for a, b in zip(as_fractions(one), as_fractions(two), strict=True))
    assert point_between(one, two, ratio) == as_homogeneous(mean)


@given(polynomials, st.lists(st.integers(-3, 3), min_size=3, max_size=3))
def test_linear_factors_divide(polynomial: Polynomial, line: list[int]) -> None:
    """A product with a linear polynomial has a multiple of it among its linear factors."""
    factor = Polynomial.linear({0: Fraction(line[0]), 1: Fraction(line[1])}, line[2])
    product = polynomial * factor
    if product.variables and factor.variables:
        found = [f for f in linear_factors(product) if proportional(f, factor)]
        assert len(found) == 1


def proportional(one: Polynomial, two: Polynomial) -> bool:
    """Whether one polynomial is a multiple of the other."""
    return not (one * two.terms[0][1] - two * dict(one.terms).get(two.terms[0][0], Fraction(0))).terms


def test_circuits_share_atoms() -> None:
    """A comparison that occurs twice is one atom, and arrays of truth values are evaluated entry by entry."""
    a, b = Comparison(Polynomial.variable(0), "<"), Comparison(Polynomial.variable(1), "<")
    circuit = Circuit.of(disjunction([conjunction([a, b]), a]))
    assert circuit.atoms == (a, b)
    values = circuit.evaluate([np.array([True, False]), np.array([False, True])])
    assert values.tolist() == [True, False]
