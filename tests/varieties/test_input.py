"""Architectures, patterns, blocks: what is accepted, what is refused and why, what is read off a network."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.networks.activations import IDENTITY
from exactrelu.networks.builders import random_network
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.varieties import Architecture, Blocks, Pattern, parse_patterns, parse_widths, read_blocks
from tests.varieties.instances import small_fraction


def test_text_of_patterns_is_read_and_written() -> None:
    """Blocks by "|", layers by "."; blanks do not matter; a network without hidden layers has the empty pattern."""
    assert [str(p) for p in parse_patterns(" 11.0 |10.1")] == ["11.0", "10.1"]
    assert Pattern.parse("").masks == ()
    assert parse_widths("3, 4,3") == parse_widths("3-4-3") == (3, 4, 3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: parse_widths("3,x"), InputError, "integers"),
        (lambda: Architecture((3,)), InputError, "1 entries"),
        (lambda: Architecture((3, 0, 1)), InputError, "at least 1"),
        (lambda: Pattern.parse("1 2"), InputError, "'1 2'"),
        (lambda: Blocks.of((2, 3, 1), "11"), ShapeError, "hidden widths are \\[3\\]"),
        (lambda: Blocks.of((2, 1, 1), []), InputError, "patterns is empty"),
        (lambda: Blocks.of((2, 1, 1), "1|0", inputs=[[[1], [2]]]), ShapeError, "1 matrices of inputs for 2"),
        (lambda: Blocks.of((2, 1, 1), "1", inputs=[[[1]]]), ShapeError, "inputs\\[0\\]"),
        (lambda: Blocks.of((1, 1, 1), "1", inputs=[[[0.5]]]), InexactNumberError, "inputs\\[0\\]"),
        (lambda: Blocks.of((2, 1, 1), "1|0", inputs=[[], []]), ShapeError, "inputs\\[0\\] is 0×0; it needs a row"),
        (lambda: Blocks.of((1, 1, 1), "1", inputs=5), InputError, "inputs must be a sequence, not int"),
        (lambda: Blocks.of((1, 1, 1), "1", inputs=[5]), InputError, "inputs\\[0\\]"),
        (lambda: Blocks.of((1, 1, 1), None), InputError, "patterns must be a sequence, not NoneType"),
        (lambda: Blocks.of((2, 2, 1), [[1, 1]]), InputError, "patterns\\[0\\] is \\[1, 1\\]; write it as text"),
        (lambda: Blocks.of(5, "1"), InputError, "widths must be a sequence, not int"),
    ],
)
def test_bad_input_is_refused_with_its_reason(call: object, error: type[Exception], words: str) -> None:
    """The message names the argument and the fact."""
    with pytest.raises(error, match=words):
        call()  # type: ignore[operator]


def test_a_network_is_read_exactly() -> None:
    """The outputs read are those of the affine map of the pattern, and every point has its place."""
    network = random_network([2, 3, 2, 2], seed=4)
    chance = random.Random(1)
    points = [[small_fraction(chance), small_fraction(chance)] for _ in range(12)]
    reading = read_blocks(network, points)
    assert len(reading.places) == 12
    for point, (block, column) in zip(points, reading.places, strict=True):
        bits = "".join(reading.blocks.patterns[block].masks)
        value = affine_map(network, bits)(point)
        assert reading.blocks.inputs is not None
        assert [row[column] for row in reading.blocks.inputs[block].to_fractions()] == point
        assert tuple(row[column] for row in reading.outputs[block].to_fractions()) == value


def test_a_zero_preactivation_is_refused_with_the_point() -> None:
    """A point on a hyperplane has no pattern; the message gives the point and the neuron."""
    network = Network.from_weights([[[1, -1], [1, 1]], [[1, 1]]], [[0, 0], [0]])
    with pytest.raises(InputError, match=r"point 1 \(1/2, 1/2\): preactivation 0 of hidden layer 0 is zero"):
        read_blocks(network, [[1, 0], ["1/2", "1/2"]])


def test_other_activations_and_hidden_biases_are_refused() -> None:
    """Patterns are defined for ReLU units; biases cannot be left out of the architecture if the network has some."""
    linear = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[IDENTITY]])
    with pytest.raises(InputError, match="no ReLU"):
        read_blocks(linear, [[1]])
    shifted = Network.from_weights([[[1]], [[1]]], [[1], [0]])
    assert read_blocks(shifted, [[1]]).blocks.architecture.bias
    with pytest.raises(InputError, match="biases"):
        read_blocks(shifted, [[1]], bias=False)
    with pytest.raises(InputError, match="points is empty"):
        read_blocks(shifted, [])


def test_sizes_and_extended_inputs() -> None:
    """With biases a row of ones is added below, over the common denominator."""
    blocks = Blocks.of((1, 1, 1), "1", bias=True, inputs=[[["1/2", 3]]])
    assert blocks.sizes == (2,)
    assert blocks.extended_inputs()[0].to_fractions() == ((Fraction(1, 2), Fraction(3)), (Fraction(1), Fraction(1)))
