"""Formulas of polynomial comparisons on simplices: z3 agrees, touching sets are decided, evidence is checked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.polynomials.evidence import (
    Bisect,
    Choose,
    Combine,
    CrossingWitness,
    Direct,
    Tree,
    Undecided,
    Witness,
    tree_defect,
)
from exactrelu.verification.polynomials.search import Budget, decide_on_simplex
from exactrelu.verification.questions.formulas import (
    FALSE,
    TRUE,
    And,
    Comparison,
    Formula,
    compare,
    conjunction,
    disjunction,
)

X, Y = Polynomial.variable(0), Polynomial.variable(1)
ONE = Polynomial.constant(1)


def vector(*numbers: int | str) -> tuple[Fraction, ...]:
    """A rational point."""
    return tuple(Fraction(number) for number in numbers)


SEGMENT = (vector(-1), vector(2))
TRIANGLE = (vector(0, 0), vector(2, 0), vector(0, 2))

coefficients = st.integers(-3, 3)
monomials = st.sampled_from([(), ((0, 1),), ((1, 1),), ((0, 2),), ((0, 1), (1, 1)), ((1, 2),), ((0, 2), (1, 1))])
polynomials = st.lists(st.tuples(monomials, coefficients), min_size=1, max_size=4).map(Polynomial.from_terms)
atoms = st.builds(compare, polynomials, st.sampled_from(["<=", "<", "==", "!=", ">=", ">"]))
formulas = st.recursive(
    atoms,
    lambda inner: st.lists(inner, min_size=2, max_size=3).flatmap(
        lambda parts: st.sampled_from([conjunction(parts), disjunction(parts)])
    ),
    max_leaves=5,
)
coordinates = st.integers(-2, 2).map(Fraction)
simplices = st.one_of(
    st.just(TRIANGLE),
    st.tuples(st.tuples(coordinates, coordinates)),
    st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=2, unique=True).map(tuple),
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=3).map(tuple),
)


def z3_answer(points: tuple[tuple[Fraction, ...], ...], formula: Formula) -> bool:
    """Whether z3 finds a real point of the simplex that satisfies the formula."""
    weights = [z3.Real(f"l{i}") for i in range(len(points))]
    values = [
        sum(w * z3.Q(p[v].numerator, p[v].denominator) for w, p in zip(weights, points, strict=True)) for v in (0, 1)
    ]

    def term(polynomial: Polynomial) -> object:
        total = z3.RealVal(0)
        for monomial, c in polynomial.terms:
            product = z3.Q(c.numerator, c.denominator)
            for variable, exponent in monomial:
                for _ in range(exponent):
                    product = product * values[variable]
            total = total + product
        return total

    def meaning(part: Formula) -> object:
        if isinstance(part, Comparison):
            value = term(part.polynomial)
            return {"<=": value <= 0, "<": value < 0, "==": value == 0}[part.relation]
        parts = [meaning(inner) for inner in part.parts]
        return z3.And(*parts) if isinstance(part, And) else z3.Or(*parts)

    solver = z3.Solver()
    solver.set("timeout", 2000)
    solver.add(*(w >= 0 for w in weights), sum(weights) == 1, meaning(formula))
    answer = solver.check()
    assert answer != z3.unknown
    return answer == z3.sat


@settings(max_examples=150, deadline=None)
@given(simplices, formulas)
def test_z3_agrees(points: tuple[tuple[Fraction, ...], ...], formula: Formula) -> None:
    """Every answer is z3's, and its evidence is accepted; flat and repeated vertices are allowed."""
    answer = decide_on_simplex(points, formula, Budget(300))
    if isinstance(answer, Undecided):
        return
    expected = z3_answer(points, formula)
    if isinstance(answer, Witness | CrossingWitness):
        assert answer.defect(formula) is None
        assert expected
    else:
        assert tree_defect(points, formula, answer) is None
        assert not expected


def decided(points: tuple[tuple[Fraction, ...], ...], formula: Formula) -> Tree | Witness | CrossingWitness:
    """The answer, after its evidence has been checked."""
    answer = decide_on_simplex(points, formula)
    assert not isinstance(answer, Undecided)
    if isinstance(answer, Witness | CrossingWitness):
        assert answer.defect(formula) is None
    else:
        assert tree_defect(points, formula, answer) is None
    return answer


TOUCHING = {
    "square at a vertex": (X**2 + Y**2, "<=", True),
    "square at a vertex, strictly": (X**2 + Y**2, "<", False),
    "along an edge": (X * Y, "<=", True),
    "double line inside": ((X - Y) ** 2, "<=", True),
    "double line inside, strictly": ((X - Y) ** 2, "<", False),
    "tangent to the edge": ((X + Y - 2) ** 2 + (X - Y) ** 2, "<=", True),
    "a point inside": ((3 * X - 1) ** 2 + (5 * Y - 1) ** 2, "<=", True),
    "a point inside, strictly": ((3 * X - 1) ** 2 + (5 * Y - 1) ** 2, "<", False),
    "a skew point inside, strictly": ((3 * X - Y) ** 2 + 7 * (5 * Y - 1) ** 2, "<", False),
    "a narrow ellipse": (1000 * (3 * X - 1) ** 2 + (7 * Y - 1) ** 2 - Fraction(1, 10**9), "<=", True),
    "positive definite": (X**2 - X * Y + Y**2 + Fraction(1, 100), "<=", False),
    "product beyond its maximum": (1 - X * Y, "<=", True),
    "product beyond its maximum, strictly": (1 - X * Y, "<", False),
}


@pytest.mark.parametrize("name", TOUCHING)
def test_touching_is_decided(name: str) -> None:
    """Sets that meet the triangle only at a vertex, along an edge or along a rational line."""
    polynomial, relation, satisfiable = TOUCHING[name]
    assert isinstance(decided(TRIANGLE, compare(polynomial, relation)), Witness) == satisfiable


def test_a_touching_point_that_another_comparison_excludes() -> None:
    """The zero faces of x^2 + y^2 are the vertex 0, where x + y > 0 fails."""
    answer = decided(TRIANGLE, compare(X**2 + Y**2, "<=") & compare(X + Y, ">"))
    assert answer == Combine(((0, 1),), (Direct(),))


def test_contradictory_pair_on_a_surface() -> None:
    """x*y <= 1/2 and x*y > 1/2 contradict each other without any subdivision."""
    half = Polynomial.constant(Fraction(1, 2))
    answer = decided(TRIANGLE, compare(X * Y, "<=", half) & compare(3 * X * Y, ">", 3 * half))
    assert isinstance(answer, Combine)
    assert not answer.children


def test_alternatives_are_chosen() -> None:
    """Every part of a disjunction contradicts a fact on a curve that crosses the triangle."""
    half = Polynomial.constant(Fraction(1, 2))
    formula = compare(X * Y, "==", half) & (compare(X * Y, ">", half) | compare(X * Y, "<", half))
    assert isinstance(decided(TRIANGLE, formula), Choose)


def test_linear_comparisons_are_cut_exactly() -> None:
    """The equation 3x = 1 has its witness on a cut, not at a midpoint."""
    answer = decided(SEGMENT, compare(3 * X, "==", ONE))
    assert answer == Witness(vector("1/3"))
    refuted = decided(SEGMENT, compare(3 * X, "==", ONE) & compare(9 * X**2, "!=", ONE))
    assert isinstance(refuted, Bisect)


def test_equations_with_rational_and_irrational_solutions() -> None:
    """4x^2 = 1 has a rational witness, x^2 = 2 a crossing, x^2 = -1 nothing."""
    assert decided(SEGMENT, compare(4 * X**2, "==", ONE)).point in (vector("1/2"), vector("-1/2"))
    crossing = decided(SEGMENT, compare(X**2, "==", 2 * ONE))
    assert isinstance(crossing, CrossingWitness)
    left = decided(SEGMENT, compare(X**2, "==", 2 * ONE) & compare(X, "<="))
    assert not isinstance(left, Witness | CrossingWitness)
    assert not isinstance(decided(SEGMENT, compare(X**2, "==", -ONE)), Witness | CrossingWitness)


def test_constants_and_points() -> None:
    """TRUE has a witness, FALSE a leaf; a single point is decided by evaluation."""
    assert isinstance(decided(SEGMENT, TRUE), Witness)
    assert decided(SEGMENT, FALSE) == Direct()
    point = (vector("1/2", "1/3"),)
    assert isinstance(decided(point, compare(6 * X * Y, "==", ONE)), Witness)
    assert decided(point, compare(6 * X * Y, "<", ONE)) == Direct()


def test_a_contact_along_a_line_in_space() -> None:
    """a^2 - a b + b^2 has no rational factor; it is zero where a = b = 0, on a line through the tetrahedron."""
    z = Polynomial.variable(2)
    tetrahedron = (vector(0, 0, 0), vector(3, 0, 0), vector(0, 3, 0), vector(0, 0, 3))
    a, b = X - z * Fraction(1, 2) - Fraction(1, 3), Y - X * Fraction(1, 3) + z - 1
    square = a * a - a * b + b * b
    assert not isinstance(decided(tetrahedron, compare(square, "<")), Witness)
    assert isinstance(decided(tetrahedron, compare(square, "<=")), Witness)
    assert not isinstance(decided(tetrahedron, compare(square, "<=") & compare(a, "!=")), Witness)


def test_dimension_three_and_degree_four() -> None:
    """x^4 + y^4 + z^4 >= 1/27 on the standard triangle, with equality at the barycentre only."""
    z = Polynomial.variable(2)
    simplex = (vector(1, 0, 0), vector(0, 1, 0), vector(0, 0, 1))
    power = X**4 + Y**4 + z**4
    assert isinstance(decided(simplex, compare(power, "<=", Polynomial.constant(Fraction(1, 27)))), Witness)
    assert isinstance(decided(simplex, compare(power, "<=", Polynomial.constant(Fraction(1, 28)))), Bisect)


def test_an_irrational_contact_is_undecided() -> None:
    """(x^2 - 2)^2 <= 0 touches at an irrational point: the budget ends, and the answer says so."""
    answer = decide_on_simplex(SEGMENT, compare((X**2 - 2) ** 2, "<="), Budget(100))
    assert isinstance(answer, Undecided)
    assert answer.pieces == 100


FORMULA = compare(X**2 + Y**2, "<=") & compare(X + Y, ">") & (compare(X, "<=") | compare(Y, "<="))
PROOF = Combine(((0, 1),), (Direct(),))
MUTANTS = {
    "a leaf that refutes nothing": Direct(),
    "a child dropped": replace(PROOF, children=()),
    "a child too many": replace(PROOF, children=(Direct(), Direct())),
    "a negative multiplier": replace(PROOF, multipliers=((0, -1),)),
    "no multiplier": replace(PROOF, multipliers=()),
    "a fact that is not there": replace(PROOF, multipliers=((2, 1),)),
    "a fact twice": replace(PROOF, multipliers=((0, 1), (0, 1))),
    "another combination": replace(PROOF, multipliers=((0, 1), (1, 3))),
    "a case dropped": Choose(0, (PROOF,)),
    "an alternative that is not there": Choose(1, (PROOF, PROOF)),
    "no edge": Bisect(0, 0, Fraction(1, 2), (PROOF, PROOF)),
    "no vertex": Bisect(0, 3, Fraction(1, 2), (PROOF, PROOF)),
    "a cut outside the edge": Bisect(0, 1, Fraction(3, 2), (PROOF, PROOF)),
    "a half with the other's proof": Bisect(0, 1, Fraction(1, 2), (Direct(), Direct())),
}


def test_the_unspoilt_proof_is_accepted() -> None:
    """The proof that the mutants spoil, and the same below a choice, are accepted."""
    assert tree_defect(TRIANGLE, FORMULA, PROOF) is None
    assert tree_defect(TRIANGLE, FORMULA, Choose(0, (PROOF, PROOF))) is None


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_rejected(name: str) -> None:
    """Each spoilt tree is rejected with a reason."""
    assert tree_defect(TRIANGLE, FORMULA, MUTANTS[name]) is not None


def test_false_witnesses_are_rejected() -> None:
    """A wrong point, a segment without a change of sign, and one that leaves the other comparisons open."""
    equation = Comparison(X**2 - 2, "==")
    formula = conjunction([equation, compare(X, ">=")])
    assert Witness(vector("7/5")).defect(formula) is not None
    assert CrossingWitness(vector(0), vector(2), equation).defect(formula) is None
    assert CrossingWitness(vector(0), vector(1), equation).defect(formula) is not None
    assert CrossingWitness(vector("-1/8"), vector(2), equation).defect(formula) is not None
    strict = Comparison(X**2 - 2, "<")
    assert CrossingWitness(vector(0), vector(2), strict).defect(conjunction([strict, equation])) is not None
