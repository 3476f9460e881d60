"""The exact simplex ends on the classical cycling examples and stays within its pivot counts."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from exactrelu.lp.evidence import Optimal
from exactrelu.lp.simplex import decide_by_simplex, maximise_by_simplex
from exactrelu.lp.system import LinearSystem
from tests.lp.systems import beale, chvatal, klee_minty, random_systems


@pytest.mark.parametrize(("example", "value"), [(beale, Fraction(1, 20)), (chvatal, Fraction(1))])
def test_cycling_examples_end(example: object, value: Fraction) -> None:
    """Beale's and Chvátal's examples end at the known maximum, from any starting rows."""
    system, objective = example()  # type: ignore[operator]
    for preferred in ((), range(len(system)), range(len(system) - 1, -1, -1)):
        answer, pivots = maximise_by_simplex(system, objective, preferred=list(preferred))
        assert isinstance(answer, Optimal)
        assert answer.value == value
        assert answer.defect(system, objective) is None
        assert pivots < 40


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
def test_klee_minty(n: int) -> None:
    """The Klee-Minty cube of dimension n ends at 100^(n-1), within 2^n pivots after the n that free the variables."""
    system, objective = klee_minty(n)
    answer, pivots = maximise_by_simplex(system, objective, preferred=range(n, 2 * n))
    assert isinstance(answer, Optimal)
    assert answer.value == 100 ** (n - 1)
    assert answer.defect(system, objective) is None
    assert pivots <= n + 2**n


def test_pivots_stay_few() -> None:
    """Small systems need about twice as many pivots as variables; the bound is the measured maximum with a margin."""
    worst = max(decide_by_simplex(system)[1] - 2 * system.dimension for system in random_systems(3, 800))
    assert worst <= 10


def test_preferred_rows_do_not_change_the_answer() -> None:
    """Any list of preferred rows, nonsense included, leads to the same verdict with valid evidence."""
    rng = random.Random(2)
    for system in random_systems(43, 300):
        plain, _ = decide_by_simplex(system)
        preferred = [rng.randrange(len(system)) for _ in range(4)] if len(system) else []
        guided, _ = decide_by_simplex(system, preferred=preferred)
        assert type(plain) is type(guided)
        assert guided.defect(system) is None


def test_a_free_variable_without_rows() -> None:
    """A variable in no row makes its objective unbounded and is otherwise 0."""
    system = LinearSystem.from_rows([([1, 0], "<=", 1)])
    unbounded, _ = maximise_by_simplex(system, [0, 1])
    assert unbounded.defect(system, [0, 1]) is None  # type: ignore[call-arg,arg-type]
    bounded, _ = maximise_by_simplex(system, [1, 0])
    assert isinstance(bounded, Optimal)
    assert bounded.point == (1, 0)
