"""The checker's own ONNX reader: real files against onnxruntime, every accepted form, and what is refused.

The bound for the comparison with float32: let u = 2**-24 and g(n) = (n + 2) u / (1 - (n + 2) u).  `float32_error`
walks the graph with the value h and an error bound e of every tensor.  A product with a constant matrix W of inner
length n, summed in any order, has the error |W| e + g(n) |W| (|h| + e); a sum v = h + b with a constant has
e + u (|v| + e); rectifiers do not increase it.  (Source: Higham, Accuracy and Stability of Numerical Algorithms,
section 3.1.)  The walk itself uses doubles; the bound is scaled up by one part in a million for their rounding.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import pytest

from exactrelu.checker.certificate import read_network
from exactrelu.checker.network import Network
from exactrelu.checker.reading import Unreadable

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
helper, numpy_helper = onnx.helper, onnx.numpy_helper

U = 2.0**-24
FOLDERS = ["vnncomp2022/" + name for name in ("test", "acasxu", "rl", "reach_prob", "tllverify")] + ["acc/onnx"]


def evaluate(network: Network, point: list[Fraction]) -> list[Fraction]:
    """The exact output, by integers over one denominator."""
    denominator = prod(value.denominator for value in point)
    values = [int(value * denominator) for value in point]
    for layer in network.layers:
        values = [
            sum(w * v for w, v in zip(row, values, strict=True) if w and v) + b * denominator
            for row, b in zip(layer.weights, layer.bias, strict=True)
        ]
        denominator *= layer.denominator
        if layer.slopes:
            values = [v * (a if v < 0 else b) for v, (a, b) in zip(values, layer.slopes, strict=True)]
            denominator *= layer.slope_denominator
    return [Fraction(v, denominator) for v in values]


def float32_error(model: Any, point: Any) -> Any:
    """Bound of the error of every output entry under float32 arithmetic in any order of summation."""
    constants = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in model.graph.initializer}
    name = next(i.name for i in model.graph.input if i.name not in constants)
    tensors = {name: (point.astype(np.float64), np.zeros(point.shape))}

    def product(left: Any, right: Any) -> tuple[Any, Any]:
        forward = isinstance(left, tuple)
        (value, e), matrix = (left, right) if forward else (right, left)
        n = matrix.shape[0 if forward else -1]
        g = (n + 2) * U / (1 - (n + 2) * U)
        result = value @ matrix if forward else matrix @ value
        inside, size = e + g * (abs(value) + e), abs(matrix)
        return result, inside @ size if forward else size @ inside

    def add(operand: tuple[Any, Any], constant: Any) -> tuple[Any, Any]:
        value, e = operand
        return value + constant, e + U * (abs(value + constant) + e)

    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        operands = [tensors.get(i, constants.get(i)) for i in node.input]
        if node.op_type == "Relu":
            result = np.maximum(operands[0][0], 0), operands[0][1]
        elif node.op_type == "Flatten":
            result = tuple(a.reshape(1, -1) for a in operands[0])
        elif node.op_type == "MatMul":
            result = product(*operands)
        elif node.op_type == "Gemm":
            assert attributes.get("alpha", 1.0) == attributes.get("beta", 1.0) == 1.0
            assert not attributes.get("transA", 0)
            weights = operands[1].T if attributes.get("transB", 0) else operands[1]
            result = add(product(operands[0], weights), operands[2])
        else:
            constant_on_right = isinstance(operands[0], tuple)
            value, constant = operands if constant_on_right else operands[::-1]
            assert node.op_type == "Add" or (node.op_type == "Sub" and constant_on_right)
            result = add(value, -constant if node.op_type == "Sub" else constant)
        tensors[node.output[0]] = result
    return tensors[model.graph.output[0].name][1].ravel() * (1 + 1e-6)


def true_input(model: Any) -> tuple[str, list[int]]:
    """Name and shape of the one true input, symbolic sizes as 1."""
    constants = {t.name for t in model.graph.initializer}
    value = next(i for i in model.graph.input if i.name not in constants)
    return value.name, [max(d.dim_value, 1) for d in value.type.tensor_type.shape.dim]


def run(model: Any, point: Any) -> list[float]:
    """The output of onnxruntime, flat."""
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [float(v) for v in session.run(None, {true_input(model)[0]: point})[0].ravel()]


def random_point(model: Any, rng: random.Random) -> Any:
    """Multiples of 2**-10 between -4 and 4: exact in float32."""
    shape = true_input(model)[1]
    return np.array([rng.randint(-4096, 4096) / 1024 for _ in range(prod(shape))], np.float32).reshape(shape)


@pytest.mark.parametrize("folder", FOLDERS)
def test_real_files_agree_with_onnxruntime(shared_data: Path, folder: str) -> None:
    """The exact value lies within the float32 error bound of onnxruntime's output, and is much nearer as a rule."""
    files = sorted((shared_data / "benchmarks" / folder).glob("*.onnx"))
    if not files:
        pytest.skip(f"no ONNX files in {folder} of the data folder")
    rng = random.Random(folder)
    for file in files:
        network, model = read_network(file.read_bytes()), onnx.load(file)
        for _ in range(3):
            point = random_point(model, rng)
            exact = evaluate(network, [Fraction(float(x)) for x in point.ravel()])
            bound = float32_error(model, point)
            outputs = run(model, point)
            assert len(exact) == len(outputs) == len(bound)
            for value, output, error in zip(exact, outputs, bound, strict=True):
                assert abs(value - Fraction(output)) <= Fraction(float(error)), file.name
                assert abs(float(value) - output) < 1e-4 * max(1, *map(abs, outputs)), file.name


def test_real_files_have_the_expected_layers(shared_data: Path) -> None:
    """Consecutive affine operators are one layer; a final rectifier is followed by an identity layer."""
    folder = shared_data / "benchmarks"
    expected = {
        "vnncomp2022/test/test_nano.onnx": (1, 1, [1, 1]),
        "vnncomp2022/test/test_small.onnx": (1, 4, [2, 2, 1]),
        "vnncomp2022/acasxu/ACASXU_run2a_1_1_batch_2000.onnx": (5, 300, [50] * 6 + [5]),
        "vnncomp2022/tllverify/tllBench_n=2_N=M=8_m=1_instance_0_0.onnx": (2, 252, [128, 64, 32, 16, 8, 4, 1]),
        "acc/onnx/acc-2000000-64-64-64-64-retrain-100000-200000-0.9.onnx": (2, 260, [64] * 4 + [4, 1]),
    }
    present = {name: shape for name, shape in expected.items() if (folder / name).is_file()}
    if not present:
        pytest.skip("no benchmark files in the data folder")
    for name, shape in present.items():
        network = read_network((folder / name).read_bytes())
        assert (network.inputs, network.units, [len(layer.bias) for layer in network.layers]) == shape


def graph(nodes: list[Any], constants: dict[str, Any], shape: list[Any], out: str = "y", raw: bool = True) -> Any:
    """A model with one input x."""
    initialisers = []
    for name, value in constants.items():
        array = np.asarray(value)
        if raw:
            initialisers.append(numpy_helper.from_array(array, name))
        else:
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            initialisers.append(helper.make_tensor(name, kind, array.shape, array.ravel().tolist()))
    element = onnx.TensorProto.FLOAT
    for value in constants.values():
        element = onnx.TensorProto.DOUBLE if np.asarray(value).dtype == np.float64 else element
    inputs = [helper.make_tensor_value_info("x", element, shape)]
    outputs = [helper.make_tensor_value_info(out, element, None)]
    made = helper.make_graph(nodes, "g", inputs, outputs, initialisers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def f32(*shape: int, seed: int = 0) -> Any:
    """Small dyadic float32 entries, so that float32 arithmetic on them is exact."""
    rng = random.Random(str((shape, seed)))
    return np.array([rng.randint(-8, 8) / 4 for _ in range(prod(shape))], np.float32).reshape(shape)


def node(operator: str, *names: str, **attributes: Any) -> Any:
    """A node; the last name is its output."""
    return helper.make_node(operator, list(names[:-1]), [names[-1]], **attributes)


ACCEPTED: dict[str, tuple[list[Any], dict[str, Any], list[Any]]] = {
    "matmul right": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 2)}, [1, 3]),
    "matmul right, flat": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 2)}, [3]),
    "matmul right, batch symbolic": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 2)}, ["N", 3]),
    "matmul right, ranks": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 2)}, [1, 1, 3]),
    "matmul left, flat": ([node("MatMul", "W", "x", "y")], {"W": f32(2, 3)}, [3]),
    "matmul left, column": ([node("MatMul", "W", "x", "y")], {"W": f32(2, 3)}, [3, 1]),
    "matmul left, ranks": ([node("MatMul", "W", "x", "y")], {"W": f32(2, 3)}, [1, 3, 1]),
    "double": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 2).astype(np.float64) / 3}, [1, 3]),
    "add right": ([node("Add", "x", "b", "y")], {"b": f32(3)}, [1, 3]),
    "add left, more ranks": ([node("Add", "b", "x", "y")], {"b": f32(1, 1, 3)}, [1, 3]),
    "add scalar": ([node("Add", "x", "b", "y")], {"b": f32()}, [1, 3]),
    "add partly spread": ([node("Add", "x", "b", "y")], {"b": f32(2, 1)}, [1, 2, 3]),
    "add spread over rows": ([node("Add", "x", "b", "y")], {"b": f32(3)}, [2, 3]),
    "sub right": ([node("Sub", "x", "b", "y")], {"b": f32(3)}, [1, 3]),
    "sub left": ([node("Sub", "b", "x", "y")], {"b": f32(3)}, [1, 3]),
    "gemm": ([node("Gemm", "x", "W", "b", "y")], {"W": f32(3, 2), "b": f32(2)}, [1, 3]),
    "gemm no bias": ([node("Gemm", "x", "W", "y", alpha=0.5)], {"W": f32(3, 2)}, [1, 3]),
    "gemm transB": (
        [node("Gemm", "x", "W", "b", "y", transB=1, alpha=0.5, beta=-2.0)],
        {"W": f32(2, 3), "b": f32(1, 2)},
        [1, 3],
    ),
    "gemm transA": ([node("Gemm", "x", "W", "b", "y", transA=1)], {"W": f32(3, 2), "b": f32(1)}, [3, 1]),
    "gemm left": ([node("Gemm", "W", "x", "b", "y", beta=0.25)], {"W": f32(2, 3), "b": f32(2, 1)}, [3, 1]),
    "gemm left transA": ([node("Gemm", "W", "x", "y", transA=1)], {"W": f32(3, 2)}, [3, 1]),
    "gemm left transB": ([node("Gemm", "W", "x", "y", transB=1)], {"W": f32(2, 3)}, [1, 3]),
    "gemm both transposed": ([node("Gemm", "W", "x", "y", transA=1, transB=1)], {"W": f32(3, 2)}, [1, 3]),
    "gemm, optional operand unnamed": ([node("Gemm", "x", "W", "", "y")], {"W": f32(3, 2)}, [1, 3]),
    "flatten": (
        [node("Flatten", "x", "a"), node("MatMul", "a", "W", "y")],
        {"W": f32(6, 2)},
        [1, 2, 3],
    ),
    "flatten axis": ([node("Flatten", "x", "a", axis=-1), node("MatMul", "a", "W", "y")], {"W": f32(3, 2)}, [1, 1, 3]),
    "reshape": (
        [node("Reshape", "x", "s", "a"), node("MatMul", "a", "W", "y")],
        {"s": np.array([0, -1]), "W": f32(6, 2)},
        [1, 2, 3],
    ),
    "identity": ([node("Identity", "x", "a"), node("Relu", "a", "y")], {}, [2]),
    "identity of a constant": ([node("Identity", "b", "c"), node("Add", "x", "c", "y")], {"b": f32(3)}, [1, 3]),
    "constant": (
        [node("Constant", "c", value=numpy_helper.from_array(f32(3))), node("Add", "x", "c", "y")],
        {},
        [1, 3],
    ),
    "layers": (
        [
            node("Sub", "x", "m", "a"),
            node("MatMul", "a", "W", "b"),
            node("Add", "b", "v", "c"),
            node("Relu", "c", "d"),
            node("Relu", "d", "e"),
            node("MatMul", "e", "V", "f"),
            node("Sub", "v", "f", "g"),
            node("Relu", "g", "y"),
        ],
        {"m": f32(3), "W": f32(3, 2), "v": f32(2), "V": f32(2, 2)},
        [1, 3],
    ),
    "mul right": ([node("Mul", "x", "b", "y")], {"b": f32(3)}, [1, 3]),
    "mul left, spread": ([node("Mul", "b", "x", "y")], {"b": f32(2, 1)}, [1, 2, 3]),
    "div": ([node("Div", "x", "b", "y")], {"b": np.array([2, -0.5, 4], np.float32)}, [1, 3]),
    "abs": ([node("Abs", "x", "y")], {}, [1, 3]),
    "leaky": ([node("LeakyRelu", "x", "y", alpha=0.25)], {}, [1, 3]),
    "leaky without a bend": ([node("LeakyRelu", "x", "y", alpha=1.0)], {}, [1, 3]),
    "transpose": ([node("Transpose", "x", "a", perm=[0, 2, 1]), node("Flatten", "a", "y")], {}, [1, 2, 3]),
    "transpose, default": ([node("Transpose", "x", "y")], {}, [2, 3]),
    "transpose of a constant": (
        [node("Transpose", "W", "V"), node("MatMul", "x", "V", "y")],
        {"W": f32(2, 3)},
        [1, 3],
    ),
    "cast of a shape": (
        [node("Cast", "s", "t", to=7), node("Reshape", "x", "t", "y")],
        {"s": np.array([-1, 2], np.int32)},
        [1, 2, 3],
    ),
    "squeeze": ([node("Squeeze", "x", "a", "y")], {"a": np.array([-1])}, [1, 3, 1]),
    "squeeze all": ([node("Squeeze", "x", "y")], {}, [1, 3, 1]),
    "unsqueeze": ([node("Unsqueeze", "x", "a", "y")], {"a": np.array([0, -1])}, [1, 3]),
    "dropout": ([node("Dropout", "x", "a"), node("Relu", "a", "y")], {}, [1, 3]),
    "dropout with a ratio": ([node("Dropout", "x", "r", "y")], {"r": np.array(0.5, np.float32)}, [1, 3]),
    "convolution": (
        [node("Conv", "x", "W", "b", "y", pads=[1, 0], strides=[2])],
        {"W": f32(2, 1, 3), "b": f32(2)},
        [1, 1, 5],
    ),
    "maximum": ([node("MaxPool", "x", "y", kernel_shape=[3], ceil_mode=1, strides=[2])], {}, [1, 2, 6]),
    "average": ([node("AveragePool", "x", "y", kernel_shape=[2, 2])], {}, [1, 1, 3, 4]),
    "global average": ([node("GlobalAveragePool", "x", "y")], {}, [1, 2, 2, 2]),
    "clip": ([node("Clip", "x", "a", "b", "y")], {"a": np.float32(-0.5), "b": np.float32(1)}, [1, 3]),
    "clip below": ([node("Clip", "x", "a", "y")], {"a": np.float32(0.25)}, [1, 3]),
    "clip at the end of the floats": (
        [node("Clip", "x", "a", "b", "y")],
        {"a": np.float32(0), "b": np.finfo(np.float32).max},
        [1, 3],
    ),
    "relu first": ([node("Relu", "x", "a"), node("MatMul", "a", "W", "y")], {"W": f32(3, 2)}, [1, 3]),
}


@pytest.mark.parametrize("name", list(ACCEPTED))
@pytest.mark.parametrize("raw", [True, False])
def test_every_accepted_form(name: str, raw: bool) -> None:
    """On dyadic numbers small enough for exact float arithmetic the layers equal onnxruntime's output exactly."""
    nodes, constants, shape = ACCEPTED[name]
    model = graph(nodes, constants, shape, raw=raw)
    network, rng = read_network(model.SerializeToString()), random.Random(name)
    for _ in range(3):
        point = np.array([rng.randint(-8, 8) / 4 for _ in range(network.inputs)], np.float32)
        point = point.reshape([d if isinstance(d, int) else 1 for d in shape])
        values = [Fraction(float(x)) for x in point.ravel()]
        if name == "double":
            exact = [float(v) for v in evaluate(network, values)]
            assert exact == pytest.approx(run(model, point.astype(np.float64)), rel=1e-14)
        else:
            assert evaluate(network, values) == [Fraction(v) for v in run(model, point)]


def test_weights_listed_among_the_inputs() -> None:
    """Old files repeat initialisers in graph.input; the true input is the one that has no initialiser."""
    model = graph([node("MatMul", "x", "W", "y")], {"W": f32(3, 2)}, [1, 3])
    model.graph.input.insert(0, helper.make_tensor_value_info("W", onnx.TensorProto.FLOAT, [3, 2]))
    assert read_network(model.SerializeToString()).inputs == 3


def test_weights_mean_their_binary_value() -> None:
    """float32(0.1) is 13421773 / 2**27; the smallest denormal number is kept."""
    weights = np.array([[0.1], [2.0**-149]], np.float32)
    network = read_network(graph([node("MatMul", "x", "W", "y")], {"W": weights}, [1, 2]).SerializeToString())
    (layer,) = network.layers
    found = [Fraction(w, layer.denominator) for w in layer.weights[0]]
    assert found == [Fraction(13421773, 2**27), Fraction(1, 2**149)]


REFUSED: dict[str, tuple[list[Any], dict[str, Any], list[Any]]] = {
    "unknown operator": ([node("Sigmoid", "x", "y")], {}, [3]),
    "other domain": ([helper.make_node("Relu", ["x"], ["y"], domain="com.example")], {}, [3]),
    "branch": ([node("Relu", "x", "a"), node("Add", "a", "x", "y")], {}, [3]),
    "doubled": ([node("Add", "x", "x", "y")], {}, [3]),
    "unused end": ([node("Relu", "x", "y"), node("Relu", "y", "z")], {}, [3]),
    "two constants": ([node("Add", "b", "b", "y")], {"b": f32(3)}, [3]),
    "nothing": ([], {}, [3]),
    "unknown attribute": ([node("Relu", "x", "y", alpha=1.0)], {}, [3]),
    "broadcast upwards": ([node("Add", "x", "b", "y")], {"b": f32(3)}, [1]),
    "outer sum": ([node("Add", "x", "b", "y")], {"b": f32(3, 1)}, [3]),
    "shapes": ([node("Add", "x", "b", "y")], {"b": f32(2)}, [3]),
    "matmul shapes": ([node("MatMul", "x", "W", "y")], {"W": f32(2, 3)}, [1, 3]),
    "matmul of a batch": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 2)}, [2, 3]),
    "matmul of a stack": ([node("MatMul", "x", "W", "y")], {"W": f32(1, 3, 2)}, [1, 3]),
    "outer product": ([node("MatMul", "W", "x", "y")], {"W": f32(2, 1)}, [1, 3]),
    "gemm of a batch": ([node("Gemm", "x", "W", "y")], {"W": f32(3, 2)}, [2, 3]),
    "gemm of a vector": ([node("Gemm", "x", "W", "y")], {"W": f32(3, 2)}, [3]),
    "gemm bias": ([node("Gemm", "x", "W", "b", "y")], {"W": f32(3, 2), "b": f32(1, 1, 2)}, [1, 3]),
    "gemm alpha": ([node("Gemm", "x", "W", "y", alpha=float("nan"))], {"W": f32(3, 2)}, [1, 3]),
    "reshape": ([node("Reshape", "x", "s", "y")], {"s": np.array([2, 2])}, [3]),
    "reshape by floats": ([node("Reshape", "x", "s", "y")], {"s": f32(1) + np.float32(0.25)}, [3]),
    "flatten axis": ([node("Flatten", "x", "y", axis=4)], {}, [3]),
    "nan": ([node("Add", "x", "b", "y")], {"b": np.array([float("nan")], np.float32)}, [3]),
    "infinite": ([node("Add", "x", "b", "y")], {"b": np.array([float("inf")], np.float32)}, [3]),
    "half precision": ([node("Add", "x", "b", "y")], {"b": np.zeros(3, np.float16)}, [3]),
    "symbolic size": ([node("Relu", "x", "y")], {}, [1, "N"]),
    "symbolic vector": ([node("Relu", "x", "y")], {}, ["N"]),
    "mul by a branch": ([node("Mul", "x", "x", "y")], {}, [3]),
    "div by zero": ([node("Div", "x", "b", "y")], {"b": np.array([0, 1, 1], np.float32)}, [3]),
    "div of a constant": ([node("Div", "b", "x", "y")], {"b": f32(3)}, [3]),
    "transpose twice the same": ([node("Transpose", "x", "y", perm=[0, 0])], {}, [1, 3]),
    "cast of the value": ([node("Cast", "x", "y", to=7)], {}, [3]),
    "cast of a fraction": ([node("Cast", "b", "c", to=7), node("Add", "x", "c", "y")], {"b": f32(1) + 0.3}, [3]),
    "squeeze a long axis": ([node("Squeeze", "x", "a", "y")], {"a": np.array([1])}, [1, 3]),
    "unsqueeze twice": ([node("Unsqueeze", "x", "a", "y")], {"a": np.array([0, 0])}, [1, 3]),
    "unsqueeze nowhere": ([node("Unsqueeze", "x", "a", "y")], {"a": np.array([5])}, [1, 3]),
    "dropout in training": (
        [node("Dropout", "x", "r", "t", "y")],
        {"r": np.array(0.5, np.float32), "t": np.array([1])},
        [3],
    ),
    "mask of a dropout": (
        [helper.make_node("Dropout", ["x"], ["a", "m"]), node("Add", "a", "m", "y")],
        {},
        [3],
    ),
    "batch normalisation": (
        [node("BatchNormalization", "x", "s", "b", "m", "v", "y")],
        {name: f32(2) for name in "sbmv"},
        [1, 2, 3],
    ),
    "convolution channels": ([node("Conv", "x", "W", "y")], {"W": f32(2, 3, 2)}, [1, 2, 4]),
    "convolution of a matrix": ([node("Conv", "x", "W", "y")], {"W": f32(2, 2)}, [1, 2]),
    "convolution bias": ([node("Conv", "x", "W", "b", "y")], {"W": f32(2, 1, 2), "b": f32(3)}, [1, 1, 4]),
    "convolution too large": ([node("Conv", "x", "W", "y")], {"W": f32(1, 1, 5)}, [1, 1, 4]),
    "convolution pads": ([node("Conv", "x", "W", "y", pads=[1])], {"W": f32(1, 1, 2)}, [1, 1, 4]),
    "maximum of padding": ([node("MaxPool", "x", "y", kernel_shape=[1], pads=[1, 0])], {}, [1, 1, 4]),
    "maximum without kernel": ([node("MaxPool", "x", "y")], {}, [1, 1, 4]),
    "convolution padded by half the memory": (
        [node("Conv", "x", "W", "y", pads=[2**40, 0])],
        {"W": f32(1, 1, 2)},
        [1, 1, 4],
    ),
    "layer of a gigabyte": ([node("Relu", "x", "y")], {}, [1, 12000]),
    "maximum stride": ([node("MaxPool", "x", "y", kernel_shape=[1], strides=[0])], {}, [1, 1, 4]),
    "average upwards": ([node("AveragePool", "x", "y", kernel_shape=[2], ceil_mode=1)], {}, [1, 1, 4]),
    "clip above": ([node("Clip", "x", "", "b", "y")], {"b": np.float32(1)}, [3]),
    "clip crossed": ([node("Clip", "x", "a", "b", "y")], {"a": np.float32(2), "b": np.float32(1)}, [3]),
    "clip by several": ([node("Clip", "x", "a", "y")], {"a": f32(3)}, [3]),
    "clip of a constant": ([node("Clip", "a", "x", "y")], {"a": f32()}, [3]),
    "no columns": ([node("MatMul", "x", "W", "y")], {"W": f32(3, 0)}, [1, 3]),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_refused(name: str) -> None:
    """One sentence, which names the node where there is one."""
    nodes, constants, shape = REFUSED[name]
    with pytest.raises(Unreadable) as caught:
        read_network(graph(nodes, constants, shape).SerializeToString())
    assert "\n" not in str(caught.value)


def test_what_other_readers_might_see_differently_is_refused() -> None:
    """A second graph, functions, sparse or external or doubled data, repeated names: nothing is resolved silently."""
    plain = graph([node("Add", "x", "b", "y")], {"b": f32(3)}, [3])
    data = plain.SerializeToString()
    assert read_network(data).inputs == 3

    def refused(change: Any) -> None:
        model = onnx.ModelProto.FromString(data)
        change(model)
        with pytest.raises(Unreadable):
            read_network(model.SerializeToString())

    with pytest.raises(Unreadable):
        read_network(data + data)
    refused(lambda m: m.graph.initializer.append(m.graph.initializer[0]))
    refused(lambda m: m.graph.node.append(m.graph.node[0]))
    refused(lambda m: m.graph.output.append(m.graph.output[0]))
    refused(lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 1, [3])))
    refused(lambda m: m.graph.input.pop())
    refused(lambda m: m.graph.input[0].ClearField("type"))
    refused(lambda m: m.graph.sparse_initializer.add())
    refused(lambda m: m.functions.add())
    refused(lambda m: m.graph.initializer[0].float_data.append(1.0))
    refused(lambda m: setattr(m.graph.initializer[0], "data_location", 1))
    refused(lambda m: m.graph.initializer[0].dims.append(2))
    refused(lambda m: setattr(m.graph.initializer[0], "raw_data", b"123"))


def test_damaged_files_never_raise_anything_else() -> None:
    """Cut anywhere or with any byte changed, a file is read or refused."""
    rng = random.Random(3)
    for name in ("layers", "convolution", "maximum"):
        nodes, constants, shape = ACCEPTED[name]
        data = graph(nodes, constants, shape).SerializeToString()
        refused = 0
        for end in range(len(data)):
            damaged = bytearray(data)
            damaged[end] = rng.randrange(256)
            for candidate in (data[:end], bytes(damaged)):
                try:
                    read_network(candidate)
                except Unreadable:
                    refused += 1
        assert refused > len(data)
