"""Networks: of a given architecture or a random small one, plain or degenerate on purpose.

How it is drawn: a single block of bytes has what the kind needs (`raw_networks`), then which inputs, hidden layers,
units and outputs are there, and then all weights, usually a byte a weight (`entries`).  The places of the bytes do not
depend on the shape (`layouts`).  One choice instead of one a weight: a choice costs Hypothesis more than what is done
with it here, and it tries more variations of an example with several choices.

Shrinking goes to few layers, then few inputs and units, then weights 0, 1, -1 and small integers.  Speed:
`benchmarks/strategies.py` prints the networks per second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.errors import InputError
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.strategies.entries import LARGEST_HEIGHT, Alphabet, dyadic_alphabet, integer_alphabet, rational_alphabet
from exactrelu.strategies.layouts import Layout, block_sizes, fixed_rows, require_size
from exactrelu.strategies.numbers import rationals
from exactrelu.strategies.raw_networks import FACTORS, RawNetwork
from exactrelu.strategies.validation import (
    require_choice,
    require_integer,
    require_range,
    require_strategy,
    require_widths,
)

__all__ = ["KINDS", "activations", "affine_maps", "networks"]

KINDS = ("any", "generic", "duplicate", "dead", "coincident", "zero-bias", "integer", "float32")
"""What `networks` can promise; see there."""

_NEEDS_A_PAIR = ("duplicate", "coincident")
_NEEDS_A_UNIT = ("duplicate", "coincident", "dead")

_CHOICES = 4
"""Bytes at the front of every network for the choices of its kind: a layer, two units, a factor."""


def networks(
    *,
    widths: Sequence[int] | None = None,
    min_inputs: int = 1,
    max_inputs: int = 2,
    min_hidden_layers: int = 1,
    max_hidden_layers: int = 2,
    min_units: int = 1,
    max_units: int = 6,
    min_outputs: int = 1,
    max_outputs: int = 1,
    kind: str = "any",
    max_height: int = 4,
    activations: SearchStrategy[Activation] | None = None,
) -> SearchStrategy[Network]:
    """Return a strategy for networks with at least one unit in every hidden layer.

    Args:
        widths: input dimension, hidden widths, output dimension.  The bounds on inputs, layers, units and outputs are
            for networks of varying shape and are not used with it.
        min_units, max_units: bounds on the number of hidden units in all layers together.
        kind: a promise about the weights.
            "any": none; small rationals, among them many degenerate networks.
            "generic": in the hidden layers no row of weights is zero, no bias is zero, and no two rows [w | b] of a
            layer are multiples of each other.
            "duplicate": two units of one hidden layer have the same row [w | b].
            "dead": one unit's preactivation is positive for no input.
            "coincident": two units of one hidden layer have rows that differ by a factor c != 0, 1.
            "zero-bias": all biases are zero, so f(t x) = t f(x) for t >= 0.
            "integer": all weights and biases are integers.
            "float32": all weights and biases are m·2^-e with |m| < 2^24 and 0 <= e <= 30: exact in single precision.
        max_height: bound on |p| and q of each weight and bias p/q, before a kind changes a row; not used for "float32".
            Above 20 the entries of one network share a denominator.
        activations: a strategy for the activation of every hidden unit; all ReLU when left out.

    Raises:
        InputError: an argument out of range, an unknown kind, or bounds that no network satisfies.
        ShapeError: fewer than two widths.

    Example:
        >>> from hypothesis import find
        >>> find(networks(widths=[1, 1, 1]), lambda network: network([1]) != network([0])).affine_maps
        (AffineMap.from_parts([['1']], ['0']), AffineMap.from_parts([['1']], ['0']))
    """
    layout = Layout(
        require_range(min_inputs, max_inputs, name="inputs", minimum=1),
        require_range(min_hidden_layers, max_hidden_layers, name="hidden_layers", minimum=0),
        require_range(min_units, max_units, name="units", minimum=0),
        require_range(min_outputs, max_outputs, name="outputs", minimum=1),
    )
    require_choice(kind, KINDS, name="kind")
    alphabets = _alphabet(kind, require_integer(max_height, name="max_height", minimum=1))
    if activations is not None:
        require_strategy(activations, name="activations")
        if kind == "dead":
            raise InputError("kind 'dead' is for ReLU networks: with other activations no sign of a unit is certain")
    if widths is None:
        layout = _fitted(layout, kind)
        layout.require_size(alphabets[0].size)
        return _of_layout(layout, kind, alphabets, activations)
    fixed = require_widths(widths)
    if kind in _NEEDS_A_UNIT and max(fixed[1:-1], default=0) <= (kind in _NEEDS_A_PAIR):
        needed = "two units" if kind in _NEEDS_A_PAIR else "a unit"
        raise InputError(f"widths is {list(fixed)}; kind {kind!r} needs a hidden layer with {needed}")
    require_size(alphabets[0].size * sum(block_sizes(fixed)), "widths")
    return _of_widths(fixed, kind, alphabets, activations)


def activations(*, max_height: int = 4) -> SearchStrategy[Activation]:
    """Return a strategy for activations: ReLU first, then any two slopes of bounded height, linear ones included.

    Raises:
        InputError: max_height is no integer of at least 1.

    Example:
        >>> from hypothesis import find
        >>> find(activations(), lambda activation: activation.is_linear)
        Activation(negative=Fraction(0, 1), positive=Fraction(0, 1))
    """
    slopes = rationals(max_height=max_height)
    return st.just(RELU) | st.builds(Activation, slopes, slopes)


def affine_maps(n_inputs: int, n_outputs: int, *, max_height: int = 4) -> SearchStrategy[AffineMap]:
    """Return a strategy for affine maps from Q^n_inputs to Q^n_outputs with entries of bounded height.

    Raises:
        InputError: a dimension below 1 or a height below 1.

    Example:
        >>> from hypothesis import find
        >>> find(affine_maps(2, 1), lambda f: f([1, 1]) > (0,))
        AffineMap.from_parts([['1', '0']], ['0'])
    """
    require_integer(n_inputs, name="n_inputs", minimum=1)
    require_integer(n_outputs, name="n_outputs", minimum=1)
    return networks(widths=[n_inputs, n_outputs], max_height=max_height).map(lambda network: network.output)


def _fitted(layout: Layout, kind: str) -> Layout:
    """Raise the lower bounds to what the kind needs; InputError if that is more than the upper ones."""
    depth = max(layout.hidden_layers[0], 1 if kind in _NEEDS_A_UNIT or layout.units[0] else 0)
    units = max(layout.units[0], depth, 1 + depth if kind in _NEEDS_A_PAIR else 0)
    most_layers, most_units = layout.hidden_layers[1], layout.units[1]
    if depth > most_layers:
        raise InputError(f"max_hidden_layers is {most_layers}; at least {depth} is needed for kind {kind!r}")
    if units > most_units:
        raise InputError(
            f"max_units is {most_units}; kind {kind!r} with {depth} hidden layers or more needs at least {units}"
        )
    # No layer without units, and with a pair one layer takes two.
    most_layers = min(most_layers, most_units - (kind in _NEEDS_A_PAIR))
    return replace(layout, hidden_layers=(depth, max(depth, most_layers)), units=(units, most_units))


def _alphabet(kind: str, height: int) -> tuple[Alphabet, ...]:
    """The alphabets for the weights: one, or one for each denominator that the entries of a network may share."""
    if kind == "float32":
        return (dyadic_alphabet(),)
    if kind == "integer":
        return (integer_alphabet(height),)
    if height <= LARGEST_HEIGHT:
        return (rational_alphabet(height),)
    return tuple(integer_alphabet(height, denominator) for denominator in range(1, height + 1))


@st.composite
def _of_widths(
    draw: st.DrawFn,
    widths: tuple[int, ...],
    kind: str,
    alphabets: tuple[Alphabet, ...],
    slopes: SearchStrategy[Activation] | None,
) -> Network:
    """Draw the bytes of all layers, and what the kind needs."""
    alphabet = draw(st.sampled_from(alphabets)) if len(alphabets) > 1 else alphabets[0]
    size = _CHOICES + alphabet.size * sum(block_sizes(widths))
    drawn = draw(st.binary(min_size=size, max_size=size))
    raw = RawNetwork(fixed_rows(widths, alphabet.read(drawn[_CHOICES:])), alphabet.denominator)
    able = [layer for layer, width in enumerate(widths[1:-1]) if width > (kind in _NEEDS_A_PAIR)]
    _apply(raw, kind, able[drawn[0] % len(able)] if able else 0, drawn)
    return raw.build(_draw_activations(draw, raw, slopes))


@st.composite
def _of_layout(
    draw: st.DrawFn,
    layout: Layout,
    kind: str,
    alphabets: tuple[Alphabet, ...],
    slopes: SearchStrategy[Activation] | None,
) -> Network:
    """Draw what the kind needs, the slots and the bytes of all layers, all at once."""
    alphabet = draw(st.sampled_from(alphabets)) if len(alphabets) > 1 else alphabets[0]
    start = _CHOICES + layout.mask_size
    size = start + alphabet.size * sum(layout.block_sizes)
    drawn = draw(st.binary(min_size=size, max_size=size))
    slots = layout.occupied(drawn[_CHOICES:start], pair_in=drawn[0] if kind in _NEEDS_A_PAIR else None)
    raw = RawNetwork(layout.rows(slots, alphabet.read(drawn[start:])), alphabet.denominator)
    _apply(raw, kind, drawn[0] % max(len(slots.units), 1), drawn)
    return raw.build(_draw_activations(draw, raw, slopes))


def _draw_activations(
    draw: st.DrawFn, raw: RawNetwork, slopes: SearchStrategy[Activation] | None
) -> list[tuple[Activation, ...]] | None:
    """Draw an activation for every hidden unit; None means ReLU throughout."""
    return None if slopes is None else [tuple(draw(slopes) for _ in rows) for rows in raw.layers[:-1]]


def _apply(raw: RawNetwork, kind: str, layer: int, drawn: bytes) -> None:
    """Make the promise of the kind true; bytes 1 to 3 of `drawn` choose the units of the layer, and the factor."""
    if kind == "generic":
        raw.make_generic()
    elif kind == "zero-bias":
        raw.make_zero_bias()
    elif kind in _NEEDS_A_UNIT:
        width = len(raw.layers[layer])
        unit = drawn[1] % width
        if kind == "dead":
            raw.make_dead(layer, unit)
            return
        other = drawn[2] % (width - 1)
        other += other >= unit
        if kind == "duplicate":
            raw.make_duplicate(layer, unit, other)
        else:
            raw.make_coincident(layer, unit, other, FACTORS[drawn[3] % len(FACTORS)])
