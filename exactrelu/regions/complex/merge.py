"""Merge the faces of a refined complex that differ in auxiliary walls only, and drop those at infinity.

All of R^d is refined inside a fan of cones (`ground`); the walls between the cones cut faces that belong together.  A
true face is a set of all points with one covector (signs of the domain's inequalities and of the units); it is convex
and relatively open, so it is the union of the refined faces with that covector, and its dimension is the largest
among them.  Two true faces are incident when refined ones of these dimensions are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.regions.complex.faces import Faces, Pairs, Signs

__all__ = ["FaceTable", "face_covectors", "merged_table", "plain_table"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FaceTable:
    """The faces of a complex, dimension by dimension.

    covectors[k]: (faces, rows) signs of the k-faces.  incidence[k] for k >= 1: (2, m) pairs (k-face, facet of it).
    members[k]: for each k-face one refined face of dimension k inside it.
    """

    covectors: tuple[Signs, ...]
    incidence: tuple[Pairs, ...]
    members: tuple[Ints, ...]

    @property
    def f_vector(self) -> tuple[int, ...]:
        """Number of faces of each dimension."""
        return tuple(len(c) for c in self.covectors)


def face_covectors(faces: Faces, covectors: Signs) -> list[Signs]:
    """Return the signs on every face, (faces, rows) for each dimension, from those of the vertices, (rows, vertices).

    On a closed face a row has one sign and zeros, so the sign of a face is any nonzero sign of its facets.
    """
    levels = [np.ascontiguousarray(covectors.T)]
    ends = faces.ends.data
    levels.append(np.sign(levels[0][ends[0]] + levels[0][ends[1]]))
    for k in range(2, faces.dimension + 1):
        face, facet = faces.pairs[k].data
        order = np.argsort(face, kind="stable")
        starts = np.searchsorted(face[order], np.arange(faces.counts[k]))
        below = levels[-1][facet[order]]
        either = np.maximum.reduceat(below, starts, axis=0) + np.minimum.reduceat(below, starts, axis=0)
        levels.append(np.sign(either))
    return levels


def _pairs_of(faces: Faces, k: int) -> Pairs:
    if k > 1:
        return faces.pairs[k].data
    ends = faces.ends.data
    edges = np.arange(ends.shape[1], dtype=np.int32)
    return np.stack([np.concatenate([edges, edges]), ends.reshape(-1)])


def plain_table(faces: Faces, covectors: Signs) -> FaceTable:
    """Return the table of a bounded complex without auxiliary walls; row 0 of the covectors (t) is left out."""
    levels = tuple(level[:, 1:] for level in face_covectors(faces, covectors))
    incidence = (np.zeros((2, 0), dtype=np.int32), *(_pairs_of(faces, k) for k in range(1, faces.dimension + 1)))
    return FaceTable(levels, incidence, tuple(np.arange(len(level)) for level in levels))


def merged_table(faces: Faces, covectors: Signs) -> FaceTable:
    """Return the table of true faces; row 0 of the covectors is the sign of t, 0 at infinity."""
    levels = face_covectors(faces, covectors)
    finite = [np.flatnonzero(level[:, 0]) for level in levels]
    stacked = np.concatenate([level[keep, 1:] for level, keep in zip(levels, finite, strict=True)])
    dimensions = np.repeat(np.arange(len(levels)), [len(keep) for keep in finite])
    groups = _group(stacked)
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    top = np.zeros(n_groups, dtype=np.int64)
    np.maximum.at(top, groups, dimensions)
    # Number the true faces within their dimension, in the order of their first members.
    number = np.full(n_groups, -1, dtype=np.int64)
    group_of = [np.full(len(level), -1, dtype=np.int64) for level in levels]
    tables, members = [], []
    start = 0
    for k, keep in enumerate(finite):
        own = groups[start : start + len(keep)]
        start += len(keep)
        group_of[k][keep] = own
        proper = np.flatnonzero(top[own] == k)
        names, first = np.unique(own[proper], return_index=True)
        order = np.argsort(first)
        number[names[order]] = np.arange(len(names))
        chosen = keep[proper[first[order]]]
        members.append(chosen)
        tables.append(levels[k][chosen, 1:])
    incidence = [np.zeros((2, 0), dtype=np.int32)]
    for k in range(1, len(levels)):
        face, facet = _pairs_of(faces, k)
        upper, lower = group_of[k][face], group_of[k - 1][facet]
        good = (upper >= 0) & (lower >= 0)
        upper, lower = upper[good], lower[good]
        good = (top[upper] == k) & (top[lower] == k - 1)
        pairs = np.stack([number[upper[good]], number[lower[good]]])
        incidence.append(np.unique(pairs, axis=1).astype(np.int32))
    return FaceTable(tuple(tables), tuple(incidence), tuple(members))


def _group(rows: Signs) -> Ints:
    """Return a number for each row, the same for equal rows."""
    groups = np.zeros(len(rows), dtype=np.int64)
    for start in range(0, rows.shape[1], 39):  # 39 signs in base 3 fit into 63 bits
        part = rows[:, start : start + 39].astype(np.int64) + 1
        word = part @ 3 ** np.arange(part.shape[1], dtype=np.int64)
        _, numbers = np.unique(word, return_inverse=True)
        _, groups = np.unique(groups * (int(numbers.max(initial=0)) + 1) + numbers.reshape(-1), return_inverse=True)
        groups = groups.reshape(-1)
    return groups
