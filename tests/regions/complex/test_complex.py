"""The subdivision complex: exact faces of every dimension, those of the tree, in any position of the hyperplanes."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import DomainError, InvariantError
from exactrelu.io.files import load_network
from exactrelu.networks.builders import random_network, tent
from exactrelu.networks.configuration import covector_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex import configurations, values
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.complex.configurations import closed_configurations, half_open_configurations
from exactrelu.regions.complex.faces import Faces
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import enumerate_regions

SMALL = st.integers(-2, 2)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Three hidden layers at most, small integer weights: degenerate position is common."""
    inputs = draw(st.integers(1, 3))
    widths = [inputs, *draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)), 1]
    pairs = list(pairwise(widths))
    weights = [[[draw(SMALL) for _ in range(a)] for _ in range(b)] for a, b in pairs]
    return Network.from_weights(weights, [[draw(SMALL) for _ in range(b)] for _, b in pairs])


def domain_of(kind: str, d: int) -> HPolyhedron | None:
    """A domain of the given kind, with points other than one."""
    return {
        "space": None,
        "box": HPolyhedron.cube(d),
        "simplex": HPolyhedron.simplex(d),
        "half-space": HPolyhedron.from_rows([([1] * d, "<=", "1/2")]),
        "slab": HPolyhedron.from_rows([([1] * d, "<=", 1), ([-1] * d, "<=", 1)]),
        "segment": HPolyhedron.box([0] * d, [1] + [0] * (d - 1)),
    }[kind]


KINDS = ("space", "box", "simplex", "half-space", "slab", "segment")

LINES = Network.from_weights([[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]])


@pytest.mark.parametrize(
    ("name", "network", "domain", "f_vector"),
    [
        ("three lines", LINES, None, (3, 9, 7)),
        ("three lines in a square, one through two vertices", LINES, HPolyhedron.cube(2), (9, 13, 5)),
        (
            "braid",
            Network.from_weights([[[1, -1, 0], [1, 0, -1], [0, 1, -1]], [[1, 1, 1]]], [[0] * 3, [0]]),
            None,
            (0, 1, 6, 6),
        ),
        ("tent cubed", tent(3), None, (9, 10)),
        ("tent cubed on [0, 1]", tent(3), HPolyhedron.cube(1, 0, 1), (9, 8)),
        ("zero unit", Network.from_weights([[[0, 0]], [[1]]], [[0], [0]]), HPolyhedron.cube(2), (4, 4, 1)),
        ("no unit", Network.from_weights([[[1, 2]]], [[0]]), HPolyhedron.cube(2), (4, 4, 1)),
        ("no unit, space", Network.from_weights([[[1, 2]]], [[0]]), None, (0, 0, 1)),
        ("duplicate units", Network.from_weights([[[1], [2], [-1]], [[1, 1, 1]]], [[-1, -2, 1], [0]]), None, (1, 2)),
    ],
)
def test_f_vectors_that_a_reader_can_count(
    name: str, network: Network, domain: HPolyhedron | None, f_vector: tuple[int, ...]
) -> None:
    """Faces of every dimension, degenerate arrangements among them."""
    assert (name, subdivide(network, domain).f_vector) == (name, f_vector)


@settings(max_examples=120)
@given(networks(), st.sampled_from(KINDS))
def test_engines_agree(network: Network, kind: str) -> None:
    """Complex and tree list the same full, half-open and closed configurations and count the same regions."""
    domain = domain_of(kind, network.n_inputs)
    complex_ = subdivide(network, domain)
    tree = enumerate_regions(network, domain)
    assert complex_.configurations == tree.configurations
    counts = count_regions(tree)
    assert (complex_.linear_regions, complex_.affine_pieces) == (counts.linear_regions, counts.affine_pieces)
    for notion, found in (
        ("half-open", half_open_configurations(complex_)),
        ("closed", closed_configurations(complex_)),
    ):
        assert list(found) == [c.bits for c in enumerate_regions(network, domain, cells=notion).configurations]


def same(one: SubdivisionComplex, two: SubdivisionComplex) -> bool:
    """Whether the tables of two complexes are equal, byte for byte."""
    pairs = [*zip(one.table.covectors, two.table.covectors, strict=True)]
    pairs += zip(one.table.incidence, two.table.incidence, strict=True)
    pairs += zip(one.table.members, two.table.members, strict=True)
    return all(a.tobytes() == b.tobytes() and a.shape == b.shape for a, b in pairs)


@given(networks(), st.sampled_from(KINDS))
def test_forced_exact_mode_has_the_same_combinatorics(network: Network, kind: str) -> None:
    """The certified filter decides every sign as exact arithmetic does: covectors and incidence byte for byte."""
    domain = domain_of(kind, network.n_inputs)
    assert same(subdivide(network, domain), subdivide(network, domain, exact=True))


@given(networks(), st.sampled_from(KINDS), st.lists(st.fractions(-2, 2, max_denominator=4), min_size=3, max_size=3))
def test_every_point_lies_in_a_face(network: Network, kind: str, coordinates: list[Fraction]) -> None:
    """The covector of any point of the domain is the covector of a face."""
    domain = domain_of(kind, network.n_inputs)
    point = coordinates[: network.n_inputs]
    if domain is None or domain.contains(point):
        complex_ = subdivide(network, domain)
        covectors = {tuple(row) for k in range(complex_.dimension + 1) for row in complex_.covectors(k).tolist()}
        assert covector_at(network, point) in covectors


@settings(max_examples=60)
@given(networks(), st.sampled_from(KINDS))
def test_faces_are_what_they_say(network: Network, kind: str) -> None:
    """A face's interior point has the face's covector; a cell's inequalities hold strictly inside it."""
    domain = domain_of(kind, network.n_inputs)
    complex_ = subdivide(network, domain)
    for k in range(complex_.dimension + 1):
        for face, covector in enumerate(complex_.covectors(k).tolist()):
            assert covector_at(network, complex_.witness(face, k)) == tuple(covector)
    for cell in range(len(complex_)):
        rows = complex_.hrep(cell)
        inside = complex_.witness(cell)
        for normal, relation, offset in rows.rows:
            value = sum(a * x for a, x in zip(normal, inside, strict=True))
            assert value == offset if relation == "==" else value < offset
    for index in range(len(complex_.adjacency)):
        one, two = complex_.adjacency.cells[:, index].tolist()
        assert one < two
        assert complex_.flips(index)


@given(networks())
def test_vertices_are_where_the_covector_says(network: Network) -> None:
    """Exact coordinates of vertices: their covector is the table's, and floats are near."""
    complex_ = subdivide(network, HPolyhedron.cube(network.n_inputs))
    for index, covector in enumerate(complex_.covectors(0).tolist()):
        exact = complex_.vertex(index)
        assert covector_at(network, exact) == tuple(covector)
        assert np.allclose(complex_.float_vertices[index], [float(x) for x in exact])


def test_a_filter_without_radii_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a filter that trusts its floats gets a zero-bias network wrong or fails its Euler check."""
    network = random_network([2, 6, 6, 1], seed=3, height=3)
    zero_bias = Network.from_weights(
        [[list(row) for row in m.linear] for m in network.affine_maps], [[0] * m.n_outputs for m in network.affine_maps]
    )
    right = subdivide(zero_bias, exact=True).f_vector

    def trusting(self: values.FloatValues, row: int) -> np.ndarray:
        return np.sign(self._values.data[row]).astype(np.int8)

    monkeypatch.setattr(values.FloatValues, "signs", trusting)
    try:
        wrong = subdivide(zero_bias).f_vector
    except InvariantError:
        return
    assert wrong != right


def test_a_lost_face_breaks_the_euler_relation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a cut that forgets one new edge is noticed at the end."""
    original = Faces.cut

    def forgetful(self: Faces, signs: np.ndarray) -> object:
        cut = original(self, signs)
        self.counts[1] -= len(cut.split_cells) > 0
        return cut

    monkeypatch.setattr(Faces, "cut", forgetful)
    with pytest.raises(InvariantError, match="Euler"):
        subdivide(LINES, HPolyhedron.cube(2))


def test_domains_without_a_complex() -> None:
    """An empty domain and a single point are refused with a remedy."""
    with pytest.raises(DomainError, match="empty"):
        subdivide(LINES, HPolyhedron.from_rows([([1, 0], "<=", 0), ([-1, 0], "<=", -1)]))
    with pytest.raises(DomainError, match="single point"):
        subdivide(LINES, HPolyhedron.box([0, 0], [0, 0]))


def test_reference_counts(shared_data: Path) -> None:
    """The reference table: every network on the box, those with a known count on all of space."""
    table = json.loads((shared_data / "region-counts.json").read_text())["nets"]
    checked = 0
    for entry in table:
        network = load_network(shared_data / "nets" / f"{entry['net']}.json")
        if network.n_inputs > 6:
            continue
        for key, domain in (("regions_box", HPolyhedron.cube(network.n_inputs)), ("regions_space", None)):
            if entry.get(key) is not None:
                assert (entry["net"], key, len(subdivide(network, domain))) == (entry["net"], key, entry[key])
                checked += 1
    assert checked >= 95


def test_worked_examples(shared_data: Path) -> None:
    """The counts, pieces and f-vectors of all worked examples that give them."""
    entries = json.loads((shared_data / "worked-examples.json").read_text())
    checked = 0
    for entry in next(value for value in entries.values() if isinstance(value, list)):
        expected = entry.get("expected")
        if not isinstance(expected, dict) or "weights" not in entry:
            continue
        if not {"N_full", "f_vector"} & set(expected):
            continue
        complex_ = subdivide(Network.from_weights(entry["weights"], entry["biases"]))
        found = {
            "N_full": len(complex_),
            "N_half": len(half_open_configurations(complex_)),
            "N_closed": len(closed_configurations(complex_)),
            "distinct_affine_pieces": complex_.affine_pieces,
            "distinct": complex_.affine_pieces,
            "linear_regions": complex_.linear_regions,
            "f_vector": {str(k): n for k, n in enumerate(complex_.f_vector) if n},
            "euler": complex_.euler_characteristic,
        }
        for key in found.keys() & expected.keys():
            assert (entry["id"], key, found[key]) == (entry["id"], key, expected[key])
            checked += 1
    assert checked >= 80


@given(networks(), st.sampled_from(KINDS))
def test_counting_a_union_of_cubes(network: Network, kind: str) -> None:
    """Closed configurations are counted without listing as they are listed."""
    complex_ = subdivide(network, domain_of(kind, network.n_inputs))
    cubes = np.concatenate(configurations._minimal(complex_))
    assert configurations._count_union(cubes) == len(closed_configurations(complex_))
