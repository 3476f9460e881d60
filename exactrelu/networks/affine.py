"""Affine maps over Q: the linear part and the offset in one integer matrix with one denominator.

`AffineMap` stores x -> W x + b as the augmented m×(n+1) matrix [W | b].  One positive denominator serves all of it,
so signs, ranks and compositions need integers only.  Composition is a single integer product: with [W | b]/q inside
and [V | c]/p outside, the composite is ([V W | V b + q c])/(p q).

Cost: evaluation m·n, composition one integer matrix product; numbers grow by the bits of the factors, nothing is
rounded.  Not here: activations (see `network`), polyhedra.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_vector

__all__ = ["AffineMap"]


@dataclass(frozen=True, slots=True)
class AffineMap:
    """The map x -> W x + b; `augmented` is [W | b], m×(n+1).

    Example:
        >>> tilt = AffineMap.from_parts([[1, 2], [0, "1/2"]], [0, -1])
        >>> tilt(["1/2", 3])
        (Fraction(13, 2), Fraction(1, 2))
        >>> print(tilt.linear[1], tilt.offset[1])
        (Fraction(0, 1), Fraction(1, 2)) -1
    """

    augmented: RationalMatrix

    def __post_init__(self) -> None:
        if self.augmented.n_columns < 1:
            raise ShapeError("an affine map needs the column of its offset; the augmented matrix has no column")

    @classmethod
    def from_parts(
        cls,
        weights: Sequence[Sequence[Any]],
        bias: Iterable[Any],
        *,
        n_inputs: int | None = None,
        exact_floats: bool = False,
    ) -> AffineMap:
        """Build x -> W x + b from rows and offsets given as integers, fractions or text.

        Args:
            weights: m×n rows.
            bias: m numbers.
            n_inputs: n, needed only when there are no rows.
            exact_floats: accept binary floats as their exact dyadic values.

        Raises:
            ShapeError: ragged rows, or a bias of another length than the rows.
            InexactNumberError: a float, unless `exact_floats`.
        """
        matrix = RationalMatrix.from_rows(weights, n_columns=n_inputs, exact_floats=exact_floats, name="weights")
        offset = as_vector(bias, exact_floats=exact_floats, name="bias")
        if len(offset) != matrix.n_rows:
            raise ShapeError(f"weights have {matrix.n_rows} rows, but bias has {len(offset)} entries")
        column = RationalMatrix.from_rows([[b] for b in offset], n_columns=1)
        return cls(matrix.hstack(column))

    @classmethod
    def identity(cls, dimension: int) -> AffineMap:
        """Return x -> x on Q^dimension."""
        return cls(RationalMatrix.identity(dimension).hstack(RationalMatrix.zeros(dimension, 1)))

    @property
    def n_inputs(self) -> int:
        """Dimension of the argument."""
        return self.augmented.n_columns - 1

    @property
    def n_outputs(self) -> int:
        """Dimension of the value."""
        return self.augmented.n_rows

    @property
    def linear(self) -> tuple[tuple[Fraction, ...], ...]:
        """The matrix W, m rows of n fractions."""
        return tuple(row[:-1] for row in self.augmented.to_fractions())

    @property
    def offset(self) -> tuple[Fraction, ...]:
        """The vector b, m fractions."""
        return tuple(row[0] for row in self.augmented.select_columns([self.n_inputs]).to_fractions())

    def __call__(self, point: Iterable[Any]) -> tuple[Fraction, ...]:
        """Return W x + b exactly; `point` has n numbers."""
        x = as_vector(point, name="point")
        if len(x) != self.n_inputs:
            raise ShapeError(f"point has {len(x)} coordinates; the map takes {self.n_inputs}")
        return self.augmented.apply((*x, Fraction(1)))

    def after(self, inner: AffineMap) -> AffineMap:
        """Return the composite x -> self(inner(x)).

        Example:
            >>> double = AffineMap.from_parts([[2]], [1])
            >>> double.after(double)
            AffineMap.from_parts([['4']], ['3'])
        """
        if inner.n_outputs != self.n_inputs:
            raise ShapeError(f"the inner map has {inner.n_outputs} outputs; the outer one takes {self.n_inputs}")
        unit = RationalMatrix.from_integers([[0] * inner.n_inputs + [1]], n_columns=inner.n_inputs + 1)
        return AffineMap(self.augmented @ inner.augmented.vstack(unit))

    def scale_rows(self, factors: Sequence[Fraction]) -> AffineMap:
        """Return x -> factors * (W x + b), the k-th output multiplied by the k-th factor."""
        if len(factors) != self.n_outputs:
            raise ShapeError(f"factors has {len(factors)} entries; the map has {self.n_outputs} outputs")
        return AffineMap(self.augmented.scale_rows(factors))

    def __repr__(self) -> str:
        linear = [[str(entry) for entry in row] for row in self.linear]
        return f"AffineMap.from_parts({linear!r}, {[str(entry) for entry in self.offset]!r})"
