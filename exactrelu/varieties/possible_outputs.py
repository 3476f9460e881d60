"""What known outputs say about the output at another input that has the pattern of one of the blocks.

Let y* be the unknown output at x*, assumed to have the pattern of block i.  Every certified constraint of the
blocks with x* added is a matrix that is affine in y*.  On the combinations of columns in which y* cancels it is
known; if these already have the full rank that the constraint allows, then all other columns lie in their span,
which is a linear condition on y* for every left null vector. If x* is a combination of the block's inputs this
determines y*.  Constraints that do not give linear conditions remain, as polynomial equations on what is left.

All of it is linear algebra over Q.  The conclusion is: *if* the pattern at x* is that of block i, y* lies in the
affine space returned, and on the residual equations.  An empty affine space refutes the assumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import flint

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import NoSolution, RationalMatrix, Vector
from exactrelu.exact.rationals import as_vector
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.constraints import RankConstraint, as_outputs, polynomial_determinant
from exactrelu.varieties.families import constraints_of
from exactrelu.varieties.flattenings import Flattening
from exactrelu.varieties.membership import RankViolation, check_outputs

__all__ = ["PossibleOutputs", "constrain_test_point"]


@dataclass(frozen=True)
class PossibleOutputs:
    """The affine space of possible outputs at a test point, and the constraints that are not exhausted by it.

    origin: a point of it, or None if it is empty; directions: a basis of its direction space (rows); used:
    constraints that gave linear conditions; residual: those that may still restrict it, as constraints of the
    blocks with the test point added.
    """

    origin: Vector | None
    directions: RationalMatrix
    used: tuple[RankConstraint, ...]
    residual: tuple[RankConstraint, ...]
    known: tuple[RationalMatrix, ...]
    block: int

    @property
    def is_determined(self) -> bool:
        """Whether the output is known."""
        return self.origin is not None and not self.directions.n_rows

    @property
    def is_empty(self) -> bool:
        """Whether no output is possible, so that the test point does not have the pattern."""
        return self.origin is None

    def contains(self, output: Iterable[object]) -> bool:
        """Whether an output is in the affine space and satisfies the residual constraints."""
        value = as_vector(output, name="output")
        if self.origin is None:
            return False
        if len(value) != len(self.origin):
            raise ShapeError(f"output has {len(value)} entries; the network has {len(self.origin)} outputs")
        difference = [a - b for a, b in zip(value, self.origin, strict=True)]
        if self.directions.n_rows:
            inside = not isinstance(self.directions.transpose().solve(difference), NoSolution)
        else:
            inside = not any(difference)
        outputs = _with_column(self.known, self.block, value)
        return inside and all(constraint.holds_at(outputs) for constraint in self.residual)

    def iter_residual_polynomials(self) -> Iterator[Any]:
        """Yield the nonzero residual equations in t0, t1, ...: output = origin + sum t_i directions[i].

        The number of minors may be large; take as many as needed.
        """
        if self.origin is None or not self.directions.n_rows:
            return
        names = [f"t{i}" for i in range(self.directions.n_rows)]
        context = flint.fmpq_mpoly_ctx.get(names, flint.Ordering.degrevlex)
        one = context.constant(1)
        base = [c.matrix(_with_column(self.known, self.block, self.origin)).to_fractions() for c in self.residual]
        for constraint, start in zip(self.residual, base, strict=True):
            table = [[one * flint.fmpq(a.numerator, a.denominator) for a in row] for row in start]
            for variable, direction in zip(context.gens(), self.directions.to_fractions(), strict=True):
                shifted = tuple(a + b for a, b in zip(self.origin, direction, strict=True))
                moved = constraint.matrix(_with_column(self.known, self.block, shifted)).to_fractions()
                for row, (before, after) in zip(table, zip(start, moved, strict=True), strict=True):
                    for j, (a, b) in enumerate(zip(before, after, strict=True)):
                        row[j] = row[j] + variable * flint.fmpq((b - a).numerator, (b - a).denominator)
            for rows in combinations(range(len(table)), constraint.degree):
                for columns in combinations(range(len(table[0])), constraint.degree):
                    value = polynomial_determinant([[table[i][j] for j in columns] for i in rows], one)
                    if value != 0:
                        yield value


def constrain_test_point(
    blocks: Blocks,
    outputs: Sequence[RationalMatrix | Sequence[Sequence[object]]],
    point: Iterable[object],
    block: int,
) -> PossibleOutputs | RankViolation:
    """Return the possible outputs at a point that has the pattern of a block, given the outputs at the blocks' inputs.

    Args:
        blocks: with inputs.
        outputs: Y_1, ..., Y_k.
        point: n_0 exact numbers.
        block: number of the block whose pattern the point has, from 0.

    Returns:
        The affine space; or, if the known outputs contradict the patterns by themselves, the violated minor.

    Raises:
        InputError: blocks without inputs, or no such block.
        ShapeError: outputs or point of other sizes.

    >>> blocks = Blocks.of((2, 1, 2), "1", inputs=[[[1], [0]]])
    >>> answer = constrain_test_point(blocks, [RationalMatrix.from_rows([[1], [2]])], [0, 1], 0)
    >>> answer.origin, answer.directions
    ((Fraction(0, 1), Fraction(0, 1)), RationalMatrix.from_rows([[1, 2]]))
    """
    if blocks.inputs is None:
        raise InputError("the blocks have no inputs; a test point needs known outputs at inputs")
    if not 0 <= block < blocks.n_blocks:
        raise InputError(f"block is {block}; there are {blocks.n_blocks} blocks, numbered from 0")
    x = as_vector(point, name="point")
    if len(x) != blocks.architecture.widths[0]:
        raise ShapeError(f"point has {len(x)} coordinates; the network takes {blocks.architecture.widths[0]}")
    given = as_outputs(blocks, outputs)
    contradiction = check_outputs(blocks, given, constraints_of(blocks))
    if isinstance(contradiction, RankViolation):
        return contradiction
    column = RationalMatrix.from_rows([[a] for a in x])
    inputs = tuple(m.hstack(column) if i == block else m for i, m in enumerate(blocks.inputs))
    extended = replace(blocks, inputs=inputs)
    unknown = sum(extended.sizes[: block + 1]) - 1
    known = _with_column(given, block, (Fraction(0),) * blocks.architecture.n_outputs)
    conditions: list[list[Fraction]] = []
    used, residual = [], []
    for constraint in constraints_of(extended):
        rows = _linear_conditions(extended, constraint, known, unknown, block)
        if isinstance(rows, RankViolation):
            return rows
        if rows is None:
            residual.append(constraint)
        elif rows:
            conditions.extend(rows)
            used.append(constraint)
    n_outputs = blocks.architecture.n_outputs
    matrix = RationalMatrix.from_rows([row[:-1] for row in conditions], n_columns=n_outputs)
    answer = matrix.solve([row[-1] for row in conditions])
    origin = None if isinstance(answer, NoSolution) else answer.point
    return PossibleOutputs(origin, matrix.kernel(), tuple(used), tuple(residual), given, block)


def _linear_conditions(
    blocks: Blocks, constraint: RankConstraint, known: Sequence[RationalMatrix], unknown: int, block: int
) -> list[list[Fraction]] | RankViolation | None:
    """Rows (a, b) with a · y* = b; None if the constraint gives no linear conditions but may restrict y*."""
    flattening = constraint.flattening
    touched = [list(piece[unknown]) for piece in flattening.pieces]
    free = RationalMatrix.from_integers(touched).kernel().numerators
    n_outputs = blocks.architecture.n_outputs
    fixed = constraint.matrix(known)
    height = fixed.n_rows
    columns = RationalMatrix.from_integers(free, n_columns=flattening.n_columns).transpose()
    settled = fixed @ columns
    rank = settled.rank()
    if rank > constraint.bound:
        pieces = tuple(
            (RationalMatrix.from_integers(piece, n_columns=flattening.n_columns) @ columns).numerators
            for piece in flattening.pieces
        )
        reduced = Flattening(pieces, flattening.grid, flattening.columns, True)
        contradiction = check_outputs(blocks, known, [replace(constraint, flattening=reduced)])
        assert isinstance(contradiction, RankViolation)
        return contradiction
    if not any(map(any, touched)):
        return []
    if rank < constraint.bound:
        return None
    null = settled.transpose().kernel() if settled.n_columns else RationalMatrix.identity(height)
    scale = blocks.extended_inputs()[block].denominator
    table = fixed.to_fractions()
    rows = []
    for u in null.numerators:
        for q in range(flattening.n_columns):
            row = [
                Fraction(scale * sum(u[p * n_outputs + r] * touched[p][q] for p in range(len(touched))))
                for r in range(n_outputs)
            ]
            constant = sum((u[i] * table[i][q] for i in range(height)), Fraction(0))
            if any(row) or constant:
                rows.append([*row, -constant])
    return rows


def _with_column(
    outputs: Sequence[RationalMatrix], block: int, column: Sequence[Fraction]
) -> tuple[RationalMatrix, ...]:
    """The outputs with one more column in a block."""
    extra = RationalMatrix.from_rows([[a] for a in column])
    return tuple(y.hstack(extra) if i == block else y for i, y in enumerate(outputs))
