"""Checks a proof that no input makes a query's formula true: a tree of boxes, signs and alternatives.

The lines are the tree's nodes in the order of a depth-first walk.  At every node some facts are assumed of an input x
and the output y: x lies in the node's box, the node's literals hold, each pending disjunction holds, and units whose
sign was split have that sign.  The root assumes the formula.  A line does one of these:

    x  cuts the box across one input: two children, below and above;
    u  splits a unit's sign: two children, z <= 0 and z >= 0;
    o  splits a pending disjunction: one child for each of its parts;
    l  ends the node: a nonnegative combination of the literals (REL 0, so the sum is <= 0) and of the split units'
       preactivations has a positive lower bound on the box, or zero if a strict literal takes part: a contradiction;
    r  (before one of the others) draws conclusions about units whose sign is not known yet: that the sign is constant
       on the box, or lines that enclose the activation; each is checked from bounds of the preactivation.

A comparison of one input with a number, assumed anywhere, cuts the box. Since every input is in one of the children of
its node, and no input is in a leaf, no input makes the formula true.

Arithmetic is exact (`bounding`); known intervals of the preactivations are kept as integers over 2^(2 bits), rounded
outwards.
Cost: for each conclusion one or two products through the layers before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from .bounding import Stack
from .network import Network
from .reading import Invalid, expect_keys, hexadecimals, natural, rational, shorten
from .steps import Lines

__all__ = ["Refutation"]

Interval = tuple[int | None, int | None]


@dataclass
class _Node:
    """What is assumed at a node; children get copies."""

    box: list[tuple[Fraction | None, Fraction | None]]
    literals: list[Any]
    pending: list[Any]
    lines: list[list[Lines]]
    known: list[list[Interval]]
    open_units: list[int]
    signs: dict[int, int] = field(default_factory=dict)  # split units

    def child(self) -> _Node:
        return _Node(
            list(self.box),
            list(self.literals),
            list(self.pending),
            [list(layer) for layer in self.lines],
            [list(layer) for layer in self.known],
            list(self.open_units),
            dict(self.signs),
        )

    def assume(self, formula: Any, inputs: int) -> None:
        """Add a formula: its comparisons to the literals, its disjunctions to what is pending, in order."""
        agenda = [formula]
        while agenda:
            kind, content = agenda.pop()
            if kind == "and":
                agenda.extend(reversed(content))
            elif kind == "or":
                self.pending.append(content)
            else:
                self.literals.append((kind, content))
                self._cut(kind, content, inputs)

    def _cut(self, relation: str, polynomial: dict[Any, Fraction], inputs: int) -> None:
        powers = [monomial for monomial in polynomial if monomial]
        if len(powers) != 1 or len(powers[0]) != 1:
            return
        ((variable, exponent),) = powers[0]
        if variable >= inputs or exponent != 1:
            return
        slope = polynomial[powers[0]]
        bound = -polynomial.get((), Fraction(0)) / slope
        if slope > 0 or relation == "==":
            self.below(variable, bound)
        if slope < 0 or relation == "==":
            self.above(variable, bound)

    def below(self, axis: int, bound: Fraction) -> None:
        low, high = self.box[axis]
        self.box[axis] = (low, bound if high is None or bound < high else high)

    def above(self, axis: int, bound: Fraction) -> None:
        low, high = self.box[axis]
        self.box[axis] = (bound if low is None or bound > low else low, high)

    def is_empty(self) -> bool:
        return any(low is not None and high is not None and low > high for low, high in self.box)


class Refutation:
    """Feed it the lines in order with `line`; `finish` says whether the tree is complete."""

    def __init__(self, network: Network, formula: Any, bits: int) -> None:
        """Start with the root: the formula is assumed, no unit's sign is known."""
        self.network = network
        self.formula = formula  # its polynomials live as long as this: `_rows` knows them by their id
        self.bits = bits
        self.stack_of_layers = Stack(network, bits)
        self.opposite = [[[-w for w in row] for row in layer.weights] for layer in network.layers[:-1]]
        self.place: list[tuple[int, int]] = []
        lines: list[list[Lines]] = []
        for k, layer in enumerate(network.layers[:-1]):
            own: list[Lines] = []
            for j, (negative, positive) in enumerate(layer.slopes):
                linear = negative == positive
                own.append(self._exact(positive) if linear else None)
                if not linear:
                    self.place.append((k, j))
            lines.append(own)
        root = _Node(
            [(None, None)] * network.inputs,
            [],
            [],
            lines,
            [[(None, None)] * len(layer.slopes) for layer in network.layers[:-1]],
            list(range(len(self.place))),
        )
        root.assume(formula, network.inputs)
        self.nodes = [root]  # still to be done, the next one last
        self.leaves = 0
        self._rows: dict[tuple[Any, ...], tuple[list[int], list[int], int, int]] = {}

    def line(self, entry: dict[str, Any]) -> None:
        """Check one line.

        Raises:
            Invalid: it does not follow, or the tree is complete already.
        """
        if not self.nodes:
            raise Invalid("a line after the last leaf; the tree is complete already")
        node = self.nodes[-1]
        kind = next(iter(entry), "")
        if kind == "r":
            expect_keys(entry, "a conclusion", {"r", "v"})
            self._conclude(node, entry["r"], entry["v"])
            return
        self.nodes.pop()
        if kind == "x":
            expect_keys(entry, "a cut", {"x"})
            self._cut(node, entry["x"])
        elif kind == "u":
            expect_keys(entry, "a split", {"u"})
            self._split(node, entry["u"])
        elif kind == "o":
            expect_keys(entry, "an alternative", {"o"})
            number = natural(entry["o"], "the number of a disjunction")
            if number >= len(node.pending):
                raise Invalid(f"there is no pending disjunction {number}; there are {len(node.pending)}")
            parts = node.pending.pop(number)
            for part in reversed(parts):
                child = node.child()
                child.assume(part, self.network.inputs)
                self.nodes.append(child)
        elif kind in ("l", "b"):
            expect_keys(entry, "a leaf", {"l"}, {"b"})
            self._leaf(node, _pairs(entry["l"]), _pairs(entry.get("b", [])))
        else:
            raise Invalid(f"a line begins with x, u, o, l or r, not {shorten(kind)}")

    def finish(self) -> None:
        """Require that every node is done.

        Raises:
            Invalid: some are not.
        """
        if self.nodes:
            raise Invalid(f"the tree is not complete: {len(self.nodes)} nodes are not accounted for")

    def _exact(self, slope: int) -> Lines:
        line = (slope << self.bits, 0)
        return (line, line)

    def _cut(self, node: _Node, entry: Any) -> None:
        if type(entry) is not list or len(entry) != 2:
            raise Invalid("a cut names an input and a number")
        axis, where = natural(entry[0], "the number of an input"), rational(entry[1], "the cut")
        if axis >= self.network.inputs:
            raise Invalid(f"there is no input {axis}")
        below, above = node.child(), node
        below.below(axis, where)
        above.above(axis, where)
        self.nodes += [above, below]

    def _split(self, node: _Node, entry: Any) -> None:
        unit = natural(entry, "the number of a unit")
        if unit not in node.open_units:
            raise Invalid(f"unit {unit} does not exist, or its sign is known already")
        k, j = self.place[unit]
        node.open_units.remove(unit)
        children = []
        for sign, slope in enumerate(self.network.layers[k].slopes[j]):
            child = node.child()
            child.signs[unit] = sign
            child.lines[k][j] = self._exact(slope)
            low, high = child.known[k][j]
            child.known[k][j] = (max(low or 0, 0), high) if sign else (low, 0 if high is None else min(high, 0))
            children.append(child)
        self.nodes += reversed(children)

    def _leaf(self, node: _Node, literals: list[tuple[int, int]], units: list[tuple[int, int]]) -> None:
        self.leaves += 1
        if node.is_empty():
            return
        strict = False
        for number, m in literals:
            if number >= len(node.literals):
                raise Invalid(f"there is no literal {number}; there are {len(node.literals)}")
            relation = node.literals[number][0]
            if m < 0 and relation != "==":
                raise Invalid("the multiplier of an inequality is negative")
            strict = strict or (relation == "<" and m > 0)
        assumed = {}
        for unit, m in units:
            if unit not in node.signs:
                raise Invalid(f"unit {unit} has a multiplier, but its sign was not split")
            if m < 0:
                raise Invalid("a unit's multiplier is negative")
            assumed[self.place[unit]] = -m if node.signs[unit] else m
        row, own, constant, scale = self._sum([(node.literals[number][1], m) for number, m in literals])
        depth = len(self.network.layers) - 2
        if row and not assumed and not any(own):
            floor = self.stack_of_layers.rounded_bound(depth, row, constant, scale, node.lines, node.box)
            if floor is not None and floor > 0:
                return
        bound = self.stack_of_layers.lower_bound(depth, row, constant, scale, node.lines, node.box, own, assumed)
        if bound is None:
            raise Invalid("the sum is not bounded below: an input or a unit without bounds remains in it")
        if bound < 0 or (bound == 0 and not strict):
            raise Invalid("the sum's lower bound is no contradiction")

    def _sum(self, terms: list[tuple[Any, int]]) -> tuple[list[int], list[int], int, int]:
        """A combination of linear polynomials as integers over `scale`: of the last hidden values, inputs, constant."""
        key = tuple((id(polynomial), m) for polynomial, m in terms)
        if key in self._rows:
            return self._rows[key]
        output, d = self.network.layers[-1], self.network.inputs
        total: dict[int, Fraction] = {}
        constant = Fraction(0)
        for polynomial, m in terms:
            for monomial, c in polynomial.items():
                if not monomial:
                    constant += m * c
                    continue
                if len(monomial) > 1 or monomial[0][1] != 1:
                    raise Invalid("a literal that is not linear takes part in a leaf")
                variable = monomial[0][0]
                total[variable] = total.get(variable, Fraction(0)) + m * c
        common = lcm(constant.denominator, *(c.denominator for c in total.values()))
        q = output.denominator
        row = [0] * len(output.weights[0])
        own = [0] * d
        whole = int(constant * common) * q
        for variable, c in total.items():
            n = int(c * common)
            if variable < d:
                own[variable] += n * q
            else:
                weights = output.weights[variable - d]
                row = [r + n * w for r, w in zip(row, weights, strict=True)]
                whole += n * output.bias[variable - d]
        if len(self.network.layers) == 1:
            own, row = [o + r for o, r in zip(own, row, strict=True)], []
        found = self._rows[key] = (row, own, whole, common * q)
        return found

    # -- conclusions about units --------------------------------------------------------------------------------------

    def _conclude(self, node: _Node, states: Any, values: Any) -> None:
        if type(states) is not str or len(states) != len(node.open_units):
            raise Invalid(f"a conclusion needs one letter for each of the {len(node.open_units)} units without a sign")
        if type(values) is not list or any(type(v) is not int for v in values):
            raise Invalid("the lines of a conclusion are a list of integers")
        if node.is_empty():
            raise Invalid("a conclusion about an empty box; end the node instead")
        chords = iter(values)
        still = []
        for unit, state in zip(node.open_units, states, strict=True):
            if state == ".":
                still.append(unit)
                continue
            k, j = self.place[unit]
            negative, positive = self.network.layers[k].slopes[j]
            if state in "+-":
                if not any(self._keeps_sign(node, k, j, state, exact) for exact in (False, True)):
                    raise Invalid(f"unit {unit} is not shown to keep its sign")
                node.lines[k][j] = self._exact(positive if state == "+" else negative)
                continue
            if state not in "lh":
                raise Invalid(f"the letters of a conclusion are + - l h and the dot, not {shorten(state)}")
            still.append(unit)
            chord = (next(chords, None), next(chords, None))
            if chord[0] is None or chord[1] is None:
                raise Invalid("a conclusion has too few lines")
            through = ((positive if state == "h" else negative) << self.bits, 0)
            self._learn(node, k, j, low=True, high=True)
            lines = self._enclosing(unit, node.known[k][j], (chord[0], chord[1]), through)
            if lines is None:
                self._learn(node, k, j, low=True, high=True, exact=True)
                lines = self._enclosing(unit, node.known[k][j], (chord[0], chord[1]), through)
            if lines is None:
                raise Invalid(f"the chord of unit {unit} is not on the right side of it")
            node.lines[k][j] = lines
        if next(chords, None) is not None:
            raise Invalid("a conclusion has too many lines")
        node.open_units = still

    def _keeps_sign(self, node: _Node, k: int, j: int, state: str, exact: bool) -> bool:
        self._learn(node, k, j, low=state == "+", high=state == "-", exact=exact)
        low, high = node.known[k][j]
        return low is not None and low >= 0 if state == "+" else high is not None and high <= 0

    def _enclosing(self, unit: int, known: Interval, chord: tuple[int, int], through: tuple[int, int]) -> Lines:
        """The lines of a unit that may cross zero: through zero, and a chord; None if that is on the wrong side."""
        k, j = self.place[unit]
        layer = self.network.layers[k]
        negative, positive = layer.slopes[j]
        slope, shift = chord[0] * layer.slope_denominator, chord[1]
        gaps = []
        for end in known:
            if end is None:
                raise Invalid(f"unit {unit} has no bounds, so that no chord encloses it")
            # chord - activation at end / 2^(2 bits), times slope_denominator * 2^(3 bits)
            own = (positive if end > 0 else negative) << self.bits
            gaps.append((slope - own) * end + ((shift * layer.slope_denominator) << (2 * self.bits)))
        if positive >= negative:
            return (through, (slope, shift)) if min(gaps) >= 0 else None
        return ((slope, shift), through) if max(gaps) <= 0 else None

    def _learn(self, node: _Node, k: int, j: int, *, low: bool, high: bool, exact: bool = False) -> None:
        """Bound a preactivation on the node's box, below and above as wanted, and keep what is better than known.

        Bounds may be rounded, which is enough nearly always; `exact` is for those that touch zero or a chord.
        """
        layer, stack = self.network.layers[k], self.stack_of_layers
        bound = stack.exact_floor if exact else stack.rounded_bound
        least, greatest = node.known[k][j]
        if low:
            floor = bound(k - 1, layer.weights[j], layer.bias[j], layer.denominator, node.lines, node.box)
            if floor is not None:
                least = floor if least is None or floor > least else least
        if high:
            floor = bound(k - 1, self.opposite[k][j], -layer.bias[j], layer.denominator, node.lines, node.box)
            if floor is not None:
                greatest = -floor if greatest is None or -floor < greatest else greatest
        node.known[k][j] = (least, greatest)


def _pairs(entry: Any) -> list[tuple[int, int]]:
    """A list of [number, hexadecimal multiplier]."""
    if type(entry) is not list or any(type(pair) is not list or len(pair) != 2 for pair in entry):
        raise Invalid("a leaf has lists of pairs: a number and a multiplier")
    numbers = [natural(pair[0], "a number in a leaf") for pair in entry]
    if len(set(numbers)) != len(numbers):
        raise Invalid("a number occurs twice in a leaf")
    return list(zip(numbers, hexadecimals([pair[1] for pair in entry]), strict=True))
