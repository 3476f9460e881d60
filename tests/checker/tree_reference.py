"""The proof trees of docs/verdict-format.md once more: naive, in fractions, recursive, apart from the checker.

`defect` reads the lines as the document says and returns the first sentence that they break, or None.  Numbers are
fractions, a formula is a nested tuple as in `exactrelu.checker.formulas`, a network a list of (W, b, slopes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any

from exactrelu.networks.network import Network

Line = tuple[Fraction, Fraction]
ZERO = Fraction(0)


class Broken(Exception):  # noqa: N818 - it names the verdict
    """A sentence of the document is broken."""


@dataclass
class Node:
    box: list[list[Fraction | None]]
    literals: list[Any] = field(default_factory=list)
    pending: list[Any] = field(default_factory=list)
    signs: dict[int, int] = field(default_factory=dict)
    fixed: dict[int, int] = field(default_factory=dict)  # split or concluded
    lines: dict[int, tuple[Line, Line]] = field(default_factory=dict)
    known: dict[int, list[Fraction | None]] = field(default_factory=dict)


class Tree:
    def __init__(self, network: Network, bits: int) -> None:
        self.network = network
        self.bits = bits
        self.d = network.n_inputs
        self.number = {(u.layer, u.position): k for k, u in enumerate(network.units)}

    def assume(self, node: Node, formula: Any) -> None:
        kind, content = formula
        if kind == "and":
            for part in content:
                self.assume(node, part)
        elif kind == "or":
            node.pending.append(content)
        else:
            node.literals.append(formula)
            names = [m for m in content if m != ()]
            if len(names) == 1 and len(names[0]) == 1 and names[0][0][1] == 1 and names[0][0][0] < self.d:
                axis, c = names[0][0][0], content[names[0]]
                bound = -content.get((), ZERO) / c
                if c > 0 or kind == "==":
                    self.cap(node, axis, 1, bound)
                if c < 0 or kind == "==":
                    self.cap(node, axis, 0, bound)

    @staticmethod
    def cap(node: Node, axis: int, end: int, bound: Fraction) -> None:
        old = node.box[axis][end]
        node.box[axis][end] = bound if old is None else min(old, bound) if end else max(old, bound)

    def below(
        self, node: Node, layer: int, row: Sequence[Fraction], constant: Fraction, own: Any, extra: dict[int, Fraction]
    ) -> Fraction | None:
        """The lower bound of row·h + own·x + constant + sum extra[k] z_k, h behind hidden layer number `layer`."""
        row = list(row)
        for k in range(layer, -1, -1):
            hidden = self.network.hidden[k]
            before = []
            for j, activation in enumerate(hidden.activations):
                unit = self.number.get((k, j))
                c = row[j]
                slope, shift = activation.positive, ZERO
                if c and unit is not None:
                    if unit not in node.lines:
                        return None
                    slope, shift = node.lines[unit][0 if c > 0 else 1]
                before.append(c * slope + extra.get(-1 if unit is None else unit, ZERO))
                constant += c * shift
            constant += sum((c * b for c, b in zip(before, hidden.affine.offset, strict=True)), ZERO)
            columns = zip(*hidden.affine.linear, strict=True)
            row = [sum((c * w for c, w in zip(before, column, strict=True)), ZERO) for column in columns]
        for c, o, ends in zip(row, own, node.box, strict=True):
            total = c + o
            if total:
                end = ends[0] if total > 0 else ends[1]
                if end is None:
                    return None
                constant += total * end
        return constant

    def learn(self, node: Node, unit: int) -> list[Fraction | None]:
        address = self.network.units[unit]
        affine = self.network.hidden[address.layer].affine
        row, constant = affine.linear[address.position], affine.offset[address.position]
        nothing = [ZERO] * self.d
        grid = Fraction(4) ** self.bits
        low = self.below(node, address.layer - 1, row, constant, nothing, {})
        high = self.below(node, address.layer - 1, [-w for w in row], -constant, nothing, {})
        known = node.known.setdefault(unit, [None, None])
        if low is not None:
            new = Fraction(floor(low * grid), 1) / grid
            known[0] = new if known[0] is None else max(known[0], new)
        if high is not None:
            new = Fraction(ceil(-high * grid), 1) / grid
            known[1] = new if known[1] is None else min(known[1], new)
        return known

    def empty(self, node: Node) -> bool:
        return any(low is not None and high is not None and low > high for low, high in node.box)

    def walk(self, node: Node, lines: Iterator[dict[str, Any]]) -> None:
        entry = next(lines, None)
        if entry is None:
            raise Broken("lines are missing")
        while "r" in entry:
            self.conclude(node, entry)
            entry = next(lines, None)
            if entry is None:
                raise Broken("lines are missing")
        if set(entry) == {"x"}:
            axis, where = entry["x"][0], Fraction(entry["x"][1])
            if not 0 <= axis < self.d:
                raise Broken("no such input")
            for end in (1, 0):
                child = deepcopy(node)
                self.cap(child, axis, end, where)
                self.walk(child, lines)
        elif set(entry) == {"u"}:
            unit = entry["u"]
            if not 0 <= unit < self.network.n_units or unit in node.fixed:
                raise Broken("no open unit")
            for sign in (0, 1):
                child = deepcopy(node)
                child.signs[unit] = sign
                self.fix(child, unit, sign)
                known = child.known.setdefault(unit, [None, None])
                zero, other = (0, max) if sign else (1, min)
                old = known[zero]
                known[zero] = ZERO if old is None else other(old, ZERO)
                self.walk(child, lines)
        elif set(entry) == {"o"}:
            if not 0 <= entry["o"] < len(node.pending):
                raise Broken("no such disjunction")
            parts = node.pending.pop(entry["o"])
            for part in parts:
                child = deepcopy(node)
                self.assume(child, part)
                self.walk(child, lines)
        elif set(entry) in ({"l"}, {"l", "b"}):
            self.leaf(node, entry["l"], entry.get("b", []))
        else:
            raise Broken("no such line")

    def fix(self, node: Node, unit: int, sign: int) -> None:
        address = self.network.units[unit]
        slope = self.network.hidden[address.layer].activations[address.position].slope(sign)
        node.fixed[unit] = sign
        node.lines[unit] = ((slope, ZERO), (slope, ZERO))

    def leaf(self, node: Node, literals: list[Any], units: list[Any]) -> None:
        if len({n for n, _ in literals}) < len(literals) or len({n for n, _ in units}) < len(units):
            raise Broken("a number occurs twice")
        if self.empty(node):
            return
        strict, constant = False, ZERO
        own = [ZERO] * self.d
        row = [ZERO] * (self.network.widths[-2])
        for number, text in literals:
            m = Fraction(int(text, 16))
            if not 0 <= number < len(node.literals):
                raise Broken("no such literal")
            relation, polynomial = node.literals[number]
            if m < 0 and relation != "==":
                raise Broken("a negative multiplier")
            strict = strict or (relation == "<" and m > 0)
            for monomial, c in polynomial.items():
                if not monomial:
                    constant += m * c
                elif len(monomial) > 1 or monomial[0][1] > 1:
                    raise Broken("not linear")
                elif monomial[0][0] < self.d:
                    own[monomial[0][0]] += m * c
                else:
                    j = monomial[0][0] - self.d
                    constant += m * c * self.network.output.offset[j]
                    weights = self.network.output.linear[j]
                    row = [a + m * c * w for a, w in zip(row, weights, strict=True)]
        extra = {}
        for unit, text in units:
            m = Fraction(int(text, 16))
            if unit not in node.signs or m < 0:
                raise Broken("a unit that was not split, or a negative multiplier")
            extra[unit] = -m if node.signs[unit] else m
        bound = self.below(node, len(self.network.hidden) - 1, row, constant, own, extra)
        if bound is None or bound < 0 or (bound == 0 and not strict):
            raise Broken("no contradiction")

    def conclude(self, node: Node, entry: dict[str, Any]) -> None:
        still = [unit for unit in range(self.network.n_units) if unit not in node.fixed]
        if set(entry) != {"r", "v"} or len(entry["r"]) != len(still) or self.empty(node):
            raise Broken("not one letter for each open unit, or an empty box")
        values = list(entry["v"])
        scale = Fraction(2) ** self.bits
        for unit, letter in zip(still, entry["r"], strict=True):
            if letter == ".":
                continue
            low, high = self.learn(node, unit)
            if letter == "+" and low is not None and low >= 0:
                self.fix(node, unit, 1)
            elif letter == "-" and high is not None and high <= 0:
                self.fix(node, unit, 0)
            elif letter in "lh" and len(values) >= 2 and low is not None and high is not None:
                address = self.network.units[unit]
                activation = self.network.hidden[address.layer].activations[address.position]
                m, t = values.pop(0) / scale, values.pop(0) / scale
                gaps = [m * end + t - activation(end) for end in (low, high)]
                through = (activation.slope(letter == "h"), ZERO)
                if activation.positive >= activation.negative:
                    if min(gaps) < 0:
                        raise Broken("a chord that is not above")
                    node.lines[unit] = (through, (m, t))
                else:
                    if max(gaps) > 0:
                        raise Broken("a chord that is not below")
                    node.lines[unit] = ((m, t), through)
            else:
                raise Broken("a conclusion that does not follow")
        if values:
            raise Broken("too many lines")


def defect(network: Network, formula: Any, lines: list[dict[str, Any]], bits: int) -> str | None:
    """The first sentence of the document that the lines break, or None."""
    tree = Tree(network, bits)
    root = Node([[None, None] for _ in range(network.n_inputs)])
    remaining = iter(lines)
    try:
        tree.assume(root, formula)
        tree.walk(root, remaining)
        if next(remaining, None) is not None:
            raise Broken("a line too many")
    except Broken as error:
        return str(error)
    return None
