"""Refine a complex by all units of a network, one after another, stage by stage.

Stage -1 cuts the starting complex by the domain's inequalities and keeps the inside; then each hidden layer is a stage, its units are cut in order.  A row that is a
multiple of an earlier one of its layer (a duplicate or opposite unit) makes no cut: its signs are copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.networks.network import Network
from exactrelu.regions.batch import FloatLayers
from exactrelu.regions.complex.exact_vertices import ExactVertices, stages_of
from exactrelu.regions.complex.faces import Faces, Signs
from exactrelu.regions.complex.ground import Ground
from exactrelu.regions.complex.growing import Growing
from exactrelu.regions.complex.values import ExactValues, FloatValues

__all__ = ["Refined", "refine"]


@dataclass(frozen=True)
class Refined:
    """A refined complex.

    faces: incidence.  vertices: exact coordinates on demand.  covectors: (rows, vertices) signs of the domain's inequalities, then of the units.
    cell_signs: (rows, cells) likewise.  n_domain: how many rows belong to the domain.  undecided: how many signs the float filter left to exact arithmetic.
    """

    faces: Faces
    vertices: ExactVertices
    covectors: Signs
    cell_signs: Signs
    n_domain: int
    undecided: int


def refine(network: Network, ground: Ground, domain_rows: list[tuple[int, ...]], *, exact: bool = False) -> Refined:
    """Refine a starting complex by a domain's inequalities (forms on (x, t), kept where >= 0) and by a network's units."""
    stages = stages_of(network)
    vertices = ExactVertices(stages, ground.vertices, domain_rows)
    values = (
        ExactValues(stages, vertices, ground.vertices)
        if exact
        else FloatValues(FloatLayers.of(network), vertices, ground.vertices)
    )
    work = _Refinement(ground.faces, values, len(domain_rows) + network.n_units, len(ground.vertices))
    for row in range(len(domain_rows)):
        work.cut(row, values.signs(row))
    for number, layer in enumerate(network.hidden):
        values.next_stage(work.signs_of_stage)
        work.start_stage()
        known: dict[tuple[int, ...], tuple[int, int]] = {}
        for row, activation in enumerate(layer.activations):
            if activation.is_linear:
                continue
            coefficients = layer.affine.augmented.numerators[row]
            key, factor = _primitive(coefficients)
            if key in known:
                source, source_factor = known[key]
                ratio = Fraction(factor, source_factor)
                values.copy_row(row, source, ratio)
                signs = work.signs_of_stage[source]
                work.repeat(row, signs if ratio > 0 else -signs, source, 1 if ratio > 0 else -1)
            else:
                known[key] = (row, factor)
                work.cut(row, values.signs(row))
        assert number == len(stages) - 1 or work.row <= work.n_rows
    return Refined(
        work.faces, vertices, work.covectors.data, work.cells.data, len(domain_rows), values.undecided
    )


def _primitive(coefficients: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Write an integer row as factor times a row without common factor whose first nonzero entry is positive."""
    factor = int(np.gcd.reduce(np.array(coefficients, dtype=object))) or 1
    if next((c for c in coefficients if c), 1) < 0:
        factor = -factor
    return tuple(c // factor for c in coefficients), factor


class _Refinement:
    """The growing state: faces, values, signs of vertices and cells for every row so far."""

    def __init__(self, faces: Faces, values: FloatValues | ExactValues, n_rows: int, n_vertices: int) -> None:
        self.faces = faces
        self.values = values
        self.n_rows = n_rows
        self.row = 0
        self.covectors = Growing(np.zeros((n_rows, n_vertices), dtype=np.int8))
        self.cells = Growing(np.zeros((n_rows, faces.counts[-1]), dtype=np.int8))
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

    def repeat(self, position: int, signs: Signs, source: int, factor: int) -> None:
        """Take over the signs of an earlier row of the stage, times +1 or -1."""
        self.covectors.data[self.row] = signs
        self.cells.data[self.row] = factor * self.cells.data[self._stage_rows[source]]
        self._stage_rows[position] = self.row
        self.row += 1
