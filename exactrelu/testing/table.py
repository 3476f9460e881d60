"""Small degenerate networks, by name: where implementations go wrong first.

Every entry is a ReLU network of at most six units with a box on which something is not generic: a unit that is dead,
doubled or constant, hyperplanes that coincide or face each other, breakpoints on the boundary of the box, ties on whole
cells, cells of width 2^-30, preactivations of many magnitudes.  A reader can check each by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.testing.reference import default_domain

__all__ = ["DEGENERATE_CASES", "Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """A network and a box; `remark` says what is special."""

    name: str
    network: Network
    domain: HPolyhedron
    remark: str


def _case(name: str, weights: Any, biases: Any, remark: str, domain: HPolyhedron | None = None) -> Case:
    network = Network.from_weights(weights, biases, name=name)
    return Case(name, network, default_domain(network) if domain is None else domain, remark)


THIN = "1/1073741824"  # 2^-30, less than 1e-9

DEGENERATE_CASES: tuple[Case, ...] = (
    _case("affine", [[[2]]], [[-1]], "no hidden layer, so one cell with the empty configuration"),
    _case("constant", [[[0]], [[1]]], [[1], [2]], "a unit without weights: its preactivation is 1 everywhere"),
    _case("one-unit", [[[1]], [[1]]], [[0], [0]], "one breakpoint at 0"),
    _case("dead", [[[1], [1]], [[1, 1]]], [[-5, "1/2"], [0]], "unit 0 is negative on the whole box"),
    _case("absolute", [[[1], [-1]], [[1, 1]]], [[0, 0], [0]], "opposite rows: at 0 both units are zero"),
    _case(
        "cancelling", [[[1], [-1]], [[1, -1]]], [[0, 0], [0]], "two cells with the same affine map: one linear region"
    ),
    _case("duplicate", [[[1], [1]], [[1, 2]]], [[-1, -1], [0]], "two equal units"),
    _case("border", [[[1]], [[1]]], [[-2], [0]], "a breakpoint at the end of the interval"),
    _case("hat", [[[1], [1], [1]], [[1, -2, 1]]], [[1, 0, -1], [0]], "the map 0 occurs in two linear regions"),
    _case("thin-strip", [[[1], [1]], [[1, -1]]], [[0, f"-{THIN}"], [0]], "a cell of width 2^-30"),
    _case(
        "steep-step",
        [[[2**30], [2**30]], [[1, -1]]],
        [[0, -1], [0]],
        "rises from 0 to 1 on an interval of length 2^-30",
    ),
    _case(
        "scales",
        [[[1], [1], [1], [1]], [[1, 1, 1, 1]]],
        [[0, "-1/134217728", "-1/262144", "-1/512"], [0]],
        "preactivations of 2^-28, 2^-19 and 2^-10, which a tolerance of that size takes for zero",
    ),
    _case("rational", [[["1/3"], ["-2/7"]], [["3/5", "-1/9"]]], [["1/7", "1/11"], ["-1/13"]], "no number is a float"),
    _case("zero-preactivation", [[[1]], [[1]], [[1]]], [[0], [0], [1]], "unit 1 is zero on the whole cell of x < 0"),
    _case("one-unit-layers", [[[1]], [[-1]], [[1]], [[2]]], [["1/2"], [1], ["-1/4"], [0]], "three layers of one unit"),
    _case("tent-twice", [[[2], [4]], [[2, -2], [4, -4]], [[1, -1]]], [[0, -2], [0, -2], [0]], "the tent map, twice"),
    _case(
        "flat-at-zero",
        [[[1], [-1]], [[1, 1]], [[1]]],
        [[-1, -1], [0], [0]],
        "the second layer is zero between -1 and 1",
    ),
    _case("no-biases", [[[1, 0], [0, 1], [1, 1]], [[1, -1, 1]]], [[0, 0, 0], [0]], "three lines through the origin"),
    _case(
        "coincident", [[[1, -1], [2, -2], [-1, 1]], [[1, 1, 1]]], [[1, 2, -1], [0]], "three units with one hyperplane"
    ),
    _case("corner", [[[1, 1], [1, -1]], [[1, 1]]], [[-4, 0], [0]], "a line that touches the box in a corner"),
    _case(
        "quadrants",
        [[[1, 0], [0, 1]], [[1, 1]], [[1]]],
        [[0, 0], [-1], [0]],
        "the second layer bends in three of the four quadrants",
    ),
    _case("two-outputs", [[[1, 0], [1, 1]], [[1, -1], [0, 1]]], [[0, 0], [0, "1/2"]], "two outputs"),
    _case(
        "far-side",
        [[[1, 2]], [[1]]],
        [["-1/2"], [0]],
        "a box away from the origin",
        HPolyhedron.box(["1/3", -1], ["4/3", "1/7"]),
    ),
    _case("cube-corner", [[[1, 1, 1], [1, 0, 0]], [[1, -1]]], [["-11/2", 0], [0]], "cuts a corner off a cube"),
)
"""All entries, small ones first by kind."""
