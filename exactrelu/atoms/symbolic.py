"""Atomic decompositions with symbols, as SymPy expressions.

Two kinds:

* `symbolic_decomposition`: symbols for all weights and biases of an architecture, one configuration; alpha and beta are
    the path sums
  of (11) and (12), written out.  That they equal the matrix product is proved, for all configurations, in `identity`.
* `input_expressions`: the numbers of a network, symbols for the input: c_i(x) of (12) and the outputs.

Symbols: `m2_0_1` is the entry (0, 1) of M^2, `b2_0` of b^2, `x0` an input; layers count from 1 as in the paper, indices
from 0. SymPy is used for output only; nothing here decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from itertools import product as tuples
from typing import Any

import sympy

from exactrelu.atoms.decomposition import AtomicDecomposition
from exactrelu.errors import BudgetExceeded, InputError, ShapeError
from exactrelu.networks.configuration import Configuration

__all__ = ["InputExpressions", "SymbolicDecomposition", "input_expressions", "symbolic_decomposition"]

_MOST_PATHS = 100_000


@dataclass(frozen=True)
class SymbolicDecomposition:
    """Formulas (11) and (12) of one configuration of an architecture.

    Fields:
        widths, configuration: what was asked; one bit for every hidden unit.
        supports: positions of the bits 1 in every hidden layer.
        weights, biases: SymPy matrices of symbols, one for every affine layer.
        alpha, beta: path sums for every formal pair (i, j) and every active last hidden unit i.
    """

    widths: tuple[int, ...]
    configuration: Configuration
    supports: tuple[tuple[int, ...], ...]
    weights: tuple[Any, ...] = field(repr=False)
    biases: tuple[Any, ...] = field(repr=False)
    alpha: dict[tuple[int, int], Any] = field(repr=False)
    beta: dict[int, Any] = field(repr=False)

    @property
    def linear(self) -> Any:
        """A = sum alpha_ij m^L_{:,i} m^1_{j,:}, a matrix of expressions."""
        total = sympy.zeros(self.widths[-1], self.widths[0])
        for (i, j), alpha in self.alpha.items():
            total += alpha * self.weights[-1][:, i] * self.weights[0][j, :]
        return total

    @property
    def offset(self) -> Any:
        """c = b^L + sum beta_i m^L_{:,i}, a column of expressions."""
        total = self.biases[-1]
        for i, beta in self.beta.items():
            total = total + beta * self.weights[-1][:, i]
        return total

    def matrix_product(self) -> tuple[Any, Any]:
        """Return (A, c) by the recursion with 0/1 diagonals instead, expanded."""
        linear, offset = self.weights[0], self.biases[0]
        for weights, bias, active in zip(self.weights[1:], self.biases[1:], self.supports, strict=True):
            diagonal = sympy.diag(*(int(k in active) for k in range(weights.cols)))
            linear, offset = weights * diagonal * linear, weights * diagonal * offset + bias
        return linear.expand(), offset.expand()

    def latex(self) -> str:
        r"""Return A and c as sums of atoms in LaTeX, with the path sums written out.

        >>> print(symbolic_decomposition([1, 2, 1], "10").latex())
        A = m^{2}_{:,0} \otimes m^{1}_{0,:}
        c = b^{2} + \left(b^{1}_{0}\right) m^{2}_{:,0}
        """
        names = self._latex_names()
        last = len(self.weights)
        terms = []
        for (i, j), alpha in self.alpha.items():
            factor = "" if alpha == 1 else rf"\left({sympy.latex(alpha, symbol_names=names)}\right) "
            terms.append(rf"{factor}m^{{{last}}}_{{:,{i}}} \otimes m^{{1}}_{{{j},:}}")
        offsets = [f"b^{{{last}}}"] + [
            rf"\left({sympy.latex(beta, symbol_names=names)}\right) m^{{{last}}}_{{:,{i}}}"
            for i, beta in self.beta.items()
        ]
        return f"A = {' + '.join(terms) or '0'}\nc = {' + '.join(offsets)}"

    def _latex_names(self) -> dict[Any, str]:
        names: dict[Any, str] = {}
        for layer, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            for i in range(weights.rows):
                names[bias[i]] = f"b^{{{layer}}}_{{{i}}}"
                for j in range(weights.cols):
                    names[weights[i, j]] = f"m^{{{layer}}}_{{{i},{j}}}"
        return names

    def _repr_latex_(self) -> str:
        return "$" + self.latex().replace("\n", r",\quad ") + "$"


def symbolic_decomposition(widths: Sequence[int], configuration: Configuration | str) -> SymbolicDecomposition:
    """Return formulas (11) and (12) for ReLU layers of the given widths, with symbols for all parameters.

    Args:
        widths: n_0, ..., n_L with at least one hidden layer.
        configuration: one bit for every hidden unit.

    Raises:
        InputError: fewer than three widths, or a width below 1.
        ShapeError: not one bit for every hidden unit.
        BudgetExceeded: more than 100 000 paths, all of which would be written out.

    Source: [HH19, Theorem 5, (11), (12)].

    Example:
        >>> three = symbolic_decomposition([2, 2, 2, 1], "1110")
        >>> three.alpha, three.beta
        ({(0, 0): m2_0_0, (0, 1): m2_0_1}, {0: b1_0*m2_0_0 + b1_1*m2_0_1 + b2_0})
    """
    sizes = tuple(widths)
    if len(sizes) < 3 or min(sizes) < 1:
        raise InputError(f"widths is {sizes}; pass input, one or more hidden, and output width, all positive")
    chosen = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
    if len(chosen) != sum(sizes[1:-1]):
        raise ShapeError(f"configuration has {len(chosen)} bits; the hidden layers have {sum(sizes[1:-1])} units")
    bits = iter(chosen)
    supports = tuple(tuple(k for k, bit in enumerate([next(bits) for _ in range(m)]) if bit) for m in sizes[1:-1])
    n_paths = math.prod(map(len, supports))
    if n_paths > _MOST_PATHS:
        raise BudgetExceeded(f"{n_paths} paths would be written out; the numeric decomposition needs none of them")
    weights, biases = [], []
    for layer, (n, m) in enumerate(pairwise(sizes), start=1):
        weights.append(sympy.Matrix(m, n, [_symbol("m", layer, i, j) for i in range(m) for j in range(n)]))
        biases.append(sympy.Matrix(m, 1, [_symbol("b", layer, i) for i in range(m)]))
    depth = len(supports)

    def path_sum(start: int, k: int, i: int) -> Any:
        """Sum over the active paths from unit k of hidden layer `start` to unit i of the last (layers from 0)."""
        if start == depth - 1:
            return sympy.Integer(int(k == i))
        products = []
        for middle in tuples(*supports[start + 1 : -1]):
            units = (k, *middle, i)
            products.append(sympy.Mul(*(weights[start + 1 + s][b, a] for s, (a, b) in enumerate(pairwise(units)))))
        return sympy.Add(*products)

    pairs = [(i, j) for i in supports[-1] for j in supports[0] if depth > 1 or i == j]
    alpha = {(i, j): path_sum(0, j, i) for i, j in pairs}
    beta = {}
    for i in supports[-1]:
        terms = [biases[depth - 1][i]]
        for start in range(depth - 1):
            terms += [sympy.expand(path_sum(start, k, i) * biases[start][k]) for k in supports[start]]
        beta[i] = sympy.Add(*terms)
    return SymbolicDecomposition(sizes, chosen, supports, tuple(weights), tuple(biases), alpha, beta)


@dataclass(frozen=True, slots=True)
class InputExpressions:
    """The polytope expression (12) of a piece with the network's numbers and symbols for the input.

    inputs: x0, x1, ...; weights: c_i(x) for every active last hidden unit i; outputs: one expression for every output.
    """

    inputs: tuple[Any, ...]
    weights: dict[int, Any]
    outputs: tuple[Any, ...]


def input_expressions(decomposition: AtomicDecomposition) -> InputExpressions:
    """Return c_i(x) and b^L + sum c_i(x) m^L_{:,i} as expressions in x0, x1, ...

    Source: [HH19, (12)].

    Example:
        >>> from exactrelu.atoms.decomposition import atomic_decomposition
        >>> from exactrelu.networks.network import Network
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, "-1/2"], [0]])
        >>> piece = input_expressions(atomic_decomposition(hat, "11"))
        >>> piece.weights, piece.outputs
        ({0: x0, 1: x0 - 1/2}, (1 - x0,))
    """
    network, atoms = decomposition.network, decomposition.atoms
    inputs = tuple(sympy.Symbol(f"x{k}", real=True) for k in range(network.n_inputs))
    weights = {i: _rational(beta) for i, beta in decomposition.offsets.items()}
    for (i, j), alpha in decomposition.coefficients.items():
        form = sympy.Add(*(_rational(a) * x for a, x in zip(atoms.row(j), inputs, strict=True)))
        weights[i] = sympy.expand(weights[i] + _rational(alpha) * form)
    outputs = []
    for r, base in enumerate(network.output.offset):
        terms = [weight * _rational(atoms.column(i)[r]) for i, weight in weights.items()]
        outputs.append(sympy.expand(sympy.Add(_rational(base), *terms)))
    return InputExpressions(inputs, weights, tuple(outputs))


def _symbol(kind: str, *numbers: int) -> Any:
    return sympy.Symbol(kind + "_".join(map(str, numbers)))


def _rational(value: Any) -> Any:
    return sympy.Rational(value.numerator, value.denominator)
