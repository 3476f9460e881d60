"""The complexes from which refinement starts: a box, or all of space as a fan.

Vertices are homogeneous: (x, 1) is the point x, (v, 0) the point at infinity in direction v.  All of R^d is the ball
whose boundary are the points at infinity, cut into d + 1 cones from the origin: over the faces of the simplex with
the directions e_1, ..., e_d, -(e_1 + ... + e_d).  The walls between the cones are auxiliary; they are merged away at
the end, with the faces at infinity (`merge`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import lcm

import numpy as np

from exactrelu.regions.complex.faces import Faces, Pairs

__all__ = ["Ground", "box_ground", "space_ground"]


@dataclass(frozen=True)
class Ground:
    """A starting complex: its faces, and the homogeneous integer coordinates of its vertices (last entry >= 0)."""

    faces: Faces
    vertices: tuple[tuple[int, ...], ...]


def box_ground(lower: Sequence[Fraction], upper: Sequence[Fraction]) -> Ground:
    """Return the face complex of a box with lower < upper in every coordinate.

    Example:
        >>> square = box_ground([Fraction(0), Fraction(0)], [Fraction(1), Fraction(1, 2)])
        >>> square.faces.counts, square.vertices[-1]
        ([4, 4, 1], (2, 1, 2))
    """
    d = len(lower)
    # A face of a box: for every coordinate lower end (-1), upper end (1) or both (0).
    faces: list[dict[tuple[int, ...], int]] = [{} for _ in range(d + 1)]
    for ends in product((-1, 0, 1), repeat=d):
        level = faces[ends.count(0)]
        level[ends] = len(level)
    pairs = [
        [
            (number, faces[k - 1][(*ends[:axis], side, *ends[axis + 1 :])])
            for ends, number in faces[k].items()
            for axis in range(d)
            if ends[axis] == 0
            for side in (-1, 1)
        ]
        for k in range(1, d + 1)
    ]
    vertices = [_homogeneous([upper[i] if end > 0 else lower[i] for i, end in enumerate(ends)]) for ends in faces[0]]
    return Ground(_faces(len(vertices), pairs), tuple(vertices))


def space_ground(d: int) -> Ground:
    """Return R^d with its points at infinity as a complex of d + 1 simplicial cones from the origin.

    Example:
        >>> line = space_ground(1)
        >>> line.faces.counts, line.vertices
        ([3, 2], ((0, 1), (1, 0), (-1, 0)))
    """
    rays = [tuple(int(i == axis) for i in range(d)) for axis in range(d)] + [(-1,) * d]
    # A face is a set of vertices (0 the origin, 1.. the rays) that does not contain all rays.
    faces = [
        {
            subset: number
            for number, subset in enumerate(s for s in combinations(range(d + 2), k + 1) if sum(map(bool, s)) <= d)
        }
        for k in range(d + 1)
    ]
    pairs = [
        [
            (number, faces[k - 1][subset[:i] + subset[i + 1 :]])
            for subset, number in faces[k].items()
            for i in range(k + 1)
        ]
        for k in range(1, d + 1)
    ]
    return Ground(_faces(d + 2, pairs), ((*(0,) * d, 1), *((*ray, 0) for ray in rays)))


def _faces(n_vertices: int, pairs: list[list[tuple[int, int]]]) -> Faces:
    arrays: list[Pairs] = [np.array(level, dtype=np.int32).T for level in pairs]
    ends = arrays[0][1, np.argsort(arrays[0][0], kind="stable")].reshape(-1, 2).T.copy()
    return Faces(n_vertices, ends, [np.ascontiguousarray(level) for level in arrays[1:]])


def _homogeneous(point: Sequence[Fraction]) -> tuple[int, ...]:
    q = lcm(*(x.denominator for x in point))
    return (*(x.numerator * (q // x.denominator) for x in point), q)
