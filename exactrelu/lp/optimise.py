"""Maximising a linear function over a system of weak rows and equalities, with a dual proof.

HiGHS proposes an optimal vertex by the rows tight there and those with a multiplier.  Exactly: the point is solved
from the tight rows and substituted; the multipliers are solved from  sum y_i a_i = c  on the support and their signs
are tested; both values must agree.  Without a proposal `decide` looks for a refutation.  If nothing is confirmed, as
for every unbounded problem, the exact simplex answers, starting from the rows proposed.  Small
problems go to the exact simplex at once.

Strict rows are refused: over an open set a supremum may not be attained.  `LinearSystem.closure` says what to
optimise over, and `decide` whether the open system has points at all.
Cost: one HiGHS call and two exact solutions with at most dimension + 1 rows; else exact pivots.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import mul

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.acceptance import solve_combination, tight_point
from exactrelu.lp.decide import EXACT_FIRST, Tally, decide
from exactrelu.lp.evidence import DualCertificate, Infeasible, Optimal, Unbounded
from exactrelu.lp.proposals import OptimumProposal, propose_optimum
from exactrelu.lp.simplex import maximise_by_simplex
from exactrelu.lp.system import LinearSystem, scaled_point

__all__ = ["maximise", "minimise"]


def maximise(
    system: LinearSystem, objective: Iterable[object], *, tally: Tally | None = None, exact_first: int = EXACT_FIRST
) -> Optimal | Unbounded | Infeasible:
    """Maximise objective · x over the system, with evidence.

    Args:
        system: rows with "<=" and "==" only.
        objective: one exact number per variable.
        tally: counts how the answer was reached.
        exact_first: problems with dimension^2 * rows below this skip the proposal; affects the cost only.

    Returns:
        `Optimal` (value, a point that attains it, multipliers that prove the bound), `Unbounded` (a point and a ray
        along which the objective grows) or `Infeasible` (Farkas multipliers).

    Raises:
        ShapeError: the objective's length is not the dimension.
        InputError: the system has a strict row.

    >>> square = LinearSystem.from_rows([([1, 0], "<=", 1), ([0, 1], "<=", 1)])
    >>> best = maximise(square, [1, 2])
    >>> best.value, best.point, best.dual.multipliers
    (Fraction(3, 1), (Fraction(1, 1), Fraction(1, 1)), (Fraction(1, 1), Fraction(2, 1)))
    >>> maximise(square, [-1, 0]).ray
    (Fraction(-1, 1), Fraction(0, 1))
    """
    c = as_vector(objective, name="objective")
    if len(c) != system.dimension:
        raise ShapeError(f"objective has {len(c)} entries, expected dimension {system.dimension}")
    if "<" in system.relations:
        raise InputError("system has a strict row, so a maximum may not be attained; pass system.closure()")
    counts = tally if tally is not None else Tally()
    integers, scale = scaled_point(c)
    proposal: OptimumProposal | None = None
    is_small = system.dimension**2 * len(system) < exact_first
    if not is_small:
        equalities = [i for i, relation in enumerate(system.relations) if relation == "=="]
        counts.proposals += 1
        proposal = propose_optimum(system.normals, system.offsets, equalities, integers)
        if proposal is not None:
            answer = _confirmed(system, integers, scale, proposal)
            if answer is not None:
                return answer
        else:
            verdict = decide(system, tally=counts, exact_first=exact_first)
            if isinstance(verdict, Infeasible):
                return verdict
    result, pivots = maximise_by_simplex(system, c, preferred=proposal.tight if proposal else ())
    counts.pivots += pivots
    if is_small:
        counts.exact_runs += 1
    else:
        counts.fallbacks += 1
    return result


def minimise(
    system: LinearSystem, objective: Iterable[object], *, tally: Tally | None = None, exact_first: int = EXACT_FIRST
) -> Optimal | Unbounded | Infeasible:
    """Minimise objective · x over the system, with evidence; arguments and errors as `maximise`.

    The answer has `sense` "min": its multipliers add the rows up to  -objective · x <= -value,  and along a ray the
    objective falls.

    >>> minimise(LinearSystem.from_rows([([-1], "<=", -2)]), [3]).value
    Fraction(6, 1)
    """
    c = as_vector(objective, name="objective")
    answer = maximise(system, [-a for a in c], tally=tally, exact_first=exact_first)
    if isinstance(answer, Optimal):
        return Optimal(-answer.value, answer.point, answer.dual, "min")
    return Unbounded(answer.point, answer.ray, "min") if isinstance(answer, Unbounded) else answer


def _confirmed(system: LinearSystem, objective: Sequence[int], scale: int, proposal: OptimumProposal) -> Optimal | None:
    """The optimum at the proposed vertex, if exact arithmetic confirms point and multipliers; objective / scale."""
    point = tight_point(system.normals, system.offsets, proposal.tight, lift=False)
    if point is None:
        return None
    x = tuple(Fraction(p, point[1]) for p in point[0])
    dual = solve_combination(system.normals, proposal.support, objective)
    if dual is None or any(y < 0 and r != "==" for y, r in zip(dual, system.relations, strict=True)):
        return None
    value = sum(map(mul, objective, x), Fraction(0))
    if sum(map(mul, dual, system.offsets), Fraction(0)) != value or not system.is_satisfied(x):
        return None
    return Optimal(value / scale, x, DualCertificate(tuple(y / scale for y in dual)))
