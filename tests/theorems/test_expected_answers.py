"""Every worked example of C13 to C25 is an instance, and its exact answers are the evidence."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactrelu.networks.network import Network
from exactrelu.theorems import THEOREMS, Instance, Proved, Theorem

FAMILIES = tuple(f"C{number}" for number in range(13, 26))
KEYS = {"deficient": sorted, "vertices": sorted}


def mine() -> list[tuple[Theorem, Instance]]:
    """The instances of the true theorems of these families."""
    return [
        (one, instance)
        for one in THEOREMS
        if one.name.split("-")[0] in FAMILIES and one.false_variant_of is None
        for instance in one.instances
    ]


def entries(shared_data: Path) -> list[dict[str, Any]]:
    """The worked examples that belong to these families."""
    examples = json.loads((shared_data / "worked-examples.json").read_text(encoding="utf-8"))["examples"]
    return [entry for entry in examples if set(entry["ref"].split("/")) & set(FAMILIES)]


def exact(value: Any, key: str = "") -> Any:
    """JSON as tuples of rationals; an f-vector by dimension as a tuple; configurations stay text."""
    if isinstance(value, dict):
        return tuple(value.get(str(k), 0) for k in range(max(map(int, value)) + 1))
    if isinstance(value, list):
        return tuple(exact(entry, key) for entry in value)
    return Fraction(value) if isinstance(value, str) and key != "deficient" else value


def test_every_entry_is_an_instance_with_its_network(shared_data: Path) -> None:
    """By its name, with the same weights and biases."""
    networks = {instance.id: instance.build() for _, instance in mine()}
    for entry in entries(shared_data):
        assert entry["id"] in networks
        if "weights" in entry:
            assert networks[entry["id"]] == Network.from_weights(entry["weights"], entry["biases"])
        elif "layer_weights" in entry:
            first = networks[entry["id"]].affine_maps[0]
            assert first == Network.from_weights([entry["layer_weights"]], [entry["layer_bias"]]).output


def test_the_evidence_has_the_exact_answers(shared_data: Path) -> None:
    """Every number of every entry is in the evidence of some instance of that name."""
    found: dict[str, dict[str, Any]] = {}
    for one, instance in mine():
        verdict = one.verify(instance.build(), **instance.parameters)
        if isinstance(verdict, Proved) and isinstance(verdict.evidence, dict):
            found.setdefault(instance.id, {}).update(verdict.evidence)
    others = {"bounded", "characteristic_polynomial_low_to_high"}  # these belong to C6
    for entry in entries(shared_data):
        expected = entry["expected"] if isinstance(entry["expected"], dict) else {"width": entry["expected"]}
        zaslavsky = entry["id"].startswith("zaslavsky")
        for key, value in expected.items():
            if zaslavsky and (key in others or key.startswith("N_")):
                continue
            order = KEYS.get(key, tuple)
            want, have = exact(value, key), found[entry["id"]].get(key)
            if isinstance(want, tuple):
                assert tuple(order(want)) == tuple(order(have)), (entry["id"], key)
            else:
                assert want == have, (entry["id"], key)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_true_theorem_and_a_false_variant(family: str) -> None:
    """Each of both kinds keeps its promise on its instances."""
    chosen = [one for one in THEOREMS if one.name.split("-")[0] == family]
    assert {one.false_variant_of is None for one in chosen} == {True, False}
    for one in chosen:
        outcomes = one.run_instances()
        assert [outcome.disagreement for outcome in outcomes] == [None] * len(outcomes)
        assert one.overall_status(outcomes) == one.promise
