"""Networks out of networks: more hidden layers, several side by side, an affine map in front, the difference of two.

Questions about two networks (equivalence) or two runs of one network (monotonicity, fairness) are questions about one
network this way.  `padded` carries the outputs through further hidden layers: by linear units t -> t, which have no
breakpoint and so leave every configuration as it is, or (`relu_only`) by pairs t = relu(t) - relu(-t), which break at
t = 0.  `parallel` concatenates inputs and outputs, with block-diagonal layers; a shallower network is padded at its end
by linear units, so that its units with a breakpoint keep their layers.  A layer of the result lists the first network's
neurons first, then the second's, and so on.  `difference` runs two networks on the same input and subtracts.

Invariant: `parallel([f, g])(x + y) == f(x) + g(y)` (tuples joined), exactly.  Cost: the matrices have the product of
the summed widths of entries, most of them zero.  Not done here: sharing of equal layers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import IDENTITY, RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["difference", "padded", "parallel", "precompose"]


def padded(network: Network, depth: int, *, relu_only: bool = False) -> Network:
    """Return the same function with `depth` hidden layers, the new ones after the old.

    Args:
        depth: number of hidden layers, at least those of the network.
        relu_only: carry each output t on as relu(t) - relu(-t), not by one linear unit.

    Raises:
        InputError: the network already has more hidden layers.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> padded(absolute, 3).widths, padded(absolute, 3).n_units
        ((1, 2, 1, 1, 1), 2)
        >>> padded(absolute, 2, relu_only=True).widths, padded(absolute, 2, relu_only=True)([-3])
        ((1, 2, 2, 1), (Fraction(3, 1),))
    """
    missing = depth - len(network.hidden)
    if missing < 0:
        raise InputError(f"depth is {depth}; the network already has {len(network.hidden)} hidden layers")
    hidden, output = list(network.hidden), network.output
    size = network.n_outputs
    identity = RationalMatrix.identity(size)
    for _ in range(missing):
        if relu_only:
            pair = AffineMap(identity.vstack(-identity).hstack(RationalMatrix.zeros(2 * size, 1)))
            hidden.append(Layer(pair.after(output), (RELU,) * (2 * size)))
            output = AffineMap(identity.hstack(-identity, RationalMatrix.zeros(size, 1)))
        else:
            hidden.append(Layer(output, (IDENTITY,) * size))
            output = AffineMap.identity(size)
    return Network(tuple(hidden), output, network.name)


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
    lengthened = [padded(network, depth) for network in networks]
    hidden = tuple(
        Layer(
            _block_diagonal([layer.affine for layer in layers]),
            tuple(activation for layer in layers for activation in layer.activations),
        )
        for layers in zip(*(network.hidden for network in lengthened), strict=True)
    )
    return Network(hidden, _block_diagonal([network.output for network in lengthened]), name)


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


def difference(one: Network, two: Network) -> Network:
    """Return x -> one(x) - two(x).

    Raises:
        ShapeError: the networks differ in the number of inputs or of outputs.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> line = Network.from_weights([[[1]]], [[0]])
        >>> difference(absolute, line)([-3]), difference(absolute, line)([3])
        ((Fraction(6, 1),), (Fraction(0, 1),))
    """
    for name in ("n_inputs", "n_outputs"):
        sizes = getattr(one, name), getattr(two, name)
        if sizes[0] != sizes[1]:
            raise ShapeError(f"the networks have {sizes[0]} and {sizes[1]} {name[2:]}; only equal numbers compare")
    twice = AffineMap(
        RationalMatrix.identity(one.n_inputs)
        .vstack(RationalMatrix.identity(one.n_inputs))
        .hstack(RationalMatrix.zeros(2 * one.n_inputs, 1))
    )
    identity = RationalMatrix.identity(one.n_outputs)
    minus = AffineMap(identity.hstack(-identity, RationalMatrix.zeros(one.n_outputs, 1)))
    both = precompose(parallel([one, two]), twice)
    return Network(both.hidden, minus.after(both.output))
