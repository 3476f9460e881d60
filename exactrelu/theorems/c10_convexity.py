"""C10: convexity is decided at the facets.

Crossing a facet from D to D' in the direction of its normal n, the gradient of each output changes by a multiple u of
n.  All u >= 0 for all facets is convexity; a facet with u < 0 gives two points whose midpoint lies above the chord.
Independently, a piecewise affine function is convex iff on each cell no other piece exceeds the cell's own, which is
one linear program for each pair.  Non-negative weights after the first layer are enough for convexity, not necessary.
"""

from __future__ import annotations

from fractions import Fraction

from exactrelu.lp.evidence import Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.regions.adjacency import Facet, shared_facets
from exactrelu.regions.results import Region
from exactrelu.theorems.common import cells_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_CELLS, HIDDEN_LAYER, RELU_UNITS, SCALAR_OUTPUT
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

Vector = tuple[Fraction, ...]


def _jump(facet: Facet, negative: AffineMap, positive: AffineMap) -> Fraction:
    """u with gradient(positive side) - gradient(negative side) = u n, for one output."""
    place = next(k for k, a in enumerate(facet.hyperplane[:-1]) if a)
    return (positive.linear[0][place] - negative.linear[0][place]) / facet.hyperplane[place]


def _concave_facet(network: Network) -> tuple[Facet, Fraction] | None:
    cells = cells_of(network)
    for facet in shared_facets(cells):
        u = _jump(facet, cells[facet.negative].affine_map, cells[facet.positive].affine_map)
        if u < 0:
            return facet, u
    return None


def _chord(network: Network, facet: Facet) -> tuple[Vector, Vector]:
    """Two points whose midpoint lies on a facet with a negative jump, in the two cells beside it."""
    cells = cells_of(network)
    one, two = cells[facet.negative], cells[facet.positive]
    step = Fraction(1)
    while True:
        ends = tuple(
            tuple(x + sign * step * n for x, n in zip(facet.point, facet.hyperplane[:-1], strict=True))
            for sign in (-1, 1)
        )
        # The facet's point is in the relative interior of the facet, so a short step stays in the two cells.
        if ends[0] in one and ends[1] in two:
            return ends[0], ends[1]
        step /= 2


def _exceeding_piece(network: Network) -> tuple[Region, Region, Vector | None] | None:
    """A cell, another cell whose piece exceeds the cell's own somewhere in it, and such a point if there is a best."""
    cells = tuple(cells_of(network))
    for cell in cells:
        for other in cells:
            rise = [b - a for a, b in zip(cell.affine_map.linear[0], other.affine_map.linear[0], strict=True)]
            most = other.affine_map.offset[0] - cell.affine_map.offset[0]
            best = maximise(cell.polyhedron.system, rise)
            if not isinstance(best, Optimal) or best.value + most > 0:
                return cell, other, best.point if isinstance(best, Optimal) else None
    return None


def _verdict(network: Network) -> tuple[bool, list[str], dict[str, object]]:
    """Whether the network is convex, by facets, with a chord if it is not."""
    found = _concave_facet(network)
    count = sum(1 for _ in shared_facets(cells_of(network)))
    if found is None:
        return (
            True,
            [f"Across all {count} shared facets the gradient grows along the normal: convex."],
            {"convex": True},
        )
    facet, u = found
    p, q = _chord(network, facet)
    middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
    values = network(p)[0], network(middle)[0], network(q)[0]
    lines = [
        f"Across the facet with normal {show_point(facet.hyperplane[:-1])} at {show_point(facet.point)} the gradient "
        f"changes by {u} times the normal: not convex.",
        f"f{show_point(p)} = {values[0]}, f{show_point(q)} = {values[2]}, and at the midpoint f{show_point(middle)} = "
        f"{values[1]} > {(values[0] + values[2]) / 2}.",
    ]
    return False, lines, {"convex": False, "points": (p, q), "values": values}


def _decide_local(network: Network) -> Decision:
    convex, lines, evidence = _verdict(network)
    exceeding = _exceeding_piece(network)
    if exceeding is None:
        lines.append("On each cell no piece exceeds the cell's own: the network is the maximum of its pieces.")
    else:
        names = exceeding[0].configuration.bits, exceeding[1].configuration.bits
        lines.append(f"On the cell of {names[0]} the piece of {names[1]} exceeds it: not the maximum of its pieces.")
    chord_holds = convex or evidence["values"][1] * 2 > evidence["values"][0] + evidence["values"][2]  # type: ignore[index]
    return convex == (exceeding is None) and chord_holds, tuple(lines), evidence


def _decide_convex(network: Network) -> Decision:
    convex, lines, evidence = _verdict(network)
    return convex, tuple(lines), evidence


def _decide_converse(network: Network) -> Decision:
    """False: a convex network has no negative weight after the first layer."""
    reason = _negative_weight(network)
    return reason is None, (f"The network is convex, and {reason or 'no later weight is negative'}.",), {}


def _negative_weight(network: Network, **_: object) -> str | None:
    for layer, affine in enumerate(network.affine_maps[1:], start=1):
        for i, row in enumerate(affine.linear):
            for j, weight in enumerate(row):
                if weight < 0:
                    return f"entry ({i}, {j}) of layer {layer} is {weight}"
    return None


def _not_convex(network: Network, **_: object) -> str | None:
    convex, lines, _evidence = _verdict(network)
    return None if convex else lines[0].rstrip(".")


_MONOTONE = Hypothesis("no weight after the first layer is negative", _negative_weight)


def _instances(**known: bool) -> tuple[Instance, ...]:
    return tuple(
        Instance(f"convex-{name}", example(f"convex-{name}"), "proved", answers={"convex": convex})
        for name, convex in known.items()
    )


THEOREMS = (
    Theorem(
        name="C10-local-is-global",
        title="Convexity is decided at the facets",
        statement="A network with one output is convex iff across every facet the gradient changes by a non-negative "
        "multiple of the normal, and iff it is the maximum of its affine pieces.",
        latex=r"f \text{ convex} \iff A_{D'} - A_D = u\, n,\ u \ge 0 \ \forall \text{ facets} \iff f = \max_D (A_D x"
        r" + c_D)",
        source="local convexity implies convexity",
        hypotheses=(SCALAR_OUTPUT, FEW_CELLS),
        decide=_decide_local,
        instances=_instances(c1=True, c2=True, c3=False, c4=True, c5=False),
    ),
    Theorem(
        name="C10-monotone-layers",
        title="Non-negative later weights make a network convex",
        statement="If no weight after the first layer is negative then the network is convex.",
        latex=r"M^2, \dots, M^L \ge 0 \Rightarrow f \text{ convex}",
        source="Amos, Xu, Kolter 2017",
        hypotheses=(SCALAR_OUTPUT, HIDDEN_LAYER, RELU_UNITS, _MONOTONE),
        decide=_decide_convex,
        instances=(
            *_instances(c1=True, c4=True),
            Instance("convex-c2", example("convex-c2"), "not applicable"),
        ),
    ),
    Theorem(
        name="C10-always-convex",
        title="Networks are convex",
        statement="A ReLU network with one output is convex.",
        latex=r"f(\tfrac{x+y}{2}) \le \tfrac12 (f(x) + f(y))",
        source="pitfall: negative weights after a rectifier",
        hypotheses=(SCALAR_OUTPUT,),
        decide=_decide_convex,
        instances=(
            Instance("convex-c3", example("convex-c3"), "refuted"),
            Instance("convex-c5", example("convex-c5"), "refuted"),
            Instance("convex-c2", example("convex-c2"), "proved"),
        ),
        false_variant_of="C10-monotone-layers",
    ),
    Theorem(
        name="C10-converse",
        title="A convex network has no negative later weight",
        statement="If a network with one output is convex then no weight after the first layer is negative.",
        latex=r"f \text{ convex} \Rightarrow M^2, \dots, M^L \ge 0",
        source="pitfall: the condition is sufficient only",
        hypotheses=(SCALAR_OUTPUT, Hypothesis("the network is convex", _not_convex)),
        decide=_decide_converse,
        instances=(
            Instance("convex-c2", example("convex-c2"), "refuted"),
            Instance("convex-c1", example("convex-c1"), "proved"),
        ),
        false_variant_of="C10-monotone-layers",
    ),
)
