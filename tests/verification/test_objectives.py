"""Rows of comparisons, and what arrays of lower bounds say about a formula."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np

from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.verification.boxes.objectives import Objectives
from exactrelu.verification.questions.formulas import FALSE, TRUE, Comparison, compare, conjunction, evaluate
from exactrelu.verification.questions.situations import Situation
from tests.verification.network_cases import KINDS, layer_values, random_box, random_network
from tests.verification.proof_cases import random_formula

X, Y = Polynomial.variable(0), Polynomial.variable(1)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])


def test_rows_enclose_the_exact_comparisons() -> None:
    """At random points rows·h + inputs·x + shift, in exact arithmetic within the radii, is the polynomial's value."""
    rng = random.Random("rows")
    for case in range(120):
        network = random_network(rng, KINDS[("small", "tenths", "thirds", "huge")[case % 4]])
        box = random_box(rng, network.n_inputs)
        situation = Situation().assume(random_formula(rng, network, box))
        objectives = Objectives(network, situation)
        point = [low + (high - low) * Fraction(rng.randint(0, 3), 3) for low, high in box]
        after = layer_values(network, point)[1]
        last = after[-1] if after else point
        values = [*point, *network.evaluate(point)]
        for comparison, row in objectives._row.items():
            exact = comparison.polynomial.evaluate(values)
            for number, sign in ((row, 1), (row + 1, -1))[: 2 if comparison.relation == "==" else 1]:
                middle, radius = Fraction(0), Fraction(0)
                parts = (objectives.rows, last), (objectives.inputs, point), (objectives.shift, None)
                for enclosure, factors in parts:
                    value = np.atleast_1d(enclosure.value[number]).tolist()
                    spread = np.atleast_1d(enclosure.radius[number]).tolist()
                    for v, r, f in zip(value, spread, factors or [Fraction(1)], strict=True):
                        middle += Fraction(v) * f
                        radius += Fraction(r) * abs(f)
                assert abs(middle - sign * exact) <= radius


def test_impossible_parts_are_impossible() -> None:
    """With the exact values at a point as lower bounds of a point box, "impossible" is exactly "false there"."""
    rng = random.Random("impossible")
    seen = {True: 0, False: 0}
    for _ in range(200):
        network = random_network(rng)
        box = random_box(rng, network.n_inputs)
        formula = random_formula(rng, network, box)
        situation = Situation().assume(formula)
        objectives = Objectives(network, situation)
        point = [rng.choice(ends) for ends in box]
        values = [*point, *network.evaluate(point)]
        lower = np.zeros((1, len(objectives)))
        for comparison, row in objectives._row.items():
            exact = comparison.polynomial.evaluate(values)
            sign = (exact > 0) - (exact < 0)
            lower[0, row] = sign
            if comparison.relation == "==":
                lower[0, row + 1] = -sign
        closed = bool(objectives.closed(lower)[0])
        # Literals of a single input are not looked at: they say the box, and the boxes looked at lie in it.
        assert closed is not evaluate(conjunction(situation.beyond_box(network.n_inputs)), values)
        seen[closed] += 1
        for literal in objectives._row:
            refuted = objectives.refuting_sign(literal, lower[0]) != 0
            assert refuted is bool(objectives.impossible(literal, lower)[0])
            assert refuted is not evaluate(literal, values)
    assert min(seen.values()) > 20


def test_bounds_that_say_nothing_close_nothing() -> None:
    """nan and -inf are no bounds; zero refutes p < 0 and not p <= 0."""
    formula = compare(Y, "<") & compare(X - Y, "==")
    objectives = Objectives(ABSOLUTE, Situation().assume(formula))
    nothing = np.array(
        [[np.nan, np.nan, np.nan], [-np.inf] * 3, [-1.0, 0.0, 0.0], [0.0, -1.0, -1.0], [-1.0, -1.0, 1e-300]]
    )
    assert objectives.closed(nothing).tolist() == [False, False, False, True, True]
    weak = Objectives(ABSOLUTE, Situation().assume(compare(Y, "<=")))
    assert weak.closed(np.array([[0.0], [1e-300]])).tolist() == [False, True]


def test_constant_and_nonlinear_formulas() -> None:
    """FALSE is impossible everywhere, TRUE nowhere; what is not linear is never found impossible."""
    nothing = np.zeros((2, 0))
    assert Objectives(ABSOLUTE, Situation().assume(FALSE)).closed(nothing).tolist() == [True, True]
    assert Objectives(ABSOLUTE, Situation().assume(TRUE)).closed(nothing).tolist() == [False, False]
    square = compare(X * X, "<")
    objectives = Objectives(ABSOLUTE, Situation().assume(square))
    assert len(objectives) == 0
    assert objectives.closed(nothing).tolist() == [False, False]
    assert isinstance(square, Comparison)
    assert objectives.refuting_sign(square, np.zeros(0)) == 0


def test_equal_comparisons_share_a_row() -> None:
    """A comparison that occurs twice has one row, an equality two; rows know whether they depend on the outputs."""
    twice = compare(Y, "<=") & (compare(Y, "<=") | compare(X, "=="))
    objectives = Objectives(ABSOLUTE, Situation().assume(twice))
    assert len(objectives) == 3
    assert objectives.of_outputs.tolist() == [True, False, False]


def test_the_decisive_row_is_the_one_nearest_to_closing() -> None:
    """Of literals the largest bound, of an alternative the smallest; the better side of an equality."""
    formula = compare(Y, "<=") & compare(2 * Y, "<=", X) & (compare(3 * Y, "<=") | compare(4 * Y, "<="))
    objectives = Objectives(ABSOLUTE, Situation().assume(formula))
    lower = np.array([[-1.0, -2.0, -3.0, -4.0], [-5.0, -2.0, -1.0, -1.5], [np.nan, np.nan, np.nan, np.nan]])
    assert objectives.decisive(lower)[:2].tolist() == [0, 3]
    equality = Objectives(ABSOLUTE, Situation().assume(compare(Y, "==")))
    assert equality.decisive(np.array([[-1.0, -2.0], [-2.0, -1.0]])).tolist() == [0, 1]
