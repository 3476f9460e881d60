"""Everything that a picture needs to know, the same for every output format.

A scene holds the complex that was asked about, the bounded complex that is drawn (`view`), its float geometry, a colour
for every cell, the unit of every wall and the level set; the drawing modules only place these on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from textwrap import shorten

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import InputError
from exactrelu.plot.geometry import cell_means, facet_cells, facet_units
from exactrelu.plot.level import LevelSet, Output, level_set, output_form
from exactrelu.plot.palette import piece_colours, ramp
from exactrelu.plot.view import View, embedded, visible
from exactrelu.regions.complex.complex import SubdivisionComplex

__all__ = ["COLOURS", "Scene"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

COLOURS = ("pieces", "value", "regions")


@dataclass(frozen=True)
class Scene:
    """A complex, the part that is shown, and how.

    Args:
        asked: the complex that the counts speak about.
        shown: the bounded complex that is drawn.
        colour: what a cell's colour means, one of `COLOURS`.
        output: the function f: an output, or a pair for the difference of two.
        level: the set {f = t}, or None.
    """

    asked: SubdivisionComplex
    shown: SubdivisionComplex
    colour: str
    output: Output
    level: LevelSet | None

    @classmethod
    def of(
        cls,
        complex: SubdivisionComplex,
        *,
        colour: str = "pieces",
        level: object = None,
        output: Output = 0,
        view: View | None = None,
    ) -> Scene:
        """Check the arguments and compute what is shown.

        Raises:
            InputError: an unknown colour, output or view.
        """
        if colour not in COLOURS:
            raise InputError(f"colour must be one of {', '.join(COLOURS)}; got {colour!r}")
        output_form(complex.network, output)
        shown = visible(complex, view)
        return cls(complex, shown, colour, output, None if level is None else level_set(shown, level, output))

    @property
    def dimension(self) -> int:
        """Dimension of the cells."""
        return self.shown.dimension

    @cached_property
    def points(self) -> Floats:
        """Coordinates of the vertices that are shown, (vertices, d)."""
        return self.shown.float_vertices

    @cached_property
    def values(self) -> Floats:
        """f at the vertices that are shown."""
        network = self.shown.network
        x = embedded(self.shown, self.points)
        for number, affine in enumerate(network.affine_maps):
            if number:
                slopes = [(float(a.negative), float(a.positive)) for a in network.hidden[number - 1].activations]
                negative, positive = np.array(slopes).reshape(-1, 2).T
                x = np.where(x > 0, positive * x, negative * x)
            rows = [[float(a) for a in row] for row in affine.augmented.to_fractions()]
            augmented = np.array(rows).reshape(-1, affine.n_inputs + 1)
            x = x @ augmented[:, :-1].T + augmented[:, -1]
        form, _ = output_form(network, self.output)
        return np.asarray(x @ np.array([float(a) for a in form]))

    @property
    def value_name(self) -> str:
        """The name of f."""
        return output_form(self.asked.network, self.output)[1]

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """Smallest and largest value of f at the vertices."""
        return float(self.values.min()), float(self.values.max())

    @cached_property
    def cell_colours(self) -> Floats:
        """A colour for every cell, (cells, 3); with "value" that of the mean value at its vertices."""
        if self.colour == "value":
            low, high = self.value_range
            return ramp((cell_means(self.shown, self.values) - low) / ((high - low) or 1.0))
        return piece_colours(self.shown.piece_classes if self.colour == "pieces" else self.shown.region_classes)

    @cached_property
    def sides(self) -> Ints:
        """The two cells of every facet; the second is -1 on the boundary."""
        return facet_cells(self.shown)

    @cached_property
    def wall_units(self) -> Ints:
        """The unit that vanishes on each facet, -1 on the boundary."""
        return facet_units(self.shown, self.sides)

    @cached_property
    def wall_layers(self) -> Ints:
        """The hidden layer of `wall_units`, -1 on the boundary."""
        layers = np.array([*(unit.layer for unit in self.shown.network.units), -1])
        return np.asarray(layers[self.wall_units])

    @property
    def title(self) -> str:
        """The network's name and shape."""
        network = self.asked.network
        shape = "–".join(map(str, network.widths))
        return f"{shorten(network.name, 60, placeholder=' …')} ({shape})" if network.name else f"network {shape}"

    @property
    def counts(self) -> str:
        """What was counted, in one line."""
        asked = self.asked
        parts = [
            _plural(len(asked), "cell"),
            _plural(asked.linear_regions, "linear region"),
            _plural(asked.affine_pieces, "affine piece"),
        ]
        if self.shown is not asked and len(self.shown) != len(asked):
            parts.append(f"{len(self.shown)} cells in view")
        return " · ".join(parts)

    @property
    def level_text(self) -> str:
        """The level set's line in the legend, with the flat case."""
        if self.level is None:
            return ""
        if self.level.is_empty:
            return f"{self.level.label}: nowhere here"
        return self.level.label

    @property
    def flat_text(self) -> str:
        """What the legend says of whole cells in the level set."""
        return "" if self.level is None else f"{self.level.label} on {_plural(self.level.n_flat, 'whole cell')}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
