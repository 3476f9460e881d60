"""Polynomials as dictionaries and formulas as nested tuples: add, multiply, compare with zero, negate, evaluate.

    polynomial = {monomial: Fraction}; a monomial is a sorted tuple of (variable, exponent), () the constant
    formula = ("and", (formula, ...)) | ("or", (formula, ...)) | ("<=" | "<" | "==", polynomial)

A comparison says that its polynomial REL 0.  Positions in a formula are what a certificate counts; its form is fixed:

- parts keep their order; an "and" directly inside an "and" is replaced by its parts, likewise "or";
- a connective of one part is that part;
- a comparison of a constant is TRUE = ("and", ()) or FALSE = ("or", ()); FALSE makes the "and" around it FALSE, TRUE
  makes the "or" around it TRUE; TRUE in an "and" and FALSE in an "or" vanish by the first rule;
- negation exchanges "and" with "or", p <= 0 with -p < 0, p < 0 with -p <= 0, and makes p < 0 or -p < 0 of p == 0.

Nothing else is dropped.  Everything is a loop, because a file may nest more deeply than Python recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

__all__ = ["FALSE", "TRUE", "combine", "compare", "fold", "join", "multiply", "negate", "truth", "value"]

Polynomial = dict[Any, Fraction]

TRUE: Any = ("and", ())
FALSE: Any = ("or", ())
OPPOSITE = {"and": "or", "or": "and"}


def combine(*multiples: tuple[int, Polynomial]) -> Polynomial:
    """Return the sum of factor * polynomial.

    >>> combine((1, {(): Fraction(2)}), (-1, {((0, 1),): Fraction(1), (): Fraction(2)}))
    {((0, 1),): Fraction(-1, 1)}
    """
    return _collect((monomial, factor * c) for factor, polynomial in multiples for monomial, c in polynomial.items())


def multiply(one: Polynomial, two: Polynomial) -> Polynomial:
    """Return the product."""
    return _collect((_product(m, n), c * d) for m, c in one.items() for n, d in two.items())


def _collect(terms: Iterable[tuple[Any, Fraction]]) -> Polynomial:
    sums: Polynomial = {}
    for monomial, c in terms:
        sums[monomial] = sums.get(monomial, Fraction(0)) + c
    return {monomial: c for monomial, c in sums.items() if c}


def _product(one: Any, two: Any) -> Any:
    exponents = dict(one)
    for variable, exponent in two:
        exponents[variable] = exponents.get(variable, 0) + exponent
    return tuple(sorted(exponents.items()))


def value(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    """Return the polynomial's value at a point."""
    total = Fraction(0)
    for monomial, c in polynomial.items():
        for variable, exponent in monomial:
            c *= point[variable] ** exponent
        total += c
    return total


def _holds(relation: str, number: Fraction) -> bool:
    if relation == "==":
        return number == 0
    return number < 0 or (number == 0 and relation == "<=")


def compare(relation: str, polynomial: Polynomial) -> Any:
    """Return polynomial REL 0, which is TRUE or FALSE if the polynomial is a constant."""
    if any(polynomial):  # a monomial other than ()
        return (relation, polynomial)
    return TRUE if _holds(relation, value(polynomial, ())) else FALSE


def join(connective: str, parts: Sequence[Any]) -> Any:
    """Return the "and" or "or" of formulas."""
    flat: list[Any] = []
    for part in parts:
        flat.extend(part[1] if part[0] == connective else [part])
    absorbing = (OPPOSITE[connective], ())
    if absorbing in flat:
        return absorbing
    return flat[0] if len(flat) == 1 else (connective, tuple(flat))


def negate(formula: Any) -> Any:
    """Return the negation."""

    def negated(part: Any) -> Any:
        relation, polynomial = part
        minus = combine((-1, polynomial))
        if relation == "==":
            return join("or", [compare("<", polynomial), compare("<", minus)])
        return compare("<" if relation == "<=" else "<=", minus)

    return fold(formula, _parts, negated, lambda node, parts: join(OPPOSITE[node[0]], parts))


def truth(formula: Any, point: Sequence[Fraction]) -> bool:
    """Return whether the formula holds at a point.

    >>> square_is_4 = ("==", {((0, 2),): Fraction(1), (): Fraction(-4)})
    >>> truth(("or", (("<", {((0, 1),): Fraction(1)}), square_is_4)), [Fraction(2)])
    True
    """
    holds = {"and": all, "or": any}
    return bool(
        fold(formula, _parts, lambda part: _holds(part[0], value(part[1], point)), lambda node, vs: holds[node[0]](vs))
    )


def _parts(formula: Any) -> Any:
    return formula[1] if formula[0] in OPPOSITE else None


def fold(
    root: Any, children: Callable[[Any], Any], leaf: Callable[[Any], Any], node: Callable[[Any, list[Any]], Any]
) -> Any:
    """Bottom up: `leaf` of what has no children (None), `node` of the others with their children's values."""
    done: list[Any] = []
    pending = [(root, False)]
    while pending:
        here, is_open = pending.pop()
        inner = children(here)
        if inner is None:
            done.append(leaf(here))
        elif is_open:
            values = done[len(done) - len(inner) :]
            del done[len(done) - len(inner) :]
            done.append(node(here, values))
        else:
            pending.append((here, True))
            pending.extend((child, False) for child in reversed(inner))
    return done[0]
