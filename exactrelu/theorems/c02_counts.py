"""C2: the three notions of configuration, and which of them Corollary 4 of [HH19] is about.

Full, half-open and closed configurations are three lists; each contains the one before.  Half-open cells are disjoint
and not empty, so there are as many of them as configurations, always.  Closed cells may coincide, and half-open ones
may be flat.  Closed lists are taken twice: from the enumeration's tree, and from the faces of the complex.

Disjointness is proved without a linear program: where two configurations differ for the first time their cells ask
for opposite signs of one and the same affine form, strictly on one side.  That form depends on the bits before only, so
in the sorted list it is enough to look at neighbours: any two configurations first differ where some neighbours do.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.network import Network
from exactrelu.regions.complex.configurations import closed_configurations, half_open_configurations
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import Region
from exactrelu.theorems.common import cells_of, complex_of, names_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_INPUTS, ONE_HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]


def _decide_order(network: Network) -> Decision:
    full, half, closed = (names_of(network, notion) for notion in ("full", "half-open", "closed"))
    units = network.n_units
    counts = count_regions(cells_of(network))
    evidence = {
        "N_full": len(full),
        "N_half": len(half),
        "N_closed": len(closed),
        "distinct_affine_pieces": counts.affine_pieces,
        "linear_regions": counts.linear_regions,
    }
    lines = [f"N_full = {len(full)} <= N_half = {len(half)} <= N_closed = {len(closed)} <= 2^{units} = {2**units}."]
    holds = len(full) <= len(half) <= len(closed) <= 2**units
    if not (set(full) <= set(half) <= set(closed)):
        odd = next(iter((set(full) - set(half)) | (set(half) - set(closed))))
        return False, (*lines, f"{odd} is listed by one notion and not by the next."), evidence
    lines.append("Each list contains the one before.")
    if FEW_INPUTS.holds(network) is None:
        faces = complex_of(network)
        same = (
            {c.bits for c in faces.configurations} == set(full)
            and set(half_open_configurations(faces)) == set(half)
            and set(closed_configurations(faces)) == set(closed)
        )
        lines.append(f"The faces of the complex give {'the same' if same else 'other'} lists.")
        holds = holds and same
    return holds, tuple(lines), evidence


def _separating_unit(one: Region, two: Region) -> int | None:
    """The first unit in which two configurations differ, if its rows are opposite and one of them is strict."""
    pairs = enumerate(zip(one.configuration, two.configuration, strict=True))
    unit = next((k for k, (a, b) in pairs if a != b), None)
    if unit is None:
        return None
    (normal, relation, offset), (other, other_relation, other_offset) = (
        r.problem.unit_row(r.configuration.bits, unit)[0] for r in (one, two)
    )
    opposite = tuple(-a for a in normal) == tuple(other) and -offset == other_offset
    return unit if opposite and {relation, other_relation} == {"<", "<="} else None


def _decide_corollary(network: Network) -> Decision:
    cells = sorted(cells_of(network, "half-open"), key=lambda region: region.configuration.bits)
    outside = [r.configuration.bits for r in cells if r.witness not in r]
    separating = {}
    for one, two in pairwise(cells):
        unit = _separating_unit(one, two)
        names = one.configuration.bits, two.configuration.bits
        if unit is None:
            line = f"The cells of {names[0]} and {names[1]} are not separated by a unit."
            return False, (line,), {"N_half": len(cells), "together": names}
        separating[names] = unit
    lines = (
        f"{len(cells)} configurations occur, each with a witness in its cell.",
        "Two neighbours in the sorted list ask for opposite signs of one form where they first differ; the "
        f"{len(separating)} prefixes there are all at which two configurations part.",
        f"So there are {len(cells)} different cells.",
    )
    return not outside, lines, {"N_half": len(cells), "separating": separating}


def _decide_flat_cells(network: Network) -> Decision:
    cells = cells_of(network, "half-open")
    flat = tuple(r.configuration.bits for r in cells if r.polyhedron.dimension() < network.n_inputs)
    missing = tuple(sorted(set(names_of(network, "half-open")) - set(names_of(network, "full"))))
    dimensions = {r.configuration.bits: r.polyhedron.dimension() for r in cells}
    lines = [
        f"N_half - N_full = {len(cells)} - {len(cells_of(network))} = {len(missing)}.",
        f"{len(flat)} half-open cells have an implied equality{': ' + ', '.join(flat) if flat else ''}.",
    ]
    return sorted(flat) == list(missing), tuple(lines), {"flat": flat, "dimensions": dimensions}


def _multipliers(network: Network, bits: str) -> tuple[Fraction, ...] | None:
    """Motzkin: nonnegative multipliers of inactive non-zero rows, sum 1, that add up to the zero form."""
    rows = network.hidden[0].affine.augmented.to_fractions()
    used = [k for k, row in enumerate(rows) if bits[k] == "0" and any(row[:-1])]
    if not used:
        return None
    m = len(used)
    system: list[tuple[list[Fraction], str, int]] = [
        ([rows[k][c] for k in used], "==", 0) for c in range(network.n_inputs + 1)
    ]
    system += [([Fraction(-(i == j)) for j in range(m)], "<=", 0) for i in range(m)]
    system.append(([Fraction(1)] * m, "==", 1))
    answer = decide(LinearSystem.from_rows(system, dimension=m))
    return answer.witness.point if isinstance(answer, Feasible) else None


def _decide_motzkin(network: Network) -> Decision:
    lines, table = [], {}
    full = set(names_of(network, "full"))
    for bits in names_of(network, "half-open"):
        found = _multipliers(network, bits)
        table[bits] = found
        if (found is None) != (bits in full):
            line = f"{bits} is {'full' if bits in full else 'flat'}, and the multipliers are {found}."
            return False, (line,), {"multipliers": table}
        if found is not None:
            lines.append(f"{bits} is flat: its inactive rows times {show_point(found)} add up to zero.")
    lines.append(f"The other {len(full)} cells are full and have no such multipliers.")
    return True, tuple(lines), {"multipliers": table}


def _decide_three_counts(network: Network) -> Decision:
    counts = count_regions(cells_of(network))
    numbers = (counts.cells, counts.linear_regions, counts.affine_pieces)
    line = f"{numbers[0]} cells, {numbers[1]} linear regions, {numbers[2]} distinct affine pieces."
    return numbers[0] >= numbers[1] >= numbers[2], (line,), {"counts": numbers}


def _counted(name: str, closed: int, half: int, full: int, pieces: int, regions: int) -> Instance:
    answers = {
        "N_closed": closed,
        "N_half": half,
        "N_full": full,
        "distinct_affine_pieces": pieces,
        "linear_regions": regions,
    }
    return Instance(name, example(name), "proved", answers=answers)


_SOURCE = "Heinecke, Hwang 2019, Corollary 4, made precise for the three notions"

THEOREMS = (
    Theorem(
        name="C2-counts",
        title="Full, half-open and closed configurations",
        statement="Every full configuration is half-open, every half-open one is closed, and the closed ones are at "
        "most 2^N for N units.",
        latex=r"N_{\mathrm{full}} \le N_{\mathrm{half}} \le N_{\mathrm{closed}} \le 2^{\sum_\ell n_\ell}",
        source=_SOURCE,
        hypotheses=(),
        decide=_decide_order,
        instances=(
            _counted("count-abs", 4, 3, 2, 2, 2),
            _counted("count-tri", 8, 7, 6, 6, 6),
            _counted("count-tri_plus", 8, 6, 6, 6, 6),
            _counted("count-g3", 7, 7, 7, 7, 7),
            _counted("count-chain", 4, 2, 2, 2, 2),
            _counted("count-e2", 7, 7, 7, 4, 4),
            _counted("count-e2b", 6, 6, 6, 3, 3),
            _counted("count-e2z", 8, 5, 5, 3, 3),
            _counted("count-m1", 7, 7, 7, 5, 6),
            _counted("count-n4", 27, 10, 10, 10, 10),
            _counted("count-hat", 4, 4, 4, 3, 4),
            _counted("count-z", 32, 10, 9, 8, 8),
            _counted("count-s11", 11, 11, 11, 10, 10),
        ),
    ),
    Theorem(
        name="C2-corollary-4",
        title="As many half-open cells as configurations",
        statement="The map from half-open configurations to their cells is injective and the cells are not empty, so "
        "the number of cells is the number of configurations.",
        latex=r"\#\{P_D : P_D \ne \emptyset\} = N_{\mathrm{half}}",
        source=_SOURCE,
        hypotheses=(),
        decide=_decide_corollary,
        instances=tuple(Instance(n, example(n), "proved") for n in ("count-abs", "count-chain", "count-n4")),
    ),
    Theorem(
        name="C2-flat-cells",
        title="When half-open and full configurations differ",
        statement="A half-open configuration is not full exactly if its cell has an implied equality.",
        latex=r"N_{\mathrm{half}} = N_{\mathrm{full}} \iff \dim P_D = n \text{ for all half-open } D",
        source="own proof: a non-empty convex set has no interior iff it lies in a hyperplane",
        hypotheses=(),
        decide=_decide_flat_cells,
        instances=(
            Instance("count-abs", example("count-abs"), "proved", answers={"flat": ("00",)}),
            Instance("count-tri", example("count-tri"), "proved", answers={"flat": ("000",)}),
            Instance("count-z", example("count-z"), "proved", answers={"flat": ("00000",)}),
        ),
    ),
    Theorem(
        name="C2-motzkin",
        title="Flat cells of one layer, by multipliers",
        statement="The half-open cell of D is flat iff some non-negative multipliers, not all zero, of inactive "
        "non-zero rows add these rows and their biases up to zero.",
        latex=r"\dim P_D < n \iff \exists\, 0 \ne \lambda \ge 0,\ \operatorname{supp}\lambda \subseteq S^c :"
        r"\ \sum_i \lambda_i w_i = 0,\ \sum_i \lambda_i b_i = 0",
        source="Motzkin's transposition theorem",
        hypotheses=(ONE_HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_motzkin,
        instances=(
            Instance("count-abs", example("count-abs"), "proved"),
            Instance("count-tri", example("count-tri"), "proved"),
            Instance("count-tri_plus", example("count-tri_plus"), "proved"),
            Instance("count-z", example("count-z"), "not applicable"),
        ),
    ),
    Theorem(
        name="C2-three-counts",
        title="Cells, linear regions, affine pieces",
        statement="There are at least as many full cells as linear regions, and at least as many of these as "
        "distinct affine pieces.",
        latex=r"N_{\mathrm{full}} \ge \#\text{linear regions} \ge \#\{(A_D, c_D)\}",
        source="definitions; count-m1 separates all three",
        hypotheses=(),
        decide=_decide_three_counts,
        instances=(
            Instance("count-m1", example("count-m1"), "proved", answers={"counts": (7, 6, 5)}),
            Instance("count-e2", example("count-e2"), "proved", answers={"counts": (7, 4, 4)}),
        ),
    ),
)
