"""Matrices over the rationals: integer numerators over one positive common denominator.

`RationalMatrix` is the checked, immutable value that the upper layers pass around; kernels take its integers or its
python-flint matrices (`fmpz`, `fmpq`) and must not change them.  Canonical form: the denominator is positive and the
gcd of it and all numerators is 1 (a zero matrix has denominator 1), so that equal matrices are equal values with equal
hashes.  A matrix without rows keeps its width, `n_columns`.

Signs, ranks and kernels need the numerators only; hence one denominator rather than a fraction per entry.

A matrix made by `from_nonzeros` (and sums, products and stacks of such) keeps its nonzero entries only; the rows of
`numerators` are written out when they are first asked for.  Which way a matrix is kept is invisible otherwise.

Cost: product, rank, kernel and solution are FLINT's (modular or fraction-free), cubic in the dimension with numbers of
the size of the minors.  Not done here: square roots, eigenvalues, anything with a tolerance; definiteness is in
`exactrelu.exact.definiteness`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from operator import mul
from typing import TYPE_CHECKING, Any

import flint

from exactrelu.errors import InputError, InvariantError, ShapeError
from exactrelu.exact import sparse
from exactrelu.exact.rationals import as_rational, as_vector, format_rational

__all__ = ["NoSolution", "RationalMatrix", "Solution", "Vector", "dot"]

Vector = tuple[Fraction, ...]

_SMALL = 64
"""Identity and zero matrices with more rows or columns are kept sparse."""

_LARGEST_WRITTEN_OUT = 1 << 27
"""Entries beyond which a sparse matrix is not written out (a gigabyte)."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution x of A x = b; `unique` says whether it is the only one (A has a trivial kernel)."""

    point: Vector
    unique: bool


@dataclass(frozen=True, slots=True)
class NoSolution:
    """Proof that A x = b has no solution: multipliers y, one per row, with y A = 0 and y b != 0."""

    multipliers: Vector


@dataclass(frozen=True)
class RationalMatrix:
    """An m×n matrix over Q: entry (i, j) is numerators[i][j] / denominator.

    The constructor reduces to canonical form, so `==` and `hash` go by the matrix itself.

    Raises:
        ShapeError: rows of different lengths, or not `n_columns` long.
        InputError: the denominator is zero.

    >>> A = RationalMatrix.from_rows([["1/2", 1], [0, "1/3"]])
    >>> A.numerators, A.denominator
    (((3, 6), (0, 2)), 6)
    >>> A @ A == RationalMatrix.from_rows([["1/4", "5/6"], [0, "1/9"]])
    True
    """

    numerators: tuple[tuple[int, ...], ...]
    denominator: int
    n_columns: int

    def __post_init__(self) -> None:
        for index, row in enumerate(self.numerators):
            if len(row) != self.n_columns:
                raise ShapeError(f"row {index} has {len(row)} entries, expected {self.n_columns}")
        if self.denominator == 0:
            raise InputError("denominator is zero; pass a positive integer")
        divisor = math.gcd(self.denominator, *chain.from_iterable(self.numerators))
        if self.denominator < 0:
            divisor = -divisor
        if divisor != 1:
            object.__setattr__(self, "numerators", tuple(tuple(a // divisor for a in row) for row in self.numerators))
            object.__setattr__(self, "denominator", self.denominator // divisor)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Iterable[object]],
        *,
        n_columns: int | None = None,
        exact_floats: bool = False,
        name: str = "matrix",
    ) -> RationalMatrix:
        """Return the matrix with the given rows of exact numbers.

        Args:
            rows: m sequences of n numbers each (see `as_rational`); a two-dimensional NumPy array will do.
            n_columns: n; needed only if there are no rows.
            exact_floats: take floats for their dyadic value instead of refusing them.
            name: what error messages call the matrix.

        Raises:
            ShapeError: a ragged matrix (the message names the row), or no rows and no `n_columns`.
            InputError, InexactNumberError: an entry is not an exact number.
        """
        if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
            raise InputError(f"{name} must be a sequence of rows, not {type(rows).__name__}")
        table = [as_vector(row, exact_floats=exact_floats, name=f"{name}[{i}]") for i, row in enumerate(rows)]
        if n_columns is None:
            if not table:
                raise ShapeError(f"{name} has no rows, so its width is unknown; pass n_columns")
            n_columns = len(table[0])
        for index, row in enumerate(table):
            if len(row) != n_columns:
                raise ShapeError(f"{name}: row {index} has {len(row)} entries, expected {n_columns}")
        denominator = math.lcm(*(a.denominator for row in table for a in row))
        numerators = tuple(tuple(a.numerator * (denominator // a.denominator) for a in row) for row in table)
        return cls(numerators, denominator, n_columns)

    @classmethod
    def from_integers(
        cls, numerators: Iterable[Iterable[int]], denominator: int = 1, n_columns: int | None = None
    ) -> RationalMatrix:
        """Return numerators / denominator, reduced; `n_columns` is needed only if there are no rows."""
        table = tuple(tuple(int(a) for a in row) for row in numerators)
        if n_columns is None:
            if not table:
                raise ShapeError("numerators has no rows, so its width is unknown; pass n_columns")
            n_columns = len(table[0])
        return cls(table, int(denominator), n_columns)

    @classmethod
    def from_nonzeros(cls, rows: Iterable[sparse.Row], denominator: int = 1, *, n_columns: int) -> RationalMatrix:
        """Return the matrix with the given nonzero entries: for each row a dictionary column -> numerator.

        The dictionaries must hold no zeros and not be changed afterwards.  The matrix is kept sparse if three quarters
        of it or more are zero.

        >>> A = RationalMatrix.from_nonzeros([{1: 4}, {}], 6, n_columns=2)
        >>> A, A.nonzeros
        (RationalMatrix.from_rows([[0, '2/3'], [0, 0]]), ({1: 2}, {}))
        """
        table = tuple(rows)
        if 4 * sum(map(len, table)) >= len(table) * n_columns:
            return cls(sparse.written_out(table, n_columns), denominator, n_columns)
        divisor = sparse.content(table, denominator)
        self = object.__new__(cls)
        # Without the attribute `numerators`, which __getattr__ supplies on demand.
        self.__dict__.update(
            denominator=denominator // divisor, n_columns=n_columns, nonzeros=sparse.divide(table, divisor)
        )
        return self

    if not TYPE_CHECKING:  # a typed __getattr__ would hide misspelt names from the type checker

        def __getattr__(self, name: str) -> Any:
            """Write the rows out when they are first asked for."""
            if name != "numerators" or "nonzeros" not in self.__dict__:
                raise AttributeError(name)
            if self.n_rows * self.n_columns > _LARGEST_WRITTEN_OUT:
                raise InputError(f"a matrix of size {self._size()} is too large to be written out with its zeros")
            rows = sparse.written_out(self.nonzeros, self.n_columns)
            self.__dict__["numerators"] = rows
            return rows

    @cached_property
    def nonzeros(self) -> sparse.Table:
        """For each row the dictionary column -> numerator of its nonzero entries; shared, so never change it."""
        return tuple({j: a for j, a in enumerate(row) if a} for row in self.numerators)

    @property
    def _is_sparse(self) -> bool:
        """Whether the rows have not been written out."""
        return "numerators" not in self.__dict__

    @classmethod
    def from_fmpz(cls, numerators: flint.fmpz_mat, denominator: int = 1) -> RationalMatrix:
        """Return the FLINT integer matrix divided by `denominator`, reduced."""
        table = tuple(tuple(map(int, row)) for row in numerators.tolist())
        return cls(table, int(denominator), numerators.ncols())

    @classmethod
    def identity(cls, n: int) -> RationalMatrix:
        """Return the n×n identity."""
        if n > _SMALL:
            return cls.from_nonzeros(({i: 1} for i in range(n)), n_columns=n)
        return cls(tuple(tuple(int(i == j) for j in range(n)) for i in range(n)), 1, n)

    @classmethod
    def zeros(cls, n_rows: int, n_columns: int) -> RationalMatrix:
        """Return the zero matrix of that shape."""
        if n_rows > _SMALL or n_columns > _SMALL:
            return cls.from_nonzeros(({},) * n_rows, n_columns=n_columns)
        return cls(((0,) * n_columns,) * n_rows, 1, n_columns)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.nonzeros) if self._is_sparse else len(self.numerators)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self.n_rows, self.n_columns

    @cached_property
    def fmpz(self) -> flint.fmpz_mat:
        """The numerators as a FLINT matrix; shared, so never change it."""
        return flint.fmpz_mat(self.n_rows, self.n_columns, list(chain.from_iterable(self.numerators)))

    @cached_property
    def fmpq(self) -> flint.fmpq_mat:
        """The matrix as a FLINT rational matrix; shared, so never change it."""
        return flint.fmpq_mat(self.fmpz) * flint.fmpq(1, self.denominator)

    def to_fractions(self) -> tuple[Vector, ...]:
        """Return the rows as tuples of fractions."""
        return tuple(tuple(Fraction(a, self.denominator) for a in row) for row in self.numerators)

    def __matmul__(self, other: RationalMatrix) -> RationalMatrix:
        """Matrix product; ShapeError unless the inner dimensions agree."""
        if not isinstance(other, RationalMatrix):
            return NotImplemented
        if self.n_columns != other.n_rows:
            raise ShapeError(f"cannot multiply {self._size()} by {other._size()}")
        if self._is_sparse or other._is_sparse:
            product = sparse.multiply(self.nonzeros, other.nonzeros)
            return RationalMatrix.from_nonzeros(
                product, self.denominator * other.denominator, n_columns=other.n_columns
            )
        return RationalMatrix.from_fmpz(self.fmpz * other.fmpz, self.denominator * other.denominator)

    def __add__(self, other: RationalMatrix) -> RationalMatrix:
        """Entrywise sum; ShapeError unless the shapes agree."""
        if not isinstance(other, RationalMatrix):
            return NotImplemented
        if self.shape != other.shape:
            raise ShapeError(f"cannot add {self._size()} and {other._size()}")
        denominator = math.lcm(self.denominator, other.denominator)
        p, q = denominator // self.denominator, denominator // other.denominator
        if self._is_sparse or other._is_sparse:
            left, right = (sparse.scale(m.nonzeros, [f] * m.n_rows) for m, f in ((self, p), (other, q)))
            return RationalMatrix.from_nonzeros(sparse.add(left, right), denominator, n_columns=self.n_columns)
        rows = zip(self.numerators, other.numerators, strict=True)
        table = tuple(tuple(a * p + b * q for a, b in zip(r, s, strict=True)) for r, s in rows)
        return RationalMatrix(table, denominator, self.n_columns)

    def __sub__(self, other: RationalMatrix) -> RationalMatrix:
        """Entrywise difference; ShapeError unless the shapes agree."""
        return self + (-other) if isinstance(other, RationalMatrix) else NotImplemented

    def __neg__(self) -> RationalMatrix:
        return self * -1

    def __mul__(self, scalar: object) -> RationalMatrix:
        """Multiply by an exact scalar (not by a matrix: that is `@`)."""
        if isinstance(scalar, RationalMatrix):
            return NotImplemented
        factor = as_rational(scalar, name="scalar")
        if self._is_sparse:
            return self.scale_rows([factor] * self.n_rows)
        table = tuple(tuple(a * factor.numerator for a in row) for row in self.numerators)
        return RationalMatrix(table, self.denominator * factor.denominator, self.n_columns)

    __rmul__ = __mul__

    def transpose(self) -> RationalMatrix:
        """Return the n×m transpose."""
        table = tuple(zip(*self.numerators, strict=True)) if self.numerators else ((),) * self.n_columns
        return RationalMatrix(table, self.denominator, self.n_rows)

    def apply(self, vector: Iterable[object]) -> Vector:
        """Return A x for a vector x of n exact numbers; ShapeError if the length is not n."""
        x = self._checked(vector, self.n_columns, "vector")
        common = math.lcm(*(entry.denominator for entry in x))
        whole = [entry.numerator * (common // entry.denominator) for entry in x]
        if self._is_sparse:
            sums = [sum(a * whole[j] for j, a in row.items()) for row in self.nonzeros]
        else:
            sums = [sum(map(mul, row, whole)) for row in self.numerators]
        return tuple(Fraction(total, self.denominator * common) for total in sums)

    def select_rows(self, rows: Sequence[int]) -> RationalMatrix:
        """Return the rows with the given numbers, in that order; a number may be repeated or left out."""
        if self._is_sparse:
            return RationalMatrix.from_nonzeros(
                (self.nonzeros[i] for i in rows), self.denominator, n_columns=self.n_columns
            )
        return RationalMatrix(tuple(self.numerators[i] for i in rows), self.denominator, self.n_columns)

    def select_columns(self, columns: Sequence[int]) -> RationalMatrix:
        """Return the columns with the given numbers, each at most once, in that order."""
        if self._is_sparse:
            place = {j: k for k, j in enumerate(columns)}
            table = ({place[j]: a for j, a in row.items() if j in place} for row in self.nonzeros)
            return RationalMatrix.from_nonzeros(table, self.denominator, n_columns=len(columns))
        return RationalMatrix(
            tuple(tuple(row[j] for j in columns) for row in self.numerators), self.denominator, len(columns)
        )

    def scale_rows(self, factors: Sequence[Fraction]) -> RationalMatrix:
        """Return the rows times one exact factor each; ShapeError unless there is one for every row."""
        if len(factors) != self.n_rows:
            raise ShapeError(f"there are {len(factors)} factors for the rows of a {self._size()} matrix")
        common = math.lcm(*(factor.denominator for factor in factors))
        whole = [factor.numerator * (common // factor.denominator) for factor in factors]
        if self._is_sparse:
            table = sparse.scale(self.nonzeros, whole)
            return RationalMatrix.from_nonzeros(table, self.denominator * common, n_columns=self.n_columns)
        rows = tuple(tuple(k * a for a in row) for k, row in zip(whole, self.numerators, strict=True))
        return RationalMatrix(rows, self.denominator * common, self.n_columns)

    def used_columns(self) -> list[int]:
        """Return the numbers of the columns that are not zero, in increasing order."""
        if self._is_sparse:
            return sorted(set().union(*self.nonzeros))
        return [j for j, column in enumerate(zip(*self.numerators, strict=True)) if any(column)]

    def hstack(self, *others: RationalMatrix) -> RationalMatrix:
        """Return the matrices side by side; ShapeError unless all have the same number of rows."""
        blocks = (self, *others)
        if any(block._is_sparse for block in blocks):
            return self._beside(blocks)
        return self.transpose().vstack(*(other.transpose() for other in others)).transpose()

    def vstack(self, *others: RationalMatrix) -> RationalMatrix:
        """Return the matrices one below the other; ShapeError unless all have the same width."""
        blocks = (self, *others)
        for block in others:
            if block.n_columns != self.n_columns:
                raise ShapeError(f"cannot stack {self._size()} and {block._size()}")
        denominator = math.lcm(*(block.denominator for block in blocks))
        if any(block._is_sparse for block in blocks):
            scaled = [sparse.scale(b.nonzeros, [denominator // b.denominator] * b.n_rows) for b in blocks]
            return RationalMatrix.from_nonzeros(tuple(chain(*scaled)), denominator, n_columns=self.n_columns)
        table = tuple(
            tuple(a * (denominator // block.denominator) for a in row) for block in blocks for row in block.numerators
        )
        return RationalMatrix(table, denominator, self.n_columns)

    @staticmethod
    def _beside(blocks: Sequence[RationalMatrix]) -> RationalMatrix:
        """The blocks side by side, by their nonzero entries."""
        denominator = math.lcm(*(block.denominator for block in blocks))
        tables, start = [], 0
        for block in blocks:
            if block.n_rows != blocks[0].n_rows:
                raise ShapeError(f"cannot stack {blocks[0]._size()} and {block._size()} side by side")
            tables.append(
                sparse.shift(sparse.scale(block.nonzeros, [denominator // block.denominator] * block.n_rows), start)
            )
            start += block.n_columns
        joined = tuple({j: a for row in rows for j, a in row.items()} for rows in zip(*tables, strict=True))
        return RationalMatrix.from_nonzeros(joined, denominator, n_columns=start)

    def rank(self) -> int:
        """Return the rank over Q."""
        return int(self.fmpz.rank()) if self.n_rows and self.n_columns else 0

    def kernel(self) -> RationalMatrix:
        """Return a matrix whose rows are a basis of {x : A x = 0}: integer rows, each with gcd 1.

        >>> RationalMatrix.from_integers([[1, 2, 3]]).kernel().rank()
        2
        """
        n = self.n_columns
        if not self.n_rows or not n:
            return RationalMatrix.identity(n)
        columns, nullity = self.fmpz.nullspace()
        table = columns.transpose().tolist()[:nullity]
        rows = [[int(a) for a in row] for row in table]
        return RationalMatrix(tuple(tuple(a // math.gcd(*row) for a in row) for row in rows), 1, n)

    def solve(self, rhs: Iterable[object]) -> Solution | NoSolution:
        """Decide A x = b: a solution (free variables zero), or multipliers that prove there is none.

        >>> A = RationalMatrix.from_integers([[1, 1], [2, 2]])
        >>> A.solve([1, 2])
        Solution(point=(Fraction(1, 1), Fraction(0, 1)), unique=False)
        >>> y = A.solve([1, 3]).multipliers
        >>> A.transpose().apply(y), y[0] * 1 + y[1] * 3 != 0
        ((Fraction(0, 1), Fraction(0, 1)), True)

        Raises:
            ShapeError: `rhs` has not one entry per row.
        """
        b = self._checked(rhs, self.n_rows, "rhs")
        # Scaling row i by the common denominators leaves integers: numerators · x = b * denominator.
        scale = math.lcm(*(entry.denominator for entry in b))
        right = [entry.numerator * (scale // entry.denominator) * self.denominator for entry in b]
        n = self.n_columns
        flat = [a for row, r in zip(self.numerators, right, strict=True) for a in (*(c * scale for c in row), r)]
        if not self.n_rows:
            return Solution((Fraction(0),) * n, n == 0)
        reduced, pivot_value, rank = flint.fmpz_mat(self.n_rows, n + 1, flat).rref()
        table = reduced.tolist()
        x = [Fraction(0)] * n
        for row in table[:rank]:
            column = next(j for j in range(n + 1) if row[j] != 0)
            if column == n:
                return self._no_solution(b)
            x[column] = Fraction(int(row[n]), int(pivot_value))
        return Solution(tuple(x), rank == n)

    def _no_solution(self, b: Vector) -> NoSolution:
        """Row of the left kernel that does not cancel b; it exists by Fredholm's alternative."""
        for y in self.transpose().kernel().numerators:
            if sum(a * c for a, c in zip(y, b, strict=True)):
                return NoSolution(tuple(map(Fraction, y)))
        raise InvariantError("rank and left kernel disagree")

    def _checked(self, vector: Iterable[object], length: int, name: str) -> Vector:
        """The vector as exact numbers, of the right length."""
        x = as_vector(vector, name=name)
        if len(x) != length:
            raise ShapeError(f"{name} has {len(x)} entries, expected {length} for a {self._size()} matrix")
        return x

    def _size(self) -> str:
        return f"{self.n_rows}×{self.n_columns}"

    def __reduce__(self) -> tuple[Callable[..., RationalMatrix], tuple[object, ...]]:
        """Pickle the integers only: FLINT matrices in the cache cannot cross a process border."""
        if self._is_sparse:
            return _from_nonzeros, (self.nonzeros, self.denominator, self.n_columns)
        return RationalMatrix, (self.numerators, self.denominator, self.n_columns)

    def __repr__(self) -> str:
        rows = [[format_rational(a) for a in row] for row in self.to_fractions()]
        shown = [[a if "/" not in a else repr(a) for a in row] for row in rows]
        body = "[" + ", ".join("[" + ", ".join(row) + "]" for row in shown) + "]"
        width = "" if rows else f", n_columns={self.n_columns}"
        return f"RationalMatrix.from_rows({body}{width})"

    def _repr_latex_(self) -> str:
        rows = (" & ".join(_latex(a) for a in row) for row in self.to_fractions())
        return r"$\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}$"


def _from_nonzeros(table: sparse.Table, denominator: int, n_columns: int) -> RationalMatrix:
    """Restore a pickled sparse matrix."""
    return RationalMatrix.from_nonzeros(table, denominator, n_columns=n_columns)


def _latex(value: Fraction) -> str:
    """A rational in LaTeX, the sign before the fraction bar."""
    if value.denominator == 1:
        return format_rational(value)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{format_rational(Fraction(abs(value.numerator)))}}}{{{value.denominator}}}"


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """Return the inner product of two vectors of the same length.

    >>> dot((Fraction(1, 2), Fraction(3)), (Fraction(4), Fraction(1)))
    Fraction(5, 1)
    """
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))
