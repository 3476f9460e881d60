"""Theorem 6: both parts on random networks with unit vectors, its equality case, and its false variants refuted."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from exactrelu.bounds.lipschitz import lipschitz_constant
from exactrelu.bounds.norms import decide_spectral_norm_at_most, spectral_norm_squared
from exactrelu.bounds.spectral import enclose_spectral_norm
from exactrelu.bounds.theorem_six import layer_norms, path_bound, product_bound, theorem_six
from exactrelu.errors import InputError
from exactrelu.exact.definiteness import Indefinite, PositiveSemidefinite
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import Activation
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions

from .networks import TIGHT, UNNORMALISED, normalised


def linear_part(net: Network, bits: str) -> RationalMatrix:
    return RationalMatrix.from_rows(affine_map(net, bits).linear, n_columns=net.n_inputs)


def test_local_and_global_bounds() -> None:
    """With unit rows and columns (i) holds on every cell and globally, (ii) globally; sharper forms are smaller."""
    chance = random.Random(30)
    for _ in range(25):
        widths = [chance.randint(1, 3) for _ in range(chance.randint(2, 5) + 1)]
        net = normalised(chance, widths)
        report = theorem_six(net)
        assert report.normalised
        cells = enumerate_regions(net, HPolyhedron.cube(net.n_inputs, -3, 3))
        assert all(report.holds_at(c) for c in cells.configurations)
        best = report.best_path_bound(cells.configurations)
        assert best <= report.width_bound <= report.global_bound
        constant = lipschitz_constant(cells, 2).value
        assert constant <= best
        assert constant.power(2) <= report.spectral_bound_squared
        assert constant <= product_bound(net, 2)


def test_thm6_tight() -> None:
    """Equality: the 2-norm of cell 1111 is 2, and so is m^{L-2} s_1 s_2."""
    report = theorem_six(TIGHT)
    assert (report.m, report.local_bound("1111"), report.holds_at("1111")) == (Fraction(1, 2), 2, True)
    assert spectral_norm_squared(linear_part(TIGHT, "1111")) == 4
    assert isinstance(decide_spectral_norm_at_most(linear_part(TIGHT, "1111"), 2 - Fraction(1, 10**20)), Indefinite)


@pytest.mark.parametrize(
    ("claim", "bound"),
    [
        ("without s_1", path_bound(Fraction(1, 2), [2, 1])),
        ("without s_{L-1}", path_bound(Fraction(1, 2), [1, 2])),
        ("exponent L-1 in place of L-2", Fraction(1, 2) ** 2 * 4),
    ],
)
def test_false_variants_are_refuted(claim: str, bound: Fraction) -> None:
    """The equality case refutes every smaller constant, by the decision that confirms the true one."""
    assert isinstance(decide_spectral_norm_at_most(linear_part(TIGHT, "1111"), Fraction(2)), PositiveSemidefinite)
    assert isinstance(decide_spectral_norm_at_most(linear_part(TIGHT, "1111"), bound), Indefinite), claim


def test_thm6_unnormalised() -> None:
    """Without unit rows: ||A||^2 = 5 > 2^2; the report names the hypothesis that fails and where."""
    report = theorem_six(UNNORMALISED)
    assert not report.normalised
    assert [h.holds for h in report.hypotheses] == [False, True, True]
    assert report.hypotheses[0].failure == "row 0 has squared norm 4"
    assert (report.local_bound("111"), report.holds_at("111")) == (2, False)
    assert spectral_norm_squared(linear_part(UNNORMALISED, "111")) == 5


def test_unnormalised_columns() -> None:
    """The other hypothesis is needed, too."""
    net = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]], [[2]]], [[0, 0], [0], [0]])
    report = theorem_six(net)
    assert [h.holds for h in report.hypotheses] == [True, False, True]
    assert not report.holds_at("111")


def test_steep_slopes() -> None:
    """A slope above 1 breaks (i) and is named; layer norms take it into account."""
    net = Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[Activation(Fraction(0), Fraction(3))]])
    report = theorem_six(net)
    assert report.hypotheses[2].failure == "unit 0 of hidden layer 0 has slope 3"
    assert not report.holds_at("1")
    assert layer_norms(net, "inf") == (3, 1)
    assert product_bound(net, 2) == 3


def test_two_layers_have_no_m() -> None:
    """For L = 2 the power m^0 is 1 although there is no middle matrix; for zero middle matrices m is 0."""
    two = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    assert (theorem_six(two).m, theorem_six(two).local_bound("10"), theorem_six(two).global_bound) == (1, 1, 2)
    zero = Network.from_weights([[[1]], [[0]], [[1]]], [[0], [1], [0]])
    assert (theorem_six(zero).m, theorem_six(zero).local_bound("11")) == (0, 0)
    assert theorem_six(zero).holds_at("11")


def test_spectral_part_with_irrational_norms() -> None:
    """(ii): sigma^2 is the largest root of a polynomial, its powers are exact."""
    shear = [[1, 1], [0, 1]]
    net = Network.from_weights([shear, shear, shear], [[0, 0], [0, 0], [0, 0]])
    report = theorem_six(net)
    assert report.sigma_squared.polynomial == (1, -3, 1)
    assert report.spectral_bound_squared == report.sigma_squared.power(3)
    cells = enumerate_regions(net)
    assert lipschitz_constant(cells, 2).value.power(2) <= report.spectral_bound_squared
    assert not report.spectral_bound_squared <= report.sigma_squared.power(2)


def test_spectral_bound_of_wide_layers() -> None:
    """Beyond small layers sigma^L is rounded up from enclosures; for small ones it is exact where it is rational."""
    chance = random.Random(31)
    rows = [[chance.randint(-3, 3) for _ in range(8)] for _ in range(8)]
    wide = theorem_six(Network.from_weights([rows, [[1] * 8]], [[0] * 8, [0]]))
    width = Fraction(1, 10**6)
    enclosure = enclose_spectral_norm(RationalMatrix.from_rows(rows), width)
    assert enclosure.lower**2 < enclosure.upper**2 == wide.spectral_bound(width)
    assert wide.sigma_squared <= wide.spectral_bound(width)
    assert theorem_six(TIGHT).spectral_bound(width) ** 2 >= 8
    assert theorem_six(UNNORMALISED).spectral_bound(width) == 8


def test_no_hidden_layer_is_refused() -> None:
    """There is nothing to bound."""
    with pytest.raises(InputError, match="no hidden layer"):
        theorem_six(Network.from_weights([[[1]]], [[0]]))
