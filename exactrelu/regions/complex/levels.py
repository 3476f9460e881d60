"""Where a function of a network is zero or on one side: bent hyperplanes, level sets, decision boundaries.

The *bent hyperplane* of a unit is the set where its preactivation is zero: the faces with sign 0, ready in the
complex.  For a level t of an affine function a·f of the outputs the network is lengthened by one layer, whose only
unit with a breakpoint has the preactivation a·f - t; its other units are linear and carry the outputs on, so the
function is the same.  The complex of the longer network is the old one cut by {a·f = t}, and

    {a·f = t},  {a·f <= t},  {a·f >= t}

are the faces where the last unit has sign 0, -1 or 0, 1 or 0: closed sets of faces.  On one cell of the network,
{a·f = t} is empty, a piece of a hyperplane, or the whole cell (a *flat* cell, `Subcomplex.whole_cells`).

Cost: one subdivision of the longer network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.activations import IDENTITY, RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Layer, Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.complex.subcomplex import Subcomplex

__all__ = [
    "Level",
    "LevelPiece",
    "bent_hyperplane",
    "decision_boundary",
    "lengthened_network",
    "level_set",
    "level_sets",
    "sublevel_set",
    "superlevel_set",
]


def bent_hyperplane(complex_: SubdivisionComplex, unit: int) -> Subcomplex:
    """Return the closed set of faces on which the preactivation of a unit is zero.

    Its `whole_cells` are the cells on which the unit is zero throughout.

    Raises:
        InputError: no such unit.

    Example:
        >>> bent = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]], [[1]]], [[0, 0], [-1], [0]])
        >>> bent_hyperplane(subdivide(bent, HPolyhedron.cube(2, -2, 2)), 2)
        Subcomplex(f_vector=(4, 3, 0))
    """
    return Subcomplex.where_sign(complex_, unit=unit, signs={0})


def lengthened_network(network: Network, coefficients: Iterable[object], threshold: object = 0) -> Network:
    """Return the same function with one more unit, the last: its preactivation is coefficients · f - threshold.

    Args:
        coefficients: one number for each output.

    Raises:
        ShapeError: another number of coefficients than outputs.
    """
    form = as_vector(coefficients, name="coefficients")
    if len(form) != network.n_outputs:
        raise ShapeError(f"coefficients has {len(form)} entries; the network has {network.n_outputs} outputs")
    level = as_rational(threshold, name="threshold")
    m = network.n_outputs
    unit = AffineMap.from_parts([form], [-level], n_inputs=m)
    rows = AffineMap(unit.augmented.vstack(AffineMap.identity(m).augmented)).after(network.output)
    carry = RationalMatrix.from_integers([[int(j == i + 1) for j in range(m + 2)] for i in range(m)], n_columns=m + 2)
    return Network((*network.hidden, Layer(rows, (RELU, *[IDENTITY] * m))), AffineMap(carry), network.name)


@dataclass(frozen=True, slots=True)
class LevelPiece:
    """The zero set of a level's function on one cell of the network.

    configuration: the cell.  hyperplane: integers (n_1, ..., n_d, t) without common factor, the function's sign kept:
    the function is a positive multiple of n·x + t on the cell.
    """

    configuration: Configuration
    hyperplane: tuple[int, ...]


@dataclass(frozen=True)
class Level:
    """A complex that is cut by one level of a function g = a·f - t, and the three closed sets that this gives.

    Fields:
        network: the network before the level was added.
        complex: that of the longer network, whose last unit has the preactivation g.
    """

    network: Network
    complex: SubdivisionComplex

    def _where(self, *signs: int) -> Subcomplex:
        return Subcomplex.where_sign(
            self.complex, unit=self.complex.network.n_units - 1, signs=signs, network=self.network
        )

    @property
    def zero(self) -> Subcomplex:
        """{g = 0}; flat cells are its `whole_cells`."""
        return self._where(0)

    @property
    def below(self) -> Subcomplex:
        """{g <= 0}."""
        return self._where(-1, 0)

    @property
    def above(self) -> Subcomplex:
        """{g >= 0}."""
        return self._where(0, 1)

    def pieces(self) -> tuple[LevelPiece, ...]:
        """Return one hyperplane for each cell of the network that meets {g = 0} in dimension d - 1, sorted by cell.

        On a flat domain many functions agree on its hull; the one of the cell's affine map is given.
        """
        pieces = []
        for configuration in self.zero.cells_met:
            row, _ = self.complex.problem.linearisation.unit_row(configuration.bits, self.network.n_units)
            common = gcd(*row)
            pieces.append(LevelPiece(configuration, tuple(a // common for a in row)))
        return tuple(pieces)

    @property
    def flat_configurations(self) -> tuple[Configuration, ...]:
        """The cells of the network on which g is zero throughout."""
        bits = self.complex.bit_array[self.zero.whole_cells, : self.network.n_units]
        texts = {"".join(map(str, row)) for row in np.asarray(bits).tolist()}
        return tuple(Configuration(text) for text in sorted(texts))


def level_sets(
    network: Network,
    domain: HPolyhedron | None = None,
    *,
    coefficients: Sequence[object] | None = None,
    threshold: object = 0,
    exact: bool = False,
) -> Level:
    """Cut the complex of a network by {coefficients · f = threshold}.

    Args:
        domain: as for `subdivide`.
        coefficients: one number for each output; may be left out when there is one output.
        exact: as for `subdivide`.

    Raises:
        InputError: no coefficients and several outputs.
        ShapeError: another number of coefficients than outputs.
        DomainError: as for `subdivide`.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> level = level_sets(absolute, HPolyhedron.cube(1, -2, 2), threshold=1)
        >>> level.zero, level.below, level.above
        (Subcomplex(f_vector=(2, 0)), Subcomplex(f_vector=(3, 2)), Subcomplex(f_vector=(4, 2)))
    """
    if coefficients is None:
        if network.n_outputs != 1:
            raise InputError(f"the network has {network.n_outputs} outputs: pass coefficients, one for each")
        coefficients = [Fraction(1)]
    longer = lengthened_network(network, coefficients, threshold)
    return Level(network, subdivide(longer, domain, exact=exact))


def level_set(
    network: Network, domain: HPolyhedron | None = None, *, threshold: object = 0, output: int = 0
) -> Subcomplex:
    """Return {f_output = threshold} as a closed set of faces; its `whole_cells` are the flat cells.

    Raises:
        InputError: no such output.
        DomainError: as for `subdivide`.
    """
    return level_sets(network, domain, coefficients=_unit_vector(network, output), threshold=threshold).zero


def sublevel_set(
    network: Network, domain: HPolyhedron | None = None, *, threshold: object = 0, output: int = 0
) -> Subcomplex:
    """Return {f_output <= threshold} as a closed set of faces; arguments and errors as for `level_set`."""
    return level_sets(network, domain, coefficients=_unit_vector(network, output), threshold=threshold).below


def superlevel_set(
    network: Network, domain: HPolyhedron | None = None, *, threshold: object = 0, output: int = 0
) -> Subcomplex:
    """Return {f_output >= threshold} as a closed set of faces; arguments and errors as for `level_set`."""
    return level_sets(network, domain, coefficients=_unit_vector(network, output), threshold=threshold).above


def decision_boundary(network: Network, one: int, two: int, domain: HPolyhedron | None = None) -> Subcomplex:
    """Return {f_one = f_two}, the set where two outputs tie; its `whole_cells` are the cells of a permanent tie.

    Other outputs are not compared.  For a classifier by the sign of one output use `level_set`.

    Raises:
        InputError: no such output, or the same one twice.
        DomainError: as for `subdivide`.
    """
    if one == two:
        raise InputError(f"one and two are both {one}; a boundary needs two different outputs")
    pairs = zip(_unit_vector(network, one), _unit_vector(network, two), strict=True)
    return level_sets(network, domain, coefficients=[a - b for a, b in pairs]).zero


def _unit_vector(network: Network, output: int) -> list[int]:
    if not 0 <= output < network.n_outputs:
        raise InputError(f"output is {output}; the network has {network.n_outputs} outputs, numbered from 0")
    return [int(k == output) for k in range(network.n_outputs)]
