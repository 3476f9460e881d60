"""docs/theorems.md: the table is that of the registry, and the commands print what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from exactrelu.cli import main
from exactrelu.theorems import THEOREMS

from .table_of_theorems import DOCUMENT, table, with_table

COMMAND = re.compile(r"```console\n\$ exactrelu (.*)\n((?:.*\n)*?)```")


def commands() -> list[tuple[str, str]]:
    """Arguments and output of every command in the document."""
    return [(found[1], found[2]) for found in COMMAND.finditer(DOCUMENT.read_text(encoding="utf-8"))]


def test_the_table_is_that_of_the_registry() -> None:
    """Write it anew with `python tests/theorems/table_of_theorems.py`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_table(text) == text
    assert all(f"| `{one.name}` |" in table() for one in THEOREMS)


@pytest.mark.parametrize(("arguments", "output"), commands())
def test_commands_print_what_the_document_says(
    arguments: str, output: str, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command block, run in the root of the source tree."""
    monkeypatch.chdir(repository)
    assert main(shlex.split(arguments)) == 0
    assert capsys.readouterr().out.rstrip("\n") == output.rstrip("\n")


def test_there_are_commands() -> None:
    """The document shows a proof, a hypothesis that fails, and a false variant."""
    assert len(commands()) == 3
