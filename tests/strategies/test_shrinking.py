"""Ten planted bugs and the one network that Hypothesis should end with for each: small, and readable at a glance.

Each bug is a wrong evaluation, configuration or count that somebody could write.  The search is for a network on which
it differs from the truth at a point of the grid {-1, 0, 1}^n; the pinned source is what a failing test would show.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import HealthCheck, find, settings

from exactrelu import Network, configuration_at, enumerate_regions
from exactrelu.networks.source import network_source
from exactrelu.strategies import networks

Point = tuple[int, ...]
Rows = list[list[Fraction]]


def run(network: Network, point: Point, *, change: Callable[[list[Rows]], list[Rows]] | None = None) -> list[Fraction]:
    """Evaluate from rows [w | b], changed by a bug."""
    layers = [[list(row) for row in affine.augmented.to_fractions()] for affine in network.affine_maps]
    values = [Fraction(x) for x in point]
    for number, rows in enumerate(layers if change is None else change(layers), start=1):
        values = [sum((w * x for w, x in zip(row, values, strict=False)), row[-1]) for row in rows]
        if number < len(layers):
            values = [max(value, Fraction(0)) for value in values]
    return values


def grid(network: Network) -> list[Point]:
    """All points with coordinates -1, 0, 1."""
    return list(product((-1, 0, 1), repeat=network.n_inputs))


def differs(change: Callable[[list[Rows]], list[Rows]]) -> Callable[[Network], bool]:
    """Whether a change of the rows shows at a point of the grid."""
    return lambda network: any(run(network, x, change=change) != run(network, x) for x in grid(network))


def zero_is_active(network: Network) -> bool:
    """A preactivation of zero gets bit 1."""
    for point in grid(network):
        signs = [z >= 0 for layer in network.preactivations(point) for z in layer]
        if "".join(str(int(s)) for s in signs) != configuration_at(network, point).bits:
            return True
    return False


def every_unit_cuts(network: Network) -> bool:
    """On a line, one hidden layer of m units is said to have m + 1 cells: dead units and twins are counted."""
    plain = network.n_inputs == 1 and len(network.hidden) == 1
    return plain and len(enumerate_regions(network)) != network.n_units + 1


def twins_merged(layers: list[Rows]) -> list[Rows]:
    """Of two equal rows of a hidden layer only the first is kept, and the second's outgoing weight is lost."""
    layers = [[list(row) for row in rows] for rows in layers]
    for rows, after in pairwise(layers):
        for k in range(len(rows) - 1, 0, -1):
            if rows[k] in rows[:k]:
                for row in after:
                    row[k] = Fraction(0)
    return layers


def one_hidden_layer_read_last(layers: list[Rows]) -> list[Rows]:
    """Two hidden layers of the same shape change places."""
    if len(layers) == 3 and len(layers[0]) == len(layers[1]) and len(layers[0][0]) == len(layers[1][0]):
        return [layers[1], layers[0], layers[2]]
    return layers


def negative_values_pass(network: Network) -> bool:
    """The hidden layers do nothing: the value is that of the affine maps alone."""
    for point in grid(network):
        values = tuple(Fraction(x) for x in point)
        for affine in network.affine_maps:
            values = affine(values)
        if values != network(point):
            return True
    return False


def hidden_offsets_dropped(layers: list[Rows]) -> list[Rows]:
    """Hidden biases count as zero."""
    return [[[*row[:-1], Fraction(0)] for row in rows] for rows in layers[:-1]] + layers[-1:]


def negative_weights_ignored(layers: list[Rows]) -> list[Rows]:
    """Negative weights count as zero."""
    return [[[*(max(w, Fraction(0)) for w in row[:-1]), row[-1]] for row in rows] for rows in layers]


def fractions_cut(layers: list[Rows]) -> list[Rows]:
    """Weights and biases are cut to integers."""
    return [[[Fraction(int(entry)) for entry in row] for row in rows] for rows in layers]


def second_input_ignored(layers: list[Rows]) -> list[Rows]:
    """Only the first coordinate is read."""
    return [[[row[0], *[Fraction(0)] * (len(row) - 2), row[-1]] for row in layers[0]], *layers[1:]]


def output_clipped(network: Network) -> bool:
    """ReLU is applied to the output as well."""
    return any(min(run(network, point)) < 0 for point in grid(network))


BUGS: list[tuple[Callable[[Network], bool], str]] = [
    (zero_is_active, "Network.from_weights([[[0]], [[0]]], [[0], [0]])"),
    (every_unit_cuts, "Network.from_weights([[[0]], [[0]]], [[0], [0]])"),
    (output_clipped, "Network.from_weights([[[0]], [[0]]], [[0], [-1]])"),
    (differs(hidden_offsets_dropped), "Network.from_weights([[[0]], [[1]]], [[1], [0]])"),
    (differs(negative_weights_ignored), "Network.from_weights([[[-1]], [[1]]], [[0], [0]])"),
    (differs(twins_merged), "Network.from_weights([[[0]], [[0], [0]], [[0, 1]]], [[0], [2, 2], [0]])"),
    (
        differs(one_hidden_layer_read_last),
        "Network.from_weights([[[0, 0], [0, 0]], [[0, 0], [0, 0]], [[1, 0]]], [[0, 0], [1, 0], [0]])",
    ),
    (negative_values_pass, "Network.from_weights([[[1]], [[1]]], [[0], [0]])"),
    (differs(fractions_cut), "Network.from_weights([[[1]], [['3/2']]], [[0], [0]])"),
    (differs(second_input_ignored), "Network.from_weights([[[0, 1]], [[1]]], [[0], [0]])"),
]


@pytest.mark.parametrize(("bug", "minimal"), BUGS)
def test_a_planted_bug_shrinks_to_its_minimal_network(bug: Callable[[Network], bool], minimal: str) -> None:
    """Exactly the pinned network."""
    quiet = settings(database=None, max_examples=2000, suppress_health_check=list(HealthCheck))
    assert network_source(find(networks(), bug, random=Random(0), settings=quiet)) == minimal
