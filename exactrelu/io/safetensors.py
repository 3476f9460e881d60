"""The file format `safetensors`: named arrays of numbers, read exactly and without its package.

Eight bytes (little-endian) give the length of a JSON header, which says for each name the element type, the shape and
the place of its bytes behind the header.  F64, F32, F16 and the integers become NumPy arrays of the same type; BF16,
which NumPy lacks, becomes float32, whose upper half it is.  All of these conversions are exact.

As the format demands, the arrays must fill the rest of the file without gaps or overlaps; so no bytes are hidden in a
file and no two names share some.  Source: https://github.com/huggingface/safetensors, section Format.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import FormatError
from exactrelu.io.strict_json import parse_object

__all__ = ["read_safetensors"]

_LONGEST_HEADER = 100_000_000
_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_INTEGERS = {f"{sign}{8 * n}": f"<{letter}{n}" for sign, letter in (("I", "i"), ("U", "u")) for n in (1, 2, 4, 8)}
_TYPES = {**_FLOATS, **_INTEGERS, "BOOL": "?"}


def read_safetensors(data: bytes, *, source: str = "safetensors file") -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file by name, in the order of their bytes.

    Raises:
        FormatError: truncated or damaged, an element type that is not supported, arrays that leave gaps or overlap.

    Example:
        >>> header = b'{"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}'
        >>> read_safetensors(len(header).to_bytes(8, "little") + header + bytes.fromhex("803f00c0"))
        {'a': array([ 1., -2.], dtype=float32)}
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_LONGEST_HEADER, len(data) - 8):
        raise FormatError(f"{source}: no safetensors file, or a truncated one")
    try:
        text = data[8 : 8 + length].decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError(f"{source}: the header is not UTF-8 text") from None
    header = parse_object(text, source=f"{source}, header")
    header.pop("__metadata__", None)
    body = data[8 + length :]
    entries = sorted((_entry(name, value, source) for name, value in header.items()), key=lambda entry: entry[3:])
    arrays = {}
    end = 0
    for name, kind, shape, start, stop in entries:
        size = prod(shape) * np.dtype(_TYPES[kind]).itemsize
        if start != end or stop - start != size or stop > len(body):
            raise FormatError(
                f"{source}: {name!r} of shape {list(shape)} lies at bytes {start} to {stop}, which does not fit"
            )
        end = stop
        array: npt.NDArray[Any] = np.frombuffer(body[start:stop], dtype=_TYPES[kind]).reshape(shape)
        if kind == "BF16":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = array
    if end != len(body):
        raise FormatError(f"{source}: {len(body) - end} bytes at the end belong to no array")
    return arrays


def _entry(name: str, value: Any, source: str) -> tuple[str, str, tuple[int, ...], int, int]:
    """Name, element type, shape, start and end of an array."""
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise FormatError(f"{source}: {name!r} needs dtype, shape and data_offsets")
    kind, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if kind not in _TYPES:
        raise FormatError(f"{source}: {name!r} has element type {kind}; supported are {', '.join(_TYPES)}")
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or any(type(n) is not int or n < 0 for n in numbers):
            raise FormatError(f"{source}: shape and data_offsets of {name!r} must be lists of natural numbers")
    if len(offsets) != 2:
        raise FormatError(f"{source}: data_offsets of {name!r} must be a start and an end")
    return name, kind, tuple(shape), offsets[0], offsets[1]
