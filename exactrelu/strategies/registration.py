"""What `st.from_type` draws for the types of this package.

Three ways lead here, so that it does not matter what is imported first: importing `exactrelu.strategies`; importing
exactrelu where Hypothesis is loaded already; and Hypothesis's entry point (`_exactrelu_hypothesis`), which is called
when Hypothesis is imported after exactrelu.  Hypothesis alone never imports exactrelu, nor exactrelu Hypothesis.

Every strategy is built when it is asked for.  `Fraction` stays what Hypothesis has for it.  How networks and matrices
look in the report of a failing test is registered here too.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter, for_type_by_name

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.networks.source import network_source
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.strategies.cells import AdjacentCells, adjacent_cells
from exactrelu.strategies.entries import Alphabet
from exactrelu.strategies.equal_networks import EqualPair, pairs_of_equal_networks
from exactrelu.strategies.matrices import matrices
from exactrelu.strategies.networks import activations, affine_maps, networks
from exactrelu.strategies.polyhedra import polyhedra

__all__ = ["register"]


def register() -> None:
    """Register a strategy for every public type that can be drawn; doing so twice changes nothing.

    Example:
        >>> from hypothesis import find
        >>> register()
        >>> find(st.from_type(Configuration), lambda configuration: len(configuration) == 2)
        Configuration(bits='00')
    """
    sizes = st.integers(1, 3)
    pairs = st.tuples(sizes, sizes)
    st.register_type_strategy(Network, lambda _: networks())
    st.register_type_strategy(Activation, lambda _: activations())
    st.register_type_strategy(AffineMap, lambda _: pairs.flatmap(lambda size: affine_maps(*size)))
    st.register_type_strategy(RationalMatrix, lambda _: pairs.flatmap(lambda size: matrices(*size)))
    st.register_type_strategy(Configuration, lambda _: st.builds(Configuration, st.text("01", max_size=8)))
    st.register_type_strategy(HPolyhedron, lambda _: sizes.flatmap(polyhedra))
    st.register_type_strategy(AdjacentCells, lambda _: networks(kind="generic").flatmap(adjacent_cells))
    st.register_type_strategy(EqualPair, lambda _: pairs_of_equal_networks())
    _register_printers()


def _register_printers() -> None:
    """Let Hypothesis report values as source that builds them; by itself it would list the fields of dataclasses."""

    def as_source(network: Network, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(network_source(network))

    def as_repr(value: object, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(repr(value))

    for_type_by_name(Network.__module__, "Network", as_source)
    for kind in (AffineMap, RationalMatrix, Alphabet):
        for_type_by_name(kind.__module__, kind.__name__, as_repr)
