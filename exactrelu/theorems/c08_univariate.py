"""C8: pieces of networks with one input.

A layer of w units cuts every interval on which the layers before are affine into at most w + 1, so the cells number at
most the product of all w + 1.  Depth multiplies: the false variant adds up the widths instead.
"""

from __future__ import annotations

from math import prod

from exactrelu.networks.network import Network
from exactrelu.regions.counts import count_regions
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, ONE_HIDDEN_LAYER, UNIVARIATE
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]


def _compare(network: Network, bound: int, how: str) -> Decision:
    counts = count_regions(cells_of(network))
    lines = (
        f"Hidden widths {network.widths[1:-1]}: {how} is {bound}.",
        f"The network has {counts.cells} cells and {counts.linear_regions} pieces on the line.",
    )
    holds = counts.linear_regions <= counts.cells <= bound
    return holds, lines, {"N_full": counts.cells, "pieces": counts.linear_regions, "bound": bound}


def _decide_shallow(network: Network) -> Decision:
    return _compare(network, network.widths[1] + 1, "w + 1")


def _decide_deep(network: Network) -> Decision:
    return _compare(network, prod(w + 1 for w in network.widths[1:-1]), "the product of all w + 1")


def _decide_sum(network: Network) -> Decision:
    return _compare(network, sum(network.widths[1:-1]) + 1, "the sum of all widths, plus 1,")


THEOREMS = (
    Theorem(
        name="C8-shallow",
        title="Pieces of one hidden layer on the line",
        statement="A network with one input and one hidden layer of w units has at most w + 1 cells and pieces.",
        latex=r"\#\text{pieces} \le w + 1",
        source="Arora, Basu, Mianjy, Mukherjee 2018",
        hypotheses=(ONE_HIDDEN_LAYER, UNIVARIATE),
        decide=_decide_shallow,
        instances=(
            Instance("count-hat", example("count-hat"), "proved", answers={"pieces": 4, "bound": 4}),
            Instance("count-abs", example("count-abs"), "proved", answers={"pieces": 2, "bound": 3}),
            Instance("telgarsky-1", example("telgarsky-1"), "proved", answers={"pieces": 3, "bound": 3}),
            Instance("count-g3", example("count-g3"), "not applicable"),
        ),
    ),
    Theorem(
        name="C8-deep",
        title="Pieces of a deep network on the line",
        statement="A network with one input and hidden widths w_1, ..., w_k has at most (w_1 + 1) ... (w_k + 1) cells "
        "and pieces.",
        latex=r"\#\text{pieces} \le \prod_{\ell=1}^k (w_\ell + 1)",
        source="Telgarsky 2015; Arora, Basu, Mianjy, Mukherjee 2018",
        hypotheses=(HIDDEN_LAYER, UNIVARIATE),
        decide=_decide_deep,
        instances=(
            Instance("count-m1", example("count-m1"), "proved", answers={"N_full": 7, "pieces": 6, "bound": 9}),
            Instance("telgarsky-3", example("telgarsky-3"), "proved", answers={"N_full": 10, "bound": 27}),
            Instance("count-chain", example("count-chain"), "proved", answers={"N_full": 2, "bound": 4}),
        ),
    ),
    Theorem(
        name="C8-sum",
        title="Depth adds pieces",
        statement="A network with one input and hidden widths w_1, ..., w_k has at most w_1 + ... + w_k + 1 pieces.",
        latex=r"\#\text{pieces} \le 1 + \sum_{\ell=1}^k w_\ell",
        source="pitfall: depth multiplies",
        hypotheses=(HIDDEN_LAYER, UNIVARIATE),
        decide=_decide_sum,
        instances=(
            Instance("count-m1", example("count-m1"), "refuted"),
            Instance("telgarsky-2", example("telgarsky-2"), "refuted"),
            Instance("count-hat", example("count-hat"), "proved"),
        ),
        false_variant_of="C8-deep",
    ),
)
