"""The header of a certificate: what is claimed, about which network, on which domain.

`read_statement` turns the first line into a value and refuses whatever the format does not foresee.  A domain keeps
its numbers as integers over one denominator: a box as lower and upper ends, a polyhedron as *slack rows* `(b, -a_1,
..., -a_d)`, so that `slack . (1, x) >= 0` for an inequality and `= 0` for an equality.  Whether the domain has the
interior that the notion `full` needs is decided here, by comparing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .reading import Invalid, expect_keys, natural, over_common_denominator, rationals, shorten

__all__ = ["Domain", "Statement", "System", "read_statement", "read_system"]

NOTIONS = ("full", "half-open", "closed")
RELATIONS = ("<=", "<", "==")


@dataclass(frozen=True, slots=True)
class Domain:
    """Where the inputs lie: `kind` is "space", "box" or "polyhedron"; all integers are over `denominator`.

    `slack`: the inequalities' slack rows, then the equalities', `inequalities` of them being inequalities.
    """

    kind: str
    denominator: int = 1
    lower: tuple[int, ...] = ()
    upper: tuple[int, ...] = ()
    slack: tuple[tuple[int, ...], ...] = ()
    inequalities: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """The claim "these are exactly the configurations of this network on this domain, in this sense"."""

    notion: str
    sha256: str
    inputs: int
    units: int
    cells: int
    domain: Domain


@dataclass(frozen=True, slots=True)
class System:
    """Rows `a . x R b` over one denominator, as `(a_1, ..., a_d, b)`, and their relations R."""

    rows: tuple[tuple[int, ...], ...]
    relations: tuple[str, ...]


def read_statement(header: dict[str, Any]) -> Statement:
    """Read the header of a certificate of configurations.

    Raises:
        Invalid: a missing or unknown key, a wrong type, or a domain without the interior that `full` needs.
    """
    expect_keys(header, "the header", {"format", "version", "claim", "notion", "network", "domain", "cells"})
    notion = header["notion"]
    if notion not in NOTIONS:
        raise Invalid(f"the notion is one of {', '.join(NOTIONS)}, not {shorten(notion)}")
    network = expect_keys(header["network"], "'network'", {"sha256", "inputs", "units"})
    inputs = natural(network["inputs"], "'inputs'")
    if type(network["sha256"]) is not str:
        raise Invalid("'sha256' must be a string")
    cells = natural(header["cells"], "'cells'")
    # Without cells the domain has to be empty (`certificate` insists), and then it has no interior either.
    full = notion == "full" and cells > 0
    return Statement(
        notion=notion,
        sha256=network["sha256"],
        inputs=inputs,
        units=natural(network["units"], "'units'"),
        cells=cells,
        domain=_domain(header["domain"], inputs, full),
    )


def _domain(entry: object, inputs: int, full: bool) -> Domain:
    kind = entry.get("kind") if type(entry) is dict else None
    if kind == "space":
        expect_keys(entry, "'domain'", {"kind"})
        return Domain("space")
    if kind == "box":
        return _box(expect_keys(entry, "'domain'", {"kind", "lower", "upper"}), inputs, full)
    if kind == "polyhedron":
        keys = {"kind", "inequalities", "equalities"}
        return _polyhedron(expect_keys(entry, "'domain'", keys, {"interior"}), inputs, full)
    raise Invalid(f"'domain' has a kind, which is space, box or polyhedron, not {shorten(kind)}")


def _box(entry: dict[str, Any], inputs: int, full: bool) -> Domain:
    ends = [rationals(entry[side], f"'{side}'", inputs) for side in ("lower", "upper")]
    for axis, (low, high) in enumerate(zip(*ends, strict=True)):
        if low > high or (full and low == high):
            raise Invalid(f"the box has {'no interior' if full else 'no point'}: see its side {axis}")
    (lower, upper), denominator = over_common_denominator(ends)
    return Domain("box", denominator, tuple(lower), tuple(upper))


def _polyhedron(entry: dict[str, Any], inputs: int, full: bool) -> Domain:
    rows: list[list[Fraction]] = []
    for key in ("inequalities", "equalities"):
        if type(entry[key]) is not list:
            raise Invalid(f"'{key}' must be a list of rows")
        for row in entry[key]:
            *normal, offset = rationals(row, f"a row of '{key}'", inputs + 1)
            rows.append([offset, *(-a for a in normal)])
    count = len(entry["inequalities"])
    if full and "interior" not in entry:
        raise Invalid("the notion full needs the polyhedron's point 'interior'")
    if "interior" in entry:
        point = [Fraction(1), *rationals(entry["interior"], "'interior'", inputs)]
        for number, row in enumerate(rows):
            slack = sum(a * x for a, x in zip(row, point, strict=True))
            if slack <= 0 if number < count else slack != 0:
                raise Invalid(f"the point 'interior' is not inside row {number} of the domain")
    slacks, denominator = over_common_denominator(rows)
    return Domain("polyhedron", denominator, slack=tuple(map(tuple, slacks)), inequalities=count)


def read_system(header: dict[str, Any]) -> System:
    """Read the header of a certificate that a linear system has no solution.

    Raises:
        Invalid: a missing or unknown key, a wrong type, ragged rows, an unknown relation.
    """
    expect_keys(header, "the header", {"format", "version", "claim", "system"})
    entry = expect_keys(header["system"], "'system'", {"rows", "relations"})
    rows, relations = entry["rows"], entry["relations"]
    if type(rows) is not list or type(relations) is not list or len(rows) != len(relations):
        raise Invalid("'rows' and 'relations' must be lists of one length")
    for relation in relations:
        if relation not in RELATIONS:
            raise Invalid(f"a relation is one of {', '.join(RELATIONS)}, not {shorten(relation)}")
    width = len(rows[0]) if rows and type(rows[0]) is list else 1
    numbers = [rationals(row, f"row {number}", width) for number, row in enumerate(rows)]
    if not width:
        raise Invalid("a row needs its right-hand side")
    integers, _ = over_common_denominator(numbers)
    return System(tuple(map(tuple, integers)), tuple(relations))
