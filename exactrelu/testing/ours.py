"""This package as an `Implementation`: what the suites are run on first, and an example of an adapter."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from exactrelu.atoms.decomposition import Atoms
from exactrelu.bounds.ranges import output_range
from exactrelu.exact.polynomials import Polynomial
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.adjacency import shared_facets
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import enumerate_regions
from exactrelu.testing.implementation import Cell, Implementation
from exactrelu.verification.decide import decide_query
from exactrelu.verification.questions.formulas import Formula, compare, conjunction
from exactrelu.verification.questions.query import Query
from exactrelu.verification.verdicts import Satisfiable

__all__ = ["our_implementation"]


def our_implementation(notion: str = "full") -> Implementation:
    """Return the callables of this package; regions come from the refinement tree, not from the complex.

    Args:
        notion: "full" or "half-open", the notion of its cells.

    Raises:
        InputError: another notion.

    Example:
        >>> from exactrelu.testing import check_partition, check_refinement
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> check_partition(our_implementation(), absolute)
        >>> check_partition(our_implementation("half-open"), absolute)
    """

    def regions(network: Network, domain: HPolyhedron) -> Iterator[Cell]:
        for region in enumerate_regions(network, domain, cells=notion):
            rows = region.system.closure().rows if notion == "full" else region.system.rows
            yield Cell(region.configuration, rows, region.affine_map, region.witness)

    return Implementation(
        name="exactrelu",
        evaluate=_evaluate,
        configuration=configuration_at,
        regions=regions,
        affine_map=affine_map,
        facets=_facets,
        counts=_counts,
        f_vector=_f_vector,
        atoms=_atoms,
        output_range=_output_range,
        verify=_verify,
        notion=notion,
    )


def _evaluate(network: Network, point: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return network.evaluate(point)


def _facets(network: Network, domain: HPolyhedron) -> Iterator[Any]:
    for facet in shared_facets(enumerate_regions(network, domain)):
        yield facet.negative, facet.positive, (facet.hyperplane[:-1], -facet.hyperplane[-1])


def _counts(network: Network, domain: HPolyhedron) -> dict[str, int]:
    counts = count_regions(enumerate_regions(network, domain))
    return {
        "cells": counts.cells,
        "linear_regions": counts.linear_regions,
        "affine_pieces": counts.affine_pieces,
    }


def _f_vector(network: Network, domain: HPolyhedron) -> tuple[int, ...]:
    return subdivide(network, domain).f_vector


def _atoms(network: Network, configuration: str) -> tuple[dict[tuple[int, int], Fraction], dict[int, Fraction]]:
    piece = Atoms(network).decompose(configuration)
    return piece.coefficients, piece.offsets


def _output_range(network: Network, domain: HPolyhedron) -> list[tuple[Fraction | None, Fraction | None]]:
    return [(one.minimum.value, one.maximum.value) for one in output_range(enumerate_regions(network, domain))]


def _verify(network: Network, domain: HPolyhedron, unsafe: LinearSystem) -> tuple[str, tuple[Fraction, ...] | None]:
    rows = [*_comparisons(domain.system, first=0), *_comparisons(unsafe, first=network.n_inputs)]
    verdict = decide_query(Query(network, conjunction(rows)))
    return ("sat", verdict.witness) if isinstance(verdict, Satisfiable) else (verdict.status, None)


def _comparisons(system: LinearSystem, first: int) -> Iterator[Formula]:
    """The rows of a system in the variables that begin with number `first`."""
    for normal, relation, offset in system.rows:
        coefficients = {first + i: Fraction(a) for i, a in enumerate(normal)}
        yield compare(Polynomial.linear(coefficients, Fraction(-offset)), relation)
