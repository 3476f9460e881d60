"""Four ways to decide a system agree, and every answer's evidence adds up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactrelu.lp import proposals
from exactrelu.lp.decide import Tally, decide
from exactrelu.lp.evidence import Feasible, Infeasible
from exactrelu.lp.fourier_motzkin import decide_by_elimination
from exactrelu.lp.proposals import InteriorProposal
from exactrelu.lp.simplex import decide_by_simplex
from exactrelu.lp.system import LinearSystem, Row
from tests.lp.oracles import ppl_polyhedron, ppl_solvable, z3_solvable
from tests.lp.systems import random_system, random_systems


def by_proposals(system: LinearSystem) -> Feasible | Infeasible:
    """`decide` with a proposal for every system, however small."""
    return decide(system, exact_first=0)


METHODS: dict[str, Callable[[LinearSystem], Feasible | Infeasible]] = {
    "decide": decide,
    "proposals": by_proposals,
    "simplex": lambda system: decide_by_simplex(system)[0],
    "elimination": decide_by_elimination,
}


@pytest.mark.parametrize("seed", range(4))
def test_all_methods_agree_with_ppl_on_small_systems(seed: int) -> None:
    """1,000 systems per seed, most of them degenerate: same answer everywhere, every evidence without defect."""
    answers: Counter[bool] = Counter()
    for system in random_systems(seed, 1000):
        expected = not ppl_polyhedron(system).is_empty()
        answers[expected] += 1
        for name, method in METHODS.items():
            answer = method(system)
            assert isinstance(answer, Feasible) == expected, f"{name}:\n{system}"
            assert answer.defect(system) is None, f"{name}: {answer.defect(system)}\n{system}"
    assert min(answers.values()) > 300, "both answers must be common for the comparison to mean something"


def test_z3_agrees() -> None:
    """A third solver of another kind gives the same answers on 200 systems."""
    for system in random_systems(17, 200):
        assert isinstance(decide(system), Feasible) == z3_solvable(system), str(system)


def test_medium_systems_agree_with_ppl() -> None:
    """10 variables, 60 rows, half feasible by construction, small and large numbers: no fallback is needed."""
    rng = random.Random(5)
    tally = Tally()
    for index in range(60):
        system = medium_system(rng, scale=3 if index % 4 < 2 else 2**40, solvable=index % 2 == 0)
        answer = decide(system, tally=tally)
        assert isinstance(answer, Feasible) == ppl_solvable(system)
        assert answer.defect(system) is None
    assert tally.fallbacks == 0


def medium_system(rng: random.Random, *, scale: int, solvable: bool) -> LinearSystem:
    """60 weak and strict rows in 10 variables around a hidden point."""
    point = [rng.randint(-3, 3) for _ in range(10)]
    rows: list[Row] = []
    for _ in range(60):
        normal = tuple(rng.randint(-3 * scale, 3 * scale) for _ in range(10))
        slack = rng.randint(1, 3 * scale) if solvable else rng.randint(-2 * scale, 3 * scale)
        rows.append((normal, rng.choice(("<", "<=")), sum(a * x for a, x in zip(normal, point, strict=True)) + slack))
    return LinearSystem.from_integer_rows(rows)


def test_medium_degenerate_systems_agree() -> None:
    """Six to eight variables, every degenerate kind: proposals and the exact simplex agree."""
    rng = random.Random(11)
    for kind in ("through a point", "nearly through a point", "flat", "parallel", "duplicates"):
        for _ in range(20):
            system = random_system(rng, kind, rng.randint(6, 8), 25)
            answer, (expected, _) = by_proposals(system), decide_by_simplex(system)
            assert type(answer) is type(expected), str(system)
            assert answer.defect(system) is None
            assert expected.defect(system) is None


EDGES: dict[str, tuple[LinearSystem, bool]] = {
    "no rows, no variables": (LinearSystem(0, (), (), ()), True),
    "no rows": (LinearSystem(3, (), (), ()), True),
    "0 <= 0": (LinearSystem(0, ((),), ("<=",), (0,)), True),
    "0 < 0": (LinearSystem(0, ((),), ("<",), (0,)), False),
    "0 == 1": (LinearSystem(2, ((0, 0),), ("==",), (1,)), False),
    "0 <= -1": (LinearSystem(2, ((0, 0), (1, 0)), ("<=", "<="), (-1, 0)), False),
    "x < 0, x > 0": (LinearSystem(1, ((1,), (-1,)), ("<", "<"), (0, 0)), False),
    "x <= 0, x >= 0": (LinearSystem(1, ((1,), (-1,)), ("<=", "<="), (0, 0)), True),
    "x < 0, x == 0": (LinearSystem(1, ((1,), (1,)), ("<", "=="), (0, 0)), False),
    "2x == 1, 4x == 2": (LinearSystem(1, ((2,), (4,)), ("==", "=="), (1, 2)), True),
    "2x == 1, 4x == 3": (LinearSystem(1, ((2,), (4,)), ("==", "=="), (1, 3)), False),
    "a line": (LinearSystem(2, ((1, 1), (-1, -1)), ("<=", "<="), (1, -1)), True),
    "thin": (
        LinearSystem(2, ((10**30, 1), (-(10**30), 0), (0, -1)), ("<=", "<", "<"), (10**30 + 1, -(10**30), 0)),
        True,
    ),
    "huge numbers": (LinearSystem(1, ((10**400,), (-(10**400),)), ("<", "<"), (10**400 + 1, -(10**400))), True),
    "huge and empty": (LinearSystem(1, ((10**400,), (-(10**400),)), ("<", "<"), (10**400, -(10**400))), False),
    "only strict rows": (LinearSystem(2, ((1, 0), (-1, 0), (0, 1), (0, -1)), ("<",) * 4, (1, 0, 1, 0)), True),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("method", METHODS)
def test_edge_cases(name: str, method: str) -> None:
    """Zero rows, no rows, dimension 0, thin sets and numbers beyond the range of doubles."""
    system, solvable = EDGES[name]
    answer = METHODS[method](system)
    assert isinstance(answer, Feasible) == solvable
    assert answer.defect(system) is None


def test_a_thin_set_needs_exactness() -> None:
    """Two rows 10^-30 apart leave an interval that no double can resolve, and one row more empties it."""
    q = 10**30
    open_interval = LinearSystem.from_rows([([3], "<", Fraction(1, q) + 1), ([-3], "<", -1)])
    for method in METHODS.values():
        answer = method(open_interval)
        assert isinstance(answer, Feasible)
        assert Fraction(1, 3) < answer.witness.point[0] < Fraction(1, 3) + Fraction(1, 3 * q)
        assert isinstance(method(open_interval + LinearSystem(1, ((3,),), ("<=",), (1,))), Infeasible)


def liars() -> Iterator[tuple[str, Callable[..., InteriorProposal | None]]]:
    """Proposers that give up, or answer nonsense of the right and of the wrong shape."""
    nan = float("nan")
    yield "silent", lambda normals, offsets: None
    yield "far away", lambda normals, offsets: InteriorProposal((1e300,) * len(normals[0]), 1.0, ())
    yield "nan", lambda normals, offsets: InteriorProposal((nan,) * len(normals[0]), 1e-9, (0,))
    yield "tiny", lambda normals, offsets: InteriorProposal((0.1,) * len(normals[0]), 1e-320, (0,))
    yield (
        "all rows",
        lambda normals, offsets: InteriorProposal((0.0,) * len(normals[0]), -1.0, tuple(range(len(normals)))),
    )


@pytest.mark.parametrize(("name", "liar"), list(liars()))
def test_a_lying_proposer_costs_time_only(name: str, liar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the float solver claims, answers stay right and proved."""
    monkeypatch.setitem(decide.__globals__, "propose_interior", liar)
    for system in random_systems(23, 160):
        answer = by_proposals(system)
        assert isinstance(answer, Feasible) == isinstance(decide_by_simplex(system)[0], Feasible), name
        assert answer.defect(system) is None


def test_proposals_ignore_the_order_of_magnitude() -> None:
    """Rows scaled by wildly different factors give the same kind of proposal: a ball inside the unit square."""
    factors = [1, 10**200, 10**6, 10**320]
    normals = [(f * a, f * b) for f, (a, b) in zip(factors, [(1, 0), (-1, 0), (0, 1), (0, -1)], strict=True)]
    offsets = [factors[0], 0, factors[2], 0]
    proposal = proposals.propose_interior(normals, offsets)
    assert proposal is not None
    assert np.allclose(proposal.point, 0.5)
    assert np.isclose(proposal.margin, 0.5)


def test_witnesses_are_short() -> None:
    """A wide set gets a witness with small numbers, whatever the size of the rows."""
    big = 10**20
    system = LinearSystem.from_rows(
        [([big, 1], "<", big), ([-big, 3], "<", -1), ([1, big], "<", big), ([2, -big], "<", -1)]
    )
    answer = by_proposals(system)
    assert isinstance(answer, Feasible)
    assert all(x.denominator <= 8 for x in answer.witness.point)


def test_certificates_are_coprime_integers() -> None:
    """Multipliers come as integers without a common factor."""
    system = LinearSystem.from_rows([([2], "<=", 1), ([-3], "<=", -2)])
    for method in METHODS.values():
        answer = method(system)
        assert isinstance(answer, Infeasible)
        assert answer.certificate.multipliers == (3, 2)
