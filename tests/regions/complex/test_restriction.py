"""Restrictions of a network to lines and planes, exactly, for inputs of any dimension."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InexactNumberError, ShapeError
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.builders import absolute_value, maximum, random_network
from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.restriction import (
    affine_chart,
    restrict,
    restrict_domain,
    restrict_to_segment,
    subdivide_on_chart,
)

from .generated import network_of, networks, worked_example

COORDINATE = st.fractions(-2, 2, max_denominator=3)


def test_segment_n4(shared_data: Path) -> None:
    """Breakpoints, values and slopes on the segment are those of the worked example."""
    example = worked_example(shared_data, "segment-n4")
    walk = restrict_to_segment(network_of(example), [-2, -2], [2, 2])
    expected = example["expected"]
    assert [str(t) for t in walk.breakpoints] == expected["breakpoints"]
    assert [str(*value) for value in walk.values] == expected["values"]
    assert [str(*slope) for slope in walk.slopes] == expected["slopes"]
    assert walk.point("5/12") == (Fraction(-1, 3), Fraction(-1, 3))


@given(networks(outputs=2), st.data())
@settings(max_examples=40)
def test_segments(network: Network, data: st.DataObject) -> None:
    """Between knots the function is affine with the given slope, at breakpoints the slope changes; bits are exact."""
    p, q = (data.draw(st.lists(COORDINATE, min_size=network.n_inputs, max_size=network.n_inputs)) for _ in "pq")
    walk = restrict_to_segment(network, p, q)
    knots = (Fraction(0), *walk.breakpoints, Fraction(1))
    assert list(knots) == sorted(set(knots))
    assert all(one != two for one, two in pairwise(walk.slopes))
    assert set(walk.breakpoints) <= set(walk.crossings)
    assert walk.values == tuple(network.evaluate(walk.point(t)) for t in knots)
    for (start, end), value, slope in zip(pairwise(knots), walk.values[:-1], walk.slopes, strict=True):
        t = data.draw(st.fractions(start, end, max_denominator=1000) if end - start > Fraction(1, 9) else st.just(end))
        moved = tuple(v + (t - start) * s for v, s in zip(value, slope, strict=True))
        assert network.evaluate(walk.point(t)) == moved
    ends = (Fraction(0), *walk.crossings, Fraction(1))
    for (start, end), bits in zip(pairwise(ends), walk.configurations, strict=True):
        assert configuration_at(network, walk.point((start + end) / 2)) == bits


def test_a_segment_may_be_a_point() -> None:
    """From p to p nothing changes: no breakpoint, slope 0."""
    walk = restrict_to_segment(absolute_value(), ["-1/2"], ["-1/2"])
    assert (walk.breakpoints, walk.crossings, walk.slopes) == ((), (), ((0,),))
    assert walk.values == ((Fraction(1, 2),),) * 2


def test_a_crossing_that_is_no_breakpoint() -> None:
    """relu(x) - relu(x) changes its configuration at 0, but not its slope."""
    silent = Network.from_weights([[[1], [1]], [[1, -1]]], [[0, 0], [0]])
    walk = restrict_to_segment(silent, [-1], [1])
    assert walk.breakpoints == ()
    assert walk.crossings == (Fraction(1, 2),)
    assert [c.bits for c in walk.configurations] == ["00", "11"]


@given(networks(), st.data())
@settings(max_examples=30)
def test_restricted_network(network: Network, data: st.DataObject) -> None:
    """The restriction takes at u the value, and has the bits, of the network at the chart's point."""
    k = data.draw(st.integers(1, 2))
    points = data.draw(
        st.lists(
            st.lists(COORDINATE, min_size=network.n_inputs, max_size=network.n_inputs), min_size=k + 1, max_size=k + 1
        )
    )
    chart = affine_chart(*points)
    u = data.draw(st.lists(COORDINATE, min_size=k, max_size=k))
    small = restrict(network, chart)
    assert small.evaluate(u) == network.evaluate(chart(u))
    assert configuration_at(small, u) == configuration_at(network, chart(u))


@given(networks(inputs=3))
@settings(max_examples=15)
def test_a_plane_has_the_complex_of_the_flat_domain(network: Network) -> None:
    """The complex on a chart of a plane is that of the plane as a flat domain, with the same vertices."""
    chart = affine_chart([0, 0, 0], [1, 0, -1], [0, 1, -1])
    cube = HPolyhedron.cube(3)
    on_chart = subdivide_on_chart(network, chart, cube)
    flat = subdivide(network, cube.intersection(HPolyhedron.from_rows([([1, 1, 1], "==", 0)])))
    assert on_chart.complex.f_vector == flat.f_vector
    assert on_chart.complex.configurations == flat.configurations
    assert set(on_chart.vertices()) == {flat.vertex(v) for v in range(flat.f_vector[0])}


@given(st.lists(COORDINATE, min_size=2, max_size=2))
def test_restricted_domain(u: list[Fraction]) -> None:
    """A point of the chart is in the restricted domain iff its image is in the domain; equalities included."""
    chart = affine_chart([0, 1, 0], [1, 0, 0], [0, 0, "1/2"])
    slab = HPolyhedron.cube(3).intersection(HPolyhedron.from_rows([([1, 1, 0], "==", "1/2")]))
    for domain in (HPolyhedron.simplex(3), slab, HPolyhedron.space(3)):
        assert restrict_domain(domain, chart).contains(u) == domain.contains(chart(u))


def test_large_input() -> None:
    """The dimension of the input does not matter: a plane through a space of dimension 200."""
    network = random_network([200, 6, 4, 1], seed=3)
    origin, one, two = [0] * 200, [1] + [0] * 199, [0] * 199 + [1]
    found = subdivide_on_chart(network, affine_chart(origin, one, two), HPolyhedron.cube(200))
    assert found.complex.euler_characteristic == 1
    assert len(found.lift([1, 1])) == 200


def test_tournament_on_the_diagonal() -> None:
    """On the line x = (t, -t, 0) the maximum of three numbers is |t|."""
    walk = restrict_to_segment(maximum(3), [-1, 1, 0], [1, -1, 0])
    assert walk.breakpoints == (Fraction(1, 2),)
    assert walk.values == ((1,), (0,), (1,))


def test_affine_networks_and_constant_charts() -> None:
    """No hidden layer, and a chart of dimension 0, restrict to affine maps."""
    affine = Network.from_weights([[[2, 3]]], [[1]])
    assert restrict(affine, affine_chart([0, 0], [1, 1])).output == AffineMap.from_parts([[5]], [1])
    assert restrict(affine, affine_chart([1, 1])).evaluate([]) == (6,)


def test_errors() -> None:
    """Shapes, floats, and charts that miss the domain are refused."""
    with pytest.raises(ShapeError, match="coordinates"):
        affine_chart([0, 0], [1])
    with pytest.raises(ShapeError, match="empty"):
        affine_chart()
    with pytest.raises(ShapeError, match="takes 1"):
        restrict(absolute_value(), affine_chart([0, 0], [1, 1]))
    with pytest.raises(ShapeError, match="lies in"):
        restrict_domain(HPolyhedron.cube(3), affine_chart([0, 0], [1, 1]))
    with pytest.raises(InexactNumberError):
        restrict_to_segment(absolute_value(), [0.5], [1])
    plane = Network.from_weights([[[1, 1]], [[1]]], [[0], [0]])
    with pytest.raises(DomainError, match="empty"):
        subdivide_on_chart(plane, affine_chart([0, 5], [1, 5]), HPolyhedron.cube(2))
    with pytest.raises(DomainError, match="single point"):
        subdivide_on_chart(plane, affine_chart([0, 2], [1, 1]), HPolyhedron.cube(2))
