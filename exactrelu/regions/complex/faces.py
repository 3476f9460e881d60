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

Invariant: `pairs[k]` lists each facet of each k-face once; a (d-1)-face has one or two cells. Cost of a cut: two
passes over the pairs of each level; work in proportion to the split faces otherwise.  Numbers (coordinates, values)
live elsewhere (`values`); a cut reports which edges were split, in order, and the new vertices have the next numbers.
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
    """Which faces of one dimension are split, and on which side the others are.

    is_split: one Boolean a face; split: their numbers; part: for each face its position in `split` (valid for split
        faces only).
    positive, negative: faces with a positive, a negative vertex; None when no vertex lies in the hyperplane: then any
        vertex of a face that is not split tells its side.
    """

    is_split: Bools
    split: Ints
    part: Ints
    positive: Bools | None = None
    negative: Bools | None = None

    @classmethod
    def of(cls, is_split: Bools, positive: Bools | None = None, negative: Bools | None = None) -> _Sides:
        split = np.flatnonzero(is_split).astype(np.int32)
        part = np.empty(len(is_split), dtype=np.int32)
        part[split] = np.arange(len(split), dtype=np.int32)
        return cls(is_split, split, part, positive, negative)

    @property
    def inside(self) -> Bools:
        """Faces that lie in the hyperplane as a whole."""
        if self.positive is None or self.negative is None:
            return np.zeros(len(self.is_split), dtype=bool)
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
        self._find_vertices()

    def _find_vertices(self) -> None:
        """Choose one vertex of every face: where no vertex lies in a hyperplane, its sign is that of an uncut face."""
        self._vertex_of = [
            Growing(np.arange(self.counts[0], dtype=np.int32)),
            Growing(self.ends.data[0].astype(np.int32)),
        ]
        for k in range(2, self.dimension + 1):
            face, facet = self.pairs[k].data
            vertex = np.zeros(self.counts[k], dtype=np.int32)
            vertex[face] = self._vertex_of[-1].data[facet]
            self._vertex_of.append(Growing(vertex))

    def cut(self, signs: Signs) -> Cut:
        """Refine by the signs (+1, 0, -1) of one function at all vertices."""
        low, high = int(signs.min()), int(signs.max())
        if low == high or low * high > 0:
            return Cut(_NOTHING, _NOTHING, _NOTHING, np.full(self.counts[-1], low, dtype=np.int8))
        degenerate = not signs.all()
        sides = self._sides_with_zeros(signs) if degenerate else self._sides(signs)
        cell_signs = self._cell_signs(signs, sides[-1])
        if low * high == 0:
            return Cut(_NOTHING, _NOTHING, _NOTHING, cell_signs)
        # New faces of dimension k are numbered behind the old ones: first negative parts, then zero parts of
        # (k+1)-faces.
        split = [0, *(len(side.split) for side in sides[1:]), 0]
        zero_starts = [self.counts[k] + split[k] for k in range(self.dimension + 1)]
        fresh = [self._level(k, signs, sides, zero_starts, degenerate) for k in range(2, self.dimension + 1)]
        positive, negative = self._split_edges(signs, sides[1].split)
        self._choose_vertices(sides, zero_starts, fresh)
        for k, (pairs, zero) in enumerate(fresh, start=2):
            if k == 2:
                self.ends.append(zero[1, np.argsort(zero[0], kind="stable")].reshape(-1, 2).T)
            else:
                self.pairs[k - 1].append(zero)
            self.pairs[k].append(pairs)
        for k in range(self.dimension + 1):
            self.counts[k] = zero_starts[k] + split[k + 1]
        top = sides[-1].split
        cell_signs = np.concatenate([cell_signs, np.full(len(top), -1, dtype=np.int8)])
        return Cut(positive, negative, top, cell_signs)

    def _cell_signs(self, signs: Signs, top: _Sides) -> Signs:
        """Return the sign on every cell, that of the positive part for split cells."""
        if top.positive is None or top.negative is None:
            cell_signs = signs[self._vertex_of[-1].data]
            cell_signs[top.split] = 1
            return np.asarray(cell_signs)
        return np.asarray(top.positive.astype(np.int8) - (top.negative & ~top.positive).astype(np.int8))

    def _choose_vertices(self, sides: list[_Sides], zero_starts: list[int], fresh: list[tuple[Pairs, Pairs]]) -> None:
        """Choose a vertex in the zero part of every split face, for all its parts."""
        count = len(sides[1].split)
        chosen = self.counts[0] + np.arange(count, dtype=np.int32)
        self._vertex_of[0].append(chosen)
        for k in range(1, self.dimension + 1):
            if k > 1:
                # The zero part has a facet (dimension k - 2), new or old, whose vertex is known by now.
                zero = fresh[k - 2][1]
                chosen = np.zeros(len(sides[k].split), dtype=np.int32)
                chosen[zero[0] - zero_starts[k - 1]] = self._vertex_of[k - 2].data[zero[1]]
                self._vertex_of[k - 1].append(chosen)
            self._vertex_of[k].data[sides[k].split] = chosen
            self._vertex_of[k].append(chosen)

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
        self._find_vertices()
        return vertices, np.flatnonzero(stays)

    def _sides(self, signs: Signs) -> list[_Sides]:
        """Propagate which faces are split when no vertex lies in the hyperplane: those with a split facet."""
        ends = self.ends.data
        sides = [_Sides.of(np.zeros(len(signs), dtype=bool)), _Sides.of(signs[ends[0]] != signs[ends[1]])]
        for k in range(2, self.dimension + 1):
            face, facet = self.pairs[k].data
            mark = np.zeros(self.counts[k], dtype=bool)
            mark[face[sides[-1].is_split[facet]]] = True
            sides.append(_Sides.of(mark))
        return sides

    def _sides_with_zeros(self, signs: Signs) -> list[_Sides]:
        """Propagate which faces have positive and negative vertices: a face may be split without a split facet."""
        ends = self.ends.data
        first, second = signs[ends[0]], signs[ends[1]]
        marks = [(signs > 0, signs < 0), ((first > 0) | (second > 0), (first < 0) | (second < 0))]
        for k in range(2, self.dimension + 1):
            face, facet = self.pairs[k].data
            level = []
            for below in marks[-1]:
                mark = np.zeros(self.counts[k], dtype=bool)
                mark[face[below[facet]]] = True
                level.append(mark)
            marks.append((level[0], level[1]))
        return [_Sides.of(positive & negative, positive, negative) for positive, negative in marks]

    def _level(
        self, k: int, signs: Signs, sides: list[_Sides], zero_starts: list[int], degenerate: bool
    ) -> tuple[Pairs, Pairs]:
        """Return the new pairs of level k and of the zero parts (level k - 1); move facets to the negative parts.

        Moving changes faces of existing pairs only where they belong to split faces of level k; other levels do not
        read them.
        """
        here, below = sides[k], sides[k - 1]
        pairs = self.pairs[k].data
        touched = np.flatnonzero(here.is_split[pairs[0]])
        face, facet = pairs[:, touched]
        position, is_cut = here.part[face], below.is_split[facet]
        cut_part = below.part[facet[is_cut]]
        owner, inner = position[is_cut], cut_part + zero_starts[k - 2]
        if degenerate:
            more = self._faces_inside(k, sides, facet, position)
            owner, inner = np.concatenate([owner, more[0]]), np.concatenate([inner, more[1]])
        zero = np.stack([zero_starts[k - 1] + owner, inner]).astype(np.int32)
        if below.negative is None:
            on_negative_side = signs[self._vertex_of[k - 1].data[facet]] < 0
        else:
            on_negative_side = below.negative[facet]
        moves = ~is_cut & on_negative_side
        negative = self.counts[k] + position
        pairs[0, touched[moves]] = negative[moves]
        parts = np.arange(len(here.split), dtype=np.int32)
        faces = np.concatenate([negative[is_cut], here.split, self.counts[k] + parts])
        facets = np.concatenate([self.counts[k - 1] + cut_part, zero_starts[k - 1] + parts, zero_starts[k - 1] + parts])
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

    def _split_edges(self, signs: Signs, split: Ints) -> tuple[Ints, Ints]:
        """Split the edges; return their positive and their negative ends."""
        ends = self.ends.data
        first, second = ends[0, split], ends[1, split]
        forward = signs[first] > 0
        positive, negative = np.where(forward, first, second), np.where(forward, second, first)
        fresh = self.counts[0] + np.arange(len(split), dtype=np.int32)
        ends[0, split], ends[1, split] = positive, fresh
        self.ends.append(np.stack([negative, fresh]))
        return positive, negative
