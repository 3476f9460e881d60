"""A batch of full-dimensional nodes of the refinement tree: the same number of units decided, all data in arrays.

For each node: the bits so far, a float point strictly inside (with certainty), enclosures of the affine
preactivations of all units up to the current layer, and a simplex dictionary of the closed cell (untrusted).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.lp.dictionaries import Dictionaries

__all__ = ["CellBatch"]

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
