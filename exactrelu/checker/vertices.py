"""A network at many rational points, exactly: its outputs, and the signs of its units.

One packed integer holds a neuron's values at all points (`core`), so that a product by a weight serves them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from .core import pack, slot_width, unpack
from .network import Network

__all__ = ["evaluate"]

Point = tuple[int, ...]
BATCH = 64  # points that share one packed evaluation


def evaluate(network: Network, points: Sequence[Point]) -> tuple[list[Point], list[tuple[int, int]]]:
    """Return for each point (numerators, denominator) the point with the outputs, and its units' signs.

    Signs are two integers: bit u of the first is set if unit u is positive, of the second if it is negative.
    """
    values: list[Point] = []
    signs: list[tuple[int, int]] = []
    for start in range(0, len(points), BATCH):
        _evaluate(network, points[start : start + BATCH], values, signs)
    return values, signs


def _evaluate(network: Network, points: Sequence[Point], lifted: list[Point], signs: list[tuple[int, int]]) -> None:
    """Scales and bounds are those of `core`: Z = W H + b P, and |Z| <= N max(|x_j|, denominator)."""
    layers, count = network.layers, len(points)
    size = max(abs(x) for point in points for x in point).bit_length()
    columns = [list(column) for column in zip(*points, strict=True)]
    ones = columns.pop()
    positive, negative = [0] * count, [0] * count
    unit, scale = 0, 1
    reach = [1] * len(columns)
    for number, layer in enumerate(layers):
        norms = [
            sum(abs(w) * r for w, r in zip(row, reach, strict=True)) + abs(b) * scale
            for row, b in zip(layer.weights, layer.bias, strict=True)
        ]
        width = slot_width(size + max(norms).bit_length())
        packed = [pack(column, width) for column in columns]
        constant = pack(ones, width) * scale
        columns = []
        for neuron, (row, b) in enumerate(zip(layer.weights, layer.bias, strict=True)):
            total = b * constant + sum(w * h for w, h in zip(row, packed, strict=True) if w)
            values = unpack(total, count, width)
            if number + 1 < len(layers):
                low, high = layer.slopes[neuron]
                if low != high:
                    bit = 1 << unit
                    unit += 1
                    for place, z in enumerate(values):
                        if z > 0:
                            positive[place] |= bit
                        elif z < 0:
                            negative[place] |= bit
                values = [z * (high if z > 0 else low) for z in values]
            columns.append(values)
        scale *= layer.denominator
        if number + 1 < len(layers):
            reach = [max(abs(a), abs(b)) * n for (a, b), n in zip(layer.slopes, norms, strict=True)]
            scale *= layer.slope_denominator
    for place, point in enumerate(points):
        mixed = [*(x * scale for x in point[:-1]), *(column[place] for column in columns), point[-1] * scale]
        common = gcd(*mixed)
        lifted.append(tuple(x // common for x in mixed))
    signs.extend(zip(positive, negative, strict=True))
