"""Changes of parameters that leave the function alone: positive rescaling and permutation of hidden neurons.

A neuron with positively homogeneous activation (any pair of slopes) may be multiplied by a positive number if its
outgoing weights are divided by it; neurons of a layer may be renumbered.  Preactivations keep their signs, so the
cells are the same, up to the order of the bits after a renumbering.  A negative factor is no symmetry, and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["permute_neurons", "rescale_neuron"]


def rescale_neuron(network: Network, layer: int, neuron: int, factor: object) -> Network:
    """Return the network with one hidden neuron multiplied by a positive factor and its outgoing weights divided by it.

    Raises:
        InputError: no such neuron, or a factor that is not positive.

    >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    >>> rescale_neuron(absolute, 0, 1, "3/2").evaluate([-2]) == absolute.evaluate([-2])
    True
    """
    scale = as_rational(factor, name="factor")
    if scale <= 0:
        raise InputError(f"factor is {scale}; only a positive factor keeps the function")
    width = _hidden_width(network, layer)
    if not 0 <= neuron < width:
        raise InputError(f"neuron is {neuron}; hidden layer {layer} has {width} neurons, numbered from 0")
    before, after = network.affine_maps[layer], network.affine_maps[layer + 1]
    rows = before.scale_rows([scale if j == neuron else as_rational(1) for j in range(width)])
    columns = [
        [entry / scale if j == neuron else entry for j, entry in enumerate(row)]
        for row in after.augmented.to_fractions()
    ]
    return _with_maps(network, layer, rows, AffineMap(RationalMatrix.from_rows(columns, n_columns=width + 1)))


def permute_neurons(network: Network, layer: int, order: Sequence[int]) -> Network:
    """Return the network whose hidden neuron j of a layer is the old neuron order[j].

    Raises:
        InputError: no such layer, or `order` is no permutation of its neurons.

    >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    >>> permute_neurons(absolute, 0, [1, 0]).affine_maps[0].linear
    ((Fraction(-1, 1),), (Fraction(1, 1),))
    """
    width = _hidden_width(network, layer)
    if sorted(order) != list(range(width)):
        raise InputError(f"order is {list(order)}; it must be a permutation of 0..{width - 1}")
    before, after = network.affine_maps[layer], network.affine_maps[layer + 1]
    table = before.augmented
    rows = RationalMatrix(tuple(table.numerators[j] for j in order), table.denominator, table.n_columns)
    columns = RationalMatrix(
        tuple(tuple(row[j] for j in (*order, width)) for row in after.augmented.numerators),
        after.augmented.denominator,
        width + 1,
    )
    changed = _with_maps(network, layer, AffineMap(rows), AffineMap(columns))
    hidden = list(changed.hidden)
    hidden[layer] = Layer(hidden[layer].affine, tuple(network.hidden[layer].activations[j] for j in order))
    return replace(changed, hidden=tuple(hidden), origins=())


def _hidden_width(network: Network, layer: int) -> int:
    if not 0 <= layer < len(network.hidden):
        raise InputError(f"layer is {layer}; the network has {len(network.hidden)} hidden layers, numbered from 0")
    return network.hidden[layer].affine.n_outputs


def _with_maps(network: Network, layer: int, before: AffineMap, after: AffineMap) -> Network:
    """The network with two consecutive affine maps replaced."""
    hidden = list(network.hidden)
    hidden[layer] = Layer(before, hidden[layer].activations)
    if layer + 1 < len(hidden):
        hidden[layer + 1] = Layer(after, hidden[layer + 1].activations)
        return replace(network, hidden=tuple(hidden))
    return replace(network, hidden=tuple(hidden), output=after)
