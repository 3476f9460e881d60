"""Drawn configurations occur, drawn pairs share a facet, drawn points lie where they should: by exact evaluation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from exactrelu import Configuration, HPolyhedron, Network, affine_map, configuration_at, covector_at
from exactrelu.errors import InputError, ShapeError
from exactrelu.strategies import (
    AdjacentCells,
    adjacent_cells,
    configurations,
    data_with_patterns,
    networks,
    points_of_cell,
    points_of_covector,
    points_of_facet,
    vectors,
)

SMALL = networks(max_units=4)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])


def fits(network: Network, configuration: Configuration, point: tuple[object, ...]) -> bool:
    """Whether the signs at a point agree with the bits, up to ties with bit 0, and the affine map is right there."""
    signs = covector_at(network, point)
    agrees = all(sign == 1 if bit else sign <= 0 for bit, sign in zip(configuration, signs, strict=True))
    return agrees and affine_map(network, configuration)(point) == network(point)


@given(st.data())
def test_points_of_a_cell_have_its_configuration(data: st.DataObject) -> None:
    """Inside, bits are signs, and the cell's affine map is the network; the domain is respected."""
    network = data.draw(SMALL)
    domain = HPolyhedron.cube(network.n_inputs, -2, 3)
    configuration = data.draw(configurations(network, domain=domain))
    point = data.draw(points_of_cell(network, configuration, domain=domain))
    assert fits(network, configuration, point)
    assert domain.contains(point)


def test_the_check_catches_a_point_of_another_cell() -> None:
    """Mutant: the mirrored point does not fit."""
    assert fits(ABSOLUTE, Configuration("01"), (-1,))
    assert not fits(ABSOLUTE, Configuration("01"), (1,))


@given(st.data())
def test_points_of_a_covector_have_it(data: st.DataObject) -> None:
    """All signs, the zeros among them, are those of the covector of a drawn point."""
    network = data.draw(SMALL)
    covector = covector_at(network, data.draw(vectors(network.n_inputs, max_height=2)))
    assert covector_at(network, data.draw(points_of_covector(network, covector))) == covector


@given(st.data())
def test_points_of_a_facet_lie_on_it_and_both_maps_agree_there(data: st.DataObject) -> None:
    """n·x + t = 0, the units of the facet vanish, and the two affine maps have one value."""
    pair = data.draw(networks(max_units=4, kind="generic").flatmap(adjacent_cells))
    point = data.draw(points_of_facet(pair))
    *normal, offset = pair.hyperplane
    assert sum(n * x for n, x in zip(normal, point, strict=True)) + offset == 0
    signs = covector_at(pair.network, point)
    assert all(signs[unit] == 0 for unit in pair.units)
    values = {affine_map(pair.network, side)(point) for side in (pair.negative, pair.positive)}
    assert values == {pair.network(point)}
    assert pair.negative != pair.positive


@pytest.mark.parametrize("notion", ["full", "half-open", "closed"])
def test_every_configuration_of_a_notion_comes(notion: str) -> None:
    """For |x| there are 2, 3 and 4."""
    wanted = {"full": ["01", "10"], "half-open": ["00", "01", "10"], "closed": ["00", "01", "10", "11"]}[notion]
    found = [find(configurations(ABSOLUTE, cells=notion), lambda c, w=bits: c.bits == w).bits for bits in wanted]
    assert found == wanted
    with pytest.raises(NoSuchExample):
        find(configurations(ABSOLUTE, cells=notion), lambda c: c.bits not in wanted)


def test_a_network_with_one_cell_is_passed_by() -> None:
    """No pair can be drawn from it, and a flatmap goes on to the next network."""
    assert adjacent_cells(Network.from_weights([[[0]], [[1]]], [[1], [0]])).is_empty
    first = settings(phases=[Phase.generate], database=None)
    assert isinstance(find(networks().flatmap(adjacent_cells), lambda pair: True, settings=first), AdjacentCells)


@given(st.data())
def test_data_have_their_patterns(data: st.DataObject) -> None:
    """One point a pattern, repetitions too, by the half-open convention."""
    network = data.draw(SMALL)
    patterns = data.draw(st.lists(configurations(network, cells="half-open"), max_size=3))
    points = data.draw(data_with_patterns(network, patterns))
    assert [configuration_at(network, point) for point in points] == patterns


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: points_of_cell(ABSOLUTE, "11"), InputError, "configuration 11 does not occur"),
        (lambda: points_of_cell(ABSOLUTE, "1"), ShapeError, "configuration has 1 bits; the network has 2 units"),
        (lambda: points_of_cell(networks(), "1"), InputError, "network is a strategy; pass a Network"),
        (lambda: points_of_covector(ABSOLUTE, [1, 1]), InputError, r"covector \(1, 1\) does not occur"),
        (lambda: points_of_covector(ABSOLUTE, [2, 1]), InputError, "its entries are -1, 0 and 1"),
        (lambda: points_of_covector(ABSOLUTE, [1]), ShapeError, "covector has 1 signs; the network has 2 units"),
        (lambda: data_with_patterns(ABSOLUTE, ["10", "11"]), InputError, r"patterns\[1\] 11 does not occur"),
        (lambda: data_with_patterns(ABSOLUTE, "10"), InputError, "patterns is '10'; pass a sequence"),
        (lambda: configurations(ABSOLUTE, limit=0), InputError, "limit is 0"),
        (lambda: configurations(ABSOLUTE, cells="half"), InputError, "cells must be 'full'"),
        (lambda: points_of_facet("facet"), InputError, "pair must be of type AdjacentCells"),
    ],
)
def test_a_mistake_is_named_at_the_call(call: Callable[[], object], error: type[Exception], message: str) -> None:
    """Sets without points, wrong lengths and wrong types are refused before anything is drawn."""
    with pytest.raises(error, match=message):
        call()
