"""From a float proposal to exact numbers: rounding a point, solving on tight rows, combining a support.

Raw kernels on integer rows.  They compute candidates over Z and Q without rounding errors; whether a candidate is a
solution or a refutation is then a matter of signs, which the callers (`decide`, `optimise`) test.
Cost: one FLINT kernel or solution with at most dimension + 1 rows each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import flint

from exactrelu.exact.matrices import NoSolution, RationalMatrix
from exactrelu.lp.system import scaled_point

__all__ = ["ScaledPoint", "dependency", "rounded_points", "solve_combination", "tight_point"]

Rows = Sequence[Sequence[int]]
ScaledPoint = tuple[tuple[int, ...], int]


def rounded_points(point: Sequence[float], margin: float) -> list[ScaledPoint]:
    """Return candidates (numerators, denominator) near `point`, shortest first, given the distance to the rows.

    Rounding to multiples of 2^-k moves a point by at most sqrt(n) 2^-(k+1); k is chosen so that this is at most half
    the margin.  The second candidate has 16 more binary digits, in case the margin was optimistic.

    >>> rounded_points((0.3, -0.7), 0.4)[0]
    ((1, -3), 4)
    """
    if not all(map(math.isfinite, point)):
        return []
    bits = max(0, math.ceil(math.log2(max(len(point), 1)) / 2 - math.log2(margin)))
    return [_dyadic(point, k) for k in (bits, bits + 16) if k <= 1000]


def _dyadic(point: Sequence[float], bits: int) -> ScaledPoint:
    """The point rounded to multiples of 2^-bits, in lowest terms."""
    scale = float(2**bits)
    numerators = [round(x * scale) if abs(x) < 1e290 / scale else int(x) << bits for x in point]
    divisor = math.gcd(1 << bits, *numerators)
    return tuple(a // divisor for a in numerators), (1 << bits) // divisor


def dependency(normals: Rows, support: Sequence[int]) -> list[int] | None:
    """Return y, one entry per row and zero off `support`, with sum y_i normals[i] = 0; None unless unique up to scale.

    The sign is chosen so that the first non-zero entry is positive.

    >>> dependency([(1, 1), (-1, 0), (0, -2)], (0, 1, 2))
    [2, 2, 1]
    """
    if not support:
        return None
    n = len(normals[support[0]])
    columns = flint.fmpz_mat(len(support), n, [a for i in support for a in normals[i]]).transpose()
    kernel, nullity = columns.nullspace()
    if nullity != 1:
        return None
    values = [int(kernel[i, 0]) for i in range(len(support))]
    divisor = math.gcd(*values)
    if next(v for v in values if v) < 0:
        divisor = -divisor
    result = [0] * len(normals)
    for i, value in zip(support, values, strict=True):
        result[i] = value // divisor
    return result


def tight_point(normals: Rows, offsets: Sequence[int], tight: Sequence[int], *, lift: bool) -> ScaledPoint | None:
    """Return a point where all rows of `tight` have equal slack (`lift`) or none at all; None if there is none.

    With `lift` the slack of row i is t * s_i for one unknown t, s_i an integer close to the length of the normal.
    """
    n = len(normals[0]) if normals else 0
    rows = [[*normals[i], math.isqrt(sum(a * a for a in normals[i])) + 1] if lift else normals[i] for i in tight]
    solution = RationalMatrix.from_integers(rows, n_columns=n + lift).solve([offsets[i] for i in tight])
    return None if isinstance(solution, NoSolution) else scaled_point(solution.point[:n])


def solve_combination(normals: Rows, support: Sequence[int], target: Sequence[int]) -> list[Fraction] | None:
    """Return y, one entry per row and zero off `support`, with sum y_i normals[i] = target; None if there is none."""
    rows = RationalMatrix.from_integers([normals[i] for i in support], n_columns=len(target))
    solution = rows.transpose().solve(target)
    if isinstance(solution, NoSolution):
        return None
    result = [Fraction(0)] * len(normals)
    for i, y in zip(support, solution.point, strict=True):
        result[i] = y
    return result
