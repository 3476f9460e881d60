"""Paths through active units, one at a time.

A *path* visits one unit in every hidden layer from `start` on; its weight is the product of the weights between them
and of the slopes of its units (1 for an active ReLU).  Summed over the paths from j to i these are the coefficients of
Theorem 5; over paths that start at unit k of a later layer, the path sums of the offset.

There are s_start ... s_{L-1} of them, so nothing in this package adds them up: coefficients are matrix products.  The
iterator is depth first and holds one path at a time; the product is shared by paths with the same beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from exactrelu.atoms.indices import require_index
from exactrelu.atoms.slopes import Factors, layer_slopes, support
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network

__all__ = ["Path", "iter_paths", "walk"]


class Path(NamedTuple):
    """Units visited, one in every hidden layer from `start` on, and the product of weights and slopes."""

    start: int
    units: tuple[int, ...]
    weight: Fraction


def iter_paths(
    network: Network,
    configuration: Configuration | str,
    *,
    start: int = 0,
    first: int | None = None,
    last: int | None = None,
) -> Iterator[Path]:
    """Yield the paths of a configuration through units with a non-zero slope, in lexicographic order.

    Args:
        start: hidden layer where the paths begin, from 0; later ones belong to biases.
        first: only paths that begin at this unit of layer `start`.
        last: only paths that end at this unit of the last hidden layer.

    Raises:
        ShapeError: not one bit for every unit.
        InputError: `start`, `first` or `last` is no layer or unit.

    Example:
        >>> net = Network.from_weights([[[1], [2]], [[3, 4], [5, 6]], [[1, 1]]], [[0, 0], [0, 0], [0]])
        >>> [(path.units, int(path.weight)) for path in iter_paths(net, "1111", last=1)]
        [((0, 1), 5), ((1, 1), 6)]
    """
    chosen = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
    slopes = layer_slopes(network, chosen) or ((Fraction(1),) * network.n_inputs,)
    start = require_index(start, len(slopes), name="start")
    stops = [list(support(layer)) for layer in slopes[start:]]
    if first is not None:
        first = require_index(first, len(slopes[start]), name="first")
        stops[0] = [k for k in stops[0] if k == first]
    if last is not None:
        last = require_index(last, len(slopes[-1]), name="last")
        stops[-1] = [k for k in stops[-1] if k == last]
    return walk(Factors.of(network), slopes, start, stops)


def walk(
    factors: Factors, slopes: Sequence[Sequence[Fraction]], start: int, stops: Sequence[Sequence[int]]
) -> Iterator[Path]:
    """Yield all paths that visit one unit of stops[l] in layer start + l, with the given slopes."""
    matrices = factors.matrices

    def extend(units: tuple[int, ...], weight: Fraction) -> Iterator[Path]:
        layer = start + len(units)
        if len(units) == len(stops):
            yield Path(start, units, weight)
            return
        for k in stops[len(units)]:
            factor = slopes[layer][k]
            if units:
                matrix = matrices[layer]
                factor = factor * Fraction(matrix.numerators[k][units[-1]], matrix.denominator)
            yield from extend((*units, k), weight * factor)

    return extend((), Fraction(1))
