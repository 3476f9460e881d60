"""What commands share: JSON to a file or to standard output, numbers and affine maps as text."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from exactrelu.networks.affine import AffineMap

__all__ = ["format_affine_map", "format_form", "write_json"]


def write_json(value: dict[str, Any] | list[Any], target: str) -> None:
    """Write JSON to a file, or to standard output for "-"."""
    text = json.dumps(value, indent=1) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="ascii")


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
        parts.append(_signed(coefficient < 0, name if size == 1 else f"{size}*{name}", first=not parts))
    if offset or not parts:
        parts.append(_signed(offset < 0, str(abs(offset)), first=not parts))
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
