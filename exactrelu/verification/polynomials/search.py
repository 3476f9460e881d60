"""Does a formula of polynomial comparisons hold somewhere on a simplex?  Search by Bernstein form and subdivision.

`decide_on_simplex` grows the trees of `evidence`.  On a piece, in this order:

1. Single comparisons refute it (`Direct`), or two facts together do: a sum p + t·q, t > 0, without negative
   coefficients (`Combine`).  The interval of such t is read off the coefficients.
2. A fact that is nonnegative narrows the piece to the faces where it vanishes.
3. An alternative with one part left, or none, is decided (`Choose`).
4. Some points are tried as witnesses (`witnesses`).
5. A *linear* comparison, or a linear factor of one, that changes sign on an edge is cut there, exactly at its zero.
   After a few cuts it has one sign on every piece: linear comparisons are never approximated.  A quadratic one that
   touches zero is cut along the contact.
6. For an equation a crossing is looked for.
7. An alternative is chosen, or an edge is halved: the one on which a form is lowest, at times the longest.
   Halving comes first a few times, because all parts of the alternatives gain from it.

What this decides: every formula whose solutions contain an open set, or which is refuted with a margin, or which
touches at vertices, along faces, along rational hyperplanes, or where a quadratic polynomial touches zero.  It does
not decide sets that touch at irrational points, such as (x^2 - 2)^2 <= 0, nor two equations with irrational
solutions only: there `Undecided` is returned when the budget of pieces is used up.

Cost: a piece costs a Bernstein form for each comparison; the number of pieces depends on the margin.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from exactrelu.errors import InvariantError
from exactrelu.verification.polynomials.bernstein_form import BernsteinForm, Point, as_homogeneous, point_between
from exactrelu.verification.polynomials.cuts import bent_cut, linear_cut, longest_cut, touching_cut
from exactrelu.verification.polynomials.evidence import (
    Bisect,
    Choose,
    Combine,
    CrossingWitness,
    Direct,
    Tree,
    Undecided,
    Witness,
)
from exactrelu.verification.polynomials.pieces import Piece, circuit_of, signs_of
from exactrelu.verification.polynomials.witnesses import find_crossing, find_witness
from exactrelu.verification.questions.formulas import Comparison, Formula
from exactrelu.verification.questions.situations import Situation

__all__ = ["Budget", "decide_on_homogeneous", "decide_on_simplex"]

_PATIENCE = 3  # halvings before a choice among alternatives that are all open
_LONGEST = 8  # every so many cuts deep the longest edge is halved, whatever the coefficients say, so that pieces shrink


@dataclass
class Budget:
    """How many pieces may be looked at in all, how many cuts deep, and until when (a value of `time.monotonic`).

    `used` and `left_open` are counted here.
    """

    pieces: int = 20_000
    depth: int = 60
    deadline: float | None = None
    used: int = 0
    left_open: int = 0

    def is_spent(self, depth: int) -> bool:
        """Whether a piece at this depth may not be looked at any more."""
        late = self.deadline is not None and time.monotonic() > self.deadline
        return late or self.used >= self.pieces or depth > self.depth


def decide_on_simplex(
    points: Sequence[Sequence[Fraction]], formula: Formula, budget: Budget | None = None
) -> Tree | Witness | CrossingWitness | Undecided:
    """Decide whether a formula holds at some point of the simplex with these vertices.

    Args:
        points: one number for each variable of the formula; need not be affinely independent.
        budget: is spent; by default 20,000 pieces.

    Returns:
        A tree that refutes the formula on the simplex (`tree_defect` checks it), a witness, or `Undecided`.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> x, y, one = Polynomial.variable(0), Polynomial.variable(1), Polynomial.constant(1)
        >>> triangle = [(Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))]
        >>> decide_on_simplex(triangle, compare(x * y, ">", one * Fraction(1, 2)))
        Direct()
        >>> decide_on_simplex(triangle, compare(x * y, ">=", one * Fraction(1, 4)))
        Witness(point=(Fraction(1, 2), Fraction(1, 2)))
    """
    return decide_on_homogeneous([as_homogeneous(point) for point in points], formula, budget)


def decide_on_homogeneous(
    points: Sequence[Point], formula: Formula, budget: Budget | None = None
) -> Tree | Witness | CrossingWitness | Undecided:
    """Decide as `decide_on_simplex` does, for vertices in homogeneous integers."""
    budget = Budget() if budget is None else budget
    answer = _Search(budget).solve(tuple(points), Situation().assume(formula), 0, 0)
    if isinstance(answer, Undecided):
        return Undecided(answer.reason, max(0, budget.used - budget.left_open), budget.used)
    return answer


_Answer = Tree | Witness | CrossingWitness | Undecided


class _Search:
    """One run and its budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def solve(self, points: tuple[Point, ...], situation: Situation, depth: int, halvings: int) -> _Answer:
        """Decide a situation on a simplex."""
        budget = self._budget
        if budget.is_spent(depth):
            budget.left_open += 1
            return Undecided("the budget of pieces or time is used up", 0, 0)
        budget.used += 1
        piece = Piece(points)
        open_facts = [k for k, fact in enumerate(situation.literals) if not piece.proves(fact)]
        if any(piece.refutes(situation.literals[k]) for k in open_facts) or any(
            piece.refutes_formula(alternative) for alternative in situation.pending
        ):
            return Direct()
        combined = self._combine(piece, situation, open_facts, depth, halvings)
        if combined is not None:
            return combined
        alive = [self._alive_parts(piece, situation, open_facts, k) for k in range(len(situation.pending))]
        forced = next((k for k, parts in enumerate(alive) if len(parts) <= 1), None)
        if forced is not None:
            return self._choose(points, situation, forced, depth, halvings)
        # Alternatives that hold everywhere on the piece need no choice and no cut.
        undecided = [k for k, part in enumerate(situation.pending) if not piece.proves_formula(part)]
        atoms = [situation.literals[k] for k in open_facts]
        for k in undecided:
            for part in alive[k]:
                atoms.extend(a for a in circuit_of(part).atoms if not piece.proves(a) and not piece.refutes(a))
        found = find_witness(piece, situation, atoms)
        if found is not None:
            return found
        cut = linear_cut(piece, atoms) or touching_cut(piece, atoms)
        if cut is not None:
            return self._bisect(points, situation, cut, depth, halvings)
        crossing = find_crossing(piece, situation, [situation.literals[k] for k in open_facts])
        if crossing is not None:
            return crossing
        if undecided and (halvings >= _PATIENCE or not open_facts or len(points) == 1):
            fewest = min(undecided, key=lambda k: len(alive[k]))
            return self._choose(points, situation, fewest, depth, 0)
        if len(points) == 1:
            raise InvariantError("a point neither satisfies nor refutes a situation; please report the query")
        cut = (bent_cut(piece, atoms) if depth % _LONGEST else None) or longest_cut(points)
        return self._bisect(points, situation, cut, depth, halvings + 1)

    # -- combinations ------------------------------------------------------------------------------------------------

    def _combine(
        self, piece: Piece, situation: Situation, open_facts: Sequence[int], depth: int, halvings: int
    ) -> _Answer | None:
        """Refute or narrow the piece by one fact or two."""
        for k in open_facts:
            form = piece.form(situation.literals[k].polynomial)
            for sign in signs_of(situation.literals[k]):
                signed = BernsteinForm(form.n_points, form.degree, tuple(sign * c for c in form.coefficients))
                if signed.is_nonnegative:
                    return self._narrow(piece, situation, ((k, sign),), signed, depth, halvings)
        for one, two in combinations(open_facts, 2):
            pair = piece.pair(situation.literals[one], situation.literals[two])
            if pair is not None:
                multipliers = ((one, pair.multipliers[0]), (two, pair.multipliers[1]))
                if pair.strict:
                    return Combine(multipliers)
                return self._narrow(piece, situation, multipliers, pair.form, depth, halvings)
        return None

    def _narrow(
        self,
        piece: Piece,
        situation: Situation,
        multipliers: tuple[tuple[int, int], ...],
        form: BernsteinForm,
        depth: int,
        halvings: int,
    ) -> _Answer:
        faces = form.zero_faces()
        situations = [(tuple(piece.points[i] for i in face), situation) for face in faces]
        children = self._all(situations, depth, halvings)
        return Combine(multipliers, children) if isinstance(children, tuple) else children

    def _all(
        self, situations: Sequence[tuple[tuple[Point, ...], Situation]], depth: int, halvings: int
    ) -> tuple[Tree, ...] | Witness | CrossingWitness | Undecided:
        """Solve all children; the first witness ends it."""
        trees: list[Tree] = []
        undecided: Undecided | None = None
        for points, situation in situations:
            answer = self.solve(points, situation, depth + 1, halvings)
            if isinstance(answer, Witness | CrossingWitness):
                return answer
            if isinstance(answer, Undecided):
                undecided = answer
            else:
                trees.append(answer)
        return tuple(trees) if undecided is None else undecided

    # -- cases -------------------------------------------------------------------------------------------------------

    def _alive_parts(self, piece: Piece, situation: Situation, open_facts: Sequence[int], number: int) -> list[Formula]:
        """Parts of an alternative that neither their own coefficients nor those of a fact beside them refute."""
        facts = [situation.literals[k] for k in open_facts]

        def dies(atom: Comparison) -> bool:
            if piece.refutes(atom):
                return True
            return not piece.proves(atom) and any(piece.excludes(fact, atom) for fact in facts)

        kept = []
        for part in situation.pending[number].parts:
            circuit = circuit_of(part)
            if circuit.evaluate([not dies(atom) for atom in circuit.atoms]):
                kept.append(part)
        return kept

    def _choose(
        self, points: tuple[Point, ...], situation: Situation, number: int, depth: int, halvings: int
    ) -> _Answer:
        situations = [(points, below) for below in situation.branch(number)]
        children = self._all(situations, depth, halvings)
        return Choose(number, children) if isinstance(children, tuple) else children

    def _bisect(
        self, points: tuple[Point, ...], situation: Situation, cut: tuple[int, int, Fraction], depth: int, halvings: int
    ) -> _Answer:
        i, j, ratio = cut
        middle = point_between(points[i], points[j], ratio)
        one = tuple(middle if k == j else p for k, p in enumerate(points))
        two = tuple(middle if k == i else p for k, p in enumerate(points))
        children = self._all([(one, situation), (two, situation)], depth, halvings)
        return Bisect(i, j, ratio, (children[0], children[1])) if isinstance(children, tuple) else children
