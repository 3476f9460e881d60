"""The command `variety`: text for people, JSON for programs, tested outputs, refused input."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from exactrelu.cli import variety
from exactrelu.errors import FormatError, InputError


def run(*words: str) -> int:
    """Run the command alone, as the frame would."""
    parser = argparse.ArgumentParser()
    variety.add_parser(parser.add_subparsers(required=True))
    arguments = parser.parse_args(["variety", *words])
    status: int = arguments.run(arguments)
    return status


def test_json_has_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """Example 37 as JSON: numbers, constraints with reasons, generator counts, completeness."""
    assert run("--widths", "3,4,3", "--patterns", "1100|1010|1001", "--json", "-") == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (report["parameters"], report["ambient"], report["dimension"]) == (24, 27, 20)
    assert (report["dimension_status"], report["defect"], report["conormal_codim"]) == ("certified", 0, 7)
    assert report["expected"] == {"scale": 20, "type": 20, "rank": 20}
    assert (report["generators"], report["completeness"]) == ({"3": 6}, "incomplete")
    assert set(report["constraints"][0]) == {"form", "bound", "certified", "reason"}
    assert report["linear_relations"] == 0


def test_text_and_latex(capsys: pytest.CaptureFixture[str]) -> None:
    """The text names dimension, constraints and completeness; --latex prints one constraint a line."""
    assert run("--widths", "3-2-3", "--patterns", "11") == 0
    out = capsys.readouterr().out
    assert "dimension           8 of 9 (certified)" in out
    assert "rank(M1) <= 2    cut at hidden layer 1: 2 of type 1" in out
    assert "completeness        proved" in out
    assert run("--widths", "3-2-3", "--patterns", "11", "--latex") == 0
    assert capsys.readouterr().out == "\\operatorname{rank} \\left(M_{1}\\right) \\leq 2\n"


def test_outputs_are_tested(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Impossible outputs give exit status 1 and the minor, possible ones 0; unrealisable patterns are named."""
    data = {"inputs": [[["1/2", 0], [0, 1]]], "outputs": [[[1, 2], [3, 7]]]}
    path = tmp_path / "data.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    arguments = ["--widths", "2,1,2", "--patterns", "1", "--data", str(path)]
    assert run(*arguments) == 1
    assert "impossible: rank(M1) > 1" in capsys.readouterr().out
    data["outputs"] = [[[1, 2], [3, 6]]]
    path.write_text(json.dumps(data), encoding="utf-8")
    assert run(*arguments, "--json", str(tmp_path / "report.json")) == 0
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["outputs"] == {"possible": True, "constraints_tested": 1}
    assert report["realisable"] is True
    data = {"inputs": [[[1]], [[2]]]}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert run("--widths", "1,1,1", "--patterns", "1|0", "--data", str(path)) == 0
    assert "patterns possible   no" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"inputs": 3}', "inputs must be a list"),
        ('{"inputs": [[[0.5]]]}', "quote it"),
        ('{"input": [[[1]]]}', "did you mean 'inputs'"),
        ("[]", "a JSON object"),
    ],
)
def test_bad_data_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """Errors name the file and the place."""
    path = tmp_path / "data.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=words):
        run("--widths", "1,1,1", "--patterns", "1", "--data", str(path))


def test_bad_degree_is_refused() -> None:
    """Degrees start at 1."""
    with pytest.raises(InputError, match="max-degree"):
        run("--widths", "1,1,1", "--patterns", "1", "--max-degree", "0")
