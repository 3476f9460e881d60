"""The float filter's contract: truth inside an enclosure stays inside, also at the ends of the float range."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactrelu.networks.activations import Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.exact_vertices import ExactVertices
from exactrelu.regions.complex.faces import Cut
from exactrelu.regions.complex.growing import Growing
from exactrelu.regions.complex.values import FloatValues
from exactrelu.regions.results import enumerate_regions

UNIT = 2.0**-53
TINY = 5e-324
TOKEN = Fraction(TINY)

Entry = tuple[float, float, Fraction]


def interpolated(one: Sequence[Entry], two: Sequence[Entry]) -> tuple[np.ndarray, np.ndarray, list[Fraction]]:
    """Interpolate between two vertices given as (value, radius, truth), row 0 deciding: values, radii, truths."""
    values = FloatValues.__new__(FloatValues)
    values._exact = ExactVertices([], [(0, 1), (1, 1)], [])
    values._stage = 0
    values._values = Growing(np.array([[e[0] for e in one], [e[0] for e in two]]).T.copy())
    values._radii = Growing(np.array([[e[1] for e in one], [e[1] for e in two]]).T.copy())
    ends = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    with np.errstate(all="ignore"):
        values.interpolate(Cut(*ends, ends[0], np.zeros(1, dtype=np.int8)), 0)
    share = one[0][2] / (one[0][2] - two[0][2])
    truths = [a[2] + share * (b[2] - a[2]) for a, b in zip(one, two, strict=True)]
    return values._values.data[:, 2], values._radii.data[:, 2], truths


def is_sound(one: Sequence[Entry], two: Sequence[Entry]) -> bool:
    """Whether the interpolated enclosure holds the truth in every row."""
    found = zip(*interpolated(one, two), strict=True)
    return all(not np.isfinite(r) or abs(Fraction(float(v)) - true) <= Fraction(float(r)) for v, r, true in found)


def test_interpolation_keeps_truth_inside() -> None:
    """Random enclosures of ordinary size, radii from none to nearly the value itself."""
    generator = random.Random(1)

    def entry(sign: int) -> Entry:
        value = sign * generator.random() * 2.0 ** generator.randint(-60, 5)
        radius = abs(value) * generator.choice([0.0, UNIT, 2.0 ** -generator.randint(0, 60) * 0.999])
        return value, radius, Fraction(value) + Fraction(radius) * generator.choice([-1, 0, 1])

    tried = 0
    while tried < 4000:
        one = [entry(1), entry(generator.choice([1, -1]))]
        two = [entry(-1), entry(generator.choice([1, -1]))]
        if one[0][2] > 0 > two[0][2]:
            assert is_sound(one, two)
            tried += 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([(1.0, 1 - 20 * UNIT, 1 - Fraction(1 - 20 * UNIT) * Fraction(999999, 1000000)), (0.0, 0.0, Fraction(0))],
         [(-UNIT / 4, 0.0, Fraction(-UNIT / 4)), (1.0, 0.0, Fraction(1))]),
        ([(1.7e308, 0.0, Fraction(1.7e308)), (1.0, 0.0, Fraction(1))],
         [(-1.7e308, 0.0, Fraction(-1.7e308)), (-1.0, 0.0, Fraction(-1))]),
        ([(3 * TINY, TINY, TOKEN * Fraction(17, 5)), (1.0, 0.0, Fraction(1))],
         [(-3 * TINY, TINY, TOKEN * Fraction(-13, 5)), (-1.0, 0.0, Fraction(-1))]),
    ],
    ids=["cancellation", "overflow", "underflow"],
)  # fmt: skip
def test_interpolation_at_the_edges(one: list[Entry], two: list[Entry]) -> None:
    """A radius near its value, a difference beyond the largest double, radii of one smallest double."""
    assert is_sound(one, two)


def layered(layers: Sequence[tuple[Any, Any, Any]]) -> Network:
    """A network of layers (weights, biases, slopes), with the sum of the last activations as output."""
    hidden = tuple(
        Layer(AffineMap.from_parts(w, b), tuple(Activation.of(pair) for pair in slopes)) for w, b, slopes in layers
    )
    return Network(hidden, AffineMap.from_parts([[1] * hidden[-1].affine.n_outputs], [0]))


RELU = (0, 1)
SLOPE = Fraction(1, 2**1076)
NEAR = Fraction(1, 2**29)
EDGES = {
    "values that differ by more than a double": (
        layered([([[Fraction(1.7e308)], [1]], [0, Fraction(-1, 2)], [RELU, RELU])]),
        HPolyhedron.cube(1),
    ),
    "subnormal weights": (
        layered([([[-6 * TOKEN], [1]], [TOKEN * Fraction(17, 5), Fraction(-53, 100)], [RELU, RELU])]),
        HPolyhedron.cube(1, 0, 1),
    ),
    "a slope below all doubles": (
        layered([([[1]], [0], [(0, SLOPE)]), ([[2**1020]], [-(2**1018) * SLOPE / 10], [RELU])]),
        HPolyhedron.box([0], ["2/5"]),
    ),
    "proportional rows that floats cannot tell": (
        layered([([[-1, 0], [Fraction(-1, 3), 0]], [NEAR, NEAR / 3], [RELU, RELU])]),
        HPolyhedron.cube(2, 0, 1),
    ),
    "a constant beyond all doubles": (layered([([[1]], [-(10**400)], [RELU])]), None),
}


@pytest.mark.parametrize("name", EDGES)
def test_numbers_at_the_edges_of_floats(name: str) -> None:
    """Float filter, forced exact mode and tree agree where floats fail."""
    network, domain = EDGES[name]
    configurations = subdivide(network, domain).configurations
    assert configurations == subdivide(network, domain, exact=True).configurations
    assert configurations == enumerate_regions(network, domain).configurations


def _number(generator: random.Random, kind: str) -> Fraction:
    pick = generator.random()
    if pick < 0.6:
        return Fraction(generator.choice([0, 0, -2, -1, 1, 2]))
    if pick < 0.7:
        return Fraction(generator.randint(-5, 5), generator.choice([3, 7, 10]))
    if kind == "mixed":
        near = Fraction(generator.randint(-1, 1), 2**60)
        return generator.randint(-3, 3) * Fraction(2) ** generator.choice([-60, -53, -30, 30, 60]) + near
    if kind == "huge":
        return Fraction(generator.random() - 0.5) * Fraction(2) ** generator.choice([1024, 1000, 500, -500, -1000])
    return Fraction(generator.randint(-20, 20), generator.choice([1, 3, 7])) * TOKEN * generator.choice([1, 2, 2**52])


@pytest.mark.parametrize("kind", ["mixed", "huge", "subnormal"])
def test_three_ways_agree_on_awkward_networks(kind: str) -> None:
    """Random networks with proportional rows, all kinds of slopes, and numbers that floats hold badly or not at all."""
    generator = random.Random(kind)
    slopes = [RELU] * 6 + [(-1, 1), ("1/10", 1), (1, 1), ("-1/3", "1/3"), (0, 2), (1, 0), (0, -1), (0, 0)]
    for _ in range(150):
        d = generator.choice([1, 1, 2, 2, 3])
        width, layers = d, []
        for _ in range(generator.randint(1, 3)):
            rows = [[_number(generator, kind) for _ in range(width + 1)] for _ in range(generator.randint(1, 4))]
            for index in range(1, len(rows)):
                if generator.random() < 0.25:
                    factor = generator.choice([1, -1, 2, Fraction(1, 3), -Fraction(1, 2**60)])
                    rows[index] = [factor * x for x in rows[0]]
            width = len(rows)
            layers.append(([r[:-1] for r in rows], [r[-1] for r in rows], generator.choices(slopes, k=width)))
        network = layered(layers)
        domain = generator.choice([None, HPolyhedron.cube(d), HPolyhedron.simplex(d)])
        complex_ = subdivide(network, domain)
        assert complex_.configurations == subdivide(network, domain, exact=True).configurations
        assert complex_.configurations == enumerate_regions(network, domain).configurations


def test_faces_that_do_not_exist_are_refused() -> None:
    """Numbers count from the end when negative, as in a sequence; others are named in the error."""
    complex_ = subdivide(layered([([[1]], [0], [RELU])]))
    assert complex_.hrep(-1) == complex_.hrep(1)
    with pytest.raises(ValueError, match="no face 2"):
        complex_.hrep(2)
    with pytest.raises(ValueError, match="no face 0 of dimension 3"):
        complex_.witness(0, 3)
