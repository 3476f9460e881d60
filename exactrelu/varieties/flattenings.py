"""Flattenings: matrices whose entries are linear forms in the outputs, and whose rank is bounded on the variety.

A flattening is given by a P x Q grid of vectors lambda^{pq} in Z^k (k = number of blocks).  On block matrices its
cell (p, q) is the combination sum_i lambda^{pq}_i M_i, so a 1 x 1 grid is a combination, one row a concatenation,
one column a stack, and a 2 x 2 grid can be a conic (Young) flattening.

With inputs X_i of smaller rank M_i is not known, only M_i X_i.  Then the grid is multiplied on the right by all
directions zeta = (zeta_1, ..., zeta_Q) for which every sum_q lambda^{pq}_i zeta_q lies in the column space of X_i,
so that each column of the product is computable from the outputs.  In every case row block p of the matrix is [Y_1
| ... | Y_k] C_p with integer `pieces` C_p; Y stands for outputs at the inputs' integer numerators.

A constraint on [Y C_1; ...; Y C_P] is a constraint on the block matrices times zeta, so bounds proved for the grid
hold for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.parametrisation import IntegerMatrix, Parametrisation

__all__ = ["Flattening", "Grid", "combination_text", "flatten", "row_grid", "stack_grid"]

Combination = tuple[int, ...]
Grid = tuple[tuple[Combination, ...], ...]


@dataclass(frozen=True, slots=True)
class Flattening:
    """The matrix with row blocks Y C_p; `grid` says what it is on block matrices.

    columns: "all", or "gradient" if the intercept column is left out, or "relations" for linear relations (no grid
    then).
    directions: number of columns, less than Q times the width if inputs restrict them.
    """

    pieces: tuple[IntegerMatrix, ...]
    grid: Grid
    columns: str
    is_restricted: bool
    label: str = ""

    @property
    def n_columns(self) -> int:
        """Number of columns of the matrix."""
        return len(self.pieces[0][0])

    def shape(self, n_outputs: int) -> tuple[int, int]:
        """Number of rows and columns of the matrix."""
        return len(self.pieces) * n_outputs, self.n_columns

    def matrix(self, joined: Sequence[Sequence[int]], modulus: int = 0) -> list[list[int]]:
        """Return the matrix at integer outputs [Y_1 | ... | Y_k] (numerator scale), reduced if a modulus is given."""
        result = []
        for piece in self.pieces:
            columns = list(zip(*piece, strict=True))
            for row in joined:
                line = [sum(a * b for a, b in zip(row, column, strict=True) if b) for column in columns]
                result.append([a % modulus for a in line] if modulus else line)
        return result

    def text(self) -> str:
        """The grid as text, blocks counted from 1: rows separated by ";", cells by ","."""
        if not self.grid:
            return self.label
        rows = [", ".join(combination_text(cell) for cell in row) for row in self.grid]
        body = rows[0] if len(rows) == 1 and len(self.grid[0]) == 1 else "[" + "; ".join(rows) + "]"
        suffix = " (gradient part)" if self.columns == "gradient" else ""
        return body + suffix + (f" on {self.n_columns} common directions" if self.is_restricted else "")

    def latex(self) -> str:
        """The grid in LaTeX, without dollar signs; the label as text if there is no grid."""
        if not self.grid:
            return rf"\text{{{self.label}}}"
        rows = [" & ".join(combination_text(cell, latex=True) for cell in row) for row in self.grid]
        if len(rows) == 1 and len(self.grid[0]) == 1:
            return rows[0]
        return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"


def row_grid(combinations: Sequence[Combination]) -> Grid:
    """The concatenation [N_1 | ... | N_c]."""
    return (tuple(combinations),)


def stack_grid(combinations: Sequence[Combination]) -> Grid:
    """The stack [N_1; ...; N_c]."""
    return tuple((combination,) for combination in combinations)


def combination_text(combination: Combination, *, latex: bool = False) -> str:
    """Write sum_i lambda_i M_i, blocks counted from 1.

    >>> combination_text((1, 0, -2))
    'M1 - 2*M3'
    """
    text = ""
    for index, factor in enumerate(combination, start=1):
        if not factor:
            continue
        sign = ("-" if factor < 0 else "") if not text else (" - " if factor < 0 else " + ")
        size = "" if abs(factor) == 1 else (f"{abs(factor)} " if latex else f"{abs(factor)}*")
        text += f"{sign}{size}" + (f"M_{{{index}}}" if latex else f"M{index}")
    return text or "0"


def flatten(blocks: Blocks, grid: Grid, *, columns: str = "all") -> Flattening | None:
    """Return the flattening of a grid, restricted to what the inputs show; None if no direction is left.

    Args:
        blocks: the variety.
        grid: P rows of Q combinations of k integers.
        columns: "gradient" to leave the intercept out.
    """
    width = blocks.architecture.n_columns
    n_cells = len(grid[0])
    directions = _directions(blocks, grid, columns)
    if not directions:
        return None
    free = n_cells * (width - (columns == "gradient" and blocks.architecture.bias))
    solvers = [_left_inverse(x) for x in blocks.extended_inputs()] if blocks.inputs is not None else None
    pieces: list[list[list[Fraction]]] = [[] for _ in grid]
    for zeta in directions:
        parts = [zeta[q * width : (q + 1) * width] for q in range(n_cells)]
        for p, cells in enumerate(grid):
            coefficients: list[Fraction] = []
            for i in range(blocks.n_blocks):
                target = [sum(cell[i] * part[c] for cell, part in zip(cells, parts, strict=True)) for c in range(width)]
                coefficients.extend(solvers[i].apply(target) if solvers else map(Fraction, target))
            pieces[p].append(coefficients)
    for column in range(len(directions)):
        scale = math.lcm(*(a.denominator for piece in pieces for a in piece[column]))
        for piece in pieces:
            piece[column] = [a * scale for a in piece[column]]
    integer = tuple(tuple(tuple(int(a) for a in row) for row in zip(*piece, strict=True)) for piece in pieces)
    return Flattening(integer, grid, columns, len(directions) < free)


def _directions(blocks: Blocks, grid: Grid, columns: str) -> list[tuple[int, ...]]:
    """A basis of the vectors (zeta_1, ..., zeta_Q) that the outputs determine."""
    width = blocks.architecture.n_columns
    n_cells = len(grid[0])
    conditions: list[list[int]] = []
    if columns == "gradient" and blocks.architecture.bias:
        for q in range(n_cells):
            conditions.append([int(c == q * width + width - 1) for c in range(n_cells * width)])
    if blocks.inputs is not None:
        for i, matrix in enumerate(Parametrisation(blocks).inputs):
            annihilator = RationalMatrix.from_integers(matrix).transpose().kernel().numerators
            for cells in grid:
                for form in annihilator:
                    conditions.append([cell[i] * a for cell in cells for a in form])
    proper = [row for row in conditions if any(row)]
    return list(RationalMatrix.from_integers(proper, n_columns=n_cells * width).kernel().numerators)


def _left_inverse(inputs: RationalMatrix) -> RationalMatrix:
    """The m x n matrix S with X S v = v for every v in the column space of X; X are the integer numerators."""
    x = RationalMatrix.from_integers(inputs.numerators, n_columns=inputs.n_columns)
    chosen: list[int] = []
    for j in range(x.n_columns):
        trial = RationalMatrix.from_integers([[row[c] for c in (*chosen, j)] for row in x.numerators])
        if trial.rank() == len(chosen) + 1:
            chosen.append(j)
    rows = [[Fraction(0)] * x.n_rows for _ in range(x.n_columns)]
    if chosen:
        kept = RationalMatrix.from_integers([[row[c] for c in chosen] for row in x.numerators])
        inverse = (kept.transpose().fmpq * kept.fmpq).inv() * kept.transpose().fmpq
        for index, j in enumerate(chosen):
            rows[j] = [Fraction(int(inverse[index, c].p), int(inverse[index, c].q)) for c in range(x.n_rows)]
    return RationalMatrix.from_rows(rows, n_columns=x.n_rows)
