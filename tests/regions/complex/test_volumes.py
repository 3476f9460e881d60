"""Volumes of cells are exact: they add up to that of the domain, whatever the position of the hyperplanes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import DomainError
from exactrelu.networks.builders import tent
from exactrelu.networks.configuration import covector_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.levels import level_sets
from exactrelu.regions.complex.subcomplex import Subcomplex
from exactrelu.regions.complex.triangulation import triangulate
from exactrelu.regions.complex.volumes import cell_centroids, cell_volumes, integral, total_volume

from .generated import BOUNDED, bounded_domain, networks, worked_example

UNIT_SQUARE = HPolyhedron.cube(2, 0, 1)


def test_regional_9(shared_data: Path) -> None:
    """The regions of clip(f, 0, 1) on the unit square have the areas and vertices of the worked example."""
    example = worked_example(shared_data, "regional-9")
    (first, last), (bias, shift) = example["weights"], example["biases"]
    below_one = [str(Fraction(shift[0]) - 1)]
    clipped = Network.from_weights([first, [last[0], last[0]], [[1, -1]]], [bias, [*shift, *below_one], [0]])
    complex_ = subdivide(clipped, UNIT_SQUARE)
    kinds = {"00": "zero", "10": "linear", "11": "one"}
    found = {}
    for cell, (configuration, area) in enumerate(zip(complex_.configurations, cell_volumes(complex_), strict=True)):
        closed = Subcomplex.closure(complex_, [cell], dimension=2)
        corners = sorted(tuple(map(str, corner)) for corner in closed.vertices)
        found[configuration.bits[:2], kinds[configuration.bits[2:]]] = (str(area), corners)
    assert found == {
        (r["config"], r["kind"]): (r["area"], sorted(map(tuple, r["vertices"]))) for r in example["expected"]["regions"]
    }
    assert integral(complex_) == (Fraction(example["expected"]["integral"]),)
    assert total_volume(complex_) == 1


def test_regional_degenerate(shared_data: Path) -> None:
    """Two opposite hyperplanes make two triangles, not four."""
    example = worked_example(shared_data, "regional-degenerate")
    network = Network.from_weights(example["weights"], example["biases"])
    assert cell_volumes(subdivide(network, UNIT_SQUARE)) == (Fraction(1, 2),) * 2


@given(networks(), st.sampled_from(BOUNDED))
@settings(max_examples=40)
def test_volumes_add_up_to_the_domain(network: Network, kind: str) -> None:
    """Cells have positive volumes, and their sum is the volume of the domain, computed by another method."""
    domain = bounded_domain(kind, network.n_inputs)
    complex_ = subdivide(network, domain)
    assert min(cell_volumes(complex_)) > 0
    assert total_volume(complex_) == domain.volume()


@given(networks(), st.sampled_from(BOUNDED))
@settings(max_examples=15)
def test_each_volume_is_that_of_the_cell(network: Network, kind: str) -> None:
    """The volume of a cell is that of its inequalities, computed by vertex enumeration."""
    complex_ = subdivide(network, bounded_domain(kind, network.n_inputs))
    for cell in range(min(4, len(complex_))):
        assert cell_volumes(complex_, [cell]) == (HPolyhedron(complex_.hrep(cell)).volume(),)


@given(networks(), st.sampled_from(BOUNDED))
@settings(max_examples=20)
def test_centroids_are_inside(network: Network, kind: str) -> None:
    """The centroid of a cell has the covector of the cell."""
    complex_ = subdivide(network, bounded_domain(kind, network.n_inputs))
    for covector, centroid in zip(complex_.covectors(complex_.dimension), cell_centroids(complex_), strict=True):
        assert covector_at(network, centroid) == tuple(covector.tolist())


@given(networks(outputs=2), st.sampled_from(BOUNDED), st.fractions(-2, 2, max_denominator=3))
@settings(max_examples=20)
def test_integral_does_not_depend_on_the_subdivision(network: Network, kind: str, threshold: Fraction) -> None:
    """Cutting the cells by a level leaves the integral of each output as it is."""
    domain = bounded_domain(kind, network.n_inputs)
    finer = level_sets(network, domain, coefficients=[1, -1], threshold=threshold).complex
    assert integral(subdivide(network, domain)) == integral(finer)


def test_integral_of_an_affine_map() -> None:
    """A network without units has the integral volume times value at the centre."""
    affine = Network.from_weights([[[2, -1, 5]]], [["1/3"]])
    assert integral(subdivide(affine, HPolyhedron.box([0, 0, 0], [1, 2, 4]))) == (8 * (Fraction(31, 3)),)
    assert cell_centroids(subdivide(affine, HPolyhedron.simplex(3))) == ((Fraction(1, 4),) * 3,)


def test_thin_cells() -> None:
    """A cell of width 2^-60 has its exact volume."""
    width = Fraction(1, 2**60)
    strip = Network.from_weights([[[1, 0], [1, 0]], [[1, 1]]], [[0, -width], [0]])
    assert cell_volumes(subdivide(strip, HPolyhedron.cube(2))) == (2, 2 * width, 2 * (1 - width))


def test_tent_integral() -> None:
    """Each iterate of the tent map has the integral 1/2 on the unit interval."""
    assert integral(subdivide(tent(5), HPolyhedron.cube(1, 0, 1))) == (Fraction(1, 2),)


def test_cells_in_the_order_asked_for() -> None:
    """Volumes come in the order of the argument, repetitions included; no cells give the integral 0."""
    complex_ = subdivide(tent(2), HPolyhedron.cube(1, 0, 1))
    volumes = cell_volumes(complex_)
    assert cell_volumes(complex_, [2, 0, 2, -1]) == (volumes[2], volumes[0], volumes[2], volumes[-1])
    assert cell_volumes(complex_, []) == ()
    assert integral(complex_, []) == (0,)
    with pytest.raises(IndexError):
        cell_volumes(complex_, [len(volumes)])


def test_simplices_fit_facet_to_facet() -> None:
    """Each facet of a simplex of the cube's triangulation belongs to one other simplex or lies in the boundary."""
    simplices = triangulate(subdivide(Network.from_weights([[[1, 1, 1]], [[1]]], [[0], [0]]), HPolyhedron.cube(3)))
    facets = [frozenset(s) - {v} for s in simplices.vertices.tolist() for v in s]
    counts = [facets.count(facet) for facet in set(facets)]
    assert max(counts) == 2
    # The six squares and the parts that the hyperplane leaves of them are triangulated as well.
    assert counts.count(1) >= 12


@pytest.mark.parametrize("ask", [cell_volumes, total_volume, cell_centroids, integral])
def test_unbounded_and_flat_domains_are_refused(ask: object) -> None:
    """No volume in an unbounded domain, and none that is rational in a flat one; the message gives the remedy."""
    lines = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
    assert callable(ask)
    for unbounded in (None, HPolyhedron.from_rows([([1, 1], "<=", 1)])):
        with pytest.raises(DomainError, match="box"):
            ask(subdivide(lines, unbounded))
    diagonal = HPolyhedron.cube(2).intersection(HPolyhedron.from_rows([([1, -1], "==", 0)]))
    with pytest.raises(DomainError, match="restrict"):
        ask(subdivide(lines, diagonal))


def test_a_lost_facet_is_noticed() -> None:
    """Mutant: without one pair of the incidence the volumes no longer add up."""
    network = Network.from_weights([[[1, 2], [2, -1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]])
    noticed = 0
    whole = subdivide(network, HPolyhedron.cube(2)).table
    for lost in range(whole.incidence[2].shape[1]):
        complex_ = subdivide(network, HPolyhedron.cube(2))
        pairs = np.delete(whole.incidence[2], lost, axis=1)
        complex_.__dict__["table"] = replace(complex_.table, incidence=(*whole.incidence[:2], pairs))
        noticed += total_volume(complex_) != 4
    # A facet at the first vertex of its cell carries no simplex, so its loss is harmless here: two of each cell.
    assert noticed == whole.incidence[2].shape[1] - 2 * len(whole.covectors[2])
