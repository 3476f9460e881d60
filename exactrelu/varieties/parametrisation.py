"""The map from parameters to outputs, its values and its Jacobian, over Z and modulo primes.

For block i with masks D_1, ..., D_{L-1} and inputs X_i

    M_i = W_L D_{L-1} W_{L-1} ... D_1 W_1        Y_i = M_i X_i

so Y_i is linear in each W_l.  With the prefix F = D_{l-1} W_{l-1} ... D_1 W_1 X_i and the suffix G = W_L D_{L-1}
... W_{l+1} D_l the derivative by the entry (a, b) of W_l is the rank-one matrix G[:, a] F[b, :]: no symbolic
differentiation.  With biases the matrices are the extended ones (see `architecture`), whose last rows are fixed and
give no derivative.

A *point* is a list of weight matrices [W_l | b_l] as rows of integers.  Inputs are replaced by their integer
numerators, one positive factor per block, which changes no rank.  Cost: one product of small integer matrices per
layer and block.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from exactrelu.errors import ShapeError
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.modular import ModArray, matmul_mod

__all__ = ["IntegerMatrix", "Parametrisation", "Point"]

IntegerMatrix = tuple[tuple[int, ...], ...]
Point = tuple[IntegerMatrix, ...]


@dataclass(frozen=True)
class Parametrisation:
    """The output map of a choice of blocks.

    >>> phi = Parametrisation(Blocks.of((2, 1, 1), "1"))
    >>> phi.block_values((((3, 4),), ((5,),)))
    [[[15, 20]]]
    >>> phi.jacobian((((3, 4),), ((5,),)))
    [[5, 0], [0, 5], [3, 4]]
    """

    blocks: Blocks

    @cached_property
    def masks(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """masks[i][l] = bits of hidden layer l in block i, the bias unit's 1 last."""
        extra = (1,) if self.blocks.architecture.bias else ()
        return tuple(
            tuple((*(int(bit) for bit in mask), *extra) for mask in pattern.masks) for pattern in self.blocks.patterns
        )

    @cached_property
    def extended_widths(self) -> tuple[int, ...]:
        """Widths with the bias units."""
        *inner, last = self.blocks.architecture.widths
        return (*(width + self.blocks.architecture.bias for width in inner), last)

    @cached_property
    def inputs(self) -> tuple[IntegerMatrix, ...]:
        """Integer numerators of the matrices X_i."""
        return tuple(x.numerators for x in self.blocks.extended_inputs())

    @cached_property
    def parameters(self) -> tuple[tuple[int, int, int], ...]:
        """All free parameters as (layer, row, column), layers from 0; column n of an n-column layer is its bias."""
        widths = self.blocks.architecture.widths
        return tuple(
            (layer, a, b)
            for layer in range(len(widths) - 1)
            for a in range(widths[layer + 1])
            for b in range(self.extended_widths[layer])
        )

    def random_point(self, chance: random.Random, bound: int) -> Point:
        """Return weight matrices with integer entries in [-bound, bound], zero left out."""

        def draw() -> int:
            return chance.choice((-1, 1)) * chance.randint(1, bound)

        widths = self.blocks.architecture.widths
        return tuple(
            tuple(tuple(draw() for _ in range(before)) for _ in range(after))
            for before, after in zip(self.extended_widths, widths[1:], strict=False)
        )

    def _extend(self, point: Point, units: Sequence[int] | None) -> list[list[list[int]]]:
        """The extended matrices of a point; `units` are the entries of their last rows, 1 unless layers are scaled."""
        widths = self.blocks.architecture.widths
        for layer, given in enumerate(point):
            expected = (widths[layer + 1], self.extended_widths[layer])
            if len(given) != expected[0] or any(len(row) != expected[1] for row in given):
                raise ShapeError(f"point[{layer}] must be {expected[0]}×{expected[1]} (weights, then the bias if any)")
        if len(point) != len(widths) - 1:
            raise ShapeError(f"point has {len(point)} matrices; the architecture has {len(widths) - 1} layers")
        matrices = [[list(row) for row in matrix] for matrix in point]
        if self.blocks.architecture.bias:
            for layer, matrix in enumerate(matrices[:-1]):
                matrix.append([0] * (len(matrix[0]) - 1) + [1 if units is None else units[layer]])
        return matrices

    def block_values(self, point: Point, modulus: int = 0) -> list[list[list[int]]]:
        """Return the Y_i at a point, reduced if a modulus is given; each is n_L x m_i."""
        weights = self._extend(point, None)
        return [self._forward(weights, i, modulus)[-1] for i in range(self.blocks.n_blocks)]

    def joined_values(self, point: Point, modulus: int = 0) -> list[list[int]]:
        """Return [Y_1 | ... | Y_k] at a point, n_L x m."""
        values = self.block_values(point, modulus)
        return [list(chain.from_iterable(rows)) for rows in zip(*values, strict=True)]

    def jacobian(self, point: Point, modulus: int = 0, units: Sequence[int] | None = None) -> list[list[int]]:
        """Return the derivative by every free parameter, one row each; entries block by block, row-major.

        With `units`, layer l of the point is the true one multiplied by units[l]; then rows are multiplied by
        positive factors.
        """
        weights = self._extend(point, units)
        depth = len(weights)
        prefixes = [self._forward(weights, i, modulus) for i in range(self.blocks.n_blocks)]
        suffixes = [self._backward(weights, i, modulus) for i in range(self.blocks.n_blocks)]
        rows = []
        for layer, a, b in self.parameters:
            row: list[int] = []
            for i in range(self.blocks.n_blocks):
                inner = prefixes[i][layer][b]
                outer = [line[a] for line in suffixes[i][depth - 1 - layer]]
                row.extend(u * v % modulus if modulus else u * v for u in outer for v in inner)
            rows.append(row)
        return rows

    def _forward(self, weights: list[list[list[int]]], block: int, modulus: int) -> list[list[list[int]]]:
        """[X, D_1 W_1 X, D_2 W_2 D_1 W_1 X, ..., Y]."""
        value = [list(row) for row in self.inputs[block]]
        values = [value]
        for layer, matrix in enumerate(weights):
            value = _product(matrix, value, modulus)
            if layer < len(weights) - 1:
                mask = self.masks[block][layer]
                value = [row if bit else [0] * len(row) for bit, row in zip(mask, value, strict=True)]
            values.append(value)
        return values

    def _backward(self, weights: list[list[list[int]]], block: int, modulus: int) -> list[list[list[int]]]:
        """[identity, W_L D_{L-1}, W_L D_{L-1} W_{L-1} D_{L-2}, ...]."""
        n = self.blocks.architecture.n_outputs
        value = [[int(i == j) for j in range(n)] for i in range(n)]
        values = [value]
        for layer in range(len(weights) - 1, 0, -1):
            value = _product(value, weights[layer], modulus)
            mask = self.masks[block][layer - 1]
            value = [[entry if bit else 0 for bit, entry in zip(mask, row, strict=True)] for row in value]
            values.append(value)
        return values

    def batch(self, chance: np.random.Generator, count: int, modulus: int) -> ModArray:
        """Return [Y_1 | ... | Y_k] modulo a prime below 2^31 at random points: an array (count, n_L, m)."""
        widths = self.blocks.architecture.widths
        weights = []
        for layer in range(len(widths) - 1):
            shape = (count, widths[layer + 1], self.extended_widths[layer])
            matrix = chance.integers(0, modulus, size=shape, dtype=np.uint64)
            if self.blocks.architecture.bias and layer < len(widths) - 2:
                fixed = np.zeros((count, 1, shape[2]), np.uint64)
                fixed[:, :, -1] = 1
                matrix = np.concatenate([matrix, fixed], axis=1)
            weights.append(matrix)
        outputs = []
        for i in range(self.blocks.n_blocks):
            value = np.array([[entry % modulus for entry in row] for row in self.inputs[i]], np.uint64)[None]
            for layer, matrix in enumerate(weights):
                value = matmul_mod(matrix, value, modulus)
                if layer < len(weights) - 1:
                    value = value * np.array(self.masks[i][layer], np.uint64)[None, :, None]
            outputs.append(value)
        return np.concatenate(outputs, axis=2)


def _product(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]], modulus: int) -> list[list[int]]:
    """Matrix product, reduced if a modulus is given."""
    columns = list(zip(*right, strict=True))
    if modulus:
        return [[sum(a * b for a, b in zip(row, column, strict=True)) % modulus for column in columns] for row in left]
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in left]
