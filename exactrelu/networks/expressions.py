"""Expressions: vectors of affine forms, out of which a network with branches is put together.

A `Graph` starts from the network's input.  An `Expression` is a vector of affine forms over *anchors*: sum of M_A A +
offset.  An anchor is a vector that later layers may need as it is,

* the input (depth 0),
* a block of units, the activations of an expression (depth one more than the expression's), or
* a junction: a linear value worth a name of its own (depth of the expression that it names; it costs no layer).

Affine operations only change the matrices, so consecutive ones fold into one.  Junctions keep sums of branches
narrow: in y = x + V relu(W x) the value y is named, so that a later layer passes on the entries of y rather than all
of x and relu(W x).  They are made where expressions of different depths meet, and only for a value with fewer entries
than it has arguments.

Invariant: an anchor's number exceeds those of all anchors in its definition.  Cost: one integer matrix product for an
affine map, nothing for an activation.  Not done here: placing values in layers (`lowering`), maxima and clips
(`piecewise`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_vector
from exactrelu.networks.activations import Activation

__all__ = ["Anchor", "Expression", "Graph", "concatenate", "dense", "require_moderate"]

_LONGEST_SIDE = 1 << 20
"""Rows or columns beyond which a matrix is refused; its nonzero entries alone are kept."""

_MOST_ENTRIES = 1 << 27
"""Entries beyond which a matrix or the work for a product is refused rather than exhausting the memory."""


@dataclass(frozen=True, eq=False, slots=True)
class Anchor:
    """A vector that later layers may need: the input (no definition), units, or a junction (no activations)."""

    number: int
    size: int
    depth: int
    definition: Expression | None = None
    activations: tuple[Activation, ...] | None = None
    origin: str = ""

    @property
    def is_junction(self) -> bool:
        """Whether the anchor only names an expression."""
        return self.definition is not None and self.activations is None


class Graph:
    """The values that are computed from one input vector; expressions of two graphs cannot be mixed.

    Example:
        >>> graph = Graph(2)
        >>> x = graph.input
        >>> (x.affine(RationalMatrix.from_rows([[1, 2]])) + graph.constant(["1/2"])).depth
        0
    """

    def __init__(self, n_inputs: int) -> None:
        self._n_anchors = 0
        self._junctions: dict[Expression, Expression] = {}
        self.n_inputs = n_inputs
        self.input = self._name(Anchor(0, n_inputs, 0))

    def constant(self, values: Iterable[Any] | RationalMatrix) -> Expression:
        """Return a vector that does not depend on the input: exact numbers, or a matrix with one column."""
        column = values if isinstance(values, RationalMatrix) else _column(as_vector(values, name="constant"))
        return Expression(self, (), column)

    def units(self, definition: Expression, activations: tuple[Activation, ...], origin: str) -> Expression:
        """Return the activations of `definition` as a new block of units."""
        depth = definition.depth + 1
        return self._name(Anchor(self._n_anchors, definition.size, depth, definition, activations, origin))

    def junction(self, definition: Expression) -> Expression:
        """Return `definition` under a name of its own, the same one each time."""
        if definition not in self._junctions:
            anchor = Anchor(self._n_anchors, definition.size, definition.depth, definition)
            self._junctions[definition] = self._name(anchor)
        return self._junctions[definition]

    def _name(self, anchor: Anchor) -> Expression:
        self._n_anchors += 1
        return Expression(self, ((anchor, None),), RationalMatrix.zeros(anchor.size, 1))


@dataclass(frozen=True, eq=False, slots=True)
class Expression:
    """A vector of affine forms: the sum of matrix times anchor over `terms`, plus `offset` (one column).

    The matrix None stands for the identity, which is the usual case after an activation and need not be multiplied out.
    """

    graph: Graph
    terms: tuple[tuple[Anchor, RationalMatrix | None], ...]
    offset: RationalMatrix

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.offset.n_rows

    @property
    def depth(self) -> int:
        """Number of layers of units below: 0 for an affine function of the input, or a constant."""
        return max((anchor.depth for anchor, _ in self.terms), default=0)

    @property
    def is_constant(self) -> bool:
        """Whether no anchor occurs."""
        return not self.terms

    @property
    def values(self) -> tuple[Fraction, ...]:
        """The entries of a constant; InputError for anything else."""
        if self.terms:
            raise InputError("a constant is needed here, but the value depends on the network's input")
        return tuple(row[0] for row in self.offset.to_fractions())

    @property
    def column(self) -> list[int]:
        """The numerators of a constant over `offset.denominator`; InputError for anything else."""
        if self.terms:
            raise InputError("a constant is needed here, but the value depends on the network's input")
        return [row[0] for row in self.offset.numerators]

    def affine(self, weights: RationalMatrix, offset: RationalMatrix | None = None) -> Expression:
        """Return weights · self + offset (weights: m×size, offset: one column of m)."""
        if weights.n_columns != self.size:
            raise ShapeError(f"the matrix has {weights.n_columns} columns, the value {self.size} entries")
        for anchor, m in self.terms:
            require_moderate(weights.n_rows, anchor.size)
            if m is not None and weights.n_rows * anchor.size > _MOST_ENTRIES:
                _require_moderate_product(weights, m)
        terms = tuple((a, weights if m is None else weights @ m) for a, m in self.terms)
        moved = weights @ self.offset
        return Expression(self.graph, terms, moved if offset is None else moved + offset)

    def scale(self, factors: Sequence[Fraction]) -> Expression:
        """Return the entries times one exact factor each."""
        if len(factors) != self.size:
            raise ShapeError(f"there are {len(factors)} factors for {self.size} entries")
        if all(factor == 1 for factor in factors):
            return self
        terms = tuple((a, dense(a, m).scale_rows(factors)) for a, m in self.terms)
        return Expression(self.graph, terms, self.offset.scale_rows(factors))

    def select(self, rows: Sequence[int]) -> Expression:
        """Return the entries with the given numbers, in that order; a number may be repeated or left out."""
        if list(rows) == list(range(self.size)):
            return self
        for anchor, _ in self.terms:
            require_moderate(len(rows), anchor.size)
        terms = tuple((a, dense(a, m).select_rows(rows)) for a, m in self.terms)
        return Expression(self.graph, terms, self.offset.select_rows(rows))

    def __add__(self, other: Expression) -> Expression:
        if self.size != other.size:
            raise ShapeError(f"cannot add {self.size} and {other.size} entries")
        if self.is_constant or other.is_constant:
            return Expression(_common_graph(self, other), self.terms or other.terms, self.offset + other.offset)
        depth = max(self.depth, other.depth)
        return _sum(part if part.depth == depth else part.named() for part in (self, other))._named_if_mixed()

    def __neg__(self) -> Expression:
        return self.scale([Fraction(-1)] * self.size)

    def __sub__(self, other: Expression) -> Expression:
        # The name goes to the operand as it is, which may be passed on anyway, rather than to its negative.
        return self + (-(other.named() if other.depth < self.depth else other))

    def activate(self, activations: Sequence[Activation], *, origin: str = "") -> Expression:
        """Return the activations of the entries, one each.

        A constant is evaluated, and activations that are all linear only scale; neither makes a unit.
        """
        if len(activations) != self.size:
            raise ShapeError(f"there are {len(activations)} activations for {self.size} entries")
        if self.is_constant:
            return self.graph.constant([f(value) for f, value in zip(activations, self.values, strict=True)])
        if all(f.is_linear for f in activations):
            return self.scale([f.positive for f in activations])
        return self.graph.units(self, tuple(activations), origin)

    def named(self) -> Expression:
        """Return the same value; as a junction if it has fewer entries than arguments, so is cheaper to pass on."""
        arguments = sum(anchor.size if m is None else len(m.used_columns()) for anchor, m in self.terms)
        return self.graph.junction(self) if self.size < arguments else self

    def _named_if_mixed(self) -> Expression:
        return self.named() if any(anchor.depth < self.depth for anchor, _ in self.terms) else self

    def __repr__(self) -> str:
        return f"<Expression: {self.size} entries, depth {self.depth}>"


def concatenate(parts: Sequence[Expression]) -> Expression:
    """Return the entries of the parts, one part after the other (at least one part)."""
    if not parts:
        raise InputError("there is nothing to concatenate; pass at least one value")
    depth = max(part.depth for part in parts)
    total = sum(part.size for part in parts)
    placed = []
    start = 0
    for part in parts:
        inner = part if part.depth == depth else part.named()
        placed.append(_embed(inner, start, total))
        start += part.size
    return placed[0] if len(parts) == 1 else _sum(placed)


def _sum(parts: Iterable[Expression]) -> Expression:
    """Entrywise sum, anchor by anchor."""
    collected = list(parts)
    matrices: dict[Anchor, RationalMatrix | None] = {}
    for part in collected:
        for anchor, m in part.terms:
            matrices[anchor] = dense(anchor, matrices[anchor]) + dense(anchor, m) if anchor in matrices else m
    offset = collected[0].offset
    for part in collected[1:]:
        offset = offset + part.offset
    terms = tuple(sorted(matrices.items(), key=lambda item: item[0].number))
    return Expression(_common_graph(*collected), terms, offset)


def _common_graph(*parts: Expression) -> Graph:
    if any(part.graph is not parts[0].graph for part in parts):
        raise InputError("the values belong to two different graphs; build all of them from one Graph")
    return parts[0].graph


def _embed(part: Expression, start: int, total: int) -> Expression:
    """The part's entries from `start` on in a vector of `total` entries, zero elsewhere."""
    if part.size == total:
        return part

    def widen(m: RationalMatrix) -> RationalMatrix:
        above = RationalMatrix.zeros(start, m.n_columns)
        return above.vstack(m, RationalMatrix.zeros(total - start - m.n_rows, m.n_columns))

    return Expression(part.graph, tuple((a, widen(dense(a, m))) for a, m in part.terms), widen(part.offset))


def _column(values: Sequence[Fraction]) -> RationalMatrix:
    return RationalMatrix.from_rows([[value] for value in values], n_columns=1)


def dense(anchor: Anchor, matrix: RationalMatrix | None) -> RationalMatrix:
    """Return the matrix of a term, the identity written out."""
    if matrix is not None:
        return matrix
    require_moderate(anchor.size, anchor.size)
    return RationalMatrix.identity(anchor.size)


def require_moderate(n_rows: int, n_columns: int) -> None:
    """Raise InputError if a matrix of that shape is too large even if it is mostly zero."""
    if max(n_rows, n_columns) > _LONGEST_SIDE:
        raise InputError(f"a matrix with {n_rows} rows and {n_columns} columns is too large for exact arithmetic")


def _require_moderate_product(left: RationalMatrix, right: RationalMatrix) -> None:
    """Raise InputError if more pairs of nonzero entries meet than can be multiplied in reasonable time."""
    lengths = [len(row) for row in right.nonzeros]
    if sum(lengths[k] for row in left.nonzeros for k in row) > _MOST_ENTRIES:
        raise InputError(f"a product to {left.n_rows} rows and {right.n_columns} columns is too large")
