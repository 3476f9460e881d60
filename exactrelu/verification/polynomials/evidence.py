"""Evidence about a formula of polynomial comparisons on a simplex: trees that refute it, witnesses that satisfy it.

A tree is about a simplex, given by its vertices, and a `Situation`: what is assumed on it, a list of comparisons
(*literals*) and a list of disjunctions (*pending*).  It proves that no point of the simplex satisfies the situation:

- `Direct`: set every comparison false whose Bernstein coefficients on the simplex refute it (all >= 0 for "<"; besides
  positive at the vertices for "<="; all of one sign and not zero at the vertices for "=="), all others true: a fact or
  an alternative becomes false.
- `Combine`: sum of multipliers times the facts' polynomials, multipliers > 0 or, for "==", of any sign.  At a solution
  this sum is <= 0.  Its Bernstein coefficients are >= 0, so it is zero there, and the solution lies in one of its
  *zero faces* (`bernstein_form`): one child for each of them, in their order.  If a strict fact takes part the sum
  would be < 0 and there is no child; nor is there one if no face is zero.
- `Choose`: one of the alternatives holds: it is removed, and each child asserts one of its parts.
- `Bisect`: a point between two vertices replaces either of them; the two children cover the simplex.

This is what touching sets need: x^2 <= 0 on [0, 1] is narrowed to the face {0} exactly, where no subdivision would end.

A `Witness` is a rational point.  A `CrossingWitness` proves that an irrational one exists: on a segment the polynomial
of an equation changes sign, and the coefficients on the segment prove all other comparisons that the formula needs;
the intermediate value theorem does the rest.

Points here have all coordinates of the formula's variables: for a network the inputs and the outputs, which are affine
on the simplex.  Cost of a check: one Bernstein form for each comparison looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.polynomials.bernstein_form import HomogeneousForm, Point, as_homogeneous, point_between
from exactrelu.verification.polynomials.circuit import Circuit
from exactrelu.verification.questions.formulas import Comparison, Formula, comparisons, evaluate
from exactrelu.verification.questions.situations import Situation

__all__ = [
    "Bisect",
    "Choose",
    "Combine",
    "CrossingWitness",
    "Direct",
    "Tree",
    "Undecided",
    "Witness",
    "combination",
    "homogeneous_tree_defect",
    "tree_defect",
]


@dataclass(frozen=True, slots=True)
class Direct:
    """Leaf: the coefficients of single comparisons refute the situation."""


@dataclass(frozen=True, slots=True)
class Combine:
    """A nonnegative combination of facts; one child for each of its zero faces.

    multipliers: pairs (fact, multiplier), integers.
    """

    multipliers: tuple[tuple[int, int], ...]
    children: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Choose:
    """Distinction of cases by the parts of an alternative, numbered in the situation's list."""

    alternative: int
    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Bisect:
    """Cut at vertex first + ratio·(second - first), 0 < ratio < 1: it replaces `second` in one child, `first` in the
    other."""

    first: int
    second: int
    ratio: Fraction
    children: tuple[Tree, Tree]


Tree: TypeAlias = Direct | Combine | Choose | Bisect


@dataclass(frozen=True, slots=True)
class Witness:
    """A rational point that satisfies the formula: the values of all its variables."""

    point: tuple[Fraction, ...]

    def defect(self, formula: Formula) -> str | None:
        """Return None if the point satisfies the formula, else the reason."""
        return None if evaluate(formula, self.point) else "the formula is false at the point"


@dataclass(frozen=True, slots=True)
class CrossingWitness:
    """A segment on which some point, perhaps irrational, satisfies the formula.

    start, end: values of all variables.  comparison: an equation of the formula whose polynomial has opposite signs at
    the two ends.
    """

    start: tuple[Fraction, ...]
    end: tuple[Fraction, ...]
    comparison: Comparison

    def line(self, formula: Formula, n_inputs: int) -> dict[str, Any]:
        """Return the inputs at the ends, denominator first, and the equation's number, as a JSON object.

        Comparisons are numbered in the order of the formula; `exactrelu/checker/crossing.py` checks the claim.
        """
        ends = [as_homogeneous(point[:n_inputs]) for point in (self.start, self.end)]
        first, second = ([format(x, "x") for x in (point[-1], *point[:-1])] for point in ends)
        return {"a": first, "b": second, "k": list(comparisons(formula)).index(self.comparison)}

    def defect(self, formula: Formula) -> str | None:
        """Return None if the intermediate value theorem gives a solution on the segment, else the reason."""
        polynomial = self.comparison.polynomial
        if polynomial.evaluate(self.start) * polynomial.evaluate(self.end) >= 0:
            return "the polynomial has no opposite signs at the ends"
        points = [as_homogeneous(self.start), as_homogeneous(self.end)]
        circuit = Circuit.of(formula)
        holds = []
        for atom in circuit.atoms:
            form = HomogeneousForm.of(atom.polynomial, len(self.start)).on(points)
            zero = atom.relation != "<" and atom.polynomial in (polynomial, -polynomial)
            holds.append(zero or form.is_valid(atom.relation))
        return None if circuit.evaluate(holds) else "the other comparisons are not proved on the segment"


@dataclass(frozen=True, slots=True)
class Undecided:
    """No answer within the budget: the reason in words, and how many pieces of how many are settled."""

    reason: str
    settled: int
    pieces: int


def combination(facts: Sequence[Comparison], multipliers: Sequence[tuple[int, int]]) -> Polynomial:
    """Return the sum of multipliers times the polynomials of the facts."""
    total = Polynomial(())
    for number, multiplier in multipliers:
        total = total + facts[number].polynomial * multiplier
    return total


def tree_defect(points: Sequence[Sequence[Fraction]], formula: Formula, tree: Tree) -> str | None:
    """Check that a tree proves that the formula holds nowhere on a simplex; None if it does, else the first reason.

    Args:
        points: the vertices; one number for each variable of the formula.

    Example:
        >>> from exactrelu.verification.questions.formulas import compare
        >>> x = Polynomial.variable(0)
        >>> zero = compare(x**2, "<=") & compare(x, "!=")
        >>> tree_defect([(Fraction(0),), (Fraction(1),)], zero, Combine(((0, 1),), (Direct(),)))
        >>> tree_defect([(Fraction(0),), (Fraction(1),)], zero, Direct())
        'a leaf is not refuted by single comparisons'
    """
    return homogeneous_tree_defect([as_homogeneous(point) for point in points], formula, tree)


def homogeneous_tree_defect(points: Sequence[Point], formula: Formula, tree: Tree) -> str | None:
    """Check a tree as `tree_defect` does, on homogeneous points."""
    pending = [(tuple(points), _state_of(formula), tree)]
    while pending:
        simplex, situation, node = pending.pop()
        step = _step(simplex, situation, node)
        if isinstance(step, str):
            return step
        children = () if isinstance(node, Direct) else node.children
        if len(step) != len(children):
            return f"a node has {len(children)} children; it needs {len(step)}"
        pending.extend((*below, child) for below, child in zip(step, children, strict=True))
    return None


@cache
def _state_of(formula: Formula) -> Situation:
    return Situation().assume(formula)


@cache
def _prepared(formula: Formula, n_variables: int) -> tuple[Circuit, tuple[HomogeneousForm, ...]]:
    """Return the circuit of a formula and the forms of its atoms: the same ones on every simplex."""
    circuit = Circuit.of(formula)
    return circuit, tuple(HomogeneousForm.of(atom.polynomial, n_variables) for atom in circuit.atoms)


def _step(
    simplex: tuple[Point, ...], situation: Situation, node: Tree
) -> str | list[tuple[tuple[Point, ...], Situation]]:
    """Return simplex and situation of every child that a node needs, or what is wrong with the node."""
    n_variables = len(simplex[0]) - 1
    if isinstance(node, Direct):
        assumed: list[Formula] = [*situation.literals, *situation.pending]
        for part in assumed:
            circuit, forms = _prepared(part, n_variables)
            pairs = zip(circuit.atoms, forms, strict=True)
            if not circuit.evaluate([not form.on(simplex).is_refuted(atom.relation) for atom, form in pairs]):
                return []
        return "a leaf is not refuted by single comparisons"
    if isinstance(node, Combine):
        numbers = [number for number, _ in node.multipliers]
        there = all(0 <= k < len(situation.literals) for k in numbers)
        if not numbers or len(set(numbers)) != len(numbers) or not there:
            return "a combination names a fact that is not there, or none, or one twice"
        relations = [situation.literals[number].relation for number in numbers]
        if any(m <= 0 and relation != "==" for (_, m), relation in zip(node.multipliers, relations, strict=True)):
            return "a combination has a multiplier that is not positive"
        form = HomogeneousForm.of(combination(situation.literals, node.multipliers), n_variables).on(simplex)
        if not form.is_nonnegative:
            return "a combination has a negative Bernstein coefficient"
        if "<" in relations:
            return []
        return [(tuple(simplex[i] for i in face), situation) for face in form.zero_faces()]
    if isinstance(node, Choose):
        if not 0 <= node.alternative < len(situation.pending):
            return "a choice names an alternative that is not there"
        return [(simplex, below) for below in situation.branch(node.alternative)]
    i, j = node.first, node.second
    if not (0 <= i < len(simplex) and 0 <= j < len(simplex) and i != j and 0 < node.ratio < 1):
        return "a bisection names no edge, or no point inside it"
    middle = point_between(simplex[i], simplex[j], node.ratio)
    return [
        (tuple(middle if k == j else p for k, p in enumerate(simplex)), situation),
        (tuple(middle if k == i else p for k, p in enumerate(simplex)), situation),
    ]
