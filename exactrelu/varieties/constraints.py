"""Rank constraints as objects: a flattening, a bound for its rank, and why it holds.

A constraint with bound r says that all (r+1)-minors of its matrix vanish on the variety.  It is *certified* if the
bound was proved (`bounds`), else *observed*: the rank r was seen at random points, which proves only that the
generic rank is at least r. No minor is expanded unless asked for; `minors` is lazy, and one minor is a determinant
over a polynomial ring.

Outputs are given as the matrices Y_i (or M_i without inputs).  A `Minor` that does not vanish names rows and
columns of the matrix, so that a reader can recompute it by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import flint

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks, as_matrix
from exactrelu.varieties.flattenings import Flattening

__all__ = [
    "Minor",
    "RankConstraint",
    "as_outputs",
    "joined_outputs",
    "polynomial_determinant",
    "require_outputs",
    "variable_names",
]


@dataclass(frozen=True, slots=True)
class Minor:
    """The submatrix of a constraint's matrix at `rows` and `columns` (from 0), as many as the bound plus one."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RankConstraint:
    """rank(flattening) <= bound on the variety.

    blocks: the variety; certified: whether the bound was proved; reason: the argument, or how it was observed.

    >>> from exactrelu.varieties.families import constraints_of
    >>> blocks = Blocks.of((2, 2, 2), "11|10")
    >>> first = constraints_of(blocks)[0]
    >>> first.form, first.bound, first.reason
    ('M2', 1, 'cut at hidden layer 1: 1 of type 11')
    >>> [str(first.polynomial(minor)) for minor in first.minors()]
    ['-m2_12*m2_21 + m2_11*m2_22']
    """

    blocks: Blocks
    flattening: Flattening
    bound: int
    certified: bool
    reason: str

    @property
    def form(self) -> str:
        """The matrix as text, blocks counted from 1."""
        return self.flattening.text()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix."""
        return self.flattening.shape(self.blocks.architecture.n_outputs)

    @property
    def degree(self) -> int:
        """Degree of the equations: bound + 1."""
        return self.bound + 1

    @property
    def n_minors(self) -> int:
        """Number of minors of the size that vanishes."""
        rows, columns = self.shape
        return math.comb(rows, self.degree) * math.comb(columns, self.degree)

    def matrix(self, outputs: Sequence[RationalMatrix]) -> RationalMatrix:
        """Return the flattening at outputs Y_1, ..., Y_k, exactly.

        Raises:
            ShapeError: the outputs do not have the blocks' sizes.
        """
        joined = joined_outputs(self.blocks, outputs)
        pieces = [
            RationalMatrix.from_integers(piece, n_columns=self.flattening.n_columns) for piece in self.flattening.pieces
        ]
        first, *others = [joined @ piece for piece in pieces]
        return first.vstack(*others)

    def holds_at(self, outputs: Sequence[RationalMatrix]) -> bool:
        """Whether the rank at the outputs is at most the bound."""
        return self.matrix(outputs).rank() <= self.bound

    def violated_minor(self, outputs: Sequence[RationalMatrix]) -> tuple[Minor, RationalMatrix] | None:
        """Return a nonzero minor of size bound + 1 at the outputs and its submatrix; None if the rank fits."""
        matrix = self.matrix(outputs)
        rows = _independent_rows(matrix.numerators, self.degree)
        if rows is None:
            return None
        chosen = [matrix.numerators[i] for i in rows]
        columns = _independent_rows(tuple(zip(*chosen, strict=True)), self.degree)
        assert columns is not None
        table = [[row[j] for j in columns] for row in chosen]
        return Minor(rows, columns), RationalMatrix.from_integers(table, matrix.denominator)

    def minors(self) -> Iterator[Minor]:
        """Yield every minor of size bound + 1, rows first."""
        n_rows, n_columns = self.shape
        for rows in combinations(range(n_rows), self.degree):
            for columns in combinations(range(n_columns), self.degree):
                yield Minor(rows, columns)

    def polynomial(self, minor: Minor) -> Any:
        """Return a minor as a `flint.fmpz_mpoly` in the entries of the outputs (see `variable_names`)."""
        names, entries = _symbolic_entries(self)
        table = [[entries[i][j] for j in minor.columns] for i in minor.rows]
        context = flint.fmpz_mpoly_ctx.get(names, flint.Ordering.degrevlex)
        return polynomial_determinant(table, context.from_dict({(0,) * len(names): 1}))

    def latex(self) -> str:
        """The constraint in LaTeX, without dollar signs."""
        suffix = r"\ \text{(gradients)}" if self.flattening.columns == "gradient" else ""
        relation = r"\leq" if self.certified else r"\overset{?}{\leq}"
        body = self.flattening.latex()
        matrix = body if body.startswith(r"\begin") else rf"\left({body}\right)"
        return rf"\operatorname{{rank}} {matrix}{suffix} {relation} {self.bound}"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def to_dict(self) -> dict[str, object]:
        """The constraint for JSON."""
        return {"form": self.form, "bound": self.bound, "certified": self.certified, "reason": self.reason}


def joined_outputs(blocks: Blocks, outputs: Sequence[RationalMatrix]) -> RationalMatrix:
    """Return [Y_1 | ... | Y_k] at numerator scale: block i multiplied by the denominator of X_i.

    Raises:
        ShapeError: the outputs do not have the blocks' sizes; the message names the block.
    """
    require_outputs(blocks, outputs)
    scaled = [y * x.denominator for y, x in zip(outputs, blocks.extended_inputs(), strict=True)]
    return scaled[0].hstack(*scaled[1:])


def as_outputs(
    blocks: Blocks, outputs: Sequence[RationalMatrix | Sequence[Sequence[object]]]
) -> tuple[RationalMatrix, ...]:
    """Return outputs as matrices, one per block, rows of numbers converted; refuse those that do not fit the blocks.

    Raises:
        ShapeError: the outputs do not have the blocks' sizes; the message names the block.
        InputError, InexactNumberError: an entry is not an exact number.

    >>> as_outputs(Blocks.of((1, 1, 2), "1"), [[[1], ["1/2"]]])
    (RationalMatrix.from_rows([[1], ['1/2']]),)
    """
    if not isinstance(outputs, Iterable) or isinstance(outputs, str | bytes):
        raise InputError(f"outputs must be a sequence with one matrix per block, not {type(outputs).__name__}")
    matrices = tuple(as_matrix(y, name=f"outputs[{i}]") for i, y in enumerate(outputs))
    require_outputs(blocks, matrices)
    return matrices


def require_outputs(blocks: Blocks, outputs: Sequence[RationalMatrix]) -> None:
    """Raise ShapeError, naming the block, unless there is a matrix of the right size for every block."""
    if len(outputs) != blocks.n_blocks:
        raise ShapeError(f"{len(outputs)} output matrices for {blocks.n_blocks} blocks")
    for index, (matrix, size) in enumerate(zip(outputs, blocks.sizes, strict=True)):
        if matrix.shape != (blocks.architecture.n_outputs, size):
            raise ShapeError(
                f"outputs[{index}] is {matrix.n_rows}×{matrix.n_columns}; "
                f"block {index} needs {blocks.architecture.n_outputs}×{size} (one column per input)"
            )


def variable_names(blocks: Blocks) -> tuple[str, ...]:
    """Names of the entries of [Y_1 | ... | Y_k], row by row: m2_13 is row 1, column 3 of block 2 (y instead of m
    with inputs).

    >>> variable_names(Blocks.of((1, 1, 2), "1|0"))
    ('m1_11', 'm2_11', 'm1_21', 'm2_21')
    """
    letter = "m" if blocks.inputs is None else "y"
    wide = blocks.architecture.n_outputs > 9 or max(blocks.sizes) > 9
    middle = "_" if wide else ""
    return tuple(
        f"{letter}{i + 1}_{r + 1}{middle}{c + 1}"
        for r in range(blocks.architecture.n_outputs)
        for i, size in enumerate(blocks.sizes)
        for c in range(size)
    )


@lru_cache(maxsize=64)
def _symbolic_entries(constraint: RankConstraint) -> tuple[tuple[str, ...], list[list[Any]]]:
    """The entries of the flattening as linear polynomials."""
    names = variable_names(constraint.blocks)
    context = flint.fmpz_mpoly_ctx.get(names, flint.Ordering.degrevlex)
    scales = [x.denominator for x in constraint.blocks.extended_inputs()]
    factors = [scale for scale, size in zip(scales, constraint.blocks.sizes, strict=True) for _ in range(size)]
    total = len(factors)
    entries = []
    for piece in constraint.flattening.pieces:
        for r in range(constraint.blocks.architecture.n_outputs):
            row = []
            for q in range(constraint.flattening.n_columns):
                terms = {}
                for c in range(total):
                    if piece[c][q]:
                        exponents = [0] * len(names)
                        exponents[r * total + c] = 1
                        terms[tuple(exponents)] = piece[c][q] * factors[c]
                row.append(context.from_dict(terms))
            entries.append(row)
    return names, entries


def polynomial_determinant(table: list[list[Any]], one: Any) -> Any:
    """Determinant by expansion along rows, each set of columns once: 2^n products for an n x n matrix."""
    partial = {0: one}
    for row in table:
        following: dict[int, Any] = {}
        for used, value in partial.items():
            for j, entry in enumerate(row):
                if not used >> j & 1 and entry != 0:
                    # The sign counts the columns already used to the right of j.
                    term = -value * entry if (used >> (j + 1)).bit_count() % 2 else value * entry
                    key = used | 1 << j
                    following[key] = following[key] + term if key in following else term
        partial = following
    return partial.get((1 << len(table)) - 1, one - one)


def _independent_rows(rows: Sequence[Sequence[int]], count: int) -> tuple[int, ...] | None:
    """The first `count` rows that are independent over Q, or None if the rank is smaller."""
    if not count:
        return ()
    if not rows or not len(rows[0]):
        return None
    # Pivot columns of the transpose in echelon form are the greedy choice of independent rows.
    transposed = RationalMatrix.from_integers(zip(*rows, strict=True)).fmpz
    reduced, _, rank = transposed.rref()
    if int(rank) < count:
        return None
    table = reduced.tolist()
    return tuple(next(j for j, entry in enumerate(row) if entry != 0) for row in table[:count])
