"""docs/verification.md: the commands print what it says (its Python blocks run as doctests)."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest

from exactrelu.cli import main

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
COMMAND = re.compile(r"```console\n\$ exactrelu (.*)\n((?:.*\n)*?)```")


def test_commands_print_what_the_document_says(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command block in order, in a folder with the examples; `...` stands for times, versions and witnesses."""
    pytest.importorskip("onnxruntime")
    shutil.copytree(repository / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    commands = COMMAND.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert len(commands) >= 5
    for arguments, expected in commands:
        status = main(shlex.split(arguments))
        printed = capsys.readouterr().out
        assert status == 0
        assert doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS), printed
