"""C1: configurations partition the inputs, and each further layer refines the partition [HH19, Prop. 3].

The number of half-open configurations of a point is decided with the systems of *all* listed cells, so a missing or a
doubled cell of the enumeration is caught.  The points tried are one of every covector of the network that the
enumerations of the three notions find: witnesses of full, half-open and closed configurations, and midpoints of pairs
of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations, islice

from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.network import Network
from exactrelu.regions.results import Enumeration, RefinementNode, enumerate_regions
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]

_PAIRS = 200


def _points(network: Network) -> tuple[tuple[Fraction, ...], ...]:
    """Witnesses of all three notions, and midpoints of the first pairs of them."""
    witnesses = {
        enumeration.witness(index): None
        for notion in ("full", "half-open", "closed")
        for enumeration in (enumerate_regions(network, cells=notion),)
        for index in range(len(enumeration))
    }
    middles = (tuple((a + b) / 2 for a, b in zip(one, other, strict=True)) for one, other in combinations(witnesses, 2))
    return tuple(dict.fromkeys((*witnesses, *islice(middles, _PAIRS))))


def _members(enumeration: Enumeration, point: tuple[Fraction, ...]) -> tuple[str, ...]:
    return tuple(region.configuration.bits for region in enumeration if point in region)


def _decide_partition(network: Network) -> Decision:
    cells = enumerate_regions(network, cells="half-open")
    points = _points(network)
    for point in points:
        here = _members(cells, point)
        own = configuration_at(network, point).bits
        if here != (own,):
            text = ", ".join(map(str, point))
            line = f"The point ({text}) lies in {len(here)} cells, {here}; its configuration is {own}."
            return False, (line,), {"point": point, "cells": here}
    lines = (
        f"There are {len(cells)} half-open cells; what they leave out is refuted by a complete binary tree.",
        f"Each of {len(points)} points, among them one of every closed configuration, lies in exactly one of them.",
        "That cell is the one of the point's own configuration.",
    )
    return True, lines, {"cells": len(cells), "points": points}


def _nodes(node: RefinementNode) -> Iterable[RefinementNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _truncated(network: Network, layers: int) -> Network:
    """The network of the first hidden layers, its output the next layer's preactivations."""
    maps = network.affine_maps
    return Network(network.hidden[:layers], maps[layers])


def _decide_refinement(network: Network) -> Decision:
    depth = len(network.hidden)
    by_layer = [
        {c.bits for c in enumerate_regions(_truncated(network, layers), cells="half-open").configurations}
        for layers in range(1, depth + 1)
    ]
    tree = enumerate_regions(network, cells="half-open").refinement()
    ends = [units.stop for units in network.layer_units]
    lines, children = [], {}
    for layers in range(1, depth + 1):
        known = {node.bits for node in _nodes(tree) if node.layer == layers}
        if known != by_layer[layers - 1]:
            odd = sorted(known ^ by_layer[layers - 1])
            line = f"The first {layers} hidden layers: {odd[0]} occurs for the truncated or the whole network only."
            return False, (line,), {"layer": layers, "odd": odd}
        lines.append(f"The first {layers} hidden layers have {len(known)} half-open configurations.")
    for layers in range(1, depth):
        for bits in sorted(by_layer[layers - 1]):
            children[bits] = tuple(sorted(b for b in by_layer[layers] if b[: ends[layers - 1]] == bits))
            lines.append(f"{bits} is the disjoint union of {', '.join(children[bits])}.")
    return True, tuple(lines), {"children": children, "counts": tuple(map(len, by_layer))}


_E2_CHILDREN = {"00": ("000",), "01": ("010", "011"), "10": ("100", "101"), "11": ("110", "111")}

THEOREMS = (
    Theorem(
        name="C1-partition",
        title="Every point has exactly one configuration",
        statement="The half-open cells of the configurations that occur partition the input space.",
        latex=r"\mathbb{R}^n = \bigsqcup_{D} P_D",
        source="Heinecke, Hwang 2019, Proposition 3(ii)",
        hypotheses=(HIDDEN_LAYER,),
        decide=_decide_partition,
        instances=(
            Instance("count-abs", example("count-abs"), "proved", answers={"cells": 3}),
            Instance("prop3-e2", example("prop3-e2"), "proved", answers={"cells": 7}),
        ),
    ),
    Theorem(
        name="C1-refinement",
        title="Each layer refines the partition",
        statement="The half-open cell of a configuration of the first l hidden layers is the disjoint union of the "
        "cells of the configurations of the first l + 1 hidden layers that extend it.",
        latex=r"P_D = \bigsqcup_{D' \supset D} P_{D'} \quad (D \in C_\ell,\ D' \in C_{\ell+1})",
        source="Heinecke, Hwang 2019, Proposition 3(ii)",
        hypotheses=(HIDDEN_LAYER,),
        decide=_decide_refinement,
        instances=(Instance("prop3-e2", example("prop3-e2"), "proved", answers={"children": _E2_CHILDREN}),),
    ),
)
