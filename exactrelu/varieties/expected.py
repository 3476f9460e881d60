"""Expected dimensions: the number of parameters less the symmetries, capped by the space.

Three numbers, always reported together, because the literature does not agree on one:

* *scale*: live parameters minus live hidden neurons (each neuron may be rescaled by a positive number), capped by
the ambient dimension;
* *type*: live parameters minus the dimension of a generic orbit of the group of all g that mix neurons of one type,
  W_l -> g W_l, W_{l+1} -> W_{l+1} g^-1 (it commutes with every mask), capped by n_L * sum of rank X_i;
* *rank*: ambient dimension minus the conormal codimension of the certified rank constraints (`conormal`).

A parameter is *live* if it lies on an active way from the inputs to the outputs in some block.  With inputs, a
first-layer row counts only with the rank of the inputs that it sees.  With biases a neuron that is on in every
block may also exchange constants with the bias unit.

*type* and *rank* are upper bounds of the dimension, proved for the very numbers returned: the orbit's dimension at
one point modulo a prime is at most that at a generic point.  *scale* is an upper bound too, a coarser one except
that it is capped by the whole ambient space.
Source: own, with [AM25]'s definition not at hand; docs/varieties.md gives the argument.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.modular import PRIME, rank_mod
from exactrelu.varieties.parametrisation import Parametrisation, Point

__all__ = ["ExpectedDimension", "ParameterCount", "parameter_count"]


@dataclass(frozen=True, slots=True)
class ExpectedDimension:
    """The three expected dimensions; `rank` is None until the constraints are known."""

    scale: int
    type: int
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class ParameterCount:
    """Counts behind the expected dimensions.

    ambient: n_L * m; effective_ambient: n_L * sum of rank X_i; live: live parameters, a first-layer row counted
    with the rank of the inputs that it sees; live_weights: live parameters, each counted once; live_neurons: hidden
    neurons with a live parameter;
    symmetry: dimension of the orbit at the point tried, a lower bound of a generic orbit's.
    """

    ambient: int
    effective_ambient: int
    live: int
    live_weights: int
    live_neurons: int
    symmetry: int

    @property
    def expected(self) -> ExpectedDimension:
        """The expected dimensions by scaling and by types."""
        return ExpectedDimension(
            min(self.ambient, self.live_weights - self.live_neurons),
            min(self.effective_ambient, self.live - self.symmetry),
        )


def parameter_count(blocks: Blocks, *, seed: int = 0) -> ParameterCount:
    """Count live parameters and symmetries.

    >>> count = parameter_count(Blocks.of((3, 4, 3), "1110|0011"))
    >>> count.live, count.symmetry, count.expected
    (24, 6, ExpectedDimension(scale=18, type=18, rank=None))
    """
    live = _Liveness(blocks)
    point = Parametrisation(blocks).random_point(random.Random(seed), PRIME // 2)
    vectors = [live.restrict(vector) for vector in _infinitesimal_symmetries(blocks, point)]
    ranks = [x.rank() for x in blocks.extended_inputs()]
    n_outputs = blocks.architecture.n_outputs
    return ParameterCount(
        ambient=n_outputs * sum(blocks.sizes),
        effective_ambient=n_outputs * sum(ranks),
        live=live.count(),
        live_weights=len(live.live),
        live_neurons=sum(
            live.is_live_neuron(level, j) for level, n in enumerate(blocks.architecture.hidden) for j in range(n)
        ),
        symmetry=rank_mod(vectors) if vectors else 0,
    )


_Vector = dict[tuple[int, int, int], int]


def _infinitesimal_symmetries(blocks: Blocks, point: Point) -> Iterator[_Vector]:
    """The vectors (E_st W_l, -W_{l+1} E_st) for units s, t of equal type, sparse by parameter."""
    hidden = blocks.architecture.hidden
    for layer, width in enumerate(hidden):
        kinds = [tuple(p.is_on(layer, j) for p in blocks.patterns) for j in range(width)]
        for s in range(width):
            for t in range(width):
                if kinds[s] == kinds[t]:
                    vector = {(layer, s, b): entry for b, entry in enumerate(point[layer][t])}
                    vector.update({(layer + 1, a, t): -row[s] for a, row in enumerate(point[layer + 1])})
                    yield vector
            if blocks.architecture.bias and all(kinds[s]):
                shift = {(layer, s, len(point[layer][s]) - 1): 1}
                shift.update({(layer + 1, a, width): -row[s] for a, row in enumerate(point[layer + 1])})
                yield shift


class _Liveness:
    """Which parameters matter, and first-layer rows expressed by what they do on the inputs that they see."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.phi = Parametrisation(blocks)
        self.live = tuple(p for p in self.phi.parameters if self._is_live(*p))
        self._live_set = frozenset(self.live)

    def _reaches_output(self, block: int, level: int) -> bool:
        """Whether every hidden layer after unit level `level` (1 = first hidden) has a neuron that is on."""
        return all(count for count in self.blocks.patterns[block].counts()[level:])

    def _is_reached(self, block: int, level: int) -> bool:
        """Whether a unit of that level can get a signal, from the bias unit or through layers not dead."""
        counts = self.blocks.patterns[block].counts()
        return self.blocks.architecture.bias or all(counts[: max(level - 1, 0)])

    def _is_live(self, layer: int, a: int, b: int) -> bool:
        depth = self.blocks.architecture.n_layers
        for i, masks in enumerate(self.phi.masks):
            source = layer == 0 or (masks[layer - 1][b] and self._is_reached(i, layer))
            target = layer == depth - 1 or (masks[layer][a] and self._reaches_output(i, layer + 1))
            if source and target:
                return True
        return False

    def is_live_neuron(self, layer: int, neuron: int) -> bool:
        """Whether a parameter into the neuron is live."""
        return any((layer, neuron, b) in self._live_set for b in range(self.phi.extended_widths[layer]))

    @cached_property
    def _seen(self) -> dict[int, RationalMatrix]:
        """For every first-layer row the inputs that it sees, side by side, as rows."""
        seen = {}
        for j in range(self.blocks.architecture.widths[1]):
            columns: list[tuple[int, ...]] = []
            for i, inputs in enumerate(self.phi.inputs):
                single = self.blocks.architecture.n_layers == 1
                if single or (self.phi.masks[i][0][j] and self._reaches_output(i, 1)):
                    columns.extend(zip(*inputs, strict=True))
            seen[j] = RationalMatrix.from_integers(columns, n_columns=self.phi.extended_widths[0])
        return seen

    def count(self) -> int:
        """Number of live parameters, a first-layer row counted with the rank of what it sees."""
        later = sum(1 for layer, _, _ in self.live if layer)
        return later + sum(matrix.rank() for matrix in self._seen.values())

    def restrict(self, vector: _Vector) -> list[int]:
        """The live part of a tangent vector; first-layer rows are multiplied by the inputs that they see."""
        result = [vector.get(p, 0) for p in self.live if p[0]]
        for j, matrix in self._seen.items():
            row = [vector.get((0, j, b), 0) for b in range(matrix.n_columns)]
            result.extend(sum(x * y for x, y in zip(row, column, strict=True)) for column in matrix.numerators)
        return result
