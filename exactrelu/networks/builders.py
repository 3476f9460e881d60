"""Named networks of the theory, and random ones: what examples and tests start from.

Each function returns a `Network` with its architecture stated, since counts of configurations belong to the
architecture and not to the function: `maximum(n)` passes values on by linear units, `maximum(n, relu_only=True)` as
relu(t) - relu(-t).

Not here: the readers of files (`exactrelu.io`), training.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.expressions import Expression, Graph, concatenate
from exactrelu.networks.lowering import lower
from exactrelu.networks.network import Network
from exactrelu.networks.piecewise import maximum_of, relu

__all__ = ["absolute_value", "identity_chain", "indicator", "maximum", "random_network", "tent"]


def tent(times: int) -> Network:
    """Return the `times`-fold composite of the tent map t(x) = relu(2x) - relu(4x - 2), widths 1-2-...-2-1.

    On [0, 1] it has 2^times pieces of slopes +-2^times, and takes the value j mod 2 at j/2^times.

    Raises:
        InputError: times < 1.

    Source: Telgarsky (2015), iterated tent maps as an example of what depth buys.

    Example:
        >>> [str(*tent(2)([Fraction(j, 8)])) for j in range(9)]
        ['0', '1/2', '1', '1/2', '0', '1/2', '1', '1/2', '0']
    """
    _at_least_one(times, "times")
    middle = [[[2, -2], [4, -4]]] * (times - 1)
    return Network.from_weights([[[2], [4]], *middle, [[1, -1]]], [[0, -2]] * times + [[0]], name=f"tent-{times}")


def maximum(n: int, *, relu_only: bool = False) -> Network:
    """Return max(x_1, ..., x_n) as a tournament of pairs with ceil(log2 n) hidden layers.

    Args:
        n: number of inputs, at least 1.
        relu_only: pass values on as relu(t) - relu(-t), so that every unit is a ReLU.  This adds breakpoints at t = 0.

    Raises:
        InputError: n < 1.

    Example:
        >>> maximum(4).widths, maximum(4).n_units, maximum(4, relu_only=True).widths
        ((4, 4, 2, 1), 3, (4, 6, 3, 1))
        >>> maximum(3)([1, "5/2", -4])
        (Fraction(5, 2),)
    """
    _at_least_one(n, "n")
    x = Graph(n).input
    players = [x.select([k]) for k in range(n)]
    champion = _relu_tournament(players) if relu_only else maximum_of(players, origin="max")
    return lower(champion, name=f"max-{n}")


def absolute_value() -> Network:
    """Return |x| = relu(x) + relu(-x), widths 1-2-1.

    Both preactivations are zero at the origin, so the three notions of configuration count 4, 3 and 2.

    Example:
        >>> absolute_value()(["-2/3"])
        (Fraction(2, 3),)
    """
    return Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]], name="abs")


def identity_chain(depth: int) -> Network:
    """Return `depth` stacked units relu(...relu(x)...), widths 1-1-...-1, which is relu(x).

    Example:
        >>> identity_chain(3)([5]), identity_chain(3)([-5])
        ((Fraction(5, 1),), (Fraction(0, 1),))
    """
    _at_least_one(depth, "depth")
    return Network.from_weights([[[1]]] * (depth + 1), [[0]] * (depth + 1), name=f"identity-chain-{depth}")


def indicator(halfspaces: Sequence[Sequence[Any]], slope: Any) -> Network:
    """Return relu(1 - slope · sum_i relu(a_i · x - b_i)), widths d-m-1-1: a continuous indicator of a polyhedron.

    It is 1 exactly on {x : a_i · x <= b_i for all i} and 0 where the violations add up to at least 1/slope.  Near a
    sharp corner that may be much farther away than 1/slope.

    Args:
        halfspaces: m rows (a_1, ..., a_d, b), each meaning a · x <= b; m >= 1.
        slope: positive number.

    Raises:
        ShapeError: no row, or rows of different lengths.
        InputError: slope <= 0.

    Example:
        >>> unit_interval = indicator([[-1, 0], [1, 1]], 10)
        >>> [str(*unit_interval([x])) for x in (0, 1, "21/20", "11/10", 2)]
        ['1', '1', '1/2', '0', '0']
    """
    steepness = as_rational(slope, name="slope")
    if steepness <= 0:
        raise InputError(f"slope is {steepness}; a positive number is needed")
    if not halfspaces:
        raise ShapeError("halfspaces is empty; pass at least one row (a_1, ..., a_d, b)")
    rows = [as_vector(row, name=f"halfspaces[{k}]") for k, row in enumerate(halfspaces)]
    if any(len(row) != len(rows[0]) or not row for row in rows):
        raise ShapeError(f"halfspaces has rows of lengths {[len(row) for row in rows]}; all need d + 1 entries")
    return Network.from_weights(
        [[row[:-1] for row in rows], [[-steepness] * len(rows)], [[1]]],
        [[-row[-1] for row in rows], [1], [0]],
        name="indicator",
    )


def random_network(widths: Sequence[int], *, seed: int, height: int = 8) -> Network:
    """Return a ReLU network with random small rationals p/q, |p| <= height and 1 <= q <= height.

    Small heights make degenerate networks likely: zero rows, parallel and coincident hyperplanes.

    Args:
        widths: input dimension, hidden widths, output dimension; at least two positive numbers.
        seed: the same seed gives the same network on every machine.
        height: bound on numerators and denominators, at least 1.

    Raises:
        InputError: fewer than two widths, or a number below 1.

    Example:
        >>> random_network([2, 3, 1], seed=0) == random_network([2, 3, 1], seed=0)
        True
    """
    if len(widths) < 2:
        raise InputError(f"widths has {len(widths)} entries; pass at least the input and the output dimension")
    for width in widths:
        _at_least_one(width, "a width")
    _at_least_one(height, "height")
    chance = random.Random(seed)

    def draw() -> Fraction:
        return Fraction(chance.randint(-height, height), chance.randint(1, height))

    weights, biases = [], []
    for before, after in pairwise(widths):
        weights.append([[draw() for _ in range(before)] for _ in range(after)])
        biases.append([draw() for _ in range(after)])
    return Network.from_weights(weights, biases, name=f"random-{'-'.join(map(str, widths))}-seed{seed}")


def _relu_tournament(players: list[Expression]) -> Expression:
    """The tournament in which max(a, b) = relu(a - b) + relu(b) - relu(-b), and one left over is relu(c) - relu(-c)."""
    while len(players) > 1:
        winners = []
        for k in range(0, len(players) - 1, 2):
            a, b = players[k : k + 2]
            winners.append(relu(concatenate([a - b, b, -b]), origin="max").affine(_row(1, 1, -1)))
        if len(players) % 2:
            c = players[-1]
            winners.append(relu(concatenate([c, -c]), origin="pass").affine(_row(1, -1)))
        players = winners
    return players[0]


def _row(*entries: int) -> RationalMatrix:
    return RationalMatrix.from_integers([entries])


def _at_least_one(number: int, name: str) -> None:
    if number < 1:
        raise InputError(f"{name} is {number}; it must be at least 1")
