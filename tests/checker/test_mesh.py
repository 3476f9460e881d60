"""The stand-alone checker accepts meshes that the package writes and rejects spoilt ones."""

from __future__ import annotations

import json
from copy import deepcopy
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.checker.mesh import Mesh
from exactrelu.checker.network import Network as CheckedNetwork
from exactrelu.checker.network import rational_layer
from exactrelu.checker.reading import Invalid, parse_json
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.verification.polynomials.cellwise import decide_on_cells, input_polyhedron
from exactrelu.verification.polynomials.mesh import MeshProof
from exactrelu.verification.questions.formulas import Comparison, Formula, compare, conjunction, disjunction

X, Y, Z = (Polynomial.variable(i) for i in range(3))
DIAMOND = Network.from_weights([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [[0, 0, 0, 0], [0]])
DOMAINS = {
    "box": HPolyhedron.cube(2, -1, 1),
    "triangle": HPolyhedron.simplex(2),
    "flat box": HPolyhedron.box(["1/3", -1], ["1/3", 1]),
    "diagonal": HPolyhedron.from_rows([((1, -1), "==", 0), ((1, 0), "<=", 1), ((-1, 0), "<=", 1)]),
    "flat in disguise": HPolyhedron.from_rows(
        [((1, 1), "<=", 1), ((-2, -2), "<=", -2), ((-1, 0), "<=", 0), ((0, -1), "<=", 0), ((3, 3), "<=", 3)]
    ),
    "point": HPolyhedron.box(["1/3", "-1/2"], ["1/3", "-1/2"]),
}


def inputs_in(domain: HPolyhedron) -> Formula:
    """The domain as a formula, from which the same rows are read again."""
    formula = conjunction(
        [
            compare(Polynomial.linear({i: Fraction(a) for i, a in enumerate(normal)}, -Fraction(offset)), relation)
            for normal, relation, offset in domain.system.rows
        ]
    )
    assert input_polyhedron(formula, domain.ambient_dimension) == domain
    return formula


def for_checker(network: Network) -> CheckedNetwork:
    """The network as the checker reads it."""
    layers = []
    for number, affine in enumerate(network.affine_maps):
        slopes = (
            [(a.negative, a.positive) for a in network.hidden[number].activations]
            if number < len(network.hidden)
            else None
        )
        layers.append(rational_layer([list(row) for row in affine.linear], list(affine.offset), slopes))
    return CheckedNetwork(tuple(layers))


def tuples(formula: Formula) -> Any:
    """The formula as the checker's nested tuples."""
    if isinstance(formula, Comparison):
        return (formula.relation, dict(formula.polynomial.terms))
    return (type(formula).__name__.lower(), tuple(tuples(part) for part in formula.parts))


def defect(network: Network, formula: Formula, lines: list[dict[str, Any]]) -> str | None:
    """What the checker says of the lines, after they have been written and read as text."""
    mesh = Mesh(for_checker(network), tuples(formula))
    try:
        for line in lines:
            mesh.line(parse_json(json.dumps(line)))
        mesh.finish()
    except Invalid as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", DOMAINS)
def test_written_meshes_are_accepted(name: str) -> None:
    """Proofs on boxes, triangles and flat domains, with leaves, combinations and choices."""
    domain = DOMAINS[name]
    for property_ in (
        compare(Z, "<"),
        compare(Z, "<=") & compare(X * X + Y * Y, ">"),
        compare(Z * Z, "!=", (X + Y) ** 2) & compare(X * Y, ">="),
        compare(3 * Z * Z, ">", 10 * (X * X + Y * Y)) & (compare(X * Y, "<") | compare(X, ">")),
    ):
        formula = inputs_in(domain) & property_
        proof = decide_on_cells(DIAMOND, domain, formula)
        assert isinstance(proof, MeshProof)
        assert defect(DIAMOND, formula, list(proof.lines())) is None


weights = st.fractions(min_value=-2, max_value=2, max_denominator=3)
monomials = st.sampled_from([(), ((0, 1),), ((1, 1),), ((2, 1),), ((0, 2),), ((2, 2),), ((0, 1), (2, 1))])
atoms = st.builds(
    compare,
    st.lists(st.tuples(monomials, st.integers(-3, 3)), min_size=1, max_size=3).map(Polynomial.from_terms),
    st.sampled_from(["<=", "<", "==", "!="]),
)


@st.composite
def planar_networks(draw: st.DrawFn) -> Network:
    """Two inputs, one or two hidden layers, one output."""
    widths = [2, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)), 1]
    matrices = [[[draw(weights) for _ in range(n)] for _ in range(m)] for n, m in pairwise(widths)]
    return Network.from_weights(matrices, [[draw(weights) for _ in range(m)] for m in widths[1:]])


@settings(max_examples=60, deadline=None)
@given(planar_networks(), st.lists(st.lists(atoms, min_size=1, max_size=2).map(disjunction), min_size=2, max_size=3))
def test_both_checks_agree(network: Network, parts: list[Formula]) -> None:
    """What the package's own check accepts the stand-alone one accepts, and both reject it for the opposite formula."""
    domain = DOMAINS["box"]
    formula = conjunction([inputs_in(domain), *parts])
    proof = decide_on_cells(network, domain, formula, pieces=100)
    if isinstance(proof, MeshProof) and isinstance(formula, Formula):
        assert proof.defect(network, domain, formula) is None
        assert (defect(network, formula, list(proof.lines())) is None) == bool(inputs_rows(formula))
        assert defect(network, inputs_in(domain), list(proof.lines())) is not None


def inputs_rows(formula: Formula) -> int:
    """How many rows of the square the formula still has: none if it is FALSE."""
    return len(formula.parts) if not isinstance(formula, Comparison) else 0


QUESTION = (
    inputs_in(DOMAINS["box"])
    & compare(Z, "<=")
    & compare(X * X + Y * Y, ">")
    & (compare(X, "<") | compare(Y, "<=") | compare(X, ">="))
)


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """A proof whose first tree has been replaced by one with a bisection, a choice, combinations and leaves."""
    proof = decide_on_cells(DIAMOND, DOMAINS["box"], QUESTION)
    assert isinstance(proof, MeshProof)
    written = list(proof.lines())
    place = next(i for i, line in enumerate(written) if "s" in line)
    leaf = [["c", [[4, "1"]]], ["d"]]
    assert written[place]["t"] == leaf
    written[place]["t"] = [["o", 0], *leaf, *leaf, ["b", 0, 1, "1", "3"], *leaf, *leaf]
    return written


def spoilt(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Copies of a proof, each with one thing changed."""
    first = next(i for i, line in enumerate(lines) if "s" in line)

    def changed(place: int, **entries: Any) -> list[dict[str, Any]]:
        copy = deepcopy(lines)
        copy[place].update(entries)
        return copy

    steps = lines[first]["t"]
    s = lines[first]["s"]
    return {
        "a point dropped": lines[1:],
        "a point moved out": changed(0, w=["1", "2", "-1"]),
        "a point moved in": changed(0, w=["2", "-1", "-2"]),
        "a negative denominator": changed(0, w=["-1", "1", "1"]),
        "a coordinate dropped": changed(0, w=["1", "-1"]),
        "a simplex dropped": [*lines[:first], *lines[first + 1 :]],
        "no simplex": lines[:first],
        "a point after a simplex": [*lines, lines[0]],
        "a simplex with a point twice": changed(first, s=[s[0], s[1], s[1]]),
        "a simplex with too few points": changed(first, s=s[:2]),
        "a point that is not there": changed(first, s=[s[0], s[1], 99]),
        "a number that is a Boolean": changed(first, s=[s[0], s[1], True]),
        "an unknown key": changed(first, z=1),
        "only a leaf": changed(first, t=[["d"]]),
        "no steps": changed(first, t=[]),
        "steps that are no list": changed(first, t="d"),
        "a step too many": changed(first, t=[*steps, ["d"]]),
        "the last step dropped": changed(first, t=steps[:-1]),
        "an alternative that is not there": changed(first, t=[["o", 1], *steps[1:]]),
        "an unknown step": changed(first, t=[["q"], *steps[1:]]),
        "a combination of nothing": changed(first, t=[["c", []], ["d"]]),
        "a combination with a negative multiplier": changed(first, t=[["c", [[4, "-1"]]], ["d"]]),
        "a combination with a literal twice": changed(first, t=[["c", [[4, "1"], [4, "1"]]], ["d"]]),
        "a combination with no such literal": changed(first, t=[["c", [[7, "1"]]], ["d"]]),
        "a combination that may be negative": changed(first, t=[["c", [[4, "1"], [0, "9"]]], ["d"]]),
        "a bisection of no edge": changed(first, t=[["b", 1, 1, "1", "2"], *steps[1:3], *steps[1:3]]),
        "a bisection outside": changed(first, t=[["b", 0, 1, "3", "2"], *steps[1:3], *steps[1:3]]),
        "a bisection at an end": changed(first, t=[["b", 0, 1, "0", "2"], *steps[1:3], *steps[1:3]]),
    }


def test_the_unspoilt_lines_are_accepted(lines: list[dict[str, Any]]) -> None:
    """The proof that the mutants are made of is accepted."""
    assert defect(DIAMOND, QUESTION, lines) is None


def test_mutants_are_rejected(lines: list[dict[str, Any]]) -> None:
    """Every spoilt copy is rejected with a reason."""
    for name, mutant in spoilt(lines).items():
        assert defect(DIAMOND, QUESTION, mutant) is not None, name


def test_another_network_or_question_is_rejected(lines: list[dict[str, Any]]) -> None:
    """A breakpoint inside a simplex, a larger box, a formula without the strict part."""
    moved = Network.from_weights([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [["1/2", 0, 0, 0], [0]])
    assert "both signs" in (defect(moved, QUESTION, lines) or "")
    larger = inputs_in(HPolyhedron.cube(2, -2, 2)) & compare(Z, "<=") & compare(X * X + Y * Y, ">")
    assert defect(DIAMOND, larger, lines) is not None
    assert defect(DIAMOND, inputs_in(DOMAINS["box"]) & compare(Z, "<="), lines) is not None


def test_simplices_outside_do_not_count() -> None:
    """A triangle between the lines of the domain's rows, but beyond them, covers nothing: its points are refused."""
    flat = Network.from_weights([[[1, 0]]], [[0]])
    rows = [((-1, 0), "<=", 0), ((0, -1), "<=", 0), ((1, 1), "<=", 1), ((1, 2), "<=", 5)]
    formula = inputs_in(HPolyhedron.from_rows(rows)) & compare(Z - Z * Z, ">", Polynomial.constant(1))
    inside = [{"w": ["1", "0", "0"]}, {"w": ["1", "1", "0"]}, {"w": ["1", "0", "1"]}, {"s": [0, 1, 2]}]
    assert defect(flat, formula, inside) is None
    beyond = [{"w": ["1", "5", "0"]}, {"w": ["1", "1", "0"]}, {"w": ["1", "-3", "4"]}, {"s": [0, 1, 2]}]
    assert defect(flat, formula, beyond) == "a point lies outside the domain"


def test_flat_domains_need_their_proof() -> None:
    """x <= 0, -x <= 0 and the useless 2x <= 0: without its combination of rows a segment is no simplex."""
    network = Network.from_weights([[[1, 0]]], [[0]])
    rows = [((1, 0), "<=", 0), ((-1, 0), "<=", 0), ((2, 0), "<=", 0), ((0, 1), "<=", 2), ((0, -1), "<=", 0)]
    formula = inputs_in(HPolyhedron.from_rows(rows)) & compare(Z, "!=")
    points = [{"w": ["1", "0", "0"]}, {"w": ["1", "0", "2"]}, {"w": ["1", "0", "1"]}]
    flat = {"e": [[0, "1"], [1, "1"]]}
    assert defect(network, formula, [flat, *points, {"s": [0, 1]}]) is None
    assert defect(network, formula, [*points, {"s": [0, 1]}]) is not None
    assert defect(network, formula, [flat, *points, {"s": [0, 2]}]) is not None
    assert defect(network, formula, [*points, flat, {"s": [0, 1]}]) is not None
    for wrong in ([[0, "1"], [1, "2"]], [[0, "-1"], [1, "-1"]], [[0, "1"], [9, "1"]], [[0, "1"]], [], 0):
        assert defect(network, formula, [{"e": wrong}, *points, {"s": [0, 1]}]) is not None
