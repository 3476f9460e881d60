"""A VNN-LIB file as names, networks and one formula of nested tuples: what a verdict's certificate speaks about.

Read are VNN-LIB 1.0 (`declare-const X_0 Real`, ..., `assert`) and 2.0 (`vnnlib-version`, `declare-network`, `assert`).
Variables are numbered: all inputs, network by network and row by row within a tensor, then all outputs likewise.  All
of them are real numbers, whatever floating-point type the file names.

The formula is the "and" of all assertions in the order of the text, in the form that `formulas` fixes; there, a <= b is
a - b <= 0, a >= b is b - a <= 0, likewise < and >, a = b is a - b == 0, and a != b is a - b < 0 or b - a < 0.

Refused is what has no clear meaning; whether the file keeps every rule of the standard is not this module's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from .formulas import combine, compare, fold, join, multiply, negate
from .reading import Invalid, Unreadable, rational, shorten

__all__ = ["Declared", "QueryFile", "read_query"]

MAX_SIZE = 1_000_000  # entries of a tensor
MAX_PRODUCT = 100_000  # pairs of terms of a product

_TOKEN = re.compile(
    r'(;[^\n]*)|([()]|\[[^][;]*\]|"[^"\n]*"|<[0-9]+\.[0-9]+>'
    r"|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![A-Za-z0-9_.])"
    r"|[<>=!]=|[-+*/<>=]|[A-Za-z_][A-Za-z0-9_.-]*|:[A-Za-z0-9_.-]+|\|[^|\\]*\|)"
)
_NUMBER = re.compile(r"[-+]?[.0-9].*")
_CONSTANT = re.compile(r"([XY])_(0|[1-9][0-9]*)")
_IGNORED = ("set-info", "set-option", "check-sat", "get-model", "exit")
_LOGICS = ("QF_LRA", "QF_NRA", "LRA", "NRA", "ALL")


@dataclass(frozen=True, slots=True)
class Declared:
    """A network of the file: which variables are its inputs and outputs, and what it says of an earlier network."""

    name: str
    inputs: range
    outputs: range
    equal_to: str | None = None
    isomorphic_to: str | None = None


@dataclass(frozen=True, slots=True)
class QueryFile:
    """The names of all variables, how many of them are inputs, the networks, and the formula."""

    names: tuple[str, ...]
    n_inputs: int
    networks: tuple[Declared, ...]
    formula: Any


def read_query(text: str) -> QueryFile:
    """Read a query.

    Raises:
        Unreadable: the text is no such query; the message is the reason.

    >>> file = read_query("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (< Y_0 0.5))(assert (= X_0 1))")
    >>> file.names, file.n_inputs
    (('X_0', 'Y_0'), 1)
    >>> file.formula[0], file.formula[1][0]
    ('and', ('<', {((1, 1),): Fraction(1, 1), (): Fraction(-1, 2)}))
    """
    forms = _parse(text.removeprefix("\ufeff"))  # a byte-order mark
    is_second = bool(forms) and forms[0][0] == "vnnlib-version"
    if is_second:
        version = forms.pop(0)[1:]
        _require(len(version) == 1 and re.fullmatch(r"<2\.[0-9]+>", str(version[0])), "the version is not 2.x")
        inputs, outputs, networks = _networks([form for form in forms if form[0] == "declare-network"])
    else:
        inputs, outputs = _constants([form for form in forms if form[0] in ("declare-const", "declare-fun")])
        networks = (Declared("network", range(len(inputs)), range(len(inputs), len(inputs) + len(outputs))),)
    names = (*inputs, *outputs)
    variables = {name: number for number, name in enumerate(names)}
    _require(len(variables) == len(names), "a name is declared twice")
    parts = []
    for form in forms:
        if form[0] == "assert":
            _require(len(form) == 2, "assert takes one formula")
            parts.append(
                fold(
                    form[1],
                    lambda node: node[1:] if isinstance(node, list) else None,
                    lambda atom: _atom(atom, variables),
                    lambda node, values: _apply(node[0] if node else "()", values),
                )
            )
        elif form[0] == "set-logic" and not is_second:
            _require(
                len(form) == 2 and form[1] in _LOGICS, f"the logic {shorten(form[1:])} is not that of real numbers"
            )
        else:
            known = ("declare-network",) if is_second else ("declare-const", "declare-fun", *_IGNORED)
            _require(form[0] in known, f"{shorten(form[0])} has no place in a query")
    _require(parts, "there is no assertion")
    return QueryFile(names, len(inputs), networks, join("and", _all_of(parts, tuple)))


def _require(condition: object, reason: str) -> None:
    if not condition:
        raise Unreadable(f"the query: {reason}")


def _parse(text: str) -> list[Any]:
    """The top-level parentheses as nested lists of texts; a bracket is joined to the text before it."""
    stack: list[list[Any]] = [[]]
    position = 0
    for match in _TOKEN.finditer(text):
        _require(not text[position : match.start()].strip(), f"{shorten(text[position : match.start()])} is unreadable")
        position = match.end()
        token = match[2]
        if token == "(":
            stack.append([])
        elif token == ")":
            _require(len(stack) > 1, "a parenthesis is closed that was not opened")
            _require(not stack[-1] or isinstance(stack[-1][0], str), "a parenthesis has no keyword")
            done = stack.pop()
            stack[-1].append(done)
        elif token is not None and token[0] == "[":
            _require(stack[-1] and isinstance(stack[-1][-1], str), "a bracket stands alone")
            stack[-1][-1] += re.sub(r"\s*([][,])\s*", r"\1", token)
        elif token is not None:
            stack[-1].append(token)
    _require(not text[position:].strip(), f"{shorten(text[position:])} is unreadable")
    _require(len(stack) == 1, "a parenthesis is never closed")
    _require(all(form and isinstance(form, list) for form in stack[0]), "() or something outside parentheses")
    return stack[0]


def _constants(forms: list[Any]) -> tuple[list[str], list[str]]:
    """The names X_0, ..., X_n-1 and Y_0, ..., Y_m-1 of a file of version 1.0."""
    found: dict[str, set[int]] = {"X": set(), "Y": set()}
    for keyword, *rest in forms:
        if keyword == "declare-fun" and [] in rest:
            rest.remove([])
        match = _CONSTANT.fullmatch(rest[0]) if len(rest) == 2 and isinstance(rest[0], str) else None
        if match is None or rest[1] != "Real":
            raise Unreadable(f"the query: {shorten(rest)} is no declaration like (declare-const X_0 Real)")
        _require(int(match[2]) not in found[match[1]], f"{rest[0]} is declared twice")
        found[match[1]].add(int(match[2]))
    for letter, numbers in found.items():
        _require(
            numbers and max(numbers) == len(numbers) - 1, f"{letter}_0, {letter}_1, ... are not declared without gap"
        )
    return [f"X_{i}" for i in range(len(found["X"]))], [f"Y_{i}" for i in range(len(found["Y"]))]


def _networks(forms: list[Any]) -> tuple[list[str], list[str], tuple[Declared, ...]]:
    """Names of all inputs and of all outputs, and the networks of a file of version 2.0."""
    read: list[tuple[str, list[str], list[str], dict[str, str]]] = []
    tensors: set[str] = set()
    for form in forms:
        names: dict[str, list[str]] = {"declare-input": [], "declare-hidden": [], "declare-output": []}
        relations: dict[str, str] = {}
        _require(len(form) > 1 and isinstance(form[1], str), "a network has no name")
        for part in form[2:]:
            is_plain = isinstance(part, list) and part and all(isinstance(word, str) for word in part)
            _require(is_plain, f"{shorten(part)} is no part of a network")
            keyword, *rest = part
            if keyword in ("equal-to", "isomorphic-to") and len(rest) == 1 and not relations:
                relations[keyword] = rest[0]
                _require(any(rest[0] == name for name, *_ in read), f"{rest[0]} is not declared before {form[1]}")
            else:
                is_named = len(rest) == 3 and rest[2][0] == '"'
                _require(keyword in names and (len(rest) == 2 or is_named), f"{shorten(part)} is no part of a network")
                _require(rest[0] not in tensors, f"{rest[0]} is declared twice")
                tensors.add(rest[0])
                names[keyword] += _entries(rest[0], rest[1])
        _require(names["declare-input"] and names["declare-output"], f"{form[1]} needs inputs and outputs")
        _require(all(form[1] != name for name, *_ in read), f"{form[1]} is declared twice")
        read.append((form[1], names["declare-input"], names["declare-output"], relations))
    inputs = [name for _, ins, _, _ in read for name in ins]
    outputs = [name for _, _, outs, _ in read for name in outs]
    networks = []
    first_input, first_output = 0, len(inputs)
    for name, ins, outs, relations in read:
        ranges = range(first_input, first_input + len(ins)), range(first_output, first_output + len(outs))
        networks.append(Declared(name, *ranges, relations.get("equal-to"), relations.get("isomorphic-to")))
        first_input, first_output = ranges[0].stop, ranges[1].stop
    _require(networks, "there is no network")
    return inputs, outputs, tuple(networks)


def _entries(name: Any, typed_shape: Any) -> list[str]:
    """The names of a tensor's entries, from its name and for example "real[2,3]"."""
    match = re.fullmatch(r"([A-Za-z0-9]+)\[((?:[1-9][0-9]{0,7}(?:,[1-9][0-9]{0,7})*)?)\]", str(typed_shape))
    if match is None or not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise Unreadable(f"the query: {shorten(name)} {shorten(typed_shape)} is no tensor such as X real [2,3]")
    _require(re.fullmatch(r"[Rr]eal|b?float[0-9a-z]+", match[1]), f"the element type {match[1]} is not supported")
    sizes = [int(size) for size in match[2].split(",") if size]
    _require(prod(sizes) <= MAX_SIZE, f"{name} has more than {MAX_SIZE} entries")
    return [f"{name}[{','.join(map(str, index))}]" if index else name for index in product(*map(range, sizes))]


def _atom(atom: str, variables: dict[str, int]) -> dict[Any, Fraction]:
    if _NUMBER.fullmatch(atom):
        try:
            return combine((1, {(): rational(atom, "the query")}))
        except Invalid as error:
            raise Unreadable(str(error)) from None
    _require(atom in variables, f"{shorten(atom)} is no declared input or output, or has a wrong index")
    return {((variables[atom], 1),): Fraction(1)}


def _apply(operator: str, values: list[Any]) -> Any:
    """A formula (a tuple) or a polynomial (a dictionary)."""
    count = len(values)
    if operator in ("and", "or", "not"):
        _require(count == 1 if operator == "not" else count, f"{operator} has {count} parts")
        _all_of(values, tuple)
        return negate(values[0]) if operator == "not" else join(operator, values)
    _all_of(values, dict)
    if operator in ("<=", "<", ">=", ">", "=", "==", "!="):
        _require(count == 2, f"{operator} compares two terms")
        left, right = values
        less, greater = combine((1, left), (-1, right)), combine((1, right), (-1, left))
        if operator == "!=":
            return join("or", [compare("<", less), compare("<", greater)])
        if operator in (">=", ">"):
            return compare("<=" if operator == ">=" else "<", greater)
        return compare("==" if operator == "=" else operator, less)
    _require(operator in ("+", "-", "*", "/"), f"{shorten(operator)} is not supported")
    _require(count > 1 or (count == 1 and operator != "/"), f"{operator} has too few terms")
    first, *rest = values
    if operator == "+":
        return combine(*((1, value) for value in values))
    if operator == "-":
        return combine((1, first), *((-1, value) for value in rest)) if rest else combine((-1, first))
    for value in rest:
        if operator == "/":
            _require(list(value) == [()], "a term is divided by something else than a number other than zero")
            value = {(): 1 / value[()]}
        _require(len(first) * len(value) <= MAX_PRODUCT, f"a product has more than {MAX_PRODUCT} terms")
        first = multiply(first, value)
    return first


def _all_of(values: list[Any], kind: type) -> list[Any]:
    _require(all(isinstance(value, kind) for value in values), "a term stands for a formula or the other way round")
    return values
