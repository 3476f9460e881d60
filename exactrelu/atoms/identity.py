"""The identity behind Theorem 5, proved as an identity of polynomials, for one architecture and all configurations at
once.

Every weight, every bias and every diagonal entry of D_1, ..., D_{L-1} is a variable.  Two expressions are expanded over
Z:

* formula: the sums over paths, term by term: (11) for the linear part, (12) for the offset;
* product: the recursion A <- M D A, c <- M D c + b of the affine map, as products of polynomial matrices.

Setting a diagonal entry to 0 or 1 is a ring homomorphism; it turns the formula into the sum over the paths through the
supports S_l, and the product into the affine map of that configuration.  So equal polynomials prove Theorem 5 for
all 2^(sum of the hidden widths) configurations, and for any other slopes, too.  A wrong formula is returned with its
difference from the product.

Cost: the number of paths, which is exponential in the depth; meant for architectures of a few units a layer.
Source: the theorem is [HH19, Theorem 5]; the proof with a variable diagonal is own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from itertools import product as tuples
from typing import Any

import flint

from exactrelu.errors import InputError

__all__ = ["GenericNetwork", "IdentityMismatch", "IdentityProof", "path_formula", "prove_identity"]

# A sum of monomials: each is the tuple of its variables' numbers.
Terms = list[tuple[int, ...]]
Formula = Callable[["GenericNetwork"], list[list[Terms]]]


@dataclass(frozen=True, slots=True)
class IdentityProof:
    """Formula and product agree in every entry of (A | c)."""

    widths: tuple[int, ...]
    n_variables: int
    n_monomials: int

    @property
    def n_configurations(self) -> int:
        """Number of configurations that the one identity covers."""
        return 1 << sum(self.widths[1:-1])


@dataclass(frozen=True, slots=True)
class IdentityMismatch:
    """An entry (row, column) of (A | c) where the formula differs, and formula minus product as text."""

    widths: tuple[int, ...]
    row: int
    column: int
    difference: str


@dataclass(frozen=True, slots=True)
class GenericNetwork:
    """An architecture whose parameters are variables, numbered from 0 in the order of `names`.

    weights[l][i][j], biases[l][i] belong to affine layer l (from 0), diagonals[l][i] to hidden layer l.
    """

    widths: tuple[int, ...]
    names: tuple[str, ...]
    weights: tuple[tuple[tuple[int, ...], ...], ...]
    biases: tuple[tuple[int, ...], ...]
    diagonals: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, widths: Sequence[int]) -> GenericNetwork:
        """Number the variables of an architecture n_0, ..., n_L.

        Raises:
            InputError: fewer than three widths (no hidden layer), or a width below 1.
        """
        sizes = tuple(widths)
        if len(sizes) < 3 or min(sizes) < 1:
            raise InputError(f"widths is {sizes}; pass input, one or more hidden, and output width, all positive")
        names: list[str] = []
        number = count()

        def new(name: str) -> int:
            names.append(name)
            return next(number)

        layers = list(enumerate(pairwise(sizes), start=1))
        weights = tuple(
            tuple(tuple(new(f"m{layer}_{i}_{j}") for j in range(n)) for i in range(m)) for layer, (n, m) in layers
        )
        biases = tuple(tuple(new(f"b{layer}_{i}") for i in range(m)) for layer, (_, m) in layers)
        diagonals = tuple(tuple(new(f"d{layer}_{i}") for i in range(m)) for layer, (_, m) in layers[:-1])
        return cls(sizes, tuple(names), weights, biases, diagonals)


def path_formula(network: GenericNetwork) -> list[list[Terms]]:
    """Return the entries of (A | c) by (11) and (12): one monomial for each path, the offset in the last column.

    A path k_1, ..., k_{L-1} contributes m^L_{r,k_{L-1}} ... m^2_{k_2,k_1} m^1_{k_1,c} times its diagonal entries to
    A_{r,c}; one that starts at the bias of a later layer contributes to c_r; b^L_r is a path of its own.
    """
    depth = len(network.diagonals)
    rows: list[list[Terms]] = []
    for r in range(network.widths[-1]):
        entries: list[Terms] = [[] for _ in range(network.widths[0] + 1)]
        entries[-1].append((network.biases[-1][r],))
        for start in range(depth):
            for units in tuples(*(range(m) for m in network.widths[start + 1 : -1])):
                term = [network.weights[-1][r][units[-1]], network.diagonals[start][units[0]]]
                for layer, (j, i) in enumerate(pairwise(units), start=start + 1):
                    term += [network.weights[layer][i][j], network.diagonals[layer][i]]
                entries[-1].append((*term, network.biases[start][units[0]]))
                if start == 0:
                    for c in range(network.widths[0]):
                        entries[c].append((*term, network.weights[0][units[0]][c]))
        rows.append(entries)
    return rows


def prove_identity(widths: Sequence[int], *, formula: Formula = path_formula) -> IdentityProof | IdentityMismatch:
    """Compare a formula for (A | c) with the matrix product, as polynomials in all parameters and diagonal entries.

    Args:
        widths: n_0, ..., n_L with at least one hidden layer.
        formula: what to compare; the path sums of Theorem 5 unless something else (a wrong one, in a test) is given.

    Raises:
        InputError: fewer than three widths, or a width below 1.

    Example:
        >>> prove_identity([1, 2, 1])
        IdentityProof(widths=(1, 2, 1), n_variables=9, n_monomials=5)
        >>> prove_identity([2, 3, 2, 1]).n_configurations
        32
    """
    network = GenericNetwork.of(widths)
    context = flint.fmpz_mpoly_ctx.get(network.names, flint.Ordering.lex)
    product = _matrix_product(network, context.gens())
    n_monomials = 0
    for r, entries in enumerate(formula(network)):
        for c, terms in enumerate(entries):
            expected = _polynomial(context, terms)
            if expected != product[r][c]:
                return IdentityMismatch(network.widths, r, c, str(expected - product[r][c]))
            n_monomials += len(product[r][c])
    return IdentityProof(network.widths, len(network.names), n_monomials)


def _polynomial(context: Any, terms: Terms) -> Any:
    """Collect monomials, without multiplying polynomials."""
    table: Counter[tuple[int, ...]] = Counter()
    for term in terms:
        exponents = [0] * context.nvars()
        for variable in term:
            exponents[variable] += 1
        table[tuple(exponents)] += 1
    return context.from_dict(dict(table))


def _matrix_product(network: GenericNetwork, generators: Sequence[Any]) -> list[list[Any]]:
    """(A | c) by the forward recursion, with polynomial entries."""
    maps = [
        [[generators[v] for v in (*row, bias)] for row, bias in zip(weights, biases, strict=True)]
        for weights, biases in zip(network.weights, network.biases, strict=True)
    ]
    value = maps[0]
    for augmented, diagonal in zip(maps[1:], network.diagonals, strict=True):
        active = [[generators[d] * entry for entry in row] for d, row in zip(diagonal, value, strict=True)]
        after = []
        for row in augmented:
            sums = [sum((m * a[c] for m, a in zip(row, active, strict=False)), 0) for c in range(len(value[0]))]
            sums[-1] = sums[-1] + row[-1]
            after.append(sums)
        value = after
    return value
