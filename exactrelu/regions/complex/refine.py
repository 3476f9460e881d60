"""Refine a complex by all units of a network, one after another, stage by stage.

Stage -1 cuts the starting complex by the domain's inequalities and keeps the inside; then each hidden layer is a
stage, its units are cut in order.  A row that is a multiple of an earlier one of its layer (a duplicate or opposite
unit) makes no cut: its signs are copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactrelu.exact.enclosures import FloatArray
from exactrelu.networks.network import Network
from exactrelu.regions.complex.exact_vertices import ExactVertices, stages_of
from exactrelu.regions.complex.faces import Faces, Signs
from exactrelu.regions.complex.ground import Ground
from exactrelu.regions.complex.growing import Growing
from exactrelu.regions.complex.values import ExactValues, FloatValues, Values
from exactrelu.regions.float_layers import FloatLayers

__all__ = ["Refined", "refine"]


@dataclass(frozen=True)
class Refined:
    """A refined complex.

    faces: incidence.  vertices: exact coordinates on demand.  coordinates: (d + 1, vertices) homogeneous floats, for
        pictures.
    covectors: (1 + p + units, vertices) signs of t (0 at infinity), of the p inequalities of the domain, and of the
        units.
    cell_signs: the same for the cells.  undecided: how many signs the float filter left to exact arithmetic.
    """

    faces: Faces
    vertices: ExactVertices
    coordinates: FloatArray
    covectors: Signs
    cell_signs: Signs
    undecided: int


def refine(network: Network, ground: Ground, domain_rows: list[tuple[int, ...]], *, exact: bool = False) -> Refined:
    """Refine by a domain's inequalities (forms on (x, t), kept where >= 0), then by a network's units."""
    with np.errstate(all="ignore"):  # infinities and nan decide nothing, by construction
        return _refine(network, ground, domain_rows, exact)


def _refine(network: Network, ground: Ground, domain_rows: list[tuple[int, ...]], exact: bool) -> Refined:
    stages = stages_of(network)
    vertices = ExactVertices(stages, ground.vertices, domain_rows)
    values = (
        ExactValues(stages, vertices, ground.vertices)
        if exact
        else FloatValues(FloatLayers.of(network), vertices, ground.vertices)
    )
    infinite = np.array([point[-1] > 0 for point in ground.vertices], dtype=np.int8)
    work = _Refinement(ground.faces, values, 1 + len(domain_rows) + network.n_units, infinite)
    for row in range(len(domain_rows)):
        work.cut(row, values.signs(row))
        work.keep_inside()
    for layer in network.hidden:
        values.next_stage(work.signs_of_stage)
        work.start_stage()
        known: dict[tuple[int, ...], tuple[int, int]] = {}
        for row, activation in enumerate(layer.activations):
            if activation.is_linear:
                continue
            key, factor = _primitive(layer.affine.augmented.numerators[row])
            if key in known:
                source, source_factor = known[key]
                values.copy_row(row, source, Fraction(factor, source_factor))
                work.repeat(row, source, 1 if factor * source_factor > 0 else -1)
            else:
                known[key] = (row, factor)
                work.cut(row, values.signs(row))
    coordinates = values.coordinates(network.n_inputs)
    return Refined(work.faces, vertices, coordinates, work.covectors.data, work.cells.data, values.undecided)


def _primitive(coefficients: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Write an integer row as factor times a row without common factor whose first nonzero entry is positive."""
    factor = int(np.gcd.reduce(np.array(coefficients, dtype=object))) or 1
    if next((c for c in coefficients if c), 1) < 0:
        factor = -factor
    return tuple(c // factor for c in coefficients), factor


class _Refinement:
    """The growing state: faces, values, signs of vertices and cells for every row so far."""

    def __init__(self, faces: Faces, values: Values, n_rows: int, finite: Signs) -> None:
        self.faces = faces
        self.values = values
        self.row = 1
        self.covectors = Growing(np.zeros((n_rows, len(finite)), dtype=np.int8))
        self.covectors.data[0] = finite
        self.cells = Growing(np.zeros((n_rows, faces.counts[-1]), dtype=np.int8))
        self.cells.data[0] = 1
        self._stage_rows: dict[int, int] = {}

    @property
    def signs_of_stage(self) -> dict[int, Signs]:
        """Signs of the current stage's rows with a breakpoint, by position in the layer."""
        return {position: self.covectors.data[row] for position, row in self._stage_rows.items()}

    def start_stage(self) -> None:
        """Forget the positions of the stage before."""
        self._stage_rows = {}

    def cut(self, position: int, signs: Signs) -> None:
        """Refine by the next row, the one at `position` of the current stage."""
        row = self.row
        cut = self.faces.cut(signs)
        fresh = len(cut.positive)
        self.covectors.data[row] = signs
        if fresh:
            self.values.interpolate(cut, position)
            known = self.covectors.data[:row]
            mixed = np.sign(known[:, cut.positive] + known[:, cut.negative])
            columns = self.covectors.extend(fresh)
            columns[:row], columns[row:] = mixed, 0
        if len(cut.split_cells):
            self.cells.append(self.cells.data[:, cut.split_cells])
        self.cells.data[row] = cut.cell_signs
        self._stage_rows[position] = row
        self.row += 1

    def keep_inside(self) -> None:
        """Drop everything on the negative side of the last row."""
        vertices, cells = self.faces.keep_nonnegative(self.covectors.data[self.row - 1])
        self.values.keep(vertices)
        self.covectors = Growing(self.covectors.data[:, vertices])
        self.cells = Growing(self.cells.data[:, cells])

    def repeat(self, position: int, source: int, factor: int) -> None:
        """Take over the signs of the row at position `source` of the stage, times +1 or -1."""
        row = self._stage_rows[source]
        self.covectors.data[self.row] = factor * self.covectors.data[row]
        self.cells.data[self.row] = factor * self.cells.data[row]
        self._stage_rows[position] = self.row
        self.row += 1
