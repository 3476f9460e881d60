"""Domains of inputs as text: the command line's short forms, and the JSON of the certificate format.

    space              all of Q^d                      {"kind": "space"}
    box:-1:1           the same bounds everywhere
    box:0:1,-2:2       one pair for each coordinate    {"kind": "box", "lower": [0, -2], "upper": [1, 2]}
    simplex            x >= 0, sum x <= 1              {"kind": "simplex"}
    DOMAIN.json        a file with such an object, or  {"kind": "polyhedron", "inequalities": [[a_1, ..., a_d, b], ...],
                                                        "equalities": [...], "interior": [x_1, ..., x_d]}

A row means a · x <= b or a · x = b; of the two lists either may be left out, as may `interior`, a point that satisfies
the equalities, and the inequalities strictly.  Numbers are exact: integers or text such as -1/2, 0.1, 1e-3.

Not done here: emptiness and dimension of a polyhedron, which its own methods decide with evidence.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from exactrelu.errors import DomainError, FormatError, InputError
from exactrelu.exact.rationals import format_rational, parse_rational
from exactrelu.io.files import read_text
from exactrelu.io.strict_json import numbers, parse_object, require_keys, rows_of_numbers
from exactrelu.polyhedra.hpolyhedron import HPolyhedron

__all__ = ["parse_domain", "read_domain_json", "write_domain_json"]

_KEYS = {
    "space": ((), ()),
    "simplex": ((), ()),
    "box": (("lower", "upper"), ()),
    "polyhedron": ((), ("inequalities", "equalities", "interior")),
}


def parse_domain(text: str, dimension: int) -> HPolyhedron:
    """Return the domain that a command line names: space, simplex, box:..., or the path of a JSON file.

    Args:
        text: one of the forms above.
        dimension: d, the dimension of the network's input.

    Raises:
        DomainError: bounds or a file for another dimension, or a lower bound above its upper bound.
        InputError: the text has none of these forms, or a bound is no number.
        FormatError: the file cannot be read.

    Example:
        >>> parse_domain("box:-1/2:1,0:0.1", 2) == HPolyhedron.box(["-1/2", 0], [1, "1/10"])
        True
    """
    if text == "space":
        return HPolyhedron.space(dimension)
    if text == "simplex":
        return HPolyhedron.simplex(dimension)
    if text.startswith("box:"):
        pairs = [_bounds(pair, text) for pair in text.removeprefix("box:").split(",")]
        if len(pairs) == 1:
            pairs *= dimension
        return _box([low for low, _ in pairs], [high for _, high in pairs], dimension, f"the domain {text!r}")
    path = Path(text)
    if path.suffix.lower() != ".json" and not path.is_file():
        raise InputError(f"the domain {text!r} is neither space, simplex, box:LOW:HIGH[,LOW:HIGH...] nor a file")
    return read_domain_json(read_text(path), dimension, source=text)


def read_domain_json(text: str, dimension: int, *, source: str = "domain JSON") -> HPolyhedron:
    """Return the domain that a JSON object describes.

    Raises:
        FormatError: invalid JSON (with line and column), unknown kind, missing or unknown keys, JSON floats.
        DomainError: another dimension, a lower bound above its upper bound, or an `interior` that is not inside.

    Example:
        >>> read_domain_json('{"kind": "polyhedron", "inequalities": [["1/2", 1, 3]]}', 2).contains([2, 2])
        True
    """
    value = parse_object(text, source=source)
    kind = value.get("kind")
    if type(kind) is not str or kind not in _KEYS:
        raise FormatError(f"{source}: the key 'kind' must be one of {', '.join(_KEYS)}; found {kind!r}")
    required, optional = _KEYS[kind]
    require_keys(value, required=("kind", *required), optional=optional, source=source)
    for key in value:
        if key not in ("kind", *required, *optional):
            raise FormatError(f"{source}: the key {key!r} does not belong to a domain of kind {kind!r}")
    if kind == "space":
        return HPolyhedron.space(dimension)
    if kind == "simplex":
        return HPolyhedron.simplex(dimension)
    if kind == "box":
        lower, upper = numbers(value["lower"], f"{source}: lower"), numbers(value["upper"], f"{source}: upper")
        if len(lower) != len(upper):
            raise FormatError(f"{source}: lower has {len(lower)} entries, upper has {len(upper)}")
        return _box(lower, upper, dimension, source)
    return _polyhedron(value, dimension, source)


def write_domain_json(domain: HPolyhedron, *, interior: tuple[Fraction, ...] | None = None) -> str:
    """Return the domain as one line of JSON: space without rows, box if the rows say so, else polyhedron.

    Args:
        domain: what to write; reading the text gives the same set.
        interior: for a polyhedron, a point to state as its interior point.

    Example:
        >>> write_domain_json(HPolyhedron.box([0, "1/3"], [1, 2]))
        '{"kind": "box", "lower": ["0", "1/3"], "upper": ["1", "2"]}'
    """
    bounds = domain.box_bounds()
    value: dict[str, Any] = {"kind": "space"}
    if domain.system.rows and bounds:
        value = {"kind": "box", "lower": _texts(low for low, _ in bounds), "upper": _texts(up for _, up in bounds)}
    elif domain.system.rows:
        value = {"kind": "polyhedron"}
        for key, relation in (("inequalities", "<="), ("equalities", "==")):
            value[key] = [_texts((*a, b)) for a, sign, b in domain.system.rows if sign == relation]
        if interior is not None:
            value["interior"] = _texts(interior)
    return json.dumps(value)


def _bounds(pair: str, text: str) -> tuple[Fraction, Fraction]:
    """Read LOW:HIGH."""
    ends = pair.split(":")
    if len(ends) != 2:
        raise InputError(f"the domain {text!r} has the bounds {pair!r}; each must be LOW:HIGH, as in box:-1:1")
    try:
        return parse_rational(ends[0]), parse_rational(ends[1])
    except InputError as error:
        raise InputError(f"the domain {text!r}: {error}") from None


def _box(lower: list[Fraction], upper: list[Fraction], dimension: int, source: str) -> HPolyhedron:
    if len(lower) != dimension:
        raise DomainError(f"{source} has bounds for {len(lower)} coordinates; the network takes {dimension}")
    for j, (low, high) in enumerate(zip(lower, upper, strict=True)):
        if low > high:
            raise DomainError(f"{source}: the lower bound {low} of coordinate {j} exceeds the upper bound {high}")
    return HPolyhedron.box(lower, upper)


def _polyhedron(value: dict[str, Any], dimension: int, source: str) -> HPolyhedron:
    rows: list[tuple[list[Fraction], str, Fraction]] = []
    for key, relation in (("inequalities", "<="), ("equalities", "==")):
        for number, row in enumerate(rows_of_numbers(value.get(key, []), f"{source}: {key}")):
            if len(row) != dimension + 1:
                raise DomainError(
                    f"{source}: row {number} of {key} has {len(row)} entries; "
                    f"{dimension} coefficients and an offset are needed"
                )
            rows.append((row[:-1], relation, row[-1]))
    if "interior" in value:
        point = numbers(value["interior"], f"{source}: interior")
        if len(point) != dimension:
            raise DomainError(f"{source}: interior has {len(point)} coordinates; the network takes {dimension}")
        for normal, relation, offset in rows:
            reached = sum((a * x for a, x in zip(normal, point, strict=True)), Fraction(0))
            if reached > offset or (relation == "==") != (reached == offset):
                raise DomainError(
                    f"{source}: interior is not inside: a · x = {reached} where a · x {relation} {offset}"
                )
    return HPolyhedron.from_rows(rows, dimension=dimension)


def _texts(entries: Any) -> list[str]:
    return [format_rational(entry) for entry in entries]
