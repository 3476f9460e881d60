"""The ONNX operators that are about constants: casts, shapes, filled tensors.

A cast of a value that depends on the input is the identity between float types, since the network is read in real
arithmetic; to integers it would round, which is not continuous.  A cast of a constant must keep it: a number that the
float type does not hold is refused rather than rounded.  To integers constants are cut off towards zero, as the
standard says.

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod, trunc
from typing import Any

import numpy as np

from exactrelu.errors import FormatError, NotPiecewiseLinearError
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_tensors import Tensor, dyadic_column

__all__ = ["cast", "constant_of_shape", "shape"]

_FLOATS: dict[int, type[np.floating[Any]]] = {1: np.float32, 10: np.float16, 11: np.float64}
_INTEGERS: dict[int, type[np.integer[Any]]] = {
    2: np.uint8,
    3: np.int8,
    4: np.uint16,
    5: np.int16,
    6: np.int32,
    7: np.int64,
    12: np.uint32,
    13: np.uint64,
}
_BOOLEAN, _BFLOAT16 = 9, 16
_MOST_ENTRIES = 1 << 22


def cast(node: Node) -> Tensor:
    """Return the operand as another type of number."""
    operand, kind = node.operand(), node.integer("to", 0)
    if not operand.value.is_constant:
        if kind not in _FLOATS and kind != _BFLOAT16:
            raise NotPiecewiseLinearError(
                "a cast of a value that depends on the input to an integer type is not continuous"
            )
        return operand
    values = operand.value.values
    if kind in _FLOATS:
        for value in values:
            if not _holds(_FLOATS[kind], value):
                raise FormatError(f"the constant {value} is no {_FLOATS[kind].__name__}, and nothing is rounded here")
        return operand
    if kind == _BOOLEAN:
        return Tensor(operand.shape, operand.value.graph.constant([int(value != 0) for value in values]))
    if kind not in _INTEGERS:
        raise FormatError(f"a cast to element type {kind} is not supported")
    whole = [trunc(value) for value in values]
    limits = np.iinfo(_INTEGERS[kind])
    if any(not limits.min <= value <= limits.max for value in whole):
        raise FormatError(f"a constant is beyond the range of {_INTEGERS[kind].__name__}")
    return Tensor(operand.shape, operand.value.graph.constant(whole))


def _holds(kind: type[np.floating[Any]], value: Fraction) -> bool:
    """Whether a float type holds the number exactly."""
    try:
        rounded = kind(float(value))
    except OverflowError:
        return False
    return bool(np.isfinite(rounded)) and Fraction(float(rounded)) == value


def shape(node: Node) -> Tensor:
    """Return the lengths of the operand's axes, a missing batch size being 1."""
    lengths = node.operand().shape
    chosen = lengths[slice(node.integer("start", 0), node.integer("end", len(lengths)))]
    return Tensor((len(chosen),), node.operand().value.graph.constant(chosen))


def constant_of_shape(node: Node) -> Tensor:
    """Return a tensor of the given shape filled with one number, zero unless `value` is there."""
    lengths = node.integers("shape", 0)
    if lengths is None or min(lengths, default=1) < 0:
        raise FormatError(f"{lengths} is no shape")
    count = prod(lengths)
    if count > _MOST_ENTRIES:
        raise FormatError(f"a tensor of shape {lengths} is too large")
    filler = node.attributes.get("value")
    if filler is None:
        number = Fraction(0)
    else:
        from onnx import numpy_helper

        column = dyadic_column(np.asarray(numpy_helper.to_array(filler)), "the attribute 'value'").to_fractions()
        if len(column) != 1:
            raise FormatError("the attribute 'value' must be one number")
        number = column[0][0]
    return Tensor(tuple(lengths), node.operand().value.graph.constant([number] * count))
