"""Do the affine maps of neighbouring cells agree on the facet between them?  Exactly, for every facet.

Let D and E share a facet in the hyperplane n·x + t = 0.  Two affine maps agree on the facet iff they agree on the
hyperplane, iff

    (A_E - A_D | c_E - c_D) = u ⊗ (n | t)

for a vector u, one number for each output: the *jump*, a matrix of rank at most one whose rows are multiples of (n
| t).  It holds for the maps of a network; it is the test for a list of maps from elsewhere, and the other way round
it tests cells and adjacency of a complex.  With n pointing from D to E, a function is convex iff all entries of its
row of u are >= 0.

On a flat domain everything is in coordinates of its hull.  Cost: a few integer products for each facet and output,
one affine map a cell. A validator for lists of pieces without a complex is elsewhere (`exactrelu.representations`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np

from exactrelu.errors import InvariantError, ShapeError
from exactrelu.networks.affine import AffineMap
from exactrelu.regions.complex.cell_maps import LayerMaps, iter_layer_maps
from exactrelu.regions.complex.complex import SubdivisionComplex

__all__ = ["Discontinuity", "FacetJump", "facet_jumps", "find_discontinuity"]

Vector = tuple[Fraction, ...]
Hyperplane = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FacetJump:
    """What changes across one shared facet.

    Fields:
        negative, positive: the cells on the sides n·x + t < 0 and > 0.
        facet: number of the facet.
        hyperplane: integers (n_1, ..., n_d, t) without common factor, the first nonzero one positive.
        change: u with (A | c) on the positive side minus that on the negative side = u ⊗ (n | t).
    """

    negative: int
    positive: int
    facet: int
    hyperplane: Hyperplane
    change: Vector


@dataclass(frozen=True, slots=True)
class Discontinuity:
    """Evidence against continuity: the difference of the maps is not u ⊗ hyperplane in one output.

    Fields:
        negative, positive, facet, hyperplane: as in `FacetJump`.
        output: the first output whose row is no multiple of the hyperplane.
        row: (A | c) of that output on the positive side minus that on the negative side.
    """

    negative: int
    positive: int
    facet: int
    hyperplane: Hyperplane
    output: int
    row: Vector


def find_discontinuity(complex_: SubdivisionComplex, maps: Sequence[AffineMap] | None = None) -> Discontinuity | None:
    """Return the first shared facet on which the maps of the two cells differ; None if there is none.

    Args:
        maps: one affine map for each cell, all with as many inputs as the complex has dimensions; those of the
            network when left out.

    Raises:
        ShapeError: another number of maps than cells, or maps of other dimensions.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> absolute = subdivide(Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]]))
        >>> find_discontinuity(absolute) is None
        True
        >>> step = [AffineMap.from_parts([[0]], [0]), AffineMap.from_parts([[0]], [1])]
        >>> find_discontinuity(absolute, step).row
        (Fraction(0, 1), Fraction(1, 1))
    """
    return next((found for found in _compare(complex_, maps) if isinstance(found, Discontinuity)), None)


def facet_jumps(complex_: SubdivisionComplex) -> tuple[FacetJump, ...]:
    """Return the jump of the network across every shared facet, in the order of `complex_.adjacency`.

    On a flat domain the hyperplanes are in coordinates of its hull.

    Raises:
        InvariantError: the network jumps at a facet, a defect of this package.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> facet_jumps(subdivide(absolute))
        (FacetJump(negative=0, positive=1, facet=0, hyperplane=(1, 0), change=(Fraction(2, 1),)),)
    """
    jumps = []
    for found in _compare(complex_, None):
        if isinstance(found, Discontinuity):
            raise InvariantError(f"the network is not continuous across facet {found.facet}; please report it")
        jumps.append(found)
    return tuple(jumps)


def _compare(complex_: SubdivisionComplex, maps: Sequence[AffineMap] | None) -> Iterator[FacetJump | Discontinuity]:
    *hidden, output = iter_layer_maps(complex_.local.network, complex_.bit_array)
    tables = _Tables.of_network(output) if maps is None else _Tables.of_maps(complex_, maps)
    units = complex_.network.units
    signs = complex_.covectors(complex_.dimension)
    walls = complex_.covectors(complex_.dimension - 1)
    for (one, two), facet in zip(complex_.adjacency.cells.T.tolist(), complex_.adjacency.facets.tolist(), strict=True):
        # A shared facet is not in the domain's boundary, so some unit vanishes on it but not on the cell.
        unit = int(np.flatnonzero((walls[facet] == 0) & (signs[one] != 0))[0])
        address = units[unit]
        row = [int(a) for a in hidden[address.layer].of_cell(one)[address.position]]
        common = gcd(*row)
        if next(a for a in row if a) < 0:
            common = -common
        hyperplane = tuple(a // common for a in row)
        positive, negative = (one, two) if (signs[one, unit] > 0) == (common > 0) else (two, one)
        yield tables.jump(negative, positive, facet, hyperplane)


@dataclass(frozen=True)
class _Tables:
    """(A | c) of every cell as integer rows over one denominator for all."""

    rows: Sequence[Sequence[Sequence[Any]]]
    denominator: int

    @classmethod
    def of_network(cls, output: LayerMaps) -> _Tables:
        return cls([output.of_cell(cell).tolist() for cell in range(len(output.prefix))], output.denominator)

    @classmethod
    def of_maps(cls, complex_: SubdivisionComplex, maps: Sequence[AffineMap]) -> _Tables:
        if len(maps) != len(complex_):
            raise ShapeError(f"maps has {len(maps)} entries; the complex has {len(complex_)} cells")
        shapes = {(m.n_inputs, m.n_outputs) for m in maps}
        if len(shapes) > 1 or {n for n, _ in shapes} != {complex_.dimension}:
            raise ShapeError(f"maps have (inputs, outputs) {sorted(shapes)}; all need {complex_.dimension} inputs")
        q = lcm(*(m.augmented.denominator for m in maps))
        tables = [m.augmented for m in maps]
        return cls([[[a * (q // t.denominator) for a in row] for row in t.numerators] for t in tables], q)

    def jump(self, negative: int, positive: int, facet: int, hyperplane: Hyperplane) -> FacetJump | Discontinuity:
        """Return what changes across a facet of the hyperplane."""
        lead = next(i for i, a in enumerate(hyperplane) if a)
        change = []
        for output, (before, after) in enumerate(zip(self.rows[negative], self.rows[positive], strict=True)):
            row = [int(a - b) for a, b in zip(after, before, strict=True)]
            if any(row[lead] * n != hyperplane[lead] * a for a, n in zip(row, hyperplane, strict=True)):
                exact = tuple(Fraction(a, self.denominator) for a in row)
                return Discontinuity(negative, positive, facet, hyperplane, output, exact)
            change.append(Fraction(row[lead], hyperplane[lead] * self.denominator))
        return FacetJump(negative, positive, facet, hyperplane, tuple(change))
