"""The stand-alone check of solutions that are crossed, perhaps at an irrational point."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from exactrelu.checker.crossing import check_crossing
from exactrelu.checker.network import Network as CheckedNetwork
from exactrelu.checker.network import rational_layer
from exactrelu.checker.reading import Invalid, hexadecimals
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.verification.polynomials.cellwise import decide_on_cells
from exactrelu.verification.polynomials.evidence import CrossingWitness
from exactrelu.verification.questions.formulas import compare

ONE, ZERO = Fraction(1), Fraction(0)
RELU = (ZERO, ONE)
ABSOLUTE = CheckedNetwork(
    (
        rational_layer([[ONE], [-ONE]], [ZERO, ZERO], [RELU, RELU]),
        rational_layer([[ONE, ONE]], [ZERO]),
    )
)
# x >= 0 and (x < 0 or 2 y^2 == 1): met at x = sqrt(1/2)
SQUARE: Any = {((1, 2),): Fraction(2), (): Fraction(-1)}
FORMULA: Any = ("and", (("<=", {((0, 1),): -ONE}), ("or", (("<", {((0, 1),): ONE}), ("==", SQUARE)))))


def test_a_crossing_is_accepted() -> None:
    """Between 0 and 1 the polynomial 2 y^2 - 1 changes sign."""
    check_crossing(ABSOLUTE, FORMULA, (0, 1), (1, 1), 2)


@pytest.mark.parametrize(
    ("start", "end", "number", "reason"),
    [
        ((-1, 1), (0, 1), 2, "other comparisons"),
        ((-1, 8), (1, 1), 2, "both signs"),
        ((0, 1), (1, 2), 2, "opposite signs"),
        ((1, 1), (2, 1), 2, "opposite signs"),
        ((0, 1), (1, 1), 0, "no equation"),
        ((0, 1), (1, 1), 3, "no equation"),
        ((0, -1), (1, 1), 2, "denominator"),
        ((0, 0, 1), (1, 1), 2, "coordinates"),
    ],
)
def test_false_crossings_are_rejected(start: tuple[int, ...], end: tuple[int, ...], number: int, reason: str) -> None:
    """Wrong side, across the breakpoint, no change of sign, no equation, no points."""
    with pytest.raises(Invalid, match=reason):
        check_crossing(ABSOLUTE, FORMULA, start, end, number)


def test_what_the_package_finds_is_accepted() -> None:
    """The search's own crossing, written and read again."""
    network = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    x, y = Polynomial.variable(0), Polynomial.variable(1)
    formula = compare(x, ">=") & (compare(x, "<") | compare(2 * y * y, "==", Polynomial.constant(1)))
    found = decide_on_cells(network, HPolyhedron.cube(1, -1, 1), formula)
    assert isinstance(found, CrossingWitness)
    line = found.line(formula, 1)
    ends = [hexadecimals(line[key]) for key in ("a", "b")]
    check_crossing(ABSOLUTE, FORMULA, *[(*end[1:], end[0]) for end in ends], line["k"])
