"""Formulas (11) and (12) in symbols: proved for all configurations, refuted when changed, equal to the numbers."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest
import sympy

from exactrelu.atoms.decomposition import Atoms, atomic_decomposition
from exactrelu.atoms.identity import (
    Formula,
    GenericNetwork,
    IdentityMismatch,
    IdentityProof,
    Terms,
    path_formula,
    prove_identity,
)
from exactrelu.atoms.symbolic import input_expressions, symbolic_decomposition
from exactrelu.errors import BudgetExceeded, InputError, ShapeError

from .networks import KINDS, N4, random_layers, random_point, random_widths


def test_identity_for_small_architectures() -> None:
    """All architectures with up to four affine layers and widths up to 3, and the largest with five."""
    sizes = [w for depth in range(2, 5) for w in product((1, 2, 3), repeat=depth + 1)] + [(3,) * 6]
    proofs = [prove_identity(widths) for widths in sizes]
    assert all(isinstance(proof, IdentityProof) for proof in proofs)
    assert len(proofs) == 27 + 81 + 243 + 1


def _without_a_bias(network: GenericNetwork) -> list[list[Terms]]:
    return [[*row[:-1], row[-1][1:]] for row in path_formula(network)]


def _without_first_diagonal(network: GenericNetwork) -> list[list[Terms]]:
    first = set(network.diagonals[0])
    return [[[tuple(v for v in t if v not in first) for t in terms] for terms in row] for row in path_formula(network)]


def _double_sum(network: GenericNetwork) -> list[list[Terms]]:
    """The sum over i and j also for two affine layers, where only i = j belongs."""
    rows = path_formula(network)
    first, last, mask = network.weights[0], network.weights[-1], network.diagonals[0]
    for r, row in enumerate(rows):
        for c in range(network.widths[0]):
            units = range(network.widths[1])
            row[c] = [(last[r][i], first[j][c], mask[i], mask[j]) for i in units for j in units]
    return rows


def _swapped_outputs(network: GenericNetwork) -> list[list[Terms]]:
    return path_formula(network)[::-1]


@pytest.mark.parametrize(
    ("mutant", "widths"),
    [
        (_without_a_bias, (2, 2, 1)),
        (_without_first_diagonal, (2, 2, 2, 1)),
        (_double_sum, (1, 2, 1)),
        (_swapped_outputs, (1, 2, 2)),
    ],
)
def test_wrong_formulas_are_refuted(mutant: Formula, widths: tuple[int, ...]) -> None:
    """Each false variant differs in a polynomial, which is shown."""
    answer = prove_identity(widths, formula=mutant)
    assert isinstance(answer, IdentityMismatch)
    assert answer.difference != "0"


@pytest.mark.parametrize("widths", [(1, 2, 1), (2, 1, 2, 1), (1, 2, 2, 1), (2, 2, 1, 2, 1)])
def test_every_configuration_in_sympy(widths: tuple[int, ...]) -> None:
    """The written-out path sums equal the matrix product with 0/1 diagonals, configuration by configuration."""
    for bits in product("01", repeat=sum(widths[1:-1])):
        one = symbolic_decomposition(widths, "".join(bits))
        linear, offset = one.matrix_product()
        assert (one.linear - linear).expand() == sympy.zeros(*linear.shape)
        assert (one.offset - offset).expand() == sympy.zeros(*offset.shape)


def test_formal_pairs() -> None:
    """Symbols and numbers have the same formal terms; for two affine layers these are i = j only."""
    assert list(symbolic_decomposition([1, 2, 1], "11").alpha) == [(0, 0), (1, 1)]
    assert tuple(symbolic_decomposition(N4.widths, "1011111").alpha) == atomic_decomposition(N4, "1011111").pairs


def test_symbols_with_numbers_put_in() -> None:
    """Substituting a network's weights gives its numeric coefficients."""
    one = symbolic_decomposition(N4.widths, "1011111")
    values = {}
    for weights, bias, affine in zip(one.weights, one.biases, N4.affine_maps, strict=True):
        for i in range(weights.rows):
            values[bias[i]] = sympy.Rational(affine.offset[i])
            for j in range(weights.cols):
                values[weights[i, j]] = sympy.Rational(affine.linear[i][j])
    assert {pair: int(alpha.subs(values)) for pair, alpha in one.alpha.items()} == {
        (0, 0): 3,
        (0, 2): 2,
        (1, 0): 5,
        (1, 2): -2,
    }
    assert {i: int(beta.subs(values)) for i, beta in one.beta.items()} == {0: 1, 1: 10}


def test_expressions_in_the_input() -> None:
    """Evaluated at the point, outputs and c_i(x) are those of the network, for any activations."""
    chance = random.Random(12)
    for _ in range(10):
        net = random_layers(chance, random_widths(chance, 4, 3), KINDS)
        x = random_point(chance, net.n_inputs)
        piece = Atoms(net).at(x)
        formulas = input_expressions(piece)
        values = {s: sympy.Rational(a.numerator, a.denominator) for s, a in zip(formulas.inputs, x, strict=True)}
        read = [Fraction(str(sympy.sympify(f).subs(values))) for f in formulas.outputs]
        assert tuple(read) == net.evaluate(x)
        found = {i: Fraction(str(sympy.sympify(c).subs(values))) for i, c in formulas.weights.items()}
        assert found == piece.weights_at(x)


def test_latex_is_balanced() -> None:
    """Braces and \\left/\\right pairs match, and every atom occurs."""
    text = symbolic_decomposition([2, 2, 2, 2, 1], "111111").latex()
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert text.count(r"\otimes") == 4


def test_empty_support() -> None:
    """A configuration with nothing active leaves the output bias."""
    one = symbolic_decomposition([2, 2, 1], "00")
    assert (one.alpha, one.beta) == ({}, {})
    assert list(one.offset) == [sympy.Symbol("b2_0")]


def test_refusals() -> None:
    """Too few widths, a bit too many, too many paths to write out."""
    for call in (prove_identity, GenericNetwork.of, lambda widths: symbolic_decomposition(widths, "")):
        with pytest.raises(InputError, match="widths"):
            call([2, 1])
    with pytest.raises(ShapeError, match="2 units"):
        symbolic_decomposition([1, 2, 1], "111")
    with pytest.raises(BudgetExceeded, match="paths"):
        symbolic_decomposition([1] + [10] * 6 + [1], "1" * 60)
    assert atomic_decomposition(N4, "1111111").n_paths == 12
