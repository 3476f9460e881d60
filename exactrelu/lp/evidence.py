"""Evidence for the answers of linear programming, and the arithmetic that checks it.

Answers are values: `Feasible`, `Infeasible`, `Optimal`, `Unbounded`.  Each has a method `defect` that adds up and
compares, nothing else, and returns None if the evidence proves the answer, otherwise the reason why not.

The rules, for rows a_i · x REL b_i and multipliers y_i, where y_i >= 0 on every row with "<=" or "<", and y_i has any
sign on a row with "==":

- infeasible: sum y_i a_i = 0 and (sum y_i b_i < 0, or sum y_i b_i = 0 and y_i > 0 on some row with "<").  Adding up the
  rows would give 0 < 0 or worse.  With strict rows this is Motzkin's form of Farkas' lemma: such multipliers
  exist exactly if the system has no solution.
- bound: sum y_i a_i = c and sum y_i b_i <= v prove c · x <= v on the system.
- unbounded: a point of the system, and a ray r with a_i · r <= 0 (= 0 on "==") and c · r > 0.

Cost: one pass over the rows with a non-zero multiplier.  The stand-alone checker has its own copy of these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from exactrelu.exact.rationals import as_vector
from exactrelu.lp.system import LinearSystem, scaled_point

__all__ = ["DualCertificate", "FarkasCertificate", "Feasible", "Infeasible", "Optimal", "Unbounded", "Witness"]

Vector = tuple[Fraction, ...]
Sense = Literal["max", "min"]


@dataclass(frozen=True, slots=True)
class Witness:
    """A point that satisfies every row of a system."""

    point: Vector

    def defect(self, system: LinearSystem) -> str | None:
        """Return why the point is no solution of `system`, or None."""
        if len(self.point) != system.dimension:
            return f"the point has {len(self.point)} entries in dimension {system.dimension}"
        failing = system.violations(self.point)
        return f"row {failing[0]} fails at the point" if failing else None


@dataclass(frozen=True, slots=True)
class FarkasCertificate:
    """Multipliers, one per row, that add the rows of a system up to a contradiction.

    >>> system = LinearSystem.from_rows([([1], "<=", 0), ([-1], "<", 0)])
    >>> FarkasCertificate((Fraction(1), Fraction(1))).defect(system) is None
    True
    >>> FarkasCertificate((Fraction(1), Fraction(1))).defect(system.closure())
    'the rows add up to 0 <= 0, which is no contradiction'
    """

    multipliers: Vector

    def defect(self, system: LinearSystem) -> str | None:
        """Return why the multipliers do not refute `system`, or None."""
        total = _combination(system, self.multipliers)
        if isinstance(total, str):
            return total
        normal, offset, is_strict = total
        for j, a in enumerate(normal):
            if a:
                return f"variable {j} does not cancel"
        if offset < 0 or (not offset and is_strict):
            return None
        return f"the rows add up to 0 {'<' if is_strict else '<='} {offset}, which is no contradiction"


@dataclass(frozen=True, slots=True)
class DualCertificate:
    """Multipliers, one per row, that add the rows up to the bound objective · x <= value."""

    multipliers: Vector

    def defect(self, system: LinearSystem, objective: Iterable[object], value: Fraction) -> str | None:
        """Return why the multipliers do not prove objective · x <= value on `system`, or None."""
        total = _combination(system, self.multipliers)
        if isinstance(total, str):
            return total
        normal, offset, _ = total
        if tuple(normal) != as_vector(objective, name="objective"):
            return "the rows do not add up to the objective"
        return None if offset <= value else f"the rows add up to the bound {offset}, not {value}"


@dataclass(frozen=True, slots=True)
class Feasible:
    """The system has a solution: `witness`."""

    witness: Witness

    def defect(self, system: LinearSystem) -> str | None:
        """Return why the witness does not prove feasibility, or None."""
        return self.witness.defect(system)


@dataclass(frozen=True, slots=True)
class Infeasible:
    """The system has no solution, by `certificate`."""

    certificate: FarkasCertificate

    def defect(self, system: LinearSystem) -> str | None:
        """Return why the certificate does not prove infeasibility, or None."""
        return self.certificate.defect(system)


@dataclass(frozen=True, slots=True)
class Optimal:
    """The maximum of the objective is `value`, attained at `point`, and `dual` proves that no point has more.

    With `sense` "min" it is the minimum, and `dual` proves  -objective · x <= -value.
    """

    value: Fraction
    point: Vector
    dual: DualCertificate
    sense: Sense = "max"

    def defect(self, system: LinearSystem, objective: Iterable[object]) -> str | None:
        """Return why point and dual do not prove the optimum, or None."""
        c = as_vector(objective, name="objective")
        if reason := Witness(self.point).defect(system):
            return reason
        if _dot(c, self.point) != self.value:
            return "the objective at the point is not the value"
        if self.sense == "min":
            return self.dual.defect(system, [-a for a in c], -self.value)
        return self.dual.defect(system, c, self.value)


@dataclass(frozen=True, slots=True)
class Unbounded:
    """The objective has no maximum: from `point` it grows along `ray` for ever; with `sense` "min" it falls."""

    point: Vector
    ray: Vector
    sense: Sense = "max"

    def defect(self, system: LinearSystem, objective: Iterable[object]) -> str | None:
        """Return why point and ray do not prove unboundedness, or None."""
        c = as_vector(objective, name="objective")
        if reason := Witness(self.point).defect(system):
            return reason
        if len(self.ray) != system.dimension:
            return f"the ray has {len(self.ray)} entries in dimension {system.dimension}"
        direction, _ = scaled_point(self.ray)
        for index, (normal, relation, _) in enumerate(system.rows):
            rise = sum(a * r for a, r in zip(normal, direction, strict=True))
            if rise > 0 or (rise and relation == "=="):
                return f"row {index} stops the ray"
        slope = _dot(c, self.ray) * (1 if self.sense == "max" else -1)
        return None if slope > 0 else "the objective does not improve along the ray"


def _combination(system: LinearSystem, multipliers: Sequence[Fraction]) -> tuple[list[Fraction], Fraction, bool] | str:
    """Sum of multiplier times row: normal, offset, and whether a strict row takes part; or what is not allowed."""
    if len(multipliers) != len(system):
        return f"{len(multipliers)} multipliers for {len(system)} rows"
    normal = [0] * system.dimension
    offset = 0
    is_strict = False
    # One common denominator, so that the sums are sums of integers.
    numerators, denominator = scaled_point(multipliers)
    for index, y in enumerate(numerators):
        if y == 0:
            continue
        relation = system.relations[index]
        if y < 0 and relation != "==":
            return f"the multiplier of row {index} is negative"
        is_strict = is_strict or relation == "<"
        normal = [total + y * a for total, a in zip(normal, system.normals[index], strict=True)]
        offset += y * system.offsets[index]
    return [Fraction(a, denominator) for a in normal], Fraction(offset, denominator), is_strict


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))
