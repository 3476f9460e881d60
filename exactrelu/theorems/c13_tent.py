"""C13: iterated tent maps, what depth buys [Telgarsky 2015].

t(x) = 2 relu(x) - 4 relu(x - 1/2) is the tent on [0, 1] and 2 - 2x to the right of it.  Its k-fold composite has k
hidden layers of width 2.  On [0, 1] it has 2^k pieces; on the line there are more, which the often quoted number leaves
out: the zero function to the left and, for k >= 2, again to the right (for k = 1 the second piece goes on for ever).  A
single hidden layer that computes the same function needs a unit for each of its breakpoints (C19).
"""

from __future__ import annotations

from fractions import Fraction

from exactrelu.networks.builders import tent
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.counts import count_regions
from exactrelu.regions.equality import EqualFunctions, decide_equality
from exactrelu.regions.results import enumerate_regions
from exactrelu.representations.univariate import minimal_width, univariate_form
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]


def _is_tent(network: Network, **_: object) -> str | None:
    depth = len(network.hidden)
    return None if network == tent(depth) else f"its weights are not those of the {depth}-fold tent map"


_ITERATED_TENT = Hypothesis("the network is an iterated tent map, one hidden layer of width 2 for each fold", _is_tent)


def _decide_unit_interval(network: Network) -> Decision:
    k = len(network.hidden)
    grid = [Fraction(j, 2**k) for j in range(2**k + 1)]
    values = tuple(network([x])[0] for x in grid)
    pieces = count_regions(enumerate_regions(network, HPolyhedron.box([0], [1]))).linear_regions
    bends = [x for x in univariate_form(network).breakpoints if 0 < x < 1]
    lines = (
        f"On [0, 1] there are {pieces} linear regions; 2^{k} = {2**k}.",
        f"The slope changes at {len(bends)} inner points, which are j/{2**k} for 0 < j < {2**k}.",
        f"The values at j/{2**k} are {', '.join(map(str, values))}.",
    )
    evidence = {"pieces_on_[0,1]": pieces, "values_at_j/2^k": values, "breakpoints": tuple(bends)}
    alternating = values == tuple(j % 2 for j in range(2**k + 1))
    return pieces == 2**k and alternating and bends == grid[1:-1], lines, evidence


def _decide_line(network: Network) -> Decision:
    k = len(network.hidden)
    counts = count_regions(cells_of(network))
    expected = (3, 3) if k == 1 else (2**k + 2, 2**k + 1)
    numbers = {
        "N_full": counts.cells,
        "N_half": len(cells_of(network, "half-open")),
        "N_closed": len(cells_of(network, "closed")),
        "linear_regions": counts.linear_regions,
        "distinct_affine_pieces": counts.affine_pieces,
    }
    lines = (
        f"On the line there are {counts.cells} cells and {counts.linear_regions} linear regions; "
        f"{'3' if k == 1 else f'2^{k} + 2 = {2**k + 2}'} are claimed.",
        f"They have {counts.affine_pieces} distinct affine maps"
        + ("." if k == 1 else ": the function is zero to the left of 0 and to the right of 1."),
        f"Half-open configurations: {numbers['N_half']}, closed ones: {numbers['N_closed']}.",
    )
    return (counts.linear_regions, counts.affine_pieces) == expected, lines, numbers


def _decide_shallow(network: Network) -> Decision:
    form = univariate_form(network)
    narrow = minimal_width(form)
    k, expected = len(network.hidden), count_regions(cells_of(network)).linear_regions - 1
    same = isinstance(decide_equality(network, narrow.network), EqualFunctions)
    lines = (
        f"The function has {len(form.breakpoints)} breakpoints, and each needs a unit of its own.",
        f"A hidden layer of {narrow.width} units {'computes it' if same else 'does not compute it'}; "
        f"the deep network has {2 * k} units in {k} layers.",
    )
    return same and narrow.width == expected, lines, {"width": narrow.width, "network": narrow.network}


def _decide_line_false(network: Network) -> Decision:
    k = len(network.hidden)
    regions = count_regions(cells_of(network)).linear_regions
    return (
        regions == 2**k,
        (f"On the line there are {regions} linear regions, not 2^{k} = {2**k}.",),
        {"pieces": regions},
    )


_COUNTS = {1: (3, 3, 3, 3, 3), 2: (8, 6, 6, 5, 6), 3: (20, 11, 10, 9, 10), 4: (48, 21, 18, 17, 18)}
_KEYS = ("N_closed", "N_half", "N_full", "distinct_affine_pieces", "linear_regions")


def _name(k: int) -> str:
    return f"telgarsky-{k}"


_SOURCE = "Telgarsky, Representation benefits of deep feedforward networks, 2015; the counts on the line are our own"

THEOREMS = (
    Theorem(
        name="C13-unit-interval",
        title="2^k pieces on [0, 1]",
        statement="The k-fold tent map has exactly 2^k pieces on [0, 1] and takes the values 0, 1, 0, 1, ... at j/2^k.",
        latex=r"t^{k}(j/2^k) = j \bmod 2, \quad \#\mathrm{pieces}(t^k|_{[0,1]}) = 2^k",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, _ITERATED_TENT),
        decide=_decide_unit_interval,
        instances=tuple(
            Instance(
                _name(k),
                example(_name(k)),
                "proved",
                answers={"pieces_on_[0,1]": 2**k, "values_at_j/2^k": tuple(j % 2 for j in range(2**k + 1))},
            )
            for k in _COUNTS
        ),
    ),
    Theorem(
        name="C13-line",
        title="2^k + 2 pieces on the line",
        statement="On all of R the k-fold tent map has 3 pieces for k = 1 and 2^k + 2 for k >= 2, with 3 and 2^k + 1 "
        "distinct affine maps.",
        latex=r"\#\mathrm{pieces}(t^k) = 2^k + 2 \quad (k \ge 2)",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, _ITERATED_TENT),
        decide=_decide_line,
        instances=tuple(
            Instance(_name(k), example(_name(k)), "proved", answers=dict(zip(_KEYS, counts, strict=True)))
            for k, counts in _COUNTS.items()
        ),
    ),
    Theorem(
        name="C13-shallow",
        title="What one hidden layer needs for it",
        statement="One hidden layer computes the k-fold tent map on R with as many units as it has breakpoints, and "
        "not with fewer; that is 2 for k = 1 and 2^k + 1 for k >= 2.",
        latex=r"w_{\min}(t^k) = 2^k + 1 \quad (k \ge 2)",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, _ITERATED_TENT),
        decide=_decide_shallow,
        instances=(
            Instance(_name(1), example(_name(1)), "proved", answers={"width": 2}),
            Instance(_name(3), example(_name(3)), "proved", answers={"width": 9}),
            Instance("count-hat", example("count-hat"), "not applicable"),
        ),
    ),
    Theorem(
        name="C13-line-2^k",
        title="2^k pieces on the line",
        statement="The k-fold tent map has 2^k pieces on all of R.",
        latex=r"\#\mathrm{pieces}(t^k) = 2^k",
        source="a careless reading of Telgarsky 2015",
        hypotheses=(HIDDEN_LAYER, _ITERATED_TENT),
        decide=_decide_line_false,
        instances=tuple(
            Instance(_name(k), example(_name(k)), "refuted", answers={"pieces": counts[-1]})
            for k, counts in _COUNTS.items()
        ),
        false_variant_of="C13-line",
    ),
)
