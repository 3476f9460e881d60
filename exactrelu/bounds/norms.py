"""Operator norms of rational matrices, exactly.

    norm "1"   : max over columns of the sum of absolute values       (rational)
    norm "inf" : max over rows of the sum of absolute values          (rational)
    norm "2"   : square root of the largest eigenvalue of A^T A       (algebraic)

A bound on the 2-norm needs no root at all: ||A|| <= B iff B^2 I - A^T A is positive semidefinite
(`decide_spectral_norm_at_most`, with evidence).  A matrix without rows or columns has norm 0.
"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from exactrelu.bounds.algebraic import AlgebraicNumber, largest_real_root
from exactrelu.errors import InputError
from exactrelu.exact.definiteness import Indefinite, PositiveSemidefinite, decide_positive_semidefinite
from exactrelu.exact.matrices import RationalMatrix

__all__ = [
    "ExactNumber",
    "Norm",
    "decide_spectral_norm_at_most",
    "enclose",
    "operator_norm",
    "spectral_norm_squared",
]

ExactNumber = Fraction | AlgebraicNumber


class Norm(Enum):
    """The vector norm used on both sides.

    Example:
        >>> Norm.of("inf") is Norm.INFINITY
        True
    """

    ONE = "1"
    TWO = "2"
    INFINITY = "inf"

    @classmethod
    def of(cls, value: Norm | str | int) -> Norm:
        """Return the norm of that name; InputError names the three."""
        try:
            return cls(str(value) if isinstance(value, int) else value)
        except ValueError:
            raise InputError(f"norm must be '1', '2' or 'inf'; got {value!r}") from None


def operator_norm(matrix: RationalMatrix, norm: Norm | str | int) -> ExactNumber:
    """Return max ||A v|| / ||v||: a Fraction for norms 1 and inf, an AlgebraicNumber for norm 2.

    Raises:
        InputError: an unknown norm.

    Example:
        >>> shear = RationalMatrix.from_integers([[1, 1], [0, 1]])
        >>> operator_norm(shear, "inf"), operator_norm(shear, 2).decimal(6)
        (Fraction(2, 1), '1.618033')
    """
    chosen = Norm.of(norm)
    if chosen is Norm.TWO:
        return spectral_norm_squared(matrix).square_root()
    lines = matrix.numerators if chosen is Norm.INFINITY else matrix.transpose().numerators
    return Fraction(max((sum(map(abs, line)) for line in lines), default=0), matrix.denominator)


def spectral_norm_squared(matrix: RationalMatrix) -> AlgebraicNumber:
    """Return the largest eigenvalue of A^T A, the square of the 2-norm.

    Cost: a characteristic polynomial of the smaller side and its factorisation; rational at once for one row or column.

    Example:
        >>> spectral_norm_squared(RationalMatrix.from_integers([[2, 1]])).rational
        Fraction(5, 1)
    """
    if not matrix.n_rows or not matrix.n_columns:
        return AlgebraicNumber.of_rational(0)
    gram = _gram(matrix)
    if gram.n_rows == 1:
        return AlgebraicNumber.of_rational(Fraction(gram.numerators[0][0], gram.denominator))
    characteristic = gram.fmpz.charpoly()
    root = largest_real_root([int(c) for c in characteristic.coeffs()])
    return root.scaled(Fraction(1, gram.denominator)) if gram.denominator > 1 else root


def decide_spectral_norm_at_most(matrix: RationalMatrix, bound: Fraction) -> PositiveSemidefinite | Indefinite:
    """Decide ||A||_2 <= bound for bound >= 0, with the evidence of `exactrelu.exact.definiteness`.

    `Indefinite.vector` is a v with ||A v|| > bound ||v|| (of A^T if A has fewer rows than columns).

    Raises:
        InputError: a negative bound.
    """
    if bound < 0:
        raise InputError(f"bound is {bound}; a norm is compared with a nonnegative number")
    gram = _gram(matrix)
    scale = bound * bound
    n = gram.n_rows
    square = RationalMatrix.from_rows([[scale * int(i == j) for j in range(n)] for i in range(n)], n_columns=n)
    return decide_positive_semidefinite(square - gram)


def enclose(value: ExactNumber, width: Fraction) -> tuple[Fraction, Fraction]:
    """Return lower <= value <= upper with upper - lower <= width."""
    return value.enclosure(width) if isinstance(value, AlgebraicNumber) else (value, value)


def _gram(matrix: RationalMatrix) -> RationalMatrix:
    """A^T A or A A^T, whichever is smaller: both have the same non-zero eigenvalues."""
    other = matrix.transpose()
    return matrix @ other if matrix.n_rows <= matrix.n_columns else other @ matrix
