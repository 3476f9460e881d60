"""C25: exact ranges over boxes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError
from exactrelu.networks.builders import absolute_value, random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c25_ranges, theorem
from exactrelu.theorems.examples import example


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 2),
    hidden=st.lists(st.integers(1, 3), max_size=2),
    outputs=st.integers(1, 2),
    ends=st.tuples(st.integers(-3, 3), st.integers(0, 3)),
)
def test_ranges_of_random_networks(seed: int, n: int, hidden: list[int], outputs: int, ends: tuple[int, int]) -> None:
    """Attained, and at most what every cell allows; also on boxes without interior."""
    network = random_network([n, *hidden, outputs], seed=seed, height=2)
    box = ((ends[0], ends[0] + ends[1]), (-1, 1))[:n]
    assert isinstance(theorem("C25-range").verify(network, box=box), Proved)


def test_a_point_a_flat_box_and_several_outputs() -> None:
    """A box may be a point or a segment; several outputs have a range each."""
    point = theorem("C25-range").verify(absolute_value(), box=((-3, -3),))
    assert point.evidence["exact"] == (3, 3)
    two = Network.from_weights([[[1, 0], [0, 1]], [[1, 0], [0, -1]]], [[0, 0], [0, 0]])
    assert theorem("C25-range").verify(two, box=((-1, 2), (1, 1))).evidence["exact"] == ((0, 2), (-1, -1))


def test_what_is_not_applicable() -> None:
    """A box of another dimension, or with lower above upper; floats are refused."""
    for box in (((-1, 1), (-1, 1)), ((1, 0),)):
        assert isinstance(theorem("C25-range").verify(absolute_value(), box=box), NotApplicable)
    with pytest.raises(InexactNumberError):
        theorem("C25-range").verify(absolute_value(), box=((-0.1, 1),))


def test_text_is_read_exactly() -> None:
    """ "0.1" is 1/10."""
    assert theorem("C25-range").verify(absolute_value(), box=(("-0.1", "1/20"),)).evidence["exact"] == (
        0,
        Fraction(1, 10),
    )


def test_a_wrong_extremum_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value off by 2^-40, and the value of a point that is no maximum."""
    original = c25_ranges.output_range
    tiny = Fraction(1, 2**40)

    def shifted(cells: object) -> object:
        return tuple(replace(o, maximum=replace(o.maximum, value=o.maximum.value - tiny)) for o in original(cells))

    def lower(cells: object) -> object:
        return tuple(replace(o, maximum=o.minimum) for o in original(cells))

    for mutant in (shifted, lower):
        monkeypatch.setattr(c25_ranges, "output_range", mutant)
        assert isinstance(theorem("C25-range").verify(example("range-n4")), Refuted)


@pytest.mark.parametrize("name", ["C25-range", "C25-interval", "C25-corners"])
def test_the_proof_names_the_box(name: str) -> None:
    """A minimum is a minimum over something."""
    verdict = theorem(name).verify(absolute_value(), box=(("-1/2", 1),))
    assert verdict.lines[0] == "The box is [-1/2, 1]."


def test_a_side_that_is_no_pair() -> None:
    """The message has the argument, the place and what would do."""
    with pytest.raises(InputError, match=r"box\[0\] is 3; write a side as a pair"):
        theorem("C25-range").verify(absolute_value(), box=(3,))
