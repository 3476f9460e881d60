"""Text and JSON of a decomposition, and the command `exactrelu atoms`."""

from __future__ import annotations

import argparse
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from exactrelu.atoms.decomposition import Atoms, atomic_decomposition
from exactrelu.atoms.text import atoms_to_json, atoms_to_latex, format_atoms
from exactrelu.cli import atoms as command
from exactrelu.errors import InputError, ShapeError
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.activations import ABSOLUTE
from exactrelu.networks.network import Network

from .networks import N4


@pytest.fixture
def network_file(tmp_path: Path) -> Path:
    path = tmp_path / "n4.json"
    path.write_text(write_network_json(N4))
    return path


def call(*words: object) -> int:
    """Run the command as the main program does."""
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["atoms", *map(str, words)])
    status: int = arguments.run(arguments)
    return status


EXPECTED = {
    "configuration": "1011111",
    "linear": [["7", "26"]],
    "offset": ["26"],
    "alpha": {"0,0": "3", "0,2": "2", "1,0": "5", "1,2": "-2"},
    "beta": {"0": "1", "1": "10"},
    "n_atoms_formal": 4,
    "n_atoms_nonzero": 4,
    "n_paths": 8,
}


@pytest.mark.parametrize("place", [("--configuration", "1011111"), ("--at", "1,1")])
@pytest.mark.parametrize("output", [("--json", "-"), ("--format", "json")])
def test_command_json(
    network_file: Path, place: tuple[str, str], output: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON has the promised keys and exact values, and nothing else is printed."""
    assert call(network_file, *place, *output) == 0
    value = json.loads(capsys.readouterr().out)
    assert {key: value[key] for key in EXPECTED} == EXPECTED


def test_command_text_latex_and_symbols(network_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text by default; LaTeX and symbols on request."""
    assert call(network_file, "--configuration", "1011111") == 0
    assert "alpha[1,2] = -2" in capsys.readouterr().out
    assert call(network_file, "--configuration", "1011111", "--symbolic") == 0
    text = capsys.readouterr().out
    assert "alpha[0,0] = m2_0_0*m3_0_0 + m2_1_0*m3_0_1" in text
    assert "y0 = 7*x0 + 26*x1 + 26" in text
    assert call(network_file, "--configuration", "1011111", "--symbolic", "--format", "latex") == 0
    assert r"\otimes" in capsys.readouterr().out


def test_command_refuses(tmp_path: Path, network_file: Path) -> None:
    """A configuration of the wrong length, and ReLU formulas for other activations."""
    with pytest.raises(ShapeError):
        call(network_file, "--configuration", "101")
    path = tmp_path / "absolute.json"
    net = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE]])
    path.write_text(write_network_json(net))
    assert call(path, "--configuration", "0") == 0
    with pytest.raises(InputError, match="ReLU"):
        call(path, "--configuration", "0", "--symbolic")


def test_json_round_trip() -> None:
    """The decomposition re-sums from its JSON alone, zero coefficients included."""
    net = Network.from_weights([[[1], ["1/3"]], [[0, 2], [1, 1]], [[1, "-1/2"]]], [[1, 0], [0, "2/7"], [3]])
    value = json.loads(json.dumps(atoms_to_json(atomic_decomposition(net, "1111"))))
    assert len(value["alpha"]) == value["n_atoms_formal"] == 4
    assert value["n_atoms_nonzero"] == 3
    last, first = net.affine_maps[-1].linear[0], [row[0] for row in net.affine_maps[0].linear]
    pairs = ((key.split(","), Fraction(a)) for key, a in value["alpha"].items())
    assert str(sum(last[int(i)] * a * first[int(j)] for (i, j), a in pairs)) == value["linear"][0][0]
    assert str(3 + sum(last[int(i)] * Fraction(b) for i, b in value["beta"].items())) == value["offset"][0]


def test_long_decompositions_are_cut() -> None:
    """People see the first atoms and how many more there are."""
    net = Network.from_weights([[[1]] * 6, [[1] * 6] * 6, [[1] * 6]], [[0] * 6, [0] * 6, [0]])
    text = format_atoms(Atoms(net).decompose("1" * 12), limit=5)
    assert "... and 31 more atoms" in text
    assert "... and 1 more offset terms" in text


def test_latex_reads_back() -> None:
    """Evaluating the LaTeX sum gives the linear part."""
    line = atoms_to_latex(atomic_decomposition(N4, "1011111")).splitlines()[0].removeprefix("A = ")
    total = [Fraction(0), Fraction(0)]
    pattern = r"(^|[+-] ?)(\d*)(?:\\, )?\\begin\{pmatrix\} (-?\d+) \\end\{pmatrix\} \\otimes \((-?\d+), (-?\d+)\)"
    terms = re.findall(pattern, line)
    assert len(terms) == 4
    for sign, factor, column, *row in terms:
        size = int(factor or 1) * int(column) * (-1 if "-" in sign else 1)
        total = [t + size * int(r) for t, r in zip(total, row, strict=True)]
    assert total == [7, 26]
