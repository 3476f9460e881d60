"""Written queries: reading them gives the same formula, up to positive factors where thirds occur."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.checker.formulas import truth
from exactrelu.checker.query import read_query
from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.io.vnnlib import parse_vnnlib, read_vnnlib
from exactrelu.io.vnnlib_writer import format_vnnlib, write_vnnlib
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import FALSE, TRUE, Formula, compare, evaluate, substitute
from exactrelu.verification.questions.pair_properties import equivalence_query
from exactrelu.verification.questions.query import Query
from tests.verification.formula_cases import built, formulas, points

SUM = Network.from_weights([[[1, 1]]], [[0]])
X = Polynomial.variable(0)


def returned(formula: Formula) -> Formula:
    """The formula after writing and reading."""
    return parse_vnnlib(format_vnnlib(Query(SUM, formula))).formula


@given(formulas)
def test_decimals_come_back_exactly(raw: object) -> None:
    """A formula whose coefficients are finite decimals is read back as the same value."""
    assert returned(built(raw)) == built(raw)


@given(formulas, points)
def test_thirds_keep_their_meaning(raw: object, point: list[Fraction]) -> None:
    """With thirds the comparisons are scaled: the same truth everywhere, for our reader and the checker's."""
    formula = substitute(built(raw), {0: X * Fraction(1, 3) + Fraction(2, 7)})
    assert evaluate(returned(formula), point) == evaluate(formula, point)
    assert truth(read_query(format_vnnlib(Query(SUM, formula))).formula, point) == evaluate(formula, point)


@given(st.fractions(max_denominator=10**6), st.integers(-200, 200))
def test_numbers_keep_their_value(value: Fraction, exponent: int) -> None:
    """Any rational, and any power of two, bounds x at the same place."""
    for bound in (value, Fraction(2) ** exponent, -value * Fraction(1, 10**30)):
        text = format_vnnlib(Query(SUM, compare(X, "<=", Polynomial.constant(bound))))
        ((_, upper), _) = Query(SUM, parse_vnnlib(text).formula).input_box()
        assert upper == bound


def test_a_writer_that_forgets_the_factor_is_caught() -> None:
    """x/3 <= 1 is x <= 3: the text with the factor on one side only bounds x elsewhere."""
    text = format_vnnlib(Query(SUM, compare(X * Fraction(1, 3), "<=", Polynomial.constant(1))))
    assert "(<= X[0] 3.0)" in text
    mutant = text.replace("3.0", "1.0")
    assert Query(SUM, parse_vnnlib(mutant).formula).input_box()[0][1] != 3


def test_true_and_false_have_words() -> None:
    """The language has none, so constants are compared; both come back."""
    assert returned(TRUE) == TRUE
    assert returned(FALSE) == FALSE


def test_files_and_names(tmp_path: Path) -> None:
    """The file is read back for the same network; names stand in a comment that they cannot leave."""
    query = Query(SUM, compare(X, "<="), ("speed", "load\n(assert (<= 1.0 0.0))"), ("brake",))
    write_vnnlib(query, tmp_path / "q.vnnlib")
    assert read_vnnlib(tmp_path / "q.vnnlib", SUM) == query
    assert "; X: speed, load (assert" in (tmp_path / "q.vnnlib").read_text()


def test_several_networks_are_written_as_one() -> None:
    """A pair query speaks about its combined network."""
    query = equivalence_query(SUM, SUM, [(0, 1), (0, 1)])
    parsed = parse_vnnlib(format_vnnlib(query))
    assert parsed.formula == query.formula
    assert (parsed.networks[0].n_inputs, parsed.networks[0].n_outputs) == (2, 2)


def test_empty_tensors_are_refused() -> None:
    """A network without outputs has no VNN-LIB declaration."""
    with pytest.raises(InputError, match="at least one of each"):
        format_vnnlib(Query(Network.from_weights([[[1]], []], [[0], []]), TRUE))
