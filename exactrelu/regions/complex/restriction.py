"""A network on a line or a plane through its input space: a network of its own, in rational coordinates.

A *chart* is an affine map u -> p + B u from Q^k to the input space.  The restriction of f is u -> f(p + B u): the
first affine map is composed with the chart, the later layers stay as they are, so units keep their numbers.  Inputs
may have any dimension; only k matters for the cost of the complex. Points come back by the chart.  A chart need not
be injective (a segment may be a point).

Cost: one matrix product, then the complex in dimension k.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactrelu.exact.rationals import as_rational
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.charts import affine_chart, restrict, restrict_domain
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide

__all__ = [
    "Restriction",
    "SegmentRestriction",
    "affine_chart",
    "restrict",
    "restrict_domain",
    "restrict_to_segment",
    "subdivide_on_chart",
]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Restriction:
    """The complex of a restricted network and the way back.

    Fields:
        network: the network on the whole input space.
        chart: from the complex's input space to it.
        complex: of the restricted network.
    """

    network: Network
    chart: AffineMap
    complex: SubdivisionComplex

    def lift(self, point: Iterable[object]) -> Vector:
        """Return the point of the input space with the given coordinates."""
        return self.chart(point)

    def vertices(self) -> tuple[Vector, ...]:
        """Return the exact vertices of the complex as points of the input space."""
        return tuple(self.lift(self.complex.vertex(vertex)) for vertex in range(self.complex.f_vector[0]))


def subdivide_on_chart(network: Network, chart: AffineMap, domain: HPolyhedron | None = None) -> Restriction:
    """Return the complex of a network on the part of a domain that a chart reaches.

    Args:
        domain: in the network's input space; all of it when left out.  For a domain in coordinates of the chart
            call `subdivide(restrict(network, chart), domain)`.

    Raises:
        ShapeError: chart, network and domain do not fit.
        DomainError: the chart misses the domain or meets it in a single point.

    Example:
        >>> lines = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
        >>> across = subdivide_on_chart(lines, affine_chart([0, 1], [1, 0]), HPolyhedron.cube(2, 0, 2))
        >>> across.complex.f_vector, across.vertices()[0]
        ((2, 1), (Fraction(0, 1), Fraction(1, 1)))
    """
    reached = None if domain is None else restrict_domain(domain, chart)
    return Restriction(network, chart, subdivide(restrict(network, chart), reached))


@dataclass(frozen=True)
class SegmentRestriction:
    """The piecewise affine function t -> f((1-t) p + t q) on [0, 1].

    Fields:
        breakpoints: where the slope changes, increasing, strictly between 0 and 1.
        values: f at 0, at the breakpoints, at 1: one vector each.
        slopes: df/dt between them: one vector each, one more than breakpoints.
        crossings: where the configuration changes; every breakpoint is among them.
        configurations: between the crossings, one more than crossings; bit 0 for a unit that is zero all along.
        restriction: complex and chart.
    """

    breakpoints: Vector
    values: tuple[Vector, ...]
    slopes: tuple[Vector, ...]
    crossings: Vector
    configurations: tuple[Configuration, ...]
    restriction: Restriction

    def point(self, t: object) -> Vector:
        """Return (1-t) p + t q."""
        return self.restriction.lift([as_rational(t, name="t")])


def restrict_to_segment(network: Network, p: Iterable[object], q: Iterable[object]) -> SegmentRestriction:
    """Return what the network does on the segment from p to q, exactly.

    Raises:
        ShapeError: p or q has another dimension than the input.
        InexactNumberError: a coordinate is a float.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> walk = restrict_to_segment(absolute, [-1], [2])
        >>> walk.breakpoints, walk.slopes
        ((Fraction(1, 3),), ((Fraction(-3, 1),), (Fraction(3, 1),)))

    Source: own; the worked example is the network n4 from (-2, -2) to (2, 2).
    """
    chart = affine_chart(p, q)
    line = restrict(network, chart)
    complex_ = subdivide(line, HPolyhedron.cube(1, 0, 1))
    knots = [complex_.vertex(vertex)[0] for vertex in range(complex_.f_vector[0])]
    edge, end = complex_.table.incidence[1]
    ends = end[np.argsort(edge, kind="stable")].reshape(-1, 2).tolist()
    cells = sorted(range(len(ends)), key=lambda cell: min(knots[vertex] for vertex in ends[cell]))
    classes = complex_.piece_classes[cells].tolist()
    # Cells of one affine map in a row make one piece.
    firsts = [i for i in range(len(cells)) if i == 0 or classes[i] != classes[i - 1]]
    inside = sorted(knots)[1:-1]
    maps = Linearisation(line)
    pieces = [maps.layer_map(complex_.configurations[cells[i]].bits, len(line.hidden)) for i in firsts]
    breakpoints = tuple(inside[i - 1] for i in firsts[1:])
    values = (pieces[0]([0]), *(piece([t]) for piece, t in zip(pieces[1:], breakpoints, strict=True)), pieces[-1]([1]))
    return SegmentRestriction(
        breakpoints,
        values,
        tuple(tuple(row[0] for row in piece.linear) for piece in pieces),
        tuple(inside),
        tuple(complex_.configurations[cell] for cell in cells),
        Restriction(network, chart, complex_),
    )
