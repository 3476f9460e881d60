"""Three counts of regions, never mixed: cells >= linear regions >= distinct affine pieces.

*Cells* are the full-dimensional configurations; *linear regions* are maximal unions of cells with one affine map that
hang together through facets; *affine pieces* are the different affine maps.  The network `count-m1` of the tests
separates all three (7, 6, 5).

Equal maps are found modulo primes (`fingerprints`, exact), facets between cells of one map by `adjacency`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import BudgetExceeded, InputError
from exactrelu.regions.adjacency import facing_pairs
from exactrelu.regions.fingerprints import classes_of_equal_maps
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration

__all__ = ["RegionCounts", "count_regions"]


@dataclass(frozen=True, slots=True)
class RegionCounts:
    """The three counts."""

    cells: int
    linear_regions: int
    affine_pieces: int


def count_regions(enumeration: Enumeration, *, timeout: float | None = None) -> RegionCounts:
    """Count cells, linear regions and distinct affine pieces.

    On a flat domain two maps count as one if they agree on the domain's affine hull.

    Args:
        timeout: give up after this many seconds.

    Raises:
        BudgetExceeded: the time is over; `progress` is the number of affine pieces.
        InputError: the enumeration is not of full-dimensional cells, or not complete.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> count_regions(enumerate_regions(hat))
        RegionCounts(cells=4, linear_regions=4, affine_pieces=3)
    """
    if enumeration.problem.notion is not Notion.FULL:
        raise InputError(
            f"regions are counted among full cells; the enumeration is of {enumeration.problem.notion.value} ones"
        )
    if not enumeration.is_complete:
        raise InputError(
            f"the enumeration stopped at the {enumeration.stopped}; regions are counted when it is complete"
        )
    classes = _classes(enumeration)
    pieces = len(np.unique(classes))
    deadline = None if timeout is None else time.monotonic() + timeout
    linear_regions = 0
    for members in _groups(classes):
        linear_regions += _components(enumeration, members, deadline, pieces)
    return RegionCounts(len(enumeration), linear_regions, pieces)


def _classes(enumeration: Enumeration) -> NDArray[np.int64]:
    """Return a class number for each cell: equal iff the affine maps agree on the domain's hull."""
    if enumeration.problem.hull is None:
        return classes_of_equal_maps(enumeration.network, enumeration.bit_array)
    origin, directions = enumeration.problem.hull
    numbers: dict[object, int] = {}
    classes = []
    for region in enumeration:
        at_origin = region.affine_map(origin)
        linear = region.affine_map.linear
        slopes = tuple(
            tuple(sum(a * v for a, v in zip(row, direction, strict=True)) for row in linear) for direction in directions
        )
        classes.append(numbers.setdefault((at_origin, slopes), len(numbers)))
    return np.array(classes, dtype=np.int64)


def _groups(classes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the positions of each class."""
    order = np.argsort(classes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(classes[order])) + 1) if len(order) else []


def _components(enumeration: Enumeration, members: NDArray[np.int64], deadline: float | None, pieces: int) -> int:
    """Return how many pieces the union of some cells has when only facets connect."""
    if len(members) == 1:
        return 1
    parent = list(range(len(members)))

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    components = len(members)
    for pair in facing_pairs(enumeration[int(index)] for index in members):
        if deadline is not None and time.monotonic() > deadline:
            raise BudgetExceeded("the time is over before all linear regions are counted", pieces)
        one, two = map(find, pair.positions)
        # Cells that hang together already need no further facet, so at most one proof for each union is sought.
        if one != two and pair.find_facet_point() is not None:
            parent[one] = two
            components -= 1
    return components
