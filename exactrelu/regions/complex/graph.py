"""The adjacency of cells as a NetworkX graph, for those who have its algorithms at hand.

Nodes are the cells 0, ..., N - 1 in the order of the complex, edges the shared facets; two convex cells share at
most one facet, so the graph is simple. NetworkX is optional and is imported when the function is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from exactrelu.errors import MissingExtraError
from exactrelu.regions.complex.complex import SubdivisionComplex

__all__ = ["adjacency_graph"]


def adjacency_graph(complex_: SubdivisionComplex) -> Any:
    """Return a `networkx.Graph` of the cells.

    Node attributes: `configuration` (its bits as text), `linear_region` and `affine_piece` (numbers; equal iff the
    same). Edge attributes: `facet` (number of the shared facet) and `flips` (the units whose signs on the two cells
    differ; a unit that is zero on one of them counts).

    Raises:
        MissingExtraError: NetworkX is not installed.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> graph = adjacency_graph(subdivide(hat))
        >>> [(one, two, flips) for one, two, flips in graph.edges(data="flips")]
        [(0, 1, (0,)), (1, 2, (1,)), (2, 3, (2,))]
    """
    try:
        networkx = import_module("networkx")
    except ImportError:
        raise MissingExtraError("the adjacency graph needs NetworkX: pip install networkx") from None
    graph = networkx.Graph()
    regions, pieces = complex_.region_classes.tolist(), complex_.piece_classes.tolist()
    for cell, configuration in enumerate(complex_.configurations):
        graph.add_node(cell, configuration=configuration.bits, linear_region=regions[cell], affine_piece=pieces[cell])
    one, two = complex_.adjacency.cells
    signs = complex_.covectors(complex_.dimension)
    shared, unit = np.nonzero(signs[one] != signs[two])
    flips: list[list[int]] = [[] for _ in range(len(one))]
    for position, flipped in zip(shared.tolist(), unit.tolist(), strict=True):
        flips[position].append(flipped)
    triples = zip(one.tolist(), two.tolist(), complex_.adjacency.facets.tolist(), flips, strict=True)
    graph.add_edges_from((a, b, {"facet": facet, "flips": tuple(units)}) for a, b, facet, units in triples)
    return graph
