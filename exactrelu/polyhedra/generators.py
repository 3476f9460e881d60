"""Vertices, rays and lines of a polyhedron, by the double description method over Z.

Minkowski-Weyl: {x : rows} = conv(vertices) + cone(rays) + span(lines).  Without lines, vertices and rays are unique
(up to positive scale of the rays); with lines they are unique modulo the lines, and reduced to the representative that
vanishes in the pivot columns of the lines' echelon form.  An empty polyhedron has no generators at all.

Method: homogenise, x -> (1, x); start with the whole space, all lines; add one row at a time.  A line that is not
parallel to the row is used up: it makes all other generators tight.  If all lines are parallel, rays on the wrong
side are replaced by combinations with *adjacent* rays on the right side.  Two rays are adjacent iff no third ray is
tight on all rows on which both are; this combinatorial test needs no genericity, so degenerate input (many rows
through one vertex, duplicate rows) is fine.  Numbers are kept coprime.
Cost: quadratic in the number of intermediate rays per row; intermediate lists may exceed the final one.

Source: own; Motzkin et al. 1953; Fukuda and Prodon, Double description method revisited, 1996, Prop. 7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.system import LinearSystem

__all__ = ["Generators", "find_generators"]

Vector = tuple[Fraction, ...]
Integers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Generators:
    """conv(vertices) + cone(rays) + span(lines) in Q^dimension; rays and lines are coprime integer vectors, sorted."""

    dimension: int
    vertices: tuple[Vector, ...]
    rays: tuple[Integers, ...]
    lines: tuple[Integers, ...]

    @property
    def is_bounded(self) -> bool:
        """Whether the polyhedron is a polytope (the empty one is)."""
        return not self.rays and not self.lines

    def defect(self, system: LinearSystem) -> str | None:
        """Return why a generator does not belong to the closed system, or None.

        This proves one inclusion, generators in the system.  That none is missing is the method's theorem.
        """
        for v in self.vertices:
            if failing := system.violations(v):
                return f"row {failing[0]} fails at a vertex"
        directions = [(r, False) for r in self.rays] + [(line, True) for line in self.lines]
        for direction, is_line in directions:
            for index, (normal, relation, _) in enumerate(system.rows):
                rise = sum(map(mul, normal, direction))
                if rise > 0 or (rise and (is_line or relation == "==")):
                    return f"row {index} stops a {'line' if is_line else 'ray'}"
        return None


def find_generators(system: LinearSystem) -> Generators:
    """Return vertices, rays and lines of the closed system; none at all if it is empty.

    >>> quadrant = LinearSystem.from_rows([([-1, 0], "<=", -1), ([0, -1], "<=", 0)])
    >>> find_generators(quadrant)
    Generators(dimension=2, vertices=((Fraction(1, 1), Fraction(0, 1)),), rays=((0, 1), (1, 0)), lines=())
    """
    n = system.dimension
    cone = _Cone(n + 1)
    cone.add((1, *(0,) * n), is_equality=False)
    for normal, relation, offset in system.rows:
        cone.add((offset, *(-a for a in normal)), is_equality=relation == "==")
    if not any(ray[0] for ray, _ in cone.rays):
        return Generators(n, (), (), ())
    lines, pivots = _echelon([line[1:] for line in cone.lines], n)
    reduced = {_reduce(ray, lines, pivots) for ray, _ in cone.rays}
    vertices = sorted(tuple(Fraction(a, ray[0]) for a in ray[1:]) for ray in reduced if ray[0])
    return Generators(n, tuple(vertices), tuple(sorted(ray[1:] for ray in reduced if not ray[0])), lines)


class _Cone:
    """A cone by generators, refined row by row; each ray carries the bits of the rows on which it is tight."""

    def __init__(self, dimension: int) -> None:
        self.lines: list[Integers] = [tuple(int(i == j) for j in range(dimension)) for i in range(dimension)]
        self.rays: list[tuple[Integers, int]] = []
        self.n_rows = 0

    def add(self, row: Integers, *, is_equality: bool) -> None:
        """Intersect with row · z >= 0, or = 0."""
        bit = 1 << self.n_rows
        self.n_rows += 1
        values = [sum(map(mul, row, line)) for line in self.lines]
        k = next((k for k, value in enumerate(values) if value), None)
        if k is None:
            self._split(row, bit, is_equality)
            return
        line, value = self.lines.pop(k), values.pop(k)
        if value < 0:
            line, value = tuple(-a for a in line), -value
        # Lines are tight on all earlier rows, so subtracting one changes no earlier bit.
        self.lines = [_primitive(value, other, -v, line) for other, v in zip(self.lines, values, strict=True)]
        self.rays = [(_primitive(value, ray, -sum(map(mul, row, ray)), line), bits | bit) for ray, bits in self.rays]
        if not is_equality:
            self.rays.append((line, bit - 1))

    def _split(self, row: Integers, bit: int, is_equality: bool) -> None:
        """Intersect when every line is parallel to the row."""
        positive: list[tuple[Integers, int, int]] = []
        negative: list[tuple[Integers, int, int]] = []
        kept: list[tuple[Integers, int]] = []
        for ray, bits in self.rays:
            value = sum(map(mul, row, ray))
            if value > 0:
                positive.append((ray, bits, value))
                if not is_equality:
                    kept.append((ray, bits))
            elif value < 0:
                negative.append((ray, bits, value))
            else:
                kept.append((ray, bits | bit))
        all_bits = [bits for _, bits in self.rays]
        # The rows tight on an edge have rank (dimension without lines) - 2; counting them first is cheap.
        least = len(row) - len(self.lines) - 2
        for p, p_bits, p_value in positive:
            for q, q_bits, q_value in negative:
                common = p_bits & q_bits
                if common.bit_count() >= least and sum(bits & common == common for bits in all_bits) == 2:
                    kept.append((_primitive(-q_value, p, p_value, q), common | bit))
        self.rays = kept


def _primitive(a: int, u: Sequence[int], b: int, v: Sequence[int]) -> Integers:
    """a u + b v divided by the gcd of its entries."""
    combined = [a * x + b * y for x, y in zip(u, v, strict=True)]
    divisor = math.gcd(*combined) or 1
    return tuple(x // divisor for x in combined)


def _echelon(lines: Sequence[Integers], n: int) -> tuple[tuple[Integers, ...], list[int]]:
    """Coprime rows of the reduced echelon form of independent lines, and their pivot columns."""
    if not lines:
        return (), []
    reduced, _, _ = RationalMatrix.from_integers(lines, n_columns=n).fmpz.rref()
    rows = [[int(a) for a in row] for row in reduced.tolist()]
    pivots = [next(j for j, a in enumerate(row) if a) for row in rows]
    signed = [(row, -1 if row[j] < 0 else 1) for row, j in zip(rows, pivots, strict=True)]
    return tuple(tuple(sign * a // math.gcd(*row) for a in row) for row, sign in signed), pivots


def _reduce(ray: Integers, lines: Sequence[Integers], pivots: Sequence[int]) -> Integers:
    """The representative of a homogeneous ray modulo the lines that vanishes in the pivot columns."""
    for line, j in zip(lines, pivots, strict=True):
        if ray[j + 1]:
            ray = _primitive(line[j], ray, -ray[j + 1], (0, *line))
    return ray
