"""Signs of the rows of a stage at all vertices: by a certified float filter, or exactly throughout.

Both classes keep, for every vertex, the values of the current stage's rows and then its homogeneous coordinates P =
(x, t), inherit them for new vertices by interpolation along the split edge (the rows of a stage are linear on every
face of the complex), and compute the next stage by one product.

*Error analysis of the filter* (`FloatValues`).  A stored value v has a radius r with |v - v*| <= r, v* the true
value, all rows of a vertex at one positive scale.  The point where the deciding row vanishes on the edge (a, b),
v_a > 0 > v_b, is a + s* (b - a) with s* = v*_a/(v*_a - v*_b), and for the computed s = fl(v_a / fl(v_a - v_b))

    |s - s*| <= ((1 - s) r_a + s r_b) / (|v_a - v_b| - r_a - r_b) + 4u =: e

(difference of the two quotients; u = 2^-53, two roundings).  Another row w is interpolated as fl(w_a + s (w_b -
w_a)), hence

    |w - w*| <= (1 - s + e) r_a + (s + e) r_b + e |w_b - w_a| + 4u (|w_a| + |w_b|) + 2^-1070

[three roundings, each relative u; Higham 2002, (2.4)].  The right-hand sides are computed in floats themselves.
There 1 - s errs by u in absolute value: charged as 4u in e, and as 4u beside s and 1 - s where e is computed.
Products that underflow lose at most 2^-1075 each: charged as 2^-1070.  All else are sums and products of nonnegative
terms, whose relative error 1 + 2^-48 exceeds.  If v_a - v_b overflows, or does not exceed its radii for certain, e is
infinite and the new vertex's values decide nothing.  The deciding row is set to an exact zero (radius 0).  Stage
products are enclosed as in `exactrelu.exact.enclosures`.  Any row for which neither |v| > r nor v = r = 0 is decided
exactly, and the vertex's floats are refreshed from the exact values.

`ExactValues` does the same with Python integers in object arrays: no filter, no floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.regions.complex.exact_vertices import ExactVertices, Stage
from exactrelu.regions.complex.faces import Cut, Signs
from exactrelu.regions.complex.growing import Growing
from exactrelu.regions.float_layers import FloatLayers

__all__ = ["ExactValues", "FloatValues", "Values"]

_UNIT = 2.0**-53
_SLACK = 1 + 2.0**-48
_PART = 2048  # vertices that go to the next stage together


class Values(Protocol):
    """What the refinement needs to know about numbers."""

    def signs(self, row: int) -> Signs:
        """Return the exact sign of a row of the current stage at every vertex."""

    def interpolate(self, cut: Cut, row: int) -> None:
        """Add the vertices of a cut, where `row` vanishes."""

    def copy_row(self, row: int, source: int, ratio: Fraction) -> None:
        """Set a row to `ratio` times another one, of which it is a multiple as a formula."""

    def next_stage(self, signs: Mapping[int, Signs]) -> None:
        """Go to the next stage; `signs` are those of the rows with a breakpoint."""

    def coordinates(self, dimension: int) -> FloatArray:
        """Return the homogeneous coordinates as floats (for pictures)."""

    def keep(self, vertices: NDArray[np.int64]) -> None:
        """Keep only some of the vertices; they get the numbers 0, 1, ..."""


def _scale(exact: Sequence[int]) -> int:
    """Return the number by which a homogeneous vector is divided for floats: t, or its largest entry if t = 0."""
    return exact[-1] if exact[-1] > 0 else max(1, *map(abs, exact))


class FloatValues:
    """Float values with proven error radii; what they leave open is decided exactly, and counted.

    values, radii: (rows + d + 1, vertices), the last rows are the homogeneous coordinates.
    """

    def __init__(self, layers: FloatLayers, vertices: ExactVertices, points: Sequence[tuple[int, ...]]) -> None:
        self._layers = layers
        self._exact = vertices
        self._stage = -1
        self.undecided = 0
        start = [self._floats(vertices.values(vertex, -1)) for vertex in range(len(points))]
        self._values = Growing(np.stack([values for values, _ in start], axis=1))
        self._radii = Growing(np.stack([radii for _, radii in start], axis=1))

    @staticmethod
    def _floats(exact: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Enclose an integer vector after scaling it."""
        enclosed = Enclosure.from_integers([exact], _scale(exact))
        return enclosed.value[0], enclosed.radius[0]

    def signs(self, row: int) -> Signs:
        """Return the exact sign of a row of the current stage at every vertex."""
        value, radius = self._values.data[row], self._radii.data[row]
        sure = np.abs(value) > radius
        signs = np.sign(value).astype(np.int8)
        if sure.all():
            return np.asarray(signs)
        open_ones = np.flatnonzero(~Enclosure(value, radius).is_decided())
        for vertex in open_ones.tolist():
            exact = self._exact.values(vertex, self._stage)
            signs[vertex] = (exact[row] > 0) - (exact[row] < 0)
            self._values.data[:, vertex], self._radii.data[:, vertex] = self._floats(exact)
        self.undecided += len(open_ones)
        return np.asarray(signs)

    def interpolate(self, cut: Cut, row: int) -> None:
        """Add the vertices of a cut, where `row` vanishes."""
        self._exact.record(cut, self._stage, row)
        count = len(cut.positive)
        a, b = self._values.data[:, cut.positive], self._values.data[:, cut.negative]
        ra, rb = self._radii.data[:, cut.positive], self._radii.data[:, cut.negative]
        gap = a[row] - b[row]
        s = a[row] / gap
        sure_gap = gap * (1 - 4 * _UNIT) - ra[row] - rb[row]
        spread = (1 - s + 4 * _UNIT) * ra[row] + (s + 4 * _UNIT) * rb[row] + 2.0**-1070
        spread = np.where((ra[row] == 0) & (rb[row] == 0), 0.0, spread)
        e = np.where((sure_gap > 0) & (gap < np.inf), (spread / sure_gap + 4 * _UNIT) * _SLACK, np.inf)
        difference = b - a
        size = np.abs(a) + np.abs(b)
        radius = (1 - s + e) * ra + (s + e) * rb + e * np.abs(difference) + (4 * _UNIT) * size + 2.0**-1070
        # Zero at both ends without error is zero without error between them.
        radius = np.where((size == 0) & (ra == 0) & (rb == 0), 0.0, radius * _SLACK)
        value = a + s * difference
        value[row], radius[row] = 0.0, 0.0
        self._values.extend(count)[...] = value
        self._radii.extend(count)[...] = np.where(np.isnan(radius) | (radius < 0), np.inf, radius)

    def copy_row(self, row: int, source: int, ratio: Fraction) -> None:
        """Set a row to `ratio` times another one, of which it is a multiple as a formula."""
        known = Enclosure(self._values.data[source], self._radii.data[source])
        scaled = known.multiply(Enclosure.from_fractions([ratio]))
        self._values.data[row], self._radii.data[row] = scaled.value, scaled.radius

    def next_stage(self, signs: Mapping[int, Signs]) -> None:
        """Go to the next stage; `signs` are those of the rows with a breakpoint."""
        d = self._layers.weights[0].value.shape[1]
        width = len(self._values.data) - 1 - d
        weights, bias = self._layers.weights[self._stage + 1], self._layers.biases[self._stage + 1]
        matrix = Enclosure(
            np.concatenate([weights.value, bias.value[:, None]], axis=1),
            np.concatenate([weights.radius, bias.radius[:, None]], axis=1),
        )
        count = len(self._values)
        values, radii = (np.empty((len(weights.value) + 1 + d, count)) for _ in range(2))
        # Part by part, so that what lies between the old values and the new ones stays in the cache.
        for start in range(0, count, _PART):
            part = slice(start, start + _PART)
            old = Enclosure(self._values.data[:, part], self._radii.data[:, part])
            active = old[width:-1] if self._stage < 0 else self._activated(old[:width], signs, part)
            argument = Enclosure(
                np.concatenate([active.value, old.value[-1:]]), np.concatenate([active.radius, old.radius[-1:]])
            )
            product = matrix.matmul(argument)
            values[: -1 - d, part], radii[: -1 - d, part] = product.value, product.radius
            values[-1 - d :, part], radii[-1 - d :, part] = old.value[width:], old.radius[width:]
        self._stage += 1
        self._values, self._radii = Growing(values), Growing(radii)

    def _activated(self, rows: Enclosure, signs: Mapping[int, Signs], part: slice) -> Enclosure:
        """Return the activations of the current stage's rows for some of the vertices."""
        slopes = self._layers.slopes[self._stage]
        sides = np.ones(rows.value.shape, dtype=np.int64)
        for row, sign in signs.items():
            sides[row] = sign[part] > 0
        numbers = np.arange(len(sides))[:, None]
        active = rows.multiply(Enclosure(slopes.value[sides, numbers], slopes.radius[sides, numbers]))
        for row, sign in signs.items():
            zero = sign[part] == 0
            active.value[row, zero], active.radius[row, zero] = 0.0, 0.0
        return active

    def coordinates(self, dimension: int) -> FloatArray:
        """Return the homogeneous coordinates, (dimension + 1, vertices), as floats for pictures; nan if beyond."""
        known = np.isfinite(self._radii.data[-1 - dimension :])
        return np.asarray(np.where(known, self._values.data[-1 - dimension :], np.nan))

    def keep(self, vertices: NDArray[np.int64]) -> None:
        """Keep only some of the vertices; they get the numbers 0, 1, ..."""
        self._values = Growing(self._values.data[:, vertices])
        self._radii = Growing(self._radii.data[:, vertices])
        self._exact.renumber(vertices)


class ExactValues:
    """The same with Python integers: (rows + d + 1, vertices) object arrays, each column at its own positive scale."""

    def __init__(self, stages: Sequence[Stage], vertices: ExactVertices, points: Sequence[tuple[int, ...]]) -> None:
        self._stages = stages
        self._exact = vertices
        self._stage = -1
        self.undecided = 0
        columns = [vertices.values(vertex, -1) for vertex in range(len(points))]
        self._values = Growing(np.array(columns, dtype=object).T.copy())

    def signs(self, row: int) -> Signs:
        """Return the exact sign of a row of the current stage at every vertex."""
        value = self._values.data[row]
        return np.asarray((value > 0).astype(np.int8) - (value < 0).astype(np.int8))

    def interpolate(self, cut: Cut, row: int) -> None:
        """Add the vertices of a cut, where `row` vanishes."""
        self._exact.record(cut, self._stage, row)
        a, b = self._values.data[:, cut.positive], self._values.data[:, cut.negative]
        mixed = a[row] * b - b[row] * a
        self._values.append(mixed // np.gcd.reduce(mixed, axis=0))

    def copy_row(self, row: int, source: int, ratio: Fraction) -> None:
        """Do nothing: multiples are exact anyway."""

    def next_stage(self, signs: Mapping[int, Signs]) -> None:
        """Go to the next stage."""
        values = self._values.data
        if self._stage < 0:
            d = self._stages[0].matrix.ncols() // 2
            active = np.concatenate([values[-1 - d : -1], values[-1 - d :]])
        else:
            stage = self._stages[self._stage]
            scale = stage.slope_scale
            active = values * scale
            for row, activation in enumerate(stage.activations):
                low, high = (int(s * scale) for s in (activation.negative, activation.positive))
                active[row] = np.where(values[row] > 0, values[row] * high, values[row] * low)
        self._stage += 1
        matrix = np.array(self._stages[self._stage].matrix.tolist(), dtype=object)
        matrix = np.vectorize(int, otypes=[object])(matrix)
        product = matrix @ active
        common = np.gcd.reduce(product, axis=0)
        self._values = Growing(product // np.where(common == 0, 1, common))

    def coordinates(self, dimension: int) -> FloatArray:
        """Return the homogeneous coordinates, (dimension + 1, vertices), as floats (for pictures)."""
        columns = [Enclosure.from_integers([column], _scale(column)).value[0] for column in self._carried(dimension)]
        return np.stack(columns, axis=1)

    def _carried(self, dimension: int) -> list[list[int]]:
        return [[int(x) for x in column] for column in self._values.data[-1 - dimension :].T]

    def keep(self, vertices: NDArray[np.int64]) -> None:
        """Keep only some of the vertices; they get the numbers 0, 1, ..."""
        self._values = Growing(self._values.data[:, vertices])
        self._exact.renumber(vertices)
