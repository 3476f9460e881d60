"""When one network is smaller than another, and steps that make a network smaller.

The size is compared in this order: hidden units, hidden layers, inputs, outputs, weights and biases that are not
zero, the sum of |p| + q - 1 over all entries p/q, and last how many entries are negative.  There are finitely many
networks below any size, up to the arrangement of their entries, so a descent ends.

A step removes a unit, a layer, an input or an output, sets an entry to 0, 1 or -1, drops its sign, or moves it to a
neighbouring integer.  Steps know nothing of the function: the caller tries whether a statement still fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from exactrelu.networks.activations import Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["iter_smaller", "network_size"]

Size = tuple[int, int, int, int, int, int, int]
Rows = tuple[tuple[Fraction, ...], ...]


def network_size(network: Network) -> Size:
    """Return what is compared: units, layers, inputs, outputs, non-zero entries, their height, negative entries.

    Example:
        >>> network_size(Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]]))
        (2, 1, 1, 1, 4, 4, 1)
    """
    entries = [entry for affine in network.affine_maps for row in affine.augmented.to_fractions() for entry in row]
    return (
        sum(network.widths[1:-1]),
        len(network.hidden),
        network.n_inputs,
        network.n_outputs,
        sum(entry != 0 for entry in entries),
        sum(abs(entry.numerator) + entry.denominator - 1 for entry in entries),
        sum(entry < 0 for entry in entries),
    )


def iter_smaller(network: Network) -> Iterator[Network]:
    """Yield networks of smaller size, large steps first."""
    parts = [affine.augmented.to_fractions() for affine in network.affine_maps]
    kinds = [layer.activations for layer in network.hidden]
    size = network_size(network)
    for layers, activations in _structural_steps(parts, kinds, network.n_inputs):
        yield _build(layers, activations)
    for place, rows in enumerate(parts):
        for i, row in enumerate(rows):
            for j, entry in enumerate(row):
                for simpler in _simpler(entry):
                    changed = (*rows[:i], (*row[:j], simpler, *row[j + 1 :]), *rows[i + 1 :])
                    candidate = _build([*parts[:place], changed, *parts[place + 1 :]], kinds)
                    if network_size(candidate) < size:
                        yield candidate


def _structural_steps(
    parts: list[Rows], kinds: list[tuple[Activation, ...]], n_inputs: int
) -> Iterator[tuple[list[Rows], list[tuple[Activation, ...]]]]:
    for place, rows in enumerate(parts[:-1]):
        # Without the layer the next one reads the layer before; where that is narrower or wider, columns go or are 0.
        width = len(rows[0]) - 1
        after = tuple((*(row[:-1] + (Fraction(0),) * width)[:width], row[-1]) for row in parts[place + 1])
        yield [*parts[:place], after, *parts[place + 2 :]], [*kinds[:place], *kinds[place + 1 :]]
    for place, rows in enumerate(parts[:-1]):
        for k in range(len(rows)) if len(rows) > 1 else ():
            after = _without_column(parts[place + 1], k)
            activations = (*kinds[place][:k], *kinds[place][k + 1 :])
            yield (
                [*parts[:place], (*rows[:k], *rows[k + 1 :]), after, *parts[place + 2 :]],
                [*kinds[:place], activations, *kinds[place + 1 :]],
            )
    for k in range(n_inputs) if n_inputs > 1 else ():
        yield [_without_column(parts[0], k), *parts[1:]], kinds
    for k in range(len(parts[-1])) if len(parts[-1]) > 1 else ():
        yield [*parts[:-1], (*parts[-1][:k], *parts[-1][k + 1 :])], kinds


def _without_column(rows: Rows, k: int) -> Rows:
    return tuple((*row[:k], *row[k + 1 :]) for row in rows)


def _simpler(entry: Fraction) -> list[Fraction]:
    """Entries to try in place of one: 0, 1, -1, without sign, integers next to it, one step towards 0."""
    if not entry:
        return []
    towards = entry - (1 if entry > 0 else -1)
    tried = [
        Fraction(0),
        Fraction(1),
        Fraction(-1),
        -entry,
        Fraction(floor(entry)),
        Fraction(floor(entry) + 1),
        towards,
    ]
    return [other for k, other in enumerate(tried) if other != entry and other not in tried[:k]]


def _build(parts: list[Rows], kinds: list[tuple[Activation, ...]]) -> Network:
    maps = [AffineMap.from_parts([row[:-1] for row in rows], [row[-1] for row in rows]) for rows in parts]
    hidden = tuple(Layer(affine, activations) for affine, activations in zip(maps[:-1], kinds, strict=True))
    return Network(hidden, maps[-1])
