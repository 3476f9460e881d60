"""What part of a complex a picture shows: all of a bounded one, a box of an unbounded one.

An unbounded complex is not clipped polygon by polygon: the network is subdivided again on the domain intersected with
the box, so what is drawn is a complex again, exact up to the last conversion to floats, and its new boundary is the
box's.

The default box contains a point of every minimal face (the vertices, or where cells contain whole lines a point of each
line), plus a margin, so that every cell is seen.  If there are more than `_FEW` such points the box reaches at most
`_SPREAD` times the extent of the middle eight tenths beyond these, so that a few far vertices do not make everything
else a dot; the picture's title then says how many cells are in view.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import frexp

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import DomainError, InputError
from exactrelu.lp.evidence import Infeasible, Unbounded
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide

__all__ = ["View", "default_view", "embedded", "is_bounded", "visible"]

View = Sequence[tuple[float, float]]
Floats = NDArray[np.float64]

_MARGIN = 0.25
_SPREAD = 0.75
_FEW = 12


def is_bounded(domain: HPolyhedron) -> bool:
    """Whether a domain that is not empty is bounded."""
    if domain.is_box:
        return True
    box = domain.bounding_box()
    return not isinstance(box, Infeasible) and not any(isinstance(end, Unbounded) for end in (*box.minima, *box.maxima))


def visible(complex: SubdivisionComplex, view: View | None = None) -> SubdivisionComplex:
    """Return a bounded complex to draw: `complex` itself if bounded and without a view, else its part in the view.

    Args:
        view: lower and upper bound of every input coordinate.

    Raises:
        InputError: the view has another number of intervals than the network has inputs, or one is empty.
        DomainError: the domain has no cell inside the view.
    """
    domain = complex.problem.domain
    n = complex.network.n_inputs
    if view is None:
        if is_bounded(domain):
            return complex
        view = default_view(complex)
    if len(view) != n or any(not low < high for low, high in view):
        raise InputError(f"view needs {n} intervals (low, high) with low < high, one for each input; got {view!r}")
    box = HPolyhedron.box([Fraction(low) for low, _ in view], [Fraction(high) for _, high in view])
    if domain.system.rows:
        rows = [*domain.system.rows, *box.system.rows]
        box = HPolyhedron.from_rows(rows, dimension=n)
    try:
        shown = subdivide(complex.network, box)
    except DomainError:
        raise DomainError(f"the domain has no cell inside the view {view!r}: choose a larger view") from None
    if shown.dimension != complex.dimension:
        raise DomainError(f"the view {view!r} only touches the domain: choose a larger view")
    return shown


def default_view(complex: SubdivisionComplex) -> list[tuple[float, float]]:
    """Return a box that shows an unbounded complex, in input coordinates; bounds are short dyadic numbers."""
    points = _minimal_points(complex)
    low, high = points.min(axis=0), points.max(axis=0)
    if len(points) > _FEW:
        inner_low, inner_high = np.quantile(points, [0.1, 0.9], axis=0)
        reach = _SPREAD * float((inner_high - inner_low).max())
        low, high = np.maximum(low, inner_low - reach), np.minimum(high, inner_high + reach)
    extent = float((high - low).max()) or 2.0
    # Every direction gets a share of the largest extent, so that parallel walls do not make a picture of no height.
    centre, half = (low + high) / 2, np.maximum((high - low) / 2, 0.25 * extent) + _MARGIN * extent
    unit = 2.0 ** (frexp(extent)[1] - 7)
    return [
        (float(np.floor((c - h) / unit) * unit), float(np.ceil((c + h) / unit) * unit))
        for c, h in zip(centre, half, strict=True)
    ]


def _minimal_points(complex: SubdivisionComplex) -> Floats:
    """Return one point of every face of the smallest dimension, in input coordinates."""
    dimension = next(k for k, count in enumerate(complex.f_vector) if count)
    if dimension:
        witnesses = [complex.witness(face, dimension) for face in range(complex.f_vector[dimension])]
        return np.array([[float(x) for x in point] for point in witnesses])
    return embedded(complex, complex.float_vertices)


def embedded(complex: SubdivisionComplex, points: Floats) -> Floats:
    """Map points from the complex's own coordinates to the input space."""
    if complex.chart is None:
        return points
    augmented = np.array([[float(x) for x in row] for row in complex.chart.augmented.to_fractions()])
    return np.asarray(points @ augmented[:, :-1].T + augmented[:, -1])
