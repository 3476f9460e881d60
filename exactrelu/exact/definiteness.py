"""Positive semidefiniteness of a symmetric rational matrix, with evidence either way.

A is positive semidefinite iff v^T A v >= 0 for all v.  Evidence for yes: A = L D L^T with L unit lower triangular and D
diagonal, D >= 0.  Evidence for no: one vector v with v^T A v < 0.  Both can be checked by multiplication.  Spectral
norms are compared this way, without a square root: norm(A) <= B iff B^2 I - A^T A is positive semidefinite.

Method: symmetric elimination in the given order; the invariant is A = L (D ⊕ S) L^T with S the remaining (Schur)
block.  No pivoting is needed: a zero on the diagonal of S with a non-zero entry in its row already refutes.
Cost: n^3 / 6 rational operations, on numbers of the size of A's minors.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import flint

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix

__all__ = ["Indefinite", "PositiveSemidefinite", "decide_positive_semidefinite"]


@dataclass(frozen=True, slots=True)
class PositiveSemidefinite:
    """Proof that A is positive semidefinite: A = lower · diag(diagonal) · lower^T, all of `diagonal` >= 0."""

    lower: RationalMatrix
    diagonal: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Indefinite:
    """Proof that A is not positive semidefinite: v^T A v < 0 for v = `vector`."""

    vector: tuple[Fraction, ...]


def decide_positive_semidefinite(matrix: RationalMatrix) -> PositiveSemidefinite | Indefinite:
    """Decide whether v^T A v >= 0 for every v; the empty matrix is positive semidefinite.

    Raises:
        ShapeError: the matrix is not square.
        InputError: the matrix is not symmetric.

    >>> decide_positive_semidefinite(RationalMatrix.from_integers([[1, 1], [1, 1]])).diagonal
    (Fraction(1, 1), Fraction(0, 1))
    >>> decide_positive_semidefinite(RationalMatrix.from_integers([[1, 2], [2, 1]]))
    Indefinite(vector=(Fraction(-2, 1), Fraction(1, 1)))
    """
    n = matrix.n_rows
    if n != matrix.n_columns:
        raise ShapeError(f"matrix is {n}×{matrix.n_columns}; a square one is needed")
    if matrix.transpose() != matrix:
        raise InputError("matrix is not symmetric; v^T A v depends on (A + A^T)/2 only, so pass that")
    block = [[flint.fmpq(a, matrix.denominator) for a in row] for row in matrix.numerators]
    lower = [[flint.fmpq(int(i == j)) for j in range(n)] for i in range(n)]
    diagonal: list[flint.fmpq] = []
    for k in range(n):
        pivot = block[k][k]
        other = next((j for j in range(k + 1, n) if block[j][k] != 0), None)
        if pivot < 0 or (pivot == 0 and other is not None):
            vector = [flint.fmpq(0)] * n
            vector[k] = flint.fmpq(1)
            if pivot == 0 and other is not None:
                # (t e_k + e_j)^T S (t e_k + e_j) = 2 t S_jk + S_jj, made equal to -1.
                vector[other] = flint.fmpq(1)
                vector[k] = -(block[other][other] + 1) / (2 * block[other][k])
            return Indefinite(_pull_back(lower, vector, k))
        diagonal.append(pivot)
        if other is None:
            continue
        for i in range(k + 1, n):
            factor = block[i][k] / pivot
            lower[i][k] = factor
            if factor != 0:
                # Only the lower triangle is kept: the Schur block stays symmetric.
                for j in range(k + 1, i + 1):
                    block[i][j] -= factor * block[j][k]
    rows = [[_fraction(a) for a in row] for row in lower]
    return PositiveSemidefinite(RationalMatrix.from_rows(rows, n_columns=n), tuple(map(_fraction, diagonal)))


def _pull_back(lower: list[list[flint.fmpq]], vector: list[flint.fmpq], k: int) -> tuple[Fraction, ...]:
    """Solve L^T v = w, where only the first k columns of L are filled: then v^T A v = w^T S w."""
    for i in reversed(range(k)):
        vector[i] = -sum((lower[j][i] * vector[j] for j in range(i + 1, len(vector))), flint.fmpq(0))
    return tuple(map(_fraction, vector))


def _fraction(value: flint.fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))
