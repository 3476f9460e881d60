"""ONNX networks by value: equal to a second exact evaluation, and within a proven float32 bound of onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactrelu.checker.onnx_chain import read_onnx_chain
from exactrelu.checker.reading import Unreadable
from exactrelu.errors import FormatError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.files import load_network
from exactrelu.io.onnx_format import onnx_signature, read_onnx
from exactrelu.io.onnx_operators import NOT_PIECEWISE_LINEAR, OPERATORS
from exactrelu.networks.affine import AffineMap

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")

from onnx import TensorProto, defs, helper, numpy_helper  # noqa: E402

from tests.io.onnx_models import (  # noqa: E402
    assert_agreement,
    assert_same_layers,
    float32_points,
    in_order,
    integers,
    model_of,
    run_float32,
    scalar,
    weights,
)
from tests.io.onnx_reference import evaluate  # noqa: E402

FOLDERS = ("test", "acasxu", "rl", "reach_prob", "tllverify")
FILES = [
    "acc/onnx/acc-2000000-64-64-64-64-retrain-100000-200000-0.9.onnx",
    *(f"vnncomp2022/acasxu/ACASXU_run2a_{k}_batch_2000.onnx" for k in ("1_1", "1_6", "1_7", "5_3")),
    *(f"vnncomp2022/reach_prob/{name}.onnx" for name in ("gcas", "vdp")),
    *(f"vnncomp2022/rl/{name}.onnx" for name in ("cartpole", "lunarlander")),
    *(f"vnncomp2022/test/test_{name}.onnx" for name in ("nano", "sat", "small", "tiny", "unsat")),
    "vnncomp2022/tllverify/tllBench_n=2_N=M=16_m=1_instance_1_0.onnx",
    *(f"vnncomp2022/tllverify/tllBench_n=2_N=M=8_m=1_instance_0_{k}.onnx" for k in (0, 1)),
]
CHAINS = [
    "vnncomp2022/collins_rul/NN_rul_small_window_20.onnx",
    *(f"marabou/{n}.onnx" for n in ("KJ_TinyTaxiNet", "cnn_max_mninst2", "conv_mp1", "mnist5x20_leaky_relu")),
    *(f"marabou/{n}.onnx" for n in ("traffic-classifier64", "layer-zoo/maxpool", "layer-zoo/leakyRelu")),
]


@pytest.mark.parametrize("file", FILES)
def test_shared_files(file: str, shared_data: Path) -> None:
    """Every file of the suite: exact agreement with the second evaluation, float32 agreement with the runtime."""
    path = shared_data / "benchmarks" / file
    network = load_network(path)
    count = 1 if "N=M=16" in file else 3
    assert_agreement(onnx.load(path), network, float32_points(network.n_inputs, count + 1, seed=7)[-count:])


def test_no_shared_file_is_forgotten(shared_data: Path) -> None:
    """The list above names every ONNX file of the five folders."""
    found = {
        str(path.relative_to(shared_data / "benchmarks"))
        for folder in FOLDERS
        for path in (shared_data / "benchmarks" / "vnncomp2022" / folder).glob("*.onnx")
    }
    assert found == {file for file in FILES if file.startswith("vnncomp2022")}


def test_files_of_another_collection(shared_data: Path) -> None:
    """Single operators and convolutional networks: each is refused with a FormatError or agrees as above."""
    agreed, refused = set(), {}
    for path in sorted((shared_data / "benchmarks" / "marabou").rglob("*.onnx")):
        try:
            network = load_network(path, batch_normalisation="float64")
        except FormatError as error:
            refused[path.stem] = str(error)
            continue
        model = onnx.load(path)
        in_order(model)
        assert_agreement(model, network, float32_points(network.n_inputs, 2, seed=1)[1:])
        agreed.add(path.stem)
    assert {"cnn_max_mninst2", "traffic-classifier64", "multiInput_add", "oneInput_twoBranches", "batchnorm"} <= agreed
    assert refused.keys() == {"sigmoid", "tanh", "dropout_training_mode_true"}
    assert "Sigmoid" in refused["sigmoid"]
    assert "Tanh" in refused["tanh"]
    assert "ratio 0.5" in refused["dropout_training_mode_true"]


def test_a_convolutional_network_with_four_hundred_inputs(shared_data: Path) -> None:
    """A network with 5500 units and a dropout: layers as in the file, agreement with the runtime."""
    path = shared_data / "benchmarks" / CHAINS[0]
    network = load_network(path)
    assert network.widths == (400, 1600, 2400, 800, 600, 100, 1)
    assert_agreement(onnx.load(path), network, float32_points(400, 2, seed=2)[1:])


def test_the_bound_is_sharp_enough_to_catch_a_wrong_weight(shared_data: Path) -> None:
    """A mutant with the weights of one output off by a thousandth leaves the bound on some input."""
    path = shared_data / "benchmarks" / "vnncomp2022/reach_prob/gcas.onnx"
    model, network = onnx.load(path), load_network(path)
    rows = [list(row) for row in network.output.augmented.to_fractions()]
    rows[0] = [entry * Fraction(1001, 1000) for entry in rows[0]]
    mutant = replace(network, output=AffineMap(RationalMatrix.from_rows(rows)), origins=())
    outside = []
    for point in float32_points(14, 3, seed=1):
        value = evaluate(model, point)
        outside.append(abs(mutant(point)[0] - Fraction(run_float32(model, point)[0])) > value.bound.ravel()[0])
    assert any(outside)


@pytest.mark.parametrize("file", [*FILES, *CHAINS])
def test_same_layers_as_the_checker(file: str, shared_data: Path) -> None:
    """The checker's own reader finds the same integers layer by layer, hence the same numbering of units."""
    path = shared_data / "benchmarks" / file
    assert_same_layers(path.read_bytes(), load_network(path))


# Small graphs, one or a few for each operator.


node = helper.make_node
W, B = weights("W", (3, 4), 0), weights("b", (4,), 1)
LINEAR = [node("MatMul", ["x", "W"], ["m"]), node("Add", ["m", "b"], ["h"])]
GRAPHS: dict[str, Callable[[], Any]] = {
    "residual block": lambda: model_of(
        [
            *LINEAR,
            node("Relu", ["h"], ["r"]),
            node("MatMul", ["r", "V"], ["v"]),
            node("Add", ["x", "v"], ["s"]),
            node("Relu", ["s"], ["t"]),
            node("Sub", ["t", "x"], ["y"]),
        ],
        [W, B, weights("V", (4, 3), 2)],
    ),
    "concat": lambda: model_of(
        [*LINEAR, node("Relu", ["h"], ["r"]), node("Concat", ["x", "r", "h"], ["y"], axis=1)], [W, B]
    ),
    "concat of axes": lambda: model_of(
        [node("Relu", ["x"], ["r"]), node("Concat", ["x", "r"], ["y"], axis=-1)], [], (2, 3)
    ),
    "maxout": lambda: model_of(
        [*LINEAR, node("Neg", ["h"], ["n"]), node("Max", ["h", "n", "c"], ["y"])], [W, B, weights("c", (4,), 3)]
    ),
    "min of branches": lambda: model_of(
        [*LINEAR, node("Relu", ["h"], ["r"]), node("Min", ["b", "r", "h"], ["y"])], [W, B]
    ),
    "max of one": lambda: model_of([node("Max", ["x"], ["y"])], []),
    "clip": lambda: model_of([node("Clip", ["x", "lo", "hi"], ["y"])], [scalar("lo", -0.25), scalar("hi", 0.3)]),
    "clip above": lambda: model_of([node("Clip", ["x", "", "hi"], ["y"])], [scalar("hi", 0.1)]),
    "clip with infinite bound": lambda: model_of(
        [node("Clip", ["x", "lo", "hi"], ["y"])], [scalar("lo", 0.0), scalar("hi", float("inf"))]
    ),
    "clip by attributes": lambda: model_of([node("Clip", ["x"], ["y"], min=-0.1, max=0.1)], [], opset=6),
    "leaky": lambda: model_of([node("LeakyRelu", ["x"], ["l"], alpha=0.2), node("LeakyRelu", ["l"], ["y"])], []),
    "abs and neg": lambda: model_of([node("Abs", ["x"], ["a"]), node("Neg", ["a"], ["y"])], []),
    "constant on the left": lambda: model_of(
        [node("MatMul", ["L", "x"], ["m"]), node("Relu", ["m"], ["y"])], [weights("L", (4, 3), 4)], (3,)
    ),
    "constant on the left of a matrix": lambda: model_of(
        [node("MatMul", ["L", "x"], ["y"])], [weights("L", (4, 3), 4)], (3, 2)
    ),
    "matrix on the left": lambda: model_of([node("MatMul", ["x", "W"], ["y"])], [W], (2, 3)),
    "vector times vector": lambda: model_of([node("MatMul", ["x", "v"], ["y"])], [weights("v", (3,), 5)], (3,)),
    "batched product": lambda: model_of([node("MatMul", ["x", "S"], ["y"])], [weights("S", (2, 3, 2), 5)], (2, 2, 3)),
    "constants first": lambda: model_of(
        [node("Sub", ["c", "x"], ["s"]), node("Mul", ["c", "s"], ["m"]), node("Div", ["m", "c"], ["y"])],
        [weights("c", (1, 3), 6)],
    ),
    "gemm": lambda: model_of(
        [node("Gemm", ["x", "G", "b"], ["y"], alpha=0.3, beta=-1.7, transB=1)], [weights("G", (4, 3), 7), B]
    ),
    "gemm with constant a": lambda: model_of(
        [node("Gemm", ["G", "x"], ["y"], transA=1, transB=1)], [weights("G", (3, 4), 7)], (2, 3)
    ),
    "gemm with branch as addend": lambda: model_of(
        [*LINEAR, node("Relu", ["h"], ["r"]), node("Gemm", ["x", "W", "r"], ["y"])], [W, B]
    ),
    "shapes": lambda: model_of(
        [
            node("Transpose", ["x"], ["t"], perm=[2, 0, 1]),
            node("Reshape", ["t", "to"], ["r"]),
            node("Unsqueeze", ["r", "axes"], ["u"]),
            node("Identity", ["u"], ["i"]),
            node("Squeeze", ["i", "axes"], ["q"]),
            node("Dropout", ["q"], ["d"]),
            node("Flatten", ["d"], ["f"]),
            node("MatMul", ["f", "W"], ["y"]),
        ],
        [integers("to", 2, -1), integers("axes", 0), W],
        (2, 1, 3),
    ),
    "transpose without order": lambda: model_of([node("Transpose", ["x"], ["y"])], [], (2, 3)),
    "reshape with zero": lambda: model_of([node("Reshape", ["x", "to"], ["y"])], [integers("to", 0, -1)], (2, 3, 2)),
    "slice": lambda: model_of(
        [node("Slice", ["x", "starts", "ends", "axes", "steps"], ["y"])],
        [integers("starts", 1, -1), integers("ends", 3, -(2**40)), integers("axes", 0, 1), integers("steps", 1, -2)],
        (4, 5),
    ),
    "gather": lambda: model_of(
        [node("Gather", ["x", "which"], ["g"], axis=1), node("Relu", ["g"], ["y"])], [integers("which", 2, 0, 2)]
    ),
    "split into equal parts": lambda: model_of(
        [node("Split", ["x"], ["a", "b", "c"], axis=1), node("Sum", ["a", "b", "c"], ["y"])], [], (2, 6)
    ),
    "split by lengths": lambda: model_of(
        [
            node("Split", ["x", "lengths"], ["a", "b"], axis=-1),
            node("Relu", ["a"], ["r"]),
            node("Concat", ["b", "r"], ["y"], axis=1),
        ],
        [integers("lengths", 1, 2)],
    ),
    "split by attribute": lambda: model_of([node("Split", ["x"], ["a", "y"], axis=1, split=[2, 1])], [], opset=11),
    "pad": lambda: model_of(
        [node("Pad", ["x", "pads", "c"], ["y"])], [integers("pads", 0, 1, 2, 0), scalar("c", -0.3)], (2, 3)
    ),
    "pad with zeros by attributes": lambda: model_of([node("Pad", ["x"], ["y"], pads=[0, 1, 0, 2])], [], opset=10),
    "pad with nothing": lambda: model_of([node("Pad", ["x", "pads"], ["y"])], [integers("pads", 0, 0, 0, 0)], (2, 3)),
    "pad by reflection": lambda: model_of(
        [node("Pad", ["x", "pads"], ["y"], mode="reflect")], [integers("pads", 1, 2, 0, 1)], (2, 3)
    ),
    "pad with the edge": lambda: model_of(
        [node("Pad", ["x", "pads"], ["y"], mode="edge")], [integers("pads", 1, 2, 0, 1)], (2, 3)
    ),
    "expand": lambda: model_of([node("Expand", ["x", "s"], ["y"])], [integers("s", 2, 1, 3)], (2, 1)),
    "shape of a value": lambda: model_of(
        [
            node("Relu", ["x"], ["r"]),
            node("Shape", ["r"], ["s"]),
            node("Gather", ["s", "which"], ["n"]),
            node("Concat", ["n", "rest"], ["to"], axis=0),
            node("Reshape", ["r", "to"], ["y"]),
        ],
        [integers("which", 1), integers("rest", -1)],
        (2, 3, 2),
    ),
    "constant of a shape": lambda: model_of(
        [
            node("ConstantOfShape", ["s"], ["c"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.7])),
            node("Add", ["x", "c"], ["y"]),
        ],
        [integers("s", 1, 3)],
    ),
    "cast": lambda: model_of(
        [node("Cast", ["n"], ["c"], to=1), node("Mul", ["x", "c"], ["y"])], [integers("n", 2, -1, 0)]
    ),
    "prelu": lambda: model_of([node("PRelu", ["x", "s"], ["y"])], [weights("s", (3, 1), 2)], (2, 3, 2)),
    "hard sigmoid": lambda: model_of([node("HardSigmoid", ["x"], ["y"], alpha=3.0)], []),
    "reduce mean": lambda: model_of([node("ReduceMean", ["x"], ["y"], axes=[1, -1])], [], (2, 3, 2)),
    "reduce sum": lambda: model_of(
        [node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)], [integers("axes", 1)], (2, 3, 2)
    ),
    "reduce sum to a number": lambda: model_of([node("ReduceSum", ["x"], ["y"], keepdims=0)], [], (2, 3)),
    "reduce nothing": lambda: model_of([node("ReduceSum", ["x"], ["y"], noop_with_empty_axes=1)], [], (2, 3)),
    "reduce max": lambda: model_of([node("ReduceMax", ["x"], ["y"], axes=[0, 1])], [], (2, 3, 2)),
    "reduce min of one": lambda: model_of([node("ReduceMin", ["x"], ["y"], axes=[0])], [], (1, 3)),
    "reduce min": lambda: model_of([node("ReduceMin", ["x"], ["y"], axes=[1], keepdims=0)], [], (2, 5)),
    "batch normalisation": lambda: model_of(
        [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], epsilon=0.25)],
        [*(weights(n, (3,), k) for k, n in enumerate("sbm")), numpy_helper.from_array(np.float32([0, 0.3, 7]), "v")],
        (1, 3, 2),
    ),
    "batch normalisation of a matrix": lambda: model_of(
        [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["n"]), node("Relu", ["n"], ["y"])],
        [*(weights(n, (3,), k) for k, n in enumerate("sbm")), numpy_helper.from_array(np.float32([2, 0.3, 7]), "v")],
        (1, 3),
    ),
    "sum without batch": lambda: model_of([node("Add", ["x", "W"], ["y"])], [W], (3, 1)),
    "symbolic batch": lambda: model_of(LINEAR, [W, B], ("batch", 3), output="h"),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_small_graphs(case: str) -> None:
    """Exact agreement with the second evaluation at random inputs and at zero; float32 agreement with the runtime."""
    model = GRAPHS[case]()
    network = read_onnx(model.SerializeToString(), source=case, batch_normalisation="float64")
    assert_agreement(model, network, float32_points(network.n_inputs, 6, seed=3))


def test_the_checker_agrees_on_every_small_chain() -> None:
    """Whatever of these graphs the checker reads has the layers that the package finds; among it all plain chains."""
    read = set()
    for case, build in GRAPHS.items():
        data = build().SerializeToString()
        try:
            read_onnx_chain(data)
        except Unreadable:
            continue
        assert_same_layers(data, read_onnx(data, batch_normalisation="float64"))
        read.add(case)
    assert read >= {"clip", "clip by attributes", "constants first", "leaky", "prelu", "gemm"}
    assert read.isdisjoint({"residual block", "concat", "clip above", "batch normalisation", "maxout"})


def test_the_comparison_with_the_checker_notices_a_change() -> None:
    """A network with one weight changed has other layers."""
    model = model_of(LINEAR, [W, B], output="h")
    network = read_onnx(model.SerializeToString())
    assert_same_layers(model.SerializeToString(), network)
    rows = [list(row) for row in network.output.augmented.to_fractions()]
    rows[1][2] += Fraction(1, 2**40)
    mutant = replace(network, output=AffineMap(RationalMatrix.from_rows(rows)))
    with pytest.raises(AssertionError):
        assert_same_layers(model.SerializeToString(), mutant)


def test_no_operator_is_forgotten() -> None:
    """Each supported operator occurs in a small graph above, those with windows in a test of their own."""
    windows = {"AveragePool", "Conv", "GlobalAveragePool", "GlobalMaxPool", "MaxPool"}
    used = {one.op_type for build in GRAPHS.values() for one in build().graph.node}
    assert OPERATORS.keys() - windows <= used
    assert OPERATORS.keys().isdisjoint(NOT_PIECEWISE_LINEAR)
    assert all(defs.has(name) for name in {*OPERATORS, *NOT_PIECEWISE_LINEAR})


def test_units_say_where_they_come_from() -> None:
    """Origins name the node and the entry; without a name the output tensor stands for the node."""
    named = model_of([node("Relu", ["x"], ["r"], name="Relu_3"), node("Abs", ["r"], ["y"])], [])
    network = read_onnx(named.SerializeToString())
    assert network.origins == tuple(f"Relu_3[{k}]" for k in range(3)) + tuple(f"y[{k}]" for k in range(3))


def test_several_inputs_and_outputs_are_joined(shared_data: Path) -> None:
    """The coordinates of each tensor are those of the signature, in the file's order."""
    data = (shared_data / "benchmarks" / "marabou" / "certificate_and_controller_mandal.onnx").read_bytes()
    signature = onnx_signature(data)
    assert [(port.name, port.shape, port.coordinates) for port in signature.inputs] == [
        ("input_1", (1, 4), range(4)),
        ("input_2", (1, 4), range(4, 8)),
    ]
    assert [(port.name, port.coordinates) for port in signature.outputs] == [
        ("output_1", range(2)),
        ("output_2", range(2, 3)),
        ("output_3", range(3, 4)),
    ]
    # The second and third output are one function of the first and the second input.
    same = read_onnx(data)([1, 2, -1, "1/2"] * 2)
    assert same[2] == same[3]


def test_nodes_in_any_order() -> None:
    """A node that stands before what it needs waits; one that waits for ever is an error."""
    nodes = [node("Add", ["m", "b"], ["y"]), node("MatMul", ["x", "W"], ["m"])]
    turned = read_onnx(model_of(nodes, [W, B]).SerializeToString())
    assert turned == read_onnx(model_of(nodes[::-1], [W, B]).SerializeToString())
    with pytest.raises(FormatError, match="nothing before gives the tensor 'y'"):
        read_onnx(model_of([node("Add", ["x", "y"], ["z"]), node("Relu", ["z"], ["y"])], []).SerializeToString())


def test_dropout_without_effect() -> None:
    """Training mode with ratio zero drops nothing; the oldest versions test only if told so."""
    off = [scalar("r", 0.0), numpy_helper.from_array(np.array(True), "t")]
    assert read_onnx(model_of([node("Dropout", ["x", "r", "t"], ["y"])], off).SerializeToString())([1, 2, 3]) == (
        1,
        2,
        3,
    )
    old = model_of([node("Dropout", ["x"], ["y"], is_test=1, ratio=0.5)], [], opset=6)
    assert read_onnx(old.SerializeToString())([1, 2, 3]) == (1, 2, 3)


def test_kinds_of_numbers() -> None:
    """Double and half precision, integers and typed fields mean exactly what they store, extreme exponents included."""
    extreme = [5e-324, -1.7976931348623157e308, 0.1]
    double = model_of([node("Add", ["x", "c"], ["y"])], [numpy_helper.from_array(np.array(extreme), "c")], (3,))
    assert read_onnx(double.SerializeToString()).evaluate([0, 0, 0]) == tuple(map(Fraction, extreme))
    half = numpy_helper.from_array(np.array([0.1, 65504, 6e-8], dtype=np.float16), "c")
    value = read_onnx(model_of([node("Add", ["x", "c"], ["y"])], [half], (3,)).SerializeToString()).evaluate([0, 0, 0])
    assert value == (Fraction(1638, 2**14), 65504, Fraction(1, 2**24))
    typed = helper.make_tensor("c", TensorProto.FLOAT, [3], [0.5, -0.0, 3.0])
    value = read_onnx(model_of([node("Add", ["x", "c"], ["y"])], [typed], (3,)).SerializeToString()).evaluate([0, 0, 0])
    assert value == (Fraction(1, 2), 0, 3)


def test_weights_listed_among_the_inputs() -> None:
    """Initialisers that older files repeat in graph.input are no inputs."""
    model = model_of(LINEAR, [W, B], output="h")
    plain = read_onnx(model.SerializeToString())
    model.graph.input.append(helper.make_tensor_value_info("W", TensorProto.FLOAT, [3, 4]))
    assert read_onnx(model.SerializeToString()) == plain


def test_constants_after_their_use() -> None:
    """A Constant node may follow the node that uses it."""
    constant = node("Constant", [], ["c"], value=numpy_helper.from_array(np.array([2.0], dtype=np.float32)))
    model = model_of([node("Mul", ["x", "c"], ["y"]), constant], [])
    assert read_onnx(model.SerializeToString()).evaluate([1, 2, 3]) == (2, 4, 6)
