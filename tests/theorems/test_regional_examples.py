"""Worked examples that are no theorem: regional functions, indicators, slices, expected numbers of breakpoints.

The regional functions are those of three sample files of the tool pwl2limodsat (Preto, Finger), written here as
affine forms (constant first) and half-planes; one of them with a boundary that was rounded to six digits.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from exactrelu.lp.evidence import Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.levels import level_sets
from exactrelu.regions.complex.volumes import cell_volumes
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import enumerate_regions
from exactrelu.theorems import theorem
from exactrelu.theorems.lattice import LatticePieces

SQUARE = HPolyhedron.cube(2, 0, 1)
# A piece: constant and coefficients of p, then half-planes o + a x + b y >= 0.
Piece = tuple[tuple[object, ...], list[tuple[object, ...]]]


def sample(third: object) -> list[Piece]:
    """The first sample; the boundary between two pieces is y = third."""
    steep, shallow = (8, -9, -6), (1, -2, 1)
    below, above = (third, 0, -1), (-Fraction(str(third)), 0, 1)
    left, right = (-1, 2, -1), (-8, 9, 6)
    return [
        (("4/9", 0, "2/3"), [steep, below]),
        (("5/6", 0, "-1/2"), [shallow, above]),
        (("4/3", -1, 0), [right, left]),
    ]


STRIPS: list[Piece] = [
    ((1, -2, 0), [("1/4", -1, 0)]),
    (("1/2", 0, 0), [("-1/4", 1, 0), ("1/2", -1, 0)]),
    (("3/4", "-1/2", 0), [("-1/2", 1, 0)]),
]
WITHOUT: list[Piece] = [
    ((0, 0, 1), [("-1/2", 0, 1), (1, -1, -1)]),
    ((0, 0, 1), [("-1/2", 0, 1), (0, 1, -1)]),
    ((1, -1, 0), [(-1, 1, 1), ("1/2", -1, 0)]),
    ((0, 1, 0), [("-1/2", 1, 0), (0, -1, 1)]),
    (("1/4", 0, "1/2"), [("1/2", 0, -1)]),
]


def regional(pieces: list[Piece]) -> tuple[LatticePieces, list[HPolyhedron]]:
    """The pieces on the unit square."""
    domains = []
    forms = []
    for (constant, *slopes), planes in pieces:
        rows = [([-Fraction(str(a)) for a in normal], "<=", o) for o, *normal in planes]
        domains.append(SQUARE.intersection(HPolyhedron.from_rows(rows)))
        forms.append((*(Fraction(str(a)) for a in slopes), Fraction(str(constant))))
    names = tuple(str(k + 1) for k in range(len(pieces)))
    return LatticePieces(names, tuple(domain.system for domain in domains), tuple(forms)), domains


def largest_difference(pieces: LatticePieces) -> tuple[Fraction, tuple[int, int]]:
    """The largest difference of two pieces where both apply, and which they are, counted from 1."""
    worst = (Fraction(0), (0, 0))
    for i, j in combinations(range(len(pieces.forms)), 2):
        *slope, constant = (a - b for a, b in zip(pieces.forms[i], pieces.forms[j], strict=True))
        for sign in (1, -1):
            best = maximise(pieces.domains[i] + pieces.domains[j], [sign * a for a in slope])
            if isinstance(best, Optimal):
                worst = max(worst, (best.value + sign * constant, (i + 1, j + 1)))
    return worst


def value(pieces: LatticePieces, point: tuple[Fraction, ...]) -> Fraction:
    """The piece at a point that lies in one polyhedron."""
    k = next(k for k, domain in enumerate(pieces.domains) if domain.is_satisfied(point))
    return sum((a * x for a, x in zip(pieces.forms[k], point, strict=False)), pieces.forms[k][-1])


def failures(pieces: LatticePieces) -> list[list[int]]:
    """Ordered pairs without the lattice property, counted from 1."""
    return [[i + 1, j + 1] for i, j in pieces.pairwise_failures]


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> dict[str, Any]:
    """The entries by id."""
    entries = json.loads((shared_data / "worked-examples.json").read_text(encoding="utf-8"))["examples"]
    return {entry["id"]: entry for entry in entries}


def test_pwl_example(examples: dict[str, Any]) -> None:
    """A boundary at 0.333333 instead of 1/3: a gap, a jump, and a max-min formula that is wrong at the origin."""
    expected = examples["pwl-example.pwl"]["expected"]
    pieces, domains = regional(sample("0.333333"))
    difference, pair = largest_difference(pieces)
    origin = (Fraction(0), Fraction(0))
    assert {
        "area_sum": str(sum((domain.volume() for domain in domains), Fraction(0))),
        "discontinuity": f"{difference} across pieces {pair[0]},{pair[1]}",
        "lattice_failures": failures(pieces),
        "formula_at_origin": [str(value(pieces, origin)), str(pieces.formula(origin))],
    } == expected


def test_pwl_example_with_a_third(examples: dict[str, Any]) -> None:
    """With 1/3 the three pieces cover the square, agree, and have the lattice property."""
    expected = examples["pwl-example.pwl-with-1/3"]["expected"]
    pieces, domains = regional(sample(Fraction(1, 3)))
    areas = [domain.volume() for domain in domains]
    assert largest_difference(pieces)[0] == 0
    assert pieces.find_mismatch() is None
    assert {
        "area_sum": str(sum(areas, Fraction(0))),
        "lattice_failures": failures(pieces),
        "areas": [str(area) for area in areas],
    } == expected


def test_pwl_example2(examples: dict[str, Any]) -> None:
    """Three strips: they cover the square and have the lattice property."""
    pieces, domains = regional(STRIPS)
    assert largest_difference(pieces)[0] == 0
    areas = [domain.volume() for domain in domains]
    assert areas == [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]
    assert {"area_sum": str(sum(areas)), "lattice_failures": failures(pieces)} == (
        examples["pwl-example2.pwl"]["expected"]
    )


def test_pwl_without_lattice_property(examples: dict[str, Any]) -> None:
    """Two failing pairs, and the formula is wrong at (11/40, 39/40)."""
    expected = examples["pwl-without-lp.pwl"]["expected"]
    pieces, domains = regional(WITHOUT)
    point = tuple(map(Fraction, expected["mismatch_at"][0]))
    assert pieces.find_mismatch() is not None
    assert {
        "area_sum": str(sum((domain.volume() for domain in domains), Fraction(0))),
        "lattice_failures": failures(pieces),
        "mismatch_at": [[str(x) for x in point], str(value(pieces, point)), str(pieces.formula(point))],
    } == expected


def clipped(entry: dict[str, Any]) -> Network:
    """clip(f, 0, 1) = relu(f) - relu(f - 1): the last two bits say whether f > 0 and f > 1."""
    (first, last), (bias, shift) = entry["weights"], entry["biases"]
    return Network.from_weights(
        [first, [last[0], last[0]], [[1, -1]]], [bias, [*shift, str(Fraction(shift[0]) - 1)], [0]]
    )


def test_regional_9(examples: dict[str, Any]) -> None:
    """Nine regions of a clipped network on the square have the stated pieces, and the lattice property."""
    entry = examples["regional-9"]
    cells = tuple(enumerate_regions(clipped(entry), SQUARE))
    pieces = LatticePieces(
        tuple(cell.configuration.bits for cell in cells),
        tuple(cell.polyhedron.system for cell in cells),
        tuple((*cell.affine_map.linear[0], cell.affine_map.offset[0]) for cell in cells),
    )
    kinds = {"00": "zero", "10": "linear", "11": "one"}
    found = [
        (name[:2], kinds[name[2:]], [str(a) for a in form[:-1]], str(form[-1]))
        for name, form in zip(pieces.names, pieces.forms, strict=True)
    ]
    expected = entry["expected"]
    assert sorted(found) == sorted((r["config"], r["kind"], *r["piece"]) for r in expected["regions"])
    assert (not pieces.pairwise_failures) == expected["lattice_property"]
    assert pieces.find_mismatch() is None


def test_regional_degenerate(examples: dict[str, Any]) -> None:
    """|x - y| clipped to [0, 1] on the unit square: ten closed regions, two of them full-dimensional."""
    entry = examples["regional-degenerate"]
    network = clipped(entry)
    dimensions: dict[str, int] = {}
    cells = [cell for cell in enumerate_regions(network, SQUARE, cells="closed") if cell.configuration.bits[2:] != "01"]
    for cell in cells:
        dimension = str(cell.polyhedron.dimension())
        dimensions[dimension] = dimensions.get(dimension, 0) + 1
    assert {
        "closed_total": len(cells),
        "full_dimensional": len(enumerate_regions(network, SQUARE)),
        "dimensions": dimensions,
    } == entry["expected"]


@pytest.mark.parametrize("name", ["indicator-square", "indicator-triangle"])
def test_indicators(name: str, examples: dict[str, Any]) -> None:
    """Cells, pieces and regions of an indicator; where it is 1; how far its support reaches."""
    entry = examples[name]
    network = Network.from_weights(entry["weights"], entry["biases"])
    cells = enumerate_regions(network)
    counts = count_regions(cells)
    positive = [cell.polyhedron for cell in cells if any(cell.affine_map.linear[0]) or cell.affine_map.offset[0] > 0]
    corners = [a for polyhedron in positive for vertex in polyhedron.vertices_and_rays().vertices for a in vertex]
    assert {
        "N_full": counts.cells,
        "distinct": counts.affine_pieces,
        "linear_regions": counts.linear_regions,
        "one_cells": [c.bits for c in level_sets(network, threshold=1).flat_configurations],
        "support_bounding_box": [str(min(corners)), str(max(corners))],
    } == entry["expected"]


@pytest.mark.parametrize("name", ["indicator-union", "indicator-annulus"])
def test_values_of_indicators(name: str, examples: dict[str, Any]) -> None:
    """The values at the points of the entry."""
    entry = examples[name]
    network = Network.from_weights(entry["weights"], entry["biases"])
    assert [[point, str(*network(point))] for point, _ in entry["expected"]] == entry["expected"]


def test_vallin(examples: dict[str, Any]) -> None:
    """Apex and dual basis solve A x + b = 0 and A a_i = e_i; the boundary has one piece in each of two cells."""
    entry = examples["vallin"]
    network, expected = Network.from_weights(entry["weights"], entry["biases"]), entry["expected"]
    layer = network.hidden[0].affine
    assert layer(expected["apex"]) == (0, 0)
    for i, column in enumerate(expected["dual_columns"]):
        image = layer([Fraction(a) + Fraction(b) for a, b in zip(column, expected["apex"], strict=True)])
        assert image == tuple(Fraction(int(i == k)) for k in range(2))
    verdict = theorem("C12-level-set").verify(network)
    found = verdict.evidence["pieces"]  # type: ignore[union-attr, index]
    assert {bits: [[str(a) for a in row[:-1]], str(row[-1])] for bits, row in found.items()} == (
        expected["boundary_cells"]
    )


def test_luk_slices(examples: dict[str, Any]) -> None:
    """relu(z) is the sum of clip(z - i, 0, 1) for i < 3 wherever z <= 3, as functions and at the entry's points."""
    steps = [[int(k == i) - int(k == i + 1) for k in range(4)] for i in range(3)]
    slices = Network.from_weights([[[1]] * 4, [[sum(c) for c in zip(*steps, strict=True)]]], [[0, -1, -2, -3], [0]])
    difference = Network.from_weights([[[1]] * 4, [[0, 0, 0, 1]]], [[0, -1, -2, -3], [0]])
    below = HPolyhedron.from_rows([([1], "<=", 3)])
    assert all(cell.affine_map.linear == ((0,),) for cell in enumerate_regions(difference, below))
    assert [str(*slices([z])) for z in ("-1/2", "1/3", "5/2", 3)] == examples["luk-slices"]["expected"]["values"]
    assert [max(Fraction(z), Fraction(0)) - slices([z])[0] for z in ("-1/2", "1/3", "5/2", 3)] == [0] * 4


def test_local_complexity(examples: dict[str, Any]) -> None:
    """Expected numbers of breakpoints under uniform noise on the biases, as areas of polygons.

    Input x in [0, 1], noise s, t in [-1/2, 1/2] with density 1: z1 = 2x - 1 + s vanishes for one s iff |2x - 1| <=
    1/2, weighted with the slope 2.  z2 = relu(z1) - 1/4 + t has slope 2 where z1 > 0 and vanishes for one t iff
    relu(z1) <= 3/4.  A breakpoint of z1 shows in relu(z2) iff z2 > 0 there, so iff t > 1/4.
    """
    entry = examples["local-complexity"]
    network = Network.from_weights(entry["weights"], entry["biases"])
    first = (
        2
        * HPolyhedron.cube(1, 0, 1)
        .intersection(HPolyhedron.from_rows([([2], "<=", "3/2"), ([-2], "<=", "-1/2")]))
        .volume()
    )
    noisy = HPolyhedron.box([0, "-1/2"], [1, "1/2"])
    second = 2 * noisy.intersection(HPolyhedron.from_rows([([-2, -1], "<=", -1), ([2, 1], "<=", "7/4")])).volume()
    visible = HPolyhedron.box(["1/4"], ["1/2"]).volume()
    cells = subdivide(network, HPolyhedron.cube(1, 0, 1))
    slopes = [abs(cell.affine_map.linear[0][0]) for cell in cells]
    variation = sum((a * b for a, b in zip(slopes, cell_volumes(cells), strict=True)), Fraction(0))
    assert {
        "LC_neuron1": str(first),
        "LC_neuron2": str(second),
        "activation_level": str(first + second),
        "function_level": str(first * visible + second),
        "TV": str(variation),
    } == entry["expected"]
