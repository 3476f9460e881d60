"""Proof trees of all kinds from the real search, and systematic changes of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from unittest.mock import patch

from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.network import Network
from exactrelu.verification.boxes import search as search_module
from exactrelu.verification.boxes.phases import PhaseProof, decide_by_phases
from exactrelu.verification.boxes.search import BoxSearch
from exactrelu.verification.questions.formulas import Comparison, Formula, compare, conjunction, fold
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.situations import Situation
from tests.verification.proof_cases import box_formula

Lines = list[dict[str, Any]]
X, Y, Z = (Polynomial.variable(i) for i in range(3))


@dataclass(frozen=True)
class Subject:
    """A statement and lines that are to prove it; `kind` says what was changed."""

    name: str
    network: Network
    formula: Formula
    lines: Lines
    bits: int
    kind: str = ""


def number(value: Any) -> Polynomial:
    return Polynomial.constant(value)


ABSOLUTE = Network.from_weights([[[1], [-1]], [["1/2", "1/2"]]], [[0, 0], [0]])
TENT = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
BENT = Network.from_weights(
    [[[1], [1]], [[1, "1/3"]]],
    [[0, "-1/2"], [0]],
    activations=[[Activation.of([1, "1/2"]), Activation.of(["1/10", 1])]],
)
DEEP = Network.from_weights(
    [[[1, 1], [1, -1], ["1/3", 2]], [[1, -1, "1/3"], [-1, 1, 1]], [[1, 1]]], [[0, "1/3", -1], ["-1/2", 0], [0]]
)
LEAKY = Activation.of(["1/10", 1])
TWICE = Network.from_weights(
    [[[1], [-1]], [[1, 1], [-2, 1]], [[1, "-1/2"]]], [["-1/2", 0], [-1, 1], [0]], activations=[[RELU, LEAKY]] * 2
)


def by_phases(name: str, network: Network, formula: Formula) -> Subject:
    situation = Situation().assume(formula)
    box = situation.box(network.n_inputs)
    answer = decide_by_phases(network, box, [None] * network.n_units, situation)
    assert isinstance(answer, PhaseProof), name
    return Subject(f"{name}, phases", network, formula, list(answer.lines), 24)


def by_boxes(name: str, network: Network, formula: Formula, few: int = -1, bits: int = 6) -> Subject:
    """By boxes only (few = -1) or with exact programs for boxes with at most `few` crossing units."""
    with patch.object(search_module, "FEW_UNITS", few):
        search = BoxSearch(network, Situation().assume(formula), Query(network, formula).holds_at, bits)
        for _ in range(100):
            if search.done:
                break
            search.step(math.inf)
    assert search.done, name
    return Subject(f"{name}, boxes", network, formula, list(search.proof_lines()), bits)


def subjects() -> list[Subject]:
    """Proofs in which all of x, u, o, r, l and b occur."""
    line = box_formula([(Fraction(-4), Fraction(9))])
    short = box_formula([(Fraction(-1), Fraction(4, 3))])
    square = box_formula([(Fraction(-1), Fraction(1))] * 2)
    either = compare(Y, ">", number("5/4")) | compare(Y, "<", number("-1/4"))
    return [
        by_phases("absolute value", ABSOLUTE, compare(Y, "<", number(0))),
        by_phases("absolute value", ABSOLUTE, compare(Y, "<=", number("-1/7")) & (compare(X, ">=") | compare(X, "<="))),
        by_phases("absolute value", ABSOLUTE, compare(2 * Y - X, "==", number(-1))),
        by_phases("tent", TENT, compare(Y, ">", number(1))),
        by_phases("tent", TENT, line & either),
        by_boxes("tent", TENT, line & compare(Y, ">", number("5/4"))),
        by_boxes("tent", TENT, line & either),
        by_boxes("tent", TENT, short & compare(Y, ">=", number("6/5")), few=1),
        by_boxes("bent", BENT, short & compare(Y, "<", number("-7/4"))),
        by_boxes("bent", BENT, line & compare(Y, "==", number(12)), few=0),
        by_phases("bent", BENT, short & compare(Y, ">", number(1))),
        by_boxes("deep", DEEP, square & compare(Z, ">", number(6)), bits=10),
        by_boxes("deep", DEEP, square & (compare(Z, "<", number(-1)) | (compare(Z, ">", number(7)) & compare(X, "<")))),
        by_phases("deep", DEEP, square & compare(Z, ">", number(6))),
        by_boxes("twice", TWICE, short & compare(Y, ">", number(4))),
        by_boxes("twice", TWICE, short & compare(Y, ">", number("3/2")), few=1),
        by_phases("twice", TWICE, short & compare(Y, ">", number("3/2"))),
        by_boxes("empty box", ABSOLUTE, compare(X, "<=") & compare(X, ">=", number(1))),
    ]


def changed_hexadecimal(text: str) -> list[str]:
    m = int(text, 16)
    return [f"{v:x}" for v in (-m, 0, 2 * m, m + 1, m - 1)]


def put(subject: Subject, kind: str, place: int, entry: dict[str, Any] | None) -> Subject:
    """The subject with one line replaced, or dropped."""
    lines = deepcopy(subject.lines)
    lines[place : place + 1] = [] if entry is None else [entry]
    return replace(subject, lines=lines, kind=kind)


def line_changes(subject: Subject, place: int) -> Iterator[Subject]:
    """Changes inside one line."""
    entry = subject.lines[place]

    def edited(kind: str, key: str, value: Any) -> Subject:
        return put(subject, kind, place, {**entry, key: value})

    if "x" in entry:
        axis, where = entry["x"][0], Fraction(entry["x"][1])
        for step in (Fraction(1, 1024), Fraction(1, 2), Fraction(-1, 2), Fraction(3), Fraction(-3)):
            yield edited("cut moved", "x", [axis, str(where + step)])
        yield edited("other input cut", "x", [axis + 1, str(where)])
        yield edited("other input cut", "x", [axis - 1, str(where)])
    if "u" in entry:
        for step in (1, -1, 2):
            yield edited("other unit split", "u", entry["u"] + step)
    if "o" in entry:
        for step in (1, -1):
            yield edited("other disjunction", "o", entry["o"] + step)
    for key in ("l", "b"):
        for k, (which, text) in enumerate(entry.get(key, [])):
            pairs = [list(pair) for pair in entry[key]]
            for other in changed_hexadecimal(text):
                pairs[k] = [which, other]
                yield edited(f"multiplier in {key}", key, deepcopy(pairs))
            for step in (1, -1):
                pairs[k] = [which + step, text]
                yield edited(f"number in {key}", key, deepcopy(pairs))
            yield edited(f"{key} without one part", key, entry[key][:k] + entry[key][k + 1 :])
            yield edited(f"twice in {key}", key, [*entry[key], entry[key][k]])
    if "r" in entry:
        letters, values = entry["r"], entry["v"]
        for k, letter in enumerate(letters):
            for other in "+-lh.":
                if other != letter:
                    yield edited(f"{letter} made {other}", "r", letters[:k] + other + letters[k + 1 :])
        for k, value in enumerate(values):
            for step in (-1, -2, -3, -8, 1, 3, -64, 64):
                kind = "chord's shift" if k % 2 else "chord's slope"
                yield edited(kind, "v", [*values[:k], value + step, *values[k + 1 :]])
        yield edited("letter too many", "r", letters + ".")
        yield edited("letter too few", "r", letters[:-1])
        yield edited("value too many", "v", [*values, 0])
        yield edited("values too few", "v", values[:-1])


def changes(subject: Subject) -> Iterator[Subject]:
    """All systematic changes of a proof and of its statement."""
    lines = subject.lines
    for place, entry in enumerate(lines):
        yield put(subject, "line dropped", place, None)
        yield replace(subject, kind="line twice", lines=[*lines[: place + 1], *lines[place:]])
        yield replace(subject, kind="truncated", lines=lines[:place])
        if place + 1 < len(lines) and lines[place + 1] != entry:
            swapped = [*lines[:place], lines[place + 1], entry, *lines[place + 2 :]]
            yield replace(subject, kind="lines exchanged", lines=swapped)
        yield from line_changes(subject, place)
        yield put(subject, "made a leaf", place, {"l": []})
        yield put(subject, "made a leaf", place, {"l": [[0, "1"]]})
    yield replace(subject, kind="line too many", lines=[*lines, {"l": []}])
    yield replace(subject, kind="line too many", lines=[{"u": 0}, *lines])
    for step in (-1, 1):
        yield replace(subject, kind="other precision", bits=subject.bits + step)
    yield from statement_changes(subject)


def statement_changes(subject: Subject) -> Iterator[Subject]:
    """The same lines for another formula, or another network."""

    def weaker(amount: Fraction) -> Formula:
        return fold(
            subject.formula,
            lambda part: compare(part.polynomial - number(amount), part.relation),
            lambda kind, parts: kind(tuple(parts)),
        )

    for amount in (Fraction(1, 2**40), Fraction(1, 8), Fraction(1), Fraction(5), Fraction(-1, 8)):
        yield replace(subject, kind="other bound", formula=weaker(amount))
    relations: dict[str, Any] = {"<": "<=", "<=": "<", "==": "<="}
    yield replace(
        subject,
        kind="strictness",
        formula=fold(
            subject.formula,
            lambda part: Comparison(part.polynomial, relations[part.relation]),
            lambda kind, parts: kind(tuple(parts)),
        ),
    )
    yield replace(subject, kind="formula true", formula=conjunction([]))
    maps = subject.network.affine_maps
    for layer in range(len(maps)):
        for step in (Fraction(1, 3), Fraction(-2)):
            weights = [[list(row) for row in m.linear] for m in maps]
            weights[layer][0][0] += step
            biases = [list(m.offset) for m in maps]
            activations = [list(h.activations) for h in subject.network.hidden]
            network = Network.from_weights(weights, biases, activations=activations)
            yield replace(subject, kind="other weights", network=network)
            biases = [list(m.offset) for m in maps]
            biases[layer][-1] += step
            network = Network.from_weights([m.linear for m in maps], biases, activations=activations)
            yield replace(subject, kind="other bias", network=network)
    slopes = [[Activation.of([a.negative, a.positive + 1]) for a in h.activations] for h in subject.network.hidden]
    network = Network.from_weights([m.linear for m in maps], [m.offset for m in maps], activations=slopes)
    yield replace(subject, kind="other slopes", network=network)
