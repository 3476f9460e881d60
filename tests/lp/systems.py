"""Seeded random systems, at least half of them degenerate, and the classical ones that make pivot rules cycle.

A plain generator instead of Hypothesis: thousands of systems in seconds, the same ones on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from exactrelu.lp.system import LinearSystem, Relation, Row

KINDS = ("generic", "through a point", "nearly through a point", "flat", "parallel", "duplicates", "sparse", "large")
"""What distinguishes the systems; all but the first and the last are degenerate."""


def random_systems(seed: int, count: int, *, max_dimension: int = 4, max_rows: int = 9) -> Iterator[LinearSystem]:
    """Systems of every kind in turn, dimension and rows from 0 up, relations mixed."""
    rng = random.Random(seed)
    for index in range(count):
        yield random_system(rng, KINDS[index % len(KINDS)], rng.randint(0, max_dimension), rng.randint(0, max_rows))


def random_system(rng: random.Random, kind: str, dimension: int, n_rows: int) -> LinearSystem:
    """One system of the kind."""
    size = 10**12 if kind == "large" else rng.choice([1, 2, 3, 9])
    density = 0.4 if kind == "sparse" else 0.85
    point = [rng.randint(-2, 2) for _ in range(dimension)]
    rows: list[Row] = []
    for _ in range(n_rows):
        normal = tuple(rng.randint(-size, size) if rng.random() < density else 0 for _ in range(dimension))
        relation: Relation = rng.choices(("<=", "<", "=="), (6, 3, 1))[0]  # type: ignore[assignment]
        offset = rng.randint(-size, size)
        if kind != "generic" and kind != "large":
            offset = sum(a * x for a, x in zip(normal, point, strict=True))
            offset += {"nearly through a point": rng.choice((-1, 0, 0, 0, 1)), "flat": 0}.get(kind, rng.randint(0, 1))
        rows.append((normal, relation, offset))
        if kind == "flat" and rng.random() < 0.5:
            rows.append((tuple(-a for a in normal), "<=", -offset))
        if kind == "parallel" and rng.random() < 0.5:
            weak: Relation = rng.choice(("<=", "<"))
            rows.append((tuple(-2 * a for a in normal), weak, -2 * offset + rng.choice((-1, 0, 1))))
        if kind == "duplicates" and rng.random() < 0.5:
            k = rng.randint(1, 3)
            rows.append((tuple(k * a for a in normal), relation, k * offset))
    rng.shuffle(rows)
    return LinearSystem.from_integer_rows(rows, dimension=dimension)


def random_objective(rng: random.Random, system: LinearSystem) -> list[int]:
    """An objective that is often parallel to a row, so that optima are not unique."""
    if len(system) and rng.random() < 0.3:
        return list(rng.choice(system.normals))
    return [rng.randint(-2, 2) for _ in range(system.dimension)]


def inequalities(table: list[list[int | str]], offsets: list[int | str]) -> LinearSystem:
    """table · x <= offsets and x >= 0."""
    n = len(table[0])
    rows: list[tuple[list[object], str, object]] = [(list(a), "<=", b) for a, b in zip(table, offsets, strict=True)]
    rows += [([-int(i == j) for i in range(n)], "<=", 0) for j in range(n)]
    return LinearSystem.from_rows(rows)


def beale() -> tuple[LinearSystem, list[Fraction]]:
    """Beale's example: the largest-coefficient rule with ties by least index cycles; the maximum is 1/20."""
    system = inequalities([["1/4", -60, "-1/25", 9], ["1/2", -90, "-1/50", 3], [0, 0, 1, 0]], [0, 0, 1])
    return system, [Fraction(3, 4), Fraction(-150), Fraction(1, 50), Fraction(-6)]


def chvatal() -> tuple[LinearSystem, list[Fraction]]:
    """Chvátal's cycling example; the maximum is 1."""
    system = inequalities([["1/2", "-11/2", "-5/2", 9], ["1/2", "-3/2", "-1/2", 1], [1, 0, 0, 0]], [0, 0, 1])
    return system, [Fraction(10), Fraction(-57), Fraction(-9), Fraction(-24)]


def klee_minty(n: int) -> tuple[LinearSystem, list[int]]:
    """The cube on which the largest-coefficient rule visits all 2^n vertices; the maximum is 100^(n-1)."""
    table: list[list[int | str]] = [[2 * 10 ** (i - j) if j < i else int(i == j) for j in range(n)] for i in range(n)]
    return inequalities(table, [100**i for i in range(n)]), [10 ** (n - 1 - j) for j in range(n)]
