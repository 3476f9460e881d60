"""Exact Lipschitz constants against the naive maximum, their evidence, and local constants."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from exactrelu.bounds import float_scores
from exactrelu.bounds.lipschitz import cell_lipschitz, lipschitz_constant, local_lipschitz
from exactrelu.bounds.norms import Norm, operator_norm
from exactrelu.bounds.theorem_six import product_bound
from exactrelu.errors import DomainError, InputError
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions

from .networks import ABSOLUTE, HAT, N4, TIGHT, random_layers


def test_lip_n4() -> None:
    """42 and 35 where the products of layer norms are 144 and 120."""
    cells = enumerate_regions(N4)
    assert [lipschitz_constant(cells, norm).value for norm in ("inf", "1")] == [42, 35]
    assert [product_bound(N4, norm) for norm in ("inf", "1")] == [144, 120]


@pytest.mark.parametrize("norm", ["1", "2", "inf"])
def test_against_the_naive_maximum(norm: str) -> None:
    """On random degenerate networks: the maximum over all cells of the exact norm, and at most the product bound."""
    chance = random.Random(20)
    for _ in range(15):
        net = random_layers(
            chance, [chance.randint(1, 3), chance.randint(1, 4), chance.randint(1, 3), chance.randint(1, 3)]
        )
        cells = enumerate_regions(net, HPolyhedron.cube(net.n_inputs, -2, 2))
        constant = lipschitz_constant(cells, norm)
        assert constant.value == max(cell_lipschitz(region, norm) for region in cells)
        assert constant.value <= product_bound(net, norm)
        assert cells[str(constant.configuration)].configuration == constant.configuration


@pytest.mark.parametrize("norm", ["1", "inf"])
def test_the_pair_attains_the_constant(norm: str) -> None:
    """Two evaluations prove the lower bound."""
    chance = random.Random(21)
    for _ in range(15):
        net = random_layers(chance, [2, 3, 3, 2])
        constant = lipschitz_constant(enumerate_regions(net, HPolyhedron.cube(2)), norm)
        assert constant.pair is not None
        x, y = constant.pair
        moved = [abs(a - b) for a, b in zip(x, y, strict=True)]
        rises = [abs(a - b) for a, b in zip(net(x), net(y), strict=True)]
        size = sum if norm == "1" else max
        assert x != y
        assert size(rises) == constant.value * size(moved)


def test_scores_keep_the_maximum_and_drop_the_rest() -> None:
    """The float filter is only allowed to drop cells that are certainly smaller; on generic weights it keeps one."""
    chance = random.Random(22)
    weights = [
        [[Fraction(chance.gauss(0, 1)) for _ in range(a)] for _ in range(b)] for a, b in ((2, 8), (8, 8), (8, 2))
    ]
    net = Network.from_weights(weights, [[Fraction(chance.gauss(0, 1)) for _ in row] for row in weights])
    cells = enumerate_regions(net, HPolyhedron.cube(2))
    for norm in Norm:
        kept = float_scores.candidates(net, cells.bit_array, norm)
        values = [cell_lipschitz(region, norm) for region in cells]
        assert values.index(max(values)) in kept
        assert len(kept) < len(cells) / 4


@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_ties_and_huge_weights_are_kept() -> None:
    """Equal cells stay candidates, and overflowing floats drop nothing that could win."""
    kept = float_scores.candidates(ABSOLUTE, np.array([[0, 1], [1, 0]], dtype=np.uint8), Norm.ONE)
    assert sorted(kept) == [0, 1]
    huge = Network.from_weights([[[10**200], [1]], [[10**200, 1]], [[1]]], [[0, 1], [0], [0]])
    for norm in ("1", "2", "inf"):
        constant = lipschitz_constant(enumerate_regions(huge, HPolyhedron.cube(1)), norm)
        assert constant.value == 10**400 + 1


def test_global_over_all_of_space() -> None:
    """The tight example has constant 2 in the 2-norm, on all of space."""
    assert lipschitz_constant(enumerate_regions(TIGHT), 2).value == 2


def test_local_constants() -> None:
    """The germ at a point, boxes around it, and at a kink the larger side."""
    assert [local_lipschitz(HAT, [x], "inf").value for x in (-1, 0, "1/2", 1, 2, 3)] == [0, 1, 1, 1, 1, 0]
    steep = Network.from_weights([[[1], [-1]], [[3, 5]]], [[0, 0], [0]])
    assert local_lipschitz(steep, [1], 1).value == 3
    assert local_lipschitz(steep, [0], 1).value == 5
    assert local_lipschitz(steep, [1], 1, radius="1/2").value == 3
    assert local_lipschitz(steep, [1], 1, radius=2).value == 5


def test_germ_is_the_limit_of_small_boxes() -> None:
    """The constant of the germ equals that of a small enough box, at degenerate points too."""
    chance = random.Random(23)
    for _ in range(10):
        net = random_layers(chance, [2, 3, 2, 1])
        x = [chance.randint(-1, 1), chance.randint(-1, 1)]
        germ = local_lipschitz(net, x, "inf").value
        radius = Fraction(1)
        while local_lipschitz(net, x, "inf", radius=radius).value != germ:
            radius /= 4
            assert radius > Fraction(1, 4**8)


def test_zero_outputs_and_constant_networks() -> None:
    """A constant network has constant 0 in every norm, attained by any pair."""
    flat = Network.from_weights([[[0, 0]], [[1]]], [[1], [0]])
    for norm in ("1", "2", "inf"):
        assert lipschitz_constant(enumerate_regions(flat), norm).value == 0


def test_refusals() -> None:
    """Half-open cells, incomplete lists, flat domains, bad radius."""
    with pytest.raises(InputError, match="full"):
        lipschitz_constant(enumerate_regions(HAT, cells="half-open"), "inf")
    with pytest.raises(InputError, match="stopped"):
        lipschitz_constant(enumerate_regions(N4, limit=1), "inf")
    flat = HPolyhedron.from_rows([([1, -1], "==", 0)])
    with pytest.raises(DomainError, match="interior"):
        lipschitz_constant(enumerate_regions(N4, flat), "inf")
    with pytest.raises(DomainError, match="interior"):
        lipschitz_constant(enumerate_regions(N4, HPolyhedron.box([0, 0], [-1, 0])), "inf")
    with pytest.raises(InputError, match="positive"):
        local_lipschitz(HAT, [0], "inf", radius=0)
    assert operator_norm(N4.output.augmented, "1") == 5
