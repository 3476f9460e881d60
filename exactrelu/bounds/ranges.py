"""The exact range of every output over a domain: a linear program for every cell, and interval bounds to compare with.

The minimum and maximum of an affine function over each cell's closure, and the best of them over all cells.  Every
answer has a point where it is attained (checked by one evaluation) and the dual proof of its cell; the cells cover the
domain because the enumeration is complete.  On an unbounded domain an output may be unbounded: then a point and a ray
are given.

On a box certified float bounds for all cells come first (`float_ranges`); exact programs are solved in the order of
these bounds, until the next bound lies below the best exact value. Cost: on a box a handful of exact programs; on other
domains two for every cell and output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactrelu.bounds.float_ranges import upper_bounds
from exactrelu.errors import DomainError, InputError, InvariantError
from exactrelu.exact.enclosures import FloatArray
from exactrelu.lp.evidence import Infeasible, Unbounded
from exactrelu.lp.optimise import maximise
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, Region

__all__ = ["Extremum", "OutputRange", "interval_range", "output_range"]

Vector = tuple[Fraction, ...]
Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Extremum:
    """A minimum or maximum of one output.

    value: None if it is unbounded; point: where it is attained (or a point from which it grows along `ray`);
    configuration: a cell whose closure contains the point; ray: for an unbounded output only.
    """

    value: Fraction | None
    point: Vector
    configuration: Configuration
    ray: Vector | None = None


@dataclass(frozen=True, slots=True)
class OutputRange:
    """Minimum and maximum of one output."""

    minimum: Extremum
    maximum: Extremum


def output_range(enumeration: Enumeration) -> tuple[OutputRange, ...]:
    """Return the exact range of every output over the domain of an enumeration of full cells.

    Raises:
        InputError: the enumeration is incomplete or not of full cells.
        DomainError: the domain is empty.

    Example:
        >>> from exactrelu.regions.results import enumerate_regions
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> (only,) = output_range(enumerate_regions(hat, HPolyhedron.box([-1], [4])))
        >>> only.minimum.value, only.maximum.value, only.maximum.point
        (Fraction(0, 1), Fraction(1, 1), (Fraction(1, 1),))
    """
    if enumeration.problem.notion is not Notion.FULL:
        raise InputError("ranges are taken over full-dimensional cells; enumerate with cells='full'")
    if not enumeration.is_complete:
        raise InputError(f"the enumeration stopped at its {enumeration.stopped}, so the range is unknown")
    if not len(enumeration):
        raise DomainError("the domain is empty, so the outputs have no range")
    targets = [(output, sense) for output in range(enumeration.network.n_outputs) for sense in (-1, 1)]
    bounds = upper_bounds(enumeration, targets)
    best = {
        target: _best(enumeration, *target, None if bounds is None else bounds[number])
        for number, target in enumerate(targets)
    }
    return tuple(OutputRange(best[output, -1], best[output, 1]) for output in range(enumeration.network.n_outputs))


def _best(enumeration: Enumeration, output: int, sense: int, bounds: FloatArray | None) -> Extremum:
    """The largest value of sense · output over all cells, those with the largest bounds first."""
    order = np.arange(len(enumeration)) if bounds is None else np.argsort(-bounds, kind="stable")
    best: Extremum | None = None
    for position in order:
        if best is not None and (best.value is None or (bounds is not None and sense * best.value > bounds[position])):
            # An exact number is compared with a float exactly; all later bounds are smaller still.
            break
        best = _improvement(enumeration[int(position)], output, sense, best) or best
    if best is None:
        raise DomainError("the domain has no cell")
    return best


def _improvement(region: Region, output: int, sense: int, best: Extremum | None) -> Extremum | None:
    """A larger value of sense · output on the region's closure than the best so far, or None."""
    row = [sense * a for a in region.affine_map.linear[output]]
    constant = sense * region.affine_map.offset[output]
    record = None if best is None or best.value is None else sense * best.value
    box = region.problem.box
    if record is not None and box is not None and _over_box(row, constant, *box) <= record:
        return None
    answer = maximise(region.polyhedron.system, row)
    if isinstance(answer, Unbounded):
        return Extremum(None, answer.point, region.configuration, answer.ray)
    if isinstance(answer, Infeasible):
        raise InvariantError(f"the listed cell {region.configuration} is empty")
    value = answer.value + constant
    return Extremum(sense * value, answer.point, region.configuration) if record is None or value > record else None


def _over_box(row: Sequence[Fraction], constant: Fraction, lower: Vector, upper: Vector) -> Fraction:
    """The maximum of an affine function over a box."""
    return sum((a * (u if a > 0 else v) for a, v, u in zip(row, lower, upper, strict=True)), constant)


def interval_range(network: Network, domain: HPolyhedron) -> tuple[Interval, ...]:
    """Return bounds on every output by interval arithmetic over a box: sound, usually far from tight.

    Raises:
        DomainError: the domain is no bounded box, or of another dimension.

    Example:
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> interval_range(hat, HPolyhedron.box([-1], [4]))
        ((Fraction(-6, 1), Fraction(6, 1)),)
    """
    bounds = domain.box_bounds()
    if bounds is None or domain.ambient_dimension != network.n_inputs:
        raise DomainError(f"interval bounds need a bounded box of dimension {network.n_inputs}")
    intervals = list(bounds)
    for position, affine in enumerate(network.affine_maps):
        lower = tuple(a for a, _ in intervals)
        upper = tuple(b for _, b in intervals)
        intervals = []
        for row, constant in zip(affine.linear, affine.offset, strict=True):
            low = -_over_box([-a for a in row], -constant, lower, upper)
            intervals.append((low, _over_box(row, constant, lower, upper)))
        if position < len(network.hidden):
            activations = network.hidden[position].activations
            # An activation is monotone on either side of zero, so its extremes are at the ends or at zero.
            images = [
                [activation(end) for end in (low, high, min(max(low, Fraction(0)), high))]
                for activation, (low, high) in zip(activations, intervals, strict=True)
            ]
            intervals = [(min(image), max(image)) for image in images]
    return tuple(intervals)
