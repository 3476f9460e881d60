"""The ONNX operators that slide a window: convolution, maximum and average pooling, in any number of dimensions.

Geometry: along each spatial axis a window with k taps, dilation d and stride s starts at o·s - p for o = 0, 1, ...,
where p is the padding at the beginning; it covers the places start + t·d, t < k.  The number of windows is
floor or ceil ((n + p + p' - ((k-1)·d + 1)) / s) + 1; with ceil a last window that would start beyond the entries and
the padding at the beginning is left out.  Places in the padding count as zero in a convolution, and not at all in a
maximum.  An average is divided by the number of places inside the input, or inside the padded input with
`count_include_pad`; places beyond the padding, which ceil can reach, never count.

`taps` turns all that into numbers of entries, so that the operators only say what they do with them.

Cost: linear in the taps.  Source: the ONNX operator specification, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm, prod

import numpy as np
import numpy.typing as npt

from exactrelu.errors import FormatError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_tensors import Tensor
from exactrelu.networks.expressions import Expression, require_moderate
from exactrelu.networks.piecewise import maximum_over

__all__ = ["average_pool", "convolution", "global_average_pool", "global_max_pool", "max_pool"]

Indices = npt.NDArray[np.int64]
_MOST_TAPS = 1 << 26
OUTSIDE, PADDING = -2, -1


@dataclass(frozen=True, slots=True)
class _Axis:
    """The windows along one spatial axis of length `length`."""

    length: int
    taps: int
    stride: int
    dilation: int
    before: int
    after: int
    n_windows: int

    def places(self) -> Indices:
        """Window times tap -> place along the axis, PADDING in the padding, OUTSIDE beyond it."""
        start = np.arange(self.n_windows, dtype=np.int64)[:, None] * self.stride - self.before
        place = start + np.arange(self.taps, dtype=np.int64)[None, :] * self.dilation
        inside = (place >= 0) & (place < self.length)
        return np.where(inside, place, np.where(place >= self.length + self.after, OUTSIDE, PADDING))


def _axes(node: Node, spatial: tuple[int, ...], kernel: list[int]) -> list[_Axis]:
    """The windows along all spatial axes, from the attributes of the node."""
    rank = len(spatial)
    strides = node.list_of("strides", [1] * rank)
    dilations = node.list_of("dilations", [1] * rank)
    pads = node.list_of("pads", [0] * (2 * rank))
    if not len(kernel) == len(strides) == len(dilations) == rank or len(pads) != 2 * rank:
        raise FormatError(f"kernel, strides, dilations and pads do not fit {rank} spatial axes")
    if min(*kernel, *strides, *dilations, 1) < 1 or min(*pads, 0) < 0:
        raise FormatError("kernel, strides and dilations must be positive, and pads not negative")
    auto, ceil = node.text("auto_pad", "NOTSET"), bool(node.integer("ceil_mode", 0))
    if auto not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise FormatError(f"auto_pad {auto!r} is not known")
    if auto != "NOTSET" and any(pads):
        raise FormatError(f"auto_pad {auto} and explicit pads exclude each other")
    axes = []
    for k, n in enumerate(spatial):
        span = (kernel[k] - 1) * dilations[k] + 1
        before, after = pads[k], pads[k + rank]
        if auto.startswith("SAME"):
            count = -(-n // strides[k])
            total = max((count - 1) * strides[k] + span - n, 0)
            before = total // 2 if auto == "SAME_UPPER" else total - total // 2
            after = total - before
        else:
            room = n + before + after - span
            if room < 0:
                raise FormatError(f"a window of {span} places does not fit into {n} entries with their padding")
            count = (-(-room // strides[k]) if ceil else room // strides[k]) + 1
            # Else the window would see nothing but the padding at the end.
            if ceil and (count - 1) * strides[k] >= n + before:
                count -= 1
        axes.append(_Axis(n, kernel[k], strides[k], dilations[k], before, after, count))
    return axes


def _taps(axes: list[_Axis]) -> Indices:
    """Row-major numbers of the places that each window covers: one row a window, one column a tap."""
    n_windows, n_taps = prod(a.n_windows for a in axes), prod(a.taps for a in axes)
    if n_windows * n_taps > _MOST_TAPS:
        raise FormatError(f"{n_windows} windows with {n_taps} taps are too many")
    numbers = np.zeros((1, 1), dtype=np.int64)
    for axis in axes:
        places = axis.places()
        both = numbers[:, None, :, None] * axis.length + places[None, :, None, :]
        worst = np.minimum(numbers[:, None, :, None], places[None, :, None, :])
        both = np.where(worst < 0, worst, both)
        numbers = both.reshape(len(numbers) * len(places), -1)
    return numbers


def _spatial(operand: Tensor) -> tuple[int, int, tuple[int, ...]]:
    """Batch, channels and spatial lengths."""
    if len(operand.shape) < 3:
        raise FormatError(f"the value has shape {list(operand.shape)}; batch, channels and a spatial axis are needed")
    batch, channels, *spatial = operand.shape
    return batch, channels, tuple(spatial)


def convolution(node: Node) -> Tensor:
    """Return the (cross-)correlation with constant weights, output channels × input channels of a group × kernel."""
    operand, weights = node.operand(0), node.operand(1)
    batch, channels, spatial = _spatial(operand)
    if not weights.value.is_constant:
        raise FormatError("the weights depend on the network's input; only constants are supported")
    if len(weights.shape) != len(operand.shape):
        raise FormatError(f"weights of shape {list(weights.shape)} do not fit a value of shape {list(operand.shape)}")
    n_out, per_group, *kernel = weights.shape
    groups = node.integer("group", 1)
    if groups < 1 or channels != per_group * groups or n_out % groups:
        raise FormatError(f"{groups} groups do not fit {channels} channels and weights of shape {list(weights.shape)}")
    if node.list_of("kernel_shape", kernel) != kernel:
        raise FormatError(f"kernel_shape {node.list_of('kernel_shape', kernel)} is not that of the weights, {kernel}")
    axes = _axes(node, spatial, kernel)
    taps = _taps(axes)
    shape = (batch, n_out, *(axis.n_windows for axis in axes))
    require_moderate(prod(shape), operand.value.size)
    if len(taps) * taps.shape[1] * per_group * n_out * batch > _MOST_TAPS:
        raise FormatError(f"a convolution to shape {list(shape)} has too many weights")
    area, entries, width = prod(spatial), weights.value.column, per_group * taps.shape[1]
    kernels = [entries[k * width : (k + 1) * width] for k in range(n_out)]
    table = []
    for start in range(0, batch * channels * area, channels * area):
        for group in range(groups):
            first = start + group * per_group * area
            offsets = first + area * np.arange(per_group, dtype=np.int64)[None, :, None]
            places = np.where(taps[:, None, :] < 0, -1, taps[:, None, :] + offsets).reshape(len(taps), -1).tolist()
            for channel in range(group * (n_out // groups), (group + 1) * (n_out // groups)):
                kernel_row = kernels[channel]
                table += [{j: w for j, w in zip(row, kernel_row, strict=True) if j >= 0 and w} for row in places]
    matrix = RationalMatrix.from_nonzeros(table, weights.value.offset.denominator, n_columns=operand.value.size)
    value = operand.value.affine(matrix)
    bias = node.optional(2)
    if bias is not None:
        if not bias.value.is_constant or bias.shape != (n_out,):
            raise FormatError(f"the bias must be a constant of shape [{n_out}]")
        spread = np.broadcast_to(np.arange(n_out).reshape(-1, *[1] * len(spatial)), shape)
        value = value + bias.value.select(spread.ravel().tolist())
    return Tensor(shape, value)


def _windows(operand: Tensor, taps: Indices) -> list[list[int]]:
    """For every window of every channel the numbers of the entries it covers, negative where there is none."""
    batch, channels, spatial = _spatial(operand)
    starts = np.arange(batch * channels, dtype=np.int64)[:, None, None] * prod(spatial)
    numbers = np.where(taps[None] < 0, taps[None], taps[None] + starts)
    found: list[list[int]] = numbers.reshape(-1, taps.shape[1]).tolist()
    return found


def _pooling(node: Node) -> tuple[tuple[int, ...], list[list[int]]]:
    """Result's shape and windows of a pooling operator."""
    operand = node.operand()
    batch, channels, spatial = _spatial(operand)
    kernel = node.list_of("kernel_shape", [])
    axes = _axes(node, spatial, kernel)
    return (batch, channels, *(axis.n_windows for axis in axes)), _windows(operand, _taps(axes))


def max_pool(node: Node) -> Tensor:
    """Return the maximum of each window."""
    shape, windows = _pooling(node)
    covered = [[j for j in window if j >= 0] for window in windows]
    if not all(covered):
        raise FormatError("a window covers nothing but padding, so it has no maximum")
    return Tensor(shape, maximum_over(node.operand().value, covered, origin=node.origin))


def average_pool(node: Node) -> Tensor:
    """Return the average of each window."""
    shape, windows = _pooling(node)
    with_padding = bool(node.integer("count_include_pad", 0))
    counts = [sum(j > OUTSIDE if with_padding else j >= 0 for j in window) for window in windows]
    if not all(counts):
        raise FormatError("a window covers nothing but padding, so it has no average")
    return Tensor(shape, _averages(node.operand(), windows, counts))


def global_max_pool(node: Node) -> Tensor:
    """Return the maximum of each channel."""
    shape, windows = _channels(node)
    return Tensor(shape, maximum_over(node.operand().value, windows, origin=node.origin))


def global_average_pool(node: Node) -> Tensor:
    """Return the average of each channel."""
    shape, windows = _channels(node)
    return Tensor(shape, _averages(node.operand(), windows, [len(window) for window in windows]))


def _channels(node: Node) -> tuple[tuple[int, ...], list[list[int]]]:
    batch, channels, spatial = _spatial(node.operand())
    if not prod(spatial):
        raise FormatError("a channel has no entry")
    every = np.arange(prod(spatial), dtype=np.int64)[None, :]
    return (batch, channels, *[1] * len(spatial)), _windows(node.operand(), every)


def _averages(operand: Tensor, windows: list[list[int]], counts: list[int]) -> Expression:
    common = lcm(*counts)
    table = [
        dict.fromkeys((j for j in window if j >= 0), common // count)
        for window, count in zip(windows, counts, strict=True)
    ]
    require_moderate(len(table), operand.value.size)
    return operand.value.affine(RationalMatrix.from_nonzeros(table, common, n_columns=operand.value.size))
