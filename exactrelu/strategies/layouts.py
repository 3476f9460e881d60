"""Where the parts of a random network stand in the bytes that were drawn for it: always at the same place.

A network of varying shape is drawn into *slots*: so many inputs, hidden layers, units a layer and outputs as there may
be at most.  One byte a slot says whether it is occupied (odd) or not; then one block a layer has the weights and the
bias of every slot, occupied or not, and a weight is addressed by the slots of its two ends.  So to drop an input, a
unit or a layer is to set one byte to zero, and all other weights stay what they were: this is what Hypothesis's
shrinker needs, and what numbering the units that are there would deny it.

A layer that is dropped is passed by: the weights that came from its occupied slots, in their order, now come from the
occupied slots of the layer before.  Too few or too many occupied slots are repaired by filling the lowest free ones or
leaving the highest; no bytes are rejected.

A block is read from its end: first unit first, a unit's weights before its bias.  Bytes shrink lexicographically, so
of two entries that would do, the one with the smaller index remains.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from exactrelu.errors import InputError

__all__ = ["LARGEST_LAYOUT", "Layout", "Slots", "block_sizes", "fixed_rows", "require_size"]

LARGEST_LAYOUT = 6000
"""Bytes; Hypothesis gives a test case no more than 8192."""

Row = list[int]
Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slots:
    """Occupied slots: of the layers, the inputs, the outputs, and of every hidden layer, dropped ones included."""

    layers: list[int]
    inputs: list[int]
    outputs: list[int]
    units: list[list[int]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Bounds (least, most) on inputs, hidden layers, hidden units in all layers together, and outputs."""

    inputs: Bounds
    hidden_layers: Bounds
    units: Bounds
    outputs: Bounds

    @property
    def mask_size(self) -> int:
        """Bytes that say which slots are occupied."""
        layers = self.hidden_layers[1]
        return layers + self.inputs[1] + self.outputs[1] + layers * self.units[1]

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Entries of the block of every hidden layer, and of the output's."""
        after = [self.units[1]] * self.hidden_layers[1] + [self.outputs[1]]
        return tuple(rows * (self._room(level) + 1) for level, rows in enumerate(after))

    def require_size(self, entry_size: int) -> None:
        """InputError if all blocks together are too long to draw."""
        require_size(self.mask_size + entry_size * sum(self.block_sizes), "max_units and max_hidden_layers")

    def _room(self, level: int) -> int:
        """Slots of the widest layer that can come before a level."""
        return max(self.inputs[1], self.units[1]) if level else self.inputs[1]

    def occupied(self, mask: bytes) -> Slots:
        """Read which slots are occupied; the units of hidden layers are only bounded by `units` layer by layer."""
        n, i, o, u = self.hidden_layers[1], self.inputs[1], self.outputs[1], self.units[1]
        starts = [0, n, n + i, n + i + o, *range(n + i + o + u, n + i + o + u * n + 1, u)]
        parts = [mask[a:b] for a, b in pairwise(starts)]
        return Slots(
            choose(parts[0], *self.hidden_layers),
            choose(parts[1], *self.inputs),
            choose(parts[2], *self.outputs),
            [choose(part, 1, u) for part in parts[3:]],
        )

    def fit(self, slots: Slots, *, pair_in: int | None) -> None:
        """Change `slots.units` of the present layers so that `units` holds and layer `pair_in` has two units."""
        used = 0
        for position, layer in enumerate(slots.layers):
            later = len(slots.layers) - 1 - position
            least = 2 if position == pair_in else 1
            if not later:
                least = max(least, self.units[0] - used)
            owed = later + (pair_in is not None and position < pair_in)
            chosen = slots.units[layer]
            mask = bytes(slot in chosen for slot in range(self.units[1]))
            slots.units[layer] = choose(mask, least, self.units[1] - used - owed)
            used += len(slots.units[layer])

    def rows(self, slots: Slots, entries: list[int]) -> list[list[Row]]:
        """Return the rows [w | b] of every present layer and of the output from the entries of all blocks."""
        blocks = _cut(entries, self.block_sizes)
        last = self.hidden_layers[1]
        before, before_level = slots.inputs, -1
        layers = []
        for level in [*slots.layers, last]:
            room = self._room(level)
            order = list(range(room))
            if level - 1 > before_level:
                passed = slots.units[level - 1]
                order = [*passed, *(slot for slot in order if slot not in passed)]
                sources = order[: len(before)]
            else:
                sources = before
            block = blocks[level]
            after = slots.outputs if level == last else slots.units[level]
            table = [block[slot * (room + 1) : (slot + 1) * (room + 1)] for slot in after]
            layers.append([[*(row[slot] for slot in sources), row[-1]] for row in table])
            before, before_level = after, level
        return layers


def require_size(size: int, name: str) -> None:
    """InputError, which blames the argument `name`, if so many bytes are too many to draw."""
    if size > LARGEST_LAYOUT:
        raise InputError(f"{name}: such networks take {size} bytes to draw, and at most {LARGEST_LAYOUT} are possible")


def block_sizes(widths: tuple[int, ...]) -> tuple[int, ...]:
    """Return the number of weights and biases of every layer of an architecture."""
    return tuple(after * (before + 1) for before, after in pairwise(widths))


def fixed_rows(widths: tuple[int, ...], entries: list[int]) -> list[list[Row]]:
    """Return the rows [w | b] of every layer of an architecture from all its entries."""
    return [
        [block[row * (before + 1) : (row + 1) * (before + 1)] for row in range(after)]
        for (before, after), block in zip(pairwise(widths), _cut(entries, block_sizes(widths)), strict=True)
    ]


def _cut(entries: list[int], sizes: tuple[int, ...]) -> list[list[int]]:
    """Cut the entries into blocks of these sizes, each then read from its end."""
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    return [entries[start:end][::-1] for start, end in pairwise(ends)]


def choose(mask: bytes, least: int, most: int) -> list[int]:
    """Return the positions of odd bytes, the lowest free ones added or the highest dropped to fit the bounds.

    >>> choose(bytes([0, 0, 1]), 2, 3), choose(bytes([1, 1, 1]), 1, 2), choose(bytes(3), 1, 3)
    ([0, 2], [0, 1], [0])
    """
    found = [position for position, byte in enumerate(mask) if byte & 1][:most]
    if len(found) < least:
        free = [position for position in range(len(mask)) if position not in found]
        found = sorted(found + free[: least - len(found)])
    return found
