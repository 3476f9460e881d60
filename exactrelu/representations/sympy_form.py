"""A piecewise affine function as SymPy `Piecewise` expressions with exact inequalities, one for every output."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from exactrelu.lp.system import Row
from exactrelu.representations.pieces import PiecewiseAffine

__all__ = ["inputs_of", "to_sympy"]


def inputs_of(function: PiecewiseAffine) -> tuple[Any, ...]:
    """Return the real symbols x0, x1, ... that stand for the inputs."""
    return tuple(sympy.Symbol(f"x{k}", real=True) for k in range(function.n_inputs))


def to_sympy(function: PiecewiseAffine) -> tuple[Any, ...]:
    """Return one `Piecewise` in x0, x1, ... for every output; outside all pieces it is undefined (nan).

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], ["1/2"]])
        >>> to_sympy(PiecewiseAffine.of_enumeration(enumerate_regions(absolute)))
        (Piecewise((1/2 - x0, x0 <= 0), (x0 + 1/2, -x0 <= 0)),)
    """
    x = inputs_of(function)
    conditions = [sympy.And(*(_condition(row, x) for row in piece.polyhedron.system.rows)) for piece in function.pieces]
    outputs = []
    for r in range(function.n_outputs):
        branches = [
            (_form(piece.affine_map.linear[r], x) + _rational(piece.affine_map.offset[r]), condition)
            for piece, condition in zip(function.pieces, conditions, strict=True)
        ]
        # Left as given: SymPy's own simplification of conditions costs time and may reorder the pieces.
        outputs.append(sympy.Piecewise(*branches, evaluate=False))
    return tuple(outputs)


def _condition(row: Row, x: Sequence[Any]) -> Any:
    normal, relation, offset = row
    left = _form([Fraction(a) for a in normal], x)
    return sympy.Eq(left, offset) if relation == "==" else sympy.Le(left, offset)


def _form(coefficients: Sequence[Fraction], x: Sequence[Any]) -> Any:
    return sympy.Add(*(_rational(a) * symbol for a, symbol in zip(coefficients, x, strict=True)))


def _rational(value: Fraction) -> Any:
    return sympy.Rational(value.numerator, value.denominator)
