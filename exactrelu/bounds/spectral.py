"""Rational enclosures of spectral norms of large matrices, with evidence, where minimal polynomials would cost too
much.

    lower: a rational vector v with lower^2 ||v||^2 <= ||A v||^2
    upper: a rational matrix F such that T = upper^2 I - A^T A - F F^T is diagonally dominant, T_ii >= sum_{j != i}
        |T_ij|

Then T is positive semidefinite (Gershgorin), hence so is upper^2 I - A^T A, which says ||A|| <= upper.  Both are
checked by matrix products over Z.  Floats only propose: v from a singular value decomposition, F from a Cholesky
factorisation, both cut to short dyadic numbers.  Where they are too poor for the width asked, or the matrix is small,
the algebraic number decides instead.

Cost: a few integer matrix products of the size of A; for 64×64 some hundredths of a second, where the root of the
characteristic polynomial takes minutes. Source: own; approximate factorisations as proofs of definiteness are in Rump,
*Verification of positive definiteness* (2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactrelu.bounds.algebraic import AlgebraicNumber
from exactrelu.bounds.norms import spectral_norm_squared
from exactrelu.errors import InputError
from exactrelu.exact.enclosures import FloatArray
from exactrelu.exact.matrices import RationalMatrix, dot

__all__ = ["SpectralEnclosure", "enclose_spectral_norm"]

_ALGEBRAIC_UP_TO = 6
_BITS = 40


@dataclass(frozen=True, slots=True)
class SpectralEnclosure:
    """lower <= ||A||_2 <= upper.

    Evidence: `vector` for lower and `factor` for upper, as in the module's description; or `norm`, the number itself.
    """

    lower: Fraction
    upper: Fraction
    vector: tuple[Fraction, ...] | None = None
    factor: RationalMatrix | None = None
    norm: AlgebraicNumber | None = None

    def defect(self, matrix: RationalMatrix) -> str | None:
        """Return why the evidence does not prove both ends, or None."""
        if self.norm is not None:
            if self.norm.power(2) != spectral_norm_squared(matrix):
                return "the algebraic number is not the norm"
            return None if self.lower <= self.norm <= self.upper else "the norm is not between the ends"
        if self.vector is None or self.factor is None:
            return "the evidence is missing"
        image = matrix.apply(self.vector)
        if self.lower < 0 or self.lower**2 * dot(self.vector, self.vector) > dot(image, image):
            return "the vector is not stretched enough"
        if not any(self.vector):
            return "the vector is zero"
        gram = _small_gram(matrix)
        if self.factor.n_rows != gram.n_rows:
            return "the factor has another size"
        excess = _excess(gram, self.factor)
        return None if self.upper >= 0 and self.upper**2 >= excess else "the rest is not diagonally dominant"


def enclose_spectral_norm(matrix: RationalMatrix, width: Fraction) -> SpectralEnclosure:
    """Return an enclosure of ||A||_2 of at most the given width, with evidence.

    Raises:
        InputError: a width that is not positive.

    Example:
        >>> shear = RationalMatrix.from_integers([[1, 1], [0, 1]])
        >>> enclosure = enclose_spectral_norm(shear, Fraction(1, 4))
        >>> enclosure.lower <= Fraction(1618, 1000) <= enclosure.upper, enclosure.norm.polynomial
        (True, (-1, -1, 1))
    """
    if width <= 0:
        raise InputError(f"width is {width}; a positive number is needed")
    if min(matrix.shape) > _ALGEBRAIC_UP_TO and any(map(any, matrix.numerators)):
        found = _by_proposal(matrix, width)
        if found is not None:
            return found
    norm = spectral_norm_squared(matrix).square_root()
    return SpectralEnclosure(*norm.enclosure(width), norm=norm)


def _by_proposal(matrix: RationalMatrix, width: Fraction) -> SpectralEnclosure | None:
    """An enclosure around what floats propose, or None if exact arithmetic does not confirm the width."""
    v = tuple(map(Fraction, _leading_vector(matrix)))
    image = matrix.apply(v)
    square = dot(image, image) / dot(v, v)
    step = width / 4
    lower = _root(square, step)
    gram = _small_gram(matrix)
    factor = _proposed_factor(gram, (lower + 2 * step) ** 2)
    if factor is None:
        return None
    upper = _root(_excess(gram, factor), step) + step
    return SpectralEnclosure(lower, upper, v, factor) if upper - lower <= width else None


def _leading_vector(matrix: RationalMatrix) -> list[int]:
    """Integers close to a multiple of the leading right singular vector."""
    direction = np.linalg.svd(_scaled_floats(matrix), full_matrices=False)[2][0]
    return [round(float(x) * (1 << _BITS)) for x in direction]


def _proposed_factor(gram: RationalMatrix, square: Fraction) -> RationalMatrix | None:
    """A short dyadic matrix F with F F^T close to square · I - gram; None if floats find the latter indefinite."""
    n = gram.n_rows
    difference = RationalMatrix.from_rows([[square * int(i == j) for j in range(n)] for i in range(n)]) - gram
    # Divided by a power of four near its size: no float overflows, and the divisor has an exact root.
    largest = max(abs(a) for row in difference.numerators for a in row)
    exponent = (largest.bit_length() - difference.denominator.bit_length()) // 2
    divisor = Fraction(4) ** exponent
    small = [[entry / divisor for entry in row] for row in difference.to_fractions()]
    table = np.array([[float(entry) for entry in row] for row in small])
    try:
        lower = np.linalg.cholesky(table)
    except np.linalg.LinAlgError:
        return None
    unit = Fraction(2) ** (exponent - _BITS)
    return RationalMatrix.from_rows([[round(float(x) * (1 << _BITS)) * unit for x in row] for row in lower])


def _excess(gram: RationalMatrix, factor: RationalMatrix) -> Fraction:
    """The least t such that t I - gram - F F^T is diagonally dominant: max_i of sum_j |gram + F F^T|_ij, diagonal
    signed."""
    total = gram + factor @ factor.transpose()
    rows = (row[i] + sum(map(abs, row)) - abs(row[i]) for i, row in enumerate(total.numerators))
    return Fraction(max(rows), total.denominator)


def _scaled_floats(matrix: RationalMatrix) -> FloatArray:
    """The matrix divided by its largest entry, as floats."""
    largest = max(abs(a) for row in matrix.numerators for a in row)
    return np.array([[((a << 60) // largest) / 2.0**60 for a in row] for row in matrix.numerators], dtype=np.float64)


def _small_gram(matrix: RationalMatrix) -> RationalMatrix:
    """A A^T or A^T A, whichever is smaller: both have the same norm."""
    other = matrix.transpose()
    return matrix @ other if matrix.n_rows <= matrix.n_columns else other @ matrix


def _root(value: Fraction, width: Fraction) -> Fraction:
    """A rational r with 0 <= r <= sqrt(value) < r + width."""
    scale = math.ceil(1 / width)
    return Fraction(math.isqrt(math.floor(value * scale * scale)), scale)
