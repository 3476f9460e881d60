"""Colours that people with any colour vision can tell apart.

Layers have the saturated colours of Okabe and Ito's palette (first layer blue, then vermilion, green, ...) and, from
the seventh on, the same again with dashes.  Cells have light tints between the stops of a perceptually ordered ramp
(lightness alone tells its order), so that lines on them stay visible. Colours are RGB triples between 0 and 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BOUNDARY", "LAYERS", "LEVEL", "hex_colours", "layer_colour", "piece_colours", "ramp"]

Floats = NDArray[np.float64]

LAYERS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B58900")
BOUNDARY = "#555555"
LEVEL = "#000000"

_STOPS = np.array(
    [
        [0.267, 0.005, 0.329],
        [0.279, 0.175, 0.483],
        [0.230, 0.322, 0.546],
        [0.173, 0.449, 0.558],
        [0.128, 0.567, 0.551],
        [0.158, 0.684, 0.502],
        [0.369, 0.789, 0.383],
        [0.678, 0.864, 0.190],
        [0.993, 0.906, 0.144],
    ]
)
_GOLDEN = (5**0.5 - 1) / 2


def layer_colour(layer: int) -> str:
    """Return the colour of a hidden layer, counted from 0."""
    return LAYERS[layer % len(LAYERS)]


def ramp(position: Floats, *, tint: float = 0.35) -> Floats:
    """Return colours, (n, 3), at positions between 0 (dark) and 1 (light), mixed with a share `tint` of white."""
    stops = np.linspace(0, 1, len(_STOPS))
    colours = np.stack([np.interp(position, stops, channel) for channel in _STOPS.T], axis=-1)
    return np.asarray(colours * (1 - tint) + tint)


def piece_colours(classes: NDArray[np.int64]) -> Floats:
    """Return a colour for each entry, (n, 3): equal iff the entries are.

    Classes are numbered by first appearance and placed on the ramp in steps of the golden ratio, so that neighbours in
    the list differ clearly and any number of classes is spread evenly.
    """
    _, first, inverse = np.unique(classes, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    positions = np.asarray((0.5 + _GOLDEN * rank[inverse.reshape(-1)]) % 1.0, dtype=np.float64)
    return ramp(positions, tint=0.5)


def hex_colours(colours: Floats) -> list[str]:
    """Write colours as "#rrggbb"."""
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in np.rint(255 * colours).astype(int).tolist()]
