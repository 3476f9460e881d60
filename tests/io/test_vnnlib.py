"""VNN-LIB files: exact numbers, both versions, several networks, and a place in every refusal."""

from __future__ import annotations

import re
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given

from exactrelu.checker.query import read_query
from exactrelu.errors import DomainError, FormatError, InputError, QueryFormatError
from exactrelu.io.vnnlib import join_networks, parse_vnnlib, read_vnnlib
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import FALSE, TRUE, And, Comparison, Or, conjuncts, evaluate
from tests.verification.formula_cases import built, formulas, holds, points, text

ONE = "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n"
TWO = """(vnnlib-version <2.0>)
(declare-network f
    (declare-input X real [1,2])
    (declare-output Y Real [])
)
"""
PAIR = """(vnnlib-version <2.0>)
(declare-network f (declare-input A real [1]) (declare-output B real [1]))
(declare-network g ({relation} f) (declare-input C real [1]) (declare-output D real [1]))
(assert (== A[0] C[0])) (assert (< B[0] D[0]))
"""
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
TENT = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
SUM = Network.from_weights([[[1, 1]]], [[0]])


def only(assertion: str, declarations: str = ONE) -> object:
    """The formula of one assertion."""
    return parse_vnnlib(f"{declarations}(assert {assertion})").formula


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("0.1", "1/10"),
        ("-0.04762885010058087", "-4762885010058087/100000000000000000"),
        ("1e-3", "1/1000"),
        ("2.5E+2", "250"),
        ("+7", "7"),
        (".5", "1/2"),
        ("3.", "3"),
        ("(/ 1 3)", "1/3"),
        ("(/ 1.5 -3 2)", "-1/4"),
        ("(- 2)", "-2"),
        ("(* 2 (+ 1 0.5) (- 3 1))", "6"),
    ],
)
def test_numbers_are_exact(number: str, value: str) -> None:
    """A number is the rational that its digits spell; constant terms are computed."""
    formula = only(f"(= X_0 {number})")
    assert isinstance(formula, Comparison)
    assert formula.polynomial.linear_part() == ({0: 1}, -Fraction(value))


@given(formulas, points)
def test_the_text_means_what_it_says(raw: object, point: list[Fraction]) -> None:
    """A random formula read from its text has the naive truth value, and is the one built in Python."""
    formula = parse_vnnlib(f"{ONE}(assert {text(raw, ['X_0', 'X_1', 'Y_0'])})").formula
    assert evaluate(formula, point) == holds(raw, point)
    assert formula == built(raw)
    second = parse_vnnlib(f"{TWO}(assert {text(raw, ['X[0,0]', 'X [ 0 , 1 ]', 'Y'])})").formula
    assert second == formula


def test_a_reader_that_swaps_a_relation_is_caught() -> None:
    """Reading >= as <= changes the truth value at a point of the cases above."""
    right, mutant = only("(>= X_0 1)"), only("(<= X_0 1)")
    assert evaluate(right, [Fraction(0)] * 3) != evaluate(mutant, [Fraction(0)] * 3)  # type: ignore[arg-type]


def test_the_order_of_parts_is_that_of_the_text() -> None:
    """Assertions are joined in order, nested connectives of one kind are opened in place, constants folded."""
    parsed = parse_vnnlib(
        ONE + "(assert (and (<= X_0 1) (and (<= X_1 1) (or (<= Y_0 0)))))(assert (<= 0 1))"
        "(assert (or (!= Y_0 0) (< Y_0 1)))"
    )
    parts = conjuncts(parsed.formula)
    assert [str(part) for part in parts] == [
        "x0 - 1 <= 0",
        "x1 - 1 <= 0",
        "x2 <= 0",
        "(x2 < 0 or -x2 < 0 or x2 - 1 < 0)",
    ]
    assert only("(<= 1 0)") == FALSE
    assert only("(not (and (<= 1 0) (<= X_0 0)))") == TRUE


def test_tensors_are_numbered_row_by_row() -> None:
    """Entry [i,j] of shape [2,3] is 3 i + j; outputs come after all inputs; scalars have no index."""
    parsed = parse_vnnlib(
        """(vnnlib-version <2.0>)
        (declare-network f (declare-input X real [2,3]) (declare-input Z real []) (declare-output Y real [2]))
        (assert (<= (+ X[1,2] Z) (* 2.0 Y[1])))"""
    )
    assert str(parsed.formula) == "x5 + x6 - 2·x8 <= 0"
    assert parsed.input_names == ("X[0,0]", "X[0,1]", "X[0,2]", "X[1,0]", "X[1,1]", "X[1,2]", "Z")
    assert parsed.output_names == ("Y[0]", "Y[1]")
    assert (parsed.networks[0].n_inputs, parsed.networks[0].n_outputs) == (7, 2)


def test_version_one_declares_in_any_order() -> None:
    """X_10 is the eleventh input wherever it stands; declarations may stand between assertions, but before the use."""
    names = [f"X_{i}" for i in (10, 3, 0, 1, 2, 9, 8, 7, 6, 5, 4)]
    declared = "".join(f"(declare-const {name} Real)" for name in names)
    parsed = parse_vnnlib(
        f"(set-logic QF_LRA) {declared} (assert (<= X_10 1))(declare-fun Y_0 () Real) (assert (<= Y_0 X_3)) (check-sat)"
    )
    assert str(parsed.formula) == "(x10 - 1 <= 0 and -x3 + x11 <= 0)"
    assert parsed.version == "1.0"


def test_depth_is_no_limit() -> None:
    """Ten thousand parentheses of each kind are read without recursion."""
    n = 10_000
    deep = "(and " * n + "(or (<= X_0 0) (<= X_1 0))" + ")" * n
    assert isinstance(only(deep), Or)
    assert only("(not " * n + "(<= X_0 0)" + ")" * n) == only("(<= X_0 0)")
    assert only(f"(<= {'(- ' * n} X_0 {')' * n} 1)") == only("(<= X_0 1)")
    alternating = "(and (<= X_0 0) (or (<= X_1 0) " * 2_000 + "(<= Y_0 0)" + "))" * 2_000
    assert isinstance(only(alternating), And)


def test_large_files_are_read_at_once() -> None:
    """784 inputs with two bounds each take well under a second."""
    declared = "".join(f"(declare-const X_{i} Real)\n" for i in range(784)) + "(declare-const Y_0 Real)\n"
    bounds = "".join(f"(assert (<= X_{i} 0.{i:03}))\n(assert (>= X_{i} -0.{i:03}))\n" for i in range(784))
    start = time.perf_counter()
    parsed = parse_vnnlib(declared + bounds)
    assert time.perf_counter() - start < 1
    assert len(conjuncts(parsed.formula)) == 2 * 784


BAD = [
    ("", 1, 1, "empty"),
    ("; nothing\n", 1, 1, "empty"),
    (ONE, 3, 25, "asserts nothing"),
    (ONE + "(assert (<= X_0 1)", 4, 1, "never closed"),
    (ONE + "(assert (<= X_0 1)))", 4, 20, "outside parentheses"),
    (ONE + "assert", 4, 1, "outside parentheses"),
    (ONE + "(assert ())", 4, 10, "empty"),
    (ONE + "(assert (<= X_2 1))", 4, 13, "X_2 is not declared"),
    (ONE + "(assert (<= X_0[0] 1))", 4, 13, "takes no index"),
    (ONE + "(assert (<= X_0 1 2))", 4, 10, "compares two terms, not 3"),
    (ONE + "(assert (<= X_0 (<= X_0 1)))", 4, 18, "needs terms"),
    (ONE + "(assert (and X_0))", 4, 14, "needs formulas"),
    (ONE + "(assert X_0)", 4, 9, "needs formulas"),
    (ONE + "(assert (<= X_0 1) (<= X_0 1))", 4, 2, "one formula, not 2"),
    (ONE + "(assert (xor (<= X_0 1) (<= X_0 2)))", 4, 10, "'xor' is not supported"),
    (ONE + "(assert (not (<= X_0 1) (<= X_0 2)))", 4, 10, "has 2 parts"),
    (ONE + "(assert (or))", 4, 10, "has 0 parts"),
    (ONE + "(assert (<= (/ X_0 X_1) 1))", 4, 20, "divided only by a number"),
    (ONE + "(assert (<= (/ X_0 0) 1))", 4, 20, "divided only by a number"),
    (ONE + "(assert (<= (+) 1))", 4, 14, "too few"),
    (ONE + "(assert (<= X_0 1e99999))", 4, 17, "exponent"),
    (ONE + "(assert (<= X_0 1.2.3))", 4, 17, "cannot begin a token"),
    (ONE + "(assert (<= X_0 #b01))", 4, 17, "cannot begin a token"),
    (ONE + '(assert (<= X_0 "1"))', 4, 17, "neither a number nor a variable"),
    (ONE + "(declare-const X_1 Real)", 4, 16, "declared twice"),
    (ONE + "(declare-const X_3 Real)", 4, 16, "X_2 is not declared, but X_3 is"),
    (ONE + "(declare-const Z_0 Real)", 4, 16, "neither an input"),
    (ONE + "(declare-const X_2 Int)", 4, 20, "type Int"),
    (ONE + "(declare-const X_2 (_ BitVec 8))", 4, 2, "takes a name and a type"),
    (ONE + "(push 1)", 4, 2, "no place here"),
    ("(set-logic QF_BV)" + ONE, 1, 2, "theory is not supported"),
    ("(declare-const X_0 Real)(assert (<= X_0 0))", 1, 1, "no output Y_0"),
    ("(assert (<= X_0 0))", 1, 1, "nothing is declared"),
    ("(declare-const X_0 Real)(assert (<= Y_0 0))\n(declare-const Y_0 Real)", 1, 37, "before its declaration"),
    ("(vnnlib-version <3.0>)", 1, 17, "version is not supported"),
    ("(vnnlib-version 2.0)", 1, 17, "version is not supported"),
    (TWO + "(declare-const X_0 Real)", 6, 2, "no place here"),
    (TWO, 5, 2, "asserts nothing"),
    (TWO + "(assert (<= X[0,2] 1.0))", 6, 13, "index 2 of X is out of range"),
    (TWO + "(assert (<= X[0] 1.0))", 6, 13, "takes 2 indices, not 1"),
    (TWO + "(assert (<= X 1.0))", 6, 13, "takes 2 indices, not 0"),
    (TWO + "(assert (<= Y[0] 1.0))", 6, 13, "takes 0 indices, not 1"),
    (TWO + "(assert (<= X[0,-1] 1.0))", 6, 17, "an index is an integer"),
    (TWO + "(assert (<= X[0,0.5] 1.0))", 6, 17, "an index is an integer"),
    (TWO + "(assert (<= X[0 1] 1.0))", 6, 17, "',' or ']' is expected"),
    (
        TWO + "(assert (<= Y 1.0))\n(declare-network g (declare-input U real []) (declare-output V real []))",
        7,
        2,
        "before",
    ),
]
HEAD = "(vnnlib-version <2.0>)\n"
SMALL = "(declare-input X real [2]) (declare-output Y real [1]))"
BAD_NETWORKS = [
    ("(declare-network f (declare-input X float32 [2]) (declare-output Y real [1]))", "float32 of X is not supported"),
    ("(declare-network f (declare-input X int8 [2]) (declare-output Y real [1]))", "int8 of X is not supported"),
    ("(declare-network f (declare-input X real [0]) (declare-output Y real [1]))", "a size is a positive integer"),
    ("(declare-network f (declare-input X real [2,]) (declare-output Y real [1]))", "a size is missing"),
    ("(declare-network f (declare-input X real [2 3]) (declare-output Y real [1]))", "',' or ']' is expected"),
    ("(declare-network f (declare-input X real [9999999]) (declare-output Y real []))", "too large"),
    ("(declare-network f (declare-input X real) (declare-output Y real [1]))", "'[' is expected"),
    ("(declare-network f (declare-input X real [2]) (declare-output X real [1]))", "X of network f is declared twice"),
    ("(declare-network f (declare-input X real [2] initialized) (declare-output Y real []))", "')' is expected"),
    ("(declare-network f (declare-output Y real [1]) (declare-input X real [2]))", "inputs are declared first"),
    ("(declare-network f (declare-input X real [2]))", "declares no output"),
    ("(declare-network f (declare-output Y real [2]))", "declares no input"),
    ("(declare-network f (declare-input _X real [2]) (declare-output Y real [1]))", "'_X' is no name"),
    ("(declare-network f (declare-input and real [2]) (declare-output Y real [1]))", "'and' is no name"),
    ("(declare-network f (declare-state X real [2]) (declare-output Y real [1]))", "no part of a network"),
    (
        "(declare-network f (declare-input X real [2]) (declare-hidden H real [2]) (declare-output Y real []))",
        "ONNX node",
    ),
    (f"(declare-network f (equal-to g) {SMALL}", "refers to g, which is not declared before"),
    (f"(declare-network f (equal-to f) {SMALL}", "refers to f, which is not declared before"),
    (f"(declare-network f {SMALL} (declare-network f {SMALL}", "network f is declared twice"),
    (f"(declare-network f {SMALL} (declare-network g {SMALL}", "the variable X of network g is declared twice"),
    (
        f"(declare-network f {SMALL}"
        "(declare-network g (equal-to f) (declare-input U real [3]) (declare-output V real [1]))",
        "inputs of different type or shape",
    ),
    (
        f"(declare-network f {SMALL} (declare-network g (equal-to f) (isomorphic-to f)"
        " (declare-input U real [2]) (declare-output V real [1]))",
        "no second one",
    ),
]


@pytest.mark.parametrize(("query", "line", "column", "reason"), BAD)
def test_every_refusal_names_its_place(query: str, line: int, column: int, reason: str) -> None:
    """File, line and column begin the message; the reason follows; the values are on the exception."""
    with pytest.raises(QueryFormatError) as caught:
        parse_vnnlib(query, source="query.vnnlib")
    message = str(caught.value)
    assert message.startswith(f"query.vnnlib:{line}:{column}: ")
    assert reason in message
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(("declaration", "reason"), BAD_NETWORKS)
def test_wrong_declarations_are_refused(declaration: str, reason: str) -> None:
    """Types, shapes, names, order and references of declarations are checked, at line 2 here."""
    with pytest.raises(QueryFormatError, match=re.escape(reason)) as caught:
        parse_vnnlib(f"{HEAD}{declaration}\n(assert (<= 0.0 1.0))")
    assert caught.value.line == 2


def test_a_chain_of_equalities_is_refused() -> None:
    """`equal-to` names a network that stands for itself."""
    chain = PAIR.format(relation="equal-to").replace(
        "(assert (==",
        "(declare-network h (equal-to g) (declare-input U real [1]) (declare-output V real [1]))(assert (==",
        1,
    )
    with pytest.raises(QueryFormatError, match="itself refers to another"):
        parse_vnnlib(chain)


def test_float_types_are_read_on_request() -> None:
    """`floats_as_reals=True` reads float32 as real; integers stay refused."""
    query = f"{HEAD}(declare-network f (declare-input X {{}} [1]) (declare-output Y {{}} [1]))(assert (<= X[0] 0.1))"
    assert str(parse_vnnlib(query.format("float32", "float32"), floats_as_reals=True).formula) == "x0 - 1/10 <= 0"
    with pytest.raises(QueryFormatError, match="floats_as_reals"):
        parse_vnnlib(query.format("float32", "float32"))
    with pytest.raises(QueryFormatError, match="int8"):
        parse_vnnlib(query.format("int8", "int8"), floats_as_reals=True)


def test_hidden_values_may_be_declared_but_not_used() -> None:
    """A declaration alone changes nothing; a constraint on a hidden value is refused by the name of its node."""
    declared = f"""{HEAD}(declare-network f (declare-input X real [1]) (declare-hidden H real [2] "relu_1")
    (declare-output Y real [1]))\n"""
    assert str(parse_vnnlib(declared + "(assert (<= Y[0] 0.0))").formula) == "x1 <= 0"
    with pytest.raises(QueryFormatError, match="5:13: H is the hidden node 'relu_1'"):
        parse_vnnlib("\n" + declared + "(assert (<= H[0] 0.0))")


def test_a_query_meets_its_network(tmp_path: Path) -> None:
    """The joined query evaluates the network exactly, and keeps the file's names."""
    file = tmp_path / "q.vnnlib"
    file.write_text(ONE + "(assert (<= X_0 0.1)) (assert (> Y_0 (* X_0 X_1)))")
    query = read_vnnlib(file, SUM)
    assert query.names == ("X_0", "X_1", "Y_0")
    assert query.holds_at(["0.1", "0.1"])
    assert not query.holds_at(["0.11", "0"])
    assert query.input_box() == ((None, Fraction(1, 10)), (None, None))


def test_several_networks_become_one() -> None:
    """`equal-to` takes the same network, `isomorphic-to` its own; inputs come first, then outputs."""
    equal = parse_vnnlib(PAIR.format(relation="equal-to"))
    query = join_networks(equal, ABSOLUTE)
    assert query.names == ("A[0]", "C[0]", "B[0]", "D[0]")
    assert query.point_at([-3, -3]) == (-3, -3, 3, 3)
    assert join_networks(equal, {"f": ABSOLUTE}) == join_networks(equal, {"f": ABSOLUTE, "g": ABSOLUTE}) == query
    alike = parse_vnnlib(PAIR.format(relation="isomorphic-to"))
    assert join_networks(alike, {"f": TENT, "g": ABSOLUTE}).point_at([-3, -3]) == (-3, -3, 0, 3)
    assert join_networks(alike, {"f": TENT, "g": ABSOLUTE}).holds_at([-3, -3])


@pytest.mark.parametrize(
    ("relation", "networks", "error", "reason"),
    [
        ("equal-to", {"f": ABSOLUTE, "g": TENT}, QueryFormatError, "declared equal-to f, but differs"),
        ("isomorphic-to", ABSOLUTE, QueryFormatError, "no network is given for g"),
        ("isomorphic-to", {"f": ABSOLUTE}, QueryFormatError, "no network is given for g"),
        ("equal-to", {"g": ABSOLUTE}, QueryFormatError, "no network is given for f"),
        (
            "isomorphic-to",
            {"f": ABSOLUTE, "g": Network.from_weights([[[1]], [[1]]], [[0], [0]])},
            QueryFormatError,
            "different widths",
        ),
        ("equal-to", {"f": ABSOLUTE, "h": ABSOLUTE}, InputError, "declares no network 'h'"),
        ("equal-to", SUM, QueryFormatError, "1 inputs are declared, but the network has 2"),
    ],
)
def test_networks_that_do_not_fit(relation: str, networks: object, error: type[Exception], reason: str) -> None:
    """Wrong, missing, surplus and misshapen networks are named."""
    with pytest.raises(error, match=reason):
        join_networks(parse_vnnlib(PAIR.format(relation=relation)), networks)  # type: ignore[arg-type]


def test_wrong_dimensions_name_the_line() -> None:
    """The number of declared outputs is compared with the network's."""
    with pytest.raises(QueryFormatError, match=r"^query:4:1: 2 outputs are declared, but the network has 1"):
        join_networks(parse_vnnlib(ONE + "(declare-const Y_1 Real)(assert (<= Y_1 0))"), SUM)


@pytest.mark.parametrize(
    "assertions",
    [
        "(assert (<= X_0 0.1))(assert (>= X_0 0.2))",
        "(assert (< X_0 0.1))(assert (>= X_0 0.1))",
        "(assert (<= (+ X_0 X_1) 0))(assert (>= X_0 1))(assert (>= X_1 0))",
        "(assert (<= 1 0))",
    ],
)
def test_contradictory_input_sets_are_refused(assertions: str) -> None:
    """An empty input set is an error that shows the clash, not a vacuous unsat; touching bounds are no clash."""
    with pytest.raises(DomainError, match="no input satisfies") as caught:
        join_networks(parse_vnnlib(ONE + assertions), SUM)
    assert "X_0" in str(caught.value) or "false" in str(caught.value)
    join_networks(parse_vnnlib(ONE + "(assert (<= X_0 0.1))(assert (>= X_0 0.1))"), SUM)


def test_unreadable_files(tmp_path: Path) -> None:
    """A missing file and one that is no text are format errors."""
    with pytest.raises(FormatError, match="cannot be read"):
        read_vnnlib(tmp_path / "none.vnnlib", SUM)
    (tmp_path / "bytes.vnnlib").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="UTF-8"):
        read_vnnlib(tmp_path / "bytes.vnnlib", SUM)


def test_the_benchmark_files_are_read(shared_data: Path) -> None:
    """Every query file at hand is read, except the standard's example of a syntax that is not standard."""
    files = sorted((shared_data / "benchmarks").rglob("*.vnnlib"))
    assert len(files) >= 70
    refused = []
    for file in files:
        try:
            parsed = parse_vnnlib(file.read_text(), source=file.name)
        except QueryFormatError:
            refused.append(file.name)
            continue
        assert len(parsed.input_names) == sum(n.n_inputs for n in parsed.networks)
    assert refused == ["initialized.vnnlib"]


def test_a_byte_order_mark_is_passed_over() -> None:
    """Some editors begin a file with one; both readers read the rest."""
    text = "\ufeff(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 Y_0))"
    assert parse_vnnlib(text).formula == parse_vnnlib(text[1:]).formula
    assert read_query(text) == read_query(text[1:])
