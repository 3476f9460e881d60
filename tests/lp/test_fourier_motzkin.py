"""Elimination projects exactly, proves every derived row, and stops at its budget."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from exactrelu.errors import BudgetExceeded, InputError
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Infeasible
from exactrelu.lp.fourier_motzkin import decide_by_elimination, project
from exactrelu.lp.system import LinearSystem, Row
from tests.lp.oracles import ppl_polyhedron
from tests.lp.systems import random_systems


def embedded(system: LinearSystem, kept: list[int], dimension: int) -> LinearSystem:
    """The rows of a projection in the original coordinates."""
    rows: list[Row] = []
    for normal, relation, offset in system.rows:
        full = [0] * dimension
        for a, j in zip(normal, kept, strict=True):
            full[j] = a
        rows.append((tuple(full), relation, offset))
    return LinearSystem.from_integer_rows(rows, dimension=dimension)


@pytest.mark.parametrize("seed", [61, 67])
def test_projections_agree_with_ppl(seed: int) -> None:
    """800 systems per seed: projecting and lifting again is the same as PPL's cylinder, strict rows included."""
    ppl = pytest.importorskip("ppl")
    rng = random.Random(seed)
    for system in random_systems(seed, 800):
        kept = [j for j in range(system.dimension) if rng.random() < 0.5]
        rng.shuffle(kept)
        projection = project(system, kept)
        assert projection.defect(system) is None
        cylinder = ppl_polyhedron(system)
        for j in set(range(system.dimension)) - set(kept):
            cylinder.unconstrain(ppl.Variable(j))
        assert ppl_polyhedron(embedded(projection.system, kept, system.dimension)) == cylinder


def test_mutated_derivations_are_caught() -> None:
    """Changing a multiplier, an offset or the strictness of a derived row is noticed."""
    system = LinearSystem.from_rows([([-1, 0], "<=", 0), ([0, -1], "<", 0), ([1, 1], "<=", 1), ([1, -1], "==", 0)])
    projection = project(system, [1])
    assert projection.defect(system) is None
    for i, y in enumerate(projection.multipliers):
        for j in range(len(y)):
            changed = (*y[:j], y[j] + 1, *y[j + 1 :])
            table = (*projection.multipliers[:i], changed, *projection.multipliers[i + 1 :])
            assert replace(projection, multipliers=table).defect(system) is not None
    assert replace(projection, multipliers=()).defect(system) is not None
    image = projection.system
    shifted = LinearSystem(1, image.normals, image.relations, tuple(b - 1 for b in image.offsets))
    strict = LinearSystem(1, image.normals, ("<",) * len(image), image.offsets)
    equal = LinearSystem(1, image.normals, ("==",) * len(image), image.offsets)
    for wrong in (shifted, strict, equal):
        assert replace(projection, system=wrong).defect(system) is not None


def test_a_projected_cross_polytope_has_few_rows() -> None:
    """The shadow of a 4-dimensional cross-polytope has the 4 facets of a square, among at most 20 redundant rows."""
    cross = LinearSystem.from_rows([(signs, "<=", 1) for signs in product((1, -1), repeat=4)])
    shadow = project(cross, [0, 1]).system
    assert {(Fraction(a, c), Fraction(b, c)) for (a, b), _, c in shadow.rows} >= set(product((1, -1), repeat=2))
    assert len(shadow) <= 24


def test_trivial_projections() -> None:
    """Keeping everything keeps the rows; keeping nothing leaves no row or one contradiction; order is respected."""
    system = LinearSystem.from_rows([([1, 2], "<=", 3), ([4, 5], "<", 6)])
    assert project(system, [0, 1]).system == system
    assert project(system, [1, 0]).system.normals == ((2, 1), (5, 4))
    assert len(project(system, []).system) == 0
    empty = system + LinearSystem.from_rows([([-1, -2], "<", -3)])
    contradiction = project(empty, []).system
    assert contradiction.rows == (((), "<", 0),)
    assert isinstance(decide(contradiction), Infeasible)


def test_the_budget_stops_elimination() -> None:
    """A bound on the rows ends the run with an error that says how far it came."""
    rng = random.Random(1)
    rows = [([rng.randint(-9, 9) for _ in range(6)], "<=", 10) for _ in range(40)]
    with pytest.raises(BudgetExceeded, match="max_rows=500") as caught:
        decide_by_elimination(LinearSystem.from_rows(rows), max_rows=500)
    assert isinstance(caught.value.progress, int)


def test_coordinates_are_checked() -> None:
    """Coordinates out of range or repeated are refused."""
    system = LinearSystem.from_rows([([1, 2], "<=", 3)])
    with pytest.raises(InputError, match="coordinate 2"):
        project(system, [2])
    with pytest.raises(InputError, match="twice"):
        project(system, [0, 0])
