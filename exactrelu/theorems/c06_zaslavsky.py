"""C6: one layer is a hyperplane arrangement, and its cells are counted by the characteristic polynomial.

The cells come from the enumeration, their boundedness from their rays; the polynomial from the rows alone, by
Whitney's sum and again by deletion and restriction.  Duplicate hyperplanes are merged and zero rows dropped before:
the false variants show what happens otherwise.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

from exactrelu.networks.network import Network
from exactrelu.theorems.arrangements import (
    deletion_restriction,
    distinct_hyperplanes,
    evaluate_polynomial,
    has_common_point,
    normal_rank,
    rows_of_layer,
    show_polynomial,
    whitney_polynomial,
)
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import ONE_HIDDEN_LAYER
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

_MOST_PLANES = 12


def _polynomial(network: Network) -> tuple[int, ...]:
    return whitney_polynomial(distinct_hyperplanes(rows_of_layer(network)), network.n_inputs)


def _decide_polynomial(network: Network) -> Decision:
    planes = distinct_hyperplanes(rows_of_layer(network))
    one = whitney_polynomial(planes, network.n_inputs)
    two = deletion_restriction(planes, network.n_inputs)
    alternating = all((-1) ** (network.n_inputs - k) * c >= 0 for k, c in enumerate(one)) and one[-1] == 1
    lines = (
        f"{len(planes)} different hyperplanes in dimension {network.n_inputs}.",
        f"Whitney's sum over subsets is {show_polynomial(one)}.",
        f"Deletion and restriction gives {show_polynomial(two)}.",
        f"Its leading coefficient is {one[-1]} and the signs {'' if alternating else 'do not '}alternate.",
    )
    return one == two and alternating, lines, {"characteristic_polynomial": one}


def _decide_count(network: Network) -> Decision:
    chi = _polynomial(network)
    formula = (-1) ** network.n_inputs * evaluate_polynomial(chi, -1)
    found = len(cells_of(network))
    lines = (
        f"chi(t) = {show_polynomial(chi)}, so (-1)^{network.n_inputs} chi(-1) = {formula}.",
        f"The enumeration has {found} full cells.",
    )
    return formula == found, lines, {"N_full": found, "formula": formula, "characteristic_polynomial": chi}


def _bounded(network: Network) -> tuple[int, int]:
    """Numbers of bounded cells, and of those bounded up to lines."""
    generators = [region.polyhedron.vertices_and_rays() for region in cells_of(network)]
    return sum(g.is_bounded for g in generators), sum(not g.rays for g in generators)


def _decide_bounded(network: Network) -> Decision:
    planes = distinct_hyperplanes(rows_of_layer(network))
    chi = whitney_polynomial(planes, network.n_inputs)
    formula = abs(evaluate_polynomial(chi, 1))
    bounded, relatively = _bounded(network)
    spans = normal_rank(planes) == network.n_inputs
    lines = (
        f"chi(t) = {show_polynomial(chi)}, so |chi(1)| = {formula}; {relatively} cells have no ray, only lines.",
        f"The normals {'span' if spans else 'do not span'} the space, and {bounded} cells are bounded.",
    )
    holds = relatively == formula and bounded == (formula if spans else 0)
    return holds, lines, {"bounded": bounded, "relatively_bounded": relatively, "formula": formula}


def _decide_generic(network: Network) -> Decision:
    m, n = len(rows_of_layer(network)), network.n_inputs
    formula = sum(comb(m, i) for i in range(n + 1)), comb(m - 1, n) if m else 0
    found = len(cells_of(network)), _bounded(network)[0]
    lines = (
        f"{m} hyperplanes in dimension {n}: the sum of binomials is {formula[0]}, and C({m} - 1, {n}) = {formula[1]}.",
        f"The enumeration has {found[0]} full cells, {found[1]} of them bounded.",
    )
    return formula == found, lines, {"N_full": found[0], "bounded": found[1]}


def _decide_all_rows(network: Network) -> Decision:
    """False: the generic formula with every row of the layer."""
    m, n = len(rows_of_layer(network)), network.n_inputs
    formula, found = sum(comb(m, i) for i in range(n + 1)), len(cells_of(network))
    line = f"{m} rows in dimension {n} give {formula}; the enumeration has {found} full cells."
    return formula == found, (line,), {"N_full": found, "formula": formula}


def _decide_zero_rows(network: Network) -> Decision:
    """False: Whitney's sum with zero rows."""
    rows = rows_of_layer(network)
    chi = whitney_polynomial(rows, network.n_inputs)
    formula, found = (-1) ** network.n_inputs * evaluate_polynomial(chi, -1), len(cells_of(network))
    lines = (
        f"The sum over all {len(rows)} rows, zero rows included, is {show_polynomial(chi)}, so it counts {formula}.",
        f"The enumeration has {found} full cells.",
    )
    return formula == found, lines, {"N_full": found, "formula": formula}


def _decide_no_span(network: Network) -> Decision:
    """False: |chi(1)| cells are bounded, whatever the normals span."""
    formula, found = abs(evaluate_polynomial(_polynomial(network), 1)), _bounded(network)[0]
    return formula == found, (f"|chi(1)| = {formula}, and {found} cells are bounded.",), {"bounded": found}


def _few_planes(network: Network, **_: object) -> str | None:
    m = len(rows_of_layer(network))
    return None if m <= _MOST_PLANES else f"the layer has {m} units"


def _not_simple(network: Network, **_: object) -> str | None:
    rows, n = rows_of_layer(network), network.n_inputs
    for size in range(1, min(n, len(rows)) + 1):
        for subset in combinations(rows, size):
            if normal_rank(subset) < size:
                return f"the normals of {[list(row) for row in subset]} are dependent"
    for subset in combinations(rows, n + 1):
        if has_common_point(subset):
            return f"{n + 1} hyperplanes have a common point: {[list(row) for row in subset]}"
    return None


def _instance(name: str, count: int, bounded: int, polynomial: tuple[int, ...]) -> tuple[Instance, Instance, Instance]:
    network = example(name)
    return (
        Instance(name, network, "proved", answers={"N_full": count}),
        Instance(name, network, "proved", answers={"bounded": bounded}),
        Instance(name, network, "proved", answers={"characteristic_polynomial": polynomial}),
    )


_COUNTS, _BOUNDED, _POLYNOMIALS = zip(
    _instance("zaslavsky-g3", 7, 1, (3, -3, 1)),
    _instance("zaslavsky-g4_3d", 15, 1, (-4, 6, -4, 1)),
    _instance("zaslavsky-braid3", 6, 0, (0, 2, -3, 1)),
    _instance("zaslavsky-parallel", 6, 0, (2, -3, 1)),
    _instance("zaslavsky-B2", 8, 0, (3, -4, 1)),
    _instance("count-tri", 6, 0, (2, -3, 1)),
    _instance("fundim-1-2-1-dup", 2, 0, (-1, 1)),
    _instance("zero-row", 2, 0, (0, -1, 1)),
    _instance("strip", 3, 0, (0, -2, 1)),
    strict=True,
)
_FEW = Hypothesis(f"at most {_MOST_PLANES} units, so that subsets can be listed", _few_planes)
_HYPOTHESES = (ONE_HIDDEN_LAYER, _FEW)
_SOURCE = "Zaslavsky 1975"

THEOREMS = (
    Theorem(
        name="C6-characteristic-polynomial",
        title="Whitney's sum obeys deletion and restriction",
        statement="The sum over subsets of distinct hyperplanes with a common point of (-1)^size t^(n - rank) is "
        "what deletion and restriction gives; it is monic and its coefficients alternate in sign.",
        latex=r"\chi_{\mathcal A}(t) = \sum_{B \subseteq \mathcal A,\ \bigcap B \ne \emptyset} (-1)^{|B|}"
        r" t^{n - \operatorname{rank} B} = \chi_{\mathcal A \setminus H}(t) - \chi_{\mathcal A^H}(t)",
        source="Whitney 1932; Zaslavsky 1975",
        hypotheses=_HYPOTHESES,
        decide=_decide_polynomial,
        instances=_POLYNOMIALS,
    ),
    Theorem(
        name="C6-count",
        title="Cells of one layer by the characteristic polynomial",
        statement="The number of full cells of one layer is (-1)^n chi(-1), chi being the characteristic polynomial "
        "of its distinct hyperplanes.",
        latex=r"N_{\mathrm{full}} = (-1)^n \chi(-1)",
        source=_SOURCE,
        hypotheses=_HYPOTHESES,
        decide=_decide_count,
        instances=(*_COUNTS, Instance("count-m1", example("count-m1"), "not applicable")),
    ),
    Theorem(
        name="C6-bounded",
        title="Bounded cells of one layer",
        statement="|chi(1)| cells of one layer are bounded up to lines; if the normals span the space these are the "
        "bounded cells, otherwise no cell is bounded.",
        latex=r"\#\{\text{relatively bounded cells}\} = |\chi(1)|",
        source=_SOURCE,
        hypotheses=_HYPOTHESES,
        decide=_decide_bounded,
        instances=_BOUNDED,
    ),
    Theorem(
        name="C6-generic",
        title="Cells of hyperplanes in general position",
        statement="m hyperplanes in general position have C(m,0) + ... + C(m,n) cells, C(m-1,n) of them bounded.",
        latex=r"N_{\mathrm{full}} = \sum_{i=0}^n \binom{m}{i}, \quad N_{\mathrm{bounded}} = \binom{m-1}{n}",
        source="Schläfli; Zaslavsky 1975",
        hypotheses=(*_HYPOTHESES, Hypothesis("the hyperplanes are in general position", _not_simple)),
        decide=_decide_generic,
        instances=(
            Instance("zaslavsky-g3", example("zaslavsky-g3"), "proved", answers={"N_full": 7, "bounded": 1}),
            Instance("zaslavsky-g4_3d", example("zaslavsky-g4_3d"), "proved", answers={"N_full": 15, "bounded": 1}),
            Instance("count-hat", example("count-hat"), "proved", answers={"N_full": 4, "bounded": 2}),
            Instance("count-tri", example("count-tri"), "not applicable"),
        ),
    ),
    Theorem(
        name="C6-every-row",
        title="The generic formula counts every row",
        statement="A layer of m units has C(m,0) + ... + C(m,n) full cells, whatever its rows.",
        latex=r"N_{\mathrm{full}} = \sum_{i=0}^n \binom{m}{i} \quad (m = \text{number of rows})",
        source="pitfall: duplicate rows are one hyperplane, and the position matters",
        hypotheses=_HYPOTHESES,
        decide=_decide_all_rows,
        instances=(
            Instance("fundim-1-2-1-dup", example("fundim-1-2-1-dup"), "refuted"),
            Instance("zaslavsky-parallel", example("zaslavsky-parallel"), "refuted"),
            Instance("zaslavsky-g3", example("zaslavsky-g3"), "proved"),
        ),
        false_variant_of="C6-generic",
    ),
    Theorem(
        name="C6-zero-rows",
        title="Zaslavsky's count with zero rows",
        statement="The number of full cells is (-1)^n chi(-1) with zero rows among the rows of Whitney's sum.",
        latex=r"N_{\mathrm{full}} = (-1)^n \sum_{B} (-1)^{|B|} (-1)^{n - \operatorname{rank} B}, \quad w_i = 0"
        r" \text{ allowed}",
        source="pitfall: a zero row is no hyperplane",
        hypotheses=_HYPOTHESES,
        decide=_decide_zero_rows,
        instances=(
            Instance("zero-row", example("zero-row"), "refuted"),
            Instance("fundim-1-2-1-dup", example("fundim-1-2-1-dup"), "proved"),
        ),
        false_variant_of="C6-count",
    ),
    Theorem(
        name="C6-bounded-without-span",
        title="False: |chi(1)| cells are bounded",
        statement="Exactly |chi(1)| full cells of one layer are bounded, whatever its normals span.",
        latex=r"N_{\mathrm{bounded}} = |\chi(1)|",
        source="pitfall: without spanning normals no cell is bounded",
        hypotheses=_HYPOTHESES,
        decide=_decide_no_span,
        instances=(
            Instance("strip", example("strip"), "refuted"),
            Instance("zaslavsky-g3", example("zaslavsky-g3"), "proved"),
        ),
        false_variant_of="C6-bounded",
    ),
)
