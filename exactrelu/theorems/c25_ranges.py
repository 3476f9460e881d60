"""C25: the exact range of a network over a box, from linear programs on its cells.

Minimum and maximum over the box are the extremes over the closed cells in it, one linear program each.  Both are
attained (two evaluations), and no cell has more (a dual certificate for each).  Interval arithmetic gives bounds that
contain the range and are usually much wider; and the extremes need not be at corners of the box.  The box is [-1, 1]^n
unless it is given as pairs (lower, upper).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product

from exactrelu.bounds.ranges import interval_range, output_range
from exactrelu.errors import InputError
from exactrelu.exact.rationals import as_rational
from exactrelu.lp.evidence import Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import Enumeration, enumerate_regions
from exactrelu.theorems.common import show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

Box = Sequence[tuple[object, object]]


def _unit_box(network: Network) -> Mapping[str, object]:
    return {"box": ((-1, 1),) * network.n_inputs}


def _ends(box: Box) -> tuple[tuple[Fraction, Fraction], ...]:
    for side, pair in enumerate(box):
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise InputError(f"box[{side}] is {pair!r}; write a side as a pair (lower, upper)")
    return tuple((as_rational(low, name="lower"), as_rational(high, name="upper")) for low, high in box)


def _show_box(box: Box) -> str:
    return f"The box is {' x '.join(f'[{low}, {high}]' for low, high in _ends(box))}."


@lru_cache(maxsize=8)
def _cells(network: Network, ends: tuple[tuple[Fraction, Fraction], ...]) -> Enumeration:
    return enumerate_regions(network, HPolyhedron.box([low for low, _ in ends], [high for _, high in ends]))


def _largest(cells: Enumeration, output: int, sign: int) -> Fraction | None:
    """The largest value of sign · output over all closed cells, each with a checked dual certificate."""
    values = []
    for region in cells:
        row = [sign * a for a in region.affine_map.linear[output]]
        system = region.polyhedron.system
        answer = maximise(system, row)
        if not isinstance(answer, Optimal) or answer.defect(system, row) is not None:
            return None
        values.append(answer.value + sign * region.affine_map.offset[output])
    return max(values)


def _single(pairs: Sequence[tuple[Fraction, Fraction]]) -> object:
    """The pair of the only output, or the pairs of all."""
    return pairs[0] if len(pairs) == 1 else tuple(pairs)


def _decide_range(network: Network, *, box: Box) -> Decision:
    cells = _cells(network, _ends(box))
    intervals = interval_range(network, cells.problem.domain)
    lines, exact, holds = [_show_box(box)], [], True
    for output, found in enumerate(output_range(cells)):
        low, high = found.minimum, found.maximum
        negated, largest = _largest(cells, output, -1), _largest(cells, output, 1)
        if low.value is None or high.value is None or negated is None or largest is None:
            return False, (f"Output {output} has no bound on the box.",), {}
        attained = network(low.point)[output] == low.value and network(high.point)[output] == high.value
        inside = all(cells.problem.domain.contains(one.point) for one in (low, high))
        lower, upper = intervals[output]
        holds = holds and attained and inside and (-negated, largest) == (low.value, high.value)
        holds = holds and lower <= low.value and high.value <= upper
        exact.append((low.value, high.value))
        lines.append(
            f"Output {output}: minimum {low.value} at {show_point(low.point)}, maximum {high.value} at "
            f"{show_point(high.point)}; interval arithmetic says [{lower}, {upper}]."
        )
    lines.append(f"Dual certificates on all {len(cells)} cells in the box show that no point has more.")
    return holds, tuple(lines), {"exact": _single(exact), "interval": _single(intervals), "cells": len(cells)}


def _decide_interval(network: Network, *, box: Box) -> Decision:
    cells = _cells(network, _ends(box))
    intervals = interval_range(network, cells.problem.domain)
    exact = [(found.minimum.value, found.maximum.value) for found in output_range(cells)]
    sides = tuple(
        f"Output {k}: the range is [{low}, {high}], interval arithmetic says [{lower}, {upper}]."
        for k, ((low, high), (lower, upper)) in enumerate(zip(exact, intervals, strict=True))
    )
    return exact == list(intervals), (_show_box(box), *sides), {"exact": tuple(exact), "interval": tuple(intervals)}


def _decide_corners(network: Network, *, box: Box) -> Decision:
    ends = _ends(box)
    corners = [network(corner) for corner in product(*ends)]
    lines, holds = [_show_box(box)], True
    for output, found in enumerate(output_range(_cells(network, ends))):
        values = [corner[output] for corner in corners]
        holds = holds and (min(values), max(values)) == (found.minimum.value, found.maximum.value)
        lines.append(
            f"Output {output}: the corners have values from {min(values)} to {max(values)}, the range is "
            f"[{found.minimum.value}, {found.maximum.value}], its maximum at {show_point(found.maximum.point)}."
        )
    return holds, tuple(lines), {"corners": len(corners)}


def _is_box(network: Network, *, box: Box) -> str | None:
    if len(box) != network.n_inputs:
        return f"the box has {len(box)} sides, and the network takes {network.n_inputs} inputs"
    for side, (low, high) in enumerate(_ends(box)):
        if low > high:
            return f"side {side} goes from {low} down to {high}"
    return None


_BOX = (Hypothesis("a box in the input space", _is_box),)
_HAT_BOX = {"box": ((-1, 4),)}

THEOREMS = (
    Theorem(
        name="C25-range",
        title="The exact range over a box",
        statement="The minimum and the maximum of every output over a box are the extremes over the closed full cells "
        "in it; they are attained at rational points and lie within the bounds of interval arithmetic.",
        latex=r"\max_{x \in B} f_o(x) = \max_D \max_{x \in \bar P_D \cap B} (A_D x + c_D)_o",
        source="own; the closed cells cover the box",
        hypotheses=_BOX,
        decide=_decide_range,
        instances=(
            Instance(
                "range-n4",
                example("range-n4"),
                "proved",
                answers={"exact": (8, Fraction(179, 3)), "interval": (5, 89)},
            ),
            Instance("range-hat", example("range-hat"), "proved", _HAT_BOX, {"exact": (0, 1), "interval": (-6, 6)}),
            Instance("injective-three", example("injective-three"), "proved"),
            Instance("count-n4", example("count-n4"), "not applicable", _HAT_BOX),
        ),
        subject=_unit_box,
    ),
    Theorem(
        name="C25-interval",
        title="Interval bounds are the range",
        statement="Interval arithmetic, layer by layer, gives the range of every output over a box.",
        latex=r"f(B) = [\underline{f}, \overline{f}] \text{ of interval arithmetic}",
        source="bounds taken for the range",
        hypotheses=_BOX,
        decide=_decide_interval,
        instances=(
            Instance("range-n4", example("range-n4"), "refuted"),
            Instance("range-hat", example("range-hat"), "refuted", _HAT_BOX),
            Instance("count-chain", example("count-chain"), "proved"),
        ),
        false_variant_of="C25-range",
        subject=_unit_box,
    ),
    Theorem(
        name="C25-corners",
        title="The extremes are at corners of the box",
        statement="Every output attains its minimum and its maximum over a box at corners of the box.",
        latex=r"\max_{x \in B} f_o(x) = \max_{x \in \operatorname{vert} B} f_o(x)",
        source="true for affine functions; for convex ones the maximum only",
        hypotheses=_BOX,
        decide=_decide_corners,
        instances=(
            Instance("range-hat", example("range-hat"), "refuted", _HAT_BOX),
            Instance("count-chain", example("count-chain"), "proved"),
        ),
        false_variant_of="C25-range",
        subject=_unit_box,
    ),
)
