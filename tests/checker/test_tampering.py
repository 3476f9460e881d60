"""False certificates are rejected, each with a reason.

Two families.  Hand-made tampers are false by construction: each breaks one sentence of the format.  Random ones
change one number or one line of a true certificate, and whether the result is still true is decided by the naive
reference; the checker must agree with it in both directions.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from exactrelu.checker import check
from tests.checker.examples import NETS, statements
from tests.checker.reference import holds
from tests.checker.writer import Dom, Net, box, certificate, polyhedron, space, text_lines

Entries = list[dict[str, Any]]


def subjects() -> list[tuple[str, Net, Dom, Entries]]:
    """Certificates that have a cell, a refutation and at least three leaves."""
    result = []
    for name in ("absolute value", "tent twice", "three lines", "concurrent lines", "slopes", "zero units"):
        net = NETS[name]
        domains = (
            [space(1), box((-1, 1)), polyhedron([[1, 2], [-1, 2]], [], [0], 1)]
            if net.inputs == 1
            else [
                space(2),
                box((-1, 1), (-2, 1)),
                polyhedron([[1, 1, 1], [-1, 0, 1], [0, -1, 1]], [], [0, 0], 2),
                polyhedron([[1, 0, 9]], [[1, -1, 0]], [0, 0], 2),
            ]
        )
        for domain in domains:
            for notion in ("full", "half-open", "closed"):
                entries = certificate(net, domain, notion)
                cells = entries[0]["cells"]
                if cells and len(entries) - 2 > max(cells, 2):
                    result.append((f"{name}, {domain.header['kind']}, {notion}", net, domain, entries))
    return result


def set_notion(entries: Entries, notion: str) -> Entries:
    """The same body under another notion."""
    entries[0]["notion"] = notion
    return entries


def hand_made(net: Net, domain: Dom, original: Entries) -> Iterator[tuple[str, Entries]]:
    """Tampers that cannot be true, with their names."""

    def edit(change: Callable[[Entries], object]) -> Entries:
        entries = copy.deepcopy(original)
        change(entries)
        return entries

    def put(place: int, key: str, value: Any) -> Entries:
        return edit(lambda e: e[place].__setitem__(key, value))

    def header(key: str, value: Any, group: str = "") -> Entries:
        return edit(lambda e: (e[0][group] if group else e[0]).__setitem__(key, value))

    leaves = range(1, len(original) - 1)
    cell = next(i for i in leaves if "c" in original[i])
    refuted = next(i for i in leaves if original[i].get("y"))
    bits = original[cell]["c"]
    prefix, y, w = original[refuted]["n"], original[refuted]["y"], original[cell]["w"]
    for i in leaves:
        yield f"leaf {i} dropped", edit(lambda e, i=i: e.pop(i))
        yield f"leaf {i} twice", edit(lambda e, i=i: e.insert(i, e[i]))
        key = "c" if "c" in original[i] else "n"
        for k in range(len(original[i][key])):
            s = original[i][key]
            flipped = s[:k] + "10"[int(s[k])] + s[k + 1 :]
            yield f"bit {k} of leaf {i} flipped", put(i, key, flipped)
        if key == "n":
            yield f"leaf {i} has no multiplier", put(i, "y", [])
            yield (
                f"multipliers of leaf {i} negative",
                put(i, "y", [n if k % 2 == 0 else "-" + n for k, n in enumerate(y)]),
            )
        else:
            other = (
                next(original[j]["w"] for j in leaves if "c" in original[j] and j != i) if cells(original) > 1 else w
            )
            if original[0]["notion"] != "closed" and other != original[i]["w"]:
                yield f"witness of leaf {i} swapped", put(i, "w", other)
            minus = [f"{-int(n, 16):x}" for n in original[i]["w"][1:]]
            yield f"denominator of leaf {i} negative", put(i, "w", ["-" + original[i]["w"][0], *minus])
            yield f"denominator of leaf {i} zero", put(i, "w", ["0", *original[i]["w"][1:]])
            yield f"leaf {i} is called refuted", edit(lambda e, i=i: e.__setitem__(i, {"n": e[i]["c"], "y": y}))
    for i in leaves[:-1]:
        yield f"leaves {i} and {i + 1} swapped", edit(lambda e, i=i: e.insert(i, e.pop(i + 1)))
    yield "unit out of range", put(refuted, "y", [*y, len(prefix), "1"])
    yield "unit negative", put(refuted, "y", [-1, "1", *y])
    yield "unit twice", put(refuted, "y", [*y, *y[-2:]])
    yield "unit a bool", put(refuted, "y", [False, y[1], *y[2:]]) if y[0] == 0 else put(refuted, "y", [True, "1"])
    yield "unit a string", put(refuted, "y", ["0", "1"])
    yield "odd list", put(refuted, "y", y[:-1])
    yield "not a list", put(refuted, "y", "1")
    for text in ("0x1", "1_0", " 1", "+1", "A", "", "1,1", "١", 1, None, ["1"]):
        yield f"multiplier {text!r}", put(refuted, "y", [y[0], text, *y[2:]])
        yield f"witness number {text!r}", put(cell, "w", [w[0], text, *w[2:]])
    yield "witness too long", put(cell, "w", [*w, "0"])
    yield "witness too short", put(cell, "w", w[:-1])
    yield "cell too long", put(cell, "c", bits + "0")
    yield "cell too short", put(cell, "c", bits[:-1])
    yield "bits a number", put(cell, "c", 0)
    yield "other digits", put(cell, "c", bits.replace("0", "٠").replace("1", "2"))
    yield "extra key in a cell", put(cell, "y", [])
    yield "extra key in a refutation", put(refuted, "z", [])
    yield "row of the domain out of range", put(refuted, "d", [len(domain.header.get("equalities", [])) + 9, "1"])
    yield "another network's hash", header("sha256", "0" * 64, "network")
    yield "upper-case hash", header("sha256", original[0]["network"]["sha256"].upper(), "network")
    yield "another number of inputs", header("inputs", net.inputs + 1, "network")
    yield "another number of units", header("units", net.units + 1, "network")
    yield "a bool for a count", header("inputs", True, "network")
    yield "extra key in the network", header("name", "x", "network")
    yield "extra key in the header", header("comment", "x")
    yield "extra key in the domain", header("comment", "x", "domain")
    yield "unknown notion", header("notion", "open")
    yield "unknown claim", header("claim", "all")
    yield "unknown format", header("format", "other")
    for version in (2, 0, True, "1", None):
        yield f"version {version!r}", header("version", version)
    yield "unknown domain", header("domain", {"kind": "ball"})
    yield "domain no object", header("domain", "space")
    yield "one cell more", header("cells", original[0]["cells"] + 1)
    yield "cells negative", header("cells", -1)
    yield "cells a string", header("cells", str(original[0]["cells"]))
    yield "header without notion", edit(lambda e: e[0].pop("notion"))
    yield "no trailer", original[:-1]
    yield "no body", [original[0], original[-1]]
    yield "no header", original[1:]
    yield "nothing", []
    yield "header only", original[:1]
    yield "two trailers", [*original, original[-1]]
    yield "a leaf after the trailer", [*original, original[cell]]
    end = original[-1]["end"]
    yield "trailer counts a cell more", [*original[:-1], {"end": {**end, "cells": end["cells"] + 1}}]
    yield "trailer counts a refutation less", [*original[:-1], {"end": {**end, "refutations": end["refutations"] - 1}}]
    yield "trailer counts a bool", [*original[:-1], {"end": {**end, "cells": True, "refutations": True}}]
    yield "trailer without counts", [*original[:-1], {"end": {}}]
    yield "trailer with more", [*original[:-1], {"end": {**end, "x": 1}}]
    yield "trailer empty", [*original[:-1], {"end": None}]
    if domain.box:
        yield "multipliers for a box", put(refuted, "d", [])
        yield "box upside down", header("lower", ["9"] * net.inputs, "domain")
        yield "box of another dimension", header("lower", domain.header["lower"] * 2, "domain")
        yield (
            "box elsewhere",
            edit(lambda e: e[0]["domain"].update(lower=["70"] * net.inputs, upper=["71"] * net.inputs)),
        )
    if domain.header["kind"] == "polyhedron":
        yield "interior outside", header("interior", [99] * net.inputs, "domain")
        yield "no equalities", edit(lambda e: e[0]["domain"].pop("equalities"))
        yield "contradictory domain", header("equalities", [[0] * net.inputs + [1]], "domain")
        if original[0]["notion"] == "full":
            yield "no interior", edit(lambda e: e[0]["domain"].pop("interior"))
            on_edge = [[*([0] * net.inputs), 0]]
            yield "no strict interior", header("inequalities", domain.header["inequalities"] + on_edge, "domain")


def cells(entries: Entries) -> int:
    """Number of cells in the header."""
    return int(entries[0]["cells"])


def test_hand_made_tampers_are_rejected(tmp_path: Path) -> None:
    """Thousands of tampers on all kinds of statements; every one is invalid and has a reason."""
    path, count = tmp_path / "net.json", 0
    for label, net, domain, original in subjects():
        path.write_bytes(net.to_bytes())
        assert check(text_lines(original), path).valid, label
        for what, entries in hand_made(net, domain, original):
            report = check(text_lines(entries), path)
            assert report.reason, (label, what)
            assert report.readable, (label, what)
            assert "\n" not in report.reason
            count += 1
    assert count > 2000


def test_another_notion_is_rejected_where_the_notions_differ(tmp_path: Path) -> None:
    """On |x| the three notions have 2, 3 and 4 configurations: no body serves two of them."""
    net = NETS["absolute value"]
    path = tmp_path / "net.json"
    path.write_bytes(net.to_bytes())
    notions = ("full", "half-open", "closed")
    for domain in (space(1), box((-1, 1)), polyhedron([[1, 1], [-1, 1]], [], [0], 1)):
        for notion in notions:
            for other in notions:
                report = check(text_lines(set_notion(certificate(net, domain, notion), other)), path)
                assert report.valid is (notion == other)


def test_a_zero_sum_needs_a_strict_row(tmp_path: Path) -> None:
    """x <= 0 and -x <= 0 add up to 0 <= 0, which refutes nothing; x > 0 and x <= 0 does."""
    net = NETS["absolute value"]
    path = tmp_path / "net.json"
    path.write_bytes(net.to_bytes())
    entries = certificate(net, space(1), "half-open")
    false = [e for e in entries if e.get("c") != "00"]
    false.insert(1, {"n": "00", "y": [0, "1", 1, "1"]})
    false[0]["cells"], false[-1] = 2, {"end": {"cells": 2, "refutations": 2}}
    assert "no strict row" in str(check(text_lines(false), path).reason)
    false[0]["notion"] = "full"
    assert check(text_lines(false), path).valid


def test_an_inequality_is_no_equation(tmp_path: Path) -> None:
    """A negative multiplier is allowed on an equality of the domain and on nothing else."""
    net = NETS["absolute value"]
    path = tmp_path / "net.json"
    path.write_bytes(net.to_bytes())
    point = certificate(net, polyhedron([], [[1, 1]], None, 1), "closed")  # x = 1
    assert any("-" in h for e in point for h in e.get("d", [])[1::2])
    assert check(text_lines(point), path).valid
    point[0]["domain"] = {"kind": "polyhedron", "inequalities": [[1, 1]], "equalities": []}
    assert "inequality's multiplier" in str(check(text_lines(point), path).reason)


def mutate(entries: Entries, rng: random.Random) -> Entries:
    """Change one number, or one line, in a way that keeps the types."""
    entries = copy.deepcopy(entries)
    entry = entries[rng.randrange(1, len(entries) - 1)]
    numbers = entry.get("w") or entry["y"] + entry.get("d", [])
    kind = rng.randrange(6)
    if kind == 0 and numbers:
        target = entry["w"] if "w" in entry else entry["y"] if entry["y"] else entry["d"]
        place = rng.randrange(len(target)) if "w" in entry else rng.randrange(1, len(target), 2)
        target[place] = f"{int(target[place], 16) + rng.choice((-2, -1, 1, 2, 1000, 2**70)):x}"
    elif kind == 1 and entry.get("y"):
        entry["y"][rng.randrange(0, len(entry["y"]), 2)] += rng.choice((-1, 1))
    elif kind == 2 and entry.get("d"):
        entry["d"][rng.randrange(0, len(entry["d"]), 2)] += rng.choice((-1, 1))
    elif kind == 3:
        key = "c" if "c" in entry else "n"
        place = rng.randrange(len(entry[key]) + 1)
        entry[key] = entry[key][:place] + rng.choice("01") + entry[key][place + rng.randrange(2) :]
    elif kind == 4:
        entries[0]["notion"] = rng.choice(("half-open", "closed"))
    else:
        other = rng.choice(entries[1:-1])
        if "w" in entry and "w" in other:
            entry["w"] = list(other["w"])
        elif "y" in entry and "y" in other:
            entry["y"] = list(other["y"])
    return entries


def test_checker_and_reference_agree_on_random_tampers(tmp_path: Path) -> None:
    """One random change in each of several thousand certificates: both programs give the same verdict."""
    rng = random.Random(20240611)
    verdicts = {True: 0, False: 0}
    path = tmp_path / "net.json"
    for name, net, domain, notion in statements():
        original = certificate(net, domain, notion)
        path.write_bytes(net.to_bytes())
        for _ in range(10):
            entries = mutate(original, rng)
            expected = holds(net, domain, entries)
            report = check(text_lines(entries), path)
            assert report.valid is expected, (name, domain, notion, report, json.dumps(entries))
            verdicts[expected] += 1
    assert min(verdicts.values()) > 200
