"""Simplices that tile the cells of a bounded complex, on its own vertices.

Every face is pulled at its first vertex: it is the union of the pyramids from that vertex over those of its facets
that do not contain it, each facet pulled likewise [Cohen and Hickey 1979].  *First* means least number, so a facet
contains the first vertex of its face iff both have the same first vertex: one comparison of numbers.  One order for
all faces makes the simplices of neighbouring cells fit together, facet to facet.

Cost: proportional to the number of simplices, all faces of a dimension at once; a cell with the faces of a d-cube
has d! of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import DomainError
from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.subcomplex import Subcomplex

__all__ = ["Triangulation", "triangulate"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Triangulation:
    """Simplices as numbers of vertices (0-faces of the complex).

    cells: (simplices,) the cell of each simplex, grouped in the order asked for.  vertices: (simplices, d + 1).
    """

    cells: Ints
    vertices: Ints

    def __len__(self) -> int:
        return len(self.cells)


def triangulate(complex_: SubdivisionComplex, cells: Iterable[int] | None = None) -> Triangulation:
    """Return simplices with disjoint interiors whose union is the given closed cells (all when left out).

    Raises:
        DomainError: the domain is unbounded.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> diagonal = Network.from_weights([[[1, -1]], [[1]]], [[0], [0]])
        >>> triangulate(subdivide(diagonal, HPolyhedron.cube(2))).vertices.tolist()
        [[0, 1, 3], [0, 2, 3]]
    """
    if not Subcomplex.whole(complex_).is_bounded:
        raise DomainError("the domain is unbounded, so its cells are not unions of simplices: cut it by a box first")
    first = [np.arange(complex_.f_vector[0])]
    chosen = np.arange(len(complex_)) if cells is None else np.array(list(cells), dtype=np.int64)
    kept: list[tuple[Ints, Ints]] = []
    for k in range(1, complex_.dimension + 1):
        face, facet = complex_.table.incidence[k]
        order = np.argsort(face, kind="stable")
        face, facet = face[order], facet[order]
        numbers = np.arange(complex_.f_vector[k])
        first.append(np.minimum.reduceat(first[-1][facet], np.searchsorted(face, numbers)))
        opposite = first[k - 1][facet] != first[k][face]
        starts = np.searchsorted(face[opposite], np.arange(len(numbers) + 1))
        kept.append((starts, facet[opposite]))
    owner, current = chosen, chosen
    columns: list[Ints] = []
    for k in range(complex_.dimension, 0, -1):
        starts, facets = kept[k - 1]
        repeats = starts[current + 1] - starts[current]
        parent = np.repeat(np.arange(len(current)), repeats)
        offset = np.arange(len(parent)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        columns = [column[parent] for column in [*columns, first[k][current]]]
        owner, current = owner[parent], facets[starts[current[parent]] + offset]
    return Triangulation(owner.astype(np.int64), np.stack([*columns, current], axis=1).astype(np.int64))
