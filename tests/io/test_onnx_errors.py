"""Damaged and unsupported ONNX files: one FormatError that names the node or tensor, whatever is wrong."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exactrelu.errors import FormatError, NotPiecewiseLinearError
from exactrelu.io.files import load_network
from exactrelu.io.onnx_format import read_onnx

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

node = helper.make_node


def array(name: str, entries: Any, kind: str = "float32") -> Any:
    return numpy_helper.from_array(np.array(entries, dtype=kind), name)


def info(name: str, *shape: Any) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def model(*nodes: Any, constants: tuple[Any, ...] = (), shape: tuple[Any, ...] = (1, 2)) -> Any:
    graph = helper.make_graph(list(nodes), "g", [info("x", *shape)], [info("y")], list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def changed(base: Any, change: Callable[[Any], Any]) -> Any:
    change(base.graph)
    return base


def external(graph: Any) -> None:
    graph.initializer[0].data_location = TensorProto.EXTERNAL
    graph.initializer[0].ClearField("raw_data")


def changed_version(base: Any, opset: int) -> Any:
    base.opset_import[0].version = opset
    return base


def normalisation(variance: Any, **attributes: Any) -> Any:
    one = node("BatchNormalization", ["x", "s", "s", "s", "v"], ["y"], name="bn", **attributes)
    return model(one, constants=(array("s", [2, 3]), array("v", variance)))


W = array("W", [[1, 2], [3, 4]])
RELU = node("Relu", ["x"], ["y"], name="relu_1")


def product(weights: Any) -> Any:
    return model(node("MatMul", ["x", "W"], ["y"], name="mm"), constants=(weights,))


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "unsupported operator": (
        lambda: model(node("Tanh", ["x"], ["y"], name="t")),
        r"node 't' \(Tanh\): the operator Tanh is not a continuous piecewise linear function",
    ),
    "unnamed unsupported": (lambda: model(node("Loop", ["x"], ["y"])), r"node Loop giving 'y': the operator is not"),
    "foreign domain": (lambda: model(node("Relu", ["x"], ["y"], domain="com.acme")), "domain 'com.acme'"),
    "unknown attribute": (lambda: model(node("Add", ["x", "x"], ["y"], broadcast=1)), "attribute 'broadcast'"),
    "attribute of wrong type": (lambda: model(node("LeakyRelu", ["x"], ["y"], alpha=1)), "'alpha' must be a finite"),
    "integer attribute": (lambda: model(node("Flatten", ["x"], ["y"], axis=0.5)), "'axis' must be an integer"),
    "nan weight": (lambda: product(array("W", [[1, 2], [3, np.nan]])), r"'mm' .* tensor 'W' is nan at \[1, 1\]"),
    "infinite weight": (lambda: product(array("W", [[-np.inf, 2], [3, 4]])), r"tensor 'W' is -inf at \[0, 0\]"),
    "nan clip": (
        lambda: model(node("Clip", ["x", "lo"], ["y"], name="c"), constants=(array("lo", np.nan),)),
        "'c' .* min is NaN",
    ),
    "clip bounds crossed": (
        lambda: model(node("Clip", ["x", "a", "b"], ["y"]), constants=(array("a", 1), array("b", 0))),
        "lower bound 1 of a clip exceeds",
    ),
    "clip bound of wrong shape": (
        lambda: model(node("Clip", ["x", "a"], ["y"]), constants=(array("a", [1, 2]),)),
        r"min must be one number; it has shape \[2\]",
    ),
    "clip bound computed": (lambda: model(node("Clip", ["x", "x"], ["y"])), "min must be a constant"),
    "wrong shape of a product": (
        lambda: product(array("W", [[1, 2, 3]])),
        r"node 'mm' \(MatMul\): the shapes \[1, 2\] and \[1, 3\] do not fit a matrix product",
    ),
    "wrong shape of a sum": (
        lambda: model(node("Add", ["x", "c"], ["y"]), constants=(array("c", [1, 2, 3]),)),
        r"\[1, 2\], \[3\] cannot be broadcast",
    ),
    "gemm of a vector": (
        lambda: model(node("Gemm", ["x", "W"], ["y"]), constants=(array("W", [1, 2]),)),
        r"operand 1 has shape \[2\]; a matrix",
    ),
    "gemm addend too large": (
        lambda: model(node("Gemm", ["x", "W", "c"], ["y"]), constants=(W, array("c", [[1, 2], [3, 4]]))),
        r"operand 2 has shape \[2, 2\], which does not fit \[1, 2\]",
    ),
    "product of branches": (lambda: model(node("Mul", ["x", "x"], ["y"])), "not piecewise linear"),
    "matrix product of branches": (lambda: model(node("MatMul", ["x", "x"], ["y"]), shape=(2, 2)), "not piecewise"),
    "division by zero": (
        lambda: model(node("Div", ["x", "c"], ["y"]), constants=(array("c", [0.0]),)),
        "divisor is zero",
    ),
    "division by a branch": (lambda: model(node("Div", ["x", "x"], ["y"])), "only by a constant"),
    "reshape": (
        lambda: model(node("Reshape", ["x", "s"], ["y"]), constants=(array("s", [3], "int64"),)),
        r"cannot reshape \[1, 2\] to \[3\]",
    ),
    "reshape by fractions": (
        lambda: model(node("Reshape", ["x", "s"], ["y"]), constants=(array("s", [0.5]),)),
        "shape must be integers",
    ),
    "reshape by a branch": (lambda: model(node("Reshape", ["x", "x"], ["y"])), "shape depends on the network's input"),
    "reshape to nothing": (lambda: model(node("Reshape", ["x"], ["y"])), "new shape is missing"),
    "flatten": (lambda: model(node("Flatten", ["x"], ["y"], axis=3)), "axis 3 is out of range"),
    "attribute that is no list": (lambda: model(node("Transpose", ["x"], ["y"], perm=[0.5])), "'perm' must be a list"),
    "clip by text": (lambda: model(node("Clip", ["x"], ["y"], min="a")), "'min' must be a float"),
    "transpose": (lambda: model(node("Transpose", ["x"], ["y"], perm=[0, 0])), r"perm \[0, 0\]"),
    "squeeze": (
        lambda: model(node("Squeeze", ["x", "a"], ["y"]), constants=(array("a", [1], "int64"),)),
        "must have length 1",
    ),
    "unsqueeze": (
        lambda: model(node("Unsqueeze", ["x", "a"], ["y"]), constants=(array("a", [7], "int64"),)),
        r"axes \[7\] do not fit",
    ),
    "unsqueeze without axes": (lambda: model(node("Unsqueeze", ["x"], ["y"])), "axes are missing"),
    "concat": (
        lambda: model(node("Concat", ["x", "c"], ["y"], axis=0), constants=(array("c", [1]),)),
        "cannot be joined along axis 0",
    ),
    "concat without axis": (lambda: model(node("Concat", ["x"], ["y"])), "'axis' is missing"),
    "concat of nothing": (lambda: model(node("Concat", [], ["y"], axis=0)), "at least one operand"),
    "slice": (lambda: model(node("Slice", ["x"], ["y"])), "starts or ends are missing"),
    "gather": (
        lambda: model(node("Gather", ["x", "i"], ["y"], axis=1), constants=(array("i", [2], "int64"),)),
        r"indices \[2\] do not fit axis 1",
    ),
    "missing operand": (lambda: model(node("Add", ["x"], ["y"])), "operand 1 is missing"),
    "omitted operand": (lambda: model(node("Add", ["", "x"], ["y"])), "operand 0 is missing"),
    "unknown tensor": (lambda: model(node("Add", ["x", "z"], ["y"], name="a")), "'a' .* nothing before gives .* 'z'"),
    "output never given": (lambda: model(node("Relu", ["x"], ["z"])), "nothing before gives the tensor 'y'"),
    "given twice": (lambda: model(RELU, RELU), "tensor 'y' is given twice"),
    "no output of a node": (lambda: model(node("Relu", ["x"], [])), "has no output"),
    "two outputs of a node": (lambda: model(node("Relu", ["x"], ["y", "z"])), "there are 2 outputs"),
    "dropout in training": (
        lambda: model(node("Dropout", ["x", "", "t"], ["y"]), constants=(array("t", True, "bool"),)),
        "training mode",
    ),
    "dropout with a ratio in training": (
        lambda: model(node("Dropout", ["x", "r", "t"], ["y"]), constants=(array("t", True, "bool"), array("r", 0.25))),
        r"training mode with ratio 0.25 is random; .* ratio 0\)",
    ),
    "dropout before version 7": (
        lambda: changed_version(model(node("Dropout", ["x"], ["y"])), 6),
        "training mode with ratio 0.5",
    ),
    "pad": (
        lambda: model(node("Pad", ["x", "p"], ["y"]), constants=(array("p", [1], "int64"),)),
        r"pads \[1\] do not fit 2 axes",
    ),
    "pad mode": (lambda: model(node("Pad", ["x"], ["y"], mode="mirror", pads=[0] * 4)), "mode 'mirror'"),
    "pad by half the memory": (
        lambda: model(node("Pad", ["x"], ["y"], pads=[0, 0, 0, 2**50])),
        "is too large for exact arithmetic",
    ),
    "pad of nothing": (lambda: model(node("Pad", ["x"], ["y"], mode="edge", pads=[0, -2, 0, 1])), "nothing is left"),
    "split": (
        lambda: model(node("Split", ["x", "n"], ["y", "z"], axis=1), constants=(array("n", [1, 2], "int64"),)),
        r"2 parts of lengths \[1, 2\] do not fit 2 entries along axis 1",
    ),
    "expand": (
        lambda: model(node("Expand", ["x", "s"], ["y"]), constants=(array("s", [3, 3], "int64"),)),
        r"\[1, 2\] cannot be expanded to \[3, 3\]",
    ),
    "expand to much": (
        lambda: model(node("Expand", ["x", "s"], ["y"]), constants=(array("s", [2**40, 2], "int64"),)),
        "is too large for exact arithmetic",
    ),
    "reduce": (lambda: model(node("ReduceMax", ["x"], ["y"], axes=[2])), r"axes \[2\] do not fit a tensor with 2"),
    "cast of the input": (lambda: model(node("Cast", ["x"], ["y"], to=7)), "to an integer type is not continuous"),
    "cast that rounds": (
        lambda: model(
            node("Cast", ["c"], ["d"], to=1), node("Add", ["x", "d"], ["y"]), constants=(array("c", 0.1, "float64"),)
        ),
        "is no float32, and nothing is rounded",
    ),
    "cast out of range": (
        lambda: model(node("Cast", ["c"], ["y"], to=3), constants=(array("c", 200.5),)),
        "beyond the range of int8",
    ),
    "cast to text": (lambda: model(node("Cast", ["c"], ["y"], to=8), constants=(array("c", 1),)), "element type 8"),
    "shape that is none": (
        lambda: model(node("ConstantOfShape", ["s"], ["y"]), constants=(array("s", [-1], "int64"),)),
        r"\[-1\] is no shape",
    ),
    "huge constant": (
        lambda: model(node("ConstantOfShape", ["s"], ["y"]), constants=(array("s", [2**40], "int64"),)),
        "is too large",
    ),
    "slopes": (
        lambda: model(node("PRelu", ["x", "s"], ["y"]), constants=(array("s", [[1, 2], [3, 4]]),)),
        r"slopes of shape \[2, 2\] do not fit a value of shape \[1, 2\]",
    ),
    "slopes that move": (lambda: model(node("PRelu", ["x", "x"], ["y"])), "slope depends on the network's input"),
    "normalisation without a reading": (
        lambda: normalisation([1, 1]),
        r"'bn' \(BatchNormalization\): the factor .* is irrational.*batch_normalisation=",
    ),
    "normalisation by too few": (lambda: normalisation([1]), "must have 2 entries, one a channel"),
    "negative variance": (lambda: normalisation([-1, 1]), "variance \\+ epsilon is .*; a positive number is needed"),
    "normalisation in training": (lambda: normalisation([1, 1], training_mode=1), "in training mode depends on other"),
    "empty graph": (lambda: model(), "the graph has no node"),
    "an input twice": (
        lambda: changed(model(RELU), lambda g: g.input.append(info("x", 1))),
        r"inputs \['x', 'x'\] have the same name",
    ),
    "no input": (lambda: changed(model(RELU), lambda g: g.ClearField("input")), "0 inputs"),
    "no output": (lambda: changed(model(RELU), lambda g: g.ClearField("output")), "the graph has no output"),
    "no shape": (lambda: changed(model(RELU), lambda g: g.input[0].ClearField("type")), "input 'x' has no shape"),
    "unknown length": (lambda: model(RELU, shape=(1, "n")), "no fixed size along axis 1"),
    "huge input": (lambda: model(RELU, shape=(1, 2**40)), "which is too large"),
    "huge product": (
        lambda: model(node("MatMul", ["x", "W"], ["y"]), constants=(array("W", np.ones((2, 4))),), shape=(520_000, 2)),
        "2080000 rows and 1040000 columns is too large",
    ),
    "product of many terms": (
        lambda: model(
            node("Expand", ["c", "s"], ["W"]),
            node("MatMul", ["x", "W"], ["y"]),
            constants=(array("c", [1.0]), array("s", [128, 8192], "int64")),
            shape=(128, 128),
        ),
        r"a product to shape \[128, 8192\] has too many terms",
    ),
    "wide activation": (lambda: model(RELU, shape=(1, 2**20 + 1)), "which is too large"),
    "external data": (lambda: changed(product(W), external), "initialiser 'W' is stored outside the file"),
    "element type": (
        lambda: changed(product(W), lambda g: setattr(g.initializer[0], "data_type", TensorProto.STRING)),
        "'W' has element type 8",
    ),
    "too few bytes": (
        lambda: changed(product(W), lambda g: setattr(g.initializer[0], "raw_data", b"\0" * 12)),
        "initialiser 'W' is damaged",
    ),
    "initialiser twice": (lambda: changed(product(W), lambda g: g.initializer.append(W)), "'W' occurs twice"),
    "sparse": (lambda: changed(model(RELU), lambda g: g.sparse_initializer.add()), "sparse initialisers"),
    "constant without value": (lambda: model(node("Constant", [], ["y"])), "exactly one value"),
    "constant of text": (lambda: model(node("Constant", [], ["y"], value_string="a")), "'value_string' is not"),
}


@pytest.mark.parametrize("case", BAD)
def test_one_clear_error(case: str) -> None:
    """Every defect is a FormatError that begins with the file's name and says what is wrong where."""
    build, message = BAD[case]
    with pytest.raises(FormatError, match="^net.onnx: .*" + message):
        read_onnx(build().SerializeToString(), source="net.onnx")


def test_no_network_at_all() -> None:
    """Text, noise and an empty file are no ONNX files."""
    with pytest.raises(FormatError, match="not an ONNX file"):
        read_onnx(b"this is no network")
    with pytest.raises(FormatError, match="the graph has no node"):
        read_onnx(b"")


def test_every_truncation_is_refused_or_harmless() -> None:
    """Cut anywhere, the file is a FormatError, unless what is cut off is not needed for the network."""
    data = product(W).SerializeToString()
    whole = read_onnx(data)
    refused = 0
    for length in range(len(data)):
        try:
            assert read_onnx(data[:length]) == whole
        except FormatError:
            refused += 1
    assert refused > 0.9 * len(data) - 20


def test_random_damage_raises_nothing_else() -> None:
    """Changed bytes give another network or a FormatError, never another exception."""
    chance = random.Random(3)
    for data in (product(W).SerializeToString(), picture().SerializeToString()):
        for _ in range(1000):
            damaged = bytearray(data)
            for _ in range(chance.randint(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            try:
                read_onnx(bytes(damaged), batch_normalisation="float32")
            except FormatError:
                continue


def picture() -> Any:
    """A graph with a window operator of every kind."""
    return model(
        node("Conv", ["x", "W"], ["c"], pads=[1, 0], strides=[1]),
        node("BatchNormalization", ["c", "s", "s", "s", "s"], ["n"]),
        node("MaxPool", ["n"], ["m"], kernel_shape=[2], ceil_mode=1),
        node("AveragePool", ["m"], ["a"], kernel_shape=[2], auto_pad="SAME_UPPER"),
        node("Pad", ["a"], ["p"], pads=[0, 0, 1, 0, 0, 1]),
        node("ReduceMax", ["p"], ["y"], axes=[1]),
        constants=(array("W", [[[1, 2]], [[3, -4]]]), array("s", [1, 2])),
        shape=(1, 1, 4),
    )


def test_operators_that_are_not_piecewise_linear_have_their_own_error() -> None:
    """Sigmoid, tanh and products of branches are told apart from what is merely unsupported."""
    for one in (node("Sigmoid", ["x"], ["y"]), node("Mul", ["x", "x"], ["y"]), node("Cast", ["x"], ["y"], to=6)):
        with pytest.raises(NotPiecewiseLinearError, match=one.op_type):
            read_onnx(model(one).SerializeToString())
    with pytest.raises(FormatError) as caught:
        read_onnx(model(node("Loop", ["x"], ["y"])).SerializeToString())
    assert not isinstance(caught.value, NotPiecewiseLinearError)


def test_truncated_shared_file(shared_data: Path, tmp_path: Path) -> None:
    """Half of a real file is refused with its path."""
    data = (shared_data / "benchmarks/vnncomp2022/test/test_sat.onnx").read_bytes()
    (tmp_path / "half.onnx").write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError, match=r"half\.onnx: not an ONNX file, or a truncated one"):
        load_network(tmp_path / "half.onnx")


def test_onnx_is_imported_late() -> None:
    """Reading JSON does not pay for importing onnx."""
    code = "import sys, exactrelu.io.files; print('onnx' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
