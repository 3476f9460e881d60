"""Written ONNX files: read back they are the same layers, the runtime agrees, and nothing is rounded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InputError
from exactrelu.io.files import load_network
from exactrelu.io.onnx_format import onnx_signature, read_onnx
from exactrelu.io.onnx_writer import write_onnx
from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.builders import absolute_value, maximum, random_network, tent
from exactrelu.networks.network import Network

onnx = pytest.importorskip("onnx")

from tests.io.onnx_models import assert_agreement, assert_same_layers, float32_points  # noqa: E402

KINDS = [RELU, RELU, IDENTITY, ABSOLUTE, Activation.of(["1/8", 1])]


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(0, 10**6), st.data())
def test_round_trip(widths: list[int], seed: int, data: st.DataObject) -> None:
    """Reading what was written gives the same layers, in both float formats, for the package and for the checker."""
    base = random_network(widths, seed=seed, height=1)
    activations = []
    for width in widths[1:-1]:
        kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=width, max_size=width))
        activations.append(kinds if any(not kind.is_linear for kind in kinds) else [RELU] * width)
    network = Network.from_weights(
        [one.linear for one in base.affine_maps], [one.offset for one in base.affine_maps], activations=activations
    )
    for element_type in ("float32", "float64"):
        written = write_onnx(network, element_type=element_type)  # type: ignore[arg-type]
        assert read_onnx(written) == network
        assert_same_layers(written, network)


@pytest.mark.parametrize("network", [tent(3), absolute_value(), maximum(5), random_network([2, 3], seed=1, height=1)])
def test_the_runtime_agrees(network: Network) -> None:
    """The written file runs, and gives the exact value within its error bound."""
    model = onnx.load_model_from_string(write_onnx(network))
    onnx.checker.check_model(model)
    assert_agreement(model, network, float32_points(network.n_inputs, 4, seed=2))


def test_a_pooling_network_is_written(shared_data: Path) -> None:
    """A convolutional network with maximum pooling becomes a chain of matrices with the same layers."""
    network = load_network(shared_data / "benchmarks" / "marabou" / "conv_mp1.onnx")
    assert read_onnx(write_onnx(network)) == network


def test_ports() -> None:
    """One input and one output, each with a batch of one."""
    signature = onnx_signature(write_onnx(maximum(3)))
    assert [(port.name, port.shape, port.start) for port in signature.inputs] == [("x", (1, 3), 0)]
    assert [(port.name, port.shape) for port in signature.outputs] == [("y", (1, 1))]


def layer(weight: object, bias: object = 0) -> Network:
    return Network.from_weights([[[1]], [[weight]]], [[0], [bias]])


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (layer("1/3"), r"layer 1: the weight \[0\]\[0\] is 1/3, which is no float32"),
        (layer(2**24 + 1), r"is 16777217, which is no float32"),
        (layer(1, "0.1"), r"layer 1: the bias \[0\] is 1/10"),
        (layer(2**128), "which is no float32"),
        (layer(2**2000), "a rational of 603 characters"),
        (layer(Fraction(1, 2**150)), "which is no float32"),
        (Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[Activation.of([0, 2])]]), "unit 0 has slope 2"),
        (
            Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[Activation.of(["1/3", 1])]]),
            "layer 0: the slope of unit 0 is 1/3",
        ),
        (Network.from_weights([[[]]], [[1]]), "ONNX needs both"),
    ],
)
def test_nothing_is_rounded(network: Network, message: str) -> None:
    """What a format cannot hold is refused with its place."""
    with pytest.raises(InputError, match=message):
        write_onnx(network)


def test_doubles_hold_more() -> None:
    """An integer beyond single precision is a double; the smallest double is kept."""
    for weight in (2**24 + 1, Fraction(1, 2**1074)):
        network = layer(weight)
        assert read_onnx(write_onnx(network, element_type="float64")) == network
    with pytest.raises(InputError, match="element_type is 'float16'"):
        write_onnx(layer(1), element_type="float16")  # type: ignore[arg-type]


def test_names_are_kept_in_the_file() -> None:
    """The graph is called like the network."""
    written = write_onnx(replace(tent(1), name="a tent"))
    assert onnx.load_model_from_string(written).graph.name == "a tent"
