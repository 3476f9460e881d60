"""Matrices by their nonzero entries: one dictionary column -> integer for each row.

These are the kernels behind `RationalMatrix` for matrices that are mostly zero, as a convolution's or an identity's:
10,000 rows of 50 entries need a few megabytes here, and a gigabyte written out.  The tables hold no zeros; the
functions return new dictionaries, share those that stay as they are, and change none.

Cost: linear in the entries; a product costs one multiplication for each pair of entries that meet.  Not done here:
denominators and shapes, which `RationalMatrix` keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain

__all__ = ["Row", "Table", "add", "content", "divide", "multiply", "scale", "shift", "written_out"]

Row = dict[int, int]
Table = tuple[Row, ...]


def content(table: Iterable[Row], start: int) -> int:
    """Return the greatest common divisor of `start` and all entries."""
    return math.gcd(start, *chain.from_iterable(row.values() for row in table))


def divide(table: Table, divisor: int) -> Table:
    """Return the entries divided by a common divisor."""
    return table if divisor == 1 else tuple({j: a // divisor for j, a in row.items()} for row in table)


def scale(table: Table, factors: Sequence[int]) -> Table:
    """Return the rows times one integer each.

    >>> scale(({0: 2}, {1: 3}, {}), [5, 0, 7])
    ({0: 10}, {}, {})
    """
    return tuple(
        row if f == 1 else {j: f * a for j, a in row.items()} if f else {}
        for row, f in zip(table, factors, strict=True)
    )


def shift(table: Table, columns: int) -> Table:
    """Return the table with its columns moved to the right."""
    return tuple({j + columns: a for j, a in row.items()} for row in table) if columns else table


def add(left: Table, right: Table) -> Table:
    """Return the sum of two tables with equally many rows.

    >>> add(({0: 1, 2: 5}, {}), ({2: -5, 1: 3}, {1: 1}))
    ({0: 1, 1: 3}, {1: 1})
    """
    return tuple(_merge(a, b) for a, b in zip(left, right, strict=True))


def multiply(left: Table, right: Sequence[Row]) -> Table:
    """Return the matrix product; the columns of `left` are the rows of `right`.

    >>> multiply(({0: 2, 1: 1},), ({0: 1}, {0: -2, 3: 4}))
    ({3: 4},)
    """
    return tuple(_combine(row, right) for row in left)


def written_out(table: Table, n_columns: int) -> tuple[tuple[int, ...], ...]:
    """Return the rows with their zeros.

    >>> written_out(({1: 4}, {}), 3)
    ((0, 4, 0), (0, 0, 0))
    """
    rows = []
    for row in table:
        line = [0] * n_columns
        for j, a in row.items():
            line[j] = a
        rows.append(tuple(line))
    return tuple(rows)


def _merge(left: Row, right: Row) -> Row:
    if not left or not right:
        return left or right
    total = dict(left)
    for j, b in right.items():
        entry = total.get(j, 0) + b
        if entry:
            total[j] = entry
        else:
            del total[j]
    return total


def _combine(weights: Row, rows: Sequence[Row]) -> Row:
    """The combination of rows with the given weights."""
    if len(weights) == 1:
        ((k, w),) = weights.items()
        return rows[k] if w == 1 else {j: w * a for j, a in rows[k].items()}
    total: Row = {}
    for k, w in weights.items():
        for j, a in rows[k].items():
            total[j] = total.get(j, 0) + w * a
    return {j: a for j, a in total.items() if a}
