"""Piecewise linear operations on expressions, each with the fewest breakpoints: one unit for each place where it bends.

    relu(t), leaky(t), |t|    one unit with slopes (0, 1), (a, 1), (-1, 1)
    max(a, b) = b + relu(a - b)        min(a, b) = a - relu(a - b)
    clip(t, lo, hi) = lo + relu(t - lo) - relu(t - hi)

The values beside the units are affine; `lowering` passes them on by linear units, which are no breakpoints.  (The
usual form max(a, b) = relu(a - b) + relu(b) - relu(-b) would add a false breakpoint at b = 0.)  A constant operand
costs nothing.

Cost: as many units as the operation has entries.  Source: own; the identities are elementary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from exactrelu.errors import InputError
from exactrelu.networks.activations import ABSOLUTE, RELU, Activation
from exactrelu.networks.expressions import Expression

__all__ = ["absolute", "clip", "leaky_relu", "maximum_of", "minimum_of", "relu"]


def relu(value: Expression, *, origin: str = "") -> Expression:
    """Return max(t, 0) for every entry t."""
    return value.activate([RELU] * value.size, origin=origin)


def leaky_relu(value: Expression, slope: Fraction, *, origin: str = "") -> Expression:
    """Return t where t >= 0 and slope · t where t < 0, for every entry t."""
    return value.activate([Activation(slope, Fraction(1))] * value.size, origin=origin)


def absolute(value: Expression, *, origin: str = "") -> Expression:
    """Return |t| for every entry t."""
    return value.activate([ABSOLUTE] * value.size, origin=origin)


def clip(
    value: Expression, lower: Fraction | None = None, upper: Fraction | None = None, *, origin: str = ""
) -> Expression:
    """Return min(max(t, lower), upper) for every entry t; a bound that is None is left out.

    Raises:
        InputError: lower > upper.
    """
    if lower is not None and upper is not None and lower > upper:
        raise InputError(f"the lower bound {lower} of a clip exceeds the upper bound {upper}")
    constant = value.graph.constant
    if lower is None and upper is None:
        return value
    if lower is None:
        cap = constant([upper] * value.size)
        return value - relu(value - cap, origin=origin)
    base = constant([lower] * value.size)
    if upper is None:
        return base + relu(value - base, origin=origin)
    cap = constant([upper] * value.size)
    return base + relu(value - base, origin=f"{origin}.lower") - relu(value - cap, origin=f"{origin}.upper")


def maximum_of(values: Sequence[Expression], *, origin: str = "") -> Expression:
    """Return the entrywise maximum of one or more vectors, as a tournament of pairs: ceil(log2 n) layers.

    Example:
        >>> from exactrelu.networks.expressions import Graph
        >>> x = Graph(3).input
        >>> maximum_of([x.select([k]) for k in range(3)]).depth
        2
    """

    def larger(a: Expression, b: Expression, match: str) -> Expression:
        rest, other = (a, b) if a.is_constant else (b, a)
        return rest + relu(other - rest, origin=match)

    return _tournament(values, larger, origin)


def minimum_of(values: Sequence[Expression], *, origin: str = "") -> Expression:
    """Return the entrywise minimum of one or more vectors, as a tournament of pairs: ceil(log2 n) layers."""

    def smaller(a: Expression, b: Expression, match: str) -> Expression:
        rest, other = (b, a) if b.is_constant else (a, b)
        return rest - relu(rest - other, origin=match)

    return _tournament(values, smaller, origin)


def _tournament(
    values: Sequence[Expression], play: Callable[[Expression, Expression, str], Expression], origin: str
) -> Expression:
    """Halve the number of values until one is left; an odd one out waits for the next round."""
    if not values:
        raise InputError("there is no value to compare; pass at least one")
    contenders = list(values)
    # A single match keeps the plain name; several are numbered from 1 in the order in which they are played.
    names = iter([origin] if len(contenders) == 2 else [f"{origin}.{k}" for k in range(1, len(contenders))])
    while len(contenders) > 1:
        pairs = zip(contenders[::2], contenders[1::2], strict=False)
        contenders = [play(a, b, next(names)) for a, b in pairs] + contenders[len(contenders) & ~1 :]
    return contenders[0]
