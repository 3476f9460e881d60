"""C23: networks along segments."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.networks.builders import absolute_value, random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c23_segments, theorem
from exactrelu.theorems.examples import example

COORDINATE = st.fractions(min_value=-3, max_value=3, max_denominator=3)


@given(
    seed=st.integers(0, 10**6),
    hidden=st.lists(st.integers(1, 3), max_size=3),
    p=st.tuples(COORDINATE, COORDINATE),
    q=st.tuples(COORDINATE, COORDINATE),
)
def test_random_segments(seed: int, hidden: list[int], p: tuple[Fraction, ...], q: tuple[Fraction, ...]) -> None:
    """Two methods and evaluations agree, also where p = q."""
    network = random_network([2, *hidden, 2], seed=seed, height=2)
    assert isinstance(theorem("C23-restriction").verify(network, p=p, q=q), Proved)


def test_a_point_and_a_ray_through_a_kink() -> None:
    """p = q has one constant piece; a segment that ends at a kink has none inside."""
    point = theorem("C23-restriction").verify(absolute_value(), p=(2,), q=(2,))
    assert (point.evidence["breakpoints"], point.evidence["slopes"]) == ((), (0,))
    ending = theorem("C23-restriction").verify(absolute_value(), p=(-1,), q=(0,))
    assert ending.evidence["breakpoints"] == ()


def test_ends_of_another_dimension() -> None:
    """The numbers are in the reason."""
    verdict = theorem("C23-restriction").verify(absolute_value(), p=(0, 0))
    assert isinstance(verdict, NotApplicable)
    assert "2 and 1 coordinates" in verdict.reason


def test_one_hidden_layer_bends_once_a_unit() -> None:
    """The false variant holds for shallow networks."""
    for seed in range(5):
        assert isinstance(theorem("C23-one-bend-a-unit").verify(random_network([2, 4, 1], seed=seed)), Proved)


def test_a_lost_or_moved_breakpoint_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile without one of its pieces, and one with a breakpoint 2^-40 too late."""
    original = c23_segments.segment_profile
    subject = {"p": (-2, -2), "q": (2, 2)}

    def lost(network: Network, p: object, q: object) -> object:
        found = original(network, p, q)
        return replace(found, breakpoints=found.breakpoints[1:], values=found.values[1:], slopes=found.slopes[1:])

    def moved(network: Network, p: object, q: object) -> object:
        found = original(network, p, q)
        first, *others = found.breakpoints
        return replace(found, breakpoints=(first + Fraction(1, 2**40), *others))

    for mutant in (lost, moved):
        monkeypatch.setattr(c23_segments, "segment_profile", mutant)
        assert isinstance(theorem("C23-restriction").verify(example("segment-n4"), **subject), Refuted)


def test_the_proof_shows_vectors_as_points() -> None:
    """With two outputs every value is a point."""
    verdict = theorem("C23-restriction").verify(Network.from_weights([[[1]], [[1], [-1]]], [[0], [0, "1/2"]]))
    assert "values: (0, 1/2), (0, 1/2), (1, -1/2); slopes: (0, 0), (2, -2)." in verdict.lines[0]
