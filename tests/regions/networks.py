"""Small networks with exact answers, used by several tests: widths, weights and the counts of the three notions and
kinds.

Counts are (full, half-open, closed) and (linear regions, affine pieces) on all of space.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from exactrelu.networks.network import Network


class Example(NamedTuple):
    """A network and its exact counts."""

    network: Network
    notions: tuple[int, int, int]
    linear_regions: int
    affine_pieces: int


def _net(name: str, weights: list[Any], biases: list[Any]) -> Network:
    return Network.from_weights(weights, biases, name=name)


_LINES = [[1, 0], [0, 1], [-1, -1]]
_TENT = ([[2], [4]], [0, -2])
_TENT_ON = ([[2, -2], [4, -4]], [0, -2])

EXAMPLES = {
    "count-abs": Example(_net("abs", [[[1], [-1]], [[1, 1]]], [[0, 0], [0]]), (2, 3, 4), 2, 2),
    "count-tri": Example(_net("tri", [_LINES, [[1, 1, 1]]], [[0, 0, 0], [0]]), (6, 7, 8), 6, 6),
    "count-tri_plus": Example(
        _net("tri_plus", [[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, 0], [0]]), (6, 6, 8), 6, 6
    ),
    "count-g3": Example(_net("g3", [[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]]), (7, 7, 7), 7, 7),
    "count-chain": Example(_net("chain", [[[1]], [[1]], [[1]]], [[0], [0], [0]]), (2, 2, 4), 2, 2),
    "count-m1": Example(
        _net("m1", [[[2], [4]], [[1, -1], [1, -1]], [[1, 1]]], [[0, -2], ["-1/3", "-2/3"], [0]]), (7, 7, 7), 6, 5
    ),
    "count-n4": Example(
        _net(
            "n4",
            [[[1, 2], [-1, 1], [3, 0]], [[1, -1, 2], [2, 1, 0]], [[1, 1], [-1, 3]], [[1, 2]]],
            [[1, 0, -1], [0, 1], [-1, 0], [5]],
        ),
        (10, 10, 27),
        10,
        10,
    ),
    "count-z": Example(
        _net("z", [_LINES, [[1, 1, -1], [2, -1, 0]], [[1, -2]]], [[0, 0, 0], [0, 0], [0]]), (9, 10, 32), 8, 8
    ),
    "telgarsky-3": Example(
        _net("tent3", [_TENT[0], _TENT_ON[0], _TENT_ON[0], [[1, -1]]], [_TENT[1], _TENT_ON[1], _TENT_ON[1], [0]]),
        (10, 11, 20),
        10,
        9,
    ),
    "one unit, zero row": Example(_net("dead", [[[0, 0]], [[1]]], [[0], [3]]), (1, 1, 2), 1, 1),
    "one unit, constant": Example(_net("constant", [[[0, 0]], [[1]]], [[-1], [0]]), (1, 1, 1), 1, 1),
    "no unit": Example(_net("affine", [[[2, 1]]], [[5]]), (1, 1, 1), 1, 1),
    "duplicate and opposite units": Example(
        _net("dup", [[[1], [1], [-1]], [[1, 1, 1]]], [[-1, -1, 1], [0]]), (2, 3, 8), 2, 2
    ),
}
