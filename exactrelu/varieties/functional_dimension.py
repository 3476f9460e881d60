"""The functional dimension of a concrete network: how many independent directions its parameters have as functions.

The derivatives of the output by the parameters are functions on the open cells of the input space, affine in the
input on each cell. Their rank is the functional dimension at these parameters.  It is the rank of the Jacobian of
the pattern variety with biases whose blocks are *all* full-dimensional cells, evaluated at the network's own
parameters: the bridge from networks to varieties.

It is at most the number of parameters minus the number of hidden neurons (each may be rescaled), and depends on the
parameters: a dead or a doubled neuron lowers it.  Exact over Q; the cost is that of enumerating the cells, and one
rank.
Source: [HH19]-style cells, functional dimension after Grigsby, Lindsey, Meyerhoff and Wu (2022).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exactrelu.errors import BudgetExceeded, InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import RELU
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions
from exactrelu.varieties.architecture import Architecture, Pattern
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.parametrisation import Parametrisation

__all__ = ["FunctionalDimension", "functional_dimension"]


@dataclass(frozen=True, slots=True)
class FunctionalDimension:
    """The rank (`value`), and counts of parameters, hidden neurons, and cells on which it was computed."""

    value: int
    n_parameters: int
    n_hidden: int
    n_cells: int

    @property
    def upper(self) -> int:
        """Parameters minus hidden neurons, an upper bound."""
        return self.n_parameters - self.n_hidden


def functional_dimension(
    network: Network, configurations: Iterable[Configuration] | None = None, *, timeout: float | None = None
) -> FunctionalDimension:
    """Return the rank of the parameter derivatives as functions on the full-dimensional cells.

    Args:
        network: ReLU units only.
        configurations: the cells; all of input space when left out.  A unit that is zero on a whole cell counts as
        off there.
        timeout: seconds for enumerating the cells.

    Raises:
        InputError: a unit that is no ReLU.
        BudgetExceeded: the cells were not all found in time.

    >>> kinks = Network.from_weights([[[1], [1]], [[1, 1]]], [[0, -1], [0]])
    >>> functional_dimension(kinks)
    FunctionalDimension(value=5, n_parameters=7, n_hidden=2, n_cells=3)
    """
    if any(activation != RELU for layer in network.hidden for activation in layer.activations):
        raise InputError("the network has a unit that is no ReLU; functional dimension is defined for ReLU units only")
    if configurations is None:
        enumeration = enumerate_regions(network, timeout=timeout)
        if not enumeration.is_complete:
            raise BudgetExceeded(f"the cells were not all found within {timeout} s; allow more with timeout")
        configurations = [region.configuration for region in enumeration]
    patterns = tuple(Pattern(configuration.by_layer(network)) for configuration in configurations)
    blocks = Blocks(Architecture(network.widths, bias=True), patterns)
    point = tuple(affine.augmented.numerators for affine in network.affine_maps)
    units = [affine.augmented.denominator for affine in network.affine_maps]
    rows = Parametrisation(blocks).jacobian(point, units=units)
    return FunctionalDimension(
        RationalMatrix.from_integers(rows).rank(),
        blocks.architecture.n_parameters,
        sum(blocks.architecture.hidden),
        len(patterns),
    )
