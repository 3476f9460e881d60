"""Atomic decompositions: every affine piece of a network is a combination of the same few rank-one matrices.

The *atom* a_ij is column i of the last matrix times row j of the first.  On the configuration D the network is x -> A x
+ c with

    A = sum_{i in S_{L-1}} sum_{j in S_1} alpha_ij a_ij,     c = b^L + sum_{i in S_{L-1}} beta_i m^L_{:,i}

[HH19, Theorem 5, (11) and (12)].

alpha_ij is the sum over all paths from unit j of the first hidden layer to unit i of the last, through active units
only, of the product of their weights; beta_i is the same over paths that start at a bias.  For L = 2 only i = j occurs.

Method: one backward pass, R_{L-1} = D_{L-1} and R_l = R_{l+1} M^{l+1} D_l.  Entry (i, k) of R_l is the path sum from
unit k of layer l to unit i of the last; alpha = R_1 and beta = sum_l R_l b^l.  So L - 2 matrix products; no path is
ever enumerated (see `paths` for the iterator).  R_l depends only on the bits from layer l on, and is shared among
configurations that agree there.

Three numbers, never mixed: formal atoms (the pairs of the sum), atoms with a non-zero coefficient, dimension of the
span of the latter; the rank of A is bounded by every s_l = |S_l| and is a fourth.
Not here: which configurations occur (`exactrelu.regions`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from exactrelu.atoms.indices import require_index
from exactrelu.atoms.paths import Path, iter_paths
from exactrelu.atoms.slopes import Factors, layer_slopes, scale_columns, support
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration, configuration_at
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network

__all__ = ["AtomicDecomposition", "Atoms", "atomic_decomposition"]

Vector = tuple[Fraction, ...]


class Atoms:
    """The atoms of a network, and the decompositions of its configurations over them.

    The atoms are shared by all configurations; path sums are remembered by the bits on which they depend, at most
    `capacity` of them.

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> atoms = Atoms(hat)
        >>> atoms.atom(1, 0)
        RationalMatrix.from_rows([[-2]])
        >>> atoms.decompose("11").coefficients
        {(0, 0): Fraction(1, 1), (1, 1): Fraction(1, 1)}
    """

    def __init__(self, network: Network, capacity: int = 4096) -> None:
        self.network = network
        self.factors = Factors.of(network)
        self._capacity = capacity
        self._sums: dict[tuple[int, str], RationalMatrix] = {}
        self._atoms: dict[tuple[int, int], RationalMatrix] = {}

    def column(self, i: int) -> Vector:
        """Return m^L_{:,i}, column i of the last matrix; InputError unless 0 <= i < n_{L-1}."""
        last = self.factors.matrices[-1]
        i = require_index(i, last.n_columns, name="i")
        return tuple(Fraction(row[i], last.denominator) for row in last.numerators)

    def row(self, j: int) -> Vector:
        """Return m^1_{j,:}, row j of the first matrix; InputError unless 0 <= j < n_1."""
        first = self.factors.matrices[0]
        j = require_index(j, first.n_rows, name="j")
        return tuple(Fraction(a, first.denominator) for a in first.numerators[j])

    def atom(self, i: int, j: int) -> RationalMatrix:
        """Return a_ij = m^L_{:,i} ⊗ m^1_{j,:}, an n_L×n_0 matrix of rank at most 1.

        Raises:
            InputError: no unit i of the last hidden layer, or j of the first.
        """
        first, last = self.factors.matrices[0], self.factors.matrices[-1]
        i = require_index(i, last.n_columns, name="i")
        j = require_index(j, first.n_rows, name="j")
        found = self._atoms.get((i, j))
        if found is None:
            rows = tuple(tuple(row[i] * a for a in first.numerators[j]) for row in last.numerators)
            found = RationalMatrix(rows, first.denominator * last.denominator, first.n_columns)
            self._atoms[i, j] = found
        return found

    def decompose(self, configuration: Configuration | str) -> AtomicDecomposition:
        """Return the decomposition of a configuration, whether or not some input has it.

        Raises:
            ShapeError: not one bit for every unit.

        Cost: at most L - 2 matrix products; none for layers whose later bits were seen before.
        """
        chosen = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
        slopes = layer_slopes(self.network, chosen) or ((Fraction(1),) * self.network.n_inputs,)
        starts = [units.start for units in self.network.layer_units] or [0]
        sums: list[RationalMatrix] = []
        for layer in reversed(range(len(slopes))):
            key = (layer, chosen.bits[starts[layer] :])
            found = self._sums.get(key)
            if found is None:
                before = sums[-1] @ self.factors.matrices[layer + 1] if sums else _identity_for(slopes[layer])
                found = scale_columns(before, slopes[layer])
                if len(self._sums) >= self._capacity:
                    del self._sums[next(iter(self._sums))]
                self._sums[key] = found
            sums.append(found)
        return AtomicDecomposition(self, chosen, tuple(reversed(sums)), tuple(map(support, slopes)))

    def at(self, point: Iterable[Any]) -> AtomicDecomposition:
        """Return the decomposition at a point (bit 0 where a preactivation is zero)."""
        return self.decompose(configuration_at(self.network, point))


@dataclass(frozen=True)
class AtomicDecomposition:
    """The affine map of one configuration as a combination of atoms.

    Fields:
        atoms: the atoms of the network, shared.
        configuration: the bits.
        path_sums: for every hidden layer l (from 0) the matrix R of path sums from its units to those of the last
            hidden layer.
        supports: for every hidden layer the units whose slope is not zero.

    Example ([HH19, Thm 5] for L = 4, at the point (1, 1)):
        >>> net = Network.from_weights(
        ...     [[[1, 2], [-1, 1], [3, 0]], [[1, -1, 2], [2, 1, 0]], [[1, 1], [-1, 3]], [[1, 2]]],
        ...     [[1, 0, -1], [0, 1], [-1, 0], [5]],
        ... )
        >>> piece = Atoms(net).at([1, 1])
        >>> piece.configuration.bits, {pair: int(a) for pair, a in piece.coefficients.items()}
        ('1011111', {(0, 0): 3, (0, 2): 2, (1, 0): 5, (1, 2): -2})
        >>> {i: int(b) for i, b in piece.offsets.items()}, piece.affine_map
        ({0: 1, 1: 10}, AffineMap.from_parts([['7', '26']], ['26']))
        >>> piece.n_atoms_formal, piece.n_paths_per_coefficient, piece.n_paths
        (4, 2, 8)
    """

    atoms: Atoms = field(repr=False, compare=False)
    configuration: Configuration
    path_sums: tuple[RationalMatrix, ...] = field(repr=False)
    supports: tuple[tuple[int, ...], ...]

    @property
    def network(self) -> Network:
        """The network."""
        return self.atoms.network

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs (i, j) of the formal sum, zero coefficients included; only i = j for two affine layers."""
        if len(self.supports) == 1:
            return tuple((i, i) for i in self.supports[0])
        return tuple((i, j) for i in self.supports[-1] for j in self.supports[0])

    @cached_property
    def coefficients(self) -> dict[tuple[int, int], Fraction]:
        """alpha_ij for every formal pair; i counts units of the last hidden layer, j of the first, from 0."""
        table, q = self.path_sums[0].numerators, self.path_sums[0].denominator
        return {(i, j): Fraction(table[i][j], q) for i, j in self.pairs}

    @cached_property
    def offset_column(self) -> RationalMatrix:
        """beta as a column, zero outside the last support."""
        total = RationalMatrix.zeros(self.path_sums[-1].n_rows, 1)
        for sums, bias in zip(self.path_sums, self.atoms.factors.biases, strict=False):
            total = total + sums @ bias
        return total

    @cached_property
    def offsets(self) -> dict[int, Fraction]:
        """beta_i for every active unit i of the last hidden layer."""
        column = self.offset_column
        return {i: Fraction(column.numerators[i][0], column.denominator) for i in self.supports[-1]}

    def offset_terms(self, i: int) -> Iterator[tuple[int, int, Fraction, Fraction]]:
        """Yield (layer l, unit k, path sum from k to i, bias of k); beta_i sums the products of the last two.

        Raises:
            InputError: no unit i of the last hidden layer.
        """
        return self._iter_offset_terms(require_index(i, self.path_sums[-1].n_rows, name="i"))

    def _iter_offset_terms(self, i: int) -> Iterator[tuple[int, int, Fraction, Fraction]]:
        for layer, (sums, active) in enumerate(zip(self.path_sums, self.supports, strict=True)):
            bias = self.atoms.factors.biases[layer]
            for k in active if layer + 1 < len(self.supports) else (i,):
                yield (
                    layer,
                    k,
                    Fraction(sums.numerators[i][k], sums.denominator),
                    Fraction(bias.numerators[k][0], bias.denominator),
                )

    @cached_property
    def affine_map(self) -> AffineMap:
        """The sum of the decomposition, M^L alpha M^1 and b^L + M^L beta, as an affine map."""
        first, last = self.atoms.factors.matrices[0], self.atoms.factors.matrices[-1]
        offset = last @ self.offset_column + self.atoms.factors.biases[-1]
        return AffineMap((last @ self.path_sums[0] @ first).hstack(offset))

    def sum_of_atoms(self) -> RationalMatrix:
        """Return sum alpha_ij a_ij, atom by atom as in (11); `affine_map` has the same by matrix products."""
        shape = (self.network.n_outputs, self.network.n_inputs)
        total = RationalMatrix.zeros(*shape)
        for (i, j), alpha in self.coefficients.items():
            atom = self.atoms.atom(i, j)
            rows = tuple(tuple(a * alpha.numerator for a in row) for row in atom.numerators)
            total = total + RationalMatrix(rows, atom.denominator * alpha.denominator, shape[1])
        return total

    def defect(self) -> str | None:
        """Return why the decomposition does not re-sum to the network's affine map, or None.

        The map is computed again by the forward recursion; the sums here came from a backward one.  A path sum that
        only meets a zero bias would not show in the map, so every matrix of path sums is compared with the next one.
        """
        slopes = layer_slopes(self.network, self.configuration) or ((Fraction(1),) * self.network.n_inputs,)
        if self.path_sums[-1] != scale_columns(_identity_for(slopes[-1]), slopes[-1]):
            return "the path sums of the last hidden layer are not its slopes"
        for layer in range(len(slopes) - 1):
            below = scale_columns(self.path_sums[layer + 1] @ self.atoms.factors.matrices[layer + 1], slopes[layer])
            if self.path_sums[layer] != below:
                return f"the path sums of hidden layer {layer} do not follow from those of the next"
        expected = affine_map(self.network, self.configuration)
        if self.sum_of_atoms().to_fractions() != expected.linear:
            return "the atoms do not add up to the linear part"
        if self.affine_map.offset != expected.offset:
            return "the offset terms do not add up to the offset"
        return None if self.affine_map == expected else "the matrix products differ from the affine map"

    @property
    def n_atoms_formal(self) -> int:
        """Number of terms of the formal sum: s_{L-1} s_1, or s_1 for two affine layers."""
        return len(self.pairs)

    @cached_property
    def n_atoms_nonzero(self) -> int:
        """Number of terms whose coefficient is not zero (the atom itself may be zero)."""
        return sum(1 for alpha in self.coefficients.values() if alpha)

    @cached_property
    def n_atoms_independent(self) -> int:
        """Dimension of the span of the atoms whose coefficient is not zero."""
        if len(self.supports) > 1 and self.n_atoms_nonzero == self.n_atoms_formal:
            # All products of some columns and some rows: the span is the tensor product of theirs.
            first, last = self.atoms.factors.matrices[0], self.atoms.factors.matrices[-1].transpose()
            rows = RationalMatrix.from_integers(
                [first.numerators[j] for j in self.supports[0]], n_columns=first.n_columns
            )
            columns = RationalMatrix.from_integers(
                [last.numerators[i] for i in self.supports[-1]], n_columns=last.n_columns
            )
            return rows.rank() * columns.rank()
        atoms = [self.atoms.atom(i, j) for (i, j), alpha in self.coefficients.items() if alpha]
        table = [[a for row in atom.numerators for a in row] for atom in atoms]
        return RationalMatrix.from_integers(table).rank() if table else 0

    @property
    def n_paths_per_coefficient(self) -> int:
        """Number of paths summed in one coefficient: the product of s_2, ..., s_{L-2}."""
        return math.prod(len(active) for active in self.supports[1:-1])

    @property
    def n_paths(self) -> int:
        """Number of active paths from the first to the last hidden layer: the product of s_1, ..., s_{L-1}."""
        return math.prod(len(active) for active in self.supports)

    @property
    def rank_bound(self) -> int:
        """min s_l over the hidden layers, a bound on the rank of the linear part."""
        return min(len(active) for active in self.supports)

    @cached_property
    def rank(self) -> int:
        """Rank of the linear part."""
        return RationalMatrix.from_rows(self.affine_map.linear, n_columns=self.network.n_inputs).rank()

    def iter_paths(self, *, first: int | None = None, last: int | None = None) -> Iterator[Path]:
        """Yield the active paths between hidden units, lazily; see `exactrelu.atoms.paths.iter_paths`."""
        return iter_paths(self.network, self.configuration, first=first, last=last)

    def weights_at(self, point: Iterable[Any]) -> dict[int, Fraction]:
        """Return c_i(x) of (12) for every active unit i of the last hidden layer.

        The affine map is x -> b^L + sum c_i(x) m^L_{:,i}.

        Example:
            >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
            >>> {i: str(c) for i, c in Atoms(hat).decompose("11").weights_at(["3/2"]).items()}
            {0: '3/2', 1: '1/2'}
        """
        x = RationalMatrix.from_rows([[a] for a in point], n_columns=1)
        column = self.path_sums[0] @ self.atoms.factors.matrices[0] @ x + self.offset_column
        return {i: Fraction(column.numerators[i][0], column.denominator) for i in self.supports[-1]}


def atomic_decomposition(network: Network, configuration: Configuration | str) -> AtomicDecomposition:
    """Return the atomic decomposition of one configuration; `Atoms` shares the work among several.

    Raises:
        ShapeError: not one bit for every unit.

    Source: [HH19, Theorem 5].

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> atomic_decomposition(absolute, "01").coefficients
        {(1, 1): Fraction(1, 1)}
    """
    return Atoms(network).decompose(configuration)


def _identity_for(slopes: Vector) -> RationalMatrix:
    return RationalMatrix.identity(len(slopes))
