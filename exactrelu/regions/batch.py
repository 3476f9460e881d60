"""A batch of full-dimensional nodes of the refinement tree: the same number of units decided, all data in arrays.

For each node: the bits so far, a float point strictly inside (with certainty), enclosures of the affine
preactivations of all units up to the current layer, and a simplex dictionary of the closed cell (untrusted).
`enter_layer` composes the next layer's affine maps for the whole batch in one product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.lp.dictionaries import Dictionaries
from exactrelu.networks.network import Network

__all__ = ["CellBatch", "FloatLayers"]

Index = NDArray[np.int64] | NDArray[np.bool_]


@dataclass(slots=True)
class CellBatch:
    """Nodes of equal depth.

    Fields:
        depth: number of units decided.
        bits: (B, units) of 0 and 1, valid up to `depth`.
        cuts: (B, units), whether the unit cut the cell: only then its row says anything about the cell.
        rows: (B, units, d + 1) enclosures of the units' preactivations as affine functions, valid up to the current
            layer.
        maps: (B, width, d + 1) the same for all outputs of the current layer, linear units included.
        witness: (B, d) float points strictly inside.
        cells: dictionaries of the closed cells.
        weight: (B,) share of the search, for progress only.
    """

    depth: int
    bits: NDArray[np.uint8]
    cuts: NDArray[np.bool_]
    rows: Enclosure
    maps: Enclosure
    witness: FloatArray
    cells: Dictionaries
    weight: FloatArray

    def __len__(self) -> int:
        return len(self.bits)

    def take(self, index: Index) -> CellBatch:
        """Return a copy of some of the nodes."""
        return CellBatch(
            self.depth,
            self.bits[index],
            self.cuts[index],
            self.rows[index],
            self.maps[index],
            self.witness[index],
            self.cells.take(index),
            self.weight[index],
        )

    @staticmethod
    def join(parts: Sequence[CellBatch]) -> CellBatch:
        """Concatenate batches of the same depth."""
        if len(parts) == 1:
            return parts[0]
        return CellBatch(
            parts[0].depth,
            np.concatenate([part.bits for part in parts]),
            np.concatenate([part.cuts for part in parts]),
            _joined([part.rows for part in parts]),
            _joined([part.maps for part in parts]),
            np.concatenate([part.witness for part in parts]),
            Dictionaries.join([part.cells for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )

    def prefix(self, node: int, bit: int | None = None) -> str:
        """Return the bits of one node as text, with one more if given."""
        text = (self.bits[node, : self.depth] + ord("0")).tobytes().decode("ascii")
        return text if bit is None else f"{text}{bit}"


def _joined(parts: Sequence[Enclosure]) -> Enclosure:
    return Enclosure(np.concatenate([p.value for p in parts]), np.concatenate([p.radius for p in parts]))


@dataclass(frozen=True)
class FloatLayers:
    """Enclosures of a network's layers, and where its units sit.

    weights[l]: (width, inputs) matrix, biases[l]: (width,) vector of layer l.  slopes[l]: (2, width) enclosures of
    the slopes for bits 0 and 1. breakpoints[l]: positions of the units with a breakpoint.
    """

    weights: tuple[Enclosure, ...]
    biases: tuple[Enclosure, ...]
    slopes: tuple[Enclosure, ...]
    breakpoints: tuple[NDArray[np.int64], ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, network: Network) -> FloatLayers:
        """Enclose the hidden layers of a network."""
        augmented = [
            Enclosure.from_integers(m.numerators, m.denominator, n_columns=m.n_columns)
            for m in (layer.affine.augmented for layer in network.hidden)
        ]
        slopes = []
        for layer in network.hidden:
            pairs = ([a.negative for a in layer.activations], [a.positive for a in layer.activations])
            sides = [Enclosure.from_fractions(side) for side in pairs]
            slopes.append(Enclosure(np.stack([s.value for s in sides]), np.stack([s.radius for s in sides])))
        return cls(
            tuple(a[:, :-1] for a in augmented),
            tuple(a[:, -1] for a in augmented),
            tuple(slopes),
            tuple(
                np.array([i for i, a in enumerate(layer.activations) if not a.is_linear], dtype=np.int64)
                for layer in network.hidden
            ),
            tuple(units.start for units in network.layer_units),
        )

    def first(self) -> Enclosure:
        """Return the preactivations of the first hidden layer as affine functions of the input: (1, width, d + 1)."""
        weights, bias = self.weights[0], self.biases[0]
        return Enclosure(
            np.concatenate([weights.value, bias.value[:, None]], axis=1)[None],
            np.concatenate([weights.radius, bias.radius[:, None]], axis=1)[None],
        )

    def next(self, maps: Enclosure, bits: NDArray[np.uint8], layer: int) -> Enclosure:
        """Return the maps of `layer` for every node from those of the layer before and its bits, (B, its units)."""
        nodes, width, _ = maps.value.shape
        sides = np.ones((nodes, width), dtype=np.int64)
        sides[:, self.breakpoints[layer - 1]] = bits
        columns = np.arange(width)
        slopes = self.slopes[layer - 1]
        active = _scaled(maps, Enclosure(slopes.value[sides, columns], slopes.radius[sides, columns]))
        product = self.weights[layer].matmul(active)
        bias = self.biases[layer]
        with_bias = product[..., -1].plus(Enclosure(bias.value[None], bias.radius[None]))
        product.value[..., -1] = with_bias.value
        product.radius[..., -1] = with_bias.radius
        return product


def _scaled(maps: Enclosure, slopes: Enclosure) -> Enclosure:
    """Multiply every row by its slope; slopes that are exact (0 and 1 above all) cost no accuracy."""
    value, radius = slopes.value[..., None], slopes.radius[..., None]
    scaled = maps.times(value)
    if radius.any():
        extra = radius * (np.abs(maps.value) + maps.radius) * (1 + 2.0**-50)
        return Enclosure(scaled.value, (scaled.radius + extra) * (1 + 2.0**-50))
    return scaled
