"""Networks as lists of integer rows while they are drawn, and what makes them degenerate on purpose.

A `RawNetwork` has for every layer its rows [w_1, ..., w_n, b], integers over one denominator.  Each kind of
`networks` is a small change of such rows that makes its promise true, whatever was drawn: nothing is rejected, and a
drawn network stays as simple as it was.

- generic: no row of weights is zero, no bias is zero, and no two rows [w | b] of a hidden layer are multiples of each
  other; so no two units of the first layer have one hyperplane, and none passes through the origin.
- duplicate: two units of one hidden layer have equal rows.
- dead: one unit's preactivation is never positive: its row is zero in the first hidden layer and has no positive
  weight in later ones (activations of ReLU units are not negative), and its bias is not positive.
- coincident: two units of one hidden layer have rows r != 0 and c·r with c one of -1, 2, -2, 3: one hyperplane, no
  duplicates.
- zero-bias: all biases are zero, the output's too.
"""

from __future__ import annotations

from dataclasses import dataclass

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["FACTORS", "RawNetwork"]

FACTORS = (-1, 2, -2, 3)
"""By what one of two coincident rows is a multiple of the other."""

Row = list[int]


@dataclass(slots=True)
class RawNetwork:
    """Rows [w | b] of every layer, the output's last, as integers over `denominator`; lists, to be changed in place."""

    layers: list[list[Row]]
    denominator: int

    def make_generic(self) -> None:
        """Repair zero weights, zero biases and proportional rows of the hidden layers.

        The loop ends: each earlier row is proportional to [w | b] for at most one b.
        """
        for rows in self.layers[:-1]:
            for position, row in enumerate(rows):
                if not any(row[:-1]):
                    row[0] = self.denominator
                while not row[-1] or any(_proportional(row, other) for other in rows[:position]):
                    row[-1] += self.denominator

    def make_duplicate(self, layer: int, one: int, other: int) -> None:
        """Give unit `other` the row of unit `one`."""
        self.layers[layer][other] = list(self.layers[layer][one])

    def make_dead(self, layer: int, unit: int) -> None:
        """Make the preactivation of a unit never positive."""
        row = self.layers[layer][unit]
        weights = [0] * (len(row) - 1) if layer == 0 else [-abs(w) for w in row[:-1]]
        self.layers[layer][unit] = [*weights, -abs(row[-1])]

    def make_coincident(self, layer: int, one: int, other: int, factor: int) -> None:
        """Give unit `other` the row of unit `one` times `factor`; a zero row of weights becomes (1, 0, ..., 0)."""
        row = self.layers[layer][one]
        if not any(row[:-1]):
            row[0] = self.denominator
        self.layers[layer][other] = [factor * entry for entry in row]

    def make_zero_bias(self) -> None:
        """Set every bias to zero."""
        for rows in self.layers:
            for row in rows:
                row[-1] = 0

    def build(self, activations: list[tuple[Activation, ...]] | None = None) -> Network:
        """Return the network; ReLU throughout when no activations are given."""
        maps = [
            AffineMap(RationalMatrix(tuple(map(tuple, rows)), self.denominator, len(rows[0]))) for rows in self.layers
        ]
        if activations is None:
            activations = [(RELU,) * len(rows) for rows in self.layers[:-1]]
        hidden = tuple(Layer(affine, units) for affine, units in zip(maps[:-1], activations, strict=True))
        return Network(hidden, maps[-1])


def _proportional(one: Row, other: Row) -> bool:
    """Whether two rows span at most a line."""
    pivot = next((k for k, entry in enumerate(other) if entry), None)
    return pivot is None or all(a * other[pivot] == b * one[pivot] for a, b in zip(one, other, strict=True))
