"""C2, false variants: the notions of configuration and the counts of regions taken for one another.

Each statement holds for generic networks and fails for the smallest degenerate ones, such as |x| as a network.
"""

from __future__ import annotations

from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible, Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.network import Network
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import Region
from exactrelu.theorems.common import cells_of, complex_of, names_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_CELLS, FEW_INPUTS, HIDDEN_LAYER
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]


def _contains(outer: LinearSystem, inner: LinearSystem) -> bool:
    """Whether a non-empty closed polyhedron lies in another."""
    for normal, _, offset in outer.rows:
        best = maximise(inner, normal)
        if not isinstance(best, Optimal) or best.value > offset:
            return False
    return True


def _decide_closed_corollary(network: Network) -> Decision:
    cells = tuple(cells_of(network, "closed"))
    classes: list[Region] = []
    twins = []
    for cell in cells:
        for known in classes:
            mine, other = cell.system, known.system
            if cell.witness in known and known.witness in cell and _contains(mine, other) and _contains(other, mine):
                twins.append((known.configuration.bits, cell.configuration.bits, cell.witness))
                break
        else:
            classes.append(cell)
    lines = [f"There are {len(cells)} closed configurations and {len(classes)} different closed cells."]
    if twins:
        one, two, point = twins[0]
        lines.append(f"{one} and {two} have the same closed cell, which contains {show_point(point)}.")
    return not twins, tuple(lines), {"N_closed": len(cells), "polyhedra": len(classes), "twins": tuple(twins)}


def _decide_one_count(network: Network) -> Decision:
    counts = count_regions(cells_of(network))
    numbers = (counts.cells, counts.linear_regions, counts.affine_pieces)
    line = f"{numbers[0]} cells, {numbers[1]} linear regions, {numbers[2]} distinct affine pieces."
    return len(set(numbers)) == 1, (line,), {"counts": numbers}


def _decide_same_number(one: str, two: str, network: Network) -> Decision:
    first, second = len(cells_of(network, one)), len(cells_of(network, two))
    odd = sorted(set(names_of(network, one)) ^ set(names_of(network, two)))
    lines = [f"There are {first} {one} and {second} {two} configurations."]
    if odd:
        lines.append(f"In one list only: {', '.join(odd[:8])}{', ...' if len(odd) > 8 else ''}.")
    return first == second, tuple(lines), {one: first, two: second, "difference": tuple(odd)}


def _decide_closed_full(network: Network) -> Decision:
    return _decide_same_number("closed", "full", network)


def _decide_half_full(network: Network) -> Decision:
    return _decide_same_number("half-open", "full", network)


def _decide_conventions(network: Network) -> Decision:
    """Bits 1 iff positive, and bits 1 iff not negative, both read off all faces of the complex."""
    faces = complex_of(network)
    strict, weak = set(), set()
    for dimension in range(faces.dimension + 1):
        for signs in faces.covectors(dimension).tolist():
            strict.add("".join("1" if s > 0 else "0" for s in signs))
            weak.add("".join("1" if s >= 0 else "0" for s in signs))
    odd = sorted(strict ^ weak)
    lines = [f"With bit 0 at zero {len(strict)} configurations occur, with bit 1 at zero {len(weak)}."]
    if odd:
        lines.append(f"{odd[0]} occurs only with bit {0 if odd[0] in strict else 1} at zero.")
    return not odd, tuple(lines), {"zero_is_0": tuple(sorted(strict)), "zero_is_1": tuple(sorted(weak))}


def _decide_bounded(network: Network) -> Decision:
    """False: closed cells are polytopes."""
    unbounded = {}
    for region in cells_of(network):
        generators = region.polyhedron.vertices_and_rays()
        if not generators.is_bounded:
            unbounded[region.configuration.bits] = (*generators.rays, *generators.lines)[0]
    lines = [f"The cell of {bits} contains a ray in the direction {show_point(r)}." for bits, r in unbounded.items()]
    return not unbounded, tuple(lines) or ("Every closed cell is bounded.",), {"rays": unbounded}


def _decide_closed_sets(network: Network) -> Decision:
    """False: half-open cells contain their limit points."""
    for region in cells_of(network, "half-open"):
        closure = region.system.closure()
        for normal, relation, offset in region.system.rows:
            # A strict row that the closure attains: there the closed cell has a point that the cell has not.
            tight = closure + LinearSystem.from_integer_rows([(normal, "==", offset)])
            answer = decide(tight) if relation == "<" else None
            if isinstance(answer, Feasible):
                point, bits = answer.witness.point, region.configuration.bits
                line = f"{show_point(point)} is in the closed cell of {bits}, and not in its half-open cell."
                return False, (line,), {"configuration": bits, "point": point}
    return True, ("No strict inequality is tight on a closed cell.",), {}


def _decide_zero_rows(network: Network) -> Decision:
    """False: a unit of the first layer with zero weights has bit 0."""
    linear = network.hidden[0].affine.linear
    zero = [k for k, unit in enumerate(network.units) if unit.layer == 0 and not any(linear[unit.position])]
    active = [k for k in zero if any(bits[k] == "1" for bits in names_of(network))]
    lines = tuple(
        f"Unit {k} has zero weights and the bias {network.hidden[0].affine.offset[network.units[k].position]}: bit 1."
        for k in active
    )
    return not active, lines or (f"{len(zero)} units have zero weights, all with bit 0.",), {"active": tuple(active)}


def _both(refuted: str, proved: str) -> tuple[Instance, ...]:
    return (Instance(refuted, example(refuted), "refuted"), Instance(proved, example(proved), "proved"))


THEOREMS = (
    Theorem(
        name="C2-closed-is-full",
        title="The closed count is the full count",
        statement="As many configurations are feasible with weak inequalities as have a full-dimensional cell.",
        latex=r"N_{\mathrm{closed}} = N_{\mathrm{full}}",
        source="pitfall: closed feasibility counts every pattern at a common vertex",
        hypotheses=(),
        decide=_decide_closed_full,
        instances=_both("count-abs", "count-g3"),
        false_variant_of="C2-counts",
    ),
    Theorem(
        name="C2-half-is-full",
        title="The half-open count is the full count",
        statement="As many half-open configurations occur as have a full-dimensional cell.",
        latex=r"N_{\mathrm{half}} = N_{\mathrm{full}}",
        source="pitfall: half-open cells may be flat",
        hypotheses=(),
        decide=_decide_half_full,
        instances=(*_both("count-z", "count-e2"), Instance("count-tri", example("count-tri"), "refuted")),
        false_variant_of="C2-flat-cells",
    ),
    Theorem(
        name="C2-corollary-4-closed",
        title="Corollary 4 with closed cells",
        statement="The map from closed configurations to their closed cells is injective.",
        latex=r"\#\{\hat P_D \ne \emptyset\} = N_{\mathrm{closed}}",
        source="pitfall: Corollary 4 holds for half-open cells",
        hypotheses=(FEW_CELLS,),
        decide=_decide_closed_corollary,
        instances=(
            Instance("count-abs", example("count-abs"), "refuted", answers={"polyhedra": 3}),
            Instance("count-chain", example("count-chain"), "refuted"),
            Instance("count-g3", example("count-g3"), "proved"),
        ),
        false_variant_of="C2-corollary-4",
    ),
    Theorem(
        name="C2-zero-conventions",
        title="Both conventions at zero give the same configurations",
        statement="The configurations that occur are the same whether a unit with preactivation zero has bit 0 or 1.",
        latex=r"\{D(x)\} = \{\tilde D(x)\}",
        source="pitfall: Heinecke and Hwang use 0 for regions and 1 for gradients",
        hypotheses=(HIDDEN_LAYER, FEW_INPUTS),
        decide=_decide_conventions,
        instances=(*_both("count-tri", "count-g3"), Instance("grad-kink", example("grad-kink"), "refuted")),
        false_variant_of="C2-counts",
    ),
    Theorem(
        name="C2-one-count",
        title="Cells, linear regions and affine pieces are the same",
        statement="A network has as many full cells as linear regions, and as many of these as affine pieces.",
        latex=r"N_{\mathrm{full}} = \#\text{linear regions} = \#\{(A_D, c_D)\}",
        source="pitfall: three different counts are called the number of regions",
        hypotheses=(),
        decide=_decide_one_count,
        instances=_both("count-m1", "count-n4"),
        false_variant_of="C2-three-counts",
    ),
    Theorem(
        name="C2-bounded-cells",
        title="Closed cells are bounded",
        statement="The closed cell of every full configuration is a polytope, that is bounded.",
        latex=r"\hat P_D \text{ is bounded}",
        source="pitfall: in this theory polytope means polyhedron",
        hypotheses=(),
        decide=_decide_bounded,
        instances=(
            Instance("count-abs", example("count-abs"), "refuted"),
            Instance("count-g3", example("count-g3"), "refuted"),
        ),
        false_variant_of="C2-corollary-4",
    ),
    Theorem(
        name="C2-half-open-is-closed",
        title="Half-open cells are closed sets",
        statement="The half-open cell of every half-open configuration contains its limit points, so that it is the "
        "convex hull of its vertices and rays.",
        latex=r"P_D = \hat P_D",
        source="pitfall: a half-open cell must be closed before vertices are enumerated",
        hypotheses=(),
        decide=_decide_closed_sets,
        instances=(
            Instance("count-abs", example("count-abs"), "refuted"),
            Instance("dead-2-2", example("dead-2-2"), "proved"),
        ),
        false_variant_of="C2-corollary-4",
    ),
    Theorem(
        name="C2-zero-rows-inactive",
        title="Units with zero weights are inactive",
        statement="A unit of the first layer whose weights are zero has bit 0 in every full configuration.",
        latex=r"w_k = 0 \Rightarrow D_{1,k} = 0",
        source="pitfall: a zero row is decided by its constant",
        hypotheses=(HIDDEN_LAYER,),
        decide=_decide_zero_rows,
        instances=(
            Instance("always-active", example("always-active"), "refuted"),
            Instance("zero-row", example("zero-row"), "proved"),
        ),
        false_variant_of="C2-counts",
    ),
)
