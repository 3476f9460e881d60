"""What changes between two configurations, as an explicit sum over the flipped units.

With D and D' differing in some units, the product of matrices telescopes: layers above a flipped unit taken from D,
layers below from D', and the unit itself with the difference of its slopes,

    (A_D - A_D' | c_D - c_D') = sum over flipped units u of  (s_u - s'_u) · g_u ⊗ (r_u | t_u),

g_u = the column of u in M^L D_{L-1} ... M^{l+1} (its effect on the output on the D side) and (r_u | t_u) the
preactivation of u as an affine function on the D' side.  Only paths through flipped units occur, each once:
`Jump.iter_paths` lists them.

If the cells of D and D' share a facet in {n·x + t = 0}, every flipped unit vanishes there, so all (r_u | t_u) are
multiples of (n | t) and the jump is u ⊗ (n | t), of rank at most one.  A pair of pieces whose jump has rank 2
cannot meet continuously in a facet (`rank_one_factors` returns None).  Cost: one decomposition and one affine map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from exactrelu.atoms.paths import Path, walk
from exactrelu.atoms.slopes import Factors, layer_slopes, scale_columns, support
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network, Unit

__all__ = ["Jump", "JumpTerm", "RankOne", "jump", "rank_one_factors"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class JumpTerm:
    """The share of one flipped unit: slope_change · outward ⊗ inward.

    unit: layer and position; slope_change: slope on the first side minus that on the second; outward: effect of the
        unit on the output (n_L numbers); inward: its preactivation as an affine function (n_0 coefficients, then the
        constant).
    """

    unit: Unit
    slope_change: Fraction
    outward: Vector
    inward: Vector

    @property
    def matrix(self) -> RationalMatrix:
        """The n_L×(n_0 + 1) matrix of this term."""
        rows = [[self.slope_change * g * r for r in self.inward] for g in self.outward]
        return RationalMatrix.from_rows(rows, n_columns=len(self.inward))


@dataclass(frozen=True, slots=True)
class RankOne:
    """A matrix as outward ⊗ (normal | constant), with coprime integers in (normal | constant) whose first non-zero one
    is positive.

    The zero matrix has zero `outward` and zero row.
    """

    outward: Vector
    normal: tuple[int, ...]
    constant: int


@dataclass(frozen=True)
class Jump:
    """The difference of the affine maps of two configurations, first minus second.

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> kink = jump(hat, "11", "10")
        >>> [(term.unit.position, term.outward, term.inward) for term in kink.terms]
        [(1, (Fraction(-2, 1),), (Fraction(1, 1), Fraction(-1, 1)))]
        >>> kink.rank_one()
        RankOne(outward=(Fraction(-2, 1),), normal=(1,), constant=-1)
    """

    network: Network = field(repr=False)
    first: Configuration
    second: Configuration
    terms: tuple[JumpTerm, ...]

    @cached_property
    def matrix(self) -> RationalMatrix:
        """(A_D - A_D' | c_D - c_D'), the sum of the terms."""
        total = RationalMatrix.zeros(self.network.n_outputs, self.network.n_inputs + 1)
        for term in self.terms:
            total = total + term.matrix
        return total

    def rank_one(self) -> RankOne | None:
        """Return the jump as a product, or None if its rank exceeds one (then the cells share no facet)."""
        return rank_one_factors(self.matrix)

    def iter_paths(self, term: int, *, start: int = 0) -> Iterator[Path]:
        """Yield the paths through one flipped unit whose weights make up its share, from hidden layer `start` on.

        Slopes are those of the second configuration below the unit, of the first above it, and their difference at the
        unit. The sum of the weights of the paths from j to i, over all terms, is the change of the coefficient
        alpha_ij; with start > 0 of the path sums that multiply the biases of that layer.

        Raises:
            IndexError: no such term.
        """
        unit = self.terms[term].unit
        if start > unit.layer:
            return iter(())
        below, above = layer_slopes(self.network, self.second), layer_slopes(self.network, self.first)
        at = tuple(
            self.terms[term].slope_change if k == unit.position else Fraction(0) for k in range(len(above[unit.layer]))
        )
        slopes = (*below[: unit.layer], at, *above[unit.layer + 1 :])
        return walk(Factors.of(self.network), slopes, start, [support(layer) for layer in slopes[start:]])


def jump(network: Network, first: Configuration | str, second: Configuration | str) -> Jump:
    """Return the difference of two affine pieces as a sum over the units whose slopes differ.

    The configurations need not be neighbours; for neighbours the result has rank at most one.

    Raises:
        ShapeError: not one bit for every unit.

    Source: the telescoping form is own; rank one across facets: `docs/atoms-and-bounds.md`.
    """
    one = first if isinstance(first, Configuration) else Configuration(first)
    two = second if isinstance(second, Configuration) else Configuration(second)
    slopes_one, slopes_two = layer_slopes(network, one), layer_slopes(network, two)
    factors = Factors.of(network)
    maps = Linearisation(network)
    terms: list[JumpTerm] = []
    outward = factors.matrices[-1]
    for layer in reversed(range(len(slopes_one))):
        flipped = [k for k, (s, t) in enumerate(zip(slopes_one[layer], slopes_two[layer], strict=True)) if s != t]
        if flipped:
            inward = maps.layer_map(two.bits, layer).augmented.to_fractions()
            columns = outward.transpose().to_fractions()
            for k in flipped:
                change = slopes_one[layer][k] - slopes_two[layer][k]
                terms.append(JumpTerm(Unit(layer, k), change, columns[k], inward[k]))
        if layer:
            outward = scale_columns(outward, slopes_one[layer]) @ factors.matrices[layer]
    return Jump(network, one, two, tuple(reversed(terms)))


def rank_one_factors(matrix: RationalMatrix) -> RankOne | None:
    """Write (A | c) as outward ⊗ (normal | constant) with coprime integers on the right; None if the rank exceeds one.

    >>> rank_one_factors(RationalMatrix.from_rows([["1/2", -1], [1, -2]]))
    RankOne(outward=(Fraction(1, 2), Fraction(1, 1)), normal=(1,), constant=-2)
    >>> rank_one_factors(RationalMatrix.identity(2)) is None
    True
    """
    if matrix.rank() > 1:
        return None
    row = next((row for row in matrix.numerators if any(row)), None)
    if row is None:
        return RankOne((Fraction(0),) * matrix.n_rows, (0,) * (matrix.n_columns - 1), 0)
    place = next(k for k, a in enumerate(row) if a)
    divisor = math.gcd(*row) * (1 if row[place] > 0 else -1)
    direction = tuple(a // divisor for a in row)
    outward = tuple(Fraction(r[place], matrix.denominator * direction[place]) for r in matrix.numerators)
    return RankOne(outward, direction[:-1], direction[-1])
