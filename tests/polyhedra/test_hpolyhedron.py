"""Polyhedra with known numbers, and random ones beside PPL: every answer right, every evidence without defect."""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.errors import DomainError, InexactNumberError, InputError, ShapeError
from exactrelu.lp.evidence import Feasible, Infeasible, Optimal, Unbounded
from exactrelu.lp.system import LinearSystem
from exactrelu.polyhedra.affine_hull import AffineHull
from exactrelu.polyhedra.generators import Generators
from exactrelu.polyhedra.hpolyhedron import BoundingBox, HPolyhedron
from exactrelu.polyhedra.redundancy import IrredundantSystem
from tests.lp.oracles import linear_form, ppl_polyhedron
from tests.lp.systems import random_systems
from tests.polyhedra.shapes import SHAPES, Shape


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_known_shapes(shape: Shape) -> None:
    """Dimension, facets, generators, boundedness and volume are those known by hand."""
    p = shape.polyhedron
    generators = p.vertices_and_rays()
    assert p.dimension() == shape.dimension
    assert (len(generators.vertices), len(generators.rays), len(generators.lines)) == (
        shape.vertices,
        shape.rays,
        shape.lines,
    )
    assert generators.defect(p.system) is None
    assert p.is_bounded() == generators.is_bounded
    short = p.irredundant()
    assert short.defect(p.system) is None
    if isinstance(short, IrredundantSystem):
        assert (
            Counter(short.system.relations)
            == Counter({"==": p.ambient_dimension - shape.dimension, "<=": shape.facets})
            or shape.facets == 0
        )
        assert short.system.relations.count("<=") == shape.facets
    if shape.volume is None:
        with pytest.raises(DomainError, match="unbounded"):
            p.volume()
    else:
        assert p.volume() == shape.volume


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_emptiness_is_a_value(shape: Shape) -> None:
    """On the empty set every question that has no answer returns the same kind of refutation."""
    p = shape.polyhedron
    answers = (p.decide_feasibility(), p.affine_hull(), p.find_interior_point(), p.implied_equalities())
    for answer in (*answers, p.irredundant(), p.bounding_box()):
        assert isinstance(answer, Infeasible) == (shape.dimension < 0)
        if isinstance(answer, Infeasible):
            assert answer.defect(p.system) is None


def ppl_generators(generators: Generators) -> Any:
    """The PPL polyhedron of the generators."""
    ppl = pytest.importorskip("ppl")
    system = ppl.Generator_System()
    for vertex in generators.vertices:
        q = math.lcm(*(x.denominator for x in vertex))
        system.insert(ppl.point(linear_form(ppl, [int(x * q) for x in vertex]), q))
    for ray in generators.rays:
        system.insert(ppl.ray(linear_form(ppl, ray)))
    for line in generators.lines:
        system.insert(ppl.line(linear_form(ppl, line)))
    polyhedron = ppl.NNC_Polyhedron(generators.dimension, "empty")
    polyhedron.add_generators(system)
    return polyhedron


@pytest.mark.parametrize("seed", [71, 73])
def test_random_polyhedra_agree_with_ppl(seed: int) -> None:
    """500 closed systems per seed, most degenerate: dimension, rows, generators and bounds agree."""
    ppl = pytest.importorskip("ppl")
    for system in random_systems(seed, 500):
        closed = system.closure()
        p, expected = HPolyhedron(closed), ppl_polyhedron(closed)
        hull, short, generators = p.affine_hull(), p.irredundant(), p.vertices_and_rays()
        assert p.is_bounded() == expected.is_bounded()
        if expected.is_empty():
            assert isinstance(hull, Infeasible)
            assert generators.vertices == ()
            continue
        assert isinstance(hull, AffineHull)
        assert isinstance(short, IrredundantSystem)
        assert hull.dimension == expected.affine_dimension()
        assert hull.defect(closed) is None
        assert short.defect(closed) is None
        assert ppl_polyhedron(short.system) == expected
        assert len(short.system) == len(expected.minimized_constraints())
        assert generators.defect(closed) is None
        if system.dimension:
            assert ppl_generators(generators) == expected
            minimal = Counter(
                "point" if g.is_point() else "ray" if g.is_ray() else "line"
                for g in ppl.C_Polyhedron(expected.minimized_constraints()).minimized_generators()
            )
            counts = {"point": len(generators.vertices), "ray": len(generators.rays), "line": len(generators.lines)}
            assert minimal == Counter({kind: count for kind, count in counts.items() if count})


def test_bounding_boxes_have_evidence() -> None:
    """Every side has a dual proof or a ray, and equals the extreme vertex."""
    rng = random.Random(9)
    for system in random_systems(79, 200, max_dimension=3):
        p = HPolyhedron(system.closure())
        box, generators = p.bounding_box(), p.vertices_and_rays()
        if isinstance(box, Infeasible):
            continue
        assert isinstance(box, BoundingBox)
        for j in range(system.dimension):
            unit = [int(i == j) for i in range(system.dimension)]
            assert box.minima[j].defect(p.system, unit) is None
            assert box.maxima[j].defect(p.system, unit) is None
            if isinstance(box.maxima[j], Unbounded):
                assert box.upper[j] is None
            elif not generators.lines:
                assert box.upper[j] == max(v[j] for v in generators.vertices)
        if all(isinstance(side, Optimal) for side in (*box.minima, *box.maxima)):
            assert p.is_bounded()
        point = [rng.randint(-2, 2) for _ in range(system.dimension)]
        if p.contains(point):
            assert all(
                (low is None or low <= x) and (high is None or x <= high)
                for low, x, high in zip(box.lower, point, box.upper, strict=True)
            )


def test_interior_points_are_interior() -> None:
    """The point leaves every row slack that is no equality, so it lies in the relative interior."""
    p = HPolyhedron.from_rows([([1, 1], "<=", 1), ([-1, -1], "<=", -1), ([1, 0], "<=", 1), ([-1, 0], "<=", 0)])
    hull = p.affine_hull()
    assert isinstance(hull, AffineHull)
    assert (hull.dimension, hull.equalities) == (1, (0, 1))
    x, y = hull.interior.point
    assert x + y == 1
    assert 0 < x < 1
    equalities = p.implied_equalities()
    assert not isinstance(equalities, Infeasible)
    assert [e.row for e in equalities] == [0, 1]
    assert all(e.defect(p.system) is None for e in equalities)


def test_box_bounds_read_the_rows() -> None:
    """Boxes are recognised from their rows, repeated and scaled rows included; other sets are not."""
    box = HPolyhedron.from_rows(
        [([2, 0], "<=", 1), ([3, 0], "<=", 6), ([-1, 0], "<=", 1), ([0, 2], "==", 3), ([0, 0], "<=", 1)]
    )
    assert box.box_bounds() == ((-1, Fraction(1, 2)), (Fraction(3, 2), Fraction(3, 2)))
    assert HPolyhedron.space(0).box_bounds() == ()
    assert HPolyhedron.cube(2, "-1/2", 2).box_bounds() == ((Fraction(-1, 2), 2), (Fraction(-1, 2), 2))
    for other in (
        HPolyhedron.space(1),
        HPolyhedron.simplex(2),
        HPolyhedron.box([1], [0]),
        HPolyhedron.from_rows([([0], "<=", -1)]),
        HPolyhedron.from_rows([([1], "<=", 1)]),
    ):
        assert not other.is_box


def test_intersection_and_projection() -> None:
    """The shadow of a simplex is a simplex, with each row derived; intersections join the rows."""
    p = HPolyhedron.simplex(3)
    shadow = p.project([2, 0])
    assert shadow.defect(p.system) is None
    assert HPolyhedron(shadow.system).volume() == Fraction(1, 2)
    assert p.intersection(HPolyhedron.cube(3, "1/3", 1)).dimension() == 0
    with pytest.raises(ShapeError, match="dimensions 3 and 2"):
        p.intersection(HPolyhedron.cube(2))


def test_membership_includes_the_boundary() -> None:
    """Closed sets contain their faces; the length of the point is checked, floats are refused."""
    p = HPolyhedron.simplex(2)
    assert p.contains([0, 1])
    assert p.contains(["1/2", "1/2"])
    assert not p.contains([1, "1e-9"])
    with pytest.raises(ShapeError, match="point"):
        p.contains([0])
    with pytest.raises(InexactNumberError):
        p.contains([0.5, 0])


def test_constructors_check_their_arguments() -> None:
    """Strict rows, floats and bounds of different lengths are refused; values are equal by their rows."""
    with pytest.raises(InputError, match="closed"):
        HPolyhedron(LinearSystem.from_rows([([1], "<", 1)]))
    with pytest.raises(ShapeError, match="lower has 1 entries, upper has 2"):
        HPolyhedron.box([0], [1, 1])
    with pytest.raises(InexactNumberError, match="lower"):
        HPolyhedron.cube(2, -0.5)
    assert HPolyhedron.cube(2) == HPolyhedron.box([-1, -1], [1, 1])
    assert hash(HPolyhedron.cube(2)) == hash(HPolyhedron.box([-1, -1], [1, 1]))


def test_text_and_latex() -> None:
    """Both representations show one row after the other."""
    p = HPolyhedron.from_rows([([2, -1], "<=", 3), ([0, 1], "==", 0)])
    assert str(p) == "2*x0 - x1 <= 3\nx1 == 0"
    assert p._repr_latex_() == r"$\begin{aligned}2 x_{0} - x_{1} &\leq 3 \\ x_{1} &= 0\end{aligned}$"
    assert HPolyhedron.space(2)._repr_latex_() == r"$\mathbb{R}^{2}$"
    assert str(HPolyhedron.space(2)) == "all of Q^2"


def test_feasibility_witness_lies_inside() -> None:
    """The witness of a non-empty polyhedron satisfies its rows."""
    answer = HPolyhedron.simplex(3).decide_feasibility()
    assert isinstance(answer, Feasible)
    assert HPolyhedron.simplex(3).contains(answer.witness.point)
