"""Checks a proof that no input makes a formula of polynomial comparisons true: simplices that cover all inputs.

The *domain* is what the formula's own conjuncts say of the inputs: those literals of the root that are linear in the
inputs alone, strict ones weakened.  Its rows are those literals in order, times the least positive integers that make
them integral.  Lines, in this order:

    e  equations in disguise: pairs of a row and a hexadecimal multiplier, > 0 or for an equation of any sign; the rows
       add up to zero identically, so each of them is tight everywhere;
    w  a point of the domain: hexadecimal integers, its denominator first;
    s  a simplex: the numbers of its vertices; with "t", the steps of its refutation, else the one step ["d"].

A simplex assumes literals (polynomial REL 0) and pending disjunctions as `unsat` does; the root assumes the formula.
The steps stand in the order of a depth-first walk:

    ["d"]  ends a node: with every literal that the Bernstein coefficients refute set false and all others true, a
        literal or a disjunction is false;
    ["c", [[k, m]...]]  combines: the sum of m times the polynomial of literal k, m > 0, for "==" of any sign, has no
        negative coefficient.  With a strict literal this ends the node; else there is a child for each maximal face
        on which the sum is zero, in lexicographic order of their vertices;
    ["o", k]  takes pending disjunction k: one child for each of its parts;
    ["b", i, j, n, m]  bisects: with w = ((m - n) w_i + n w_j) / m and 0 < n < m there is a child with w in place of
        w_j, and one with w in place of w_i.  All multipliers, n and m are hexadecimal.

Why this is a proof.  (1) All points lie in the domain, no simplex is degenerate, and each facet of a simplex is
tight in a row that the simplex's other vertex leaves slack, or is shared with a simplex on its other side: so they
cover the domain.  (A path from a simplex
to an uncovered point, clear of faces of codimension two, would have to leave their union through a facet.)  (2) No
unit has opposite signs at two vertices of a simplex: so, layer by layer, the network is affine there, and its outputs
are means of those at the vertices.  (3) In barycentric coordinates l a polynomial of inputs and outputs is a form in l
whose coefficients, on monomials, have the signs of its Bernstein coefficients.  If none is negative it is nonnegative
on the simplex, and zero at a point exactly if every monomial with a positive coefficient is: on the faces whose
vertices carry no such monomial.

Cost: the network at each point (many at a time, packed), and one expansion for each literal that a step looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import gcd, lcm
from typing import Any

from .bernstein import Form, Point, expand, is_refuted, letters, zero_faces
from .formulas import combine, fold
from .network import Network
from .reading import Invalid, expect_keys, hexadecimals, natural, shorten
from .vertices import evaluate

__all__ = ["Mesh"]

State = tuple[tuple[Any, ...], tuple[Any, ...]]  # literals, and the parts of pending disjunctions


class Mesh:
    """Feed it the lines in order with `line`; `finish` says whether the domain is covered."""

    def __init__(self, network: Network, formula: Any) -> None:
        """Read the domain off the formula."""
        self.network = network
        self.root = _assume(((), ()), formula)
        self.rows = _domain(self.root[0], network.inputs)
        self.tight = [row for row, equation in self.rows if equation]
        self.dimension = -1  # known when the first simplex comes
        self.points: list[Point] = []
        self.values: list[Point] = []  # with the outputs
        self.signs: list[tuple[int, int]] = []  # units that are positive, and negative, as bits
        self.axes: tuple[int, ...] | None = None
        # Bit 1: a simplex on the one side, bit 2: on the other; and the vertex of a simplex that is not in the facet.
        self.facets: dict[tuple[int, ...], tuple[int, int]] = {}
        self.simplices = 0
        self._compiled: dict[int, Any] = {}

    def line(self, entry: dict[str, Any]) -> None:
        """Check one line.

        Raises:
            Invalid: it does not follow.
        """
        if "e" in entry:
            expect_keys(entry, "a combination of rows", {"e"})
            if self.points:
                raise Invalid("a combination of rows after a point")
            self._flatten(entry["e"])
            return
        if "w" in entry:
            expect_keys(entry, "a point", {"w"})
            if self.simplices:
                raise Invalid("a point after a simplex; all points come first")
            self.points.append(self._inside(entry["w"]))
            return
        expect_keys(entry, "a simplex", {"s"}, {"t"})
        if not self.values:
            self.dimension = self.network.inputs - _rank([row[:-1] for row in self.tight])
            self.values, self.signs = evaluate(self.network, self.points)
        corners = self._corners(entry["s"])
        self.simplices += 1
        positive = negative = 0
        for i in corners:
            positive |= self.signs[i][0]
            negative |= self.signs[i][1]
        if positive & negative:
            raise Invalid(f"simplex {corners}: a unit has both signs")
        self._refute(tuple(self.values[i] for i in corners), entry.get("t", [["d"]]))

    def finish(self) -> None:
        """Require that the simplices cover the domain.

        Raises:
            Invalid: there is none, or a facet is open.
        """
        if not self.simplices:
            raise Invalid("there is no simplex")
        for facet, (sides, apex) in self.facets.items():
            if sides != 3 and not any(
                _at(row, self.points[apex]) and not any(_at(row, self.points[i]) for i in facet) for row, _ in self.rows
            ):
                raise Invalid(f"facet {list(facet)} is neither in the boundary of the domain nor shared")

    def _flatten(self, entry: Any) -> None:
        numbers, multipliers = _pairs(entry, "row of the domain", len(self.rows))
        if any(m <= 0 and not self.rows[k][1] for k, m in zip(numbers, multipliers, strict=True)):
            raise Invalid("the multiplier of an inequality is not positive")
        for column in zip(*(self.rows[k][0] for k in numbers), strict=True):
            if sum(m * a for m, a in zip(multipliers, column, strict=True)):
                raise Invalid("a combination of rows does not vanish")
        self.tight += [self.rows[k][0] for k in numbers]

    # -- the cover ---------------------------------------------------------------------------------------------------

    def _inside(self, entry: Any) -> Point:
        if type(entry) is not list or len(entry) != self.network.inputs + 1:
            raise Invalid(f"a point has {self.network.inputs + 1} integers, its denominator first")
        q, *w = hexadecimals(entry)
        if q <= 0:
            raise Invalid("a point's denominator is not positive")
        values = [(_at(row, (*w, q)), equation) for row, equation in self.rows]
        if any(value > 0 or (value and equation) for value, equation in values):
            raise Invalid("a point lies outside the domain")
        return (*w, q)

    def _corners(self, entry: Any) -> list[int]:
        """Read the vertices of a simplex and note its facets."""
        k = self.dimension
        if type(entry) is not list or len(entry) != k + 1:
            raise Invalid(f"a simplex has {k + 1} vertices")
        corners = sorted(natural(i, "the number of a vertex") for i in entry)
        if corners[-1] >= len(self.points):
            raise Invalid(f"there is no point {corners[-1]}")
        points = [self.points[i] for i in corners]
        if self.axes is None:
            self.axes = next((a for a in combinations(range(self.network.inputs), k) if _orientation(points, a)), ())
        orientation = _orientation(points, self.axes) if len(self.axes) == k else 0
        if not orientation:
            raise Invalid(f"simplex {corners} is degenerate")
        if k:
            for place in range(k + 1):
                facet = tuple(corners[:place] + corners[place + 1 :])
                side = 1 if orientation * (-1) ** place > 0 else 2
                self.facets[facet] = (self.facets.get(facet, (0, 0))[0] | side, corners[place])
        return [natural(i, "the number of a vertex") for i in entry]

    # -- the refutations -----------------------------------------------------------------------------------------------

    def _refute(self, corners: tuple[Point, ...], steps: Any) -> None:
        if type(steps) is not list:
            raise Invalid("the steps of a simplex are a list")
        pending = [(corners, self.root)]
        for step in steps:
            if not pending:
                raise Invalid("a step after the last one")
            simplex, state = pending.pop()
            kind = step[0] if type(step) is list and step else None
            if kind == "d" and len(step) == 1:
                self._direct(simplex, state)
            elif kind == "c" and len(step) == 2:
                faces = self._combination(simplex, state[0], step[1])
                pending += [(tuple(simplex[i] for i in face), state) for face in reversed(faces)]
            elif kind == "o" and len(step) == 2:
                number = natural(step[1], "the number of a disjunction")
                if number >= len(state[1]):
                    raise Invalid(f"there is no pending disjunction {number}; there are {len(state[1])}")
                rest = (state[0], state[1][:number] + state[1][number + 1 :])
                pending += [(simplex, _assume(rest, part)) for part in reversed(state[1][number])]
            elif kind == "b" and len(step) == 5:
                pending += [(half, state) for half in reversed(_halves(simplex, step))]
            else:
                raise Invalid(f"a step is not understood: {shorten(step)}")
        if pending:
            raise Invalid(f"the steps of a simplex end early: {len(pending)} parts are not accounted for")

    def _direct(self, simplex: tuple[Point, ...], state: State) -> None:
        holds = {"and": all, "or": any}

        def possible(part: Any) -> bool:
            return not is_refuted(part[0], self._expand(part[1], simplex), len(simplex))

        for literal in state[0]:
            if not possible(literal):
                return
        for parts in state[1]:
            if not fold(
                ("or", parts),
                lambda part: part[1] if part[0] in holds else None,
                possible,
                lambda node, values: holds[node[0]](values),
            ):
                return
        raise Invalid("a node is not refuted by single literals")

    def _combination(self, simplex: tuple[Point, ...], literals: Sequence[Any], entry: Any) -> list[tuple[int, ...]]:
        """Check a combination and return the faces on which it vanishes; none if a strict literal takes part."""
        numbers, multipliers = _pairs(entry, "literal", len(literals))
        if any(m <= 0 and literals[k][0] != "==" for k, m in zip(numbers, multipliers, strict=True)):
            raise Invalid("the multiplier of an inequality is not positive")
        total = combine(*((m, literals[k][1]) for k, m in zip(numbers, multipliers, strict=True)))
        form = expand(letters(total, len(simplex[0]) - 1), simplex)
        if min(form.values(), default=0) < 0:
            raise Invalid("a combination has a negative coefficient")
        if any(literals[k][0] == "<" for k in numbers):
            return []
        return zero_faces(form, len(simplex))

    def _expand(self, polynomial: Any, simplex: tuple[Point, ...]) -> Form:
        """The form of a literal's polynomial; its terms are prepared once, and kept alive by the formula."""
        known = self._compiled.get(id(polynomial))
        if known is None:
            known = self._compiled[id(polynomial)] = letters(polynomial, len(simplex[0]) - 1)
        return expand(known, simplex)


def _assume(state: State, formula: Any) -> State:
    """Add a formula: its comparisons to the literals, its disjunctions to what is pending, in order."""
    literals, pending = list(state[0]), list(state[1])
    for part in formula[1] if formula[0] == "and" else (formula,):  # no "and" stands directly inside another
        if part[0] == "or":
            pending.append(part[1])
        else:
            literals.append(part)
    return tuple(literals), tuple(pending)


def _at(row: Sequence[int], point: Point) -> int:
    return sum(a * x for a, x in zip(row, point, strict=True))


def _rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank by elimination in integers."""
    pivots: list[tuple[int, Sequence[int]]] = []
    for row in rows:
        for column, other in pivots:
            row = [other[column] * a - row[column] * b for a, b in zip(row, other, strict=True)]
        column = next((j for j, a in enumerate(row) if a), -1)
        if column >= 0:
            pivots.append((column, row))
    return len(pivots)


def _orientation(points: Sequence[Point], axes: Sequence[int]) -> int:
    """The sign of the determinant of the points in some coordinates, by elimination in integers."""
    rows = [[*(point[axis] for axis in axes), point[-1]] for point in points]
    sign = 1
    for column in range(len(rows)):
        pivot = next((r for r in range(column, len(rows)) if rows[r][column]), None)
        if pivot is None:
            return 0
        if pivot != column:
            rows[column], rows[pivot], sign = rows[pivot], rows[column], -sign
        top = rows[column]
        if top[column] < 0:
            sign = -sign
        # A row is multiplied by a positive number, then a multiple of the top row is subtracted.
        size, flip = abs(top[column]), 1 if top[column] > 0 else -1
        for r in range(column + 1, len(rows)):
            factor = rows[r][column] * flip
            rows[r] = [size * a - factor * b for a, b in zip(rows[r], top, strict=True)]
    return sign


def _halves(simplex: tuple[Point, ...], step: list[Any]) -> list[tuple[Point, ...]]:
    i, j = natural(step[1], "the number of a vertex"), natural(step[2], "the number of a vertex")
    n, m = hexadecimals(step[3:])
    if i == j or max(i, j) >= len(simplex) or not 0 < n < m:
        raise Invalid("a bisection names no edge, or no point inside it")
    one, two = simplex[i], simplex[j]
    a, b = (m - n) * two[-1], n * one[-1]
    mixed = [a * x + b * y for x, y in zip(one, two, strict=True)]
    common = gcd(*mixed)
    middle = tuple(x // common for x in mixed)
    return [
        tuple(middle if place == j else point for place, point in enumerate(simplex)),
        tuple(middle if place == i else point for place, point in enumerate(simplex)),
    ]


def _pairs(entry: Any, what: str, limit: int) -> tuple[list[int], list[int]]:
    """Read a list of pairs: different numbers below the limit, and hexadecimal multipliers."""
    if type(entry) is not list or not entry or any(type(pair) is not list or len(pair) != 2 for pair in entry):
        raise Invalid(f"a combination is a list of pairs: a {what} and a multiplier")
    numbers = [natural(pair[0], f"the number of a {what}") for pair in entry]
    if len(set(numbers)) != len(numbers) or max(numbers) >= limit:
        raise Invalid(f"a combination names a {what} twice, or one that is not there")
    return numbers, hexadecimals([pair[1] for pair in entry])


def _domain(literals: Sequence[Any], inputs: int) -> list[tuple[tuple[int, ...], bool]]:
    """Rows (a, c) of the literals that are linear in the inputs alone, a . x + c <= 0, or = 0 if the flag is set."""
    rows: list[tuple[tuple[int, ...], bool]] = []
    for relation, polynomial in literals:
        if any(len(m) > 1 or (m and (m[0][0] >= inputs or m[0][1] > 1)) for m in polynomial):
            continue
        scale = lcm(*(c.denominator for c in polynomial.values()))
        row = [0] * (inputs + 1)
        for monomial, c in polynomial.items():
            row[monomial[0][0] if monomial else -1] = c.numerator * (scale // c.denominator)
        rows.append((tuple(row), relation == "=="))
    return rows
