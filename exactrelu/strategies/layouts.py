"""Where the parts of a random network stand in the bytes that were drawn for it: always at the same place.

A network of varying shape is drawn into *slots*: so many inputs, hidden layers, units a layer and outputs as there may
be at most.  One byte says how many hidden layers there are, one byte for each other slot whether it is occupied (odd)
or not; then one block a layer has the weights and the bias of every slot, occupied or not, and a weight is addressed
by the slots of its two ends.  So to drop an input or a unit is to set one byte to zero, and all other weights stay
what they were: this is what Hypothesis's shrinker needs, and what numbering the units that are there would deny it.
For every number of hidden layers the output has a block of its own, so that after dropping a layer it has fresh
weights, not those that were meant for other units; a row of zeros there stands for the row after one more layer, so
that dropping a layer still goes when what nobody read is zero already.

Too few or too many occupied slots are repaired by filling the lowest free ones or leaving out the highest; no bytes are
rejected.  A block is read from its end: first unit first, a unit's weights before its bias.  Bytes shrink
lexicographically, so of two entries that would do, the one with the smaller index remains.
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
    """Occupied slots: of the inputs, the outputs, and of every hidden layer that there is."""

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
        return 1 + self.inputs[1] + self.outputs[1] + self.hidden_layers[1] * self.units[1]

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Entries of the block of every hidden layer, then of the output's after 0, 1, ... hidden layers."""
        layers = self.hidden_layers[1]
        hidden = [self.units[1] * (self._room(layer) + 1) for layer in range(layers)]
        return (*hidden, *(self.outputs[1] * (self._room(layer) + 1) for layer in range(layers + 1)))

    def require_size(self, entry_size: int) -> None:
        """InputError if all blocks together are too long to draw."""
        require_size(self.mask_size + entry_size * sum(self.block_sizes), "max_units and max_hidden_layers")

    def _room(self, layer: int) -> int:
        """Number of slots that a layer reads."""
        return self.units[1] if layer else self.inputs[1]

    def occupied(self, mask: bytes, *, pair_in: int | None = None) -> Slots:
        """Read which slots are occupied, so that all bounds hold.

        Args:
            pair_in: a number; the hidden layer with that number, modulo their number, gets two units at least.
        """
        least, most = self.hidden_layers
        depth = least + mask[0] % (most - least + 1)
        start = 1 + self.inputs[1]
        stop = start + self.outputs[1]
        inputs, outputs = choose(mask[1:start], *self.inputs), choose(mask[start:stop], *self.outputs)
        pair = None if pair_in is None else pair_in % depth
        units: list[list[int]] = []
        used = 0
        for layer in range(depth):
            later = depth - 1 - layer
            needed = 2 if layer == pair else 1
            if not later:
                needed = max(needed, self.units[0] - used)
            owed = later + (pair is not None and layer < pair)
            part = mask[stop + layer * self.units[1] : stop + (layer + 1) * self.units[1]]
            units.append(choose(part, needed, self.units[1] - used - owed))
            used += len(units[-1])
        return Slots(inputs, outputs, units)

    def rows(self, slots: Slots, entries: list[int]) -> list[list[Row]]:
        """Return the rows [w | b] of every hidden layer and of the output from the entries of all blocks."""
        blocks = _cut(entries, self.block_sizes)
        depth = len(slots.units)
        before = slots.inputs
        layers = []
        for layer, after in enumerate([*slots.units, slots.outputs]):
            room = self._room(layer)
            choices = [blocks[layer]] if layer < depth else blocks[self.hidden_layers[1] + depth :]
            if not depth:
                choices = choices[:1]
            cuts = [slice(slot * (room + 1), (slot + 1) * (room + 1)) for slot in after]
            table = [next((block[cut] for block in choices if any(block[cut])), choices[0][cut]) for cut in cuts]
            layers.append([[*(row[slot] for slot in before), row[-1]] for row in table])
            before = after
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
