"""The counterexamples of proofs/corrections.md: each sentence of the papers that needs a correction, on its network."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exactrelu.bounds.gradients import back_propagate, one_sided_derivatives
from exactrelu.bounds.norms import spectral_norm_squared
from exactrelu.bounds.theorem_six import theorem_six
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.evidence import Optimal
from exactrelu.lp.optimise import minimise
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import Region, enumerate_regions

ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
TRIANGLE = Network.from_weights([[[1, 0], [0, 1], [-1, -1]], [[1, 1, 1]]], [[0, 0, 0], [0]])
CHAIN = Network.from_weights([[[1]], [[1]], [[1]]], [[0], [0], [0]])
KINK = Network.from_weights([[[1], [1]], [[1, 1], [1, -1]], [[1, 1]]], [[0, 0], [0, 0], [0]])
UNNORMALISED = Network.from_weights([[[2, 0], [0, 1]], [[1, 1]], [[1]]], [[0, 0], [0], [0]])
TIGHT = Network.from_weights(
    [[["3/5", "4/5"]] * 2, [["1/2", "1/2"]] * 2, [["3/5", "3/5"], ["4/5", "4/5"]]], [[0, 0], [0, 0], [0, 0]]
)
LATTICE_FAILS = Network.from_weights(
    [[[-2, -2], [1, 3], [-3, 1]], [[2, -1, -2], [2, -1, -1]], [[1, -1]]], [[-2, -2, 2], [0, 1], [0]]
)


@pytest.mark.parametrize(("net", "counts"), [(ABSOLUTE, (4, 3, 2)), (TRIANGLE, (8, 7, 6)), (CHAIN, (4, 2, 2))])
def test_three_counts(net: Network, counts: tuple[int, int, int]) -> None:
    """Corollary 4 counts the half-open configurations; the closed and the full ones are other numbers."""
    assert tuple(len(enumerate_regions(net, cells=notion)) for notion in ("closed", "half-open", "full")) == counts


def test_closed_polytopes_do_not_determine_the_configuration() -> None:
    """In the chain x -> x -> x the configurations 01 and 00 have the same closed polytope, the half-line x <= 0."""
    closed = enumerate_regions(CHAIN, cells="closed")
    for bits in ("00", "01"):
        system = closed[bits].system
        assert [system.is_satisfied([x]) for x in (-2, -1, 0, 1, 2)] == [True, True, True, False, False]


def test_two_conventions_at_zero() -> None:
    """Back-propagation with either bit at zero is neither one-sided derivative at the kink."""
    one, zero = (back_propagate(KINK, [1], lambda y: y, at_zero=side).weights[0].to_fractions() for side in (1, 0))
    sides = one_sided_derivatives(KINK, [1], lambda y: y, 0)
    assert (one, zero) == (((4,), (0,)), ((2,), (2,)))
    assert (sides.right.to_fractions(), sides.left.to_fractions()) == (((4,), (2,)), ((2,), (0,)))


def norm_squared(net: Network, bits: str) -> object:
    return spectral_norm_squared(RationalMatrix.from_rows(affine_map(net, bits).linear, n_columns=net.n_inputs))


def test_theorem_6_needs_normalised_rows() -> None:
    """Without unit rows the norm is sqrt(5), and m^{L-2} s_1 s_2 = 2."""
    report = theorem_six(UNNORMALISED)
    assert (report.m, report.local_bound("111")) == (1, 2)
    assert norm_squared(UNNORMALISED, "111") == 5


def test_theorem_6_needs_every_factor() -> None:
    """With unit rows and columns the bound m s_1 s_2 = 2 is attained, so no factor can go and m has the power L-2."""
    report = theorem_six(TIGHT)
    assert (report.m, report.local_bound("1111")) == (Fraction(1, 2), 2)
    assert norm_squared(TIGHT, "1111") == 4


def is_at_least(one: Region, other: Region, on: Region) -> bool:
    """Whether the first region's affine piece is at least the second's on a region, decided exactly."""
    (a,), (b,) = one.affine_map.linear, other.affine_map.linear
    difference = [p - q for p, q in zip(a, b, strict=True)]
    answer = minimise(on.polyhedron.system, difference)
    return isinstance(answer, Optimal) and answer.value + one.affine_map.offset[0] - other.affine_map.offset[0] >= 0


def test_max_min_formula_is_not_automatic() -> None:
    """max_i min {p_k : p_k >= p_i on cell i} is -26 at (-19/2, -9/2), where the network is -27."""
    regions = list(enumerate_regions(LATTICE_FAILS, HPolyhedron.space(2)))
    point = [Fraction(-19, 2), Fraction(-9, 2)]
    formula = max(min(k.affine_map(point)[0] for k in regions if is_at_least(k, i, i)) for i in regions)
    assert (len(regions), formula, LATTICE_FAILS.evaluate(point)) == (12, -26, (-27,))
