"""Exact coordinates and layer values of vertices, computed when asked for and remembered.

A vertex is known by its history: it lies on the segment between two older vertices, where one row of one stage
vanishes.  Everything is homogeneous: with integer coordinates P = (x, t) a network is positively homogeneous of
degree 1 in P, so at a stage the vector (rows, P) of a vertex is an integer vector up to one positive factor that
depends on the stage alone.  If a row has values p > 0 and n < 0 at the two ends, the new vertex is -n P_+ + p P_-,
divided by the common factor of its entries.

Cost: one pass through the layers for each vertex asked for, and for its ancestors; the numbers are those of the
vertex itself (minors of its defining rows), because common factors are removed at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import flint
import numpy as np
from numpy.typing import NDArray

from exactrelu.networks.activations import Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.regions.complex.faces import Cut
from exactrelu.regions.complex.growing import Growing

__all__ = ["ExactVertices", "Stage", "stages_of"]


@dataclass(frozen=True)
class Stage:
    """One homogeneous linear map of the chain and what follows it.

    matrix: integer rows (W, 0, b) of the stage, then the rows that carry P = (x, t), all at one scale; the argument is
    (activations of the stage before, P), for the first stage (x, P).
    activations: one for each row of the stage.
    slopes: (negative, positive) of each, as integers over slope_scale.
    """

    matrix: flint.fmpz_mat
    activations: tuple[Activation, ...]
    slopes: tuple[tuple[int, int], ...]
    slope_scale: int

    @classmethod
    def of(cls, affine: AffineMap, activations: Sequence[Activation], n_inputs: int) -> Stage:
        """Make the stage of an affine map in a network with `n_inputs` inputs."""
        q = affine.augmented.denominator
        rows = [[*row[:-1], *[0] * n_inputs, row[-1]] for row in affine.augmented.numerators]
        for place in range(n_inputs + 1):
            rows.append([q * (column == affine.n_inputs + place) for column in range(affine.n_inputs + n_inputs + 1)])
        scale = lcm(*(s.denominator for a in activations for s in (a.negative, a.positive)))
        slopes = tuple((int(a.negative * scale), int(a.positive * scale)) for a in activations)
        return cls(flint.fmpz_mat(rows), tuple(activations), slopes, scale)

    def activate(self, values: Sequence[int]) -> list[int]:
        """Apply the activations to (rows, P), everything multiplied by the common denominator of the slopes."""
        scale = self.slope_scale
        out = [
            value * (high if value > 0 else low)
            for value, (low, high) in zip(values[: len(self.slopes)], self.slopes, strict=True)
        ]
        out.extend(value * scale for value in values[len(self.slopes) :])
        return out


def stages_of(network: Network) -> list[Stage]:
    """Return the stages of the hidden layers."""
    return [Stage.of(layer.affine, layer.activations, network.n_inputs) for layer in network.hidden]


class ExactVertices:
    """Exact homogeneous coordinates of the vertices of a growing complex.

    domain_rows: integer forms on homogeneous coordinates, the rows of stage -1.
    """

    def __init__(
        self, stages: list[Stage], points: Sequence[tuple[int, ...]], domain_rows: Sequence[tuple[int, ...]]
    ) -> None:
        self._stages = stages
        self._domain_rows = domain_rows
        self._points: dict[int, tuple[int, ...]] = dict(enumerate(points))
        self._initial = len(points)
        self._births = Growing(np.zeros((4, 0), dtype=np.int32))
        self._values: dict[int, tuple[int, list[int]]] = {}
        self.computed = 0

    def record(self, cut: Cut, stage: int, row: int) -> None:
        """Note the parents of new vertices, and which row of which stage vanishes there."""
        fresh = self._births.extend(len(cut.positive))
        fresh[0], fresh[1], fresh[2], fresh[3] = cut.positive, cut.negative, stage, row

    def point(self, vertex: int) -> tuple[int, ...]:
        """Return homogeneous integer coordinates without common factor, last entry >= 0."""
        todo = [vertex]
        while todo:
            top = todo[-1]
            if top in self._points:
                todo.pop()
                continue
            positive, negative, stage, row = self._births.data[:, top - self._initial].tolist()
            missing = [v for v in (positive, negative) if v not in self._points]
            if missing:
                todo.extend(missing)
                continue
            p, n = self.values(positive, stage)[row], self.values(negative, stage)[row]
            mixed = [p * b - n * a for a, b in zip(self._points[positive], self._points[negative], strict=True)]
            common = gcd(*mixed)
            self._points[top] = tuple(x // common for x in mixed)
            self.computed += 1
            todo.pop()
        return self._points[vertex]

    def values(self, vertex: int, stage: int) -> list[int]:
        """Return (rows, P) of a stage at a vertex; the last hidden stage asked for is remembered.

        The rows of stage -1 are the domain's.
        """
        if stage < 0:
            point = self.point(vertex)
            return [*(sum(a * x for a, x in zip(row, point, strict=True)) for row in self._domain_rows), *point]
        found = self._values.get(vertex)
        if found is not None and found[0] == stage:
            return found[1]
        if found is not None and found[0] < stage:
            current, vector = found[0] + 1, self._stages[found[0]].activate(found[1])
        else:
            point = self.point(vertex)
            current, vector = 0, [*point[:-1], *point]
        while True:
            product = self._stages[current].matrix * flint.fmpz_mat(len(vector), 1, vector)
            rows = [int(x) for x in product.entries()]
            if current == stage:
                break
            vector = self._stages[current].activate(rows)
            current += 1
        self._values[vertex] = (stage, rows)
        return rows

    def activations(self, vertex: int) -> tuple[Fraction, ...]:
        """Return the activations of the last hidden layer at a vertex that is not at infinity (x without any)."""
        if not self._stages:
            *x, t = self.point(vertex)
            return tuple(Fraction(a, t) for a in x)
        stage = self._stages[-1]
        vector = stage.activate(self.values(vertex, len(self._stages) - 1))
        return tuple(Fraction(a, vector[-1]) for a in vector[: len(stage.activations)])

    def renumber(self, kept: NDArray[np.int64]) -> None:
        """Keep only some of the vertices; they get the numbers 0, 1, ... and become the initial ones."""
        points = [self.point(int(vertex)) for vertex in kept]
        self._points = dict(enumerate(points))
        self._initial = len(points)
        self._births = Growing(np.zeros((4, 0), dtype=np.int32))
        self._values = {}
