"""A formula as a circuit: its distinct comparisons, and its gates in an order in which each follows its inputs.

Formulas have no negation, so a circuit is *monotone*: if it is false with every comparison that has not been refuted
set to true, then the formula holds nowhere; if it is true with every comparison that is not known to hold set to
false, it holds everywhere.  The same evaluation serves single bits and whole arrays of them, one per simplex.

Cost: one operation for each part of the formula, without recursion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from exactrelu.verification.questions.formulas import And, Comparison, Formula

__all__ = ["Circuit"]

Bits = TypeVar("Bits", bool, Any)


@dataclass(frozen=True, slots=True)
class Circuit:
    """Distinct comparisons and gates.

    atoms: the comparisons, in the order of their first occurrence.
    gates: (conjunctive, inputs); an input k < len(atoms) is an atom, else gate k - len(atoms); `root` likewise.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> a, b, c = (compare(Polynomial.variable(i), "<=") for i in range(3))
        >>> circuit = Circuit.of(a & (b | c | a))
        >>> circuit.gates, circuit.evaluate([True, False, False]), circuit.evaluate([False, True, True])
        (((False, (1, 2, 0)), (True, (0, 3))), True, False)
    """

    atoms: tuple[Comparison, ...]
    gates: tuple[tuple[bool, tuple[int, ...]], ...]
    root: int

    @classmethod
    def of(cls, formula: Formula) -> Circuit:
        """Compile a formula; equal comparisons become one atom."""
        numbers: dict[Comparison, int] = {}
        order: list[tuple[bool, tuple[int, ...]]] = []
        # First the comparisons, so that gates can be numbered after them.
        pending: list[tuple[Formula, bool]] = [(formula, False)]
        while pending:
            part, _ = pending.pop()
            if isinstance(part, Comparison):
                numbers.setdefault(part, len(numbers))
            else:
                pending.extend((inner, False) for inner in reversed(part.parts))
        done: list[int] = []
        pending = [(formula, False)]
        while pending:
            part, opened = pending.pop()
            if isinstance(part, Comparison):
                done.append(numbers[part])
            elif opened:
                first = len(done) - len(part.parts)
                order.append((isinstance(part, And), tuple(done[first:])))
                done[first:] = [len(numbers) + len(order) - 1]
            else:
                pending.append((part, True))
                pending.extend((inner, False) for inner in reversed(part.parts))
        return cls(tuple(numbers), tuple(order), done[0])

    def evaluate(self, values: Sequence[Any]) -> Any:
        """Return the formula's value for the values of the atoms: bools, or Boolean arrays of one shape."""
        known: list[Any] = list(values)
        for conjunctive, inputs in self.gates:
            result: Any = conjunctive
            for number in inputs:
                result = (result & known[number]) if conjunctive else (result | known[number])
            known.append(result)
        return known[self.root]
