"""The ONNX operators that have an exact piecewise linear meaning, one small function each.

`OPERATORS` maps an operator's name to its function and the attributes that it may carry; whatever is not in the table
is refused by name.  A function takes a `Node` (operands as tensors, attributes) and returns the one output.  Where the
ONNX standard changed an attribute into an input (Clip, Slice, Squeeze, Unsqueeze), both forms are read.

Meaning: real arithmetic on the file's exact weights.  What the float32 run adds by rounding is not modelled.
Not done here: tensors and products (`onnx_tensors`), the walk over the graph (`onnx_format`).

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import FormatError
from exactrelu.io.onnx_tensors import Tensor, broadcast, product, restructure
from exactrelu.networks.expressions import Expression, concatenate
from exactrelu.networks.piecewise import absolute, clip, leaky_relu, maximum_of, minimum_of, relu

__all__ = ["OPERATORS", "Node"]

_FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Node:
    """One node: where its units come from, its operands (None where left out), its attributes.

    `bounds` reads a scalar operand as it stands in the file, since an infinite bound of a clip means no bound.
    """

    origin: str
    operands: tuple[Tensor | None, ...]
    attributes: Mapping[str, Any]
    raw: tuple[npt.NDArray[Any] | None, ...]

    def operand(self, position: int = 0) -> Tensor:
        """An operand that must be there."""
        found = self.optional(position)
        if found is None:
            raise FormatError(f"operand {position} is missing")
        return found

    def optional(self, position: int) -> Tensor | None:
        """An operand that may be left out."""
        return self.operands[position] if position < len(self.operands) else None

    def all_operands(self) -> list[Tensor]:
        """All operands of an operator that takes any number of them, at least one."""
        if not self.operands:
            raise FormatError("at least one operand is needed")
        return [self.operand(position) for position in range(len(self.operands))]

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise FormatError(f"the attribute {name!r} must be an integer")
        return value

    def real(self, name: str, default: float) -> Fraction:
        """A float attribute, exactly."""
        value = self.attributes.get(name, default)
        if not isinstance(value, float) or not np.isfinite(value):
            raise FormatError(f"the attribute {name!r} must be a finite float")
        return Fraction(value)

    def integers(self, name: str, position: int) -> list[int] | None:
        """A list of integers that is an attribute or a constant operand; None if neither is there."""
        if name in self.attributes:
            value = self.attributes[name]
            return [value] if isinstance(value, int) else [int(entry) for entry in value]
        tensor = self.optional(position)
        if tensor is None:
            return None
        if not tensor.value.is_constant:
            raise FormatError(f"{name} depends on the network's input; only constants are supported")
        if any(entry.denominator != 1 for entry in tensor.value.values):
            raise FormatError(f"{name} must be integers")
        return [int(entry) for entry in tensor.value.values]

    def bound(self, name: str, position: int) -> Fraction | None:
        """A bound of a clip, attribute or operand; None if it is left out, infinite or the largest float32."""
        value = self.attributes.get(name)
        if value is None and position < len(self.raw) and self.raw[position] is not None:
            array = np.asarray(self.raw[position])
            if array.size != 1:
                raise FormatError(f"{name} must be one number; it has shape {list(array.shape)}")
            value = array.ravel()[0].item()
        elif value is None and self.optional(position) is not None:
            raise FormatError(f"{name} must be a constant of the file")
        if value is None or (isinstance(value, float) and abs(value) >= _FLOAT32_MAX):
            return None
        if np.isnan(value):
            raise FormatError(f"{name} is NaN")
        return Fraction(value)


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


def _same(node: Node) -> Tensor:
    return node.operand()


def _dropout(node: Node) -> Tensor:
    training = node.integers("training_mode", 2)
    if training is not None and any(training):
        raise FormatError("dropout in training mode is random; export the network for inference")
    return node.operand()


def _flatten(node: Node) -> Tensor:
    shape = node.operand().shape
    axis = node.integer("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        raise FormatError(f"axis {axis} is out of range for shape {list(shape)}")
    cut = axis + len(shape) if axis < 0 else axis
    return Tensor((prod(shape[:cut]), prod(shape[cut:])), node.operand().value)


def _reshape(node: Node) -> Tensor:
    operand = node.operand()
    wanted = node.integers("shape", 1)
    if wanted is None:
        raise FormatError("the new shape is missing")
    if not node.integer("allowzero", 0):
        if any(n == 0 and axis >= len(operand.shape) for axis, n in enumerate(wanted)):
            raise FormatError(f"cannot reshape {list(operand.shape)} to {wanted}")
        wanted = [operand.shape[axis] if n == 0 else n for axis, n in enumerate(wanted)]
    try:
        return restructure(operand, lambda numbers: numbers.reshape(wanted))
    except ValueError:
        raise FormatError(f"cannot reshape {list(operand.shape)} to {wanted}") from None


def _transpose(node: Node) -> Tensor:
    operand = node.operand()
    order = node.attributes.get("perm") or list(range(len(operand.shape)))[::-1]
    if sorted(order) != list(range(len(operand.shape))):
        raise FormatError(f"perm {list(order)} does not fit shape {list(operand.shape)}")
    return restructure(operand, lambda numbers: np.transpose(numbers, order))


def _squeeze(node: Node) -> Tensor:
    shape = node.operand().shape
    axes = node.integers("axes", 1)
    dropped = [k for k, n in enumerate(shape) if n == 1] if axes is None else _axes(axes, len(shape))
    if any(shape[k] != 1 for k in dropped):
        raise FormatError(f"cannot squeeze the axes {axes} of shape {list(shape)}: they must have length 1")
    return Tensor(tuple(n for k, n in enumerate(shape) if k not in dropped), node.operand().value)


def _unsqueeze(node: Node) -> Tensor:
    axes = node.integers("axes", 1)
    if axes is None:
        raise FormatError("the axes are missing")
    rank = len(node.operand().shape) + len(axes)
    new = _axes(axes, rank)
    old = iter(node.operand().shape)
    return Tensor(tuple(1 if k in new else next(old) for k in range(rank)), node.operand().value)


def _concat(node: Node) -> Tensor:
    tensors = node.all_operands()
    if "axis" not in node.attributes:
        raise FormatError("the attribute 'axis' is missing")
    starts = np.cumsum([0, *(tensor.value.size for tensor in tensors)])
    numbered = [tensor.entry_numbers + start for tensor, start in zip(tensors, starts, strict=False)]
    try:
        picked = np.concatenate(numbered, axis=node.integer("axis", 0))
    except ValueError:
        shapes = ", ".join(str(list(tensor.shape)) for tensor in tensors)
        raise FormatError(f"the shapes {shapes} cannot be joined along axis {node.attributes['axis']}") from None
    value = concatenate([tensor.value for tensor in tensors]).select(picked.ravel().tolist())
    return Tensor(tuple(int(n) for n in picked.shape), value)


def _slice(node: Node) -> Tensor:
    shape = node.operand().shape
    starts, ends = node.integers("starts", 1), node.integers("ends", 2)
    if starts is None or ends is None:
        raise FormatError("starts or ends are missing")
    given = node.integers("axes", 3)
    axes = _axes(list(range(len(starts))) if given is None else given, len(shape))
    steps = node.integers("steps", 4) or [1] * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise FormatError("starts, ends, axes and steps do not fit together")
    window = [slice(None)] * len(shape)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        # ONNX clamps where Python would count from the end once more: an end before the first entry means "all".
        before_first = step < 0 and end < -shape[axis]
        window[axis] = slice(start, None if before_first else end, step)
    return restructure(node.operand(), lambda numbers: numbers[tuple(window)])


def _gather(node: Node) -> Tensor:
    operand = node.operand()
    (axis,) = _axes([node.integer("axis", 0)], len(operand.shape))
    chosen = node.integers("indices", 1)
    if chosen is None or any(not -operand.shape[axis] <= k < operand.shape[axis] for k in chosen):
        raise FormatError(f"the indices {chosen} do not fit axis {axis} of shape {list(operand.shape)}")
    indices = np.array(chosen, dtype=np.int64).reshape(node.operand(1).shape)
    return restructure(operand, lambda numbers: np.take(numbers, indices, axis=axis))


def _axes(axes: list[int], rank: int) -> list[int]:
    """Axes counted from the front; FormatError if one is out of range or occurs twice."""
    counted = [axis + rank if axis < 0 else axis for axis in axes]
    if any(not 0 <= axis < rank for axis in counted) or len(set(counted)) < len(counted):
        raise FormatError(f"the axes {axes} do not fit a tensor with {rank} axes")
    return counted


OPERATORS: Mapping[str, tuple[Callable[[Node], Tensor], frozenset[str]]] = {
    "Abs": (_elementwise(absolute), frozenset()),
    "Add": (_add, frozenset()),
    "Clip": (_clip, frozenset({"min", "max"})),
    "Concat": (_concat, frozenset({"axis"})),
    "Div": (_div, frozenset()),
    "Dropout": (_dropout, frozenset({"ratio", "seed", "is_test"})),
    "Flatten": (_flatten, frozenset({"axis"})),
    "Gather": (_gather, frozenset({"axis"})),
    "Gemm": (_gemm, frozenset({"alpha", "beta", "transA", "transB"})),
    "Identity": (_same, frozenset()),
    "LeakyRelu": (_leaky_relu, frozenset({"alpha"})),
    "MatMul": (_matmul, frozenset()),
    "Max": (_among(maximum_of), frozenset()),
    "Min": (_among(minimum_of), frozenset()),
    "Mul": (_mul, frozenset()),
    "Neg": (_neg, frozenset()),
    "Relu": (_elementwise(relu), frozenset()),
    "Reshape": (_reshape, frozenset({"shape", "allowzero"})),
    "Slice": (_slice, frozenset({"starts", "ends", "axes"})),
    "Squeeze": (_squeeze, frozenset({"axes"})),
    "Sub": (_sub, frozenset()),
    "Sum": (_sum, frozenset()),
    "Transpose": (_transpose, frozenset({"perm"})),
    "Unsqueeze": (_unsqueeze, frozenset({"axes"})),
}
