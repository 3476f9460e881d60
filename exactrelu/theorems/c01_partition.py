"""C1: configurations partition the inputs, and each further layer refines the partition [HH19, Prop. 3].

Whether a point lies in the half-open cell of a configuration depends on the signs of the point's preactivations only,
so one point for every face of the subdivision complex decides the matter for all points.  In five and more dimensions
the complex has too many faces: there the witnesses of the full, half-open and closed cells are tried instead, next to
the refutations of everything that is not listed, which the enumeration already has.

The refinement is computed twice: from the configurations of the whole network, cut after each layer, and from those
of the truncated networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.network import Network
from exactrelu.regions.results import RefinementNode
from exactrelu.theorems.common import cells_of, complex_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_INPUTS, HIDDEN_LAYER
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]

_SOURCE = "Heinecke, Hwang 2019, Proposition 3(ii)"


def _points(network: Network) -> tuple[str, tuple[tuple[Fraction, ...], ...]]:
    """Name and list of the points to try."""
    if FEW_INPUTS.holds(network) is None:
        faces = complex_of(network)
        points = tuple(faces.witness(k, dim) for dim, count in enumerate(faces.f_vector) for k in range(count))
        return f"one of each of the {len(points)} faces of the complex, f-vector {faces.f_vector}", points
    lists = [cells_of(network, notion) for notion in ("full", "half-open", "closed")]
    points = tuple(dict.fromkeys(cells.witness(k) for cells in lists for k in range(len(cells))))
    return f"the {len(points)} witnesses of full, half-open and closed cells", points


def _decide_partition(network: Network) -> Decision:
    cells = cells_of(network, "half-open")
    systems = [(region.configuration.bits, region.system) for region in cells]
    name, points = _points(network)
    for point in points:
        here = tuple(bits for bits, system in systems if system.is_satisfied(point))
        own = configuration_at(network, point).bits
        if here != (own,):
            line = f"The point {show_point(point)} has the configuration {own}, and lies in the cells {list(here)}."
            return False, (line,), {"cells": len(cells), "point": point, "found": here}
    lines = (
        f"There are {len(cells)} half-open cells; a refutation is known for every other configuration.",
        f"Points tried: {name}.",
        "Each of them lies in exactly one of the cells, that of its own configuration.",
    )
    return True, lines, {"cells": len(cells), "points": points}


def _nodes(node: RefinementNode) -> Iterator[RefinementNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _truncated(network: Network, layers: int) -> Network:
    """The network of the first hidden layers; its output is the next preactivation."""
    return Network(network.hidden[:layers], network.affine_maps[layers])


def _decide_refinement(network: Network) -> Decision:
    depth = len(network.hidden)
    ends = [units.stop for units in network.layer_units]
    tree = tuple(_nodes(cells_of(network, "half-open").refinement()))
    by_layer = []
    lines, children = [], {}
    for layers in range(1, depth + 1):
        by_layer.append({c.bits for c in cells_of(_truncated(network, layers), "half-open").configurations})
        cut = {node.bits for node in tree if node.layer == layers}
        if cut != by_layer[-1]:
            odd = sorted(cut ^ by_layer[-1])
            line = f"After {layers} hidden layers {odd[0]} occurs only in the whole or only in the truncated network."
            return False, (line,), {"layer": layers, "odd": odd}
        lines.append(f"The first {layers} hidden layers have {len(cut)} half-open configurations.")
    for layers in range(1, depth):
        for bits in sorted(by_layer[layers - 1]):
            children[bits] = tuple(sorted(b for b in by_layer[layers] if b[: ends[layers - 1]] == bits))
            lines.append(f"The cell of {bits} is the disjoint union of those of {', '.join(children[bits])}.")
            if not children[bits]:
                return False, tuple(lines), {"childless": bits}
    return True, tuple(lines), {"children": children, "counts": tuple(map(len, by_layer))}


def _decide_every_child(network: Network) -> Decision:
    """False: every prefix has two children for each unit of the next layer."""
    missing = [
        (node.bits, len(node.children), 2 ** len(network.layer_units[node.layer]))
        for node in _nodes(cells_of(network, "half-open").refinement())
        if node.layer < len(network.hidden) and len(node.children) < 2 ** len(network.layer_units[node.layer])
    ]
    lines = tuple(
        f"{bits or 'The empty configuration'} has only {found} of {wanted} extensions by the next layer."
        for bits, found, wanted in sorted(missing)[:3]
    )
    return not missing, lines or ("Every configuration has all extensions by the next layer.",), {"missing": missing}


_E2_CHILDREN = {"00": ("000",), "01": ("010", "011"), "10": ("100", "101"), "11": ("110", "111")}

THEOREMS = (
    Theorem(
        name="C1-partition",
        title="Every point has exactly one configuration",
        statement="The half-open cells of the configurations that occur partition the input space.",
        latex=r"\mathbb{R}^n = \bigsqcup_{D} P_D",
        source=_SOURCE,
        hypotheses=(),
        decide=_decide_partition,
        instances=(
            Instance("count-abs", example("count-abs"), "proved", answers={"cells": 3}),
            Instance("prop3-e2", example("prop3-e2"), "proved", answers={"cells": 7}),
            Instance("count-z", example("count-z"), "proved", answers={"cells": 10}),
        ),
    ),
    Theorem(
        name="C1-refinement",
        title="Each layer refines the partition",
        statement="The half-open cell of a configuration of the first l hidden layers is the disjoint union of the "
        "cells of the configurations of the first l + 1 hidden layers that extend it, at least one.",
        latex=r"P_D = \bigsqcup_{D' \supset D} P_{D'} \quad (D \in C_\ell,\ D' \in C_{\ell+1})",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER,),
        decide=_decide_refinement,
        instances=(
            Instance("prop3-e2", example("prop3-e2"), "proved", answers={"children": _E2_CHILDREN}),
            Instance("count-chain", example("count-chain"), "proved", answers={"counts": (2, 2)}),
        ),
    ),
    Theorem(
        name="C1-every-child",
        title="Every extension by a layer occurs",
        statement="Each configuration of the first l hidden layers has all 2^n extensions by the next layer of n "
        "units.",
        latex=r"D \in C_\ell,\ d \in \{0,1\}^{n_{\ell+1}} \Rightarrow (D, d) \in C_{\ell+1}",
        source="contradicts Heinecke, Hwang 2019, Example 2",
        hypotheses=(HIDDEN_LAYER,),
        decide=_decide_every_child,
        instances=(
            Instance("prop3-e2", example("prop3-e2"), "refuted"),
            Instance("count-tri", example("count-tri"), "refuted"),
        ),
        false_variant_of="C1-refinement",
    ),
)
