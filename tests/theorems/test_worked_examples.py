"""The file of worked examples, entries of C1 to C12: same networks, and every exact answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactrelu.networks.network import Network
from exactrelu.theorems import Instance, Theorem, c07_depth_bounds, theorem
from exactrelu.theorems.arrangements import distinct_hyperplanes, rows_of_layer, whitney_polynomial
from exactrelu.theorems.lattice import lattice_pieces, refine_by_order

Evidence = dict[str, Any]


@pytest.fixture(scope="module")
def entries(shared_data: Path) -> dict[str, dict[str, Any]]:
    """The entries by id."""
    examples = json.loads((shared_data / "worked-examples.json").read_text(encoding="utf-8"))["examples"]
    return {entry["id"]: entry for entry in examples}


def text(value: Any) -> Any:
    """Rationals as text, tuples as lists, as in the file."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [text(one) for one in value]
    if isinstance(value, dict):
        return {key: text(one) for key, one in value.items()}
    return value


def network_of(entry: dict[str, Any]) -> Network:
    """The network of an entry."""
    return Network.from_weights(entry["weights"], entry["biases"])


def decided(name: str, network: Network) -> Evidence:
    """The evidence of a theorem that holds for the network."""
    verdict = theorem(name).verify(network)
    assert verdict.status == "proved", verdict
    return verdict.evidence  # type: ignore[union-attr, return-value]


def counts(network: Network) -> Evidence:
    """The five counts of an entry count-*."""
    return decided("C2-counts", network)


def refinement(network: Network) -> Evidence:
    """Children of the configurations of the first layer."""
    return text(decided("C1-refinement", network)["children"])


def jumps(network: Network) -> list[Any]:
    """Pairs of cells with a common facet, and the difference of their maps."""
    return sorted(
        [one, two, text(row[:-1]), str(row[-1])]
        for (one, two), (row,) in decided("C5-rank-one-jumps", network)["jumps"].items()
    )


def zaslavsky(network: Network) -> Evidence:
    """Counts and characteristic polynomial of an arrangement, without the f-vector (C21)."""
    found = counts(network)
    chi = whitney_polynomial(distinct_hyperplanes(rows_of_layer(network)), network.n_inputs)
    assert decided("C6-count", network)["characteristic_polynomial"] == chi
    return {
        **{key: found[key] for key in ("N_closed", "N_half", "N_full")},
        "bounded": decided("C6-bounded", network)["bounded"],
        "characteristic_polynomial_low_to_high": list(chi),
    }


def convex(network: Network) -> bool:
    """Whether the network is convex."""
    return bool(decided("C10-local-is-global", network)["convex"])


def cut_cells(network: Network) -> int:
    """Number of cells that {f = 0} cuts."""
    return int(decided("C12-square-layer", network)["cut"])


COMPUTED: dict[str, Callable[[Network], Any]] = {
    **{
        f"count-{name}": counts
        for name in ("abs", "tri", "tri_plus", "g3", "chain", "e2", "e2b", "e2z", "m1", "n4", "hat", "z", "s11")
    },
    "prop3-e2": refinement,
    "facets-e2": jumps,
    **{f"zaslavsky-{name}": zaslavsky for name in ("g3", "g4_3d", "braid3", "parallel", "B2")},
    **{f"convex-c{k}": convex for k in range(1, 6)},
    **{f"decision-{name}": cut_cells for name in ("d2p1", "d2p2", "d3p1", "d3p2", "d3p3")},
}


@pytest.mark.parametrize("name", COMPUTED)
def test_the_theorem_finds_the_exact_answer(name: str, entries: dict[str, dict[str, Any]]) -> None:
    """The evidence is what the file says; orders of lists aside, and the f-vectors of C21."""
    expected = entries[name]["expected"]
    if isinstance(expected, dict):
        expected = {key: value for key, value in expected.items() if key not in ("f_vector", "euler")}
    found = text(COMPUTED[name](network_of(entries[name])))
    assert found == (sorted(expected) if isinstance(expected, list) else expected)


def test_thm5_n4(entries: dict[str, dict[str, Any]]) -> None:
    """Coefficients, offsets and affine map at (1, 1), and all ten pieces."""
    expected = entries["thm5-n4"]["expected"]
    network = network_of(entries["thm5-n4"])
    evidence = decided("C3-atoms", network)
    bits = expected["config"]
    assert {f"{i},{j}": str(a) for (i, j), a in evidence[f"alpha {bits}"].items()} == expected["alpha"]
    assert {str(i): str(b) for i, b in evidence[f"beta {bits}"].items()} == expected["beta"]
    assert (text(network.preactivations([1, 1])), text(network([1, 1]))) == (expected["preactivations"], expected["f"])
    assert evidence[f"piece {bits}"] == ("7 x0 + 26 x1 + 26",)
    assert len(evidence[f"alpha {bits}"]) == expected["n_atoms"]


def test_pieces_n4(entries: dict[str, dict[str, Any]]) -> None:
    """The ten affine maps of the four-layer network, and no more."""
    expected = entries["pieces-n4"]["expected"]
    pieces = lattice_pieces(network_of(entries["pieces-n4"]))
    found = {name: [[text(form[:-1])], [str(form[-1])]] for name, form in zip(pieces.names, pieces.forms, strict=True)}
    assert found == expected


def test_bounds_table(entries: dict[str, dict[str, Any]]) -> None:
    """Both bounds for all architectures of the table, which is also what the instances say."""
    table = entries["bounds-table"]["expected"]
    known = [(i.answers["lower"], i.answers["upper"]) for i in theorem("C7-bounds-consistent").instances]
    for (key, pair), instance in zip(table.items(), known, strict=True):
        head, widths = key.split(",", 1)
        n_inputs, sizes = int(head.removeprefix("n0=")), json.loads(widths.removeprefix("widths="))
        assert [c07_depth_bounds.montufar_lower(n_inputs, sizes), c07_depth_bounds.serra_upper(n_inputs, sizes)] == pair
        assert list(instance) == pair


def test_lattice_hat(entries: dict[str, dict[str, Any]]) -> None:
    """Pieces, index sets and no failures."""
    expected = entries["lattice-hat"]["expected"]
    network = network_of(entries["lattice-hat"])
    evidence = decided("C11-pairwise-suffices", network)
    pieces = lattice_pieces(network)
    assert {name: [[text(f[:-1])], [str(f[-1])]] for name, f in zip(pieces.names, pieces.forms, strict=True)} == (
        expected["pieces"]
    )
    assert {k: sorted(v) for k, v in evidence["S"].items()} == {k: sorted(v) for k, v in expected["S"].items()}
    assert list(evidence["failures"]) == expected["failures"]


def test_lattice_fail(entries: dict[str, dict[str, Any]]) -> None:
    """The failing pairs, the wrong value at x, and the refinement that repairs it."""
    expected = entries["lattice-fail"]["expected"]
    network = network_of(entries["lattice-fail"])
    found = counts(network)
    assert {"closed": found["N_closed"], "half": found["N_half"], "full": found["N_full"]} == expected["counts"]
    assert (found["N_full"], found["distinct_affine_pieces"]) == (expected["N_full"], expected["distinct_pieces"])
    refuted = theorem("C11-pairwise-always").verify(network)
    assert refuted.status == "refuted"
    assert sorted(map(list, refuted.evidence["pairwise_failures"])) == sorted(expected["pairwise_failures"])  # type: ignore[union-attr, index]
    pieces = lattice_pieces(network)
    refined = refine_by_order(pieces)
    point = tuple(map(Fraction, expected["x"]))
    assert [str(*network(point)), str(pieces.formula(point)), str(refined.formula(point))] == [
        expected["f"],
        expected["formula"],
        expected["refined_formula_at_x"],
    ]
    assert len(refined.forms) == expected["order_refinement_regions"]
    sets = {frozenset(refined.forms[k] for k in indices) for indices in refined.index_sets}
    assert len(sets) == expected["order_refinement_index_sets"]


def instances() -> list[tuple[Theorem, Instance]]:
    """All instances that are worked examples with a network."""
    from exactrelu.theorems import THEOREMS

    return [(one, instance) for one in THEOREMS for instance in one.instances]


def test_instances_are_the_networks_of_the_file(entries: dict[str, dict[str, Any]]) -> None:
    """An instance that is called like an entry has the entry's network, except for the table of architectures."""
    for one, instance in instances():
        entry = entries.get(instance.id)
        if entry is None or "weights" not in entry:
            continue
        assert instance.build() == network_of(entry), (one.name, instance.id)
