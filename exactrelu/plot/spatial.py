"""The interactive page of a complex of dimension 3: data for `viewer.html`, which draws on a canvas, without library.

The page shows either the walls (2-faces between cells, translucent, in the colour of their unit's layer) or the cells
(solid, in their own colours, pulled apart by a slider); pointing at one tells its unit and configurations.  Coordinates
are scaled into a cube and written with five digits.  The file grows by about 200 bytes a wall; thirty thousand walls
still turn smoothly enough.
"""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactrelu.plot.geometry import cell_means, edge_ends, facet_cells, polygons
from exactrelu.plot.palette import hex_colours, layer_colour
from exactrelu.plot.scene import Scene

__all__ = ["page", "scene_data"]

Floats = NDArray[np.float64]


def page(scene: Scene) -> str:
    """Return the page of a scene of dimension 3 as HTML text without references to anything outside."""
    template = files("exactrelu.plot").joinpath("viewer.html").read_text(encoding="utf-8")
    # "</script>" in a name would end the script early.
    data = json.dumps(scene_data(scene), separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
    return template.replace("{{title}}", escape(scene.title)).replace("{{data}}", data)


def scene_data(scene: Scene) -> dict[str, Any]:
    """Return what the viewer draws, as JSON values.

    points: scaled coordinates.  faces: [corners, unit or -1, cell, other cell or -1], units and cells by number. cells:
    [configuration, colour, class, mean of its corners].  level: its pieces as [corner coordinates, cell around it],
    cell -1 for lines and points.
    """
    points, network = scene.points, scene.shown.network
    centre = (points.max(axis=0) + points.min(axis=0)) / 2
    size = float(np.ptp(points, axis=0).max()) / 2 or 1.0
    walls = polygons(scene.shown.table, points).corner_lists()
    sides, units = scene.sides.tolist(), scene.wall_units.tolist()
    classes = scene.shown.region_classes if scene.colour == "regions" else scene.shown.piece_classes
    scaled = (points - centre) / size
    return {
        "title": scene.title,
        "counts": scene.counts,
        "class": "linear region" if scene.colour == "regions" else "affine piece",
        "axes": ["x0", "x1", "x2"] if scene.shown.chart is None else ["s0", "s1", "s2"],
        "low": _rounded(points.min(axis=0)),
        "high": _rounded(points.max(axis=0)),
        "layers": [
            {"name": f"layer {number}", "colour": layer_colour(number), "units": [units.start, units.stop]}
            for number, units in enumerate(network.layer_units)
        ],
        "points": _rounded(scaled),
        "faces": [[corners, unit, *cells] for corners, unit, cells in zip(walls, units, sides, strict=True)],
        "cells": [
            list(cell)
            for cell in zip(
                [configuration.bits for configuration in scene.shown.configurations],
                hex_colours(scene.cell_colours),
                classes.tolist(),
                _rounded(cell_means(scene.shown, scaled)),
                strict=True,
            )
        ],
        "level": _level_data(scene, centre, size),
    }


def _level_data(scene: Scene, centre: Floats, size: float) -> dict[str, Any]:
    level = scene.level
    if level is None:
        return {"label": "", "flat": "", "pieces": []}
    table = level.complex.table
    points = (level.complex.float_vertices - centre) / size
    alone, lines, surfaces, flat = level.maximal
    cells, facets = table.incidence[-1]
    surfaces = np.union1d(surfaces, facets[np.isin(cells, flat)])
    outlines = polygons(table, points).corner_lists()
    # A cell of the finer complex has the configuration of the cell around it, and the level's bit behind that.
    number = {configuration.bits: cell for cell, configuration in enumerate(scene.shown.configurations)}
    fine = facet_cells(level.complex)[:, 0]
    around = [number[level.complex.configurations[cell].bits[:-1]] for cell in fine[surfaces].tolist()]
    corners = [outlines[face] for face in surfaces.tolist()] + edge_ends(table)[lines].tolist()
    corners += [[vertex, vertex] for vertex in alone.tolist()]
    return {
        "label": scene.level_text,
        "flat": scene.flat_text if level.n_flat else "",
        "pieces": [[_rounded(points[piece]), cell] for piece, cell in zip_longest(corners, around, fillvalue=-1)],
    }


def _rounded(values: Floats) -> Any:
    return np.round(values, 5).tolist()
