"""Pictures of complexes of dimension 1 and 2 with matplotlib.

Dimension 1: the graph of f over the line; cells are bands, breakpoints lines and dots in the colour of their unit's
layer. Dimension 2: filled cells, walls (bent hyperplanes) in the colour of their unit's layer, the level set in black:
segments, whole cells hatched, isolated points as dots.  Everything of one kind is one collection, so ten thousand cells
take about a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exactrelu.plot.geometry import edge_ends, polygons
from exactrelu.plot.palette import BOUNDARY, LAYERS, LEVEL, layer_colour, ramp
from exactrelu.plot.scene import Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

Floats = NDArray[np.float64]

_MOST_STRETCHED = 6.0


def draw(scene: Scene, axes: Axes) -> None:
    """Draw a scene of dimension 1 or 2."""
    axes.set_axisbelow(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=3, color=BOUNDARY, labelsize=8)
    entries = _draw_line(scene, axes) if scene.dimension == 1 else _draw_plane(scene, axes)
    axes.set_title(scene.title, loc="left", fontsize=11, fontweight="bold", pad=20, parse_math=False)
    axes.annotate(
        scene.counts, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", fontsize=9, color=BOUNDARY
    )
    if entries:
        axes.legend(
            handles=entries,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.09),
            ncols=min(len(entries), 5),
            frameon=False,
            fontsize=9,
        )


def _coordinate_names(scene: Scene) -> list[str]:
    letter = "x" if scene.shown.chart is None else "s"
    return [letter] if scene.dimension == 1 else [f"{letter}{i}" for i in range(scene.dimension)]


def _wall_style(layer: int, width: float) -> dict[str, Any]:
    return {
        "color": layer_colour(layer),
        "linewidth": width * (1.0 if layer else 1.25),
        "linestyle": "solid" if layer < len(LAYERS) else "dashed",
    }


def _layer_entries(scene: Scene) -> list[Any]:
    """Legend entries for the layers whose units have walls here."""
    from matplotlib.lines import Line2D

    present = sorted(set(scene.wall_layers.tolist()) - {-1})
    return [Line2D([], [], label=f"layer {layer}", **_wall_style(layer, 1.8)) for layer in present]


# -- dimension 2 -----------------------------------------------------------------------------------------------------


def _draw_plane(scene: Scene, axes: Axes) -> list[Any]:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.colors import ListedColormap

    table, points = scene.shown.table, scene.points
    shapes = polygons(table, points)
    if scene.colour == "value":
        colours = ListedColormap(ramp(np.linspace(0, 1, 256)))
        # A gradient mesh is drawn as an image inside vector formats: they have no such thing.
        mesh = axes.tripcolor(
            *points.T, scene.values, triangles=shapes.triangles(), shading="gouraud", cmap=colours, rasterized=True
        )
        bar = axes.figure.colorbar(mesh, cax=axes.inset_axes((1.03, 0.1, 0.025, 0.8)))
        bar.outline.set_visible(False)
        bar.ax.tick_params(length=3, labelsize=8)
        bar.ax.set_title(scene.value_name, fontsize=9)
    else:
        fills = PolyCollection(shapes.outlines(points), facecolors=scene.cell_colours, edgecolors="none", zorder=1)
        # Neighbours that are both smoothed at their common edge let the background shine through.
        fills.set_antialiased(False)
        fills.set_gid("cells")
        axes.add_collection(fills)
    ends = points[edge_ends(table)]
    layers = scene.wall_layers
    width = float(np.clip(28 / max(len(ends), 1) ** 0.5, 0.3, 1.5))
    # The first layer's lines go on top: the later layers' walls bend where they meet them.
    for layer in sorted(set(layers.tolist()) - {-1}, reverse=True):
        walls = LineCollection(ends[layers == layer], zorder=2, capstyle="round", **_wall_style(layer, width))
        walls.set_gid(f"layer-{layer}")
        axes.add_collection(walls)
    frame = LineCollection(ends[layers == -1], color=BOUNDARY, linewidth=0.8, zorder=3, clip_on=False)
    frame.set_gid("boundary")
    axes.add_collection(frame)
    entries = _layer_entries(scene) + _draw_level_in_plane(scene, axes)
    extent = np.ptp(points, axis=0)
    axes.set_xlim(points[:, 0].min(), points[:, 0].max())
    axes.set_ylim(points[:, 1].min(), points[:, 1].max())
    axes.set_aspect("equal" if extent.max() <= _MOST_STRETCHED * extent.min() else "auto")
    names = _coordinate_names(scene)
    axes.set_xlabel(names[0], fontsize=9)
    axes.set_ylabel(names[1], fontsize=9, rotation=0, labelpad=10)
    return entries


def _draw_level_in_plane(scene: Scene, axes: Axes) -> list[Any]:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    level = scene.level
    if level is None:
        return []
    table, points = level.complex.table, level.complex.float_vertices
    alone, segments, flat = level.maximal
    style: dict[str, Any] = {"color": LEVEL, "linewidth": 2.0}
    ends = points[edge_ends(table)[segments]]
    # The halo of all segments lies below all segments: it would cut a line into dashes otherwise.
    axes.add_collection(LineCollection(ends, color="white", linewidth=3.8, zorder=4.5, capstyle="round"))
    lines = LineCollection(ends, zorder=5, capstyle="round", **style)
    lines.set_gid("level")
    axes.add_collection(lines)
    if len(alone):
        axes.plot(*points[alone].T, "o", color=LEVEL, markersize=4, markeredgecolor="white", zorder=6)
    entries: list[Any] = [Line2D([], [], label=scene.level_text, **style)]
    if len(flat):
        outlines = polygons(table, points).outlines(points)
        hatch: dict[str, Any] = {"facecolor": "none", "edgecolor": LEVEL, "hatch": "////", "linewidth": 0.8}
        whole = PolyCollection([outlines[cell] for cell in flat], zorder=4, **hatch)
        whole.set_gid("level-flat")
        axes.add_collection(whole)
        entries.append(Patch(label=scene.flat_text, **hatch))
    return entries


# -- dimension 1 -----------------------------------------------------------------------------------------------------


def _draw_line(scene: Scene, axes: Axes) -> list[Any]:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.lines import Line2D

    ends = edge_ends(scene.shown.table)
    x, values = scene.points[:, 0], scene.values
    bands = np.sort(x[ends], axis=1)
    low, high = scene.value_range
    room = 0.08 * (high - low) or 1.0
    corners = bands[:, [0, 1, 1, 0]], np.broadcast_to([0.0, 0.0, 1.0, 1.0], (len(bands), 4))
    fills = PolyCollection(
        list(np.stack(corners, axis=2)),
        facecolors=scene.cell_colours,
        edgecolors="none",
        transform=axes.get_xaxis_transform(),
    )
    fills.set_antialiased(False)
    fills.set_gid("cells")
    axes.add_collection(fills)
    layers = scene.wall_layers
    width = float(np.clip(28 / len(x) ** 0.5, 0.4, 1.5))
    for layer in sorted(set(layers.tolist()) - {-1}, reverse=True):
        own = layers == layer
        axes.vlines(x[own], 0, 1, transform=axes.get_xaxis_transform(), zorder=2, **_wall_style(layer, width))
        axes.plot(
            x[own],
            values[own],
            "o",
            color=layer_colour(layer),
            markersize=3.2 * width + 2,
            markeredgecolor="white",
            zorder=5,
        )
    graph = LineCollection(
        np.stack([x[ends], values[ends]], axis=2), color="#222222", linewidth=1.8, zorder=4, capstyle="round"
    )
    graph.set_gid("graph")
    axes.add_collection(graph)
    entries = [Line2D([], [], color="#222222", linewidth=1.8, label=f"{scene.value_name}(x)"), *_layer_entries(scene)]
    if scene.level is not None:
        entries += _draw_level_on_line(scene, axes)
    axes.set_xlim(x.min(), x.max())
    axes.set_ylim(low - room, high + room)
    axes.set_xlabel(_coordinate_names(scene)[0], fontsize=9)
    return entries


def _draw_level_on_line(scene: Scene, axes: Axes) -> list[Any]:
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    level = scene.level
    assert level is not None
    points = level.complex.float_vertices[:, 0]
    alone, flat = level.maximal
    height = level.height
    axes.axhline(height, color=LEVEL, linewidth=0.8, linestyle=(0, (4, 3)), zorder=3)
    axes.plot(
        points[alone], np.full(len(alone), height), "D", color=LEVEL, markersize=5, markeredgecolor="white", zorder=6
    )
    entries: list[Any] = [
        Line2D(
            [], [], color=LEVEL, linewidth=0.8, linestyle=(0, (4, 3)), marker="D", markersize=5, label=scene.level_text
        )
    ]
    if len(flat):
        spans = points[edge_ends(level.complex.table)[flat]]
        style: dict[str, Any] = {"color": LEVEL, "linewidth": 4}
        axes.add_collection(LineCollection(np.stack([spans, np.full_like(spans, height)], axis=2), zorder=6, **style))
        entries.append(Line2D([], [], label=scene.flat_text, **style))
    return entries
