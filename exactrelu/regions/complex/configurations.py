"""The half-open and closed configurations, read off the faces of a complex.

A point with covector c has the half-open configuration "c > 0", and lies in the closed set of every configuration
that agrees with c where c is not zero.  So the half-open configurations are those of all faces of all dimensions, and
the closed ones the union, over faces, of the bit strings that are free where the face has a zero.  A face's closure
has a minimal face, whose zeros include its own, so minimal faces (those without facets of their own) suffice.

Cost: one pass over the faces.  Closed configurations can be astronomically many (all of them, where every unit
vanishes at one point); `count_closed_configurations` counts without listing.
"""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np

from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.faces import Signs

__all__ = ["closed_configurations", "count_closed_configurations", "half_open_configurations"]

_LISTED = 1 << 18


def half_open_configurations(complex_: SubdivisionComplex) -> tuple[str, ...]:
    """Return the half-open configurations that occur in the domain, sorted.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> half_open_configurations(subdivide(absolute))
        ('00', '01', '10')
    """
    found: set[str] = set()
    for dimension in range(complex_.dimension + 1):
        found.update(_texts(complex_.covectors(dimension) > 0))
    return tuple(sorted(found))


def closed_configurations(complex_: SubdivisionComplex) -> tuple[str, ...]:
    """Return the closed configurations that occur in the domain, sorted (only to count them there is a shorter way).

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> closed_configurations(subdivide(absolute))
        ('00', '01', '10', '11')
    """
    units = complex_.network.n_units
    found: set[int] = set()
    for covectors in _minimal(complex_):
        for covector in np.unique(covectors, axis=0):
            weights = [1 << (units - 1 - unit) for unit in range(units)]
            fixed = sum(weights[unit] for unit in np.flatnonzero(covector > 0).tolist())
            free = [weights[unit] for unit in np.flatnonzero(covector == 0).tolist()]
            subsets = chain.from_iterable(combinations(free, size) for size in range(len(free) + 1))
            found.update(fixed + sum(subset) for subset in subsets)
    return tuple(format(number, f"0{units}b") if units else "" for number in sorted(found))


def count_closed_configurations(complex_: SubdivisionComplex) -> int:
    """Return how many closed configurations occur in the domain, exactly, without listing them where they are many.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.complex.complex import subdivide
        >>> star = Network.from_weights([[[1, k] for k in range(70)], [[1] * 70]], [[0] * 70, [0]])
        >>> count_closed_configurations(subdivide(star)) == 2**70
        True
    """
    cubes = np.unique(np.concatenate(_minimal(complex_)), axis=0)
    free = (cubes == 0).sum(axis=1).tolist()
    if sum(1 << number for number in free) <= _LISTED:
        return len(closed_configurations(complex_))
    return _count_union(cubes)


def _count_union(cubes: Signs) -> int:
    """Count the bit strings in a union of cubes; a row gives -1 or 1 where a bit is fixed and 0 where it is free."""
    units = cubes.shape[1]
    if not len(cubes):
        return 0
    if not cubes.any(axis=1).all():
        return 1 << int(units)
    first, rest = cubes[:, 0], cubes[:, 1:]
    low, high = (np.unique(rest[side], axis=0) for side in (first <= 0, first >= 0))
    return _count_union(low) + _count_union(high)


def _minimal(complex_: SubdivisionComplex) -> list[Signs]:
    """Return the covectors of the faces that have no facets, by dimension."""
    levels = [complex_.covectors(0)]
    for dimension in range(1, complex_.dimension + 1):
        with_facets = np.zeros(len(complex_.covectors(dimension)), dtype=bool)
        with_facets[complex_.table.incidence[dimension][0]] = True
        levels.append(complex_.covectors(dimension)[~with_facets])
    return levels


def _texts(bits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[str]:
    return [(row + ord("0")).tobytes().decode("ascii") for row in np.unique(bits.astype(np.uint8), axis=0)]
