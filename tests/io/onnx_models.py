"""Building blocks of the tests with ONNX models: small graphs, inputs, the runtime, and the comparison with it."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.checker.onnx_chain import read_onnx_chain
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.network import Network

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from tests.io.onnx_reference import evaluate  # noqa: E402


def float32_points(n: int, count: int, seed: int) -> list[list[Fraction]]:
    """Random inputs that are float32 numbers, so that the runtime sees them exactly; the first is zero."""
    chance = random.Random(seed)
    drawn = [[Fraction(float(np.float32(chance.uniform(-1, 1)))) for _ in range(n)] for _ in range(count - 1)]
    return [[Fraction(0)] * n, *drawn]


def run_float32(model: Any, point: list[Fraction]) -> list[float]:
    """The output of onnxruntime, without the rewriting of graphs that might change the arithmetic."""
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (test extra)")
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = {tensor.name for tensor in model.graph.initializer}
    inputs, rest = {}, [float(x) for x in point]
    for start in (value for value in session.get_inputs() if value.name not in names):
        shape = [n if isinstance(n, int) else 1 for n in start.shape]
        size = int(np.prod(shape, dtype=int))
        inputs[start.name] = np.array(rest[:size], dtype=np.float32).reshape(shape)
        rest = rest[size:]
    return [float(y) for output in session.run(None, inputs) for y in np.asarray(output).ravel()]


def assert_agreement(model: Any, network: Network, points: list[list[Fraction]]) -> None:
    """The network equals the second exact evaluation, and lies within the proven bound of the runtime."""
    for point in points:
        value = evaluate(model, point)
        exact = network.evaluate(point)
        assert list(exact) == value.exact.ravel().tolist()
        for ours, theirs, bound in zip(exact, run_float32(model, point), value.bound.ravel(), strict=True):
            assert abs(ours - Fraction(theirs)) <= Fraction(float(bound))


def assert_same_layers(data: bytes, network: Network) -> None:
    """The checker's own reader finds the same layers and slopes, hence the same numbering of units."""
    theirs = read_onnx_chain(data).layers
    assert len(theirs) == len(network.affine_maps)
    for layer, ours in zip(theirs, network.affine_maps, strict=True):
        rows = tuple((*weights, offset) for weights, offset in zip(layer.weights, layer.bias, strict=True))
        assert RationalMatrix(rows, layer.denominator, len(rows[0])) == ours.augmented
    for layer, hidden in zip(theirs, network.hidden, strict=False):
        scale = layer.slope_denominator
        pairs = [(a.negative * scale, a.positive * scale) for a in hidden.activations]
        assert list(layer.slopes) == pairs


def in_order(model: Any) -> None:
    """Put nodes after those whose results they use, as the runtime demands."""
    given = {value.name for value in (*model.graph.input, *model.graph.initializer)}
    waiting, ordered = list(model.graph.node), []
    while waiting:
        following = next(n for n in waiting if all(not name or name in given for name in n.input))
        waiting.remove(following)
        ordered.append(following)
        given.update(following.output)
    del model.graph.node[:]
    model.graph.node.extend(ordered)


def weights(name: str, shape: tuple[int, ...], seed: int) -> Any:
    """A float32 initialiser with numbers that are no short decimals."""
    chance = np.random.default_rng(seed)
    return numpy_helper.from_array(chance.normal(size=shape).astype(np.float32), name)


def integers(name: str, *entries: int) -> Any:
    return numpy_helper.from_array(np.array(entries, dtype=np.int64), name)


def scalar(name: str, entry: float) -> Any:
    return numpy_helper.from_array(np.array(entry, dtype=np.float32), name)


def model_of(
    nodes: list[Any],
    initializers: list[Any],
    shape: tuple[Any, ...] = (1, 3),
    *,
    opset: int = 13,
    output: str = "y",
    ir: int = 7,
) -> Any:
    """A model with float input x of that shape and one output of any shape."""
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
