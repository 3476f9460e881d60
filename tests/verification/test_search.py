"""Branch and bound over boxes agrees with exact enumeration; proofs pass the checker, witnesses are substituted."""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.network import Network
from exactrelu.verification.boxes import search as search_module
from exactrelu.verification.boxes.box_tree import BoxTree, Chunk
from exactrelu.verification.boxes.float_network import FloatNetwork, chord_bits
from exactrelu.verification.boxes.search import BoxSearch
from exactrelu.verification.questions.formulas import FALSE, Formula, compare, conjunction
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.situations import Situation
from tests.verification.network_cases import KINDS, SLOPES, random_box, random_network, small
from tests.verification.proof_cases import box_formula, objection, oracle, random_formula

X, Y = Polynomial.variable(0), Polynomial.variable(1)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
TENT = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])


def number(value: Any) -> Polynomial:
    return Polynomial.constant(value)


def searched(network: Network, formula: Formula, propose: bool = True) -> BoxSearch:
    """The finished search; it must finish within 200 steps."""
    query = Query(network, formula)
    search = BoxSearch(network, Situation().assume(formula), query.holds_at, chord_bits(network))
    if propose:
        search.propose(0)
    for _ in range(200):
        if search.done or search.witness is not None:
            return search
        search.step(math.inf)
    raise AssertionError(f"no end after 200 steps: {search.open_boxes} boxes are open")


def verdict(network: Network, formula: Formula, propose: bool = True) -> str:
    """The verdict, after the witness has been substituted or the proof has been checked."""
    search = searched(network, formula, propose)
    if search.witness is not None:
        assert Query(network, formula).holds_at(search.witness)
        return "sat"
    assert objection(network, formula, search.proof_lines(), search.bits) is None
    assert search.closed == pytest.approx(1.0)
    return "unsat"


@pytest.mark.parametrize("kind", KINDS)
def test_verdicts_agree_with_exact_enumeration(kind: str) -> None:
    """60 random networks and formulas of each kind of numbers; every proof is checked, every witness substituted."""
    rng = random.Random(f"search {kind}")
    found = {"sat": 0, "unsat": 0}
    for case in range(60):
        widths = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
        network = random_network(rng, KINDS[kind], rng.choice([(RELU,), SLOPES]), widths=widths)
        box = random_box(rng, network.n_inputs)
        formula = conjunction([box_formula(box), random_formula(rng, network, box)])
        if formula == FALSE:
            continue
        answer = verdict(network, formula, propose=case % 2 == 0)
        assert answer == ("unsat" if oracle(network, formula) is None else "sat"), formula
        found[answer] += 1
    assert min(found.values()) >= 10


@pytest.mark.parametrize(
    ("relation", "value", "expected"),
    [
        ("<", 0, "unsat"),
        ("<=", 0, "sat"),
        (">", 2, "unsat"),
        (">=", 2, "sat"),
        ("==", 2, "sat"),
        ("==", "-1/3", "unsat"),
    ],
)
def test_extremes_that_are_attained_are_decided_exactly(relation: Any, value: Any, expected: str) -> None:
    """|x| on [-2, 1] has the minimum 0 and the maximum 2; only the relation tells whether attaining it counts."""
    box = box_formula([(Fraction(-2), Fraction(1))])
    assert verdict(ABSOLUTE, conjunction([box, compare(Y, relation, number(value))])) == expected


def test_extremes_one_unit_in_the_last_place_away() -> None:
    """The tent's maximum is 1: y > 1 - 2^-60 is sat, y >= 1 + 2^-60 is not; doubles cannot tell either from 1."""
    box = box_formula([(Fraction(-1), Fraction(4))])
    tiny = Fraction(1, 2**60)
    assert verdict(TENT, conjunction([box, compare(Y, ">", number(1 - tiny))])) == "sat"
    assert verdict(TENT, conjunction([box, compare(Y, ">=", number(1 + tiny))])) == "unsat"


def test_contact_along_a_line_ends() -> None:
    """relu(a) + relu(-a) - |a| is 0 for a = x1 - x2 in all the square: "!= 0" is refuted, though no box closes."""
    rows = [[1, -1], [-1, 1], [1, -1]]
    network = Network.from_weights(
        [rows, [[1, 1, -1]]], [[0, 0, 0], [0]], activations=[[RELU, RELU, Activation.of([-1, 1])]]
    )
    box = box_formula([(Fraction(-1), Fraction(1))] * 2)
    output = Polynomial.variable(2)
    assert verdict(network, conjunction([box, compare(output, "!=")])) == "unsat"
    assert verdict(network, conjunction([box, compare(output, "==")])) == "sat"


def test_a_constant_network_is_decided_at_once() -> None:
    """Without crossing units one exact program decides, however large the box: nothing is cut."""
    network = Network.from_weights([[[1]], [[0]]], [[3], ["9/10"]])
    formula = conjunction([box_formula([(Fraction(0), Fraction(1000))]), compare(Y, "!=", number("9/10"))])
    search = searched(network, formula)
    assert search.done
    assert not search.tree.cuts


def test_more_crossing_units_than_are_decided_at_once() -> None:
    """With twelve crossing units boxes are cut; the tree has cuts, conclusions and leaves, and passes."""
    rng = random.Random(5)
    network = random_network(rng, small, inputs=2, widths=[8, 8], outputs=1)
    box = [(Fraction(-1), Fraction(1))] * 2
    output = Polynomial.variable(2)
    values = [network.evaluate([Fraction(i, 4), Fraction(j, 4)])[0] for i in range(-4, 5) for j in range(-4, 5)]
    formula = conjunction([box_formula(box), compare(output, ">", number(max(values) + 40))])
    search = searched(network, formula)
    lines = list(search.proof_lines())
    assert objection(network, formula, lines, search.bits) is None
    assert {next(iter(line)) for line in lines} >= {"r", "l"}
    assert verdict(network, conjunction([box_formula(box), compare(output, ">=", number(max(values)))])) == "sat"


def test_an_empty_box_needs_one_leaf() -> None:
    """x <= 0 and x >= 1 is refuted by a leaf without multipliers."""
    formula = conjunction([compare(X, "<=", number(0)), compare(X, ">=", number(1)), compare(Y, "<=")])
    search = searched(ABSOLUTE, formula)
    assert list(search.proof_lines()) == [{"l": []}]
    assert objection(ABSOLUTE, formula, search.proof_lines(), search.bits) is None


@pytest.mark.parametrize("low", ["1/3", "0.1", 0, Fraction(2) ** 2000, Fraction(1, 2**2000)])
def test_a_box_that_is_one_point(low: Any) -> None:
    """A point that is no double, or beyond all doubles: |x| = x there, decided both ways."""
    box = box_formula([(Fraction(low), Fraction(low))])
    assert verdict(ABSOLUTE, conjunction([box, compare(Y, "==", X)])) == "sat"
    assert verdict(ABSOLUTE, conjunction([box, compare(Y, "!=", X)])) == "unsat"


def test_strict_bounds_of_the_inputs_count() -> None:
    """0 < x < 1 and |x| >= 1 has no solution, 0 < x <= 1 and |x| >= 1 has one."""
    inside = compare(X, ">") & compare(X, "<", number(1))
    assert verdict(ABSOLUTE, inside & compare(Y, ">=", number(1))) == "unsat"
    assert verdict(ABSOLUTE, compare(X, ">") & compare(X, "<=", number(1)) & compare(Y, ">=", number(1))) == "sat"


def test_the_record_of_a_search_without_hidden_layers() -> None:
    """An affine network has no units to record: y = 2x > 2 on [0, 1] is refuted by a leaf or a program."""
    network = Network.from_weights([[[2]]], [[0]])
    box = box_formula([(Fraction(0), Fraction(1))])
    assert verdict(network, conjunction([box, compare(Y, ">", number(2))])) == "unsat"
    assert verdict(network, conjunction([box, compare(Y, ">=", number(2))])) == "sat"


def first_failure(tries: int = 60) -> str | None:
    """What is wrong first with searches that have been tampered with: a wrong verdict or a proof refused."""
    rng = random.Random("mutants of the search")
    for _ in range(tries):
        network = random_network(rng, KINDS["tenths"], SLOPES, widths=[rng.randint(1, 3)])
        box = random_box(rng, network.n_inputs)
        formula = conjunction([box_formula(box), random_formula(rng, network, box)])
        if formula == FALSE:
            continue
        try:
            answer = verdict(network, formula)
        except AssertionError as error:
            return str(error)
        if answer != ("unsat" if oracle(network, formula) is None else "sat"):
            return "wrong verdict"
    return None


def lifted(original: Callable[..., Any]) -> Callable[..., Any]:
    """`lower_bounds` that claims more than it knows."""

    def mutant(*args: Any) -> Any:
        lower, slopes = original(*args)
        return lower + 0.25, slopes

    return mutant


def test_unsound_bounds_of_the_search_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search whose bounds are too large by 1/4 closes boxes that it must not: the checker refuses."""
    assert first_failure() is None
    monkeypatch.setattr(FloatNetwork, "lower_bounds", lifted(FloatNetwork.lower_bounds))
    assert first_failure() is not None


def test_a_search_that_forgets_the_upper_halves_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree without its upper halves is not complete."""
    original = BoxTree.cut

    def cut(self: BoxTree, *args: Any) -> Chunk:
        halves = original(self, *args)
        return halves.take(slice(0, len(halves) // 2))

    monkeypatch.setattr(search_module, "FEW_UNITS", -1)
    formula = conjunction([box_formula([(Fraction(-4), Fraction(9))]), compare(Y, ">", number("5/4"))])
    assert verdict(TENT, formula) == "unsat"
    monkeypatch.setattr(BoxTree, "cut", cut)
    with pytest.raises((KeyError, AssertionError)):
        verdict(TENT, formula)


def test_progress_is_the_closed_part_of_the_volume() -> None:
    """It grows from 0 to 1 while boxes are closed, and the tree holds every box once."""
    rng = random.Random(2)
    network = random_network(rng, small, inputs=2, widths=[8, 6], outputs=1)
    formula = conjunction(
        [box_formula([(Fraction(-1), Fraction(1))] * 2), compare(Polynomial.variable(2), ">", number(1000))]
    )
    query = Query(network, formula)
    search = BoxSearch(network, Situation().assume(formula), query.holds_at, 24)
    shares: list[float] = [search.closed]
    while not search.done:
        search.step(math.inf)
        shares.append(search.closed)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_step_that_is_broken_off_loses_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a step is interrupted, going on later ends in a complete proof."""
    formula = conjunction([box_formula([(Fraction(-4), Fraction(9))]), compare(Y, ">", number("5/4"))])
    query = Query(TENT, formula)
    monkeypatch.setattr(search_module, "FEW_UNITS", -1)
    for place in ("bounds", "lower_bounds"):
        search = BoxSearch(TENT, Situation().assume(formula), query.holds_at, chord_bits(TENT))
        original = getattr(FloatNetwork, place)
        calls = iter(range(1000))

        def sometimes(*args: Any, original: Any = original, calls: Any = calls) -> Any:
            if next(calls) % 2:
                raise KeyboardInterrupt
            return original(*args)

        with monkeypatch.context() as patch:
            patch.setattr(FloatNetwork, place, sometimes)
            for _ in range(200):
                if search.done:
                    break
                with contextlib.suppress(KeyboardInterrupt):
                    search.step(math.inf)
        assert search.done
        assert objection(TENT, formula, search.proof_lines(), search.bits) is None
