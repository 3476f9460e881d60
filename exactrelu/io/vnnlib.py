"""VNN-LIB 1.0 and 2.0: query files as exact values.

A file whose first form is `(vnnlib-version <2.x>)` is read as VNN-LIB 2.0, any other as 1.0.  `parse_vnnlib` needs no
network; `read_vnnlib` joins the query to one, or to several, which become one network by `parallel`.  Numbers mean
exactly what their digits say: "0.1" is 1/10.

Which network is meant: a single `Network` serves a query that declares one, or several all `equal-to` the first; a
mapping gives every declared name its own, where a network `equal-to` another needs no entry and one `isomorphic-to`
another needs an entry with the same widths and activations, layer by layer.

What is refused, always with file, line and column: see `exactrelu.io.vnnlib_declarations` (element types, hidden
values in assertions, clashing names) and `exactrelu.io.vnnlib_assertions`.  A query whose input constraints contradict
one another is refused too (DomainError): its `unsat` would say nothing about the network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from exactrelu.errors import DomainError, InputError, QueryFormatError
from exactrelu.io.files import read_text
from exactrelu.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnnlib_declarations import NetworkDeclaration, read_constants, read_networks
from exactrelu.io.vnnlib_tokens import Source
from exactrelu.networks.combining import parallel
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import Formula, conjunction, format_formula
from exactrelu.verification.questions.query import Query

__all__ = ["ParsedQuery", "join_networks", "parse_vnnlib", "read_vnnlib"]

_VERSION = re.compile(r"<2\.[0-9]+>")
_SILENT = frozenset({"set-info", "set-option", "check-sat", "get-model", "exit"})
_LOGICS = frozenset({"QF_LRA", "QF_NRA", "LRA", "NRA", "ALL"})


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query before it meets its networks.

    Fields:
        version: "1.0", or the version that the file gives.
        networks: the declarations; one called "network" for VNN-LIB 1.0.
        formula: the conjunction of all assertions, over the variables 0.. of all inputs, then all outputs.
        input_names, output_names: as the file writes them.
        source: the file's name, for messages.
    """

    version: str
    networks: tuple[NetworkDeclaration, ...]
    formula: Formula
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    source: str = field(default="query", compare=False)


def parse_vnnlib(text: str, *, source: str = "query", floats_as_reals: bool = False) -> ParsedQuery:
    """Read VNN-LIB 1.0 or 2.0 text.

    Args:
        text: the file's content.
        source: its name, for messages.
        floats_as_reals: read floating-point element types as `real` instead of refusing them.

    Raises:
        QueryFormatError: the text is no such query; the message begins with source:line:column.

    Example:
        >>> parsed = parse_vnnlib('''
        ...     (declare-const X_0 Real) (declare-const Y_0 Real)
        ...     (assert (<= X_0 0.1)) (assert (or (>= Y_0 (* 2 X_0)) (= Y_0 0)))''')
        >>> parsed.formula
        (x0 - 1/10 <= 0 and (2·x0 - x1 <= 0 or x1 == 0))
        >>> parse_vnnlib("(declare-const X_0 Real)(declare-const Y_0 Real)\\n(assert (<= X_1 0))", source="q")
        Traceback (most recent call last):
            ...
        exactrelu.errors.QueryFormatError: q:2:13: X_1 is not declared
    """
    place = Source(text.removeprefix("\ufeff"), source)  # some editors begin a file with a byte-order mark
    forms = place.forms()
    version = "1.0"
    if forms[0].keyword == "vnnlib-version":
        tokens = forms.pop(0).tokens
        if len(tokens) != 4 or not _VERSION.fullmatch(tokens[2].text):
            place.fail(
                tokens[-2].offset, "the version is not supported; (vnnlib-version <2.0>) is, and 1.0 without header"
            )
        version = tokens[2].text[1:-1]
    declaring = ("declare-const", "declare-fun") if version == "1.0" else ("declare-network",)
    declarations = [form for form in forms if form.keyword in declaring]
    assertions = [form for form in forms if form.keyword == "assert"]
    for index, form in enumerate(forms):
        offset = form.tokens[1].offset
        if form.keyword in declaring and version != "1.0" and index >= len(declarations):
            place.fail(offset, "networks are declared before the first assertion")
        if form.keyword in (*declaring, "assert") or (version == "1.0" and form.keyword in _SILENT):
            continue
        if version == "1.0" and form.keyword == "set-logic":
            if len(form.tokens) == 4 and form.tokens[2].text in _LOGICS:
                continue
            place.fail(offset, f"this theory is not supported; real arithmetic is: {', '.join(sorted(_LOGICS))}")
        place.fail(
            offset, f"{form.keyword!r} has no place here; VNN-LIB {version} has {', '.join(declaring)} and assert"
        )
    if not declarations:
        place.fail(0, f"nothing is declared; begin with ({declaring[0]} ...)")
    if version == "1.0":
        scope = read_constants(declarations, place)
    else:
        scope = read_networks(declarations, place, floats_as_reals=floats_as_reals)
    if not assertions:
        place.fail(len(text.rstrip()), "the query asserts nothing; add (assert ...)")
    formula = conjunction([read_assertion(form, scope, place) for form in assertions])
    return ParsedQuery(version, scope.networks, formula, scope.input_names, scope.output_names, source)


def read_vnnlib(
    path: str | PathLike[str], networks: Network | Mapping[str, Network], *, floats_as_reals: bool = False
) -> Query:
    """Return the query of a VNN-LIB file about a network, or about several by name.

    `sat` means: some real input, one for each declared network, makes all assertions true.

    Raises:
        QueryFormatError: the file is no such query, or does not fit the networks; with file, line and column.
        DomainError: the assertions on inputs contradict one another.
        FormatError: the file cannot be read.
    """
    file = Path(path)
    return join_networks(parse_vnnlib(read_text(file), source=str(file), floats_as_reals=floats_as_reals), networks)


def join_networks(parsed: ParsedQuery, networks: Network | Mapping[str, Network]) -> Query:
    """Return the query that a parsed one asks about given networks; arguments and errors as `read_vnnlib`."""
    chosen = _choose(parsed, networks)
    for declaration in parsed.networks:
        network = chosen[declaration.name]
        for tensors, declared, actual in (
            (declaration.inputs, declaration.n_inputs, network.n_inputs),
            (declaration.outputs, declaration.n_outputs, network.n_outputs),
        ):
            if declared != actual:
                raise _misfit(
                    parsed, tensors[0].line, f"{declared} {tensors[0].kind}s are declared, but the network has {actual}"
                )
            if len(tensors) > 1 and any(tensor.onnx_name for tensor in tensors):
                raise _misfit(
                    parsed, tensors[0].line, f"{tensors[0].kind}s are matched by order; leave out their ONNX names"
                )
        if declaration.isomorphic_to and _architecture(network) != _architecture(chosen[declaration.isomorphic_to]):
            line = declaration.inputs[0].line
            raise _misfit(
                parsed, line, f"{declaration.name} and {declaration.isomorphic_to} have different widths or activations"
            )
    combined = parallel([chosen[declaration.name] for declaration in parsed.networks])
    query = Query(combined, parsed.formula, parsed.input_names, parsed.output_names)
    clash = query.input_contradiction()
    if clash:
        parts = "; ".join(format_formula(part, query.names) for part in clash)
        raise DomainError(
            f"{parsed.source}: no input satisfies the assertions: {parts}. The query says nothing about the network; "
            "check the bounds"
        )
    return query


def _choose(parsed: ParsedQuery, networks: Network | Mapping[str, Network]) -> dict[str, Network]:
    """The network of every declaration."""
    first = parsed.networks[0].name
    given = {first: networks} if isinstance(networks, Network) else dict(networks)
    unknown = sorted(set(given) - {declaration.name for declaration in parsed.networks})
    if unknown:
        names = ", ".join(declaration.name for declaration in parsed.networks)
        raise InputError(f"networks: {parsed.source} declares no network {unknown[0]!r}; it declares {names}")
    for declaration in parsed.networks:
        line = declaration.inputs[0].line
        original = given.get(declaration.equal_to) if declaration.equal_to else None
        if declaration.name not in given:
            if original is None:
                raise _misfit(
                    parsed, line, f"no network is given for {declaration.name}; pass a mapping with that name"
                )
            given[declaration.name] = original
        elif original is not None and given[declaration.name] != original:
            raise _misfit(parsed, line, f"{declaration.name} is declared equal-to {declaration.equal_to}, but differs")
    return given


def _architecture(network: Network) -> tuple[object, ...]:
    """What isomorphic networks share."""
    return network.widths, tuple(layer.activations for layer in network.hidden)


def _misfit(parsed: ParsedQuery, line: int, message: str) -> QueryFormatError:
    return QueryFormatError(f"{parsed.source}:{line}:1: {message}", line)
