"""The options for what a network file leaves open are those of every command that reads one."""

from __future__ import annotations

from pathlib import Path

import pytest

from exactrelu.cli import main
from exactrelu.io.nnet import read_nnet

NNET = """// one input, one hidden unit, one output: relu of the normalised input, times 2, plus 1
2,1,1,1,
1,1,1,
0,
-10.0,
10.0,
4.0,1.0,
2.0,3.0,
1.0,
0.0,
2.0,
1.0,
"""


@pytest.fixture
def nnet(tmp_path: Path) -> str:
    """A .nnet file whose two readings differ."""
    path = tmp_path / "small.nnet"
    path.write_text(NNET, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("coordinates", "normalised"), [("normalised", True), ("original", False)])
def test_coordinates_of_a_nnet_file(
    nnet: str, coordinates: str, normalised: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """`show` evaluates the network in the coordinates that are asked for."""
    assert main(["show", nnet, "--at", "10", "--coordinates", coordinates]) == 0
    (value,) = read_nnet(NNET, normalised=normalised)(["10"])
    assert f"{value}" in capsys.readouterr().out


def test_what_is_left_open_must_be_said(nnet: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without coordinates a .nnet file is refused, and with them any other file; one line names the remedy."""
    assert main(["bounds", nnet]) == 2
    assert "--coordinates normalised" in capsys.readouterr().err
    assert main(["bounds", "examples/abs.json", "--coordinates", "original"]) == 2
    assert "no meaning" in capsys.readouterr().err
    assert main(["bounds", "examples/iris.onnx", "--batch-normalisation", "float16"]) == 2
    assert "float32" in capsys.readouterr().err
