"""Positive semidefiniteness is decided with evidence that multiplication confirms."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.definiteness import Indefinite, PositiveSemidefinite, decide_positive_semidefinite
from exactrelu.exact.matrices import RationalMatrix, dot

ENTRIES = st.fractions(min_value=-2, max_value=2, max_denominator=3)
TABLES = st.tuples(st.integers(0, 4), st.integers(0, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(ENTRIES, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    ).map(lambda rows: RationalMatrix.from_rows(rows, n_columns=shape[1]))
)


def confirmed(matrix: RationalMatrix) -> bool:
    """Decide, check the evidence, and return whether the matrix is positive semidefinite."""
    answer = decide_positive_semidefinite(matrix)
    if isinstance(answer, Indefinite):
        assert dot(answer.vector, matrix.apply(answer.vector)) < 0
        return False
    n = matrix.n_rows
    diagonal = RationalMatrix.from_rows(
        [[d if i == j else 0 for j in range(n)] for i, d in enumerate(answer.diagonal)], n_columns=n
    )
    assert all(d >= 0 for d in answer.diagonal)
    assert answer.lower @ diagonal @ answer.lower.transpose() == matrix
    assert all(row[i] == 1 and not any(row[i + 1 :]) for i, row in enumerate(answer.lower.to_fractions()))
    return True


@given(TABLES)
def test_gram_matrices_are_positive_semidefinite(table: RationalMatrix) -> None:
    """A^T A is positive semidefinite, singular or not."""
    assert confirmed(table.transpose() @ table)


@given(TABLES, st.lists(ENTRIES, min_size=4, max_size=4))
def test_a_negative_direction_is_found(table: RationalMatrix, numbers: list[Fraction]) -> None:
    """Subtracting more than v^T A v in the direction of v makes A indefinite."""
    gram = table.transpose() @ table
    v = numbers[: gram.n_rows]
    if any(v):
        column = RationalMatrix.from_rows([[a] for a in v])
        size = dot(v, v)
        excess = (dot(v, gram.apply(v)) + 1) / size**2
        assert not confirmed(gram - (column @ column.transpose()) * excess)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([], True),
        ([[0]], True),
        ([[-1]], False),
        ([[0, 1], [1, 0]], False),
        ([[0, 1], [1, 5]], False),
        ([[0, 0], [0, -1]], False),
        ([[1, 1], [1, 1]], True),
        ([[1, 2, 0], [2, 4, 1], [0, 1, 7]], False),
    ],
)
def test_small_cases(table: list[list[int]], expected: bool) -> None:
    """Zero pivots with and without entries beside them, the empty matrix, and a refutation that must be pulled back."""
    assert confirmed(RationalMatrix.from_integers(table, n_columns=len(table))) is expected


def test_a_spectral_norm_is_compared_exactly() -> None:
    """norm([[1, 1], [0, 1]]) is the golden ratio 1.6180...: 1.619 is above, 1.618 below."""
    a = RationalMatrix.from_integers([[1, 1], [0, 1]])
    gram, one = a.transpose() @ a, RationalMatrix.identity(2)
    assert confirmed(one * Fraction(1619, 1000) ** 2 - gram)
    assert not confirmed(one * Fraction(1618, 1000) ** 2 - gram)


def test_the_argument_must_be_symmetric() -> None:
    """Non-square and non-symmetric matrices are refused."""
    with pytest.raises(ShapeError, match="2×1"):
        decide_positive_semidefinite(RationalMatrix.zeros(2, 1))
    with pytest.raises(InputError, match="symmetric"):
        decide_positive_semidefinite(RationalMatrix.from_integers([[1, 2], [0, 1]]))
    assert isinstance(decide_positive_semidefinite(RationalMatrix.identity(1)), PositiveSemidefinite)
