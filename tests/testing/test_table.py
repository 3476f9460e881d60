"""The table is what it says: small networks, distinct names, and each remark true."""

from __future__ import annotations

from exactrelu import HPolyhedron, Network, configuration_at, subdivide
from exactrelu.networks.source import network_source
from exactrelu.testing import DEGENERATE_CASES, Case
from exactrelu.testing.geometry import find_outside, find_point, find_uncovered, polytope_vertices
from exactrelu.testing.reference import reference

CASES = {case.name: case for case in DEGENERATE_CASES}


def covectors(case: Case) -> set[tuple[int, ...]]:
    """All sign vectors that occur on the box."""
    complex_ = subdivide(case.network, case.domain)
    return {tuple(row) for k in range(complex_.dimension + 1) for row in complex_.covectors(k).tolist()}


def test_networks_are_small_and_names_distinct() -> None:
    """At most six units; the network has the name of its case."""
    assert len(CASES) == len(DEGENERATE_CASES)
    for case in DEGENERATE_CASES:
        assert case.network.n_units <= 6
        assert case.network.name == case.name
        assert case.domain.is_box
        assert case.remark


def test_dead_and_constant_units_have_one_sign() -> None:
    """Unit 0 is negative everywhere in `dead`, positive in `constant`."""
    assert {signs[0] for signs in covectors(CASES["dead"])} == {-1}
    assert {signs[0] for signs in covectors(CASES["constant"])} == {1}


def test_ties_fill_whole_cells() -> None:
    """In `zero-preactivation` and `flat-at-zero` a unit has sign 0 on a whole cell, in `one-unit` none has."""
    for name, expected in (("zero-preactivation", True), ("flat-at-zero", True), ("one-unit", False)):
        case = CASES[name]
        cells = subdivide(case.network, case.domain).covectors(case.network.n_inputs)
        assert bool((cells == 0).any()) is expected


def test_counts_that_differ() -> None:
    """`hat` has more linear regions than maps, `cancelling` more cells than linear regions."""
    hat = subdivide(CASES["hat"].network, CASES["hat"].domain)
    assert (len(hat), hat.linear_regions, hat.affine_pieces) == (4, 4, 3)
    line = subdivide(CASES["cancelling"].network, CASES["cancelling"].domain)
    assert (len(line), line.linear_regions, line.affine_pieces) == (2, 1, 1)


def test_hyperplanes_on_the_boundary_do_not_split() -> None:
    """`border` has one cell and `corner` two, although a unit is zero at a vertex of the box."""
    assert len(subdivide(CASES["border"].network, CASES["border"].domain)) == 1
    assert len(subdivide(CASES["corner"].network, CASES["corner"].domain)) == 2
    assert any(signs[0] == 0 for signs in covectors(CASES["corner"]))


def test_coincident_hyperplanes_make_two_cells() -> None:
    """Three units with one line split the square once."""
    assert len(subdivide(CASES["coincident"].network, CASES["coincident"].domain)) == 2


def test_the_thin_cell_is_thinner_than_a_billionth() -> None:
    """The strip of `thin-strip` has volume 2^-30."""
    case = CASES["thin-strip"]
    facts = reference(case.network, case.domain)
    volumes = sorted(HPolyhedron(facts.closed_cell(bits)).volume() for bits in facts.configurations)
    assert volumes[0] * 2**30 == 1


def test_probes_have_every_covector() -> None:
    """There is one probe for every face, and its covector is that of the face."""
    case = CASES["no-biases"]
    facts = reference(case.network, case.domain)
    assert len(facts.probes) == sum(facts.complex.f_vector)
    assert (0, 0) in facts.probes
    assert {configuration_at(case.network, point).bits for point in facts.probes} >= set(facts.configurations)


def test_the_printed_source_builds_the_network_again() -> None:
    """`network_source` is a Python expression for an equal network."""
    for case in DEGENERATE_CASES:
        assert eval(network_source(case.network), {"Network": Network}) == case.network


def test_a_cover_is_decided_with_a_point_left_over() -> None:
    """Three of four quadrants leave the fourth; with it nothing; an open one leaves its boundary."""
    square = HPolyhedron.cube(2).system
    quadrants = [HPolyhedron.box([low, left], [low + 1, left + 1]).system for low in (-1, 0) for left in (-1, 0)]
    left_over = find_uncovered(square, quadrants[:3])
    assert left_over is not None
    assert min(left_over) > 0
    assert find_uncovered(square, quadrants) is None
    assert find_uncovered(square, []) is not None
    assert find_outside(square, quadrants[0]) is not None
    assert find_outside(quadrants[0], square) is None
    assert len(polytope_vertices(square)) == 4
    assert find_point(HPolyhedron.box([1], [0]).system) is None
