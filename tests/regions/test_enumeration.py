"""Enumeration in the three notions: known counts, laws on random degenerate networks, every kind of domain."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InputError
from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.counts import count_regions
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, enumerate_regions
from exactrelu.regions.tree import search

from .networks import EXAMPLES

NOTIONS = ("full", "half-open", "closed")


@pytest.mark.parametrize("name", EXAMPLES)
def test_three_notions_and_three_counts(name: str) -> None:
    """The counts of the theory's examples, degenerate ones above all, are the known ones."""
    example = EXAMPLES[name]
    found = [enumerate_regions(example.network, cells=notion) for notion in NOTIONS]
    assert tuple(map(len, found)) == example.notions
    counts = count_regions(found[0])
    assert (counts.cells, counts.linear_regions, counts.affine_pieces) == (
        example.notions[0],
        example.linear_regions,
        example.affine_pieces,
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_agreement_of_notions_is_only_claimed_when_true(name: str) -> None:
    """`notions_agree` never claims equality that does not hold, and claims it on networks in general position."""
    example = EXAMPLES[name]
    claim = enumerate_regions(example.network).notions_agree
    assert not claim or len(set(example.notions)) == 1
    if name in ("count-g3", "count-m1", "one unit, constant", "no unit"):
        assert claim


@st.composite
def networks(draw: st.DrawFn, max_inputs: int = 3) -> Network:
    """Networks with small integer weights, so that degenerate position is common."""
    inputs = draw(st.integers(1, max_inputs))
    widths = [inputs, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)), 1]
    small = st.integers(-2, 2)
    weights = [[[draw(small) for _ in range(a)] for _ in range(b)] for a, b in pairwise(widths)]
    biases = [[draw(small) for _ in range(b)] for b in widths[1:]]
    return Network.from_weights(weights, biases)


def exactly(network: Network, domain: HPolyhedron | None, notion: str) -> Enumeration:
    """Enumerate with the exact search alone: no float proposes anything."""
    original = search._Search._root_batch
    search._Search._root_batch = lambda self: None  # type: ignore[method-assign]
    try:
        return enumerate_regions(network, domain, cells=notion)
    finally:
        search._Search._root_batch = original  # type: ignore[method-assign]


@given(networks(), st.sampled_from(NOTIONS), st.booleans())
def test_the_vectorised_search_finds_what_the_exact_search_finds(network: Network, notion: str, box: bool) -> None:
    """Both searches list the same configurations, on a box and on all of space."""
    domain = HPolyhedron.cube(network.n_inputs) if box else None
    fast = enumerate_regions(network, domain, cells=notion)
    assert fast.configurations == exactly(network, domain, notion).configurations


@given(networks())
def test_notions_are_nested_and_witnesses_have_their_configuration(network: Network) -> None:
    """full <= half-open <= closed; a half-open witness has exactly its configuration, a full one is inside."""
    full, half, closed = (enumerate_regions(network, cells=notion) for notion in NOTIONS)
    assert set(full.configurations) <= set(half.configurations) <= set(closed.configurations)
    for region in half:
        assert configuration_at(network, region.witness) == region.configuration
    for region in (*full, *half, *closed):
        assert region.system.is_satisfied(region.witness)
        assert region.affine_map(region.witness) == network.evaluate(region.witness)


@given(networks(), st.lists(st.fractions(-3, 3, max_denominator=6), min_size=3, max_size=3))
def test_every_point_has_its_half_open_configuration_listed(network: Network, coordinates: list[Fraction]) -> None:
    """The half-open sets partition the space: a point is in the one set of its own configuration [HH19, Cor. 4]."""
    point = coordinates[: network.n_inputs]
    half = enumerate_regions(network, cells="half-open")
    assert [region.configuration for region in half if point in region] == [configuration_at(network, point)]


@given(networks())
def test_refinement_nests_the_layers(network: Network) -> None:
    """Children extend their parent by the bits of the next layer, and the leaves are the configurations."""
    half = enumerate_regions(network, cells="half-open")
    ends = [units.stop for units in network.layer_units]
    level = [half.refinement()]
    for layer, end in enumerate(ends, start=1):
        children = [child for node in level for child in node.children]
        assert all(len(child.bits) == end and child.layer == layer for child in children)
        assert all(child.bits.startswith(node.bits) for node in level for child in node.children)
        assert len({child.bits for child in children}) == len(children)
        level = children
    assert [node.bits for node in level] == [configuration.bits for configuration in half.configurations]


THREE_LINES = EXAMPLES["count-g3"].network


@pytest.mark.parametrize(
    ("domain", "counts"),
    [
        (HPolyhedron.box([0, 0], [1, 1]), (2, 5, 7)),
        (HPolyhedron.box([-1, -1], [-1, -1]), (1, 1, 1)),
        (HPolyhedron.box([0, 0], [0, 0]), (1, 1, 4)),
        (HPolyhedron.box([0, 0], [0, 1]), (1, 2, 6)),
        (HPolyhedron.from_rows([([1, 1], "==", 1)]), (3, 3, 6)),
        (HPolyhedron.from_rows([([1, 1], "<=", 1), ([-1, -1], "<=", -1)]), (3, 3, 6)),
        (HPolyhedron.from_rows([([-1, 0], "<=", 0)]), (4, 7, 7)),
        (HPolyhedron.simplex(2), (1, 4, 7)),
        (HPolyhedron.from_rows([([1, 0], "<=", 0), ([-1, 0], "<=", -1)]), (0, 0, 0)),
        (HPolyhedron.from_rows([([0, 0], "<=", -1)], dimension=2), (0, 0, 0)),
    ],
    ids=["square", "point", "vertex", "edge", "line", "line in disguise", "half-plane", "simplex", "empty", "zero row"],
)
def test_domains_of_every_kind(domain: HPolyhedron, counts: tuple[int, int, int]) -> None:
    """Three lines x = 0, y = 0, x + y = 1, cut by boxes, flat, unbounded and empty domains (counted by hand).

    On a flat domain a cell is full-dimensional relative to the domain; a unit that vanishes there has bit 0.
    """
    found = tuple(len(enumerate_regions(THREE_LINES, domain, cells=notion)) for notion in NOTIONS)
    assert found == counts


def test_cells_narrower_than_a_double_can_tell() -> None:
    """A strip of width 2^-60 beside 1/3 is found, though no double lies in it."""
    third, width = Fraction(1, 3), Fraction(1, 2**60)
    strip = Network.from_weights([[[1], [1]], [[1, 1]]], [[-third, -third - width], [0]])
    assert [c.bits for c in enumerate_regions(strip, HPolyhedron.cube(1)).configurations] == ["00", "10", "11"]


def test_limit_and_timeout_return_what_was_found() -> None:
    """A stopped search says why, keeps what it has, and claims nothing more."""
    network = EXAMPLES["count-n4"].network
    some = enumerate_regions(network, limit=1)
    assert some.stopped == "limit"
    assert not some.is_complete
    assert len(some) >= 1
    assert set(some.configurations) <= set(enumerate_regions(network).configurations)
    assert enumerate_regions(network, timeout=1e-9).stopped == "timeout"


def test_interruption_keeps_what_was_found() -> None:
    """Ctrl-C ends the search like a limit."""

    def interrupt(share: float, found: int) -> None:
        if found:
            raise KeyboardInterrupt

    assert enumerate_regions(EXAMPLES["count-n4"].network, progress=interrupt).stopped == "interruption"


def test_progress_reaches_one() -> None:
    """The finished share grows to 1."""
    shares: list[float] = []
    enumerate_regions(EXAMPLES["count-z"].network, cells="closed", progress=lambda share, found: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_wrong_arguments_are_named() -> None:
    """A domain of another dimension, an unknown notion and a silly limit are refused with the argument's name."""
    network = EXAMPLES["count-abs"].network
    with pytest.raises(DomainError, match="dimension 2"):
        enumerate_regions(network, HPolyhedron.cube(2))
    with pytest.raises(InputError, match="half-open"):
        enumerate_regions(network, cells="open")
    with pytest.raises(InputError, match="limit"):
        enumerate_regions(network, limit=0)
    with pytest.raises(KeyError, match="no region"):
        enumerate_regions(network)["00"]
    with pytest.raises(InputError, match="full cells"):
        count_regions(enumerate_regions(network, cells="closed"))


def test_units_with_other_slopes() -> None:
    """A leaky unit, an absolute value and a linear unit: bits only where there is a breakpoint."""
    from exactrelu.networks.activations import ABSOLUTE, IDENTITY, Activation

    leaky = Activation.of(["1/10", 1])
    network = Network.from_weights(
        [[[1], [1], [1]], [[1, 1, 1]]], [[0, -1, -2], [0]], activations=[[leaky, IDENTITY, ABSOLUTE]]
    )
    regions = enumerate_regions(network)
    assert [c.bits for c in regions.configurations] == ["00", "10", "11"]
    assert [region.affine_map.linear[0][0] for region in regions] == [Fraction(1, 10), 1, 3]


def test_a_tampered_sign_convention_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: with `closed` taken for `half-open` the partition test's count is wrong."""
    monkeypatch.setattr(Notion, "relation", lambda self, bit: "<=")
    network = EXAMPLES["count-abs"].network
    assert len(enumerate_regions(network, cells="half-open")) != 3


def test_reference_counts(shared_data: object) -> None:
    """Networks of the reference table with up to 1,000 cells: the exact counts on the box and on all of space."""
    import json
    from pathlib import Path

    from exactrelu.io.files import load_network

    folder = Path(str(shared_data))
    table = json.loads((folder / "region-counts.json").read_text())["nets"]
    checked = 0
    for entry in table:
        network = load_network(folder / "nets" / f"{entry['net']}.json")
        for key, domain in (("regions_box", HPolyhedron.cube(network.n_inputs)), ("regions_space", None)):
            expected = entry.get(key)
            if expected is not None and expected <= 1000:
                assert (entry["net"], key, len(enumerate_regions(network, domain))) == (entry["net"], key, expected)
                checked += 1
    assert checked >= 80


def test_bit_array_is_sorted_like_the_configurations() -> None:
    """The array of bits and the list of configurations are the same, sorted as strings."""
    regions = enumerate_regions(EXAMPLES["count-n4"].network)
    texts = ["".join(map(str, row)) for row in regions.bit_array]
    assert texts == [c.bits for c in regions.configurations] == sorted(texts)
    assert regions.bit_array.dtype == np.uint8
