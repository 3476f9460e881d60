"""Evidence is accepted if and only if it proves its claim: every way to break it is noticed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import (
    DualCertificate,
    FarkasCertificate,
    Feasible,
    Infeasible,
    Optimal,
    Unbounded,
    Witness,
)
from exactrelu.lp.optimise import maximise, minimise
from exactrelu.lp.system import LinearSystem
from tests.lp.systems import random_objective, random_systems

SYSTEM = LinearSystem.from_rows([([1, 0], "<=", 1), ([0, 1], "<", 1), ([1, 1], "==", 2)])


@pytest.mark.parametrize(
    ("multipliers", "reason"),
    [
        ([1, 1, -1], None),
        ([2, 2, -2], None),
        ([1, 1], "2 multipliers for 3 rows"),
        ([1, 1, 1], "variable 0 does not cancel"),
        ([-1, -1, 1], "the multiplier of row 0 is negative"),
        ([0, 0, 0], "the rows add up to 0 <= 0, which is no contradiction"),
        ([1, 0, -1], "variable 1 does not cancel"),
    ],
)
def test_farkas_rules(multipliers: list[int], reason: str | None) -> None:
    """x <= 1, y < 1, x + y == 2 is refuted by (1, 1, -1): 0 < 0; nothing else of that shape will do."""
    assert FarkasCertificate(tuple(map(Fraction, multipliers))).defect(SYSTEM) == reason


def test_strictness_decides_a_zero_sum() -> None:
    """The same multipliers prove nothing about the closed system, and prove more if the offset shrinks."""
    certificate = FarkasCertificate((Fraction(1), Fraction(1), Fraction(-1)))
    assert certificate.defect(SYSTEM.closure()) == "the rows add up to 0 <= 0, which is no contradiction"
    smaller = LinearSystem(2, SYSTEM.normals, SYSTEM.closure().relations, (0, 1, 2))
    assert certificate.defect(smaller) is None
    larger = LinearSystem(2, SYSTEM.normals, SYSTEM.relations, (2, 1, 2))
    assert certificate.defect(larger) == "the rows add up to 0 < 1, which is no contradiction"


def test_witness_rules() -> None:
    """A witness must satisfy every row, ties included, and have the right length."""
    assert Witness((Fraction(1), Fraction(1))).defect(SYSTEM) == "row 1 fails at the point"
    assert Witness((Fraction(1), Fraction(1))).defect(SYSTEM.closure()) is None
    assert Witness((Fraction(1),)).defect(SYSTEM) == "the point has 1 entries in dimension 2"


def test_optimum_rules() -> None:
    """Point, value and multipliers are each checked, for maxima and minima."""
    square = LinearSystem.from_rows([([1], "<=", 3), ([-1], "<=", 1)])
    best, least = maximise(square, [2]), minimise(square, [2])
    assert isinstance(best, Optimal)
    assert isinstance(least, Optimal)
    assert (best.value, least.value) == (6, -2)
    assert best.defect(square, [2]) is None
    assert least.defect(square, [2]) is None
    assert "value" in str(replace(best, value=Fraction(7)).defect(square, [2]))
    assert "row 0" in str(replace(best, point=(Fraction(4),)).defect(square, [2]))
    assert "bound 6" in str(best.dual.defect(square, [2], Fraction(5)))
    assert "objective" in str(best.dual.defect(square, [3], Fraction(6)))
    assert "negative" in str(DualCertificate((Fraction(1), Fraction(-1))).defect(square, [2], Fraction(6)))
    assert replace(best, sense="min").defect(square, [2]) is not None
    assert replace(least, sense="max").defect(square, [2]) is not None


def test_ray_rules() -> None:
    """A ray must stay in every row and improve the objective."""
    half_plane = LinearSystem.from_rows([([1, 0], "<=", 0), ([0, 1], "==", 0)])
    answer = maximise(half_plane, [-1, 0])
    assert isinstance(answer, Unbounded)
    assert answer.defect(half_plane, [-1, 0]) is None
    assert replace(answer, sense="min").defect(half_plane, [-1, 0]) == "the objective does not improve along the ray"
    assert replace(answer, ray=(Fraction(1), Fraction(0))).defect(half_plane, [-1, 0]) == "row 0 stops the ray"
    assert replace(answer, ray=(Fraction(-1), Fraction(1))).defect(half_plane, [-1, 0]) == "row 1 stops the ray"
    assert replace(answer, ray=(Fraction(0), Fraction(0))).defect(half_plane, [-1, 0]) is not None
    assert replace(answer, ray=(Fraction(-1),)).defect(half_plane, [-1, 0]) is not None
    assert replace(answer, point=(Fraction(1), Fraction(0))).defect(half_plane, [-1, 0]) == "row 0 fails at the point"


def broken(vector: tuple[Fraction, ...]) -> Iterator[tuple[Fraction, ...]]:
    """The vector with one entry more, one less, and each entry changed, negated or dropped to zero."""
    yield (*vector, Fraction(0))
    yield vector[:-1]
    for i, value in enumerate(vector):
        for other in {value + 1, value - 1, -value, Fraction(0)} - {value}:
            yield (*vector[:i], other, *vector[i + 1 :])


def refutes(system: LinearSystem, multipliers: tuple[Fraction, ...]) -> bool:
    """The definition of a refutation, written once more and in another way than in the package."""
    if len(multipliers) != len(system):
        return False
    signs = all(y >= 0 or r == "==" for y, r in zip(multipliers, system.relations, strict=True))
    columns = [sum(y * n[j] for y, n in zip(multipliers, system.normals, strict=True)) for j in range(system.dimension)]
    total = sum(y * b for y, b in zip(multipliers, system.offsets, strict=True))
    strict = any(y > 0 and r == "<" for y, r in zip(multipliers, system.relations, strict=True))
    return signs and not any(columns) and (total < 0 or (total == 0 and strict))


def test_mutants_of_certificates_are_caught() -> None:
    """Of thousands of mutated certificates exactly those that still refute are accepted, and these are few."""
    verdicts: Counter[bool] = Counter()
    for system in random_systems(31, 400):
        answer = decide(system)
        if isinstance(answer, Infeasible):
            assert refutes(system, answer.certificate.multipliers)
            for mutant in broken(answer.certificate.multipliers):
                accepted = FarkasCertificate(mutant).defect(system) is None
                assert accepted == refutes(system, mutant)
                verdicts[accepted] += 1
    assert verdicts[False] > 2000
    assert verdicts[True] < verdicts[False] / 4


def test_mutants_of_witnesses_are_caught() -> None:
    """A witness moved out of a row is refused, whatever the row."""
    caught = 0
    for system in random_systems(37, 400):
        answer = decide(system)
        if isinstance(answer, Feasible):
            for mutant in broken(answer.witness.point):
                fits = len(mutant) == system.dimension and system.is_satisfied(mutant)
                assert (Witness(mutant).defect(system) is None) == fits
                caught += not fits
    assert caught > 500


def test_mutants_of_optima_are_caught() -> None:
    """No mutated value or multiplier of an optimum passes, except another valid dual of the same value."""
    rng, caught = random.Random(3), 0
    for system in random_systems(41, 400):
        closed, objective = system.closure(), random_objective(rng, system)
        answer = maximise(closed, objective)
        if isinstance(answer, Optimal):
            for delta in (1, -1, Fraction(1, 10**9)):
                assert replace(answer, value=answer.value + delta).defect(closed, objective) is not None
            for mutant in broken(answer.dual.multipliers):
                changed = replace(answer, dual=DualCertificate(mutant))
                if changed.defect(closed, objective) is not None:
                    caught += 1
                else:
                    shift = [a - b for a, b in zip(mutant, answer.dual.multipliers, strict=True)]
                    assert sum(d * b for d, b in zip(shift, closed.offsets, strict=True)) <= 0
    assert caught > 500
