"""Bent hyperplanes, level sets and decision boundaries are closed sets of faces with exact vertices."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import InputError, InvariantError, ShapeError
from exactrelu.networks.builders import absolute_value, indicator
from exactrelu.networks.configuration import covector_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.levels import (
    bent_hyperplane,
    decision_boundary,
    lengthened_network,
    level_set,
    level_sets,
    sublevel_set,
    superlevel_set,
)
from exactrelu.regions.complex.subcomplex import Subcomplex

from .generated import BOUNDED, bounded_domain, network_of, networks, worked_example

THRESHOLDS = st.fractions(-2, 2, max_denominator=2)


@pytest.mark.parametrize("name", ["d2p1", "d2p2", "d3p1", "d3p2", "d3p3"])
def test_decision(shared_data: Path, name: str) -> None:
    """A square one-hidden-layer network has its boundary in 2^d - 2^(d-p) cells, on all of space."""
    example = worked_example(shared_data, f"decision-{name}")
    boundary = level_set(network_of(example))
    assert len(boundary.cells_met) == example["expected"]
    assert len(boundary.whole_cells) == 0
    assert boundary.dimension == network_of(example).n_inputs - 1


def test_vallin(shared_data: Path) -> None:
    """The pieces of the boundary are those of the worked example, up to a positive factor."""
    example = worked_example(shared_data, "vallin")
    pieces = level_sets(network_of(example)).pieces()
    expected = {}
    for bits, (normal, offset) in example["expected"]["boundary_cells"].items():
        row = [int(a) for a in (*normal, offset)]
        expected[bits] = tuple(a // gcd(*row) for a in row)
    assert {p.configuration.bits: p.hyperplane for p in pieces} == expected


def test_indicator_square(shared_data: Path) -> None:
    """The level 1 of an indicator is flat on one cell, and {f > 0} reaches the bounding box of the worked example."""
    example = worked_example(shared_data, "indicator-square")
    network = network_of(example)
    one = level_sets(network, threshold=1)
    assert [c.bits for c in one.flat_configurations] == example["expected"]["one_cells"]
    assert one.zero.f_vector == one.above.f_vector == (4, 4, 1)
    support = superlevel_set(network, threshold="1/1000")
    low, high = (Fraction(text) for text in example["expected"]["support_bounding_box"])
    xs = [x for x, _ in support.vertices]
    assert low < min(xs) < low + Fraction(1, 5000)
    assert high - Fraction(1, 5000) < max(xs) < high


def test_indicator_needle(shared_data: Path) -> None:
    """At a sharp corner the support reaches far: the level 1/2 has the vertex (-1/2, 0)."""
    example = worked_example(shared_data, "indicator-needle")
    assert (Fraction(-1, 2), Fraction(0)) in level_set(network_of(example), threshold="1/2").vertices


@pytest.mark.parametrize("name", ["indicator-union", "indicator-annulus"])
def test_indicator_values(shared_data: Path, name: str) -> None:
    """The points of the worked example lie on the sides that their values say."""
    example = worked_example(shared_data, name)
    level = level_sets(network_of(example), HPolyhedron.cube(2, -4, 4), threshold="1/2")
    longer = level.complex.network
    cells = {tuple(c) for k in range(3) for c in level.above.complex.covectors(k)[level.above.faces[k]].tolist()}
    for point, value in example["expected"]:
        assert (covector_at(longer, point) in cells) == (Fraction(value) >= Fraction(1, 2))


@given(networks(outputs=2), st.lists(st.integers(-2, 2), min_size=2, max_size=2), THRESHOLDS, st.data())
def test_lengthened_network(network: Network, form: list[int], threshold: Fraction, data: st.DataObject) -> None:
    """The longer network has the same outputs; its last unit has the preactivation a·f - t."""
    longer = lengthened_network(network, form, threshold)
    point = data.draw(
        st.lists(st.fractions(-3, 3, max_denominator=4), min_size=network.n_inputs, max_size=network.n_inputs)
    )
    value = network.evaluate(point)
    assert longer.evaluate(point) == value
    assert longer.n_units == network.n_units + 1
    assert longer.preactivations(point)[-1][0] == form[0] * value[0] + form[1] * value[1] - threshold


@given(networks(), st.sampled_from(BOUNDED), THRESHOLDS)
@settings(max_examples=30)
def test_sides_of_a_level(network: Network, kind: str, threshold: Fraction) -> None:
    """Below and above cover the complex and meet in the level; vertices have values on the right side, exactly."""
    domain = bounded_domain(kind, network.n_inputs)
    level = level_sets(network, domain, threshold=threshold)
    for k in range(network.n_inputs + 1):
        below, above = set(level.below.faces[k].tolist()), set(level.above.faces[k].tolist())
        assert below & above == set(level.zero.faces[k].tolist())
        assert len(below | above) == level.complex.f_vector[k]
    assert all(network.evaluate(point)[0] == threshold for point in level.zero.vertices)
    assert all(network.evaluate(point)[0] <= threshold for point in level.below.vertices)
    assert all(network.evaluate(point)[0] >= threshold for point in level.above.vertices)
    # Closed: the incidence finds every facet.
    for part in (level.zero, level.below, level.above):
        assert part.is_bounded
        assert len(part.incidence(1)[0]) == 2 * part.f_vector[1]


@given(networks(), st.sampled_from([*BOUNDED, "space"]), THRESHOLDS)
@settings(max_examples=30)
def test_flat_cells_are_those_with_a_constant_map(network: Network, kind: str, threshold: Fraction) -> None:
    """A cell is flat iff its affine map is the constant t; no flat cell is listed as met in dimension d - 1."""
    domain = None if kind == "space" else bounded_domain(kind, network.n_inputs)
    level = level_sets(network, domain, threshold=threshold)
    constant = {
        region.configuration
        for region in subdivide(network, domain)
        if not any(region.affine_map.linear[0]) and region.affine_map.offset[0] == threshold
    }
    assert set(level.flat_configurations) == constant
    assert constant.isdisjoint(level.zero.cells_met)


@given(networks(), st.sampled_from(BOUNDED))
@settings(max_examples=20)
def test_bent_hyperplanes(network: Network, kind: str) -> None:
    """On the vertices of a bent hyperplane the unit's preactivation is zero."""
    complex_ = subdivide(network, bounded_domain(kind, network.n_inputs))
    for unit in range(network.n_units):
        bent = bent_hyperplane(complex_, unit)
        assert all(covector_at(network, point)[unit] == 0 for point in bent.vertices)


def test_a_unit_that_is_zero_everywhere_is_flat() -> None:
    """The bent hyperplane of an identically zero unit is the whole complex, and all its cells are flat."""
    dead = Network.from_weights([[[0, 0], [1, 0]], [[1, 1]]], [[0, 0], [0]])
    complex_ = subdivide(dead, HPolyhedron.cube(2))
    assert bent_hyperplane(complex_, 0).f_vector == complex_.f_vector
    assert len(bent_hyperplane(complex_, 0).whole_cells) == len(complex_)


def test_flat_zero_set() -> None:
    """relu(x) = 0 on a half-line: the flat cell is reported, and no cell is met in a point in addition."""
    level = level_sets(Network.from_weights([[[1]], [[1]]], [[0], [0]]), HPolyhedron.cube(1))
    assert [c.bits for c in level.flat_configurations] == ["0"]
    assert [c.bits for c in level.zero.cells_met] == ["1"]
    assert level.pieces()[0].hyperplane == (1, 0)


def test_decision_boundary_between_outputs() -> None:
    """{f_0 = f_1} is symmetric, has equal outputs at its vertices, and a permanent tie is flat."""
    two = Network.from_weights([[[1, 0], [0, 1]], [[1, 0], [0, 1]]], [[0, 0], [0, 0]])
    boundary = decision_boundary(two, 0, 1, HPolyhedron.cube(2))
    other = decision_boundary(two, 1, 0, HPolyhedron.cube(2))
    assert set(boundary.vertices) == set(other.vertices)
    assert all(a == b for a, b in map(two.evaluate, boundary.vertices))
    # Both are 0 on the third quadrant; on the first they tie on the diagonal.
    assert len(boundary.whole_cells) == 1
    assert [c.bits for c in boundary.cells_met] == ["01", "10", "11"]


def test_empty_level() -> None:
    """A level that is not taken is the empty set, of dimension -1; below it is nothing, above it everything."""
    level = level_sets(absolute_value(), HPolyhedron.cube(1), threshold=-1)
    assert level.zero.f_vector == (0, 0)
    assert level.zero.dimension == level.below.dimension == -1
    assert level.zero.is_bounded
    assert level.above.f_vector == level.complex.f_vector
    assert level.zero.cells_met == level.pieces() == ()


def test_one_hidden_unit_less() -> None:
    """An affine network has level sets too: one hyperplane."""
    affine = Network.from_weights([[[1, 1]]], [[0]])
    assert level_set(affine, HPolyhedron.cube(2)).f_vector == (2, 1, 0)
    assert level_sets(affine).pieces()[0].hyperplane == (1, 1, 0)


def test_boundedness_is_that_of_the_set() -> None:
    """A bounded level set is bounded in all of space; lines, half-planes and spaces without vertices are not."""
    square = indicator([[1, 0, 1], [-1, 0, 1], [0, 1, 1], [0, -1, 1]], 2)
    assert level_set(square, threshold="1/2").is_bounded
    assert superlevel_set(square, threshold="1/2").is_bounded
    assert not sublevel_set(square, threshold="1/2").is_bounded
    assert not level_set(Network.from_weights([[[1, 1]]], [[0]])).is_bounded
    assert not Subcomplex.whole(subdivide(Network.from_weights([[[0, 0]]], [[0]]))).is_bounded
    assert Subcomplex.whole(subdivide(square, HPolyhedron.simplex(2))).is_bounded


@given(networks(), st.sampled_from(BOUNDED))
@settings(max_examples=20)
def test_closure_of_a_cell(network: Network, kind: str) -> None:
    """A closed cell is a polytope with Euler characteristic 1, and its vertices are those of its inequalities."""
    complex_ = subdivide(network, bounded_domain(kind, network.n_inputs))
    for cell in range(min(3, len(complex_))):
        closed = Subcomplex.closure(complex_, [cell], dimension=complex_.dimension)
        assert closed.euler_characteristic == 1
        assert set(closed.vertices) == set(HPolyhedron(complex_.hrep(cell)).vertices_and_rays().vertices)
    every = Subcomplex.closure(complex_, range(len(complex_)), dimension=complex_.dimension)
    assert every.f_vector == complex_.f_vector


def test_errors() -> None:
    """Wrong outputs, units, signs and lengths are named."""
    two = Network.from_weights([[[1], [2]]], [[0, 0]])
    with pytest.raises(InputError, match="2 outputs"):
        level_sets(two)
    with pytest.raises(ShapeError, match="1 entries"):
        level_sets(two, coefficients=[1])
    with pytest.raises(InputError, match="output is 2"):
        level_set(two, output=2)
    with pytest.raises(InputError, match="two different"):
        decision_boundary(two, 1, 1)
    complex_ = subdivide(absolute_value(), HPolyhedron.cube(1))
    with pytest.raises(InputError, match="unit is 2"):
        bent_hyperplane(complex_, 2)
    with pytest.raises(InputError, match="sign 0"):
        Subcomplex.where_sign(complex_, unit=0, signs={1})
    with pytest.raises(InputError, match="out of range"):
        Subcomplex.closure(complex_, [7], dimension=1)
    with pytest.raises(InputError, match="dimension is 2"):
        Subcomplex.closure(complex_, [0], dimension=2)


def test_an_open_set_of_faces_is_noticed() -> None:
    """Mutant: a set of faces without one of its vertices is refused when its incidence is asked for."""
    whole = Subcomplex.whole(subdivide(absolute_value(), HPolyhedron.cube(1)))
    with pytest.raises(InvariantError, match="not closed"):
        Subcomplex(whole.complex, (np.delete(whole.faces[0], 0), whole.faces[1]), whole.network).incidence(1)
