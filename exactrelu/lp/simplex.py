"""Exact simplex method over the integers: the decision procedure behind every proposal.

Raw kernel: it takes a valid `LinearSystem` and trusts it.  Definition: every row a_i · x REL b_i gets a slack
s_i = b_i - a_i · x; a *dictionary* writes the basic variables through the others,

    D * basic_r  +  sum_j T[r][j] * nonbasic_j  =  T[r][last],        D > 0 and T integers,

and D is (up to sign) the minor of the input that belongs to the basis, so that each division in a pivot is exact
(Edmonds; the same device as Bareiss elimination).  Numbers therefore never exceed minors of the input.

Course: (0) slacks of equalities leave the basis for good, then each free variable x_j enters it; (1) one artificial
variable makes the dictionary feasible and is minimised; (2) the objective is maximised.  Strict rows: a variable
t in [0, 1] is subtracted from their slacks and maximised; the system is solvable iff t can be positive.

Evidence is read off the dictionary, never searched: a row that expresses the artificial variable (or the objective)
with coefficients of one sign *is* the list of multipliers.  Pivot rule: largest coefficient; after a run of pivots
without progress, Bland's least-index rule until progress resumes.  Bland's rule never repeats a basis and the objective
never falls, so the method ends.  Cost: rows × columns integer products per pivot; exponentially many pivots
in the worst case (Klee-Minty), few times the dimension in practice.

Source: own; the textbook two-phase method in dictionary form [Chvátal, Linear Programming, ch. 2-3, 8].
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from exactrelu.errors import InvariantError
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.evidence import DualCertificate, FarkasCertificate, Feasible, Infeasible, Optimal, Unbounded, Witness
from exactrelu.lp.system import LinearSystem, scaled_point

__all__ = ["decide_by_simplex", "maximise_by_simplex"]


def decide_by_simplex(system: LinearSystem, *, preferred: Sequence[int] = ()) -> tuple[Feasible | Infeasible, int]:
    """Decide the system by exact pivoting; return the answer with its evidence, and the number of pivots.

    Args:
        system: rows with "<=", "<" and "==".
        preferred: rows to make tight first, such as a guess of the active rows; affects the cost only.

    >>> triangle = LinearSystem.from_rows([([-1, 0], "<", 0), ([0, -1], "<", 0), ([1, 1], "<=", 0)])
    >>> answer, _ = decide_by_simplex(triangle)
    >>> answer.certificate.multipliers
    (Fraction(1, 1), Fraction(1, 1), Fraction(1, 1))
    """
    run = _Dictionary(system, None)
    refutation = run.make_feasible(preferred)
    if refutation is None and run.has_strict_row:
        run.maximise(stop_when_positive=True)
        if run.objective_value() <= 0:
            refutation = run.multipliers(run.table[-1])
    if refutation is not None:
        return Infeasible(_farkas(refutation)), run.pivots
    return Feasible(Witness(run.point())), run.pivots


def maximise_by_simplex(
    system: LinearSystem, objective: Iterable[object], *, preferred: Sequence[int] = ()
) -> tuple[Optimal | Unbounded | Infeasible, int]:
    """Maximise objective · x by exact pivoting; return the answer with its evidence, and the number of pivots.

    The system must have no strict row (`exactrelu.lp.decide.maximise` checks it).

    >>> square = LinearSystem.from_rows([([1, 0], "<=", 1), ([0, 1], "<=", 1)])
    >>> answer, pivots = maximise_by_simplex(square, [1, 2])
    >>> answer.value, answer.dual.multipliers
    (Fraction(3, 1), (Fraction(1, 1), Fraction(2, 1)))
    """
    c, scale = scaled_point(as_vector(objective, name="objective"))
    run = _Dictionary(system, c)
    refutation = run.make_feasible(preferred)
    if refutation is not None:
        return Infeasible(_farkas(refutation)), run.pivots
    column = run.maximise()
    if column is not None:
        return Unbounded(run.point(), run.ray(column)), run.pivots
    value = Fraction(run.objective_value(), run.denominator * scale)
    dual = tuple(Fraction(y, run.denominator * scale) for y in run.multipliers(run.table[-1]))
    return Optimal(value, run.point(), DualCertificate(dual)), run.pivots


def _farkas(multipliers: list[int]) -> FarkasCertificate:
    """The multipliers divided by their gcd."""
    divisor = math.gcd(*multipliers)
    return FarkasCertificate(tuple(Fraction(y // divisor) for y in multipliers))


class _Dictionary:
    """The dictionary of the module docstring; the last row of `table` belongs to the objective.

    Variables are numbered: slacks by their row, then the x_j from `first_free`, then t, the slack of t <= 1, the
    artificial variable and the objective.
    """

    def __init__(self, system: LinearSystem, objective: Sequence[int] | None) -> None:
        m, n = len(system), system.dimension
        self.system = system
        self.first_free = m
        self.slope = m + n
        self.artificial = m + n + 2
        self.denominator = 1
        self.pivots = 0
        self.equalities = {i for i, relation in enumerate(system.relations) if relation == "=="}
        self.has_strict_row = objective is None and "<" in system.relations
        self.basis = list(range(m))
        self.cobasis = list(range(m, m + n))
        self.table = [[*a, b] for a, b in zip(system.normals, system.offsets, strict=True)]
        objective_row = [-c for c in objective or (0,) * n]
        if self.has_strict_row:
            self.cobasis.append(self.slope)
            for row, relation in zip(self.table, system.relations, strict=True):
                row.insert(n, int(relation == "<"))
            self.basis.append(self.slope + 1)
            self.table.append([*(0,) * n, 1, 1])
            objective_row.append(-1)
        self.basis.append(m + n + 3)
        self.table.append([*objective_row, 0])

    def pivot(self, r: int, c: int) -> None:
        """Exchange basic variable r and nonbasic variable c; T[r][c] is not zero."""
        table, old = self.table, self.denominator
        source = table[r]
        p = source[c]
        for i, row in enumerate(table):
            if i == r:
                continue
            factor = row[c]
            if factor:
                # The entry in column c needs no division: it becomes -factor, and row c of `source` becomes `old`.
                table[i] = row = [(p * a - factor * b) // old for a, b in zip(row, source, strict=True)]
                row[c] = -factor
            elif p != old:
                table[i] = [p * a // old for a in row]
        source[c] = old
        self.denominator = p
        if p < 0:
            self.denominator = -p
            for i, row in enumerate(table):
                table[i] = [-a for a in row]
        self.basis[r], self.cobasis[c] = self.cobasis[c], self.basis[r]
        self.pivots += 1

    def make_feasible(self, preferred: Sequence[int]) -> list[int] | None:
        """Reach a feasible dictionary without equality slacks in the basis, or return refuting multipliers."""
        for i in sorted(self.equalities):
            if not self._free_column_into(i):
                constant = self.table[self.basis.index(i)][-1]
                if constant:
                    return self.multipliers(self.table[self.basis.index(i)], i, -1 if constant > 0 else 1)
        # Any inequality can make room for a free variable; the caller's guess of the active rows goes first.
        for i in (*preferred, *range(self.first_free)):
            if i not in self.equalities and i in self.basis:
                if all(v < self.first_free or v >= self.slope for v in self.cobasis):
                    break
                self._free_column_into(i)
        return self._phase_one()

    def _free_column_into(self, label: int) -> bool:
        """Let some nonbasic x_j take the place of the slack `label`; False if its row contains no such x_j."""
        if label not in self.basis:
            return False
        r = self.basis.index(label)
        row = self.table[r]
        for c, variable in enumerate(self.cobasis):
            if row[c] and self.first_free <= variable < self.slope:
                self.pivot(r, c)
                return True
        return False

    def _phase_one(self) -> list[int] | None:
        """Minimise an artificial variable that relaxes the basic slacks."""
        signed = [r for r, variable in enumerate(self.basis) if self._is_signed(variable)]
        worst = min(signed, key=lambda r: self.table[r][-1], default=None)
        if worst is None or self.table[worst][-1] >= 0:
            return None
        relaxed = set(signed)
        for r, row in enumerate(self.table):
            row.insert(-1, -self.denominator if r in relaxed else 0)
        self.cobasis.append(self.artificial)
        self.pivot(worst, len(self.cobasis) - 1)
        r = worst
        stall = _Stall(len(self.table))
        while self.basis[r] == self.artificial:
            # The artificial variable is (T[r][-1] - sum T[r][j] x_j) / D: it falls along columns with T[r][j] > 0.
            row = self.table[r]
            candidates = [
                c for c, v in enumerate(self.cobasis) if row[c] > 0 and self._is_signed(v) and v != self.slope
            ]
            if not candidates:
                if row[-1] > 0:
                    return self.multipliers(row, None, -1)
                # Value 0 with the artificial variable still basic: any exchange removes it, the point stays.
                c = next(c for c, v in enumerate(self.cobasis) if row[c] and v not in self.equalities)
                self.pivot(r, c)
                break
            c = self._entering(candidates, row, 1, stall.is_long)
            leaving = self._leaving(c, artificial_row=r)
            if leaving is None:
                raise InvariantError("the artificial variable is bounded below by 0, yet a ray was found")
            stall.note(self.table[leaving][-1] != 0)
            self.pivot(leaving, c)
        column = self.cobasis.index(self.artificial)
        del self.cobasis[column]
        for row in self.table:
            del row[column]
        return None

    def maximise(self, *, stop_when_positive: bool = False) -> int | None:
        """Maximise the objective from a feasible dictionary; return the column of a ray if it is unbounded."""
        stall = _Stall(len(self.table))
        while not (stop_when_positive and self.table[-1][-1] > 0):
            row = self.table[-1]
            for c, variable in enumerate(self.cobasis):
                # A free variable still nonbasic occurs in no inequality: the objective alone decides.
                if row[c] and self._is_free(variable):
                    return c
            candidates = [c for c, v in enumerate(self.cobasis) if row[c] < 0 and v not in self.equalities]
            if not candidates:
                return None
            c = self._entering(candidates, row, -1, stall.is_long)
            r = self._leaving(c)
            if r is None:
                return c
            stall.note(self.table[r][-1] != 0)
            self.pivot(r, c)
        return None

    def _entering(self, candidates: list[int], row: list[int], sign: int, bland: bool) -> int:
        """Policy: the largest improving coefficient, or the least variable."""
        if bland:
            return min(candidates, key=lambda c: self.cobasis[c])
        return max(candidates, key=lambda c: sign * row[c])

    def _leaving(self, c: int, artificial_row: int | None = None) -> int | None:
        """Row whose signed variable reaches 0 first as column c grows; ties: artificial, then least variable."""
        best: int | None = None
        for r, variable in enumerate(self.basis):
            if self.table[r][c] > 0 and self._is_signed(variable):
                if best is None:
                    best = r
                    continue
                difference = self.table[r][-1] * self.table[best][c] - self.table[best][-1] * self.table[r][c]
                if difference < 0 or (
                    difference == 0 and best != artificial_row and (r == artificial_row or variable < self.basis[best])
                ):
                    best = r
        return best

    def _is_free(self, variable: int) -> bool:
        return self.first_free <= variable < self.slope

    def _is_signed(self, variable: int) -> bool:
        """Whether the variable must be >= 0: all but the x_j, equality slacks and the objective."""
        if variable < self.first_free:
            return variable not in self.equalities
        return self.slope <= variable <= self.artificial

    def objective_value(self) -> int:
        """Numerator of the objective over `denominator`."""
        return self.table[-1][-1]

    def multipliers(self, row: list[int], own: int | None = None, sign: int = 1) -> list[int]:
        """Coefficients of the row slacks in a table row, times `sign`."""
        result = [0] * self.first_free
        for c, variable in enumerate(self.cobasis):
            if variable < self.first_free:
                result[variable] = sign * row[c]
        if own is not None:
            result[own] = sign * self.denominator
        return result

    def point(self) -> tuple[Fraction, ...]:
        """The x of the dictionary; nonbasic variables are 0."""
        x = [Fraction(0)] * self.system.dimension
        for r, variable in enumerate(self.basis):
            if self._is_free(variable):
                x[variable - self.first_free] = Fraction(self.table[r][-1], self.denominator)
        return tuple(x)

    def ray(self, column: int) -> tuple[Fraction, ...]:
        """Direction of x as the nonbasic variable of `column` moves so that the objective grows."""
        sign = 1 if self.table[-1][column] < 0 else -1
        x = [Fraction(0)] * self.system.dimension
        for r, variable in enumerate((*self.basis, self.cobasis[column])):
            if self._is_free(variable):
                change = self.denominator if r == len(self.basis) else -self.table[r][column]
                x[variable - self.first_free] = Fraction(sign * change, self.denominator)
        return tuple(x)


class _Stall:
    """Policy: after `limit` pivots without progress use Bland's rule, until the next progress."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0

    @property
    def is_long(self) -> bool:
        return self.count > self.limit

    def note(self, progress: bool) -> None:
        self.count = 0 if progress else self.count + 1
