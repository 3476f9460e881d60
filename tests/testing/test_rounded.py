"""Correct answers in floats pass: this package's own, rounded to doubles, with the error of that rounding declared."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from exactrelu import HPolyhedron, Network, enumerate_regions
from exactrelu.testing import (
    Cell,
    ConformanceSuite,
    Implementation,
    check_continuity,
    check_facets,
    check_partition,
    check_refinement,
    check_volumes,
    our_implementation,
)

OURS = our_implementation()
Vector = tuple[Fraction, ...]


def rounded(values: Any) -> list[float]:
    """The nearest doubles."""
    return [float(value) for value in values]


def evaluate(network: Network, point: Vector) -> list[float]:
    """Outputs."""
    return rounded(network.evaluate(point))


def affine_map(network: Network, configuration: str) -> Any:
    """Matrix and offset."""
    assert OURS.affine_map is not None
    exact: Any = OURS.affine_map(network, configuration)
    return [rounded(row) for row in exact.linear], rounded(exact.offset)


def regions(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """Rows scaled to largest coefficient 1, which need not be doubles, and maps."""
    for region in enumerate_regions(network, domain):
        rows = []
        for normal, relation, offset in region.system.closure().rows:
            scale = max(map(abs, normal)) or 1
            rows.append((rounded(Fraction(a, scale) for a in normal), relation, float(Fraction(offset, scale))))
        yield Cell(region.configuration, rows, affine_map(network, region.configuration.bits), rounded(region.witness))


def regions_without_bits(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
    """The same without configurations."""
    for cell in regions(network, domain):
        yield Cell(rows=cell.rows, affine_map=cell.affine_map)


def facets(network: Network, domain: HPolyhedron) -> Iterator[Any]:
    """Hyperplanes divided by their largest coefficient."""
    assert OURS.facets is not None
    for i, j, (normal, offset) in OURS.facets(network, domain):
        scale = max(map(abs, normal))
        yield i, j, (rounded(Fraction(a, scale) for a in normal), float(Fraction(offset, scale)))


def atoms(network: Network, configuration: str) -> Any:
    """Coefficients."""
    assert OURS.atoms is not None
    alpha, beta = OURS.atoms(network, configuration)
    return {k: float(a) for k, a in alpha.items()}, {k: float(b) for k, b in beta.items()}


def output_range(network: Network, domain: HPolyhedron) -> Any:
    """Ends."""
    assert OURS.output_range is not None
    return [rounded(ends) for ends in OURS.output_range(network, domain)]


class TestRounded(ConformanceSuite):
    """Every check that reads numbers accepts correctly rounded ones."""

    implementation = Implementation(
        name="rounded",
        evaluate=evaluate,
        regions=regions,
        affine_map=affine_map,
        facets=facets,
        atoms=atoms,
        output_range=output_range,
        relative_error=Fraction(1, 2**53),
    )
    checks = tuple(
        check
        for check in ConformanceSuite.checks
        if check.__name__ not in ("check_counts", "check_euler", "check_verdicts")
    )
    max_examples = 10


class TestRoundedRows(TestRounded):
    """The same for cells that are known by their rows alone."""

    implementation = Implementation(
        name="rounded rows", regions=regions_without_bits, facets=facets, relative_error=Fraction(1, 2**53)
    )
    checks = (check_partition, check_volumes, check_refinement, check_continuity, check_facets)
    cases = ConformanceSuite.cases[::2]
