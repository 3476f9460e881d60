"""The benchmark of verification can fail, and its baseline bounds what it says it bounds."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ACAS = "ACASXU_run2a_{}_batch_2000.onnx"


def load(repository: Path, name: str) -> ModuleType:
    """A script as a module."""
    specification = importlib.util.spec_from_file_location(name, repository / "benchmarks" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def benchmark(repository: Path) -> ModuleType:
    """The benchmark."""
    return load(repository, "verification")


@pytest.fixture(scope="module")
def prototype(repository: Path) -> ModuleType:
    """The baseline."""
    return load(repository, "verification_prototype")


def write_test_list(folder: Path, query: str) -> Path:
    """A data folder whose list `test` has one instance: y = relu(x) on [-1, 1]."""
    place = folder / "vnncomp2022" / "test"
    place.mkdir(parents=True)
    layers = '{"weights": [[["1"]], [["1"]]], "biases": [["0"], ["0"]]}'
    (place / "ramp.json").write_text(layers, encoding="ascii")
    text = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (>= X_0 -1))(assert (<= X_0 1))"
    (place / "ramp.vnnlib").write_text(text + query, encoding="ascii")
    (place / "instances.csv").write_text("ramp.json,ramp.vnnlib,60\nabsent.onnx,ramp.vnnlib,60\n", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    ("query", "verdict"), [("(assert (<= Y_0 -1))", "unsat"), ("(assert (>= Y_0 1))", "sat")], ids=["unsat", "sat"]
)
def test_an_instance_runs_through_the_command_line(
    benchmark: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], query: str, verdict: str
) -> None:
    """The verdict and the checker's answer stand in the table; the entry without a file is left out."""
    assert benchmark.main(["--only", "test", "--data", str(write_test_list(tmp_path, query))]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("  ramp ramp"))
    assert row.split()[2] == verdict
    assert " accepted " in row
    assert "test: 1 of 1 decided" in out


def test_an_unreadable_query_is_a_demand_not_met(
    benchmark: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that ends without a verdict line is named, with its message."""
    data = write_test_list(tmp_path, "(assert (<= Y_7 0))")
    assert benchmark.main(["--only", "test", "--data", str(data)]) == 1
    out = capsys.readouterr().out
    assert "not met: test: ramp ramp gave no verdict line" in out
    assert "Y_7" in out


def test_missing_data_is_a_demand_not_met(
    benchmark: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder proves nothing."""
    assert benchmark.main(["--only", "acc", "rl", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().out.count("no instance found") == 2


def test_the_judge_notices_each_fault(benchmark: ModuleType) -> None:
    """A wrong, late, missing, rejected or unchecked verdict fails; an accepted one in time does not."""
    instance = benchmark.Instance("acasxu", Path(ACAS.format("1_7")), Path("prop_3.vnnlib"), 116.0)
    good = benchmark.Result("sat", 1.0, 2.0, accepted=True)
    assert benchmark.judge("acasxu", [(instance, good)]) == []
    for bad, word in (
        (replace(good, verdict="unsat"), "known sat"),
        (replace(good, accepted=False), "not accepted"),
        (replace(good, accepted=None), "not accepted"),
        (replace(good, answer=117.0), "0 of 1 decided"),
        (replace(good, verdict="timed-out", accepted=None), "0 of 1 decided"),
    ):
        assert any(word in demand for demand in benchmark.judge("acasxu", [(instance, bad)])), bad


@pytest.mark.parametrize(("undecided", "failed"), [(1, False), (2, True)])
def test_nine_in_ten_are_enough(benchmark: ModuleType, undecided: int, failed: bool) -> None:
    """Of ten, one may time out, two may not."""
    instance = benchmark.Instance("acasxu", Path(ACAS.format("1_1")), Path("prop_1.vnnlib"), 116.0)
    good, slow = benchmark.Result("unsat", 1.0, 2.0, accepted=True), benchmark.Result("timed-out", 116.0, 116.0)
    runs = [(instance, slow)] * undecided + [(instance, good)] * (10 - undecided)
    assert bool(benchmark.judge("acasxu", runs)) is failed


@pytest.mark.parametrize(("seconds", "failed"), [(50.0, False), (70.0, True)])
def test_cruise_control_has_a_total(benchmark: ModuleType, seconds: float, failed: bool) -> None:
    """Three boxes of 50 s are within 180 s, three of 70 s are not."""
    instance = benchmark.Instance("acc", Path("net.onnx"), Path("box.vnnlib"), 180.0)
    result = benchmark.Result("unsat", seconds, seconds, accepted=True)
    assert bool(benchmark.judge("acc", [(instance, result)] * 3)) is failed


def test_the_larger_lists_are_filtered(benchmark: ModuleType, shared_data: Path) -> None:
    """Of 186 official ACAS Xu instances, 18 are at hand; all 16 of properties 1 to 4 are among them."""
    found = benchmark.instances(shared_data / "benchmarks", ["acasxu"])
    assert len(found) == 18
    assert sum(one.query.stem in ("prop_1", "prop_2", "prop_3", "prop_4") for one in found) == 16
    assert all(one.known for one in found)


def test_unlisted_properties_are_added(benchmark: ModuleType, shared_data: Path, tmp_path: Path) -> None:
    """Without the list, properties 1 to 4 are still run on every network."""
    place = tmp_path / "vnncomp2022"
    place.mkdir()
    shutil.copytree(shared_data / "benchmarks" / "vnncomp2022" / "acasxu", place / "acasxu")
    assert len(benchmark.instances(tmp_path, ["acasxu"])) == 16


def test_the_baseline_bounds_random_networks(prototype: ModuleType) -> None:
    """At sampled points of random boxes no output lies below its bound; the bounds are exact on a point."""
    chance = np.random.default_rng(7)
    for widths in ((2, 5, 5, 3), (1, 1, 1), (3, 8, 2)):
        maps = [(chance.normal(size=(b, a)), chance.normal(size=b)) for a, b in pairwise(widths)]
        c = chance.normal(size=(6, widths[0]))
        for h in (np.abs(chance.normal(size=c.shape)), np.zeros(c.shape)):
            _, lower = prototype.margins(maps, c, h)
            for _ in range(200):
                values = (c + h * chance.uniform(-1, 1, size=c.shape)).T
                for depth, (matrix, bias) in enumerate(maps):
                    values = matrix @ (np.maximum(values, 0) if depth else values) + bias[:, None]
                assert (lower <= values + 1e-9).all()
            if not h.any():
                assert np.allclose(lower, values)


@pytest.mark.parametrize(("net", "number", "verdict"), [("5_3", 1, "unsat"), ("1_7", 4, "sat")])
def test_the_baseline_decides_easy_queries(
    prototype: ModuleType, shared_data: Path, net: str, number: int, verdict: str
) -> None:
    """Two of the sixteen, in a few hundred boxes."""
    folder = shared_data / "benchmarks" / "vnncomp2022" / "acasxu"
    outcome = prototype.run(folder / ACAS.format(net), folder / f"prop_{number}.vnnlib", 30.0)
    assert outcome.verdict == verdict
