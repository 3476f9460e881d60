"""Networks along segments: the worked example, evaluation at every parameter, agreement with the restricted network."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from exactrelu.bounds.segments import restrict_to_segment, segment_profile
from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.adjacency import shared_facets
from exactrelu.regions.results import enumerate_regions

from .networks import ABSOLUTE, N4, random_layers


def test_segment_n4() -> None:
    """From (-2, -2) to (2, 2): breakpoints 5/12 and 7/12, values 11, 11, 37, 92, slopes 0, 156, 132."""
    profile = segment_profile(N4, [-2, -2], [2, 2])
    assert profile.breakpoints == (Fraction(5, 12), Fraction(7, 12))
    assert profile.values == ((11,), (11,), (37,), (92,))
    assert profile.slopes == ((0,), (156,), (132,))


def test_profile_is_the_network() -> None:
    """At sampled parameters and at all breakpoints the profile has the network's value."""
    chance = random.Random(60)
    for _ in range(25):
        net = random_layers(chance, [2, 3, 3, 2])
        p, q = ([chance.randint(-3, 3) for _ in range(2)] for _ in range(2))
        profile, line = segment_profile(net, p, q), restrict_to_segment(net, p, q)
        for t in (*profile.breakpoints, *profile.knots, *(Fraction(k, 12) for k in range(13))):
            x = [a + t * (b - a) for a, b in zip(p, q, strict=True)]
            assert profile(t) == net(x) == line([t])


def test_knots_are_the_boundaries_of_the_restricted_cells() -> None:
    """Knots from interpolation, and facets from the enumeration of the one-dimensional network, are the same."""
    chance = random.Random(61)
    for _ in range(25):
        net = random_layers(chance, [2, 3, 2, 1])
        p, q = ([chance.randint(-3, 3) for _ in range(2)] for _ in range(2))
        cells = list(enumerate_regions(restrict_to_segment(net, p, q), HPolyhedron.box([0], [1])))
        facets = {facet.point[0] for facet in shared_facets(cells)}
        assert facets == {t for t in segment_profile(net, p, q).knots if 0 < t < 1}


def test_degenerate_segments() -> None:
    """One point; a segment along a hyperplane; a kink at an end; knots without a bend."""
    assert segment_profile(ABSOLUTE, [2], [2]).slopes == ((0,),)
    assert segment_profile(ABSOLUTE, [0], [2]).breakpoints == ()
    cancelled = Network.from_weights([[[1], [-1]], [[1, -1]]], [[0, 0], [0]])
    profile = segment_profile(cancelled, [-1], [1])
    assert (profile.knots, profile.breakpoints, profile.slopes) == ((Fraction(1, 2),), (), ((2,),))
    along = Network.from_weights([[[1, 0]], [[1]]], [[0], [0]])
    assert segment_profile(along, [0, -1], [0, 1]).knots == ()


def test_no_hidden_layer() -> None:
    """An affine network has one piece."""
    net = Network.from_weights([[[2, 1]]], [[1]])
    assert segment_profile(net, [0, 0], [1, 1]).values == ((1,), (4,))
    assert restrict_to_segment(net, [0, 0], [1, 1])([Fraction(1, 3)]) == (2,)


def test_wrong_dimension_is_refused() -> None:
    """The message names the end."""
    with pytest.raises(ShapeError, match="end has 1"):
        segment_profile(N4, [0, 0], [1])


def test_parameters_outside_or_inexact_are_refused() -> None:
    """The last piece is not continued beyond the segment; text is read exactly, a float is refused."""
    profile = segment_profile(ABSOLUTE, [-1], [1])
    assert (profile(0), profile("1/4"), profile(1)) == ((1,), (Fraction(1, 2),), (1,))
    for outside in (2, -1, Fraction(10**9 + 1, 10**9)):
        with pytest.raises(InputError, match="ends at 0 and 1"):
            profile(outside)
    with pytest.raises(InexactNumberError, match="parameter"):
        profile(0.5)
