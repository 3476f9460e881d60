"""The ONNX operators that only rearrange entries: shapes, axes, selections.

Nothing is computed here.  An operator either keeps the entries and changes the shape, or picks entries by the numbers
that NumPy's own operation picks (`onnx_tensors.restructure`).

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from math import prod

import numpy as np

from exactrelu.errors import FormatError
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_tensors import Tensor, restructure
from exactrelu.networks.expressions import concatenate

__all__ = [
    "concat",
    "dropout",
    "flatten",
    "gather",
    "reshape",
    "same",
    "slice_window",
    "squeeze",
    "transpose",
    "unsqueeze",
]


def same(node: Node) -> Tensor:
    """Return the operand: Identity."""
    return node.operand()


def dropout(node: Node) -> Tensor:
    """Return the operand, as dropout does when a network is used; training mode is refused."""
    training = node.integers("training_mode", 2)
    if training is not None and any(training):
        raise FormatError("dropout in training mode is random; export the network for inference")
    return node.operand()


def flatten(node: Node) -> Tensor:
    """Return a matrix: the axes before `axis` become its rows, the others its columns."""
    shape = node.operand().shape
    axis = node.integer("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        raise FormatError(f"axis {axis} is out of range for shape {list(shape)}")
    cut = axis + len(shape) if axis < 0 else axis
    return Tensor((prod(shape[:cut]), prod(shape[cut:])), node.operand().value)


def reshape(node: Node) -> Tensor:
    """Return the entries in another shape; -1 is what remains, 0 the old length (unless allowzero)."""
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


def transpose(node: Node) -> Tensor:
    """Return the axes in another order, reversed unless `perm` says otherwise."""
    operand = node.operand()
    given = node.integers("perm", 1)
    order = list(range(len(operand.shape)))[::-1] if given is None else given
    if sorted(order) != list(range(len(operand.shape))):
        raise FormatError(f"perm {order} does not fit shape {list(operand.shape)}")
    return restructure(operand, lambda numbers: np.transpose(numbers, order))


def squeeze(node: Node) -> Tensor:
    """Return the operand without axes of length 1, all or the given ones."""
    shape = node.operand().shape
    axes = node.integers("axes", 1)
    dropped = [k for k, n in enumerate(shape) if n == 1] if axes is None else _axes(axes, len(shape))
    if any(shape[k] != 1 for k in dropped):
        raise FormatError(f"cannot squeeze the axes {axes} of shape {list(shape)}: they must have length 1")
    return Tensor(tuple(n for k, n in enumerate(shape) if k not in dropped), node.operand().value)


def unsqueeze(node: Node) -> Tensor:
    """Return the operand with new axes of length 1 in the given places of the result."""
    axes = node.integers("axes", 1)
    if axes is None:
        raise FormatError("the axes are missing")
    rank = len(node.operand().shape) + len(axes)
    new = _axes(axes, rank)
    old = iter(node.operand().shape)
    return Tensor(tuple(1 if k in new else next(old) for k in range(rank)), node.operand().value)


def concat(node: Node) -> Tensor:
    """Return the operands joined along an axis."""
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


def slice_window(node: Node) -> Tensor:
    """Return a window with a step along each of the given axes."""
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
        # Python counts negative numbers from the end and clamps what is out of range just as ONNX does.
        window[axis] = slice(start, end, step)
    return restructure(node.operand(), lambda numbers: numbers[tuple(window)])


def gather(node: Node) -> Tensor:
    """Return the entries with the given constant indices along an axis."""
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
