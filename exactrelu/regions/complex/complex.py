"""The subdivision complex of a network on a domain: all its faces, exact, as a value.

A *face* is the set of all points of the domain with one covector (signs of the domain's inequalities and of all
units); it is convex and relatively open.  `subdivide` refines the domain's own face complex by one unit after
another; the result answers what can be read off: f-vector, cells with exact witness and irredundant inequalities,
vertices and rays, adjacency with the units that change, linear regions, level sets as subcomplexes.  The Euler
characteristic is asserted always: it catches missed faces.

Cells are numbered in the order of their configurations as strings.  On a flat domain everything happens in
coordinates of its affine hull, and points are mapped back.

Cost: see `faces`; exact coordinates are computed only for vertices that somebody asks for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import gcd

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import DomainError, InputError, InvariantError
from exactrelu.exact.enclosures import FloatArray
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.charts import restrict, restrict_domain
from exactrelu.regions.complex.faces import Pairs, Signs
from exactrelu.regions.complex.ground import box_ground, space_ground
from exactrelu.regions.complex.merge import FaceTable, merged_table, plain_table
from exactrelu.regions.complex.refine import Refined, refine
from exactrelu.regions.fingerprints import classes_of_equal_maps
from exactrelu.regions.notions import Notion
from exactrelu.regions.problem import Problem
from exactrelu.regions.results import Region, bit_strings

__all__ = ["Adjacency", "SubdivisionComplex", "subdivide"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Facets that two cells share: cells[0, i] and cells[1, i] have facet facets[i] in common."""

    cells: Ints
    facets: Ints

    def __len__(self) -> int:
        return len(self.facets)


@dataclass(frozen=True)
class SubdivisionComplex:
    """All faces of a network's polyhedral complex on a domain.

    Fields:
        problem: network, domain, notion (full).
        chart: affine map from the complex's coordinates to the input space; None if they are the same.
        local: the problem in the complex's coordinates.
        seconds: time of the refinement.
    """

    problem: Problem
    chart: AffineMap | None
    local: Problem = field(repr=False)
    seconds: float = field(compare=False)
    _refined: Refined = field(repr=False, compare=False)

    # -- counting ----------------------------------------------------------------------------------------------------

    @property
    def network(self) -> Network:
        """The network on the input space."""
        return self.problem.network

    @property
    def dimension(self) -> int:
        """Dimension of the cells: that of the domain."""
        return self._refined.faces.dimension

    @property
    def undecided(self) -> int:
        """How many signs the float filter left to exact arithmetic."""
        return self._refined.undecided

    @property
    def exact_vertices_computed(self) -> int:
        """How many vertices have been computed exactly so far."""
        return self._refined.vertices.computed

    @cached_property
    def _is_plain(self) -> bool:
        """Whether the refinement started from the domain's own faces, so that there is nothing to merge."""
        return self.local.box is not None

    @cached_property
    def table(self) -> FaceTable:
        """Covectors and incidence of all faces; cells in the order of their configurations."""
        make = plain_table if self._is_plain else merged_table
        return _with_sorted_cells(make(self._refined.faces, self._refined.covectors), self._n_domain_rows)

    @property
    def _n_domain_rows(self) -> int:
        return len(self._refined.covectors) - 1 - self.network.n_units

    @cached_property
    def f_vector(self) -> tuple[int, ...]:
        """Number of faces of dimension 0, 1, ..., d."""
        return tuple(self._refined.faces.counts) if self._is_plain else self.table.f_vector

    @property
    def euler_characteristic(self) -> int:
        """Alternating sum of the f-vector: 1 for a polytope, (-1)^d for all of R^d."""
        return sum(self.f_vector[::2]) - sum(self.f_vector[1::2])

    def __len__(self) -> int:
        return self.f_vector[-1]

    # -- cells -------------------------------------------------------------------------------------------------------

    @cached_property
    def bit_array(self) -> NDArray[np.uint8]:
        """The configurations as an (N, units) array of 0 and 1, sorted as strings."""
        if self._is_plain:
            bits = self._plain_bits
            return np.ascontiguousarray(bits[_string_order(bits)])
        return (self.table.covectors[-1][:, self._n_domain_rows :] > 0).astype(np.uint8)

    @cached_property
    def configurations(self) -> tuple[Configuration, ...]:
        """The configurations of the cells, sorted as strings."""
        return tuple(Configuration(text) for text in bit_strings(self.bit_array))

    def __getitem__(self, cell: int) -> Region:
        """Return a cell as a region; its witness is the mean of its vertices (moved along its rays)."""
        index = range(len(self))[cell]
        return Region(self.problem, self.configurations[index], self.witness(index))

    def __iter__(self) -> Iterator[Region]:
        return (self[cell] for cell in range(len(self)))

    def witness(self, cell: int, dimension: int | None = None) -> tuple[Fraction, ...]:
        """Return an exact point of the relative interior of a face (a cell unless `dimension` is given)."""
        level = self.dimension if dimension is None else dimension
        cell = self._number(cell, level)
        generators = [self._refined.vertices.point(v) for v in self._interior_generators(cell, level).tolist()]
        points = [tuple(Fraction(a, p[-1]) for a in p[:-1]) for p in generators if p[-1]]
        rays = [p[:-1] for p in generators if not p[-1]]
        mean = [sum(column) / len(points) for column in zip(*points, strict=True)]
        moved = (
            tuple(m + sum(column) for m, column in zip(mean, zip(*rays, strict=True), strict=True))
            if rays
            else tuple(mean)
        )
        return self._mapped(moved)

    def _number(self, face: int, dimension: int) -> int:
        """Return the number of a face, counted from the end if negative; InputError if there is none."""
        if not 0 <= dimension <= self.dimension or not -self.f_vector[dimension] <= face < self.f_vector[dimension]:
            raise InputError(f"there is no face {face} of dimension {dimension}; the f-vector is {self.f_vector}")
        return face % self.f_vector[dimension]

    def _mapped(self, point: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        return point if self.chart is None else self.chart(point)

    def _interior_generators(self, face: int, dimension: int) -> Ints:
        """Return vertices of the refinement, finite and infinite, whose mean lies in the relative interior of a face.

        On a box they are the face's vertices; elsewhere one refined piece of the face stands for it (`ground`), whose
        corners may be auxiliary.
        """
        member = int(self.table.members[dimension][face])
        faces = self._refined.faces
        current = np.array([member])
        for k in range(dimension, 0, -1):
            if k == 1:
                current = np.unique(faces.ends.data[:, current])
            else:
                starts, order = self._facet_lists[k]
                current = np.unique(
                    np.concatenate([faces.pairs[k].data[1, order[starts[f] : starts[f + 1]]] for f in current])
                )
        return np.asarray(current, dtype=np.int64)

    @cached_property
    def _facet_lists(self) -> dict[int, tuple[Ints, Ints]]:
        """For each dimension k >= 2: starts and order of the pairs, sorted by face."""
        lists = {}
        for k in range(2, self.dimension + 1):
            face = self._refined.faces.pairs[k].data[0]
            order = np.argsort(face, kind="stable")
            starts = np.searchsorted(face[order], np.arange(self._refined.faces.counts[k] + 1))
            lists[k] = (starts, order)
        return lists

    def vertex(self, index: int) -> tuple[Fraction, ...]:
        """Return the exact coordinates of a 0-face in the input space."""
        *x, t = self._refined.vertices.point(int(self.table.members[0][index]))
        return self._mapped(tuple(Fraction(a, t) for a in x))

    def output_at(self, index: int) -> tuple[Fraction, ...]:
        """Return the network's exact outputs at a 0-face, from what is remembered of the vertex."""
        return self.local.network.output(self._refined.vertices.activations(int(self.table.members[0][index])))

    @cached_property
    def float_vertices(self) -> FloatArray:
        """Float coordinates of the 0-faces in the complex's own coordinates, (vertices, d), for pictures only."""
        homogeneous = self._refined.coordinates[:, self.table.members[0]]
        if not np.isfinite(homogeneous).all():
            raise DomainError("a vertex has coordinates beyond the range of floats: restrict the domain")
        return np.asarray((homogeneous[:-1] / homogeneous[-1]).T)

    @cached_property
    def facet_pairs(self) -> Pairs:
        """Pairs (cell, facet), (2, m); facets are numbered as in `table`."""
        if not self._is_plain or self.dimension == 1:
            return self.table.incidence[-1]
        cell, facet = self._refined.faces.pairs[self.dimension].data
        rank = np.empty(len(self), dtype=np.int32)
        rank[_string_order(self._plain_bits)] = np.arange(len(self), dtype=np.int32)
        return np.stack([rank[cell], facet])

    @property
    def _plain_bits(self) -> NDArray[np.uint8]:
        """Bits of the refinement's cells, in its own order."""
        return (self._refined.cell_signs[1 + self._n_domain_rows :].T > 0).astype(np.uint8)

    # -- incidence ---------------------------------------------------------------------------------------------------

    @cached_property
    def adjacency(self) -> Adjacency:
        """All facets that lie between two cells."""
        cell, facet = self.facet_pairs
        order = np.argsort(facet, kind="stable")
        shared = np.flatnonzero(facet[order][1:] == facet[order][:-1])
        one, two = cell[order[shared]], cell[order[shared + 1]]
        cells = np.stack([np.minimum(one, two), np.maximum(one, two)]).astype(np.int64)
        return Adjacency(cells, facet[order[shared]].astype(np.int64))

    def flips(self, index: int) -> tuple[int, ...]:
        """Return the units whose sign differs between the two cells of a shared facet (by position in `adjacency`)."""
        one, two = self.adjacency.cells[:, index]
        signs = self.table.covectors[-1][:, self._n_domain_rows :]
        return tuple(np.flatnonzero(signs[one] != signs[two]).tolist())

    def hrep(self, cell: int) -> LinearSystem:
        """Return the irredundant inequalities of a closed cell (one for each facet), then the domain's equalities."""
        cell = self._number(cell, self.dimension)
        mine, facets = self.facet_pairs
        own = self.table.covectors[-1][cell]
        rows: list[Row] = []
        for facet in facets[mine == cell].tolist():
            walls = np.flatnonzero((self.table.covectors[-2][facet] == 0) & (own != 0)).tolist()
            rows.append(self._wall_row(cell, walls[0]) if walls else self._domain_row_through(facet))
        equalities = [row for row in self.problem.domain_rows if row[1] == "=="]
        return LinearSystem.from_integer_rows([*rows, *equalities], dimension=self.network.n_inputs)

    def _wall_row(self, cell: int, wall: int) -> Row:
        if wall < self._n_domain_rows:
            normal, relation, offset = [row for row in self.problem.domain_rows if row[1] != "=="][wall]
            return normal, relation, offset
        bits = self.configurations[cell].bits
        (normal, _, offset), _ = self.problem.unit_row(bits, wall - self._n_domain_rows)
        common = gcd(*normal, offset)
        return tuple(a // common for a in normal), "<=", offset // common

    def _domain_row_through(self, facet: int) -> Row:
        """Return the inequality of the domain that is tight on a facet (sides of a box have no covector)."""
        inside = self.witness(facet, self.dimension - 1)
        for normal, relation, offset in self.problem.domain_rows:
            if relation != "==" and sum(a * x for a, x in zip(normal, inside, strict=True)) == offset:
                return normal, relation, offset
        raise InvariantError(f"facet {facet} lies in no hyperplane")

    # -- affine pieces -----------------------------------------------------------------------------------------------

    @cached_property
    def piece_classes(self) -> Ints:
        """A number for each cell: equal iff the network computes the same affine map (on the domain's hull)."""
        return classes_of_equal_maps(self.local.network, self.bit_array)

    @property
    def affine_pieces(self) -> int:
        """Number of distinct affine maps."""
        return len(np.unique(self.piece_classes))

    @cached_property
    def region_classes(self) -> Ints:
        """A number for each cell: equal iff one linear region contains them (one map, connected through facets)."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        one, two = self.adjacency.cells
        same = self.piece_classes[one] == self.piece_classes[two]
        links = coo_array((np.ones(int(same.sum())), (one[same], two[same])), shape=(len(self), len(self)))
        _, labels = connected_components(links, directed=False)
        return np.asarray(labels, dtype=np.int64)

    @property
    def linear_regions(self) -> int:
        """Number of linear regions."""
        return len(np.unique(self.region_classes))

    def covectors(self, dimension: int) -> Signs:
        """Return the signs of all units on the faces of a dimension, (faces, units)."""
        return self.table.covectors[dimension][:, self._n_domain_rows :]

    def __repr__(self) -> str:
        """Show the counts; how many signs needed exact arithmetic is in `undecided`."""
        return f"SubdivisionComplex(f_vector={self.f_vector}, linear_regions={self.linear_regions})"


def _string_order(bits: NDArray[np.uint8]) -> Ints:
    return np.lexsort(bits.T[::-1]) if bits.shape[1] else np.arange(len(bits))


def _with_sorted_cells(table: FaceTable, n_domain_rows: int) -> FaceTable:
    """Renumber the cells in the order of their configurations."""
    order = _string_order((table.covectors[-1][:, n_domain_rows:] > 0).astype(np.uint8))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    pairs = np.stack([rank[table.incidence[-1][0]], table.incidence[-1][1]])
    return FaceTable(
        (*table.covectors[:-1], table.covectors[-1][order]),
        (*table.incidence[:-1], pairs),
        (*table.members[:-1], table.members[-1][order]),
    )


def subdivide(network: Network, domain: HPolyhedron | None = None, *, exact: bool = False) -> SubdivisionComplex:
    """Build the complex of all faces of `network` on `domain`.

    Args:
        domain: a closed polyhedron, not empty; all of space when left out.
        exact: use exact arithmetic for every sign instead of the certified float filter (same result, slower).

    Raises:
        DomainError: the domain is empty, a single point, or of another dimension than the network's input.
        InvariantError: the Euler characteristic is wrong, a defect of this package.

    Cost: about 20 microseconds a cell in the plane, growing with the number of faces of a cell in higher dimension.

    Example:
        >>> lines = Network.from_weights([[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]])
        >>> subdivide(lines)
        SubdivisionComplex(f_vector=(3, 9, 7), linear_regions=7)
    """
    start = time.perf_counter()
    problem = Problem.of(network, domain, Notion.FULL)
    local, chart = _in_hull(problem)
    d = local.network.n_inputs
    if d == 0:
        raise DomainError("the domain is a single point: evaluate the network there")
    if local.box is not None:
        ground, rows = box_ground(*local.box), []
    else:
        ground = space_ground(d)
        rows = [(*(-a for a in normal), b) for normal, _, b in local.domain_rows]
    refined = refine(local.network, ground, rows, exact=exact)
    result = SubdivisionComplex(problem, chart, local, time.perf_counter() - start, refined)
    expected = _euler_characteristic(local)
    if result.euler_characteristic != expected:
        raise InvariantError(
            f"the Euler characteristic is {result.euler_characteristic}, not {expected}; please report the network"
        )
    return result


def _in_hull(problem: Problem) -> tuple[Problem, AffineMap | None]:
    """Return the problem in coordinates of the domain's affine hull, and the map back to the input space."""
    if problem.interior is None:
        raise DomainError("the domain is empty")
    if problem.hull is None:
        return problem, None
    origin, directions = problem.hull
    columns = list(zip(*directions, strict=True)) if directions else [() for _ in origin]
    chart = AffineMap.from_parts(columns, origin, n_inputs=len(directions))
    inequalities = [row for row in problem.domain_rows if row[1] != "=="]
    domain = HPolyhedron(LinearSystem.from_integer_rows(inequalities, dimension=problem.network.n_inputs))
    return Problem(restrict(problem.network, chart), restrict_domain(domain, chart), Notion.FULL), chart


def _euler_characteristic(problem: Problem) -> int:
    """Return the sum of (-1)^dim over the relatively open faces of a domain with interior.

    1 for a polytope; a domain is L x Q with L its lineality space of dimension l and Q without lines: (-1)^l if Q is
    bounded, 0 else.
    """
    if problem.box is not None:
        return 1
    normals = [normal for normal, _, _ in problem.domain_rows]
    d = problem.network.n_inputs
    lineality = d - RationalMatrix.from_integers(normals, n_columns=d).rank()
    cone = HPolyhedron.from_rows([(normal, "<=", 0) for normal in normals], dimension=d)
    recession = cone.dimension()
    return (-1) ** lineality if recession == lineality else 0
