"""Queries as VNN-LIB 2.0 text, so that one built in Python has a file for other tools and for the checker.

The text declares one network with inputs X of shape [d] and outputs Y of shape [m], whatever the query calls them (a
comment gives its names); a query about several networks is about their combination, which `write_network_json`
writes.  One assertion is written for each top-level conjunct.

VNN-LIB 2.0 has no fractions, so a comparison in which one third occurs is multiplied by the least common denominator
of its coefficients, which does not change its meaning; finite decimals are written as they are.  Invariant: reading
the text gives the same formula up to such positive factors, and exactly the same if every coefficient is a finite
decimal.  Numbers have a decimal point, which stricter readers ask for.
"""

from __future__ import annotations

import math
from fractions import Fraction
from os import PathLike
from pathlib import Path

from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Monomial
from exactrelu.exact.rationals import format_rational
from exactrelu.verification.questions.formulas import And, Comparison, Or, conjuncts, fold
from exactrelu.verification.questions.query import Query

__all__ = ["format_vnnlib", "write_vnnlib"]


def write_vnnlib(query: Query, path: str | PathLike[str]) -> None:
    """Write the query as VNN-LIB 2.0 text to a file; see `format_vnnlib`."""
    Path(path).write_text(format_vnnlib(query), encoding="utf-8")


def format_vnnlib(query: Query) -> str:
    """Return the query as VNN-LIB 2.0 text.

    Raises:
        InputError: the network has no input or no output; tensors have at least one entry.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.verification.questions.terms import symbols
        >>> network = Network.from_weights([[[1]]], [[0]])
        >>> x, y = symbols(network)
        >>> print(format_vnnlib(Query(network, (x[0] <= "0.5") & ((x[0] / 3 > y[0]) | (x[0]**2 == 2)))), end="")
        (vnnlib-version <2.0>)
        ; X: X[0]
        ; Y: Y[0]
        (declare-network network
            (declare-input X real [1])
            (declare-output Y real [1])
        )
        (assert (<= X[0] 0.5))
        (assert (or (< (+ (* -1.0 X[0]) (* 3.0 Y[0])) 0.0) (== (* X[0] X[0]) 2.0)))
    """
    d, m = query.network.n_inputs, query.network.n_outputs
    if not d or not m:
        raise InputError(f"the network has {d} inputs and {m} outputs; VNN-LIB needs at least one of each")
    names = [f"X[{i}]" for i in range(d)] + [f"Y[{j}]" for j in range(m)]

    def compared(part: Comparison) -> str:
        return _comparison(part, names)

    assertions = [f"(assert {fold(part, compared, _connective)})" for part in conjuncts(query.formula)]
    lines = [
        "(vnnlib-version <2.0>)",
        f"; X: {_one_line(query.input_names)}",
        f"; Y: {_one_line(query.output_names)}",
        "(declare-network network",
        f"    (declare-input X real [{d}])",
        f"    (declare-output Y real [{m}])",
        ")",
        *(assertions or [f"(assert {_connective(And, [])})"]),
    ]
    return "\n".join(lines) + "\n"


def _one_line(names: tuple[str, ...]) -> str:
    """Names for a comment, which a line break inside a name must not end."""
    return " ".join(", ".join(names).split())


def _connective(kind: type[And] | type[Or], parts: list[str]) -> str:
    if not parts:  # the language has no words for true and false
        return "(<= 0.0 1.0)" if kind is And else "(<= 1.0 0.0)"
    return f"({'and' if kind is And else 'or'} {' '.join(parts)})"


def _comparison(part: Comparison, names: list[str]) -> str:
    """Variables on the left, the constant on the right."""
    terms = part.polynomial.terms
    factor = 1
    if any(_decimal(c) is None for _, c in terms):
        factor = math.lcm(*(c.denominator for _, c in terms))
    left = [_term(monomial, factor * c, names) for monomial, c in terms if monomial]
    constant = sum((-factor * c for monomial, c in terms if not monomial), Fraction(0))
    joined = left[0] if len(left) == 1 else f"(+ {' '.join(left)})"
    return f"({part.relation} {joined} {_decimal(constant)})"


def _term(monomial: Monomial, coefficient: Fraction, names: list[str]) -> str:
    factors = [names[variable] for variable, exponent in monomial for _ in range(exponent)]
    if coefficient != 1:
        factors.insert(0, _decimal(coefficient) or "")
    return factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})"


def _decimal(value: Fraction) -> str | None:
    """The number as a finite decimal with a point, or None if it has none."""
    rest, places = value.denominator, [0, 0]
    for k, prime in enumerate((2, 5)):
        while rest % prime == 0:
            rest //= prime
            places[k] += 1
    if rest != 1:
        return None
    count = max(*places, 1)
    digits = format_rational(abs(value.numerator) * 10**count // value.denominator).rjust(count + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-count]}.{digits[-count:]}"
