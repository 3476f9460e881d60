"""Exact questions about lists of polyhedra: is a set covered, do two meet, what do they share?

`find_uncovered` decides whether cells cover a set, without volumes: it asks for a point of what is left, takes a
cell that contains it, and goes on with what lies outside that cell, one row after another.  The pieces are
disjoint, each is outside of one cell more, so the search ends; a point that lies in no cell ends it at once.

Cost: linear programs of a few rows; their number grows with the number of cells like that of the faces between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.polyhedra.generators import find_generators

__all__ = ["affine_dimension", "find_outside", "find_point", "find_uncovered", "polytope_vertices"]

Vector = tuple[Fraction, ...]


def find_point(system: LinearSystem) -> Vector | None:
    """Return a point that satisfies all rows, or None."""
    answer = decide(system)
    return answer.witness.point if isinstance(answer, Feasible) else None


def find_outside(inside: LinearSystem, outside: LinearSystem) -> Vector | None:
    """Return a point of `inside` that is not in `outside`; None if `inside` is a subset.

    >>> unit = LinearSystem.from_rows([([1], "<=", 1), ([-1], "<=", 0)])
    >>> find_outside(unit, LinearSystem.from_rows([([1], "<", 1)]))
    (Fraction(1, 1),)
    """
    return next((point for piece in _complement(inside, outside) if (point := find_point(piece)) is not None), None)


def find_uncovered(target: LinearSystem, cells: Sequence[LinearSystem]) -> Vector | None:
    """Return a point of `target` in none of the cells, None if they cover it.

    >>> half = LinearSystem.from_rows([([1], "<", 0)])
    >>> other = LinearSystem.from_rows([([-1], "<", 0)])
    >>> find_uncovered(LinearSystem.from_rows([([0], "<=", 0)]), [half, other])
    (Fraction(0, 1),)
    """
    pending = [target]
    while pending:
        rest = pending.pop()
        point = find_point(rest)
        if point is None:
            continue
        cell = next((cell for cell in cells if cell.is_satisfied(point)), None)
        if cell is None:
            return point
        pending.extend(_complement(rest, cell))
    return None


def _complement(inside: LinearSystem, outside: LinearSystem) -> Iterator[LinearSystem]:
    """Yield disjoint pieces whose union is `inside` minus `outside`."""
    known = set(inside.rows)
    kept: list[Row] = []
    for row in outside.rows:
        if row in known:
            continue
        for negated in _negations(row):
            yield inside + LinearSystem.from_integer_rows([*kept, negated], dimension=inside.dimension)
        kept.append(row)


def _negations(row: Row) -> list[Row]:
    """Return the rows that say that a row fails: one, or two for an equation."""
    normal, relation, offset = row
    opposite = tuple(-a for a in normal)
    if relation == "==":
        return [(normal, "<", offset), (opposite, "<", -offset)]
    return [(opposite, "<=" if relation == "<" else "<", -offset)]


def polytope_vertices(system: LinearSystem) -> tuple[Vector, ...]:
    """Return the vertices of a bounded closed set; none if it is empty."""
    return find_generators(system).vertices


def affine_dimension(points: Sequence[Vector]) -> int:
    """Return the dimension of the affine hull of points, -1 for none.

    >>> affine_dimension([(Fraction(0), Fraction(0)), (Fraction(1), Fraction(2))])
    1
    """
    return RationalMatrix.from_rows([(*p, Fraction(1)) for p in points]).rank() - 1 if points else -1
