"""Named networks: the architectures of the worked examples, and the values of the functions."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from exactrelu.errors import InputError, ShapeError
from exactrelu.networks.builders import absolute_value, identity_chain, indicator, maximum, random_network, tent
from exactrelu.networks.network import Network

SQUARE = [[-1, 0, 0], [1, 0, 1], [0, -1, 0], [0, 1, 1]]


@pytest.fixture(scope="module")
def worked_examples(shared_data: Path) -> dict[str, Any]:
    """The worked examples by id."""
    entries = json.loads((shared_data / "worked-examples.json").read_text())["examples"]
    return {entry["id"]: entry for entry in entries}


def network_of(entry: dict[str, Any]) -> Network:
    """The network of a worked example."""
    return Network.from_weights(entry["weights"], entry["biases"])


def test_same_layers_as_the_worked_examples(worked_examples: dict[str, Any]) -> None:
    """The builders give the very layers of the worked examples, so their counts apply."""
    for times in range(1, 5):
        assert tent(times) == network_of(worked_examples[f"telgarsky-{times}"])
    for n in (2, 3, 4):
        assert maximum(n, relu_only=True) == network_of(worked_examples[f"max{n}"])
    assert absolute_value() == network_of(worked_examples["count-abs"])
    assert identity_chain(2) == network_of(worked_examples["count-chain"])
    assert indicator(SQUARE, 10) == network_of(worked_examples["indicator-square"])
    assert indicator([[-1, 0, 0], [0, -1, 0], [1, 1, 1]], 10) == network_of(worked_examples["indicator-triangle"])
    needle = indicator([[0, -1, 0], ["-1/10", 1, 0], [1, 0, 1]], 10)
    assert needle == network_of(worked_examples["indicator-needle"])
    assert [str(*needle([x, 0])) for x in ("-1/2", -1)] == worked_examples["indicator-needle"]["expected"]["f_at"]


def test_tent_values() -> None:
    """tent^k is j mod 2 at j/2^k, and 0 to the left of 0."""
    for times in (1, 2, 3, 5):
        net = tent(times)
        assert [net([Fraction(j, 2**times)])[0] for j in range(2**times + 1)] == [j % 2 for j in range(2**times + 1)]
        assert net([-3]) == (0,)
        assert net.widths == (1, *[2] * times, 1)


@pytest.mark.parametrize("n", range(1, 7))
@pytest.mark.parametrize("relu_only", [False, True])
def test_maximum_values(n: int, relu_only: bool) -> None:
    """The value is the largest coordinate, on ties too."""
    net = maximum(n, relu_only=relu_only)
    points = list(product((-1, 0, Fraction(1, 3)), repeat=n))
    for point in points[:: max(1, len(points) // 81)]:
        assert net(point) == (max(point),)


def test_maximum_has_one_unit_for_each_match() -> None:
    """Passing values on by linear units, the maximum of n numbers bends at n - 1 units only."""
    for n in range(1, 9):
        assert maximum(n).n_units == n - 1
        assert len(maximum(n).hidden) == (n - 1).bit_length()


def test_absolute_value_and_chain() -> None:
    """|x| and relu(x) by value."""
    for x in (Fraction(-7, 3), 0, 2):
        assert absolute_value()([x]) == (abs(x),)
        assert identity_chain(3)([x]) == (max(x, 0),)


def test_indicator_values() -> None:
    """1 on the square and its boundary, 0 once the violations add up to 1/slope, linear between."""
    net = indicator(SQUARE, 10)
    assert [net([x, "1/2"])[0] for x in (0, "1/2", 1, "21/20", "11/10", 5)] == [1, 1, 1, Fraction(1, 2), 0, 0]


def test_random_network_is_reproducible_and_small() -> None:
    """A seed fixes the network; all entries have the stated height."""
    net = random_network([2, 3, 3, 1], seed=5, height=3)
    assert net == random_network([2, 3, 3, 1], seed=5, height=3)
    assert net != random_network([2, 3, 3, 1], seed=6, height=3)
    entries = {a for one in net.affine_maps for row in (*one.linear, one.offset) for a in row}
    assert all(abs(a.numerator) <= 3 and a.denominator <= 3 for a in entries)
    assert net.widths == (2, 3, 3, 1)


def test_arguments_out_of_range() -> None:
    """Each is an InputError (ShapeError for ragged rows) that gives the number."""
    for call in (
        lambda: tent(0),
        lambda: maximum(0),
        lambda: identity_chain(0),
        lambda: indicator(SQUARE, 0),
        lambda: random_network([2], seed=0),
        lambda: random_network([2, 0, 1], seed=0),
        lambda: random_network([2, 1], seed=0, height=0),
    ):
        with pytest.raises(InputError, match=r"\d"):
            call()
    for rows in ([], [[1, 2], [1]], [[], []]):
        with pytest.raises(ShapeError, match="halfspaces"):
            indicator(rows, 1)
