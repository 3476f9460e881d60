"""Hyperplane arrangements of a layer: distinct hyperplanes and characteristic polynomials.

The characteristic polynomial is computed in two ways.  `whitney_polynomial` is the sum over all subsets B of rows with
a common point of (-1)^|B| t^(n - rank B).  `deletion_restriction` splits off one hyperplane H at a time: the
polynomial without H minus the polynomial of the others' traces on H.  Both are exponential in the number of rows.

Polynomials are tuples of integer coefficients, constant term first, of length n + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.network import Network

__all__ = [
    "Hyperplane",
    "deletion_restriction",
    "distinct_hyperplanes",
    "evaluate_polynomial",
    "has_common_point",
    "normal_rank",
    "rows_of_layer",
    "show_polynomial",
    "whitney_polynomial",
]

Hyperplane = tuple[int, ...]


def rows_of_layer(network: Network) -> tuple[Hyperplane, ...]:
    """Return normal and offset of every unit of the first hidden layer, as integers with one common factor."""
    numerators = network.hidden[0].affine.augmented.numerators
    return tuple(tuple(numerators[unit.position]) for unit in network.units if unit.layer == 0)


def distinct_hyperplanes(rows: Sequence[Hyperplane]) -> tuple[Hyperplane, ...]:
    """Return the different hyperplanes of the rows with a non-zero normal, each with coprime entries.

    Example:
        >>> distinct_hyperplanes([(2, 0, 4), (-1, 0, -2), (0, 0, 5), (0, 1, 0)])
        ((1, 0, 2), (0, 1, 0))
    """
    found = dict.fromkeys(_canonical(row) for row in rows if any(row[:-1]))
    return tuple(found)


def _canonical(row: Hyperplane) -> Hyperplane:
    common = gcd(*row)
    if next(a for a in row if a) < 0:
        common = -common
    return tuple(a // common for a in row)


def has_common_point(rows: Sequence[Hyperplane]) -> bool:
    """Whether the equations of the rows have a common solution; zero rows count as 0 = -offset."""
    if not rows:
        return True
    return normal_rank(rows) == _rank(rows)


def normal_rank(rows: Sequence[Hyperplane]) -> int:
    """Return the rank of the normals."""
    return _rank([row[:-1] for row in rows])


def _rank(rows: Sequence[Sequence[int]]) -> int:
    return RationalMatrix.from_integers(rows, n_columns=len(rows[0])).rank() if rows else 0


def whitney_polynomial(rows: Sequence[Hyperplane], dimension: int) -> tuple[int, ...]:
    """Return the sum over subsets with a common point of (-1)^size t^(dimension - rank), every row counted.

    Cost: one rank for each subset with a common point.

    Example (two parallel lines and one across):
        >>> whitney_polynomial([(1, 0, 0), (1, 0, -1), (0, 1, 0)], 2)
        (2, -3, 1)
    """
    coefficients = [0] * (dimension + 1)

    def extend(chosen: tuple[Hyperplane, ...], rest: Sequence[Hyperplane]) -> None:
        coefficients[dimension - normal_rank(chosen)] += (-1) ** len(chosen)
        for k, row in enumerate(rest):
            if has_common_point((*chosen, row)):
                extend((*chosen, row), rest[k + 1 :])

    extend((), rows)
    return tuple(coefficients)


def deletion_restriction(planes: Sequence[Hyperplane], dimension: int) -> tuple[int, ...]:
    """Return the characteristic polynomial of distinct hyperplanes by deletion and restriction.

    Example (three concurrent lines):
        >>> deletion_restriction([(1, 0, 0), (0, 1, 0), (1, 1, 0)], 2)
        (2, -3, 1)
    """
    if not planes:
        return (*[0] * dimension, 1)
    *others, last = planes
    without = deletion_restriction(others, dimension)
    trace = (*deletion_restriction(_traces(others, last), dimension - 1), 0)
    return tuple(a - b for a, b in zip(without, trace, strict=True))


def _traces(others: Sequence[Hyperplane], plane: Hyperplane) -> tuple[Hyperplane, ...]:
    """The other hyperplanes cut with one of them, in coordinates without its pivot; parallel ones disappear."""
    pivot = next(k for k, a in enumerate(plane[:-1]) if a)
    rows = []
    for row in others:
        mixed = [plane[pivot] * a - row[pivot] * b for a, b in zip(row, plane, strict=True)]
        rows.append(tuple(mixed[:pivot] + mixed[pivot + 1 :]))
    return distinct_hyperplanes(rows)


def evaluate_polynomial(coefficients: Sequence[int], t: int) -> int:
    """Return the value at t."""
    return sum(c * t**k for k, c in enumerate(coefficients))


def show_polynomial(coefficients: Sequence[int]) -> str:
    """Write a polynomial in t.

    Example:
        >>> show_polynomial((3, -3, 1)), show_polynomial((0, 2, -3, 1))
        ('t^2 - 3 t + 3', 't^3 - 3 t^2 + 2 t')
    """
    text = ""
    for k in range(len(coefficients) - 1, -1, -1):
        c = coefficients[k]
        if not c:
            continue
        power = "" if k == 0 else "t" if k == 1 else f"t^{k}"
        size = str(abs(c)) if abs(c) != 1 or not power else ""
        sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
        text += sign + " ".join(part for part in (size, power) if part)
    return text or str(Fraction(0))
