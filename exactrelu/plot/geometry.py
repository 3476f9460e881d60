"""Polygons and walls of a bounded complex as float arrays, for drawing.

Which vertex belongs to which face is read off the exact incidence; floats enter with the coordinates only, and decide
nothing but the order in which the corners of a (convex) face are visited: by angle about their mean, in the plane of
the face.

Everything is vectorised over faces; cost: a sort of the pairs (face, corner).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.merge import FaceTable

__all__ = ["Polygons", "cell_means", "edge_ends", "facet_cells", "facet_units", "polygons"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Polygons:
    """Convex polygons: `corners[starts[i] : starts[i + 1]]` are the vertex numbers of polygon i, in cyclic order."""

    corners: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def outlines(self, points: Floats) -> list[Floats]:
        """Return the corner coordinates of each polygon, (corners, d)."""
        return np.split(points[self.corners], self.starts[1:-1]) if len(self) else []

    def corner_lists(self) -> list[list[int]]:
        """Return the vertex numbers of each polygon."""
        return [part.tolist() for part in np.split(self.corners, self.starts[1:-1])] if len(self) else []

    def triangles(self) -> Ints:
        """Return a triangulation: for every polygon the fan from its first corner, (m, 3) vertex numbers."""
        sizes = np.diff(self.starts)
        owner = np.repeat(np.arange(len(self)), sizes)
        place = np.arange(len(self.corners)) - self.starts[owner]
        third = np.flatnonzero(place >= 2)
        first = self.starts[owner[third]]
        return np.stack([self.corners[first], self.corners[third - 1], self.corners[third]], axis=1)

    def areas(self, points: Floats) -> Floats:
        """Return the area of each polygon in the plane."""
        turned = np.arange(1, len(self.corners) + 1)
        turned[self.starts[1:] - 1] = self.starts[:-1]
        (x, y), (u, v) = points[self.corners].T, points[self.corners[turned]].T
        return np.asarray(np.add.reduceat(x * v - u * y, self.starts[:-1]) / 2)


def edge_ends(table: FaceTable) -> Ints:
    """Return the two vertices of every edge, (edges, 2), of a bounded complex."""
    edge, vertex = table.incidence[1]
    return np.asarray(vertex[np.argsort(edge, kind="stable")], dtype=np.int64).reshape(-1, 2)


def polygons(table: FaceTable, points: Floats) -> Polygons:
    """Return all 2-faces of a bounded complex of dimension 2 or 3 as polygons, in the table's order."""
    face, edge = table.incidence[2].astype(np.int64)
    corner = edge_ends(table)[edge]
    keys = np.unique(np.repeat(face, 2) * len(points) + corner.reshape(-1))
    owner, vertex = np.divmod(keys, len(points))
    starts = np.searchsorted(owner, np.arange(len(table.covectors[2]) + 1))
    sizes = np.diff(starts)[:, None]
    away = points[vertex] - (np.add.reduceat(points[vertex], starts[:-1]) / sizes)[owner]
    if points.shape[1] == 3:
        # The two main axes of the corners span the face's plane: eigh sorts the axis of no extent, the normal, first.
        scatter = np.add.reduceat(away[:, :, None] * away[:, None, :], starts[:-1])
        axes = np.linalg.eigh(scatter).eigenvectors[:, :, 1:]
        away = np.einsum("ij,ijk->ik", away, axes[owner])
    order = np.lexsort((np.arctan2(away[:, 1], away[:, 0]), owner))
    return Polygons(vertex[order], starts)


def facet_cells(complex: SubdivisionComplex) -> Ints:
    """Return the cells on the two sides of every facet, (facets, 2); the second is -1 on the domain's boundary."""
    cell, facet = complex.table.incidence[-1].astype(np.int64)
    order = np.argsort(facet, kind="stable")
    cell, facet = cell[order], facet[order]
    sides = np.full((len(complex.table.covectors[-2]), 2), -1, dtype=np.int64)
    again = np.concatenate([[False], facet[1:] == facet[:-1]])
    sides[facet[~again], 0] = cell[~again]
    sides[facet[again], 1] = cell[again]
    return sides


def facet_units(complex: SubdivisionComplex, sides: Ints) -> Ints:
    """Return for every facet the first unit that is zero on it but not on both cells; -1 on the boundary."""
    signs = complex.covectors(complex.dimension)
    units = np.full(len(sides), -1, dtype=np.int64)
    inner = np.flatnonzero(sides[:, 1] >= 0)
    one, two = sides[inner].T
    changes = (complex.covectors(complex.dimension - 1)[inner] == 0) & ((signs[one] != 0) | (signs[two] != 0))
    if changes.size:
        units[inner] = changes.argmax(axis=1)
    return units


def cell_means(complex: SubdivisionComplex, values: Floats) -> Floats:
    """Return for every cell the mean of `values`, (vertices, ...), over its vertices."""
    table, n_vertices = complex.table, len(values)
    face, vertex = table.incidence[1].astype(np.int64)
    for level in table.incidence[2:]:
        upper, lower = level.astype(np.int64)
        order = np.argsort(face, kind="stable")
        face, vertex = face[order], vertex[order]
        first, last = np.searchsorted(face, lower, "left"), np.searchsorted(face, lower, "right")
        sizes = last - first
        offsets = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        keys = np.unique(np.repeat(upper, sizes) * n_vertices + vertex[np.repeat(first, sizes) + offsets])
        face, vertex = np.divmod(keys, n_vertices)
    order = np.argsort(face, kind="stable")
    starts = np.searchsorted(face[order], np.arange(len(complex)))
    sizes = np.diff(np.append(starts, len(face)))
    return np.asarray((np.add.reduceat(values[vertex[order]], starts).T / sizes).T)
