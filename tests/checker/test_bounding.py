"""Lower bounds from lines: equal to a plain computation in fractions, never above the true minimum."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import floor
from typing import Any

import pytest

from exactrelu.checker import bounding
from exactrelu.checker.bounding import Stack
from exactrelu.lp.evidence import Optimal
from exactrelu.lp.optimise import minimise
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.activations import RELU
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network
from tests.checker.tree_reference import Node, Tree
from tests.verification.network_cases import KINDS, SLOPES, random_box, random_network
from tests.verification.proof_cases import plain_network

ZERO = Fraction(0)
Box = list[tuple[Fraction, Fraction]]


def true_minimum(network: Network, row: Sequence[Fraction], own: Sequence[Fraction], box: Box) -> Fraction:
    """The least value of row·h + own·x on the box, h behind the last hidden layer: one program for each bit string."""
    maps, d = Linearisation(network), network.n_inputs
    rows: list[Any] = []
    for i, (low, high) in enumerate(box):
        unit = [int(i == k) for k in range(d)]
        rows += [(unit, "<=", high), ([-a for a in unit], "<=", -low)]
    found = []
    for bits in map("".join, product("01", repeat=network.n_units)):
        cell = []
        for unit_number, bit in enumerate(bits):
            normal, _ = maps.unit_row(bits, unit_number)
            sign = -1 if bit == "1" else 1
            cell.append(([sign * a for a in normal[:-1]], "<=", -sign * normal[-1]))
        last = maps.layer_map(bits, len(network.hidden))
        objective = [o + dot(row, column) for o, column in zip(own, zip(*last.linear, strict=True), strict=True)]
        answer = minimise(LinearSystem.from_rows([*rows, *cell], dimension=d), objective)
        if isinstance(answer, Optimal):
            found.append(answer.value + dot(row, last.offset))
    return min(found)


def dot(one: Sequence[Fraction], two: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(one, two, strict=True)), ZERO)


class Case:
    """A network whose output is its last hidden layer, a box, and the lines of all units, made by the reference."""

    def __init__(self, rng: random.Random, kind: str, bits: int) -> None:
        widths = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
        made = random_network(rng, KINDS[kind], rng.choice([(RELU,), SLOPES]), widths=widths)
        width = made.widths[-2]
        weights = [
            *(layer.affine.linear for layer in made.hidden),
            [[int(i == j) for i in range(width)] for j in range(width)],
        ]
        biases = [*(layer.affine.offset for layer in made.hidden), [0] * width]
        activations = [layer.activations for layer in made.hidden]
        self.network = Network.from_weights(weights, biases, activations=activations)
        self.box: Box = random_box(rng, made.n_inputs)
        self.bits = bits
        self.tree = Tree(self.network, bits)
        self.node = Node([list(ends) for ends in self.box])
        for unit in range(self.network.n_units):
            self.draw_lines(rng, unit)
        self.plain = plain_network(self.network)
        self.stack = Stack(self.plain, bits)

    def draw_lines(self, rng: random.Random, unit: int) -> None:
        """The exact line of a unit that keeps its sign; else a line through zero and a chord, rounded outwards."""
        address = self.network.units[unit]
        activation = self.network.hidden[address.layer].activations[address.position]
        low, high = self.tree.learn(self.node, unit)
        assert low is not None
        assert high is not None
        if low >= 0 or high <= 0:
            self.tree.fix(self.node, unit, int(low >= 0))
            return
        scale = Fraction(2) ** self.bits
        slope = Fraction(floor((activation(high) - activation(low)) / (high - low) * scale)) / scale
        gaps = [activation(end) - slope * end for end in (low, high)]
        through = (activation.slope(rng.randint(0, 1)), ZERO)
        if activation.positive >= activation.negative:
            shift = -Fraction(floor(-max(gaps) * scale)) / scale
            self.node.lines[unit] = (through, (slope, shift))
        else:
            self.node.lines[unit] = ((slope, Fraction(floor(min(gaps) * scale)) / scale), through)

    def integer_lines(self) -> list[list[Any]]:
        """The lines as the checker has them: slopes over 2^f s, shifts over 2^f."""
        found: list[list[Any]] = []
        units = iter(range(self.network.n_units))
        for layer, hidden in zip(self.plain.layers, self.network.hidden, strict=False):
            own = []
            for activation in hidden.activations:
                pair = ((activation.positive, ZERO),) * 2 if activation.is_linear else self.node.lines[next(units)]
                scaled = [(m * layer.slope_denominator * 2**self.bits, t * 2**self.bits) for m, t in pair]
                assert all(m.denominator == t.denominator == 1 for m, t in scaled)
                own.append(tuple((int(m), int(t)) for m, t in scaled))
            found.append(own)
        return found


def integers(values: Sequence[Fraction], scale: int) -> list[int]:
    scaled = [value * scale for value in values]
    assert all(value.denominator == 1 for value in scaled)
    return [int(value) for value in scaled]


@pytest.mark.parametrize("kind", ["small", "tenths", "thirds", "huge"])
def test_bounds_equal_a_plain_computation_and_are_below_the_minimum(kind: str) -> None:
    """60 networks of each kind, three functions each, with inputs of their own and assumed preactivations."""
    rng = random.Random(f"bounding {kind}")
    for _ in range(60):
        case = Case(rng, kind, rng.choice([0, 6, 24]))
        depth, width, d = len(case.network.hidden) - 1, case.network.widths[-2], case.network.n_inputs
        for _ in range(3):
            row = [Fraction(rng.randint(-9, 9), 3) for _ in range(width)]
            own = [Fraction(rng.randint(-2, 2), 3) * rng.randint(0, 1) for _ in range(d)]
            constant = Fraction(rng.randint(-9, 9), 3)
            extra = {u: Fraction(rng.randint(-2, 2)) for u in range(case.network.n_units) if rng.random() < 0.3}
            assumed = {tuple(case.network.units[u]): int(m) for u, m in extra.items()}
            numbers = integers(row, 3), integers([constant], 3)[0], 3
            lines, box = case.integer_lines(), case.box
            bound = case.stack.lower_bound(depth, *numbers, lines, box, integers(own, 3), assumed)
            assert bound == case.tree.below(case.node, depth, row, constant, own, extra)
            plain = case.stack.lower_bound(depth, *numbers, lines, box, integers(own, 3))
            assert plain is not None
            assert plain <= true_minimum(case.network, row, own, box) + constant


@pytest.mark.parametrize("kind", KINDS)
def test_rounded_bounds_are_bounds(kind: str) -> None:
    """N / 4^f is never above the true minimum, and within 2^-40 of the exact bound where no number is large.

    It may be above the exact bound: a smaller coefficient in front of a line that goes below zero costs less.
    """
    rng = random.Random(f"rounding {kind}")
    for _ in range(60):
        case = Case(rng, kind, rng.choice([6, 24]))
        depth, width, d = len(case.network.hidden) - 1, case.network.widths[-2], case.network.n_inputs
        row = [Fraction(rng.randint(-9, 9)) for _ in range(width)]
        lines = case.integer_lines()
        found = case.stack.rounded_bound(depth, integers(row, 7), 5, 7, lines, case.box)
        exact = case.tree.below(case.node, depth, row, Fraction(5, 7), [ZERO] * d, {})
        assert found is not None
        assert exact is not None
        assert Fraction(found, 4**case.bits) <= true_minimum(case.network, row, [ZERO] * d, case.box) + Fraction(5, 7)
        if kind in ("small", "tenths", "thirds"):
            assert abs(exact - Fraction(found, 4**case.bits)) <= Fraction(1, 4**case.bits) + Fraction(1, 2**40)


def test_units_without_lines_matter_only_if_they_have_a_coefficient() -> None:
    """Without lines of unit 1 there is a bound of h_0, and none of h_1, from above or below."""
    network = Network.from_weights([[[1], [1]], [[1, 1]]], [[0, 0], [0]])
    stack = Stack(plain_network(network), 4)
    lines: list[list[Any]] = [[((16, 0), (16, 0)), None]]
    box = [(Fraction(1), Fraction(2))]
    assert stack.lower_bound(0, [1, 0], 0, 1, lines, box) == 1
    assert stack.lower_bound(0, [-1, 0], 0, 1, lines, box) == -2
    assert stack.lower_bound(0, [0, 1], 0, 1, lines, box) is None
    assert stack.lower_bound(0, [0, -1], 0, 1, lines, box) is None
    assert stack.rounded_bound(0, [0, -1], 0, 1, lines, box) is None


def test_inputs_without_a_bound_matter_only_if_they_have_a_coefficient() -> None:
    """On [1, oo): 2 h is at least 2, -h has no bound, and h - x with x of its own cancels to 0."""
    network = Network.from_weights([[[1]], [[1]]], [[0], [0]])
    stack = Stack(plain_network(network), 4)
    lines = [[((16, 0), (16, 0))]]
    half_line = [(Fraction(1), None)]
    assert stack.lower_bound(0, [2], 0, 1, lines, half_line) == 2
    assert stack.lower_bound(0, [-1], 0, 1, lines, half_line) is None
    assert stack.lower_bound(0, [1], 0, 1, lines, half_line, [-1]) == 0
    assert stack.lower_bound(-1, [3], 1, 2, lines, half_line) == 2
    assert stack.rounded_bound(-1, [3], 1, 2, lines, half_line) == 2 * 4**4
    assert stack.rounded_bound(-1, [-3], 1, 2, lines, half_line) is None


def test_the_other_line_gives_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with the true minimum finds a mutant that takes the upper line below a positive coefficient."""
    original = Case.integer_lines
    monkeypatch.setattr(
        Case, "integer_lines", lambda self: [[(above, below) for below, above in layer] for layer in original(self)]
    )
    rng = random.Random("other line")
    wrong = 0
    for _ in range(40):
        case = Case(rng, "small", 6)
        width, d = case.network.widths[-2], case.network.n_inputs
        bound = case.stack.lower_bound(len(case.network.hidden) - 1, [1] * width, 0, 1, case.integer_lines(), case.box)
        assert bound is not None
        wrong += bound > true_minimum(case.network, [Fraction(1)] * width, [ZERO] * d, case.box)
    assert wrong > 0
    assert bounding.Stack is Stack
