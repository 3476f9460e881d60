"""`exactrelu verify` as a user meets it: first line, exit status, evidence, semantics, bad input, interruption."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from exactrelu.cli import progress
from exactrelu.io.json_format import write_network_json
from exactrelu.io.onnx_writer import write_onnx
from exactrelu.io.vnnlib_writer import write_vnnlib
from exactrelu.networks.activations import ABSOLUTE, Activation
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.verification import output_range_query
from tests.cli.test_commands import run

ONE = "(declare-const X_0 Real)(declare-const Y_0 Real)"
UNIT = ONE + "(assert (<= -1 X_0))(assert (<= X_0 1))"
PAIR = (
    "(vnnlib-version <2.0>)(declare-network f (declare-input X real [1]) (declare-output Y real [1]))"
    "(declare-network g {} (declare-input U real [1]) (declare-output V real [1]))"
    "(assert (and (>= X[0] -1) (<= X[0] 1) (== U[0] (* {} X[0]))))(assert (!= Y[0] V[0]))"
)
FIVE = "".join(f"(declare-const X_{i} Real)" for i in range(4)) + "(declare-const Y_0 Real)"

QUERIES = {
    "reached": UNIT + "(assert (>= Y_0 0.5))",
    "above": UNIT + "(assert (> Y_0 1))",
    "negative": ONE + "(assert (< Y_0 0))",
    "square": UNIT + "(assert (> (* Y_0 Y_0) 1))",
    "root": UNIT + "(assert (== (* Y_0 Y_0) 0.5))",
    "never": ONE + "(assert (or (and (< X_0 0) (> X_0 0)) (< Y_0 -1)))",
    "large": ONE + "(assert (>= X_0 1e400))(assert (>= Y_0 1e400))",
    "product of four": FIVE + "(assert (> (* X_0 X_1) (+ 1 (* X_0 X_0) (* X_1 X_1))))",
    "even": PAIR.format("(equal-to f)", -1),
    "doubled": PAIR.format("(equal-to f)", 2),
    "twins": PAIR.format("(isomorphic-to f)", 1),
    "tenth": ONE + "(assert (and (<= X_0 0.1) (>= X_0 0) (<= Y_0 0.1)))",
    "thin": ONE + "(assert (and (<= X_0 0.10000000000001) (>= X_0 0.1) (>= Y_0 0)))",
    "empty": "",
    "comments": "; nothing but a comment\n",
    "open": "(assert (<= X_0",
    "undeclared": UNIT + "\n(assert (> Y_1 1))",
    "bit-vectors": "(set-logic QF_BV)" + UNIT + "(assert (> Y_0 1))",
    "two inputs": "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(assert (> Y_0 1))",
    "contradictory": UNIT + "(assert (>= X_0 2))(assert (> Y_0 1))",
    "float32": "(vnnlib-version <2.0>)(declare-network f (declare-input X float32 [1]) (declare-output Y float32 [1]))"
    "(assert (and (>= X[0] -1) (<= X[0] 1) (> Y[0] 1)))",
    "no assertion": ONE,
}


def network(weights: list[list[list[object]]], biases: list[list[object]], slopes: list[object] | None = None) -> str:
    """A network as JSON text; `slopes`: one activation for all units of each layer."""
    activations = None if slopes is None else [[a] * len(b) for a, b in zip(slopes, biases[:-1], strict=True)]
    return write_network_json(Network.from_weights(weights, biases, activations=activations))


NETWORKS = {
    "abs": network([[[1], [-1]], [[1, 1]]], [[0, 0], [0]]),
    "fold": network([[[1]], [[1]]], [[0], [0]], [ABSOLUTE]),
    "leaky": network([[[1]], [["1/2"]]], [[0], [0]], [Activation.of(["1/10", 1])]),
    "relu": network([[[1], [1]], [[1, 0]]], [[0, 0], [0]]),
    "wide": network([[[1], [-1], [1]], [[1, 1, 0]]], [[0, 0, 0], [0]]),
    "affine": network([[[3]]], [["-1/2"]]),
    "constant": network([[[0]], [[0]]], [[0], ["3/4"]]),
    "four": network([[[1, 1, 1, 1]]], [[0]]),
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with all queries and networks."""
    for name, text in QUERIES.items():
        (tmp_path / f"{name}.vnnlib").write_text(text)
    for name, text in NETWORKS.items():
        (tmp_path / f"{name}.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def verify(capsys: pytest.CaptureFixture[str], query: str, *options: str) -> tuple[int, str, str]:
    """Run the command: exit status, standard output, standard error."""
    return run(capsys, ["verify", f"{query}.vnnlib", *options])


VERDICTS = [
    ("reached", "abs", "sat", 0),
    ("above", "abs", "unsat", 0),
    ("negative", "abs", "unsat", 0),
    ("square", "abs", "unsat", 0),
    ("root", "abs", "sat", 0),
    ("never", "abs", "unsat", 0),
    ("large", "abs", "sat", 0),
    ("reached", "fold", "sat", 0),
    ("above", "fold", "unsat", 0),
    ("above", "leaky", "unsat", 0),
    ("reached", "leaky", "sat", 0),
    ("reached", "affine", "sat", 0),
    ("negative", "affine", "sat", 0),
    ("reached", "constant", "sat", 0),
    ("above", "constant", "unsat", 0),
    ("negative", "constant", "unsat", 0),
    ("square", "constant", "unsat", 0),
    ("even", "abs", "unsat", 0),
    ("even", "leaky", "sat", 0),
    ("doubled", "abs", "sat", 0),
    ("product of four", "four", "unknown", 1),
]


@pytest.mark.parametrize(("query", "net", "first", "status"), VERDICTS)
def test_the_first_line_is_the_verdict(
    capsys: pytest.CaptureFixture[str], work: Path, query: str, net: str, first: str, status: int
) -> None:
    """sat, unsat or unknown; 0 if decided, else 1; the semantics are named; standard error is silent."""
    code, out, err = verify(capsys, query, "--network", f"{net}.json")
    assert (out.splitlines()[0], code, err) == (first, status, "")
    assert "semantics: real arithmetic" in out


@pytest.mark.parametrize(("query", "net", "first", "status"), VERDICTS)
def test_verdicts_have_certificates_that_check(
    capsys: pytest.CaptureFixture[str], work: Path, query: str, net: str, first: str, status: int
) -> None:
    """A decided query's certificate is accepted by `exactrelu check`, and not about another network or query."""
    code, out, _ = verify(capsys, query, "--network", f"{net}.json", "--certificate", "proof.jsonl")
    assert code == status
    if status:
        assert not Path("proof.jsonl").exists()
        return
    assert "certificate: proof.jsonl" in out
    code, out, err = run(capsys, ["check", "proof.jsonl", f"{net}.json", f"{query}.vnnlib"])
    assert (code, err) == (0, "")
    assert out.startswith(f"valid: {first}")
    for files, word in (
        (["wide.json", f"{query}.vnnlib"], "another network file"),
        ([f"{net}.json", "thin.vnnlib"], "another query file"),
    ):
        code, out, _ = run(capsys, ["check", "proof.jsonl", *files])
        assert (code, word in out) == (1, True)
    assert run(capsys, ["check", "proof.jsonl", f"{query}.vnnlib"])[0] == 2


def test_the_answer_as_json(capsys: pytest.CaptureFixture[str], work: Path) -> None:
    """`--json -` prints JSON and nothing else; the witness in it violates, by hand: |x| >= 1/2."""
    code, out, _ = verify(
        capsys, "reached", "--network", "abs.json", "--json", "-", "--certificate", "proof.jsonl", "--timeout", "60"
    )
    answer = json.loads(out)
    witness = {name: Fraction(value) for name, value in answer["witness"].items()}
    assert (code, answer["verdict"], answer["certificate"]["valid"]) == (0, "sat", True)
    assert answer["certificate"]["bytes"] == Path("proof.jsonl").stat().st_size
    assert abs(witness["X_0"]) == witness["Y_0"] >= Fraction(1, 2)
    verify(capsys, "negative", "--network", "abs.json", "--json", "answer.json", "--timeout", "1e-9")
    answer = json.loads(Path("answer.json").read_text())
    assert (answer["verdict"], answer["progress"]["closed"]) == ("timed-out", 0)


@pytest.mark.parametrize(
    ("query", "seconds"),
    list(itertools.product(["reached", "above", "negative", "square", "root", "even"], ["1e-9", "inf"])),
)
def test_a_time_limit_always_ends_with_a_verdict(
    capsys: pytest.CaptureFixture[str], work: Path, query: str, seconds: str
) -> None:
    """However short or long, the first line is a verdict; a query that is not decided exits with 1."""
    code, out, err = verify(capsys, query, "--network", "abs.json", "--timeout", seconds)
    first = out.splitlines()[0]
    assert first in ("sat", "unsat", "timed-out")
    assert (code, err) == (1 if first == "timed-out" else 0, "")
    assert seconds != "inf" or first != "timed-out"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_progress_is_for_terminals_only(
    capsys: pytest.CaptureFixture[str], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal a line counts the boxes and is removed at the end; in a pipe there is none."""
    monkeypatch.setattr(progress, "_DELAY", 0.0)
    assert verify(capsys, "above", "--network", "abs.json")[2] == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    code, out, _ = verify(capsys, "above", "--network", "abs.json")
    assert (code, out.splitlines()[0]) == (0, "unsat")
    assert "boxes" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


# -- several networks, formats ---------------------------------------------------------------------------------------


def test_isomorphic_networks_have_files_of_their_own(capsys: pytest.CaptureFixture[str], work: Path) -> None:
    """x -> |x| by two units against max(x, 0): they differ; against itself equal; other widths are refused."""
    both = ["--network", "f=abs.json", "--network"]
    code, out, _ = verify(capsys, "twins", *both, "g=relu.json", "--certificate", "proof.jsonl")
    assert (code, out.splitlines()[0]) == (0, "sat")
    assert run(capsys, ["check", "proof.jsonl", "abs.json", "relu.json", "twins.vnnlib"])[0] == 0
    code, out, _ = run(capsys, ["check", "proof.jsonl", "relu.json", "abs.json", "twins.vnnlib"])
    assert (code, "another network file" in out) == (1, True)
    assert run(capsys, ["check", "proof.jsonl", "abs.json", "twins.vnnlib"])[0] == 2
    assert verify(capsys, "twins", "--network", "g=abs.json", "--network", "f=abs.json")[1].startswith("unsat")
    code, _, err = verify(capsys, "twins", *both, "g=wide.json")
    assert (code, "different widths or activations" in err) == (2, True)


def test_networks_of_any_graph_have_certificates(capsys: pytest.CaptureFixture[str], work: Path) -> None:
    """x + |x| as a graph with a branch is no chain: the certificate is about the lowered network beside it."""
    onnx = pytest.importorskip("onnx")
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Abs", ["x"], ["a"]), onnx.helper.make_node("Add", ["x", "a"], ["y"])],
        "branch",
        [value("x", onnx.TensorProto.FLOAT, [1, 1])],
        [value("y", onnx.TensorProto.FLOAT, [1, 1])],
    )
    (work / "branch.onnx").write_bytes(onnx.helper.make_model(graph).SerializeToString())
    code, out, _ = verify(capsys, "negative", "--network", "branch.onnx", "--certificate", "proof.jsonl")
    assert (code, out.splitlines()[0]) == (0, "unsat")
    assert "about its lowered form proof.jsonl.network.json" in out
    assert run(capsys, ["check", "proof.jsonl", "proof.jsonl.network.json", "negative.vnnlib"])[0] == 0


# -- float32 ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shifted(work: Path) -> Path:
    """x -> relu(x + 2^24) - 2^24, the identity on [-2^24, oo); float32 has no 2^24 + 1/10, so it computes 0 there."""
    pytest.importorskip("onnxruntime")
    file = work / "shifted.onnx"
    file.write_bytes(write_onnx(Network.from_weights([[[1]], [[1]]], [[1 << 24], [-(1 << 24)]])))
    return file


def test_three_semantics_at_a_point(capsys: pytest.CaptureFixture[str], work: Path, shifted: Path) -> None:
    """x <= 1/10 and y <= 1/10 at x = 0.1: true; the float32 next to 0.1 is larger, so false; executed, y = 0."""
    code, out, _ = verify(capsys, "tenth", "--network", str(shifted), "--at", "0.1")
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()[::2]] == ["violated", "not violated", "not violated"]
    (work / "outputs.vnnlib").write_text(ONE + "(assert (<= Y_0 0.1))")
    code, out, _ = verify(capsys, "outputs", "--network", str(shifted), "--at", "0.1", "--json", "-")
    rows = json.loads(out)
    assert [row["violated"] for row in rows] == [True, False, True]
    assert [row["output"] for row in rows] == [["1/10"], [str(Fraction(13421773, 1 << 27))], ["0"]]


def test_replay_is_a_labelled_line(capsys: pytest.CaptureFixture[str], work: Path, shifted: Path) -> None:
    """A float32 violation is named if one is found; between 1/10 and 1/10 + 1e-14 there is no float32 number."""
    code, out, _ = verify(capsys, "tenth", "--network", str(shifted))
    assert (code, out.splitlines()[0]) == (0, "sat")
    assert "violated too at the float32 input" in out
    code, out, _ = verify(capsys, "thin", "--network", str(shifted))
    assert (code, out.splitlines()[0]) == (0, "sat")
    assert "no violating float32 input was found" in out
    code, out, _ = verify(capsys, "large", "--network", str(shifted))
    assert (code, out.splitlines()[0], "no violating float32" in out) == (0, "sat", True)


def test_a_runtime_that_refuses_the_file_costs_no_verdict(capsys: pytest.CaptureFixture[str], work: Path) -> None:
    """A file of a format version that onnxruntime does not know yet: the replay says so."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    (work / "future.onnx").write_bytes(write_onnx(Network.from_weights([[[1]]], [[0]])))
    model = onnx.load("future.onnx")
    model.ir_version = 99
    (work / "future.onnx").write_bytes(model.SerializeToString())
    code, out, _ = verify(capsys, "tenth", "--network", "future.onnx")
    assert (code, out.splitlines()[0]) == (0, "sat")
    assert "float32 replay: not run (onnxruntime" in out
    code, _, err = verify(capsys, "tenth", "--network", "future.onnx", "--at", "0.1")
    assert (code, "refuses future.onnx" in err) == (2, True)


# ACAS Xu network 5_3, property 2 (violated where output 0 is a largest output): inputs next to the boundary.
THREE_VERDICTS = [
    ("0.679239393,-0.007138339,-0.062381212,0.462366693,-0.468896041", [False, True, False]),
    ("0.679254213,-0.0071277,-0.06224518,0.462338014,-0.468873111", [True, False, True]),
]


@pytest.mark.parametrize(("point", "violated"), THREE_VERDICTS)
def test_one_acas_input_has_three_verdicts(
    capsys: pytest.CaptureFixture[str], shared_data: Path, point: str, violated: list[bool]
) -> None:
    """The exact input, the input rounded to float32, and its execution in float32: each disagrees with the one before.

    The lead of output 0 is about 4e-9 at the exact and the rounded input, with opposite signs, and at least 9e-8 as
    executed, which is 50 units in the last place of the outputs.
    """
    pytest.importorskip("onnxruntime")
    folder = shared_data / "benchmarks" / "vnncomp2022" / "acasxu"
    network = folder / "ACASXU_run2a_5_3_batch_2000.onnx"
    code, out, _ = run(
        capsys, ["verify", str(folder / "prop_2.vnnlib"), "--network", str(network), "--at", point, "--json", "-"]
    )
    rows = json.loads(out)
    assert (code, [row["violated"] for row in rows]) == (0, violated)
    leads = [max(y) == y[0] for y in ([Fraction(v) for v in row["output"]] for row in rows)]
    assert leads == violated


# -- bad input -------------------------------------------------------------------------------------------------------

BAD = {
    "wrong dimensions": (["two inputs.vnnlib", "--network", "abs.json"], "2 inputs are declared"),
    "undeclared": (["undeclared.vnnlib", "--network", "abs.json"], "undeclared.vnnlib:2:12: Y_1 is not declared"),
    "theory": (["bit-vectors.vnnlib", "--network", "abs.json"], "theory is not supported"),
    "contradiction": (["contradictory.vnnlib", "--network", "abs.json"], "no input satisfies the assertions"),
    "empty": (["empty.vnnlib", "--network", "abs.json"], "the file is empty"),
    "comments": (["comments.vnnlib", "--network", "abs.json"], "the file is empty"),
    "open": (["open.vnnlib", "--network", "abs.json"], "never closed"),
    "nothing asserted": (["no assertion.vnnlib", "--network", "abs.json"], "asserts nothing"),
    "no text": (["garbage.onnx", "--network", "abs.json"], "not UTF-8"),
    "no query": (["none.vnnlib", "--network", "abs.json"], "none.vnnlib cannot be read"),
    "a folder as query": ([".", "--network", "abs.json"], "cannot be read"),
    "no network": (["above.vnnlib", "--network", "none.onnx"], "none.onnx cannot be read"),
    "a folder as network": (["above.vnnlib", "--network", "."], "cannot be read"),
    "no network named": (["above.vnnlib"], "--network"),
    "garbage": (["above.vnnlib", "--network", "garbage.onnx"], "not an ONNX file"),
    "empty network": (["above.vnnlib", "--network", "empty.onnx"], "empty.onnx"),
    "truncated network": (["above.vnnlib", "--network", "cut.json"], "cut.json"),
    "unknown name": (["above.vnnlib", "--network", "g=abs.json"], "write NAME=FILE, once for each of network"),
    "name twice": (["twins.vnnlib", "--network", "f=abs.json", "--network", "f=abs.json"], "once for each of f, g"),
    "name missing": (["twins.vnnlib", "--network", "f=abs.json"], "the query declares g"),
    "no names": (["twins.vnnlib", "--network", "abs.json", "--network", "abs.json"], "write NAME=FILE"),
    "a file too many": (["above.vnnlib", "--network", "abs.json", "--network", "abs.json"], "write NAME=FILE"),
    "file of an equal network": (["even.vnnlib", "--network", "g=abs.json"], "declares g equal to f"),
    "float32": (["float32.vnnlib", "--network", "abs.json"], "--floats-as-reals"),
    "timeout zero": (["above.vnnlib", "--network", "abs.json", "--timeout", "0"], "positive number of seconds"),
    "timeout negative": (["above.vnnlib", "--network", "abs.json", "--timeout=-1"], "positive number of seconds"),
    "timeout nan": (["above.vnnlib", "--network", "abs.json", "--timeout", "nan"], "positive number of seconds"),
    "timeout a word": (["above.vnnlib", "--network", "abs.json", "--timeout", "soon"], "positive number of seconds"),
    "no jobs": (["above.vnnlib", "--network", "abs.json", "--jobs", "0"], "positive number of processes"),
    "jobs a word": (["above.vnnlib", "--network", "abs.json", "--jobs", "all"], "positive number of processes"),
    "folder as certificate": (["above.vnnlib", "--network", "abs.json", "--certificate", "."], "is a folder"),
    "folder as state": (["above.vnnlib", "--network", "abs.json", "--state", "."], "is a folder"),
    "folder as answer": (["above.vnnlib", "--network", "abs.json", "--json", "."], "is a folder"),
    "no such folder": (["above.vnnlib", "--network", "abs.json", "--certificate", "a/b"], "does not exist"),
    "certificate to the pipe": (["above.vnnlib", "--network", "abs.json", "--certificate", "-"], "name of a file"),
    "over the query": (["above.vnnlib", "--network", "abs.json", "--certificate", "above.vnnlib"], "another file"),
    "over the network": (["above.vnnlib", "--network", "abs.json", "--json", "./abs.json"], "another file"),
    "both in one": (["above.vnnlib", "--network", "abs.json", "--json", "p", "--certificate", "p"], "another file"),
    "state of nothing": (["above.vnnlib", "--network", "abs.json", "--state", "empty.onnx"], "no saved search"),
    "state of something": (["above.vnnlib", "--network", "abs.json", "--state", "leaky.json"], "no saved search"),
    "point too long": (["above.vnnlib", "--network", "shift.onnx", "--at", "1,2"], "--at has 2 coordinates"),
    "point no number": (["above.vnnlib", "--network", "shift.onnx", "--at", "one"], "not a rational number"),
    "point beyond float32": (["above.vnnlib", "--network", "shift.onnx", "--at", "1e39"], "beyond the largest"),
    "point, no runtime": (["above.vnnlib", "--network", "abs.json", "--at", "1"], "one network in an ONNX file"),
    "point, two networks": (["even.vnnlib", "--network", "shift.onnx", "--at", "1,1"], "one network in an ONNX file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line(capsys: pytest.CaptureFixture[str], work: Path, case: str) -> None:
    """Exit status 2, a message that names the mistake, no verdict, no traceback; no input file is touched."""
    if "shift.onnx" in BAD[case][0]:
        pytest.importorskip("onnxruntime")
    (work / "shift.onnx").write_bytes(write_onnx(Network.from_weights([[[1]]], [[0]])))
    (work / "garbage.onnx").write_bytes(b"\xff\x01garbage")
    (work / "empty.onnx").write_bytes(b"")
    (work / "cut.json").write_text(NETWORKS["abs"][:20])
    before = {path: path.read_bytes() for path in work.iterdir()}
    arguments, reason = BAD[case]
    status, out, err = run(capsys, ["verify", *arguments])
    assert (case, status, out) == (case, 2, "")
    assert reason in err
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1 or err.startswith("usage:")
    assert {path: path.read_bytes() for path in work.iterdir()} == before


def test_float32_queries_may_be_read_as_real(capsys: pytest.CaptureFixture[str], work: Path) -> None:
    """`--floats-as-reals` says so, and the checker reads the file likewise."""
    options = ("--network", "abs.json", "--floats-as-reals", "--certificate", "proof.jsonl")
    code, out, _ = verify(capsys, "float32", *options)
    assert (code, out.splitlines()[0], "valid: unsat" in out) == (0, "unsat", True)


# -- interruption ----------------------------------------------------------------------------------------------------

_SAVES_OFTEN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell may hand down an ignored one
from exactrelu.verification import decide
decide.SAVE_EVERY = 0.02
from exactrelu.cli import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def long_search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network and a query that takes some seconds: a range that the network all but leaves."""
    folder = tmp_path_factory.mktemp("long")
    net = random_network([6, 16, 16, 1], seed=2, height=9)
    (folder / "net.json").write_text(write_network_json(net))
    write_vnnlib(output_range_query(net, [(-1, 1)] * 6, 0, upper=176), folder / "query.vnnlib")
    write_vnnlib(output_range_query(net, [(-1, 1)] * 6, 0, upper=177), folder / "other.vnnlib")
    return folder


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [(signal.SIGKILL, -signal.SIGKILL, b""), (signal.SIGINT, 130, b"exactrelu: interrupted\n")],
)
def test_a_killed_search_goes_on(
    capsys: pytest.CaptureFixture[str],
    long_search: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: signal.Signals,
    status: int,
    said: bytes,
) -> None:
    """A signal at any time leaves a state; the next run goes on from it, its certificate holds, the state is gone."""
    monkeypatch.chdir(long_search)
    state = Path(f"{how.name}.state")
    process = subprocess.Popen(
        [sys.executable, "-c", _SAVES_OFTEN, "verify", "query.vnnlib", "--network", "net.json", "--state", str(state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    while process.poll() is None and not state.exists():
        time.sleep(0.02)
    process.send_signal(how)
    assert process.communicate(timeout=60) == (b"", said)
    assert process.returncode == status
    code, _, err = verify(capsys, "other", "--network", "net.json", "--state", str(state))
    assert (code, "saved search of another query" in err) == (2, True)
    code, out, err = verify(
        capsys, "query", "--network", "net.json", "--state", str(state), "--certificate", "proof.jsonl"
    )
    assert (code, out.splitlines()[0], err) == (0, "unsat", "")
    assert "valid: unsat" in out
    assert not state.exists()
    assert not list(Path.cwd().glob("*.part"))


def test_a_search_that_is_out_of_time_goes_on(
    capsys: pytest.CaptureFixture[str], long_search: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run with a time limit prints a verdict line in time and goes on where the last one stopped."""
    monkeypatch.chdir(long_search)
    boxes = 0
    for _ in range(2):
        started = time.monotonic()
        code, out, _ = verify(
            capsys, "query", "--network", "net.json", "--state", "slow.state", "--timeout", "0.2", "--json", "a.json"
        )
        answer = json.loads(Path("a.json").read_text())
        assert (code, out.splitlines()[0]) == (1, "timed-out")
        assert time.monotonic() - started < 20
        assert Path("slow.state").exists()
        assert answer["progress"]["boxes"] > boxes
        assert 0 <= answer["progress"]["closed"] < 1
        boxes = answer["progress"]["boxes"]


def test_an_interrupted_search_goes_on(
    capsys: pytest.CaptureFixture[str], long_search: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C: exit status 130, one line, no traceback, and a state from which the next run goes on."""
    monkeypatch.chdir(long_search)
    calls = itertools.count()

    def interrupt(line: progress.ProgressLine, share: float, found: int) -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(progress.ProgressLine, "__call__", interrupt)
    options = ("--network", "net.json", "--state", "interrupted.state", "--json", "answer.json")
    assert verify(capsys, "query", *options) == (130, "", "exactrelu: interrupted\n")
    assert Path("interrupted.state").exists()
    code, out, _ = verify(capsys, "query", *options, "--timeout", "1e-9")
    assert (code, out.splitlines()[0]) == (1, "timed-out")
    assert json.loads(Path("answer.json").read_text())["progress"]["boxes"] > 1
