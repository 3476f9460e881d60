"""Evidence about polyhedra is refused when any part of it is broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from exactrelu.lp.evidence import Witness
from exactrelu.lp.system import LinearSystem
from exactrelu.polyhedra.affine_hull import AffineHull, find_affine_hull
from exactrelu.polyhedra.generators import find_generators
from exactrelu.polyhedra.redundancy import IrredundantSystem, remove_redundancy

TRIANGLE_IN_A_PLANE = LinearSystem.from_rows(
    [
        ([1, 1, 1], "<=", 1),
        ([-1, -1, -1], "<=", -1),
        ([-1, 0, 0], "<=", 0),
        ([0, -1, 0], "<=", 0),
        ([0, 0, -1], "<=", 0),
        ([1, 0, 0], "<=", 1),
        ([2, 2, 2], "<=", 2),
    ]
)


def hull_mutants(hull: AffineHull) -> Iterator[tuple[str, AffineHull]]:
    """One broken hull for each part of the evidence."""
    first = hull.implied[0]
    yield "dimension", replace(hull, dimension=hull.dimension + 1)
    yield "an equality missing", replace(hull, equalities=hull.equalities[1:])
    yield "an equality too many", replace(hull, equalities=(*hull.equalities, 2))
    yield "a proof missing", replace(hull, implied=hull.implied[1:])
    yield "interior on the boundary", replace(hull, interior=Witness((Fraction(1), Fraction(0), Fraction(0))))
    yield "a proof for another row", replace(hull, implied=(replace(first, row=2), *hull.implied[1:]))
    halved = tuple(y / 2 if i == 0 else y for i, y in enumerate(first.multipliers))
    yield "a proof that does not cancel", replace(hull, implied=(replace(first, multipliers=halved), *hull.implied[1:]))


def test_broken_hulls_are_refused() -> None:
    """Dimension, equalities, proofs and interior point are each checked."""
    hull = find_affine_hull(TRIANGLE_IN_A_PLANE)
    assert isinstance(hull, AffineHull)
    assert hull.defect(TRIANGLE_IN_A_PLANE) is None
    assert (hull.dimension, hull.equalities) == (2, (0, 1, 6))
    for name, mutant in hull_mutants(hull):
        assert mutant.defect(TRIANGLE_IN_A_PLANE) is not None, name


def irredundant_mutants(result: IrredundantSystem) -> Iterator[tuple[str, IrredundantSystem]]:
    """One broken result for each part of the evidence."""
    system = result.system
    first, *others = result.derivations
    yield "a dropped row without derivation", replace(result, derivations=tuple(others))
    longer = replace(first, multipliers=tuple(y + 1 for y in first.multipliers))
    yield "a wrong derivation", replace(result, derivations=(longer, *others))
    yield "a point missing", replace(result, essential=result.essential[1:])
    inside: Any = (Fraction(1, 3),) * 3
    yield "a point that violates nothing", replace(result, essential=(inside, *result.essential[1:]))
    smaller = LinearSystem(3, system.normals, system.relations, (*system.offsets[:-1], system.offsets[-1] - 1))
    yield "a changed row", replace(result, system=smaller)
    weak = LinearSystem(3, system.normals, ("<=",) * len(system), system.offsets)
    yield "an equality weakened", replace(result, system=weak)
    yield "rows permuted", replace(result, rows=result.rows[::-1])
    yield "a broken hull", replace(result, hull=replace(result.hull, dimension=3))


def test_broken_descriptions_are_refused() -> None:
    """Kept rows, derivations and necessity are each checked."""
    result = remove_redundancy(TRIANGLE_IN_A_PLANE)
    assert isinstance(result, IrredundantSystem)
    assert result.defect(TRIANGLE_IN_A_PLANE) is None
    assert sorted(result.system.relations) == ["<=", "<=", "<=", "=="]
    for name, mutant in irredundant_mutants(result):
        assert mutant.defect(TRIANGLE_IN_A_PLANE) is not None, name


def test_foreign_generators_are_refused() -> None:
    """A vertex outside, or a ray or line that leaves the set, is noticed."""
    quadrant = LinearSystem.from_rows([([-1, 0], "<=", 0), ([0, -1], "<=", 0)])
    generators = find_generators(quadrant)
    assert generators.defect(quadrant) is None
    assert replace(generators, vertices=((Fraction(-1), Fraction(0)),)).defect(quadrant) == "row 0 fails at a vertex"
    assert replace(generators, rays=((0, -1),)).defect(quadrant) == "row 1 stops a ray"
    assert replace(generators, lines=((1, 0),)).defect(quadrant) == "row 0 stops a line"
