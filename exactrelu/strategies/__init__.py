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

from exactrelu.strategies.networks import activations, affine_maps, networks
from exactrelu.strategies.numbers import rationals, vectors

__all__ = ["activations", "affine_maps", "networks", "rationals", "vectors"]
