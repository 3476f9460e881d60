"""Random formulas as plain nested tuples, with a naive meaning, a VNN-LIB text, and the package's own value.

    formula = ("and" | "or", [formula, ...]) | ("not", formula) | (relation, term, term)
    term = number as text | variable as int | ("+" | "*", [term, ...]) | ("-", [term, ...])

Three readings of the same tuple, none through another: `holds` by recursion over fractions, `text` for the readers,
`built` with the package's constructors.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

from hypothesis import strategies as st

from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.questions.formulas import Formula, compare, conjunction, disjunction, negate

N_VARIABLES = 3
RELATIONS = ("<=", "<", ">=", ">", "==", "!=")
NUMBERS = ("0", "1", "-1", "2.5", "-0.1", "3e-1", "0.0", "-12.25", "1E2")

atoms = st.sampled_from(NUMBERS) | st.integers(0, N_VARIABLES - 1)
terms = st.recursive(
    atoms,
    lambda inner: (
        st.tuples(st.sampled_from("+-"), st.lists(inner, min_size=1, max_size=3))
        | st.tuples(st.just("*"), st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=4,
)
comparisons = st.tuples(st.sampled_from(RELATIONS), terms, terms)
formulas: st.SearchStrategy[Any] = st.recursive(
    comparisons,
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3))
        | st.tuples(st.just("not"), inner)
    ),
    max_leaves=6,
)
points = st.lists(
    st.fractions(min_value=-4, max_value=4, max_denominator=4), min_size=N_VARIABLES, max_size=N_VARIABLES
)


def number(term: Any, point: list[Fraction]) -> Fraction:
    """The value of a term."""
    if isinstance(term, str):
        return Fraction(term)
    if isinstance(term, int):
        return point[term]
    values = [number(part, point) for part in term[1]]
    if term[0] == "+":
        return sum(values, Fraction(0))
    if term[0] == "*":
        return reduce(lambda a, b: a * b, values)
    return -values[0] if len(values) == 1 else values[0] - sum(values[1:])


def holds(formula: Any, point: list[Fraction]) -> bool:
    """Whether a formula is true at a point."""
    if formula[0] == "and":
        return all(holds(part, point) for part in formula[1])
    if formula[0] == "or":
        return any(holds(part, point) for part in formula[1])
    if formula[0] == "not":
        return not holds(formula[1], point)
    a, b = number(formula[1], point), number(formula[2], point)
    return {"<=": a <= b, "<": a < b, ">=": a >= b, ">": a > b, "==": a == b, "!=": a != b}[formula[0]]


def text(formula: Any, names: list[str]) -> str:
    """The formula or term in VNN-LIB's prefix notation."""
    if isinstance(formula, str):
        return formula
    if isinstance(formula, int):
        return names[formula]
    operator, *rest = formula
    parts = rest[0] if isinstance(rest[0], list) else rest
    return f"({operator} {' '.join(text(part, names) for part in parts)})"


def polynomial(term: Any) -> Polynomial:
    """The term as a polynomial."""
    if isinstance(term, str):
        return Polynomial.constant(Fraction(term))
    if isinstance(term, int):
        return Polynomial.variable(term)
    values = [polynomial(part) for part in term[1]]
    if term[0] == "+":
        return reduce(lambda a, b: a + b, values)
    if term[0] == "*":
        return reduce(lambda a, b: a * b, values)
    return -values[0] if len(values) == 1 else reduce(lambda a, b: a - b, values)


def built(formula: Any) -> Formula:
    """The formula as the package's value."""
    if formula[0] in ("and", "or"):
        return (conjunction if formula[0] == "and" else disjunction)([built(part) for part in formula[1]])
    if formula[0] == "not":
        return negate(built(formula[1]))
    return compare(polynomial(formula[1]), formula[0], polynomial(formula[2]))
