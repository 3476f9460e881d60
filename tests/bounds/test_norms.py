"""Operator norms: definitions, agreement of the two ways to bound the 2-norm, floats as a second opinion."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.bounds.algebraic import AlgebraicNumber
from exactrelu.bounds.norms import Norm, decide_spectral_norm_at_most, operator_norm, spectral_norm_squared
from exactrelu.errors import InputError
from exactrelu.exact.definiteness import Indefinite, PositiveSemidefinite
from exactrelu.exact.matrices import RationalMatrix, dot

matrices = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-5, 5), min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    ).map(lambda rows: RationalMatrix.from_integers(rows, shape[2]))
)


@given(matrices)
def test_norms_and_floats(matrix: RationalMatrix) -> None:
    """All three norms agree with NumPy to ten digits; 1 and inf swap under transposition, 2 does not change."""
    floats = np.array([[float(a) for a in row] for row in matrix.to_fractions()])
    for norm, order in ((Norm.ONE, 1), (Norm.INFINITY, np.inf), (Norm.TWO, 2)):
        value = operator_norm(matrix, norm)
        middle = sum(value.enclosure(Fraction(1, 10**12))) / 2 if isinstance(value, AlgebraicNumber) else value
        assert float(middle) == pytest.approx(np.linalg.norm(floats, order), rel=1e-10, abs=1e-10)
    assert operator_norm(matrix, "1") == operator_norm(matrix.transpose(), "inf")
    assert operator_norm(matrix, "2") == operator_norm(matrix.transpose(), "2")


@given(matrices, st.fractions(0, 20, max_denominator=12))
def test_two_ways_to_bound_the_spectral_norm(matrix: RationalMatrix, bound: Fraction) -> None:
    """The semidefinite decision agrees with the algebraic number, and a refutation is a vector stretched by more."""
    answer = decide_spectral_norm_at_most(matrix, bound)
    assert isinstance(answer, PositiveSemidefinite) == (spectral_norm_squared(matrix) <= bound * bound)
    if isinstance(answer, Indefinite):
        v = answer.vector
        stretched = (matrix if len(v) == matrix.n_columns else matrix.transpose()).apply(v)
        # For a square matrix the vector may belong to the transpose.
        other = matrix.transpose().apply(v) if matrix.n_rows == matrix.n_columns else stretched
        assert max(dot(stretched, stretched), dot(other, other)) > bound * bound * dot(v, v)


def test_equality_is_decided() -> None:
    """At the norm itself the answer is yes, just below it is no: no tolerance."""
    matrix = RationalMatrix.from_rows([["18/25", "24/25"], ["24/25", "32/25"]])
    assert operator_norm(matrix, 2) == 2
    assert isinstance(decide_spectral_norm_at_most(matrix, Fraction(2)), PositiveSemidefinite)
    assert isinstance(decide_spectral_norm_at_most(matrix, 2 - Fraction(1, 10**30)), Indefinite)


def test_empty_matrices_and_refusals() -> None:
    """Without rows or columns every norm is 0; unknown norms and negative bounds are refused."""
    for shape in ((0, 3), (3, 0), (0, 0)):
        assert [operator_norm(RationalMatrix.zeros(*shape), norm) for norm in ("1", "2", "inf")] == [0, 0, 0]
    with pytest.raises(InputError, match="'1', '2' or 'inf'"):
        Norm.of("3")
    with pytest.raises(InputError, match="nonnegative"):
        decide_spectral_norm_at_most(RationalMatrix.identity(1), Fraction(-1))
