"""Train the two demonstration networks and write them as float32 ONNX files.

    python examples/train_demo_networks.py [FOLDER]

* `two_moons.onnx`, widths 2-16-16-1: scikit-learn's two moons (400 points, noise 0.1).  The class is 1 where the
  output, the logit, is positive.
* `iris.onnx`, widths 4-8-8-3: Fisher's iris data as bundled with scikit-learn, lengths in cm.  The class is the largest
  output.

Both take raw inputs: the standardisation used in training is folded into the first layer.  Everything is seeded; the
same versions on the same machine write the same bytes.  (Another linear algebra library may round differently and end
in slightly different weights, therefore the files are committed.)  The accuracy printed is that of the float32 weights
as written, on the training data: the networks are examples to analyse, not claims about generalisation.

Needs scikit-learn and onnx, both in the extra `test`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris, make_moons
from sklearn.neural_network import MLPClassifier

SEED = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A classification problem and the hidden widths of the network that is to solve it."""

    name: str
    inputs: np.ndarray
    classes: np.ndarray
    hidden: tuple[int, ...]


def tasks() -> tuple[Task, ...]:
    """The two problems; the data are the same in every call."""
    moons, moon = make_moons(n_samples=400, noise=0.1, random_state=SEED)
    flowers, species = load_iris(return_X_y=True)
    return (Task("two_moons", moons, moon, (16, 16)), Task("iris", flowers, species, (8, 8)))


def train(task: Task) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the layers (weights out×in, bias) of a trained network on raw inputs, rounded once to float32."""
    mean, deviation = task.inputs.mean(axis=0), task.inputs.std(axis=0)
    model = MLPClassifier(task.hidden, solver="lbfgs", alpha=0.01, max_iter=2000, random_state=SEED)
    model.fit((task.inputs - mean) / deviation, task.classes)
    layers = [(w.T, b) for w, b in zip(model.coefs_, model.intercepts_, strict=True)]
    weights, bias = layers[0]
    folded = weights / deviation
    layers[0] = (folded, bias - folded @ mean)
    return [(w.astype(np.float32), b.astype(np.float32)) for w, b in layers]


def predict(layers: list[tuple[np.ndarray, np.ndarray]], inputs: np.ndarray) -> np.ndarray:
    """Class of every input row: sign of a single output, else the index of the largest."""
    values = inputs.astype(np.float32)
    for position, (weights, bias) in enumerate(layers):
        values = values @ weights.T + bias
        if position < len(layers) - 1:
            values = np.maximum(values, 0)
    return classify(values)


def classify(outputs: np.ndarray) -> np.ndarray:
    """Class of every output row, as the module docstring defines it."""
    return (outputs[:, 0] > 0).astype(int) if outputs.shape[1] == 1 else outputs.argmax(axis=1)


def to_onnx(name: str, layers: list[tuple[np.ndarray, np.ndarray]]) -> onnx.ModelProto:
    """Write the layers as a chain Gemm, Relu, Gemm, ..., Gemm with named nodes and a symbolic batch size."""
    nodes, initialisers, current = [], [], "input"
    for position, (weights, bias) in enumerate(layers, start=1):
        last = position == len(layers)
        affine = "output" if last else f"preactivation{position}"
        initialisers += [
            numpy_helper.from_array(weights, f"W{position}"),
            numpy_helper.from_array(bias, f"b{position}"),
        ]
        parameters = [current, f"W{position}", f"b{position}"]
        nodes.append(helper.make_node("Gemm", parameters, [affine], name=f"affine{position}", transB=1))
        if not last:
            current = f"activation{position}"
            nodes.append(helper.make_node("Relu", [affine], [current], name=f"relu{position}"))
    widths = (layers[0][0].shape[1], layers[-1][0].shape[0])
    source, target = (
        helper.make_tensor_value_info(end, TensorProto.FLOAT, ["batch", width])
        for end, width in zip(("input", "output"), widths, strict=True)
    )
    graph = helper.make_graph(nodes, name, [source], [target], initialisers)
    model = helper.make_model(
        graph, producer_name="train_demo_networks", ir_version=8, opset_imports=[helper.make_opsetid("", 13)]
    )
    onnx.checker.check_model(model)
    return model


def main(folder: Path) -> None:
    """Train, write and report both networks."""
    for task in tasks():
        layers = train(task)
        path = folder / f"{task.name}.onnx"
        path.write_bytes(to_onnx(task.name, layers).SerializeToString(deterministic=True))
        accuracy = np.mean(predict(layers, task.inputs) == task.classes)
        print(f"{path.name}: accuracy {accuracy:.4f} on {len(task.classes)} training points")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
