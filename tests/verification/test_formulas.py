"""Formulas: every operation keeps the meaning, the canonical form is kept, and depth is no limit."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice, product

import pytest
from hypothesis import given

from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.questions.formulas import (
    FALSE,
    TRUE,
    And,
    Comparison,
    Formula,
    Or,
    compare,
    comparisons,
    conjunction,
    conjuncts,
    disjunction,
    disjunctive_normal_form,
    evaluate,
    format_formula,
    is_linear,
    negate,
    substitute,
    variables,
)
from tests.verification.formula_cases import built, formulas, holds, points

X, Y = Polynomial.variable(0), Polynomial.variable(1)
ONE = Polynomial.constant(1)
A, B, C = compare(X, "<="), compare(Y, "<"), compare(X + Y, "==")


def deep(levels: int) -> Formula:
    """A formula that alternates And and Or; true iff x <= 0, since y < 0 is joined to it in vain."""
    formula: Formula = A
    for level in range(levels):
        formula = conjunction([formula, A | B]) if level % 2 else disjunction([formula, A & B])
    return formula


@given(formulas, points)
def test_the_value_is_the_naive_one(raw: object, point: list[Fraction]) -> None:
    """`evaluate` of the canonical formula agrees with plain recursion over the tuple."""
    assert evaluate(built(raw), point) == holds(raw, point)


@given(formulas, points)
def test_negation_is_the_complement(raw: object, point: list[Fraction]) -> None:
    """A point satisfies either the formula or its negation."""
    formula = built(raw)
    assert evaluate(negate(formula), point) != evaluate(formula, point)
    assert evaluate(negate(negate(formula)), point) == evaluate(formula, point)


@given(formulas, points)
def test_the_disjunctive_normal_form_is_equivalent(raw: object, point: list[Fraction]) -> None:
    """The formula holds iff some conjunction of its normal form does."""
    formula = built(raw)
    branches = list(islice(disjunctive_normal_form(formula), 2000))
    found = any(all(evaluate(part, point) for part in branch) for branch in branches)
    assert found == evaluate(formula, point)


@given(formulas, points)
def test_substitution_is_composition(raw: object, point: list[Fraction]) -> None:
    """Replacing variables by polynomials is evaluating at their values."""
    mapping = {0: X * Y - ONE, 2: Polynomial.constant(2)}
    moved = [point[0] * point[1] - 1, point[1], Fraction(2)]
    assert evaluate(substitute(built(raw), mapping), point) == evaluate(built(raw), moved)


@given(formulas)
def test_the_form_is_canonical(raw: object) -> None:
    """Nothing is left to flatten or fold: rebuilding a formula from its parts changes nothing."""
    formula = built(raw)
    pending = [formula]
    while pending:
        part = pending.pop()
        if isinstance(part, And | Or):
            assert (conjunction if isinstance(part, And) else disjunction)(part.parts) == part
            assert len(part.parts) != 1
            assert part is formula or part.parts
            pending.extend(part.parts)
        else:
            assert part.polynomial.variables
    assert hash(formula) == hash(built(raw))
    assert formula == built(raw)
    assert set(variables(formula)) == {v for part in comparisons(formula) for v in part.polynomial.variables}


@pytest.mark.parametrize(
    "wrong_negation",
    [
        lambda part: Comparison(-part.polynomial, part.relation),  # keeps the strictness
        lambda part: Comparison(part.polynomial, "<" if part.relation == "<=" else "<="),  # forgets the sign
        lambda part: compare(part.polynomial, "<"),  # one half of "not equal"
    ],
)
def test_a_wrong_negation_is_caught(wrong_negation: Callable[[Comparison], Formula]) -> None:
    """On the boundary and on both sides of it each wrong rule disagrees with the complement for some relation."""
    values = [[Fraction(v)] for v in (-1, 0, 1)]

    def complement(rule: Callable[[Comparison], Formula], relation: str) -> bool:
        part = compare(X, relation)  # type: ignore[arg-type]
        assert isinstance(part, Comparison)
        return all(evaluate(rule(part), v) != evaluate(part, v) for v in values)

    relations = ("<=", "<", "==")
    assert all(complement(negate, relation) for relation in relations)
    assert not all(complement(wrong_negation, relation) for relation in relations)


def test_the_order_is_that_of_the_text() -> None:
    """Flattening happens in place, negation keeps positions, equal parts stay."""
    assert conjunction([A, conjunction([B, C]), A]) == And((A, B, C, A))
    assert disjunction([A, disjunction([C, A]), B]) == Or((A, C, A, B))
    assert negate(And((A, C))) == Or((negate(A), compare(X + Y, "<"), compare(-X - Y, "<")))
    assert compare(X, "!=", Y) == Or((compare(X - Y, "<"), compare(Y - X, "<")))
    assert And((A, B)) != And((B, A))
    assert And((A, B)) != Or((A, B))
    assert And((A, B)) != A


def test_constants_are_folded() -> None:
    """A comparison of constants is TRUE or FALSE, and disappears or takes over."""
    for relation, value in product(("<=", "<", "==", "!=", ">=", ">"), (-1, 0, 1)):
        expected = eval(f"{value} {relation} 0")
        assert compare(Polynomial.constant(value), relation) == (TRUE if expected else FALSE)  # type: ignore[arg-type]
    assert conjunction([TRUE, A, TRUE]) == A
    assert conjunction([A, FALSE]) == FALSE == disjunction([])
    assert disjunction([A, TRUE]) == TRUE == conjunction([])
    assert negate(TRUE) == FALSE
    assert substitute(A & B, {0: ONE}) == FALSE
    assert list(disjunctive_normal_form(FALSE)) == []
    assert list(disjunctive_normal_form(TRUE)) == [()]


def test_what_is_not_canonical_is_refused() -> None:
    """The constructors accept canonical parts only."""
    for wrong in (
        lambda: And((A,)),
        lambda: And((A, And((B, C)))),
        lambda: Or((A, FALSE)),
        lambda: Comparison(ONE, "<="),
        lambda: Comparison(X, ">="),  # type: ignore[arg-type]
        lambda: And((A, "x <= 0")),  # type: ignore[arg-type]
        lambda: compare(X, "=<"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError):
            wrong()


def test_a_formula_has_no_truth_value() -> None:
    """`a and b` is refused instead of dropping a."""
    for formula in (A, A & B, A | B, TRUE):
        with pytest.raises(InputError, match="no truth value"):
            bool(formula)


def test_operators_are_the_functions() -> None:
    """`&`, `|` and `~` are conjunction, disjunction and negation."""
    assert conjunction([A, B]) == A & B
    assert disjunction([A, B]) == A | B
    assert negate(A) == ~A
    assert conjuncts(A & B) == (A, B)
    assert conjuncts(A | B) == (A | B,)
    assert conjuncts(TRUE) == ()


def test_depth_is_no_limit() -> None:
    """Three thousand alternating levels are evaluated, negated, compared, printed and split without recursion."""
    formula, again = deep(3_000), deep(3_000)
    assert formula == again
    assert hash(formula) == hash(again)
    assert formula != deep(2_998)
    assert evaluate(formula, [Fraction(0), Fraction(1)])
    assert not evaluate(formula, [Fraction(1), Fraction(-1)])
    assert evaluate(negate(formula), [Fraction(1), Fraction(-1)])
    assert str(formula).count("and") > 1_400
    assert len(next(disjunctive_normal_form(formula))) > 1_400
    assert variables(formula) == (0, 1)
    assert substitute(formula, {}) == formula


def test_the_normal_form_is_in_the_order_of_the_text() -> None:
    """The first disjunction changes slowest, and within a conjunction the parts keep their places."""
    d = compare(Y, "<=")
    assert list(disjunctive_normal_form((A | B) & C & (d | B))) == [(A, C, d), (A, C, B), (B, C, d), (B, C, B)]


def test_the_normal_form_is_lazy() -> None:
    """The first of 2^200 conjunctions comes at once."""
    formula = conjunction([compare(Polynomial.variable(i), "!=") for i in range(200)])
    first = next(disjunctive_normal_form(formula))
    assert len(first) == 200
    assert all(part.relation == "<" for part in first)


def test_text_and_degree() -> None:
    """Names replace variables in the text; linear means degree one throughout."""
    assert format_formula(A & (B | C), ["speed", "load"]) == "(speed <= 0 and (load < 0 or speed + load == 0))"
    eleven = compare(Polynomial.variable(11) + Polynomial.variable(1), "<=")
    assert format_formula(eleven, [f"v{i}" for i in range(12)]) == "v1 + v11 <= 0"
    assert is_linear(A & B)
    assert not is_linear(A & compare(X * Y, "<="))
