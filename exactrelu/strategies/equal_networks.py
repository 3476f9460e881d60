"""Pairs of networks that compute the same function, by a change that provably keeps it.

- rescale: a hidden unit's row [w | b] times λ > 0, its outgoing weights divided by λ.  An activation with two slopes
  is positively homogeneous, so σ(λ t)/λ = σ(t).
- permute: two units of a layer change places, rows and outgoing columns.
- split: a unit becomes two with the same row; its outgoing weights are written as a sum.  (Read backwards: duplicated
  units are merged.)
- dead: a further ReLU unit with row [0 | b], b <= 0, and any outgoing weights.
- identity: a further hidden layer that passes on every value t as relu(t) - relu(-t).
- fold: the output layer V, c becomes two affine maps by a hidden layer of linear units: (V, c) after identity units.

All changes are made on the drawn network; several may follow each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.networks.activations import IDENTITY, RELU, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network
from exactrelu.strategies.networks import networks as any_networks
from exactrelu.strategies.numbers import rationals, vectors
from exactrelu.strategies.validation import require_choice, require_integer, require_strategy

__all__ = ["CHANGES", "EqualPair", "pairs_of_equal_networks"]

Rows = list[list[Fraction]]


@dataclass(frozen=True, slots=True)
class EqualPair:
    """Two networks with the same function; `changes` names what leads from the first to the second, in order."""

    first: Network
    second: Network
    changes: tuple[str, ...]


@dataclass(slots=True)
class _Parts:
    """A network as lists: rows [w | b] of every layer, and the activations of the hidden ones."""

    layers: list[Rows]
    activations: list[list[Activation]]
    n_inputs: int

    @classmethod
    def of(cls, network: Network) -> _Parts:
        layers = [[list(row) for row in affine.augmented.to_fractions()] for affine in network.affine_maps]
        return cls(layers, [list(layer.activations) for layer in network.hidden], network.n_inputs)

    def build(self) -> Network:
        width = self.n_inputs
        maps = []
        for rows in self.layers:
            maps.append(AffineMap.from_parts([row[:-1] for row in rows], [row[-1] for row in rows], n_inputs=width))
            width = len(rows)
        hidden = tuple(Layer(f, tuple(units)) for f, units in zip(maps[:-1], self.activations, strict=True))
        return Network(hidden, maps[-1])


def pairs_of_equal_networks(
    networks: SearchStrategy[Network] | None = None, *, change: str = "any", max_changes: int = 2
) -> SearchStrategy[EqualPair]:
    """Return a strategy for pairs of networks with the same function.

    Args:
        networks: a strategy for the first network; `networks()` of this package when left out.
        change: "rescale", "permute", "split", "dead", "identity", "fold", or "any" of these one after the other.  A
            network without hidden units can only be changed by the last two; others then leave it as it is.
        max_changes: at most so many changes, at least 1.

    Raises:
        InputError: an unknown change, max_changes below 1, or `networks` that is no strategy.

    Example:
        >>> from hypothesis import find
        >>> pair = find(pairs_of_equal_networks(change="split"), lambda pair: True)
        >>> pair.first.widths, pair.second.widths
        ((1, 1, 1), (1, 2, 1))
    """
    if networks is None:
        networks = any_networks()
    require_strategy(networks, name="networks")
    require_choice(change, ("any", *CHANGES), name="change")
    most = require_integer(max_changes, name="max_changes", minimum=1)
    return _pairs(networks, CHANGES if change == "any" else (change,), most)


@st.composite
def _pairs(draw: st.DrawFn, networks: SearchStrategy[Network], changes: tuple[str, ...], most: int) -> EqualPair:
    first = draw(networks)
    parts = _Parts.of(first)
    names = draw(st.lists(st.sampled_from(changes), min_size=1, max_size=most))
    for name in names:
        _CHANGE[name](draw, parts)
    return EqualPair(first, parts.build(), tuple(names))


def _draw_unit(draw: st.DrawFn, parts: _Parts) -> tuple[int, int] | None:
    """Draw a hidden unit as layer and position; None if there is none."""
    units = [(layer, k) for layer, rows in enumerate(parts.layers[:-1]) for k in range(len(rows))]
    return draw(st.sampled_from(units)) if units else None


def _rescale(draw: st.DrawFn, parts: _Parts) -> None:
    unit = _draw_unit(draw, parts)
    if unit is None:
        return
    layer, k = unit
    factor = draw(st.builds(Fraction, st.integers(1, 4), st.integers(1, 4)))
    parts.layers[layer][k] = [factor * entry for entry in parts.layers[layer][k]]
    for row in parts.layers[layer + 1]:
        row[k] /= factor


def _permute(draw: st.DrawFn, parts: _Parts) -> None:
    unit = _draw_unit(draw, parts)
    if unit is None:
        return
    layer, one = unit
    other = draw(st.integers(0, len(parts.layers[layer]) - 1))
    lists: list[list[Any]] = [parts.layers[layer], parts.activations[layer], *parts.layers[layer + 1]]
    for items in lists:
        items[one], items[other] = items[other], items[one]


def _split(draw: st.DrawFn, parts: _Parts) -> None:
    unit = _draw_unit(draw, parts)
    if unit is None:
        return
    layer, k = unit
    parts.layers[layer].append(list(parts.layers[layer][k]))
    parts.activations[layer].append(parts.activations[layer][k])
    for row in parts.layers[layer + 1]:
        share = draw(rationals(max_height=4))
        row[k] -= share
        row.insert(-1, share)


def _add_dead(draw: st.DrawFn, parts: _Parts) -> None:
    unit = _draw_unit(draw, parts)
    if unit is None:
        return
    layer, _ = unit
    width = len(parts.layers[layer][0])
    parts.layers[layer].append([Fraction(0)] * (width - 1) + [-abs(draw(rationals(max_height=4)))])
    parts.activations[layer].append(RELU)
    for row, weight in zip(
        parts.layers[layer + 1], draw(vectors(len(parts.layers[layer + 1]), max_height=4)), strict=True
    ):
        row.insert(-1, weight)


def _insert_identity(draw: st.DrawFn, parts: _Parts) -> None:
    place = draw(st.integers(0, len(parts.layers) - 1))
    width = len(parts.layers[place][0]) - 1
    signed = [
        [Fraction(sign * (i == j)) for j in range(width)] + [Fraction(0)] for sign in (1, -1) for i in range(width)
    ]
    parts.layers[place] = [[*row[:-1], *(-w for w in row[:-1]), row[-1]] for row in parts.layers[place]]
    parts.layers.insert(place, signed)
    parts.activations.insert(place, [RELU] * (2 * width))


def _fold(draw: st.DrawFn, parts: _Parts) -> None:
    size = len(parts.layers[-1])
    parts.layers.append([[Fraction(int(i == j)) for j in range(size)] + [Fraction(0)] for i in range(size)])
    parts.activations.append([IDENTITY] * size)


_CHANGE: dict[str, Callable[[st.DrawFn, _Parts], None]] = {
    "rescale": _rescale,
    "permute": _permute,
    "split": _split,
    "dead": _add_dead,
    "identity": _insert_identity,
    "fold": _fold,
}

CHANGES = tuple(_CHANGE)
"""The names of the changes."""
