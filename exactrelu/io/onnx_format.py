"""ONNX files as exact networks.

Each tensor is an exact value (`onnx_tensors`), each node one of the operators in `onnx_operators`, taken in the file's
order (but not before its operands are known), and the result is lowered to layers.  The batch is one: a symbolic or
missing first dimension counts as 1.  Floats mean exactly their binary value, and the network is a function on the
flattened input in real arithmetic.  Several inputs, and several outputs, are joined in the file's order;
`onnx_signature` says which coordinates are whose.

A chain of affine operators and activations gives exactly the layers of the chain, so the numbering of units is that of
the certificate format.  `Network.origins` names the node and entry that each unit comes from, as in "Relu_3[5]".

Every defect of the file (truncated, unsupported operator, shapes that do not fit, NaN, external data, no input) is one
FormatError that names the node or tensor, a NotPiecewiseLinearError for sigmoid and its like.  `onnx` itself is
imported only when a file is read, since that takes long.

Cost: linear in the weights, apart from folding consecutive affine maps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import ExactReluError, FormatError, NotPiecewiseLinearError
from exactrelu.io.normalisation import RootChoice, RootReading, require_reading
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_operators import NOT_PIECEWISE_LINEAR, OPERATORS
from exactrelu.io.onnx_tensors import Tensor, dyadic_column
from exactrelu.networks.expressions import Expression, Graph, concatenate
from exactrelu.networks.lowering import lower
from exactrelu.networks.network import Network

__all__ = ["Port", "Signature", "onnx_signature", "read_onnx"]

_DEFAULT_DOMAINS = ("", "ai.onnx")
_LARGEST_INPUT = 1 << 20


@dataclass(frozen=True, slots=True)
class Port:
    """A named input or output of the file: its shape, and the number of its first coordinate in the network."""

    name: str
    shape: tuple[int, ...]
    start: int

    @property
    def coordinates(self) -> range:
        """The coordinates of the network's input or output that belong to this tensor, in row-major order."""
        return range(self.start, self.start + prod(self.shape))


@dataclass(frozen=True, slots=True)
class Signature:
    """The inputs and outputs of a file, in the file's order, which is that of the network's coordinates."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def read_onnx(
    data: bytes, *, source: str = "ONNX model", name: str = "", batch_normalisation: RootChoice = None
) -> Network:
    """Return the network that an ONNX file describes, exactly.

    Args:
        data: the file's bytes.
        source: the file's name for messages.
        name: the network's name, shown to people.
        batch_normalisation: how the irrational root of a batch normalisation is read: "float32" or "float64" (the
            factor scale / sqrt(variance + epsilon) becomes the nearest number of that format), or a positive Fraction
            (the nearest multiple of it); not needed without such a node.

    Raises:
        NotPiecewiseLinearError: an operator such as Sigmoid; the message names node and operator.
        FormatError: anything in the file that is damaged, unsupported or does not fit; the message names node or
            tensor.
        InputError: `batch_normalisation` is none of the readings.
    """
    value, _ = _read(data, source, require_reading(batch_normalisation))
    try:
        return lower(value, name=name)
    except ExactReluError as error:
        raise FormatError(f"{source}: {error}") from None


def onnx_signature(data: bytes, *, source: str = "ONNX model", batch_normalisation: RootChoice = None) -> Signature:
    """Return names, shapes and coordinates of the inputs and outputs of an ONNX file; errors as for `read_onnx`."""
    return _read(data, source, require_reading(batch_normalisation))[1]


def _read(data: bytes, source: str, root_reading: RootReading) -> tuple[Expression, Signature]:
    """The file's outputs as one expression, and its signature."""
    try:
        model = _parse(data)
        graph = model.graph
        if not graph.node:
            raise FormatError("the graph has no node")
        if graph.sparse_initializer or model.functions:
            raise FormatError("sparse initialisers and functions are not supported")
        constants = {}
        for tensor in graph.initializer:
            if tensor.name in constants:
                raise FormatError(f"the initialiser {tensor.name!r} occurs twice")
            constants[tensor.name] = _array(tensor, f"the initialiser {tensor.name!r}")
        opset = max((entry.version for entry in model.opset_import if entry.domain in _DEFAULT_DOMAINS), default=0)
        walk = _Walk(constants, _inputs(graph, constants), opset, root_reading)
        walk.all_steps(list(graph.node))
        if not graph.output:
            raise FormatError("the graph has no output")
        tensors = [walk.fetch(output.name) for output in graph.output]
        named = zip([output.name for output in graph.output], [tensor.shape for tensor in tensors], strict=True)
        return concatenate([tensor.value for tensor in tensors]), Signature(walk.inputs, _ports(named))
    except ExactReluError as error:
        raise _kind(error)(f"{source}: {error}") from None


def _kind(error: ExactReluError) -> type[FormatError]:
    """The class under which an error of a node leaves the reader."""
    return NotPiecewiseLinearError if isinstance(error, NotPiecewiseLinearError) else FormatError


def _ports(tensors: Iterable[tuple[str, tuple[int, ...]]]) -> tuple[Port, ...]:
    """The tensors one after the other."""
    ports: list[Port] = []
    for name, shape in tensors:
        ports.append(Port(name, shape, ports[-1].coordinates.stop if ports else 0))
    return tuple(ports)


def _parse(data: bytes) -> Any:
    """The model as the protobuf message of `onnx`."""
    import onnx

    try:
        return onnx.load_model_from_string(data)
    except Exception as error:  # the class of protobuf's own error depends on its implementation
        raise FormatError(f"not an ONNX file, or a truncated one ({type(error).__name__})") from None


def _array(tensor: Any, label: str) -> npt.NDArray[Any]:
    """The tensor's numbers as NumPy reads them, before any conversion."""
    from onnx import TensorProto, numpy_helper

    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise FormatError(f"{label} is stored outside the file; save the model with its weights inside")
    kinds = (
        *(TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BOOL),
        *(TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64),
        *(TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64),
    )
    if tensor.data_type not in kinds:
        raise FormatError(f"{label} has element type {tensor.data_type}, which is not supported")
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except Exception as error:  # a length that disagrees with the shape surfaces in several classes
        raise FormatError(f"{label} is damaged: {error}") from None


def _inputs(graph: Any, constants: Mapping[str, Any]) -> tuple[Port, ...]:
    """The inputs that are no initialisers."""
    found = [(value.name, _shape(value)) for value in graph.input if value.name not in constants]
    if not found:
        raise FormatError("the graph has 0 inputs; at least one is needed")
    if len({name for name, _ in found}) < len(found):
        raise FormatError(f"two of the graph's inputs {[name for name, _ in found]} have the same name")
    if sum(prod(shape) for _, shape in found) > _LARGEST_INPUT:
        raise FormatError(f"the input {found[0][0]!r} has shape {list(found[0][1])}, which is too large")
    return _ports(found)


def _shape(value: Any) -> tuple[int, ...]:
    """The shape of an input, a symbolic or missing first dimension being 1."""
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        raise FormatError(f"the input {value.name!r} has no shape")
    shape = []
    for axis, dimension in enumerate(value.type.tensor_type.shape.dim):
        size = dimension.dim_value
        if size < 1 and axis:
            raise FormatError(f"the input {value.name!r} has no fixed size along axis {axis}")
        shape.append(max(size, 1))
    return tuple(shape)


@dataclass
class _Walk:
    """The tensors known so far; `constants` as in the file, converted when a node first uses them."""

    constants: dict[str, npt.NDArray[Any]]
    inputs: tuple[Port, ...]
    opset: int
    root_reading: RootReading
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graph = Graph(self.inputs[-1].coordinates.stop)
        for port in self.inputs:
            self.tensors[port.name] = Tensor(port.shape, self.graph.input.select(port.coordinates))

    def fetch(self, name: str) -> Tensor:
        """The tensor of that name; FormatError if nothing before gives it."""
        if name not in self.tensors:
            if name not in self.constants:
                raise FormatError(f"nothing before gives the tensor {name!r}")
            array = self.constants[name]
            column = dyadic_column(array, f"the tensor {name!r}")
            self.tensors[name] = Tensor(tuple(int(n) for n in array.shape), self.graph.constant(column))
        return self.tensors[name]

    def all_steps(self, nodes: list[Any]) -> None:
        """Add the outputs of all nodes in their order; one that comes before what it needs waits for the next pass."""
        while nodes:
            waiting = []
            for proto in nodes:
                if all(not name or name in self.tensors or name in self.constants for name in proto.input):
                    self.step(proto)
                else:
                    waiting.append(proto)
            if len(waiting) == len(nodes):
                self.step(nodes[0])  # which says what is missing
            nodes = waiting

    def step(self, proto: Any) -> None:
        """Add the output of one node."""
        label = f"node {proto.name!r} ({proto.op_type})" if proto.name else f"node {proto.op_type}"
        outputs = [name for name in proto.output if name]
        if not outputs:
            raise FormatError(f"{label} has no output")
        if not proto.name:
            label += f" giving {outputs[0]!r}"
        for name in outputs:
            if name in self.tensors or name in self.constants:
                raise FormatError(f"{label}: the tensor {name!r} is given twice")
        try:
            self._run(proto, outputs)
        except ExactReluError as error:
            raise _kind(error)(f"{label}: {error}") from None

    def _run(self, proto: Any, outputs: list[str]) -> None:
        if proto.domain not in _DEFAULT_DOMAINS:
            raise FormatError(f"operators of the domain {proto.domain!r} are not supported")
        attributes = _attributes(proto)
        if proto.op_type == "Constant":
            self.constants[outputs[0]] = _constant(attributes)
            return
        if proto.op_type in NOT_PIECEWISE_LINEAR:
            raise NotPiecewiseLinearError(
                f"the operator {proto.op_type} is not a continuous piecewise linear function, so the network has no "
                "exact representation here; export the network without it if the question allows that"
            )
        if proto.op_type not in OPERATORS:
            raise FormatError(f"the operator is not supported; supported are {', '.join(sorted(OPERATORS))}, Constant")
        run, allowed = OPERATORS[proto.op_type]
        for name in attributes:
            if name not in allowed:
                raise FormatError(f"the attribute {name!r} is not supported")
        # The other outputs of these (a mask, statistics) may be named as long as nothing uses them.
        if len(outputs) > 1 and proto.op_type not in ("BatchNormalization", "Dropout", "Split"):
            raise FormatError(f"there are {len(outputs)} outputs; one is expected")
        # The bounds of a clip may be infinite, hence are not converted.
        literal = proto.op_type == "Clip"
        raw = tuple(self.constants.get(name) for name in proto.input)
        operands = tuple(
            None if not name or (literal and k and name in self.constants) else self.fetch(name)
            for k, name in enumerate(proto.input)
        )
        origin = proto.name or outputs[0]
        node = Node(origin, operands, attributes, raw, len(outputs), self.opset, self.root_reading)
        found = run(node)
        for name, tensor in zip(outputs, found if isinstance(found, list) else [found], strict=False):
            self.tensors[name] = tensor


def _attributes(proto: Any) -> dict[str, Any]:
    """A node's attributes as Python values; tensors are left as they are."""
    from onnx import helper

    found = {}
    for attribute in proto.attribute:
        try:
            found[attribute.name] = helper.get_attribute_value(attribute)
        except Exception as error:  # an attribute without a type, or with one that onnx does not know
            raise FormatError(f"the attribute {attribute.name!r} is damaged: {error}") from None
    return found


def _constant(attributes: Mapping[str, Any]) -> npt.NDArray[Any]:
    """The array that a Constant node holds."""
    if len(attributes) != 1:
        raise FormatError(f"a constant needs exactly one value; found {sorted(attributes)}")
    ((name, value),) = attributes.items()
    if name == "value":
        return _array(value, "the value")
    if name in ("value_float", "value_floats"):
        return np.asarray(value, dtype=np.float32)
    if name in ("value_int", "value_ints"):
        return np.asarray(value, dtype=np.int64)
    raise FormatError(f"the attribute {name!r} is not supported")
