"""The parts of an ONNX graph: constants as integers over one denominator, nodes with their attributes, the input.

Initialisers are float32, float64, int32 or int64 and mean exactly their binary value; NaN and infinities are refused,
and so is whatever two readers might see differently: data given twice, outside the file or in segments, an attribute
or a name that occurs twice.

Neighbours: `protobuf` cuts the bytes, `onnx_chain` gives the nodes their meaning.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod

from . import protobuf
from .protobuf import Message
from .reading import Unreadable, shorten

__all__ = ["Node", "Tensor", "read_node", "read_tensor", "true_input"]

FLOAT32, INT32, INT64, FLOAT64 = 1, 6, 7, 11
TYPED_FIELD = {FLOAT32: 4, INT32: 5, INT64: 7, FLOAT64: 10}
CODE = {FLOAT32: "f", INT32: "i", INT64: "q", FLOAT64: "d"}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant: entries `values / denominator` in row-major order."""

    shape: tuple[int, ...]
    values: list[int]
    denominator: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the graph."""

    operator: str
    label: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Message]

    def allow(self, *names: str) -> None:
        """Refuse attributes other than these."""
        for name in self.attributes:
            if name not in names:
                raise Unreadable(f"{self.label}: the attribute {name!r} is not supported")

    def scalar(self, name: str, default: tuple[int, int] = (1, 1)) -> tuple[int, int]:
        """Return a float attribute as numerator and denominator."""
        if name not in self.attributes:
            return default
        raw = protobuf.single(self.attributes[name], 2, 5, self.label)
        values = [struct.unpack("<f", raw)[0]] if isinstance(raw, bytes) else [0.0]
        tensor = _dyadic((1,), values, f"{self.label}, {name}")
        return tensor.values[0], tensor.denominator

    def integer(self, name: str, default: int) -> int:
        """Return an integer attribute."""
        return protobuf.integer(self.attributes[name], 3, self.label) if name in self.attributes else default

    def integers(self, name: str, default: list[int]) -> list[int]:
        """Return an attribute that is a list of integers."""
        return protobuf.integers(self.attributes[name], 8, self.label) if name in self.attributes else default

    def text(self, name: str, default: str) -> str:
        """Return a text attribute."""
        return protobuf.text(self.attributes[name], 4, self.label) if name in self.attributes else default


def true_input(graph: Message, constants: dict[str, Tensor]) -> tuple[str, tuple[int, ...]]:
    """Return name and shape of the one input that is no initialiser."""
    found = []
    for chunk in protobuf.chunks(graph, 11, "ONNX graph"):
        parts = protobuf.fields(chunk, "input")
        if protobuf.text(parts, 1, "input") not in constants:
            found.append(parts)
    if len(found) != 1:
        raise Unreadable(f"the graph has {len(found)} inputs that are no initialisers; one is expected")
    name = protobuf.text(found[0], 1, "input")
    kind = protobuf.message(found[0], 2, name) or {}
    tensor_type = protobuf.message(kind, 1, name) or {}
    shape_message = protobuf.message(tensor_type, 2, name)
    if shape_message is None:
        raise Unreadable(f"the input {name!r} has no shape")
    dimensions = protobuf.chunks(shape_message, 1, name)
    shape = []
    for axis, chunk in enumerate(dimensions):
        size = protobuf.integer(protobuf.fields(chunk, name), 1, name)
        if size < 1 and (axis or len(dimensions) < 2):
            raise Unreadable(f"the input {name!r} has no fixed size along axis {axis}")
        shape.append(max(size, 1))
    if prod(shape) > 1 << 24:
        raise Unreadable(f"the input {name!r} is too large: {shape}")
    return name, tuple(shape)


def read_node(parts: Message) -> Node:
    """Return a node of the graph."""
    operator = protobuf.text(parts, 4, "node")
    label = f"node {shorten(protobuf.text(parts, 3, 'node') or operator)} ({shorten(operator)[1:-1]})"
    if protobuf.text(parts, 7, label) not in ("", "ai.onnx"):
        raise Unreadable(f"{label}: operators of other domains are not supported")
    attributes: dict[str, Message] = {}
    for chunk in protobuf.chunks(parts, 5, label):
        attribute = protobuf.fields(chunk, label)
        name = protobuf.text(attribute, 1, label)
        if name in attributes:
            raise Unreadable(f"{label}: the attribute {name!r} occurs twice")
        attributes[name] = attribute
    inputs = protobuf.texts(parts, 1, label)
    while inputs and not inputs[-1]:  # an empty name is an optional operand left out
        inputs.pop()
    return Node(operator, label, inputs, protobuf.texts(parts, 2, label), attributes)


def read_tensor(parts: Message, where: str = "") -> tuple[str, Tensor]:
    """Return the name of a constant, and the constant."""
    name = protobuf.text(parts, 8, "initialiser")
    where = where or f"initialiser {name!r}"
    shape, kind = tuple(protobuf.integers(parts, 1, where)), protobuf.integer(parts, 2, where)
    if parts.keys() & {3, 13} or protobuf.integer(parts, 14, where):
        raise Unreadable(f"{where}: segmented or external data are not supported")
    raw = protobuf.single(parts, 9, 2, where)
    if kind not in CODE:
        raise Unreadable(f"{where}: element type {kind} is not supported; float32, float64, int32 or int64 is expected")
    typed, code = TYPED_FIELD[kind], CODE[kind]
    if raw is not None and parts.keys() & {4, 5, 6, 7, 10, 11}:
        raise Unreadable(f"{where}: the data are given twice")
    if min(shape, default=1) < 0:
        raise Unreadable(f"{where}: a dimension is negative")
    if kind in (INT32, INT64):
        values = protobuf.integers(parts, typed, where)
        if isinstance(raw, bytes):
            if len(raw) % struct.calcsize("<" + code):
                raise Unreadable(f"{where}: {len(raw)} bytes are no whole number of entries")
            values = list(struct.unpack(f"<{len(raw) // struct.calcsize('<' + code)}{code}", raw))
        tensor = Tensor(shape, values)
    else:
        entries = (
            protobuf.unpack_floats(raw, code, where)
            if isinstance(raw, bytes)
            else protobuf.floats(parts, typed, code, where)
        )
        tensor = _dyadic(shape, entries, where)
    if len(tensor.values) != prod(shape):
        raise Unreadable(f"{where}: {len(tensor.values)} entries for the shape {list(shape)}")
    return name, tensor


def _dyadic(shape: tuple[int, ...], entries: list[float], where: str) -> Tensor:
    """Bring IEEE numbers to integers over one power of two; as_integer_ratio is exact."""
    try:
        ratios = [entry.as_integer_ratio() for entry in entries]
    except (ValueError, OverflowError):
        raise Unreadable(f"{where}: NaN or an infinite number") from None
    common = max((denominator for _, denominator in ratios), default=1)  # all are powers of two
    return Tensor(shape, [n * (common // d) for n, d in ratios], common)
