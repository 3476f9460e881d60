"""The affine maps of all layers on many cells at once, in integers.

`networks.linearise` composes the maps of one configuration. Here the configurations are many and share prefixes:
the preactivations of layer l depend on the bits of the layers before only, so each layer is computed once for each
distinct prefix, all prefixes in one integer matrix product

    W^(l+1) · [ D A_1 | D' A_2 | ... ],    A_i the map of prefix i, D the slopes that its bits select.

One denominator serves a layer, whatever the prefix; it is not reduced, so that maps of different cells can be
subtracted as integers.

Cost: for every layer one product of width (prefixes)·(d + 1); all maps are in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from exactrelu.networks.network import Layer, Network

__all__ = ["LayerMaps", "iter_layer_maps"]

Ints = NDArray[np.int64]
Integers = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps input -> preactivations of one layer (the outputs for the last).

    prefix: (N,) for every cell the number of its map.  rows: (maps, outputs, d + 1) integers (A | c), as `flint.fmpz`.
    denominator: positive; the maps are rows / denominator.
    """

    prefix: Ints
    rows: Integers
    denominator: int

    def of_cell(self, cell: int) -> Integers:
        """Return (A | c)·denominator of a cell, (outputs, d + 1)."""
        return np.asarray(self.rows[self.prefix[cell]])


def iter_layer_maps(network: Network, bits: NDArray[np.uint8]) -> Iterator[LayerMaps]:
    """Yield the maps of the hidden layers, then those of the output, for the configurations in the rows of `bits`.

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, "-2/3"]]], [[0, -1], [0]])
        >>> *_, output = iter_layer_maps(hat, np.array([[1, 0], [1, 1]], dtype=np.uint8))
        >>> output.rows.tolist(), output.denominator
        ([[[3, 0]], [[1, 2]]], 3)
    """
    first = network.affine_maps[0].augmented
    width = network.n_inputs + 1
    rows = _integers(first.fmpz).reshape(1, first.n_rows, width)
    maps = LayerMaps(np.zeros(len(bits), dtype=np.int64), rows, first.denominator)
    yield maps
    for position, layer in enumerate(network.hidden):
        units = network.layer_units[position]
        chosen, prefix = _distinct(bits[:, : units.stop])
        active, slope_scale = _activated(layer, maps.rows[maps.prefix[chosen]], bits[chosen, units.start : units.stop])
        affine = network.affine_maps[position + 1].augmented
        n, m = layer.affine.n_outputs, affine.n_rows
        # The last row of the argument is the constant 1, at the scale of the others.
        last = [0] * (len(chosen) * width)
        argument = flint.fmpz_mat(n + 1, len(last), [*active.transpose(1, 0, 2).ravel(), *last])
        scale = maps.denominator * slope_scale
        for copy in range(1, len(chosen) + 1):
            argument[n, copy * width - 1] = scale
        product = _integers(affine.fmpz * argument).reshape(m, len(chosen), width)
        maps = LayerMaps(prefix, product.transpose(1, 0, 2), scale * affine.denominator)
        yield maps


def _distinct(bits: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Return the first row of each kind, and for every row the number of its kind."""
    packed = np.packbits(bits, axis=1) if bits.shape[1] else np.zeros((len(bits), 1), dtype=np.uint8)
    words = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1])))[:, 0]
    _, first, kind = np.unique(words, return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.reshape(-1).astype(np.int64)


def _activated(layer: Layer, rows: Integers, bits: NDArray[np.uint8]) -> tuple[Integers, int]:
    """Return the maps of the activations times the common denominator of the slopes, and that denominator."""
    scale = lcm(*(s.denominator for a in layer.activations for s in (a.negative, a.positive)))
    factors = np.empty((len(rows), len(layer.activations)), dtype=object)
    columns = iter(bits.T)
    for position, activation in enumerate(layer.activations):
        low, high = int(activation.negative * scale), int(activation.positive * scale)
        factors[:, position] = high if activation.is_linear else np.where(next(columns), high, low).astype(object)
    return np.asarray(rows * factors[:, :, None]), scale


def _integers(matrix: Any) -> Integers:
    entries = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    entries[:] = matrix.entries()
    return entries
