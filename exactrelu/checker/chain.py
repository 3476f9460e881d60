"""The value at the current end of a chain of operators, and the layers behind it.

Between two rectifiers everything is affine, so the value is kept as an affine map of the last rectifier's outputs h:
entry i is (sum_j rows[i][j] h_j + bias[i]) / denominator, in integers, each row a dictionary without zeros.  The rows
of a convolution have as many entries as its kernel; only a finished layer is written out with its zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, lcm, prod

from .network import Layer, Network
from .reading import Unreadable

__all__ = ["Chain"]

MOST_ENTRIES = 1 << 27  # of a layer with its zeros: a gigabyte


@dataclass(slots=True)
class Chain:
    """Name, shape and entries of the value; `width` is the number of the last rectifier's outputs."""

    name: str
    shape: tuple[int, ...]
    rows: list[dict[int, int]]
    bias: list[int]
    width: int
    denominator: int = 1
    layers: tuple[Layer, ...] = ()

    @classmethod
    def start(cls, name: str, shape: tuple[int, ...]) -> Chain:
        """Return the network's input itself."""
        size = prod(shape)
        return cls(name, shape, [{i: 1} for i in range(size)], [0] * size, size)

    def combine(self, matrix: Sequence[dict[int, int]], denominator: int = 1) -> None:
        """Replace the value v by M v with M = matrix / denominator.

        >>> chain = Chain.start("x", (2,))
        >>> chain.combine([{0: 1, 1: 2}, {}], 3)
        >>> chain.rows, chain.denominator
        ([{0: 1, 1: 2}, {}], 3)
        """
        rows, bias = [], []
        for weights in matrix:
            row: dict[int, int] = {}
            for k, weight in weights.items():
                for j, entry in self.rows[k].items():
                    row[j] = row.get(j, 0) + weight * entry
            rows.append({j: entry for j, entry in row.items() if entry})
            bias.append(sum(weight * self.bias[k] for k, weight in weights.items()))
        self.rows, self.bias, self.denominator = rows, bias, self.denominator * denominator

    def translate(self, values: Sequence[int], denominator: int = 1, sign: int = 1) -> None:
        """Replace the value v by v + sign * values / denominator."""
        common = lcm(self.denominator, denominator)
        up, sign = common // self.denominator, sign * (common // denominator)
        if up != 1:
            self.rows = [{j: entry * up for j, entry in row.items()} for row in self.rows]
        self.bias = [b * up + sign * value for b, value in zip(self.bias, values, strict=True)]
        self.denominator = common

    def close_layer(self, slopes: Sequence[tuple[int, int]], slope_denominator: int = 1) -> None:
        """Append the affine map as a layer with these slopes, and make its outputs the new variables."""
        if len(self.rows) * self.width > MOST_ENTRIES:
            raise Unreadable(f"layer {len(self.layers)} has {len(self.rows)} rows and {self.width} columns: too large")
        common = gcd(self.denominator, *self.bias, *(entry for row in self.rows for entry in row.values()))
        weights = []
        for row in self.rows:
            line = [0] * self.width
            for j, entry in row.items():
                line[j] = entry // common
            weights.append(tuple(line))
        bias = tuple(b // common for b in self.bias)
        self.layers += (Layer(tuple(weights), bias, self.denominator // common, tuple(slopes), slope_denominator),)
        self.width = len(bias)
        self.rows, self.bias, self.denominator = [{i: 1} for i in range(self.width)], [0] * self.width, 1

    def network(self) -> Network:
        """Return the layers with the current value as output."""
        self.close_layer(())
        return Network(self.layers)
