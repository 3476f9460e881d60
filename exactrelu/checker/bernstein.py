"""Polynomials on a simplex, by the signs of their Bernstein coefficients.

With vertices w_i in homogeneous integers, sum l_i w_i turns a polynomial into a form in l, here {monomial: integer}
without zeros; a monomial is a sorted tuple of vertex numbers.  Each integer is a Bernstein coefficient times a
positive number.  On the simplex all monomials are nonnegative, so coefficients of one sign give the polynomial's sign;
and a form without negative coefficients is zero at a point exactly if no monomial of it lives on the vertices that
the point needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations
from math import lcm
from typing import Any

__all__ = ["Form", "Point", "expand", "is_refuted", "is_valid", "letters", "zero_faces"]

Point = tuple[int, ...]  # numerators, then their positive denominator
Form = dict[tuple[int, ...], int]


def letters(polynomial: Any, variables: int) -> list[tuple[int, list[int]]]:
    """Integer terms, each with its letters; the letter `variables` fills up to the degree."""
    degree = max([1, *(sum(e for _, e in monomial) for monomial in polynomial)])
    scale = lcm(*(c.denominator for c in polynomial.values()))
    terms = []
    for monomial, c in polynomial.items():
        word = [variable for variable, exponent in monomial for _ in range(exponent)]
        terms.append((c.numerator * (scale // c.denominator), word + [variables] * (degree - len(word))))
    return terms


def expand(terms: Sequence[tuple[int, list[int]]], simplex: tuple[Point, ...]) -> Form:
    """Coefficients, without zeros, by monomials in the vertices: sorted tuples of vertex numbers."""
    total: Form = {}
    for c, word in terms:
        product: Form = {(): c}
        for letter in word:
            longer: Form = {}
            for vertices, a in product.items():
                for i, point in enumerate(simplex):
                    if point[letter]:
                        key = _with(vertices, i)
                        longer[key] = longer.get(key, 0) + a * point[letter]
            product = longer
        for key, a in product.items():
            total[key] = total.get(key, 0) + a
    return {key: a for key, a in total.items() if a}


@cache
def _with(vertices: tuple[int, ...], vertex: int) -> tuple[int, ...]:
    return tuple(sorted((*vertices, vertex)))


def is_refuted(relation: str, form: Form, count: int) -> bool:
    """Whether the coefficients show that the form REL 0 holds nowhere."""
    positive = min(form.values(), default=0) >= 0
    if relation == "<":
        return positive
    corners = {key[0] for key in form if key[0] == key[-1]}  # vertices at which it is not zero
    if len(corners) < count:
        return False
    return positive or (relation == "==" and max(form.values()) < 0)


def is_valid(relation: str, form: Form, count: int) -> bool:
    """Whether the coefficients show that the form REL 0 holds everywhere."""
    if relation == "==":
        return not form
    corners = {key[0] for key in form if key[0] == key[-1]}
    return max(form.values(), default=0) <= 0 and (relation == "<=" or len(corners) == count)


def zero_faces(form: Form, count: int) -> list[tuple[int, ...]]:
    """The maximal sets of vertices that contain no monomial of the form."""
    supports = {frozenset(key) for key in form}
    faces: list[tuple[int, ...]] = []
    for size in range(count, 0, -1):
        for face in combinations(range(count), size):
            here = frozenset(face)
            if not any(s <= here for s in supports) and not any(here <= set(larger) for larger in faces):
                faces.append(face)
    return sorted(faces)
