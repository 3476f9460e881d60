"""The networks on which theorems are shown, by the name of the worked example they belong to.

A network is one line of text: layers separated by bars, rows by semicolons, and each row is one unit's weights
followed by its bias.  So "1 0; -1 0 | 1 1 0" is relu(x) + relu(-x).  All hidden units are ReLUs, the last layer is
affine.  Examples that are single layers end in the identity, so that the network's function is the layer's.

Several examples ask different questions about one network; `_SAME` lists them.
"""

from __future__ import annotations

from functools import cache

from exactrelu.errors import InputError
from exactrelu.networks.network import Network

__all__ = ["EXAMPLE_NAMES", "example", "parse_network"]

_NETWORKS = {
    "count-abs": "1 0; -1 0 | 1 1 0",
    "count-tri": "1 0 0; 0 1 0; -1 -1 0 | 1 1 1 0",
    "count-tri_plus": "1 0 0; 0 1 0; 1 1 0 | 1 1 1 0",
    "count-g3": "1 0 0; 0 1 0; 1 1 -1 | 1 1 1 0",
    "count-chain": "1 0 | 1 0 | 1 0",
    "count-e2": "1 0 0; 0 1 0 | 1 1 -1 | 1 0",
    "count-e2b": "1 0 0; 0 1 0 | 2 -1 -1 | 1 0",
    "count-e2z": "1 0 0; 0 1 0 | 1 -1 0 | 1 0",
    "count-m1": "2 0; 4 -2 | 1 -1 -1/3; 1 -1 -2/3 | 1 1 0",
    "count-n4": "1 2 1; -1 1 0; 3 0 -1 | 1 -1 2 0; 2 1 0 1 | 1 1 -1; -1 3 0 | 1 2 5",
    "count-hat": "1 0; 1 -1; 1 -2 | 1 -2 1 0",
    "count-z": "1 0 0; 0 1 0; -1 -1 0 | 1 1 -1 0; 2 -1 0 0 | 1 -2 0",
    "count-s11": "3 1 3; -1 -2 1 | 2 2 -1; -3 -1 1 | 1 1 0",
    "telgarsky-1": "2 0; 4 -2 | 1 -1 0",
    "telgarsky-2": "2 0; 4 -2 | 2 -2 0; 4 -4 -2 | 1 -1 0",
    "telgarsky-3": "2 0; 4 -2 | 2 -2 0; 4 -4 -2 | 2 -2 0; 4 -4 -2 | 1 -1 0",
    "telgarsky-4": "2 0; 4 -2 | 2 -2 0; 4 -4 -2 | 2 -2 0; 4 -4 -2 | 2 -2 0; 4 -4 -2 | 1 -1 0",
    "thm6-tight": "3/5 4/5 0; 3/5 4/5 0 | 1/2 1/2 0; 1/2 1/2 0 | 3/5 3/5 0; 4/5 4/5 0",
    "thm6-unnormalised": "2 0 0; 0 1 0 | 1 1 0 | 1 0",
    "grad-kink": "1 0; 1 0 | 1 1 0; 1 -1 0 | 1 1 0",
    "zaslavsky-g4_3d": "1 0 0 0; 0 1 0 0; 0 0 1 0; 1 1 1 -1 | 1 1 1 1 0",
    "zaslavsky-braid3": "1 -1 0 0; 0 1 -1 0; 1 0 -1 0 | 1 1 1 0",
    "zaslavsky-parallel": "1 0 0; 1 0 -1; 0 1 0 | 1 1 1 0",
    "zaslavsky-B2": "1 0 0; 0 1 0; 1 1 0; 1 -1 0 | 1 1 1 1 0",
    "convex-c1": "1 0 0; 0 1 0; 1 1 -1 | 1 2 3 0",
    "convex-c2": "1 0; -1 0 | 1 -1 0",
    "convex-c4": "1 0 0; 0 1 0 | 1 1 -1; 2 0 -1 | 1 1 0",
    "decision-d2p1": "1 0 0; 0 1 0 | 1 -1 -1",
    "decision-d2p2": "1 0 0; 0 1 0 | 1 1 -1",
    "decision-d3p1": "1 0 0 0; 0 1 0 0; 0 0 1 0 | 1 -1 -1 -1",
    "decision-d3p2": "1 0 0 0; 0 1 0 0; 0 0 1 0 | 1 1 -1 -1",
    "decision-d3p3": "1 0 0 0; 0 1 0 0; 0 0 1 0 | 1 1 1 -1",
    "max2": "1 -1 0; 0 1 0; 0 -1 0 | 1 1 -1 0",
    "max3": "1 -1 0 0; 0 1 0 0; 0 -1 0 0; 0 0 1 0; 0 0 -1 0 | 1 1 -1 -1 1 0; 0 0 0 1 -1 0; 0 0 0 -1 1 0 | 1 1 -1 0",
    "max4": (
        "1 -1 0 0 0; 0 1 0 0 0; 0 -1 0 0 0; 0 0 1 -1 0; 0 0 0 1 0; 0 0 0 -1 0 | "
        "1 1 -1 -1 -1 1 0; 0 0 0 1 1 -1 0; 0 0 0 -1 -1 1 0 | "
        "1 1 -1 0"
    ),
    "equiv-max": "1 -1 0; -1 1 0; 1 1 0; -1 -1 0 | 1/2 1/2 1/2 -1/2 0",
    "injective-cross": "1 0 0; 0 1 0; -1 0 0; 0 -1 0 | 1 0 0 0 0; 0 1 0 0 0; 0 0 1 0 0; 0 0 0 1 0",
    "injective-three": "1 0 0; 0 1 0; -1 -1 0 | 1 0 0 0; 0 1 0 0; 0 0 1 0",
    "injective-five": (
        "1 0 0; 1 1 0; -1 1 0; -1 -1 0; 1 -1 0 | 1 0 0 0 0 0; 0 1 0 0 0 0; 0 0 1 0 0 0; 0 0 0 1 0 0; 0 0 0 0 1 0"
    ),
    "injective-bias5m1": "1 5; -1 -1 | 1 0 0; 0 1 0",
    "injective-biasm1m1": "1 -1; -1 -1 | 1 0 0; 0 1 0",
    "injective-bias11": "1 1; -1 1 | 1 0 0; 0 1 0",
    "fundim-1-1-1": "1 1 | 2 0",
    "fundim-1-2-1": "1 0; 1 -1 | 1 1 0",
    "fundim-1-2-1-dup": "1 0; 1 0 | 1 1 0",
    "fundim-2-2-1": "1 0 0; 0 1 0 | 1 1 0",
    "fundim-dead": "1 0 | -1 -1 | 1 0",
    "indicator-square": "-1 0 0; 1 0 -1; 0 -1 0; 0 1 -1 | -10 -10 -10 -10 1 | 1 0",
    "indicator-triangle": "-1 0 0; 0 -1 0; 1 1 -1 | -10 -10 -10 1 | 1 0",
    "indicator-needle": "0 -1 0; -1/10 1 0; 1 0 -1 | -10 -10 -10 1 | 1 0",
    "indicator-union": (
        "-1 0 0; 1 0 -1; 0 -1 0; 0 1 -1; -1 0 2; 1 0 -3; 0 -1 0; 0 1 -1 | "
        "-10 -10 -10 -10 0 0 0 0 1; 0 0 0 0 -10 -10 -10 -10 1 | "
        "1 1 0"
    ),
    "indicator-annulus": (
        "-1 0 -2; 1 0 -2; 0 -1 -2; 0 1 -2; -1 0 -1; 1 0 -1; 0 -1 -1; 0 1 -1 | "
        "-10 -10 -10 -10 0 0 0 0 1; 0 0 0 0 -10 -10 -10 -10 1 | "
        "1 -1 0"
    ),
    "regional-9": "1 -1 0; 1 1 -1 | 3/2 1 -1/4",
    "regional-degenerate": "1 -1 0; -1 1 0 | 1 1 0",
    "local-complexity": "2 -1 | 1 -1/4 | 1 0",
    "vallin": "1 2 1; 3 -1 -4 | 2 -3 -1",
    "lattice-fail": "-2 -2 -2; 1 3 -2; -3 1 2 | 2 -1 -2 0; 2 -1 -1 1 | 1 -1 0",
    # Small networks of our own for degenerate cases and false variants.
    "two-relus": "1 0 0; 0 1 0 | 1 0 0; 0 1 0",
    "strip": "1 0 0; 1 0 -1 | 1 1 0",
    "dead-2-2": "0 0 -1; 0 0 -1 | 0 0 -1; 0 0 -1 | 1 1 0",
    "zero-row": "1 0 0; 0 0 0 | 1 1 0",
    "one-unit": "1 -1 | 1 0",
    "always-active": "0 0 1; 1 1 0 | 2 1 -1",
    "plane": "0 1 | 1 -1",
}

_SAME = {
    "euler-abs": "count-abs",
    "fundim-1-2-1-opp": "count-abs",
    "euler-tri": "count-tri",
    "zaslavsky-g3": "count-g3",
    "prop3-e2": "count-e2",
    "facets-e2": "count-e2",
    "euler-e2": "count-e2",
    "fundim-e2": "count-e2",
    "fundim-e2b": "count-e2b",
    "convex-c5": "count-e2z",
    "euler-m1": "count-m1",
    "fundim-1-2-2-1": "count-m1",
    "thm5-n4": "count-n4",
    "pieces-n4": "count-n4",
    "lip-n4": "count-n4",
    "segment-n4": "count-n4",
    "range-n4": "count-n4",
    "range-hat": "count-hat",
    "convex-c3": "count-hat",
    "lattice-hat": "count-hat",
    "euler-z": "count-z",
    "smooth-tight": "thm6-tight",
    "zonotope-B2": "zaslavsky-B2",
    "fundim-2-3-1": "convex-c1",
}

EXAMPLE_NAMES = tuple(sorted({*_NETWORKS, *_SAME}))


def parse_network(text: str, name: str = "") -> Network:
    """Read a network from one line: bars between layers, semicolons between rows, each row weights and then bias.

    Example:
        >>> parse_network("1 0; -1 0 | 1 1 0")(["-2/3"])
        (Fraction(2, 3),)
    """
    layers = [[row.split() for row in layer.split(";")] for layer in text.split("|")]
    weights = [[row[:-1] for row in layer] for layer in layers]
    return Network.from_weights(weights, [[row[-1] for row in layer] for layer in layers], name=name)


@cache
def example(name: str) -> Network:
    """Return the network of a worked example.

    Raises:
        InputError: no such example.

    Example:
        >>> example("count-m1").widths, example("euler-m1") == example("count-m1")
        ((1, 2, 2, 1), True)
    """
    text = _NETWORKS.get(_SAME.get(name, name))
    if text is None:
        raise InputError(f"no worked example is called {name!r}; see EXAMPLE_NAMES")
    return parse_network(text, name)
