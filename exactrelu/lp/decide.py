"""Deciding linear systems over Q: a float proposal, accepted by exact arithmetic, or the exact method.

The course of `decide`, each step exact except the proposal:

1. Rows known to be equalities are eliminated (`exactrelu.lp.reductions`).  What is left is inequalities in u.
2. Rows without variables are decided by looking; the origin is tried.
3. HiGHS proposes a ball inside the rows.  Its centre, rounded to as few binary digits as the radius allows, is
   substituted: if it satisfies every row it is the witness.
4. Otherwise HiGHS has named at most dim + 1 rows.  Their one linear dependency y is computed over Z.  If y >= 0, the
   combined offset decides: negative refutes; zero refutes if a strict row takes part; zero without one proves that
   these rows are equalities, and step 1 repeats in a smaller dimension.  So thin and flat systems end exactly too.
5. If neither is confirmed, the exact simplex decides, starting from the rows HiGHS found tight.

Problems of few variables skip the proposal: a handful of exact pivots is cheaper than a solver call.
Cost: about 0.5 ms for 10 variables and 60 rows, evidence included (benchmarks/emptiness.py).
Not done here: systems kept between calls, warm starts (`exactrelu.regions` has its own tables for that).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

from exactrelu.lp.acceptance import ScaledPoint, dependency, rounded_points, tight_point
from exactrelu.lp.evidence import FarkasCertificate, Feasible, Infeasible, Witness
from exactrelu.lp.proposals import propose_interior
from exactrelu.lp.reductions import Forced, Reduction, lift_multipliers, reduce_equalities, repair_signs
from exactrelu.lp.simplex import decide_by_simplex
from exactrelu.lp.system import LinearSystem, scaled_point

__all__ = ["Tally", "decide"]

EXACT_FIRST = 200
"""Below this many products (columns squared times rows) exact pivoting is faster than calling HiGHS."""


@dataclass(slots=True)
class Tally:
    """Counts of how answers were reached; pass one object to many calls to add up over them.

    `proposals`: calls of HiGHS; `exact_runs`: runs of the exact simplex because the problem was small; `fallbacks`:
    runs because no proposal was confirmed; `pivots`: exact pivots of all runs.
    """

    proposals: int = 0
    exact_runs: int = 0
    fallbacks: int = 0
    pivots: int = 0


@dataclass(frozen=True, slots=True)
class _Combination:
    """Nonnegative multipliers on the reduced rows that cancel u; a tie if they add up to 0 <= 0."""

    multipliers: list[int]
    is_tie: bool


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """No proposal was confirmed; the reduced rows that seemed tight."""

    tight: Sequence[int]


def decide(
    system: LinearSystem, *, tally: Tally | None = None, exact_first: int = EXACT_FIRST
) -> Feasible | Infeasible:
    """Decide whether the system has a rational solution, with evidence either way.

    A rational system solvable over the reals is solvable over Q, so this decides both.

    Args:
        system: any mix of "<=", "<" and "==" rows; zero rows, no rows, dimension 0 included.
        tally: counts how the answer was reached.
        exact_first: problems with dimension^2 * rows below this skip the proposal; affects the cost only.

    Returns:
        `Feasible` with a point that satisfies every row (short numbers preferred), or `Infeasible` with multipliers
        that add the rows up to 0 < 0 or worse (rules in `exactrelu.lp.evidence`), as coprime integers.

    >>> system = LinearSystem.from_rows([([1, 1], "<", 1), ([-1, 0], "<=", 0), ([0, -1], "<=", -1)])
    >>> decide(system).certificate.multipliers
    (Fraction(1, 1), Fraction(1, 1), Fraction(1, 1))
    >>> decide(system.closure()).witness.point
    (Fraction(0, 1), Fraction(1, 1))
    """
    counts = tally if tally is not None else Tally()
    if system.dimension**2 * len(system) < exact_first:
        answer, pivots = decide_by_simplex(system)
        counts.exact_runs += 1
        counts.pivots += pivots
        return answer
    equalities = [i for i, relation in enumerate(system.relations) if relation == "=="]
    forced: list[Forced] = []
    while True:
        reduction = reduce_equalities(system, equalities)
        if not isinstance(reduction, Reduction):
            return _infeasible(scaled_point(repair_signs([Fraction(y) for y in reduction], forced))[0])
        found = _search(reduction, counts)
        if isinstance(found, tuple):
            return Feasible(Witness(reduction.lift_point(*found)))
        if isinstance(found, _Unsettled):
            answer, pivots = decide_by_simplex(system, preferred=[reduction.kept[i] for i in found.tight])
            counts.fallbacks += 1
            counts.pivots += pivots
            return answer
        if not found.is_tie and not equalities:
            return _infeasible(found.multipliers)
        lifted, _ = scaled_point(lift_multipliers(reduction, found.multipliers, forced))
        if not found.is_tie:
            return _infeasible(lifted)
        # Every pass makes at least one more row an equality and lowers the dimension, so the loop ends.
        rows = tuple(i for i, y in zip(reduction.kept, found.multipliers, strict=True) if y)
        forced.append(Forced(rows, lifted))
        equalities.extend(rows)


def _infeasible(multipliers: Sequence[int]) -> Infeasible:
    """The refutation as coprime integers."""
    divisor = math.gcd(*multipliers)
    zero = Fraction(0)
    return Infeasible(FarkasCertificate(tuple(Fraction(y // divisor) if y else zero for y in multipliers)))


def _search(reduction: Reduction, tally: Tally) -> ScaledPoint | _Combination | _Unsettled:
    """Settle the reduced rows by looking, or by a confirmed proposal."""
    is_strict = [reduction.system.relations[i] == "<" for i in reduction.kept]
    normals, offsets = reduction.normals, reduction.offsets
    if all(b > 0 or (b == 0 and not strict) for b, strict in zip(offsets, is_strict, strict=True)):
        return (0,) * len(reduction.basis), 1
    proper: list[int] = []
    refuting: list[int] = []
    for i, normal in enumerate(normals):
        if any(normal):
            proper.append(i)
        elif offsets[i] < 0 or (offsets[i] == 0 and is_strict[i]):
            refuting.append(i)
    if refuting:
        # All of them at once: their sum refutes too, and `affine_hull` learns every equality in one round.
        return _Combination([int(i in refuting) for i in range(len(normals))], is_tie=False)
    tally.proposals += 1
    proposal = propose_interior([normals[i] for i in proper], [offsets[i] for i in proper])
    if proposal is None:
        return _Unsettled(())
    support = [proper[i] for i in proposal.support]
    if proposal.margin > 0:
        for candidate in rounded_points(proposal.point, proposal.margin):
            if _satisfies(normals, offsets, is_strict, candidate):
                return candidate
    combination = dependency(normals, support)
    if combination is not None and min(combination) >= 0:
        total = sum(map(mul, combination, offsets))
        if total <= 0:
            takes_part = any(y and strict for y, strict in zip(combination, is_strict, strict=True))
            return _Combination(combination, is_tie=total == 0 and not takes_part)
    point = tight_point(normals, offsets, support, lift=True)
    if point is not None and _satisfies(normals, offsets, is_strict, point):
        return point
    return _Unsettled(support)


def _satisfies(
    normals: Sequence[Sequence[int]], offsets: Sequence[int], is_strict: Sequence[bool], point: ScaledPoint
) -> bool:
    """Whether normals · u <= offsets at the point, "<" where strict."""
    numerators, denominator = point
    for normal, offset, strict in zip(normals, offsets, is_strict, strict=True):
        excess = sum(map(mul, normal, numerators)) - offset * denominator
        if excess > 0 or (strict and not excess):
            return False
    return True
