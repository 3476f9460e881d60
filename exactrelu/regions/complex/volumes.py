"""Exact volumes of the cells of a bounded complex, their centroids, and integrals of the network over the domain.

A simplex with homogeneous integer vertices (x_i, t_i) has the volume |det| / (d! t_0 ... t_d).  A cell is the union
of the simplices of `triangulation`; its centroid is their mean, weighted by volume.  On a cell the network is
affine, so its integral there is the volume times the value at the centroid.

The volumes are rational, and those of all cells add up to that of the domain: a test of the whole complex, since
overlaps and gaps would show.

On a domain that is flat in the input space there is only a volume relative to its hull, in general irrational (the
diagonal of the unit square has length sqrt 2); it is refused.  `restriction` gives the network in rational
coordinates of the hull.

Cost: one determinant a simplex, many at once, and one exact vertex for each vertex of the cells; a cell in
dimension 3 has about 6 simplices, in dimension 6 a thousand.  Sums of unlike fractions are added in pairs, because
the common denominator of many cells is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial, lcm
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import DomainError
from exactrelu.regions.complex.cell_maps import iter_layer_maps
from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.triangulation import triangulate

__all__ = ["cell_centroids", "cell_volumes", "integral", "total_volume"]

Vector = tuple[Fraction, ...]

# Simplices whose matrices are in memory at the same time.
_CHUNK = 1 << 14


def cell_volumes(complex_: SubdivisionComplex, cells: Iterable[int] | None = None) -> tuple[Fraction, ...]:
    """Return the volume of each given cell, in that order; of all cells when left out.

    Raises:
        DomainError: the domain is unbounded, or flat in the input space.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> corner = Network.from_weights([[[1, 1]], [[1]]], [["-1/2"], [0]])
        >>> [str(volume) for volume in cell_volumes(subdivide(corner, HPolyhedron.cube(2, 0, 1)))]
        ['1/8', '7/8']
    """
    chosen = _checked(complex_, cells)
    volumes: dict[int, Any] = dict.fromkeys(chosen, flint.fmpq(0))
    simplices = _Simplices(complex_, chosen)
    for cell, volume in zip(simplices.cells, simplices.volumes(), strict=True):
        volumes[cell] += volume
    return tuple(_fraction(volumes[cell]) for cell in chosen)


def total_volume(complex_: SubdivisionComplex) -> Fraction:
    """Return the sum of the volumes of all cells, which is the volume of the domain.

    Raises:
        DomainError: the domain is unbounded, or flat in the input space.
    """
    return _fraction(_sum([flint.fmpq(v.numerator, v.denominator) for v in cell_volumes(complex_)]))


def cell_centroids(complex_: SubdivisionComplex, cells: Iterable[int] | None = None) -> tuple[Vector, ...]:
    """Return the centroid (mean over the cell) of each given cell, an interior point; errors as for `cell_volumes`."""
    centroids = []
    for *moment, volume in _moments(complex_, _checked(complex_, cells)):
        centroids.append(tuple(_fraction(m / volume) for m in moment))
    return tuple(centroids)


def integral(complex_: SubdivisionComplex, cells: Iterable[int] | None = None) -> Vector:
    """Return the integral of each output of the network over the given cells, the whole domain when left out.

    Raises:
        DomainError: the domain is unbounded, or flat in the input space.

    Example:
        >>> from exactrelu.networks.builders import tent
        >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> integral(subdivide(tent(3), HPolyhedron.cube(1, 0, 1)))
        (Fraction(1, 2),)
    """
    chosen = _checked(complex_, cells)
    *_, output = iter_layer_maps(complex_.network, complex_.bit_array[chosen])
    sums: list[list[Any]] = [[] for _ in range(complex_.network.n_outputs)]
    for position, moments in enumerate(_moments(complex_, chosen)):
        for terms, row in zip(sums, output.of_cell(position), strict=True):
            terms.append(sum((a * m for a, m in zip(row, moments, strict=True)), flint.fmpq(0)))
    return tuple(_fraction(_sum(terms) / output.denominator) for terms in sums)


def _checked(complex_: SubdivisionComplex, cells: Iterable[int] | None) -> list[int]:
    if complex_.chart is not None:
        raise DomainError(
            "the domain is flat, and volumes relative to its affine hull are irrational in general: "
            "restrict the network to coordinates of the hull, and subdivide there"
        )
    return list(range(len(complex_)) if cells is None else (range(len(complex_))[cell] for cell in cells))


class _Simplices:
    """The simplices of some cells with their exact volumes; each cell once.

    cells: the cell of each simplex.  corners: its vertices by position in `points`.  points: exact vertices (x, t).
    """

    def __init__(self, complex_: SubdivisionComplex, cells: Sequence[int]) -> None:
        simplices = triangulate(complex_, dict.fromkeys(cells))
        used, corners = np.unique(simplices.vertices, return_inverse=True)
        self.cells: list[int] = simplices.cells.tolist()
        self.corners: NDArray[np.int64] = corners.reshape(simplices.vertices.shape)
        self.points: NDArray[np.object_] = np.empty((len(used), complex_.dimension + 1), dtype=object)
        for position, vertex in enumerate(used.tolist()):
            self.points[position] = _homogeneous(complex_.vertex(vertex))

    def volumes(self) -> Iterator[Any]:
        """Yield the volume of each simplex as a `flint.fmpq`."""
        scale = factorial(self.corners.shape[1] - 1)
        for start in range(0, len(self.cells), _CHUNK):
            matrices = self.points[self.corners[start : start + _CHUNK]]
            divisors = scale * np.multiply.reduce(matrices[:, :, -1], axis=1)
            yield from map(flint.fmpq, np.abs(_determinants(matrices)).tolist(), divisors.tolist())


def _homogeneous(point: Vector) -> list[int]:
    t = lcm(*(x.denominator for x in point))
    return [*(x.numerator * (t // x.denominator) for x in point), t]


def _determinants(matrices: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the determinants of (N, m, m) integer matrices, all at once, without division.

    Expansion by rows: the minors of the first k rows, one for each set of k columns, give those of the first k + 1.
    """
    size = matrices.shape[1]
    minors: dict[tuple[int, ...], NDArray[np.object_]] = {(column,): matrices[:, 0, column] for column in range(size)}
    for row in range(1, size):
        larger = {}
        for columns in combinations(range(size), row + 1):
            terms = [
                (-1) ** (row + place) * matrices[:, row, column] * minors[columns[:place] + columns[place + 1 :]]
                for place, column in enumerate(columns)
            ]
            larger[columns] = np.add.reduce(terms)
        minors = larger
    return minors[tuple(range(size))]


def _moments(complex_: SubdivisionComplex, cells: Sequence[int]) -> Iterator[list[Any]]:
    """Yield for each cell the integrals over it of the coordinates, and of 1."""
    d = complex_.dimension
    simplices = _Simplices(complex_, cells)
    points = [[flint.fmpq(x, t) for x in point] for *point, t in simplices.points.tolist()]
    sums: dict[int, list[Any]] = {cell: [flint.fmpq(0)] * (d + 1) for cell in cells}
    volumes = simplices.volumes()
    for cell, corners, volume in zip(simplices.cells, simplices.corners.tolist(), volumes, strict=True):
        total = sums[cell]
        for axis in range(d):
            total[axis] += volume * sum((points[corner][axis] for corner in corners), flint.fmpq(0))
        total[d] += volume
    for cell in cells:
        *moment, volume = sums[cell]
        yield [*(m / (d + 1) for m in moment), volume]


def _sum(terms: Sequence[Any]) -> Any:
    """Add in pairs, so that most additions are of short numbers."""
    terms = list(terms) or [flint.fmpq(0)]
    while len(terms) > 1:
        terms = [sum(terms[i : i + 2], flint.fmpq(0)) for i in range(0, len(terms), 2)]
    return terms[0]


def _fraction(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))
