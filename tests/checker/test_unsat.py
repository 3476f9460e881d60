"""Proof trees: every rule of docs/verdict-format.md, thousands of changed proofs, and mutants of the checker."""

from __future__ import annotations

import functools
import json
import random
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from exactrelu.checker import bounding, unsat
from exactrelu.checker.reading import Invalid, parse_json
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.activations import Activation
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import FALSE, TRUE, Comparison, Formula, Or, compare, conjunction
from tests.checker.tree_proofs import ABSOLUTE, TENT, Subject, changes, subjects
from tests.checker.tree_reference import defect
from tests.verification.proof_cases import box_formula, objection, oracle, plain_formula, plain_network

Lines = list[dict[str, Any]]
X, Y = Polynomial.variable(0), Polynomial.variable(1)
IDENTITY = Network.from_weights([[[1]]], [[0]])
RAMP = Network.from_weights([[[1]], [[1]]], [[0], [0]])


def number(value: Any) -> Polynomial:
    return Polynomial.constant(value)


PROOFS = subjects()


@functools.cache
def is_true(network: Network, formula: Formula) -> bool:
    """Whether the statement is: no input makes the formula true."""
    return oracle(network, formula) is None


def verdict(subject: Subject, checker: Any = unsat) -> str | None:
    """What a checker, perhaps a mutant, objects to."""
    try:
        refutation = checker.Refutation(plain_network(subject.network), plain_formula(subject.formula), subject.bits)
        for line in subject.lines:
            refutation.line(parse_json(json.dumps(line)))
        refutation.finish()
    except Invalid as error:
        return str(error)
    return None


# -- real proofs ------------------------------------------------------------------------------------------------------


def test_real_proofs_of_all_kinds_are_accepted() -> None:
    """Eighteen proofs from both searches; every kind of line occurs at least five times in them."""
    kinds = Counter(key for subject in PROOFS for line in subject.lines for key in line)
    assert set(kinds) == {"x", "u", "o", "r", "v", "l", "b"}
    assert min(kinds.values()) >= 5
    for subject in PROOFS:
        assert verdict(subject) is None, subject.name
        assert defect(subject.network, plain_formula(subject.formula), subject.lines, subject.bits) is None
        assert is_true(subject.network, subject.formula)


# After these changes a proof may still be one:
# - multipliers, numbers of units, parts left out: another combination may be a contradiction, too;
# - chords, their letters, a sign not concluded: other lines, or none, may suffice; a unit may keep both signs (zero);
#   "values too few" leaves an empty list as it is;
# - cuts moved: any cut covers the box;
# - lines exchanged, twice or dropped: conclusions that are repeated or not needed, leaves that are alike;
# - made a leaf: the node was contradictory already;
# - another precision, formula or network: the lines may prove that statement, too.
MAY_STILL_PROVE = {
    "multiplier in l",
    "multiplier in b",
    "number in b",
    "b without one part",
    "chord's shift",
    "chord's slope",
    "l made h",
    "h made l",
    "+ made .",
    "- made .",
    "+ made -",
    "values too few",
    "cut moved",
    "lines exchanged",
    "line twice",
    "line dropped",
    "made a leaf",
    "other bound",
    "other bias",
    "other weights",
    "other slopes",
    "other precision",
    "strictness",
}
NEVER = {
    "truncated",
    "line too many",
    "letter too many",
    "letter too few",
    "value too many",
    "twice in l",
    "twice in b",
    "other unit split",
    "other disjunction",
    "other input cut",
    "formula true",
    "l without one part",
    "number in l",
    "+ made h",
    "+ made l",
    "- made +",
    "- made h",
    "- made l",
    "l made +",
    "l made -",
    "l made .",
    "h made +",
    "h made -",
    "h made .",
    ". made +",
    ". made -",
    ". made l",
    ". made h",
}


@pytest.mark.parametrize("subject", PROOFS, ids=[f"{k} {s.name}" for k, s in enumerate(PROOFS)])
def test_changed_proofs_are_rejected_or_still_prove_a_true_statement(subject: Subject) -> None:
    """Over 4,000 changes of some 50 kinds: the checker agrees with the naive reading of the document on every one.

    What it accepts is a true statement by exact enumeration, and of a kind that can leave a proof intact.
    """
    for changed in changes(subject):
        reason = verdict(changed)
        reference = defect(changed.network, plain_formula(changed.formula), changed.lines, changed.bits)
        assert (reason is None) == (reference is None), (changed.kind, reason, reference)
        if reason is None:
            assert changed.kind in MAY_STILL_PROVE, changed.kind
            assert is_true(changed.network, changed.formula), changed.kind


def test_the_changes_are_many_and_of_many_kinds() -> None:
    """More than 3,000 changes are rejected, of more than 40 kinds; every kind that is never accepted occurs."""
    kinds = Counter(changed.kind for subject in PROOFS for changed in changes(subject))
    assert sum(kinds.values()) > 4000
    assert len(kinds) > 40
    assert set(kinds) <= MAY_STILL_PROVE | NEVER


def test_a_chord_is_accepted_down_to_the_activation_and_not_below() -> None:
    """relu on [-1, 1]: the chord z/2 + 1/2 touches both ends; one unit of 2^-8 less is refused."""
    formula = conjunction([box_formula([(Fraction(-1), Fraction(1))]), compare(Y, ">", number(1))])
    for step in range(4):
        lines = [{"r": "h", "v": [128, 128 - step]}, {"l": [[2, "1"]]}]
        reason = objection(RAMP, formula, lines, 8)
        assert reason == ("the chord of unit 0 is not on the right side of it" if step else None)


# -- the rules, one by one --------------------------------------------------------------------------------------------

BELOW = conjunction([compare(X, ">="), compare(X, "<=", number(2)), compare(Y, "<", number("-1/2"))])
GONE = [{"r": "+", "v": []}, {"l": [[2, "1"]]}]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (GONE, None),
        ([{"u": 0}, {"l": [[2, "1"]]}, {"l": [[2, "1"]]}], None),
        ([{"x": [0, "1"]}, *GONE, *GONE], None),
        ([{"x": [0, "1/3"]}, *GONE, *GONE], None),
        ([{"x": [0, 1]}, *GONE, *GONE], None),
        ([{"x": [0, "5"]}, *GONE, {"l": []}], None),
        ([{"x": [0, "-5"]}, {"l": []}, *GONE], None),
        ([{"x": [0, "-5"]}, {"l": [[7, "-1"]]}, *GONE], None),
        ([{"r": ".", "v": []}, *GONE], None),
        ([{"r": "h", "v": [1 << 24, 0]}, {"l": [[2, "1"]]}], None),
        ([{"r": "l", "v": [1 << 24, 0]}, {"l": [[2, "1"]]}], None),
        ([{"l": [[2, "1"]]}], "not bounded below"),
        ([], "1 nodes are not accounted for"),
        ([{"x": [0, "1"]}, *GONE], "1 nodes are not accounted for"),
        ([*GONE, {"l": []}], "complete already"),
        ([{"x": [1, "1"]}, *GONE, *GONE], "there is no input 1"),
        ([{"x": [0]}, *GONE, *GONE], "a cut names"),
        ([{"x": [0, "one"]}, *GONE, *GONE], "not a rational"),
        ([{"x": [0, "5"]}, {"l": []}, *GONE], "no contradiction"),
        ([{"u": 1}], "does not exist"),
        ([{"u": True}], "must be an integer"),
        ([{"u": 0}, {"u": 0}], "its sign is known"),
        ([{"r": "+", "v": []}, {"u": 0}], "its sign is known"),
        ([{"o": 0}], "no pending disjunction 0"),
        ([{"r": "-", "v": []}], "not shown to keep"),
        ([{"r": "?", "v": []}], "the letters of a conclusion"),
        ([{"r": "++", "v": []}], "one letter for each of the 1"),
        ([{"r": "", "v": []}], "one letter for each of the 1"),
        ([{"r": "h", "v": [1 << 24]}], "too few lines"),
        ([{"r": "+", "v": [1]}], "too many lines"),
        ([{"r": "h", "v": [True, 0]}], "a list of integers"),
        ([{"r": "h", "v": [1 << 24, -1]}], "not on the right side"),
        ([{"r": "+"}], "lacks the key"),
        ([{"l": [[3, "1"]]}], "there is no literal 3"),
        ([{"l": [[2, "-1"]]}], "multiplier of an inequality is negative"),
        ([{"l": [[2, "1"], [2, "1"]]}], "occurs twice"),
        ([{"l": [[2, "0x1"]]}], "hexadecimal"),
        ([{"l": [[2, 1]]}], "hexadecimal"),
        ([{"l": [2]}], "lists of pairs"),
        ([{"l": [[2, "0"]]}], "no contradiction"),
        ([{"l": [[2, "1"]], "b": [[0, "1"]]}], "its sign was not split"),
        ([{"u": 0}, {"l": [[2, "1"]], "b": [[0, "-1"]]}], "a unit's multiplier is negative"),
        ([{"l": [], "c": []}], "unknown key"),
        ([{"b": []}], "lacks the key"),
        ([{"z": 1}], "a line begins with"),
        ([{}], "a line begins with"),
    ],
)
def test_rules_of_lines(lines: Lines, reason: str | None) -> None:
    """relu(x) < -1/2 on [0, 2], proved in ten ways; each rule broken once is named in the reason."""
    found = objection(RAMP, BELOW, lines, 24)
    assert found is None if reason is None else found is not None and reason in found


def test_strictness_decides_a_sum_that_is_zero() -> None:
    """x <= 0 and x >= 0 is no contradiction, with one "<" it is, if the strict literal takes part."""
    for one, two, expected in (("<=", ">=", False), ("<", ">=", True), ("<=", ">", True)):
        formula = compare(X, one) & compare(X, two)
        assert (objection(IDENTITY, formula, [{"l": [[0, "1"], [1, "1"]]}], 0) is None) is expected
    formula = compare(X, "<") & compare(X, "<=") & compare(X, ">=")
    assert objection(IDENTITY, formula, [{"l": [[1, "1"], [2, "1"]]}], 0) is not None
    assert objection(IDENTITY, formula, [{"l": [[0, "0"], [1, "1"], [2, "1"]]}], 0) is not None


def test_equalities_have_multipliers_of_any_sign() -> None:
    """x == 1 refutes x >= 2 with the multiplier 1 and x <= 0 with -1."""
    equal = compare(X, "==", number(1)) & compare(X + Y, "<=", number(9))
    for other, multiplier in ((compare(Y, ">=", number(2)), "1"), (compare(Y, "<="), "-1")):
        formula = equal & other
        literals = [[0, multiplier], [2, "1"]]
        unboxed = Network.from_weights([[[1]]], [[0]])
        assert objection(unboxed, formula, [{"l": literals}], 0) is None
        assert objection(unboxed, formula, [{"l": [[2, "-1"]]}], 0) is not None


def test_a_comparison_of_one_input_cuts_the_box_at_once() -> None:
    """2 x <= 1 and 3 x >= 2 leave an empty box: any leaf ends the node, a conclusion is refused."""
    formula = compare(2 * X, "<=", number(1)) & compare(3 * X, ">=", number(2)) & compare(Y, "<=")
    assert objection(RAMP, formula, [{"l": []}], 8) is None
    assert objection(RAMP, formula, [{"r": "+", "v": []}, {"l": []}], 8) is not None
    assert objection(RAMP, compare(2 * X, "<=", number(1)) & compare(3 * X, ">=", number("3/2")), [{"l": []}], 8)


def test_a_comparison_in_an_alternative_cuts_the_box_there_only() -> None:
    """(x < -1 or x > 3) on [0, 2]: each child's box is empty; the root's is not."""
    outside = compare(X, "<", number(-1)) | compare(X, ">", number(3))
    formula = box_formula([(Fraction(0), Fraction(2))]) & outside
    assert objection(RAMP, formula, [{"o": 0}, {"l": []}, {"l": []}], 8) is None
    assert objection(RAMP, formula, [{"l": []}], 8) is not None
    assert objection(RAMP, formula, [{"o": 0}, {"l": []}], 8) is not None


def test_pending_disjunctions_are_numbered_in_order_and_removed() -> None:
    """After the first is split the second has number 0; an alternative's own disjunctions come last."""
    low, high = compare(Y, "<", number(-1)), compare(Y, "<", number(-2))
    first = low | (compare(X, ">") & (low | high))
    formula = box_formula([(Fraction(0), Fraction(2))]) & first & (high | low)
    leaf = [{"l": [[2, "1"]]}]
    start: Lines = [{"r": "+", "v": []}]
    # split 1: each part refutes itself
    assert objection(RAMP, formula, [*start, {"o": 1}, *leaf, *leaf], 8) is None
    # split 0: second child has x > 0 as literal 2 and its own disjunction with number 1
    nested: Lines = [{"o": 1}, {"l": [[3, "1"]]}, {"l": [[3, "1"]]}]
    assert objection(RAMP, formula, [*start, {"o": 0}, *leaf, *nested], 8) is None
    assert objection(RAMP, formula, [*start, {"o": 2}, *leaf, *leaf], 8) is not None


def test_formulas_that_are_constant() -> None:
    """FALSE is a disjunction without parts: splitting it ends the node; TRUE cannot be refuted."""
    assert objection(RAMP, FALSE, [{"o": 0}], 0) is None
    assert objection(RAMP, FALSE, [{"l": []}], 0) is not None
    assert objection(RAMP, TRUE, [{"l": []}], 0) is not None
    assert objection(RAMP, TRUE, [{"o": 0}], 0) is not None
    assert isinstance(FALSE, Or)


def test_literals_that_are_not_linear_take_no_part() -> None:
    """x^2 < 0 cannot be used in a leaf, but may stand beside a contradiction."""
    square = compare(X * X, "<")
    assert objection(IDENTITY, square, [{"l": [[0, "1"]]}], 0) is not None
    both = square & compare(X, "<") & compare(X + Y, ">")
    assert isinstance(square, Comparison)
    assert objection(IDENTITY, both, [{"l": [[0, "1"], [1, "1"], [2, "1"]]}], 0) is not None
    assert objection(IDENTITY, both, [{"l": [[1, "2"], [2, "1"]]}], 0) is None


def test_networks_without_hidden_layers() -> None:
    """y = 5 and y = 2 x + 1 on [0, 1], without units: the leaf is a combination of literals and the box alone."""
    constant = Network.from_weights([[[0]]], [[5]])
    assert objection(constant, compare(Y, "<"), [{"l": [[0, "1"]]}], 8) is None
    assert objection(constant, compare(Y, "<", number(6)), [{"l": [[0, "1"]]}], 8) is not None
    line = Network.from_weights([[[2]]], [[1]])
    box = box_formula([(Fraction(0), Fraction(1))])
    assert objection(line, conjunction([box, compare(Y, ">", number(3))]), [{"l": [[2, "1"]]}], 8) is None
    assert objection(line, conjunction([box, compare(Y, ">=", number(3))]), [{"l": [[2, "1"]]}], 8) is not None


def test_signs_that_were_split_take_part_in_a_leaf() -> None:
    """|x|/2 < 0 without bounds of x: the leaf needs z_0 <= 0 with the output's weight, any other multiple fails."""
    formula = compare(Y, "<")
    tree: Lines = [{"u": 0}, {"u": 1}]
    assert plain_network(ABSOLUTE).layers[-1].denominator == 2
    first: Lines = [*tree, {"l": [[0, "1"]]}]
    rest: Lines = [{"u": 1}, {"l": [[0, "2"]], "b": [[0, "1"]]}, {"l": [[0, "1"]]}]
    del first[1:]
    good = [{"u": 0}, {"u": 1}, {"l": [[0, "1"]]}, {"l": [[0, "2"]], "b": [[1, "1"]]}, *rest]
    assert objection(ABSOLUTE, formula, good, 24) is None
    for wrong in ("2", "0", "3"):
        bad = [*good[:3], {"l": [[0, "2"]], "b": [[1, wrong]]}, *rest]
        assert objection(ABSOLUTE, formula, bad, 24) is not None


def test_a_unit_that_touches_zero_keeps_its_sign() -> None:
    """z = relu(x)/3 - 1/3 on [1, 2] has the minimum 0 exactly; rounding its coefficients must not hide it."""
    network = Network.from_weights([[[1]], [["1/3"]], [[1]]], [[0], ["-1/3"], [0]])
    box = box_formula([(Fraction(1), Fraction(2))])
    formula = conjunction([box, compare(Y, "<")])
    lines: Lines = [{"r": "++", "v": []}, {"l": [[2, "1"]]}]
    assert objection(network, formula, lines, 24) is None
    below = Network.from_weights([[[1]], [["1/3"]], [[1]]], [[0], [Fraction(-1, 3) - Fraction(1, 2**200)], [0]])
    assert objection(below, formula, lines, 24) is not None
    negative = Network.from_weights([[[1]], [["-1/3"]], [[1]]], [[0], ["1/3"], [0]])
    assert objection(negative, formula, [{"r": "+-", "v": []}, {"l": [[2, "1"]]}], 24) is None


def test_a_unit_that_touches_zero_behind_long_weights_keeps_its_sign() -> None:
    """The same behind three layers with weights of 40 bits, which no rounding to 62 bits can hold together."""
    one, two, three = (1 - Fraction(1, 2**40), 1 - Fraction(5, 2**40), 1 - Fraction(11, 3**25))
    least = one * two * three
    weights = [[[1]], [[one]], [[two]], [[three]], [[1]]]
    formula = conjunction([box_formula([(Fraction(1), Fraction(2))]), compare(Y, "<")])
    for gap, accepted in ((0, True), (Fraction(1, 2**200), False)):
        network = Network.from_weights(weights, [[0], [0], [0], [-least - gap], [0]])
        lines: Lines = [{"r": "++++", "v": []}, {"l": [[2, "1"]]}]
        assert (objection(network, formula, lines, 24) is None) is accepted


def test_concave_units_have_their_chord_below() -> None:
    """min(z, z/2) on [-1, 1]: the chord 3/4 z - 1/4 touches both ends; half a unit more is refused."""
    network = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[Activation.of([1, "1/2"])]])
    box = box_formula([(Fraction(-1), Fraction(1))])
    formula = conjunction([box, compare(Y, "<", number(-1))])
    for slope, shift, accepted in ((192, -64, True), (192, -63, False), (193, -64, False), (192, -65, False)):
        reason = objection(network, formula, [{"r": "l", "v": [slope, shift]}, {"l": [[2, "1"]]}], 8)
        assert (reason is None) is accepted, (slope, shift, reason)


# After the first disjunction is split the second one has number 0.
TWO_SPLITS = Subject(
    "two disjunctions",
    RAMP,
    box_formula([(Fraction(0), Fraction(2))])
    & (compare(X, ">=", number(1)) | compare(X, "<=", number(1)))
    & (compare(Y, "<", number(-1)) | compare(Y, "<", number(-2))),
    [{"r": "+", "v": []}, {"o": 0}, *([{"o": 0}, {"l": [[3, "1"]]}, {"l": [[3, "1"]]}] * 2)],
    8,
)

# -- mutants ----------------------------------------------------------------------------------------------------------

SOURCE = Path(unsat.__file__).read_text(encoding="utf-8")
MUTANTS = [
    ('if m < 0 and relation != "==":', "if False:"),
    ("            if m < 0:\n", "            if False:\n"),
    ("if bound < 0 or (bound == 0 and not strict):", "if bound < 0:"),
    ("if bound < 0 or (bound == 0 and not strict):", "if bound < -1:"),
    ('strict = strict or (relation == "<" and m > 0)', 'strict = strict or relation == "<"'),
    ("if unit not in node.signs:", "if False:"),
    ("assumed[self.place[unit]] = -m if node.signs[unit] else m", "assumed[self.place[unit]] = m"),
    ("low is not None and high is not None and low > high for", "False for"),
    ("low > high for low", "low >= high for low"),
    ("self.nodes += [above, below]", "self.nodes += [below]"),
    ("below.below(axis, where)", "below.below(axis, where - 1)"),
    ("self.nodes += reversed(children)", "self.nodes += children[:1]"),
    ("for part in reversed(parts):", "for part in reversed(parts[:1]):"),
    ("parts = node.pending.pop(number)", "parts = node.pending[number]"),
    (
        '        if self.nodes:\n            raise Invalid(f"the tree is not complete',
        '        if False:\n            raise Invalid(f"the tree is not complete',
    ),
    ('return low is not None and low >= 0 if state == "+"', 'return True if state == "+"'),
    ("else high is not None and high <= 0", "else True"),
    ("if min(gaps) >= 0 else None", ""),
    ("if max(gaps) <= 0 else None", ""),
    ("if min(gaps) >= 0 else None", "if min(gaps) >= -(1 << (2 * self.bits)) else None"),
    ("if len(set(numbers)) != len(numbers):", "if False:"),
    ("return (through, (slope, shift))", "return ((slope, shift), (slope, shift))"),
    ("child.lines[k][j] = self._exact(slope)", "child.lines[k][j] = self._exact(0)"),
    ('if slope > 0 or relation == "==":', "if True:"),
]


def mutant(old: str, new: str) -> ModuleType:
    """The checker's module with one place of its text replaced."""
    assert SOURCE.count(old) == 1, old
    module = ModuleType("exactrelu.checker.unsat_mutant")
    module.__package__ = "exactrelu.checker"
    sys.modules[module.__name__] = module
    exec(compile(SOURCE.replace(old, new), "mutant", "exec"), module.__dict__)
    return module


@functools.cache
def everything() -> tuple[tuple[Subject, bool], ...]:
    """All changed proofs and some false ones, in a fixed random order, and whether the true checker accepts them."""
    made = [*PROOFS, TWO_SPLITS, *false_proofs(), *(changed for subject in PROOFS for changed in changes(subject))]
    random.Random(0).shuffle(made)
    return tuple((changed, verdict(changed) is None) for changed in made)


def false_proofs() -> list[Subject]:
    """Proofs of false statements that only one rule keeps out."""
    square = box_formula([(Fraction(-1), Fraction(1))])
    point = box_formula([(Fraction(1), Fraction(1))])
    touching = compare(X, "<=") & compare(X, ">=") & compare(X, "<", number(1))
    made: list[tuple[str, Network, Formula, Lines]] = [
        ("strict literal without weight", IDENTITY, touching, [{"l": [[0, "1"], [1, "1"], [2, "0"]]}]),
        ("one point is not empty", IDENTITY, point, [{"l": []}]),
        ("sign that was not split", RAMP, square & compare(Y, ">=", number(1)), [{"l": [[2, "1"]], "b": [[0, "1"]]}]),
        (
            "negative multiplier of a unit",
            RAMP,
            compare(X, "<=") & compare(X, ">=", number(-1)),
            [
                {"u": 0},
                {"l": [[1, "1"]], "b": [[0, "-1"]]},
                {"l": [[0, "1"]], "b": [[0, "1"]]},
            ],
        ),
        (
            "slack of a chord",
            RAMP,
            square & compare(Y, ">", number("15/16")),
            [
                {"r": "h", "v": [128, 100]},
                {"l": [[2, "1"]]},
            ],
        ),
        (
            "the other half is forgotten",
            RAMP,
            square & compare(Y, ">", number("1/2")),
            [
                {"x": [0, "0"]},
                {"r": "-", "v": []},
                {"l": [[2, "1"]]},
            ],
        ),
        (
            "twice the same literal",
            TENT,
            square & compare(Y, ">=", number(1)),
            [
                {"r": "..+", "v": []},
                {"l": [[2, "1"], [2, "1"]]},
            ],
        ),
        (
            "disjunction used again",
            RAMP,
            square & (compare(Y, "<", number(-1)) | compare(Y, "<=")),
            [
                {"u": 0},
                {"o": 0},
                {"l": [[2, "1"]]},
                {"o": 0},
                {"l": [[3, "1"]]},
                {"l": [[3, "1"]]},
            ],
        ),
        ("empty by one bound", RAMP, compare(X, "<=", number(1)) & compare(Y, "<=", number(1)), [{"l": [[0, "1"]]}]),
    ]
    return [Subject("false", network, formula, lines, 8, kind) for kind, network, formula, lines in made]


@pytest.mark.parametrize(("old", "new"), MUTANTS, ids=range(len(MUTANTS)))
def test_weakened_checkers_are_found_out(old: str, new: str) -> None:
    """A checker with one rule weakened decides some changed proof otherwise than the true one."""
    checker = mutant(old, new)

    def differs(changed: Subject, accepted: bool) -> bool:
        try:
            return (verdict(changed, checker) is None) is not accepted
        except Exception:  # a mutant that falls over is found out, too
            return True

    assert any(differs(changed, accepted) for changed, accepted in everything()), (old, new)


@pytest.mark.parametrize("amount", [Fraction(1, 100), Fraction(1, 10**6)])
def test_bounds_that_are_too_large_are_found_out(amount: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    """With lower bounds larger than they are, by 1/100 or 10^-6, some false proof is accepted."""
    everything()
    original = bounding.Stack.lower_bound

    def larger(*args: Any) -> Fraction | None:
        bound = original(*args)
        return None if bound is None else bound + amount

    monkeypatch.setattr(bounding.Stack, "lower_bound", larger)
    assert any((verdict(changed) is None) and not accepted for changed, accepted in everything())
