"""The certified tests of the tree: upper bounds over a box are upper bounds, and only negative ones refute."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from exactrelu.exact.enclosures import Enclosure
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.regions.problem import Problem
from exactrelu.regions.tree.certified import FloatDomain, round_multipliers


def domain(lower: list[str], upper: list[str]) -> tuple[FloatDomain, list[Fraction], list[Fraction]]:
    """A box as floats, and its exact ends."""
    network = Network.from_weights([[[1] * len(lower)], [[1]]], [[0], [0]])
    box = FloatDomain.of(Problem(network, HPolyhedron.box(lower, upper), Notion.FULL))
    return box, [Fraction(x) for x in lower], [Fraction(x) for x in upper]


def exact_maximum(form: list[Fraction], lower: list[Fraction], upper: list[Fraction]) -> Fraction:
    """The maximum of an affine form over a box."""
    ends = zip(form[:-1], lower, upper, strict=True)
    return form[-1] + sum((max(a * low, a * high) for a, low, high in ends), Fraction(0))


@pytest.mark.parametrize("scale", [0, -300, 300, -1040])
def test_maximum_is_an_upper_bound(scale: int) -> None:
    """Random affine forms over a box with ends that are no doubles, also where products underflow."""
    generator = np.random.default_rng(7)
    box, lower, upper = domain(["-1/3", "1/7", "0"], ["1/3", "22/7", "1e-3"])
    values = np.ldexp(generator.uniform(-1, 1, (300, 4)), scale)
    bounds = box.maximum(Enclosure.exact(values))
    for row, bound in zip(values.tolist(), bounds.tolist(), strict=True):
        assert Fraction(bound) >= exact_maximum([Fraction(x) for x in row], lower, upper)


def test_a_bound_of_exactly_zero_refutes_nothing() -> None:
    """x - 1 <= 0 on [0, 1] has maximum zero: not negative, so not refuted; x - 2 is."""
    box, _, _ = domain(["0"], ["1"])
    rows = Enclosure.exact(np.array([[[1.0, -1.0]], [[1.0, -2.0]], [[1.0, -1.0 - 2.0**-52]]]))
    assert box.is_refuted(rows, np.ones((3, 1))).tolist() == [False, True, False]


def test_a_maximum_without_its_error_term_would_be_wrong() -> None:
    """Mutant: adding up corners in floats alone is sometimes below the true maximum."""
    generator = np.random.default_rng(3)
    box, lower, upper = domain(["-1/3"] * 6, ["1/3"] * 6)
    assert box.lower is not None
    assert box.upper is not None
    values = generator.uniform(-1, 1, (300, 7))
    naive = np.maximum(values[:, :-1] * box.lower, values[:, :-1] * box.upper).sum(axis=1) + values[:, -1]
    truth = [exact_maximum([Fraction(x) for x in row], lower, upper) for row in values.tolist()]
    assert any(Fraction(bound) < true for bound, true in zip(naive.tolist(), truth, strict=True))


def test_rounded_multipliers_stay_nonnegative_multiples() -> None:
    """Rounding keeps zeros and signs, and leaves integers of few bits."""
    rounded = round_multipliers(np.array([[1.0, 0.3, 0.0], [1e-9, 5.0, 2.0**-40]]), 10)
    assert (rounded >= 0).all()
    assert rounded[0, 2] == 0
    for row in rounded.tolist():
        denominators = [Fraction(x).denominator for x in row]
        assert max(Fraction(x) * max(denominators) for x in row) < 2**12


EXTREME = [
    ([[["0"], ["1"]], [["1", "1"]]], [["1e400", "0"], ["0"]], (2, 2, 2)),
    ([[["0"], ["1"]], [["1", "1"]]], [["-1e400", "0"], ["0"]], (2, 2, 2)),
    ([[["0"], ["1"]], [["1", "1"]]], [["1e-400", "0"], ["0"]], (2, 2, 2)),
    ([[["1e400"], ["1e-400"]], [["1", "1"]]], [["1", "0"], ["0"]], (3, 3, 3)),
]


@pytest.mark.parametrize(("weights", "biases", "counts"), EXTREME)
def test_numbers_beyond_the_range_of_doubles(
    weights: list[list[list[str]]], biases: list[list[str]], counts: tuple[int, int, int]
) -> None:
    """Constants and slopes that no double can hold: exact arithmetic decides (one hyperplane, or two close ones)."""
    from exactrelu.regions.results import enumerate_regions

    network = Network.from_weights(weights, biases)
    for box in (HPolyhedron.cube(1), HPolyhedron.box(["-1e500"], ["1e500"]), None):
        found = tuple(len(enumerate_regions(network, box, cells=n)) for n in ("full", "half-open", "closed"))
        assert found == counts


def test_dead_units_cost_no_exact_programs() -> None:
    """A unit that is zero everywhere leaves the vectorised search as it was."""
    from exactrelu.networks.builders import random_network
    from exactrelu.regions.results import enumerate_regions

    plain = random_network([3, 6, 1], seed=4, height=9)
    first, last = plain.affine_maps
    dead = Network.from_weights(
        [[*first.linear, [0, 0, 0]], [[*last.linear[0], 1]]], [[*first.offset, 0], list(last.offset)]
    )
    regions = enumerate_regions(dead, HPolyhedron.cube(3))
    assert len(regions) == len(enumerate_regions(plain, HPolyhedron.cube(3)))
    assert regions.decisions["exact program"] == regions.decisions["exact nodes"] == 0
