"""The same files and random queries read by the PyPI package `vnnlib` (the standard's own parser) and by this one.

Where both accept, both must give the same networks and, comparison by comparison, the same formula: theirs is rebuilt
from their syntax tree, numbers from their digits.  Where they differ, the difference is listed with its reason.
The package reads VNN-LIB 2.0 only.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from exactrelu.errors import QueryFormatError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.exact.rationals import parse_rational
from exactrelu.io.vnnlib import ParsedQuery, parse_vnnlib
from exactrelu.io.vnnlib_writer import format_vnnlib
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import Formula, compare, conjunction, disjunction
from exactrelu.verification.questions.query import Query
from tests.verification.formula_cases import built, formulas, text

vnnlib = pytest.importorskip("vnnlib")

RELATIONS = {
    "LessEqual": "<=",
    "LessThan": "<",
    "GreaterEqual": ">=",
    "GreaterThan": ">",
    "Equal": "==",
    "NotEqual": "!=",
}
TWO = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X real [1,2]) (declare-output Y real []))\n"


def their_term(node: Any, variables: dict[str, int]) -> Polynomial:
    """Their arithmetic tree as a polynomial."""
    kind = type(node).__name__
    if kind == "Var":
        index = ",".join(str(i) for i in node.indices)
        return Polynomial.variable(variables[f"{node.name}[{index}]" if index else node.name])
    if kind in ("Float", "Int", "Literal"):
        return Polynomial.constant(parse_rational(node.lexeme))
    if kind == "Negate":
        return -their_term(node.expr, variables)
    if kind == "Minus":
        rest = [their_term(part, variables) for part in node.rest]
        return reduce(lambda a, b: a - b, rest, their_term(node.head, variables))
    parts = [their_term(part, variables) for part in node.args]
    return reduce((lambda a, b: a + b) if kind == "Plus" else (lambda a, b: a * b), parts)


def their_formula(node: Any, variables: dict[str, int]) -> Formula:
    """Their Boolean tree as a formula."""
    kind = type(node).__name__
    if kind in ("And", "Or"):
        return (conjunction if kind == "And" else disjunction)([their_formula(part, variables) for part in node.args])
    return compare(their_term(node.lhs, variables), RELATIONS[kind], their_term(node.rhs, variables))  # type: ignore[arg-type]


def same(ours: ParsedQuery, theirs: Any) -> bool:
    """Whether networks and formulas agree."""
    variables = {name: i for i, name in enumerate(ours.input_names + ours.output_names)}
    formula = conjunction([their_formula(assertion.expr, variables) for assertion in theirs.assertions])
    networks = [
        (
            network.name,
            [(t.name, tuple(t.shape)) for t in network.inputs],
            [(t.name, tuple(t.shape), t.onnx_name.strip('"')) for t in network.hidden],
            [(t.name, tuple(t.shape)) for t in network.outputs],
        )
        for network in theirs.networks
    ]
    mine = [
        (
            network.name,
            [(t.name, t.shape) for t in network.inputs],
            [(t.name, t.shape, t.onnx_name) for t in network.hidden],
            [(t.name, t.shape) for t in network.outputs],
        )
        for network in ours.networks
    ]
    return formula == ours.formula and networks == mine


def standard(raw: Any) -> Any:
    """The formula within the grammar: numbers with a point and no exponent, no `not`."""
    if isinstance(raw, str):
        return f"{float(raw):.2f}"
    if isinstance(raw, int):
        return raw
    if raw[0] == "not":
        return standard(raw[1])
    return (raw[0], *([standard(x) for x in part] if isinstance(part, list) else standard(part) for part in raw[1:]))


def theirs_accepts(query: str) -> bool:
    """Whether the package reads a text."""
    try:
        vnnlib.parse_query_string(query)
    except vnnlib.VNNLibException:
        return False
    return True


def ours_accepts(query: str) -> bool:
    """Whether this package reads a text."""
    try:
        parse_vnnlib(query)
    except QueryFormatError:
        return False
    return True


@given(formulas)
def test_random_queries_agree(raw: object) -> None:
    """Within the grammar both readers give the same formula."""
    query = f"{TWO}(assert {text(standard(raw), ['X[0,0]', 'X[0,1]', 'Y'])})"
    assert same(parse_vnnlib(query), vnnlib.parse_query_string(query))


@given(formulas)
def test_what_is_written_is_standard(raw: object) -> None:
    """The package reads what this one writes, and reads the same."""
    network = Network.from_weights([[[1, 1]]], [[0]])
    query = format_vnnlib(Query(network, built(raw)))
    assert same(parse_vnnlib(query), vnnlib.parse_query_string(query))


# The standard's `real` is spelt in lower case.  In its own test files it is `Real`, which the package takes for
# an unknown type, and then refuses numbers that stand before variables.
CAPITAL_REAL = {
    "acc.vnnlib",
    "intermediate_nodes.vnnlib",
    "single_network.vnnlib",
    "test_linearise.vnnlib",
}


def test_files_agree(shared_data: Path) -> None:
    """Every 2.0 file at hand is accepted by both with the same content, or refused by both, but for one spelling."""
    agreed, differing = 0, set()
    for file in sorted((shared_data / "benchmarks").rglob("*.vnnlib")):
        query = file.read_text()
        if "vnnlib-version" not in query:
            continue
        if ours_accepts(query) != theirs_accepts(query):
            differing.add(file.name)
            query = query.replace("Real", "real")
        assert ours_accepts(query) == theirs_accepts(query)
        if ours_accepts(query):
            assert same(parse_vnnlib(query), vnnlib.parse_query_string(query))
            agreed += 1
    assert agreed >= 40
    assert differing == CAPITAL_REAL


BOTH_REFUSE = [
    "(assert (<= Y[0] 1.0))",
    "(assert (<= X 1.0))",
    "(assert (<= X[0] 1.0))",
    "(assert (<= X[0,2] 1.0))",
    "(assert (<= Z 1.0))",
    "(assert (<= X[0,0] X[0,1] 1.0))",
    "(assert (and))",
    "(assert (<= (-) 1.0))",
    "(assert (=> (<= Y 1.0) (<= Y 2.0)))",
    "(assert true)",
    "",
    "(assert (<= Y 1.0)",
    "(assert (<= Y 1.0)))",
    "(assert (<= Y 1.0)) (declare-network g (declare-input U real [2]) (declare-output V real []))",
]
DIFFERENCES = [
    # (assertion, ours accepts, theirs accepts): the reason
    ("(assert (<= Y 2))", True, False),  # an integer is a real number
    ("(assert (= Y 2.0))", True, False),  # the text of the standard has `=`, its grammar `==`
    ("(assert (not (<= Y 2.0)))", True, False),  # extension: `not`
    ("(assert (<= Y 1e-3))", True, False),  # extension: exponents
    ("(assert (<= Y +1.0))", True, False),  # extension: plus signs
    ("(assert (<= Y (/ 1.0 3.0)))", True, False),  # extension: fractions
    ("(assert (<= X[0,-1] 1.0))", False, True),  # a negative index is out of range
    ("(assert (<= X[0,0.0] 1.0))", False, True),  # an index is an integer
]
DIFFERENT_NETWORKS = [
    # two networks of one name cannot be told apart
    ("(declare-network f (declare-input A real [1]) (declare-output B real [1]))" * 2, False, False),
    (
        "(declare-network f (declare-input A real [1]) (declare-output B real [1]))"
        "(declare-network f (declare-input C real [1]) (declare-output D real [1]))",
        False,
        True,
    ),
    # the standard asks a tool without float32 semantics to refuse it
    ("(declare-network f (declare-input A float32 [1]) (declare-output B float32 [1]))", False, True),
    # the grammar allows ONNX names of inputs and outputs; release 1.0.2 of the package does not
    ('(declare-network f (declare-input A real [1] "in") (declare-output B real [1] "out"))', True, False),
    # one relation between two networks is enough
    (
        "(declare-network f (declare-input A real [1]) (declare-output B real [1]))"
        "(declare-network g (equal-to f) (isomorphic-to f) (declare-input C real [1]) (declare-output D real [1]))",
        False,
        True,
    ),
]


@pytest.mark.parametrize("assertion", BOTH_REFUSE)
def test_both_refuse(assertion: str) -> None:
    """What the grammar or the scoping rules forbid is refused by both."""
    assert not ours_accepts(TWO + assertion)
    assert not theirs_accepts(TWO + assertion)


@pytest.mark.parametrize(("assertion", "ours", "theirs"), DIFFERENCES)
def test_known_differences_in_assertions(assertion: str, ours: bool, theirs: bool) -> None:
    """Each difference is as listed: when a release changes one, the list changes."""
    assert (ours_accepts(TWO + assertion), theirs_accepts(TWO + assertion)) == (ours, theirs)


@pytest.mark.parametrize(("declarations", "ours", "theirs"), DIFFERENT_NETWORKS)
def test_known_differences_in_declarations(declarations: str, ours: bool, theirs: bool) -> None:
    """The same for declarations."""
    query = f"(vnnlib-version <2.0>)\n{declarations}\n(assert (<= A[0] 1.0))"
    assert (ours_accepts(query), theirs_accepts(query)) == (ours, theirs)
