"""C19: the least width of one hidden layer for a function of one variable.

With k >= 1 breakpoints, leftmost slope m and slope jumps c_i: k if m + sum_T c_i = 0 for some set T of breakpoints,
else k + 1; a constant needs no unit, another affine function two.  The network of that width is built and compared
with the given one on all cells of their difference; that fewer do not suffice is the list of all subset sums (and the
proof in `exactrelu.representations.univariate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from exactrelu.networks.network import Network
from exactrelu.regions.equality import EqualFunctions, decide_equality
from exactrelu.representations.univariate import UnivariateForm, minimal_width, univariate_form
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import ONE_HIDDEN_LAYER, RELU_UNITS, SCALAR_OUTPUT, UNIVARIATE
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

_BREAKPOINTS = 12


def _fitting_subset(form: UnivariateForm) -> tuple[int, ...] | None:
    """A set T with m + sum_T c_i = 0, by trying all of them; None if there is none."""
    k = len(form.jumps)
    for size in range(k + 1):
        for subset in combinations(range(k), size):
            if form.slopes[0] + sum((form.jumps[i] for i in subset), Fraction(0)) == 0:
                return subset
    return None


def _describe(form: UnivariateForm) -> str:
    jumps = ", ".join(map(str, form.jumps)) or "none"
    return f"{len(form.jumps)} breakpoints, leftmost slope {form.slopes[0]}, slope jumps {jumps}."


def _claimed(form: UnivariateForm) -> tuple[int, str]:
    k, m = len(form.jumps), form.slopes[0]
    if not k:
        return (2, "No breakpoint and a slope: two opposite units.") if m else (0, "A constant: no unit.")
    subset = _fitting_subset(form)
    if subset is None:
        return k + 1, f"None of the {2**k} subset sums of the jumps is {-m}, so k units do not suffice."
    return k, f"The jumps at the positions {subset} add up to {-m}: their units face left."


def _decide_width(network: Network) -> Decision:
    form = univariate_form(network)
    expected, reason = _claimed(form)
    narrow = minimal_width(form)
    answer = decide_equality(network, narrow.network)
    lines = (
        _describe(form),
        reason,
        f"A hidden layer of {narrow.width} units "
        + ("computes the same function." if isinstance(answer, EqualFunctions) else "does not compute the function."),
    )
    evidence = {"width": narrow.width, "network": narrow.network, "left_facing": narrow.left_facing}
    return isinstance(answer, EqualFunctions) and narrow.width == expected, lines, evidence


def _decide_lower(network: Network) -> Decision:
    form = univariate_form(network)
    least, own = minimal_width(form).width, network.widths[1]
    line = (
        f"The network has {own} units, and {least} is the least number; the function has {len(form.jumps)} breakpoints."
    )
    return len(form.jumps) <= least <= own, (line,), {"width": least, "own": own}


def _decide_breakpoints(network: Network) -> Decision:
    form = univariate_form(network)
    least = minimal_width(form).width
    return least == len(form.jumps), (_describe(form), f"The least width is {least}."), {"width": least}


def _has_few_breakpoints(network: Network, **_: object) -> str | None:
    k = len(univariate_form(network).jumps)
    return None if k <= _BREAKPOINTS else f"it has {k} breakpoints, and 2^{k} subset sums are tried"


_FEW_BREAKPOINTS = Hypothesis(f"at most {_BREAKPOINTS} breakpoints", _has_few_breakpoints)


def _wide(slope: int, jumps: Sequence[int]) -> Network:
    """The function with that leftmost slope and those jumps at 0, 1, 2, ..., with two units to spare."""
    k = len(jumps)
    rows = [[1]] * k + [[1], [-1]]
    return Network.from_weights([rows, [[*jumps, slope, -slope]]], [[*(-t for t in range(k)), 0, 0], [0]])


_WIDTHS = {
    "relu": (0, (1,), 1),
    "abs": (-1, (2,), 2),
    "max(-x,2x)": (-1, (3,), 2),
    "hat": (0, (1, -2, 1), 3),
    "zigzag": (1, (-2, 2), 3),
    "lucky": (1, (-1, 5), 2),
    "affine": (3, (), 2),
    "constant": (0, (), 0),
}
_SOURCE = "own proof; that there is such a number is the claim of Qi, Wei, arXiv 2310.18725"

THEOREMS = (
    Theorem(
        name="C19-minimal-width",
        title="The least width for a function of one variable",
        statement="A function with k >= 1 breakpoints, leftmost slope m and slope jumps c_i needs k units in one "
        "hidden layer if m + sum of c_i over some set of breakpoints is 0, and k + 1 otherwise; a constant needs none, "
        "another affine function two.",
        latex=r"w_{\min} = k \text{ if } \exists T: m + \textstyle\sum_{i \in T} c_i = 0, \text{ else } k+1",
        source=_SOURCE,
        hypotheses=(UNIVARIATE, SCALAR_OUTPUT, _FEW_BREAKPOINTS),
        decide=_decide_width,
        instances=(
            *(
                Instance(f"width1d-{name}", _wide(slope, jumps), "proved", answers={"width": width})
                for name, (slope, jumps, width) in _WIDTHS.items()
            ),
            Instance("telgarsky-3", example("telgarsky-3"), "proved", answers={"width": 9}),
            Instance("fundim-dead", example("fundim-dead"), "proved", answers={"width": 0}),
        ),
    ),
    Theorem(
        name="C19-no-narrower",
        title="No shallow network is narrower",
        statement="A network with one hidden layer of ReLUs has at least as many units as its function needs, and "
        "that is at least the number of breakpoints.",
        latex=r"k \le w_{\min}(f) \le n_1",
        source=_SOURCE,
        hypotheses=(UNIVARIATE, SCALAR_OUTPUT, ONE_HIDDEN_LAYER, RELU_UNITS, _FEW_BREAKPOINTS),
        decide=_decide_lower,
        instances=tuple(
            Instance(name, example(name), "proved") for name in ("count-hat", "count-abs", "fundim-1-2-1-dup")
        ),
    ),
    Theorem(
        name="C19-breakpoints",
        title="The least width is the number of breakpoints",
        statement="One hidden layer with as many units as breakpoints computes the function.",
        latex=r"w_{\min} = k",
        source="one unit for each kink, without the slope at minus infinity",
        hypotheses=(UNIVARIATE, SCALAR_OUTPUT, _FEW_BREAKPOINTS),
        decide=_decide_breakpoints,
        instances=(
            Instance("width1d-abs", _wide(-1, (2,)), "refuted", answers={"width": 2}),
            Instance("width1d-zigzag", _wide(1, (-2, 2)), "refuted", answers={"width": 3}),
            Instance("width1d-lucky", _wide(1, (-1, 5)), "proved", answers={"width": 2}),
        ),
        false_variant_of="C19-minimal-width",
    ),
)
