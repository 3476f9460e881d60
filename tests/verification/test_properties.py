"""Properties: a point violates the query iff it violates the property by definition, ties included."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InputError, ShapeError
from exactrelu.networks.network import Network
from exactrelu.verification.questions.pair_properties import (
    equivalence_query,
    fairness_query,
    monotonicity_query,
    pair_query,
)
from exactrelu.verification.questions.properties import (
    claim_query,
    output_range_query,
    robustness_query,
    stability_query,
)
from exactrelu.verification.questions.terms import symbols

ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
CLASSES = Network.from_weights([[[1, 1], [1, -1]], [[1, 0], [0, 1], [1, -1]]], [[0, 0], [0, 0, "1/2"]])
SCORE = Network.from_weights([[[1, -2, 0], [0, 1, 1]], [[1, 1]]], [[0, 0], [0]])
QUARTERS = [Fraction(n, 4) for n in range(-6, 7)]
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=4)


@pytest.mark.parametrize("margin", [0, "1/4"])
@pytest.mark.parametrize("ties", ["violate", "allowed"])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_robustness_by_definition(label: int, ties: Any, margin: Any) -> None:
    """On a grid with many ties the query is violated exactly where the class does not lead by the margin."""
    query = robustness_query(CLASSES, [0, "1/2"], 1, label=label, ties=ties, margin=margin)
    m = Fraction(margin)
    seen_tie = False
    for point in product(QUARTERS, QUARTERS):
        y = CLASSES.evaluate(point)
        lead = min(y[label] - other for j, other in enumerate(y) if j != label)
        inside = max(abs(point[0]), abs(point[1] - Fraction(1, 2))) <= 1
        seen_tie = seen_tie or (inside and lead == m)
        assert query.holds_at(point) == (inside and (lead < m or (lead == m and ties == "violate")))
    assert seen_tie or margin  # with a margin not every class meets it on the grid


def test_a_robustness_without_ties_is_caught() -> None:
    """At a tie the two readings of the property differ, so exchanging them is seen."""
    point = [0, 0]
    assert CLASSES.evaluate(point)[0] == CLASSES.evaluate(point)[1]
    violating = robustness_query(CLASSES, point, 0, label=2, margin="1/2", ties="violate")
    allowed = robustness_query(CLASSES, point, 0, label=2, margin="1/2", ties="allowed")
    assert violating.holds_at(point)
    assert not allowed.holds_at(point)


@given(numbers)
def test_ranges_and_stability_by_definition(a: Fraction) -> None:
    """Reaching a bound or the tolerance is allowed, leaving it is not."""
    inside = abs(a) <= 1
    assert output_range_query(ABSOLUTE, [(-1, 1)], 0, lower="1/4", upper=1).holds_at([a]) == (
        inside and not Fraction(1, 4) <= abs(a) <= 1
    )
    assert output_range_query(ABSOLUTE, [(-2, 2)], 0, upper=1).holds_at([a]) == (abs(a) > 1)
    stable = stability_query(ABSOLUTE, ["1/2"], 1, tolerance="1/2")
    assert stable.holds_at([a]) == (abs(a - Fraction(1, 2)) <= 1 and abs(abs(a) - Fraction(1, 2)) > Fraction(1, 2))


@given(numbers)
def test_claims_are_negated(a: Fraction) -> None:
    """The query holds where the assumption does and the claim does not."""
    x, y = symbols(ABSOLUTE)
    query = claim_query(ABSOLUTE, (y[0] >= x[0]) & (y[0] < 1), assuming=x[0] > "-1/2")
    assert query.holds_at([a]) == (a > Fraction(-1, 2) and not (abs(a) >= a and abs(a) < 1))
    assert claim_query(ABSOLUTE, y[0] >= 0).formula == (y[0] < 0)


@given(st.lists(numbers, min_size=4, max_size=4))
def test_pairs_share_what_is_not_free(values: list[Fraction]) -> None:
    """Inputs are x, then the second run's free coordinates; both runs are evaluated exactly; both lie in the domain."""
    seen: list[Any] = []
    query = pair_query(
        SCORE,
        SCORE,
        [(-1, 1)] * 3,
        lambda one, two: seen.extend((one, two)) or (one[1][0] > two[1][0]),  # type: ignore[func-returns-value]
        free=[1],
    )
    first, second = tuple(values[:3]), (values[0], values[3], values[2])
    assert query.input_names == ("x[0]", "x[1]", "x[2]", "x'[1]")
    assert query.output_names == ("y[0]", "y'[0]")
    assert query.point_at(values)[4:] == SCORE.evaluate(first) + SCORE.evaluate(second)
    inside = all(abs(v) <= 1 for v in values)
    assert query.holds_at(values) == (inside and SCORE.evaluate(first) > SCORE.evaluate(second))
    assert [str(term) for term in seen[1][0]] == ["x0", "x3", "x2"]


def test_free_coordinates_come_in_their_order() -> None:
    """With free=[2, 0] the second run's x'[2] comes before its x'[0]."""
    query = pair_query(SCORE, SCORE, [(-9, 9)] * 3, lambda one, two: one[1][0] > two[1][0], free=[2, 0])
    assert query.input_names[3:] == ("x'[2]", "x'[0]")
    assert query.point_at([1, 9, 3, 4, 20])[5:] == SCORE.evaluate([1, 9, 3]) + SCORE.evaluate([20, 9, 4])


@given(st.lists(numbers, min_size=4, max_size=4))
def test_monotonicity_and_fairness_by_definition(values: list[Fraction]) -> None:
    """Monotonicity compares ordered pairs; fairness all pairs with a tolerance."""
    first, second = tuple(values[:3]), (values[0], values[3], values[2])
    y, v = SCORE.evaluate(first)[0], SCORE.evaluate(second)[0]
    domain = [(-2, 2)] * 3
    ordered = first[1] <= second[1]
    assert monotonicity_query(SCORE, domain, coordinate=1).holds_at(values) == (ordered and y > v)
    falling = monotonicity_query(SCORE, domain, coordinate=1, increasing=False)
    assert falling.holds_at(values) == (ordered and y < v)
    assert fairness_query(SCORE, domain, protected=[1], tolerance="1/2").holds_at(values) == (
        abs(y - v) > Fraction(1, 2)
    )
    assert fairness_query(SCORE, domain, protected=[1]).holds_at(values) == (y != v)


def test_monotonicity_on_known_functions() -> None:
    """|x| falls somewhere on [-1, 1] and nowhere on [0, 1]; a constant is monotone both ways."""
    falls = monotonicity_query(ABSOLUTE, [(-1, 1)], coordinate=0)
    assert falls.holds_at([-1, 0])
    rises = monotonicity_query(ABSOLUTE, [(0, 1)], coordinate=0)
    assert not any(rises.holds_at(pair) for pair in product(QUARTERS, QUARTERS))
    constant = Network.from_weights([[[0]]], [[7]])
    for increasing in (True, False):
        query = monotonicity_query(constant, [(-1, 1)], coordinate=0, increasing=increasing)
        assert not any(query.holds_at(pair) for pair in product(QUARTERS, QUARTERS))


def test_equivalence_sees_the_smallest_change() -> None:
    """Rescaled and lengthened networks agree on a grid; a change of 2^-40 is seen, and forgiven with that tolerance."""
    scaled = Network.from_weights([[[2], [-3]], [["1/2", "1/3"]]], [[0, 0], [0]])
    longer = Network.from_weights([[[1], [-1]], [[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0, 0], [0]])
    changed = Network.from_weights([[[1], [-1]], [[1, 1 + Fraction(1, 2**40)]]], [[0, 0], [0]])
    for other in (ABSOLUTE, scaled, longer):
        query = equivalence_query(ABSOLUTE, other, [(-1, 1)])
        assert query.network.n_inputs == 1
        assert not any(query.holds_at([a]) for a in QUARTERS)
    assert equivalence_query(ABSOLUTE, changed, [(-1, 1)]).holds_at([-1])
    assert not equivalence_query(ABSOLUTE, changed, [(-1, 1)]).holds_at([1])
    assert not equivalence_query(ABSOLUTE, changed, [(-1, 1)], tolerance=Fraction(1, 2**40)).holds_at([-1])


def test_the_domain_of_a_pair_is_stated_once() -> None:
    """Constraints on shared inputs are not repeated for the second run."""
    query = equivalence_query(SCORE, SCORE, [(0, 1)] * 3)
    assert len(query.input_conjuncts()) == 6
    free = fairness_query(SCORE, [(0, 1)] * 3, protected=[2])
    assert len(free.input_conjuncts()) == 8
    assert free.input_box() == ((0, 1),) * 4


def test_what_makes_no_sense_is_refused() -> None:
    """Unknown outputs and labels, one class only, no bound, negative tolerances, networks of different shape."""
    for error, wrong in (
        (InputError, lambda: output_range_query(ABSOLUTE, [(0, 1)], 1, upper=0)),
        (InputError, lambda: output_range_query(ABSOLUTE, [(0, 1)], 0)),
        (DomainError, lambda: output_range_query(ABSOLUTE, [(1, 0)], 0, upper=0)),
        (InputError, lambda: robustness_query(ABSOLUTE, [0], 1, label=0)),
        (InputError, lambda: robustness_query(CLASSES, [0, 0], 1, label=3)),
        (InputError, lambda: robustness_query(CLASSES, [0, 0], 1, label=0, ties="maybe")),  # type: ignore[arg-type]
        (InputError, lambda: stability_query(ABSOLUTE, [0], 1, tolerance=-1)),
        (InputError, lambda: equivalence_query(ABSOLUTE, ABSOLUTE, [(0, 1)], tolerance=-1)),
        (ShapeError, lambda: equivalence_query(ABSOLUTE, SCORE, [(0, 1)])),
        (ShapeError, lambda: equivalence_query(CLASSES, Network.from_weights([[[1, 1]]], [[0]]), [(0, 1)] * 2)),
        (InputError, lambda: monotonicity_query(ABSOLUTE, [(0, 1)], coordinate=1)),
        (InputError, lambda: fairness_query(SCORE, [(0, 1)] * 3, protected=[1, 1])),
        (InputError, lambda: fairness_query(SCORE, [(0, 1)] * 3, protected=[-1])),
    ):
        with pytest.raises(error):
            wrong()
