"""The reader of ONNX files whose graph is a chain of affine operators and rectifiers.

Accepted: `MatMul` and `Gemm` with one constant operand, `Add` and `Sub` with one constant, `Flatten`, `Reshape`,
`Identity`, `Constant`, `Relu`; each node takes what its predecessor gave, from the one true input (a graph input that
is no initialiser) to the one output.  Initialisers are float32 or float64 and mean exactly their binary value; NaN
and infinities are refused.  The value that runs through the chain is kept as an affine map of the last rectifier's
outputs, in integers over a power of two, together with its shape: a reshape changes only the shape, for it keeps the
row-major order.  A symbolic first dimension (the batch) counts as 1.

Everything else is refused with the node's name: a second use of an earlier value, another operator or domain, an
unknown attribute, an operator that would copy the value (broadcasting upwards), sparse or external data.

Cost: merging two affine operators costs one multiplication for each pair of nonzero weights that meet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from . import protobuf
from .network import Layer, Network
from .protobuf import Message
from .reading import Unreadable, shorten

__all__ = ["read_onnx_chain"]

FLOAT32, INT64, FLOAT64 = 1, 7, 11


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant: entries `values / 2**shift` in row-major order."""

    shape: tuple[int, ...]
    values: list[int]
    shift: int = 0


@dataclass(slots=True)
class Chain:
    """The value at the current end of the chain, as an affine map of the last rectifier's outputs.

    Entry `i` is `(sum_j rows[i][j] h_j + bias[i]) / 2**shift`.
    """

    name: str
    shape: tuple[int, ...]
    rows: list[dict[int, int]]
    bias: list[int]
    shift: int
    layers: tuple[Layer, ...] = ()

    def close_layer(self, width: int, hidden: bool) -> None:
        """Append the affine map as a layer, and make its outputs the new variables; `width` counts the old ones."""
        weights = tuple(tuple(row.get(j, 0) for j in range(width)) for row in self.rows)
        slopes = ((0, 1),) * len(weights) if hidden else ()
        self.layers += (Layer(weights, tuple(self.bias), 1 << self.shift, slopes).reduced(),)
        self.rows, self.bias, self.shift = [{i: 1} for i in range(len(weights))], [0] * len(weights), 0

    def combine(self, matrix: list[dict[int, int]], shift: int) -> None:
        """Replace the value v by M v with M = matrix / 2**shift."""
        rows, bias = [], []
        for weights in matrix:
            row: dict[int, int] = {}
            for k, weight in weights.items():
                for j, entry in self.rows[k].items():
                    row[j] = row.get(j, 0) + weight * entry
            rows.append(row)
            bias.append(sum(weight * self.bias[k] for k, weight in weights.items()))
        self.rows, self.bias, self.shift = rows, bias, self.shift + shift

    def translate(self, values: list[int], shift: int, sign: int = 1) -> None:
        """Replace the value v by v + sign * values / 2**shift."""
        common = max(self.shift, shift)
        up, sign = common - self.shift, sign << (common - shift)
        if up:
            self.rows = [{j: entry << up for j, entry in row.items()} for row in self.rows]
        self.bias = [(b << up) + sign * value for b, value in zip(self.bias, values, strict=True)]
        self.shift = common


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

    def scalar(self, name: str) -> tuple[int, int]:
        """Return a float attribute (1 if absent) as numerator and power-of-two exponent."""
        if name not in self.attributes:
            return 1, 0
        raw = protobuf.single(self.attributes[name], 2, 5, self.label)
        values = [struct.unpack("<f", raw)[0]] if isinstance(raw, bytes) else [0.0]
        tensor = _dyadic((1,), values, f"{self.label}, {name}")
        return tensor.values[0], tensor.shift

    def integer(self, name: str, default: int) -> int:
        """Return an integer attribute."""
        return protobuf.integer(self.attributes[name], 3, self.label) if name in self.attributes else default


def read_onnx_chain(data: bytes) -> Network:
    """Read a network from the bytes of an ONNX file.

    Raises:
        Unreadable: no ONNX file, or a graph that is no chain of the accepted operators; the message names the node.
    """
    model = protobuf.fields(data, "ONNX model")
    graph = protobuf.message(model, 7, "ONNX graph")
    if graph is None:
        raise Unreadable("neither a network JSON object nor an ONNX model")
    if 25 in model or 15 in graph:
        raise Unreadable("ONNX functions and sparse initialisers are not supported")
    constants: dict[str, Tensor] = {}
    for chunk in protobuf.chunks(graph, 5, "ONNX graph"):
        name, tensor = _tensor(protobuf.fields(chunk, "initialiser"))
        if name in constants:
            raise Unreadable(f"initialiser {name!r} occurs twice")
        constants[name] = tensor
    name, shape = _true_input(graph, constants)
    size = prod(shape)
    chain = Chain(name, shape, [{i: 1} for i in range(size)], [0] * size, 0)
    width, seen = size, {*constants, name}
    for chunk in protobuf.chunks(graph, 1, "ONNX graph"):
        node = _node(protobuf.fields(chunk, "node"))
        if len(node.outputs) != 1 or node.outputs[0] in seen:
            raise Unreadable(f"{node.label}: one new output is expected")
        seen.add(node.outputs[0])
        if node.operator == "Constant" or (node.operator == "Identity" and all(i in constants for i in node.inputs)):
            constants[node.outputs[0]] = _constant(node, constants)
            continue
        if node.inputs.count(chain.name) != 1 or any(i not in constants for i in node.inputs if i != chain.name):
            raise Unreadable(f"{node.label}: not a chain; one operand must be {chain.name!r}, the others constants")
        operands = [constants.get(i) for i in node.inputs]
        if node.operator == "Relu":
            node.allow()
            chain.close_layer(width, hidden=True)
            width = len(chain.bias)
        elif node.operator in _APPLY:
            _APPLY[node.operator](node, operands, chain)
        else:
            raise Unreadable(
                f"{node.label}: the operator is not one of {', '.join(sorted([*_APPLY, 'Relu', 'Constant']))}"
            )
        chain.name = node.outputs[0]
    outputs = [
        protobuf.text(protobuf.fields(c, "output"), 1, "output") for c in protobuf.chunks(graph, 12, "ONNX graph")
    ]
    if outputs != [chain.name]:
        raise Unreadable(f"the graph's output is not the end of the chain, {chain.name!r}")
    chain.close_layer(width, hidden=False)
    return Network(chain.layers)


def _true_input(graph: Message, constants: dict[str, Tensor]) -> tuple[str, tuple[int, ...]]:
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


def _node(parts: Message) -> Node:
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


def _tensor(parts: Message, where: str = "") -> tuple[str, Tensor]:
    name = protobuf.text(parts, 8, "initialiser")
    where = where or f"initialiser {name!r}"
    shape, kind = tuple(protobuf.integers(parts, 1, where)), protobuf.integer(parts, 2, where)
    if parts.keys() & {3, 13} or protobuf.integer(parts, 14, where):
        raise Unreadable(f"{where}: segmented or external data are not supported")
    raw = protobuf.single(parts, 9, 2, where)
    typed = {FLOAT32: 4, INT64: 7, FLOAT64: 10}.get(kind)
    if typed is None:
        raise Unreadable(f"{where}: element type {kind} is not supported; float32, float64 or int64 is expected")
    if raw is not None and parts.keys() & {4, 5, 6, 7, 10, 11}:
        raise Unreadable(f"{where}: the data are given twice")
    if min(shape, default=1) < 0:
        raise Unreadable(f"{where}: a dimension is negative")
    if kind == INT64:
        if isinstance(raw, bytes) and len(raw) % 8 == 0:
            values = list(struct.unpack(f"<{len(raw) // 8}q", raw))
        else:
            values = protobuf.integers(parts, typed, where)
        tensor = Tensor(shape, values)
    else:
        code = "f" if kind == FLOAT32 else "d"
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
    shift = max((denominator.bit_length() - 1 for _, denominator in ratios), default=0)
    return Tensor(shape, [n << (shift - d.bit_length() + 1) for n, d in ratios], shift)


def _constant(node: Node, constants: dict[str, Tensor]) -> Tensor:
    if node.operator == "Identity" and len(node.inputs) == 1:
        return constants[node.inputs[0]]
    node.allow("value")
    content = protobuf.message(node.attributes.get("value", {}), 5, node.label)
    if node.inputs or content is None:
        raise Unreadable(f"{node.label}: a tensor attribute 'value' is expected")
    return _tensor(content, node.label)[1]


def _broadcast(tensor: Tensor, shape: tuple[int, ...], node: Node) -> tuple[list[int], tuple[int, ...]]:
    """Entries of a constant spread over `shape`, and the result's shape, which must have as many entries."""
    rank = max(len(shape), len(tensor.shape))
    left = (1,) * (rank - len(tensor.shape)) + tensor.shape
    right = (1,) * (rank - len(shape)) + shape
    if any(a != b and a != 1 for a, b in zip(left, right, strict=True)):
        raise Unreadable(f"{node.label}: the shapes {list(tensor.shape)} and {list(shape)} do not fit")
    strides = [0 if left[axis] == 1 else prod(left[axis + 1 :]) for axis in range(rank)]
    places: Iterator[tuple[int, ...]] = product(*map(range, right))
    return [tensor.values[sum(map(int.__mul__, place, strides))] for place in places], right


def _add(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow()
    if len(operands) != 2:
        raise Unreadable(f"{node.label}: two operands are expected")
    left, right = operands
    constant = right if left is None else left
    if constant is None:
        raise Unreadable(f"{node.label}: one operand must be a constant")
    values, chain.shape = _broadcast(constant, chain.shape, node)
    subtract = node.operator == "Sub"
    if subtract and left is not None:
        chain.combine([{i: -1} for i in range(len(values))], 0)
    chain.translate(values, constant.shift, -1 if subtract and left is None else 1)


def _matmul(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow()
    if len(operands) != 2:
        raise Unreadable(f"{node.label}: two operands are expected")
    left, right = operands
    size = len(chain.bias)
    if left is None and right is not None and len(right.shape) == 2 and chain.shape[-1:] == (size,) == right.shape[:1]:
        columns = right.shape[1]
        chain.combine([_sparse(right.values[k::columns]) for k in range(columns)], right.shift)
        chain.shape = (*chain.shape[:-1], columns)
        return
    if left is not None and right is None and len(left.shape) == 2 and left.shape[1] == size:
        column = chain.shape[-2:] == (size, 1)
        if chain.shape == (size,) or column:
            chain.combine([_sparse(left.values[k * size : (k + 1) * size]) for k in range(left.shape[0])], left.shift)
            chain.shape = (*chain.shape[:-2], left.shape[0], 1) if column else (left.shape[0],)
            return
    shapes = [list(chain.shape if tensor is None else tensor.shape) for tensor in operands]
    raise Unreadable(f"{node.label}: no matrix times one vector; the shapes are {shapes[0]} and {shapes[1]}")


def _gemm(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow("alpha", "beta", "transA", "transB")
    if len(operands) not in (2, 3) or (len(operands) == 3 and operands[2] is None):
        raise Unreadable(f"{node.label}: two operands and perhaps a constant third are expected")
    turned = [bool(node.integer("transA", 0)), bool(node.integer("transB", 0))]
    shapes = [chain.shape if tensor is None else tensor.shape for tensor in operands[:2]]
    if any(len(shape) != 2 for shape in shapes):
        raise Unreadable(f"{node.label}: two matrices are expected, not shapes {[list(shape) for shape in shapes]}")
    (rows, inner), (inner_, columns) = (s[::-1] if t else s for s, t in zip(shapes, turned, strict=True))
    constant = operands[1] if operands[0] is None else operands[0]
    value_on_left = operands[0] is None
    if inner != inner_ or (rows if value_on_left else columns) != 1 or constant is None:
        raise Unreadable(f"{node.label}: no matrix times one vector; the shapes are {[list(s) for s in shapes]}")
    # The matrix that maps the value to the result is the constant, transposed when it stands on the right.
    width = constant.shape[1]
    by_columns = turned[0] if not value_on_left else not turned[1]
    count = constant.shape[1 if by_columns else 0]
    alpha, alpha_shift = node.scalar("alpha")
    matrix = [
        _sparse(constant.values[k::width] if by_columns else constant.values[k * width : (k + 1) * width], alpha)
        for k in range(count)
    ]
    chain.combine(matrix, constant.shift + alpha_shift)
    chain.shape = (rows, columns)
    if len(operands) == 3 and operands[2] is not None:
        values, shape = _broadcast(operands[2], chain.shape, node)
        if shape != chain.shape:
            raise Unreadable(f"{node.label}: the third operand has the shape {list(operands[2].shape)}")
        beta, beta_shift = node.scalar("beta")
        chain.translate([beta * value for value in values], operands[2].shift + beta_shift)


def _sparse(values: list[int], factor: int = 1) -> dict[int, int]:
    return {k: factor * value for k, value in enumerate(values) if value}


def _flatten(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow("axis")
    axis, rank = node.integer("axis", 1), len(chain.shape)
    if len(operands) != 1 or not -rank <= axis <= rank:
        raise Unreadable(f"{node.label}: axis {axis} does not fit the shape {list(chain.shape)}")
    axis += rank if axis < 0 else 0
    chain.shape = (prod(chain.shape[:axis]), prod(chain.shape[axis:]))


def _reshape(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow("allowzero")
    target = operands[1] if len(operands) == 2 and operands[0] is None else None
    if target is None or target.shift or len(target.shape) != 1:
        raise Unreadable(f"{node.label}: the value and a constant list of integers are expected")
    shape = list(target.values)
    if not node.integer("allowzero", 0):
        shape = [chain.shape[k] if not n and k < len(chain.shape) else n for k, n in enumerate(shape)]
    if shape.count(-1) == 1:
        hole = shape.index(-1)
        shape[hole] = len(chain.bias) // max(1, prod(shape[:hole] + shape[hole + 1 :]))
    if prod(shape) != len(chain.bias) or min(shape, default=1) < 1:
        raise Unreadable(f"{node.label}: the shape {list(chain.shape)} cannot become {target.values}")
    chain.shape = tuple(shape)


def _identity(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow()
    if len(operands) != 1:
        raise Unreadable(f"{node.label}: one operand is expected")


_APPLY = {
    "Add": _add,
    "Sub": _add,
    "MatMul": _matmul,
    "Gemm": _gemm,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Identity": _identity,
}
