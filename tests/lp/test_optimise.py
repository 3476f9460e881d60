"""Maxima and minima agree with PPL, with a dual proof, a ray or a refutation for each."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.lp.decide import Tally
from exactrelu.lp.evidence import Infeasible, Optimal, Unbounded
from exactrelu.lp.optimise import maximise, minimise
from exactrelu.lp.proposals import OptimumProposal
from exactrelu.lp.simplex import maximise_by_simplex
from exactrelu.lp.system import LinearSystem
from tests.lp.oracles import linear_form, ppl_polyhedron
from tests.lp.systems import random_objective, random_system, random_systems


@pytest.mark.parametrize("exact_first", [0, 10**9])
def test_maxima_agree_with_ppl(exact_first: int) -> None:
    """1,000 closed systems, with proposals and without: same status, same value, valid evidence."""
    ppl = pytest.importorskip("ppl")
    rng, seen = random.Random(1), Counter[str]()
    for system in random_systems(53, 1000):
        closed, objective = system.closure(), random_objective(rng, system)
        answer = maximise(closed, objective, exact_first=exact_first)
        polyhedron = ppl_polyhedron(closed)
        seen[type(answer).__name__] += 1
        if polyhedron.is_empty():
            assert isinstance(answer, Infeasible)
            assert answer.defect(closed) is None
            continue
        assert not isinstance(answer, Infeasible)
        assert answer.defect(closed, objective) is None
        expected = polyhedron.maximize(linear_form(ppl, objective))
        assert expected["bounded"] == isinstance(answer, Optimal)
        if isinstance(answer, Optimal):
            assert answer.value == Fraction(int(expected["sup_n"]), int(expected["sup_d"]))
    assert min(seen.values()) > 150


def test_minimum_is_minus_the_maximum_of_the_negative() -> None:
    """minimise(c) and maximise(-c) mirror each other, evidence included."""
    rng = random.Random(8)
    for system in random_systems(59, 300):
        closed, objective = system.closure(), random_objective(rng, system)
        low, high = minimise(closed, objective), maximise(closed, [-c for c in objective])
        assert type(low) is type(high)
        if isinstance(low, Optimal) and isinstance(high, Optimal):
            assert low.value == -high.value
        if not isinstance(low, Infeasible):
            assert low.defect(closed, objective) is None


def test_medium_optima_are_accepted_from_proposals() -> None:
    """8 variables, 40 rows in a box: HiGHS's vertex is confirmed every time, and equals the exact simplex's value."""
    rng, tally = random.Random(4), Tally()
    for _ in range(15):
        box = LinearSystem.from_rows(
            [([s * int(i == j) for i in range(8)], "<=", 3) for j in range(8) for s in (1, -1)]
        )
        rows = [([rng.randint(-9, 9) for _ in range(8)], "<=", rng.randint(1, 20)) for _ in range(24)]
        system, objective = box + LinearSystem.from_rows(rows), [Fraction(rng.randint(-9, 9), 7) for _ in range(8)]
        answer, (expected, _) = maximise(system, objective, tally=tally), maximise_by_simplex(system, objective)
        assert isinstance(answer, Optimal)
        assert isinstance(expected, Optimal)
        assert answer.value == expected.value
        assert answer.defect(system, objective) is None
    assert tally == Tally(proposals=15)


@pytest.mark.parametrize("proposal", [None, OptimumProposal((), ()), OptimumProposal((0,), (0,))])
def test_wrong_proposals_cost_time_only(proposal: OptimumProposal | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever vertex is proposed, the optimum is right and proved."""
    monkeypatch.setitem(maximise.__globals__, "propose_optimum", lambda *arguments: proposal)
    rng = random.Random(6)
    for kind in ("generic", "flat", "duplicates"):
        for _ in range(30):
            system = random_system(rng, kind, 3, 8).closure()
            objective = random_objective(rng, system)
            answer, (expected, _) = maximise(system, objective, exact_first=0), maximise_by_simplex(system, objective)
            assert type(answer) is type(expected)
            if isinstance(answer, Optimal) and isinstance(expected, Optimal):
                assert answer.value == expected.value
                assert answer.defect(system, objective) is None


def test_dimension_zero() -> None:
    """In Q^0 the maximum of nothing is 0, or the rows contradict themselves."""
    answer = maximise(LinearSystem(0, (), (), ()), [])
    assert isinstance(answer, Optimal)
    assert (answer.value, answer.point) == (0, ())
    assert isinstance(maximise(LinearSystem(0, ((),), ("<=",), (-1,)), []), Infeasible)
    assert isinstance(maximise(LinearSystem(1, (), (), ()), [1]), Unbounded)


def test_arguments_are_checked() -> None:
    """Strict rows, floats and objectives of the wrong length are refused."""
    system = LinearSystem.from_rows([([1], "<", 1)])
    with pytest.raises(InputError, match="closure"):
        maximise(system, [1])
    with pytest.raises(ShapeError, match="objective has 2 entries"):
        maximise(system.closure(), [1, 2])
    with pytest.raises(InexactNumberError, match=r"objective\[0\]"):
        minimise(system.closure(), [0.5])
