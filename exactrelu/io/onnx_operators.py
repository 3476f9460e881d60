"""The ONNX operators that have an exact piecewise linear meaning, one small function each.

`OPERATORS` maps an operator's name to its function and the attributes that it may carry; whatever is not in the table
is refused by name.  A function takes a `Node` (operands as tensors, attributes) and returns the one output.

Meaning: real arithmetic on the file's exact weights.  What the float32 run adds by rounding is not modelled.
Neighbours: operators that only rearrange entries are in `onnx_structure`, those with sliding windows in `onnx_windows`,
those that reduce axes in `onnx_reductions`, casts and shapes in `onnx_constants`; tensors and products in
`onnx_tensors`, the walk over the graph in `onnx_format`.

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from exactrelu.errors import FormatError, NotPiecewiseLinearError
from exactrelu.io import onnx_constants as constants
from exactrelu.io import onnx_reductions as reductions
from exactrelu.io import onnx_structure as structure
from exactrelu.io import onnx_windows as windows
from exactrelu.io.normalisation import normalisation_factor
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_tensors import Tensor, broadcast, product, restructure
from exactrelu.networks.expressions import Expression
from exactrelu.networks.piecewise import absolute, clip, leaky_relu, maximum_of, minimum_of, prelu, relu

__all__ = ["NOT_PIECEWISE_LINEAR", "OPERATORS"]

_WINDOW = frozenset({"auto_pad", "dilations", "kernel_shape", "pads", "strides"})
_REDUCTION = frozenset({"axes", "keepdims", "noop_with_empty_axes"})

_CURVED = """
        Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh BitShift Ceil Celu Cos Cosh CumProd Elu Equal Erf Exp
        Floor GRU Gelu Greater GreaterOrEqual GroupNormalization HardSwish Hardmax InstanceNormalization LRN LSTM
        LayerNormalization Less LessOrEqual Log LogSoftmax LpNormalization LpPool MeanVarianceNormalization Mish
        Mod Multinomial NonZero Not Pow QuantizeLinear RNN RandomNormal RandomUniform Reciprocal ReduceL2
        ReduceLogSum ReduceLogSumExp ReduceProd ReduceSumSquare Round Selu Shrink Sigmoid Sign Sin Sinh Softmax
        Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu TopK Where
"""
NOT_PIECEWISE_LINEAR = frozenset(_CURVED.split())
"""Operators that are not continuous piecewise linear functions of their operands (some of them in special cases)."""


def _elementwise(apply: Callable[..., Expression]) -> Callable[[Node], Tensor]:
    """An operator that acts on one operand entry by entry and may make units."""

    def run(node: Node) -> Tensor:
        operand = node.operand()
        return Tensor(operand.shape, apply(operand.value, origin=node.origin))

    return run


def _among(apply: Callable[..., Expression]) -> Callable[[Node], Tensor]:
    """The maximum or minimum of any number of operands."""

    def run(node: Node) -> Tensor:
        tensors = broadcast(*node.all_operands())
        return Tensor(tensors[0].shape, apply([tensor.value for tensor in tensors], origin=node.origin))

    return run


def _add(node: Node) -> Tensor:
    return _plus(node.operand(0), node.operand(1))


def _plus(one: Tensor, two: Tensor) -> Tensor:
    a, b = broadcast(one, two)
    return Tensor(a.shape, a.value + b.value)


def _sub(node: Node) -> Tensor:
    a, b = broadcast(node.operand(0), node.operand(1))
    return Tensor(a.shape, a.value - b.value)


def _sum(node: Node) -> Tensor:
    first, *others = node.all_operands()
    for other in others:
        first = _plus(first, other)
    return first


def _neg(node: Node) -> Tensor:
    return Tensor(node.operand().shape, -node.operand().value)


def _mul(node: Node) -> Tensor:
    a, b = broadcast(node.operand(0), node.operand(1))
    if a.value.is_constant:
        a, b = b, a
    if not b.value.is_constant:
        raise NotPiecewiseLinearError(
            "both factors depend on the network's input, so the product is not piecewise linear"
        )
    return Tensor(a.shape, a.value.scale(b.value.values))


def _div(node: Node) -> Tensor:
    a, b = broadcast(node.operand(0), node.operand(1))
    if not b.value.is_constant or a.value.is_constant:
        raise FormatError("only a value that depends on the input can be divided, and only by a constant")
    divisors = b.value.values
    if 0 in divisors:
        raise FormatError("a divisor is zero")
    return Tensor(a.shape, a.value.scale([1 / divisor for divisor in divisors]))


def _matmul(node: Node) -> Tensor:
    return product(node.operand(0), node.operand(1))


def _gemm(node: Node) -> Tensor:
    factors = []
    for position, name in enumerate(("transA", "transB")):
        tensor = node.operand(position)
        if len(tensor.shape) != 2:
            raise FormatError(f"operand {position} has shape {list(tensor.shape)}; a matrix is needed")
        factors.append(restructure(tensor, np.transpose) if node.integer(name, 0) else tensor)
    result = product(*factors)
    result = Tensor(result.shape, result.value.scale([node.real("alpha", 1.0)] * result.value.size))
    addend = node.optional(2)
    if addend is None:
        return result
    scaled = Tensor(addend.shape, addend.value.scale([node.real("beta", 1.0)] * addend.value.size))
    total = _plus(result, scaled)
    if total.shape != result.shape:
        raise FormatError(f"operand 2 has shape {list(addend.shape)}, which does not fit {list(result.shape)}")
    return total


def _leaky_relu(node: Node) -> Tensor:
    slope = node.real("alpha", float(np.float32(0.01)))
    return Tensor(node.operand().shape, leaky_relu(node.operand().value, slope, origin=node.origin))


def _prelu(node: Node) -> Tensor:
    operand, slopes = node.operand(0), node.operand(1)
    if not slopes.value.is_constant:
        raise NotPiecewiseLinearError("the slope depends on the network's input, so the result is not piecewise linear")
    spread = broadcast(operand, slopes)[1]
    if spread.shape != operand.shape:
        raise FormatError(f"slopes of shape {list(slopes.shape)} do not fit a value of shape {list(operand.shape)}")
    return Tensor(operand.shape, prelu(operand.value, spread.value.values, origin=node.origin))


def _hard_sigmoid(node: Node) -> Tensor:
    operand = node.operand()
    steep = [node.real("alpha", float(np.float32(0.2)))] * operand.value.size
    offset = operand.value.graph.constant([node.real("beta", 0.5)] * operand.value.size)
    value = clip(operand.value.scale(steep) + offset, Fraction(0), Fraction(1), origin=node.origin)
    return Tensor(operand.shape, value)


def _batch_normalisation(node: Node) -> Tensor:
    operand = node.operand()
    if node.integer("training_mode", 0) or (0 < node.opset < 7 and not node.integer("is_test", 0)):
        raise FormatError("batch normalisation in training mode depends on other inputs; export it for inference")
    if node.integer("spatial", 1) != 1 or len(operand.shape) < 2:
        raise FormatError(f"a value of shape {list(operand.shape)} is not normalised by channels")
    channels = operand.shape[1]
    parts = [node.constant(k, name) for k, name in enumerate(("scale", "bias", "mean", "variance"), start=1)]
    if any(len(part) != channels for part in parts):
        raise FormatError(f"scale, bias, mean and variance must have {channels} entries, one a channel")
    epsilon = node.real("epsilon", float(np.float32(1e-5)))
    factors, offsets = [], []
    for scale, bias, mean, variance in zip(*parts, strict=True):
        factors.append(normalisation_factor(scale, variance + epsilon, node.root_reading))
        offsets.append(bias - factors[-1] * mean)
    by_channel = np.arange(channels).reshape(1, channels, *[1] * (len(operand.shape) - 2))
    places = np.broadcast_to(by_channel, operand.shape).ravel().tolist()
    value = operand.value.scale([factors[k] for k in places])
    return Tensor(operand.shape, value + value.graph.constant(offsets).select(places))


def _clip(node: Node) -> Tensor:
    value = clip(node.operand().value, node.bound("min", 1), node.bound("max", 2), origin=node.origin)
    return Tensor(node.operand().shape, value)


OPERATORS: Mapping[str, tuple[Callable[[Node], Tensor | list[Tensor]], frozenset[str]]] = {
    "Abs": (_elementwise(absolute), frozenset()),
    "Add": (_add, frozenset()),
    "AveragePool": (windows.average_pool, _WINDOW | {"ceil_mode", "count_include_pad"}),
    "BatchNormalization": (
        _batch_normalisation,
        frozenset({"consumed_inputs", "epsilon", "is_test", "momentum", "spatial", "training_mode"}),
    ),
    "Cast": (constants.cast, frozenset({"saturate", "to"})),
    "Clip": (_clip, frozenset({"min", "max"})),
    "Concat": (structure.concat, frozenset({"axis"})),
    "ConstantOfShape": (constants.constant_of_shape, frozenset({"value"})),
    "Conv": (windows.convolution, _WINDOW | {"group"}),
    "Div": (_div, frozenset()),
    "Dropout": (structure.dropout, frozenset({"ratio", "seed", "is_test"})),
    "Expand": (structure.expand, frozenset()),
    "Flatten": (structure.flatten, frozenset({"axis"})),
    "Gather": (structure.gather, frozenset({"axis"})),
    "Gemm": (_gemm, frozenset({"alpha", "beta", "transA", "transB"})),
    "GlobalAveragePool": (windows.global_average_pool, frozenset()),
    "GlobalMaxPool": (windows.global_max_pool, frozenset()),
    "HardSigmoid": (_hard_sigmoid, frozenset({"alpha", "beta"})),
    "Identity": (structure.same, frozenset()),
    "LeakyRelu": (_leaky_relu, frozenset({"alpha"})),
    "MatMul": (_matmul, frozenset()),
    "Max": (_among(maximum_of), frozenset()),
    "MaxPool": (windows.max_pool, _WINDOW | {"ceil_mode", "storage_order"}),
    "Min": (_among(minimum_of), frozenset()),
    "Mul": (_mul, frozenset()),
    "Neg": (_neg, frozenset()),
    "PRelu": (_prelu, frozenset()),
    "Pad": (structure.pad, frozenset({"mode", "pads", "value"})),
    "ReduceMax": (reductions.reduce_max, _REDUCTION),
    "ReduceMean": (reductions.reduce_mean, _REDUCTION),
    "ReduceMin": (reductions.reduce_min, _REDUCTION),
    "ReduceSum": (reductions.reduce_sum, _REDUCTION),
    "Relu": (_elementwise(relu), frozenset()),
    "Reshape": (structure.reshape, frozenset({"shape", "allowzero"})),
    "Shape": (constants.shape, frozenset({"end", "start"})),
    "Slice": (structure.slice_window, frozenset({"starts", "ends", "axes"})),
    "Split": (structure.split, frozenset({"axis", "num_outputs", "split"})),
    "Squeeze": (structure.squeeze, frozenset({"axes"})),
    "Sub": (_sub, frozenset()),
    "Sum": (_sum, frozenset()),
    "Transpose": (structure.transpose, frozenset({"perm"})),
    "Unsqueeze": (structure.unsqueeze, frozenset({"axes"})),
}
