"""Formulas: Boolean combinations of polynomial comparisons with zero, in negation normal form.

A `Comparison` says `polynomial <= 0`, `< 0` or `== 0`; `And` and `Or` join any number of parts.  There is no
negation: `negate` pushes it to the comparisons at once, where not (p <= 0) is -p < 0 and not (p == 0) is p < 0 or -p
< 0.

The *canonical form*, kept by every function here, is what certificates count positions in:

1. parts stand in the order of the text;
2. an `And` directly inside an `And` is replaced by its parts, in place; the same for `Or`;
3. a comparison of a constant is `TRUE` (the empty `And`) or `FALSE` (the empty `Or`); TRUE inside `And` and FALSE
   inside `Or` disappear, FALSE makes the `And` around it FALSE, TRUE makes the `Or` around it TRUE;
4. a connective of one part is that part.

Nothing else is simplified: equal parts stay.  Invariant: the constructors refuse what is not of this form; build with
`compare`, `conjunction`, `disjunction` and `negate`.  All functions are loops, not recursions, so that the depth of a
formula is limited by memory only.  Cost: linear in the size of the formula, except `disjunctive_normal_form`, which
may yield exponentially many conjunctions, one at a time.  Not done here: deciding anything about unknown points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar

from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Polynomial

__all__ = [
    "FALSE",
    "TRUE",
    "And",
    "Comparison",
    "Formula",
    "Or",
    "Relation",
    "compare",
    "comparisons",
    "conjunction",
    "conjuncts",
    "disjunction",
    "disjunctive_normal_form",
    "evaluate",
    "fold",
    "format_formula",
    "is_linear",
    "negate",
    "substitute",
    "variables",
]

_VARIABLE = re.compile(r"x([0-9]+)")
Relation: TypeAlias = Literal["<=", "<", "=="]
AnyRelation: TypeAlias = Literal["<=", "<", "==", "!=", ">=", ">"]
Value = TypeVar("Value")


class _Operators:
    """`&`, `|` and `~` on formulas, no truth value, and a printed form that does not recurse."""

    __slots__ = ()

    def __and__(self, other: Formula) -> Formula:
        """Return the conjunction."""
        return conjunction((self, other))  # type: ignore[arg-type]  # the three formula classes are the subclasses

    def __or__(self, other: Formula) -> Formula:
        """Return the disjunction."""
        return disjunction((self, other))  # type: ignore[arg-type]

    def __invert__(self) -> Formula:
        """Return the negation."""
        return negate(self)  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        # `0 <= x <= 1` and `a and b` would drop a part silently.
        raise InputError("a formula has no truth value; join formulas with & | ~ instead of and, or, not")

    def __str__(self) -> str:
        return fold(self, _comparison_text, _connective_text)  # type: ignore[arg-type]

    __repr__ = __str__


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(_Operators):
    """The statement `polynomial` REL 0 with REL one of "<=", "<", "=="; the polynomial is not constant.

    Raises:
        InputError: another relation, or a constant polynomial (`compare` makes TRUE or FALSE of it).

    Example:
        >>> Comparison(Polynomial.variable(0) - Polynomial.constant(2), "<=")
        x0 - 2 <= 0
    """

    polynomial: Polynomial
    relation: Relation

    def __post_init__(self) -> None:
        if self.relation not in ("<=", "<", "=="):
            raise InputError(f"relation is {self.relation!r}; a comparison with zero has one of '<=', '<', '=='")
        if not self.polynomial.variables:
            raise InputError("the polynomial of a comparison is constant; use compare(), which returns TRUE or FALSE")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class _Connective(_Operators):
    """Parts in order; the hash is computed once, from the parts' own, so that it does not recurse."""

    parts: tuple[Formula, ...]
    _hash: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        for part in self.parts:
            if not isinstance(part, Comparison | And | Or):
                raise InputError(f"a part of a formula is a {type(part).__name__}; a formula is needed")
            if isinstance(part, type(self)) or (isinstance(part, And | Or) and not part.parts):
                raise InputError("a formula is not in canonical form; build it with conjunction() or disjunction()")
        if len(self.parts) == 1:
            raise InputError("a connective has one part; conjunction() and disjunction() return that part itself")
        object.__setattr__(self, "_hash", hash((type(self).__name__, self.parts)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Whether the two formulas are the same text: same connectives, same parts, same order."""
        pending: list[tuple[object, object]] = [(self, other)]
        while pending:
            one, two = pending.pop()
            if one is two:
                continue
            if type(one) is not type(two):
                return False
            if isinstance(one, _Connective) and isinstance(two, _Connective):
                if one._hash != two._hash or len(one.parts) != len(two.parts):
                    return False
                pending.extend(zip(one.parts, two.parts, strict=True))
            elif one != two:
                return False
        return True


class And(_Connective):
    """True where every part is; `TRUE` is the empty one."""

    __slots__ = ()


class Or(_Connective):
    """True where some part is; `FALSE` is the empty one."""

    __slots__ = ()


Formula: TypeAlias = Comparison | And | Or

TRUE = And(())
FALSE = Or(())


def compare(left: Polynomial, relation: AnyRelation, right: Polynomial | None = None) -> Formula:
    """Return `left` REL `right` (zero when left out) as a formula; REL one of "<=", "<", "==", "!=", ">=", ">".

    a >= b becomes b - a <= 0, and a != b becomes (a - b < 0 or b - a < 0), in this order.

    Raises:
        InputError: another relation.

    Example:
        >>> x = Polynomial.variable(0)
        >>> compare(x, ">", Polynomial.constant(1)), compare(x, "!="), compare(x - x, "<")
        (-x0 + 1 < 0, (x0 < 0 or -x0 < 0), false)
    """
    difference = left if right is None else left - right
    negated = -difference
    if relation in ("<=", "<", "=="):
        return _with_zero(difference, relation)
    if relation == ">=":
        return _with_zero(negated, "<=")
    if relation == ">":
        return _with_zero(negated, "<")
    if relation == "!=":
        return disjunction((_with_zero(difference, "<"), _with_zero(negated, "<")))
    raise InputError(f"relation is {relation!r}; one of <=, <, ==, !=, >=, > is needed")


def _with_zero(polynomial: Polynomial, relation: Relation) -> Formula:
    if polynomial.variables:
        return Comparison(polynomial, relation)
    return TRUE if _holds(polynomial.evaluate(()), relation) else FALSE


def _holds(value: Fraction, relation: Relation) -> bool:
    if relation == "<=":
        return value <= 0
    return value < 0 if relation == "<" else value == 0


def conjunction(parts: Iterable[Formula]) -> Formula:
    """Return the canonical formula that is true where every part is.

    Example:
        >>> one, two = (compare(Polynomial.variable(i), "<=") for i in (0, 1))
        >>> conjunction([one, conjunction([]), conjunction([two, one])])
        (x0 <= 0 and x1 <= 0 and x0 <= 0)
        >>> conjunction([one, FALSE])
        false
    """
    flat = _flat(parts, And)
    if any(isinstance(part, Or) and not part.parts for part in flat):
        return FALSE
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(parts: Iterable[Formula]) -> Formula:
    """Return the canonical formula that is true where some part is."""
    flat = _flat(parts, Or)
    if any(isinstance(part, And) and not part.parts for part in flat):
        return TRUE
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def _flat(parts: Iterable[Formula], connective: type[And] | type[Or]) -> list[Formula]:
    """The parts with those of the same connective opened; canonical parts need it one level deep only."""
    flat: list[Formula] = []
    for part in parts:
        if isinstance(part, connective):
            flat.extend(part.parts)
        else:
            flat.append(part)
    return flat


def negate(formula: Formula) -> Formula:
    """Return the canonical formula that is true exactly where `formula` is false.

    And becomes Or and the other way round, part by part in the same order.

    Example:
        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> negate(conjunction([compare(x, "<="), compare(y, "==")]))
        (-x0 < 0 or x1 < 0 or -x1 < 0)
    """
    return fold(formula, _negated, lambda kind, parts: disjunction(parts) if kind is And else conjunction(parts))


def _negated(part: Comparison) -> Formula:
    if part.relation == "==":
        return compare(part.polynomial, "!=")
    return _with_zero(-part.polynomial, "<" if part.relation == "<=" else "<=")


def evaluate(formula: Formula, point: Sequence[Fraction]) -> bool:
    """Whether the formula is true at a rational point, exactly; `point[i]` is the value of variable i.

    Example:
        >>> x = Polynomial.variable(0)
        >>> evaluate(compare(x * x, "<", Polynomial.constant(2)), [Fraction(7, 5)])
        True
    """
    return fold(
        formula,
        lambda part: _holds(part.polynomial.evaluate(point), part.relation),
        lambda kind, values: all(values) if kind is And else any(values),
    )


def variables(formula: Formula) -> tuple[int, ...]:
    """Return the variables that occur, ascending."""
    return tuple(sorted({v for part in comparisons(formula) for v in part.polynomial.variables}))


def is_linear(formula: Formula) -> bool:
    """Whether every comparison is of a polynomial of degree at most one."""
    return all(part.polynomial.is_linear for part in comparisons(formula))


def comparisons(formula: Formula) -> Iterator[Comparison]:
    """Yield every comparison in the order of the text, repeated ones again."""
    pending: list[Formula] = [formula]
    while pending:
        part = pending.pop()
        if isinstance(part, Comparison):
            yield part
        else:
            pending.extend(reversed(part.parts))


def conjuncts(formula: Formula) -> tuple[Formula, ...]:
    """Return the parts of an `And`, and any other formula as its only part."""
    return formula.parts if isinstance(formula, And) else (formula,)


def substitute(formula: Formula, mapping: Mapping[int, Polynomial]) -> Formula:
    """Return the canonical formula with polynomials in place of variables; those not in `mapping` stay.

    Example:
        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> substitute(compare(x, "<=", y), {1: x * x})
        -x0^2 + x0 <= 0
    """
    return fold(
        formula,
        lambda part: _with_zero(part.polynomial.substitute(mapping), part.relation),
        lambda kind, parts: conjunction(parts) if kind is And else disjunction(parts),
    )


def disjunctive_normal_form(formula: Formula) -> Iterator[tuple[Comparison, ...]]:
    """Yield conjunctions whose disjunction is the formula, in the order of the text (first alternative first).

    FALSE yields nothing, TRUE one empty conjunction.  Lazy: with k binary disjunctions there are up to 2^k of them,
    and the memory is that of one.

    Example:
        >>> a, b, c = (compare(Polynomial.variable(i), "<=") for i in range(3))
        >>> list(disjunctive_normal_form(a & (b | c)))
        [(x0 <= 0, x1 <= 0), (x0 <= 0, x2 <= 0)]
    """
    # Two linked lists, (head, rest) or None: what is chosen, latest first, and what remains to be made true.
    stack: list[tuple[_Chosen, _Agenda]] = [(None, (formula, None))]
    while stack:
        chosen, agenda = stack.pop()
        while agenda is not None:
            part, agenda = agenda
            if isinstance(part, Comparison):
                chosen = (part, chosen)
            elif isinstance(part, And):
                for inner in reversed(part.parts):
                    agenda = (inner, agenda)
            else:
                stack.extend((chosen, (alternative, agenda)) for alternative in reversed(part.parts))
                break
        else:
            yield _in_order(chosen)


_Chosen: TypeAlias = "tuple[Comparison, _Chosen] | None"
_Agenda: TypeAlias = "tuple[Formula, _Agenda] | None"


def _in_order(chosen: _Chosen) -> tuple[Comparison, ...]:
    found: list[Comparison] = []
    while chosen is not None:
        found.append(chosen[0])
        chosen = chosen[1]
    return tuple(reversed(found))


def fold(
    formula: Formula,
    leaf: Callable[[Comparison], Value],
    join: Callable[[type[And] | type[Or], list[Value]], Value],
) -> Value:
    """Compute a value bottom up: `leaf` of every comparison, `join` of the kind and values of a connective's parts.

    Example:
        >>> x = Polynomial.variable(0)
        >>> fold(compare(x, "!="), lambda part: 1, lambda kind, counts: sum(counts))
        2
    """
    done: list[Value] = []
    pending: list[tuple[Formula, bool]] = [(formula, False)]
    while pending:
        part, opened = pending.pop()
        if isinstance(part, Comparison):
            done.append(leaf(part))
        elif opened:
            first = len(done) - len(part.parts)
            done[first:] = [join(type(part), done[first:])]
        else:
            pending.append((part, True))
            pending.extend((inner, False) for inner in reversed(part.parts))
    return done[0]


def format_formula(formula: Formula, names: Sequence[str]) -> str:
    """Return the formula as text with `names[i]` for variable i.

    Example:
        >>> format_formula(compare(Polynomial.variable(0), "<="), ["speed"])
        'speed <= 0'
    """
    return _VARIABLE.sub(lambda match: names[int(match[1])], str(formula))


def _comparison_text(part: Comparison) -> str:
    return f"{part.polynomial} {part.relation} 0"


def _connective_text(kind: type[And] | type[Or], parts: list[str]) -> str:
    if not parts:
        return "true" if kind is And else "false"
    return "(" + (" and " if kind is And else " or ").join(parts) + ")"
