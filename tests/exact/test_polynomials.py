"""Polynomials are canonical values, and their arithmetic is that of SymPy."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.exact.polynomials import Polynomial

SYMBOLS = sympy.symbols("x0:3")
coefficients = st.fractions(min_value=-4, max_value=4, max_denominator=6)
monomials = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=3)
polynomials = st.lists(st.tuples(monomials, coefficients), max_size=4).map(Polynomial.from_terms)


def in_sympy(polynomial: Polynomial) -> sympy.Poly:
    """The same polynomial in SymPy."""
    total = sympy.Integer(0)
    for monomial, c in polynomial.terms:
        term = sympy.Rational(c.numerator, c.denominator)
        for variable, exponent in monomial:
            term *= SYMBOLS[variable] ** exponent
        total += term
    return sympy.Poly(total, *SYMBOLS, domain="QQ")


@given(polynomials, polynomials, st.integers(0, 3))
def test_arithmetic_is_that_of_sympy(one: Polynomial, two: Polynomial, exponent: int) -> None:
    """Sums, differences, products and powers agree with SymPy's."""
    p, q = in_sympy(one), in_sympy(two)
    assert in_sympy(one + two) == p + q
    assert in_sympy(one - two) == p - q
    assert in_sympy(one * two) == p * q
    assert in_sympy(one**exponent) == p**exponent


@given(polynomials, st.tuples(coefficients, coefficients, coefficients))
def test_values_are_those_of_sympy(polynomial: Polynomial, point: tuple[Fraction, ...]) -> None:
    """Evaluation agrees with SymPy, and with substituting constants."""
    value = in_sympy(polynomial).eval(tuple(sympy.Rational(x.numerator, x.denominator) for x in point))
    assert sympy.Rational(polynomial.evaluate(point).numerator, polynomial.evaluate(point).denominator) == value
    constants = {v: Polynomial.constant(x) for v, x in enumerate(point)}
    assert polynomial.substitute(constants) == Polynomial.constant(polynomial.evaluate(point))


@given(polynomials, polynomials, polynomials)
def test_substitution_is_simultaneous(outer: Polynomial, one: Polynomial, two: Polynomial) -> None:
    """Replacing x0 and x1 at once agrees with SymPy's simultaneous substitution."""
    replaced = (
        in_sympy(outer)
        .as_expr()
        .subs({SYMBOLS[0]: in_sympy(one).as_expr(), SYMBOLS[1]: in_sympy(two).as_expr()}, simultaneous=True)
    )
    assert in_sympy(outer.substitute({0: one, 1: two})) == sympy.Poly(sympy.expand(replaced), *SYMBOLS, domain="QQ")


@given(polynomials, polynomials)
def test_equal_polynomials_are_equal_values(one: Polynomial, two: Polynomial) -> None:
    """The same polynomial reached in two ways has the same terms and the same hash."""
    left, right = (one + two) ** 2, one * one + 2 * one * two + two * two
    assert left == right
    assert hash(left) == hash(right)
    assert left.terms == right.terms
    assert (left - right).terms == ()


@given(polynomials)
def test_degree_and_variables(polynomial: Polynomial) -> None:
    """Degree, variables and linear part are those of SymPy; the degree of zero is 0."""
    p = in_sympy(polynomial)
    assert polynomial.degree == max(0, p.total_degree())
    assert {SYMBOLS[v] for v in polynomial.variables} == p.as_expr().free_symbols
    linear, constant = polynomial.linear_part()
    if polynomial.is_linear:
        assert Polynomial.linear(linear, constant) == polynomial


def test_text() -> None:
    """A polynomial prints as a person would write it."""
    x, y = Polynomial.variable(0), Polynomial.variable(1)
    assert str(-(x**2) * y + x - Fraction(3, 2)) == "-x0^2·x1 + x0 - 3/2"
    assert str(x - x) == "0"
    assert str(1 - 2 * x) == "-2·x0 + 1"


def test_bad_input_is_refused() -> None:
    """Floats, negative exponents, short points and foreign operands are errors with a reason."""
    x = Polynomial.variable(3)
    with pytest.raises(InexactNumberError):
        Polynomial.constant(0.5)
    with pytest.raises(InputError, match="no power"):
        Polynomial.from_terms([([(0, -1)], 1)])
    with pytest.raises(InputError, match="exponent"):
        x**-1
    with pytest.raises(ShapeError, match="x3 occurs"):
        x.evaluate([Fraction(1)])
    with pytest.raises(TypeError):
        x + 0.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        x * "2"  # type: ignore[operator]
