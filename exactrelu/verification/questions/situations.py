"""Situations: what is assumed of a point at a node of a proof, comparison by comparison.

A proof that no input makes a formula true goes down the formula.  A `Situation` holds the comparisons assumed so far
(`literals`) and the disjunctions not yet looked into (`pending`), both in the order in which they came up; a
certificate refers to them by these positions.  Assuming a conjunction assumes its parts in order; `branch(j)` takes the
j-th pending disjunction away and gives one situation for each of its parts.

The rules are simple on purpose: the checker follows the very same ones.  Cost: linear in the formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactrelu.verification.questions.formulas import And, Comparison, Formula, Or, variables

__all__ = ["Situation"]


@dataclass(frozen=True, slots=True)
class Situation:
    """Assumed comparisons, and disjunctions still to be split.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> a, b, c = (compare(Polynomial.variable(i), "<=") for i in range(3))
        >>> start = Situation().assume(a & (b | c))
        >>> start
        Situation(literals=(x0 <= 0,), pending=((x1 <= 0 or x2 <= 0),))
        >>> [s.literals for s in start.branch(0)]
        [(x0 <= 0, x1 <= 0), (x0 <= 0, x2 <= 0)]
    """

    literals: tuple[Comparison, ...] = ()
    pending: tuple[Or, ...] = ()

    def assume(self, formula: Formula) -> Situation:
        """Return the situation in which the formula holds too."""
        literals, pending = list(self.literals), list(self.pending)
        agenda: list[Formula] = [formula]
        while agenda:
            part = agenda.pop()
            if isinstance(part, Comparison):
                literals.append(part)
            elif isinstance(part, And):
                agenda.extend(reversed(part.parts))
            else:
                pending.append(part)
        return Situation(tuple(literals), tuple(pending))

    def branch(self, position: int) -> tuple[Situation, ...]:
        """Split the pending disjunction at `position`: one situation for each of its parts, none for FALSE."""
        rest = Situation(self.literals, self.pending[:position] + self.pending[position + 1 :])
        return tuple(rest.assume(part) for part in self.pending[position].parts)

    @property
    def parts(self) -> tuple[Formula, ...]:
        """Everything that is assumed: literals, then pending disjunctions."""
        return (*self.literals, *self.pending)

    def input_disjunction(self, n_inputs: int) -> int | None:
        """Return the position of the first pending disjunction that mentions no output, None if there is none."""
        for position, part in enumerate(self.pending):
            if all(v < n_inputs for v in variables(part)):
                return position
        return None

    def box(self, n_inputs: int) -> list[tuple[Fraction | None, Fraction | None]]:
        """Return for every input the closed bounds that linear literals of that input alone say; None: no bound."""
        lower: list[Fraction | None] = [None] * n_inputs
        upper: list[Fraction | None] = [None] * n_inputs
        for literal in self.literals:
            if not _bounds_an_input(literal, n_inputs):
                continue
            i = literal.polynomial.variables[0]
            coefficients, constant = literal.polynomial.linear_part()
            slope = coefficients[i]
            bound = -constant / slope
            up, low = upper[i], lower[i]
            if (slope > 0 or literal.relation == "==") and (up is None or bound < up):
                upper[i] = bound
            if (slope < 0 or literal.relation == "==") and (low is None or bound > low):
                lower[i] = bound
        return list(zip(lower, upper, strict=True))

    def beyond_box(self, n_inputs: int) -> tuple[Formula, ...]:
        """Return what is assumed besides the literals that say the box; at the box's faces strict ones say more."""
        return tuple(
            part for part in self.parts if not (isinstance(part, Comparison) and _bounds_an_input(part, n_inputs))
        )


def _bounds_an_input(literal: Comparison, n_inputs: int) -> bool:
    mentioned = literal.polynomial.variables
    return len(mentioned) == 1 and mentioned[0] < n_inputs and literal.polynomial.is_linear
