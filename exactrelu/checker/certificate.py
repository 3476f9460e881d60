"""Reads a certificate line by line and gives every line to the core.

`check` is the whole checker in one call: it returns a `Report`, whose `reason` is None exactly when the certificate
proves its claim.  The file is streamed, never held, and the first defect ends the reading; a certificate that does not
hold is an answer, not an exception.  The network file is read once: the bytes that are hashed are the bytes that are
parsed.

Cost: linear in the number of lines.  Not done here: arithmetic (`core`, `bounding`), the header's meaning (`statement`,
`verdict`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .core import Leaves, following, refute_system
from .network import Network
from .network_json import read_network_json
from .onnx_chain import read_onnx_chain
from .reading import Invalid, Unreadable, expect_keys, hexadecimals, matching_file, parse_json, shorten
from .statement import Statement, read_statement, read_system
from .verdict import check_sat, check_unsat, read_claim

__all__ = ["Report", "check", "read_network"]

Path = str | os.PathLike[str]

MAX_LINE = 1 << 26


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one check.

    `reason`: None if the certificate proves its claim, else the first defect; `line`: its line, counted from 1.
    `readable`: False if a file could not be read or an argument is missing, so that nothing was decided.
    The other fields repeat what the certificate says; `refutations` and `cells` are counted from its lines.
    """

    reason: str | None = None
    line: int = 0
    readable: bool = True
    claim: str = ""
    notion: str = ""
    domain: str = ""
    inputs: int = 0
    units: int = 0
    cells: int = 0
    refutations: int = 0

    @property
    def valid(self) -> bool:
        """Whether the certificate proves its claim."""
        return self.reason is None

    def summary(self) -> str:
        """Return one line for people.

        >>> Report(reason="the sum's linear part does not vanish", line=3).summary()
        "invalid: line 3: the sum's linear part does not vanish"
        """
        if self.reason is not None:
            place = f"line {self.line}: " if self.line else ""
            return f"{'invalid' if self.readable else 'not checked'}: {place}{self.reason}"
        if self.claim == "infeasible":
            return "valid: the linear system has no solution (1 refutation)"
        if self.claim == "sat":
            return f"valid: sat, some input makes the formula true ({self.inputs} inputs, {self.units} units)"
        if self.claim == "unsat":
            return (
                f"valid: unsat, no input makes the formula true ({self.inputs} inputs, {self.units} units; "
                f"{self.refutations} contradictions)"
            )
        return (
            f"valid: exactly {self.cells} configurations ({self.notion}) of {self.units} units on the domain "
            f"{self.domain} in dimension {self.inputs}; {self.cells} cells, {self.refutations} refutations"
        )


def check(
    certificate: Path | Iterable[str], network: Path | Sequence[Path] | None = None, query: Path | None = None
) -> Report:
    """Check a certificate, a path or an iterable of its lines, against the files it is about.

    Args:
        network: the network file; several, in the order of the query's declarations, for a verdict about several; none
            for the claim "infeasible", which is about a linear system.
        query: the query file of a verdict ("sat", "unsat").

    Never raises for what the files contain.

    >>> header = '{"format": "exactrelu-certificate", "version": 1, "claim": "infeasible", '
    >>> header += '"system": {"rows": [[1, -1], [-1, 0]], "relations": ["<=", "<="]}}'  # x <= -1 and -x <= 0
    >>> check([header, '{"y": [0, "1", 1, "1"]}', '{"end": {"refutations": 1}}']).summary()
    'valid: the linear system has no solution (1 refutation)'
    >>> check([header, '{"y": [0, "1", 1, "2"]}', '{"end": {"refutations": 1}}']).summary()
    "invalid: line 2: the sum's linear part does not vanish"
    """
    is_one = isinstance(network, (str, os.PathLike))
    networks: list[Path] = [] if network is None else [network] if is_one else list(network)  # type: ignore[list-item, arg-type]
    if not isinstance(certificate, (str, os.PathLike)):
        return _check(_Lines(certificate), networks, query)
    try:
        with open(certificate, "rb") as file:
            return _check(_Lines(_decoded(file)), networks, query)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        return Report(f"cannot read {shorten(os.fspath(certificate))}: {error}", readable=False)


def read_network(data: bytes) -> Network:
    """Read a network file, JSON or ONNX, told apart by the first character: no ONNX file begins with a brace.

    Raises:
        Unreadable: the file is neither, or is not understood.
    """
    return read_network_json(data) if data.lstrip()[:1] == b"{" else read_onnx_chain(data)


def _decoded(file: Any) -> Iterator[str]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise Invalid(f"a line is longer than {MAX_LINE} bytes")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise Invalid("not UTF-8 text") from None


class _Lines:
    """The lines' JSON objects, with the number of the current line."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            self.number += 1
            line = next(self._lines, None)
            if line is None:
                return
            yield parse_json(line)

    def next(self, what: str) -> dict[str, Any]:
        """Return the next object, which must be there."""
        for entry in self:
            return entry
        raise Invalid(f"the certificate ends before {what}")

    def finish(self) -> None:
        """Require the end of the file."""
        for _ in self:
            raise Invalid("there is a line after the trailer")


def _check(lines: _Lines, networks: Sequence[Path], query: Path | None) -> Report:
    report = Report()
    try:
        header = lines.next("its header")
        if header.get("format") != "exactrelu-certificate":
            raise Invalid('no certificate: the first line must say "format": "exactrelu-certificate"')
        if type(header.get("version")) is not int or header["version"] != 1:
            raise Invalid(f"the version must be 1, not {shorten(header.get('version'))}")
        claim = header.get("claim")
        if claim == "infeasible":
            report = replace(report, claim=claim)
            if networks or query is not None:
                raise Unreadable("the claim 'infeasible' is about a linear system; give no other file")
            return _check_system(header, lines, report)
        if claim in ("sat", "unsat"):
            report = replace(report, claim=claim)
            if not networks or query is None:
                raise Unreadable(f"the claim {claim!r} is about networks and a query; give their files, the query last")
            return _check_verdict(header, networks, query, lines, report)
        if claim != "configurations":
            raise Invalid(f"the claim is 'configurations', 'sat', 'unsat' or 'infeasible', not {shorten(claim)}")
        statement = read_statement(header)
        report = replace(
            report,
            claim=claim,
            notion=statement.notion,
            domain=statement.domain.kind,
            inputs=statement.inputs,
            units=statement.units,
        )
        if len(networks) != 1 or query is not None:
            raise Unreadable("the claim 'configurations' is about one network; give its file")
        leaves = Leaves(_matching_network(statement, networks[0]), statement.notion, statement.domain)
        _check_leaves(statement, leaves, lines)
        return replace(report, cells=leaves.cells, refutations=leaves.refutations)
    except Invalid as error:
        return replace(report, reason=str(error), line=lines.number)
    except Unreadable as error:
        return replace(report, reason=str(error), readable=False)
    except MemoryError:
        return replace(report, reason="the numbers are too large for this computer's memory", line=lines.number)


def _matching_network(statement: Statement, path: str | os.PathLike[str]) -> Network:
    network = read_network(matching_file(path, statement.sha256, "network"))
    if (network.inputs, network.units) != (statement.inputs, statement.units):
        raise Invalid(
            f"the network has {network.inputs} inputs and {network.units} units, "
            f"the header says {shorten(statement.inputs)} and {shorten(statement.units)}"
        )
    return network


def _check_leaves(statement: Statement, leaves: Leaves, lines: _Lines) -> None:
    stem: str | None = ""  # how the next leaf must begin
    box = statement.domain.kind == "box"
    while "end" not in (entry := lines.next("its trailer")):
        cell = "c" in entry
        if cell:
            expect_keys(entry, "a cell", {"c", "w"})
        else:
            expect_keys(entry, "a refutation", {"n", "y"}, set() if box else {"d"})
        bits = entry["c" if cell else "n"]
        if stem is None:
            raise Invalid("a leaf after the last one; the bit strings are complete already")
        _check_order(bits, stem)
        if cell:
            if len(bits) != statement.units:
                raise Invalid(f"a cell needs {statement.units} bits, not {len(bits)}")
            if type(entry["w"]) is not list or len(entry["w"]) != statement.inputs + 1:
                raise Invalid(f"a witness has {statement.inputs + 1} integers, its denominator first")
            leaves.witness(bits, hexadecimals(entry["w"]))
        else:
            if bits and statement.notion == "full" and statement.cells == 0:
                raise Invalid("no cell of the notion full: then the empty prefix must be refuted, the domain itself")
            if len(bits) > statement.units:
                raise Invalid(f"the prefix has {len(bits)} bits, more than the {statement.units} units")
            leaves.refute(bits, _pairs(entry["y"], "y"), _pairs(entry.get("d", []), "d"))
        stem = following(bits)
    if stem is not None:
        raise Invalid(f"the configurations that begin with {shorten(stem)} are not accounted for")
    trailer = expect_keys(entry, "the trailer", {"end"})
    _check_counts(trailer["end"], {"cells": leaves.cells, "refutations": leaves.refutations})
    if leaves.cells != statement.cells:
        raise Invalid(f"the header announces {shorten(statement.cells)} cells, the body has {leaves.cells}")
    lines.finish()


def _check_order(bits: object, stem: str) -> None:
    if type(bits) is not str:
        raise Invalid(f"a bit string is expected, not {shorten(bits)}")
    if not bits.startswith(stem) or bits.count("0", len(stem)) != len(bits) - len(stem):
        raise Invalid(f"the next leaf must be {shorten(stem)} followed by zeros, not {shorten(bits)}")


def _pairs(entry: object, key: str) -> tuple[list[int], list[int]]:
    """Split an alternating list into indices (checked by the core) and hexadecimal multipliers."""
    if type(entry) is not list or len(entry) % 2:
        raise Invalid(f"{key!r} must be a list of pairs: a number and a multiplier")
    return entry[0::2], hexadecimals(entry[1::2])


def _check_counts(entry: object, found: dict[str, int]) -> None:
    counts = expect_keys(entry, "'end'", set(found))
    for key, count in found.items():
        if type(counts[key]) is not int or counts[key] != count:
            raise Invalid(f"the trailer says {shorten(counts[key])} {key}, the body has {count}")


def _check_verdict(
    header: dict[str, Any], networks: Sequence[Path], query: Path, lines: _Lines, report: Report
) -> Report:
    claim = read_claim(header, networks, query, read_network)
    report = replace(report, inputs=claim.network.inputs, units=claim.network.units)
    if claim.claim == "sat":
        check_sat(claim, lines.next("its witness"))
        trailer = lines.next("its trailer")
        leaves, found = 0, {"points": 1}
    else:
        leaves, trailer = check_unsat(claim, lines)
        found = {"leaves" if claim.proof == "tree" else "simplices": leaves}
    _check_counts(expect_keys(trailer, "the trailer", {"end"})["end"], found)
    lines.finish()
    return replace(report, refutations=leaves)


def _check_system(header: dict[str, Any], lines: _Lines, report: Report) -> Report:
    system = read_system(header)
    entry = expect_keys(lines.next("its refutation"), "the refutation", {"y"})
    refute_system(system, *_pairs(entry["y"], "y"))
    trailer = expect_keys(lines.next("its trailer"), "the trailer", {"end"})
    _check_counts(trailer["end"], {"refutations": 1})
    lines.finish()
    return replace(report, inputs=len(system.rows[0]) - 1, refutations=1)
