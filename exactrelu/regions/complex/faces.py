"""The faces of a polyhedral complex and how a hyperplane (or bent hyperplane) cuts them: signs in, incidence out.

Faces of dimension k = 0..d are numbered; the complex is known by the ends of its edges and, for k >= 2, by the pairs
(k-face, facet of it). A cut is given by one sign for every vertex.  On each face the function behind the signs is
affine, so a face is *split* iff it has a positive and a negative vertex.  A split face F becomes F+ (which keeps the
number), F- and F0:

* F+ has the facets of F on the positive side, the positive parts of its split facets, and F0; F- likewise;
* F0 has dimension dim F - 1; its facets are the zero parts of F's split facets and those faces of F of dimension dim
  F - 2 that lie in the hyperplane as a whole.

Every face that contains a split face is split, so only pairs of split faces change.  Nothing here assumes general
position: faces are identified by their signs, each is convex, and a hyperplane may pass through vertices, contain
faces, or repeat.

Invariant: `pairs[k]` lists each facet of each k-face once; a (d-1)-face has one or two cells.
Cost of a cut: two passes over the pairs of each level; work in proportion to the split faces otherwise.  Numbers
    (coordinates, values) live elsewhere (`values`); a cut reports which edges were split, in order, and the new
    vertices have the next numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.regions.complex.growing import Growing

__all__ = ["Cut", "Faces"]

Bools = NDArray[np.bool_]
Pairs = NDArray[np.int32]
Ints = NDArray[np.int32]
Signs = NDArray[np.int8]

_NOTHING: Ints = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Cut:
    """What a cut did.

    positive, negative: ends of the split edges; new vertex i lies between `positive[i]` and `negative[i]`.
    split_cells: the cells that were split, in the order of their new negative parts.
    cell_signs: the sign of the function on every cell afterwards; 0 where it vanishes on the whole cell.
    """

    positive: Ints
    negative: Ints
    split_cells: Ints
    cell_signs: Signs


@dataclass(frozen=True, slots=True)
class _Sides:
    """Which faces of one dimension have positive and negative vertices.

    split: the faces with both; part: for each face its position in `split`, -1 if it is not split.
    """

    positive: Bools
    negative: Bools
    split: Ints
    part: Ints

    @classmethod
    def of(cls, positive: Bools, negative: Bools) -> _Sides:
        split = np.flatnonzero(positive & negative).astype(np.int32)
        part = np.full(len(positive), -1, dtype=np.int32)
        part[split] = np.arange(len(split), dtype=np.int32)
        return cls(positive, negative, split, part)

    @property
    def inside(self) -> Bools:
        """Faces that lie in the hyperplane as a whole."""
        return ~self.positive & ~self.negative


class Faces:
    """Incidence of a complex of dimension d >= 1, refined in place by cuts.

    Args:
        n_vertices: number of vertices.
        ends: (2, edges) vertex numbers.
        pairs: for k = 2..d a (2, m) array: k-faces and their facets.
    """

    def __init__(self, n_vertices: int, ends: Pairs, pairs: list[Pairs]) -> None:
        self.dimension = 1 + len(pairs)
        self.ends = Growing(ends)
        self.pairs = {k: Growing(p) for k, p in enumerate(pairs, start=2)}
        self.counts = [n_vertices, ends.shape[1], *(int(p[0].max()) + 1 for p in pairs)]

    def cut(self, signs: Signs) -> Cut:
        """Refine by the signs (+1, 0, -1) of one function at all vertices."""
        low, high = int(signs.min()), int(signs.max())
        if low == high or low * high > 0:
            return Cut(_NOTHING, _NOTHING, _NOTHING, np.full(self.counts[-1], low, dtype=np.int8))
        sides = self._sides(signs)
        top = sides[-1]
        cell_signs = top.positive.astype(np.int8) - (top.negative & ~top.positive).astype(np.int8)
        if low * high == 0:
            return Cut(_NOTHING, _NOTHING, _NOTHING, cell_signs)
        # New faces of dimension k are numbered behind the old ones: first negative parts, then zero parts of
        # (k+1)-faces.
        split = [0, *(len(side.split) for side in sides[1:]), 0]
        zero_starts = [self.counts[k] + split[k] for k in range(self.dimension + 1)]
        degenerate = bool(sides[0].inside.any())
        fresh = [self._level(k, sides, zero_starts, degenerate) for k in range(2, self.dimension + 1)]
        positive, negative = self._split_edges(sides)
        for k, (pairs, zero) in enumerate(fresh, start=2):
            if k == 2:
                self.ends.append(zero[1, np.argsort(zero[0], kind="stable")].reshape(-1, 2).T)
            else:
                self.pairs[k - 1].append(zero)
            self.pairs[k].append(pairs)
        for k in range(self.dimension + 1):
            self.counts[k] = zero_starts[k] + split[k + 1]
        cell_signs = np.concatenate([cell_signs, np.full(len(top.split), -1, dtype=np.int8)])
        return Cut(positive, negative, top.split, cell_signs)

    def keep_nonnegative(self, signs: Signs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Drop all faces with a negative vertex, after a cut by `signs`; return the vertices and cells that stay."""
        kept = signs >= 0
        vertices = np.flatnonzero(kept)
        number = np.cumsum(kept) - 1
        ends = self.ends.data
        stays = kept[ends].all(axis=0)
        self.ends = Growing(number[ends[:, stays]].astype(np.int32))
        self.counts[:2] = [len(vertices), int(stays.sum())]
        number = np.cumsum(stays) - 1
        for k in range(2, self.dimension + 1):
            face, facet = self.pairs[k].data
            lost = np.zeros(self.counts[k], dtype=bool)
            lost[face[~stays[facet]]] = True
            pairs = self.pairs[k].data[:, ~lost[face]]
            below, number = number, np.cumsum(~lost) - 1
            self.pairs[k] = Growing(np.stack([number[pairs[0]], below[pairs[1]]]).astype(np.int32))
            stays = ~lost
            self.counts[k] = int(stays.sum())
        return vertices, np.flatnonzero(stays)

    def _sides(self, signs: Signs) -> list[_Sides]:
        """Propagate which faces have positive and negative vertices."""
        ends = self.ends.data
        first, second = signs[ends[0]], signs[ends[1]]
        sides = [
            _Sides.of(signs > 0, signs < 0),
            _Sides.of((first > 0) | (second > 0), (first < 0) | (second < 0)),
        ]
        for k in range(2, self.dimension + 1):
            face, facet = self.pairs[k].data
            marks = []
            for below in (sides[-1].positive, sides[-1].negative):
                mark = np.zeros(self.counts[k], dtype=bool)
                mark[face[below[facet]]] = True
                marks.append(mark)
            sides.append(_Sides.of(marks[0], marks[1]))
        return sides

    def _level(self, k: int, sides: list[_Sides], zero_starts: list[int], degenerate: bool) -> tuple[Pairs, Pairs]:
        """Return the new pairs of level k and of the zero parts (level k - 1); move facets to the negative parts.

        Moving changes faces of existing pairs only where they belong to split faces of level k; other levels do not
        read them.
        """
        here, below = sides[k], sides[k - 1]
        pairs = self.pairs[k].data
        touched = np.flatnonzero(here.part[pairs[0]] >= 0)
        face, facet = pairs[:, touched]
        position, facet_part = here.part[face], below.part[facet]
        is_cut = facet_part >= 0
        owner, inner = position[is_cut], facet_part[is_cut] + zero_starts[k - 2]
        if degenerate:
            more = self._faces_inside(k, sides, facet, position)
            owner, inner = np.concatenate([owner, more[0]]), np.concatenate([inner, more[1]])
        zero = np.stack([zero_starts[k - 1] + owner, inner]).astype(np.int32)
        moves = ~is_cut & below.negative[facet]
        negative = self.counts[k] + position
        pairs[0, touched[moves]] = negative[moves]
        parts = np.arange(len(here.split), dtype=np.int32)
        faces = np.concatenate([negative[is_cut], here.split, self.counts[k] + parts])
        facets = np.concatenate(
            [self.counts[k - 1] + facet_part[is_cut], zero_starts[k - 1] + parts, zero_starts[k - 1] + parts]
        )
        return np.stack([faces, facets]).astype(np.int32), zero

    def _faces_inside(self, k: int, sides: list[_Sides], facet: Ints, position: Ints) -> Pairs:
        """Return pairs (position of a split k-face, face of dimension k - 2 of it inside the hyperplane), each once."""
        inside = sides[k - 2].inside
        if k == 2:
            ends = self.ends.data[:, facet]
            flat = inside[ends]
            found = np.concatenate([np.stack([position[flat[i]], ends[i][flat[i]]]) for i in (0, 1)], axis=1)
        else:
            low = self.pairs[k - 1].data
            low = low[:, inside[low[1]]]
            low = low[:, np.argsort(low[0], kind="stable")]
            first = np.searchsorted(low[0], facet, "left")
            repeats = np.searchsorted(low[0], facet, "right") - first
            offsets = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
            found = np.stack([np.repeat(position, repeats), low[1, np.repeat(first, repeats) + offsets]])
        return np.asarray(np.unique(found, axis=1))

    def _split_edges(self, sides: list[_Sides]) -> tuple[Ints, Ints]:
        """Split the edges; return their positive and their negative ends."""
        split = sides[1].split
        ends = self.ends.data
        first, second = ends[0, split], ends[1, split]
        forward = sides[0].positive[first]
        positive, negative = np.where(forward, first, second), np.where(forward, second, first)
        fresh = self.counts[0] + np.arange(len(split), dtype=np.int32)
        ends[0, split], ends[1, split] = positive, fresh
        self.ends.append(np.stack([negative, fresh]))
        return positive, negative
