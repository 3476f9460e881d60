"""Certificates of verdicts: those written are accepted, tampered ones and those about other files are rejected."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from exactrelu.checker import Report, check
from exactrelu.errors import InputError
from exactrelu.io.json_format import write_network_json
from exactrelu.io.vnnlib import join_networks, parse_vnnlib
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.verification import NetworkFile, Progress, Undecided, decide_query, write_verdict

Entries = list[dict[str, Any]]

ONE = "(declare-const X_0 Real)(declare-const Y_0 Real)"
UNIT = ONE + "(assert (<= -1 X_0))(assert (<= X_0 1))"
SQUARE = (
    "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
    "(assert (and (<= -1 X_0) (<= X_0 1) (<= -1 X_1) (<= X_1 1)))"
)
PAIR = (
    "(vnnlib-version <2.0>)(declare-network f (declare-input X real [1]) (declare-output Y real [1]))"
    "(declare-network g (declare-input U real [1]) (declare-output V real [1]))"
    "(assert (and (>= X[0] -1) (<= X[0] 1) (== U[0] X[0])))"
)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
RELU = Network.from_weights([[[1]], [[1]]], [[0], [0]])
DIAMOND = Network.from_weights([[[1, 0], [-1, 0], [0, 1], [0, -1]], [[1, 1, 1, 1]]], [[0, 0, 0, 0], [0]])
RATIONAL = random_network([2, 5, 4, 1], seed=3, height=9)

SUBJECTS: dict[str, tuple[str, list[Network]]] = {
    "sat, a point": (UNIT + "(assert (>= Y_0 0.5))", [ABSOLUTE]),
    "sat, a crossing": (UNIT + "(assert (== (* 2 Y_0 Y_0) 1))", [ABSOLUTE]),
    "tree of boxes": (SQUARE + "(assert (>= Y_0 15.1))", [RATIONAL]),
    "tree with alternatives": (SQUARE + "(assert (or (< Y_0 X_0) (> Y_0 2)))", [DIAMOND]),
    "tree of signs": (ONE + "(assert (< Y_0 0))", [ABSOLUTE]),
    "tree of two networks": (PAIR + "(assert (< Y[0] V[0]))", [ABSOLUTE, RELU]),
    "mesh": (SQUARE + "(assert (< (* Y_0 Y_0) (+ (* X_0 X_0) (* X_1 X_1))))", [DIAMOND]),
    "mesh with steps": (SQUARE + "(assert (and (<= Y_0 0) (> (* X_0 X_0) 0)))", [DIAMOND]),
}


@dataclass(frozen=True)
class Subject:
    """A true certificate and the files it is about."""

    entries: Entries
    networks: list[Path]
    query: Path
    certificate: Path

    def report(self, entries: Entries | None = None) -> Report:
        """What the checker says of changed lines."""
        lines = (json.dumps(entry) for entry in (self.entries if entries is None else entries))
        return check(lines, self.networks, self.query)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Subject]:
    """Decide a subject's query and write its certificate, once."""

    @cache
    def make(name: str) -> Subject:
        text, networks = SUBJECTS[name]
        folder = tmp_path_factory.mktemp("subject")
        query_file, certificate = folder / "query.vnnlib", folder / "proof.jsonl"
        query_file.write_text(text)
        files = [folder / f"{k}.json" for k in range(len(networks))]
        for file, network in zip(files, networks, strict=True):
            file.write_text(write_network_json(network))
        parsed = parse_vnnlib(text)
        query = join_networks(parsed, {one.name: net for one, net in zip(parsed.networks, networks, strict=True)})
        sources = [NetworkFile(net, file.read_bytes()) for net, file in zip(networks, files, strict=True)]
        size = write_verdict(certificate, decide_query(query), query, sources, query_file.read_bytes())
        lines = certificate.read_text().splitlines()
        assert size == certificate.stat().st_size
        return Subject([json.loads(line) for line in lines], files, query_file, certificate)

    return make


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_kind_is_accepted(subject: Callable[[str], Subject], name: str) -> None:
    """The file and its lines are accepted, and say what was asked."""
    true = subject(name)
    header = true.entries[0]
    kind = name.split(maxsplit=1)[0].rstrip(",")
    assert (header["claim"], header.get("proof", "sat")) == ("sat" if kind == "sat" else "unsat", kind)
    for report in (true.report(), check(true.certificate, true.networks, true.query)):
        assert report.reason is None
        assert report.summary().startswith(f"valid: {header['claim']}")


def test_the_subjects_use_every_line_of_the_format(subject: Callable[[str], Subject]) -> None:
    """Points, crossings, cuts, splits, alternatives, conclusions, leaves; vertices, simplices, steps."""
    keys = {key for name in SUBJECTS for entry in subject(name).entries[1:-1] for key in entry}
    assert keys >= {"point", "a", "k", "x", "u", "o", "r", "v", "l", "b", "w", "s", "t"}


# -- tampering -------------------------------------------------------------------------------------------------------


def replaced(entries: Entries, place: int, **values: Any) -> Entries:
    """The lines with some values of one line replaced."""
    changed = copy.deepcopy(entries)
    changed[place].update(values)
    return changed


def without(entries: Entries, place: int, key: str) -> Entries:
    """The lines with a key of one line left out."""
    changed = copy.deepcopy(entries)
    del changed[place][key]
    return changed


def tampered_frame(entries: Entries) -> Iterator[tuple[str, Entries]]:
    """Changes of header and trailer."""
    header, end = entries[0], entries[-1]["end"]
    for key in header:
        yield f"header without {key}", without(entries, 0, key)
    for key, values in {
        "format": ["other", 1, None],
        "version": [0, 2, True, "1"],
        "claim": ["unsat" if header["claim"] == "sat" else "sat", "configurations", "infeasible", "", 1],
        "query": [5, {"sha256": "0" * 64}, {"sha256": header["query"]["sha256"].upper()}, {}],
        "networks": [[], header["networks"] * 2, 5, None, {}, ["x"]],
        "comment": ["x"],
    }.items():
        for value in values:
            yield f"{key} = {value!r}"[:60], replaced(entries, 0, **{key: value})
    for key, value in (("sha256", "0" * 64), ("inputs", 9), ("units", 99), ("name", "x"), ("units", "2")):
        yield (
            f"network's {key} = {value!r}"[:60],
            replaced(entries, 0, networks=[{**header["networks"][0], key: value}, *header["networks"][1:]]),
        )
    if header["claim"] == "unsat":
        for value in ("mesh" if header["proof"] == "tree" else "tree", "", "other", 1):
            yield f"proof = {value!r}", replaced(entries, 0, proof=value)
    if "bits" in header:
        for value in (-1, 257, "24", True, 1.5):
            yield f"bits = {value!r}", replaced(entries, 0, bits=value)
    ((key, count),) = end.items()
    for value in (count + 1, count - 1, -1, True, str(count), float(count), None):
        yield f"trailer {value!r}", [*entries[:-1], {"end": {key: value}}]
    yield "trailer with more", [*entries[:-1], {"end": {**end, "x": 1}}]
    yield "trailer without counts", [*entries[:-1], {"end": {}}]
    yield "no trailer", entries[:-1]
    yield "two trailers", [*entries, entries[-1]]
    yield "a line after the trailer", [*entries, entries[1]]
    yield "no body", [header, entries[-1]]
    yield "no header", entries[1:]
    yield "nothing", []


def tampered_witness(entries: Entries) -> Iterator[tuple[str, Entries]]:
    """Changes of the line of a `sat`."""
    line = entries[1]
    yield "two witnesses", [entries[0], line, line, entries[2]]
    yield "an extra key", replaced(entries, 1, z=1)
    if "point" in line:
        for point in (
            ["0"],
            ["1.5"],
            ["-2"],
            [],
            ["1", "1"],
            [0],
            [0.75],
            ["1/0"],
            ["nan"],
            ["0x1"],
            "1",
            [None],
            ["1e99999"],
        ):
            yield f"point = {point}", replaced(entries, 1, point=point)
        return
    for key in ("a", "b"):
        for end in (["1", "0"], ["0", "1"], ["1"], ["1", "1", "1"], ["-1", "-1"], [1, 1], ["1", "-5"]):
            if end != line[key]:
                yield f"{key} = {end}", replaced(entries, 1, **{key: end})
        yield f"no {key}", without(entries, 1, key)
    yield "no segment", replaced(entries, 1, a=line["b"])
    for k in (-1, line["k"] + 1, line["k"] - 1, 99, True, "2", None):
        yield f"k = {k!r}", replaced(entries, 1, k=k)


def tampered_tree(entries: Entries) -> Iterator[tuple[str, Entries]]:
    """Changes of the lines of a tree; of a long one, of some lines only."""
    for place in range(1, len(entries) - 1, 1 + len(entries) // 50):
        line = entries[place]
        yield f"{place}: an extra key", replaced(entries, place, z=1)
        yield f"{place}: empty", [*entries[:place], {}, *entries[place + 1 :]]
        if "r" in line:
            r, v = line["r"], line["v"]
            yield f"{place}: a letter too many", replaced(entries, place, r=r + "+")
            yield f"{place}: a letter too few", replaced(entries, place, r=r[:-1])
            yield f"{place}: a number too many", replaced(entries, place, v=[*v, 1])
            for k, letter in enumerate(r):
                for other in {"+": "-x", "-": "+x", "h": "+-.", "l": "+-."}.get(letter, "x"):
                    yield f"{place}: letter {k} = {other}", replaced(entries, place, r=r[:k] + other + r[k + 1 :])
            for k in range(1, len(v), 2):
                yield f"{place}: chord {k // 2} lowered", replaced(entries, place, v=[*v[:k], -(1 << 40), *v[k + 1 :]])
                yield f"{place}: chord {k // 2} a text", replaced(entries, place, v=[*v[:k], str(v[k]), *v[k + 1 :]])
            continue
        yield f"{place}: left out", [*entries[:place], *entries[place + 1 :]]
        yield f"{place}: twice", [*entries[: place + 1], *entries[place:]]
        if "x" in line:
            for cut in ([9, "0"], [-1, "0"], [0], [True, "0"], [0, "1/0"], [0, 0.5], ["0", "0"], [0, "x"]):
                yield f"{place}: cut {cut}", replaced(entries, place, x=cut)
        for key in ("u", "o"):
            if key in line:
                for value in (-1, 99, True, str(line[key]), None, 0.0):
                    yield f"{place}: {key} = {value!r}", replaced(entries, place, **{key: value})
        if "l" in line:
            yield f"{place}: no multipliers", replaced(entries, place, l=[], b=[])
            for key in ("l", "b"):
                pairs = line.get(key, [])
                for k, (index, m) in enumerate(pairs):
                    for pair in (
                        [99, m],
                        [-1, m],
                        [index, "-" + m],
                        [index, int(m, 16)],
                        [index],
                        [True, m],
                        [index, "g"],
                    ):
                        yield (
                            f"{place}: {key} {pair}",
                            replaced(entries, place, **{key: [*pairs[:k], pair, *pairs[k + 1 :]]}),
                        )
                if pairs:
                    yield f"{place}: {key} twice", replaced(entries, place, **{key: [*pairs, pairs[-1]]})


def tampered_mesh(entries: Entries) -> Iterator[tuple[str, Entries]]:
    """Changes of the lines of a mesh."""
    for place in range(1, len(entries) - 1):
        line = entries[place]
        yield f"{place}: an extra key", replaced(entries, place, z=1)
        yield f"{place}: empty", [*entries[:place], {}, *entries[place + 1 :]]
        yield f"{place}: left out", [*entries[:place], *entries[place + 1 :]]
        if "w" in line:
            for w in (["0", *line["w"][1:]], ["-1", *line["w"][1:]], line["w"][:2], ["1", "5", "5"], ["3", "1", "-1"]):
                yield f"{place}: w = {w}", replaced(entries, place, w=w)
            yield f"{place}: integers", replaced(entries, place, w=[1, 0, 0])
            continue
        s = line["s"]
        yield f"{place}: twice", [*entries[: place + 1], *entries[place:]]
        for other in ([s[0], s[0], s[1]], s[:2], [*s, 0], [s[0], s[1], 99], [s[0], s[1], -1], [s[0], s[1], True]):
            yield f"{place}: s = {other}", replaced(entries, place, s=other)
        for t in (
            [],
            [["d"], ["d"]],
            [["x"]],
            [["c", []]],
            [["o", 0]],
            [["b", 0, 1, "1", "2"]],
            "d",
            [["c", [[99, "1"]]]],
        ):
            yield f"{place}: t = {t}", replaced(entries, place, t=t)
        if "t" in line:
            yield f"{place}: without steps", without(entries, place, "t")
            yield f"{place}: a negative multiplier", replaced(entries, place, t=[["c", [[4, "-1"]]], ["d"]])


TAMPERED = {"sat,": tampered_witness, "tree": tampered_tree, "mesh": tampered_mesh}


@pytest.mark.parametrize("name", SUBJECTS)
def test_tampered_certificates_are_rejected(subject: Callable[[str], Subject], name: str) -> None:
    """Every change breaks a sentence of the format; each is rejected with a reason, none with an exception."""
    true = subject(name)
    changes = [*tampered_frame(true.entries), *TAMPERED[name.split(maxsplit=1)[0]](true.entries)]
    reports = {what: true.report(entries) for what, entries in changes}
    assert [what for what, report in reports.items() if report.valid or not report.reason] == []
    assert len(changes) > 50


def test_there_are_many_ways_to_tamper(subject: Callable[[str], Subject]) -> None:
    """Well over a hundred different changes are tried above."""
    kinds = {
        what.split(": ")[-1]
        for name in SUBJECTS
        for table in (tampered_frame, TAMPERED[name.split()[0]])
        for what, _ in table(subject(name).entries)
    }
    assert len(kinds) > 100


def test_broken_text_is_rejected(subject: Callable[[str], Subject], tmp_path: Path) -> None:
    """A file cut off anywhere, or with a byte changed to no JSON."""
    true = subject("tree of boxes")
    data = true.certificate.read_bytes()
    broken = tmp_path / "broken.jsonl"
    for place in range(0, len(data) - 2, 37):
        for changed in (data[:place], data[:place] + b"\xff" + data[place + 1 :]):
            broken.write_bytes(changed)
            report = check(broken, true.networks, true.query)
            assert not report.valid
            assert report.reason


# -- other files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUBJECTS)
def test_other_files_are_rejected(subject: Callable[[str], Subject], tmp_path: Path, name: str) -> None:
    """One more blank in the query or a network makes another file; so do missing and superfluous ones."""
    true = subject(name)
    other_query, other_network = tmp_path / "other.vnnlib", tmp_path / "other.json"
    other_query.write_text(true.query.read_text() + " ")
    other_network.write_text(true.networks[0].read_text() + " ")
    report = check(true.certificate, true.networks, other_query)
    assert (report.valid, "another query file" in str(report.reason)) == (False, True)
    report = check(true.certificate, [other_network, *true.networks[1:]], true.query)
    assert (report.valid, "another network file" in str(report.reason)) == (False, True)
    for files, query in (
        ([], true.query),
        (true.networks * 2, true.query),
        (true.networks, None),
        (true.networks, tmp_path / "none"),
        ([tmp_path / "none"] * len(true.networks), true.query),
    ):
        report = check(true.certificate, files, query)
        assert (report.valid, report.readable) == (False, False)
        assert report.reason


def test_the_order_of_networks_matters(subject: Callable[[str], Subject]) -> None:
    """Networks are given in the order of their declarations."""
    true = subject("tree of two networks")
    report = check(true.certificate, true.networks[::-1], true.query)
    assert (report.valid, "another network file" in str(report.reason)) == (False, True)


def test_a_proof_is_about_its_own_question(subject: Callable[[str], Subject], tmp_path: Path) -> None:
    """With the hash of a weaker query in its header the proof no longer closes; likewise another network's."""
    true = subject("tree of boxes")
    weaker, header = tmp_path / "weaker.vnnlib", true.entries[0]
    weaker.write_text(true.query.read_text().replace("15.1", "14"))
    other = tmp_path / "other.json"
    other.write_text(write_network_json(random_network([2, 5, 4, 1], seed=10)))
    for networks, query in ((true.networks, weaker), ([other], true.query)):
        empty = tmp_path / "empty.jsonl"
        sources = [NetworkFile(RATIONAL, file.read_bytes()) for file in networks]
        parsed = join_networks(parse_vnnlib(true.query.read_text()), RATIONAL)
        write_verdict(empty, decide_query(parsed), parsed, sources, query.read_bytes())
        lines = empty.read_text().splitlines()
        assert json.loads(lines[0])["claim"] == header["claim"]
        report = check(empty, networks, query)
        assert (report.valid, report.readable) == (False, True)
        assert report.line > 1


def test_undecided_queries_have_no_certificate(tmp_path: Path) -> None:
    """Nothing is proved, so nothing is written."""
    query = join_networks(parse_vnnlib(UNIT + "(assert (> Y_0 1))"), ABSOLUTE)
    answer = Undecided("the time is over", Progress(0.5, 3, 2, 1.0), "timed-out")
    with pytest.raises(InputError, match="undecided"):
        write_verdict(tmp_path / "proof.jsonl", answer, query, [NetworkFile(ABSOLUTE, b"")], b"")
    assert list(tmp_path.iterdir()) == []
