"""Sets of inputs as formulas: boxes, polyhedra, balls of polyhedral norms.

A ball is {x : ||x - c|| <= r}, closed.  The norms: "inf", the largest absolute coordinate; "1", the sum of absolute
coordinates; and max_k |a_k . v| for any rows a_k, which is every polyhedral norm (a seminorm if the rows do not span;
the ball is unbounded then).  The ball of the 1-norm in n coordinates has 2^n facets, written out: n is at most
`MAX_ONE_NORM`.  To the facets are added the bounds on single coordinates that they imply, so that a search has a box to
begin with; they do not change the set.

Not done here: the Euclidean norm as rows (it is no polyhedron); a polynomial comparison says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

from exactrelu.atoms.indices import require_index
from exactrelu.errors import DomainError, InputError, InvariantError, ShapeError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.polyhedra.hpolyhedron import BoundingBox, HPolyhedron
from exactrelu.verification.questions.formulas import Formula, conjunction
from exactrelu.verification.questions.terms import Term

__all__ = ["MAX_ONE_NORM", "Domain", "Norm", "ball", "membership"]

MAX_ONE_NORM = 12
"""Largest number of coordinates in a ball of the 1-norm."""

Domain: TypeAlias = Sequence[tuple[Any, Any]] | HPolyhedron
Norm: TypeAlias = str | Sequence[Sequence[Any]]


def membership(x: Sequence[Term], domain: Domain) -> Formula:
    """Return the formula that x lies in a box or polyhedron.

    Args:
        x: one term a coordinate.
        domain: a closed polyhedron, or one pair (lower, upper) a coordinate, where None is no bound.

    Raises:
        ShapeError: the domain has another dimension than x.
        DomainError: a lower bound exceeds its upper one.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> x = Term(Polynomial.variable(0))
        >>> membership([x], [("-0.5", 1)])
        (-x0 - 1/2 <= 0 and x0 - 1 <= 0)
    """
    if isinstance(domain, HPolyhedron):
        if domain.system.dimension != len(x):
            raise ShapeError(f"domain has dimension {domain.system.dimension}; the network takes {len(x)} inputs")
        parts = []
        for normal, relation, offset in domain.system.rows:
            left = _linear(normal, x)
            parts.append(left == offset if relation == "==" else left <= offset)
        return conjunction(parts)
    if len(domain) != len(x):
        raise ShapeError(f"domain has {len(domain)} pairs of bounds; the network takes {len(x)} inputs")
    parts = []
    for index, (term, (low, high)) in enumerate(zip(x, domain, strict=True)):
        lower = None if low is None else as_rational(low, name=f"domain[{index}][0]")
        upper = None if high is None else as_rational(high, name=f"domain[{index}][1]")
        if lower is not None and upper is not None and lower > upper:
            raise DomainError(f"domain[{index}] is empty: its lower bound {lower} exceeds its upper bound {upper}")
        if lower is not None:
            parts.append(term >= lower)
        if upper is not None:
            parts.append(term <= upper)
    return conjunction(parts)


def ball(
    x: Sequence[Term],
    center: Iterable[Any],
    radius: Any,
    *,
    norm: Norm = "inf",
    coordinates: Iterable[int] | None = None,
) -> Formula:
    """Return the formula ||x - center|| <= radius.

    Args:
        x: one term a coordinate.
        center: the point c.
        radius: r >= 0.
        norm: "inf", "1", or rows a_k with one entry for each of `coordinates`, meaning max_k |a_k . v|.
        coordinates: those that may differ from the center, in the order of the rows' entries; the others are equal
            to it.  All by default.

    Raises:
        InputError: a negative radius, an unknown norm, too many coordinates for the 1-norm, a repeated coordinate.
        ShapeError: the center or a row has the wrong length.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> x = [Term(Polynomial.variable(i)) for i in (0, 1)]
        >>> ball(x, [0, 3], "0.5", coordinates=[0])
        (-x0 - 1/2 <= 0 and x0 - 1/2 <= 0 and x1 - 3 == 0)
    """
    c, r = as_vector(center, name="center"), as_rational(radius, name="radius")
    if len(c) != len(x):
        raise ShapeError(f"center has {len(c)} coordinates; the network takes {len(x)} inputs")
    if r < 0:
        raise InputError(f"radius is {r}; it must not be negative")
    moving = list(range(len(x)) if coordinates is None else coordinates)
    for position in moving:
        require_index(position, len(x), name="coordinate")
    if len(set(moving)) != len(moving):
        raise InputError(f"coordinates {moving} names one twice")
    rows = _facets(norm, len(moving))
    bounds: Sequence[tuple[Fraction | None, Fraction | None]]
    bounds = [(-r, r)] * len(moving) if isinstance(norm, str) else _implied_bounds(rows, r, len(moving))
    parts: list[Formula] = []
    by_coordinate = dict(zip(moving, bounds, strict=True))
    for i, term in enumerate(x):
        low, high = by_coordinate.get(i, (Fraction(0), Fraction(0)))
        if i not in by_coordinate:
            parts.append(term == c[i])
        else:
            parts.extend([term >= c[i] + low] if low is not None else [])
            parts.extend([term <= c[i] + high] if high is not None else [])
    shifted = [x[i] - c[i] for i in moving]
    for row in rows:
        left = _linear(row, shifted)
        parts.extend((left >= -r, left <= r))
    return conjunction(parts)


def _facets(norm: Norm, n: int) -> list[tuple[Fraction, ...]]:
    """One normal of every pair of opposite facets; none are needed for "inf"."""
    if isinstance(norm, str):
        if norm == "1" and n > MAX_ONE_NORM:
            raise InputError(
                f"the ball of the 1-norm in {n} coordinates has 2^{n} facets; choose at most {MAX_ONE_NORM}"
            )
        if norm not in ("inf", "1"):
            raise InputError(f"norm is {norm!r}; 'inf', '1' or a list of rows is needed")
        signs = product((Fraction(1), Fraction(-1)), repeat=n)
        return [row for row in signs if row and row[0] > 0] if norm == "1" else []
    rows = [as_vector(row, name=f"norm[{k}]") for k, row in enumerate(norm)]
    for k, row in enumerate(rows):
        if len(row) != n:
            raise ShapeError(f"norm[{k}] has {len(row)} entries; {n} coordinates may move")
    return rows


def _implied_bounds(
    rows: Sequence[Sequence[Fraction]], radius: Fraction, n: int
) -> list[tuple[Fraction | None, Fraction | None]]:
    """The bounds of every coordinate on {v : |row . v| <= radius for all rows}, which contains 0."""
    sides = [([s * a for a in row], "<=", radius) for row in rows for s in (1, -1)]
    box = HPolyhedron.from_rows(sides, dimension=n).bounding_box()
    if not isinstance(box, BoundingBox):
        raise InvariantError("a ball of radius 0 or more contains its center")
    return list(zip(box.lower, box.upper, strict=True))


def _linear(row: Sequence[Fraction | int], x: Sequence[Term]) -> Term:
    """The sum of row[i] * x[i]."""
    total = Term(Polynomial.constant(0))
    for a, term in zip(row, x, strict=True):
        if a:
            total = total + term * a
    return total
