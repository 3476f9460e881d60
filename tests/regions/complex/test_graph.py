"""The adjacency of cells as a NetworkX graph."""

from __future__ import annotations

import sys
from pathlib import Path

import networkx
import pytest
from hypothesis import given, settings

from exactrelu.errors import MissingExtraError
from exactrelu.networks.builders import absolute_value
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.graph import adjacency_graph

from .generated import network_of, networks, worked_example


def test_facets_e2(shared_data: Path) -> None:
    """The pairs of cells that share a facet are those of the worked example, each with the units that differ."""
    example = worked_example(shared_data, "facets-e2")
    graph = adjacency_graph(subdivide(network_of(example)))
    name = graph.nodes(data="configuration")
    found = {frozenset((name[one], name[two])) for one, two in graph.edges}
    assert found == {frozenset(row[:2]) for row in example["expected"]}
    for one, two, flips in graph.edges(data="flips"):
        assert flips == tuple(i for i, (a, b) in enumerate(zip(name[one], name[two], strict=True)) if a != b)


@given(networks())
@settings(max_examples=25)
def test_graph_of_any_network(network: Network) -> None:
    """The cells of a convex domain are connected; linear regions are components along edges of equal pieces."""
    complex_ = subdivide(network, HPolyhedron.cube(network.n_inputs))
    graph = adjacency_graph(complex_)
    assert networkx.is_connected(graph)
    assert graph.number_of_edges() == len(complex_.adjacency)
    assert all(flips for _, _, flips in graph.edges(data="flips"))
    piece = graph.nodes(data="affine_piece")
    same = networkx.Graph((one, two) for one, two in graph.edges if piece[one] == piece[two])
    same.add_nodes_from(graph)
    components = {frozenset(c) for c in networkx.connected_components(same)}
    region = graph.nodes(data="linear_region")
    assert components == {frozenset(n for n in graph if region[n] == r) for r in {region[n] for n in graph}}


def test_coincident_hyperplanes_flip_together() -> None:
    """Two opposite units are one edge with both as flips; a dead unit never flips."""
    twins = Network.from_weights([[[1], [-2], [0]], [[1, 1, 1]]], [[0, 0, -1], [0]])
    (edge,) = adjacency_graph(subdivide(twins)).edges(data="flips")
    assert edge == (0, 1, (0, 1))


def test_one_cell() -> None:
    """A network without units has one node and no edge."""
    graph = adjacency_graph(subdivide(Network.from_weights([[[1, 1]]], [[0]])))
    assert list(graph.nodes(data="configuration")) == [(0, "")]
    assert graph.number_of_edges() == 0


def test_missing_networkx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without NetworkX the error says how to get it."""
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(MissingExtraError, match="pip install networkx"):
        adjacency_graph(subdivide(absolute_value()))
