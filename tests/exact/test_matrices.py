"""Matrices over Q are canonical values whose linear algebra satisfies its defining equations."""

from __future__ import annotations

import pickle
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.exact.matrices import NoSolution, RationalMatrix, Solution, dot

SMALL = st.fractions(min_value=-3, max_value=3, max_denominator=4)


def matrices(rows: st.SearchStrategy[int], columns: st.SearchStrategy[int]) -> st.SearchStrategy[RationalMatrix]:
    """Small matrices, many of them rank-deficient, some without rows or columns."""
    return st.tuples(rows, columns).flatmap(
        lambda shape: st.lists(
            st.lists(st.one_of(st.just(Fraction(0)), SMALL), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        ).map(lambda table: RationalMatrix.from_rows(table, n_columns=shape[1]))
    )


SIZES = st.integers(0, 4)
ANY = matrices(SIZES, SIZES)
SQUARE = SIZES.flatmap(lambda n: matrices(st.just(n), st.just(n)))


@given(ANY, st.integers(1, 6), st.sampled_from([1, -1]))
def test_equal_matrices_are_equal_values(matrix: RationalMatrix, factor: int, sign: int) -> None:
    """A common factor of numerators and denominator leaves value and hash alone."""
    k = factor * sign
    table = [[a * k for a in row] for row in matrix.numerators]
    same = RationalMatrix.from_integers(table, matrix.denominator * k, matrix.n_columns)
    assert same == matrix
    assert hash(same) == hash(matrix)
    assert matrix.denominator > 0


@given(ANY)
def test_round_trips(matrix: RationalMatrix) -> None:
    """repr, pickle, fractions and FLINT all lead back to the same matrix."""
    assert eval(repr(matrix), {"RationalMatrix": RationalMatrix}) == matrix
    assert (matrix.fmpq.nrows(), matrix.fmpq.ncols()) == matrix.shape
    assert pickle.loads(pickle.dumps(matrix)) == matrix
    assert RationalMatrix.from_rows(matrix.to_fractions(), n_columns=matrix.n_columns) == matrix
    assert RationalMatrix.from_fmpz(matrix.fmpz, matrix.denominator) == matrix
    assert matrix.transpose().transpose() == matrix


@given(SQUARE)
def test_ring_laws(a: RationalMatrix) -> None:
    """Sums, products, scalars and the identity obey the laws of a ring."""
    n = a.n_rows
    one, b = RationalMatrix.identity(n), a.transpose()
    assert one @ a == a @ one == a
    assert a - a == RationalMatrix.zeros(n, n)
    assert (a + b) @ a == a @ a + b @ a
    assert 2 * a == a * Fraction(2) == a + a
    assert (a @ b).transpose() == b.transpose() @ a.transpose()


@given(ANY)
def test_kernel_and_rank_add_up(matrix: RationalMatrix) -> None:
    """Kernel rows are independent, cancel the matrix, and their number is the width minus the rank."""
    kernel = matrix.kernel()
    assert kernel.shape == (matrix.n_columns - matrix.rank(), matrix.n_columns)
    assert kernel.rank() == kernel.n_rows
    assert all(not any(matrix.apply(row)) for row in kernel.numerators)


@given(ANY, st.data())
def test_solve_gives_a_solution_or_a_refutation(matrix: RationalMatrix, data: st.DataObject) -> None:
    """Either A x = b, or y A = 0 and y b != 0; `unique` tells whether the kernel is trivial."""
    rhs = data.draw(st.lists(SMALL, min_size=matrix.n_rows, max_size=matrix.n_rows))
    answer = matrix.solve(rhs)
    if isinstance(answer, Solution):
        assert matrix.apply(answer.point) == tuple(rhs)
        assert answer.unique == (matrix.kernel().n_rows == 0)
    else:
        assert not any(matrix.transpose().apply(answer.multipliers))
        assert dot(answer.multipliers, rhs) != 0


@given(ANY, st.data())
def test_consistent_equations_are_solved(matrix: RationalMatrix, data: st.DataObject) -> None:
    """A right-hand side in the column space always has a solution."""
    x = data.draw(st.lists(SMALL, min_size=matrix.n_columns, max_size=matrix.n_columns))
    assert isinstance(matrix.solve(matrix.apply(x)), Solution)


def test_empty_shapes() -> None:
    """Matrices without rows or columns keep their shape through every operation."""
    wide, tall = RationalMatrix.zeros(0, 3), RationalMatrix.zeros(3, 0)
    assert wide.transpose() == tall
    assert tall @ wide == RationalMatrix.zeros(3, 3)
    assert (wide @ tall).shape == (0, 0)
    assert wide.kernel() == RationalMatrix.identity(3)
    assert wide.solve([]) == Solution((Fraction(0),) * 3, False)
    assert tall.solve([0, 0, 0]) == Solution((), True)
    assert isinstance(tall.solve([0, 1, 0]), NoSolution)
    assert (
        RationalMatrix.identity(3).hstack(tall) == RationalMatrix.identity(3).vstack(wide) == RationalMatrix.identity(3)
    )
    with pytest.raises(ShapeError, match="n_columns"):
        RationalMatrix.from_rows([])
    with pytest.raises(ShapeError, match="n_columns"):
        RationalMatrix.from_integers([])


def test_stacking_mixes_denominators() -> None:
    """hstack and vstack bring the blocks over one denominator."""
    half, third = RationalMatrix.from_rows([["1/2"]]), RationalMatrix.from_rows([["1/3"]])
    assert half.hstack(third) == RationalMatrix.from_rows([["1/2", "1/3"]])
    assert half.vstack(third) == RationalMatrix.from_rows([["1/2"], ["1/3"]])


def test_errors_name_the_fact() -> None:
    """Ragged rows, wrong sizes, zero denominators and floats raise errors that say where."""
    a = RationalMatrix.identity(2)
    with pytest.raises(ShapeError, match="weights: row 1 has 1 entries, expected 2"):
        RationalMatrix.from_rows([[1, 2], [3]], name="weights")
    with pytest.raises(InexactNumberError, match=r"weights\[0\]\[1\]"):
        RationalMatrix.from_rows([[1, 0.5]], name="weights")
    with pytest.raises(InputError, match="denominator is zero"):
        RationalMatrix.from_integers([[1]], 0)
    for operation in (
        lambda: a @ RationalMatrix.zeros(3, 1),
        lambda: a + RationalMatrix.zeros(1, 2),
        lambda: a.vstack(RationalMatrix.zeros(1, 3)),
        lambda: a.apply([1]),
        lambda: a.solve([1, 2, 3]),
    ):
        with pytest.raises(ShapeError):
            operation()


def test_numpy_arrays_enter_with_consent() -> None:
    """A float array is taken for its dyadic values if asked."""
    array = np.array([[0.5, -0.25]], dtype=np.float32)
    assert RationalMatrix.from_rows(array, exact_floats=True) == RationalMatrix.from_integers([[2, -1]], 4)


def test_latex() -> None:
    """The notebook representation puts the sign before the fraction."""
    assert RationalMatrix.from_rows([["-1/2", 3]])._repr_latex_() == r"$\begin{pmatrix}-\frac{1}{2} & 3\end{pmatrix}$"


def sparse_copy(matrix: RationalMatrix) -> RationalMatrix:
    """The same matrix, kept by its nonzero entries if three quarters of it are zero."""
    return RationalMatrix.from_nonzeros(matrix.nonzeros, matrix.denominator, n_columns=matrix.n_columns)


@given(st.integers(0, 10**6), st.integers(0, 6), st.integers(1, 6), st.integers(0, 6))
def test_sparse_matrices_compute_what_dense_ones_do(seed: int, m: int, n: int, k: int) -> None:
    """Products, sums, stacks, selections, scaling, application, equality, hash and pickling agree with dense rows."""
    chance = random.Random(seed)

    def draw(rows: int, columns: int) -> RationalMatrix:
        entries = [[Fraction(chance.choice([0] * 20 + [-3, 1, 2]), 2) for _ in range(columns)] for _ in range(rows)]
        return RationalMatrix.from_rows(entries, n_columns=columns)

    a, b, c = draw(m, n), draw(n, k), draw(m, n)
    sa, sb, sc = map(sparse_copy, (a, b, c))
    x = tuple(Fraction(chance.randint(-3, 3), 3) for _ in range(n))
    rows = [chance.randrange(m) for _ in range(3)] if m else []
    columns = chance.sample(range(n), chance.randint(0, n))
    factors = [Fraction(chance.randint(-2, 2), 3) for _ in range(m)]
    pairs = [
        *((a @ b, sa @ sb), (a @ b, a @ sb), (a + c, sa + sc), (a - c, a - sc), (a * 3, sa * 3), (-a, -sa)),
        *((a.vstack(c), sa.vstack(c)), (a.hstack(c), a.hstack(sc)), (a.transpose(), sa.transpose())),
        *((a.select_rows(rows), sa.select_rows(rows)), (a.select_columns(columns), sa.select_columns(columns))),
        *((a.scale_rows(factors), sa.scale_rows(factors)), (a, pickle.loads(pickle.dumps(sa)))),
    ]
    for one, two in pairs:
        assert one.shape == two.shape
        assert (one, hash(one), one.nonzeros) == (two, hash(two), two.nonzeros)
    assert a.apply(x) == sa.apply(x) == tuple(dot(row, x) for row in a.to_fractions())
    assert a.used_columns() == sa.used_columns()


def test_a_sparse_matrix_is_not_written_out_beyond_memory() -> None:
    """A million by a million identity exists, and asking for its zeros is refused rather than attempted."""
    big = RationalMatrix.identity(10**6)
    assert big.shape == (10**6, 10**6)
    assert (big @ big).nonzeros[7] == {7: 1}
    with pytest.raises(InputError, match="too large to be written out"):
        _ = big.numerators
