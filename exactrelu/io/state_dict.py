"""Fully connected networks from named arrays, such as the state of a `torch.nn.Sequential` or of a Keras model.

A name ends in `weight` (a matrix outputs × inputs, as PyTorch stores it) or `kernel` (inputs × outputs, as Keras and
Flax do), or in `bias`; what stands before is the layer.  Layers are taken in the order of the numbers in their names
("0", "2", "10", or "fc1", "fc2"), or in the order that the caller gives.

A state does not say which activations stand between its layers.  Every hidden layer gets the same one, a ReLU unless
the caller says otherwise, and there is none after the last layer: that is an assumption about the program, not a fact
in the file.

Arrays of floats (NumPy, PyTorch) are IEEE numbers and mean exactly their binary value; in nested lists only exact
numbers are accepted, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import FormatError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.onnx_tensors import dyadic_column
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["network_from_state_dict"]

_NAME = re.compile(r"(?:(.*)[./])?(weight|kernel|bias)(?::0)?", re.DOTALL)


def network_from_state_dict(
    state: Mapping[str, Any],
    *,
    layers: Sequence[str] | None = None,
    activation: Activation = RELU,
    name: str = "",
    source: str = "state",
) -> Network:
    """Return the fully connected network whose weights and biases are given by name, exactly.

    Args:
        state: arrays by name, "0.weight", "0.bias", "2.weight", ...; a bias that is missing is zero.
        layers: the layers' names in their order, needed if numbers in the names do not tell it; others are left out.
        activation: what stands between two layers.
        name: the network's name, shown to people.
        source: the file's name for messages.

    Raises:
        FormatError: names that are not understood, an order that is not clear, matrices that are none or do not fit,
            NaN; the message names the array.
        InexactNumberError: a Python float in a nested list.

    Example:
        >>> state = {"0.weight": np.float32([[1], [-1]]), "0.bias": np.float32([0, 0]), "2.weight": [["1/2", 1]]}
        >>> network_from_state_dict(state)([-3])
        (Fraction(3, 1),)
    """
    found: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        match = _NAME.fullmatch(key)
        if match is None:
            if layers is None:
                raise FormatError(
                    f"{source}: {key!r} is no weight, kernel or bias of a fully connected layer; name the layers to be "
                    "used: layers=[...]"
                )
            continue
        found.setdefault(match[1] or "", {})[match[2]] = value
    order = _in_order(list(found), source) if layers is None else list(layers)
    maps = []
    for layer in order:
        if layer not in found:
            raise FormatError(f"{source}: there is no layer {layer!r}; there are {sorted(found)}")
        maps.append(_affine(layer, found[layer], source))
    if not maps:
        raise FormatError(f"{source}: there is no layer")
    hidden = tuple(Layer(one, (activation,) * one.n_outputs) for one in maps[:-1])
    try:
        return Network(hidden, maps[-1], name)
    except ShapeError as error:
        raise FormatError(f"{source}: layers {order}: {error}") from None


def _in_order(stems: list[str], source: str) -> list[str]:
    """The layers by the numbers in their names, which must differ in nothing else."""
    if len({re.sub(r"[0-9]+", "#", stem) for stem in stems}) > 1:
        raise FormatError(f"{source}: the order of the layers {sorted(stems)} is not clear; pass layers=[...]")
    return sorted(stems, key=lambda stem: [int(digits) for digits in re.findall(r"[0-9]+", stem)])


def _affine(layer: str, parts: Mapping[str, Any], source: str) -> AffineMap:
    """The affine map of one layer."""
    kinds = [kind for kind in ("weight", "kernel") if kind in parts]
    if len(kinds) != 1:
        raise FormatError(f"{source}: layer {layer!r} has {' and '.join(kinds) or 'no weight and no kernel'}")
    where = f"{source}: {layer}.{kinds[0]}"
    matrix = _matrix(parts[kinds[0]], where)
    if kinds[0] == "kernel":
        matrix = matrix.transpose()
    if "bias" not in parts:
        return AffineMap(matrix.hstack(RationalMatrix.zeros(matrix.n_rows, 1)))
    bias = _array(parts["bias"])
    if isinstance(bias, np.ndarray):
        column = _matrix(bias.reshape(-1, 1) if bias.ndim == 1 else bias, f"{source}: {layer}.bias")
    else:
        column = RationalMatrix.from_rows([[entry] for entry in bias], n_columns=1, name=f"{source}: {layer}.bias")
    if column.shape != (matrix.n_rows, 1):
        raise FormatError(f"{where} has {matrix.n_rows} outputs, but its bias has the shape {list(column.shape)}")
    return AffineMap(matrix.hstack(column))


def _matrix(value: Any, where: str) -> RationalMatrix:
    """A matrix of exact numbers; arrays of floats by their binary value."""
    array = _array(value)
    if not isinstance(array, np.ndarray):
        return RationalMatrix.from_rows(array, name=where)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise FormatError(f"{where} is an array of shape {list(array.shape)} of {array.dtype}; a matrix is needed")
    column = dyadic_column(array, where)
    n_rows, n_columns = array.shape
    entries = [row[0] for row in column.numerators]
    table = tuple(tuple(entries[k * n_columns : (k + 1) * n_columns]) for k in range(n_rows))
    return RationalMatrix(table, column.denominator, n_columns)


def _array(value: Any) -> npt.NDArray[Any] | Any:
    """A tensor of PyTorch as the array of its numbers in double precision, which holds them; others as they are."""
    return value.detach().cpu().double().numpy() if hasattr(value, "detach") else value
