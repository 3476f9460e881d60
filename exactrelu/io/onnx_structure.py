"""The ONNX operators that only rearrange entries: shapes, axes, selections, padding.

Nothing is computed here.  An operator either keeps the entries and changes the shape, or picks entries by the numbers
that NumPy's own operation picks (`onnx_tensors.restructure`).

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from exactrelu.errors import FormatError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_tensors import Tensor, restructure
from exactrelu.networks.expressions import concatenate, require_moderate

__all__ = [
    "concat",
    "counted_axes",
    "dropout",
    "expand",
    "flatten",
    "gather",
    "pad",
    "reshape",
    "same",
    "slice_window",
    "split",
    "squeeze",
    "transpose",
    "unsqueeze",
]


def same(node: Node) -> Tensor:
    """Return the operand: Identity."""
    return node.operand()


def dropout(node: Node) -> Tensor:
    """Return the operand, as dropout does when a network is used; training mode with a positive ratio is refused."""
    training = any(node.integers("training_mode", 2) or [])
    if 0 < node.opset < 7:  # the oldest versions train unless told otherwise
        training = not node.integer("is_test", 0)
    ratio = node.real("ratio", 0.5) if node.optional(1) is None else node.constant(1, "ratio")[0]
    if training and ratio:
        raise FormatError(
            f"dropout in training mode with ratio {float(ratio):g} is random; export the network for inference "
            "(training_mode false, or ratio 0)"
        )
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
    dropped = [k for k, n in enumerate(shape) if n == 1] if axes is None else counted_axes(axes, len(shape))
    if any(shape[k] != 1 for k in dropped):
        raise FormatError(f"cannot squeeze the axes {axes} of shape {list(shape)}: they must have length 1")
    return Tensor(tuple(n for k, n in enumerate(shape) if k not in dropped), node.operand().value)


def unsqueeze(node: Node) -> Tensor:
    """Return the operand with new axes of length 1 in the given places of the result."""
    axes = node.integers("axes", 1)
    if axes is None:
        raise FormatError("the axes are missing")
    rank = len(node.operand().shape) + len(axes)
    new = counted_axes(axes, rank)
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
    axes = counted_axes(list(range(len(starts))) if given is None else given, len(shape))
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
    (axis,) = counted_axes([node.integer("axis", 0)], len(operand.shape))
    chosen = node.integers("indices", 1)
    if chosen is None or any(not -operand.shape[axis] <= k < operand.shape[axis] for k in chosen):
        raise FormatError(f"the indices {chosen} do not fit axis {axis} of shape {list(operand.shape)}")
    indices = np.array(chosen, dtype=np.int64).reshape(node.operand(1).shape)
    return restructure(operand, lambda numbers: np.take(numbers, indices, axis=axis))


def split(node: Node) -> list[Tensor]:
    """Return the consecutive parts along an axis: of the given lengths, or of equal ones with a shorter last part."""
    operand = node.operand()
    (axis,) = counted_axes([node.integer("axis", 0)], len(operand.shape))
    length, count = operand.shape[axis], node.n_outputs
    lengths = node.integers("split", 1)
    if lengths is None:
        each = -(-length // count)
        lengths = [each] * (count - 1) + [length - each * (count - 1)]
    if len(lengths) != count or sum(lengths) != length or min(lengths) < 0:
        raise FormatError(f"{count} parts of lengths {lengths} do not fit {length} entries along axis {axis}")
    parts, start = [], 0
    for n in lengths:
        picked = np.take(operand.entry_numbers, range(start, start + n), axis=axis)
        parts.append(Tensor(tuple(map(int, picked.shape)), operand.value.select(picked.ravel().tolist())))
        start += n
    return parts


def expand(node: Node) -> Tensor:
    """Return the operand repeated along its axes of length 1, as broadcasting to the given shape does."""
    operand, shape = node.operand(), node.integers("shape", 1)
    if shape is None:
        raise FormatError("the new shape is missing")
    try:
        common = np.broadcast_shapes(operand.shape, tuple(shape))
    except ValueError:
        raise FormatError(f"the shape {list(operand.shape)} cannot be expanded to {shape}") from None
    require_moderate(prod(common), operand.value.size)
    return restructure(operand, lambda numbers: np.broadcast_to(numbers, common))


def pad(node: Node) -> Tensor:
    """Return the operand with entries added around it (or cut off, for negative pads).

    Mode `constant` adds a constant, `edge` the nearest entry, `reflect` the mirror image, `wrap` the other end.
    """
    operand = node.operand()
    rank, mode = len(operand.shape), node.text("mode", "constant")
    pads, axes = node.integers("pads", 1), node.integers("axes", 3)
    if mode not in ("constant", "edge", "reflect", "wrap"):
        raise FormatError(f"the mode {mode!r} is not supported")
    chosen = counted_axes(list(range(rank)) if axes is None else axes, rank)
    if pads is None or len(pads) != 2 * len(chosen):
        raise FormatError(f"pads {pads} do not fit {len(chosen)} axes")
    around = [(0, 0)] * rank
    for k, axis in enumerate(chosen):
        around[axis] = (pads[k], pads[k + len(chosen)])
    window = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(operand.shape, around, strict=True))
    grown = [(max(a, 0), max(b, 0)) for a, b in around]
    size = prod(n + a + b for n, (a, b) in zip(operand.shape, grown, strict=True))
    require_moderate(size, operand.value.size)
    numbers = operand.entry_numbers[window]
    if mode != "constant":
        if not numbers.size:
            raise FormatError("nothing is left to be repeated in the padding")
        kind: Any = mode
        picked = np.pad(numbers, grown, mode=kind)
        return Tensor(tuple(map(int, picked.shape)), operand.value.select(picked.ravel().tolist()))
    filler = node.real("value", 0.0) if node.optional(2) is None else node.constant(2, "constant_value")[0]
    picked = np.pad(numbers, grown, constant_values=-1)
    entries = picked.ravel().tolist()
    rows = [{j: 1} if j >= 0 else {} for j in entries]
    value = operand.value.affine(RationalMatrix.from_nonzeros(rows, n_columns=operand.value.size))
    if filler:
        value = value + value.graph.constant([filler if j < 0 else 0 for j in entries])
    return Tensor(tuple(map(int, picked.shape)), value)


def counted_axes(axes: list[int], rank: int) -> list[int]:
    """Return the axes counted from the front; FormatError if one is out of range or occurs twice."""
    counted = [axis + rank if axis < 0 else axis for axis in axes]
    if any(not 0 <= axis < rank for axis in counted) or len(set(counted)) < len(counted):
        raise FormatError(f"the axes {axes} do not fit a tensor with {rank} axes")
    return counted
