"""Fourier-Motzkin elimination over Z with the multipliers of every derived row: the second, independent method.

To eliminate x_j, every row with a positive coefficient is added to every row with a negative one, positively weighted
so that x_j cancels; the rows without x_j stay.  The result describes the projection along x_j exactly, "<" where
a "<" row took part.  Variables that occur in an equality are substituted first.

Invariant: every derived row *is* sum_i y_i (row i of the input) for its stored integers y, y_i >= 0 on inequalities.
So a contradiction 0 <= -1 arrives with its Farkas certificate, and a projection with the derivation of each row.

Redundancy: the y of needed rows are the extreme rays of {y >= 0 : y cancels what was eliminated}, hence of minimal
support and, after k variables, of support at most k + 1.  Rows that fail either test are combinations of the others
[Chernikov 1960; Kohler 1967; Imbert 1993] and are dropped.  No other row is dropped, because the tests are only valid
together if the list of extreme rays is complete.  Cost: still exponential; meant for few variables, and bounded by
`max_rows`.

Shares no code with the simplex method, so that the two can be played against each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import BudgetExceeded, InputError, InvariantError
from exactrelu.lp.evidence import FarkasCertificate, Feasible, Infeasible, Witness
from exactrelu.lp.system import LinearSystem, Relation

__all__ = ["Projection", "decide_by_elimination", "project"]

MAX_ROWS = 20_000
"""Default bound on the number of rows at any stage."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A derived row: normal · x  relation  offset, equal to the sum of multipliers[i] times input row i."""

    normal: tuple[int, ...]
    relation: Relation
    offset: int
    multipliers: tuple[int, ...]
    support: int
    """The inequalities with a positive multiplier, as bits."""

    @property
    def is_contradiction(self) -> bool:
        if any(self.normal):
            return False
        if self.relation == "==":
            return self.offset != 0
        return self.offset < 0 or (self.offset == 0 and self.relation == "<")


@dataclass(frozen=True, slots=True)
class Projection:
    """The image of a system under x -> (x_j for j in `kept`), with the derivation of each of its rows.

    Row i of `system` is the sum of multipliers[i][j] times row j of the original, in the kept coordinates.
    """

    system: LinearSystem
    kept: tuple[int, ...]
    multipliers: tuple[tuple[int, ...], ...]

    def defect(self, original: LinearSystem) -> str | None:
        """Return why some row does not follow from `original` as stated, or None.

        This proves that the projection lies in `system`; that it fills it is the theorem of Fourier and Motzkin.
        """
        if len(self.multipliers) != len(self.system):
            return f"{len(self.multipliers)} derivations for {len(self.system)} rows"
        for index, (normal, relation, offset) in enumerate(self.system.rows):
            y = self.multipliers[index]
            if len(y) != len(original):
                return f"row {index}: {len(y)} multipliers for {len(original)} rows"
            if any(a < 0 and r != "==" for a, r in zip(y, original.relations, strict=True)):
                return f"row {index}: a multiplier is negative"
            total = [sum(a * n[j] for a, n in zip(y, original.normals, strict=True)) for j in range(original.dimension)]
            expected = dict(zip(self.kept, normal, strict=True))
            if any(a != expected.get(j, 0) for j, a in enumerate(total)):
                return f"row {index}: the multipliers do not give its normal"
            if sum(a * b for a, b in zip(y, original.offsets, strict=True)) != offset:
                return f"row {index}: the multipliers do not give its offset"
            used = {r for a, r in zip(y, original.relations, strict=True) if a}
            if relation == "==" and used - {"=="}:
                return f"row {index} is an equality, but uses inequalities"
            if relation == "<" and "<" not in used:
                return f"row {index} is strict, but uses no strict row"
        return None


def decide_by_elimination(system: LinearSystem, *, max_rows: int = MAX_ROWS) -> Feasible | Infeasible:
    """Decide the system by eliminating every variable; the same answers and evidence as `exactrelu.lp.decide`.

    The witness is found backwards: each variable gets the simplest number between its bounds.

    Raises:
        BudgetExceeded: more than `max_rows` rows at some stage; `progress` is the number of variables eliminated.

    >>> system = LinearSystem.from_rows([([1, 1], "<", 1), ([-1, 0], "<=", 0), ([0, -1], "<=", -1)])
    >>> decide_by_elimination(system).certificate.multipliers
    (Fraction(1, 1), Fraction(1, 1), Fraction(1, 1))
    """
    rows, stages = _eliminate(system, range(system.dimension), max_rows)
    contradiction = next((row for row in rows if row.is_contradiction), None)
    if contradiction is not None:
        sign = -1 if contradiction.relation == "==" and contradiction.offset > 0 else 1
        return Infeasible(FarkasCertificate(tuple(Fraction(sign * y) for y in contradiction.multipliers)))
    x = [Fraction(0)] * system.dimension
    for variable, stage in reversed(stages):
        x[variable] = _between(stage, variable, x)
    return Feasible(Witness(tuple(x)))


def project(system: LinearSystem, kept: Iterable[int], *, max_rows: int = MAX_ROWS) -> Projection:
    """Project the solution set on the coordinates `kept` (in this order), with the derivation of every row.

    The projection of an empty set is given by a contradictory row; a projection that is everything has no rows.
    Redundant rows may remain.

    Raises:
        InputError: a coordinate out of range, or given twice.
        BudgetExceeded: more than `max_rows` rows at some stage.

    >>> triangle = LinearSystem.from_rows([([-1, 0], "<=", 0), ([0, -1], "<=", 0), ([1, 1], "<=", 1)])
    >>> shadow = project(triangle, [0])
    >>> print(shadow.system)
    -x0 <= 0
    x0 <= 1
    >>> shadow.multipliers
    ((1, 0, 0), (0, 1, 1))
    """
    coordinates = tuple(kept)
    for j in coordinates:
        if not 0 <= j < system.dimension:
            raise InputError(f"kept names coordinate {j}; the dimension is {system.dimension}")
    if len(set(coordinates)) != len(coordinates):
        raise InputError("kept names a coordinate twice")
    rows, _ = _eliminate(system, [j for j in range(system.dimension) if j not in coordinates], max_rows)
    integer_rows = [(tuple(row.normal[j] for j in coordinates), row.relation, row.offset) for row in rows]
    return Projection(
        LinearSystem.from_integer_rows(integer_rows, dimension=len(coordinates)),
        coordinates,
        tuple(row.multipliers for row in rows),
    )


Stage = tuple[int, Sequence[_Row]]


def _eliminate(system: LinearSystem, variables: Iterable[int], max_rows: int) -> tuple[list[_Row], list[Stage]]:
    """Eliminate the variables; return the rows left, and for each variable in turn the rows that bounded it.

    Stops early with a single row if that row is a contradiction.
    """
    m = len(system)
    rows = [
        _Row(normal, relation, offset, tuple(int(i == j) for j in range(m)), 0 if relation == "==" else 1 << i)
        for i, (normal, relation, offset) in enumerate(system.rows)
    ]
    stages: list[Stage] = []
    remaining = set(variables)
    # Substitution first: an equality costs nothing, and the support count below is about inequalities only.
    for j in sorted(remaining):
        pivot = next((row for row in rows if row.relation == "==" and row.normal[j]), None)
        if pivot is not None:
            stages.append((j, (pivot,)))
            remaining.discard(j)
            rows = [_substitute(row, pivot, j) for row in rows if row is not pivot]
    eliminated = 0
    while True:
        contradiction = next((row for row in rows if row.is_contradiction), None)
        if contradiction is not None:
            return [contradiction], stages
        rows = [row for row in rows if any(row.normal)]
        if not remaining:
            return rows, stages
        j = min(remaining, key=lambda j: (_growth(rows, j), j))
        remaining.discard(j)
        eliminated += 1
        upper = [row for row in rows if row.normal[j] > 0]
        lower = [row for row in rows if row.normal[j] < 0]
        stages.append((j, (*upper, *lower)))
        derived = [row for row in rows if not row.normal[j]]
        for u in upper:
            for v in lower:
                if (u.support | v.support).bit_count() <= eliminated + 1:
                    derived.append(_combine(u, -v.normal[j], v, u.normal[j]))
            if len(derived) > max_rows:
                raise BudgetExceeded(
                    f"elimination needs more than max_rows={max_rows} rows; raise it or eliminate fewer variables",
                    eliminated,
                )
        rows = _minimal(derived)


def _growth(rows: Sequence[_Row], j: int) -> int:
    """Policy: the number of rows that eliminating x_j adds before dropping any."""
    upper = sum(row.normal[j] > 0 for row in rows)
    lower = sum(row.normal[j] < 0 for row in rows)
    return upper * lower - upper - lower


def _substitute(row: _Row, equality: _Row, j: int) -> _Row:
    """The row with x_j eliminated by an equality, whose multiplier may have any sign."""
    a, e = row.normal[j], equality.normal[j]
    if not a:
        return row
    return _combine(row, abs(e), equality, -a if e > 0 else a)


def _combine(u: _Row, p: int, v: _Row, q: int) -> _Row:
    """p u + q v, divided by the gcd of its multipliers."""
    multipliers = [p * a + q * b for a, b in zip(u.multipliers, v.multipliers, strict=True)]
    divisor = math.gcd(*multipliers)
    if u.relation == "==" and v.relation == "==":
        relation: Relation = "=="
    else:
        relation = "<" if "<" in (u.relation, v.relation) else "<="
    return _Row(
        tuple((p * a + q * b) // divisor for a, b in zip(u.normal, v.normal, strict=True)),
        relation,
        (p * u.offset + q * v.offset) // divisor,
        tuple(y // divisor for y in multipliers),
        u.support | v.support,
    )


def _minimal(rows: list[_Row]) -> list[_Row]:
    """The rows of minimal support, one per support; equalities (support 0) all stay."""
    kept: list[_Row] = [row for row in rows if row.relation == "=="]
    for row in sorted((r for r in rows if r.relation != "=="), key=lambda r: r.support.bit_count()):
        support = row.support
        if not any(other.support and other.support & support == other.support for other in kept):
            kept.append(row)
    return kept


def _between(stage: Sequence[_Row], variable: int, x: Sequence[Fraction]) -> Fraction:
    """The simplest value of the variable that the rows allow, the later variables being known."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    for row in stage:
        a = row.normal[variable]
        rest = sum(
            (c * v for j, (c, v) in enumerate(zip(row.normal, x, strict=True)) if c and j != variable), Fraction(0)
        )
        bound = (row.offset - rest) / a
        if row.relation == "==":
            return bound
        # A strict bound is tighter than a weak one of the same value.
        if a > 0 and (high is None or (bound, row.relation != "<") < (high[0], not high[1])):
            high = (bound, row.relation == "<")
        if a < 0 and (low is None or (bound, row.relation == "<") > low):
            low = (bound, row.relation == "<")
    return _simplest(low, high)


def _simplest(low: tuple[Fraction, bool] | None, high: tuple[Fraction, bool] | None) -> Fraction:
    """A number between the bounds (value, is_strict): 0, else an integer near 0, else the middle."""
    if low is None and high is None:
        return Fraction(0)
    least = -math.inf if low is None else math.floor(low[0]) + 1 if low[1] else math.ceil(low[0])
    greatest = math.inf if high is None else math.ceil(high[0]) - 1 if high[1] else math.floor(high[0])
    if least <= greatest:
        return Fraction(int(max(least, min(greatest, 0))))
    if low is None or high is None:
        raise InvariantError("a ray without an integer")
    return (low[0] + high[0]) / 2
