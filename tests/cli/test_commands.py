"""The command line as a user meets it: output for people and programs, exit status, bad input, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from exactrelu.cli import main
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.builders import random_network


def run(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run a command in this process: exit status, standard output, standard error."""
    try:
        status = main(list(arguments))
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def examples(repository: Path) -> Path:
    """The folder of shipped networks."""
    return repository / "examples"


def test_regions_counts_in_three_senses(capsys: pytest.CaptureFixture[str], examples: Path) -> None:
    """|x| has 2 cells, 3 half-open and 4 closed configurations, 2 linear regions, 2 pieces."""
    status, out, err = run(capsys, ["regions", str(examples / "abs.json")])
    numbers = [line.split()[-1] for line in out.splitlines()[1:6]]
    assert (status, numbers, err) == (0, ["2", "3", "4", "2", "2"], "")


def test_regions_as_json(capsys: pytest.CaptureFixture[str], examples: Path) -> None:
    """`--json -` prints JSON and nothing else; `--list` adds the regions."""
    status, out, _ = run(
        capsys, ["regions", str(examples / "tent3.json"), "--domain", "box:0:1", "--json", "-", "--list"]
    )
    report = json.loads(out)
    assert (status, report["cells"], report["affine_pieces"], report["complete"]) == (0, 8, 8, True)
    assert [len(region["configuration"]) for region in report["regions"]] == [6] * 8
    assert {region["linear"][0][0] for region in report["regions"]} == {"8", "-8"}


@pytest.mark.parametrize("notion", ["full", "half-open", "closed"])
def test_certificate_of_each_notion_is_accepted(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path, notion: str
) -> None:
    """regions --certificate, then check: exit 0; about another network: exit 1 with the reason."""
    proof = tmp_path / "proof.jsonl"
    network = str(examples / "three_lines.json")
    status, out, _ = run(capsys, ["regions", network, "--cells", notion, "--certificate", str(proof)])
    assert status == 0
    assert "certificate" in out
    assert run(capsys, ["check", str(proof), network])[0] == 0
    status, out, _ = run(capsys, ["check", str(proof), str(examples / "abs.json")])
    assert status == 1
    assert "another network" in out


def test_certificate_of_a_branching_graph_is_about_its_lowered_form(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """x + |x| as an ONNX graph with a branch: the lowered network is written beside the certificate."""
    onnx = pytest.importorskip("onnx")
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Abs", ["x"], ["a"]), onnx.helper.make_node("Add", ["x", "a"], ["y"])],
        "branch",
        [value("x", onnx.TensorProto.FLOAT, [1, 1])],
        [value("y", onnx.TensorProto.FLOAT, [1, 1])],
    )
    network, proof = tmp_path / "branch.onnx", tmp_path / "proof.jsonl"
    network.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    status, out, _ = run(capsys, ["regions", str(network), "--certificate", str(proof), "--cells", "full"])
    lowered = f"{proof}.network.json"
    assert status == 0
    assert lowered in out
    assert run(capsys, ["check", str(proof), lowered])[0] == 0


def test_show_describes_a_point_and_its_ties(capsys: pytest.CaptureFixture[str], examples: Path) -> None:
    """The worked example of [HH19, Theorem 5]: at (1, 1) the map is 7 x0 + 26 x1 + 26, unit 1 is on its hyperplane."""
    status, out, _ = run(capsys, ["show", str(examples / "n4.json"), "--at", "1,1"])
    assert status == 0
    assert "y0 = 7*x0 + 26*x1 + 26" in out
    assert "101 11 11" in out
    assert "zero at unit 1" in out
    status, out, _ = run(capsys, ["show", str(examples / "n4.json"), "--at", "1,1", "--json", "-"])
    assert json.loads(out)["value"] == ["59"]


def test_limit_says_at_least(capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path) -> None:
    """A limited search reports what was found, says so, and writes no certificate."""
    proof = tmp_path / "proof.jsonl"
    status, out, err = run(capsys, ["regions", str(examples / "n4.json"), "--limit", "2", "--certificate", str(proof)])
    assert status == 0
    assert "at least (stopped at the limit)" in out
    assert "no certificate" in err
    assert not proof.exists()


BAD = {
    "unknown file": ["regions", "nowhere.onnx"],
    "a folder": ["regions", "."],
    "wrong dimension": ["regions", "{abs}", "--domain", "box:0:1,0:1"],
    "crossed bounds": ["regions", "{abs}", "--domain", "box:1:0"],
    "garbage domain": ["regions", "{abs}", "--domain", "box:a:b"],
    "unknown domain": ["regions", "{abs}", "--domain", "sphere"],
    "wrong keys": ["regions", "{tmp}/wrong-keys.json"],
    "ragged": ["regions", "{tmp}/ragged.json"],
    "float": ["regions", "{tmp}/float.json"],
    "truncated": ["regions", "{tmp}/truncated.json"],
    "truncated onnx": ["regions", "{tmp}/truncated.onnx"],
    "wrong point": ["show", "{abs}", "--at", "1,2"],
    "no number": ["show", "{abs}", "--at", "one"],
    "no folder for the certificate": ["regions", "{abs}", "--certificate", "{tmp}/no/where"],
    "no folder for the report": ["regions", "{abs}", "--json", "{tmp}/no/where"],
    "a folder for the certificate": ["regions", "{abs}", "--certificate", "{tmp}"],
    "a folder for the picture": ["regions", "{abs}", "--plot", "{tmp}"],
    "a picture of an unknown kind": ["regions", "{abs}", "--plot", "{tmp}/picture.xyz"],
    "no certificate": ["check", "{tmp}/none"],
    "unknown notion": ["regions", "{abs}", "--cells", "open"],
    "zero limit": ["regions", "{abs}", "--limit", "0"],
    "no timeout": ["regions", "{abs}", "--timeout", "soon"],
    "no command": [],
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_error(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path, case: str
) -> None:
    """Exit status 2, a message, no traceback."""
    (tmp_path / "wrong-keys.json").write_text('{"layers": []}')
    (tmp_path / "ragged.json").write_text('{"weights": [[["1", "2"], ["3"]]], "biases": [["0", "0"]]}')
    (tmp_path / "float.json").write_text('{"weights": [[[0.1]]], "biases": [["0"]]}')
    (tmp_path / "truncated.json").write_text('{"weights": [[["1')
    (tmp_path / "truncated.onnx").write_bytes((examples / "iris.onnx").read_bytes()[:200])
    arguments = [part.format(abs=examples / "abs.json", tmp=tmp_path) for part in BAD[case]]
    status, _, err = run(capsys, arguments)
    assert (case, status) == (case, 2)
    assert err.strip()
    assert "Traceback" not in err


def test_module_runs_and_help_has_examples() -> None:
    """`python -m exactrelu --help` works and shows examples for every command."""
    for command in ([], ["regions"], ["show"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "exactrelu", *command, "--help"], capture_output=True, text=True, check=True
        )
        assert "example" in done.stdout


_WITH_SIGINT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from exactrelu.cli import main
sys.exit(main())
"""


def test_interruption_keeps_the_work(tmp_path: Path) -> None:
    """Ctrl-C in a long search: what was found is printed, exit status 130, no traceback."""
    path = tmp_path / "large.json"
    path.write_text(write_network_json(random_network([6, 20, 20, 20, 1], seed=1, height=99)))
    process = subprocess.Popen(
        # A background shell may hand down an ignored SIGINT; a user's terminal does not.
        [sys.executable, "-c", _WITH_SIGINT, "regions", str(path), "--domain", "box:-1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "at least (stopped at the interruption)" in out
    assert "Traceback" not in err
