"""What commands share: output files, JSON to a file or to standard output, numbers and affine maps as text."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

from exactrelu.checker.certificate import read_network
from exactrelu.checker.reading import Unreadable
from exactrelu.errors import InputError
from exactrelu.exact.rationals import format_rational
from exactrelu.io.files import read_bytes
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network

__all__ = ["approximate", "format_affine_map", "format_form", "provable_file", "require_writable", "write_json"]


def require_writable(target: str | None, option: str) -> None:
    """Refuse an output file that cannot be written, before any work is done; None and "-" are no files.

    Raises:
        InputError: the folder does not exist, or the path is a folder.
    """
    if target in (None, "-"):
        return
    path = Path(str(target))
    if path.is_dir():
        raise InputError(f"--{option}: {target} is a folder; name a file in it")
    if not path.resolve().parent.is_dir():
        raise InputError(f"--{option}: the folder {path.resolve().parent} does not exist")


def provable_file(path: Path, network: Network, lowered: Path) -> Path:
    """Return the file that a certificate speaks about: the network's own if the checker can read it.

    The checker reads chains of layers only.  Of any other graph the lowered network is written to `lowered`.
    """
    try:
        read_network(read_bytes(path))
    except Unreadable:
        lowered.write_text(write_network_json(network), encoding="utf-8")
        return lowered
    return path


def write_json(value: dict[str, Any] | list[Any], target: str) -> None:
    """Write JSON to a file, or to standard output for "-"."""
    text = json.dumps(value, indent=1) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="ascii")


def approximate(value: Fraction) -> str:
    """Write nine digits of a number, whatever its size.

    Example:
        >>> approximate(Fraction(1, 3)), approximate(Fraction(10) ** 400 / 3)
        ('0.333333333', '3.33333333E+399')
    """
    if value and not Fraction(1, 10**300) < abs(value) < 10**300:
        with localcontext(prec=9):
            return str(Decimal(value.numerator) / Decimal(value.denominator))
    return f"{float(value):.9g}"


def format_form(linear: Sequence[Fraction], offset: Fraction) -> str:
    """Write an affine form as text.

    Example:
        >>> format_form((Fraction(1), Fraction(0), Fraction(-3, 2)), Fraction(-1))
        'x0 - 3/2*x2 - 1'
    """
    terms = [(a, f"x{i}") for i, a in enumerate(linear) if a]
    parts: list[str] = []
    for coefficient, name in terms:
        size = abs(coefficient)
        parts.append(
            _signed(coefficient < 0, name if size == 1 else f"{format_rational(size)}*{name}", first=not parts)
        )
    if offset or not parts:
        parts.append(_signed(offset < 0, format_rational(abs(offset)), first=not parts))
    return "".join(parts)


def _signed(negative: bool, text: str, *, first: bool) -> str:
    if first:
        return f"-{text}" if negative else text
    return f" - {text}" if negative else f" + {text}"


def format_affine_map(affine: AffineMap) -> list[str]:
    """Write each output of an affine map as a line."""
    return [
        f"y{index} = {format_form(row, offset)}"
        for index, (row, offset) in enumerate(zip(affine.linear, affine.offset, strict=True))
    ]
