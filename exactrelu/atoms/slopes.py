"""The diagonals D_1, ..., D_{L-1} that a configuration selects, and products with them.

[HH19] has ReLU only, so D_l is a 0/1 diagonal with support S_l.  Here a unit has two slopes and D_l holds the one that
its bit selects; a linear unit has its one slope for every bit.  The *support* S_l is the set of units whose slope is
not zero: for ReLU these are the units with bit 1, as in the paper.

Without a hidden layer the network is one matrix M.  Then the inputs stand in for the units: M = M · I · I, so L = 1 is
treated as L = 2 with first matrix I, and the sums of Theorem 5 keep their meaning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network

__all__ = ["Factors", "layer_slopes", "scale_columns", "support"]

Slopes = tuple[Fraction, ...]


def layer_slopes(network: Network, configuration: Configuration) -> tuple[Slopes, ...]:
    """Return the diagonal of D_l for every hidden layer; ShapeError unless there is one bit for every unit.

    >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    >>> layer_slopes(absolute, Configuration("01"))
    ((Fraction(0, 1), Fraction(1, 1)),)
    """
    layers = []
    for hidden, bits in zip(network.hidden, configuration.by_layer(network), strict=True):
        own = iter(bits)
        layers.append(tuple(a.positive if a.is_linear else a.slope(int(next(own))) for a in hidden.activations))
    return tuple(layers)


def support(slopes: Slopes) -> tuple[int, ...]:
    """Return the positions whose slope is not zero."""
    return tuple(k for k, slope in enumerate(slopes) if slope)


def scale_columns(matrix: RationalMatrix, factors: Sequence[Fraction]) -> RationalMatrix:
    """Return matrix · diag(factors).

    >>> scale_columns(RationalMatrix.from_integers([[1, 2]]), (Fraction(0), Fraction(1, 2)))
    RationalMatrix.from_rows([[0, 1]])
    """
    q = math.lcm(*(f.denominator for f in factors))
    integers = [f.numerator * (q // f.denominator) for f in factors]
    rows = tuple(tuple(a * f for a, f in zip(row, integers, strict=True)) for row in matrix.numerators)
    return RationalMatrix(rows, matrix.denominator * q, matrix.n_columns)


@dataclass(frozen=True, slots=True)
class Factors:
    """The matrices M^1, ..., M^L (L >= 2) and the biases of a network, as columns.

    >>> Factors.of(Network.from_weights([[[2, 3]]], [[1]])).matrices[0] == RationalMatrix.identity(2)
    True
    """

    matrices: tuple[RationalMatrix, ...]
    biases: tuple[RationalMatrix, ...]

    @classmethod
    def of(cls, network: Network) -> Factors:
        """Cut the augmented matrices of a network into weights and biases."""
        matrices, biases = [], []
        for one in network.affine_maps:
            numerators, q, n = one.augmented.numerators, one.augmented.denominator, one.n_inputs
            matrices.append(RationalMatrix(tuple(row[:-1] for row in numerators), q, n))
            biases.append(RationalMatrix(tuple(row[-1:] for row in numerators), q, 1))
        if len(matrices) == 1:
            n = network.n_inputs
            return cls((RationalMatrix.identity(n), *matrices), (RationalMatrix.zeros(n, 1), *biases))
        return cls(tuple(matrices), tuple(biases))
