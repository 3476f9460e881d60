"""Rocq accepts the proofs without axioms, the verified checker decides rightly, and a wrong checker has no proof."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from exactrelu.checker import check
from tests.checker.test_tampering import hand_made, subjects
from tests.checker.writer import text_lines
from tests.proofs.conftest import coqc, needs_coqc, outcomes_of_mutant

pytestmark = needs_coqc

# a sentence of Checker.v, what it is changed into, the file whose proof must break
MUTANTS = [
    ("(t <? 0) orelse", "(t <=? 0) orelse", "Soundness.v"),
    ("else - (scale * hd 0 ys)", "else scale * hd 0 ys", "Sums.v"),
    ("if 0 <=? a then a * u else a * l", "if 0 <=? a then a * l else a * u", "Sums.v"),
    ("| _ => if b then 0 <? z else z <=? 0", "| _ => if b then 0 <=? z else z <=? 0", "Witnesses.v"),
    ("&& complete n (tails true codes)", "&& complete n (tails false codes)", "Soundness.v"),
]


def test_no_assumptions(compiled: Path) -> None:
    """Each theorem is closed under the global context."""
    asked = (compiled / "Assumptions.v").read_text(encoding="utf-8").count("Print Assumptions ")
    printed = (compiled / "Assumptions.v.out").read_text(encoding="utf-8").splitlines()
    assert printed == ["Closed under the global context"] * asked


def test_true_certificates_pass_and_false_ones_do_not(repository: Path, compiled: Path, tmp_path: Path) -> None:
    """Three certificates of our tool are accepted, and the copies tampered with are rejected."""
    script = repository / "proofs/check_certificates.py"
    command = [sys.executable, str(script), str(tmp_path), "--only", "n4.json", "--compiled", str(compiled)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("accepted") == done.stdout.count("rejected") == 3


def test_the_two_checkers_agree(
    repository: Path, compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fifth of the small certificates (slopes, polyhedra, equalities) and false copies: both checkers agree.

    Left out is what the theorem does not need: the order of the lines, multipliers of rows that a box does not have.
    For the notion full the verified checker refuses equalities.
    """
    monkeypatch.setattr(sys, "path", [*sys.path, str(repository / "proofs")])
    emit = importlib.import_module("emit")
    text, decisions = [emit.PREAMBLE], []
    network_file = tmp_path / "network.json"
    for name, net, domain, entries in subjects()[::5]:
        network_file.write_bytes(net.to_bytes())
        network = emit.read_network(net.to_bytes())
        refused = entries[0]["notion"] == "full" and bool(domain.header.get("equalities"))
        kinds = ("leaf ", "bit ", "multipliers of", "denominator", "witness of", "one cell more")
        false = [copy for kind, copy in hand_made(net, domain, entries) if kind.startswith(kinds)]
        for copy in [entries, *false[:: len(false) // 3]]:
            accept = check(text_lines(copy), network_file).valid and not refused
            number = len(decisions)
            decisions.append(accept)
            statement = "".join(emit.statement_of(map(json.dumps, copy), network, accept=accept))
            text.append(f"Module Copy_{number}. (* {name} *)\n{statement}\nEnd Copy_{number}.\n")
    assert min(decisions.count(True), decisions.count(False)) >= 8
    (tmp_path / "Agreement.v").write_text("".join(text), encoding="utf-8")
    done = coqc(tmp_path, "Agreement.v", compiled)
    assert done.returncode == 0, done.stderr


def test_emptiness_of_a_system(repository: Path, compiled: Path, tmp_path: Path) -> None:
    """x < 0 and -x <= 0 is refuted by 1, 1; with x <= 0 in place of x < 0 the same multipliers are rejected."""
    for relation, options in (("<", []), ("<=", ["--reject"])):
        system = f'{{"rows": [["1", "0"], ["-1", "0"]], "relations": ["{relation}", "<="]}}'
        certificate = tmp_path / "system.jsonl"
        certificate.write_text(
            f'{{"format": "exactrelu-certificate", "version": 1, "claim": "infeasible", "system": {system}}}\n'
            '{"y": [0, "1", 1, "1"]}\n{"end": {"refutations": 1}}\n',
            encoding="utf-8",
        )
        command = [sys.executable, str(repository / "proofs/emit.py"), str(certificate), *options]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        (tmp_path / "System.v").write_text(text, encoding="utf-8")
        done = coqc(tmp_path, "System.v", compiled)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("sentence", "mutated", "breaks"), MUTANTS)
def test_a_wrong_checker_has_no_proof(compiled: Path, tmp_path: Path, sentence: str, mutated: str, breaks: str) -> None:
    """Change one sign or comparison of the checker: the soundness proof no longer goes through."""
    chain = ["Checker.v", "Sums.v", "Witnesses.v", "Soundness.v"]
    needed = chain[: chain.index(breaks) + 1]
    outcomes = outcomes_of_mutant(compiled, tmp_path, (sentence, mutated), needed)
    assert outcomes == [True] * (len(needed) - 1) + [False]
