"""Tensors of an ONNX graph as exact values: a shape, and the entries in row-major order as one expression.

A constant is an expression without anchors, so operators need no second definition for constants.  Structural
operators (transpose, slice, broadcast, ...) act on an array of entry numbers, whose result says which entries to
select: NumPy defines the structure, nothing is computed in floats.

A float in the file means exactly its binary value m · 2^e; NaN and infinities are refused.  Cost: linear in the
entries, and for products in the size of the matrix that acts on the flattened value.

Not done here: attributes and arity of nodes (`onnx_node`), the walk over the graph (`onnx_format`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from exactrelu.errors import FormatError, NotPiecewiseLinearError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.expressions import Expression, require_moderate

__all__ = ["Tensor", "broadcast", "dyadic_column", "product", "restructure"]

Indices = npt.NDArray[np.int64]
_MOST_TERMS = 1 << 26


@dataclass(frozen=True, eq=False, slots=True)
class Tensor:
    """A value of the graph; `value` has one entry for each entry of `shape`, in row-major order."""

    shape: tuple[int, ...]
    value: Expression

    @property
    def entry_numbers(self) -> Indices:
        """The numbers 0, 1, ... of the entries, in the tensor's shape."""
        return np.arange(prod(self.shape), dtype=np.int64).reshape(self.shape)


def dyadic_column(array: npt.NDArray[Any], name: str) -> RationalMatrix:
    """Return the entries of an integer or float array in row-major order as a column of exact numbers.

    Raises:
        FormatError: NaN or an infinity; the message gives `name` and the entry.

    >>> dyadic_column(np.array([0.5, -3.0], dtype=np.float32), "bias").to_fractions()
    ((Fraction(1, 2),), (Fraction(-3, 1),))
    """
    flat = array.ravel()
    if array.dtype.kind != "f":
        return RationalMatrix(tuple((int(entry),) for entry in flat.tolist()), 1, 1)
    bad = np.flatnonzero(~np.isfinite(flat))
    if len(bad):
        place = [int(k) for k in np.unravel_index(int(bad[0]), array.shape)]
        raise FormatError(f"{name} is {flat[bad[0]]} at {place}; weights must be finite")
    fractions, exponents = np.frexp(flat.astype(np.float64))  # exact for half, single and double precision
    mantissas = np.ldexp(fractions, 53).astype(np.int64)  # |fraction| < 1 has at most 53 bits
    # Trailing zero bits move to the exponent, so that the common denominator is no larger than the data need.
    low_bits = np.frexp((mantissas & -mantissas).astype(np.float64))[1] - 1
    zeros = np.where(mantissas == 0, 0, low_bits)
    shifts = exponents.astype(np.int64) - 53 + zeros
    used = shifts[mantissas != 0]
    least = min(0, int(used.min())) if len(used) else 0
    up = np.where(mantissas == 0, 0, shifts - least)
    table = tuple((m << s,) for m, s in zip((mantissas >> zeros).tolist(), up.tolist(), strict=True))
    return RationalMatrix(table, 1 << -least, 1)


def restructure(tensor: Tensor, rearrange: Callable[[Indices], Any]) -> Tensor:
    """Return the tensor whose entries are picked as `rearrange` picks from an array of the same shape."""
    picked = np.asarray(rearrange(tensor.entry_numbers))
    return Tensor(tuple(int(n) for n in picked.shape), tensor.value.select(picked.ravel().tolist()))


def broadcast(*tensors: Tensor) -> list[Tensor]:
    """Return the tensors in their common shape, by the usual rules of broadcasting.

    Raises:
        FormatError: the shapes do not fit.
    """
    try:
        shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    except ValueError:
        shapes = ", ".join(str(list(tensor.shape)) for tensor in tensors)
        raise FormatError(f"the shapes {shapes} cannot be broadcast together") from None
    return [restructure(tensor, lambda numbers: np.broadcast_to(numbers, shape)) for tensor in tensors]


def product(left: Tensor, right: Tensor) -> Tensor:
    """Return the matrix product, by the rules of `numpy.matmul`; at least one factor must be constant.

    Raises:
        NotPiecewiseLinearError: both factors depend on the input.
        FormatError: the shapes do not fit.
        InputError: the matrix on the flattened value would be too large.
    """
    if not left.value.is_constant and not right.value.is_constant:
        raise NotPiecewiseLinearError(
            "both factors depend on the network's input, so the product is not piecewise linear"
        )
    shape = _product_shape(left.shape, right.shape)
    rows, columns = left.entry_numbers, right.entry_numbers
    rows = rows[None, :] if rows.ndim == 1 else rows
    columns = columns[:, None] if columns.ndim == 1 else columns
    moving, fixed = (right, left) if left.value.is_constant else (left, right)
    require_moderate(prod(shape), moving.value.size)
    # Entry (i, j) of the result pairs row i of the left with column j of the right: (..., i, j, k).
    in_rows, in_columns = np.broadcast_arrays(rows[..., :, None, :], np.swapaxes(columns, -1, -2)[..., None, :, :])
    n_terms = in_rows.shape[-1]
    if in_rows.size > _MOST_TERMS:
        raise FormatError(f"a product to shape {list(shape)} has too many terms")
    in_left, in_right = in_rows.reshape(-1, n_terms), in_columns.reshape(-1, n_terms)
    places, sources = (in_right, in_left) if left.value.is_constant else (in_left, in_right)
    entries = fixed.value.column
    table = [
        {column: entry for column, entry in zip(place, map(entries.__getitem__, source), strict=True) if entry}
        for place, source in zip(places.tolist(), sources.tolist(), strict=True)
    ]
    width = moving.value.size
    matrix = RationalMatrix.from_nonzeros(table, fixed.value.offset.denominator, n_columns=width)
    return Tensor(shape, moving.value.affine(matrix))


def _product_shape(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a matrix product: a vector on the left is a row, one on the right a column, and leaves no axis."""
    try:
        if not left or not right or left[-1] != right[-2 if len(right) > 1 else 0]:
            raise ValueError
        batch = np.broadcast_shapes(left[:-2], right[:-2])
    except ValueError:
        raise FormatError(f"the shapes {list(left)} and {list(right)} do not fit a matrix product") from None
    return (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
