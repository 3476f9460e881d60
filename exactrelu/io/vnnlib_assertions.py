"""The formula of a VNN-LIB assertion: comparisons of polynomial terms, joined by and, or, not.

Terms are numbers, declared variables, `+ - *` of any number of terms and `/` by numbers other than zero; comparisons
take two terms; `and`, `or` take one part or more, `not` one.  Both `=` and `==` are equality, `!=` is its negation.
Accepted beyond the grammar of VNN-LIB 2.0: `not`, `=`, `/`, and integers where a real is meant.

The reader is a stack machine: "(" pushes an operator, ")" applies it to what was read since.  So there is no recursion,
and any depth of parentheses is read.  The result is the canonical formula of `verification.questions.formulas`, parts
in the order of the text.  Cost: linear in the text, except for products of sums, which are multiplied out (products of
more than `MAX_PRODUCT` pairs of terms are refused).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.exact.rationals import parse_rational
from exactrelu.io.vnnlib_declarations import Scope
from exactrelu.io.vnnlib_tokens import Form, Source, Token
from exactrelu.verification.questions.formulas import Formula, compare, conjunction, disjunction, negate

__all__ = ["MAX_PRODUCT", "read_assertion"]

MAX_PRODUCT = 100_000
"""Largest number of pairs of terms that one multiplication may have."""

_ARITHMETIC = frozenset({"+", "-", "*", "/"})
_COMPARISONS = frozenset({"<=", "<", ">=", ">", "=", "==", "!="})
_CONNECTIVES = frozenset({"and", "or", "not"})
_NATURAL = re.compile(r"0|[1-9][0-9]*")

Value: TypeAlias = Polynomial | Formula


@dataclass(slots=True)
class _Frame:
    """An operator whose ")" has not come yet."""

    operator: Token
    values: list[Value] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


def read_assertion(form: Form, scope: Scope, source: Source) -> Formula:
    """Return the formula of `(assert ...)`.

    Raises:
        QueryFormatError: with the place of an unknown operator, an undeclared variable, a wrong index, a term in place
            of a formula or the other way round, a wrong number of arguments, or a number that is none.
    """
    tokens = form.tokens
    stack = [_Frame(tokens[1])]
    position, last = 2, len(tokens) - 1
    while position < last:
        token = tokens[position]
        position += 1
        if token.text == "(":
            operator = tokens[position]
            if operator.text == ")":
                source.fail(operator.offset, "() is empty; an operator is needed")
            if operator.text not in _ARITHMETIC | _COMPARISONS | _CONNECTIVES:
                source.fail(
                    operator.offset, f"{operator.text!r} is not supported here; and, or, not, comparisons, + - * are"
                )
            stack.append(_Frame(operator))
            position += 1
            continue
        place = token.offset
        value: Value
        if token.text == ")":
            frame = stack.pop()
            value, place = _apply(frame, source), frame.operator.offset
        elif token.text[0].isalpha() or token.text[0] == "_":
            indices, position = _indices(tokens, position, source)
            value = Polynomial.variable(_variable(token, indices, scope, source))
        elif token.text[-1].isdigit() or token.text[-1] == ".":
            value = _number(token, source)
        else:
            source.fail(token.offset, f"{token.text!r} is neither a number nor a variable")
        stack[-1].values.append(value)
        stack[-1].places.append(place)
    (frame,) = stack
    if len(frame.values) != 1:
        source.fail(frame.operator.offset, f"assert takes one formula, not {len(frame.values)}")
    return _formulas(frame, source)[0]


def _apply(frame: _Frame, source: Source) -> Value:
    """The value of an operator and its arguments."""
    name, count = frame.operator.text, len(frame.values)
    if name in _CONNECTIVES:
        parts = _formulas(frame, source)
        if not parts or (name == "not" and count != 1):
            source.fail(
                frame.operator.offset, f"{name!r} has {count} parts; one is needed" + (" at least" * (name != "not"))
            )
        return conjunction(parts) if name == "and" else disjunction(parts) if name == "or" else negate(parts[0])
    terms = _terms(frame, source)
    if name in _COMPARISONS:
        if count != 2:
            source.fail(frame.operator.offset, f"{name!r} compares two terms, not {count}")
        return compare(terms[0], "==" if name == "=" else name, terms[1])  # type: ignore[arg-type]  # one of _COMPARISONS
    if not terms or (name == "/" and count < 2):
        source.fail(frame.operator.offset, f"{name!r} has {count} terms, which is too few")
    if name == "+":
        return _sum(terms)
    if name == "-":
        return terms[0] - _sum(terms[1:]) if count > 1 else -terms[0]
    result = terms[0]
    for term, place in zip(terms[1:], frame.places[1:], strict=True):
        if name == "/":
            if term.variables or not term.terms:
                source.fail(place, "a term may be divided only by a number other than zero")
            term = Polynomial.constant(1 / term.terms[0][1])
        if len(result.terms) * len(term.terms) > MAX_PRODUCT:
            source.fail(
                frame.operator.offset, f"this product has more than {MAX_PRODUCT} terms before they are collected"
            )
        result = result * term
    return result


def _sum(terms: list[Polynomial]) -> Polynomial:
    """All terms at once: adding one by one would sort again each time."""
    return Polynomial(tuple(term for polynomial in terms for term in polynomial.terms))


def _formulas(frame: _Frame, source: Source) -> list[Formula]:
    parts: list[Formula] = []
    for value, place in zip(frame.values, frame.places, strict=True):
        if isinstance(value, Polynomial):
            source.fail(place, f"{frame.operator.text!r} needs formulas, and this is a term")
        parts.append(value)
    return parts


def _terms(frame: _Frame, source: Source) -> list[Polynomial]:
    terms: list[Polynomial] = []
    for value, place in zip(frame.values, frame.places, strict=True):
        if not isinstance(value, Polynomial):
            source.fail(place, f"{frame.operator.text!r} needs terms, and this is a formula")
        terms.append(value)
    return terms


def _number(token: Token, source: Source) -> Polynomial:
    try:
        return Polynomial.constant(parse_rational(token.text))
    except InputError as error:
        source.fail(token.offset, str(error))


def _indices(tokens: list[Token], position: int, source: Source) -> tuple[tuple[int, ...] | None, int]:
    """The indices of a bracket at `position`, if there is one, and the position after it."""
    if tokens[position].text != "[":
        return None, position
    indices: list[int] = []
    while True:
        number, separator = tokens[position + 1], tokens[min(position + 2, len(tokens) - 1)]
        if not _NATURAL.fullmatch(number.text) or len(number.text) > 12:
            source.fail(number.offset, f"an index is an integer from 0 on, not {number.text!r}")
        indices.append(int(number.text))
        position += 2
        if separator.text == "]":
            return tuple(indices), position + 1
        if separator.text != ",":
            source.fail(separator.offset, f"',' or ']' is expected, not {separator.text!r}")


def _variable(name: Token, indices: tuple[int, ...] | None, scope: Scope, source: Source) -> int:
    """The number of a variable."""
    if name.text in scope.constants:
        variable, declared = scope.constants[name.text]
        if declared > name.offset:
            source.fail(name.offset, f"{name.text} is used before its declaration")
        if indices is not None:
            source.fail(name.offset, f"{name.text} is a number and takes no index")
        return variable
    if name.text not in scope.tensors:
        source.fail(name.offset, f"{name.text} is not declared")
    tensor = scope.tensors[name.text]
    count, needed = len(indices or ()), len(tensor.shape)
    if count != needed:
        source.fail(name.offset, f"{name.text} has shape {list(tensor.shape)} and takes {needed} indices, not {count}")
    if tensor.first is None:
        source.fail(
            name.offset,
            f"{name.text} is the hidden node {tensor.onnx_name!r}; only inputs and outputs may be constrained",
        )
    entry = 0
    for index, size in zip(indices or (), tensor.shape, strict=True):
        if index >= size:
            source.fail(name.offset, f"index {index} of {name.text} is out of range; its shape is {list(tensor.shape)}")
        entry = entry * size + index
    return tensor.first + entry
