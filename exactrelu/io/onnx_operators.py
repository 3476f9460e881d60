"""The ONNX operators that have an exact piecewise linear meaning, one small function each.

`OPERATORS` maps an operator's name to its function and the attributes that it may carry; whatever is not in the table
is refused by name.  A function takes a `Node` (operands as tensors, attributes) and returns the one output.

Meaning: real arithmetic on the file's exact weights.  What the float32 run adds by rounding is not modelled.
Neighbours: operators that only rearrange entries are in `onnx_structure`, tensors and products in `onnx_tensors`, the
walk over the graph in `onnx_format`.

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from exactrelu.errors import FormatError
from exactrelu.io import onnx_structure as structure
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_tensors import Tensor, broadcast, product, restructure
from exactrelu.networks.expressions import Expression
from exactrelu.networks.piecewise import absolute, clip, leaky_relu, maximum_of, minimum_of, relu

__all__ = ["OPERATORS"]


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
        raise FormatError("both factors depend on the network's input, so the product is not piecewise linear")
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


def _clip(node: Node) -> Tensor:
    value = clip(node.operand().value, node.bound("min", 1), node.bound("max", 2), origin=node.origin)
    return Tensor(node.operand().shape, value)


OPERATORS: Mapping[str, tuple[Callable[[Node], Tensor], frozenset[str]]] = {
    "Abs": (_elementwise(absolute), frozenset()),
    "Add": (_add, frozenset()),
    "Clip": (_clip, frozenset({"min", "max"})),
    "Concat": (structure.concat, frozenset({"axis"})),
    "Div": (_div, frozenset()),
    "Dropout": (structure.dropout, frozenset({"ratio", "seed", "is_test"})),
    "Flatten": (structure.flatten, frozenset({"axis"})),
    "Gather": (structure.gather, frozenset({"axis"})),
    "Gemm": (_gemm, frozenset({"alpha", "beta", "transA", "transB"})),
    "Identity": (structure.same, frozenset()),
    "LeakyRelu": (_leaky_relu, frozenset({"alpha"})),
    "MatMul": (_matmul, frozenset()),
    "Max": (_among(maximum_of), frozenset()),
    "Min": (_among(minimum_of), frozenset()),
    "Mul": (_mul, frozenset()),
    "Neg": (_neg, frozenset()),
    "Relu": (_elementwise(relu), frozenset()),
    "Reshape": (structure.reshape, frozenset({"shape", "allowzero"})),
    "Slice": (structure.slice_window, frozenset({"starts", "ends", "axes"})),
    "Squeeze": (structure.squeeze, frozenset({"axes"})),
    "Sub": (_sub, frozenset()),
    "Sum": (_sum, frozenset()),
    "Transpose": (structure.transpose, frozenset({"perm"})),
    "Unsqueeze": (structure.unsqueeze, frozenset({"axes"})),
}
