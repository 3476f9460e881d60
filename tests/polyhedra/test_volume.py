"""Volumes obey the laws of measure: scaling, shearing, cutting, and a formula of another kind."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.system import LinearSystem
from exactrelu.polyhedra.hpolyhedron import HPolyhedron


def random_polytope(rng: random.Random, n: int) -> HPolyhedron:
    """A cube cut by random half-spaces, some of which pass through its vertices."""
    rows = [([rng.randint(-3, 3) for _ in range(n)], "<=", rng.randint(0, 4)) for _ in range(rng.randint(0, 6))]
    return HPolyhedron.cube(n).intersection(HPolyhedron.from_rows(rows, dimension=n))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_cut_divides_the_volume(n: int) -> None:
    """Both sides of a hyperplane add up to the whole, wherever it passes."""
    rng = random.Random(n)
    for _ in range(25):
        p = random_polytope(rng, n)
        normal, offset = [rng.randint(-2, 2) for _ in range(n)], rng.randint(-1, 1)
        below = HPolyhedron.from_rows([(normal, "<=", offset)])
        above = HPolyhedron.from_rows([([-a for a in normal], "<=", -offset)])
        if any(normal):
            assert p.intersection(below).volume() + p.intersection(above).volume() == p.volume()


@pytest.mark.parametrize("n", [2, 3])
def test_an_affine_map_multiplies_by_the_determinant(n: int) -> None:
    """The preimage under x -> M x + t has the volume divided by |det M|."""
    rng = random.Random(10 + n)
    for _ in range(25):
        p = random_polytope(rng, n)
        m = RationalMatrix.from_integers([[rng.randint(-2, 2) for _ in range(n)] for _ in range(n)])
        determinant = Fraction(int(m.fmpz.det()))
        if determinant:
            shift = [rng.randint(-3, 3) for _ in range(n)]
            rows = [
                (
                    m.transpose().apply(normal),
                    "<=",
                    offset - sum(a * t for a, t in zip(normal, shift, strict=True)),
                )
                for normal, _, offset in p.system.rows
            ]
            assert HPolyhedron.from_rows(rows).volume() == p.volume() / abs(determinant)


def test_polygons_agree_with_the_shoelace_formula() -> None:
    """In the plane the volume is the area of the polygon through the vertices in angular order."""
    rng = random.Random(5)
    for _ in range(50):
        p = random_polytope(rng, 2)
        vertices = p.vertices_and_rays().vertices
        if p.dimension() < 2:
            assert p.volume() == 0
            continue
        # Upper and lower chain between the leftmost and the rightmost vertex, each sorted by x.
        low, high = min(vertices), max(vertices)
        side = [(high[0] - low[0]) * (v[1] - low[1]) - (high[1] - low[1]) * (v[0] - low[0]) for v in vertices]
        lower = sorted(v for v, s in zip(vertices, side, strict=True) if s < 0)
        upper = sorted((v for v, s in zip(vertices, side, strict=True) if s > 0), reverse=True)
        ring = [low, *lower, high, *upper]
        area = sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2
        assert p.volume() == area


def test_redundant_and_equal_rows_do_not_matter() -> None:
    """A cube with an equality has no volume; with redundant rows it keeps its own."""
    p = HPolyhedron.cube(3)
    redundant = p.intersection(
        HPolyhedron.from_rows([([1, 1, 1], "<=", 3), ([1, 0, 0], "<=", 7), ([0, 0, 0], "<=", 0)])
    )
    assert redundant.volume() == 8
    assert p.intersection(HPolyhedron(LinearSystem(3, ((1, 1, 1),), ("==",), (0,)))).volume() == 0
