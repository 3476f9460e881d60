"""Exact ranges of outputs: worked examples, witnesses, unbounded outputs, and soundness against interval bounds."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from exactrelu.bounds import ranges
from exactrelu.bounds.float_ranges import upper_bounds
from exactrelu.bounds.ranges import interval_range, output_range
from exactrelu.errors import DomainError, InputError
from exactrelu.lp.dictionaries import Dictionaries
from exactrelu.lp.evidence import Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.activations import ABSOLUTE as ABSOLUTE_VALUE
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions

from .networks import ABSOLUTE, HAT, N4, random_layers


def test_range_n4() -> None:
    """[8, 179/3] on the box where intervals give [5, 89], attained at the named points."""
    box = HPolyhedron.cube(2)
    (one,) = output_range(enumerate_regions(N4, box))
    assert (one.minimum.value, one.maximum.value) == (8, Fraction(179, 3))
    assert N4(one.minimum.point) == (8,)
    assert N4(one.maximum.point) == (Fraction(179, 3),)
    assert interval_range(N4, box) == ((5, 89),)


def test_range_hat() -> None:
    """[0, 1] on [-1, 4] where intervals give [-6, 6]."""
    box = HPolyhedron.box([-1], [4])
    (one,) = output_range(enumerate_regions(HAT, box))
    assert (one.minimum.value, one.maximum.value) == (0, 1)
    assert interval_range(HAT, box) == ((-6, 6),)


def test_random_networks() -> None:
    """No grid point is outside the range, the ends are attained inside the domain, intervals contain the range."""
    chance = random.Random(70)
    for _ in range(15):
        net = random_layers(chance, [2, 3, 2, 2])
        box = HPolyhedron.cube(2, -1, 2)
        ranges = output_range(enumerate_regions(net, box))
        grid = [net([Fraction(a, 3), Fraction(b, 3)]) for a, b in product(range(-3, 7), repeat=2)]
        for number, (one, (low, high)) in enumerate(zip(ranges, interval_range(net, box), strict=True)):
            assert one.minimum.value is not None
            assert one.maximum.value is not None
            assert all(one.minimum.value <= y[number] <= one.maximum.value for y in grid)
            assert low <= one.minimum.value <= one.maximum.value <= high
            for end in (one.minimum, one.maximum):
                assert box.contains(end.point)
                assert net(end.point)[number] == end.value


def test_float_bounds_are_bounds_and_nearly_tight() -> None:
    """On every cell of random networks the certified bound is at least the exact maximum, and close to it."""
    chance = random.Random(71)
    for _ in range(12):
        net = random_layers(chance, [chance.randint(1, 3), 3, 3, 2])
        cells = enumerate_regions(net, HPolyhedron.cube(net.n_inputs, "-3/2", 2))
        targets = [(0, 1), (0, -1), (1, 1)]
        bounds = upper_bounds(cells, targets)
        assert bounds is not None
        for (output, sense), row in zip(targets, bounds, strict=True):
            for region, bound in zip(cells, row, strict=True):
                form = [sense * a for a in region.affine_map.linear[output]]
                answer = maximise(region.polyhedron.system, form)
                assert isinstance(answer, Optimal)
                exact = answer.value + sense * region.affine_map.offset[output]
                assert exact <= Fraction(float(bound)) <= exact + Fraction(1, 10**6)


def test_poor_multipliers_give_weak_bounds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the float simplex proposes, negative multipliers of random units too, bounds are bounds."""
    cells = enumerate_regions(N4, HPolyhedron.cube(2))
    expected = output_range(cells)
    maxima = [maximise(region.polyhedron.system, region.affine_map.linear[0]) for region in cells]
    noise = np.random.default_rng(7)

    def nonsense(self: Dictionaries, objective: np.ndarray, above: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        self.nonbasic[:] = noise.integers(0, 4 + N4.n_units, size=self.nonbasic.shape)
        return noise.normal(size=objective.shape), np.ones(len(objective), dtype=bool)

    monkeypatch.setattr(Dictionaries, "raise_objective", nonsense)
    for _ in range(20):
        bounds = upper_bounds(cells, [(0, 1)])
        assert bounds is not None
        for region, answer, bound in zip(cells, maxima, bounds[0], strict=True):
            assert isinstance(answer, Optimal)
            assert answer.value + region.affine_map.offset[0] <= Fraction(float(bound))
    assert output_range(cells)[0].maximum.value == expected[0].maximum.value


def test_few_exact_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With good bounds a handful of cells is enough."""
    chance = random.Random(72)
    net = random_layers(chance, [2, 8, 8, 1])
    cells = enumerate_regions(net, HPolyhedron.cube(2, -3, 3))
    calls = 0

    def counted(system: LinearSystem, objective: list[Fraction]) -> object:
        nonlocal calls
        calls += 1
        return maximise(system, objective)

    monkeypatch.setattr(ranges, "maximise", counted)
    output_range(cells)
    assert len(cells) > 60
    assert calls <= 20


def test_unbounded_outputs() -> None:
    """|x| on the line: minimum 0, and a ray along which it grows."""
    (one,) = output_range(enumerate_regions(ABSOLUTE))
    assert one.minimum.value == 0
    assert one.maximum.value is None
    assert one.maximum.ray is not None
    far = [a + 1000 * r for a, r in zip(one.maximum.point, one.maximum.ray, strict=True)]
    assert ABSOLUTE(far)[0] >= 999


def test_flat_domain() -> None:
    """On the diagonal of the square the range is that of the diagonal."""
    diagonal = HPolyhedron.cube(2).intersection(HPolyhedron.from_rows([([1, -1], "==", 0)]))
    net = Network.from_weights([[[1, -1], [1, 1]], [[1, 1]]], [[0, 0], [0]])
    (one,) = output_range(enumerate_regions(net, diagonal))
    assert (one.minimum.value, one.maximum.value) == (0, 2)


def test_intervals_of_other_activations() -> None:
    """|t| over an interval around zero starts at zero."""
    net = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE_VALUE]])
    assert interval_range(net, HPolyhedron.box([-3], [2])) == ((0, 3),)


def test_refusals() -> None:
    """Empty domains, other notions, incomplete lists, intervals over space."""
    with pytest.raises(DomainError, match="empty"):
        output_range(enumerate_regions(HAT, HPolyhedron.box([1], [0])))
    with pytest.raises(InputError, match="full"):
        output_range(enumerate_regions(HAT, cells="closed"))
    with pytest.raises(InputError, match="stopped"):
        output_range(enumerate_regions(N4, limit=1))
    with pytest.raises(DomainError, match="box"):
        interval_range(HAT, HPolyhedron.space(1))
