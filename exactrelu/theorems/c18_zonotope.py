"""C18: one hidden layer without biases and the zonotope of its rows.

f(x) = sum v_i relu(w_i·x) with v_i > 0 is the support function of Z = sum [0, v_i w_i].  Its gradients on the full
cells are the vertices of Z, each on exactly one cell.  The vertices come from Z alone (`exactrelu.polyhedra.zonotope`),
the gradients from the cells; the two lists are compared.  Parallel and opposite rows merge on both sides; zero rows add
nothing on either, although closed configurations list both bits for them.
"""

from __future__ import annotations

from fractions import Fraction

from exactrelu.exact.matrices import dot
from exactrelu.networks.network import Network
from exactrelu.polyhedra.zonotope import ZonotopeVertex, zonotope_vertices
from exactrelu.theorems.common import cells_of, show_point
from exactrelu.theorems.examples import example, parse_network
from exactrelu.theorems.hypotheses import ONE_HIDDEN_LAYER, RELU_UNITS, SCALAR_OUTPUT, ZERO_HIDDEN_BIASES
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS", "segments_of"]

Vector = tuple[Fraction, ...]


def segments_of(network: Network) -> tuple[Vector, ...]:
    """Return v_i w_i for every hidden unit of a network with one hidden layer and one output.

    Example:
        >>> [tuple(map(int, w)) for w in segments_of(parse_network("1 0 0; 0 1 0 | 2 3 0"))]
        [(2, 0), (0, 3)]
    """
    rows = network.hidden[0].affine.linear
    return tuple(tuple(v * a for a in row) for v, row in zip(network.output.linear[0], rows, strict=True))


def _vertices(network: Network) -> tuple[ZonotopeVertex, ...]:
    return zonotope_vertices(segments_of(network), dimension=network.n_inputs)


def _gradients(network: Network) -> list[Vector]:
    return [region.affine_map.linear[0] for region in cells_of(network)]


def _decide_vertices(network: Network) -> Decision:
    segments, vertices, gradients = segments_of(network), _vertices(network), _gradients(network)
    (constant,) = network.output.offset
    sound = all(vertex.defect(segments) is None for vertex in vertices)
    heights = all(network(v.direction)[0] - constant == dot(v.direction, v.point) for v in vertices)
    points = tuple(vertex.point for vertex in vertices)
    lines = (
        f"Z is the sum of {len(segments)} segments [0, v_i w_i] and has {len(points)} vertices: "
        f"{', '.join(map(show_point, points))}.",
        f"The {len(gradients)} full cells have {len(set(gradients))} different gradients, "
        f"{'the vertices' if sorted(gradients) == list(points) else 'not the vertices'}.",
        "In a direction where a vertex is alone farthest out, the value of f is its height.",
    )
    evidence = {"N_full": len(gradients), "vertices": points, "directions": tuple(v.direction for v in vertices)}
    return sound and heights and sorted(gradients) == list(points), lines, evidence


def _decide_support(network: Network) -> Decision:
    points = [vertex.point for vertex in _vertices(network)]
    (constant,) = network.output.offset
    for region in cells_of(network):
        x, (row,) = region.witness, region.affine_map.linear
        highest = max(dot(x, p) for p in points)
        if region.affine_map.offset != (constant,) or row not in points or dot(x, row) != highest:
            line = f"On the cell {region.configuration} f is {show_point(row)}·x, the highest vertex gives {highest}."
            return False, (line,), {"point": x}
    lines = (
        f"On each of the {len(cells_of(network))} cells f - b is p·x for a vertex p of Z.",
        "At the cell's witness no other vertex is higher, so f - b is the largest p·x.",
    )
    return True, lines, {"vertices": tuple(points)}


def _decide_zero_rows(network: Network) -> Decision:
    zeros = sum(not any(w) for w in segments_of(network))
    cells, vertices = len(cells_of(network)), len(_vertices(network))
    claimed = 2**zeros * vertices
    line = f"{cells} full cells; {vertices} vertices, and {zeros} zero rows: 2^{zeros} · {vertices} = {claimed}."
    return cells == claimed, (line,), {"N_full": cells, "claimed": claimed}


def _decide_closed(network: Network) -> Decision:
    closed, vertices = len(cells_of(network, "closed")), len(_vertices(network))
    return closed == vertices, (f"{closed} closed configurations, {vertices} vertices.",), {"N_closed": closed}


def _decide_any_signs(network: Network) -> Decision:
    gradients = set(_gradients(network))
    points = {vertex.point for vertex in _vertices(network)}
    line = f"The gradients are {', '.join(map(show_point, sorted(gradients)))}; Z has {len(points)} vertices."
    return gradients == points, (line,), {"gradients": tuple(sorted(gradients)), "vertices": tuple(sorted(points))}


def _has_positive_outputs(network: Network, **_: object) -> str | None:
    for position, v in enumerate(network.output.linear[0]):
        if v <= 0:
            return f"unit {position} has the output weight {v}"
    return None


_CONE = (ONE_HIDDEN_LAYER, RELU_UNITS, SCALAR_OUTPUT, ZERO_HIDDEN_BIASES)
_POSITIVE = Hypothesis("all output weights are positive", _has_positive_outputs)
_SOURCE = "Zhang, Naitzat, Lim 2018, Tropical geometry of deep neural networks; own formulation for any rows"
_B2 = tuple(sorted(((0, 0), (0, 1), (1, -1), (1, 2), (2, -1), (2, 2), (3, 0), (3, 1))))
_ZERO_ROW = parse_network("1 0 0; 0 0 0; 0 1 0 | 1 1 1 0", "zero row")
_MERGED = parse_network("1 0 0; 2 0 0; -1 0 0; 0 1 0 | 1 1 1 2 5", "parallel and opposite rows")

THEOREMS = (
    Theorem(
        name="C18-vertices",
        title="The gradients are the vertices of a zonotope",
        statement="For one hidden layer with zero biases and positive output weights v_i the gradients on the full "
        "cells are the vertices of the sum of the segments [0, v_i w_i], one for each cell.",
        latex=r"D \mapsto A_D^{\mathsf T} \text{ is a bijection onto } \operatorname{vert} \sum_i [0, v_i w_i]",
        source=_SOURCE,
        hypotheses=(*_CONE, _POSITIVE),
        decide=_decide_vertices,
        instances=(
            Instance("zonotope-B2", example("zonotope-B2"), "proved", answers={"N_full": 8, "vertices": _B2}),
            Instance("count-tri", example("count-tri"), "proved", answers={"N_full": 6}),
            Instance("zero-row", _ZERO_ROW, "proved", answers={"N_full": 4}),
            Instance("parallel-and-opposite", _MERGED, "proved", answers={"N_full": 4}),
            Instance("count-g3", example("count-g3"), "not applicable"),
        ),
    ),
    Theorem(
        name="C18-support",
        title="The network is the support function of the zonotope",
        statement="For one hidden layer with zero biases and positive output weights, f(x) - b is the maximum of p·x "
        "over the vertices p of the sum of the segments [0, v_i w_i].",
        latex=r"f(x) - b = \max_{p \in Z} \langle p, x \rangle",
        source=_SOURCE,
        hypotheses=(*_CONE, _POSITIVE),
        decide=_decide_support,
        instances=tuple(Instance(name, example(name), "proved") for name in ("zonotope-B2", "zaslavsky-braid3")),
    ),
    Theorem(
        name="C18-zero-rows",
        title="Zero rows double the number of cells",
        statement="The number of full cells is the number of vertices, times two for every zero row.",
        latex=r"N_{\mathrm{full}} = 2^{\#\{i : w_i = 0\}} \cdot \#\operatorname{vert} Z",
        source="segments [0, 0] counted as if they had two ends",
        hypotheses=(*_CONE, _POSITIVE),
        decide=_decide_zero_rows,
        instances=(Instance("zero-row", _ZERO_ROW, "refuted", answers={"N_full": 4, "claimed": 8}),),
        false_variant_of="C18-vertices",
    ),
    Theorem(
        name="C18-closed",
        title="As many closed configurations as vertices",
        statement="The number of closed configurations is the number of vertices of the zonotope.",
        latex=r"N_{\mathrm{closed}} = \#\operatorname{vert} Z",
        source="closed feasibility in place of full cells",
        hypotheses=(*_CONE, _POSITIVE),
        decide=_decide_closed,
        instances=(
            Instance("zonotope-B2", example("zonotope-B2"), "refuted", answers={"N_closed": 16}),
            Instance("zero-row", _ZERO_ROW, "refuted"),
        ),
        false_variant_of="C18-vertices",
    ),
    Theorem(
        name="C18-any-signs",
        title="The zonotope of any output weights",
        statement="For one hidden layer with zero biases the gradients on the full cells are the vertices of the sum "
        "of the segments [0, v_i w_i], whatever the signs of the output weights v_i.",
        latex=r"\{A_D^{\mathsf T}\}_D = \operatorname{vert} \sum_i [0, v_i w_i]",
        source="the theorem without its hypothesis on signs",
        hypotheses=_CONE,
        decide=_decide_any_signs,
        instances=(Instance("convex-c2", example("convex-c2"), "refuted", answers={"gradients": ((Fraction(1),),)}),),
        false_variant_of="C18-vertices",
    ),
)
