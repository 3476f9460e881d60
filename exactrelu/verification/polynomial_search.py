"""Does a formula of polynomial comparisons hold somewhere on a simplex?  Search by Bernstein form and subdivision.

`decide_on_simplex` grows the trees of `polynomial_evidence`.  On a piece, in this order:

1. Single comparisons refute it (`Direct`), or two facts together do: a sum p + t·q, t > 0, without negative
   coefficients (`Combine`).  The interval of such t is read off the coefficients.
2. A fact that is nonnegative narrows the piece to the faces where it vanishes.
3. An alternative with one part left, or none, is decided (`Choose`).
4. The vertices, the midpoints of edges and the barycentre are tried as witnesses.
5. A *linear* comparison, or a linear factor of one, that changes sign on an edge is cut there, exactly at its zero.
   After a few cuts it has one sign on every piece: linear comparisons are never approximated.
6. Equations: rational zeros on edges are tried, then a crossing is looked for.
7. An alternative is chosen, or an edge is halved: in turn the longest, and the one on which a form is lowest.
   Halving comes first a few times, because all parts of the alternatives gain from it.

What this decides: every formula whose solutions contain an open set, or which is refuted with a margin, or which
touches at vertices, along faces, or along rational hyperplanes.  It does not decide sets that touch at irrational
points, such as (x^2 - 2)^2 <= 0, nor two equations with irrational solutions only: there `Undecided` is returned when
the budget of pieces is used up.

Cost: a piece costs a Bernstein form for each comparison; the number of pieces depends on the margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import factorial, prod

import flint

from exactrelu.errors import InvariantError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.bernstein_form import (
    BernsteinForm,
    HomogeneousForm,
    Point,
    as_fractions,
    as_homogeneous,
    point_between,
    positions,
)
from exactrelu.verification.circuit import Circuit
from exactrelu.verification.formulas import Comparison, Formula
from exactrelu.verification.polynomial_evidence import (
    Bisect,
    Choose,
    Combine,
    CrossingWitness,
    Direct,
    State,
    Tree,
    Undecided,
    Witness,
)

__all__ = ["Budget", "decide_on_homogeneous", "decide_on_simplex", "linear_factors"]

_PATIENCE = 3  # halvings before a choice among alternatives that are all open


@dataclass
class Budget:
    """How many pieces may be looked at in all, and how many cuts deep; `used` and `left_open` are counted here."""

    pieces: int = 20_000
    depth: int = 60
    used: int = 0
    left_open: int = 0


def decide_on_simplex(
    points: Sequence[Sequence[Fraction]], formula: Formula, budget: Budget | None = None
) -> Tree | Witness | CrossingWitness | Undecided:
    """Decide whether a formula holds at some point of the simplex with these vertices.

    Args:
        points: affinely independent; one number for each variable of the formula.  A single point is a simplex.
        budget: is spent; by default 20,000 pieces.

    Returns:
        A tree that refutes the formula on the simplex (`tree_defect` checks it), a witness, or `Undecided`.

    Example:
        >>> from exactrelu.verification.formulas import compare
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
    answer = _Search(len(points[0]) - 1, budget).solve(tuple(points), State.of(formula), 0, 0)
    if isinstance(answer, Undecided):
        return Undecided(answer.reason, max(0, budget.used - budget.left_open), budget.used)
    return answer


@cache
def linear_factors(polynomial: Polynomial) -> tuple[Polynomial, ...]:
    """Return the rational factors of degree 1 of a polynomial, each once; itself if it is linear.

    >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
    >>> [str(factor) for factor in linear_factors(x**3 - x * y**2)]
    ['x0', 'x0 + x1', 'x0 - x1']
    """
    if polynomial.degree <= 1:
        return (polynomial,) if polynomial.variables else ()
    variables = polynomial.variables
    context = flint.fmpq_mpoly_ctx.get([f"x{v}" for v in variables], "lex")
    dense = {}
    for monomial, c in polynomial.terms:
        powers = dict(monomial)
        dense[tuple(powers.get(v, 0) for v in variables)] = flint.fmpq(c.numerator, c.denominator)
    found = []
    for factor, _ in context.from_dict(dense).factor()[1]:
        if factor.total_degree() == 1:
            terms = [
                ([(variables[place], e) for place, e in enumerate(exponents)], Fraction(int(c.p), int(c.q)))
                for exponents, c in factor.to_dict().items()
            ]
            found.append(Polynomial.from_terms(terms))
    return tuple(sorted(found, key=str))


@dataclass(slots=True)
class _Piece:
    """A simplex with the Bernstein forms that have been asked for."""

    points: tuple[Point, ...]
    n_variables: int
    forms: dict[tuple[Polynomial, int], BernsteinForm] = field(default_factory=dict)

    def form(self, polynomial: Polynomial, degree: int = 1) -> BernsteinForm:
        """Form of a polynomial, of at least the given degree."""
        key = (polynomial, max(degree, polynomial.degree))
        if key not in self.forms:
            self.forms[key] = _homogeneous(*key, self.n_variables).on(self.points)
        return self.forms[key]

    def refutes(self, atom: Comparison) -> bool:
        """Whether the atom holds nowhere on the piece, by its coefficients."""
        return self.form(atom.polynomial).is_refuted(atom.relation)

    def proves(self, atom: Comparison) -> bool:
        """Whether the atom holds everywhere on the piece, by its coefficients."""
        return self.form(atom.polynomial).is_valid(atom.relation)


@cache
def _homogeneous(polynomial: Polynomial, degree: int, n_variables: int) -> HomogeneousForm:
    return HomogeneousForm.of(polynomial, n_variables, degree)


@cache
def _circuit(formula: Formula) -> Circuit:
    return Circuit.of(formula)


_Answer = Tree | Witness | CrossingWitness | Undecided


class _Search:
    """One run: the number of variables and the budget."""

    def __init__(self, n_variables: int, budget: Budget) -> None:
        self._n = n_variables
        self._budget = budget

    def solve(self, points: tuple[Point, ...], state: State, depth: int, halvings: int) -> _Answer:
        """Decide a state on a simplex."""
        budget = self._budget
        if budget.used >= budget.pieces or depth > budget.depth:
            budget.left_open += 1
            return Undecided("the budget of pieces is used up", 0, 0)
        budget.used += 1
        piece = _Piece(points, self._n)
        open_facts = [k for k, fact in enumerate(state.facts) if not piece.proves(fact)]
        if any(piece.refutes(state.facts[k]) for k in open_facts) or not all(
            _may_hold(piece, alternative) for alternative in state.alternatives
        ):
            return Direct()
        combined = self._combine(piece, state, open_facts, depth, halvings)
        if combined is not None:
            return combined
        alive = [self._alive_parts(piece, state, open_facts, k) for k in range(len(state.alternatives))]
        forced = next((k for k, parts in enumerate(alive) if len(parts) <= 1), None)
        if forced is not None:
            return self._choose(points, state, forced, depth, halvings)
        # Alternatives that hold everywhere on the piece need no choice and no cut.
        undecided = [
            k
            for k, alternative in enumerate(state.alternatives)
            if not _circuit(alternative).evaluate([piece.proves(a) for a in _circuit(alternative).atoms])
        ]
        found = self._witness(piece, state)
        if found is not None:
            return found
        atoms = [state.facts[k] for k in open_facts]
        for k in undecided:
            for part in alive[k]:
                atoms.extend(a for a in _circuit(part).atoms if not piece.proves(a) and not piece.refutes(a))
        cut = self._linear_cut(piece, atoms)
        if cut is not None:
            return self._bisect(points, state, cut, depth, halvings)
        crossing = self._crossing(piece, state, [state.facts[k] for k in open_facts])
        if crossing is not None:
            return crossing
        if undecided and (halvings >= _PATIENCE or not open_facts or len(points) == 1):
            fewest = min(undecided, key=lambda k: len(alive[k]))
            return self._choose(points, state, fewest, depth, 0)
        if len(points) == 1:
            raise InvariantError("a point neither satisfies nor refutes a state; please report the query")
        edge = (_bent_edge(piece, atoms) if depth % 2 else None) or _longest_edge(points)
        return self._bisect(points, state, (*edge, Fraction(1, 2)), depth, halvings + 1)

    # -- combinations ------------------------------------------------------------------------------------------------

    def _combine(
        self, piece: _Piece, state: State, open_facts: Sequence[int], depth: int, halvings: int
    ) -> _Answer | None:
        """Refute or narrow the piece by one fact or two."""
        for k in open_facts:
            fact, form = state.facts[k], piece.form(state.facts[k].polynomial)
            if fact.relation != "<" and form.is_nonnegative:
                return self._narrow(piece, state, ((k, 1),), form, depth, halvings)
            if fact.relation == "==" and form.is_nonpositive:
                flipped = BernsteinForm(form.n_points, form.degree, tuple(-c for c in form.coefficients))
                return self._narrow(piece, state, ((k, -1),), flipped, depth, halvings)
        for one, two in combinations(open_facts, 2):
            sign_two = (1, -1) if state.facts[two].relation == "==" else (1,)
            for a in (1, -1) if state.facts[one].relation == "==" else (1,):
                for b in sign_two:
                    found = _pair(piece, state.facts[one], state.facts[two], a, b)
                    if found is not None:
                        multipliers = ((one, found[0]), (two, found[1]))
                        strict = "<" in (state.facts[one].relation, state.facts[two].relation)
                        if strict:
                            return Combine(multipliers)
                        return self._narrow(piece, state, multipliers, found[2], depth, halvings)
        return None

    def _narrow(
        self,
        piece: _Piece,
        state: State,
        multipliers: tuple[tuple[int, int], ...],
        form: BernsteinForm,
        depth: int,
        halvings: int,
    ) -> _Answer:
        faces = form.zero_faces()
        states = [(tuple(piece.points[i] for i in face), state) for face in faces]
        children = self._all(states, depth, halvings)
        return Combine(multipliers, children) if isinstance(children, tuple) else children

    def _all(
        self, states: Sequence[tuple[tuple[Point, ...], State]], depth: int, halvings: int
    ) -> tuple[Tree, ...] | Witness | CrossingWitness | Undecided:
        """Solve all children; the first witness ends it."""
        trees: list[Tree] = []
        undecided: Undecided | None = None
        for points, state in states:
            answer = self.solve(points, state, depth + 1, halvings)
            if isinstance(answer, Witness | CrossingWitness):
                return answer
            if isinstance(answer, Undecided):
                undecided = answer
            else:
                trees.append(answer)
        return tuple(trees) if undecided is None else undecided

    # -- cases -------------------------------------------------------------------------------------------------------

    def _alive_parts(self, piece: _Piece, state: State, open_facts: Sequence[int], number: int) -> list[Formula]:
        """Parts of an alternative that neither their own coefficients nor those of a fact beside them refute."""
        facts = [state.facts[k] for k in open_facts]

        def dies(atom: Comparison) -> bool:
            if piece.refutes(atom):
                return True
            return not piece.proves(atom) and any(_clash(piece, fact, atom) for fact in facts)

        kept = []
        for part in state.alternatives[number].parts:
            circuit = _circuit(part)
            if circuit.evaluate([not dies(atom) for atom in circuit.atoms]):
                kept.append(part)
        return kept

    def _choose(self, points: tuple[Point, ...], state: State, number: int, depth: int, halvings: int) -> _Answer:
        states = [(points, below) for below in state.choosing(number)]
        children = self._all(states, depth, halvings)
        return Choose(number, children) if isinstance(children, tuple) else children

    def _bisect(
        self, points: tuple[Point, ...], state: State, cut: tuple[int, int, Fraction], depth: int, halvings: int
    ) -> _Answer:
        i, j, ratio = cut
        middle = point_between(points[i], points[j], ratio)
        one = tuple(middle if k == j else p for k, p in enumerate(points))
        two = tuple(middle if k == i else p for k, p in enumerate(points))
        children = self._all([(one, state), (two, state)], depth, halvings)
        return Bisect(i, j, ratio, (children[0], children[1])) if isinstance(children, tuple) else children

    def _linear_cut(self, piece: _Piece, atoms: Sequence[Comparison]) -> tuple[int, int, Fraction] | None:
        """Return an edge on which a linear factor of an atom changes sign, and the place of its zero."""
        for atom in atoms:
            for factor in linear_factors(atom.polynomial):
                values = piece.form(factor).coefficients
                if min(values) < 0 < max(values):
                    i, j = values.index(min(values)), values.index(max(values))
                    low = Fraction(values[i], piece.points[i][-1])
                    high = Fraction(values[j], piece.points[j][-1])
                    return i, j, low / (low - high)
        return None

    # -- witnesses ---------------------------------------------------------------------------------------------------

    def _witness(self, piece: _Piece, state: State) -> Witness | None:
        """Try vertices, midpoints of edges and the barycentre; on edges the rational zeros of equations too."""
        for point in _candidates(piece, state):
            if self._holds(state, point):
                return Witness(as_fractions(point))
        return None

    def _holds(self, state: State, point: Point) -> bool:
        def true_at(atom: Comparison) -> bool:
            value = _homogeneous(atom.polynomial, max(1, atom.polynomial.degree), self._n).at(point)
            return value < 0 or (value == 0 and atom.relation != "<") if atom.relation != "==" else value == 0

        return all(true_at(fact) for fact in state.facts) and all(
            _circuit(alternative).evaluate([true_at(atom) for atom in _circuit(alternative).atoms])
            for alternative in state.alternatives
        )

    def _crossing(self, piece: _Piece, state: State, facts: Sequence[Comparison]) -> CrossingWitness | None:
        """Return a segment between vertices or the barycentre on which an equation is crossed and the rest holds."""
        equations = [fact for fact in facts if fact.relation == "=="]
        if not equations or any(e.polynomial not in _both_signs(equations[0].polynomial) for e in equations):
            return None
        ends = [*piece.points, _barycentre(piece.points)]
        polynomial = equations[0].polynomial
        form = _homogeneous(polynomial, polynomial.degree, self._n)
        values = [form.at(point) for point in ends]
        assumed: list[Formula] = [*state.facts, *state.alternatives]
        for (one, u), (two, v) in combinations(zip(ends, values, strict=True), 2):
            if (u < 0 < v) or (v < 0 < u):
                witness = CrossingWitness(as_fractions(one), as_fractions(two), equations[0])
                if all(witness.defect(part) is None for part in assumed):
                    return witness
        return None


def _both_signs(polynomial: Polynomial) -> tuple[Polynomial, Polynomial]:
    return polynomial, -polynomial


def _may_hold(piece: _Piece, formula: Formula) -> bool:
    circuit = _circuit(formula)
    return bool(circuit.evaluate([not piece.refutes(atom) for atom in circuit.atoms]))


def _clash(piece: _Piece, fact: Comparison, atom: Comparison) -> bool:
    """Whether two comparisons exclude one another on the piece."""
    for a in (1, -1) if fact.relation == "==" else (1,):
        for b in (1, -1) if atom.relation == "==" else (1,):
            found = _pair(piece, fact, atom, a, b)
            if found is not None and ("<" in (fact.relation, atom.relation) or min(found[2].vertex_values) > 0):
                return True
    return False


def _pair(
    piece: _Piece, one: Comparison, two: Comparison, sign_one: int, sign_two: int
) -> tuple[int, int, BernsteinForm] | None:
    """Return multipliers of the two polynomials, with these signs, whose sum has no negative coefficient, and its form.

    None if there are none, or if the sum vanishes identically and so says nothing.
    """
    degree = max(one.polynomial.degree, two.polynomial.degree)
    p = [sign_one * c for c in piece.form(one.polynomial, degree).coefficients]
    q = [sign_two * c for c in piece.form(two.polynomial, degree).coefficients]
    low, high = Fraction(0), None
    for a, b in zip(p, q, strict=True):
        if b > 0:
            if a < 0 and -a > low * b:
                low = Fraction(-a, b)
        elif b < 0:
            if a <= 0:
                return None
            if high is None or a < high * -b:
                high = Fraction(a, -b)
        elif a < 0:
            return None
        if high is not None and high < low:
            return None
    ratio = _simple_between(low, high)
    if ratio == 0:
        return None
    total = tuple(a * ratio.denominator + b * ratio.numerator for a, b in zip(p, q, strict=True))
    if not any(total) and "<" not in (one.relation, two.relation):
        return None
    # The forms carry the common denominators of their polynomials as factors.
    scales = [_homogeneous(atom.polynomial, degree, piece.n_variables).scale for atom in (one, two)]
    return (
        sign_one * ratio.denominator * scales[0],
        sign_two * ratio.numerator * scales[1],
        BernsteinForm(len(piece.points), degree, total),
    )


def _simple_between(low: Fraction, high: Fraction | None) -> Fraction:
    """Return a number of the closed interval, with a small denominator if there is room."""
    if high is None:
        return low + 1
    middle = (low + high) / 2
    for bits in (1, 4, 16):
        rounded = middle.limit_denominator(2**bits)
        if low < rounded < high:
            return rounded
    return middle


def _candidates(piece: _Piece, state: State) -> Iterator[Point]:
    """Yield points of a piece that may satisfy a state."""
    yield from piece.points
    if len(piece.points) == 1:
        return
    yield _barycentre(piece.points)
    equations = {fact.polynomial for fact in state.facts if fact.relation == "==" and fact.polynomial.degree > 1}
    for one, two in combinations(piece.points, 2):
        yield point_between(one, two, Fraction(1, 2))
        for polynomial in equations:
            for ratio in _rational_zeros(polynomial, one, two, piece.n_variables):
                yield point_between(one, two, ratio)


def _barycentre(points: Sequence[Point]) -> Point:
    coordinates = [as_fractions(point) for point in points]
    return as_homogeneous([sum(column, Fraction(0)) / len(points) for column in zip(*coordinates, strict=True)])


def _rational_zeros(polynomial: Polynomial, one: Point, two: Point, n_variables: int) -> list[Fraction]:
    """Return the rational zeros of a polynomial inside the segment, as ratios."""
    values = _homogeneous(polynomial, polynomial.degree, n_variables).on((one, two)).coefficients
    # With m_0 = l_0 / q_0 and m_1 = l_1 / q_1 the form is sum c_k m_0^(n-k) m_1^k: a polynomial in u = m_1 / m_0.
    zeros = []
    for factor, _ in flint.fmpz_poly(list(values)).factor()[1]:
        if factor.degree() == 1:
            u = Fraction(-int(factor[0]), int(factor[1]))
            if u > 0:
                # l_1 / l_0 = u q_1 / q_0
                odds = u * two[-1] / one[-1]
                zeros.append(odds / (1 + odds))
    return zeros


def _bent_edge(piece: _Piece, atoms: Sequence[Comparison]) -> tuple[int, int] | None:
    """Return the edge of the lowest coefficient, if it is negative though no value at a vertex is.

    There the form, not the polynomial, stands in the way.  Near a zero at a vertex the pieces cut at the longest edges
    may all look alike; it takes cuts of the opposite edge.  Atoms are compared relative to their largest coefficient.
    """
    worst, edge = Fraction(0), None
    for atom in atoms:
        form = piece.form(atom.polynomial)
        for sign in (1, -1) if atom.relation == "==" else (1,):
            if sign * (min(form.vertex_values) if sign > 0 else max(form.vertex_values)) < 0:
                continue
            places = positions(form.n_points, form.degree)
            true = [
                sign * _coefficient(piece.points, c, place) for c, place in zip(form.coefficients, places, strict=True)
            ]
            size = max(map(abs, true))
            if size and min(true) / size < worst:
                worst = min(true) / size
                lowest = places[true.index(min(true))]
                edge = (lowest[0], lowest[-1])
    return edge


def _coefficient(points: Sequence[Point], scaled: int, place: Sequence[int]) -> Fraction:
    """Return the Bernstein coefficient itself, up to a factor that depends on the polynomial alone."""
    factor = factorial(len(place))
    for i in set(place):
        factor //= factorial(place.count(i))
    return Fraction(scaled, factor * prod(points[i][-1] for i in place))


def _longest_edge(points: Sequence[Point]) -> tuple[int, int]:
    """Return the edge with the largest squared length; the first of several."""
    coordinates = [as_fractions(point) for point in points]
    best, edge = Fraction(-1), (0, 1)
    for i, j in combinations(range(len(points)), 2):
        length = sum(((a - b) ** 2 for a, b in zip(coordinates[i], coordinates[j], strict=True)), Fraction(0))
        if length > best:
            best, edge = length, (i, j)
    return edge
