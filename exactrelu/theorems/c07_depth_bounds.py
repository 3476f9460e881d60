"""C7: how many cells an architecture allows: the upper bound for all parameters, a lower bound for the best ones.

The upper bound of Serra, Tjandraatmadja and Ramalingam holds for the cells of every network of the given widths.  The
lower bound of Montúfar, Pascanu, Cho and Bengio is a statement about the maximum over all parameters; it is proved
here by a network of the same widths that attains it.  In that network every layer but the last folds each coordinate
of the unit cube p times onto [0, 1] by a zigzag of p units, and the last layer is a simple arrangement all of whose
vertices lie inside the cube.  Its cells are enumerated, not taken from the construction; they are cells, and some of
them may belong to one linear region.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb, prod

from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import enumerate_regions
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS", "folding_network", "montufar_lower", "serra_upper"]

_MOST_CELLS = 1000


def serra_upper(n_inputs: int, widths: Sequence[int]) -> int:
    """Return the upper bound: the sum over (j_1, ..., j_k) of the products of C(n_l, j_l), where
    0 <= j_l <= min(n_0, n_1 - j_1, ..., n_{l-1} - j_{l-1}, n_l).

    Example:
        >>> serra_upper(2, [2, 1]), serra_upper(2, [2, 2]), serra_upper(1, [2, 2, 2])
        (7, 11, 27)
    """

    @cache
    def total(layer: int, room: int) -> int:
        if layer == len(widths):
            return 1
        n = widths[layer]
        return sum(comb(n, j) * total(layer + 1, min(room, n - j)) for j in range(min(room, n) + 1))

    return total(0, n_inputs)


def montufar_lower(n_inputs: int, widths: Sequence[int]) -> int | None:
    """Return the lower bound of the best network: the product of floor(n_l / n_0)^n_0 over all hidden layers but the
    last, times C(n_k, 0) + ... + C(n_k, n_0); None if a layer is narrower than the input.

    Example:
        >>> montufar_lower(1, [2, 2]), montufar_lower(2, [4, 2]), montufar_lower(2, [2, 1])
        (6, 16, None)
    """
    if not widths or n_inputs < 1 or min(widths) < n_inputs:
        return None
    *early, last = widths
    folds = prod(n // n_inputs for n in early)
    return int(folds**n_inputs) * sum(comb(last, j) for j in range(n_inputs + 1))


def folding_network(n_inputs: int, widths: Sequence[int]) -> Network:
    """Return a network of the given hidden widths, one output, with at least `montufar_lower` full cells.

    Every width must be at least n_inputs >= 1.

    Example:
        >>> folding_network(1, [2, 2]).widths
        (1, 2, 2, 1)
    """
    n = n_inputs
    # Coordinates of the current cube as combinations of the layer before: at first the inputs themselves.
    fold: list[list[int]] = [[int(i == j) for j in range(n)] for i in range(n)]
    weights: list[list[list[Fraction]]] = []
    biases: list[list[Fraction]] = []
    for width in widths[:-1]:
        pieces = width // n
        rows = [[Fraction(pieces * a) for a in coordinate] for coordinate in fold for _ in range(pieces)]
        idle = width - len(rows)
        weights.append([*rows, *([[Fraction(0)] * len(fold[0])] * idle)])
        biases.append([*[Fraction(-j) for _ in range(n) for j in range(pieces)], *([Fraction(0)] * idle)])
        # p u, then the slope changes sign at 1/p, 2/p, ...
        signs = [1 if j == 0 else 2 * (-1) ** j for j in range(pieces)]
        fold = [[signs[k - i * pieces] if 0 <= k - i * pieces < pieces else 0 for k in range(width)] for i in range(n)]
    last = widths[-1]
    size = Fraction(prod(range(2, last + 2)))
    # Row t of the moment curve: sum_c t^c y_c + t^n = 0 says that t is a root of a monic polynomial with coefficients
    # y.  So n rows meet in one point, n + 1 rows in none, and every |y_c| is at most the product of all 1 + t.
    rows, bias = [], []
    for t in range(1, last + 1):
        normal = [4 * size * t**c for c in range(n)]
        columns = zip(*fold, strict=True)
        rows.append([sum((a * f for a, f in zip(normal, column, strict=True)), Fraction(0)) for column in columns])
        bias.append(t**n - sum(normal, Fraction(0)) / 2)
    weights += [rows, [[Fraction(1)] * last]]
    biases += [bias, [Fraction(0)]]
    return Network.from_weights(weights, biases, name="folding")


def _hidden_widths(network: Network) -> tuple[int, ...]:
    return network.widths[1:-1]


def _decide_upper(network: Network) -> Decision:
    widths = _hidden_widths(network)
    bound, found = serra_upper(network.n_inputs, widths), len(cells_of(network))
    regions = count_regions(cells_of(network)).linear_regions
    lines = (
        f"For {network.n_inputs} inputs and hidden widths {widths} the bound is {bound}.",
        f"The network has {found} full cells and {regions} linear regions.",
    )
    return regions <= found <= bound, lines, {"N_full": found, "upper": bound}


def _decide_lower(network: Network) -> Decision:
    widths = _hidden_widths(network)
    bound = montufar_lower(network.n_inputs, widths)
    best = folding_network(network.n_inputs, widths)
    found = len(enumerate_regions(best))
    lines = (
        f"For {network.n_inputs} inputs and hidden widths {widths} the bound is {bound}.",
        f"A folding network of these widths has {found} full cells.",
    )
    return bound is not None and found >= bound, lines, {"lower": bound, "found": found, "network": best}


def _decide_consistent(network: Network) -> Decision:
    widths = _hidden_widths(network)
    lower, upper = montufar_lower(network.n_inputs, widths), serra_upper(network.n_inputs, widths)
    shown = "none, a layer is narrower than the input" if lower is None else str(lower)
    line = f"For {network.n_inputs} inputs and hidden widths {widths}: lower bound {shown}, upper bound {upper}."
    return lower is None or lower <= upper <= 2 ** sum(widths), (line,), {"lower": lower, "upper": upper}


def _decide_lower_for_all(network: Network) -> Decision:
    """False: the lower bound holds for every network."""
    bound, found = montufar_lower(network.n_inputs, _hidden_widths(network)), len(cells_of(network))
    line = f"The bound is {bound}, and this network has {found} full cells."
    return bound is not None and found >= bound, (line,), {"lower": bound, "N_full": found}


def _decide_attained(network: Network) -> Decision:
    """False: the upper bound is attained."""
    bound, found = serra_upper(network.n_inputs, _hidden_widths(network)), len(cells_of(network))
    return found == bound, (f"The bound is {bound}, and this network has {found} full cells.",), {"N_full": found}


def _narrow(network: Network, **_: object) -> str | None:
    widths = _hidden_widths(network)
    if montufar_lower(network.n_inputs, widths) is not None:
        return None
    return f"hidden widths {widths}, {network.n_inputs} inputs"


def _many_cells(network: Network, **_: object) -> str | None:
    upper = serra_upper(network.n_inputs, _hidden_widths(network))
    return None if upper <= _MOST_CELLS else f"the architecture allows {upper} cells"


def _table(n_inputs: int, widths: tuple[int, ...], lower: int | None, upper: int) -> Instance:
    network = random_network([n_inputs, *widths, 1], seed=0)
    return Instance("bounds-table", network, "proved", answers={"lower": lower, "upper": upper})


_WIDE = Hypothesis("every hidden layer is at least as wide as the input", _narrow)
_LOWER_SOURCE = "Montúfar, Pascanu, Cho, Bengio 2014, there for linear regions"

THEOREMS = (
    Theorem(
        name="C7-serra-upper",
        title="Upper bound on cells by the widths",
        statement="A ReLU network has at most as many full cells as the sum over (j_1, ..., j_k) of the products of "
        "C(n_l, j_l), where 0 <= j_l <= min(n_0, n_1 - j_1, ..., n_{l-1} - j_{l-1}, n_l).",
        latex=r"N_{\mathrm{full}} \le \sum_{(j_1, \dots, j_{L-1})} \prod_{\ell} \binom{n_\ell}{j_\ell}",
        source="Serra, Tjandraatmadja, Ramalingam 2018",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_upper,
        instances=(
            Instance("count-m1", example("count-m1"), "proved", answers={"N_full": 7, "upper": 9}),
            Instance("count-e2", example("count-e2"), "proved", answers={"N_full": 7, "upper": 7}),
            Instance("count-s11", example("count-s11"), "proved", answers={"N_full": 11, "upper": 11}),
            Instance("dead-2-2", example("dead-2-2"), "proved", answers={"N_full": 1}),
        ),
    ),
    Theorem(
        name="C7-montufar-lower",
        title="Lower bound on the best number of cells",
        statement="If all hidden layers are at least as wide as the input, some ReLU network of the same widths has "
        "at least floor(n_1/n_0)^n_0 ... floor(n_{k-1}/n_0)^n_0 (C(n_k,0) + ... + C(n_k,n_0)) full cells.",
        latex=r"\max_\theta N_{\mathrm{full}} \ge \prod_{\ell=1}^{k-1} \lfloor n_\ell / n_0 \rfloor^{n_0}"
        r" \sum_{j=0}^{n_0} \binom{n_k}{j}",
        source=_LOWER_SOURCE,
        hypotheses=(
            HIDDEN_LAYER,
            _WIDE,
            Hypothesis(f"the architecture allows at most {_MOST_CELLS} cells, to be listed", _many_cells),
        ),
        decide=_decide_lower,
        instances=(
            Instance("count-m1", example("count-m1"), "proved", answers={"lower": 6}),
            Instance("telgarsky-3", example("telgarsky-3"), "proved", answers={"lower": 12}),
            Instance("count-s11", example("count-s11"), "proved", answers={"lower": 4}),
            Instance("2-4-2-1", random_network([2, 4, 2, 1], seed=0), "proved", answers={"lower": 16}),
            Instance("count-e2", example("count-e2"), "not applicable"),
        ),
    ),
    Theorem(
        name="C7-bounds-consistent",
        title="The lower bound is below the upper bound",
        statement="For every architecture the lower bound of Montúfar et al. is at most the upper bound of Serra et "
        "al., and this is at most 2 to the number of units.",
        latex=r"\prod_{\ell<k} \lfloor n_\ell/n_0 \rfloor^{n_0} \sum_{j \le n_0} \binom{n_k}{j} \le"
        r" \sum_{(j_\ell)} \prod_\ell \binom{n_\ell}{j_\ell} \le 2^{\sum n_\ell}",
        source="both bounds hold for the best network",
        hypotheses=(HIDDEN_LAYER,),
        decide=_decide_consistent,
        instances=(
            _table(1, (2, 2), 6, 9),
            _table(1, (3, 2), 9, 12),
            _table(1, (2, 2, 2), 12, 27),
            _table(2, (2, 1), None, 7),
            _table(2, (2, 2), 4, 11),
            _table(2, (3, 2), 4, 25),
            _table(2, (4, 2), 16, 44),
            _table(2, (3, 3), 7, 40),
        ),
    ),
    Theorem(
        name="C7-lower-for-all",
        title="The lower bound holds for every network",
        statement="A ReLU network whose hidden layers are at least as wide as its input has at least as many full "
        "cells as the lower bound of Montúfar et al. says.",
        latex=r"N_{\mathrm{full}} \ge \prod_{\ell<k} \lfloor n_\ell/n_0 \rfloor^{n_0} \sum_{j \le n_0} \binom{n_k}{j}",
        source="pitfall: the bound is about the best parameters",
        hypotheses=(HIDDEN_LAYER, _WIDE),
        decide=_decide_lower_for_all,
        instances=(
            Instance("dead-2-2", example("dead-2-2"), "refuted"),
            Instance("count-m1", example("count-m1"), "proved"),
        ),
        false_variant_of="C7-montufar-lower",
    ),
    Theorem(
        name="C7-upper-attained",
        title="The upper bound is the number of cells",
        statement="A ReLU network has exactly as many full cells as the upper bound of Serra et al. says.",
        latex=r"N_{\mathrm{full}} = \sum_{(j_\ell)} \prod_\ell \binom{n_\ell}{j_\ell}",
        source="pitfall: an upper bound over all parameters",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_attained,
        instances=(
            Instance("count-m1", example("count-m1"), "refuted"),
            Instance("count-s11", example("count-s11"), "proved"),
        ),
        false_variant_of="C7-serra-upper",
    ),
)
