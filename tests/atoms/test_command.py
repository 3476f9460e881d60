"""`exactrelu atoms` refuses what it cannot do, with one message and before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from exactrelu.cli import main
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.network import Network


@pytest.mark.parametrize("target", ["no/where.json", "."])
def test_an_output_file_that_cannot_be_written_comes_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, target: str
) -> None:
    """Exit status 2 and the option's name, even before the network is read."""
    status = main(["atoms", str(tmp_path / "none.json"), "--configuration", "10", "--json", str(tmp_path / target)])
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert "--json" in captured.err


def test_symbols_need_a_hidden_layer(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The numbers of an affine network are shown; in symbols there are no paths to write."""
    path = tmp_path / "affine.json"
    path.write_text(write_network_json(Network.from_weights([[[2, -1]]], [[3]])), encoding="ascii")
    assert main(["atoms", str(path), "--at", "1,1"]) == 0
    capsys.readouterr()
    for form in ("text", "latex", "json"):
        status = main(["atoms", str(path), "--at", "1,1", "--symbolic", "--format", form])
        captured = capsys.readouterr()
        assert (status, captured.out) == (2, "")
        assert "no hidden layer" in captured.err
