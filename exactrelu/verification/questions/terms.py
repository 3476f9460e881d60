"""Properties written as Python expressions: `(x[0] + 2 * x[1] <= "0.5") & (y[0] > y[1])`.

`symbols` gives the inputs and outputs of a network as terms; `+ - *` and `**` make polynomials of them, and the six
comparisons make formulas, which `&`, `|` and `~` join.  Numbers are integers, fractions or text ("0.1" is 1/10);
floats are refused.  `0 <= x[0] <= 1` is Python for `(0 <= x[0]) and (x[0] <= 1)`, which would lose its first half, so
the truth value of a formula is refused; write `(0 <= x[0]) & (x[0] <= 1)`.

Since `==` makes a formula, terms cannot be keys of a dictionary.  Not done here: division by terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.exact.rationals import as_rational
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import AnyRelation, Formula, compare

__all__ = ["Term", "symbols"]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A polynomial in the variables of a query, with comparisons that make formulas.

    Raises:
        InexactNumberError: an operand is a float.

    Example:
        >>> x = Term(Polynomial.variable(0))
        >>> (2 * x - "1/3")**2 >= 0, x == "0.5"
        (-4·x0^2 + 4/3·x0 - 1/9 <= 0, x0 - 1/2 == 0)
        >>> (0 <= x <= 1)
        Traceback (most recent call last):
            ...
        exactrelu.errors.InputError: a formula has no truth value; join formulas with & | ~ instead of and, or, not
    """

    polynomial: Polynomial

    def __add__(self, other: Any) -> Term:
        return Term(self.polynomial + _polynomial(other))

    __radd__ = __add__

    def __neg__(self) -> Term:
        return Term(-self.polynomial)

    def __sub__(self, other: Any) -> Term:
        return Term(self.polynomial - _polynomial(other))

    def __rsub__(self, other: Any) -> Term:
        return Term(_polynomial(other) - self.polynomial)

    def __mul__(self, other: Any) -> Term:
        return Term(self.polynomial * _polynomial(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Term:
        divisor = as_rational(other, name="divisor")
        if not divisor:
            raise InputError("divisor is 0; divide a term by another number")
        return Term(self.polynomial * Fraction(1 / divisor))

    def __pow__(self, exponent: int) -> Term:
        return Term(self.polynomial**exponent)

    def __le__(self, other: Any) -> Formula:
        return self._compare("<=", other)

    def __lt__(self, other: Any) -> Formula:
        return self._compare("<", other)

    def __ge__(self, other: Any) -> Formula:
        return self._compare(">=", other)

    def __gt__(self, other: Any) -> Formula:
        return self._compare(">", other)

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]
        """Return the formula that both sides are equal."""
        return self._compare("==", other)

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]
        """Return the formula that the sides differ."""
        return self._compare("!=", other)

    __hash__ = None  # type: ignore[assignment]

    def _compare(self, relation: AnyRelation, other: Any) -> Formula:
        return compare(self.polynomial, relation, _polynomial(other))

    def __str__(self) -> str:
        return str(self.polynomial)

    __repr__ = __str__


def symbols(network: Network) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the inputs and the outputs of a network as terms.

    Example:
        >>> x, y = symbols(Network.from_weights([[[1, 2]]], [[0]]))
        >>> (y[0] > x[0] + x[1])
        x0 + x1 - x2 < 0
    """
    d, m = network.n_inputs, network.n_outputs
    terms = tuple(Term(Polynomial.variable(index)) for index in range(d + m))
    return terms[:d], terms[d:]


def _polynomial(value: Any) -> Polynomial:
    if isinstance(value, Term):
        return value.polynomial
    return value if isinstance(value, Polynomial) else Polynomial.constant(as_rational(value, name="number"))
