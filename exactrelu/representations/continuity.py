"""Is a list of (polyhedron, affine map) one continuous function on its union?  Decided exactly, with evidence.

Finitely many closed sets with a continuous function on each define a function on the union iff any two agree where the
sets meet, and then it is continuous (pasting lemma).  So the question is one about pairs: does the difference of two
affine maps vanish on the intersection of their polyhedra?

Evidence for yes, for every pair with different maps: multipliers that refute the intersection (`Disjoint`), or for
every output two dual certificates, that the difference is at most and at least zero there (`Agreement`).  Evidence for
no: a point of both polyhedra and the two values (`Disagreement`).  If two full-dimensional pieces share a facet,
agreement means that the jump is a product u ⊗ (n | t), of rank one; opposite rows with such a jump are recognised
without a linear program.

Cost: at most two linear programs for every pair of pieces and every output.  Union and overlaps may be anything: gaps,
interiors that overlap, flat, empty and repeated pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from operator import mul

from exactrelu.lp.evidence import DualCertificate, FarkasCertificate, Infeasible, Unbounded
from exactrelu.lp.optimise import maximise
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.affine import AffineMap
from exactrelu.representations.pieces import PiecewiseAffine

__all__ = ["Agreement", "Continuous", "Disagreement", "Disjoint", "decide_continuity"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Disjoint:
    """Two pieces do not meet: multipliers on the rows of the first, then of the second, that refute a common point."""

    first: int
    second: int
    certificate: FarkasCertificate


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two pieces agree where they meet: for each output a proof that the difference is <= 0, and one that it is >= 0.

    The multipliers belong to the rows of the first piece, then of the second.
    """

    first: int
    second: int
    proofs: tuple[tuple[DualCertificate, DualCertificate], ...]


@dataclass(frozen=True, slots=True)
class Continuous:
    """The pieces are one continuous function on their union; `pairs` has a proof for every pair with different maps."""

    pairs: tuple[Disjoint | Agreement, ...]

    def defect(self, function: PiecewiseAffine) -> str | None:
        """Return why the evidence does not prove continuity, or None; adds up and compares, does not search."""
        given = {(pair.first, pair.second): pair for pair in self.pairs}
        for (i, one), (j, two) in combinations(enumerate(function.pieces), 2):
            if one.affine_map == two.affine_map:
                continue
            pair = given.get((i, j))
            if pair is None:
                return f"there is no proof for pieces {i} and {j}"
            system = one.polyhedron.system + two.polyhedron.system
            reason = _pair_defect(pair, system, one.affine_map, two.affine_map)
            if reason:
                return f"pieces {i} and {j}: {reason}"
        return None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A point of two pieces where their values differ, so that the list is not one function."""

    first: int
    second: int
    point: Vector
    values: tuple[Vector, Vector]

    def defect(self, function: PiecewiseAffine) -> str | None:
        """Return why this is no counterexample, or None."""
        pieces = function.pieces[self.first], function.pieces[self.second]
        if not all(piece.polyhedron.contains(self.point) for piece in pieces):
            return "the point is not in both pieces"
        if self.values != tuple(piece.affine_map(self.point) for piece in pieces):
            return "the values are not those of the pieces"
        return None if self.values[0] != self.values[1] else "the values agree"


def decide_continuity(function: PiecewiseAffine) -> Continuous | Disagreement:
    """Decide whether the pieces are one continuous function on their union.

    Example:
        >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
        >>> left, right = HPolyhedron.box([-1], [0]), HPolyhedron.box([0], [1])
        >>> zero, line, step = (AffineMap.from_parts([[a]], [b]) for a, b in ((0, 0), (2, 0), (0, 1)))
        >>> isinstance(decide_continuity(PiecewiseAffine.of([(left, zero), (right, line)])), Continuous)
        True
        >>> broken = decide_continuity(PiecewiseAffine.of([(left, zero), (right, step)]))
        >>> broken.point, broken.values
        ((Fraction(0, 1),), ((Fraction(0, 1),), (Fraction(1, 1),)))
    """
    pairs: list[Disjoint | Agreement] = []
    for (i, one), (j, two) in combinations(enumerate(function.pieces), 2):
        if one.affine_map == two.affine_map:
            continue
        first, second = one.polyhedron.system, two.polyhedron.system
        found = _by_opposite_rows(first, second, one.affine_map, two.affine_map)
        if found is not None:
            pairs.append(Agreement(i, j, found))
            continue
        answer = _by_optimising(first + second, one.affine_map, two.affine_map)
        if isinstance(answer, Infeasible):
            pairs.append(Disjoint(i, j, answer.certificate))
        elif isinstance(answer, list):
            pairs.append(Agreement(i, j, tuple(answer)))
        else:
            return Disagreement(i, j, answer, (one.affine_map(answer), two.affine_map(answer)))
    return Continuous(tuple(pairs))


def _difference(one: AffineMap, two: AffineMap) -> tuple[tuple[Vector, Fraction], ...]:
    """Linear part and constant of one - two, for every output."""
    rows = (one.augmented - two.augmented).to_fractions()
    return tuple((row[:-1], row[-1]) for row in rows)


def _by_optimising(
    system: LinearSystem, one: AffineMap, two: AffineMap
) -> list[tuple[DualCertificate, DualCertificate]] | Infeasible | Vector:
    """Certificates that all differences vanish, the refutation of the system, or a point where one does not."""
    proofs = []
    for linear, constant in _difference(one, two):
        certificates = []
        for sense in (1, -1):
            objective = tuple(sense * a for a in linear)
            answer = maximise(system, objective)
            if isinstance(answer, Infeasible):
                return answer
            if isinstance(answer, Unbounded):
                here = sum(map(mul, linear, answer.point), constant)
                step = int(here == 0)
                return tuple(x + step * r for x, r in zip(answer.point, answer.ray, strict=True))
            if answer.value != -sense * constant:
                return answer.point
            certificates.append(answer.dual)
        proofs.append((certificates[0], certificates[1]))
    return proofs


def _by_opposite_rows(
    first: LinearSystem, second: LinearSystem, one: AffineMap, two: AffineMap
) -> tuple[tuple[DualCertificate, DualCertificate], ...] | None:
    """Certificates from rows n·x <= b of one piece and -n·x <= -b of the other if every difference is a multiple of n·x
    - b.

    This is the usual case, two cells with a common facet: the jump is u ⊗ (n | -b).
    """
    differences = _difference(one, two)
    opposite = {(tuple(-a for a in normal), -offset): k for k, (normal, _, offset) in enumerate(second.rows)}
    total = len(first) + len(second)
    for k, (normal, _, offset) in enumerate(first.rows):
        other = opposite.get((normal, offset))
        place = next((index for index, a in enumerate(normal) if a), None)
        if other is None or place is None:
            continue
        factors = [linear[place] / normal[place] for linear, _ in differences]
        if all(
            constant == -u * offset and all(a == u * n for a, n in zip(linear, normal, strict=True))
            for u, (linear, constant) in zip(factors, differences, strict=True)
        ):
            rows = (k, len(first) + other)
            return tuple((_single(rows[u < 0], abs(u), total), _single(rows[u > 0], abs(u), total)) for u in factors)
    return None


def _single(row: int, multiplier: Fraction, total: int) -> DualCertificate:
    return DualCertificate(tuple(multiplier if k == row else Fraction(0) for k in range(total)))


def _pair_defect(pair: Disjoint | Agreement, system: LinearSystem, one: AffineMap, two: AffineMap) -> str | None:
    """Why a pair's evidence fails, or None."""
    if isinstance(pair, Disjoint):
        return pair.certificate.defect(system)
    differences = _difference(one, two)
    if len(pair.proofs) != len(differences):
        return "one pair of proofs for each output is needed"
    for (linear, constant), (upper, lower) in zip(differences, pair.proofs, strict=True):
        reason = upper.defect(system, linear, -constant) or lower.defect(system, [-a for a in linear], constant)
        if reason:
            return reason
    return None
