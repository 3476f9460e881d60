"""Maps of neighbouring cells agree on the facet between them, and the check sees when they do not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import ShapeError
from exactrelu.networks.activations import ABSOLUTE, IDENTITY, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.builders import absolute_value
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.cell_maps import iter_layer_maps
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.complex.continuity import facet_jumps, find_discontinuity

from .generated import BOUNDED, SMALL, bounded_domain, network_of, networks, worked_example


def maps_of(complex_: SubdivisionComplex) -> list[AffineMap]:
    """The affine maps of the cells, one by one."""
    return [affine_map(complex_.network, c) for c in complex_.configurations]


def test_facets_e2(shared_data: Path) -> None:
    """The jumps across all shared facets are those of the worked example, up to the order of the two cells."""
    example = worked_example(shared_data, "facets-e2")
    complex_ = subdivide(network_of(example))
    found = {}
    for jump in facet_jumps(complex_):
        bits = (complex_.configurations[jump.positive].bits, complex_.configurations[jump.negative].bits)
        found[frozenset(bits)] = (bits[0], tuple(jump.change[0] * a for a in jump.hyperplane))
    assert len(found) == len(example["expected"])
    for one, two, normal, offset in example["expected"]:
        first, row = found[frozenset((one, two))]
        sign = 1 if first == one else -1
        assert tuple(sign * a for a in row) == (*map(Fraction, normal), Fraction(offset))


def test_zonotope_B2(shared_data: Path) -> None:  # noqa: N802 - the name of the worked example
    """The gradients on the cells are the vertices of the zonotope, one for each cell."""
    example = worked_example(shared_data, "zonotope-B2")
    complex_ = subdivide(network_of(example))
    *_, output = iter_layer_maps(complex_.network, complex_.bit_array)
    gradients = [[str(a) for a in output.of_cell(cell)[0][:-1]] for cell in range(len(complex_))]
    assert len(complex_) == example["expected"]["N_full"]
    assert sorted(gradients) == sorted(example["expected"]["vertices"])


@given(networks(outputs=2), st.sampled_from([*BOUNDED, "space", "flat"]))
@settings(max_examples=50)
def test_networks_are_continuous(network: Network, kind: str) -> None:
    """No facet has a discontinuity, and the jumps relate the two maps as they say."""
    domain = None if kind == "space" else bounded_domain(kind if kind != "flat" else "box", network.n_inputs)
    if kind == "flat" and domain is not None:
        if network.n_inputs == 1:
            return
        domain = domain.intersection(HPolyhedron.from_rows([([1] * network.n_inputs, "==", 0)]))
    complex_ = subdivide(network, domain)
    assert find_discontinuity(complex_) is None
    jumps = facet_jumps(complex_)
    assert [jump.facet for jump in jumps] == complex_.adjacency.facets.tolist()
    if kind == "flat":
        return
    maps = maps_of(complex_)
    for jump in jumps:
        difference = maps[jump.positive].augmented - maps[jump.negative].augmented
        assert difference.to_fractions() == tuple(tuple(u * n for n in jump.hyperplane) for u in jump.change)
        sides = []
        for cell in (jump.negative, jump.positive):
            point = complex_.witness(cell)
            sides.append(sum(n * x for n, x in zip(jump.hyperplane, (*point, Fraction(1)), strict=True)))
        assert sides[0] < 0 < sides[1]


@given(networks())
@settings(max_examples=25)
def test_maps_of_all_cells_at_once(network: Network) -> None:
    """The maps computed together are those of `networks.linearise`, for every layer's preactivations too."""
    complex_ = subdivide(network, HPolyhedron.cube(network.n_inputs))
    layers = list(iter_layer_maps(network, complex_.bit_array))
    for cell, reference in enumerate(maps_of(complex_)):
        rows = layers[-1].of_cell(cell)
        found = tuple(tuple(Fraction(int(a), layers[-1].denominator) for a in row) for row in rows)
        assert found == reference.augmented.to_fractions()
        point = complex_.witness(cell)
        for layer, z in zip(layers[:-1], network.preactivations(point), strict=True):
            for row, value in zip(layer.of_cell(cell), z, strict=True):
                total = sum(int(a) * x for a, x in zip(row, (*point, 1), strict=True))
                assert Fraction(total) / layer.denominator == value


def test_slopes_of_every_kind() -> None:
    """Absolute values, linear units and rational slopes are composed as `networks.linearise` does."""
    kinds = [ABSOLUTE, IDENTITY, Activation.of(["1/3", "5/2"])]
    network = Network.from_weights(
        [[[1, 1], [2, -1], ["1/2", 1]], [[1, 1, 1], [1, -1, "2/7"]], [[1, 1]]],
        [[0, 1, "1/5"], [0, -1], [0]],
        activations=[kinds, kinds[1:]],
    )
    complex_ = subdivide(network, HPolyhedron.cube(2))
    *_, output = iter_layer_maps(network, complex_.bit_array)
    for cell, reference in enumerate(maps_of(complex_)):
        row = [Fraction(int(a), output.denominator) for a in output.of_cell(cell)[0]]
        assert tuple(row) == reference.augmented.to_fractions()[0]
    assert find_discontinuity(complex_) is None


def test_no_units() -> None:
    """One cell, no facet, no jump; and no configuration at all gives maps of no cell."""
    complex_ = subdivide(Network.from_weights([[[1, 1]]], [[0]]))
    assert facet_jumps(complex_) == ()
    *_, output = iter_layer_maps(absolute_value(), np.zeros((0, 2), dtype=np.uint8))
    assert len(output.prefix) == 0


@given(networks(inputs=2), st.data())
@settings(max_examples=25)
def test_a_changed_map_is_found(network: Network, data: st.DataObject) -> None:
    """Mutant: a constant added on one cell is a discontinuity at a facet of that cell."""
    complex_ = subdivide(network, HPolyhedron.cube(2))
    if len(complex_) == 1:
        return
    cell = data.draw(st.integers(0, len(complex_) - 1))
    maps = maps_of(complex_)
    assert find_discontinuity(complex_, maps) is None
    shift = data.draw(SMALL.filter(bool))
    maps[cell] = AffineMap.from_parts(maps[cell].linear, [maps[cell].offset[0] + shift])
    found = find_discontinuity(complex_, maps)
    assert found is not None
    assert cell in (found.negative, found.positive)
    assert found.row == (0, 0, shift if cell == found.positive else -shift) or any(found.row[:-1])


def test_rank_one_is_not_enough() -> None:
    """Mutant: a jump of rank one along another hyperplane than the facet's is a discontinuity."""
    complex_ = subdivide(Network.from_weights([[[1, 0]], [[1]]], [[0], [0]]))
    maps = [AffineMap.from_parts([[0, 0]], [0]), AffineMap.from_parts([[0, 1]], [0])]
    found = find_discontinuity(complex_, maps)
    assert found is not None
    assert (found.output, found.hyperplane, found.row) == (0, (1, 0, 0), (0, 1, 0))


def test_convexity_by_jumps() -> None:
    """A convex function has only jumps >= 0, -f only <= 0; the sign does not depend on the order of cells."""
    convex = Network.from_weights([[[1, 2], [-1, 1], [2, -3]], [[1, 2, 1]]], [[0, 1, -1], [0]])
    concave = Network(convex.hidden, AffineMap(-convex.output.augmented))
    assert all(jump.change[0] > 0 for jump in facet_jumps(subdivide(convex)))
    assert all(jump.change[0] < 0 for jump in facet_jumps(subdivide(concave)))


def test_errors() -> None:
    """The number and the dimensions of given maps are checked."""
    complex_ = subdivide(absolute_value())
    with pytest.raises(ShapeError, match="1 entries"):
        find_discontinuity(complex_, [AffineMap.identity(1)])
    with pytest.raises(ShapeError, match="need 1 inputs"):
        find_discontinuity(complex_, [AffineMap.identity(2)] * 2)
