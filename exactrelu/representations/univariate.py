"""Piecewise affine functions of one variable: breakpoints and slopes, and the narrowest hidden layer for them.

`univariate_form` reads breakpoints, slopes and one value off the cells of a network with one input and one output.
`minimal_width` answers how many ReLU units one hidden layer needs for the function.  Let it have k >= 1 breakpoints
t_i, leftmost slope m, slope jumps c_i != 0.  Every breakpoint needs a unit of its own.  With exactly k units
v_i relu(+-(x - t_i)) the jumps force v_i = c_i, and the slope at -infinity is minus the sum of c_i over the units that
face left; so k units suffice iff some set T has m + sum_T c_i = 0.  Otherwise k + 1 do: two opposite units at t_1
leave the slope free.  For k = 0 a constant needs none, and any other affine function two, since a single unit has a
kink or is constant.

Evidence: a network of that width, whose equality with the function can be decided (`exactrelu.regions.equality`); that
fewer do not suffice rests on the list of all subset sums.
Cost: linear in the number of distinct subset sums, which may be 2^k; `max_sums` bounds it.

Source: own, proof above.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from exactrelu.errors import BudgetExceeded, InputError, ShapeError
from exactrelu.exact.rationals import as_rational, as_vector
from exactrelu.networks.network import Network
from exactrelu.regions.results import enumerate_regions

__all__ = ["MinimalWidth", "UnivariateForm", "minimal_width", "univariate_form"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class UnivariateForm:
    """A continuous piecewise affine function of one variable in its shortest form.

    Fields:
        breakpoints: t_1 < ... < t_k, where the slope changes.
        slopes: k + 1 of them, from the left; neighbours differ.
        value_at_zero: f(0).

    Raises:
        ShapeError: not one slope more than breakpoints.
        InputError: breakpoints that do not increase, or equal neighbouring slopes.

    Example:
        >>> hat = UnivariateForm.of_jumps(0, [1, -2, 1], [0, 1, 2])
        >>> [str(hat(x)) for x in (-1, "1/2", 1, 3)], hat.jumps == (1, -2, 1)
        (['0', '1/2', '1', '0'], True)
    """

    breakpoints: Vector
    slopes: Vector
    value_at_zero: Fraction

    def __post_init__(self) -> None:
        if len(self.slopes) != len(self.breakpoints) + 1:
            raise ShapeError(f"{len(self.breakpoints)} breakpoints need one slope more, not {len(self.slopes)}")
        if any(s >= t for s, t in pairwise(self.breakpoints)):
            raise InputError("the breakpoints do not increase")
        if any(m == n for m, n in pairwise(self.slopes)):
            raise InputError("two neighbouring slopes are equal: leave out the breakpoint between them")

    @classmethod
    def of_jumps(
        cls, leftmost_slope: object, jumps: Iterable[object], breakpoints: Iterable[object], value_at_zero: object = 0
    ) -> UnivariateForm:
        """Return the function with that slope at -infinity and those changes of slope at the breakpoints."""
        slopes = [as_rational(leftmost_slope, name="leftmost_slope")]
        for jump in as_vector(jumps, name="jumps"):
            slopes.append(slopes[-1] + jump)
        places = as_vector(breakpoints, name="breakpoints")
        return cls(places, tuple(slopes), as_rational(value_at_zero, name="value_at_zero"))

    @property
    def jumps(self) -> Vector:
        """The changes of slope, from the left."""
        return tuple(n - m for m, n in pairwise(self.slopes))

    def __call__(self, point: Any) -> Fraction:
        """Return f(point)."""
        x = as_rational(point, name="point")
        return self.value_at_zero + self._rise(x) - self._rise(Fraction(0))

    def _rise(self, x: Fraction) -> Fraction:
        """m x + sum c_i relu(x - t_i), which is f up to a constant."""
        bends = (c * max(x - t, Fraction(0)) for c, t in zip(self.jumps, self.breakpoints, strict=True))
        return self.slopes[0] * x + sum(bends)


def univariate_form(network: Network) -> UnivariateForm:
    """Return the shortest form of the function of a network with one input and one output.

    Raises:
        ShapeError: another number of inputs or outputs.

    Example:
        >>> bent = Network.from_weights([[[1], [-1], [1]], [[1, 1, 0]]], [[0, 0, 5], [2]])
        >>> univariate_form(bent).breakpoints, [int(m) for m in univariate_form(bent).slopes]
        ((Fraction(0, 1),), [-1, 1])
    """
    if (network.n_inputs, network.n_outputs) != (1, 1):
        raise ShapeError(f"the network has {network.n_inputs} inputs and {network.n_outputs} outputs, not one of each")
    pieces: list[tuple[Fraction, Fraction]] = []
    for region in sorted(enumerate_regions(network), key=lambda one: one.witness):
        piece = region.affine_map.linear[0][0], region.affine_map.offset[0]
        if not pieces or pieces[-1] != piece:
            pieces.append(piece)
    breakpoints = tuple((b - d) / (c - a) for (a, b), (c, d) in pairwise(pieces))
    return UnivariateForm(breakpoints, tuple(slope for slope, _ in pieces), network([0])[0])


@dataclass(frozen=True, slots=True)
class MinimalWidth:
    """The least number of ReLU units in one hidden layer that computes a function of one variable.

    Fields:
        width: the number.
        network: a network of that width (a constant has no hidden layer).
        left_facing: positions of the breakpoints whose units face left, if as many units as breakpoints suffice and
            there is a breakpoint; else None.
        n_sums: number of distinct sums of subsets of the jumps that were compared with minus the leftmost slope.
    """

    width: int
    network: Network
    left_facing: tuple[int, ...] | None
    n_sums: int


def minimal_width(form: UnivariateForm, *, max_sums: int = 1 << 20) -> MinimalWidth:
    """Return the least width of one hidden layer of ReLUs for the function, with such a network.

    Raises:
        BudgetExceeded: more than `max_sums` distinct subset sums.

    Example:
        >>> minimal_width(UnivariateForm.of_jumps(1, [-1, 5], [0, 1])).left_facing
        (0,)
        >>> minimal_width(UnivariateForm.of_jumps(1, [-2, 2], [0, 1])).width
        3
    """
    m, jumps = form.slopes[0], form.jumps
    if not jumps:
        units = [(m, 1, Fraction(0)), (-m, -1, Fraction(0))] if m else []
        return MinimalWidth(len(units), _network(units, form), None, 1)
    reached: dict[Fraction, tuple[int, ...]] = {Fraction(0): ()}
    for position, jump in enumerate(jumps):
        for total, subset in list(reached.items()):
            reached.setdefault(total + jump, (*subset, position))
        if len(reached) > max_sums:
            raise BudgetExceeded(f"the jumps have more than {max_sums} different subset sums", len(reached))
    left = reached.get(-m)
    if left is not None:
        units = [
            (c, -1 if position in left else 1, t)
            for position, (c, t) in enumerate(zip(jumps, form.breakpoints, strict=True))
        ]
    else:
        start = form.breakpoints[0]
        units = [(jumps[0] + m, 1, start), (-m, -1, start)]
        units += [(c, 1, t) for c, t in zip(jumps[1:], form.breakpoints[1:], strict=True)]
    return MinimalWidth(len(units), _network(units, form), left, len(reached))


def _network(units: list[tuple[Fraction, int, Fraction]], form: UnivariateForm) -> Network:
    """The sum of v · relu(side · (x - t)) over the units (v, side, t), plus the constant that makes f(0) right."""
    at_zero = sum((v * max(-side * t, Fraction(0)) for v, side, t in units), Fraction(0))
    constant = form.value_at_zero - at_zero
    if not units:
        return Network.from_weights([[[0]]], [[constant]])
    return Network.from_weights(
        [[[side] for _, side, _ in units], [[v for v, _, _ in units]]],
        [[-side * t for _, side, t in units], [constant]],
    )
