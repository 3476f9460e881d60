"""The operators of a chain that slide a window: convolution, maximum and average pooling.

Along an axis of length n a window with k taps, dilation d and stride s stands at o s - p for o = 0, 1, ..., where p is
the padding before the first entry, and covers the places o s - p + t d for t < k; places outside 0 .. n-1 are padding.
There are floor((n + p + p' - (k - 1) d - 1) / s) + 1 windows; rounded up with ceil_mode, but none that would start
behind the last entry.  With auto_pad SAME there are ceil(n / s), and as much padding as that needs.

A maximum is a tournament, max(a, b) = b + relu(a - b).  In each round neighbours of a window meet and an odd last one
waits.  The round is one layer: the differences a - b of all different pairs in the order in which windows name them
first, rectified; then the entries b and the waiting ones, each once, in the same order, with the slopes (1, 1).
"""

from __future__ import annotations

from itertools import product
from math import lcm, prod

from .chain import Chain
from .onnx_parts import Node, Tensor
from .reading import Unreadable

__all__ = ["average_pool", "convolve", "max_pool"]

MOST_TAPS = 1 << 24
ATTRIBUTES = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")


def convolve(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    """Replace the value (batch, channels, places) by its convolution with constant weights, plus a constant bias."""
    node.allow(*ATTRIBUTES, "group")
    weights = operands[1] if len(operands) > 1 else None
    if operands[0] is not None or weights is None or len(operands) > 3:
        raise Unreadable(f"{node.label}: the value, constant weights and perhaps a bias are expected")
    batch, channels, spatial = _shape(node, chain)
    groups = node.integer("group", 1)
    outputs, depth, *kernel = (*weights.shape, 0, 0)[: max(len(weights.shape), 2)]
    fits = (
        len(weights.shape) == len(chain.shape) and groups > 0 and depth * groups == channels and outputs % groups == 0
    )
    if not fits or node.integers("kernel_shape", kernel) != kernel:
        raise Unreadable(f"{node.label}: weights of shape {list(weights.shape)} do not fit {list(chain.shape)}")
    counts, windows = _windows(node, spatial, kernel)
    area, taps = prod(spatial), prod(kernel)
    if len(windows) * taps * depth * outputs * batch > MOST_TAPS:
        raise Unreadable(f"{node.label}: there are too many weights")
    matrix = []
    for first, output in product(range(0, batch * channels, channels), range(outputs)):
        channel = first + output // (outputs // groups) * depth
        own = weights.values[output * depth * taps : (output + 1) * depth * taps]
        for window in windows:
            row = {}
            for c in range(depth):
                start = (channel + c) * area
                for place, weight in zip(window, own[c * taps : (c + 1) * taps], strict=True):
                    if weight and place >= 0:
                        row[start + place] = weight
            matrix.append(row)
    chain.combine(matrix, weights.denominator)
    chain.shape = (batch, outputs, *counts)
    if len(operands) == 3 and (bias := operands[2]) is not None:
        if bias.shape != (outputs,):
            raise Unreadable(f"{node.label}: the bias has the shape {list(bias.shape)}")
        spread = [value for value in bias.values for _ in windows] * batch
        chain.translate(spread, bias.denominator)


def max_pool(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    """Replace the value by the maxima of its windows: one layer for each round."""
    node.allow(*ATTRIBUTES, "ceil_mode", "storage_order")
    groups, shape = _pools(node, operands, chain)
    while max(map(len, groups)) > 1:
        matches: dict[tuple[int, int], int] = {}
        passed: dict[int, int] = {}
        for group in groups:
            for a, b in zip(group[::2], group[1::2], strict=False):
                matches.setdefault((a, b), len(matches))
                passed.setdefault(b, len(passed))
            if len(group) % 2:
                passed.setdefault(group[-1], len(passed))
        chain.combine([{a: 1, b: -1} for a, b in matches] + [{k: 1} for k in passed])
        chain.close_layer([(0, 1)] * len(matches) + [(1, 1)] * len(passed))
        # New entries: the winners b + relu(a - b), then everything that was handed on.
        waiting = len(matches)
        winners = [{number: 1, waiting + passed[b]: 1} for (_, b), number in matches.items()]
        chain.combine(winners + [{waiting + k: 1} for k in range(len(passed))])
        groups = [
            [matches[pair] for pair in zip(group[::2], group[1::2], strict=False)]
            + ([waiting + passed[group[-1]]] if len(group) % 2 else [])
            for group in groups
        ]
    chain.combine([{group[0]: 1} for group in groups])
    chain.shape = shape


def average_pool(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    """Replace the value by the averages of its windows, or of its channels."""
    if node.operator == "GlobalAveragePool":
        node.allow()
        batch, channels, spatial = _shape(node, chain)
        area = prod(spatial)
        groups = [list(range(k * area, (k + 1) * area)) for k in range(batch * channels)]
        shape, counts = (batch, channels, *[1] * len(spatial)), [area] * len(groups)
    else:
        node.allow(*ATTRIBUTES, "count_include_pad", "ceil_mode")
        if node.integer("ceil_mode", 0):
            raise Unreadable(f"{node.label}: ceil_mode is not supported for an average")
        groups, shape = _pools(node, operands, chain)
        whole = prod(node.integers("kernel_shape", []))
        counts = [whole if node.integer("count_include_pad", 0) else len(group) for group in groups]
    common = lcm(*counts)
    chain.combine([dict.fromkeys(g, common // n) for g, n in zip(groups, counts, strict=True)], common)
    chain.shape = shape


def _pools(node: Node, operands: list[Tensor | None], chain: Chain) -> tuple[list[list[int]], tuple[int, ...]]:
    """For every window of every channel the numbers of its entries, and the shape of the result."""
    batch, channels, spatial = _shape(node, chain)
    counts, windows = _windows(node, spatial, node.integers("kernel_shape", []))
    area = prod(spatial)
    starts = range(0, batch * channels * area, area)
    groups = [[start + place for place in window if place >= 0] for start in starts for window in windows]
    if len(operands) != 1 or not all(groups):
        raise Unreadable(f"{node.label}: one operand is expected, and no window of padding alone")
    return groups, (batch, channels, *counts)


def _shape(node: Node, chain: Chain) -> tuple[int, int, tuple[int, ...]]:
    if len(chain.shape) < 3:
        raise Unreadable(f"{node.label}: the shape {list(chain.shape)} has no spatial axis")
    return chain.shape[0], chain.shape[1], chain.shape[2:]


def _windows(node: Node, spatial: tuple[int, ...], kernel: list[int]) -> tuple[list[int], list[list[int]]]:
    """How many windows along each axis, and for each window the row-major places of its taps, -1 in the padding."""
    rank = len(spatial)
    strides, dilations = node.integers("strides", [1] * rank), node.integers("dilations", [1] * rank)
    pads, auto = node.integers("pads", [0] * (2 * rank)), node.text("auto_pad", "NOTSET")
    sizes = [*kernel, *strides, *dilations]
    if len(kernel) != rank or len(sizes) != 3 * rank or len(strides) != rank or min(sizes) < 1:
        raise Unreadable(f"{node.label}: kernel, strides and dilations do not fit {rank} axes")
    known = auto in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
    if len(pads) != 2 * rank or min(pads) < 0 or not known or (auto != "NOTSET" and any(pads)):
        raise Unreadable(f"{node.label}: the padding is not understood")
    places = []
    size = 1
    for axis, length in enumerate(spatial):
        stride, span = strides[axis], (kernel[axis] - 1) * dilations[axis] + 1
        before, room = pads[axis], length + pads[axis] + pads[axis + rank] - span
        count = room // stride + 1
        if auto.startswith("SAME"):
            count = -(-length // stride)
            total = max((count - 1) * stride + span - length, 0)
            before = total // 2 if auto == "SAME_UPPER" else total - total // 2
        elif room < 0:
            raise Unreadable(f"{node.label}: the window is larger than the value")
        elif node.integer("ceil_mode", 0) and room % stride and count * stride < length + before:
            count += 1
        size *= count * kernel[axis]
        if size > MOST_TAPS:
            raise Unreadable(f"{node.label}: there are too many windows")
        starts = range(-before, count * stride - before, stride)
        steps = range(0, span, dilations[axis])
        places.append([[s + t if 0 <= s + t < length else -1 for t in steps] for s in starts])
    strides_of_places = [prod(spatial[axis + 1 :]) for axis in range(rank)]
    windows = [
        [-1 if min(tap) < 0 else sum(map(int.__mul__, tap, strides_of_places)) for tap in product(*window)]
        for window in product(*places)
    ]
    return [len(axis) for axis in places], windows
