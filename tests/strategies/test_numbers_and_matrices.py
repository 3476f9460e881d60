"""Rationals, vectors and matrices keep their promises, and mistakes in arguments show at once."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.strategies import matrices, rationals, vectors

# The first example will do: no shrinking.
FIRST = settings(phases=[Phase.generate], database=None, max_examples=3000)


def height(value: Fraction) -> int:
    """max(|p|, q)."""
    return max(abs(value.numerator), value.denominator)


@given(st.integers(1, 40).flatmap(lambda h: st.tuples(st.just(h), rationals(max_height=h))))
def test_rationals_have_bounded_height(drawn: tuple[int, Fraction]) -> None:
    """|p| and q are at most max_height."""
    bound, value = drawn
    assert height(value) <= bound


@pytest.mark.parametrize("value", [Fraction(-3), Fraction(3, 2), Fraction(2, 3), Fraction(0)])
def test_every_rational_of_the_height_comes(value: Fraction) -> None:
    """Nothing of height 3 is left out."""
    assert find(rationals(max_height=3), lambda drawn: drawn == value) == value


@given(st.integers(0, 4).flatmap(lambda n: st.tuples(st.just(n), vectors(n, max_height=2))))
def test_vectors_have_their_length_and_height(drawn: tuple[int, tuple[Fraction, ...]]) -> None:
    """One entry a dimension; dimension 0 is the empty vector."""
    dimension, vector = drawn
    assert len(vector) == dimension
    assert all(height(entry) <= 2 for entry in vector)


def test_vectors_take_a_strategy_for_their_entries() -> None:
    """The entries' strategy replaces the default one."""
    assert find(vectors(2, entries=st.just(Fraction(7))), lambda vector: True) == (7, 7)


@given(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.data())
def test_the_rank_is_the_rank(size: tuple[int, int], data: st.DataObject) -> None:
    """A matrix of given rank has that rank and shape, also without rows or columns."""
    rank = data.draw(st.integers(0, min(size)))
    matrix = data.draw(matrices(*size, rank=rank))
    assert (matrix.shape, matrix.rank()) == (size, rank)


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_without_a_rank_every_rank_comes(rank: int) -> None:
    """`matrices(2, 3)` draws all ranks."""
    assert find(matrices(2, 3), lambda matrix: matrix.rank() == rank, settings=FIRST).rank() == rank


def test_a_matrix_off_the_unit_dyads_comes() -> None:
    """Pivots are not bound to the diagonal: an antidiagonal matrix can be drawn."""
    wanted = RationalMatrix.from_rows([[0, 1], [1, 0]])
    assert find(matrices(2, 2, rank=2), lambda matrix: matrix == wanted, settings=FIRST) == wanted


def test_a_construction_that_forgets_the_zeros_is_caught() -> None:
    """Mutant: dyads without zeros in earlier pivots may have smaller rank, and the rank test sees it."""
    ones = RationalMatrix.from_rows([[1], [1]])
    careless = (ones @ ones.transpose()) + (ones @ ones.transpose())
    assert careless.rank() != 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rationals(max_height=0), "max_height is 0; an integer of at least 1"),
        (lambda: rationals(max_height=True), "max_height is True"),
        (lambda: vectors(-1), "dimension is -1"),
        (lambda: vectors(2, entries=3), "entries must be a strategy, such as st.just"),  # type: ignore[arg-type]
        (lambda: matrices(2, 2, rank=3), "rank is 3; a 2×2 matrix has rank at most 2"),
        (lambda: matrices(2, -2), "n_columns is -2"),
    ],
)
def test_a_mistake_is_named_at_the_call(call: Callable[[], object], message: str) -> None:
    """Arguments are checked when the strategy is made, not when it draws."""
    with pytest.raises(InputError, match=message):
        call()
