"""One node of an ONNX graph as its operator sees it: exact operands, attributes, and where its units come from.

Every accessor checks what it returns, so that operators may rely on types; each failure is a FormatError, to which the
walk over the graph adds the node's name.  Where the ONNX standard changed an attribute into an input, `integers` and
`bound` read both forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import FormatError
from exactrelu.io.normalisation import RootReading
from exactrelu.io.onnx_tensors import Tensor

__all__ = ["Node"]

_FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Node:
    """One node: where its units come from, its operands (None where left out), its attributes.

    `bound` reads a scalar operand as it stands in the file, since an infinite bound of a clip means no bound.
    `n_outputs`, `opset` and `root_reading` are what an operator may need to know of its surroundings: how many results
    are asked for, the version of the standard, how the root of a batch normalisation is read.
    """

    origin: str
    operands: tuple[Tensor | None, ...]
    attributes: Mapping[str, Any]
    raw: tuple[npt.NDArray[Any] | None, ...]
    n_outputs: int = 1
    opset: int = 0
    root_reading: RootReading = None

    def operand(self, position: int = 0) -> Tensor:
        """An operand that must be there."""
        found = self.optional(position)
        if found is None:
            raise FormatError(f"operand {position} is missing")
        return found

    def optional(self, position: int) -> Tensor | None:
        """An operand that may be left out."""
        return self.operands[position] if position < len(self.operands) else None

    def all_operands(self) -> list[Tensor]:
        """All operands of an operator that takes any number of them, at least one."""
        if not self.operands:
            raise FormatError("at least one operand is needed")
        return [self.operand(position) for position in range(len(self.operands))]

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise FormatError(f"the attribute {name!r} must be an integer")
        return value

    def real(self, name: str, default: float) -> Fraction:
        """A float attribute, exactly."""
        value = self.attributes.get(name, default)
        if not isinstance(value, float) or not np.isfinite(value):
            raise FormatError(f"the attribute {name!r} must be a finite float")
        return Fraction(value)

    def text(self, name: str, default: str) -> str:
        """A text attribute."""
        value = self.attributes.get(name, default.encode())
        if not isinstance(value, bytes):
            raise FormatError(f"the attribute {name!r} must be text")
        return value.decode("utf-8", "replace")

    def list_of(self, name: str, default: list[int]) -> list[int]:
        """A list of integers that can only be an attribute."""
        found = self.integers(name, len(self.operands))
        return default if found is None else found

    def constant(self, position: int, name: str) -> tuple[Fraction, ...]:
        """The entries of an operand that must be a constant."""
        tensor = self.operand(position)
        if not tensor.value.is_constant:
            raise FormatError(f"{name} depends on the network's input; only constants are supported")
        return tensor.value.values

    def integers(self, name: str, position: int) -> list[int] | None:
        """A list of integers that is an attribute or a constant operand; None if neither is there."""
        if name in self.attributes:
            value = self.attributes[name]
            listed = [value] if isinstance(value, int) else value
            if not isinstance(listed, list) or not all(isinstance(entry, int) for entry in listed):
                raise FormatError(f"the attribute {name!r} must be a list of integers")
            return listed
        tensor = self.optional(position)
        if tensor is None:
            return None
        if not tensor.value.is_constant:
            raise FormatError(f"{name} depends on the network's input; only constants are supported")
        if any(entry.denominator != 1 for entry in tensor.value.values):
            raise FormatError(f"{name} must be integers")
        return [int(entry) for entry in tensor.value.values]

    def bound(self, name: str, position: int) -> Fraction | None:
        """A bound of a clip, attribute or operand; None if it is left out, infinite or the largest float32."""
        value = self.attributes.get(name)
        if value is not None and not isinstance(value, float):
            raise FormatError(f"the attribute {name!r} must be a float")
        if value is None and position < len(self.raw) and self.raw[position] is not None:
            array = np.asarray(self.raw[position])
            if array.size != 1:
                raise FormatError(f"{name} must be one number; it has shape {list(array.shape)}")
            value = array.ravel()[0].item()
        elif value is None and self.optional(position) is not None:
            raise FormatError(f"{name} must be a constant of the file")
        if value is None or (isinstance(value, float) and abs(value) >= _FLOAT32_MAX):
            return None
        if np.isnan(value):
            raise FormatError(f"{name} is NaN")
        return Fraction(value)
