"""The reader of ONNX files whose graph is a chain: affine operators, convolutions, pooling and rectifiers.

Each node takes what its predecessor gave, from the one true input to the one output; `APPLY` and `RECTIFIERS` list
the operators, and nodes whose operands are all constants (`Constant`, `Identity`, `Cast`, `Transpose`) give constants.
The value that runs through the chain is kept as an affine map of the last rectifier's outputs, with sparse rows of
integers over one denominator, together with its shape: a reshape changes only the shape, for it keeps the row-major
order.  A symbolic first dimension (the batch) counts as 1.

A rectifier ends a layer.  A maximum pooling makes one layer for each round of its tournament (`onnx_windows`): first
units relu(a - b), then neurons with the slopes (1, 1) that hand on the entries that are still needed.

Everything else is refused with the node's name: a second use of an earlier value, another operator or domain, an
unknown attribute, an operator that would copy the value (broadcasting upwards).  A batch normalisation is refused too,
since its square root is irrational: check against the network that was written out with the chosen reading.

Cost: merging two affine operators costs one multiplication for each pair of nonzero weights that meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import lcm, prod

from . import protobuf
from .chain import Chain
from .network import Network
from .onnx_parts import Node, Tensor, read_node, read_tensor, true_input
from .onnx_windows import average_pool, convolve, max_pool
from .reading import Unreadable

__all__ = ["read_onnx_chain"]

LARGEST_FLOAT32 = (2**24 - 1) * 2**104
FLOAT_TYPES, INTEGER_TYPES = (1, 11), (6, 7)


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
        name, tensor = read_tensor(protobuf.fields(chunk, "initialiser"))
        if name in constants:
            raise Unreadable(f"initialiser {name!r} occurs twice")
        constants[name] = tensor
    name, shape = true_input(graph, constants)
    chain = Chain.start(name, shape)
    seen = {*constants, name}
    for chunk in protobuf.chunks(graph, 1, "ONNX graph"):
        node = read_node(protobuf.fields(chunk, "node"))
        # The mask is the second output of a dropout; a node that used it would find neither constant nor chain.
        most = 2 if node.operator == "Dropout" else 1
        if not 1 <= len(node.outputs) <= most or not seen.isdisjoint(node.outputs):
            raise Unreadable(f"{node.label}: one new output is expected")
        seen.update(node.outputs)
        if all(i in constants for i in node.inputs) and node.operator in FOLDED:
            constants[node.outputs[0]] = FOLDED[node.operator](node, [constants[i] for i in node.inputs])
            continue
        if node.inputs.count(chain.name) != 1 or any(i and i not in constants for i in node.inputs if i != chain.name):
            raise Unreadable(f"{node.label}: not a chain; one operand must be {chain.name!r}, the others constants")
        operands = [constants.get(i) for i in node.inputs]
        if node.operator == "Dropout":
            _dropout(node, operands, _version(model))
        elif node.operator in APPLY:
            APPLY[node.operator](node, operands, chain)
        else:
            known = ", ".join(sorted({*APPLY, "Dropout", *FOLDED}))
            raise Unreadable(f"{node.label}: the operator is not one of {known}")
        chain.name = node.outputs[0]
    outputs = [
        protobuf.text(protobuf.fields(c, "output"), 1, "output") for c in protobuf.chunks(graph, 12, "ONNX graph")
    ]
    if outputs != [chain.name]:
        raise Unreadable(f"the graph's output is not the end of the chain, {chain.name!r}")
    return chain.network()


def _version(model: protobuf.Message) -> int:
    """The version of the standard operators that the file uses, 0 if it does not say."""
    found = [protobuf.fields(chunk, "opset") for chunk in protobuf.chunks(model, 8, "ONNX model")]
    versions = [protobuf.integer(p, 2, "opset") for p in found if protobuf.text(p, 1, "opset") in ("", "ai.onnx")]
    if len(versions) > 1:
        raise Unreadable("the file names two versions of the standard operators")
    return versions[0] if versions else 0


def _dropout(node: Node, operands: list[Tensor | None], version: int) -> None:
    """From version 7 on a dropout without training mode hands its operand on; earlier ones may train by default."""
    node.allow("ratio", "seed")
    if version < 7 or len(operands) > 2 or operands[0] is not None:
        raise Unreadable(f"{node.label}: only a dropout of version 7 or later without a training mode is supported")


def _constant(node: Node, operands: list[Tensor]) -> Tensor:
    node.allow("value")
    content = protobuf.message(node.attributes.get("value", {}), 5, node.label)
    if operands or content is None:
        raise Unreadable(f"{node.label}: a tensor attribute 'value' is expected")
    return read_tensor(content, node.label)[1]


def _same(node: Node, operands: list[Tensor]) -> Tensor:
    node.allow()
    return _only(node, operands)


def _cast(node: Node, operands: list[Tensor]) -> Tensor:
    """Between types that surely hold the numbers: integers below 2**24, or floats that become doubles."""
    node.allow("to", "saturate")
    tensor, kind = _only(node, operands), node.integer("to", 0)
    small = tensor.denominator == 1 and all(abs(value) <= 1 << 24 for value in tensor.values)
    if not (small and kind in FLOAT_TYPES + INTEGER_TYPES):
        raise Unreadable(f"{node.label}: only small integers may be cast, to 32 or 64 bits")
    return tensor


def _transposed(node: Node, operands: list[Tensor]) -> Tensor:
    tensor = _only(node, operands)
    shape, order = _reordered(node, tensor.shape)
    return Tensor(shape, [tensor.values[k] for k in order], tensor.denominator)


def _only(node: Node, operands: list[Tensor]) -> Tensor:
    if len(operands) != 1:
        raise Unreadable(f"{node.label}: one operand is expected")
    return operands[0]


def _reordered(node: Node, shape: tuple[int, ...]) -> tuple[tuple[int, ...], list[int]]:
    """The shape after a transposition, and for each of its entries the number of the old one."""
    node.allow("perm")
    axes = node.integers("perm", list(range(len(shape)))[::-1])
    if sorted(axes) != list(range(len(shape))):
        raise Unreadable(f"{node.label}: perm {axes} does not fit the shape {list(shape)}")
    strides = [prod(shape[axis + 1 :]) for axis in axes]
    new = tuple(shape[axis] for axis in axes)
    return new, [sum(map(int.__mul__, place, strides)) for place in product(*map(range, new))]


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
        chain.combine([{i: -1} for i in range(len(values))])
    chain.translate(values, constant.denominator, -1 if subtract and left is None else 1)


def _matmul(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow()
    if len(operands) != 2:
        raise Unreadable(f"{node.label}: two operands are expected")
    left, right = operands
    size = len(chain.bias)
    if left is None and right is not None and len(right.shape) == 2 and chain.shape[-1:] == (size,) == right.shape[:1]:
        columns = right.shape[1]
        chain.combine([_sparse(right.values[k::columns]) for k in range(columns)], right.denominator)
        chain.shape = (*chain.shape[:-1], columns)
        return
    if left is not None and right is None and len(left.shape) == 2 and left.shape[1] == size:
        column = chain.shape[-2:] == (size, 1)
        if chain.shape == (size,) or column:
            chain.combine(
                [_sparse(left.values[k * size : (k + 1) * size]) for k in range(left.shape[0])], left.denominator
            )
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
    alpha, under_alpha = node.scalar("alpha")
    matrix = [
        _sparse(constant.values[k::width] if by_columns else constant.values[k * width : (k + 1) * width], alpha)
        for k in range(count)
    ]
    chain.combine(matrix, constant.denominator * under_alpha)
    chain.shape = (rows, columns)
    if len(operands) == 3 and operands[2] is not None:
        values, shape = _broadcast(operands[2], chain.shape, node)
        if shape != chain.shape:
            raise Unreadable(f"{node.label}: the third operand has the shape {list(operands[2].shape)}")
        beta, under_beta = node.scalar("beta")
        chain.translate([beta * value for value in values], operands[2].denominator * under_beta)


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
    if target is None or target.denominator != 1 or len(target.shape) != 1:
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


def _multiply(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow()
    constant = operands[-1] if operands[0] is None else operands[0]
    if len(operands) != 2 or constant is None or (node.operator == "Div" and operands[0] is not None):
        raise Unreadable(f"{node.label}: the value and a constant are expected, a divisor on the right")
    values, chain.shape = _broadcast(constant, chain.shape, node)
    if node.operator == "Mul":
        chain.combine([{i: value} if value else {} for i, value in enumerate(values)], constant.denominator)
        return
    if 0 in values:
        raise Unreadable(f"{node.label}: a divisor is zero")
    common = lcm(*values)
    chain.combine([{i: constant.denominator * (common // value)} for i, value in enumerate(values)], common)


def _transpose(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    if len(operands) != 1:
        raise Unreadable(f"{node.label}: one operand is expected")
    chain.shape, order = _reordered(node, chain.shape)
    chain.combine([{k: 1} for k in order])


def _squeeze(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    """Squeeze or Unsqueeze, the axes an attribute or a constant."""
    node.allow("axes")
    rank, new = len(chain.shape), node.operator == "Unsqueeze"
    axes = [axis for axis, length in enumerate(chain.shape) if length == 1]
    if "axes" in node.attributes or new:
        axes = node.integers("axes", [])
    if len(operands) == 2 and (given := operands[1]) is not None and given.denominator == 1:
        axes = list(given.values)
    total = rank + len(axes) if new else rank
    axes = [axis + total if axis < 0 else axis for axis in axes]
    fits = len(set(axes)) == len(axes) and all(0 <= axis < total for axis in axes) and operands[0] is None
    if not fits or len(operands) > 2 or (not new and any(chain.shape[axis] != 1 for axis in axes)):
        raise Unreadable(f"{node.label}: the axes {axes} do not fit the shape {list(chain.shape)}")
    left = iter(chain.shape)
    if new:
        chain.shape = tuple(1 if axis in axes else next(left) for axis in range(total))
    else:
        chain.shape = tuple(length for axis, length in enumerate(left) if axis not in axes)


def _rectify(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    node.allow(*(["alpha"] if node.operator == "LeakyRelu" else []))
    if len(operands) != (2 if node.operator == "PRelu" else 1) or operands[0] is not None:
        raise Unreadable(f"{node.label}: the value is expected, and for PRelu constant slopes")
    negative, under = [{"Abs": -1}.get(node.operator, 0)] * len(chain.bias), 1
    if node.operator == "LeakyRelu":
        slope, under = node.scalar("alpha", (5368709, 1 << 29))  # the standard's 0.01, in single precision
        negative = [slope] * len(chain.bias)
    elif (slopes := operands[-1]) is not None:
        (negative, chain.shape), under = _broadcast(slopes, chain.shape, node), slopes.denominator
    if any(slope != under for slope in negative):  # else nothing bends, and no layer ends
        chain.close_layer([(slope, under) for slope in negative], under)


def _clip(node: Node, operands: list[Tensor | None], chain: Chain) -> None:
    """low + relu(v - low) - relu(v - high): first all units for the lower bound, then those for the upper one."""
    node.allow("min", "max")
    low, high = (_bound(node, operands, place, name) for place, name in ((1, "min"), (2, "max")))
    if operands[0] is not None or len(operands) > 3 or low is None or (high is not None and low > high):
        raise Unreadable(f"{node.label}: the value is expected, with a lower bound and none or a larger upper one")
    size = len(chain.bias)
    bounds = [low] if high is None else [low, high]
    common = lcm(*(bound.denominator for bound in bounds))
    chain.combine([{i: 1} for _ in bounds for i in range(size)])
    chain.translate([int(bound * common) for bound in bounds for _ in range(size)], common, -1)
    chain.close_layer([(0, 1)] * (size * len(bounds)))
    chain.combine([{i: 1} if high is None else {i: 1, size + i: -1} for i in range(size)])
    chain.translate([low.numerator] * size, low.denominator)


def _bound(node: Node, operands: list[Tensor | None], place: int, name: str) -> Fraction | None:
    """A bound that is an attribute or a constant; None if it is left out or the largest float32."""
    if name in node.attributes:
        bound = Fraction(*node.scalar(name))
    elif place < len(operands) and node.inputs[place]:
        tensor = operands[place]
        if tensor is None or len(tensor.values) != 1:
            raise Unreadable(f"{node.label}: the bound must be one number")
        bound = Fraction(tensor.values[0], tensor.denominator)
    else:
        return None
    return None if abs(bound) >= LARGEST_FLOAT32 else bound


FOLDED = {"Constant": _constant, "Identity": _same, "Cast": _cast, "Transpose": _transposed}

APPLY = {
    "Abs": _rectify,
    "Add": _add,
    "AveragePool": average_pool,
    "Clip": _clip,
    "Conv": convolve,
    "Div": _multiply,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "GlobalAveragePool": average_pool,
    "Identity": _identity,
    "LeakyRelu": _rectify,
    "MatMul": _matmul,
    "MaxPool": max_pool,
    "Mul": _multiply,
    "PRelu": _rectify,
    "Relu": _rectify,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Sub": _add,
    "Transpose": _transpose,
    "Unsqueeze": _squeeze,
}
