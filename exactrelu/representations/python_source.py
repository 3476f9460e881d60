"""A piecewise affine function as a self-contained Python function: standard library only, exact, no dependency on this
package."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Sequence
from fractions import Fraction

from exactrelu.errors import InputError
from exactrelu.lp.system import Row
from exactrelu.representations.pieces import PiecewiseAffine

__all__ = ["to_python"]

_PRELUDE = '''from fractions import Fraction


def {name}(point):
    """Return the exact value at a point of {n} integers, fractions or exact texts, as a tuple of {m} fractions.

    Raises TypeError for floats and ValueError outside the domain.
    """
    if any(isinstance(value, float) for value in point):
        raise TypeError("floats are not exact; pass integers, fractions or text")
    {unpack}'''


def to_python(function: PiecewiseAffine, *, name: str = "network") -> str:
    """Return Python source that defines one function of a point.

    Args:
        name: a Python identifier that is no keyword, no builtin, and not Fraction, which the source uses.

    Raises:
        InputError: another name.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> source = to_python(PiecewiseAffine.of_enumeration(enumerate_regions(absolute)), name="absolute")
        >>> print(source[source.index("    if x0"):], end="")
            if x0 <= 0:  # 01
                return (-x0,)
            if -x0 <= 0:  # 10
                return (x0,)
            raise ValueError("the point is outside the domain")
        >>> scope = {}
        >>> exec(source, scope)
        >>> scope["absolute"](["-1/3"])
        (Fraction(1, 3),)
    """
    if not name.isidentifier():
        raise InputError(f"name is {name!r}; a Python identifier is needed")
    if keyword.iskeyword(name) or name == "Fraction" or hasattr(builtins, name):
        raise InputError(f"name is {name!r}, which has a meaning in the source already; choose another identifier")
    n = function.n_inputs
    targets = ", ".join(f"x{k}" for k in range(n))
    # A trailing comma unpacks one value as well; without inputs there is nothing to unpack.
    unpack = f"{targets}, = (Fraction(value) for value in point)" if n else "tuple(point)"
    lines = [_PRELUDE.format(name=name, n=n, m=function.n_outputs, unpack=unpack)]
    for piece in function.pieces:
        conditions = " and ".join(_condition(row) for row in piece.polyhedron.system.rows) or "True"
        affine = piece.affine_map
        forms = [_form(row, constant) for row, constant in zip(affine.linear, affine.offset, strict=True)]
        # A name may come from a file: on one line it cannot end the comment.
        label = " ".join(piece.name.split())
        note = f"  # {label}" if label else ""
        lines.append(f"    if {conditions}:{note}")
        lines.append(f"        return ({', '.join(forms)},)" if forms else "        return ()")
    lines.append('    raise ValueError("the point is outside the domain")')
    return "\n".join(lines) + "\n"


def _condition(row: Row) -> str:
    normal, relation, offset = row
    terms = _terms([Fraction(a) for a in normal]) or "0"
    return f"{terms} {relation} {offset}"


def _form(coefficients: Sequence[Fraction], constant: Fraction) -> str:
    """An expression that is a Fraction also when no input occurs."""
    terms = _terms(coefficients)
    if not terms:
        return _fraction(constant)
    if not constant:
        return terms
    return f"{terms} {'-' if constant < 0 else '+'} {_number(abs(constant))}"


def _terms(coefficients: Sequence[Fraction]) -> str:
    text = ""
    for k, a in enumerate(coefficients):
        if a:
            sign = ("-" if a < 0 else "") if not text else (" - " if a < 0 else " + ")
            text += sign + (f"x{k}" if abs(a) == 1 else f"{_number(abs(a))} * x{k}")
    return text


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else _fraction(value)


def _fraction(value: Fraction) -> str:
    return f"Fraction({value.numerator}, {value.denominator})"
