"""Files in the text format nnet: exact decimals, both coordinates, agreement with the ONNX form, damaged files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from exactrelu.errors import FormatError, InputError
from exactrelu.io.files import load_network
from exactrelu.io.nnet import parse_nnet, read_nnet
from exactrelu.networks.network import Network

TEXT = """// two inputs, two hidden units, one output
2,2,1,2,
2,2,1,
0,
-1,0,
1,4,
0.1,2,7,
2,0.5,10,
1,-0.1,
1e-1,2,
0.5,
-3,
1,-1,
0.25,
"""


def direct(x: Fraction, y: Fraction) -> Fraction:
    """The network of TEXT in normalised coordinates."""
    return max(x - y / 10 + Fraction(1, 2), Fraction(0)) - max(x / 10 + 2 * y - 3, Fraction(0)) + Fraction(1, 4)


def test_both_coordinates() -> None:
    """In original coordinates inputs are (x - mean)/range before and outputs y · range + mean after."""
    inner, outer = (read_nnet(TEXT, normalised=flag) for flag in (True, False))
    for x in (Fraction(-1), Fraction(1, 3), Fraction(1)):
        for y in (Fraction(0), Fraction(5, 2), Fraction(4)):
            assert inner([x, y]) == (direct(x, y),)
            assert outer([x, y]) == (10 * direct((x - Fraction(1, 10)) / 2, (y - 2) * 2) + 7,)


def test_the_box_in_both_coordinates() -> None:
    """Minima and maxima, scaled like the inputs."""
    file = parse_nnet(TEXT)
    assert file.box(normalised=False) == ((-1, 0), (1, 4))
    assert file.box(normalised=True) == ((Fraction(-11, 20), -4), (Fraction(9, 20), 4))


def test_decimals_are_exact() -> None:
    """0.1 is one tenth; forms without the last comma and with blank lines are read as well."""
    first = parse_nnet(TEXT).maps[0]
    assert first.linear == ((1, Fraction(-1, 10)), (Fraction(1, 10), 2))
    loose = "\n\n".join(line.rstrip(",") for line in TEXT.splitlines())
    assert read_nnet(loose, normalised=True) == read_nnet(TEXT, normalised=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2,2,1,2,", "2,2,1,", "^net.nnet: line 2: 3 numbers where the numbers of layers"),
        ("2,2,1,2,", "0,2,1,2,", "there are 0 layers"),
        ("2,2,1,\n", "2,2,2,\n", r"line 3: the widths \[2, 2, 2\] do not fit 2 inputs and 1 outputs"),
        ("2,2,1,\n", "2,0.5,1,\n", "line 3: the widths must be integers"),
        ("-1,0,", "-1,a,", "line 5: the minima: not a rational number"),
        ("-1,0,", "-1,9,", "line 6: a minimum exceeds the maximum"),
        ("2,0.5,10,", "2,0,10,", "line 8: the range 0 is not positive"),
        ("1e-1,2,", "1e-1,2,3,", "line 10: 3 numbers where row 1 of the weights of layer 0 should be 2"),
        ("0.25,\n", "", "the file ends where bias 0 of layer 1 should follow"),
        ("0.25,\n", "0.25,\n1,\n", "line 15: the network is complete, but the file goes on"),
        ("0.25,\n", "nan,\n", "line 14: bias 0 of layer 1"),
        ("2,2,1,2,", "2,99999,1,2,", "do not fit 99999 inputs"),
    ],
)
def test_damaged_files(old: str, new: str, message: str) -> None:
    """Every defect is a FormatError with its line."""
    assert old in TEXT
    with pytest.raises(FormatError, match=message):
        read_nnet(TEXT.replace(old, new, 1), normalised=True, source="net.nnet")


def test_every_truncation_is_refused() -> None:
    """Cut after any line, the file is incomplete."""
    lines = TEXT.splitlines()
    for k in range(len(lines)):
        with pytest.raises(FormatError):
            read_nnet("\n".join(lines[:k]), normalised=True)


def test_the_coordinates_must_be_said(tmp_path: Path) -> None:
    """Neither the reader nor `load_network` guesses them; for other files the argument is refused."""
    (tmp_path / "small.nnet").write_text(TEXT, encoding="utf-8")
    (tmp_path / "small.json").write_text('{"weights": [[[1]]], "biases": [[0]]}', encoding="utf-8")
    with pytest.raises(InputError, match="say normalised=True"):
        load_network(tmp_path / "small.nnet")
    with pytest.raises(InputError, match=r"is no \.nnet file"):
        load_network(tmp_path / "small.json", normalised=True)
    with pytest.raises(InputError, match="normalised is 'yes'"):
        read_nnet(TEXT, normalised="yes")  # type: ignore[arg-type]
    found = load_network(tmp_path / "small.nnet", normalised=False)
    assert (found, found.name) == (read_nnet(TEXT, normalised=False), "small")


def rounded(network: Network) -> list[list[float]]:
    """The entries of all layers as the float32 nearest to the nearest double."""
    rows = (row for one in network.affine_maps for row in one.augmented.to_fractions())
    return [[float(np.float32(float(entry))) for entry in row] for row in rows]


@pytest.mark.parametrize("name", ["1_1", "5_3"])
def test_the_same_networks_as_in_onnx(shared_data: Path, name: str) -> None:
    """The decimals of a published network, rounded to single precision, are the weights of its ONNX form."""
    folder = shared_data / "benchmarks"
    ours = load_network(folder / f"nnet/ACASXU_experimental_v2a_{name}.nnet", normalised=True)
    theirs = load_network(folder / f"vnncomp2022/acasxu/ACASXU_run2a_{name}_batch_2000.onnx")
    assert ours.widths == theirs.widths
    assert rounded(ours) == rounded(theirs)


def test_a_small_published_file(shared_data: Path) -> None:
    """A file of another collection is the same function as its ONNX form."""
    folder = shared_data / "benchmarks" / "marabou"
    assert load_network(folder / "fc_2-2-3.nnet", normalised=True) == load_network(folder / "fc_2-2-3.onnx")
