"""Defects planted in a correct implementation, as they occur in real ones, and the smallest networks that show them.

Each mutant is one callable of this package with one mistake.  The table of degenerate networks alone finds every one;
where drawn networks are smaller, their number of units is pinned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactrelu import AffineMap, HPolyhedron, Network, affine_map, enumerate_regions, subdivide
from exactrelu.bounds import interval_range
from exactrelu.lp import LinearSystem
from exactrelu.testing import (
    ALL_CHECKS,
    Cell,
    Implementation,
    Violation,
    find_violation,
    our_implementation,
    smallest_violation,
)
from exactrelu.testing.geometry import find_point

OURS = our_implementation()
HALF_OPEN = our_implementation("half-open")
TINY = Fraction(1, 2**40)
Vector = tuple[Fraction, ...]


def bits_at_ties(network: Network, point: Vector) -> str:
    """A sign error at zero: bit 1 for preactivations >= 0."""
    values = network.preactivations(point)
    return "".join("1" if values[unit.layer][unit.position] >= 0 else "0" for unit in network.units)


def open_cells(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """A sign error at zero: z < 0 for bit 0, so that the hyperplanes belong to no half-open cell."""
    for region in enumerate_regions(network, domain, cells="half-open"):
        n = len(domain.system)
        rows = [(a, "<" if index >= n else relation, b) for index, (a, relation, b) in enumerate(region.system.rows)]
        yield Cell(region.configuration, rows)


def cells_by_single_flips(network: Network, domain: HPolyhedron) -> list[str]:
    """A missing cell: neighbours are sought by flipping one bit, which misses those across coincident hyperplanes."""
    existing = {configuration.bits for configuration in enumerate_regions(network, domain).configurations}
    found = [max(existing)]
    for bits in found:
        flips = (bits[:k] + "10"[int(bits[k])] + bits[k + 1 :] for k in range(len(bits)))
        found += [other for other in flips if other in existing and other not in found]
    return found


def cells_with_both_bits_of_zero_units(network: Network, domain: HPolyhedron) -> Iterator[str]:
    """A duplicated cell: a unit that is zero on a whole cell is listed with either bit."""
    for region in enumerate_regions(network, domain):
        bits = region.configuration.bits
        yield bits
        for unit in range(len(bits)):
            if not any(region.problem.linearisation.unit_row(bits, unit)[0]):
                yield bits[:unit] + "1" + bits[unit + 1 :]


def shifted_rows(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """An offset error of 2^-40 in the row of the last unit where it is on."""
    for region in enumerate_regions(network, domain):
        rows: list[Any] = list(region.polyhedron.system.rows)
        if region.configuration.bits.endswith("1"):
            normal, _, offset = region.system.rows[-1]
            rows = [(*row[:2], row[2] - TINY) if row[0] == normal and row[2] == offset else row for row in rows]
        yield Cell(region.configuration, rows)


def shifted_maps(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """An offset error of 2^-40 in the affine map of the first cell, if there are others."""
    regions = list(enumerate_regions(network, domain))
    for index, region in enumerate(regions):
        linear, offset = region.affine_map.linear, region.affine_map.offset
        error = TINY if index == 0 and len(regions) > 1 else 0
        yield Cell(rows=region.polyhedron.system.rows, affine_map=(linear, [b + error for b in offset]))


def facets_by_distance(network: Network, domain: HPolyhedron) -> Iterator[Any]:
    """A wrong facet: cells count as adjacent if their configurations differ in one bit."""
    regions = list(enumerate_regions(network, domain))
    for i, one in enumerate(regions):
        for j in range(i + 1, len(regions)):
            pairs = zip(one.configuration.bits, regions[j].configuration.bits, strict=True)
            flipped = [k for k, (a, b) in enumerate(pairs) if a != b]
            if len(flipped) == 1:
                *normal, constant = one.problem.linearisation.unit_row(one.configuration.bits, flipped[0])[0]
                yield i, j, (normal, -constant)


def facets_with_wrong_sign(network: Network, domain: HPolyhedron) -> Iterator[Any]:
    """A wrong facet: normal · x + t = 0 is passed on as normal · x = t."""
    assert OURS.facets is not None
    for i, j, (normal, offset) in OURS.facets(network, domain):
        yield i, j, (normal, -offset)


def thick_cells(network: Network, domain: HPolyhedron) -> Iterator[str]:
    """A tolerance of 1e-9: a cell is kept if it has a point that satisfies all rows by that margin."""
    for region in enumerate_regions(network, domain):
        rows = [(a, "<=", b - max(map(abs, a)) * Fraction(1, 10**9)) for a, _, b in region.polyhedron.system.rows]
        if find_point(LinearSystem.from_rows(rows, dimension=network.n_inputs)) is not None:
            yield region.configuration.bits


def relu_with_tolerance(network: Network, point: Vector) -> Vector:
    """A tolerance of 1e-9: preactivations up to it count as zero."""
    for layer in network.hidden:
        point = tuple(z if z > Fraction(1, 10**9) else Fraction(0) for z in layer.affine(point))
    return network.output(point)


def cells_with_merged_units(network: Network, domain: HPolyhedron) -> Iterator[str]:
    """A wrong merge of duplicates: units with one hyperplane are thought equal, also if they face each other."""
    rows = [network.affine_maps[unit.layer].augmented.to_fractions()[unit.position] for unit in network.units]
    twins = {}
    for k, (unit, row) in enumerate(zip(network.units, rows, strict=True)):
        leading = next((a for a in row if a), Fraction(1))
        twins[k] = (unit.layer, tuple(a / leading for a in row))
    for region in enumerate_regions(network, domain):
        bits = region.configuration.bits
        first = {twin: bits[k] for k, twin in reversed(twins.items())}
        yield "".join(first[twins[k]] for k in range(len(bits)))


def map_with_stale_bias(network: Network, configuration: str) -> AffineMap:
    """A stale bias: the constant of the last layer is left out."""
    found = affine_map(network, configuration)
    offset = [c - b for c, b in zip(found.offset, network.output.offset, strict=True)]
    return AffineMap.from_parts(found.linear, offset, n_inputs=network.n_inputs)


def clipped_cells(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """A clipped domain: cells are listed within [-1, 1]."""
    for region in enumerate_regions(network, domain.intersection(HPolyhedron.cube(network.n_inputs))):
        yield Cell(region.configuration, region.polyhedron.system.rows)


def bits_of_last_layer_first(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """Bits in another order: last layer first."""
    for region in enumerate_regions(network, domain):
        layers = [region.configuration.bits[units.start : units.stop] for units in reversed(network.layer_units)]
        yield Cell("".join(layers), region.polyhedron.system.rows)


def intervals_merged_by_map(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """Lost breakpoints: neighbours with one map are merged, though the first layers distinguish them."""
    if network.n_inputs > 1:
        raise NotImplementedError("intervals only")
    merged: list[tuple[AffineMap, Fraction, Fraction]] = []
    pieces = [
        (
            min(region.polyhedron.vertices_and_rays().vertices),
            max(region.polyhedron.vertices_and_rays().vertices),
            region,
        )
        for region in enumerate_regions(network, domain)
    ]
    for (low,), (high,), region in sorted(pieces, key=lambda piece: piece[:2]):
        if merged and merged[-1][0] == region.affine_map:
            low = merged.pop()[1]
        merged.append((region.affine_map, low, high))
    for piece, low, high in merged:
        yield Cell(rows=HPolyhedron.box([low], [high]).system.rows, affine_map=piece)


def counts_by_maps(network: Network, domain: HPolyhedron) -> dict[str, int]:
    """Linear regions counted as different affine maps."""
    return {"linear_regions": subdivide(network, domain).affine_pieces}


def f_vector_without_corners(network: Network, domain: HPolyhedron) -> tuple[int, ...]:
    """Missing faces: the vertices of the box are not counted."""
    first, *rest = subdivide(network, domain).f_vector
    return (first - 2**network.n_inputs, *rest)


def atoms_of_first_biases(network: Network, configuration: str) -> Any:
    """Lost paths: beta counts only the paths from the biases of the first layer."""
    assert OURS.atoms is not None
    alpha, beta = OURS.atoms(network, configuration)
    zero = [[0] * layer.affine.n_outputs for layer in network.hidden[1:]]
    weights = [affine.linear for affine in network.affine_maps]
    bare = Network.from_weights(weights, [network.affine_maps[0].offset, *zero, network.output.offset])
    return alpha, OURS.atoms(bare, configuration)[1] if beta else beta


def loose_range(network: Network, domain: HPolyhedron) -> Any:
    """A bound in place of the range: interval arithmetic."""
    return interval_range(network, domain)


def float32_outputs(network: Network, point: Vector) -> Any:
    """Rounding: float32 throughout, declared exact."""
    x = np.array([float(a) for a in point], dtype=np.float32)
    for number, affine in enumerate(network.affine_maps):
        weights = np.array([[float(a) for a in row] for row in affine.linear], dtype=np.float32)
        x = weights @ x + np.array([float(b) for b in affine.offset], dtype=np.float32)
        if number < len(network.hidden):
            x = np.maximum(x, np.float32(0))
    return x


def verify_with(change: Callable[[str], str]) -> Any:
    """A verifier that reads other relations than are written."""

    def verify(network: Network, domain: HPolyhedron, unsafe: LinearSystem) -> Any:
        rows = [(normal, change(relation), offset) for normal, relation, offset in unsafe.rows]
        assert OURS.verify is not None
        return OURS.verify(network, domain, LinearSystem.from_rows(rows, dimension=unsafe.dimension))

    return verify


def verify_anywhere(network: Network, domain: HPolyhedron, unsafe: LinearSystem) -> Any:
    """A counterexample outside of the box: the search forgets the domain's upper bounds."""
    lower = [bounds[0] for bounds in domain.box_bounds() or ()]
    assert OURS.verify is not None
    return OURS.verify(network, HPolyhedron.box(lower, [1000] * len(lower)), unsafe)


def strict(relation: str) -> str:
    """Read <= as <."""
    return "<" if relation == "<=" else relation


def weak(relation: str) -> str:
    """Read < as <=."""
    return "<=" if relation == "<" else relation


@dataclass(frozen=True)
class Mutant:
    """A defective implementation, and what must be found.

    checks: those that see the defect, the one with the smallest network first; case: that network in the table; units:
    of the smallest network found with Hypothesis.
    """

    implementation: Implementation
    checks: tuple[str, ...]
    case: str
    units: int


def mutant(name: str, checks: str, case: str, units: int, **fields: Any) -> Mutant:
    """Build a mutant from the callables that it has."""
    return Mutant(Implementation(name=name, **fields), tuple(checks.split()), case, units)


MUTANTS = [
    mutant("sign error at zero", "configurations", "one-unit", 1, configuration=bits_at_ties),
    mutant("hyperplanes in no cell", "partition", "one-unit", 1, regions=open_cells, notion="half-open"),
    mutant("missing cell", "partition volumes refinement", "absolute", 2, regions=cells_by_single_flips),
    mutant(
        "duplicated cell",
        "partition volumes",
        "zero-preactivation",
        1,
        regions=cells_with_both_bits_of_zero_units,
    ),
    mutant("row off by 2^-40", "partition volumes refinement", "one-unit", 1, regions=shifted_rows),
    mutant("map off by 2^-40", "affine_maps continuity", "one-unit", 1, regions=shifted_maps),
    mutant("facets by distance", "facets", "absolute", 2, regions=OURS.regions, facets=facets_by_distance),
    mutant("facet on the wrong side", "facets", "far-side", 1, regions=OURS.regions, facets=facets_with_wrong_sign),
    mutant("cells thicker than 1e-9", "partition volumes", "thin-strip", 2, regions=thick_cells),
    mutant("zero up to 1e-9", "evaluation", "thin-strip", 2, evaluate=relu_with_tolerance),
    mutant("wrong merge of twins", "partition volumes", "absolute", 2, regions=cells_with_merged_units),
    mutant("stale bias", "affine_maps", "affine", 0, affine_map=map_with_stale_bias),
    mutant("clipped domain", "partition volumes", "affine", 0, regions=clipped_cells),
    mutant(
        "last layer first",
        "configurations partition refinement",
        "flat-at-zero",
        2,
        regions=bits_of_last_layer_first,
    ),
    mutant("merged intervals", "refinement", "one-unit-layers", 2, regions=intervals_merged_by_map),
    mutant("regions counted as maps", "counts", "hat", 3, counts=counts_by_maps),
    mutant("faces without corners", "euler", "affine", 0, f_vector=f_vector_without_corners),
    mutant("biases of one layer", "atoms", "one-unit-layers", 2, atoms=atoms_of_first_biases),
    mutant("loose range", "range", "absolute", 2, output_range=loose_range),
    mutant("float32 declared exact", "evaluation", "far-side", 1, evaluate=float32_outputs, absolute_error=0),
    mutant("weak rows read as strict", "verdicts", "affine", 0, verify=verify_with(strict)),
    mutant("strict rows read as weak", "verdicts", "affine", 0, verify=verify_with(weak)),
    mutant("outside of the box", "verdicts", "affine", 0, verify=verify_anywhere),
]
# Drawn networks show these defects with fewer units than the table, or as few.
DRAWN = {
    "sign error at zero",
    "duplicated cell",
    "facet on the wrong side",
    "last layer first",
    "merged intervals",
    "biases of one layer",
}
IDS = [one.implementation.name for one in MUTANTS]
CHECKS = {check.__name__.removeprefix("check_"): check for check in ALL_CHECKS}


@pytest.mark.parametrize("mutant", MUTANTS, ids=IDS)
def test_the_table_alone_finds_every_mutant(mutant: Mutant) -> None:
    """The smallest network of the table that shows the defect is the pinned one; the correct implementation passes."""
    violation = smallest_violation(mutant.implementation, max_examples=0)
    assert isinstance(violation, Violation)
    assert (violation.check, violation.network.name) == (mutant.checks[0], mutant.case)
    assert mutant.units <= violation.network.n_units <= 6
    if mutant.implementation.name not in DRAWN:
        assert violation.network.n_units == mutant.units
    original = replace(OURS, notion=mutant.implementation.notion)
    if mutant.implementation.notion == "half-open":
        original = HALF_OPEN
    assert find_violation(original, CHECKS[violation.check], violation.network, violation.finding.domain) is None


@pytest.mark.parametrize("mutant", MUTANTS, ids=IDS)
def test_the_pinned_checks_see_the_mutant_and_no_other(mutant: Mutant) -> None:
    """On the table exactly the pinned checks fail."""
    failing = {
        name for name, check in CHECKS.items() if smallest_violation(mutant.implementation, check, max_examples=0)
    }
    assert failing == set(mutant.checks)


@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.implementation.name in DRAWN], ids=lambda one: one.implementation.name
)
def test_drawn_networks_shrink_to_the_pinned_number_of_units(mutant: Mutant) -> None:
    """With Hypothesis the smallest counterexample has the pinned number of units."""
    violation = smallest_violation(mutant.implementation, CHECKS[mutant.checks[0]], max_examples=50)
    assert isinstance(violation, Violation)
    assert violation.network.n_units == mutant.units


def test_every_check_has_a_mutant() -> None:
    """No check is without a defect that it finds."""
    assert {name for mutant in MUTANTS for name in mutant.checks} == set(CHECKS)


def test_a_gap_of_2_to_the_minus_40_is_shown_by_a_point_in_it() -> None:
    """The evidence of the shifted row is a point between the two cells."""
    (one,) = (one for one in MUTANTS if one.implementation.name == "row off by 2^-40")
    violation = smallest_violation(one.implementation, max_examples=0)
    assert isinstance(violation, Violation)
    assert violation.point is not None
    assert 0 < violation.point[0] < TINY


def test_a_violation_prints_what_is_needed_to_see_it_again() -> None:
    """The message names implementation, law, point, values, and the network as Python source."""
    violation = smallest_violation(Implementation(name="mine", evaluate=relu_with_tolerance), max_examples=0)
    assert str(violation).split("\n") == [
        "mine breaks evaluation: output 0 is wrong",
        "  at point  (1/1073741824)",
        "  expected  1/1073741824",
        "  found     0",
        "  network   Network.from_weights([[[1], [1]], [[1, -1]]], [[0, '-1/1073741824'], [0]])",
        "  domain    box from (-2) to (2)",
    ]
