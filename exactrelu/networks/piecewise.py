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
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.expressions import Expression

__all__ = ["absolute", "clip", "leaky_relu", "maximum_of", "maximum_over", "minimum_of", "prelu", "relu"]


def relu(value: Expression, *, origin: str = "") -> Expression:
    """Return max(t, 0) for every entry t."""
    return value.activate([RELU] * value.size, origin=origin)


def leaky_relu(value: Expression, slope: Fraction, *, origin: str = "") -> Expression:
    """Return t where t >= 0 and slope · t where t < 0, for every entry t."""
    return value.activate([Activation(slope, Fraction(1))] * value.size, origin=origin)


def prelu(value: Expression, slopes: Sequence[Fraction], *, origin: str = "") -> Expression:
    """Return t where t >= 0 and slope · t where t < 0, each entry with a slope of its own."""
    return value.activate([Activation(slope, Fraction(1)) for slope in slopes], origin=origin)


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


def maximum_over(value: Expression, groups: Sequence[Sequence[int]], *, origin: str = "") -> Expression:
    """Return for each group of entries their maximum; groups may overlap.

    In each round neighbours in a group are compared, max(a, b) = b + relu(a - b), and one left over waits.  A layer has
    first the units relu(a - b) of the round, then linear units for the entries b and those that wait, both in the order
    of their first occurrence and each only once, however many groups share it.

    Raises:
        InputError: an empty group.

    Example:
        >>> from exactrelu.networks.expressions import Graph
        >>> from exactrelu.networks.lowering import lower
        >>> net = lower(maximum_over(Graph(3).input, [[0, 1], [1, 2], [2]]))
        >>> net.widths, net.n_units, [str(v) for v in net([1, 5, "3/2"])]
        ((3, 4, 3), 2, ['5', '5', '3/2'])
    """
    if not all(groups):
        raise InputError("a group is empty, so it has no maximum")
    contenders = [list(group) for group in groups]
    n_rounds = (max(map(len, contenders), default=1) - 1).bit_length()
    for number in range(1, n_rounds + 1):
        matches: dict[tuple[int, int], int] = {}
        waiting: dict[int, int] = {}
        for group in contenders:
            for pair in zip(group[::2], group[1::2], strict=False):
                matches.setdefault(pair, len(matches))
                waiting.setdefault(pair[1], len(waiting))
            if len(group) % 2:
                waiting.setdefault(group[-1], len(waiting))
        rows = [{i: 1, j: -1} if i != j else {} for i, j in matches] + [{j: 1} for j in waiting]
        played = value.affine(RationalMatrix.from_nonzeros(rows, n_columns=value.size))
        kinds = [RELU] * len(matches) + [IDENTITY] * len(waiting)
        block = played.activate(kinds, origin=f"{origin}.{number}" if n_rounds > 1 else origin)
        # Entries of the next round: the winners in the order of their matches, then all that waited.
        results = [{k: 1, len(matches) + waiting[j]: 1} for (_, j), k in matches.items()]
        results += [{len(matches) + k: 1} for k in waiting.values()]
        value = block.affine(RationalMatrix.from_nonzeros(results, n_columns=block.size))
        contenders = [
            [matches[pair] for pair in zip(group[::2], group[1::2], strict=False)]
            + [len(matches) + waiting[j] for j in group[len(group) & ~1 :]]
            for group in contenders
        ]
    return value.select([group[0] for group in contenders])


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
