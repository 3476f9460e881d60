"""Tiny networks and domains on which certificates are written, degenerate ones included."""

from __future__ import annotations

from fractions import Fraction

from tests.checker.writer import Dom, Net, box, polyhedron, space

HALF, THIRD, FINE = Fraction(1, 2), Fraction(1, 3), Fraction(1, 2**40)

NETS = {
    "absolute value": Net([[[1], [-1]], [[1, 1]]], [[0, 0], [0]]),
    "tent": Net([[[1], [1]], [[2, -4]]], [[0, -HALF], [0]]),
    "tent twice": Net([[[1], [1]], [[2, -4], [2, -4]], [[2, -4]]], [[0, -HALF], [0, -HALF], [0]]),
    "three lines": Net([[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]]),
    "concurrent lines": Net([[[1, 0], [0, 1], [1, -1]], [[1, 1, 1]]], [[0, 0, 0], [0]]),
    "zero units": Net([[[0], [1]], [[0, 0], [1, -1]], [[1, 1]]], [[0, THIRD], [0, 0], [0]]),
    "dead unit": Net([[[1], [0]], [[-1, 0], [1, 1]], [[1, 1]]], [[0, -1], [0, 0], [0]]),
    "twin units": Net([[[2, 1], [2, 1], [-2, -1]], [[1, 1, 1]]], [[1, 1, -1], [0]]),
    "slopes": Net(
        [[[1, 1], [HALF, -1], [3, 0]], [[1, -1, 1], [1, 1, THIRD]], [[1, 1]]],
        [[0, -1, HALF], [-1, 0], [0]],
        [[(-1, 1), (HALF, HALF), (THIRD, 1)], [(0, 1), (1, 0)]],
    ),
    "fine denominator": Net([[[FINE]], [[1], [-1]], [[1, 1]]], [[FINE], [1, -FINE], [0]]),
    "no units": Net([[[1, 2]], [[1]]], [[3], [0]], [[(2, 2)]]),
    "affine": Net([[[1, 2]]], [[3]]),
}

ONE = [space(1), box((-1, 1)), box((0, HALF)), polyhedron([["1", "2"], [-1, "1/2"]], [], ["0"], 1)]
TWO = [
    space(2),
    box((-1, 1), ("-1/2", 2)),
    polyhedron([[1, 1, 1], [-1, 0, 0], [0, -1, 0]], [], ["1/4", "1/4"], 2),
    polyhedron([], [["1", "-1", "0"]], [0, 0], 2),
    polyhedron([[1, 0, 1]], [[0, 2, 0]], ["-1/3", 0], 2),
]
FLAT_ONE = [box((HALF, HALF)), polyhedron([[1, 0], [-1, 0]], [], None, 1), polyhedron([[1, 0], [-1, -1]], [], None, 1)]
FLAT_TWO = [box((0, 0), (-1, 1)), polyhedron([], [[1, 0, 0], [1, 0, 1]], None, 2), polyhedron([], [[1, 0, 0]], None, 2)]


def statements() -> list[tuple[str, Net, Dom, str]]:
    """Every network on every domain of its dimension, in every notion that the domain allows."""
    result = []
    for name, net in NETS.items():
        for domain in ONE if net.inputs == 1 else TWO:
            result += [(name, net, domain, notion) for notion in ("full", "half-open", "closed")]
        for domain in FLAT_ONE if net.inputs == 1 else FLAT_TWO:
            result += [(name, net, domain, notion) for notion in ("half-open", "closed")]
    return result
