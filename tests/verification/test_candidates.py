"""Descent proposes points of the box whose violation degree does not grow; degrees follow the formula."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.verification.boxes.candidates import Descent
from exactrelu.verification.questions.formulas import FALSE, TRUE, compare, evaluate
from tests.verification.network_cases import KINDS, SLOPES, random_network
from tests.verification.proof_cases import random_formula

X, Y = Polynomial.variable(0), Polynomial.variable(1)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])


@pytest.mark.parametrize("kind", KINDS)
def test_points_stay_in_the_box_and_do_not_get_worse(kind: str) -> None:
    """40 networks of each kind, also with numbers beyond the doubles: no warning, no point outside, no worse degree."""
    rng = random.Random(f"descent {kind}")
    for _ in range(40):
        network = random_network(rng, KINDS[kind], SLOPES)
        d = network.n_inputs
        descent = Descent(network, random_formula(rng, network, [(Fraction(-1), Fraction(1))] * d))
        lower, upper = np.full((8, d), -1.0), np.full((8, d), 1.0)
        lower[0], upper[0] = 0.5, 0.5
        start = lower + np.random.default_rng(1).random((8, d)) * (upper - lower)
        with np.errstate(all="raise", under="ignore"):
            found = descent.descend(start, lower, upper, 6)
            before, after = descent.degrees(start), descent.degrees(found)
        assert ((lower <= found) & (found <= upper)).all()
        known = ~np.isnan(before) & ~np.isnan(after)
        assert (after[known] <= before[known]).all()


def test_degrees_tell_where_a_formula_holds() -> None:
    """At points whose values are exact doubles a negative degree means true, a positive one false."""
    rng = random.Random("degrees")
    for _ in range(100):
        network = random_network(rng)
        d = network.n_inputs
        box = [(Fraction(-2), Fraction(2))] * d
        formula = random_formula(rng, network, box)
        points = [[Fraction(rng.randint(-4, 4), 2) for _ in range(d)] for _ in range(6)]
        degrees = Descent(network, formula).degrees(np.array([list(map(float, p)) for p in points]))
        for point, degree in zip(points, degrees.tolist(), strict=True):
            truth = evaluate(formula, [*point, *network.evaluate(point)])
            if degree < -1e-9:
                assert truth
            if degree > 1e-9:
                assert not truth


def test_degrees_of_connectives() -> None:
    """A conjunction has the largest degree of its parts, a disjunction the smallest, an equality the absolute value."""
    one, two = compare(X, "<=", Polynomial.constant(1)), compare(Y, "<=", Polynomial.constant(3))
    points = np.array([[2.0], [-5.0]])
    assert Descent(ABSOLUTE, one & two).degrees(points).tolist() == [1.0, 2.0]
    assert Descent(ABSOLUTE, one | two).degrees(points).tolist() == [-1.0, -6.0]
    assert Descent(ABSOLUTE, compare(Y, "==", Polynomial.constant(3))).degrees(points).tolist() == [1.0, 2.0]
    assert Descent(ABSOLUTE, compare(X * X, "<=")).degrees(points).tolist() == [4.0, 25.0]


def test_constant_formulas() -> None:
    """TRUE holds everywhere with degree -inf, FALSE nowhere with inf; descent leaves the points as they are."""
    points = np.array([[0.25], [0.5]])
    for formula, degree in ((TRUE, -np.inf), (FALSE, np.inf)):
        descent = Descent(ABSOLUTE, formula)
        assert descent.degrees(points).tolist() == [degree, degree]
        assert descent.descend(points, points - 1, points + 1, 3).tolist() == points.tolist()


def test_descent_finds_a_corner() -> None:
    """|x| >= 3 on [-3, 3] is found from near the middle; x^2 = 4 up to a small remainder."""
    lower, upper = np.full((4, 1), -3.0), np.full((4, 1), 3.0)
    start = np.array([[0.1], [-0.1], [0.7], [1.0]])
    far = Descent(ABSOLUTE, compare(Y, ">=", Polynomial.constant(3)))
    assert (far.degrees(far.descend(start, lower, upper, 30)) <= 0).any()
    square = Descent(ABSOLUTE, compare(X * X, "==", Polynomial.constant(4)))
    assert square.degrees(square.descend(start, lower, upper, 60)).min() < 0.1
