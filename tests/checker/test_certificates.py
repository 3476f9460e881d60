"""True certificates are accepted: every tiny network, domain and notion, and the counts that one can find by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from exactrelu.checker import check
from exactrelu.checker.certificate import Report
from tests.checker.examples import NETS, statements
from tests.checker.reference import holds
from tests.checker.writer import Dom, Net, box, certificate, polyhedron, space, text_lines


def run(folder: Path, net: Net, entries: list[dict[str, object]]) -> Report:
    """Check entries against the network's file."""
    path = folder / "net.json"
    path.write_bytes(net.to_bytes())
    return check(text_lines(entries), path)


def test_every_true_certificate_is_accepted(tmp_path: Path) -> None:
    """All small networks on all domains in all notions: checker and reference accept what the writer wrote."""
    for name, net, domain, notion in statements():
        entries = certificate(net, domain, notion)
        report = run(tmp_path, net, entries)
        assert report.reason is None, (name, domain, notion, report)
        assert report.cells == entries[0]["cells"]
        assert report.cells + report.refutations == len(entries) - 2
        assert holds(net, domain, entries)


@pytest.mark.parametrize(
    ("name", "domain", "counts"),
    [
        ("absolute value", space(1), (2, 3, 4)),  # x > 0, x < 0; the origin in 00; and in 11 too
        ("three lines", space(2), (7, 7, 7)),  # the regions of three lines in general position
        ("concurrent lines", space(2), (6, 6, 8)),  # six sectors; the origin satisfies every closed pattern
        ("tent", box((0, 1)), (2, 3, 3)),  # 10 and 11; also 00 at x = 0; 01 nowhere
        ("zero units", box((-1, 1)), (2, 2, 16)),  # units 0 and 2 vanish: four times 10, 00, and 11, 01 at x <= -1/3
        ("affine", box((0, 1), (0, 1)), (1, 1, 1)),
        ("affine", polyhedron([], [[1, 0, 0], [1, 0, 1]], None, 2), (None, 0, 0)),  # an empty domain
    ],
)
def test_counts_by_hand(tmp_path: Path, name: str, domain: Dom, counts: tuple[int | None, ...]) -> None:
    """The three notions differ exactly as the definitions say."""
    found = []
    for notion, count in zip(("full", "half-open", "closed"), counts, strict=True):
        if count is not None:
            found.append((notion, run(tmp_path, NETS[name], certificate(NETS[name], domain, notion)).cells, count))
    assert all(cells == count for _, cells, count in found), found


def test_a_unit_that_vanishes_on_a_flat_domain(tmp_path: Path) -> None:
    """On the line x = y the unit x - y is zero: in the notion full it has bit 0, and is no strict row."""
    net, line = NETS["concurrent lines"], polyhedron([], [["1", "-1", "0"]], [0, 0], 2)
    entries = certificate(net, line, "full")
    assert [entry["c"] for entry in entries if "c" in entry] == ["000", "110"]
    assert run(tmp_path, net, entries).valid
    # 00 followed by 0 "refuted" by the vanishing unit as if it were strict, and everything below it left out:
    false = [e for e in entries if e.get("c") != "000"]
    false.insert(
        next(i for i, e in enumerate(false) if e.get("n") == "001"), {"n": "000", "y": [2, "1"], "d": [0, "-1"]}
    )
    false[0] = {**false[0], "cells": 1}
    false[-1] = {"end": {"cells": 1, "refutations": len(false) - 3}}
    report = run(tmp_path, net, false)
    assert "no strict row" in str(report.reason)


def test_the_summary_says_what_was_proved(tmp_path: Path) -> None:
    """One line: claim, notion, cells, refutations, domain."""
    net = NETS["absolute value"]
    report = run(tmp_path, net, certificate(net, box((-1, 1)), "half-open"))
    assert report.summary() == (
        "valid: exactly 3 configurations (half-open) of 2 units on the domain box in dimension 1; "
        "3 cells, 1 refutations"
    )


def test_scaled_multipliers_of_any_length(tmp_path: Path) -> None:
    """Multiplying all multipliers of a line, or a witness, by a huge number changes nothing: slots grow as needed."""
    for name in ("tent twice", "slopes"):
        net = NETS[name]
        domain = box(*[(-1, 1)] * net.inputs)
        for bits in (3, 64, 700, 20000):
            entries = json.loads(json.dumps(certificate(net, domain, "full")))
            for entry in entries[1:-1]:
                numbers = entry["w"] if "c" in entry else entry["y"]
                for place in range(0 if "c" in entry else 1, len(numbers), 1 if "c" in entry else 2):
                    numbers[place] = f"{int(numbers[place], 16) * (2**bits + 1):x}"
            assert run(tmp_path, net, entries).valid


def test_many_layers_need_no_recursion(tmp_path: Path) -> None:
    """A chain of 600 one-unit layers is checked without a deep call stack."""
    depth = 600
    net = Net([[[1]]] * depth, [[1]] + [[0]] * (depth - 1))
    ones = "1" * (depth - 1)
    body = [{"n": "0" * k + "1", "y": [k, "1"]} for k in range(1, depth - 1)][::-1]
    zeros = {"c": "0" * (depth - 1), "w": ["1", "-2"]}
    # With unit 0 at bit 0 every later unit is zero; with bit 1 every later unit is the first one again.
    later = [{"n": "1" * k + "0", "y": [0, "1", k, "1"]} for k in range(1, depth - 1)]
    entries = certificate(Net([[[1]]], [[0]]), space(1), "half-open")
    entries[0] = {**entries[0], "network": {**entries[0]["network"], "units": depth - 1}, "cells": 2}
    path = tmp_path / "deep.json"
    path.write_bytes(net.to_bytes())
    entries[0]["network"]["sha256"] = hashlib.sha256(net.to_bytes()).hexdigest()
    leaves = [zeros, *body, *later, {"c": ones, "w": ["1", "1"]}]
    end = {"end": {"cells": 2, "refutations": len(leaves) - 2}}
    assert check(text_lines([entries[0], *leaves, end]), path).reason is None
