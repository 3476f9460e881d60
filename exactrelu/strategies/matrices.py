"""Matrices of a given rank, by construction.

A matrix of rank r is a sum of r dyads column_k · row_k, as Gaussian elimination finds them: with pivots (p_k, q_k) in
distinct rows and columns, column_k is zero in rows p_1, ..., p_{k-1}, row_k in columns q_1, ..., q_{k-1}, and both
are not zero in their own pivot.  Conversely, such a sum has rank r, since on the pivots it is a product of two
triangular matrices without zeros on the diagonal.  So nothing is rejected, and every rank-r matrix of small enough
factors can come.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.strategies.numbers import rationals
from exactrelu.strategies.validation import require_integer

__all__ = ["matrices"]


def matrices(
    n_rows: int, n_columns: int, *, rank: int | None = None, max_height: int = 4
) -> SearchStrategy[RationalMatrix]:
    """Return a strategy for n_rows×n_columns matrices of rank exactly `rank`, or of any rank.

    Args:
        max_height: bound on numerators and denominators of the two factors whose product the matrix is.

    Raises:
        InputError: a negative size, a height below 1, or a rank that no such matrix has.

    Example:
        >>> from hypothesis import find
        >>> find(matrices(2, 2, rank=1), lambda matrix: True)
        RationalMatrix.from_rows([[1, 0], [0, 0]])
        >>> find(matrices(2, 3, rank=2), lambda matrix: True).rank()
        2
    """
    m = require_integer(n_rows, name="n_rows", minimum=0)
    n = require_integer(n_columns, name="n_columns", minimum=0)
    require_integer(max_height, name="max_height", minimum=1)
    if rank is None:
        return st.integers(0, min(m, n)).flatmap(lambda r: _of_rank(m, n, r, max_height))
    if require_integer(rank, name="rank", minimum=0) > min(m, n):
        raise InputError(f"rank is {rank}; a {m}×{n} matrix has rank at most {min(m, n)}")
    return _of_rank(m, n, rank, max_height)


@st.composite
def _of_rank(draw: st.DrawFn, m: int, n: int, rank: int, max_height: int) -> RationalMatrix:
    """Draw pivots, then the dyads."""
    if not rank:
        return RationalMatrix.zeros(m, n)
    pivot_rows = draw(st.permutations(range(m)))[:rank]
    pivot_columns = draw(st.permutations(range(n)))[:rank]
    columns = [_draw_factor(draw, m, pivot_rows[: k + 1], max_height) for k in range(rank)]
    rows = [_draw_factor(draw, n, pivot_columns[: k + 1], max_height) for k in range(rank)]
    entries = [
        [sum((c[i] * r[j] for c, r in zip(columns, rows, strict=True)), Fraction(0)) for j in range(n)]
        for i in range(m)
    ]
    return RationalMatrix.from_rows(entries, n_columns=n)


def _draw_factor(draw: st.DrawFn, length: int, pivots: list[int], max_height: int) -> list[Fraction]:
    """A vector that is zero in all pivots but the last, where it is not zero."""
    entry = rationals(max_height=max_height)
    values = [Fraction(0) if k in pivots else draw(entry) for k in range(length)]
    # Shrinks to 1: a drawn zero is replaced, not rejected.
    values[pivots[-1]] = draw(entry) or Fraction(1)
    return values
