"""Activation types and type paths: which sums the block matrices are, and how far that makes them independent.

Neurons of one layer that are on in the same blocks have the same *type* t in {0,1}^k, and only the number of
neurons of each type matters.  A *path* picks an input coordinate and one type per hidden layer; with N_path the
corresponding part of the product of weight matrices,

    Y_i[r, :] = sum over paths  N_path[r] * X_i[c, :]        over the paths whose types all have a 1 at position i,

so the outputs are fixed linear combinations (the *incidence* matrix A) of the path values.  Path values of one
output row are polynomials in disjoint sets of monomials, hence linearly independent: the linear equations of the
variety are exactly the left kernel of A, for every output row [Prop. `linear_relations`].

With biases the bias unit is a node of type (1, ..., 1) in every layer that is fed by the bias unit only.
For two layers of weights this is the activation tensor sum_j u_j (x) v_j (x) a_j of [AM25], and types are its third
factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from exactrelu.errors import BudgetExceeded
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.parametrisation import Parametrisation

__all__ = ["ActivationType", "Node", "TypePath", "TypeStructure"]

MAX_PATHS = 20_000
"""More type paths than this are refused: the incidence matrix would not fit a desk computer's patience."""

TypeVector = tuple[int, ...]


class ActivationType(NamedTuple):
    """A type (one bit per block) and the neurons of a layer that have it."""

    vector: TypeVector
    neurons: tuple[int, ...]


class Node(NamedTuple):
    """A class of interchangeable units of one layer: its type, how many units, and whether it is the bias unit."""

    vector: TypeVector
    multiplicity: int
    is_bias: bool


class TypePath(NamedTuple):
    """An input coordinate, one node number per hidden layer, and the blocks (bits) in which the path is on."""

    column: int
    nodes: tuple[int, ...]
    vector: TypeVector


@dataclass(frozen=True)
class TypeStructure:
    """Types, nodes and paths of blocks.

    >>> structure = TypeStructure(Blocks.of((3, 4, 3), "1100|1010|1001"))
    >>> [(t.vector, t.neurons) for t in structure.activation_types()[0]]
    [((0, 0, 1), (3,)), ((0, 1, 0), (2,)), ((1, 0, 0), (1,)), ((1, 1, 1), (0,))]
    >>> structure.incidence.shape, structure.incidence.rank()
    ((9, 12), 9)
    """

    blocks: Blocks

    def activation_types(self) -> tuple[tuple[ActivationType, ...], ...]:
        """Return, for every hidden layer, the types that occur there, dead neurons (type zero) left out."""
        layers = []
        for layer, width in enumerate(self.blocks.architecture.hidden):
            members: dict[TypeVector, list[int]] = {}
            for neuron in range(width):
                vector = tuple(int(pattern.is_on(layer, neuron)) for pattern in self.blocks.patterns)
                if any(vector):
                    members.setdefault(vector, []).append(neuron)
            layers.append(tuple(ActivationType(vector, tuple(members[vector])) for vector in sorted(members)))
        return tuple(layers)

    @cached_property
    def nodes(self) -> tuple[tuple[Node, ...], ...]:
        """Nodes of every hidden layer, the bias unit's last."""
        extra = (Node((1,) * self.blocks.n_blocks, 1, True),) if self.blocks.architecture.bias else ()
        return tuple(
            (*(Node(t.vector, len(t.neurons), False) for t in layer), *extra) for layer in self.activation_types()
        )

    @property
    def bias_column(self) -> int | None:
        """The input coordinate that is the constant 1, if there are biases."""
        return self.blocks.architecture.widths[0] if self.blocks.architecture.bias else None

    @cached_property
    def paths(self) -> tuple[TypePath, ...]:
        """Every path that is on in some block.

        Raises:
            BudgetExceeded: more than `MAX_PATHS`.
        """
        found = []
        for path in self._iter_paths():
            found.append(path)
            if len(found) > MAX_PATHS:
                raise BudgetExceeded(f"there are more than {MAX_PATHS} type paths; use fewer blocks or narrower layers")
        return tuple(found)

    def _iter_paths(self) -> Iterator[TypePath]:
        """Paths with the input coordinate running fastest: incidence without inputs is B (x) identity."""
        ones = (1,) * self.blocks.n_blocks

        def extend(layer: int, chosen: tuple[int, ...], vector: TypeVector, from_bias: bool) -> Iterator[TypePath]:
            if layer == len(self.nodes):
                yield TypePath(-1, chosen, vector)
                return
            for number, node in enumerate(self.nodes[layer]):
                if node.is_bias and not from_bias:
                    continue
                product = tuple(a * b for a, b in zip(vector, node.vector, strict=True))
                if any(product):
                    yield from extend(layer + 1, (*chosen, number), product, node.is_bias)

        for path in extend(0, (), ones, False):
            for column in range(self.blocks.architecture.widths[0]):
                yield path._replace(column=column)
        if self.bias_column is not None:
            for path in extend(0, (), ones, True):
                yield path._replace(column=self.bias_column)

    @cached_property
    def incidence(self) -> RationalMatrix:
        """A: one row per column of [Y_1 | ... | Y_k], one column per path; integer (inputs replaced by numerators)."""
        inputs = Parametrisation(self.blocks).inputs
        rows = [
            [inputs[i][path.column][j] if path.vector[i] else 0 for path in self.paths]
            for i, size in enumerate(self.blocks.sizes)
            for j in range(size)
        ]
        return RationalMatrix.from_integers(rows, n_columns=len(self.paths))

    @cached_property
    def linear_relations(self) -> RationalMatrix:
        """Rows y with [Y_1 | ... | Y_k] y = 0 on the variety: a basis of all linear equations of one output row.

        Columns of Y are taken for the inputs' integer numerators (one positive factor per block).
        """
        return self.incidence.transpose().kernel()

    @property
    def n_linear_relations(self) -> int:
        """Number of independent linear forms that vanish on the variety."""
        return self.linear_relations.n_rows * self.blocks.architecture.n_outputs

    def prefix_vectors(self, layer: int, node: Node) -> dict[int, list[TypeVector]]:
        """Return for every input coordinate the distinct block vectors of ways to a node, without its own."""
        reach: dict[tuple[int, bool], set[TypeVector]] = {}
        ones = (1,) * self.blocks.n_blocks
        for column in range(self.blocks.architecture.n_columns):
            is_bias = column == self.bias_column
            reach[column, is_bias] = {ones}
        for earlier in range(layer):
            following: dict[tuple[int, bool], set[TypeVector]] = {}
            for (column, at_bias), vectors in reach.items():
                for step in self.nodes[earlier]:
                    if step.is_bias and not at_bias:
                        continue
                    target = following.setdefault((column, step.is_bias), set())
                    target.update(tuple(a * b for a, b in zip(v, step.vector, strict=True)) for v in vectors)
            reach = following
        result: dict[int, list[TypeVector]] = {}
        for (column, at_bias), vectors in reach.items():
            if at_bias or not node.is_bias:
                result.setdefault(column, []).extend(v for v in sorted(vectors) if any(v))
        return {column: sorted(set(vectors)) for column, vectors in result.items() if vectors}

    def suffix_vectors(self, layer: int, node: Node) -> list[TypeVector]:
        """Return the distinct block vectors of the ways from a node of `layer` to the output, its own type left out."""
        ends: dict[bool, set[TypeVector]] = {node.is_bias: {(1,) * self.blocks.n_blocks}}
        for later in range(layer + 1, len(self.nodes)):
            following: dict[bool, set[TypeVector]] = {}
            for at_bias, vectors in ends.items():
                for step in self.nodes[later]:
                    if step.is_bias and not at_bias:
                        continue
                    target = following.setdefault(step.is_bias, set())
                    target.update(tuple(a * b for a, b in zip(v, step.vector, strict=True)) for v in vectors)
            ends = following
        return sorted({v for vectors in ends.values() for v in vectors if any(v)})
