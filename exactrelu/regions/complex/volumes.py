"""Exact volumes of the cells of a bounded complex, their centroids, and integrals of the network over the domain.

A simplex with homogeneous integer vertices (x_i, t_i) has the volume |det| / (d! t_0 ... t_d).  A cell is the union
of the simplices of `triangulation`; its centroid is their mean, weighted by volume.  On a cell the network is
affine, so its integral there is the volume times the value at the centroid.

The volumes are rational, and those of all cells add up to that of the domain: a test of the whole complex, since
overlaps and gaps would show.

On a domain that is flat in the input space there is only a volume relative to its hull, in general irrational (the
diagonal of the unit square has length sqrt 2); it is refused.  `restriction` gives the network in rational
coordinates of the hull.

Cost: one determinant a simplex, one exact vertex each; sums of unlike fractions are added in pairs, because the common
denominator of many cells is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import factorial, lcm, prod
from typing import Any

import flint

from exactrelu.errors import DomainError
from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.triangulation import triangulate

__all__ = ["cell_centroids", "cell_volumes", "integral", "total_volume"]

Vector = tuple[Fraction, ...]


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
    for cell, _, volume in _simplices(complex_, chosen):
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
    return tuple(centroid for _, centroid in _moments(complex_, _checked(complex_, cells)))


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
    sums: list[list[Any]] = [[] for _ in range(complex_.network.n_outputs)]
    for volume, centroid in _moments(complex_, _checked(complex_, cells)):
        for terms, value in zip(sums, complex_.network.evaluate(centroid), strict=True):
            terms.append(volume * flint.fmpq(value.numerator, value.denominator))
    return tuple(_fraction(_sum(terms)) for terms in sums)


def _checked(complex_: SubdivisionComplex, cells: Iterable[int] | None) -> list[int]:
    if complex_.chart is not None:
        raise DomainError(
            "the domain is flat, and volumes relative to its affine hull are irrational in general: "
            "restrict the network to coordinates of the hull, and subdivide there"
        )
    return list(range(len(complex_)) if cells is None else (range(len(complex_))[cell] for cell in cells))


def _simplices(complex_: SubdivisionComplex, cells: Sequence[int]) -> Iterable[tuple[int, list[int], Any]]:
    """Yield (cell, vertices, volume) of all simplices of different cells."""
    simplices = triangulate(complex_, dict.fromkeys(cells))
    points = _HomogeneousVertices(complex_)
    scale = factorial(complex_.dimension)
    for cell, vertices in zip(simplices.cells.tolist(), simplices.vertices.tolist(), strict=True):
        rows = [points[vertex] for vertex in vertices]
        yield cell, vertices, flint.fmpq(abs(flint.fmpz_mat(rows).det()), scale * prod(row[-1] for row in rows))


class _HomogeneousVertices(dict[int, list[Any]]):
    """Exact vertices (x, t) with t > 0 as FLINT integers, remembered."""

    def __init__(self, complex_: SubdivisionComplex) -> None:
        super().__init__()
        self._complex = complex_

    def __missing__(self, vertex: int) -> list[Any]:
        point = self._complex.vertex(vertex)
        t = lcm(*(x.denominator for x in point))
        self[vertex] = [flint.fmpz(a) for a in (*(x.numerator * (t // x.denominator) for x in point), t)]
        return self[vertex]


def _moments(complex_: SubdivisionComplex, cells: Sequence[int]) -> Iterable[tuple[Any, Vector]]:
    """Yield volume and centroid of each cell."""
    d = complex_.dimension
    points = _HomogeneousVertices(complex_)
    sums: dict[int, list[Any]] = {cell: [flint.fmpq(0)] * (d + 1) for cell in cells}
    for cell, vertices, volume in _simplices(complex_, cells):
        corners = [points[vertex] for vertex in vertices]
        share = volume / (d + 1)
        total = sums[cell]
        for axis in range(d):
            total[axis] += share * sum((flint.fmpq(p[axis], p[-1]) for p in corners), flint.fmpq(0))
        total[d] += volume
    for cell in cells:
        *moment, volume = sums[cell]
        yield volume, tuple(_fraction(m / volume) for m in moment)


def _sum(terms: Sequence[Any]) -> Any:
    """Add in pairs, so that most additions are of short numbers."""
    terms = list(terms) or [flint.fmpq(0)]
    while len(terms) > 1:
        terms = [sum(terms[i : i + 2], flint.fmpq(0)) for i in range(0, len(terms), 2)]
    return terms[0]


def _fraction(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))
