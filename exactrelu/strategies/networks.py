"""Networks: of a given architecture or a random small one, plain or degenerate on purpose.

How it is drawn: input dimension, number of hidden layers, their widths, output dimension; then for every unit one
block of bytes, its bias and its weights (`entries`), and last what the kind needs (`raw_networks`).  A block has room
for the widest layer that could come before it, so that its length does not depend on the widths that were drawn: when
Hypothesis tries fewer units, inputs or layers, the weights of all the others stay what they were.

Shrinking goes to few layers, then few inputs and units, then weights 0, 1, -1 and small integers.  Cost: one choice
an input dimension, layer and unit; `benchmarks/strategies.py` prints the networks per second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.errors import InputError
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.strategies.entries import LARGEST_TABLE, Alphabet, dyadic_alphabet, integer_alphabet, rational_alphabet
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


@dataclass(frozen=True, slots=True)
class _Shape:
    """Bounds on inputs, hidden layers, units in all hidden layers together, and outputs; or fixed widths."""

    inputs: tuple[int, int]
    hidden_layers: tuple[int, int]
    units: tuple[int, int]
    outputs: tuple[int, int]
    widths: tuple[int, ...] | None


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
            Above 14 the entries of one network share a denominator.
        activations: a strategy for the activation of every hidden unit; all ReLU when left out.

    Raises:
        InputError: an argument out of range, an unknown kind, or bounds that no network satisfies.
        ShapeError: fewer than two widths.

    Example:
        >>> from hypothesis import find
        >>> kinked = find(networks(), lambda net: net([1]) != net([0]) if net.n_inputs == 1 else False)
        >>> kinked.affine_maps
        (AffineMap.from_parts([['1']], ['0']), AffineMap.from_parts([['1']], ['0']))
    """
    shape = _checked_shape(
        widths,
        (min_inputs, max_inputs),
        (min_hidden_layers, max_hidden_layers),
        (min_units, max_units),
        (min_outputs, max_outputs),
    )
    require_choice(kind, KINDS, name="kind")
    height = require_integer(max_height, name="max_height", minimum=1)
    if activations is not None:
        require_strategy(activations, name="activations")
        if kind == "dead":
            raise InputError("kind 'dead' is for ReLU networks: with other activations no sign of a unit is certain")
    shape = _fitted(shape, kind)
    return _networks(shape, kind, height, activations)


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


def _checked_shape(
    widths: Sequence[int] | None,
    inputs: tuple[int, int],
    hidden_layers: tuple[int, int],
    units: tuple[int, int],
    outputs: tuple[int, int],
) -> _Shape:
    shape = _Shape(
        require_range(*inputs, name="inputs", minimum=1),
        require_range(*hidden_layers, name="hidden_layers", minimum=0),
        require_range(*units, name="units", minimum=0),
        require_range(*outputs, name="outputs", minimum=1),
        None,
    )
    if widths is None:
        return shape
    fixed = require_widths(widths)
    total = sum(fixed[1:-1])
    depth = len(fixed) - 2
    return _Shape((fixed[0],) * 2, (depth, depth), (total, total), (fixed[-1],) * 2, fixed)


def _fitted(shape: _Shape, kind: str) -> _Shape:
    """Raise the lower bounds to what the kind needs; InputError if that is more than the upper ones."""
    depth = max(shape.hidden_layers[0], 1 if kind in _NEEDS_A_UNIT or shape.units[0] else 0)
    units = max(shape.units[0], depth, 1 + depth if kind in _NEEDS_A_PAIR else 0)
    if depth > shape.hidden_layers[1]:
        raise InputError(f"max_hidden_layers is {shape.hidden_layers[1]}; this needs at least {depth} hidden layer")
    if units > shape.units[1]:
        raise InputError(f"max_units is {shape.units[1]}; this needs at least {units} units in {depth} hidden layers")
    return _Shape(shape.inputs, (depth, shape.hidden_layers[1]), (units, shape.units[1]), shape.outputs, shape.widths)


def _alphabet(draw: Callable[[SearchStrategy[int]], int], kind: str, height: int) -> Alphabet:
    if kind == "float32":
        return dyadic_alphabet()
    if kind == "integer":
        return integer_alphabet(height)
    if height <= LARGEST_TABLE:
        return rational_alphabet(height)
    return integer_alphabet(height, draw(st.integers(1, height)))


@st.composite
def _networks(
    draw: st.DrawFn, shape: _Shape, kind: str, height: int, slopes: SearchStrategy[Activation] | None
) -> Network:
    """Draw widths, blocks of bytes, and what the kind needs, in this order."""
    pairs = kind in _NEEDS_A_PAIR
    if shape.widths is None:
        widths, special = _draw_widths(draw, shape, pairs)
    else:
        widths = list(shape.widths)
        special = -1
        if kind in _NEEDS_A_UNIT:
            special = draw(st.sampled_from([k for k, width in enumerate(widths[1:-1]) if width > pairs]))
    alphabet = _alphabet(draw, kind, height)
    layers = []
    for number, (before, after) in enumerate(pairwise(widths)):
        # Room for the widest layer that could have been drawn there; see the module's text.
        room = before if shape.widths is not None else shape.inputs[1] if number == 0 else shape.units[1]
        size = (room + 1) * alphabet.size
        blocks = st.binary(min_size=size, max_size=size)
        rows = []
        # The last byte is the first weight: of two rows that will do, the one shrunk to has its weight further left.
        for _ in range(after):
            bias, *weights = alphabet.read(draw(blocks))
            rows.append([*reversed(weights[room - before :]), bias])
        layers.append(rows)
    raw = RawNetwork(layers, alphabet.denominator)
    _apply(draw, raw, kind, special)
    units = None if slopes is None else [tuple(draw(slopes) for _ in rows) for rows in layers[:-1]]
    return raw.build(units)


def _draw_widths(draw: st.DrawFn, shape: _Shape, pairs: bool) -> tuple[list[int], int]:
    """Draw all widths, and the hidden layer that a degenerate kind changes; it gets two units if `pairs`."""
    most = min(shape.hidden_layers[1], shape.units[1] - pairs)
    depth = draw(st.integers(shape.hidden_layers[0], most))
    special = draw(st.integers(0, depth - 1)) if depth > 1 else depth - 1
    widths = [draw(st.integers(*shape.inputs))]
    used = 0
    for layer in range(depth):
        later = depth - 1 - layer
        least = 2 if pairs and layer == special else 1
        owed = later + (pairs and layer < special)
        if not later:
            least = max(least, shape.units[0] - used)
        width = draw(st.integers(least, shape.units[1] - used - owed))
        widths.append(width)
        used += width
    widths.append(draw(st.integers(*shape.outputs)))
    return widths, special


def _apply(draw: st.DrawFn, raw: RawNetwork, kind: str, special: int) -> None:
    """Make the promise of the kind true."""
    if kind == "generic":
        raw.make_generic()
    elif kind == "zero-bias":
        raw.make_zero_bias()
    elif kind in _NEEDS_A_UNIT:
        width = len(raw.layers[special])
        unit = draw(st.integers(0, width - 1))
        if kind == "dead":
            raw.make_dead(special, unit)
            return
        other = draw(st.integers(0, width - 2))
        other += other >= unit
        if kind == "duplicate":
            raw.make_duplicate(special, unit, other)
        else:
            raw.make_coincident(special, unit, other, draw(st.sampled_from(FACTORS)))
