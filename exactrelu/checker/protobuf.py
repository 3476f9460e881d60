"""Just enough of the protocol-buffer wire format to read the ONNX messages of a chain.

A message is a sequence of fields: a varint key (field number times 8 plus wire type), then a varint (type 0), eight
bytes (1), a varint length and that many bytes (2), or four bytes (5).  `fields` cuts a message into a dictionary from
field number to the list of its occurrences; a nested message is one occurrence, still bytes.

Stricter than the format: where protocol buffers merge or override, `single` refuses a second occurrence, so that no
other reader of the same bytes can see another network.  Groups (wire types 3 and 4) are refused.
"""

from __future__ import annotations

import struct

from .reading import Unreadable

__all__ = [
    "Message",
    "chunks",
    "fields",
    "floats",
    "integer",
    "integers",
    "message",
    "single",
    "text",
    "texts",
    "unpack_floats",
]

Value = int | bytes
Message = dict[int, list[tuple[int, Value]]]


def fields(data: bytes, where: str) -> Message:
    """Cut a message into its fields.

    Raises:
        Unreadable: truncated, or no protocol buffer.

    >>> fields(bytes([8, 3, 18, 2, 104, 105]), "here")
    {1: [(0, 3)], 2: [(2, b'hi')]}
    """
    result: Message = {}
    position = 0
    while position < len(data):
        key, position = _varint(data, position, where)
        kind, value = key & 7, 0
        if kind == 0:
            value, position = _varint(data, position, where)
            result.setdefault(key >> 3, []).append((0, value))
            continue
        if kind == 2:
            length, position = _varint(data, position, where)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise Unreadable(f"{where}: not an ONNX file (wire type {kind})")
        if position + length > len(data):
            raise Unreadable(f"{where}: the file is truncated or no ONNX file")
        result.setdefault(key >> 3, []).append((kind, data[position : position + length]))
        position += length
    return result


def _varint(data: bytes, position: int, where: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & ((1 << 64) - 1), position
    raise Unreadable(f"{where}: the file is truncated or no ONNX file")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def single(parts: Message, number: int, kind: int, where: str) -> Value | None:
    """Return the one occurrence of a field, None if there is none."""
    found = parts.get(number, [])
    if len(found) > 1 or any(k != kind for k, _ in found):
        raise Unreadable(f"{where}: field {number} occurs twice or has a wrong type")
    return found[0][1] if found else None


def integer(parts: Message, number: int, where: str) -> int:
    """Return a signed 64-bit field, 0 if absent."""
    value = single(parts, number, 0, where)
    return _signed(value) if isinstance(value, int) else 0


def text(parts: Message, number: int, where: str) -> str:
    """Return a string field, "" if absent."""
    return texts({number: [(2, single(parts, number, 2, where) or b"")]}, number, where)[0]


def texts(parts: Message, number: int, where: str) -> list[str]:
    """Return a repeated string field."""
    try:
        return [value.decode("utf-8") for value in chunks(parts, number, where)]
    except UnicodeDecodeError:
        raise Unreadable(f"{where}: a name is not UTF-8 text") from None


def chunks(parts: Message, number: int, where: str) -> list[bytes]:
    """Return all occurrences of a length-delimited field."""
    found = [value for _, value in parts.get(number, []) if isinstance(value, bytes)]
    if len(found) != len(parts.get(number, [])) or any(kind != 2 for kind, _ in parts.get(number, [])):
        raise Unreadable(f"{where}: field {number} has a wrong type")
    return found


def message(parts: Message, number: int, where: str) -> Message | None:
    """Return a nested message that occurs at most once."""
    value = single(parts, number, 2, where)
    return fields(value, where) if isinstance(value, bytes) else None


def integers(parts: Message, number: int, where: str) -> list[int]:
    """Return a repeated 64-bit integer field, packed or not."""
    result = []
    for _, value in parts.get(number, []):
        if isinstance(value, int):
            result.append(_signed(value))
            continue
        position = 0
        while position < len(value):
            number_, position = _varint(value, position, where)
            result.append(_signed(number_))
    return result


def floats(parts: Message, number: int, code: str, where: str) -> list[float]:
    """Return a repeated float (code "f") or double (code "d") field, packed or not."""
    data = b"".join(value for _, value in parts.get(number, []) if isinstance(value, bytes))
    return unpack_floats(data, code, where)


def unpack_floats(data: bytes, code: str, where: str) -> list[float]:
    """Read little-endian IEEE numbers; Python's floats are doubles, so float32 values stay exact."""
    size = struct.calcsize("<" + code)
    if len(data) % size:
        raise Unreadable(f"{where}: {len(data)} bytes are no whole number of entries of {size} bytes")
    return list(struct.unpack(f"<{len(data) // size}{code}", data))
