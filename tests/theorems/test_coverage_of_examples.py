"""The script that lists by what each worked example is reached finds all, and notices one that is not."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from .coverage_of_examples import functions_in, main, network_of, strings_in


def test_every_entry_is_reached(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By a theorem that finds the exact answers, or by a test that names it."""
    assert main([str(shared_data / "worked-examples.json")]) == 0
    assert capsys.readouterr().out.endswith("95 of 95 entries are reached\n")


def test_an_unknown_entry_and_a_changed_network_are_noticed(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new id is not reached; nor is an id that no test has, once its network is another one."""
    content = json.loads((shared_data / "worked-examples.json").read_text(encoding="utf-8"))
    changed = next(entry for entry in content["examples"] if entry["id"] == "convex-c1")
    changed["weights"][0][0][0] = "7"
    content["examples"] = [changed, {"id": "never-heard-of", "ref": "-"}]
    file = tmp_path / "examples.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert main([str(file)]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert "C10" not in first
    assert second.endswith("NOT REACHED")
    assert last.endswith("of 2 entries are reached")


def test_what_counts_as_a_string(tmp_path: Path) -> None:
    """Ids in docstrings, comments and functions that are no tests do not count; tables of the file do."""
    file = tmp_path / "test_something.py"
    file.write_text(
        '"""a"""\nTABLE = ["b"]\ndef test_one():\n    """c"""\n    # d\n    use(TABLE)\ndef test_two(x="e"): ...\n'
        'def helper():\n    return "f"\n'
    )
    assert list(functions_in(file, set("abcdef"))) == [("b", "test_one"), ("e", "test_two")]


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file: exit status 2 and one line."""
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("usage:")
    assert network_of({"id": "no network"}) is None
    assert list(strings_in(ast.parse("x = 'y'"))) == ["y"]
