"""Jumps across facets: sums over flipped units, rank one between neighbours, and not otherwise."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

from exactrelu.atoms.decomposition import Atoms
from exactrelu.atoms.jumps import jump, rank_one_factors
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.regions.adjacency import shared_facets
from exactrelu.regions.results import enumerate_regions

from .networks import E2, KINDS, N4, random_layers, random_widths

FACETS_E2 = {
    frozenset(("111", "110")): ((1, 1), -1),
    frozenset(("111", "101")): ((0, 1), 0),
    frozenset(("111", "011")): ((1, 0), 0),
    frozenset(("110", "100")): ((0, 0), 0),
    frozenset(("110", "010")): ((0, 0), 0),
    frozenset(("101", "100")): ((1, 0), -1),
    frozenset(("100", "000")): ((0, 0), 0),
    frozenset(("011", "010")): ((0, 1), -1),
    frozenset(("010", "000")): ((0, 0), 0),
}


def test_facets_e2() -> None:
    """The nine adjacent pairs and their jumps, in either direction up to sign."""
    cells = list(enumerate_regions(E2))
    found = {}
    for facet in shared_facets(cells):
        one, two = (cells[k].configuration.bits for k in (facet.negative, facet.positive))
        (row,) = jump(E2, max(one, two), min(one, two)).matrix.to_fractions()
        found[frozenset((one, two))] = (row[:-1], row[-1])
    assert found == FACETS_E2


def test_facets_e2_in_the_reference_file(shared_data: Path) -> None:
    """What is written out here is what the reference file says."""
    examples = json.loads((shared_data / "worked-examples.json").read_text())["examples"]
    (entry,) = (e for e in examples if e["id"] == "facets-e2")
    assert Network.from_weights(entry["weights"], entry["biases"]) == E2
    read = {frozenset((a, b)): (tuple(map(Fraction, n)), Fraction(t)) for a, b, n, t in entry["expected"]}
    assert read == FACETS_E2


def check_jump(net: Network, first: str, second: str) -> None:
    """The jump is the difference of the affine maps, and its paths are the change of the coefficients."""
    one = jump(net, first, second)
    assert one.matrix == affine_map(net, first).augmented - affine_map(net, second).augmented
    atoms = Atoms(net)
    change = atoms.decompose(first).path_sums[0] - atoms.decompose(second).path_sums[0]
    table = [[Fraction(0)] * change.n_columns for _ in range(change.n_rows)]
    for number, term in enumerate(one.terms):
        share = RationalMatrix.zeros(net.n_outputs, net.n_inputs)
        for path in one.iter_paths(number):
            assert path.units[term.unit.layer] == term.unit.position
            table[path.units[-1]][path.units[0]] += path.weight
            atom = atoms.atom(path.units[-1], path.units[0]).to_fractions()
            share = share + RationalMatrix.from_rows([[path.weight * a for a in row] for row in atom])
        assert share.to_fractions() == tuple(row[:-1] for row in term.matrix.to_fractions())
    assert RationalMatrix.from_rows(table, n_columns=change.n_columns) == change


def test_any_two_configurations() -> None:
    """The telescoping sum is exact for any pair, also far apart, and counts a path through two flipped units once."""
    chance = random.Random(10)
    for kinds in (KINDS[:1], KINDS):
        for _ in range(30):
            net = random_layers(chance, random_widths(chance, 4, 3), kinds)
            first, second = ("".join(chance.choice("01") for _ in range(net.n_units)) for _ in range(2))
            check_jump(net, first, second)


def test_neighbours_have_rank_at_most_one() -> None:
    """On random degenerate networks every shared facet has a jump u ⊗ (n | t) in the facet's hyperplane."""
    chance = random.Random(11)
    facets = 0
    for _ in range(12):
        net = random_layers(chance, [2, chance.randint(1, 4), chance.randint(1, 3), 2])
        cells = list(enumerate_regions(net))
        for facet in shared_facets(cells):
            one, two = cells[facet.negative].configuration, cells[facet.positive].configuration
            factors = jump(net, one, two).rank_one()
            assert factors is not None
            if any(factors.outward):
                assert (*factors.normal, factors.constant) == facet.hyperplane
            facets += 1
    assert facets > 50


def test_cells_that_share_no_facet_can_have_rank_two() -> None:
    """False variant: rank one for any two cells.  Opposite quadrants of (relu x0, relu x1) jump by the identity."""
    net = Network.from_weights([[[1, 0], [0, 1]], [[1, 0], [0, 1]]], [[0, 0], [0, 0]])
    assert jump(net, "11", "00").rank_one() is None
    assert jump(net, "11", "10").rank_one() is not None


def test_later_bias_paths() -> None:
    """Paths from a later layer's biases change, too; they begin at that layer."""
    first, second = "1111111", "1101111"
    one = jump(N4, first, second)
    atoms = Atoms(N4)
    change = atoms.decompose(first).path_sums[1] - atoms.decompose(second).path_sums[1]
    assert not any(map(any, change.numerators))
    assert list(one.iter_paths(0, start=1)) == []


def test_rank_one_factors() -> None:
    """Zero, one and two; a rectangular matrix; the sign of the right factor is canonical."""
    zero = rank_one_factors(RationalMatrix.zeros(2, 3))
    assert zero is not None
    assert not any(zero.outward)
    one = rank_one_factors(RationalMatrix.from_rows([[0, "-2/3", 4], [0, "1/3", -2]]))
    assert one is not None
    assert (one.outward, one.normal, one.constant) == ((Fraction(-2, 3), Fraction(1, 3)), (0, 1), -6)
    assert rank_one_factors(RationalMatrix.from_rows([[1, 0, 0], [0, 0, 1]])) is None
