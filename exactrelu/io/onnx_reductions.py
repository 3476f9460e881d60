"""The ONNX operators that reduce axes to one entry: sum, mean, maximum and minimum.

Sum and mean are affine; a maximum or minimum is a tournament of units (`piecewise.maximum_over`).  The axes are an
attribute or a constant operand, as the ONNX standard changed that; without axes all of them are reduced, unless
`noop_with_empty_axes` says that nothing is.

Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from math import prod

import numpy as np

from exactrelu.errors import FormatError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_structure import counted_axes
from exactrelu.io.onnx_tensors import Tensor
from exactrelu.networks.expressions import require_moderate
from exactrelu.networks.piecewise import maximum_over

__all__ = ["reduce_max", "reduce_mean", "reduce_min", "reduce_sum"]


def reduce_sum(node: Node) -> Tensor:
    """Return the sums along the axes."""
    return _linear(node, mean=False)


def reduce_mean(node: Node) -> Tensor:
    """Return the averages along the axes."""
    return _linear(node, mean=True)


def reduce_max(node: Node) -> Tensor:
    """Return the maxima along the axes."""
    shape, groups = _groups(node)
    return Tensor(shape, maximum_over(node.operand().value, groups, origin=node.origin))


def reduce_min(node: Node) -> Tensor:
    """Return the minima along the axes."""
    shape, groups = _groups(node)
    return Tensor(shape, -maximum_over(-node.operand().value, groups, origin=node.origin))


def _linear(node: Node, *, mean: bool) -> Tensor:
    value = node.operand().value
    shape, groups = _groups(node)
    require_moderate(len(groups), value.size)
    table = [dict.fromkeys(group, 1) for group in groups]
    count = len(groups[0]) if mean and groups else 1
    return Tensor(shape, value.affine(RationalMatrix.from_nonzeros(table, count, n_columns=value.size)))


def _groups(node: Node) -> tuple[tuple[int, ...], list[list[int]]]:
    """Shape of the result, and for each of its entries the numbers of the entries that it is made from."""
    operand = node.operand()
    rank = len(operand.shape)
    given = node.integers("axes", 1)
    if not given:
        given = [] if node.integer("noop_with_empty_axes", 0) else list(range(rank))
    axes = counted_axes(given, rank)
    kept = [k for k in range(rank) if k not in axes]
    if not prod(operand.shape):
        raise FormatError(f"a value of shape {list(operand.shape)} has nothing to reduce")
    moved = np.transpose(operand.entry_numbers, [*kept, *axes])
    groups: list[list[int]] = moved.reshape(prod(operand.shape[k] for k in kept), -1).tolist()
    if node.integer("keepdims", 1):
        return tuple(1 if k in axes else n for k, n in enumerate(operand.shape)), groups
    return tuple(operand.shape[k] for k in kept), groups
