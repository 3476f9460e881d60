"""Subcomplexes: closed sets of faces of a subdivision complex, with incidence of their own.

A set of faces is *closed* if it has every face of each of its faces; the union of the faces is then a closed set.
The sets that this package makes are closed because they are given by weak sign conditions: signs on the faces of a
face are those of the face or 0.

Boundedness is read off the incidence, without arithmetic.  A closed set of faces is unbounded iff some face is; the
minimal faces of a polyhedron are affine spaces, and an unbounded polyhedron with vertices has an unbounded edge.
So the set is bounded iff each of its edges has two ends and each face of dimension 2 or more has a facet.

Cost: one pass over the incidence.  Here: the value.  `levels` makes level sets, `homology` computes Betti numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import InputError, InvariantError
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.results import bit_strings

__all__ = ["Subcomplex"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Subcomplex:
    """A closed set of faces.

    Fields:
        complex: the complex whose faces they are.
        faces: for each dimension 0..d the numbers of the faces, increasing.
        network: the network whose cells are meant in `cells_met`; `complex` may be finer, refined by a level as well.

    Example:
        >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> lines = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
        >>> axis = Subcomplex.where_sign(subdivide(lines, HPolyhedron.cube(2)), unit=0, signs={0})
        >>> axis, [str(y) for _, y in axis.vertices]
        (Subcomplex(f_vector=(3, 2, 0)), ['-1', '1', '0'])
    """

    complex: SubdivisionComplex
    faces: tuple[Ints, ...]
    network: Network

    @classmethod
    def whole(cls, complex_: SubdivisionComplex) -> Subcomplex:
        """Return all faces of a complex."""
        counts = complex_.table.f_vector
        return cls(complex_, tuple(np.arange(count, dtype=np.int64) for count in counts), complex_.network)

    @classmethod
    def where_sign(
        cls, complex_: SubdivisionComplex, *, unit: int, signs: Collection[int], network: Network | None = None
    ) -> Subcomplex:
        """Return the faces on which the preactivation of a unit has one of the given signs; 0 must be among them.

        Raises:
            InputError: no such unit, or `signs` without 0: that set of faces is not closed.
        """
        n_units = complex_.network.n_units
        if not 0 <= unit < n_units:
            raise InputError(f"unit is {unit}; the network has {n_units} units, numbered from 0")
        if 0 not in signs:
            raise InputError(f"signs is {sorted(signs)}; a closed set of faces needs the sign 0 as well")
        wanted = np.array(sorted(signs))
        faces = tuple(
            np.flatnonzero(np.isin(complex_.covectors(k)[:, unit], wanted)) for k in range(complex_.dimension + 1)
        )
        return cls(complex_, faces, complex_.network if network is None else network)

    @classmethod
    def closure(cls, complex_: SubdivisionComplex, faces: Collection[int], *, dimension: int) -> Subcomplex:
        """Return the given faces of one dimension with all their faces; of one cell: its face lattice.

        Raises:
            InputError: no such face.

        Example:
            >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
            >>> from exactrelu.regions.complex.complex import subdivide
            >>> corner = Network.from_weights([[[1, 1]], [[1]]], [[-1], [0]])
            >>> Subcomplex.closure(subdivide(corner, HPolyhedron.cube(2)), [1], dimension=2)
            Subcomplex(f_vector=(3, 3, 1))
        """
        table = complex_.table
        if not 0 <= dimension <= complex_.dimension:
            raise InputError(f"dimension is {dimension}; the complex has faces of dimension 0 to {complex_.dimension}")
        count = table.f_vector[dimension]
        if any(not 0 <= face < count for face in faces):
            raise InputError(f"faces has a number out of range; there are {count} faces of dimension {dimension}")
        marks = [np.zeros(size, dtype=bool) for size in table.f_vector]
        marks[dimension][list(faces)] = True
        for k in range(dimension, 0, -1):
            face, facet = table.incidence[k]
            marks[k - 1][facet[marks[k][face]]] = True
        return cls(complex_, tuple(np.flatnonzero(mark) for mark in marks), complex_.network)

    @property
    def f_vector(self) -> tuple[int, ...]:
        """Number of faces of dimension 0, 1, ..., d."""
        return tuple(len(level) for level in self.faces)

    @property
    def dimension(self) -> int:
        """Largest dimension of a face; -1 for the empty set."""
        return max((k for k, level in enumerate(self.faces) if len(level)), default=-1)

    @property
    def euler_characteristic(self) -> int:
        """Alternating sum of the f-vector."""
        return sum((-1) ** k * count for k, count in enumerate(self.f_vector))

    @cached_property
    def _incidence(self) -> tuple[Ints, ...]:
        table = self.complex.table
        levels = [np.zeros((2, 0), dtype=np.int64)]
        for k in range(1, len(self.faces)):
            upper = _positions(self.faces[k], len(table.covectors[k]))
            lower = _positions(self.faces[k - 1], len(table.covectors[k - 1]))
            face, facet = table.incidence[k]
            mine = upper[face] >= 0
            pairs = np.stack([upper[face[mine]], lower[facet[mine]]])
            if (pairs[1] < 0).any():
                raise InvariantError("the set of faces is not closed: a facet of one of them is missing")
            levels.append(pairs)
        return tuple(levels)

    def incidence(self, dimension: int) -> Ints:
        """Return the pairs (face of that dimension, facet of it), (2, m), by position in `faces`."""
        return self._incidence[dimension]

    @cached_property
    def is_bounded(self) -> bool:
        """Whether the union of the faces is bounded, hence compact."""
        for k in range(1, len(self.faces)):
            facets = np.bincount(self.incidence(k)[0], minlength=len(self.faces[k]))
            if (facets < (2 if k == 1 else 1)).any():
                return False
        return True

    @cached_property
    def vertices(self) -> tuple[tuple[Fraction, ...], ...]:
        """Exact coordinates of the 0-faces in the input space, in the order of `faces[0]`."""
        return tuple(self.complex.vertex(int(vertex)) for vertex in self.faces[0])

    @property
    def whole_cells(self) -> Ints:
        """The cells of `complex` that lie in the set.

        Of a bent hyperplane, a level set or a decision boundary these are the flat cells: there the function is
        constant, and the set is not of dimension d - 1.
        """
        return self.faces[-1]

    @cached_property
    def cells_met(self) -> tuple[Configuration, ...]:
        """The cells of `network` that meet the set in dimension d - 1 exactly, by their configurations, sorted.

        A closed cell counts if one of its faces, or a piece of it, is a (d-1)-face of the set; flat cells do not count.
        """
        cell, facet = self.complex.table.incidence[-1]
        touched = np.unique(cell[np.isin(facet, self.faces[-2])])
        touched = touched[~np.isin(touched, self.whole_cells)]
        bits = self.complex.bit_array[touched, : self.network.n_units]
        return tuple(Configuration(text) for text in sorted(set(bit_strings(np.ascontiguousarray(bits)))))

    def __repr__(self) -> str:
        return f"Subcomplex(f_vector={self.f_vector})"


def _positions(chosen: Ints, count: int) -> Ints:
    """Return for each of `count` numbers its position in `chosen`, -1 if it is not there."""
    positions = np.full(count, -1, dtype=np.int64)
    positions[chosen] = np.arange(len(chosen))
    return positions
