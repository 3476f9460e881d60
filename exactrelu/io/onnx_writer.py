"""Networks as ONNX files: a chain of Gemm nodes, with Relu or PRelu between them.

A file of floats can only hold dyadic rationals of its format.  An entry that is none is refused, with its place;
nothing is rounded.  So reading the file gives the same layers again (`read_onnx(write_onnx(network)) == network`),
except that hidden layers without any breakpoint are folded into the next one.

A layer whose units are all ReLUs is followed by Relu; any other by PRelu, whose slopes, one a unit, say what happens to
negative values: 0 for a ReLU, 1 for a unit that passes its value on, -1 for an absolute value.  For positive values the
slope must be 1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import numpy as np

from exactrelu.errors import InputError
from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Layer, Network

__all__ = ["write_onnx"]

_TYPES: dict[str, Any] = {"float32": np.float32, "float64": np.float64}


def write_onnx(network: Network, *, element_type: Literal["float32", "float64"] = "float32") -> bytes:
    """Return the network as the bytes of an ONNX file with input x of shape [1, n] and output y of shape [1, m].

    Args:
        network: the network.
        element_type: the float format of the weights and of the file's input.

    Raises:
        InputError: an entry that the format does not hold (the message says where), an activation whose slope for
            positive values is not 1, a layer without outputs, another element type.

    Example:
        >>> from exactrelu.io.onnx_format import read_onnx
        >>> absolute = Network.from_weights([[[1], [-1]], [["1/2", 1]]], [[0, 0], [0]])
        >>> read_onnx(write_onnx(absolute)) == absolute
        True
        >>> write_onnx(Network.from_weights([[["1/10"]]], [[0]]))
        Traceback (most recent call last):
        exactrelu.errors.InputError: layer 0: the weight [0][0] is 1/10, which is no float32; JSON keeps any rational
    """
    from onnx import TensorProto, helper, numpy_helper

    if element_type not in _TYPES:
        raise InputError(f"element_type is {element_type!r}; float32 and float64 are supported")
    kind = TensorProto.FLOAT if element_type == "float32" else TensorProto.DOUBLE
    nodes, constants, value = [], [], "x"
    maps = network.affine_maps
    for number, one in enumerate(maps):
        if not one.n_outputs or not one.n_inputs:
            raise InputError(f"layer {number} has {one.n_outputs} outputs and {one.n_inputs} inputs; ONNX needs both")
        table = np.zeros((one.n_outputs, one.n_inputs + 1), dtype=_TYPES[element_type])
        for i, row in enumerate(one.augmented.nonzeros):
            for j, entry in row.items():
                place = f"the bias [{i}]" if j == one.n_inputs else f"the weight [{i}][{j}]"
                table[i, j] = _exactly(Fraction(entry, one.augmented.denominator), element_type, number, place)
        weights, bias, result = f"W{number}", f"b{number}", "y" if number == len(network.hidden) else f"z{number}"
        constants += [numpy_helper.from_array(np.ascontiguousarray(table[:, :-1]), weights)]
        constants += [numpy_helper.from_array(np.ascontiguousarray(table[:, -1]), bias)]
        nodes.append(helper.make_node("Gemm", [value, weights, bias], [result], name=f"Gemm_{number}", transB=1))
        if number < len(network.hidden):
            value = f"h{number}"
            layer = network.hidden[number]
            if all(activation == RELU for activation in layer.activations):
                nodes.append(helper.make_node("Relu", [result], [value], name=f"Relu_{number}"))
            else:
                constants.append(numpy_helper.from_array(_slopes(layer, element_type, number), f"s{number}"))
                nodes.append(helper.make_node("PRelu", [result, f"s{number}"], [value], name=f"PRelu_{number}"))
    graph = helper.make_graph(
        nodes,
        network.name or "network",
        [helper.make_tensor_value_info("x", kind, [1, network.n_inputs])],
        [helper.make_tensor_value_info("y", kind, [1, network.n_outputs])],
        constants,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="exactrelu", ir_version=8
    )
    return bytes(model.SerializeToString())


def _slopes(layer: Layer, element_type: str, number: int) -> Any:
    """The slopes for negative values of a layer's units."""
    slopes = np.zeros(len(layer.activations), dtype=_TYPES[element_type])
    for k, activation in enumerate(layer.activations):
        if activation.positive != 1:
            raise InputError(
                f"layer {number}: unit {k} has slope {activation.positive} for positive values; only 1 can be written"
            )
        slopes[k] = _exactly(activation.negative, element_type, number, f"the slope of unit {k}")
    return slopes


def _exactly(value: Fraction, element_type: str, number: int, place: str) -> Any:
    """The float that is the number; InputError if there is none."""
    try:
        with np.errstate(over="ignore"):
            rounded = _TYPES[element_type](float(value))
        if np.isfinite(rounded) and Fraction(float(rounded)) == value:
            return rounded
    except OverflowError:
        pass
    shown = str(value) if len(str(value)) < 60 else f"a rational of {len(str(value))} characters"
    raise InputError(f"layer {number}: {place} is {shown}, which is no {element_type}; JSON keeps any rational")
