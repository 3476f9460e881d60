"""Several networks side by side as one: inputs and outputs concatenated, layers block-diagonal.

Questions about two networks (equivalence) or two runs of one network (monotonicity, fairness) are questions about one
network this way.  A shallower network is lengthened *at its end*: its output layer becomes a hidden layer of identity
units, followed by identity layers.  The lengthened network is the same function, and its units with a breakpoint keep
their layers; a layer of the result lists the first network's neurons first, then the second's, and so on.

Invariant: `parallel([f, g])(x + y) == f(x) + g(y)` (tuples joined), exactly.  Cost: the matrices have the product of
the summed widths of entries, most of them zero.  Not done here: sharing of inputs (a question's formula says x = y),
and sharing of equal layers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import IDENTITY
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["parallel", "precompose"]


def parallel(networks: Sequence[Network], *, name: str = "") -> Network:
    """Return the network (x_1, ..., x_k) -> (f_1(x_1), ..., f_k(x_k)); a single network is returned as it is.

    Raises:
        InputError: there is no network.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> shift = Network.from_weights([[[1]]], [[10]])
        >>> parallel([absolute, shift]).evaluate([-3, -3])
        (Fraction(3, 1), Fraction(7, 1))
    """
    if not networks:
        raise InputError("networks is empty; at least one is needed")
    if len(networks) == 1:
        return networks[0]
    depth = max(len(network.hidden) for network in networks)
    lengthened = [_lengthen(network, depth) for network in networks]
    hidden = tuple(
        Layer(
            _block_diagonal([layer.affine for layer in layers]),
            tuple(activation for layer in layers for activation in layer.activations),
        )
        for layers in zip(*(network.hidden for network in lengthened), strict=True)
    )
    return Network(hidden, _block_diagonal([network.output for network in lengthened]), name)


def _lengthen(network: Network, depth: int) -> Network:
    """The same function with `depth` hidden layers."""
    missing = depth - len(network.hidden)
    if not missing:
        return network
    identity = AffineMap.identity(network.n_outputs)
    activations = (IDENTITY,) * network.n_outputs
    added = (Layer(network.output, activations), *((Layer(identity, activations),) * (missing - 1)))
    return Network((*network.hidden, *added), identity, network.name)


def _block_diagonal(maps: Sequence[AffineMap]) -> AffineMap:
    """The maps side by side, over the least common denominator."""
    denominator = math.lcm(*(one.augmented.denominator for one in maps))
    n_inputs = sum(one.n_inputs for one in maps)
    rows: list[list[int]] = []
    before = 0
    for one in maps:
        factor = denominator // one.augmented.denominator
        after = n_inputs - before - one.n_inputs
        for *linear, offset in one.augmented.numerators:
            rows.append([0] * before + [factor * a for a in linear] + [0] * after + [factor * offset])
        before += one.n_inputs
    return AffineMap(RationalMatrix.from_integers(rows, denominator, n_inputs + 1))


def precompose(network: Network, inner: AffineMap) -> Network:
    """Return the network x -> network(inner(x)); only the first layer changes.

    Raises:
        ShapeError: `inner` has another number of outputs than the network has inputs.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> precompose(absolute, AffineMap.from_parts([[1, -1]], [0])).evaluate([2, 5])
        (Fraction(3, 1),)
    """
    if not network.hidden:
        return Network((), network.output.after(inner), network.name)
    first, *rest = network.hidden
    return Network((Layer(first.affine.after(inner), first.activations), *rest), network.output, network.name)
