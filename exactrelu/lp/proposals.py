"""Untrusted float answers from HiGHS: where a solution may lie, and which rows may refute one.

Nothing returned here is used before exact arithmetic has confirmed it (`exactrelu.lp.decide`), so tolerances, scaling
and even a wrong answer cost time only, never truth.  Rows are divided by their Euclidean length first, which makes the
slack of a row a distance and keeps numbers of any size inside the range of doubles.

`propose_interior` solves  max t : a_i · x + |a_i| t <= b_i, t <= 1  in a fitting unit of length.  A positive t gives a
ball inside the system, and the further from the rows the shorter the rational point that rounding gives; otherwise the
dual multipliers name at most dimension + 1 rows whose exact combination refutes the system or forces equalities.
`propose_optimum` solves  max c · x  and names the rows tight at the vertex and those with a multiplier.

Cost: one HiGHS call, about 0.2 ms for 10 variables and 60 rows.  highspy is imported at the first call.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["InteriorProposal", "OptimumProposal", "propose_interior", "propose_optimum"]

Floats = NDArray[np.float64]

# Multipliers below this share of the largest are taken for noise.  Harmless if wrong: the exact check refuses.
_NOISE = 1e-9
_local = threading.local()


@dataclass(frozen=True, slots=True)
class InteriorProposal:
    """A point at distance about `margin` inside all rows (outside if negative), and the rows that block more.

    `support` are rows at their bound, those with a positive multiplier.
    """

    point: tuple[float, ...]
    margin: float
    support: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OptimumProposal:
    """The rows tight at a proposed optimal vertex, and those of them with a non-zero multiplier."""

    tight: tuple[int, ...]
    support: tuple[int, ...]


def propose_interior(normals: Sequence[Sequence[int]], offsets: Sequence[int]) -> InteriorProposal | None:
    """Propose a point far inside normals[i] · x <= offsets[i]; None if HiGHS gives up.  No zero rows."""
    if not normals or not normals[0]:
        return None
    matrix, bounds = _unit_rows(normals, offsets)
    # The unit of length: a typical distance of a row from the origin.  HiGHS's tolerances are absolute, and after an
    # elimination of equalities with large coefficients the whole set may be smaller than they are.
    distances = np.abs(bounds[bounds != 0])
    unit = float(np.median(distances)) if len(distances) else 1.0
    m, n = matrix.shape
    matrix = np.hstack([matrix, np.ones((m, 1))])
    cost = np.zeros(n + 1)
    cost[n] = 1.0
    upper = np.full(n + 1, np.inf)
    upper[n] = 1.0
    highs = _solve(matrix, np.full(m, -np.inf), bounds / unit, cost, upper)
    if highs is None:
        return None
    solution = highs.getSolution()
    *point, margin = solution.col_value
    return InteriorProposal(tuple(x * unit for x in point), margin * unit, _support(solution))


def propose_optimum(
    normals: Sequence[Sequence[int]], offsets: Sequence[int], equalities: Sequence[int], objective: Sequence[int]
) -> OptimumProposal | None:
    """Propose a vertex that maximises objective · x; None unless HiGHS finds an optimum."""
    if not normals or not normals[0]:
        return None
    matrix, bounds = _unit_rows(normals, offsets)
    lower = np.full(len(bounds), -np.inf)
    lower[list(equalities)] = bounds[list(equalities)]
    cost = _unit_rows([objective], [0])[0][0]
    highs = _solve(matrix, lower, bounds, cost, np.full(len(cost), np.inf))
    return None if highs is None else OptimumProposal(_tight(highs), _support(highs.getSolution()))


def _unit_rows(normals: Sequence[Sequence[int]], offsets: Sequence[int]) -> tuple[Floats, Floats]:
    """The rows in floats, each divided by its length (zero rows stay)."""
    try:
        matrix = np.array(normals, dtype=np.float64)
        bounds = np.array(offsets, dtype=np.float64)
        with np.errstate(over="ignore"):
            lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
        if not np.isfinite(lengths).all():
            raise OverflowError
    except OverflowError:
        # Integers beyond 1e154: shift each row right until its largest entry has 64 bits.
        rows = [[*normal, offset] for normal, offset in zip(normals, offsets, strict=True)]
        shifts = [max(0, max(abs(a).bit_length() for a in row) - 64) for row in rows]
        table = np.array([[a >> k for a in row] for row, k in zip(rows, shifts, strict=True)], dtype=np.float64)
        matrix, bounds = table[:, :-1], table[:, -1]
        lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    lengths[lengths == 0] = 1.0
    return matrix / lengths[:, None], bounds / lengths


def _solve(matrix: Floats, lower: Floats, upper: Floats, cost: Floats, column_upper: Floats) -> Any:
    """Maximise cost · x with lower <= matrix x <= upper, x <= column_upper; the solver object, or None."""
    import highspy  # here, because loading it costs start-up time that pure checking should not pay

    make_solver: Any = highspy.Highs  # not typed by highspy
    highs = getattr(_local, "highs", None)
    if highs is None:
        highs = _local.highs = make_solver()
        highs.silent()
        # Problems are small: presolve and threads cost more than they save.
        for option, value in (("presolve", "off"), ("threads", 1), ("parallel", "off"), ("solver", "simplex")):
            highs.setOptionValue(option, value)
    m, n = matrix.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = n, m
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.full(n, -np.inf), column_upper
    model.row_lower_, model.row_upper_ = lower, upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = _dense_pattern(m, n)
    model.a_matrix_.value_ = matrix.ravel()
    highs.passModel(model)
    highs.run()
    return highs if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal else None


@lru_cache(maxsize=64)
def _dense_pattern(m: int, n: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Row starts and column indices of a full m×n matrix; searches ask for the same few shapes again and again."""
    return np.arange(0, m * n + 1, n, dtype=np.int32), np.tile(np.arange(n, dtype=np.int32), m)


def _tight(highs: Any) -> tuple[int, ...]:
    """Rows outside the basis: those tight at the vertex that define it."""
    from highspy import HighsBasisStatus  # here as in `_solve`

    basic = HighsBasisStatus.kBasic
    return tuple(i for i, status in enumerate(highs.getBasis().row_status) if status != basic)


def _support(solution: Any) -> tuple[int, ...]:
    """Rows whose multiplier is not noise."""
    duals = np.abs(np.array(solution.row_dual))
    return tuple(np.flatnonzero(duals > _NOISE * duals.max()).tolist())
