"""The core: every refutation added up, every witness put in, every configuration accounted for.

What is proved.  The bit strings of the lines, taken in order, are the leaves of a complete binary tree (`following`),
so each configuration begins with exactly one of them.  A refuted prefix has no point (`Leaves.refute`), a cell's
witness shows that its configuration has one (`Leaves.witness`).  Hence the cells are exactly the configurations.

Numbers.  Only integers.  With the layers' denominators q_l and the slopes' denominators s_l put

    P_0 = 1,   Q_l = q_l P_l,   P_{l+1} = s_l Q_l,

so that layer l's preactivations are Z_l / Q_l and its inputs are H_l / P_l with integer Z_l = W_l H_l + b_l P_l.
Here Z and H are either numbers (at a witness, one more factor: its denominator) or rows of 1 + d coefficients (an
affine function of the input, constant first).  To add rows of different layers each is multiplied by T / Q_l, where T
is a common multiple of all Q_l and of the domain's denominator.

Packing.  A vector (c_0, ..., c_m) of integers is stored as the one integer sum_j c_j 2^(k j): the value of a
polynomial at 2^k (Kronecker's substitution).  Sums and integer multiples of packed vectors are packed sums and
multiples, however large the c_j are meanwhile; only when a result is *read* must every |c_j| be below 2^(k-1), for
then the digits are unique (`unpack`), and the packed integer is c_0 alone, below 2^(k-1) in absolute value, if and
only if all other c_j are zero.  This bound is proved from `norms`: N_u bounds the sum of the absolute coefficients of
unit u's row Z under every configuration (triangle inequality, layer by layer), hence

    |coefficient of sum_u y_u T/Q_u Z_u| <= (sum_u y_u) max_u (T/Q_u N_u),      |Z_u(x)| <= N_u max(|x_j|, denominator).

A wider slot is taken when the numbers of a line ask for it (`slot_width`), so there is no limit and no special case.

Rows are kept while the bits they depend on stay the same (`RowTable`): the lines are sorted, so neighbours share most.

Cost: about one big multiplication for each multiplier of a refutation, and for each coordinate and active neuron of a
witness. Not done here: reading text, and finding anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd, lcm
from operator import mul

from .network import Network
from .reading import Invalid, shorten
from .statement import Domain, System

__all__ = ["Leaves", "RowTable", "Wiring", "following", "pack", "refute_system", "slot_width", "unpack"]


def slot_width(bits: int) -> int:
    """Return the number of bits, a multiple of 8, of slots that hold every c with |c| < 2**bits.

    Widths are rounded up by at most a quarter, so that few different ones occur and tables are shared.

    >>> slot_width(1), slot_width(31), slot_width(32), slot_width(1000)
    (8, 32, 40, 1024)
    """
    step = max(8, 1 << max(0, bits.bit_length() - 3))
    return (bits // step + 1) * step


def pack(values: Sequence[int], width: int) -> int:
    """Return sum_j values[j] * 2**(width * j).

    >>> pack([1, 2, -1], 8) == 1 + 2 * 256 - 256**2
    True
    """
    total = 0
    for value in reversed(values):
        total = (total << width) + value
    return total


def unpack(packed: int, count: int, width: int) -> list[int]:
    """Return the `count` digits c_j with |c_j| < 2**(width - 1); `width` is a multiple of 8.

    Adding 2**(width - 1) to every digit makes them all nonnegative, so that they are plain groups of bytes.

    >>> unpack(pack([1, 2, -1], 8), 3, 8)
    [1, 2, -1]
    """
    size, half = width >> 3, 1 << (width - 1)
    data = (packed + _halves(count, width)).to_bytes(size * count, "little")
    return [int.from_bytes(data[i : i + size], "little") - half for i in range(0, size * count, size)]


@lru_cache(maxsize=256)
def _halves(count: int, width: int) -> int:
    return pack([1 << (width - 1)] * count, width)


class Wiring:
    """What the core needs to know of a network: where the units are, the scales, the norms."""

    def __init__(self, network: Network) -> None:
        """Number the units and bound their rows, once for all lines."""
        self.hidden = network.layers[:-1]
        self.inputs = network.inputs
        self.place: list[tuple[int, int]] = []  # unit -> (layer, neuron)
        self.start: list[int] = []  # layer -> its first unit's number
        self.neurons: list[list[tuple[int, int, int]]] = []  # layer -> (unit or -1, slope for 0, slope for 1)
        self.input_scale: list[int] = []  # P_l
        self.scale: list[int] = []  # Q_l
        self.norms: list[list[int]] = []  # layer -> N of each neuron
        scale, reach = 1, [1] * network.inputs
        for number, layer in enumerate(self.hidden):
            self.start.append(len(self.place))
            self.input_scale.append(scale)
            norms = [
                sum(abs(w) * r for w, r in zip(row, reach, strict=True)) + abs(b) * scale
                for row, b in zip(layer.weights, layer.bias, strict=True)
            ]
            self.norms.append(norms)
            scale *= layer.denominator
            self.scale.append(scale)
            neurons = []
            for neuron, (negative, positive) in enumerate(layer.slopes):
                is_unit = negative != positive
                neurons.append((len(self.place) if is_unit else -1, negative, positive))
                if is_unit:
                    self.place.append((number, neuron))
            self.neurons.append(neurons)
            reach = [max(abs(a), abs(b)) * n for (_, a, b), n in zip(neurons, norms, strict=True)]
            scale *= layer.slope_denominator
        self.total_scale = self.scale[-1] if self.scale else 1


class RowTable:
    """Packed rows of the units' preactivations under a prefix, for one slot width.

    Invariant: the entries of a layer are those of the prefix `self.bits` cut off before that layer; `follow` drops what
    has become stale.  A row is computed when it is first asked for.
    """

    def __init__(self, wiring: Wiring, width: int) -> None:
        """Pack the weights of the first layer; all else comes on demand."""
        self.wiring = wiring
        self.width = width
        self.bits = ""
        self.rows: list[int | None] = [None] * len(wiring.place)
        self.inputs: list[list[int] | None] = [None] * len(wiring.hidden)
        if wiring.hidden:
            self.inputs[0] = [1 << (width * (j + 1)) for j in range(wiring.inputs)]

    def follow(self, bits: str) -> None:
        """Go to the prefix `bits`."""
        for layer, start in enumerate(self.wiring.start):
            if self.bits[:start] != bits[:start]:
                count = len(self.rows) - start
                self.rows[start:] = [None] * count
                self.inputs[layer:] = [None] * (len(self.inputs) - layer)
                break
        self.bits = bits

    def row(self, unit: int) -> int:
        """Return Z of a unit; its number is at most the prefix's length, so that all earlier layers have their bits."""
        known = self.rows[unit]
        if known is None:
            layer, neuron = self.wiring.place[unit]
            for earlier in range(layer):
                self._inputs(earlier)
            known = self.rows[unit] = self._combine(layer, neuron, self._inputs(layer))
        return known

    def _inputs(self, layer: int) -> list[int]:
        """Return H of a layer's inputs; those of the layer before are known."""
        known = self.inputs[layer]
        if known is None:
            known, before = [], self._inputs(layer - 1)
            for neuron, (unit, negative, positive) in enumerate(self.wiring.neurons[layer - 1]):
                slope = positive if unit >= 0 and self.bits[unit] == "1" else negative
                row = self.rows[unit] if unit >= 0 else None
                if slope and row is None:
                    row = self._combine(layer - 1, neuron, before)
                known.append(slope * (row or 0))
            self.inputs[layer] = known
        return known

    def _combine(self, layer: int, neuron: int, values: list[int]) -> int:
        affine = self.wiring.hidden[layer]
        constant = affine.bias[neuron] * self.wiring.input_scale[layer]
        return constant + sum(w * row for w, row in zip(affine.weights[neuron], values, strict=True) if row)


class Leaves:
    """Checks the two kinds of leaves of one statement, and counts them."""

    def __init__(self, network: Network, notion: str, domain: Domain) -> None:
        """Fix the scales of a statement and bring the domain's rows to a form that can be added."""
        self.wiring = wiring = Wiring(network)
        self.notion = notion
        self.domain = domain
        self.cells = 0
        self.refutations = 0
        total = lcm(wiring.total_scale, domain.denominator) if domain.slack else wiring.total_scale
        self.factor = [total // wiring.scale[layer] for layer, _ in wiring.place]
        self.domain_factor = total // domain.denominator if domain.slack else 1
        sizes = [f * wiring.norms[layer][k] for f, (layer, k) in zip(self.factor, wiring.place, strict=True)]
        sizes += [self.domain_factor * sum(map(abs, row)) for row in domain.slack]
        self.row_bits = max(sizes, default=1).bit_length()
        self.norm_bits = [max(norms).bit_length() for norms in wiring.norms]
        self.hulls = _echelon(domain.slack[domain.inequalities :])
        self._tables: dict[int, RowTable] = {}
        self._slack: dict[int, list[int]] = {}
        self._columns: dict[tuple[int, int], tuple[list[int], int]] = {}

    def refute(self, bits: str, y: tuple[list[int], list[int]], d: tuple[list[int], list[int]]) -> None:
        """Check that no point of the domain has a configuration beginning with `bits`.

        `y`: units and multipliers; `d`: rows of the domain and multipliers.

        Raises:
            Invalid: the multipliers do not add up to a contradiction.
        """
        self.refutations += 1
        units, weights = y
        _check_indices(units, len(bits), "unit")
        if weights and min(weights) < 0:
            raise Invalid("a unit's multiplier is negative")
        rows, row_weights = d
        if rows:
            _check_indices(rows, len(self.domain.slack), "row of the domain")
            if any(m < 0 and i < self.domain.inequalities for i, m in zip(rows, row_weights, strict=True)):
                raise Invalid("an inequality's multiplier is negative")
        amount = sum(weights) + sum(map(abs, row_weights))
        # Each coefficient is below 2**(bits of amount) * 2**row_bits.
        table = self._table(slot_width(amount.bit_length() + self.row_bits), bits)
        total = 0
        for unit, weight in zip(units, weights, strict=True):
            term = weight * self.factor[unit] * table.row(unit)
            total += term if bits[unit] == "1" else -term
        if rows:
            slack = self._packed_slack(table.width)
            total += sum(m * self.domain_factor * slack[i] for i, m in zip(rows, row_weights, strict=True))
        bound = self._box_maximum(total, table.width) if self.domain.kind == "box" else total
        if self.domain.kind != "box" and abs(total) >> (table.width - 1):
            raise Invalid("the sum's linear part does not vanish")
        if bound > 0:
            raise Invalid("the sum has a positive bound, which is no contradiction")
        if bound == 0 and not any(m and self._strict(u, bits, table) for u, m in zip(units, weights, strict=True)):
            raise Invalid("the sum's bound is zero and no strict row has a positive multiplier")

    def witness(self, bits: str, numbers: list[int]) -> None:
        """Check that the point `numbers[1:] / numbers[0]` of the domain has the configuration `bits`.

        Raises:
            Invalid: it is outside the domain, or a unit has another sign than its bit says.
        """
        self.cells += 1
        wiring, full = self.wiring, self.notion == "full"
        denominator, *values = numbers
        if denominator <= 0:
            raise Invalid("the witness's denominator is not positive")
        self._check_membership(denominator, values)
        size = max(denominator, max(map(abs, values), default=0)).bit_length()
        # What a preactivation of zero may have for its bit; full: none, unless the unit is zero on the whole domain.
        zero_bits = {"full": "", "half-open": "0", "closed": "01"}[self.notion]
        for layer, neurons in enumerate(wiring.neurons):
            width = slot_width(size + self.norm_bits[layer])
            columns, bias = self._packed_columns(layer, width)
            packed = sum(map(mul, values, columns), bias * denominator)
            values = []
            for z, (unit, negative, positive) in zip(unpack(packed, len(neurons), width), neurons, strict=True):
                if unit >= 0:
                    bit = bits[unit]
                    if z:
                        if (z > 0) is (bit == "0"):
                            raise Invalid(
                                f"unit {unit} is {'positive' if z > 0 else 'negative'} at the witness of bit {bit}"
                            )
                    elif bit not in zero_bits and not (full and bit == "0" and self._vanishes(unit, bits)):
                        raise Invalid(f"unit {unit} is zero at the witness, which bit {bit} does not allow")
                values.append(z * (positive if z > 0 else negative))

    def _strict(self, unit: int, bits: str, table: RowTable) -> bool:
        if self.notion == "closed":
            return False
        if bits[unit] == "1":
            return True
        return self.notion == "full" and not self._vanishes_in(unit, table)

    def _vanishes(self, unit: int, bits: str) -> bool:
        """Whether the unit's row under `bits` is zero on the whole domain, which has an interior."""
        return self._vanishes_in(unit, self._table(slot_width(self.row_bits), bits))

    def _vanishes_in(self, unit: int, table: RowTable) -> bool:
        """Subtract multiples of the equalities' echelon rows until nothing or something is left."""
        row = table.row(unit)
        if not row or not self.hulls:
            return not row
        rest = unpack(row, self.wiring.inputs + 1, table.width)
        return not any(_reduce(rest, self.hulls))

    def _table(self, width: int, bits: str) -> RowTable:
        table = self._tables.get(width)
        if table is None:
            table = self._tables[width] = RowTable(self.wiring, width)
        table.follow(bits)
        return table

    def _packed_slack(self, width: int) -> list[int]:
        if width not in self._slack:
            self._slack[width] = [pack(row, width) for row in self.domain.slack]
        return self._slack[width]

    def _packed_columns(self, layer: int, width: int) -> tuple[list[int], int]:
        """Columns of a layer's weights and its bias times P_l, one slot for each neuron."""
        known = self._columns.get((layer, width))
        if known is None:
            affine = self.wiring.hidden[layer]
            columns = [pack(column, width) for column in zip(*affine.weights, strict=True)]
            known = columns, pack(affine.bias, width) * self.wiring.input_scale[layer]
            self._columns[layer, width] = known
        return known

    def _box_maximum(self, total: int, width: int) -> int:
        """Return the maximum over the box of a packed affine function, times the box's denominator."""
        constant, *slopes = unpack(total, self.wiring.inputs + 1, width)
        ends = zip(slopes, self.domain.lower, self.domain.upper, strict=True)
        return constant * self.domain.denominator + sum(s * (high if s > 0 else low) for s, low, high in ends)

    def _check_membership(self, denominator: int, values: list[int]) -> None:
        domain = self.domain
        scale = domain.denominator
        if domain.kind == "box":
            for axis, (value, low, high) in enumerate(zip(values, domain.lower, domain.upper, strict=True)):
                if not low * denominator <= value * scale <= high * denominator:
                    raise Invalid(f"the witness is outside the box: coordinate {axis}")
        for number, row in enumerate(domain.slack):
            slack = row[0] * denominator + sum(map(mul, row[1:], values))
            if slack < 0 or (slack and number >= domain.inequalities):
                raise Invalid(f"the witness is outside the domain: row {number}")


def following(bits: str) -> str | None:
    """Return how the next leaf after `bits` must begin (it goes on with zeros only), None if `bits` is the last leaf.

    This is counting: in a complete prefix code in order, the next string starts where adding one to `bits` leads.

    >>> following("0011"), following("10"), following("111"), following("")
    ('01', '11', None, None)
    """
    stem = bits.rstrip("1")
    return stem[:-1] + "1" if stem else None


def refute_system(system: System, rows: list[int], multipliers: list[int]) -> None:
    """Check that multiples of the rows add up to a contradiction: 0 . x <= t with t < 0, or 0 . x < 0.

    Raises:
        Invalid: they do not.

    >>> refute_system(System(((1, 0), (-1, 0)), ("<", "<=")), [0, 1], [1, 1])  # x < 0 and -x <= 0
    """
    _check_indices(rows, len(system.rows), "row")
    total = [0] * len(system.rows[0]) if system.rows else [0]
    strict = False
    for number, multiplier in zip(rows, multipliers, strict=True):
        if multiplier < 0 and system.relations[number] != "==":
            raise Invalid(f"the multiplier of row {number}, which is no equation, is negative")
        strict = strict or (multiplier > 0 and system.relations[number] == "<")
        total = [t + multiplier * a for t, a in zip(total, system.rows[number], strict=True)]
    if any(total[:-1]):
        raise Invalid("the sum's linear part does not vanish")
    if total[-1] > 0 or (total[-1] == 0 and not strict):
        raise Invalid("the sum is no contradiction")


def _check_indices(indices: list[int], limit: int, what: str) -> None:
    if not indices:
        return
    if set(map(type, indices)) != {int}:
        raise Invalid(f"the number of a {what} must be an integer, in {shorten(indices)}")
    if indices[0] < 0 or indices[-1] >= limit or any(map(int.__ge__, indices, indices[1:])):
        raise Invalid(f"{what} numbers must be increasing and below {limit}, not {shorten(indices)}")


def _echelon(rows: Sequence[Sequence[int]]) -> list[tuple[int, list[int]]]:
    """Return rows that span the same space, each with a pivot column that no later row uses."""
    result: list[tuple[int, list[int]]] = []
    for row in rows:
        rest = _reduce(list(row), result)
        pivot = next((column for column, entry in enumerate(rest) if entry), None)
        if pivot is not None:
            result.append((pivot, rest))
    return result


def _reduce(row: list[int], echelon: list[tuple[int, list[int]]]) -> list[int]:
    """Return a nonzero multiple of `row` plus a combination of the echelon rows, zero at every pivot."""
    for pivot, other in echelon:
        if row[pivot]:
            row = [other[pivot] * a - row[pivot] * b for a, b in zip(row, other, strict=True)]
            common = gcd(*row) or 1  # without it the numbers would double in length at every step
            row = [a // common for a in row]
    return row
