"""Betti numbers over the field with two elements, from the incidence of the faces.

A closed bounded set of faces is a finite regular cell complex: each closed face is a polytope, and its boundary is
the union of its facets.  Over GF(2) the boundary of a face is the sum of its facets, so with n_k faces of dimension
k and r_k the rank of the boundary map from dimension k to k - 1

    b_k = n_k - r_k - r_(k+1).

b_0 counts connected components.  For a subset of the plane b_1 counts the holes; in space b_1 counts tunnels, b_2
cavities.

Ranks are computed by column reduction from the highest dimension down.  A column is a set of facets; while its
largest facet is already the largest of another reduced column, that one is added.  Every k-face that is the largest
of a reduced (k+1)-column is the largest face of a cycle, so its own column depends on earlier ones and is left out
(Chen and Kerber 2011 call this clearing).

Unbounded sets are refused: Betti numbers of the closed set, of its one-point compactification and with compact
supports differ, and none can be read off the incidence of unbounded faces alone.  Cut the domain by a box first;
the set itself may be bounded when the domain is not.

Cost: at worst cubic in the number of faces; close to linear on level sets of networks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import DomainError, InvariantError
from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.subcomplex import Subcomplex

__all__ = ["betti_numbers"]

Ints = NDArray[np.int64]


def betti_numbers(subject: Subcomplex | SubdivisionComplex) -> tuple[int, ...]:
    """Return b_0, ..., b_d over GF(2) of the union of the faces, d the dimension of the complex.

    The empty set has only zeros.

    Raises:
        DomainError: the set is unbounded.
        InvariantError: a number is impossible for a subset of R^d, a defect of this package.

    Example:
        >>> from exactrelu.networks.builders import indicator
        >>> from exactrelu.polyhedra.hpolyhedron import HPolyhedron
        >>> from exactrelu.regions.complex.levels import level_sets
        >>> near = indicator([[1, 0, 1], [-1, 0, 1], [0, 1, 1], [0, -1, 1]], 2)
        >>> half = level_sets(near, HPolyhedron.cube(2, -3, 3), threshold="1/2")
        >>> betti_numbers(half.zero), betti_numbers(half.above), betti_numbers(half.below)
        ((1, 1, 0), (1, 0, 0), (1, 1, 0))
    """
    faces = Subcomplex.whole(subject) if isinstance(subject, SubdivisionComplex) else subject
    if not faces.is_bounded:
        raise DomainError(
            "the set of faces is unbounded: intersect the domain with a box that is large enough, and ask again"
        )
    counts = faces.f_vector
    ranks = [0] * (len(counts) + 1)
    cleared: set[int] = set()
    for k in range(len(counts) - 1, 0, -1):
        cleared = _pivots(faces.incidence(k), counts[k], cleared)
        ranks[k] = len(cleared)
    betti = tuple(count - ranks[k] - ranks[k + 1] for k, count in enumerate(counts))
    # A bounded set in R^d bounds no cavity of dimension d, and only the empty one has no component.
    if min(betti) < 0 or betti[-1] or (betti[0] > 0) != (faces.dimension >= 0):
        raise InvariantError(f"the Betti numbers {betti} do not fit the f-vector {counts}; please report the network")
    return betti


def _pivots(pairs: Ints, count: int, dependent: set[int]) -> set[int]:
    """Reduce the columns of a boundary map and return the largest facets of the reduced ones: as many as the rank.

    Args:
        pairs: (2, m) pairs (face, facet).
        count: number of faces.
        dependent: faces whose columns are known to depend on earlier ones.
    """
    order = np.argsort(pairs[0], kind="stable")
    facets = pairs[1, order].tolist()
    ends = np.searchsorted(pairs[0, order], np.arange(count + 1)).tolist()
    reduced: dict[int, set[int]] = {}
    for face in range(count):
        if face in dependent:
            continue
        column = set(facets[ends[face] : ends[face + 1]])
        # The largest facet decreases with every addition, so this ends.
        while column:
            largest = max(column)
            other = reduced.get(largest)
            if other is None:
                reduced[largest] = column
                break
            column ^= other
    return set(reduced)
