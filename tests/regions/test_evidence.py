"""Certificates of real enumerations: accepted by the stand-alone checker, rejected after any change that matters."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.certificates.writer import certificate_lines, emptiness_lines, write_certificate
from exactrelu.checker import check
from exactrelu.errors import InputError
from exactrelu.io.json_format import write_network_json
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Infeasible
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions

from .networks import EXAMPLES
from .test_enumeration import NOTIONS, networks

DOMAINS = {
    "space": lambda d: None,
    "box": lambda d: HPolyhedron.cube(d),
    "odd box": lambda d: HPolyhedron.box(["-1/3"] * d, ["2/7"] * d),
    "simplex": lambda d: HPolyhedron.simplex(d),
    "half-space": lambda d: HPolyhedron.from_rows([([1] * d, "<=", "1/2")]),
    "hyperplane": lambda d: HPolyhedron.from_rows([([1] * d, "==", 0)]),
    "point": lambda d: HPolyhedron.box([0] * d, [0] * d),
    "empty": lambda d: HPolyhedron.from_rows([([1] + [0] * (d - 1), "<=", -1), ([-1] + [0] * (d - 1), "<=", -1)]),
}


def checked(network: Network, domain: HPolyhedron | None, notion: str, folder: Path) -> str | None:
    """Enumerate, write and check; return the checker's reason, None if it accepts."""
    path = folder / "network.json"
    path.write_text(write_network_json(network))
    regions = enumerate_regions(network, domain, cells=notion)
    report = check(list(certificate_lines(regions, path.read_bytes())), path)
    assert report.cells == len(regions) or not report.valid
    return report.reason


@pytest.mark.parametrize("notion", NOTIONS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_certificates_are_accepted(domain: str, notion: str, tmp_path: Path) -> None:
    """Every example, on every kind of domain, in every notion."""
    for name, example in EXAMPLES.items():
        region = DOMAINS[domain](example.network.n_inputs)
        assert (name, checked(example.network, region, notion, tmp_path)) == (name, None)


@settings(max_examples=40)
@given(networks(), st.sampled_from(sorted(DOMAINS)), st.sampled_from(NOTIONS))
def test_certificates_of_random_networks_are_accepted(
    tmp_path_factory: pytest.TempPathFactory, network: Network, domain: str, notion: str
) -> None:
    """Small integer weights: degenerate position is common."""
    folder = tmp_path_factory.mktemp("certificate")
    assert checked(network, DOMAINS[domain](network.n_inputs), notion, folder) is None


def _tampered(lines: list[str], generator: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Yield changed certificates that prove nothing, with the name of the change."""
    entries = [json.loads(line) for line in lines]
    cells = [i for i, e in enumerate(entries) if "c" in e]
    refutations = [i for i, e in enumerate(entries) if "n" in e]
    binding = [i for i in refutations if len(entries[i]["y"]) > 2]

    def with_entry(index: int, entry: object) -> list[str]:
        return [*lines[:index], json.dumps(entry), *lines[index + 1 :]]

    for _ in range(15):
        cell, refutation, bound = (generator.choice(group) for group in (cells, refutations, binding))
        yield "a dropped child", lines[:cell] + lines[cell + 1 :]
        yield "a dropped refutation", lines[:refutation] + lines[refutation + 1 :]
        yield "a truncated file", lines[: generator.randrange(1, len(lines))]
        yield "a repeated line", [*lines[:cell], lines[cell], *lines[cell:]]
        other = generator.choice([i for i in cells if i != cell])
        yield "a swapped witness", with_entry(cell, {**entries[cell], "w": entries[other]["w"]})
        bits = entries[cell]["c"]
        at = generator.randrange(len(bits))
        flipped = bits[:at] + "10"[int(bits[at])] + bits[at + 1 :]
        yield "a flipped bit", with_entry(cell, {**entries[cell], "c": flipped})
        yield "a refuted cell", with_entry(cell, {"n": bits, "y": entries[bound]["y"]})
        y = list(entries[bound]["y"])
        y[1] = "-" + y[1]
        yield "a sign", with_entry(bound, {**entries[bound], "y": y})
        yield "no multiplier of the last unit", with_entry(bound, {**entries[bound], "y": entries[bound]["y"][:-2]})
        prefix = entries[bound]["n"]
        yield "the other side refuted", with_entry(bound, {**entries[bound], "n": prefix[:-1] + "10"[int(prefix[-1])]})
        wild = list(entries[bound]["y"])
        wild[-1] = f"{int(wild[-1], 16) << 40:x}"
        if len({*wild[1::2]}) > 1:
            yield "a multiplier", with_entry(bound, {**entries[bound], "y": wild})
        header = entries[0]
        yield "a wrong count", with_entry(0, {**header, "cells": header["cells"] + 1})
        digest = header["network"]["sha256"]
        stranger = {**header["network"], "sha256": digest[1:] + digest[0] + "0" * (digest == digest[1:] + digest[0])}
        yield "another network's hash", with_entry(0, {**header, "network": stranger})
        box = {"kind": "box", "lower": ["-9"] * 3, "upper": ["9"] * 3}
        yield "a larger domain", with_entry(0, {**header, "domain": box})


def test_tampered_certificates_are_rejected_with_a_reason(tmp_path: Path) -> None:
    """More than 200 changes to the certificate of a random network, each rejected, each with its reason."""
    network = random_network([3, 5, 4, 1], seed=5, height=9)
    path = tmp_path / "network.json"
    path.write_text(write_network_json(network))
    lines = list(certificate_lines(enumerate_regions(network, HPolyhedron.cube(3)), path.read_bytes()))
    assert check(lines, path).valid
    kinds: dict[str, int] = {}
    for kind, changed in _tampered(lines, random.Random(1)):
        report = check(changed, path)
        assert (kind, report.valid, bool(report.reason)) == (kind, False, True)
        kinds[kind] = kinds.get(kind, 0) + 1
    assert sum(kinds.values()) >= 200
    assert len(kinds) >= 13


def test_a_writer_that_forgets_a_cell_is_caught(tmp_path: Path) -> None:
    """Mutant: an enumeration that misses one cell cannot be certified, whatever the writer does with its count."""
    network = EXAMPLES["count-g3"].network
    path = tmp_path / "network.json"
    path.write_text(write_network_json(network))
    lines = list(certificate_lines(enumerate_regions(network), path.read_bytes()))
    shorter = [line for line in lines if '"c": "111"' not in line]
    shorter[0] = shorter[0].replace('"cells": 7', '"cells": 6')
    shorter[-1] = shorter[-1].replace('"cells": 7', '"cells": 6')
    report = check(shorter, path)
    assert not report.valid
    assert report.reason


def test_incomplete_enumerations_have_no_certificate(tmp_path: Path) -> None:
    """A stopped search proves nothing, so nothing is written."""
    network = EXAMPLES["count-n4"].network
    stopped = enumerate_regions(network, limit=1)
    target = tmp_path / "certificate.jsonl"
    with pytest.raises(InputError, match="limit"):
        write_certificate(target, stopped, __file__)
    assert not list(tmp_path.iterdir())


def test_emptiness_of_a_linear_system_is_certified() -> None:
    """The multipliers of `decide` convince the checker; a changed offset does not."""
    system = LinearSystem.from_rows([([1, 1], "<", 1), ([-1, 0], "<=", 0), ([0, -3], "<=", -3), ([1, 1], "==", 1)])
    answer = decide(system)
    assert isinstance(answer, Infeasible)
    lines = list(emptiness_lines(system, answer.certificate))
    assert check(lines).valid
    assert not check([lines[0].replace('"<"', '"<="'), *lines[1:]]).valid
