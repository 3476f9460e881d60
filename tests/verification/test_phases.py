"""Deciding by units' signs agrees with exact enumeration and with z3, on boxes, flat boxes and unbounded inputs."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from typing import Any

import pytest
import z3

from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network
from exactrelu.verification.boxes import phases
from exactrelu.verification.boxes.phases import PhaseProof, PhaseWitness, decide_by_phases
from exactrelu.verification.questions.formulas import FALSE, TRUE, And, Formula, compare, conjunction, fold
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.situations import Situation
from tests.verification.network_cases import KINDS, SLOPES, random_box, random_network, small
from tests.verification.proof_cases import Box, box_formula, objection, oracle, random_formula

X, Y = Polynomial.variable(0), Polynomial.variable(1)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])


def number(value: Any) -> Polynomial:
    return Polynomial.constant(value)


def verdict(network: Network, formula: Formula) -> str:
    """The verdict; witnesses are substituted and proofs are checked."""
    situation = Situation().assume(formula)
    answer = decide_by_phases(network, situation.box(network.n_inputs), [None] * network.n_units, situation)
    if isinstance(answer, PhaseWitness):
        assert Query(network, formula).holds_at(answer.point)
        return "sat"
    assert isinstance(answer, PhaseProof)
    assert objection(network, formula, answer.lines, 24) is None
    return "unsat"


def half_open(rng: random.Random, dimension: int) -> Box:
    """A box that lacks some of its ends, or all."""
    return [tuple(None if rng.random() < 0.5 else end for end in ends) for ends in random_box(rng, dimension)]  # type: ignore[misc]


@pytest.mark.parametrize("kind", KINDS)
def test_verdicts_agree_with_exact_enumeration(kind: str) -> None:
    """80 random networks and formulas of each kind of numbers, half of them on unbounded inputs."""
    rng = random.Random(f"phases {kind}")
    found = {"sat": 0, "unsat": 0}
    for case in range(80):
        widths = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
        network = random_network(rng, KINDS[kind], rng.choice([(RELU,), SLOPES]), widths=widths)
        box = half_open(rng, network.n_inputs) if case % 2 else random_box(rng, network.n_inputs)
        formula = conjunction([box_formula(box), random_formula(rng, network, box)])
        answer = verdict(network, formula)
        assert answer == ("unsat" if oracle(network, formula) is None else "sat"), formula
        found[answer] += 1
    assert min(found.values()) >= 10


def z3_verdict(network: Network, formula: Formula) -> str:
    """The verdict of z3 on the network written out with if-then-else."""
    inputs = [z3.Real(f"x{i}") for i in range(network.n_inputs)]
    values: list[Any] = list(inputs)
    for affine, hidden in zip(network.affine_maps, [*network.hidden, None], strict=True):
        rows = zip(affine.linear, affine.offset, strict=True)
        values = [
            sum(
                (z3.Q(*w.as_integer_ratio()) * v for w, v in zip(row, values, strict=True)), z3.Q(*b.as_integer_ratio())
            )
            for row, b in rows
        ]
        if hidden is not None:
            values = [
                z3.If(z > 0, z3.Q(*a.positive.as_integer_ratio()) * z, z3.Q(*a.negative.as_integer_ratio()) * z)
                for z, a in zip(values, hidden.activations, strict=True)
            ]
    variables = [*inputs, *values]

    def comparison(part: Any) -> Any:
        coefficients, constant = part.polynomial.linear_part()
        total = sum(
            (z3.Q(*c.as_integer_ratio()) * variables[v] for v, c in coefficients.items()),
            z3.Q(*constant.as_integer_ratio()),
        )
        return {"<=": total <= 0, "<": total < 0, "==": total == 0}[part.relation]

    solver = z3.Solver()
    solver.add(fold(formula, comparison, lambda kind, parts: z3.And(*parts) if kind is And else z3.Or(*parts)))
    return str(solver.check())


def test_verdicts_agree_with_z3() -> None:
    """60 random networks with thirds, tenths and small integers; z3 knows nothing of our linear programs."""
    rng = random.Random("z3")
    for case in range(60):
        kind = ("small", "tenths", "thirds")[case % 3]
        network = random_network(rng, KINDS[kind], SLOPES, widths=[rng.randint(1, 3) for _ in range(rng.randint(1, 2))])
        box = half_open(rng, network.n_inputs)
        formula = conjunction([box_formula(box), random_formula(rng, network, box)])
        assert verdict(network, formula) == z3_verdict(network, formula), formula


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (compare(Y, "<"), "unsat"),
        (compare(Y, "<="), "sat"),
        (compare(Y, "==", X) & compare(X, "<"), "unsat"),
        (compare(Y, "==", X) & compare(X, "<="), "sat"),
        (compare(Y, "!=", X) & compare(X, ">="), "unsat"),
        (compare(Y, "<=", number(1)) & (compare(X, ">", number(1)) | compare(X, "<", number(-1))), "unsat"),
        (compare(Y, "<=", number(1)) & (compare(X, ">=", number(1)) | compare(X, "<", number(-1))), "sat"),
        (FALSE, "unsat"),
        (TRUE, "sat"),
    ],
)
def test_contact_on_the_whole_line_is_decided_exactly(formula: Formula, expected: str) -> None:
    """|x| touches 0, x and 1 on the unbounded line; the verdict turns on < or <=."""
    assert verdict(ABSOLUTE, formula) == expected


def test_alternatives_on_the_inputs_alone_take_part() -> None:
    """y = x/2 on [2/3, 1] and (x <= 1/3 or y >= 1): no alternative holds, although the first mentions no output."""
    network = Network.from_weights([[["1/2"]]], [[0]])
    box = box_formula([(Fraction(2, 3), Fraction(1))])
    formula = box & (compare(X, "<=", number("1/3")) | compare(Y, ">=", number(1)))
    assert verdict(network, formula) == "unsat"


def test_units_of_known_sign_are_not_split() -> None:
    """With both signs given on [1, 2] the proof of |x| < 1 has a conclusion of the caller's, one leaf and no split."""
    formula = conjunction([box_formula([(Fraction(1), Fraction(2))]), compare(Y, "<", number(1))])
    situation = Situation().assume(formula)
    box = situation.box(1)
    answer = decide_by_phases(ABSOLUTE, box, [1, 0], situation)
    assert isinstance(answer, PhaseProof)
    assert [set(line) for line in answer.lines] == [{"l"}]
    assert objection(ABSOLUTE, formula, [{"r": "+-", "v": []}, *answer.lines], 24) is None
    alone = decide_by_phases(ABSOLUTE, box, [None, None], situation)
    assert isinstance(alone, PhaseProof)
    assert alone.lines == ({"r": "+-", "v": []}, *answer.lines)


def test_a_contradiction_of_the_inputs_needs_one_leaf() -> None:
    """x1 + x2 <= 0 and x1 + x2 >= 1 is refuted before any unit is split."""
    network = random_network(random.Random(1), small, inputs=2, widths=[3, 3], outputs=1)
    total = Polynomial.variable(0) + Polynomial.variable(1)
    situation = Situation().assume(compare(total, "<=") & compare(total, ">=", number(1)))
    answer = decide_by_phases(network, [(None, None)] * 2, [None] * 6, situation)
    assert answer == PhaseProof(({"l": [[0, "1"], [1, "1"]]},))


def test_when_the_time_is_up_there_is_no_answer() -> None:
    """A deadline that has passed gives None; so does a literal that is not linear and would be needed."""
    situation = Situation().assume(compare(Y, "<"))
    assert decide_by_phases(ABSOLUTE, [(None, None)], [None] * 2, situation, deadline=time.monotonic() - 1) is None
    square = Situation().assume(compare(X * X, "<"))
    assert decide_by_phases(ABSOLUTE, [(None, None)], [None] * 2, square) is None


def test_paths_may_be_longer_than_the_recursion_limit() -> None:
    """1200 units that all may change sign: the first path already passes them all."""
    many = 1200
    network = Network.from_weights([[[1]] * many, [[1] * many]], [list(range(many)), [0]])
    above = Situation().assume(compare(Y, ">=", number(0)))
    signs = [None] * many
    answer = decide_by_phases(network, [(None, None)], signs, above, deadline=time.monotonic() + 3)
    assert answer is None or isinstance(answer, PhaseWitness)


def test_a_literal_that_is_not_linear_does_no_harm_to_a_refutation() -> None:
    """x^2 > 0 and |x| < 0 is refuted by the second alone."""
    assert verdict(ABSOLUTE, compare(X * X, ">") & compare(Y, "<")) == "unsat"


@pytest.mark.parametrize("kept", ["box", "first side", "inputs"])
def test_mutants_are_found_out(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the box's rows, without one side of each unit, or without input literals some verdict is wrong."""
    walk: Any = phases._Walk
    if kept == "box":
        monkeypatch.setattr(walk, "_box_rows", lambda self: [])
        # Literals of single inputs are rows, too, so the box counts only where they are missing.
        answer = decide_by_phases(
            ABSOLUTE, [(Fraction(1), Fraction(2))], [None] * 2, Situation().assume(compare(Y, "<="))
        )
        assert isinstance(answer, PhaseWitness)
        assert answer.point == (0,)
        return
    if kept == "first side":
        original = walk._refuted
        monkeypatch.setattr(walk, "_refuted", lambda self, rows: rows[-1:] == [] or original(self, rows[:-1]))
    else:
        literal_rows = walk._literal_rows
        monkeypatch.setattr(
            walk, "_literal_rows", lambda self, s, f, o: [] if o is None else literal_rows(self, s, f, o)
        )
    rng = random.Random("mutants of phases")

    def wrong() -> bool:
        for _ in range(100):
            network = random_network(rng, small, widths=[2])
            box = half_open(rng, network.n_inputs)
            formula = conjunction([box_formula(box), random_formula(rng, network, box)])
            try:
                if verdict(network, formula) != ("unsat" if oracle(network, formula) is None else "sat"):
                    return True
            except AssertionError:
                return True
        return False

    assert wrong()
