"""The ideal of minors against the ideal of the variety: do rank constraints generate everything, degree by degree?

For two blocks of a shallow network it is conjectured [AM25, Conjecture 6.1] that the minors of M_1, M_2, M_1 - M_2
and of the two concatenations generate the ideal J of the pattern variety.  This module compares dimensions in one
degree after the other.

In each weight space the minors' multiples span a space I_w inside J_w.  Modulo a prime, dim I_w can only be too
small, and the kernel of the interpolation table only too large; so if the two numbers agree, I_w = J_w is *proved*
over Q.  Nothing is proved where they differ, except by other means.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import flint

from exactrelu.varieties.constraints import RankConstraint, polynomial_determinant
from exactrelu.varieties.coordinates import Coordinates
from exactrelu.varieties.interpolation import Interpolator, Monomial
from exactrelu.varieties.modular import SMALL_PRIME, rank_mod
from exactrelu.varieties.type_paths import TypeStructure

__all__ = ["DegreeComparison", "compare_minors"]


@dataclass(frozen=True, slots=True)
class DegreeComparison:
    """Dimensions in one degree: of the ideal of minors (at least) and of the ideal of the variety (at most)."""

    degree: int
    minors: int
    variety: int

    @property
    def agrees(self) -> bool:
        """Whether the two ideals are proved to agree in this degree."""
        return self.minors == self.variety


def compare_minors(
    structure: TypeStructure, constraints: Iterable[RankConstraint], max_degree: int, *, seed: int = 0
) -> tuple[DegreeComparison, ...]:
    """Compare the ideal of minors with that of the variety in degrees 2, ..., max_degree, in coordinates.

    Args:
        structure: without inputs.
        constraints: certified ones whose matrix is one row or one column of cells.
        max_degree: the last degree.
        seed: of the random points.

    >>> from exactrelu.varieties.blocks import Blocks
    >>> from exactrelu.varieties.families import constraints_of
    >>> blocks = Blocks.of((3, 3, 2), "111|001")
    >>> [c.agrees for c in compare_minors(TypeStructure(blocks), constraints_of(blocks), 3)]
    [True, True]
    """
    coordinates = Coordinates(structure, coarse=True)
    interpolator = Interpolator(coordinates, seed)
    minors = [
        polynomial
        for constraint in constraints
        if constraint.certified and constraint.flattening.grid and constraint.degree <= max_degree
        for polynomial in _minors(coordinates, constraint)
    ]
    by_weight: dict[tuple[tuple[int, ...], tuple[int, ...]], list[dict[Monomial, int]]] = {}
    for polynomial in minors:
        first = next(iter(polynomial))
        rows = [0] * coordinates.n_rows
        for variable in first:
            rows[variable // coordinates.count] += 1
        by_weight.setdefault((tuple(rows), interpolator.degree_of(first)), []).append(polynomial)
    result = []
    for degree in range(2, max_degree + 1):
        from_minors = from_points = 0
        for (rows_, weight), monomials, orbit in interpolator.dominant_weights(degree):
            kernel = interpolator.kernel(monomials)
            if not kernel.free:
                continue
            from_points += len(kernel.free) * len(orbit)
            position = {kernel.monomials[column]: j for j, column in enumerate(kernel.free)}
            lines: list[list[int]] = []
            for (part_rows, part_weight), polynomials in by_weight.items():
                rest = tuple(a - b for a, b in zip(rows_, part_rows, strict=True))
                if min(rest) < 0:
                    continue
                rest_weight = tuple(a - b for a, b in zip(weight, part_weight, strict=True))
                for factor in interpolator.weight_spaces(rest).get(rest_weight, ()):
                    for polynomial in polynomials:
                        line = [0] * len(position)
                        for monomial, coefficient in polynomial.items():
                            index = position.get(tuple(sorted((*monomial, *factor))))
                            if index is not None:
                                line[index] += coefficient
                        lines.append(line)
            from_minors += rank_mod(lines, SMALL_PRIME) * len(orbit)
        result.append(DegreeComparison(degree, from_minors, from_points))
    return tuple(result)


def _minors(coordinates: Coordinates, constraint: RankConstraint) -> Iterator[dict[Monomial, int]]:
    """The minors that vanish, as polynomials in the coordinates."""
    n_variables = coordinates.n_rows * coordinates.count
    context = flint.fmpz_mpoly_ctx.get([f"z{v}" for v in range(n_variables)], flint.Ordering.degrevlex)
    variables, zero = context.gens(), context.constant(0)
    table = []
    for piece in constraint.flattening.pieces:
        columns = []
        for column in zip(*piece, strict=True):
            form = [
                sum(a * row[q] for a, row in zip(column, coordinates.outputs_in_coordinates, strict=True))
                for q in range(coordinates.count)
            ]
            scale = math.lcm(*(a.denominator for a in form))
            columns.append([int(a * scale) for a in form])
        for r in range(coordinates.n_rows):
            own = variables[r * coordinates.count : (r + 1) * coordinates.count]
            table.append([sum((z * a for z, a in zip(own, form, strict=True) if a), zero) for form in columns])
    one = context.constant(1)
    for minor in constraint.minors():
        value = polynomial_determinant([[table[i][j] for j in minor.columns] for i in minor.rows], one)
        terms = {
            tuple(v for v, power in enumerate(exponents) for _ in range(int(power))): int(coefficient)
            for exponents, coefficient in value.to_dict().items()
        }
        if terms:
            yield terms
