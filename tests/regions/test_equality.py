"""Equality of functions is decided; a difference comes with a point."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import DomainError, ShapeError
from exactrelu.networks.builders import absolute_value, identity_chain, maximum, random_network
from exactrelu.networks.combining import padded
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.equality import DifferentFunctions, EqualFunctions, decide_equality

SECOND_MAX = Network.from_weights(
    [[[1, -1], [-1, 1], [1, 1], [-1, -1]], [["1/2", "1/2", "1/2", "-1/2"]]], [[0] * 4, [0]]
)


def test_two_networks_for_the_maximum_are_equal() -> None:
    """The difference of the two has six cells, zero on each."""
    answer = decide_equality(maximum(2, relu_only=True), SECOND_MAX)
    assert isinstance(answer, EqualFunctions)
    assert answer.n_cells == 6


def test_a_change_of_one_weight_is_found() -> None:
    """Adding 2^-60 to one weight or bias gives a point with different values."""
    tiny = Fraction(1, 2**60)
    for weights, biases in (
        ([[[1], [-1]], [[1, 1 + tiny]]], [[0, 0], [0]]),
        ([[[1], [-1]], [[1, 1]]], [[0, 0], [tiny]]),
        ([[[1], [-1]], [[1, 1]]], [[0, tiny], [0]]),
    ):
        other = Network.from_weights(weights, biases)
        answer = decide_equality(absolute_value(), other)
        assert isinstance(answer, DifferentFunctions)
        assert absolute_value()(answer.point) != other(answer.point)


@given(seed=st.integers(0, 10**6), hidden=st.lists(st.integers(1, 3), max_size=2))
def test_a_padded_copy_is_equal(seed: int, hidden: list[int]) -> None:
    """A network equals itself with more layers."""
    network = random_network([2, *hidden, 1], seed=seed, height=3)
    assert isinstance(decide_equality(network, padded(network, len(hidden) + 1, relu_only=True)), EqualFunctions)


@given(seed=st.integers(0, 10**6))
def test_a_difference_lies_in_the_domain(seed: int) -> None:
    """The point is in the domain, and the values are those of the networks."""
    one = random_network([2, 2, 1], seed=seed, height=3)
    two = random_network([2, 1, 1], seed=seed + 1, height=3)
    domain = HPolyhedron.box([0, 0], [1, 1])
    answer = decide_equality(one, two, domain)
    if isinstance(answer, DifferentFunctions):
        assert domain.contains(answer.point)
        assert (one(answer.point), two(answer.point)) == answer.values
    else:
        assert all(one(x) == two(x) for x in ([0, 0], [1, 0], ["1/3", "2/7"]))


def test_flat_domains_and_points() -> None:
    """|x| and x agree for x >= 0, on the ray and at the point 1, and differ at -1."""
    one, two = absolute_value(), Network.from_weights([[[1]]], [[0]])
    ray = HPolyhedron.from_rows([([-1], "<=", 0)])
    assert isinstance(decide_equality(one, two, ray), EqualFunctions)
    assert isinstance(decide_equality(one, two, HPolyhedron.box([1], [1])), EqualFunctions)
    assert isinstance(decide_equality(one, two, HPolyhedron.box([-1], [-1])), DifferentFunctions)


def test_a_map_that_vanishes_on_the_flat_only() -> None:
    """x - y is zero on the diagonal, though its matrix is not zero."""
    one, two = Network.from_weights([[[1, 0]]], [[0]]), Network.from_weights([[[0, 1]]], [[0]])
    diagonal = HPolyhedron.from_rows([([1, -1], "==", 0)])
    assert isinstance(decide_equality(one, two, diagonal), EqualFunctions)
    assert isinstance(decide_equality(one, two, HPolyhedron.from_rows([([1, 0], "==", 0)])), DifferentFunctions)


def test_errors() -> None:
    """An empty domain and networks of different shapes are refused."""
    with pytest.raises(DomainError, match="empty"):
        decide_equality(identity_chain(1), absolute_value(), HPolyhedron.from_rows([([1], "<=", 0), ([-1], "<=", -1)]))
    with pytest.raises(ShapeError, match="inputs"):
        decide_equality(maximum(2), maximum(3))
