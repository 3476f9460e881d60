"""Hypothesis strategies for rationals, polyhedra, networks and what belongs to a network.

Needs the extra `test`: pip install exactrelu[test].  Everything drawn is exact, keeps its promise by construction
(nothing is filtered away), and shrinks to what a reader can check by hand.

    from hypothesis import given
    from exactrelu.strategies import networks, vectors

    @given(networks(widths=[2, 3, 1]), vectors(2))
    def test_something(network, point): ...
"""

from exactrelu.errors import MissingExtraError

try:
    import hypothesis as _hypothesis  # noqa: F401 - asked for first, so that the message below is the first thing read
except ModuleNotFoundError as _error:
    raise MissingExtraError(
        "exactrelu.strategies draws through Hypothesis, which is not installed: pip install exactrelu[test]"
    ) from _error

from exactrelu.strategies.cells import AdjacentCells, adjacent_cells, configurations, points_of_facet
from exactrelu.strategies.equal_networks import CHANGES, EqualPair, pairs_of_equal_networks
from exactrelu.strategies.matrices import matrices
from exactrelu.strategies.networks import KINDS, activations, affine_maps, networks
from exactrelu.strategies.numbers import rationals, vectors
from exactrelu.strategies.points import data_with_patterns, points_of_cell, points_of_covector, points_of_polyhedron
from exactrelu.strategies.polyhedra import POLYHEDRON_KINDS, polyhedra
from exactrelu.strategies.registration import register as _register

__all__ = [
    "CHANGES",
    "KINDS",
    "POLYHEDRON_KINDS",
    "AdjacentCells",
    "EqualPair",
    "activations",
    "adjacent_cells",
    "affine_maps",
    "configurations",
    "data_with_patterns",
    "matrices",
    "networks",
    "pairs_of_equal_networks",
    "points_of_cell",
    "points_of_covector",
    "points_of_facet",
    "points_of_polyhedron",
    "polyhedra",
    "rationals",
    "vectors",
]

_register()
