"""Networks out of networks: more hidden layers for the same function, and the difference of two functions.

`padded` carries the outputs through further hidden layers: by linear units t -> t, which have no breakpoint and so
leave every configuration as it is, or (`relu_only`) by pairs t = relu(t) - relu(-t), which break at t = 0.
`difference` runs two networks side by side on the same input and subtracts their outputs; the shorter one is padded
by linear units first.

The units of a difference are numbered layer by layer, those of the first network before those of the second.
Cost: nothing but the entries of the stacked matrices.
"""

from __future__ import annotations

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import IDENTITY, RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["difference", "padded"]


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
    depth = max(len(one.hidden), len(two.hidden))
    one, two = padded(one, depth), padded(two, depth)
    hidden = []
    for position, (left, right) in enumerate(zip(one.hidden, two.hidden, strict=True)):
        stack = _side_by_side if position else _above
        hidden.append(Layer(stack(left.affine, right.affine), (*left.activations, *right.activations)))
    minus = AffineMap(-two.output.augmented)
    if not depth:
        return Network((), AffineMap(one.output.augmented + minus.augmented))
    return Network(tuple(hidden), _summed(one.output, minus))


def _parts(affine: AffineMap) -> tuple[RationalMatrix, RationalMatrix]:
    """The matrix and the offset as a column."""
    table, n = affine.augmented, affine.n_inputs
    matrix = RationalMatrix.from_integers([row[:n] for row in table.numerators], table.denominator, n)
    return matrix, RationalMatrix.from_integers([row[n:] for row in table.numerators], table.denominator, 1)


def _above(one: AffineMap, two: AffineMap) -> AffineMap:
    """x -> (one(x), two(x))."""
    return AffineMap(one.augmented.vstack(two.augmented))


def _side_by_side(one: AffineMap, two: AffineMap) -> AffineMap:
    """(x, y) -> (one(x), two(y))."""
    (a, b), (c, d) = _parts(one), _parts(two)
    upper = a.hstack(RationalMatrix.zeros(a.n_rows, c.n_columns), b)
    return AffineMap(upper.vstack(RationalMatrix.zeros(c.n_rows, a.n_columns).hstack(c, d)))


def _summed(one: AffineMap, two: AffineMap) -> AffineMap:
    """(x, y) -> one(x) + two(y)."""
    (a, b), (c, d) = _parts(one), _parts(two)
    return AffineMap(a.hstack(c, b + d))
