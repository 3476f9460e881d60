"""Convolution and pooling: random attributes and shapes against a second evaluation and the runtime; refusals."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.errors import FormatError
from exactrelu.io.onnx_format import read_onnx
from exactrelu.networks.network import Network

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")

from onnx import helper, numpy_helper  # noqa: E402

from tests.io.onnx_models import assert_agreement, assert_same_layers, float32_points, model_of, weights  # noqa: E402

node = helper.make_node


def read(model: Any) -> Network:
    return read_onnx(model.SerializeToString(), source="net.onnx")


def draw_window(chance: random.Random, rank: int, *, pooling: bool) -> dict[str, Any]:
    """Attributes of a window operator; padding of a pooling is smaller than its kernel, as the runtime demands."""
    kernel = [chance.randint(1, 3) for _ in range(rank)]
    attributes: dict[str, Any] = {"kernel_shape": kernel}
    kind = chance.choice(["none", "pads", "pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID"])
    same = kind.startswith("SAME")  # the runtime wants no dilation then, and no stride beyond the kernel
    if chance.random() < 0.7:
        attributes["strides"] = [chance.randint(1, k if same else 3) for k in kernel]
    if kind == "pads":
        attributes["pads"] = [chance.randint(0, kernel[k % rank] - 1) for k in range(2 * rank)]
    elif kind != "none":
        attributes["auto_pad"] = kind
    if chance.random() < 0.4 and kind in ("none", "pads"):
        attributes["dilations"] = [chance.randint(1, 2) for _ in range(rank)]
    if pooling and kind in ("none", "pads"):
        attributes["ceil_mode"] = chance.randint(0, 1)
    return attributes


@pytest.mark.parametrize("seed", range(36))
def test_random_convolutions(seed: int) -> None:
    """Strides, pads, dilations, groups and automatic padding in one and two dimensions, with a batch of one or two."""
    chance = random.Random(seed)
    rank, groups = chance.randint(1, 2), chance.choice([1, 1, 2, 3])
    attributes = draw_window(chance, rank, pooling=False)
    per_group, n_out = chance.randint(1, 2), groups * chance.randint(1, 2)
    shape = (chance.randint(1, 2), groups * per_group, *(chance.randint(5, 7) for _ in range(rank)))
    constants = [weights("W", (n_out, per_group, *attributes["kernel_shape"]), seed)]
    if chance.random() < 0.3:
        del attributes["kernel_shape"]
    if chance.random() < 0.6:
        constants.append(weights("b", (n_out,), seed + 1))
    inputs = ["x", *(c.name for c in constants)]
    model = model_of(
        [node("Conv", inputs, ["c"], group=groups, **attributes), node("Relu", ["c"], ["y"])], constants, shape
    )
    network = read(model)
    assert_agreement(model, network, float32_points(network.n_inputs, 2, seed=seed))
    assert_same_layers(model.SerializeToString(), network)


@pytest.mark.parametrize("seed", range(36))
@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool"])
def test_random_poolings(operator: str, seed: int) -> None:
    """Strides, pads, dilations, ceil_mode, automatic padding, count_include_pad, after a rectifier or not."""
    chance = random.Random(operator + str(seed))
    rank = chance.randint(1, 2)
    attributes = draw_window(chance, rank, pooling=True)
    if operator == "AveragePool":
        attributes["count_include_pad"] = chance.randint(0, 1)
    shape = (1, chance.randint(1, 2), *(chance.randint(5, 6) for _ in range(rank)))
    nodes = [node(operator, ["x"], ["y"], **attributes)]
    if chance.random() < 0.5:
        nodes = [node("Relu", ["x"], ["r"]), node(operator, ["r"], ["y"], **attributes)]
    model = model_of(nodes, [], shape, opset=19, ir=9)
    network = read(model)
    assert_agreement(model, network, float32_points(network.n_inputs, 2, seed=seed))
    if operator == "MaxPool" or not attributes.get("ceil_mode"):
        assert_same_layers(model.SerializeToString(), network)


FIXED: dict[str, tuple[Any, list[Any], tuple[int, ...]]] = {
    "one by one kernel": (node("Conv", ["x", "W"], ["y"]), [weights("W", (3, 2, 1, 1), 0)], (1, 2, 3, 2)),
    "one channel, whole image": (node("Conv", ["x", "W"], ["y"]), [weights("W", (1, 1, 3, 3), 0)], (1, 1, 3, 3)),
    "zero weights": (
        node("Conv", ["x", "W", "b"], ["y"]),
        [numpy_helper.from_array(np.zeros((2, 1, 2), np.float32), "W"), weights("b", (2,), 0)],
        (1, 1, 4),
    ),
    "three dimensions": (
        node("Conv", ["x", "W"], ["y"], pads=[1, 0, 0, 0, 1, 1]),
        [weights("W", (2, 1, 2, 3, 2), 0)],
        (1, 1, 3, 3, 2),
    ),
    "depthwise": (node("Conv", ["x", "W"], ["y"], group=3), [weights("W", (3, 1, 2), 0)], (1, 3, 4)),
    "maximum of single entries": (node("MaxPool", ["x"], ["y"], kernel_shape=[1], strides=[2]), [], (1, 2, 5)),
    "maximum of everything": (node("MaxPool", ["x"], ["y"], kernel_shape=[2, 3]), [], (1, 1, 2, 3)),
    "average in three dimensions": (node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2, 1]), [], (1, 1, 3, 2, 2)),
    "global average": (node("GlobalAveragePool", ["x"], ["y"]), [], (2, 3, 2, 2)),
    "global maximum": (node("GlobalMaxPool", ["x"], ["y"]), [], (1, 2, 3)),
}


@pytest.mark.parametrize("case", FIXED)
def test_degenerate_shapes(case: str) -> None:
    """Kernels of one entry or of the whole image, one channel, one channel a group, weights that are all zero."""
    one, constants, shape = FIXED[case]
    model = model_of([one], constants, shape)
    assert_agreement(model, read(model), float32_points(int(np.prod(shape)), 3, seed=5))
    if one.op_type != "GlobalMaxPool":
        assert_same_layers(model.SerializeToString(), read(model))


def test_overlapping_windows_share_their_matches() -> None:
    """Windows of three with stride one: each neighbouring pair is compared once, and each entry is passed on once."""
    network = read(model_of([node("MaxPool", ["x"], ["y"], kernel_shape=[3])], [], (1, 1, 6)))
    # Round one compares the pairs (0,1), (1,2), (2,3), (3,4) and passes on 1 to 5; round two compares with the third.
    assert network.widths == (6, 4 + 5, 4 + 4, 4)
    assert network.n_units == 8
    assert network([1, 5, 2, 0, -1, 3]) == (5, 5, 2, 3)


def test_ties_in_a_window() -> None:
    """Equal entries have their common value as maximum."""
    network = read(model_of([node("MaxPool", ["x"], ["y"], kernel_shape=[3])], [], (1, 1, 3)))
    assert network([2, 2, 2]) == network([2, -1, 2]) == (2,)


def test_a_pooling_names_its_units() -> None:
    """Rounds are numbered from one; passed entries are no units."""
    named = node("MaxPool", ["x"], ["y"], kernel_shape=[3], name="pool")
    assert read(model_of([named], [], (1, 1, 3))).origins == ("pool.1[0]", "pool.2[0]")


REFUSED: dict[str, tuple[Any, list[Any], tuple[int, ...], str]] = {
    "no spatial axis": (
        node("MaxPool", ["x"], ["y"], kernel_shape=[1], name="p"),
        [],
        (1, 3),
        r"node 'p' \(MaxPool\): .*shape \[1, 3\]; batch, channels and a spatial axis",
    ),
    "no kernel": (node("MaxPool", ["x"], ["y"]), [], (1, 1, 3), "do not fit 1 spatial axes"),
    "kernel too large": (
        node("MaxPool", ["x"], ["y"], kernel_shape=[4]),
        [],
        (1, 1, 3),
        "a window of 4 places does not fit into 3 entries",
    ),
    "stride zero": (node("MaxPool", ["x"], ["y"], kernel_shape=[2], strides=[0]), [], (1, 1, 3), "must be positive"),
    "negative padding": (node("MaxPool", ["x"], ["y"], kernel_shape=[2], pads=[-1, 0]), [], (1, 1, 3), "not negative"),
    "nothing but padding": (
        node("MaxPool", ["x"], ["y"], kernel_shape=[1], pads=[1, 0]),
        [],
        (1, 1, 3),
        "covers nothing but padding, so it has no maximum",
    ),
    "average of padding": (
        node("AveragePool", ["x"], ["y"], kernel_shape=[1], pads=[1, 0]),
        [],
        (1, 1, 3),
        "covers nothing but padding, so it has no average",
    ),
    "unknown auto_pad": (node("MaxPool", ["x"], ["y"], kernel_shape=[1], auto_pad="SOME"), [], (1, 1, 3), "'SOME'"),
    "pads twice": (
        node("MaxPool", ["x"], ["y"], kernel_shape=[2], auto_pad="SAME_UPPER", pads=[1, 1]),
        [],
        (1, 1, 3),
        "exclude each other",
    ),
    "indices of a maximum": (node("MaxPool", ["x"], ["y", "i"], kernel_shape=[1]), [], (1, 1, 3), "2 outputs"),
    "weights of another rank": (
        node("Conv", ["x", "W"], ["y"]),
        [weights("W", (1, 1, 2, 2), 0)],
        (1, 1, 3),
        r"weights of shape \[1, 1, 2, 2\] do not fit a value of shape \[1, 1, 3\]",
    ),
    "channels": (
        node("Conv", ["x", "W"], ["y"]),
        [weights("W", (1, 2, 2), 0)],
        (1, 1, 3),
        "1 groups do not fit 1 channels",
    ),
    "kernel_shape": (
        node("Conv", ["x", "W"], ["y"], kernel_shape=[3]),
        [weights("W", (1, 1, 2), 0)],
        (1, 1, 3),
        r"kernel_shape \[3\] is not that of the weights, \[2\]",
    ),
    "bias": (
        node("Conv", ["x", "W", "b"], ["y"]),
        [weights("W", (1, 1, 2), 0), weights("b", (2,), 0)],
        (1, 1, 3),
        r"bias must be a constant of shape \[1\]",
    ),
    "weights from the input": (node("Conv", ["x", "x"], ["y"]), [], (1, 1, 3), "the weights depend"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case: str) -> None:
    """Every misfit is one FormatError that names the node and says what does not fit."""
    one, constants, shape, message = REFUSED[case]
    with pytest.raises(FormatError, match=message):
        read(model_of([one], constants, shape))


def test_a_wrong_tap_is_noticed() -> None:
    """A mutant with the kernel turned round leaves the bound of the runtime."""
    kernel = weights("W", (1, 1, 3), 3)
    turned = numpy_helper.from_array(np.ascontiguousarray(numpy_helper.to_array(kernel)[..., ::-1]), "W")
    model, mutant = (model_of([node("Conv", ["x", "W"], ["y"])], [k], (1, 1, 5)) for k in (kernel, turned))
    point = [Fraction(k, 4) for k in (1, -2, 3, 5, 0)]
    assert_agreement(model, read(model), [point])
    with pytest.raises(AssertionError):
        assert_agreement(model, read(mutant), [point])
