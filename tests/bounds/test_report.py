"""The report on bounds, as text and JSON, and the command `exactrelu bounds`."""

from __future__ import annotations

import argparse
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactrelu.bounds.report import bounds_report, bounds_to_json, format_bounds
from exactrelu.cli import bounds as command
from exactrelu.errors import InputError
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions

from .networks import ABSOLUTE, N4, TIGHT, UNNORMALISED


def call(*words: object) -> int:
    """Run the command as the main program does."""
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["bounds", *map(str, words)])
    status: int = arguments.run(arguments)
    return status


@pytest.fixture
def network_file(tmp_path: Path) -> Path:
    path = tmp_path / "n4.json"
    path.write_text(write_network_json(N4))
    return path


def by_norm(value: dict[str, Any]) -> dict[str, Any]:
    return {entry["norm"]: entry for entry in value["lipschitz"]}


def test_command_json(network_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exact constants, the algebraic one by polynomial and interval, and the range."""
    assert call(network_file, "--domain", "box:-1:1", "--range", "--json", "-") == 0
    value = json.loads(capsys.readouterr().out)
    norms = by_norm(value)
    assert (norms["inf"]["value"], norms["1"]["value"], norms["2"]["value"]) == ("42", "35", None)
    assert norms["2"]["polynomial"] == ["-1274", "0", "1"]
    low, high = map(Fraction, norms["2"]["enclosure"])
    assert low * low < 1274 < high * high
    assert value["range"][0]["minimum"]["value"] == "8"
    assert value["range"][0]["maximum"]["value"] == "179/3"


def test_command_text(network_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """People see constants, ratios, failing hypotheses, range and interval bounds."""
    assert call(network_file, "--domain", "box:-1:1", "--range") == 0
    text = capsys.readouterr().out
    for part in ("norm inf  42", "144.000000  (3.429)", "no bound: a hypothesis fails", "y0  8 (at", "y0  5 to 89"):
        assert part in text


def test_unbounded_range(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Over all of space |x| has no maximum."""
    path = tmp_path / "abs.json"
    path.write_text(write_network_json(ABSOLUTE))
    assert call(path, "--range") == 0
    assert "y0  0 (at 0) to infinity" in capsys.readouterr().out
    assert call(path, "--range", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["range"][0]["maximum"]["value"] is None


def test_timeout_is_an_error(network_file: Path) -> None:
    """A maximum over some of the cells would be no answer."""
    with pytest.raises(InputError, match="timeout"):
        call(network_file, "--timeout", "1e-9")


def test_every_applicable_bound_is_one() -> None:
    """Ratios of bounds that apply are at least 1; of the one whose hypothesis fails it is less."""
    for net in (N4, TIGHT, ABSOLUTE):
        report = bounds_report(enumerate_regions(net))
        # Constants enter from above, hence the width of their enclosure.
        assert all(b.ratio > 1 - Fraction(1, 10**8) for b in report.bounds if b.applies and b.ratio is not None)
    broken = bounds_report(enumerate_regions(UNNORMALISED))
    wrong = [b for b in broken.bounds if b.ratio is not None and b.ratio < 1 - Fraction(1, 10**8)]
    assert wrong
    assert not any(b.applies for b in wrong)


def test_constant_and_affine_networks() -> None:
    """No ratio to a constant of 0, and no Theorem 6 without a hidden layer."""
    flat = Network.from_weights([[[0]], [[1]]], [[1], [0]])
    assert "constant is 0" in format_bounds(bounds_report(enumerate_regions(flat)))
    affine = bounds_report(enumerate_regions(Network.from_weights([[[2, 1]]], [[0]])))
    assert affine.theorem is None
    assert bounds_to_json(affine)["hypotheses"] == []
    assert [b.ratio for b in affine.bounds[:2]] == [1, 1]
