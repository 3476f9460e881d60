"""`exactrelu bounds` refuses what it cannot do, with one message and before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from exactrelu.cli import main


@pytest.mark.parametrize("target", ["no/where.json", "."])
def test_an_output_file_that_cannot_be_written_comes_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, target: str
) -> None:
    """Exit status 2 and the option's name, even before the network is read."""
    status = main(["bounds", str(tmp_path / "none.json"), "--json", str(tmp_path / target)])
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert "--json" in captured.err
