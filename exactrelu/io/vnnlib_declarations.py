"""What a VNN-LIB query declares: networks with tensors of inputs, hidden values and outputs.

VNN-LIB 2.0: `(declare-network f (equal-to g) (declare-input X real [1,2]) ... (declare-output Y real []))`.
VNN-LIB 1.0: `(declare-const X_0 Real)`, ... `(declare-const Y_0 Real)`, which is read as one network with one tensor
each, X of shape [n] and Y of shape [m].

Variables are numbered as in `verification.questions.query`: all inputs, network by network and tensor by tensor, row
by row within a tensor; then all outputs likewise.

Element types.  `real` (or `Real`) means real arithmetic.  The standard says of any other type that the user asks for
an analysis sound for that type, and that a tool without it must throw an error; so they are refused, except that with
`floats_as_reals=True` the floating-point types are read as `real` at the caller's risk: unsat then holds for exact
evaluation at all real inputs, and says nothing about rounded evaluation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal, TypeAlias

from exactrelu.io.vnnlib_tokens import Form, Source, Token

__all__ = ["NetworkDeclaration", "Scope", "Tensor", "read_constants", "read_networks"]

Kind: TypeAlias = Literal["input", "hidden", "output"]

FLOAT_TYPES = frozenset({"float16", "float32", "float64", "bfloat16", "float4e2m1"}) | {
    f"float8{form}" for form in ("e4m3fn", "e5m2", "e4m3fnuz", "e5m2fnuz")
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NATURAL = re.compile(r"0|[1-9][0-9]*")
_CONSTANT = re.compile(r"([XY])_(0|[1-9][0-9]*)")
_RESERVED = frozenset({"and", "or", "not", "assert"})
_MAX_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Tensor:
    """A declared tensor: `first` is the variable of its first entry (None for hidden ones), `line` where it stands."""

    name: str
    kind: Kind
    element_type: str
    shape: tuple[int, ...]
    onnx_name: str | None = None
    first: int | None = field(default=None, compare=False)
    line: int = field(default=1, compare=False)

    @property
    def size(self) -> int:
        """Number of entries; 1 for a scalar."""
        return math.prod(self.shape)

    def entry_names(self) -> Iterator[str]:
        """Yield the names of the entries, last index fastest: X[0,0], X[0,1], ...; the bare name for a scalar."""
        for index in product(*map(range, self.shape)):
            yield f"{self.name}[{','.join(map(str, index))}]" if index else self.name


@dataclass(frozen=True, slots=True)
class NetworkDeclaration:
    """A declared network; at most one of `equal_to` and `isomorphic_to` names an earlier one."""

    name: str
    inputs: tuple[Tensor, ...]
    hidden: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    equal_to: str | None = None
    isomorphic_to: str | None = None

    @property
    def n_inputs(self) -> int:
        """Number of input variables."""
        return sum(tensor.size for tensor in self.inputs)

    @property
    def n_outputs(self) -> int:
        """Number of output variables."""
        return sum(tensor.size for tensor in self.outputs)


@dataclass(frozen=True, slots=True)
class Scope:
    """The declared names: tensors (2.0) or constants with variable and offset (1.0), and the names of the variables."""

    networks: tuple[NetworkDeclaration, ...]
    tensors: dict[str, Tensor]
    constants: dict[str, tuple[int, int]]
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]


def read_constants(forms: list[Form], source: Source) -> Scope:
    """Read the `declare-const X_i Real` and `declare-fun X_i () Real` of VNN-LIB 1.0, in any order."""
    offsets: dict[str, dict[int, int]] = {"X": {}, "Y": {}}
    for form in forms:
        tokens = form.tokens[2:-1]
        if form.keyword == "declare-fun" and [token.text for token in tokens[1:3]] == ["(", ")"]:
            del tokens[1:3]
        if len(tokens) != 2:
            source.fail(
                form.tokens[1].offset, f"{form.keyword} takes a name and a type, as in (declare-const X_0 Real)"
            )
        name, sort = tokens
        match = _CONSTANT.fullmatch(name.text)
        if match is None:
            source.fail(name.offset, f"{name.text!r} is neither an input X_0, X_1, ... nor an output Y_0, Y_1, ...")
        if sort.text != "Real":
            source.fail(sort.offset, f"the type {sort.text} of {name.text} is not supported; declare it Real")
        if int(match[2]) in offsets[match[1]]:
            source.fail(name.offset, f"{name.text} is declared twice")
        offsets[match[1]][int(match[2])] = name.offset
    constants: dict[str, tuple[int, int]] = {}
    names: list[tuple[str, ...]] = []
    for letter, word in (("X", "input"), ("Y", "output")):
        declared = offsets[letter]
        if not declared:
            source.fail(0, f"no {word} {letter}_0 is declared")
        for index in range(len(declared)):
            if index not in declared:
                source.fail(
                    max(declared.values()), f"{letter}_{index} is not declared, but {letter}_{max(declared)} is"
                )
            constants[f"{letter}_{index}"] = (len(constants), declared[index])
        names.append(tuple(f"{letter}_{index}" for index in range(len(declared))))
    lines = [source.line(max(offsets[letter].values())) for letter in "XY"]
    x = Tensor("X", "input", "Real", (len(names[0]),), first=0, line=lines[0])
    y = Tensor("Y", "output", "Real", (len(names[1]),), first=len(names[0]), line=lines[1])
    return Scope((NetworkDeclaration("network", (x,), (), (y,)),), {}, constants, *names)


def read_networks(forms: list[Form], source: Source, *, floats_as_reals: bool) -> Scope:
    """Read the `declare-network` forms of VNN-LIB 2.0."""
    declared: list[NetworkDeclaration] = []
    for form in forms:
        network, place = _Reader(form, source, floats_as_reals).network()
        _check_names(network, declared, place, source)
        declared.append(network)
    first = 0
    numbered: dict[str, Tensor] = {}
    for kind in ("input", "output", "hidden"):
        for network in declared:
            for tensor in (*network.inputs, *network.outputs, *network.hidden):
                if tensor.kind == kind:
                    start = None if kind == "hidden" else first
                    first += tensor.size
                    numbered[tensor.name] = replace(tensor, first=start)
    networks = tuple(
        replace(
            network,
            inputs=tuple(numbered[tensor.name] for tensor in network.inputs),
            hidden=tuple(numbered[tensor.name] for tensor in network.hidden),
            outputs=tuple(numbered[tensor.name] for tensor in network.outputs),
        )
        for network in declared
    )
    input_names = tuple(name for network in networks for t in network.inputs for name in t.entry_names())
    output_names = tuple(name for network in networks for t in network.outputs for name in t.entry_names())
    return Scope(networks, numbered, {}, input_names, output_names)


def _check_names(network: NetworkDeclaration, earlier: list[NetworkDeclaration], place: int, source: Source) -> None:
    """Names once only; `equal-to` and `isomorphic-to` name an earlier network of equal shapes that has none itself."""
    by_name = {one.name: one for one in earlier}
    if network.name in by_name:
        source.fail(place, f"the network {network.name} is declared twice")
    seen = {t.name for one in earlier for t in (*one.inputs, *one.hidden, *one.outputs)}
    for tensor in (*network.inputs, *network.hidden, *network.outputs):
        if tensor.name in seen:
            source.fail(place, f"the variable {tensor.name} of network {network.name} is declared twice")
        seen.add(tensor.name)
    target = network.equal_to or network.isomorphic_to
    if target is None:
        return
    if target not in by_name:
        source.fail(place, f"network {network.name} refers to {target}, which is not declared before it")
    other = by_name[target]
    if other.equal_to or other.isomorphic_to:
        source.fail(place, f"network {network.name} refers to {target}, which itself refers to another; name that one")
    for mine, theirs in ((network.inputs, other.inputs), (network.outputs, other.outputs)):
        if [(t.element_type, t.shape) for t in mine] != [(t.element_type, t.shape) for t in theirs]:
            source.fail(
                place, f"networks {network.name} and {target} declare {mine[0].kind}s of different type or shape"
            )


class _Reader:
    """A cursor over the tokens of one `declare-network`."""

    def __init__(self, form: Form, source: Source, floats_as_reals: bool) -> None:
        self.tokens, self.source, self.floats_as_reals = form.tokens, source, floats_as_reals
        self.position = 2

    def network(self) -> tuple[NetworkDeclaration, int]:
        """Read it to the end; also the offset of its name."""
        name = self.name("network")
        tensors: dict[str, list[Tensor]] = {"input": [], "hidden": [], "output": []}
        relations: dict[str, str] = {}
        stage = 0
        while self.position < len(self.tokens) - 1:
            self.expect("(")
            keyword = self.next()
            if keyword.text in ("equal-to", "isomorphic-to"):
                if relations or stage:
                    self.source.fail(
                        keyword.offset, f"one {keyword.text} may stand before the inputs, and no second one"
                    )
                relations[keyword.text] = self.name("network").text
            else:
                stages = {"declare-input": 1, "declare-hidden": 2, "declare-output": 3}
                if keyword.text not in stages:
                    self.source.fail(
                        keyword.offset, f"{keyword.text!r} is no part of a network; {', '.join(stages)} are"
                    )
                if stages[keyword.text] < stage:
                    self.source.fail(keyword.offset, "inputs are declared first, then hidden values, then outputs")
                stage = stages[keyword.text]
                kind: Kind = "input" if stage == 1 else "hidden" if stage == 2 else "output"
                tensors[kind].append(self.tensor(kind))
            self.expect(")")
        for kind in ("input", "output"):
            if not tensors[kind]:
                self.source.fail(name.offset, f"the network {name.text} declares no {kind}")
        declaration = NetworkDeclaration(
            name.text,
            tuple(tensors["input"]),
            tuple(tensors["hidden"]),
            tuple(tensors["output"]),
            relations.get("equal-to"),
            relations.get("isomorphic-to"),
        )
        return declaration, name.offset

    def tensor(self, kind: Kind) -> Tensor:
        """Read name, element type, shape and, where given, the name of the ONNX node."""
        name, element = self.name("variable"), self.next()
        if element.text.lower() != "real" and not (self.floats_as_reals and element.text in FLOAT_TYPES):
            remedy = ", or ask for floats_as_reals=True (--floats-as-reals)" if element.text in FLOAT_TYPES else ""
            self.source.fail(
                element.offset,
                f"the element type {element.text} of {name.text} is not supported: verdicts hold in real arithmetic; "
                f"declare it real{remedy}",
            )
        shape = self.shape()
        onnx_name = None
        if self.tokens[self.position].text.startswith('"'):
            onnx_name = self.next().text[1:-1]
        elif kind == "hidden":
            self.source.fail(name.offset, f'the hidden {name.text} needs the name of its ONNX node: "..."')
        return Tensor(name.text, kind, "real", shape, onnx_name, line=self.source.line(name.offset))

    def shape(self) -> tuple[int, ...]:
        """Read "[" sizes "]"."""
        place = self.expect("[")
        sizes: list[int] = []
        token = self.next()
        while token.text != "]":
            if not _NATURAL.fullmatch(token.text) or len(token.text) > 8 or int(token.text) == 0:
                self.source.fail(token.offset, f"a size is a positive integer, not {token.text!r}")
            sizes.append(int(token.text))
            token = self.next()
            if token.text == ",":
                token = self.next()
            elif token.text != "]":
                self.source.fail(token.offset, f"',' or ']' is expected, not {token.text!r}")
        if self.tokens[self.position - 2].text == ",":
            self.source.fail(token.offset, "a size is missing after ','")
        if math.prod(sizes) > _MAX_SIZE:
            self.source.fail(place.offset, f"a tensor of {math.prod(sizes)} entries is too large ({_MAX_SIZE} at most)")
        return tuple(sizes)

    def name(self, what: str) -> Token:
        """Read a name: a letter, then letters, digits and underscores."""
        token = self.next()
        if not _NAME.fullmatch(token.text) or token.text in _RESERVED:
            self.source.fail(token.offset, f"{token.text!r} is no name for a {what}: letter, then letters, digits, _")
        return token

    def expect(self, text: str) -> Token:
        """Read a given token."""
        token = self.next()
        if token.text != text:
            self.source.fail(token.offset, f"{text!r} is expected, not {token.text!r}")
        return token

    def next(self) -> Token:
        """Read any token; the form's own ")" is the last."""
        token = self.tokens[min(self.position, len(self.tokens) - 1)]
        self.position += 1
        return token
