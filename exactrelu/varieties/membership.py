"""Testing outputs: does a concrete output lie on the known equations, and if not, which number proves it?

A violation is a certificate: a minor of a certified constraint, or a generator, that does not vanish at the
outputs.  It proves that *no* parameters of the architecture give these outputs with these patterns, and a reader
can recompute it from the outputs alone. The converse is not claimed: an output that passes lies on the zero set of
the known equations, which may be larger than the variety, and points of the variety need not be outputs of
parameters in the activation region.

The order is that of cost: linear relations, ranks, then explicit generators.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.constraints import Minor, RankConstraint, as_outputs
from exactrelu.varieties.generators import GeneratorSet

__all__ = ["OnKnownEquations", "RankViolation", "ValueViolation", "check_outputs", "evaluate_polynomial"]


@dataclass(frozen=True, slots=True)
class OnKnownEquations:
    """The outputs satisfy all the equations tried: this many constraints and generators."""

    n_constraints: int
    n_generators: int


@dataclass(frozen=True, slots=True)
class RankViolation:
    """A minor of a certified constraint that does not vanish at the outputs.

    minor: rows and columns of the constraint's matrix; submatrix: its entries there; value: their determinant.
    """

    constraint: RankConstraint
    minor: Minor
    submatrix: RationalMatrix
    value: Fraction

    def defect(self, outputs: Sequence[RationalMatrix]) -> str | None:
        """Return why this does not refute the outputs, or None; recomputes the minor from them."""
        if not self.constraint.certified:
            return "the constraint is observed, not proved"
        if len(self.minor.rows) != self.constraint.degree or len(self.minor.columns) != self.constraint.degree:
            return "the minor does not have the size of the constraint"
        table = self.constraint.matrix(outputs).to_fractions()
        rows = [[table[i][j] for j in self.minor.columns] for i in self.minor.rows]
        value = _determinant(rows)
        if value != self.value:
            return f"the minor is {value}, not {self.value}"
        return None if value else "the minor vanishes"


@dataclass(frozen=True, slots=True)
class ValueViolation:
    """A verified equation that does not vanish at the outputs."""

    polynomial: Any
    value: Fraction


def check_outputs(
    blocks: Blocks,
    outputs: Sequence[RationalMatrix | Sequence[Sequence[object]]],
    constraints: Iterable[RankConstraint],
    generators: GeneratorSet | None = None,
) -> OnKnownEquations | RankViolation | ValueViolation:
    """Test outputs Y_1, ..., Y_k (block matrices without inputs) against certified constraints and generators.

    Raises:
        ShapeError: the outputs do not have the blocks' sizes.
        InputError, InexactNumberError: an entry is not an exact number.

    >>> from exactrelu.varieties.families import constraints_of
    >>> blocks = Blocks.of((2, 1, 2), "1")
    >>> answer = check_outputs(blocks, [RationalMatrix.from_rows([[1, 2], [3, 7]])], constraints_of(blocks))
    >>> answer.constraint.form, answer.minor, answer.value
    ('M1', Minor(rows=(0, 1), columns=(0, 1)), Fraction(1, 1))
    >>> check_outputs(blocks, [RationalMatrix.from_rows([[1, 2], [3, 6]])], constraints_of(blocks))
    OnKnownEquations(n_constraints=1, n_generators=0)
    """
    matrices = as_outputs(blocks, outputs)
    n_constraints = n_generators = 0
    for constraint in constraints:
        if not constraint.certified:
            continue
        n_constraints += 1
        found = constraint.violated_minor(matrices)
        if found is not None:
            minor, submatrix = found
            return RankViolation(constraint, minor, submatrix, _determinant(submatrix.to_fractions()))
    if generators is not None:
        point = _flat(blocks, matrices)
        for polynomial in (*generators.linear_polynomials(), *generators.iter_polynomials()):
            n_generators += 1
            value = evaluate_polynomial(polynomial, point)
            if value:
                return ValueViolation(polynomial, value)
    return OnKnownEquations(n_constraints, n_generators)


def evaluate_polynomial(polynomial: Any, point: Sequence[Fraction]) -> Fraction:
    """Return the value of a `flint.fmpz_mpoly` at a rational point, one number per variable.

    Raises:
        InputError: another number of values than variables.
    """
    if polynomial.context().nvars() != len(point):
        raise InputError(f"{len(point)} values for a polynomial in {polynomial.context().nvars()} variables")
    total = Fraction(0)
    for exponents, coefficient in polynomial.to_dict().items():
        term = Fraction(int(coefficient))
        for value, power in zip(point, exponents, strict=True):
            if power:
                term *= value ** int(power)
        total += term
    return total


def _flat(blocks: Blocks, outputs: Sequence[RationalMatrix]) -> list[Fraction]:
    """Entries of [Y_1 | ... | Y_k] row by row, the order of `variable_names`."""
    tables = [matrix.to_fractions() for matrix in outputs]
    return [entry for r in range(blocks.architecture.n_outputs) for table in tables for entry in table[r]]


def _determinant(rows: Sequence[Sequence[Fraction]]) -> Fraction:
    """Determinant by elimination over Q."""
    table = [list(row) for row in rows]
    value = Fraction(1)
    for column in range(len(table)):
        pivot = next((r for r in range(column, len(table)) if table[r][column]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != column:
            table[column], table[pivot] = table[pivot], table[column]
            value = -value
        value *= table[column][column]
        for r in range(column + 1, len(table)):
            factor = table[r][column] / table[column][column]
            table[r] = [a - factor * b for a, b in zip(table[r], table[column], strict=True)]
    return value
