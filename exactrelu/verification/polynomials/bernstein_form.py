"""Polynomials on a simplex in Bernstein form, with integers.

A point of the simplex with vertices w_0, ..., w_k is a sum l_0 w_0 + ... + l_k w_k with l >= 0 and sum 1.  A polynomial
p of degree at most n is there a form of degree n in l,

    p = sum over |a| = n of  (n choose a) b_a l^a,        b_a its *Bernstein coefficients*.

All (n choose a) l^a are nonnegative on the simplex, so b >= 0 proves p >= 0, and then p vanishes at a point exactly if
every term with b_a > 0 does.  Let T be the set of vertices with l_i > 0 at that point: p vanishes there iff b_a = 0
for all a with support in T.  The zero set of a nonnegative form is therefore a union of faces, `zero_faces`, and it is
empty iff the coefficients at the vertices are positive [Farouki 2012, *The Bernstein polynomial basis*; Garloff].

Vertices are given in homogeneous integers (W, q), q > 0, for the point W/q.  With m_i = l_i / q_i the form is

    P(m_0 (W_0, q_0) + ... + m_k (W_k, q_k)),        P the homogeneous form of p with integer coefficients,

and its coefficients are positive multiples of the b_a: the factor (n choose a) q^a times the common denominator of p's
coefficients, the same for all polynomials but for that last factor.  Signs and nonnegative combinations need nothing
else, so no fraction is ever formed.

Cost: P is kept in Horner form; for degree n and s variables at most s^(n-1) products of a form by a linear one.  Only
the standard library is used, because a checker needs the same lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from math import gcd, lcm
from typing import TypeAlias

from exactrelu.exact.polynomials import Polynomial

__all__ = ["BernsteinForm", "HomogeneousForm", "Point", "as_fractions", "as_homogeneous", "point_between", "positions"]

Point: TypeAlias = tuple[int, ...]
"""Homogeneous integers (W, q) of the point W/q; q > 0 and no common factor."""

Nested: TypeAlias = "int | tuple[tuple[int, Nested], ...]"
"""A form: an integer of degree 0, or pairs (variable, form of one degree less) to be multiplied and added."""


def as_homogeneous(point: Sequence[Fraction]) -> Point:
    """Return the homogeneous integers of a rational point.

    >>> as_homogeneous([Fraction(1, 2), Fraction(-2, 3)])
    (3, -4, 6)
    """
    q = lcm(*(x.denominator for x in point))
    return (*(x.numerator * (q // x.denominator) for x in point), q)


def as_fractions(point: Point) -> tuple[Fraction, ...]:
    """Return the coordinates of a homogeneous point."""
    return tuple(Fraction(x, point[-1]) for x in point[:-1])


def point_between(start: Point, end: Point, ratio: Fraction) -> Point:
    """Return start + ratio·(end - start).

    >>> point_between((0, 1), (3, 2), Fraction(1, 3))
    (1, 2)
    """
    a = (ratio.denominator - ratio.numerator) * end[-1]
    b = ratio.numerator * start[-1]
    mixed = [a * x + b * y for x, y in zip(start, end, strict=True)]
    common = gcd(*mixed)
    return tuple(x // common for x in mixed)


@cache
def positions(n_points: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Return the order of coefficients: multisets of vertices, each as a sorted tuple of `degree` vertex numbers.

    >>> positions(2, 2)
    ((0, 0), (0, 1), (1, 1))
    """
    return tuple(combinations_with_replacement(range(n_points), degree))


@cache
def _steps(n_points: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """For every position of a degree and every vertex: the position, one degree higher, of the product."""
    higher = {multiset: place for place, multiset in enumerate(positions(n_points, degree + 1))}
    return tuple(
        tuple(higher[tuple(sorted((*multiset, i)))] for i in range(n_points))
        for multiset in positions(n_points, degree)
    )


@dataclass(frozen=True, slots=True)
class BernsteinForm:
    """Coefficients of a polynomial on a simplex, each up to a positive factor, in the order of `positions`.

    Example (x on the segment from -1 to 2, then its square):
        >>> HomogeneousForm.of(Polynomial.variable(0), 1).on([(-1, 1), (2, 1)]).coefficients
        (-1, 2)
        >>> HomogeneousForm.of(Polynomial.variable(0) ** 2, 1).on([(-1, 1), (2, 1)]).coefficients
        (1, -4, 4)
    """

    n_points: int
    degree: int
    coefficients: tuple[int, ...]

    @property
    def is_nonnegative(self) -> bool:
        """Whether no coefficient is negative."""
        return min(self.coefficients) >= 0

    @property
    def is_nonpositive(self) -> bool:
        """Whether no coefficient is positive."""
        return max(self.coefficients) <= 0

    @property
    def vertex_values(self) -> tuple[int, ...]:
        """The coefficients at the vertices, which are positive multiples of the polynomial's values there."""
        places = positions(self.n_points, self.degree)
        return tuple(c for c, place in zip(self.coefficients, places, strict=True) if place[0] == place[-1])

    def is_refuted(self, relation: str) -> bool:
        """Whether the coefficients prove that `polynomial relation 0` holds nowhere on the simplex."""
        if relation == "<":
            return self.is_nonnegative
        vertices = self.vertex_values
        if min(vertices) > 0:
            return self.is_nonnegative
        return relation == "==" and max(vertices) < 0 and self.is_nonpositive

    def is_valid(self, relation: str) -> bool:
        """Whether the coefficients prove that `polynomial relation 0` holds everywhere on the simplex."""
        if relation == "==":
            return not any(self.coefficients)
        return self.is_nonpositive and (relation == "<=" or max(self.vertex_values) < 0)

    def zero_faces(self) -> tuple[tuple[int, ...], ...]:
        """Return the maximal faces, as sorted vertex numbers, on which a form without negative coefficients vanishes.

        Their union is its zero set; () if there is none, the whole simplex if all coefficients are zero.

        >>> BernsteinForm(3, 1, (0, 1, 0)).zero_faces(), BernsteinForm(2, 2, (0, 1, 0)).zero_faces()
        (((0, 2),), ((0,), (1,)))
        """
        places = positions(self.n_points, self.degree)
        supports = {frozenset(place) for c, place in zip(self.coefficients, places, strict=True) if c}
        faces: list[frozenset[int]] = []
        everything = range(1, 2**self.n_points)
        for mask in sorted(everything, key=int.bit_count, reverse=True):
            face = frozenset(i for i in range(self.n_points) if mask >> i & 1)
            if not any(face <= larger for larger in faces) and not any(support <= face for support in supports):
                faces.append(face)
        return tuple(sorted(tuple(sorted(face)) for face in faces))


@dataclass(frozen=True, slots=True)
class HomogeneousForm:
    """A polynomial times the common denominator of its coefficients, made homogeneous, ready to be put on simplices.

    degree: at least 1.  scale: that common denominator.  nested: the form, in variables 0..n-1 and the homogenising n.
    """

    degree: int
    scale: int
    nested: Nested

    @classmethod
    def of(cls, polynomial: Polynomial, n_variables: int, degree: int = 1) -> HomogeneousForm:
        """Make the form of the polynomial's degree, or of `degree` if that is higher."""
        n = max(degree, polynomial.degree)
        scale = lcm(*(c.denominator for _, c in polynomial.terms))
        words = []
        for monomial, c in polynomial.terms:
            letters = [variable for variable, exponent in monomial for _ in range(exponent)]
            words.append(((*letters, *[n_variables] * (n - len(letters))), c.numerator * (scale // c.denominator)))
        return cls(n, scale, _nest(words, n))

    def on(self, points: Sequence[Point]) -> BernsteinForm:
        """Return the Bernstein form on the simplex with these vertices (one point is a simplex too)."""
        columns = list(zip(*points, strict=True))
        return BernsteinForm(len(points), self.degree, tuple(_expand(self.nested, self.degree, columns, len(points))))

    def at(self, point: Point) -> int:
        """Return a positive multiple of the polynomial's value at a point."""
        return _value(self.nested, point)


def _nest(words: Sequence[tuple[tuple[int, ...], int]], degree: int) -> Nested:
    """Put terms into Horner form by their first letters."""
    if degree == 0:
        return sum(c for _, c in words)
    groups: dict[int, list[tuple[tuple[int, ...], int]]] = {}
    for word, c in words:
        groups.setdefault(word[0], []).append((word[1:], c))
    return tuple((letter, _nest(group, degree - 1)) for letter, group in sorted(groups.items()))


def _expand(nested: Nested, degree: int, columns: Sequence[Sequence[int]], n_points: int) -> list[int]:
    """Coefficients of a form after the substitution of the columns' linear forms."""
    if isinstance(nested, int):
        return [nested]
    if degree == 1:
        total = [0] * n_points
        for variable, factor in nested:
            assert isinstance(factor, int)
            total = [t + factor * x for t, x in zip(total, columns[variable], strict=True)]
        return total
    total = [0] * len(positions(n_points, degree))
    steps = _steps(n_points, degree - 1)
    for variable, rest in nested:
        column = columns[variable]
        for c, targets in zip(_expand(rest, degree - 1, columns, n_points), steps, strict=True):
            if c:
                for x, target in zip(column, targets, strict=True):
                    total[target] += c * x
    return total


def _value(nested: Nested, point: Point) -> int:
    if isinstance(nested, int):
        return nested
    return sum(point[variable] * _value(rest, point) for variable, rest in nested)
