"""The affine hull of a polyhedron: which inequalities are equalities in disguise, and a point strictly inside the rest.

For a non-empty set P = {x : rows}, row a · x <= b is an *implied equality* if a · x = b on all of P.  The dimension of
P is n minus the rank of its equalities, explicit and implied, and the relative interior of P is where all other rows
are strict.

Method: ask for a point with every inequality strict.  A refutation of that adds rows up to 0 < 0: either to
0 < negative, then P is empty, or to exactly 0, then every row that took part is an implied equality and the multipliers
prove it.  Make these rows equalities and ask again.  Cost: one decision for each round, at most one per row and few in
practice.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import InvariantError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import FarkasCertificate, Feasible, Infeasible, Witness
from exactrelu.lp.reductions import Forced, repair_signs
from exactrelu.lp.system import LinearSystem, Relation, scaled_point

__all__ = ["AffineHull", "ImpliedEquality", "find_affine_hull"]


@dataclass(frozen=True, slots=True)
class ImpliedEquality:
    """Proof that inequality `row` holds with equality: multipliers y with sum y_i a_i = 0, sum y_i b_i = 0, y_row > 0.

    With y >= 0 on inequalities, a solution that left the row slack would make the sum negative.
    """

    row: int
    multipliers: tuple[Fraction, ...]

    def defect(self, system: LinearSystem) -> str | None:
        """Return why the multipliers do not prove that the row is an equality on `system`, or None."""
        if not 0 <= self.row < len(system) or len(self.multipliers) != len(system):
            return "the multipliers do not fit the system"
        if self.multipliers[self.row] <= 0 or system.relations[self.row] != "<=":
            return f"row {self.row} is no inequality with a positive multiplier"
        # The proof is a refutation of the system in which this one row is strict.
        relations: list[Relation] = ["==" if r == "==" else "<=" for r in system.relations]
        relations[self.row] = "<"
        strict = LinearSystem(system.dimension, system.normals, tuple(relations), system.offsets)
        return FarkasCertificate(self.multipliers).defect(strict)


@dataclass(frozen=True, slots=True)
class AffineHull:
    """Dimension of a non-empty polyhedron, its equalities, and a point of its relative interior.

    `equalities`: all rows that hold with equality, explicit ones too; `implied`: proofs for those written as
    inequalities; `interior`: a solution that leaves every other row slack.
    """

    dimension: int
    equalities: tuple[int, ...]
    implied: tuple[ImpliedEquality, ...]
    interior: Witness

    def defect(self, system: LinearSystem) -> str | None:
        """Return why the evidence does not prove the dimension and the equalities, or None."""
        explicit = {i for i, relation in enumerate(system.relations) if relation == "=="}
        for proof in self.implied:
            if reason := proof.defect(system):
                return reason
        if set(self.equalities) != explicit | {proof.row for proof in self.implied}:
            return "an equality has no proof"
        if reason := self.interior.defect(_with_strict_rows(system, self.equalities)):
            return f"interior point: {reason}"
        rank = _rank(system, self.equalities)
        return None if self.dimension == system.dimension - rank else f"the equalities have rank {rank}"


def find_affine_hull(system: LinearSystem) -> AffineHull | Infeasible:
    """Return dimension, equalities and a relatively interior point of the closed system, or the proof that it is empty.

    >>> rows = [([1, 1], "<=", 1), ([-1, -1], "<=", -1), ([-1, 0], "<=", 0), ([0, -1], "<=", 0)]
    >>> hull = find_affine_hull(LinearSystem.from_rows(rows))
    >>> hull.dimension, hull.equalities, hull.implied[0].multipliers
    (1, (0, 1), (Fraction(1, 1), Fraction(1, 1), Fraction(0, 1), Fraction(0, 1)))
    """
    equalities = [i for i, relation in enumerate(system.relations) if relation == "=="]
    forced: list[Forced] = []
    while True:
        answer = decide(_with_strict_rows(system, equalities))
        if isinstance(answer, Feasible):
            break
        # The rows found before are "==" in the question, so their multipliers may be negative: repair them.
        multipliers = repair_signs(answer.certificate.multipliers, forced)
        if sum((y * b for y, b in zip(multipliers, system.offsets, strict=True) if y), Fraction(0)) < 0:
            return Infeasible(FarkasCertificate(multipliers))
        known = set(equalities)
        rows = tuple(i for i, y in enumerate(multipliers) if y > 0 and i not in known)
        if not rows:
            raise InvariantError("a refutation without a strict row adds up to zero")
        forced.append(Forced(rows, scaled_point(multipliers)[0]))
        equalities.extend(rows)
    implied = tuple(
        ImpliedEquality(row, tuple(map(Fraction, proof.multipliers))) for proof in forced for row in proof.rows
    )
    equalities.sort()
    dimension = system.dimension - _rank(system, equalities)
    return AffineHull(dimension, tuple(equalities), tuple(sorted(implied, key=lambda p: p.row)), answer.witness)


def _with_strict_rows(system: LinearSystem, equalities: tuple[int, ...] | list[int]) -> LinearSystem:
    """The rows `equalities` as "==", all others as "<"."""
    chosen = set(equalities)
    relations: tuple[Relation, ...] = tuple("==" if i in chosen else "<" for i in range(len(system)))
    return LinearSystem(system.dimension, system.normals, relations, system.offsets)


def _rank(system: LinearSystem, rows: tuple[int, ...] | list[int]) -> int:
    return RationalMatrix.from_integers([system.normals[i] for i in rows], n_columns=system.dimension).rank()
