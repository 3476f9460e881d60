"""Level sets in pictures are exact: every face that is drawn has the value t, and none that has is missing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError
from exactrelu.networks.network import Network
from exactrelu.plot import level as level_module
from exactrelu.plot.level import LevelSet, level_set
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide

SMALL = st.integers(-2, 2)
ABSOLUTE = Network.from_weights([[[1, 0], [-1, 0]], [[1, 1]]], [[0, 0], [0]])
PLATEAU = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])


def wrong_witnesses(network: Network, level: LevelSet, t: Fraction) -> int:
    """How many faces of the level set have a witness with another value."""
    dimensions = enumerate(level.maximal)
    faces = [(face, k) for k, numbers in dimensions for face in numbers.tolist()]
    return sum(network.evaluate(level.complex.witness(face, k))[0] != t for face, k in faces)


@given(st.lists(SMALL, min_size=13, max_size=13), st.fractions(-2, 2, max_denominator=3))
def test_every_drawn_face_lies_on_the_level(numbers: list[int], t: Fraction) -> None:
    """f = t at each witness; and where f - t changes sign between vertices of the domain, the set is not empty."""
    a, b, c = numbers[:6], numbers[6:9], numbers[9:]
    network = Network.from_weights([[a[0:2], a[2:4], a[4:6]], [b]], [c[:3], c[3:]])
    complex = subdivide(network, HPolyhedron.cube(2))
    level = level_set(complex, t)
    assert wrong_witnesses(network, level, t) == 0
    signs = [network.evaluate(complex.vertex(i))[0] - t for i in range(complex.f_vector[0])]
    assert level.is_empty == (min(signs) > 0 or max(signs) < 0)


def test_a_shifted_level_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above notices a level that is off by one part in a million."""
    monkeypatch.setattr(level_module, "as_rational", lambda value, name: Fraction(value) + Fraction(1, 10**6))
    assert wrong_witnesses(PLATEAU, level_set(subdivide(PLATEAU, HPolyhedron.cube(2)), 1), Fraction(1)) > 0


def test_whole_cells_are_reported() -> None:
    """max(x, 0) + max(y, 0) = 0 is the third quadrant, one whole cell, and nothing else."""
    level = level_set(subdivide(PLATEAU, HPolyhedron.cube(2)), 0)
    assert [len(faces) for faces in level.maximal] == [0, 0, 1]
    assert level.n_flat == 1


def test_a_level_along_a_wall_is_drawn_once() -> None:
    """|x| = 0 on the square is the wall x = 0: one segment, no whole cell."""
    level = level_set(subdivide(ABSOLUTE, HPolyhedron.cube(2)), 0)
    assert [len(faces) for faces in level.maximal] == [0, 1, 0]


def test_an_isolated_point_is_found() -> None:
    """|x| + |y| = 0 is one point."""
    pyramid = Network.from_weights([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [[0] * 4, [0]])
    level = level_set(subdivide(pyramid, HPolyhedron.cube(2)), 0)
    assert [len(faces) for faces in level.maximal] == [1, 0, 0]
    assert level.complex.vertex(int(level.maximal[0][0])) == (0, 0)


def test_the_decision_boundary_of_two_outputs() -> None:
    """f_0 = f_1 for the outputs max(x, 0) and max(y, 0): the diagonal x = y >= 0 and the third quadrant."""
    two = Network.from_weights([[[1, 0], [0, 1]], [[1, 0], [0, 1]]], [[0, 0], [0, 0]])
    level = level_set(subdivide(two, HPolyhedron.cube(2)), 0, (0, 1))
    assert [len(faces) for faces in level.maximal] == [0, 1, 1]
    assert level.label == "f0 − f1 = 0"


@pytest.mark.parametrize("output", [1, -1, (0, 1), (0,) * 3, ()])
def test_outputs_that_do_not_exist_are_refused(output: object) -> None:
    """A network with one output has no second one."""
    with pytest.raises(InputError, match="output must be"):
        level_set(subdivide(ABSOLUTE, HPolyhedron.cube(2)), 0, output)  # type: ignore[arg-type]


def test_a_float_level_is_refused() -> None:
    """Whether f = 0.1 holds on a whole cell is a question about an exact number."""
    with pytest.raises(InexactNumberError, match="level"):
        level_set(subdivide(ABSOLUTE, HPolyhedron.cube(2)), 0.1)
