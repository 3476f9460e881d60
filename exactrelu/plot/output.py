"""Pictures as matplotlib axes and figures, files, and notebook output.

Dimension 1 and 2 need matplotlib (the extra `plot`); the HTML page of dimension 3 needs nothing.  In higher dimension
restrict the network to a plane first.  Figures are made without pyplot: no global state, no window, no backend.

All functions take the same options (see `plot_complex`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from exactrelu.errors import InputError, MissingExtraError
from exactrelu.plot.level import Output
from exactrelu.plot.planar import draw
from exactrelu.plot.scene import Scene
from exactrelu.plot.spatial import page
from exactrelu.plot.view import View
from exactrelu.regions.complex.complex import SubdivisionComplex

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Picture", "figure_for", "plot_complex", "require_format", "save_plot", "show"]

_DPI = 160
_MANY_CELLS = 2000
# Text stays text, and the same complex gives the same bytes.
_SVG_SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "exactrelu"}


@dataclass(frozen=True)
class Picture:
    """A picture as HTML without outside references; a notebook displays it."""

    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.html


def _require_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise MissingExtraError("pictures need matplotlib: pip install 'exactrelu[plot]'") from None


def plot_complex(
    complex: SubdivisionComplex,
    *,
    colour: str = "pieces",
    level: object = None,
    output: Output = 0,
    view: View | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a complex of dimension 1 or 2 and return the axes.

    Args:
        colour: what a cell's colour means: "pieces" (equal iff the affine map is), "regions" (equal iff the linear
        region
            is) or "value" (of f; in the plane a continuous shade).
        level: an exact number t: also draw {f = t}, with whole cells where f is constant t reported in the legend.
        output: the number of the output f, or a pair (i, j) for f_i - f_j: its level 0 is a decision boundary.
        view: (low, high) for every input; by default the whole domain, or a box around the vertices if it is unbounded.
        ax: matplotlib axes to draw on; new ones are made when left out.

    Raises:
        InputError: another dimension, or an option that does not exist.
        InexactNumberError: the level is a float.
        DomainError: the domain has no cell inside the view.
        MissingExtraError: matplotlib is not installed.

    Cost: with a level or a view one subdivision more; drawing ten thousand cells takes a few seconds.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> axes = plot_complex(subdivide(absolute), level=1)
        >>> [text.get_text() for text in axes.get_legend().get_texts()], axes.get_xlim() == (-1.0, 1.0)
        (['f(x)', 'layer 0', 'f = 1'], True)
    """
    if complex.dimension > 2:
        remedy = "save it as .html or use show()" if complex.dimension == 3 else "restrict the network to a plane first"
        raise InputError(
            f"matplotlib draws dimension 1 and 2, this complex has dimension {complex.dimension}: {remedy}"
        )
    _require_matplotlib()
    scene = Scene.of(complex, colour=colour, level=level, output=output, view=view)
    axes = _new_axes(scene.dimension) if ax is None else ax
    draw(scene, axes)
    return axes


def _new_axes(dimension: int) -> Axes:
    from matplotlib.figure import Figure

    return Figure(figsize=(7.5, 4.5 if dimension == 1 else 7.2), layout="constrained").add_subplot()


def figure_for(
    complex: SubdivisionComplex,
    *,
    colour: str = "pieces",
    level: object = None,
    output: Output = 0,
    view: View | None = None,
) -> Figure:
    """Return a matplotlib figure of a complex of dimension 1 or 2; options and errors as `plot_complex`."""
    figure: Figure = plot_complex(complex, colour=colour, level=level, output=output, view=view).figure
    return figure


def require_format(path: str | PathLike[str], dimension: int) -> str:
    """Return the suffix of a picture's file; InputError if that format cannot show a complex of this dimension."""
    suffix = Path(path).suffix.lower()
    if suffix not in (".png", ".svg", ".html"):
        raise InputError(f"a picture's name ends in .png, .svg or .html; got {str(path)!r}")
    if dimension > 3:
        raise InputError(
            f"pictures show up to 3 dimensions, the complex has {dimension}: restrict the network to a plane"
        )
    if dimension == 3 and suffix != ".html":
        raise InputError(f"a complex of three dimensions is a page to turn: save it as .html, not {str(path)!r}")
    return suffix


def save_plot(
    complex: SubdivisionComplex,
    path: str | PathLike[str],
    *,
    colour: str = "pieces",
    level: object = None,
    output: Output = 0,
    view: View | None = None,
) -> None:
    """Write a picture; the suffix chooses the format: .png or .svg (dimension 1, 2), .html (dimension 1, 2, 3).

    Raises:
        InputError: another suffix or dimension; else as `plot_complex`.
        OSError: the file cannot be written.
    """
    suffix = require_format(path, complex.dimension)
    options = {"colour": colour, "level": level, "output": output, "view": view}
    if suffix == ".html":
        content = _html(complex, **options).encode("utf-8")  # type: ignore[arg-type]
    else:
        content = _drawn(figure_for(complex, **options), suffix[1:])  # type: ignore[arg-type]
    Path(path).write_bytes(content)


def show(
    complex: SubdivisionComplex,
    *,
    colour: str = "pieces",
    level: object = None,
    output: Output = 0,
    view: View | None = None,
) -> Picture:
    """Return a picture that a notebook displays (dimension 3: turned by the mouse); options as `plot_complex`."""
    if complex.dimension == 3:
        html = _html(complex, colour=colour, level=level, output=output, view=view)
        return Picture(f'<iframe srcdoc="{escape(html)}" style="width:100%;height:640px;border:0"></iframe>')
    figure = figure_for(complex, colour=colour, level=level, output=output, view=view)
    if len(complex) <= _MANY_CELLS:
        return Picture(_inline_svg(_drawn(figure, "svg")))
    data = b64encode(_drawn(figure, "png")).decode("ascii")
    return Picture(f'<img src="data:image/png;base64,{data}" style="max-width:100%" alt="subdivision complex">')


def _html(complex: SubdivisionComplex, *, colour: str, level: object, output: Output, view: View | None) -> str:
    if complex.dimension == 3:
        return page(Scene.of(complex, colour=colour, level=level, output=output, view=view))
    figure = figure_for(complex, colour=colour, level=level, output=output, view=view)
    title = escape(complex.network.name or "exactrelu")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f'<body style="margin:0;text-align:center">\n{_inline_svg(_drawn(figure, "svg"))}</body></html>\n'
    )


def _drawn(figure: Figure, kind: str) -> bytes:
    import matplotlib

    buffer = BytesIO()
    with matplotlib.rc_context(_SVG_SETTINGS):
        figure.savefig(buffer, format=kind, dpi=_DPI, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()


def _inline_svg(svg: bytes) -> str:
    """Return an SVG file as an element of an HTML page: no prologue, metadata or namespaces, which HTML knows."""
    text = svg.decode("utf-8")
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
    return text.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
