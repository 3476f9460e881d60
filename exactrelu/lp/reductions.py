"""Eliminating equalities from a system, with the way back for points and for multipliers.

Given rows that hold with equality, E x = f, write x = x0 + N u with E x0 = f and the columns of N a basis of the kernel
of E.  The other rows become inequalities on u, in the same order:

    a · x <= b    <=>    (q a N) · u <= q b - a · (q x0),      q the denominator of x0.

Invariant: a solution u lifts to the solution x0 + N u; multipliers y on the reduced rows with y (A N) = 0 lift to
multipliers on all rows, since y A vanishes on the kernel of E and is therefore a combination of E's rows.

*Forced* equalities (`Forced`) are inequality rows that carry a proof that no solution leaves them slack: multipliers
w >= 0, positive on these rows, with w A = 0 and w b = 0.  A negative multiplier on such a row is repaired by adding a
multiple of w, which changes neither sum.  Cost: one kernel and two solutions over Z by FLINT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from operator import mul

from exactrelu.errors import InvariantError
from exactrelu.exact.matrices import NoSolution, RationalMatrix
from exactrelu.lp.system import LinearSystem, scaled_point

__all__ = ["Forced", "Reduction", "lift_multipliers", "reduce_equalities", "repair_signs"]


@dataclass(frozen=True, slots=True)
class Forced:
    """Rows that hold with equality on every solution, and the multipliers (one per row of the system) that prove it."""

    rows: tuple[int, ...]
    multipliers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reduction:
    """The inequality rows `kept` of a system, on the flat where the rows `equalities` are tight.

    `normals`, `offsets`: the reduced integer rows in u; x = (origin + basis^T u) / denominator.
    """

    system: LinearSystem
    equalities: tuple[int, ...]
    kept: tuple[int, ...]
    normals: tuple[tuple[int, ...], ...]
    offsets: tuple[int, ...]
    origin: tuple[int, ...]
    basis: tuple[tuple[int, ...], ...]
    denominator: int

    def lift_point(self, numerators: Sequence[int], denominator: int) -> tuple[Fraction, ...]:
        """Return x for u = numerators / denominator."""
        if not self.equalities:
            return tuple(Fraction(a, denominator) for a in numerators)
        columns = zip(*self.basis, strict=True) if self.basis else ((),) * len(self.origin)
        q = self.denominator
        return tuple(
            Fraction(start * denominator + q * sum(map(mul, column, numerators)), q * denominator)
            for start, column in zip(self.origin, columns, strict=True)
        )


def reduce_equalities(system: LinearSystem, equalities: Sequence[int]) -> Reduction | tuple[int, ...]:
    """Eliminate the given rows; or return refuting integer multipliers for them if they contradict one another."""
    chosen = set(equalities)
    kept = tuple(i for i in range(len(system)) if i not in chosen)
    n = system.dimension
    if not chosen:
        return Reduction(system, (), kept, system.normals, system.offsets, (0,) * n, _identity(n), 1)
    matrix = RationalMatrix.from_integers([system.normals[i] for i in equalities], n_columns=n)
    solution = matrix.solve([system.offsets[i] for i in equalities])
    if isinstance(solution, NoSolution):
        multipliers, _ = scaled_point(solution.multipliers)
        constant = sum(y * system.offsets[i] for y, i in zip(multipliers, equalities, strict=True))
        sign = -1 if constant > 0 else 1
        return _spread(len(system), equalities, [sign * y for y in multipliers])
    origin, q = scaled_point(solution.point)
    basis = matrix.kernel().numerators
    normals = tuple(tuple(q * sum(map(mul, system.normals[i], column)) for column in basis) for i in kept)
    offsets = tuple(q * system.offsets[i] - sum(map(mul, system.normals[i], origin)) for i in kept)
    return Reduction(system, tuple(equalities), kept, normals, offsets, origin, basis, q)


@lru_cache(maxsize=64)
def _identity(n: int) -> tuple[tuple[int, ...], ...]:
    """The unit vectors, shared by all systems without equalities."""
    return tuple(tuple(int(i == j) for j in range(n)) for i in range(n))


def lift_multipliers(
    reduction: Reduction, multipliers: Sequence[int], forced: Sequence[Forced]
) -> tuple[Fraction, ...]:
    """Return multipliers on all rows of the system that extend those on the reduced rows; y (A N) = 0 is required.

    The combined offset is the reduced one divided by the reduction's denominator; rows of `forced` end up >= 0.
    """
    system = reduction.system
    result = [Fraction(0)] * len(system)
    for i, y in zip(reduction.kept, multipliers, strict=True):
        if y:
            result[i] = Fraction(y)
    if reduction.equalities:
        total = [0] * system.dimension
        for i, y in zip(reduction.kept, multipliers, strict=True):
            if y:
                total = [t - y * a for t, a in zip(total, system.normals[i], strict=True)]
        rows = RationalMatrix.from_integers(
            [system.normals[i] for i in reduction.equalities], n_columns=system.dimension
        )
        solution = rows.transpose().solve(total)
        if isinstance(solution, NoSolution):
            raise InvariantError("multipliers do not cancel on the flat of the equalities")
        for i, z in zip(reduction.equalities, solution.point, strict=True):
            result[i] = z
    return repair_signs(result, forced)


def repair_signs(multipliers: Sequence[Fraction], forced: Sequence[Forced]) -> tuple[Fraction, ...]:
    """Add multiples of the proofs in `forced` until no forced row has a negative multiplier; the sums stay."""
    result = list(multipliers)
    for proof in forced:
        need = max((-result[i] / proof.multipliers[i] for i in proof.rows), default=Fraction(0))
        if need > 0:
            result = [y + need * w if w else y for y, w in zip(result, proof.multipliers, strict=True)]
    return tuple(result)


def _spread(length: int, positions: Sequence[int], values: Sequence[int]) -> tuple[int, ...]:
    """A vector of zeros with `values` at `positions`."""
    result = [0] * length
    for i, value in zip(positions, values, strict=True):
        result[i] = value
    return tuple(result)
