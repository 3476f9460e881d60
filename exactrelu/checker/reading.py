"""Reading text exactly: strict JSON, rationals, hexadecimal integers.

Everything that comes from a file passes through this module, and whatever is not exactly as
`docs/certificate-format.md` says is refused with one sentence: a JSON float, NaN, a key that occurs twice, an unknown
key, `True` where an integer is meant, `"0x1f"` or `"1_000"` where a plain number is meant.  Python's own readers are
more generous (`int("1_0", 16)` is 16, `json` keeps the last of two equal keys), hence the regular expressions.

Sizes are limited so that a short hostile file cannot ask for a gigantic number: `"1e999999999"` is eleven characters.

Not done here: what the numbers mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from fractions import Fraction
from math import lcm
from typing import Any, NoReturn

__all__ = [
    "Invalid",
    "Unreadable",
    "expect_keys",
    "hexadecimals",
    "matching_file",
    "natural",
    "over_common_denominator",
    "parse_json",
    "rational",
    "rationals",
    "shorten",
]

MAX_DECIMAL_CHARACTERS = 9000  # Python's own int() stops at 4300 digits, a fraction has two integers
MAX_EXPONENT = 10_000
MAX_HEX_DIGITS = 1 << 18
MAX_FILE = 1 << 30

_DECIMAL = re.compile(r"[-+]?(?:[0-9]+(?:/[0-9]+)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([-+]?[0-9]{1,5}))?)")
_HEXADECIMALS = re.compile(r"-?[0-9a-f]+(?:,-?[0-9a-f]+)*")


class Invalid(Exception):  # noqa: N818 - it names the verdict
    """The certificate does not prove its claim; the message is the reason."""


class Unreadable(Exception):  # noqa: N818 - it names the state of a file
    """A file cannot be opened, or a network file is none that this program reads; the message is the reason."""


def shorten(value: object) -> str:
    """Return a printable form of at most about 60 characters, for messages."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of {value.bit_length()} bits"
    text = repr(value[:60]) if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:50] + "..."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise Invalid(f"a key occurs twice among {shorten([key for key, _ in pairs])}")
    return entries


def _no_float(text: str) -> NoReturn:
    raise Invalid(f"the JSON float {shorten(text)} is not exact; write a string or an integer")


_DECODE = json.JSONDecoder(object_pairs_hook=_object, parse_float=_no_float, parse_constant=_no_float).decode


def parse_json(text: str) -> dict[str, Any]:
    """Read one JSON object without floats and without repeated keys.

    Raises:
        Invalid: anything else, with the place.

    >>> parse_json('{"c": "01", "w": ["2", "-1"]}')
    {'c': '01', 'w': ['2', '-1']}
    """
    try:
        value = _DECODE(text)
    except json.JSONDecodeError as error:
        raise Invalid(f"not JSON: {error.msg} at character {error.pos}") from None
    except (ValueError, RecursionError) as error:
        raise Invalid(f"not readable JSON: {str(error)[:80]}") from None
    if type(value) is not dict:
        raise Invalid(f"a JSON object is expected, not {shorten(value)}")
    return value


def expect_keys(entry: object, where: str, required: set[str], optional: set[str] | None = None) -> dict[str, Any]:
    """Return `entry` if it is a JSON object with just these keys, else raise Invalid."""
    if type(entry) is not dict:
        raise Invalid(f"{where} must be a JSON object, not {shorten(entry)}")
    missing = required - entry.keys()
    if missing:
        raise Invalid(f"{where} lacks the key {min(missing)!r}")
    unknown = entry.keys() - required - (optional or set())
    if unknown:
        raise Invalid(f"{where} has the unknown key {shorten(min(unknown))}")
    return entry


def natural(value: object, where: str) -> int:
    """Return `value` if it is a JSON integer >= 0, else raise Invalid."""
    if type(value) is not int or value < 0:
        raise Invalid(f"{where} must be an integer >= 0, not {shorten(value)}")
    return value


def rational(value: object, where: str) -> Fraction:
    """Read a rational: a JSON integer, or text such as "-3/4", "7", "0.125", "1e-5".

    Raises:
        Invalid: another type, another form, denominator zero, or too many digits.

    >>> rational("0.125", "here"), rational("-3/4", "here"), rational(7, "here")
    (Fraction(1, 8), Fraction(-3, 4), Fraction(7, 1))
    """
    if type(value) is int:
        return Fraction(value)
    if type(value) is not str:
        raise Invalid(f"{where}: a rational is a string or an integer, not {shorten(value)}")
    match = _DECIMAL.fullmatch(value.strip()) if len(value) <= MAX_DECIMAL_CHARACTERS else None
    if match is None or abs(int(match[1] or 0)) > MAX_EXPONENT:
        raise Invalid(f"{where}: {shorten(value)} is not a rational number (or longer than any sensible one)")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise Invalid(f"{where}: {shorten(value)} is not a rational number") from None


def rationals(values: object, where: str, count: int) -> list[Fraction]:
    """Read a list of exactly `count` rationals."""
    if type(values) is not list or len(values) != count:
        raise Invalid(f"{where} must be a list of {shorten(count)} rationals")
    return [rational(value, where) for value in values]


def over_common_denominator(rows: list[list[Fraction]]) -> tuple[list[list[int]], int]:
    """Return integer rows and one positive denominator such that `rows = integers / denominator`.

    >>> over_common_denominator([[Fraction(1, 2)], [Fraction(-1, 3)]])
    ([[3], [-2]], 6)
    """
    denominator = lcm(*(value.denominator for row in rows for value in row))
    return [[value.numerator * (denominator // value.denominator) for value in row] for row in rows], denominator


def hexadecimals(texts: list[Any]) -> list[int]:
    """Read hexadecimal integers: lower case, no prefix, "-" allowed.

    >>> hexadecimals(["1f", "-a0"])
    [31, -160]
    """
    if not texts:
        return []
    try:
        # One match for the whole list is quicker than one for each; a comma inside an element fails in int() below.
        joined = ",".join(texts)
        if _HEXADECIMALS.fullmatch(joined):
            if len(joined) > MAX_HEX_DIGITS and max(map(len, texts)) > MAX_HEX_DIGITS:
                raise Invalid(f"a number has more than {MAX_HEX_DIGITS} hexadecimal digits")
            return [int(text, 16) for text in texts]
    except (TypeError, ValueError):
        pass
    raise Invalid(f"hexadecimal integers are strings such as '1f' or '-a0'; found {shorten(texts)}")


def matching_file(path: str | os.PathLike[str], sha256: object, what: str) -> bytes:
    """Return the bytes of the file that a certificate is about; what is hashed is what is read.

    Raises:
        Unreadable: it cannot be read, or is larger than any sensible file.
        Invalid: its SHA-256 sum is another.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise Unreadable(f"cannot read {shorten(os.fspath(path))}: {error}") from None
    if len(data) > MAX_FILE:
        raise Unreadable(f"the {what} file is larger than {MAX_FILE} bytes")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Invalid(f"the certificate is about another {what} file: the SHA-256 sums differ")
    return data
