"""The benchmark of atoms and bounds can fail: a demand that is not met gives exit status 1."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def benchmark(repository: Path) -> ModuleType:
    """The script as a module."""
    specification = importlib.util.spec_from_file_location("atoms_bounds", repository / "benchmarks/atoms_bounds.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_few_networks_meet_the_demands(benchmark: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """No law fails, and every false variant is refuted."""
    assert benchmark.main(["--only", "laws", "--networks", "4"]) == 0
    assert "demands not met" not in capsys.readouterr().out


@pytest.mark.parametrize("answer", [True, False])
def test_a_decision_that_never_changes_is_noticed(
    benchmark: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    """A comparison of norms that always says yes refutes no false variant; one that says no breaks a law."""
    monkeypatch.setattr(benchmark, "at_most", lambda linear, bound: answer)
    assert benchmark.main(["--only", "laws", "--networks", "4"]) == 1
    assert "demands not met: laws" in capsys.readouterr().out


def test_an_identity_without_proof_is_noticed(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """One architecture that is not proved is enough."""
    prove = benchmark.prove_identity
    monkeypatch.setattr(benchmark, "prove_identity", lambda w: None if w == (3, 3, 3) else prove(w))
    assert benchmark.main(["--only", "symbolic"]) == 1


def test_too_much_time_is_noticed(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deep network's limit is compared with the measurement."""
    monkeypatch.setattr(benchmark, "MOST_SECONDS_DEEP", 0)
    assert benchmark.main(["--only", "deep"]) == 1


def test_missing_data_is_said(benchmark: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without the network's file the study is skipped and says so."""
    assert benchmark.main(["--only", "lipschitz", "--data", str(tmp_path)]) == 0
    assert "skipped" in capsys.readouterr().out


@pytest.mark.parametrize(("most", "status"), [(1000, 0), (0, 1)])
def test_the_share_of_the_lipschitz_constant_is_compared(
    benchmark: ModuleType, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, status: int
) -> None:
    """The time in shares of the enumeration decides; a small network stands in for the large one."""
    (tmp_path / "nets").mkdir()
    text = (repository / "examples" / "n4.json").read_text(encoding="ascii")
    (tmp_path / "nets" / "g_2-64-64-64-1.json").write_text(text, encoding="ascii")
    monkeypatch.setattr(benchmark, "MOST_SHARE_LIPSCHITZ", most)
    assert benchmark.main(["--only", "lipschitz", "--data", str(tmp_path)]) == status
