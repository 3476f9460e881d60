"""Checks that a solution lies on a segment, though perhaps at an irrational point.

The network is affine on the segment, because no unit has opposite signs at its ends; the polynomial of an equation of
the formula has opposite signs at the ends, so it vanishes between (intermediate value theorem); and the coefficients on
the segment prove what the formula needs besides: with every comparison true that they prove, or that says p <= 0 or
p == 0 of plus or minus that polynomial, and all others false, the formula is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .bernstein import expand, is_valid, letters
from .formulas import combine, fold
from .network import Network
from .reading import Invalid
from .vertices import evaluate

__all__ = ["check_crossing"]

_CONNECTIVES = {"and": all, "or": any}


def check_crossing(network: Network, formula: Any, start: Sequence[int], end: Sequence[int], comparison: int) -> None:
    """Check a crossing between two inputs (numerators, positive denominator) in the comparison with this number.

    Comparisons are numbered from 0 in the order of the formula, repeated ones again.

    Raises:
        Invalid: it proves nothing.
    """
    comparisons: list[Any] = []
    fold(formula, _parts, comparisons.append, lambda node, values: None)
    if comparison >= len(comparisons) or comparisons[comparison][0] != "==":
        raise Invalid(f"comparison {comparison} of the formula is no equation, or does not exist")
    for point in (start, end):
        if len(point) != network.inputs + 1 or point[-1] <= 0:
            raise Invalid(f"an end has {network.inputs} coordinates and a positive denominator")
    ends, signs = evaluate(network, [tuple(start), tuple(end)])
    if (signs[0][0] | signs[1][0]) & (signs[0][1] | signs[1][1]):
        raise Invalid("a unit has both signs on the segment")
    variables = len(ends[0]) - 1
    polynomial = comparisons[comparison][1]
    at_ends = [expand(letters(polynomial, variables), (point,)) for point in ends]
    if [sum(form.values()) > 0 for form in at_ends] not in ([False, True], [True, False]) or not all(at_ends):
        raise Invalid("the polynomial has no opposite signs at the ends")
    minus = combine((-1, polynomial))

    def proved(part: Any) -> bool:
        relation, other = part
        if relation != "<" and other in (polynomial, minus):
            return True
        return is_valid(relation, expand(letters(other, variables), tuple(ends)), 2)

    if not fold(formula, _parts, proved, lambda node, values: _CONNECTIVES[node[0]](values)):
        raise Invalid("the other comparisons are not proved on the segment")


def _parts(formula: Any) -> Any:
    return formula[1] if formula[0] in _CONNECTIVES else None
