"""A piecewise affine function as a LaTeX `cases` environment, exact."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactrelu.exact.rationals import format_rational
from exactrelu.lp.system import Row
from exactrelu.representations.pieces import PiecewiseAffine

__all__ = ["to_latex"]


def to_latex(function: PiecewiseAffine, *, name: str = "f") -> str:
    r"""Return name(x) = cases, one line a piece; a function with several outputs has a column vector in each.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], ["1/2"]])
        >>> print(to_latex(PiecewiseAffine.of_enumeration(enumerate_regions(absolute))))
        f(x) = \begin{cases}
          -x_{0} + \frac{1}{2} & \text{if } x_{0} \leq 0, \\
          x_{0} + \frac{1}{2} & \text{if } -x_{0} \leq 0
        \end{cases}
    """
    lines = []
    for piece in function.pieces:
        affine = piece.affine_map
        forms = [_form(row, constant) for row, constant in zip(affine.linear, affine.offset, strict=True)]
        value = forms[0] if len(forms) == 1 else r"\begin{pmatrix} " + r" \\ ".join(forms) + r" \end{pmatrix}"
        conditions = r",\; ".join(_condition(row) for row in piece.polyhedron.system.rows)
        lines.append(f"  {value} & " + (rf"\text{{if }} {conditions}" if conditions else r"\text{everywhere}"))
    body = ", \\\\\n".join(lines)
    return f"{name}(x) = \\begin{{cases}}\n{body}\n\\end{{cases}}"


def _condition(row: Row) -> str:
    normal, relation, offset = row
    sign = "=" if relation == "==" else r"\leq"
    return f"{_form([Fraction(a) for a in normal], Fraction(0))} {sign} {offset}"


def _form(coefficients: Sequence[Fraction], constant: Fraction) -> str:
    """An affine form such as -x_{0} + \\frac{1}{2} x_{1} - 3."""
    terms = [(a, f"x_{{{k}}}") for k, a in enumerate(coefficients) if a]
    if constant or not terms:
        terms.append((constant, ""))
    text = ""
    for a, symbol in terms:
        sign = ("-" if a < 0 else "") if not text else (" - " if a < 0 else " + ")
        size = abs(a)
        number = "" if size == 1 and symbol else _number(size)
        text += sign + " ".join(part for part in (number, symbol) if part)
    return text


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return format_rational(value)
    return rf"\frac{{{format_rational(Fraction(value.numerator))}}}{{{format_rational(Fraction(value.denominator))}}}"
