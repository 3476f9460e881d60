"""The shapes behind the pictures: polygons tile the domain, walls belong to the right units, views show every cell."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InputError
from exactrelu.networks.network import Network
from exactrelu.plot import geometry
from exactrelu.plot.geometry import cell_means, facet_cells, facet_units, polygons
from exactrelu.plot.scene import Scene
from exactrelu.plot.view import default_view, is_bounded, visible
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide

THREE_LINES = Network.from_weights([[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]])
SMALL = st.integers(-2, 2)


@st.composite
def planar_networks(draw: st.DrawFn) -> Network:
    """Networks on the plane with small weights, so that walls coincide, meet and vanish often."""
    widths = [2, *draw(st.lists(st.integers(1, 4), min_size=1, max_size=2)), 1]
    layers = list(pairwise(widths))
    weights = [[[draw(SMALL) for _ in range(n)] for _ in range(m)] for n, m in layers]
    return Network.from_weights(weights, [[draw(SMALL) for _ in range(m)] for _, m in layers])


def area_defect(network: Network) -> float:
    """How far the areas of all polygons on [-1, 1] x [-1, 2] are from 6 in sum, or from positive each."""
    complex = subdivide(network, HPolyhedron.box([-1, -1], [1, 2]))
    areas = polygons(complex.table, complex.float_vertices).areas(complex.float_vertices)
    return max(abs(float(areas.sum()) - 6), -float(areas.min()))


@given(planar_networks())
def test_polygons_tile_the_box(network: Network) -> None:
    """Every cell is a counter-clockwise polygon, and the areas add up to the box's."""
    assert area_defect(network) < 1e-9


def test_corners_out_of_order_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the order by angle the areas are wrong."""
    monkeypatch.setattr(geometry.np, "arctan2", lambda y, x: np.sin(7 * x + y))
    assert area_defect(THREE_LINES) > 0.1


@given(planar_networks())
@settings(max_examples=20)
def test_triangles_tile_the_polygons(network: Network) -> None:
    """The fans used for shading have the polygons' areas in sum."""
    complex = subdivide(network, HPolyhedron.cube(2))
    points = complex.float_vertices
    a, b, c = (points[corner] for corner in polygons(complex.table, points).triangles().T)
    (u, v), (s, t) = (b - a).T, (c - a).T
    assert float((u * t - v * s).sum() / 2) == pytest.approx(4)


def test_faces_in_space_are_flat_and_close() -> None:
    """The six sides of each of the eight cells of a cube cut three times are unit squares."""
    octants = Network.from_weights([[[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[1, 1, 1]]], [[0, 0, 0], [0]])
    complex = subdivide(octants, HPolyhedron.cube(3))
    points = complex.float_vertices
    outlines = polygons(complex.table, points).outlines(points)
    assert len(outlines) == 24 + 12
    for corners in outlines:
        assert np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1) == pytest.approx([1] * 4)
    means = cell_means(complex, points)
    assert {tuple(mean) for mean in np.abs(means).tolist()} == {(0.5, 0.5, 0.5)}


@given(planar_networks())
def test_walls_belong_to_units_that_are_zero_there(network: Network) -> None:
    """The exact preactivation of a wall's unit is zero at the wall's witness; on the boundary there is no unit."""
    complex = subdivide(network, HPolyhedron.cube(2))
    sides = facet_cells(complex)
    units = facet_units(complex, sides)
    assert ((units < 0) == (sides[:, 1] < 0)).all()
    for facet in np.flatnonzero(units >= 0)[:12].tolist():
        layer, position = network.units[units[facet]]
        assert network.preactivations(complex.witness(facet, 1))[layer][position] == 0


def test_colours_are_as_many_as_pieces() -> None:
    """Two cells have one colour iff they carry one affine map: max(x, 0) + max(-x, 0) on both sides of y = 0 too."""
    folded = Network.from_weights([[[1, 0], [-1, 0], [0, 1]], [[1, 1, 0]]], [[0, 0, 0], [0]])
    complex = subdivide(folded, HPolyhedron.cube(2))
    scene = Scene.of(complex)
    assert len(complex) == 4
    assert len(np.unique(scene.cell_colours, axis=0)) == complex.affine_pieces == 2


@pytest.mark.parametrize("n_pieces", [1, 2, 9, 5000])
def test_any_number_of_pieces_has_different_colours(n_pieces: int) -> None:
    """The palette never repeats itself."""
    from exactrelu.plot.palette import piece_colours

    assert len(np.unique(piece_colours(np.arange(n_pieces)), axis=0)) == n_pieces


@given(planar_networks())
@settings(max_examples=25)
def test_the_default_view_shows_every_cell_of_a_small_complex(network: Network) -> None:
    """All of the plane clipped to the default box keeps its configurations, when there are few vertices."""
    complex = subdivide(network)
    if len(_minimal(complex)) <= 12:
        shown = visible(complex)
        assert is_bounded(shown.problem.domain)
        assert set(shown.configurations) == set(complex.configurations)


def _minimal(complex: Any) -> range:
    return range(next(count for count in complex.f_vector if count))


def test_far_vertices_do_not_make_the_rest_a_dot() -> None:
    """One far crossing among many near ones is left out of the default view."""
    slopes = [[[1, k] for k in range(8)] + [[0, 1], [1, 10**9]], [[1] * 10]]
    complex = subdivide(Network.from_weights(slopes, [[k * k - 9 for k in range(8)] + [0, -(10**7)], [0]]))
    assert float(np.ptp(complex.float_vertices)) > 10**6
    assert max(high - low for low, high in default_view(complex)) < 10**3


def test_a_bounded_complex_is_shown_as_it_is() -> None:
    """No second subdivision takes place without need; a polytope that is not a box is recognised too."""
    for domain in (HPolyhedron.cube(2), HPolyhedron.simplex(2)):
        complex = subdivide(THREE_LINES, domain)
        assert visible(complex) is complex


def test_a_half_plane_is_clipped() -> None:
    """An unbounded domain with rows of its own is intersected with the view."""
    domain = HPolyhedron.from_rows([([1, 1], "<=", 1)])
    shown = visible(subdivide(THREE_LINES, domain), [(0, 1), (0, 1)])
    points = shown.float_vertices
    assert len(shown) == 1
    assert polygons(shown.table, points).areas(points) == pytest.approx([0.5])


def test_a_flat_domain_is_drawn_in_its_plane() -> None:
    """On the plane x + y + z = 1 of space, polygons have two coordinates and f its values at the embedded points."""
    network = Network.from_weights([[[1, 0, 0], [0, 1, 0]], [[1, 1]]], [[0, 0], [0]])
    domain = HPolyhedron.from_rows([([1, 1, 1], "==", 1)])
    scene = Scene.of(subdivide(network, domain))
    assert scene.points.shape[1] == 2
    exact = [network.evaluate(scene.shown.vertex(i))[0] for i in range(len(scene.points))]
    assert scene.values == pytest.approx([float(value) for value in exact])


@pytest.mark.parametrize("view", [[(0, 1)], [(0, 1), (1, 1)], [(0, 1), (0, 1), (0, 1)]])
def test_a_view_that_does_not_fit_is_refused(view: list[tuple[float, float]]) -> None:
    """Too few, too many or empty intervals."""
    with pytest.raises(InputError, match="view needs 2 intervals"):
        visible(subdivide(THREE_LINES), view)


@pytest.mark.parametrize("view", [[(3, 4), (3, 4)], [(1, 2), (0, 1)]])
def test_a_view_without_cells_is_refused(view: list[tuple[float, float]]) -> None:
    """A view outside the domain, or one that touches it only."""
    complex = subdivide(THREE_LINES, HPolyhedron.box([0, 0], [1, 1]))
    with pytest.raises(DomainError, match="choose a larger view"):
        visible(complex, view)


def test_values_follow_the_network() -> None:
    """Float values at the vertices are the exact ones, with slopes other than ReLU's and a difference of outputs."""
    from exactrelu.networks.activations import Activation

    leaky = Network.from_weights(
        [[[1, 2], [-1, 1]], [[1, 3], [0, 1]]],
        [[0, "1/2"], [1, 2]],
        activations=[[Activation.of(["1/10", 1]), Activation.of([-1, 1])]],
    )
    scene = Scene.of(subdivide(leaky, HPolyhedron.cube(2)), output=(0, 1))
    for value, index in zip(scene.values, range(len(scene.points)), strict=True):
        one, two = leaky.evaluate(scene.shown.vertex(index))
        assert value == pytest.approx(float(Fraction(one - two)))
