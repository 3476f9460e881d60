"""The tree of boxes of a search: how each was cut, what closed it, and what was recorded on the way.

Every box has a number, the root 0.  A box is *cut* across one input into two children with consecutive numbers, or
*closed* by lines of a proof; besides, it keeps its conclusions about units (docs/verdict-format.md, "r").  From these
`proof_lines` writes the certificate's tree, and `exact_box` finds a box in rational numbers: cuts are at doubles, but
the root's bounds may be any rationals.  A search that works for another one begins with some of that one's boxes,
`known_boxes`.

`Chunk` holds open boxes as arrays, with the intervals of the preactivations that are known of the box they were cut
from.  Not done here: choosing cuts, bounding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import FloatArray
from exactrelu.verification.boxes.float_network import Boxes
from exactrelu.verification.boxes.free_inputs import ExactBox
from exactrelu.verification.verdicts import Line

__all__ = ["BoxTree", "Chunk", "joined"]


@dataclass(frozen=True)
class Chunk:
    """B open boxes: numbers, bounds, depths in the tree, and intervals (B, width) of each hidden layer."""

    ids: NDArray[np.int64]
    boxes: Boxes
    depth: NDArray[np.int64]
    lower: tuple[FloatArray, ...]
    upper: tuple[FloatArray, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, keep: Any) -> Chunk:
        """Return the boxes that an index array, a mask or a slice selects."""
        return Chunk(
            self.ids[keep],
            Boxes(self.boxes.lower[keep], self.boxes.upper[keep]),
            self.depth[keep],
            tuple(a[keep] for a in self.lower),
            tuple(a[keep] for a in self.upper),
        )

    def to_arrays(self) -> dict[str, Any]:
        """Return the chunk as named arrays; `from_arrays` reads them."""
        named: dict[str, Any] = {
            "ids": self.ids,
            "low": self.boxes.lower,
            "high": self.boxes.upper,
            "depth": self.depth,
        }
        for number, (lower, upper) in enumerate(zip(self.lower, self.upper, strict=True)):
            named[f"lower{number}"], named[f"upper{number}"] = lower, upper
        return named

    @classmethod
    def from_arrays(cls, named: Mapping[str, Any]) -> Chunk:
        """Return the chunk that `to_arrays` wrote."""
        layers = range(sum(name.startswith("lower") for name in named))
        return cls(
            named["ids"],
            Boxes(named["low"], named["high"]),
            named["depth"],
            tuple(named[f"lower{number}"] for number in layers),
            tuple(named[f"upper{number}"] for number in layers),
        )


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Return all boxes of several chunks, at least one, as one chunk."""
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(
        np.concatenate([c.ids for c in chunks]),
        Boxes(np.concatenate([c.boxes.lower for c in chunks]), np.concatenate([c.boxes.upper for c in chunks])),
        np.concatenate([c.depth for c in chunks]),
        tuple(np.concatenate(parts) for parts in zip(*(c.lower for c in chunks), strict=True)),
        tuple(np.concatenate(parts) for parts in zip(*(c.upper for c in chunks), strict=True)),
    )


class BoxTree:
    """What is recorded of every box that was looked at."""

    def __init__(self, known_boxes: Mapping[int, ExactBox], next_id: int) -> None:
        self.known_boxes = dict(known_boxes)
        self.next_id = next_id
        self.cuts: dict[int, tuple[int, float, int]] = {}  # input, where, number of the lower half
        self.lines: dict[int, list[Line]] = {}  # of closed boxes
        self.conclusions: dict[int, Line] = {}
        self._parents: dict[int, tuple[int, int]] = {}  # number -> parent, and 0 for the lower or 1 for the upper half

    def parent(self, box_id: int) -> int | None:
        """Return the number of the box from which this one was cut, None for one the search began with."""
        return self._parents[box_id][0] if box_id in self._parents else None

    def exact_box(self, box_id: int) -> list[tuple[Fraction | None, Fraction | None]]:
        """Return a box in rational numbers: a known one, cut on the way down."""
        cuts = []
        while box_id not in self.known_boxes:
            box_id, side = self._parents[box_id]
            axis, where, _ = self.cuts[box_id]
            cuts.append((axis, Fraction(where), side))
        box = list(self.known_boxes[box_id])
        for axis, point, side in reversed(cuts):
            low, high = box[axis]
            if side == 0:
                box[axis] = (low, point if high is None or point < high else high)
            else:
                box[axis] = (point if low is None or point > low else low, high)
        return box

    def cut(self, chunk: Chunk, axis: NDArray[np.int64], middle: FloatArray) -> Chunk:
        """Cut every box of a chunk across its input `axis` at `middle`, (B,) each; return all halves, lower first."""
        here = np.arange(len(chunk))
        left = self.next_id + 2 * here
        self.next_id += 2 * len(chunk)
        for parent, a, where, child in zip(*(v.tolist() for v in (chunk.ids, axis, middle, left)), strict=True):
            self._add_cut(parent, a, where, child)
        below, above = chunk.boxes.upper.copy(), chunk.boxes.lower.copy()
        below[here, axis] = middle
        above[here, axis] = middle
        deeper = chunk.depth + 1
        return joined(
            [
                Chunk(left, Boxes(chunk.boxes.lower, below), deeper, chunk.lower, chunk.upper),
                Chunk(left + 1, Boxes(above, chunk.boxes.upper), deeper, chunk.lower, chunk.upper),
            ]
        )

    def _add_cut(self, parent: int, axis: int, where: float, child: int) -> None:
        self.cuts[parent] = (axis, where, child)
        self._parents[child], self._parents[child + 1] = (parent, 0), (parent, 1)

    def to_arrays(self) -> dict[str, Any]:
        """Return cuts, lines and conclusions as arrays and JSON texts; `adopt` reads them."""
        cuts = [(parent, axis, child) for parent, (axis, _, child) in self.cuts.items()]
        return {
            "cuts": np.array(cuts, dtype=np.int64).reshape(len(cuts), 3),
            "where": np.array([where for _, where, _ in self.cuts.values()], dtype=np.float64),
            "lines": json.dumps(self.lines),
            "conclusions": json.dumps(self.conclusions),
            "next_id": np.array(self.next_id),
        }

    def adopt(self, arrays: Mapping[str, Any]) -> None:
        """Add the boxes of a tree that went on from some of this one's, or of this tree at an earlier time."""
        for (parent, axis, child), where in zip(arrays["cuts"].tolist(), arrays["where"].tolist(), strict=True):
            self._add_cut(parent, axis, where, child)
        self.lines.update({int(key): value for key, value in json.loads(str(arrays["lines"])).items()})
        self.conclusions.update({int(key): value for key, value in json.loads(str(arrays["conclusions"])).items()})
        self.next_id = max(self.next_id, int(arrays["next_id"]))

    def proof_lines(self) -> Iterator[Line]:
        """Yield the lines of a tree that is closed everywhere, in the order of a depth-first walk from box 0."""
        stack = [0]
        while stack:
            box_id = stack.pop()
            if box_id in self.conclusions:
                yield self.conclusions[box_id]
            if box_id in self.lines:  # first, as a step that was broken off may have left a cut of a box closed later
                yield from self.lines[box_id]
            else:
                axis, where, child = self.cuts[box_id]
                point = Fraction(where)
                yield {"x": [axis, f"{point.numerator}/{point.denominator}"]}
                stack += [child + 1, child]
