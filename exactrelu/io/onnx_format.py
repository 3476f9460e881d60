"""ONNX files as exact networks.

The graph is walked once, in the file's order (constants first); each tensor is an exact value (`onnx_tensors`), each
node one of the operators in `onnx_operators`, and the result is lowered to layers.  The batch is one: a symbolic or
missing first dimension counts as 1.  Floats mean exactly their binary value, and the network is a function on the
flattened input in real arithmetic.

A chain of affine operators and activations gives exactly the layers of the chain, so the numbering of units is that of
the certificate format.  `Network.origins` names the node and entry that each unit comes from, as in "Relu_3[5]".

Every defect of the file (truncated, unsupported operator, shapes that do not fit, NaN, external data, no or several
inputs) is one FormatError that names the node or tensor.  `onnx` itself is imported only when a file is read, since
that takes long.

Cost: linear in the weights, apart from folding consecutive affine maps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import ExactReluError, FormatError
from exactrelu.io.onnx_node import Node
from exactrelu.io.onnx_operators import OPERATORS
from exactrelu.io.onnx_tensors import Tensor, dyadic_column
from exactrelu.networks.expressions import Graph
from exactrelu.networks.lowering import lower
from exactrelu.networks.network import Network

__all__ = ["read_onnx"]

_DEFAULT_DOMAINS = ("", "ai.onnx")
_LARGEST_INPUT = 1 << 20


def read_onnx(data: bytes, *, source: str = "ONNX model", name: str = "") -> Network:
    """Return the network that an ONNX file describes, exactly.

    Args:
        data: the file's bytes.
        source: the file's name for messages.
        name: the network's name, shown to people.

    Raises:
        FormatError: anything in the file that is damaged, unsupported or does not fit; the message names node or
        tensor.
    """
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
        walk = _Walk(constants, _input(graph, constants))
        # Constants first, since some writers put them after the nodes that use them.
        for node in sorted(graph.node, key=lambda node: node.op_type != "Constant"):
            walk.step(node)
        outputs = [output.name for output in graph.output]
        if len(outputs) != 1:
            raise FormatError(f"the graph has {len(outputs)} outputs {outputs}; exactly one is supported")
        return lower(walk.fetch(outputs[0]).value, name=name)
    except ExactReluError as error:
        raise FormatError(f"{source}: {error}") from None


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


def _input(graph: Any, constants: Mapping[str, Any]) -> tuple[str, tuple[int, ...]]:
    """Name and shape of the one input that is no initialiser."""
    true_inputs = [value for value in graph.input if value.name not in constants]
    if len(true_inputs) != 1:
        names = [value.name for value in true_inputs]
        raise FormatError(f"the graph has {len(names)} inputs {names}; exactly one is supported")
    (value,) = true_inputs
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        raise FormatError(f"the input {value.name!r} has no shape")
    shape = []
    for axis, dimension in enumerate(value.type.tensor_type.shape.dim):
        size = dimension.dim_value
        if size < 1 and axis:
            raise FormatError(f"the input {value.name!r} has no fixed size along axis {axis}")
        shape.append(max(size, 1))
    if prod(shape) > _LARGEST_INPUT:
        raise FormatError(f"the input {value.name!r} has shape {shape}, which is too large")
    return value.name, tuple(shape)


@dataclass
class _Walk:
    """The tensors known so far; `constants` as in the file, converted when a node first uses them."""

    constants: dict[str, npt.NDArray[Any]]
    start: tuple[str, tuple[int, ...]]
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name, shape = self.start
        self.graph = Graph(prod(shape))
        self.tensors[name] = Tensor(shape, self.graph.input)

    def fetch(self, name: str) -> Tensor:
        """The tensor of that name; FormatError if nothing before gives it."""
        if name not in self.tensors:
            if name not in self.constants:
                raise FormatError(f"nothing before gives the tensor {name!r}")
            array = self.constants[name]
            column = dyadic_column(array, f"the tensor {name!r}")
            self.tensors[name] = Tensor(tuple(int(n) for n in array.shape), self.graph.constant(column))
        return self.tensors[name]

    def step(self, proto: Any) -> None:
        """Add the output of one node."""
        label = f"node {proto.name!r} ({proto.op_type})" if proto.name else f"node {proto.op_type}"
        outputs = [name for name in proto.output if name]
        if not outputs:
            raise FormatError(f"{label} has no output")
        if not proto.name:
            label += f" giving {outputs[0]!r}"
        if outputs[0] in self.tensors or outputs[0] in self.constants:
            raise FormatError(f"{label}: the tensor {outputs[0]!r} is given twice")
        try:
            self._run(proto, outputs)
        except ExactReluError as error:
            raise FormatError(f"{label}: {error}") from None

    def _run(self, proto: Any, outputs: list[str]) -> None:
        if proto.domain not in _DEFAULT_DOMAINS:
            raise FormatError(f"operators of the domain {proto.domain!r} are not supported")
        attributes = _attributes(proto)
        if proto.op_type == "Constant":
            self.constants[outputs[0]] = _constant(attributes)
            return
        if proto.op_type not in OPERATORS:
            raise FormatError(f"the operator is not supported; supported are {', '.join(sorted(OPERATORS))}, Constant")
        run, allowed = OPERATORS[proto.op_type]
        for name in attributes:
            if name not in allowed:
                raise FormatError(f"the attribute {name!r} is not supported")
        # The mask of a dropout is the only second output; it may be named as long as nothing uses it.
        if len(outputs) > 1 and proto.op_type != "Dropout":
            raise FormatError(f"there are {len(outputs)} outputs; one is expected")
        # The bounds of a clip may be infinite, hence are not converted.
        literal = proto.op_type == "Clip"
        raw = tuple(self.constants.get(name) for name in proto.input)
        operands = tuple(
            None if not name or (literal and k and name in self.constants) else self.fetch(name)
            for k, name in enumerate(proto.input)
        )
        origin = proto.name or outputs[0]
        self.tensors[outputs[0]] = run(Node(origin, operands, attributes, raw))


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
