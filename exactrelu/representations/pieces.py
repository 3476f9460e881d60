"""A piecewise affine function as a list of (closed polyhedron, affine map).

`PiecewiseAffine.of_enumeration` writes a whole (small) network this way: one piece for each full-dimensional cell,
closed and without redundant inequalities.  Closed pieces overlap on their boundaries; there the maps of a network
agree, so the value is that of any piece that contains the point.  A list from elsewhere need not agree: `continuity`
decides that exactly.

Pieces keep their order; `evaluate` takes the first that contains the point.  Cost of irredundant rows: one linear
program for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError, InvariantError, ShapeError
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.networks.affine import AffineMap
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.polyhedra.redundancy import IrredundantSystem
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration

__all__ = ["Piece", "PiecewiseAffine"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A closed polyhedron and the affine map on it; `name` is shown to people (a configuration, for a network)."""

    polyhedron: HPolyhedron
    affine_map: AffineMap
    name: str = ""

    def __post_init__(self) -> None:
        if self.polyhedron.ambient_dimension != self.affine_map.n_inputs:
            raise ShapeError(
                f"the polyhedron has dimension {self.polyhedron.ambient_dimension}, "
                f"the affine map takes {self.affine_map.n_inputs} inputs"
            )


@dataclass(frozen=True, slots=True)
class PiecewiseAffine:
    """Pieces with the same number of inputs and of outputs.

    Raises:
        InputError: no piece.
        ShapeError: pieces of different dimensions; the message names the piece.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> function = PiecewiseAffine.of_enumeration(enumerate_regions(absolute))
        >>> [(piece.name, str(piece.polyhedron), piece.affine_map.linear[0][0]) for piece in function.pieces]
        [('01', 'x0 <= 0', Fraction(-1, 1)), ('10', '-x0 <= 0', Fraction(1, 1))]
    """

    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        if not self.pieces:
            raise InputError("pieces is empty; a piecewise affine function needs at least one")
        shape = self.pieces[0].affine_map.augmented.shape
        for number, piece in enumerate(self.pieces):
            if piece.affine_map.augmented.shape != shape:
                raise ShapeError(
                    f"piece {number} maps dimension {piece.affine_map.n_inputs} to {piece.affine_map.n_outputs}; "
                    f"piece 0 maps {shape[1] - 1} to {shape[0]}"
                )

    @classmethod
    def of(cls, pairs: Iterable[tuple[HPolyhedron, AffineMap]]) -> PiecewiseAffine:
        """Return the function of a list of pairs, named by position."""
        return cls(tuple(Piece(polyhedron, affine, str(k)) for k, (polyhedron, affine) in enumerate(pairs)))

    @classmethod
    def of_enumeration(cls, enumeration: Enumeration) -> PiecewiseAffine:
        """Return one piece for each region of an enumeration, named by its configuration, without redundant rows.

        Raises:
            InputError: the enumeration is incomplete, empty, or not of full cells.
        """
        if enumeration.problem.notion is not Notion.FULL:
            raise InputError("pieces are full-dimensional cells; enumerate with cells='full'")
        if not enumeration.is_complete:
            raise InputError(f"the enumeration stopped at its {enumeration.stopped}; pieces would be missing")
        return cls(
            tuple(
                Piece(_irredundant(region.polyhedron), region.affine_map, region.configuration.bits)
                for region in enumeration
            )
        )

    @property
    def n_inputs(self) -> int:
        """Dimension of the argument."""
        return self.pieces[0].affine_map.n_inputs

    @property
    def n_outputs(self) -> int:
        """Dimension of the value."""
        return self.pieces[0].affine_map.n_outputs

    def evaluate(self, point: Iterable[Any]) -> tuple[Fraction, ...] | None:
        """Return the value of the first piece that contains the point, None outside all pieces."""
        x = as_vector(point, name="point")
        for piece in self.pieces:
            if piece.polyhedron.contains(x):
                return piece.affine_map(x)
        return None


def _irredundant(polyhedron: HPolyhedron) -> HPolyhedron:
    result = polyhedron.irredundant()
    if not isinstance(result, IrredundantSystem):
        raise InvariantError("a listed region is empty")
    rows: list[Row] = []
    for normal, relation, offset in result.system.rows:
        divisor = math.gcd(*normal, offset) or 1
        rows.append((tuple(a // divisor for a in normal), relation, offset // divisor))
    return HPolyhedron(LinearSystem.from_integer_rows(rows, dimension=polyhedron.ambient_dimension))
