"""Theorem 5: decompositions re-sum exactly, counts are those of the theorem, and a wrong one is noticed."""

from __future__ import annotations

import dataclasses
import json
import random
import time
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest

from exactrelu.atoms.decomposition import AtomicDecomposition, Atoms, atomic_decomposition
from exactrelu.errors import ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions

from .networks import E2, KINDS, N4, random_layers, random_point, random_widths


def test_thm5_n4() -> None:
    """The worked example at (1, 1): coefficients, path counts, offsets, linear part, offset, value."""
    piece = Atoms(N4).at([1, 1])
    assert piece.configuration.bits == "1011111"
    assert N4.preactivations([1, 1]) == ((4, 0, 2), (8, 9), (16, 19))
    assert piece.coefficients == {(0, 0): 3, (0, 2): 2, (1, 0): 5, (1, 2): -2}
    assert (piece.n_paths_per_coefficient, piece.n_paths) == (2, 8)
    assert (piece.n_atoms_formal, piece.n_atoms_nonzero) == (4, 4)
    assert piece.offsets == {0: 1, 1: 10}
    assert (piece.affine_map.linear, piece.affine_map.offset) == (((7, 26),), (26,))
    assert piece.affine_map([1, 1]) == N4.evaluate([1, 1]) == (59,)


PIECES_N4 = {
    "1111111": ((-1, 34), 26),
    "1101111": ((5, 34), 24),
    "1100111": ((7, 35), 25),
    "1011111": ((7, 26), 26),
    "1011110": ((9, 6), 6),
    "1001111": ((13, 26), 24),
    "0100111": ((-7, 7), 11),
    "0011111": ((-6, 0), 13),
    "0011110": ((6, 0), 3),
    "0000101": ((0, 0), 11),
}


def test_pieces_n4() -> None:
    """The ten pieces of the four-layer network, each from its atoms."""
    atoms = Atoms(N4)
    found = {r.configuration.bits: atoms.decompose(r.configuration).affine_map for r in enumerate_regions(N4)}
    assert {bits: (one.linear[0], one.offset[0]) for bits, one in found.items()} == PIECES_N4


@pytest.mark.parametrize("name", ["thm5-n4", "pieces-n4"])
def test_reference_file_has_the_same_examples(name: str, shared_data: Path) -> None:
    """What is written out here is what the reference file says."""
    (entry,) = (
        e for e in json.loads((shared_data / "worked-examples.json").read_text())["examples"] if e["id"] == name
    )
    assert Network.from_weights(entry["weights"], entry["biases"]) == N4
    expected = entry["expected"]
    if name == "pieces-n4":
        read = {
            bits: (tuple(map(Fraction, linear[0])), Fraction(offset[0])) for bits, (linear, offset) in expected.items()
        }
        assert read == PIECES_N4
        return
    piece = atomic_decomposition(N4, expected["config"])
    assert {f"{i},{j}": str(a) for (i, j), a in piece.coefficients.items()} == expected["alpha"]
    assert {str(i): str(b) for i, b in piece.offsets.items()} == expected["beta"]
    assert (piece.n_atoms_formal, piece.n_paths_per_coefficient) == (
        expected["n_atoms"],
        expected["paths_per_coefficient"],
    )
    assert [[str(a) for a in row] for row in piece.affine_map.linear] == expected["A"]


def check(piece: AtomicDecomposition) -> None:
    """Everything that Theorem 5 says about one decomposition."""
    assert piece.defect() is None
    sizes = [len(active) for active in piece.supports]
    assert piece.n_paths == prod(sizes)
    assert piece.n_atoms_formal == (sizes[0] if len(sizes) == 1 else sizes[0] * sizes[-1])
    assert piece.n_atoms_nonzero <= piece.n_atoms_formal
    assert piece.n_atoms_independent <= min(piece.n_atoms_nonzero, piece.network.n_inputs * piece.network.n_outputs)
    assert piece.rank <= min(piece.rank_bound, piece.n_atoms_independent)
    if piece.n_paths <= 300:
        totals = dict.fromkeys(piece.pairs, Fraction(0))
        count = 0
        for path in piece.iter_paths():
            totals[path.units[-1], path.units[0]] += path.weight
            count += 1
        assert totals == piece.coefficients
        assert count == piece.n_paths
    for i, beta in piece.offsets.items():
        assert beta == sum(weight * bias for _, _, weight, bias in piece.offset_terms(i))


def test_random_networks() -> None:
    """ReLU networks with 2 to 6 affine layers: re-summation, counts and path sums, at points and at random bits."""
    chance = random.Random(5)
    for _ in range(60):
        net = random_layers(chance, random_widths(chance, 6, 4))
        atoms = Atoms(net)
        for _ in range(3):
            check(atoms.at(random_point(chance, net.n_inputs)))
        check(atoms.decompose("".join(chance.choice("01") for _ in range(net.n_units))))


def test_other_activations() -> None:
    """Leaky, absolute-value, decreasing and linear units: slopes take the place of the 0/1 diagonal."""
    chance = random.Random(6)
    for _ in range(30):
        net = random_layers(chance, random_widths(chance, 4, 3), KINDS)
        x = random_point(chance, net.n_inputs)
        piece = Atoms(net).at(x)
        check(piece)
        assert piece.affine_map(x) == net.evaluate(x)


def test_polytope_expression() -> None:
    """(12): b^L + sum c_i(x) m^L_{:,i} is the value, and c_i(x) > 0 for ReLU."""
    chance = random.Random(7)
    for _ in range(30):
        net = random_layers(chance, random_widths(chance, 5, 4))
        x = random_point(chance, net.n_inputs)
        piece = Atoms(net).at(x)
        weights = piece.weights_at(x)
        value = list(net.output.offset)
        for i, c in weights.items():
            assert c > 0
            value = [v + c * m for v, m in zip(value, piece.atoms.column(i), strict=True)]
        assert tuple(value) == net.evaluate(x)


def test_two_affine_layers_are_diagonal() -> None:
    """For L = 2 only i = j occurs; the full double sum would be another map."""
    net = Network.from_weights([[[1], [2]], [[3, 5]]], [[0, 0], [0]])
    piece = atomic_decomposition(net, "11")
    assert piece.pairs == ((0, 0), (1, 1))
    double = sum((piece.atoms.atom(i, j).to_fractions()[0][0] for i in range(2) for j in range(2)), Fraction(0))
    assert piece.affine_map.linear[0][0] == 13
    assert double == 24


def test_no_hidden_layer() -> None:
    """Without units the inputs stand in for them: columns of the matrix times unit rows."""
    net = Network.from_weights([[[2, 3], [0, 1]]], [[1, "1/2"]])
    piece = atomic_decomposition(net, "")
    check(piece)
    assert piece.coefficients == {(0, 0): 1, (1, 1): 1}


@pytest.mark.parametrize("bits", ["0000000", "1110011", "0001111"])
def test_empty_layers(bits: str) -> None:
    """Where a whole layer is off the linear part is zero and the rank bound says so."""
    piece = atomic_decomposition(N4, bits)
    check(piece)
    assert (piece.rank, piece.rank_bound, piece.n_paths) == (0, 0, 0)
    assert not any(piece.affine_map.linear[0])


def test_counts_are_different_things() -> None:
    """Cancelling paths: four formal atoms, two with a coefficient, one dimension, rank one."""
    net = Network.from_weights([[[1, 1], [1, 1]], [[1, 1], [1, -1]], [[1, -1], [1, 1]], [[1, 2]]], [[0, 0]] * 3 + [[0]])
    piece = atomic_decomposition(net, "111111")
    assert piece.coefficients == {(0, 0): 0, (0, 1): 2, (1, 0): 2, (1, 1): 0}
    assert (piece.n_atoms_formal, piece.n_atoms_nonzero, piece.n_atoms_independent, piece.rank) == (4, 2, 1, 1)


def test_independent_atoms() -> None:
    """Two independent columns and two independent rows span four dimensions, whether or not all four atoms occur."""
    eye = [[1, 0], [0, 1]]
    full = Network.from_weights([eye, [[1, 1], [1, 2]], eye], [[0, 0]] * 3)
    assert atomic_decomposition(full, "1111").n_atoms_independent == 4
    sparse = Network.from_weights([eye, [[1, 0], [1, 2]], eye], [[0, 0]] * 3)
    assert atomic_decomposition(sparse, "1111").n_atoms_independent == 3


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_wrong_path_sum_is_noticed(layer: int) -> None:
    """Changing one entry of any matrix of path sums gives a defect."""
    piece = atomic_decomposition(N4, "1011111")
    sums = list(piece.path_sums)
    rows = [list(row) for row in sums[layer].numerators]
    rows[0][0] += 1
    sums[layer] = RationalMatrix.from_integers(rows, sums[layer].denominator)
    wrong = dataclasses.replace(piece, path_sums=tuple(sums))
    assert wrong.defect() is not None


def test_a_missing_support_is_noticed() -> None:
    """Leaving an active unit out of the sum gives a defect."""
    piece = atomic_decomposition(N4, "1011111")
    assert dataclasses.replace(piece, supports=((0,), *piece.supports[1:])).defect() is not None


def test_path_sums_are_shared() -> None:
    """Configurations that agree from a layer on share its path sums; flipping a first unit costs one product."""
    atoms = Atoms(N4)
    one, two = atoms.decompose("1011111"), atoms.decompose("0011111")
    assert one.path_sums[1] is two.path_sums[1]
    assert one.path_sums[2] is two.path_sums[2]
    assert atoms.atom(1, 2) is atoms.atom(1, 2)
    forgetful = Atoms(N4, capacity=1)
    assert [forgetful.decompose(bits).affine_map for bits in PIECES_N4] == [affine_map(N4, bits) for bits in PIECES_N4]


def test_wrong_length_is_refused() -> None:
    """One bit for every unit."""
    with pytest.raises(ShapeError, match="3 units"):
        atomic_decomposition(E2, "11")


def test_deep_network_needs_no_paths() -> None:
    """20 layers of width 20, all units active: 5e24 paths, decomposed without enumerating them."""
    chance = random.Random(8)
    weights = [[[Fraction(chance.randint(1, 255), 256) for _ in range(20)] for _ in range(20)] for _ in range(20)]
    net = Network.from_weights(weights, [[Fraction(1, 4)] * 20] * 20)
    x = [Fraction(1)] * 20
    start = time.process_time()
    piece = Atoms(net).at(x)
    alpha, beta = piece.coefficients, piece.offsets
    seconds = time.process_time() - start
    assert (piece.n_paths, len(alpha), len(beta)) == (20**19, 400, 20)
    assert seconds < 1  # 0.1 s on an idle machine; see benchmarks/atoms_bounds.py
    assert piece.affine_map(x) == net.evaluate(x)
    first = next(iter(piece.iter_paths()))
    assert first.units == (0,) * 19
    assert configuration_at(net, x) == piece.configuration
