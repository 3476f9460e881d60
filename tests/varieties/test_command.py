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


def test_a_defect_has_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """3-4-3 with 1110|0011: counting says 18, a determinant makes it 17; without a defect there is no reason."""
    assert run("--widths", "3,4,3", "--patterns", "1110|0011") == 0
    assert "defect 1 (explained by the certified rank constraints)\n" in capsys.readouterr().out
    assert run("--widths", "3,4,3", "--patterns", "1100|1010|1001", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["defect_reason"] is None


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
    assert report["outputs"] == {
        "possible": None,
        "satisfies_known_equations": True,
        "constraints_tested": 1,
        "generators_tested": 1,
    }
    assert report["realisable"] is True
    data = {"inputs": [[[1]], [[2]]]}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert run("--widths", "1,1,1", "--patterns", "1|0", "--data", str(path)) == 0
    assert "patterns possible   no" in capsys.readouterr().out


def test_generators_refute_outputs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Seven inputs of 2-2-2-1: no rank constraint, but a cubic that the outputs violate; below degree 3 nothing."""
    data = {
        "inputs": [[[2, 8], [5, 1]], [[6, 3], [7, 1]], [[4, 6], [7, 3]], [[8], [6]]],
        "outputs": [[[1, 2]], [[3, 5]], [[8, 1]], [[4]]],
    }
    path = tmp_path / "data.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    arguments = ["--widths", "2,2,2,1", "--patterns", "11.11|10.11|11.10|10.10", "--data", str(path)]
    assert run(*arguments, "--max-degree", "3", "--json", "-") == 1
    outputs = json.loads(capsys.readouterr().out)["outputs"]
    assert (outputs["possible"], outputs["satisfies_known_equations"]) == (False, False)
    values = {"y1_11": 1, "y1_12": 2, "y2_11": 3, "y2_12": 5, "y3_11": 8, "y3_12": 1, "y4_11": 4}
    assert str(eval(outputs["equation"].replace("^", "**"), {}, values)) == outputs["value"] != "0"
    assert run(*arguments) == 1
    out = capsys.readouterr().out
    assert f"impossible: an equation of the variety has the value {outputs['value']}:\n  {outputs['equation']}\n" in out
    run(*arguments, "--max-degree", "2")
    assert "the outputs satisfy the 0 constraints and 0 generators that are known" in capsys.readouterr().out


def test_unrealisable_patterns_make_outputs_impossible(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One neuron cannot be on at 1 and off at 2: outputs on all equations are impossible all the same."""
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"inputs": [[[1]], [[2]]], "outputs": [[[1]], [[0]]]}), encoding="utf-8")
    arguments = ["--widths", "1,1,1", "--patterns", "1|0", "--data", str(path)]
    assert run(*arguments, "--json", "-") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["realisable"] is False
    assert (report["outputs"]["possible"], report["outputs"]["satisfies_known_equations"]) == (False, True)
    assert run(*arguments) == 1
    assert "impossible: no parameters have the patterns" in capsys.readouterr().out


def test_latex_drops_nothing_silently(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """--latex is refused with --json and with outputs to test; inputs alone give the output variety's constraints."""
    path = tmp_path / "data.json"
    data = {"inputs": [[[1, 0], [0, 1]]], "outputs": [[[1, 2], [3, 7]]]}
    path.write_text(json.dumps(data), encoding="utf-8")
    arguments = ["--widths", "2,1,2", "--patterns", "1", "--latex"]
    with pytest.raises(InputError, match="leave out --json"):
        run(*arguments, "--json", "-")
    with pytest.raises(InputError, match="does not test outputs"):
        run(*arguments, "--data", str(path))
    path.write_text(json.dumps({"inputs": data["inputs"]}), encoding="utf-8")
    assert run(*arguments, "--data", str(path)) == 0
    assert "operatorname{rank}" in capsys.readouterr().out


def test_an_unwritable_target_is_refused_first(tmp_path: Path) -> None:
    """A folder that does not exist is named before anything is computed, even before the data are read."""
    with pytest.raises(InputError, match="--json: the folder"):
        run("--widths", "1,1", "--patterns", "", "--data", "absent.json", "--json", str(tmp_path / "no" / "r.json"))


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
