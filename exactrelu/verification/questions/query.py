"""A query: is there an input whose output makes a formula true?

The convention is VNN-LIB's: the formula describes the *violation*.  `sat` means that some real input makes it true,
`unsat` that none does, over the real numbers, on the network's exact weights.

Variables 0..d-1 are the network's inputs and d..d+m-1 its outputs.  A question about several networks is one about
their `parallel` composition: first all inputs, network by network, then all outputs.

Some facts are read off the formula's top-level conjuncts without any search: `input_conjuncts` are those that mention
inputs only, `input_box` is what the linear ones with a single variable say, `input_contradiction` finds out whether
the linear ones contradict one another (by an exact linear program when the box does not decide).  Not done here:
answering the query, and reading it (`exactrelu.io.vnnlib`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Infeasible
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import (
    FALSE,
    Comparison,
    Formula,
    conjunction,
    conjuncts,
    evaluate,
    variables,
)
from exactrelu.verification.questions.situations import Situation

__all__ = ["Interval", "Query"]

Interval: TypeAlias = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True)
class Query:
    """A network and a formula over its inputs and outputs.

    Args:
        network: gives the outputs for an input.
        formula: over variables 0..d-1 (inputs) and d..d+m-1 (outputs); describes the violation.
        input_names, output_names: one name a variable, for people; default X[0], ..., Y[0], ...

    Raises:
        ShapeError: the formula mentions a variable beyond d + m, or there are too many or too few names.
        InputError: a name occurs twice.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> query = Query(absolute, compare(x * x, "<=", Polynomial.constant(4)) & compare(y, ">", x))
        >>> query.holds_at([-1]), query.holds_at([1]), query.holds_at([-3])
        (True, False, False)
    """

    network: Network
    formula: Formula
    input_names: tuple[str, ...] = field(default=(), compare=False)
    output_names: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        d, m = self.network.n_inputs, self.network.n_outputs
        if not self.input_names:
            object.__setattr__(self, "input_names", tuple(f"X[{i}]" for i in range(d)))
        if not self.output_names:
            object.__setattr__(self, "output_names", tuple(f"Y[{i}]" for i in range(m)))
        for names, count, kind in ((self.input_names, d, "input"), (self.output_names, m, "output")):
            if len(names) != count:
                raise ShapeError(f"{kind}_names has {len(names)} names; the network has {count} {kind}s")
        if len(set(self.names)) != d + m:
            repeated = next(name for name in self.names if self.names.count(name) > 1)
            raise InputError(f"the name {repeated!r} stands for two variables; every input and output needs its own")
        mentioned = variables(self.formula)
        if mentioned and mentioned[-1] >= d + m:
            raise ShapeError(f"the formula mentions variable {mentioned[-1]}; there are {d} inputs and {m} outputs")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all variables, inputs first."""
        return self.input_names + self.output_names

    def restrict(self, assumption: Formula) -> Query:
        """Return the same query where an additional assumption holds; its parts come first."""
        return replace(self, formula=conjunction((assumption, self.formula)))

    def point_at(self, point: Iterable[Any]) -> tuple[Fraction, ...]:
        """Return the values of all variables for an input: the input itself, then the network's exact output there."""
        inputs = as_vector(point, name="point")
        return inputs + self.network.evaluate(inputs)

    def holds_at(self, point: Iterable[Any]) -> bool:
        """Whether an input makes the formula true, by exact evaluation of the network and the formula.

        Raises:
            ShapeError: the point has another dimension than the input.
            InexactNumberError: a coordinate is a float.
        """
        return evaluate(self.formula, self.point_at(point))

    def input_conjuncts(self) -> tuple[Formula, ...]:
        """Return the top-level conjuncts that mention no output, in order; together they restrict the input."""
        d = self.network.n_inputs
        return tuple(part for part in conjuncts(self.formula) if all(v < d for v in variables(part)))

    def input_box(self) -> tuple[Interval, ...]:
        """Return for every input the closed bounds (None: no bound) that top-level conjuncts say directly.

        Only linear conjuncts of a single input count; "<" gives the same bound as "<=".  Every input that makes the
        formula true lies in the box.  Lower may exceed upper: then no input does (see `input_contradiction`).

        Example:
            >>> from exactrelu.exact.polynomials import Polynomial
            >>> from exactrelu.verification.questions.formulas import compare
            >>> x = Polynomial.variable(0)
            >>> shift = Network.from_weights([[[1]]], [[1]])
            >>> Query(shift, compare(x, "<", Polynomial.constant(3))).input_box()
            ((None, Fraction(3, 1)),)
        """
        return tuple(Situation().assume(self.formula).box(self.network.n_inputs))

    def input_contradiction(self) -> tuple[Formula, ...]:
        """Return top-level conjuncts on the inputs alone that no input satisfies together; empty if none were found.

        Complete for linear conjuncts (any number of inputs, strict or not); polynomial ones and disjunctions are not
        looked into.  Cost: one exact linear program, and none if every linear conjunct has a single input.

        Example:
            >>> from exactrelu.exact.polynomials import Polynomial
            >>> from exactrelu.verification.questions.formulas import compare
            >>> x, one = Polynomial.variable(0), Polynomial.constant(1)
            >>> shift = Network.from_weights([[[1]]], [[1]])
            >>> Query(shift, compare(x, ">", one) & compare(x, "<=", one)).input_contradiction()
            (-x0 + 1 < 0, x0 - 1 <= 0)
        """
        if self.formula == FALSE:
            return (FALSE,)
        linear = list(self._linear_input_conjuncts())
        by_variable: dict[int, list[Comparison]] = {}
        for part in linear:
            if len(part.polynomial.variables) == 1:
                by_variable.setdefault(part.polynomial.variables[0], []).append(part)
        for group in by_variable.values():
            if len(group) > 1 and (found := _contradiction(group)):
                return found
        return _contradiction(linear) if any(len(part.polynomial.variables) > 1 for part in linear) else ()

    def _linear_input_conjuncts(self) -> Iterator[Comparison]:
        d = self.network.n_inputs
        for part in conjuncts(self.formula):
            if isinstance(part, Comparison) and part.polynomial.is_linear and part.polynomial.variables[-1] < d:
                yield part


def _contradiction(parts: list[Comparison]) -> tuple[Formula, ...]:
    """The linear comparisons that take part in a refutation of all of them, or nothing if they have a solution."""
    used = sorted({v for part in parts for v in part.polynomial.variables})
    rows: list[tuple[list[Fraction], str, Fraction]] = []
    for part in parts:
        coefficients, constant = part.polynomial.linear_part()
        rows.append(([coefficients.get(v, Fraction(0)) for v in used], part.relation, -constant))
    answer = decide(LinearSystem.from_rows(rows, dimension=len(used)))
    if not isinstance(answer, Infeasible):
        return ()
    return tuple(part for part, y in zip(parts, answer.certificate.multipliers, strict=True) if y)
