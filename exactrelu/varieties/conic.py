"""Conic flattenings: 2 x 2 grids of combinations that have rank one on every type, found by linear algebra.

For k >= 3 blocks the flats of the types do not give all equations.  Let F(e) be a 2 x 2 matrix of linear forms on
K^k and put F(T) = sum_i M_i (x) F(e_i).  For shallow networks T = sum_j u_j v_j^T (x) a_j, so rank F(T) <= sum_j
rank F(a_j): it is bounded by the number of neurons if all types lie on the conic det F = 0, while a general F would
allow twice as many.

Search: take three combinations of blocks (a corank-3 flat of the types is annihilated, so its neurons drop out) and
see the remaining types as points of P^2.  Choose three independent ones a_1, a_2, a_3 as coordinates and put F(a_i)
= (1/x_i) v_i v_i^T with v = (1,0), (0,1), (1,1). Another type b = sum beta_i a_i then has rank one iff beta_1
beta_2 x_3 + beta_1 beta_3 x_2 + beta_2 beta_3 x_1 = 0, which is linear in x. So the conics through any set of types
are the kernel of a matrix, and a kernel vector without zeros is a flattening.

Not done here: maps into larger grids, for which no general search is known.  Source: own; Young flattenings after
Landsberg and Ottaviani.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.flattenings import Grid

__all__ = ["conic_grids"]

_DIRECTIONS = ((1, 0), (0, 1), (1, 1))


def conic_grids(points: Sequence[Sequence[int]], forms: Sequence[Sequence[int]]) -> Iterator[Grid]:
    """Yield 2 x 2 grids that have rank one on as many of the points as possible.

    Args:
        points: the types, vectors of k integers.
        forms: three independent combinations of k blocks, through which the points are seen.

    >>> types = [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    >>> grid = next(conic_grids(types, [(1, 0, 0), (0, 1, 0), (0, 0, 1)]))
    >>> grid
    (((1, 0, -2), (0, 0, -2)), ((0, 0, -2), (0, -2, -2)))
    """
    seen = {image for point in points if any(image := _primitive(_image(forms, point)))}
    # Points with few entries first: they become the coordinates, which keeps the grids short.
    images = sorted(seen, key=lambda v: (sum(map(abs, v)), [-a for a in v]))
    done: set[Grid] = set()
    # Four points at least: three alone lie on a conic of the flats' own making.
    for size in range(len(images), 3, -1):
        for chosen in combinations(images, size):
            for grid in _through(chosen, forms):
                if grid not in done:
                    done.add(grid)
                    yield grid
        if done:
            return


def _through(points: Sequence[tuple[int, ...]], forms: Sequence[Sequence[int]]) -> Iterator[Grid]:
    """Grids of rank one on all points, for the first independent triples."""
    for triple in combinations(range(len(points)), 3):
        base = RationalMatrix.from_integers([points[i] for i in triple]).transpose()
        if base.rank() < 3:
            continue
        conditions = []
        for index, point in enumerate(points):
            if index not in triple:
                beta = base.fmpq.inv() * RationalMatrix.from_integers([[a] for a in point]).fmpq
                b = [Fraction(int(beta[i, 0].p), int(beta[i, 0].q)) for i in range(3)]
                conditions.append([b[1] * b[2], b[0] * b[2], b[0] * b[1]])
        kernel = RationalMatrix.from_rows(conditions, n_columns=3).kernel().numerators
        for x in _vectors_without_zero(kernel):
            yield _grid(base, x, forms)
        return


def _vectors_without_zero(kernel: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """Small combinations of kernel vectors all of whose entries are nonzero; two of them span a pencil of conics."""
    found = 0
    for factors in ((1,), (1, 1), (1, 2), (2, 1), (1, -1), (1, 3), (3, 1)):
        if len(factors) == len(kernel):
            vector = tuple(sum(f * row[c] for f, row in zip(factors, kernel, strict=True)) for c in range(3))
            if all(vector):
                yield vector
                found += 1
                if found == 2:
                    return


def _grid(base: RationalMatrix, x: Sequence[int], forms: Sequence[Sequence[int]]) -> Grid:
    """The cells F_pq = sum_i (1/x_i) v_i[p] v_i[q] * (coordinate i of a block with respect to the base), as
    integers."""
    inverse = base.fmpq.inv()
    k = len(forms[0])
    cells: list[list[list[Fraction]]] = []
    for p in range(2):
        row = []
        for q in range(2):
            combination = [Fraction(0)] * k
            for i, direction in enumerate(_DIRECTIONS):
                weight = Fraction(direction[p] * direction[q], x[i])
                for f in range(3):
                    entry = Fraction(int(inverse[i, f].p), int(inverse[i, f].q))
                    combination = [c + weight * entry * forms[f][j] for j, c in enumerate(combination)]
            row.append(combination)
        cells.append(row)
    flat = [a for row in cells for cell in row for a in cell]
    scale = math.lcm(*(a.denominator for a in flat))
    divisor = math.gcd(*(int(a * scale) for a in flat)) or 1
    sign = -1 if next(a for a in flat if a) < 0 else 1
    return tuple(tuple(tuple(int(a * scale) // divisor * sign for a in cell) for cell in row) for row in cells)


def _image(forms: Sequence[Sequence[int]], point: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(a * b for a, b in zip(form, point, strict=True)) for form in forms)


def _primitive(vector: tuple[int, ...]) -> tuple[int, ...]:
    """The projective point: coprime entries, first nonzero one positive."""
    divisor = math.gcd(*vector)
    if not divisor:
        return vector
    sign = -1 if next(a for a in vector if a) < 0 else 1
    return tuple(a // divisor * sign for a in vector)
