"""Exact Lipschitz constants: the largest operator norm among the cells of a domain.

On a convex domain of full dimension, max ||f(x) - f(y)|| / ||x - y|| is the maximum of ||A_D|| over the
full-dimensional cells: split the segment from x to y at the cell boundaries; conversely inside a cell the norm of A_D
is attained.  Norms 1 and inf give rationals, norm 2 an algebraic number.

Method: certified float scores discard nearly all cells (`float_scores`); cells that are left are computed exactly, one
for each distinct affine map.  Evidence: for norms 1 and inf two points of one cell between which the constant is
attained, so the lower bound is checked by two evaluations; the upper bound is the maximum over all cells of the
enumeration, whose completeness has its own certificate. Cost: one array pass over the cells and a few exact affine
maps, below the enumeration's own time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np

from exactrelu.bounds.float_scores import candidates
from exactrelu.bounds.norms import ExactNumber, Norm, operator_norm, spectral_norm_squared
from exactrelu.bounds.tangent import tangent_network
from exactrelu.errors import DomainError, InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.fingerprints import classes_of_equal_maps
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, Region, enumerate_regions

__all__ = ["LipschitzConstant", "cell_lipschitz", "lipschitz_constant", "local_lipschitz"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class LipschitzConstant:
    """The exact constant of a network on a domain in one norm.

    Fields:
        norm: the norm on both sides.
        value: a Fraction (norms 1 and inf) or an AlgebraicNumber (norm 2).
        configuration: a cell where it is attained.
        pair: two points of that cell with ||f(x) - f(y)|| = value · ||x - y||; None for norm 2, where they may be
            irrational.
        n_cells: number of cells over which the maximum was taken.
        n_exact: number of distinct affine maps whose norm was computed exactly; certified float bounds excluded the
            rest.
    """

    norm: Norm
    value: ExactNumber
    configuration: Configuration
    pair: tuple[Vector, Vector] | None
    n_cells: int
    n_exact: int


def cell_lipschitz(region: Region, norm: Norm | str | int) -> ExactNumber:
    """Return the exact constant on one cell, the norm of its linear part.

    Example:
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -3, 2]]], [[0, -1, -2], [0]])
        >>> [int(cell_lipschitz(region, "inf")) for region in enumerate_regions(hat)]
        [0, 1, 2, 0]
    """
    return operator_norm(_linear(region), norm)


def lipschitz_constant(enumeration: Enumeration, norm: Norm | str | int) -> LipschitzConstant:
    """Return the exact Lipschitz constant on the (convex) domain of an enumeration of full-dimensional cells.

    Raises:
        InputError: the enumeration is incomplete or not of full cells, or an unknown norm.
        DomainError: the domain has no interior, so that the cells' matrices say too much.

    Source: own; the theorem is elementary (see the module's description).

    Example:
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -3, 2]]], [[0, -1, -2], [0]])
        >>> constant = lipschitz_constant(enumerate_regions(hat), "inf")
        >>> constant.value, constant.configuration.bits
        (Fraction(2, 1), '110')
        >>> x, y = constant.pair
        >>> abs(hat(x)[0] - hat(y)[0]) == 2 * abs(x[0] - y[0]) > 0
        True
    """
    chosen = Norm.of(norm)
    if enumeration.problem.notion is not Notion.FULL:
        raise InputError("the constant is a maximum over full-dimensional cells; enumerate with cells='full'")
    if not enumeration.is_complete:
        raise InputError(f"the enumeration stopped at its {enumeration.stopped}, so the maximum is unknown")
    hull = enumeration.problem.hull
    if not len(enumeration) or (hull is not None and len(hull[1]) < enumeration.network.n_inputs):
        raise DomainError("the domain has no interior; a Lipschitz constant over full cells needs one")
    network, bits = enumeration.network, enumeration.bit_array
    positions = candidates(network, bits, chosen)
    # Cells with equal maps have equal norms: one of each class will do.
    _, first = np.unique(classes_of_equal_maps(network, bits[positions]), return_index=True)
    best: tuple[ExactNumber, Region, RationalMatrix] | None = None
    for position in positions[np.sort(first)]:
        region = enumeration[int(position)]
        linear = _linear(region)
        # For norm 2 squares are compared; they have half the degree.
        size = spectral_norm_squared(linear) if chosen is Norm.TWO else operator_norm(linear, chosen)
        if best is None or size > best[0]:
            best = size, region, linear
    if best is None:
        raise DomainError("the domain has no full-dimensional cell")
    _, region, linear = best
    pair = None if chosen is Norm.TWO else _attaining_pair(region, linear, chosen)
    value = operator_norm(linear, chosen)
    return LipschitzConstant(chosen, value, region.configuration, pair, len(enumeration), len(first))


def local_lipschitz(
    network: Network, point: Iterable[Any], norm: Norm | str | int, *, radius: Any = None
) -> LipschitzConstant:
    """Return the exact constant near a point: on the box of a radius, or in the limit of small neighbourhoods.

    Args:
        point: the centre.
        radius: half the side of the box around the point; without it the constant is that of the germ, the maximum over
            the cells whose closure contains the point (its configuration is then that of the tangent network's units).

    Raises:
        InputError: a radius that is not positive.
        ShapeError: a point of another dimension.

    Example:
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -3, 2]]], [[0, -1, -2], [0]])
        >>> [int(local_lipschitz(hat, [x], "inf").value) for x in (0, "1/2", 1, 3)]
        [1, 1, 2, 0]
        >>> local_lipschitz(hat, ["1/2"], "inf", radius=1).value
        Fraction(2, 1)
    """
    x = as_vector(point, name="point")
    if radius is None:
        return lipschitz_constant(enumerate_regions(tangent_network(network, x)), norm)
    r = as_rational(radius, name="radius")
    if r <= 0:
        raise InputError(f"radius is {r}; a positive number is needed")
    ball = HPolyhedron.box([a - r for a in x], [a + r for a in x])
    return lipschitz_constant(enumerate_regions(network, ball), norm)


def _linear(region: Region) -> RationalMatrix:
    augmented = region.affine_map.augmented
    rows = tuple(row[:-1] for row in augmented.numerators)
    return RationalMatrix(rows, augmented.denominator, augmented.n_columns - 1)


def _attaining_pair(region: Region, linear: RationalMatrix, norm: Norm) -> tuple[Vector, Vector]:
    """The witness x and x + t v in the closed cell, where v attains the norm: signs of a row, or a unit vector."""
    n = linear.n_columns
    if norm is Norm.INFINITY:
        row = max(linear.numerators, key=lambda entries: sum(map(abs, entries)), default=())
        direction = [1 if a >= 0 else -1 for a in row] or [1] * n
    else:
        columns = linear.transpose().numerators
        largest = max(range(n), key=lambda j: sum(map(abs, columns[j])), default=0)
        direction = [int(j == largest) for j in range(n)]
    x = region.witness
    step = Fraction(1)
    for normal, _, offset in region.system.rows:
        rate = sum(map(mul, normal, direction))
        if rate > 0:
            step = min(step, (offset - sum(map(mul, normal, x), Fraction(0))) / rate)
    return x, tuple(a + step * v for a, v in zip(x, direction, strict=True))
