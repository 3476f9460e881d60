"""Configurations that a network realises, and pairs of cells that share a facet.

Both enumerate the network's full-dimensional cells exactly and draw among them, so they are for small networks; at
most `limit` cells are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.networks.configuration import Configuration, covector_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.adjacency import shared_facets
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, enumerate_regions
from exactrelu.strategies.points import points_of_covector
from exactrelu.strategies.validation import require_instance, require_integer

__all__ = ["AdjacentCells", "adjacent_cells", "configurations", "points_of_facet"]


@dataclass(frozen=True, slots=True)
class AdjacentCells:
    """Two full-dimensional cells of a network that share a facet.

    Fields:
        negative, positive: their configurations, on the negative and the positive side of the hyperplane.
        hyperplane: integers (n_1, ..., n_d, t) without common factor: the facet lies in n·x + t = 0.
        units: all units that are zero on the facet.
        point: a point of the facet's relative interior.
        domain: the domain of the cells; None is all of space.
    """

    network: Network
    negative: Configuration
    positive: Configuration
    hyperplane: tuple[int, ...]
    units: tuple[int, ...]
    point: tuple[Fraction, ...]
    domain: HPolyhedron | None = None


def configurations(
    network: Network, *, cells: Notion | str = Notion.FULL, domain: HPolyhedron | None = None, limit: int = 1000
) -> SearchStrategy[Configuration]:
    """Return a strategy for the configurations that occur in the domain.

    Args:
        cells: "full", "half-open" or "closed": which sets count (see `enumerate_regions`).
        domain: a closed polyhedron; all of space when left out.
        limit: with more configurations, draw among about so many.

    Raises:
        InputError: no network, an unknown notion, or a limit below 1.
        DomainError: the domain has another dimension than the input.

    Example:
        >>> from hypothesis import find
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> find(configurations(absolute), lambda configuration: True)
        Configuration(bits='01')
        >>> find(configurations(absolute, cells="half-open"), lambda configuration: True)
        Configuration(bits='00')
    """
    return st.sampled_from(_enumeration(network, cells, domain, limit).configurations)


def adjacent_cells(
    network: Network, *, domain: HPolyhedron | None = None, limit: int = 1000
) -> SearchStrategy[AdjacentCells]:
    """Return a strategy for pairs of full-dimensional cells that share a facet.

    A network with one cell has no such pair: the strategy is then empty, and `networks().flatmap(adjacent_cells)`
    passes by such networks.

    Args:
        limit: with more cells, draw among the pairs of about so many.

    Raises:
        InputError: no network, or a limit below 1.
        DomainError: the domain has another dimension than the input.

    Example:
        >>> from hypothesis import find
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> pair = find(adjacent_cells(absolute), lambda pair: True)
        >>> pair.negative.bits, pair.positive.bits, pair.hyperplane, pair.point
        ('01', '10', (1, 0), (Fraction(0, 1),))
    """
    enumeration = _enumeration(network, Notion.FULL, domain, limit)
    pairs = [
        AdjacentCells(
            network,
            enumeration[facet.negative].configuration,
            enumeration[facet.positive].configuration,
            facet.hyperplane,
            facet.units,
            facet.point,
            domain,
        )
        for facet in shared_facets(enumeration)
    ]
    return st.sampled_from(pairs) if pairs else st.nothing()


def points_of_facet(pair: AdjacentCells) -> SearchStrategy[tuple[Fraction, ...]]:
    """Return a strategy for points of the relative interior of the facet that two cells share.

    More precisely of the face that contains `pair.point`: a facet may have several, where units that are zero on one
    side only have other signs.

    Raises:
        InputError: `pair` is no `AdjacentCells`.

    Example:
        >>> from hypothesis import find
        >>> corner = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
        >>> pair = find(adjacent_cells(corner), lambda pair: pair.units == (0,))
        >>> find(points_of_facet(pair), lambda point: True)[0]
        Fraction(0, 1)
    """
    require_instance(pair, AdjacentCells, name="pair")
    return points_of_covector(pair.network, covector_at(pair.network, pair.point), domain=pair.domain)


def _enumeration(network: Network, cells: Notion | str, domain: HPolyhedron | None, limit: int) -> Enumeration:
    require_instance(network, Network, name="network")
    return _cached_enumeration(network, Notion.of(cells), domain, require_integer(limit, name="limit", minimum=1))


@lru_cache(maxsize=64)
def _cached_enumeration(network: Network, cells: Notion, domain: HPolyhedron | None, limit: int) -> Enumeration:
    """The same network is asked about again and again while an example shrinks."""
    return enumerate_regions(network, domain, cells=cells, limit=limit)
