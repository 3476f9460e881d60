"""Formulas over inputs and outputs are decided on all cells, and the mesh that proves it is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import DomainError, ShapeError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.verification.polynomials.bernstein_form import as_homogeneous
from exactrelu.verification.polynomials.cellwise import decide_on_cells
from exactrelu.verification.polynomials.evidence import CrossingWitness, Undecided, Witness
from exactrelu.verification.polynomials.mesh import MeshProof, cover_defect
from exactrelu.verification.polynomials.vertex_values import VertexValues
from exactrelu.verification.questions.formulas import (
    FALSE,
    TRUE,
    And,
    Comparison,
    Formula,
    compare,
    conjunction,
    disjunction,
)

X, Y, Z = (Polynomial.variable(i) for i in range(3))
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
DIAMOND = Network.from_weights([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [[0, 0, 0, 0], [0]])


def decided(network: Network, domain: HPolyhedron, formula: Formula) -> MeshProof | Witness | CrossingWitness:
    """The answer, after its evidence has been checked."""
    answer = decide_on_cells(network, domain, formula)
    assert not isinstance(answer, Undecided)
    if isinstance(answer, MeshProof):
        assert answer.defect(network, domain, formula) is None
    else:
        assert answer.defect(formula) is None
        if isinstance(answer, Witness):
            d = network.n_inputs
            assert network.evaluate(answer.point[:d]) == answer.point[d:]
            assert not domain.system.violations(answer.point[:d])
    return answer


weights = st.integers(-2, 2)
atoms = st.builds(
    compare,
    st.lists(
        st.tuples(
            st.sampled_from([(), ((0, 1),), ((1, 1),), ((2, 1),), ((0, 2),), ((2, 2),), ((0, 1), (2, 1))]),
            st.integers(-3, 3),
        ),
        min_size=1,
        max_size=3,
    ).map(Polynomial.from_terms),
    st.sampled_from(["<=", "<", "==", "!=", ">=", ">"]),
)
formulas = st.lists(st.lists(atoms, min_size=1, max_size=2).map(disjunction), min_size=1, max_size=3).map(conjunction)


@st.composite
def planar_networks(draw: st.DrawFn) -> Network:
    """Two inputs, one or two hidden layers of at most three units, one output."""
    widths = [2, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)), 1]
    matrices = [[[draw(weights) for _ in range(n)] for _ in range(m)] for n, m in pairwise(widths)]
    return Network.from_weights(matrices, [[draw(weights) for _ in range(m)] for m in widths[1:]])


def z3_answer(network: Network, formula: Formula) -> bool:
    """Whether z3 finds a solution with inputs in the square [-1, 1]^2."""
    inputs = [z3.Real("x0"), z3.Real("x1")]
    values: Sequence[object] = inputs
    for number, affine in enumerate(network.affine_maps):
        rows = []
        for normal, offset in zip(affine.linear, affine.offset, strict=True):
            total = z3.Q(offset.numerator, offset.denominator)
            for a, x in zip(normal, values, strict=True):
                total = total + z3.Q(a.numerator, a.denominator) * x
            rows.append(total)
        values = rows if number == len(network.hidden) else [z3.If(row > 0, row, z3.RealVal(0)) for row in rows]
    everything = [*inputs, *values]

    def meaning(part: Formula) -> object:
        if isinstance(part, Comparison):
            total = z3.RealVal(0)
            for monomial, c in part.polynomial.terms:
                product = z3.Q(c.numerator, c.denominator)
                for variable, exponent in monomial:
                    for _ in range(exponent):
                        product = product * everything[variable]
                total = total + product
            return {"<=": total <= 0, "<": total < 0, "==": total == 0}[part.relation]
        parts = [meaning(inner) for inner in part.parts]
        return z3.And(*parts) if isinstance(part, And) else z3.Or(*parts)

    solver = z3.Solver()
    solver.set("timeout", 3000)
    solver.add(*(z3.And(x >= -1, x <= 1) for x in inputs), meaning(formula))
    answer = solver.check()
    assert answer != z3.unknown
    return answer == z3.sat


@settings(max_examples=60, deadline=None)
@given(planar_networks(), formulas)
def test_z3_agrees(network: Network, formula: Formula) -> None:
    """Every answer on the square is z3's."""
    domain = HPolyhedron.cube(2, -1, 1)
    if isinstance(decide_on_cells(network, domain, formula, pieces=200), Undecided):
        return
    answer = decided(network, domain, formula)
    assert isinstance(answer, MeshProof) != z3_answer(network, formula)


DOMAINS = {
    "box": HPolyhedron.cube(2, -1, 1),
    "triangle": HPolyhedron.simplex(2),
    "flat box": HPolyhedron.box(["1/3", -1], ["1/3", 1]),
    "diagonal": HPolyhedron.from_rows([((1, -1), "==", 0), ((1, 0), "<=", 1), ((-1, 0), "<=", 1)]),
    "point": HPolyhedron.box(["1/3", "-1/2"], ["1/3", "-1/2"]),
    "flat in disguise": HPolyhedron.from_rows(
        [((1, 1), "<=", 1), ((-2, -2), "<=", -2), ((-1, 0), "<=", 0), ((0, -1), "<=", 0), ((3, 3), "<=", 3)]
    ),
    "point in disguise": HPolyhedron.from_rows([((1, 1), "<=", 1), ((-1, 0), "<=", -1), ((0, -1), "<=", 0)]),
    "point by equations": HPolyhedron.from_rows([((1, 0), "==", 1), ((0, 2), "==", 1)]),
    "hexagon": HPolyhedron.from_rows([(n, "<=", 1) for n in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)]]),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_kinds_of_domains(name: str) -> None:
    """|x| + |y| >= 0 everywhere, and its square is at most 4 on each of the domains; something satisfies TRUE."""
    domain = DOMAINS[name]
    assert isinstance(decided(DIAMOND, domain, compare(Z, "<")), MeshProof)
    assert isinstance(decided(DIAMOND, domain, compare(Z * Z, ">", Polynomial.constant(4))), MeshProof)
    assert isinstance(decided(DIAMOND, domain, compare(Z * Z, "!=", (X + Y) ** 2) & compare(X * Y, ">=")), MeshProof)
    assert isinstance(decided(DIAMOND, domain, TRUE), Witness)
    assert isinstance(decided(DIAMOND, domain, FALSE), MeshProof)


def test_dimension_one_and_three() -> None:
    """|x| y = x^2 on a line; the sum of three absolute values on a cube."""
    assert isinstance(decided(ABSOLUTE, HPolyhedron.cube(1, -2, 2), compare(Y * Y, "!=", X * X)), MeshProof)
    rows = [[s * int(i == j) for j in range(3)] for i in range(3) for s in (1, -1)]
    octahedron = Network.from_weights([rows, [[1] * 6]], [[0] * 6, [0]])
    output = Polynomial.variable(3)
    cube = HPolyhedron.cube(3, -1, 1)
    squares = X * X + Y * Y + Z * Z
    assert isinstance(decided(octahedron, cube, compare(squares, ">", output)), MeshProof)
    assert isinstance(decided(octahedron, cube, compare(squares, ">=", output) & compare(output, ">")), Witness)


def test_strictness_on_the_boundary_of_cells() -> None:
    """The tip of |x| + |y| is one point: <= 0 has it as witness, < 0 and != 0 beside it have none."""
    domain = HPolyhedron.cube(2, -1, 1)
    tip = decided(DIAMOND, domain, compare(Z, "<="))
    assert isinstance(tip, Witness)
    assert tip.point == (0, 0, 0)
    assert isinstance(decided(DIAMOND, domain, compare(Z, "<=") & compare(X * X + Y * Y, ">")), MeshProof)


def test_a_crossing_inside_a_cell() -> None:
    """|x| = sqrt(2)/2 is met between rational points."""
    answer = decided(ABSOLUTE, HPolyhedron.cube(1, -1, 1), compare(2 * Y * Y, "==", Polynomial.constant(1)))
    assert isinstance(answer, CrossingWitness)


def test_no_hidden_layer() -> None:
    """An affine network has one cell."""
    affine = Network.from_weights([[[1, 2]]], [[3]])
    answer = decided(affine, HPolyhedron.cube(2, -1, 1), compare(Z, "!=", X + 2 * Y + 3))
    assert isinstance(answer, MeshProof)
    assert len(answer.simplices) == 2


def test_bad_questions_are_refused() -> None:
    """A variable that does not exist, an unbounded or empty domain, another dimension."""
    with pytest.raises(ShapeError, match="x3"):
        decide_on_cells(DIAMOND, HPolyhedron.cube(2), compare(Polynomial.variable(3), "<"))
    with pytest.raises(DomainError, match="unbounded"):
        decide_on_cells(DIAMOND, HPolyhedron.space(2), compare(Z, "<"))
    with pytest.raises(DomainError, match="empty"):
        decide_on_cells(DIAMOND, HPolyhedron.from_rows([((1, 0), "<=", 0), ((-1, 0), "<=", -1)]), compare(Z, "<"))
    with pytest.raises(DomainError, match="dimension 1"):
        decide_on_cells(DIAMOND, HPolyhedron.cube(1), compare(Z, "<"))


def test_an_irrational_contact_is_undecided_and_says_how_much_is_left() -> None:
    """(2 y^2 - 1)^2 <= 0 touches zero at two irrational points, one on each side of 0."""
    answer = decide_on_cells(ABSOLUTE, HPolyhedron.cube(1, -1, 1), compare((2 * Y * Y - 1) ** 2, "<="), pieces=50)
    assert isinstance(answer, Undecided)
    assert (answer.settled, answer.pieces) == (0, 2)
    late = decide_on_cells(ABSOLUTE, HPolyhedron.cube(1, -1, 1), compare((2 * Y * Y - 1) ** 2, "<="), timeout=0)
    assert isinstance(late, Undecided)
    assert "time" in late.reason


@settings(max_examples=30, deadline=None)
@given(planar_networks(), st.lists(st.tuples(weights, weights), min_size=1, max_size=4))
def test_values_at_points_are_the_networks(network: Network, inputs: list[tuple[int, int]]) -> None:
    """The batch evaluation agrees with the network's own, outputs and signs."""
    points = [tuple(Fraction(x, 3) for x in point) for point in inputs]
    values = VertexValues.of(network, [as_homogeneous(point) for point in points])
    for point, lifted, signs in zip(points, values.lifted, values.signs.tolist(), strict=True):
        assert lifted == as_homogeneous((*point, *network.evaluate(point)))
        flat = [z for layer in network.preactivations(point) for z in layer]
        assert signs == [(z > 0) - (z < 0) for z in flat]


SQUARE = HPolyhedron.cube(2, -1, 1)
QUESTION = compare(Z, "<=") & compare(X * X + Y * Y, ">")


@pytest.fixture(scope="module")
def proof() -> MeshProof:
    """A proof with several simplices, one tree of which is not a leaf."""
    answer = decide_on_cells(DIAMOND, SQUARE, QUESTION)
    assert isinstance(answer, MeshProof)
    assert answer.defect(DIAMOND, SQUARE, QUESTION) is None
    return answer


def test_mesh_mutants_are_rejected(proof: MeshProof) -> None:
    """A simplex dropped, doubled with a hole, bent, degenerate or outside; a tree dropped or exchanged."""
    points, simplices, trees = proof.points, proof.simplices, proof.trees
    far = tuple((Fraction(2), y) if i == 0 else (x, y) for i, (x, y) in enumerate(points))
    shifted = tuple((x / 2, y) if i == 0 else (x, y) for i, (x, y) in enumerate(points))
    spoilt = [
        replace(proof, simplices=simplices[1:], trees=trees[1:]),
        replace(proof, simplices=(simplices[1], *simplices[1:])),
        replace(proof, simplices=((*simplices[0][:2], simplices[0][1]), *simplices[1:])),
        replace(proof, simplices=((*simplices[0][:2], 99), *simplices[1:])),
        replace(proof, simplices=(), trees=()),
        replace(proof, points=far),
        replace(proof, points=shifted),
        replace(proof, points=tuple((*point, Fraction(0)) for point in points)),
        replace(proof, trees=trees[1:]),
    ]
    for mutant in spoilt:
        assert mutant.defect(DIAMOND, SQUARE, QUESTION) is not None
    assert proof.defect(DIAMOND, HPolyhedron.cube(2, -2, 2), QUESTION) is not None
    assert proof.defect(DIAMOND, SQUARE, compare(Z, "<=")) is not None
    other = Network.from_weights([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [["1/2", 0, 0, 0], [0]])
    assert proof.defect(other, SQUARE, QUESTION) is not None


def test_a_simplex_across_a_breakpoint_is_rejected() -> None:
    """Two triangles cover the square, but |x| + |y| is not affine on them."""
    answer = decide_on_cells(Network.from_weights([[[1, 0]]], [[0]]), SQUARE, FALSE)
    assert isinstance(answer, MeshProof)
    assert answer.defect(DIAMOND, SQUARE, FALSE) == "simplex 0: a unit has both signs"


def test_the_cover_is_judged_in_the_affine_hull() -> None:
    """On a flat domain segments cover; a hole, and segments in a square, are found."""
    flat = HPolyhedron.from_rows([((1, -1), "==", 0), ((1, 0), "<=", 1), ((-1, 0), "<=", 1)])
    points = [(-1, -1, 1), (0, 0, 1), (1, 1, 1)]
    assert cover_defect(points, [(0, 1), (1, 2)], flat) is None
    assert cover_defect(points, [(0, 2)], flat) is None
    assert cover_defect(points, [(0, 1)], flat) is not None
    assert cover_defect([(1, 0, 1)], [(0,)], flat) is not None
    assert cover_defect(points, [(0, 1, 2)], flat) is not None
    assert cover_defect(points, [(0, 2)], SQUARE) is not None


def test_rows_that_are_tight_everywhere_bound_nothing() -> None:
    """Neither 0 <= 0 nor a repeated equation in disguise makes a facet part of the boundary."""
    trivial = HPolyhedron.from_rows([*HPolyhedron.cube(1, 0, 2).system.rows, ((0,), "<=", 0)])
    assert cover_defect([(0, 1), (2, 1)], [(0, 1)], trivial) is None
    assert cover_defect([(0, 1), (1, 1)], [(0, 1)], trivial) is not None
    flat = HPolyhedron.from_rows(
        [((1, 0), "<=", 0), ((-1, 0), "<=", 0), ((2, 0), "<=", 0), ((0, 1), "<=", 2), ((0, -1), "<=", 0)]
    )
    combination = (((0, 1), (1, 1)),)
    assert cover_defect([(0, 0, 1), (0, 2, 1)], [(0, 1)], flat, combination) is None
    assert cover_defect([(0, 0, 1), (0, 1, 1)], [(0, 1)], flat, combination) is not None
    for wrong in ((), (((0, 1), (1, 2)),), (((0, -1), (1, -1)),), (((0, 1), (9, 1)),)):
        assert cover_defect([(0, 0, 1), (0, 2, 1)], [(0, 1)], flat, wrong) is not None


def test_numbers_beyond_floats_are_decided_all_the_same() -> None:
    """Coefficients and coordinates of size 10^400: no float proposal, no float filter, the same answers."""
    huge = Fraction(10) ** 400
    domain = HPolyhedron.box([-huge], [huge])
    assert isinstance(decided(ABSOLUTE, domain, compare(Y * Y, "!=", X * X)), MeshProof)
    assert isinstance(decided(ABSOLUTE, domain, compare(Y, ">=", Polynomial.constant(huge))), Witness)
    small = HPolyhedron.cube(1, -1, 1)
    assert isinstance(decided(ABSOLUTE, small, compare(huge * Y * Y, "<")), MeshProof)
