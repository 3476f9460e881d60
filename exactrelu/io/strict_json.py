"""JSON read strictly: no duplicate keys, no binary floats, every error with its place.

The usual reader turns 0.1 into a binary float, keeps the last of two equal keys and accepts NaN.  Here a JSON number
with a point or an exponent becomes an `InexactLiteral`, which `number` refuses with the remedy (quote it); duplicate
keys and NaN are errors.  Integers and quoted numbers of any length are exact.

Not done here: what the keys mean (`json_format`, `domains`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from exactrelu.errors import FormatError, InputError
from exactrelu.exact.rationals import parse_rational

__all__ = ["InexactLiteral", "number", "numbers", "parse_object", "require_keys", "rows_of_numbers"]


class InexactLiteral(str):
    """The text of a JSON number with a point or an exponent, or of NaN or an infinity."""

    __slots__ = ()


def parse_object(text: str, *, source: str) -> dict[str, Any]:
    """Return the JSON object in `text`; floats inside are `InexactLiteral`.

    Raises:
        FormatError: invalid JSON (with line and column), a duplicate key, or something else than an object.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(pairs)
        if len(seen) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise FormatError(f"{source}: the key {twice!r} occurs twice in one object; keep one of them")
        return seen

    try:
        value = json.loads(
            text,
            object_pairs_hook=unique,
            parse_int=_whole,
            parse_float=InexactLiteral,
            parse_constant=InexactLiteral,
        )
    except json.JSONDecodeError as error:
        raise FormatError(f"{source}, line {error.lineno}, column {error.colno}: invalid JSON: {error.msg}") from None
    except RecursionError:
        raise FormatError(f"{source}: the brackets are nested too deeply") from None
    if not isinstance(value, dict):
        raise FormatError(f"{source}: a JSON object {{...}} is expected, not {_kind(value)}")
    return value


def require_keys(value: dict[str, Any], *, required: Collection[str], optional: Collection[str], source: str) -> None:
    """Check that the required keys are there, and that no other key is a misspelling of a known one.

    Raises:
        FormatError: a required key is missing, or a key looks like a known one but is not.
    """
    known = [*required, *optional]
    for key in value:
        close = [] if key in known else get_close_matches(key.lower(), known, n=1, cutoff=0.8)
        if close:
            raise FormatError(f"{source}: unknown key {key!r}; did you mean {close[0]!r}?")
    for key in required:
        if key not in value:
            raise FormatError(f"{source}: the key {key!r} is missing; found {sorted(value)}")


def number(value: Any, place: str) -> Fraction:
    """Return a quoted number or a JSON integer exactly; `place` says in messages where it stands.

    Raises:
        FormatError: a JSON float, NaN, a Boolean, text that is no number, or another kind of value.
    """
    if type(value) is int:
        return Fraction(value)
    if isinstance(value, InexactLiteral):
        if value.lstrip("-") in ("NaN", "Infinity"):
            raise FormatError(f"{place} is {value}; a finite number is needed")
        raise FormatError(f'{place} is the JSON number {value}; quote it to be exact: "{value}"')
    if isinstance(value, str):
        try:
            return parse_rational(value)
        except InputError as error:
            raise FormatError(f"{place}: {error}") from None
    raise FormatError(f"{place} must be an integer or a quoted number, not {_kind(value)}")


def numbers(value: Any, place: str) -> list[Fraction]:
    """Return a list of numbers exactly; FormatError as `number`, or if it is no list."""
    return [number(entry, f"{place}[{k}]") for k, entry in enumerate(_list(value, place))]


def rows_of_numbers(value: Any, place: str) -> list[list[Fraction]]:
    """Return a list of lists of numbers; FormatError as `numbers`, or if the lists differ in length."""
    rows = [numbers(row, f"{place}[{i}]") for i, row in enumerate(_list(value, place))]
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise FormatError(f"{place}: row {i} has {len(row)} entries, but row 0 has {len(rows[0])}")
    return rows


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise FormatError(f"{place} must be a list [...], not {_kind(value)}")
    return value


def _whole(digits: str) -> int:
    """An integer of any length (Python's own int() refuses more than 4300 digits)."""
    return int(parse_rational(digits))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a Boolean"
    if isinstance(value, InexactLiteral | int):
        return f"the number {value}"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"
