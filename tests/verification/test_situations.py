"""Situations follow a formula as the checker does: same literals, same numbers, same boxes."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from exactrelu.checker.unsat import _Node
from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.questions.formulas import FALSE, TRUE, compare, evaluate
from exactrelu.verification.questions.situations import Situation
from tests.verification.formula_cases import N_VARIABLES, built, formulas, points
from tests.verification.proof_cases import plain_formula

A, B, C = (compare(Polynomial.variable(i), "<=") for i in range(3))
X = Polynomial.variable(0)


@given(formulas, points, st.data())
def test_a_point_is_in_a_situation_exactly_if_it_is_in_one_of_its_branches(case, point, data) -> None:  # type: ignore[no-untyped-def]
    """Assuming and branching keep the formula's truth at every point, down to the last disjunction."""
    formula = built(case)
    truth = evaluate(formula, point)
    situations = [Situation().assume(formula)]
    while True:
        now = [all(evaluate(part, point) for part in s.parts) for s in situations]
        assert any(now) is truth
        position = next((k for k, s in enumerate(situations) if s.pending), None)
        if position is None:
            break
        chosen = data.draw(st.integers(0, len(situations[position].pending) - 1))
        situations[position : position + 1] = situations[position].branch(chosen)


@given(formulas, st.data())
def test_the_checker_counts_in_the_same_way(case, data) -> None:  # type: ignore[no-untyped-def]
    """Literals, pending disjunctions and boxes of the checker's nodes are those of the situations, after splits too."""
    formula = built(case)
    situation = Situation().assume(formula)
    node = _Node([(None, None)] * 2, [], [], [], [], [])
    node.assume(plain_formula(formula), 2)
    while True:
        assert [plain_formula(part) for part in situation.literals] == node.literals
        assert [plain_formula(part)[1] for part in situation.pending] == node.pending
        assert situation.box(2) == node.box
        usable = [k for k, part in enumerate(situation.pending) if part.parts]
        if not usable:
            break
        position = data.draw(st.sampled_from(usable))
        part = data.draw(st.integers(0, len(situation.pending[position].parts) - 1))
        situation = situation.branch(position)[part]
        chosen = node.pending.pop(position)[part]
        node.assume(chosen, 2)


def test_boxes_take_the_tightest_linear_bound_of_one_input() -> None:
    """2x <= 3, x <= 2, -x <= 1/3 and y == 5 give [-1/3, 3/2]; products, sums and outputs say nothing."""
    y, out = Polynomial.variable(1), Polynomial.variable(2)
    third = Polynomial.constant(Fraction(1, 3))
    formula = (
        compare(2 * X, "<", Polynomial.constant(3))
        & compare(X, "<=", Polynomial.constant(2))
        & compare(-X, "<=", third)
        & compare(X * X, "<=", third)
        & compare(X + y, "<=", third)
        & compare(out, "<=", third)
    )
    assert Situation().assume(formula).box(2) == [(Fraction(-1, 3), Fraction(3, 2)), (None, None)]
    assert Situation().assume(compare(y, "==", third)).box(2)[1] == (Fraction(1, 3), Fraction(1, 3))
    assert Situation().assume(A | B).box(2) == [(None, None)] * 2


def test_input_disjunctions_are_found_in_order() -> None:
    """The first pending disjunction without outputs; FALSE mentions none; a literal is no disjunction."""
    situation = Situation().assume((A | C) & (A | B) & (B | A))
    assert situation.input_disjunction(2) == 1
    assert situation.input_disjunction(3) == 0
    assert situation.input_disjunction(1) is None
    assert Situation().assume(FALSE).input_disjunction(1) == 0
    assert Situation().assume(A).input_disjunction(1) is None


def test_constant_formulas() -> None:
    """TRUE assumes nothing; FALSE is a pending disjunction that has no branches."""
    assert Situation().assume(TRUE) == Situation()
    assert Situation().assume(FALSE).branch(0) == ()
    assert N_VARIABLES == 3


def test_branches_append_behind_what_is_there() -> None:
    """Splitting the first of two disjunctions puts its part's own disjunction behind the second."""
    nested = A | (B & (A | C))
    situation = Situation().assume(C & nested & (B | C))
    left, right = situation.branch(0)
    assert (left.literals, left.pending) == ((C, A), (B | C,))
    assert (right.literals, right.pending) == ((C, B), (B | C, A | C))
