"""The index of the proofs points to things that exist, and the Rocq files contain no hole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOLES = re.compile(r"\b(Axiom|Axioms|Admitted|admit|Parameter|Parameters|Conjecture|Hypothesis|Variable|Variables)\b")


@pytest.fixture
def proofs(repository: Path) -> Path:
    return repository / "proofs"


def rocq_text(proofs: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((proofs / "rocq").glob("*.v")))


def sections_removed(text: str) -> str:
    """Variables of a section are hypotheses of the theorems in it, not axioms."""
    return re.sub(r"^Section (\w+)\..*?^End \1\.$", "", text, flags=re.DOTALL | re.MULTILINE)


def test_no_holes(proofs: Path) -> None:
    """No axiom, no admitted proof."""
    assert HOLES.findall(sections_removed(rocq_text(proofs))) == []


def test_a_hole_would_be_found() -> None:
    """The pattern sees an admitted proof, also behind a section."""
    text = "Section A.\nVariable x : nat.\nEnd A.\nLemma l : False.\nAdmitted.\n"
    assert HOLES.findall(sections_removed(text)) == ["Admitted"]


def test_every_name_of_the_index_is_a_theorem(proofs: Path) -> None:
    """A name in code font in the column of proofs is a theorem, lemma or corollary of the Rocq files."""
    stated = set(re.findall(r"^(?:Theorem|Lemma|Corollary) (\w+)", rocq_text(proofs), flags=re.MULTILINE))
    rows = [line for line in (proofs / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    names = {name for line in rows for name in re.findall(r"`(\w+)`", line.split("|")[-2])}
    assert len(names) > 20
    assert names - stated == set()


def test_every_main_theorem_prints_its_assumptions(proofs: Path) -> None:
    """Each name of the index stands in Assumptions.v, and the other way round."""
    printed = set(re.findall(r"^Print Assumptions (\w+)\.$", (proofs / "rocq/Assumptions.v").read_text(), re.MULTILINE))
    rows = [line for line in (proofs / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    names = {name for line in rows for name in re.findall(r"`(\w+)`", line.split("|")[-2])}
    assert names == printed


def test_every_file_is_compiled(proofs: Path) -> None:
    """_CoqProject lists each Rocq file once."""
    listed = (proofs / "rocq/_CoqProject").read_text(encoding="utf-8").split()[3:]
    assert sorted(listed) == sorted(path.name for path in (proofs / "rocq").glob("*.v"))
