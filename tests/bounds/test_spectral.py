"""Rational enclosures of spectral norms: narrow, proved, and their evidence checked."""

from __future__ import annotations

import dataclasses
import random
from fractions import Fraction

import pytest

from exactrelu.bounds.norms import decide_spectral_norm_at_most, spectral_norm_squared
from exactrelu.bounds.spectral import SpectralEnclosure, enclose_spectral_norm
from exactrelu.errors import InputError
from exactrelu.exact.definiteness import Indefinite, PositiveSemidefinite
from exactrelu.exact.matrices import RationalMatrix


def random_matrix(chance: random.Random, rows: int, columns: int, size: int = 9) -> RationalMatrix:
    return RationalMatrix.from_integers(
        [[chance.randint(-size, size) for _ in range(columns)] for _ in range(rows)], chance.randint(1, 9)
    )


@pytest.mark.parametrize("shape", [(7, 7), (7, 12), (15, 8), (10, 10)])
@pytest.mark.parametrize("width", [Fraction(1, 100), Fraction(1, 10**9)])
def test_both_ends_by_the_exact_decision(shape: tuple[int, int], width: Fraction) -> None:
    """The independent semidefinite decision confirms the upper end and refutes the lower one, less a grain."""
    matrix = random_matrix(random.Random(sum(shape)), *shape)
    found = enclose_spectral_norm(matrix, width)
    assert found.factor is not None
    assert found.defect(matrix) is None
    assert found.upper - found.lower <= width
    assert isinstance(decide_spectral_norm_at_most(matrix, found.upper), PositiveSemidefinite)
    assert isinstance(decide_spectral_norm_at_most(matrix, found.lower - Fraction(1, 10**12)), Indefinite)


def test_widths_beyond_floats() -> None:
    """Where 53 bits cannot tell, the algebraic number decides and the width is met all the same."""
    matrix = random_matrix(random.Random(3), 7, 7)
    found = enclose_spectral_norm(matrix, Fraction(1, 10**40))
    assert found.norm is not None
    assert found.defect(matrix) is None
    assert found.upper - found.lower <= Fraction(1, 10**40)


@pytest.mark.parametrize("scale", [10**400, Fraction(1, 10**400)])
def test_huge_and_tiny_entries(scale: Fraction) -> None:
    """Entries that no float can hold."""
    small = random_matrix(random.Random(4), 8, 8)
    matrix = RationalMatrix.from_rows([[scale * a for a in row] for row in small.to_fractions()])
    found = enclose_spectral_norm(matrix, scale * Fraction(1, 10**6))
    assert found.factor is not None
    assert found.defect(matrix) is None


def test_degenerate_matrices() -> None:
    """Rank one, repeated singular values, zero, no rows."""
    ones = RationalMatrix.from_integers([[1] * 8] * 8)
    identity = RationalMatrix.identity(9)
    zero = RationalMatrix.zeros(8, 8)
    for matrix, norm in ((ones, 8), (identity, 1), (zero, 0), (RationalMatrix.zeros(0, 8), 0)):
        found = enclose_spectral_norm(matrix, Fraction(1, 1000))
        assert found.defect(matrix) is None
        assert found.lower <= norm <= found.upper
        assert spectral_norm_squared(matrix) == norm * norm


def test_tampered_evidence_is_noticed() -> None:
    """Ends moved inwards, a zero vector, a factor of another matrix, missing or wrong numbers."""
    matrix = random_matrix(random.Random(5), 8, 8)
    found = enclose_spectral_norm(matrix, Fraction(1, 1000))
    assert found.factor is not None
    for change in (
        {"lower": found.upper},
        {"upper": found.lower - 1},
        {"vector": (Fraction(0),) * 8},
        {"factor": RationalMatrix.zeros(8, 8)},
        {"factor": RationalMatrix.zeros(7, 7)},
        {"vector": None},
    ):
        assert dataclasses.replace(found, **change).defect(matrix) is not None
    small = RationalMatrix.from_integers([[1, 1], [0, 1]])
    exact = enclose_spectral_norm(small, Fraction(1, 8))
    assert exact.defect(small) is None
    assert exact.defect(RationalMatrix.identity(2)) is not None
    assert dataclasses.replace(exact, upper=exact.lower).defect(small) is not None
    assert SpectralEnclosure(Fraction(0), Fraction(1)).defect(small) is not None


def test_refusal() -> None:
    """The width must be positive."""
    with pytest.raises(InputError, match="positive"):
        enclose_spectral_norm(RationalMatrix.identity(2), Fraction(0))
