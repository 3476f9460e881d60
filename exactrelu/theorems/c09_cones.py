"""C9: without hidden biases closed cells are cones and the function is homogeneous [HH19, Corollary 4(ii)].

Homogeneity is read off the affine maps: on every cell the offset is the last bias.  The cones are read off the closed
cells' inequalities, whose right-hand sides are all zero.  One layer is symmetric about the origin, so its cells come
in pairs of opposite configurations; two layers are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of, names_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, ONE_HIDDEN_LAYER, RELU_UNITS, ZERO_HIDDEN_BIASES
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]


def _point_and_factor(network: Network) -> Mapping[str, object]:
    return {"point": tuple(Fraction(k + 1) for k in range(network.n_inputs)), "factor": Fraction(3)}


def _wrong_point(network: Network, point: Sequence[object], factor: object) -> str | None:
    if len(point) != network.n_inputs:
        return f"the point has {len(point)} coordinates and the network {network.n_inputs} inputs"
    return None if as_rational(factor, name="factor") >= 0 else f"the factor is {factor}"


def _decide_homogeneous(network: Network, point: Sequence[object], factor: object) -> Decision:
    last = network.output.offset
    for region in cells_of(network):
        if region.affine_map.offset != last:
            bits = region.configuration.bits
            line = (
                f"On the cell of {bits} the offset is {show_point(region.affine_map.offset)}, not {show_point(last)}."
            )
            return False, (line,), {"configuration": bits}
    x, scale = as_vector(point, name="point"), as_rational(factor, name="factor")
    scaled = tuple(scale * a for a in x)
    one, two = network(x), network(scaled)
    lines = (
        f"On each of the {len(cells_of(network))} full cells the offset is the last bias {show_point(last)}.",
        f"For instance f{show_point(x)} = {show_point(one)} and f{show_point(scaled)} = {show_point(two)}.",
    )
    holds = all(b - c == scale * (a - c) for a, b, c in zip(one, two, last, strict=True))
    return holds, lines, {"values": (one, two)}


def _decide_cones(network: Network) -> Decision:
    cells = cells_of(network, "closed")
    for region in cells:
        offsets = [offset for _, _, offset in region.system.rows]
        if any(offsets):
            bits = region.configuration.bits
            return False, (f"The closed cell of {bits} has a row with right-hand side {max(offsets, key=abs)}.",), bits
    units = network.n_units
    holds = all([0] * network.n_inputs in region for region in cells)
    half = [r.configuration.bits for r in cells_of(network, "half-open") if [0] * network.n_inputs in r]
    lines = (
        f"All rows of all {len(cells)} closed cells have right-hand side 0, so each is a cone that contains 0.",
        f"The one half-open cell that contains 0 is that of {half[0] if half else 'none'}.",
    )
    return holds and half == ["0" * units], lines, {"N_closed": len(cells), "half_open_at_zero": tuple(half)}


def _decide_even(network: Network) -> Decision:
    names = names_of(network)
    units = [k for k, unit in enumerate(network.units) if any(network.hidden[0].affine.linear[unit.position])]
    opposite = {"".join(("1" if b == "0" else "0") if k in units else b for k, b in enumerate(n)) for n in names}
    lines = (
        f"There are {len(names)} full cells.",
        "Flipping the bits of all non-zero rows "
        + ("maps the configurations onto themselves." if opposite == set(names) else "gives other configurations."),
    )
    return len(names) % 2 == 0 and opposite == set(names), lines, {"N_full": len(names)}


def _decide_even_deep(network: Network) -> Decision:
    """False: the number of full cells is even at any depth."""
    count = len(cells_of(network))
    return count % 2 == 0, (f"There are {count} full cells.",), {"N_full": count}


def _decide_all_contain_zero(network: Network) -> Decision:
    """False: every half-open cell contains 0."""
    without = [r.configuration.bits for r in cells_of(network, "half-open") if [0] * network.n_inputs not in r]
    line = f"{len(without)} of {len(cells_of(network, 'half-open'))} half-open cells do not contain 0."
    return not without, (line,), {"without": tuple(without)}


def _zero_layer(network: Network, **_: object) -> str | None:
    rows = network.hidden[0].affine.linear
    used = any(any(rows[unit.position]) for unit in network.units)
    return None if used else "all rows of units are zero, so there is one cell"


_SOURCE = "Heinecke, Hwang 2019, Corollary 4(ii)"
_HYPOTHESES = (HIDDEN_LAYER, ZERO_HIDDEN_BIASES)

THEOREMS = (
    Theorem(
        name="C9-homogeneous",
        title="Without hidden biases the network is homogeneous",
        statement="If all biases of hidden layers are zero then f(s x) - b = s (f(x) - b) for s >= 0, b the last bias.",
        latex=r"\mathcal M(\lambda x) - b^L = \lambda (\mathcal M(x) - b^L) \quad (\lambda \ge 0)",
        source=_SOURCE,
        hypotheses=(*_HYPOTHESES, Hypothesis("a point of the input space and a factor >= 0", _wrong_point)),
        decide=_decide_homogeneous,
        subject=_point_and_factor,
        instances=(
            Instance(
                "count-z",
                example("count-z"),
                "proved",
                parameters={"point": (1, 2), "factor": 3},
                answers={"values": ((3,), (9,))},
            ),
            Instance(
                "count-z",
                example("count-z"),
                "proved",
                parameters={"point": (-1, -2), "factor": 0},
                answers={"values": ((0,), (0,))},
            ),
            Instance("count-m1", example("count-m1"), "not applicable"),
        ),
    ),
    Theorem(
        name="C9-cones",
        title="Without hidden biases closed cells are cones",
        statement="If all biases of hidden layers are zero then every closed cell is a cone that contains 0, and the "
        "only half-open cell that contains 0 is that of the zero configuration.",
        latex=r"\hat P_D \text{ is a closed cone}, \quad 0 \in P_D \iff D = 0",
        source=_SOURCE,
        hypotheses=_HYPOTHESES,
        decide=_decide_cones,
        instances=(
            Instance("count-z", example("count-z"), "proved", answers={"N_closed": 32}),
            Instance("count-e2z", example("count-e2z"), "proved", answers={"N_closed": 8}),
            Instance("count-e2", example("count-e2"), "not applicable"),
        ),
    ),
    Theorem(
        name="C9-even",
        title="One layer without biases has an even number of cells",
        statement="One layer with zero biases and a non-zero row has an even number of full cells; flipping the bits "
        "of all non-zero rows maps them onto each other.",
        latex=r"b = 0,\ W \ne 0,\ L = 2 \Rightarrow 2 \mid N_{\mathrm{full}}",
        source="x -> -x",
        hypotheses=(ONE_HIDDEN_LAYER, ZERO_HIDDEN_BIASES, Hypothesis("some row is not zero", _zero_layer)),
        decide=_decide_even,
        instances=(
            Instance("count-abs", example("count-abs"), "proved", answers={"N_full": 2}),
            Instance("zaslavsky-B2", example("zaslavsky-B2"), "proved", answers={"N_full": 8}),
            Instance("zero-row", example("zero-row"), "proved", answers={"N_full": 2}),
            Instance("count-z", example("count-z"), "not applicable"),
        ),
    ),
    Theorem(
        name="C9-even-deep",
        title="Without biases the number of cells is even at any depth",
        statement="A ReLU network with zero hidden biases has an even number of full cells.",
        latex=r"b^1 = \dots = b^{L-1} = 0 \Rightarrow 2 \mid N_{\mathrm{full}}",
        source="pitfall: the second layer is not symmetric",
        hypotheses=(HIDDEN_LAYER, ZERO_HIDDEN_BIASES, RELU_UNITS),
        decide=_decide_even_deep,
        instances=(
            Instance("count-z", example("count-z"), "refuted", answers={"N_full": 9}),
            Instance("count-e2z", example("count-e2z"), "refuted", answers={"N_full": 5}),
            Instance("count-abs", example("count-abs"), "proved"),
        ),
        false_variant_of="C9-even",
    ),
    Theorem(
        name="C9-half-open-cones",
        title="Without biases every half-open cell contains 0",
        statement="If all biases of hidden layers are zero then every half-open cell contains 0.",
        latex=r"0 \in P_D \text{ for all half-open } D",
        source="pitfall: half-open cells are not closed",
        hypotheses=_HYPOTHESES,
        decide=_decide_all_contain_zero,
        instances=(
            Instance("count-z", example("count-z"), "refuted"),
            Instance("count-abs", example("count-abs"), "refuted"),
        ),
        false_variant_of="C9-cones",
    ),
)
