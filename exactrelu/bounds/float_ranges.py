"""Certified float upper bounds of an affine output over every cell, so that exact programs are needed for few cells
only.

For a cell {g_u(x) >= 0} of a box and an affine form h any multipliers y >= 0 give

    max of h over the cell  <=  max over the box of  h + sum y_u g_u,

since the added terms are not negative on the cell.  The right side is a maximum over a box, computed with a proven
error bound (`exactrelu.regions.tree.certified`).  Good multipliers come from simplex dictionaries in floats
(`exactrelu.lp.dictionaries`), which propose and decide
nothing: poor ones give a weak bound, never a wrong one.

Cost: an array pass for every unit and some thousand cells at a time.  Bounded boxes only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exactrelu.bounds.float_scores import float_layers
from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.lp.dictionaries import Dictionaries
from exactrelu.regions.float_layers import FloatLayers
from exactrelu.regions.results import Enumeration
from exactrelu.regions.tree.certified import FloatDomain

__all__ = ["upper_bounds"]

_CHUNK = 1024

Target = tuple[int, int]


def upper_bounds(enumeration: Enumeration, targets: Sequence[Target]) -> FloatArray | None:
    """Return upper bounds of sense · output over every cell's closure, (targets, cells); None if the domain is no box.

    Args:
        targets: pairs (output, sense) with sense +1 or -1.
    """
    domain = FloatDomain.of(enumeration.problem)
    if enumeration.problem.box is None or domain.lower is None or domain.upper is None or not len(enumeration):
        return None
    corner = Dictionaries.corner(domain.lower, domain.upper, infinite=False)
    layers = float_layers(enumeration.network)
    bits = enumeration.bit_array
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        parts = [
            _chunk(enumeration, layers, domain, corner, bits[k : k + _CHUNK], targets)
            for k in range(0, len(bits), _CHUNK)
        ]
    return np.concatenate(parts, axis=1)


def _chunk(
    enumeration: Enumeration,
    layers: FloatLayers,
    domain: FloatDomain,
    corner: Dictionaries,
    bits: NDArray[np.uint8],
    targets: Sequence[Target],
) -> FloatArray:
    units, outputs = _forms(enumeration, layers, bits)
    signs = np.where(bits, 1.0, -1.0)
    size = np.abs(units.value).max(axis=2, initial=0.0)
    # Rows of comparable size, because the dictionaries' tolerances are absolute.
    weights = signs / np.where((size > 0) & np.isfinite(size), size, 1.0)
    cells = corner.take(np.zeros(len(bits), dtype=np.int64))
    first_name = 2 * cells.dimension
    for unit in range(bits.shape[1]):
        row = np.nan_to_num(units.value[:, unit] * weights[:, unit, None])
        expressed, _ = cells.raise_objective(cells.express(row))
        cells = cells.append(expressed, np.full(len(bits), first_name + unit))
    found = []
    for output, sense in targets:
        form = Enclosure(sense * outputs.value[:, output], outputs.radius[:, output])
        scale = np.abs(form.value).max(axis=1, keepdims=True)
        scale = np.where((scale > 0) & np.isfinite(scale), scale, 1.0)
        objective, _ = cells.raise_objective(cells.express(np.nan_to_num(form.value / scale)), above=np.inf)
        multipliers = np.zeros(bits.shape)
        node, place = np.nonzero(cells.nonbasic >= first_name)
        proposed = np.maximum(-objective[node, place], 0.0) * scale[node, 0]
        tight = cells.nonbasic[node, place] - first_name
        multipliers[node, tight] = proposed * np.abs(weights[node, tight])
        added = Enclosure.exact((multipliers * signs)[:, None, :]).matmul(units)[:, 0]
        # Without multipliers, too: for constant forms that is exact.
        bounds = np.fmin(domain.maximum(form.plus(added)), domain.maximum(form))
        found.append(np.where(np.isnan(bounds), np.inf, bounds))
    return np.stack(found)


def _forms(enumeration: Enumeration, layers: FloatLayers, bits: NDArray[np.uint8]) -> tuple[Enclosure, Enclosure]:
    """Enclosures of all units' preactivations, (B, units, d + 1), and of the outputs, (B, n_L, d + 1)."""
    first = layers.first()
    maps = Enclosure(np.repeat(first.value, len(bits), axis=0), np.repeat(first.radius, len(bits), axis=0))
    values, radii = [], []
    for layer, units in enumerate(enumeration.network.layer_units, start=1):
        places = layers.breakpoints[layer - 1]
        values.append(maps.value[:, places])
        radii.append(maps.radius[:, places])
        maps = layers.next(maps, bits[:, units.start : units.stop], layer)
    if not values:
        empty = np.zeros((len(bits), 0, enumeration.network.n_inputs + 1))
        return Enclosure(empty, empty), maps
    return Enclosure(np.concatenate(values, axis=1), np.concatenate(radii, axis=1)), maps
