"""All ReLU networks with weights and biases -1, 0 and 1, the smallest first.

Architectures with one output come by hidden units, then hidden layers, then inputs; the networks of one architecture
by the number of entries that are not zero.  Two networks that differ only in the order of the units of a layer are
one: the rows of every hidden layer are sorted by their incoming weights and bias.  (Units with equal rows but
different outgoing weights may still come in both orders.)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, count, pairwise, product

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["iter_architectures", "iter_networks"]


def iter_architectures(*, max_inputs: int = 2, max_layers: int = 2) -> Iterator[tuple[int, ...]]:
    """Yield widths without end: by units, then hidden layers, then inputs.

    >>> architectures = iter_architectures()
    >>> [next(architectures) for _ in range(5)]
    [(1, 1, 1), (2, 1, 1), (1, 2, 1), (2, 2, 1), (1, 1, 1, 1)]
    """
    for units in count(1):
        for layers in range(1, min(units, max_layers) + 1):
            for inputs in range(1, max_inputs + 1):
                for cuts in combinations(range(1, units), layers - 1):
                    yield (inputs, *(b - a for a, b in pairwise((0, *cuts, units))), 1)


def iter_networks(widths: tuple[int, ...]) -> Iterator[Network]:
    """Yield all networks of an architecture with entries -1, 0 and 1, by the number of entries that are not zero.

    >>> sum(1 for _ in iter_networks((1, 1, 1))), sum(1 for _ in iter_networks((1, 2, 1))), 3**4, 3**7
    (81, 1215, 81, 2187)
    """
    sizes = [(after, before + 1) for before, after in pairwise(widths)]
    total = sum(rows * columns for rows, columns in sizes)
    for non_zero in range(total + 1):
        for places in combinations(range(total), non_zero):
            for signs in product((1, -1), repeat=non_zero):
                entries = [0] * total
                for place, sign in zip(places, signs, strict=True):
                    entries[place] = sign
                layers = list(_cut(entries, sizes))
                if all(one >= two for rows in layers[:-1] for one, two in pairwise(rows)):
                    yield _build(layers)


def _cut(entries: list[int], sizes: list[tuple[int, int]]) -> Iterator[list[tuple[int, ...]]]:
    start = 0
    for rows, columns in sizes:
        yield [tuple(entries[start + k * columns : start + (k + 1) * columns]) for k in range(rows)]
        start += rows * columns


def _build(layers: list[list[tuple[int, ...]]]) -> Network:
    maps = [AffineMap(RationalMatrix(tuple(rows), 1, len(rows[0]))) for rows in layers]
    return Network(tuple(Layer(affine, (RELU,) * affine.n_outputs) for affine in maps[:-1]), maps[-1])
