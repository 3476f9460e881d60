"""`exactrelu theorems`: the list, the instances, a network, JSON, exit status."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import exactrelu.theorems
from exactrelu.cli import main
from exactrelu.errors import DomainError
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.network import Network
from exactrelu.theorems import THEOREMS, theorem
from exactrelu.theorems.examples import example
from exactrelu.theorems.theorem import Decision


def run(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run the command in this process: exit status, standard output, standard error."""
    try:
        status = main(["theorems", *arguments])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A network file: 2-2-1-1, seven cells."""
    path = tmp_path / "e2.json"
    path.write_text(write_network_json(example("count-e2")), encoding="utf-8")
    return str(path)


def test_the_list_names_all(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each: name, title, source; nothing is decided."""
    status, out, err = run(capsys, [])
    lines = out.splitlines()
    assert (status, err, len(lines)) == (0, "", len(THEOREMS))
    assert [line.split()[0] for line in lines] == [one.name for one in THEOREMS]
    assert "Upper bound on cells by the widths [Serra, Tjandraatmadja, Ramalingam 2018]" in out
    assert "(false variant of C2-counts)" in out


def test_json_of_all_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """A list of name, status, source; every theorem proved, every false variant refuted."""
    status, out, err = run(capsys, ["--json", "-"])
    reports = json.loads(out)
    assert (status, err) == (0, "")
    assert [(r["name"], r["status"], r["source"]) for r in reports] == [(o.name, o.promise, o.source) for o in THEOREMS]
    assert all(instance["disagreement"] is None for report in reports for instance in report["instances"])


def test_a_family_on_its_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """Statement, source, hypotheses, and the proof with the numbers for every instance."""
    status, out, _ = run(capsys, ["C8"])
    assert status == 0
    assert "C8-deep: Pieces of a deep network on the line" in out
    assert "  Hypothesis: one input." in out
    assert "  On count-m1: proved.\n    Hidden widths (2, 2): the product of all w + 1 is 9." in out
    assert "  On count-g3: not applicable.\n    The hypothesis 'one input' fails" in out
    assert "C8-sum: Depth adds pieces (false variant of C8-deep)" in out
    assert out.count("Proved.\n") == 2
    assert out.count("Refuted.\n") == 1


def test_a_network(capsys: pytest.CaptureFixture[str], file: str) -> None:
    """Verdict and proof for the network in a file; a hypothesis that fails is named."""
    status, out, _ = run(capsys, ["C7-serra-upper", "C8-shallow", "C7-upper", "--network", file])
    assert status == 0
    assert "  Proved.\n    For 2 inputs and hidden widths (2, 1) the bound is 7." in out
    assert "  Not applicable.\n    The hypothesis 'exactly one hidden layer' fails" in out


def test_json_for_a_network(capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path) -> None:
    """The same keys, and the network; a file can be named instead of standard output."""
    status, out, _ = run(capsys, ["C2-one-count", "--network", file, "--json", "-"])
    (report,) = json.loads(out)
    assert (status, report["name"], report["status"], report["network"]) == (0, "C2-one-count", "refuted", file)
    assert report["lines"] == ["7 cells, 4 linear regions, 4 distinct affine pieces."]
    target = tmp_path / "report.json"
    status, out, _ = run(capsys, ["C2-counts", "--network", file, "--json", str(target)])
    assert (status, json.loads(target.read_text())[0]["status"]) == (0, "proved")
    assert "N_full = 7 <= N_half = 7 <= N_closed = 7 <= 2^3 = 8." in out


def test_a_long_proof_is_cut_on_the_terminal(capsys: pytest.CaptureFixture[str], file: str) -> None:
    """The first sentences, how many are left out, the conclusion; JSON has all."""
    _, out, _ = run(capsys, ["C2-corollary-4-closed", "C5-rank-one-jumps", "--network", file])
    assert "All 9 jumps across facets have rank at most 1." in out
    path = Path(file).with_name("n4.json")
    path.write_text(write_network_json(example("count-n4")), encoding="utf-8")
    _, out, _ = run(capsys, ["C5-rank-one-jumps", "--network", str(path)])
    assert "more sentences with --json)\n    All 13 jumps across facets have rank at most 1." in out
    _, out, _ = run(capsys, ["C5-rank-one-jumps", "--network", str(path), "--json", "-"])
    assert len(json.loads(out)[0]["lines"]) == 14


def broken(network: Network) -> Decision:
    """A decision that always says no."""
    return False, ("It does not hold.",), {}


def unable(network: Network) -> Decision:
    """A decision that cannot be made."""
    raise DomainError("the network is too large")


def test_exit_status(capsys: pytest.CaptureFixture[str], file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 if a theorem is refuted, by a network or by its instances; 2 if it cannot be decided; 0 for false variants."""
    wrong = replace(theorem("C2-counts"), decide=broken)
    stuck = replace(theorem("C2-flat-cells"), decide=unable)
    variant = replace(theorem("C2-closed-is-full"), decide=broken)
    monkeypatch.setattr(exactrelu.theorems, "THEOREMS", (wrong, stuck, variant))
    assert run(capsys, ["C2-counts", "--network", file])[0] == 1
    assert run(capsys, ["C2-counts"])[0] == 1
    status, out, _ = run(capsys, ["C2-flat-cells", "--network", file])
    assert status == 2
    assert "  Undecided.\n    the network is too large" in out
    assert run(capsys, ["C2-closed-is-full", "--network", file])[0] == 0
    status, out, _ = run(capsys, ["C2-closed-is-full"])
    assert status == 1
    assert "But: refuted, known to be proved." in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "no theorem's name begins with 'nothing'"),
        (["C7", "--network", "missing.json"], "missing.json cannot be read"),
        (["C7", "--json", "no/such/folder/x.json"], "does not exist"),
        (["--netwrok", "x"], "unrecognized arguments"),
    ],
)
def test_bad_usage(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    """Exit status 2 and one line, no traceback."""
    status, out, err = run(capsys, arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_the_statement_is_printed_before_the_decision(
    capsys: pytest.CaptureFixture[str], file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for a decision, or interrupts it, sees which one it is."""

    def interrupted(network: Network) -> Decision:
        raise KeyboardInterrupt

    monkeypatch.setattr(exactrelu.theorems, "THEOREMS", (replace(theorem("C2-counts"), decide=interrupted),))
    status, out, err = run(capsys, ["C2-counts", "--network", file])
    assert status != 0
    assert out.startswith("C2-counts: ")
    assert "interrupted" in err


def test_a_time_limit_leaves_a_theorem_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    """A theorem that takes too long says so, and the next one is decided."""
    code = main(["theorems", "C1-partition", "C9-cones", "--network", "examples/two_moons.onnx", "--timeout", "0.2"])
    out = capsys.readouterr().out
    assert code == 2
    assert "The time limit of 0.2 s came first." in out
    assert "C9-cones" in out
