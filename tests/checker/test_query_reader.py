"""The checker's own VNN-LIB reader: the same names, networks and tree as the package's, position by position."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exactrelu.checker.formulas
import exactrelu.checker.query
from exactrelu.checker.formulas import FALSE, TRUE, truth
from exactrelu.checker.query import QueryFile, read_query
from exactrelu.checker.reading import Unreadable
from exactrelu.errors import QueryFormatError
from exactrelu.io.vnnlib import ParsedQuery, parse_vnnlib
from exactrelu.verification.questions.formulas import And, Formula, fold
from tests.io.test_vnnlib import BAD, BAD_NETWORKS, HEAD, ONE, PAIR, TWO
from tests.verification.formula_cases import formulas, holds, points, text

NAMES = ["X_0", "X_1", "Y_0"]
SAMPLES = [
    "(and (<= X_0 1) (and (<= X_1 1) (or (<= Y_0 0) (or (!= X_0 1) (< 0 1)))))",
    "(or (<= X_0 1) (or (<= X_1 1) (>= Y_0 0)))",
    "(not (and (== X_0 1) (or (> X_1 1) (!= Y_0 2))))",
    "(not (not (= X_0 1)))",
    "(<= (* (+ X_0 1) (- X_0 1) Y_0) (/ (- X_1) 3))",
]


def tree(formula: Formula) -> Any:
    """The package's formula in the checker's form."""
    return fold(
        formula,
        lambda part: (part.relation, dict(part.polynomial.terms)),
        lambda kind, parts: ("and" if kind is And else "or", tuple(parts)),
    )


def agree(ours: ParsedQuery, checkers: QueryFile) -> bool:
    """Whether names, variable ranges, references and the tree are the same."""
    first_input, first_output = 0, len(ours.input_names)
    networks = []
    for one in ours.networks:
        ranges = range(first_input, first_input + one.n_inputs), range(first_output, first_output + one.n_outputs)
        networks.append((one.name, *ranges, one.equal_to, one.isomorphic_to))
        first_input, first_output = ranges[0].stop, ranges[1].stop
    theirs = [(n.name, n.inputs, n.outputs, n.equal_to, n.isomorphic_to) for n in checkers.networks]
    return (
        checkers.names == ours.input_names + ours.output_names
        and checkers.n_inputs == len(ours.input_names)
        and networks == theirs
        and checkers.formula == tree(ours.formula)
    )


@given(formulas, points)
def test_random_formulas_give_the_same_tree(raw: object, point: list[Fraction]) -> None:
    """Both readers agree on the tree, and its truth value is the naive one."""
    for query in (
        f"{ONE}(assert {text(raw, NAMES)})",
        f"{TWO}(assert (<= Y 1)); one more\n(assert {text(raw, ['X[0,0]', 'X [ 0 , 1 ]', 'Y'])})",
    ):
        assert agree(parse_vnnlib(query), read_query(query))
    assert truth(read_query(f"{ONE}(assert {text(raw, NAMES)})").formula, point) == holds(raw, point)


def test_all_files_give_the_same_tree(shared_data: Path) -> None:
    """On every query file at hand both agree, or both refuse."""
    for file in sorted((shared_data / "benchmarks").rglob("*.vnnlib")):
        query = file.read_text()
        try:
            ours = parse_vnnlib(query)
        except QueryFormatError:
            with pytest.raises(Unreadable):
                read_query(query)
            continue
        assert agree(ours, read_query(query)), file


@pytest.mark.parametrize("relation", ["equal-to", "isomorphic-to"])
def test_several_networks(relation: str) -> None:
    """Ranges of variables: all inputs first, network by network, then all outputs."""
    query = PAIR.format(relation=relation)
    read = read_query(query)
    assert agree(parse_vnnlib(query), read)
    assert [(n.name, list(n.inputs), list(n.outputs)) for n in read.networks] == [("f", [0], [2]), ("g", [1], [3])]


def flat_less(connective: str, parts: list[Any]) -> Any:
    """Mutant: nested connectives stay nested."""
    return parts[0] if len(parts) == 1 else (connective, tuple(parts))


def reversed_join(connective: str, parts: list[Any]) -> Any:
    """Mutant: parts in another order."""
    return ORIGINAL_JOIN(connective, parts[::-1])


def strict_compare(relation: str, polynomial: Any) -> Any:
    """Mutant: every comparison strict."""
    return ORIGINAL_COMPARE("<", polynomial)


def unfolded_compare(relation: str, polynomial: Any) -> Any:
    """Mutant: comparisons of constants stay."""
    return (relation, polynomial)


def lazy_negation(formula: Any) -> Any:
    """Mutant: negation forgotten."""
    return formula


ORIGINAL_JOIN = exactrelu.checker.formulas.join
ORIGINAL_COMPARE = exactrelu.checker.formulas.compare


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("join", flat_less),
        ("join", reversed_join),
        ("compare", strict_compare),
        ("compare", unfolded_compare),
        ("negate", lazy_negation),
    ],
)
def test_a_mutated_reader_is_caught(name: str, mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples tell every mutant from the package's reader, and agree with the true one."""
    queries = [f"{ONE}(assert {sample})" for sample in SAMPLES]
    assert all(agree(parse_vnnlib(query), read_query(query)) for query in queries)
    monkeypatch.setattr(exactrelu.checker.query, name, mutant)
    assert not all(agree(parse_vnnlib(query), read_query(query)) for query in queries)


# What the package refuses though its meaning is clear: the rules of the standard are the package's business.
CLEAR_ANYWAY = {
    "before its declaration",
    "before",
    "size is missing",
    "inputs are declared first",
    "'and' is no name",
    "ONNX node",
    "int8 of X is not supported",
    "float32 of X is not supported",
    "inputs of different type or shape",
    "itself refers to another",
}


@pytest.mark.parametrize(
    ("query", "reason"),
    [(query, reason) for query, _, _, reason in BAD]
    + [(f"{HEAD}{declaration}\n(assert (<= 0.0 1.0))", reason) for declaration, reason in BAD_NETWORKS],
)
def test_what_has_no_clear_meaning_is_refused(query: str, reason: str) -> None:
    """What the package refuses is refused here too, but for the listed rules; never with another exception."""
    try:
        read_query(query)
    except Unreadable:
        return
    assert reason in CLEAR_ANYWAY


PIECES = re.compile(r"""[()\[\],]|"[^"]*"|[^\s()\[\],"]+|\s+""")
STRAY = ["(", ")", "[", "]", ",", "0", "-1", "1.5", "X", "X_0", "and", "not", "==", "!=", "-", "/", "()", "real", "[]"]
STRAY += [
    '"a"',
    ";",
    "\n",
    "<2.0>",
    "=",
    "X[0,1]",
    "declare-hidden",
    "assert",
    "00",
    "1e5",
    "1e",
    ".",
    "|",
    "é",
    "equal-to",
]
WHOLE = [
    TWO + "(assert (or (and (<= X[0,0] 1.0) (>= Y (* 2.0 X[0,1]))) (!= Y (- 1.0)))) ; end\n(assert (< Y 0.5))",
    PAIR.format(relation="equal-to"),
    '(set-info :status unsat)(set-info :source |a ; (b|)(set-option :x.y "y ;")' + ONE + "(assert (< X_0 Y_0))",
    ONE + "(set-logic QF_LRA)(assert (not (or (= X_0 1e-2) (!= Y_0 (/ X_1 3 -2)))))(check-sat)",
]


@given(st.sampled_from(WHOLE), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_damaged_files_never_part_the_readers(query: str, random: Random) -> None:
    """A piece removed, inserted, replaced or moved: what both read is the same; what ours reads the checker reads."""
    pieces = PIECES.findall(query)
    for _ in range(random.choice([1, 1, 2, 3])):
        place = random.randrange(len(pieces))
        pieces[place : place + random.choice([0, 1])] = random.choice([[], [random.choice(STRAY + pieces)]])
    damaged = "".join(pieces)
    try:
        ours = parse_vnnlib(damaged)
    except QueryFormatError:
        with contextlib.suppress(Unreadable):
            read_query(damaged)
        return
    assert agree(ours, read_query(damaged))


def test_keywords_of_commands_are_passed_over() -> None:
    """A keyword or a quoted symbol in a command says nothing, whatever it contains; in a formula it has no meaning."""
    commands = '(set-info :status unsat)(set-info :source |a ; (b|)(set-option :x.y "y ;")'
    plain = ONE + "(assert (< X_0 Y_0))"
    assert read_query(commands + plain) == read_query(plain)
    assert parse_vnnlib(commands + plain).formula == parse_vnnlib(plain).formula
    for atom in (":status", "|X_0|"):
        with pytest.raises(Unreadable, match="no declared input"):
            read_query(plain.replace("X_0 Y_0", f"{atom} Y_0"))
        with pytest.raises(QueryFormatError):
            parse_vnnlib(plain.replace("X_0 Y_0", f"{atom} Y_0"))


def test_hidden_values_are_no_variables() -> None:
    """A hidden tensor may be declared; an assertion about it is refused."""
    declared = f"""{HEAD}(declare-network f (declare-input X real [1]) (declare-hidden H real [2] "a;b")
    (declare-output Y real [1]))\n"""
    assert read_query(declared + "(assert (<= Y[0] 0.0))").names == ("X[0]", "Y[0]")
    with pytest.raises(Unreadable, match="H"):
        read_query(declared + "(assert (<= H[0] 0.0))")


def test_depth_is_no_limit() -> None:
    """Three thousand levels of negation, sums and alternating connectives are read without recursion."""
    n = 3_000
    assert read_query(f"{ONE}(assert {'(not ' * n}(<= X_0 0){')' * n})").formula == ("<=", {((0, 1),): Fraction(1)})
    assert read_query(f"{ONE}(assert (<= {'(- ' * n}X_0{')' * n} 0))").formula == ("<=", {((0, 1),): Fraction(1)})
    deep = read_query(f"{ONE}(assert {'(and (<= X_0 0) (or (<= X_1 0) ' * n}(<= Y_0 0){'))' * n})").formula
    assert truth(deep, [Fraction(-1)] * 3)
    assert not truth(deep, [Fraction(1)] * 3)


def test_blanks_do_not_join_numbers() -> None:
    """`X[1 2]` is not entry 12, `[2 3]` no shape, and blanks around commas do not matter."""
    declared = f"{HEAD}(declare-network f (declare-input X real [{{}}]) (declare-output Y real []))(assert (<= {{}} 0))"
    assert read_query(declared.format(" 2 , 3 ", "X [ 1 ,2]")).formula == ("<=", {((5, 1),): Fraction(1)})
    for shape, variable in (("2 3", "Y"), ("13", "X[1 2]"), ("2,3", "X[1,,2]"), ("2,3", "X[1,2,]"), ("12", "X[01]")):
        for read in (read_query, parse_vnnlib):
            with pytest.raises((Unreadable, QueryFormatError)):
                read(declared.format(shape, variable))  # type: ignore[operator]


def test_constants() -> None:
    """A formula without variables is the empty "and" or the empty "or"."""
    for relation in ("<=", "<", ">=", ">", "==", "!="):
        for value in (-1, 0, 1):
            formula = read_query(f"{ONE}(assert ({relation} {value} 0))").formula
            assert formula == (TRUE if eval(f"{value} {relation} 0") else FALSE)


def test_a_large_product_is_refused() -> None:
    """A short text cannot ask for a gigantic polynomial."""
    total = "(+ " + " ".join(f"X_{i}" for i in range(101)) + ")"
    declared = "".join(f"(declare-const X_{i} Real)" for i in range(101)) + "(declare-const Y_0 Real)"
    for read in (read_query, parse_vnnlib):
        with pytest.raises((Unreadable, QueryFormatError), match="product"):
            read(f"{declared}(assert (<= (* {total} {total} {total} {total}) 0))")  # type: ignore[operator]
