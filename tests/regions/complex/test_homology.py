"""Betti numbers over GF(2) of sets that a network describes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import flint
import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InvariantError
from exactrelu.networks.builders import indicator
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex import homology
from exactrelu.regions.complex.complex import subdivide
from exactrelu.regions.complex.homology import betti_numbers
from exactrelu.regions.complex.levels import level_set, level_sets
from exactrelu.regions.complex.subcomplex import Subcomplex

from .generated import BOUNDED, bounded_domain, network_of, networks, worked_example


def shell(d: int) -> Network:
    """The indicator of the cube of radius 2 minus that of radius 1."""
    rows = [[sign * int(i == j) for i in range(d)] for j in range(d) for sign in (1, -1)]
    m = len(rows)
    return Network.from_weights(
        [rows * 2, [[-2] * m + [0] * m, [0] * m + [-2] * m], [[1, -1]]], [[-2] * m + [-1] * m, [1, 1], [0]]
    )


def test_indicator_annulus(shared_data: Path) -> None:
    """The annulus is connected with one hole; its boundary is two circles; the rest is a disc and a frame."""
    level = level_sets(
        network_of(worked_example(shared_data, "indicator-annulus")), HPolyhedron.cube(2, -3, 3), threshold="1/2"
    )
    assert betti_numbers(level.above) == (1, 1, 0)
    assert betti_numbers(level.zero) == (2, 2, 0)
    assert betti_numbers(level.below) == (2, 1, 0)


def test_indicator_union(shared_data: Path) -> None:
    """Two disjoint squares have two components and two boundary circles; the rest has two holes."""
    level = level_sets(
        network_of(worked_example(shared_data, "indicator-union")), HPolyhedron.cube(2, -4, 4), threshold="1/2"
    )
    assert betti_numbers(level.above) == (2, 0, 0)
    assert betti_numbers(level.zero) == (2, 2, 0)
    assert betti_numbers(level.below) == (1, 2, 0)


@pytest.mark.parametrize(
    ("d", "above", "zero"), [(1, (2, 0), (4, 0)), (2, (1, 1, 0), (2, 2, 0)), (3, (1, 0, 1, 0), (2, 0, 2, 0))]
)
def test_shells(d: int, above: tuple[int, ...], zero: tuple[int, ...]) -> None:
    """The shell between two cubes is a thickened sphere, bounded by two spheres; on all of space as well."""
    for domain in (HPolyhedron.cube(d, -3, 3), None):
        level = level_sets(shell(d), domain, threshold="1/2")
        assert betti_numbers(level.above) == above
        assert betti_numbers(level.zero) == zero


def test_solid_torus() -> None:
    """An annulus times an interval has one tunnel, its boundary in the slab is two cylinders."""
    flat = shell(2)
    rows = [[*row, 0] for row in flat.hidden[0].affine.linear]
    torus = Network.from_weights(
        [rows, *(m.linear for m in flat.affine_maps[1:])], [m.offset for m in flat.affine_maps]
    )
    level = level_sets(torus, HPolyhedron.box([-3, -3, 0], [3, 3, 1]), threshold="1/2")
    assert betti_numbers(level.above) == (1, 1, 0, 0)
    assert betti_numbers(level.zero) == (2, 2, 0, 0)


def test_indicator_of_a_flat_set() -> None:
    """The level 1 of an indicator is the whole square: flat, and contractible."""
    square = indicator([[1, 0, 1], [-1, 0, 1], [0, 1, 1], [0, -1, 1]], 2)
    assert betti_numbers(level_set(square, threshold=1)) == (1, 0, 0)


@given(networks(), st.sampled_from(BOUNDED))
@settings(max_examples=20)
def test_a_polytope_is_contractible(network: Network, kind: str) -> None:
    """All faces of a bounded domain: b_0 = 1, the others 0."""
    d = network.n_inputs
    assert betti_numbers(subdivide(network, bounded_domain(kind, d))) == (1, *[0] * d)


@given(networks(), st.sampled_from(BOUNDED), st.fractions(-2, 2, max_denominator=2))
@settings(max_examples=30)
def test_ranks_components_and_euler(network: Network, kind: str, threshold: Fraction) -> None:
    """FLINT's ranks modulo 2 give the same numbers; b_0 counts graph components; the alternating sum is Euler's."""
    level = level_sets(network, bounded_domain(kind, network.n_inputs), threshold=threshold)
    for part in (level.zero, level.below, level.above):
        betti = betti_numbers(part)
        assert sum((-1) ** k * b for k, b in enumerate(betti)) == part.euler_characteristic
        assert betti == betti_by_flint(part)
        graph = networkx.Graph(
            part.incidence(1)[1][np.argsort(part.incidence(1)[0], kind="stable")].reshape(-1, 2).tolist()
        )
        graph.add_nodes_from(range(part.f_vector[0]))
        assert betti[0] == networkx.number_connected_components(graph)


@given(networks(inputs=2), st.fractions(-2, 2, max_denominator=2))
@settings(max_examples=20)
def test_gluing(network: Network, threshold: Fraction) -> None:
    """Mayer-Vietoris in a square: below and above glued along the level are contractible."""
    level = level_sets(network, HPolyhedron.cube(2, -2, 2), threshold=threshold)
    zero, below, above = (betti_numbers(part) for part in (level.zero, level.below, level.above))
    assert below[1] + above[1] == zero[1]
    if level.zero.dimension >= 0:
        assert below[0] + above[0] == zero[0] + 1


def betti_by_flint(part: Subcomplex) -> tuple[int, ...]:
    """Dense boundary matrices, ranked by FLINT."""
    counts, ranks = part.f_vector, [0]
    for k in range(1, len(counts)):
        matrix = flint.nmod_mat(counts[k - 1] + 1, counts[k] + 1, 2)
        for face, facet in part.incidence(k).T.tolist():
            matrix[facet, face] = 1
        ranks.append(int(matrix.rank()))
    ranks.append(0)
    return tuple(count - ranks[k] - ranks[k + 1] for k, count in enumerate(counts))


def test_flat_domains() -> None:
    """On the boundary hyperplane of a cube everything happens in its own dimension."""
    plane = HPolyhedron.box([-3, -3, 0], [3, 3, 0])
    assert betti_numbers(level_set(shell(3), plane, threshold="1/2")) == (2, 2, 0)


def test_unbounded_sets_are_refused() -> None:
    """The remedy is a box; on the box the answer comes."""
    lines = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
    for domain in (None, HPolyhedron.from_rows([([1, 0], "<=", 1)])):
        with pytest.raises(DomainError, match="box"):
            betti_numbers(subdivide(lines, domain))
        with pytest.raises(DomainError, match="box"):
            betti_numbers(level_set(lines, domain, threshold=1))
    assert betti_numbers(level_set(lines, HPolyhedron.cube(2, -2, 2), threshold=1)) == (1, 0, 0)


def test_a_wrong_rank_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: one independent column too few leaves a cycle of full dimension, which no set in R^d has."""
    square = subdivide(Network.from_weights([[[1, 0]], [[1]]], [[0], [0]]), HPolyhedron.cube(2))
    pivots = homology._pivots
    monkeypatch.setattr(homology, "_pivots", lambda *arguments: set(sorted(pivots(*arguments))[1:]))
    with pytest.raises(InvariantError, match="Betti"):
        betti_numbers(square)
