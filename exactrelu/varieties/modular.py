"""Linear algebra modulo primes: the fast side of every rank that is later certified or called probabilistic.

`PRIME` = 2^61 - 1 is for single matrices (python-flint `nmod_mat`), `SMALL_PRIME` = 2^31 - 1 and the primes below
it for arrays: the product of two residues fits an unsigned 64-bit integer, so NumPy multiplies whole batches of
points without overflow.

A rank modulo p is a lower bound for the rank over Q of any integer matrix with that residue; equality fails only
for primes that divide certain minors.  Nothing here claims more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import isqrt
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PRIME",
    "SMALL_PRIME",
    "ModArray",
    "left_kernel",
    "matmul_mod",
    "nmod_matrix",
    "rank_mod",
    "rational_reconstruction",
    "right_kernel",
    "smaller_primes",
]

PRIME = (1 << 61) - 1
SMALL_PRIME = (1 << 31) - 1

ModArray = NDArray[np.uint64]


def nmod_matrix(rows: Sequence[Sequence[int]], n_columns: int, modulus: int = PRIME) -> Any:
    """Return the FLINT matrix of residues of integer rows."""
    return flint.nmod_mat(len(rows), n_columns, [a % modulus for a in chain.from_iterable(rows)], modulus)


def rank_mod(rows: Sequence[Sequence[int]], modulus: int = PRIME) -> int:
    """Return the rank of integer rows modulo a prime; 0 for no rows or no columns.

    >>> rank_mod([[1, 2], [2, 4]])
    1
    """
    if not rows or not len(rows[0]):
        return 0
    return int(nmod_matrix(rows, len(rows[0]), modulus).rank())


def right_kernel(rows: Sequence[Sequence[int]], n_columns: int, modulus: int = PRIME) -> list[list[int]]:
    """Return a basis (as rows) of {x : A x = 0} modulo a prime."""
    if not rows:
        return [[int(i == j) for j in range(n_columns)] for i in range(n_columns)]
    if not n_columns:
        return []
    columns, nullity = nmod_matrix(rows, n_columns, modulus).nullspace()
    return [[int(a) for a in row] for row in columns.transpose().tolist()[: int(nullity)]]


def left_kernel(rows: Sequence[Sequence[int]], modulus: int = PRIME) -> list[list[int]]:
    """Return a basis (as rows) of {y : y A = 0} modulo a prime."""
    return right_kernel([list(column) for column in zip(*rows, strict=True)], len(rows), modulus)


def smaller_primes(count: int) -> Iterator[int]:
    """Yield the largest primes below 2^31 - 1.

    >>> list(smaller_primes(2))
    [2147483629, 2147483587]
    """
    candidate, found = SMALL_PRIME, 0
    while found < count:
        candidate -= 2
        if flint.fmpz(candidate).is_prime():
            found += 1
            yield candidate


def matmul_mod(left: ModArray, right: ModArray, modulus: int) -> ModArray:
    """Multiply batches (..., a, b) and (..., b, c) of residues below 2^31; sums are reduced at every step."""
    p = np.uint64(modulus)
    total = np.zeros(
        (*np.broadcast_shapes(left.shape[:-2], right.shape[:-2]), left.shape[-2], right.shape[-1]), np.uint64
    )
    for inner in range(left.shape[-1]):
        # Each product is below 2^62; reducing before adding keeps the sum below 2^63.
        total += left[..., :, inner, None] * right[..., None, inner, :] % p
        total %= p
    return total


def rational_reconstruction(residue: int, modulus: int) -> tuple[int, int] | None:
    """Return the fraction a/b with |a|, b <= sqrt(modulus/2) and a = b * residue, or None; it is unique if it exists.

    >>> rational_reconstruction(pow(3, -1, 101) * 2 % 101, 101)
    (2, 3)
    """
    bound = isqrt(modulus // 2)
    previous, current = (modulus, 0), (residue % modulus, 1)
    while current[0] > bound:
        quotient = previous[0] // current[0]
        previous, current = current, (previous[0] - quotient * current[0], previous[1] - quotient * current[1])
    numerator, denominator = current
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if not 0 < denominator <= bound:
        return None
    return numerator, denominator
