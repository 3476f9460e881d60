"""Polyhedra whose kind is known before anybody asks: empty, thin, unbounded, lower-dimensional, full-dimensional.

Each is built around a point x0 with rows a · x <= a · x0 + s; the slack s decides the kind.

- full: all slacks are positive, so x0 is an interior point; bounded or not.
- thin: full, and two rows leave |a · x - a · x0| <= 2^-k for some k from 10 to 40.
- unbounded: slacks are not negative and a · r <= 0 for one drawn direction r != 0, so x0 + t r stays inside.
- lower-dimensional: slacks are not negative, and a · x = a · x0 for one a != 0, written as an equality or as two
  inequalities.
- empty: some rows and a last one that is minus a positive combination of them with an offset too small by a gap.

Nothing is rejected.  `HPolyhedron.affine_hull` and `decide_feasibility` give the evidence for what is promised here.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.errors import InputError
from exactrelu.exact.matrices import dot
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.strategies.numbers import rationals, vectors
from exactrelu.strategies.validation import require_choice, require_integer

__all__ = ["POLYHEDRON_KINDS", "polyhedra"]

POLYHEDRON_KINDS = ("any", "full", "empty", "lower-dimensional", "unbounded", "thin")
"""What `polyhedra` can promise; see there."""

Vector = tuple[Fraction, ...]
Row = tuple[Vector, str, Fraction]


def polyhedra(
    dimension: int, *, kind: str = "any", max_rows: int = 5, max_height: int = 4
) -> SearchStrategy[HPolyhedron]:
    """Return a strategy for polyhedra in Q^dimension.

    Args:
        kind: "full" (the dimension is that of the space), "empty", "lower-dimensional" (not empty, but flat),
            "unbounded" (contains a ray), "thin" (full, between two hyperplanes a · x = b -+ 2^-k, 10 <= k <= 40), or
            "any" of these.
        max_rows: bound on the number of rows besides the one or two that make the kind.
        max_height: bound on numerators and denominators of normals, point and slacks, before they are combined.

    Raises:
        InputError: an argument out of range, or dimension 0 with a kind that Q^0 does not have.

    Example:
        >>> from hypothesis import find
        >>> print(find(polyhedra(2, kind="lower-dimensional"), lambda polyhedron: True))
        x0 == 0
        >>> print(find(polyhedra(1, kind="empty"), lambda polyhedron: True))
        0 <= -1
    """
    n = require_integer(dimension, name="dimension", minimum=0)
    require_choice(kind, POLYHEDRON_KINDS, name="kind")
    rows = require_integer(max_rows, name="max_rows", minimum=0)
    height = require_integer(max_height, name="max_height", minimum=1)
    if n == 0 and kind not in ("any", "full", "empty"):
        raise InputError(f"dimension is 0 and kind {kind!r}; in Q^0 there are only the point ('full') and 'empty'")
    kinds = POLYHEDRON_KINDS[1 : 3 if n == 0 else None] if kind == "any" else (kind,)
    return st.one_of([_of_kind(n, one, rows, height) for one in kinds])


@st.composite
def _of_kind(draw: st.DrawFn, n: int, kind: str, max_rows: int, height: int) -> HPolyhedron:
    """Draw the point, the plain rows, and the rows that make the kind, which stand first."""
    normals = vectors(n, max_height=height)
    number = rationals(max_height=height)
    point = draw(normals)
    plain = draw(st.lists(st.tuples(normals, number), max_size=max_rows))
    special: list[Row] = []
    if kind == "empty":
        rows = [(a, "<=", dot(a, point) + s) for a, s in plain]
        return HPolyhedron.from_rows([_contradiction(draw, rows, n), *rows], dimension=n)
    if kind == "unbounded":
        ray = _nonzero(draw(normals))
        plain = [(tuple(-entry for entry in a) if dot(a, ray) > 0 else a, s) for a, s in plain]
    if kind in ("thin", "lower-dimensional"):
        a = _nonzero(draw(normals))
        flat = kind == "lower-dimensional"
        width = Fraction(0) if flat else Fraction(1, 2 ** draw(st.integers(10, 40)))
        value = dot(a, point)
        if flat and not draw(st.booleans()):
            special = [(a, "==", value)]
        else:
            special = [(a, "<=", value + width), (tuple(-entry for entry in a), "<=", width - value)]
    touching = kind in ("unbounded", "lower-dimensional")
    rows = [(a, "<=", dot(a, point) + (abs(s) if touching else abs(s) or Fraction(1))) for a, s in plain]
    return HPolyhedron.from_rows([*special, *rows], dimension=n)


def _contradiction(draw: st.DrawFn, rows: list[Row], n: int) -> Row:
    """Draw a row that contradicts the others: added to their combination it gives 0 <= -gap."""
    weights = draw(st.tuples(*[st.integers(0, 3)] * len(rows)))
    gap = abs(draw(rationals(max_height=8))) or Fraction(1)
    normal = tuple(-sum((w * a[k] for w, (a, _, _) in zip(weights, rows, strict=True)), Fraction(0)) for k in range(n))
    offset = -sum((w * b for w, (_, _, b) in zip(weights, rows, strict=True)), Fraction(0)) - gap
    return normal, "<=", offset


def _nonzero(vector: Vector) -> Vector:
    """The vector, or the first unit vector in place of zero."""
    return vector if any(vector) else (Fraction(1), *vector[1:])
