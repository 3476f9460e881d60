"""The verified checkers of verdicts: they decide as ours does, and a wrong one has no proof."""

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactrelu.checker.query import read_query
from exactrelu.checker.reading import Invalid
from exactrelu.checker.unsat import Refutation
from exactrelu.io.json_format import read_network_json
from exactrelu.io.vnnlib import join_networks, parse_vnnlib
from exactrelu.verification.decide import decide_query
from exactrelu.verification.verdicts import TreeProof, Unsatisfiable
from tests.checker.examples import NETS
from tests.proofs.conftest import coqc, needs_coqc, outcomes_of_mutant

pytestmark = needs_coqc

Lines = list[dict[str, Any]]

# network, assertions; each is unsat
QUERIES = [
    # two convex units, one linear, a rectifier and a concave unit; boxes with chords
    ("slopes", "(>= X_0 -1) (<= X_0 1) (>= X_1 -2) (<= X_1 1) (or (> Y_0 5.5) (< Y_0 -2))"),
    # unbounded inputs: units only; the strict comparison is needed
    ("three lines", "(< Y_0 (+ X_0 X_1))"),
    ("absolute value", "(or (< Y_0 X_0) (and (= Y_0 (- X_0)) (< Y_0 0)) (= Y_0 -1))"),
    # no hidden layer, and a hidden layer without units
    ("affine", "(>= X_0 0) (>= X_1 0) (< Y_0 3)"),
    ("no units", "(> X_0 0) (>= X_1 -1.5) (or (= Y_0 0) (and (< Y_0 1) (<= X_1 0) (or (< Y_0 -1) (= X_0 -1))))"),
    # boxes, and units where the bound touches
    ("tent twice", "(>= X_0 0) (<= X_0 1) (or (> Y_0 1) (< Y_0 0))"),
]

# a sentence of Verdict.v (the last two: VerdictWitness.v), what it is changed into, the file whose proof must break
MUTANTS = [
    ("if 0 <? a then lower else upper", "if 0 <? a then upper else lower", "VerdictBounds.v"),
    ("match (if 0 <? a then low else high)", "match (if 0 <? a then high else low)", "VerdictBounds.v"),
    ("gap m t (neg n) high; gap m t (pos n) high", "gap m t (neg n) low; gap m t (pos n) low", "VerdictBounds.v"),
    ("(0 <? Qnum t) orelse", "(0 <=? Qnum t) orelse", "VerdictSoundness.v"),
    ("IsEq => true | _ => 0 <=? m", "IsEq => true | _ => true", "VerdictSoundness.v"),
    ("IsLt => 0 <? m | _ => false", "IsLt => true | _ => false", "VerdictSoundness.v"),
    ("if sign then - (scale * m) else scale * m", "if sign then scale * m else - (scale * m)", "VerdictSoundness.v"),
    ("dim (new ++ stack') rest", "dim new rest", "VerdictSoundness.v"),
    ("IsLt => (Qnum t <? 0)%Z", "IsLt => (Qnum t <=? 0)%Z", "VerdictWitness.v"),
    ("holds_b part v && rest) true", "holds_b part v || rest) false", "VerdictWitness.v"),
]


def query_text(name: str, parts: str) -> str:
    """The query as a file of VNN-LIB 1.0."""
    names = [*(f"X_{i}" for i in range(NETS[name].inputs)), "Y_0"]
    return "\n".join([*(f"(declare-const {variable} Real)" for variable in names), f"(assert (and {parts}))"])


def refutation(name: str, text: str) -> TreeProof:
    """Our proof that the query is unsat."""
    network = read_network_json(NETS[name].to_bytes().decode())
    verdict = decide_query(join_networks(parse_vnnlib(text), network))
    assert isinstance(verdict, Unsatisfiable)
    assert isinstance(verdict.proof, TreeProof)
    return verdict.proof


def changed(lines: Lines) -> Iterator[Lines]:
    """Copies in which one line, number or letter is another: some prove as much as before, most nothing."""

    def replaced(number: int, *new: dict[str, Any]) -> Lines:
        return copy.deepcopy([*lines[:number], *new, *lines[number + 1 :]])

    for i, line in enumerate(lines):
        yield replaced(i)
        yield replaced(i, line, line)
        for key in ("l", "b"):
            for j, (number, m) in enumerate(line.get(key, [])):
                others = [[number, "0"], [number, f"{int(m, 16) + 1:x}"], [number, f"{-int(m, 16):x}"], [number + 1, m]]
                numbers = {k for k, _ in line[key]} - {number}
                for other in (pair for pair in others if pair[0] not in numbers):
                    yield replaced(i, {**line, key: [*line[key][:j], other, *line[key][j + 1 :]]})
        if "u" in line:
            yield replaced(i, {"u": line["u"] + 1})
        if "o" in line:
            yield replaced(i, {"o": line["o"] + 1})
        if "x" in line:
            for step in (Fraction(1, 8), Fraction(-1, 2)):
                yield replaced(i, {"x": [line["x"][0], str(Fraction(line["x"][1]) + step)]})
            yield replaced(i, {"x": [line["x"][0] + 1, line["x"][1]]})
        if "r" in line:
            for j, value in enumerate(line["v"]):
                for delta in (-(1 << 20), -16, 16):
                    yield replaced(i, {**line, "v": [*line["v"][:j], value + delta, *line["v"][j + 1 :]]})
            for j, letter in enumerate(line["r"]):
                for other in "+-.lh":
                    if other != letter:
                        yield replaced(i, {**line, "r": line["r"][:j] + other + line["r"][j + 1 :]})


def reason_against(network: Any, formula: Any, bits: int, lines: Lines) -> str:
    """Why our checker refuses the lines, with numbers left out; empty if it accepts them."""
    checker = Refutation(network, formula, bits)
    try:
        for line in lines:
            checker.line(line)
        checker.finish()
    except Invalid as error:
        return "".join(c for c in str(error) if not c.isdigit())
    return ""


def test_true_certificates_pass_and_false_ones_do_not(repository: Path, compiled: Path, tmp_path: Path) -> None:
    """A certificate with cuts, chords, splits and alternatives is accepted, the copies tampered with are rejected."""
    script = repository / "proofs/check_certificates.py"
    command = [sys.executable, str(script), str(tmp_path), "--only", "tent_below.vnnlib", "--compiled", str(compiled)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("accepted") == done.stdout.count("rejected") == 1
    kinds = {next(iter(line)) for line in map(json.loads, (tmp_path / "tent_below.jsonl").open(encoding="utf-8"))}
    assert {"r", "x", "u", "o", "l"} <= kinds


def test_witnesses(repository: Path, compiled: Path, tmp_path: Path) -> None:
    """A certificate of sat is accepted, with a point that is none or another one it is not."""
    script = repository / "proofs/check_certificates.py"
    command = [sys.executable, str(script), str(tmp_path), "--only", "tent_reaches.vnnlib", "--compiled", str(compiled)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("accepted  tent3.json, tent_reaches.vnnlib: sat")
    assert done.stdout.count("rejected") == 1


def test_the_two_checkers_agree(
    repository: Path, compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small certificates (all kinds of slopes, no units, unbounded inputs) and changed copies: both decide alike.

    Up to three copies are taken that are still accepted, and up to two for each reason of a refusal.  Left out is what
    the theorem does not need: that conclusions about an empty box are refused, and that bounds are rounded (no chord is
    moved by so little that it touches the activation).
    """
    monkeypatch.setattr(sys, "path", [*sys.path, str(repository / "proofs")])
    emit_verdict = importlib.import_module("emit_verdict")
    text, decisions = [emit_verdict.PREAMBLE], []
    for name, parts in QUERIES:
        query = query_text(name, parts)
        proof = refutation(name, query)
        network = emit_verdict.read_network(NETS[name].to_bytes())
        formula = read_query(query).formula
        taken: dict[str, int] = {}
        for lines in [list(proof.lines), *changed(list(proof.lines))]:
            reason = reason_against(network, formula, proof.bits, lines)
            taken[reason] = taken.get(reason, 0) + 1
            if taken[reason] > (2 if reason else 4) or "empty box" in reason:
                continue
            entries = [*lines, {"end": {"leaves": sum("l" in line for line in lines)}}]
            statement = "".join(emit_verdict.refutation(network, formula, proof.bits, entries, accept=not reason))
            text.append(f"Module Copy_{len(decisions)}. (* {name}: {reason} *)\n{statement}\n")
            text.append(f"End Copy_{len(decisions)}.\n")
            decisions.append(not reason)
    assert decisions.count(True) >= 15
    assert decisions.count(False) >= 40
    (tmp_path / "Agreement.v").write_text("".join(text), encoding="utf-8")
    done = coqc(tmp_path, "Agreement.v", compiled)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("sentence", "mutated", "breaks"), MUTANTS)
def test_a_wrong_checker_has_no_proof(compiled: Path, tmp_path: Path, sentence: str, mutated: str, breaks: str) -> None:
    """Change one comparison or sign of the checker: the soundness proof no longer goes through."""
    chain = ["Verdict.v", "VerdictBounds.v", "VerdictSoundness.v"] if breaks != "VerdictWitness.v" else [breaks]
    needed = chain[: chain.index(breaks) + 1]
    outcomes = outcomes_of_mutant(compiled, tmp_path, (sentence, mutated), needed)
    assert outcomes == [True] * (len(needed) - 1) + [False]
