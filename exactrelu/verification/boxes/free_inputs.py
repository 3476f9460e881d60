"""The inputs that a box leaves free: the others have one value each and are substituted.

Queries about real networks often fix most inputs (two moving ones out of four hundred); exact affine maps and linear
programs then live in the dimension of the free ones.  Invariant: `network(x)` is the original network at `expand(x)`.
Cost: one substitution into the first layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.combining import precompose
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network

__all__ = ["ExactBox", "FreeInputs"]

ExactBox: TypeAlias = Sequence[tuple[Fraction | None, Fraction | None]]


@dataclass(frozen=True)
class FreeInputs:
    """Numbers of the free inputs, the values of all others (0 at the free ones), and the network of the free ones.

    `maps` remembers the affine maps of that network.
    """

    free: tuple[int, ...]
    values: tuple[Fraction, ...]
    maps: Linearisation

    @classmethod
    def of(cls, network: Network, box: ExactBox) -> FreeInputs:
        """Substitute the inputs whose bounds on the box are equal.

        Example:
            >>> plane = Network.from_weights([[[1, 10]]], [[0]])
            >>> inputs = FreeInputs.of(plane, [(Fraction(0), None), (Fraction(3), Fraction(3))])
            >>> inputs.free, inputs.maps.network.evaluate([5]), inputs.expand((Fraction(5),))
            ((0,), (Fraction(35, 1),), (Fraction(5, 1), Fraction(3, 1)))
        """
        free = tuple(i for i, (low, high) in enumerate(box) if low is None or low != high)
        values = tuple(low if low is not None and low == high else Fraction(0) for low, high in box)
        if len(free) == len(values):
            return cls(free, values, Linearisation(network, capacity=256))
        rows = [[Fraction(0)] * (len(free) + 1) for _ in values]
        for column, i in enumerate(free):
            rows[i][column] = Fraction(1)
        for row, value in zip(rows, values, strict=True):
            row[-1] = value
        embedding = AffineMap(RationalMatrix.from_rows(rows, n_columns=len(free) + 1))
        return cls(free, values, Linearisation(precompose(network, embedding), capacity=256))

    def expand(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return all inputs for values of the free ones."""
        values = list(self.values)
        for i, x in zip(self.free, point, strict=True):
            values[i] = x
        return tuple(values)
