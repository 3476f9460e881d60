"""Coordinates on the linear span of a variety, with the finest grading that the parametrisation gives.

The joined matrix [Y_1 | ... | Y_k] has n_L rows; on the variety every row lies in the row space of the incidence
matrix A (`type_paths`). A reduced basis R of that row space gives K coordinates z_1, ..., z_K per output row, so
the linear equations are gone and the ideal starts in degree 2.

Gradings.  Scaling an output row scales its coordinates.  Scaling all weights between two type classes scales each
path by a monomial; a one-parameter group of such scalings acts on the coordinates if it is constant on every
*connected component* of R (two coordinates are connected if they share a path), since then it maps the span to
itself.  For plain block matrices this gives the grading by columns, and a separate one for every part of the types
that is independent of the others; with inputs it gives what is left of it.

Symmetries.  Permuting output rows always maps the variety to itself; permuting input coordinates does if it maps
the reduced basis to itself, as it does without inputs.  Weights need to be treated once per orbit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.modular import ModArray, matmul_mod
from exactrelu.varieties.parametrisation import Parametrisation
from exactrelu.varieties.type_paths import TypeStructure

__all__ = ["Coordinates"]


@dataclass(frozen=True)
class Coordinates:
    """K coordinates per output row, as integer combinations of the columns of [Y_1 | ... | Y_k] at numerator scale.

    coarse: grade by output rows and input coordinates only, which every minor of a concatenation or a stack respects.

    >>> from exactrelu.varieties.blocks import Blocks
    >>> z = Coordinates(TypeStructure(Blocks.of((2, 2, 2), "10|01|11")))
    >>> z.count, z.degrees
    (4, ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)))
    """

    structure: TypeStructure
    coarse: bool = False

    @cached_property
    def _reduced(self) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
        """Rows of R (on paths) and of U (on columns of Y) with R = U A, integers without common factor."""
        incidence = self.structure.incidence
        n_paths = incidence.n_columns
        rank = incidence.rank()
        augmented = incidence.hstack(RationalMatrix.identity(incidence.n_rows))
        reduced, _ = augmented.fmpq.rref()
        on_paths, on_columns = [], []
        for row in reduced.tolist()[:rank]:
            scale = math.lcm(*(int(a.q) for a in row))
            entries = [int((a * scale).p) for a in row]
            divisor = math.gcd(*entries)
            entries = [a // divisor for a in entries]
            on_paths.append(tuple(entries[:n_paths]))
            on_columns.append(tuple(entries[n_paths:]))
        return tuple(on_paths), tuple(on_columns)

    @property
    def count(self) -> int:
        """K, the number of coordinates per output row."""
        return len(self._reduced[0])

    @property
    def n_rows(self) -> int:
        """Number of output rows."""
        return self.structure.blocks.architecture.n_outputs

    @property
    def forms(self) -> tuple[tuple[int, ...], ...]:
        """forms[q] = coefficients of z_q on the columns of [Y_1 | ... | Y_k]."""
        return self._reduced[1]

    @cached_property
    def components(self) -> tuple[int, ...]:
        """The component of every coordinate, numbered from 0."""
        owner: dict[int, int] = {}
        label = list(range(self.count))

        def find(q: int) -> int:
            while label[q] != q:
                q = label[q]
            return q

        for q, row in enumerate(self._reduced[0]):
            for path, entry in enumerate(row):
                if entry:
                    label[find(q)] = find(owner.setdefault(path, q))
        roots: dict[int, int] = {}
        return tuple(roots.setdefault(find(q), len(roots)) for q in range(self.count))

    @cached_property
    def degrees(self) -> tuple[tuple[int, ...], ...]:
        """The degree of every coordinate in Z^g; that of a monomial is the sum."""
        structure = self.structure
        if self.coarse:
            return self._column_degrees
        edges: dict[tuple[int, int, int], int] = {}
        weights: list[dict[int, int]] = []
        for path in structure.paths:
            stations = (path.column, *path.nodes, -1)
            weight: dict[int, int] = {}
            # The edge from bias unit to bias unit is fixed at 1, but scaling it is scaling all that follows it.
            for level, (tail, head) in enumerate(pairwise(stations)):
                weight[edges.setdefault((level, tail, head), len(edges))] = 1
            weights.append(weight)
        members: dict[int, list[int]] = {}
        for q, row in enumerate(self._reduced[0]):
            members.setdefault(self.components[q], []).extend(path for path, entry in enumerate(row) if entry)
        conditions = []
        for paths in members.values():
            for number in sorted(set(paths))[1:]:
                difference = [0] * len(edges)
                for edge in weights[paths[0]]:
                    difference[edge] += 1
                for edge in weights[number]:
                    difference[edge] -= 1
                if any(difference):
                    conditions.append(difference)
        scalings = RationalMatrix.from_integers(conditions, n_columns=len(edges)).kernel().numerators
        table = [[sum(s[edge] for edge in weights[paths[0]]) for paths in members.values()] for s in scalings]
        reduced = _integer_row_basis(table, len(members))
        return tuple(tuple(row[self.components[q]] for row in reduced) for q in range(self.count))

    @property
    def _column_degrees(self) -> tuple[tuple[int, ...], ...]:
        """The grading by input coordinates only, or total degree where coordinates mix them."""
        columns = [
            {self.structure.paths[path].column for path, entry in enumerate(row) if entry} for row in self._reduced[0]
        ]
        if any(len(found) > 1 for found in columns):
            return ((1,),) * self.count
        width = self.structure.blocks.architecture.n_columns
        return tuple(tuple(int(c in found) for c in range(width)) for found in columns)

    @cached_property
    def outputs_in_coordinates(self) -> tuple[tuple[Fraction, ...], ...]:
        """For every column of [Y_1 | ... | Y_k] its coefficients on z_1, ..., z_K, valid on the span of the variety."""
        pivots = [next((j, entry) for j, entry in enumerate(row) if entry) for row in self._reduced[0]]
        rows = self.structure.incidence.numerators
        return tuple(tuple(Fraction(row[j], entry) for j, entry in pivots) for row in rows)

    @cached_property
    def symmetries(self) -> tuple[tuple[int, ...], ...]:
        """Permutations of the coordinates from swaps of neighbouring input coordinates; they generate the others."""
        width = self.structure.blocks.architecture.widths[0]
        return tuple(g for c in range(width - 1) if (g := self._transposition(c)) is not None)

    def _transposition(self, column: int) -> tuple[int, ...] | None:
        """What swapping two neighbouring input coordinates does to the coordinates, if it maps the basis to itself."""
        paths = {(path.column, path.nodes): index for index, path in enumerate(self.structure.paths)}
        swap = {column: column + 1, column + 1: column}
        target = [paths[swap.get(p.column, p.column), p.nodes] for p in self.structure.paths]
        rows = {row: q for q, row in enumerate(self._reduced[0])}
        images = []
        for row in self._reduced[0]:
            swapped = [0] * len(row)
            for index, entry in enumerate(row):
                swapped[target[index]] = entry
            image = rows.get(tuple(swapped))
            if image is None:
                return None
            images.append(image)
        return tuple(images)

    def batch(self, chance: np.random.Generator, count: int, modulus: int) -> ModArray:
        """Return coordinates at random points modulo a prime below 2^31: an array (count, n_L * K), row by row."""
        outputs = Parametrisation(self.structure.blocks).batch(chance, count, modulus)
        forms = np.array([[a % modulus for a in column] for column in zip(*self.forms, strict=True)], np.uint64)
        if not self.count:
            return np.zeros((count, 0), np.uint64)
        return matmul_mod(outputs, forms[None], modulus).reshape(count, -1)


def _integer_row_basis(rows: Sequence[Sequence[int]], n_columns: int) -> list[tuple[int, ...]]:
    """The reduced echelon basis of the row space, each row scaled to coprime integers."""
    if not rows or not n_columns:
        return []
    matrix = RationalMatrix.from_integers(rows)
    reduced, _ = matrix.fmpq.rref()
    result = []
    for row in reduced.tolist()[: matrix.rank()]:
        scale = math.lcm(*(int(a.q) for a in row))
        result.append(tuple(int((a * scale).p) for a in row))
    return result
