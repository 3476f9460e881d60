"""What the tests of the complex draw and read: degenerate networks, domains, worked examples."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron

SMALL = st.integers(-2, 2)


@st.composite
def networks(draw: st.DrawFn, inputs: int | None = None, outputs: int = 1) -> Network:
    """Three hidden layers at most, small integer weights: degenerate position is common."""
    first = draw(st.integers(1, 3)) if inputs is None else inputs
    widths = [first, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)), outputs]
    pairs = list(pairwise(widths))
    weights = [[[draw(SMALL) for _ in range(a)] for _ in range(b)] for a, b in pairs]
    return Network.from_weights(weights, [[draw(SMALL) for _ in range(b)] for _, b in pairs])


def bounded_domain(kind: str, d: int) -> HPolyhedron:
    """A bounded domain with interior; a truncated cube has facets of several shapes."""
    return {
        "box": HPolyhedron.box(["-3/2"] * d, [1] * d),
        "simplex": HPolyhedron.simplex(d),
        "truncated": HPolyhedron.cube(d).intersection(HPolyhedron.from_rows([([1] * d, "<=", "1/2")])),
    }[kind]


BOUNDED = ("box", "simplex", "truncated")


def worked_example(shared_data: Path, name: str) -> dict[str, Any]:
    """The entry of the worked examples with that name."""
    entries = json.loads((shared_data / "worked-examples.json").read_text())["examples"]
    return next(entry for entry in entries if entry["id"] == name)


def network_of(entry: dict[str, Any]) -> Network:
    """The network of a worked example."""
    return Network.from_weights(entry["weights"], entry["biases"])
