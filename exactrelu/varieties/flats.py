"""Flats of types, and the combinations of blocks in which the neurons of a flat cancel.

The types of neurons are vectors of K^k; a *flat* is the set of all types in some linear subspace.  If lambda^1,
..., lambda^c is a basis of its annihilator, no neuron with a type in the flat contributes to sum_i lambda^b_i M_i.
So large flats leave few neurons, and small flats give many combinations; both kinds bound ranks.

Cost: one echelon form for each set of independent types, at most `MAX_SUBSETS` of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.modular import nmod_matrix

__all__ = ["MAX_SUBSETS", "complement", "flat_annihilators"]

Vector = tuple[int, ...]

MAX_SUBSETS = 1 << 12


def flat_annihilators(vectors: Iterable[Vector], *, whole: bool = False) -> list[list[Vector]]:
    """Return, for every proper flat of the matroid on the vectors, a basis of its annihilator.

    Combinations that vanish on all vectors are left out unless `whole`; larger annihilators come last.

    >>> flat_annihilators([(1, 0), (1, 1), (0, 1)])
    [[(1, 0)], [(0, 1)], [(1, -1)], [(1, 0), (0, 1)]]
    """
    points = sorted(set(vectors))
    if not points:
        return []
    everything = RationalMatrix.from_integers(points)
    useless = everything.kernel().numerators
    rank = everything.rank()
    flats: dict[tuple[int, ...], list[Vector]] = {}
    tried = 0
    for size in range(rank - 1, -1, -1):
        for chosen in combinations(range(len(points)), size):
            tried += 1
            if tried > MAX_SUBSETS:
                break
            rows = [points[i] for i in chosen]
            spanned = RationalMatrix.from_integers(rows, n_columns=len(points[0]))
            if spanned.rank() < size:
                continue
            kernel = spanned.kernel().numerators
            members = tuple(
                i
                for i, p in enumerate(points)
                if not any(sum(a * b for a, b in zip(form, p, strict=True)) for form in kernel)
            )
            if members not in flats:
                flats[members] = _signed(kernel if whole else complement(kernel, useless))
    return list(flats.values())


def complement(rows: Sequence[Vector], inside: Sequence[Vector]) -> list[Vector]:
    """Return rows that with `inside` make a basis of both; ranks modulo a prime can only lose rows."""
    columns = [*inside, *rows]
    if not rows:
        return []
    reduced, rank = nmod_matrix(list(zip(*columns, strict=True)), len(columns)).rref()
    pivots = []
    column = 0
    for row in range(int(rank)):
        while reduced[row, column] == 0:
            column += 1
        pivots.append(column)
    return [columns[j] for j in pivots if j >= len(inside)]


def _signed(rows: Iterable[Vector]) -> list[Vector]:
    """Rows with positive first entry; unit vectors stay in the order of the kernel."""
    return sorted((row if next(a for a in row if a) > 0 else tuple(-a for a in row) for row in rows), reverse=True)
