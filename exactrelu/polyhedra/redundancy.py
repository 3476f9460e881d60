"""Irredundant descriptions: the rows that matter, and for every other row the multipliers that derive it.

A row is *redundant* if dropping it does not enlarge the set.  The result keeps independent equalities (implied ones
included, now written "==") and, of the inequalities, one per facet.

Method: the affine hull first; then for each inequality maximise its normal over the other rows still present, with the
row itself relaxed by 1 so that the maximum exists.  A maximum within the offset drops the row, and the dual multipliers
are its derivation; otherwise the maximiser is a point that violates this row alone and proves it necessary.
A derivation may use rows that are dropped later; these are substituted at the end.  Cost: one maximisation per row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import InvariantError
from exactrelu.exact.matrices import NoSolution, RationalMatrix
from exactrelu.lp.evidence import DualCertificate, Infeasible, Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.polyhedra.affine_hull import AffineHull, find_affine_hull

__all__ = ["Derivation", "IrredundantSystem", "remove_redundancy"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """Proof that row `row` of the original follows from the new system: multipliers on the new system's rows."""

    row: int
    multipliers: Vector


@dataclass(frozen=True, slots=True)
class IrredundantSystem:
    """An irredundant system with the same solutions as the original, and the proofs of both directions.

    Attributes:
        system: equalities first, then inequalities; row i is row rows[i] of the original, an implied equality as "==".
        rows: the original index of each new row.
        hull: affine hull of the original, which proves the implied equalities.
        derivations: one per dropped row.
        essential: for each inequality of `system`, in order, a point that violates it and satisfies all other rows.
    """

    system: LinearSystem
    rows: tuple[int, ...]
    hull: AffineHull
    derivations: tuple[Derivation, ...]
    essential: tuple[Vector, ...]

    def defect(self, original: LinearSystem) -> str | None:
        """Return why the evidence does not prove equal solutions and irredundancy, or None."""
        if reason := self.hull.defect(original):
            return reason
        if len(self.rows) != len(self.system):
            return "one original row per new row is needed"
        equal = set(self.hull.equalities)
        for new, old in zip(self.system.rows, self.rows, strict=True):
            normal, _, offset = original.rows[old]
            if new != (normal, "==" if old in equal else "<=", offset):
                return f"row {old} of the original was changed"
        if sorted((*self.rows, *(d.row for d in self.derivations))) != list(range(len(original))):
            return "a row of the original is neither kept nor derived"
        for derivation in self.derivations:
            normal, _, offset = original.rows[derivation.row]
            if reason := DualCertificate(derivation.multipliers).defect(self.system, normal, Fraction(offset)):
                return f"row {derivation.row}: {reason}"
            if derivation.row in equal and (reason := _equality_defect(self.system, derivation.multipliers, offset)):
                return f"row {derivation.row}: {reason}"
        inequalities = [i for i, relation in enumerate(self.system.relations) if relation == "<="]
        if len(inequalities) != len(self.essential):
            return "one point per inequality is needed"
        if _rank(self.system, range(len(self.system) - len(inequalities))) != len(self.system) - len(inequalities):
            return "the equalities are dependent"
        for i, point in zip(inequalities, self.essential, strict=True):
            if self.system.violations(point) != (i,):
                return f"new row {i} is not shown to be necessary"
        return None


def remove_redundancy(system: LinearSystem) -> IrredundantSystem | Infeasible:
    """Return an irredundant description of a closed system with proofs, or the proof that it is empty.

    >>> square = LinearSystem.from_rows([([1], "<=", 1), ([2], "<=", 2), ([1], "<=", 3), ([-1], "<=", 0)])
    >>> result = remove_redundancy(square)
    >>> print(result.system)
    2*x0 <= 2
    -x0 <= 0
    >>> [(d.row, d.multipliers) for d in result.derivations]
    [(0, (Fraction(1, 2), Fraction(0, 1))), (2, (Fraction(1, 2), Fraction(0, 1)))]
    """
    hull = find_affine_hull(system)
    if isinstance(hull, Infeasible):
        return hull
    basis = _independent(system, hull.equalities)
    equalities: list[Row] = [(system.normals[i], "==", system.offsets[i]) for i in basis]
    present = [i for i in range(len(system)) if i not in set(hull.equalities)]
    essential: dict[int, Vector] = {}
    dropped: list[tuple[int, dict[int, Fraction]]] = []
    for i in tuple(present):
        others = [j for j in present if j != i]
        normal, offset = system.normals[i], system.offsets[i]
        rows: list[Row] = [*equalities, *((system.normals[j], "<=", system.offsets[j]) for j in others)]
        rows.append((normal, "<=", offset + 1))
        best = maximise(LinearSystem.from_integer_rows(rows, dimension=system.dimension), normal)
        if not isinstance(best, Optimal):
            raise InvariantError("a bounded maximum over a non-empty set exists")
        if best.value > offset:
            essential[i] = best.point
            continue
        # The relaxed row is slack at the maximum, so its own multiplier is zero.
        dropped.append((i, {j: y for j, y in zip([*basis, *others], best.dual.multipliers[:-1], strict=True) if y}))
        present = others
    kept = (*basis, *present)
    derivations = _substitute(dropped, kept)
    derivations.extend(_dependent(system, hull.equalities, basis, len(kept)))
    result: list[Row] = [*equalities, *((system.normals[j], "<=", system.offsets[j]) for j in present)]
    return IrredundantSystem(
        LinearSystem.from_integer_rows(result, dimension=system.dimension),
        kept,
        hull,
        tuple(sorted(derivations, key=lambda d: d.row)),
        tuple(essential[i] for i in present),
    )


def _substitute(dropped: list[tuple[int, dict[int, Fraction]]], kept: tuple[int, ...]) -> list[Derivation]:
    """Derivations from kept rows only: the row dropped last uses no other dropped row, so go backwards."""
    final: dict[int, Mapping[int, Fraction]] = {}
    for i, used in reversed(dropped):
        total: dict[int, Fraction] = {}
        for j, y in used.items():
            for k, z in final.get(j, {j: Fraction(1)}).items():
                total[k] = total.get(k, Fraction(0)) + y * z
        final[i] = total
    return [Derivation(i, tuple(total.get(k, Fraction(0)) for k in kept)) for i, total in final.items()]


def _dependent(system: LinearSystem, equalities: tuple[int, ...], basis: list[int], n_rows: int) -> list[Derivation]:
    """Derivations of the equalities outside the basis, which take the first rows of the new system."""
    columns = RationalMatrix.from_integers([system.normals[i] for i in basis], n_columns=system.dimension).transpose()
    result = []
    for i in equalities:
        if i not in basis:
            solution = columns.solve(system.normals[i])
            if isinstance(solution, NoSolution):
                raise InvariantError("an equality outside the span of the basis")
            result.append(Derivation(i, solution.point + (Fraction(0),) * (n_rows - len(basis))))
    return result


def _independent(system: LinearSystem, rows: tuple[int, ...]) -> list[int]:
    """Indices of a basis among the normals of `rows`, the first ones where there is a choice."""
    if not rows or not system.dimension:
        return []
    columns = RationalMatrix.from_integers([system.normals[i] for i in rows]).transpose()
    reduced, _, rank = columns.fmpz.rref()
    # Pivot columns of the reduced transpose are rows independent of those before them.
    return [rows[next(j for j in range(len(rows)) if reduced[r, j] != 0)] for r in range(rank)]


def _equality_defect(system: LinearSystem, multipliers: Vector, offset: int) -> str | None:
    """Why the multipliers do not derive an equality: inequalities take part, or the offset differs."""
    if any(y and relation != "==" for y, relation in zip(multipliers, system.relations, strict=True)):
        return "an equality is derived from inequalities"
    total = sum((y * b for y, b in zip(multipliers, system.offsets, strict=True)), Fraction(0))
    return None if total == offset else "the offset of an equality differs"


def _rank(system: LinearSystem, rows: range) -> int:
    return RationalMatrix.from_integers([system.normals[i] for i in rows], n_columns=system.dimension).rank()
