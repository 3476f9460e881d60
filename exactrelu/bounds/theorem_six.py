"""The Lipschitz bounds of [HH19, Theorem 6] and products of layer norms, with their hypotheses, next to the exact
constant.

(i) If every column of M^L and every row of M^1 has Euclidean norm 1, every slope has absolute value at most 1, and m is
the largest absolute value of an entry of M^2, ..., M^{L-1} (m^0 = 1 for L = 2), then on the cell of D the 2-norm
constant is at most m^{L-2} s_1 ... s_{L-1}, where s_l counts the active units.  Globally m^{L-2} N^{L-1} with N the
largest hidden width; sharper, m^{L-2} times the product of the hidden widths, and sharper still m^{L-2} times the
largest s_1 ... s_{L-1} of a cell.

(ii) With sigma = max ||M^l||_2 the constant is at most sigma^L.  In any norm the product of the layers' norms is a
bound, too.

Both hypotheses of (i) are needed, every s_l is needed, and the exponent of m is L - 2; the tests show that the variants
are false. A report never hides a hypothesis that fails: `normalised` is then False and the numbers of (i) are not
bounds.

Exactness: roots are never computed to decide; squares of spectral norms are algebraic numbers and are compared as such.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from exactrelu.atoms.slopes import Factors, layer_slopes, support
from exactrelu.bounds.algebraic import AlgebraicNumber
from exactrelu.bounds.norms import ExactNumber, Norm, decide_spectral_norm_at_most, operator_norm, spectral_norm_squared
from exactrelu.bounds.spectral import enclose_spectral_norm
from exactrelu.errors import InputError
from exactrelu.exact.definiteness import PositiveSemidefinite
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network

__all__ = ["Hypothesis", "TheoremSix", "layer_norms", "path_bound", "product_bound", "theorem_six"]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A condition of the theorem, whether it holds, and the first place where it fails."""

    statement: str
    holds: bool
    failure: str = ""


@dataclass(frozen=True)
class TheoremSix:
    """Theorem 6 for one network.

    Fields:
        depth: L, the number of affine layers.
        hypotheses: those of (i); (ii) has only the one on slopes.
        m: largest absolute value of an entry of M^2, ..., M^{L-1}; 1 if there is none.
        hidden_widths: n_1, ..., n_{L-1}.
    """

    network: Network
    depth: int
    hypotheses: tuple[Hypothesis, ...]
    m: Fraction
    hidden_widths: tuple[int, ...]

    @property
    def normalised(self) -> bool:
        """Whether all hypotheses of (i) hold, so that its numbers are bounds."""
        return all(h.holds for h in self.hypotheses)

    @property
    def global_bound(self) -> Fraction:
        """m^{L-2} N^{L-1}."""
        return path_bound(self.m, [max(self.hidden_widths)] * len(self.hidden_widths))

    @property
    def width_bound(self) -> Fraction:
        """m^{L-2} times the product of the hidden widths."""
        return path_bound(self.m, self.hidden_widths)

    def local_bound(self, configuration: Configuration | str) -> Fraction:
        """Return m^{L-2} s_1 ... s_{L-1} for a configuration."""
        chosen = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
        return path_bound(self.m, [len(support(layer)) for layer in layer_slopes(self.network, chosen)])

    def best_path_bound(self, configurations: Sequence[Configuration | str]) -> Fraction:
        """Return the largest local bound among configurations: a global bound if these are all full cells."""
        return max((self.local_bound(c) for c in configurations), default=Fraction(0))

    def holds_at(self, configuration: Configuration | str) -> bool:
        """Whether ||A_D||_2 is at most the local bound, by a positive semidefinite matrix; decided also without
        hypotheses."""
        linear = RationalMatrix.from_rows(
            affine_map(self.network, configuration).linear, n_columns=self.network.n_inputs
        )
        answer = decide_spectral_norm_at_most(linear, self.local_bound(configuration))
        return isinstance(answer, PositiveSemidefinite)

    @cached_property
    def sigma_squared(self) -> AlgebraicNumber:
        """sigma^2, the largest ||M^l||_2^2, exactly; for wide layers `sigma_enclosure` costs far less."""
        return max(map(spectral_norm_squared, Factors.of(self.network).matrices))

    @cached_property
    def spectral_bound_squared(self) -> AlgebraicNumber:
        """(sigma^L)^2, the square of the bound of (ii)."""
        return self.sigma_squared.power(self.depth)

    def spectral_bound(self, width: Fraction) -> Fraction:
        """Return sigma^L rounded up: exact if it is rational, else sigma^L or sigma enclosed within `width`.

        Wide layers enter by enclosures (`exactrelu.bounds.spectral`), without any polynomial.
        """
        ends = [enclose_spectral_norm(matrix, width) for matrix in Factors.of(self.network).matrices]
        largest = max(ends, key=lambda end: end.upper)
        if largest.norm is None or any(end.norm is None and end.upper > largest.lower for end in ends):
            return largest.upper**self.depth
        power = max(end.norm for end in ends if end.norm is not None).power(self.depth)
        return power.enclosure(width)[1] if power.rational is None else power.rational


def theorem_six(network: Network) -> TheoremSix:
    """Return the constants and hypotheses of Theorem 6.

    Raises:
        InputError: a network without hidden layer.

    Source: [HH19, Theorem 6].

    Example (equality in (i)):
        >>> v = ["3/5", "4/5"]
        >>> tight = Network.from_weights(
        ...     [[v, v], [["1/2", "1/2"]] * 2, [["3/5", "3/5"], ["4/5", "4/5"]]], [[0, 0], [0, 0], [0, 0]]
        ... )
        >>> report = theorem_six(tight)
        >>> report.normalised, report.m, report.local_bound("1111"), report.global_bound
        (True, Fraction(1, 2), Fraction(2, 1), Fraction(2, 1))
        >>> report.spectral_bound_squared.rational
        Fraction(8, 1)
    """
    if not network.hidden:
        raise InputError("the network has no hidden layer; the norm of its matrix is its Lipschitz constant")
    matrices = Factors.of(network).matrices
    middle = [
        Fraction(abs(a), matrix.denominator) for matrix in matrices[1:-1] for row in matrix.numerators for a in row
    ]
    hypotheses = (
        _unit_rows(matrices[0], "every row of M^1 has Euclidean norm 1", "row"),
        _unit_rows(matrices[-1].transpose(), "every column of M^L has Euclidean norm 1", "column"),
        _slopes(network),
    )
    return TheoremSix(
        network,
        len(matrices),
        hypotheses,
        max(middle, default=Fraction(len(matrices) == 2)),
        network.widths[1:-1],
    )


def path_bound(m: Fraction, sizes: Sequence[int]) -> Fraction:
    """Return m^{L-2} times the product of L - 1 sizes.

    >>> path_bound(Fraction(1, 2), [2, 3])
    Fraction(3, 1)
    """
    return m ** (len(sizes) - 1) * math.prod(sizes)


def layer_norms(network: Network, norm: Norm | str | int) -> tuple[ExactNumber, ...]:
    """Return the operator norm of every layer: its matrix, times the largest slope of the activations after it.

    Cost: for norm 2 the minimal polynomial of every layer, slow beyond twenty units or so; see `product_bound`.
    """
    values: list[ExactNumber] = []
    for matrix, steepest in _steep_matrices(network):
        value = operator_norm(matrix, norm)
        if not steepest:
            values.append(Fraction(0))
        else:
            values.append(value.scaled(steepest) if isinstance(value, AlgebraicNumber) else value * steepest)
    return tuple(values)


def product_bound(network: Network, norm: Norm | str | int, width: Fraction = Fraction(1, 10**9)) -> Fraction:
    """Return the product of the layers' norms, an upper bound of the Lipschitz constant.

    Exact for norms 1 and inf.  For norm 2 every factor is the upper end of an enclosure of that `width`; equal factors
    of small layers are multiplied exactly.

    Example:
        >>> net = Network.from_weights([[[1, 2], [-1, 1]], [[3, -1]]], [[0, 0], [0]])
        >>> product_bound(net, "inf"), product_bound(net, "1")
        (Fraction(12, 1), Fraction(9, 1))
    """
    total = Fraction(1)
    roots: Counter[AlgebraicNumber] = Counter()
    for matrix, steepest in _steep_matrices(network):
        total *= steepest
        if Norm.of(norm) is not Norm.TWO:
            value = operator_norm(matrix, norm)
            total *= value if isinstance(value, Fraction) else value.enclosure(width)[1]
            continue
        enclosure = enclose_spectral_norm(matrix, width)
        if enclosure.norm is None:
            total *= enclosure.upper
        else:
            roots[enclosure.norm] += 1
    for root, times in roots.items():
        # Equal factors first, so that a pair of equal square roots is rational again.
        power = root.power(times)
        total *= power.enclosure(width)[1] if power.rational is None else power.rational
    return total


def _steep_matrices(network: Network) -> Iterator[tuple[RationalMatrix, Fraction]]:
    """Every layer's matrix with the largest absolute slope of the activations after it."""
    for affine, layer in zip(network.affine_maps, (*network.hidden, None), strict=True):
        rows = tuple(row[:-1] for row in affine.augmented.numerators)
        slopes = (
            [Fraction(1)] if layer is None else [abs(s) for a in layer.activations for s in (a.negative, a.positive)]
        )
        yield RationalMatrix(rows, affine.augmented.denominator, affine.n_inputs), max(slopes, default=Fraction(0))


def _unit_rows(matrix: RationalMatrix, statement: str, line: str) -> Hypothesis:
    for k, row in enumerate(matrix.numerators):
        square = Fraction(sum(a * a for a in row), matrix.denominator**2)
        if square != 1:
            return Hypothesis(statement, False, f"{line} {k} has squared norm {square}")
    return Hypothesis(statement, True)


def _slopes(network: Network) -> Hypothesis:
    statement = "every slope has absolute value at most 1"
    for layer, hidden in enumerate(network.hidden):
        for k, activation in enumerate(hidden.activations):
            steepest = max(abs(activation.negative), abs(activation.positive))
            if steepest > 1:
                return Hypothesis(statement, False, f"unit {k} of hidden layer {layer} has slope {steepest}")
    return Hypothesis(statement, True)
