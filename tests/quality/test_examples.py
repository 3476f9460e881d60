"""The example networks are what `examples/README.md` says of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPT = EXAMPLES / "train_demo_networks.py"
TRAINED = ["two_moons", "iris"]
ACCURACY = {"two_moons": "1.0000", "iris": "0.9867"}


@cache
def script() -> ModuleType:
    """The training script as a module."""
    spec = spec_from_file_location("train_demo_networks", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # the script's dataclass looks its module up
    spec.loader.exec_module(module)
    return module


@cache
def network_accuracy(path: Path) -> float:
    """Share of the training data that onnxruntime, running the file, classifies correctly."""
    onnxruntime = pytest.importorskip("onnxruntime")
    (task,) = (task for task in script().tasks() if task.name == path.stem)
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    (outputs,) = session.run(None, {"input": task.inputs.astype("float32")})
    return float((script().classify(outputs) == task.classes).mean())


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder and printed report of a fresh run of the training script."""
    folder = tmp_path_factory.mktemp("retrained")
    run = subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True, check=True)
    return folder, run.stdout


@pytest.mark.parametrize("name", TRAINED)
def test_committed_networks_classify_their_training_data(name: str) -> None:
    """The files in the repository reach the accuracy stated in their README."""
    assert f"{network_accuracy(EXAMPLES / f'{name}.onnx'):.4f}" == ACCURACY[name]
    assert ACCURACY[name] in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TRAINED)
def test_training_again_gives_an_equally_good_network(name: str, retrained: tuple[Path, str]) -> None:
    """A fresh run reports what onnxruntime finds, at least 0.97; bytes may differ between linear algebra libraries."""
    folder, report = retrained
    accuracy = network_accuracy(folder / f"{name}.onnx")
    assert accuracy >= 0.97
    assert re.search(rf"^{name}\.onnx: accuracy {accuracy:.4f} ", report, re.MULTILINE)


def test_training_is_deterministic(tmp_path: Path, retrained: tuple[Path, str]) -> None:
    """Two runs on one machine write the same bytes."""
    script().main(tmp_path)
    for name in TRAINED:
        assert (tmp_path / f"{name}.onnx").read_bytes() == (retrained[0] / f"{name}.onnx").read_bytes()


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("abs", ("-3/2",), "3/2"),
        ("three_lines", ("1", "2"), "5"),
        ("tent3", ("1/8",), "1"),
        ("tent3", ("3/16",), "1/2"),
        ("n4", ("1", "1"), "59"),
    ],
)
def test_hand_written_networks_have_their_values(name: str, point: tuple[str, ...], value: str) -> None:
    """Evaluated straight from the definition, each file gives a value that a reader can check by hand."""
    network = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    values = [Fraction(coordinate) for coordinate in point]
    layers = list(zip(network["weights"], network["biases"], strict=True))
    for position, (rows, offsets) in enumerate(layers, start=1):
        values = [
            sum((Fraction(w) * x for w, x in zip(row, values, strict=True)), Fraction(b))
            for row, b in zip(rows, offsets, strict=True)
        ]
        if position < len(layers):
            values = [max(x, Fraction(0)) for x in values]
    assert values == [Fraction(value)]
