"""Certified upper bounds for the rank of a flattening on a variety, each with the reason that proves it.

Three arguments, of which the least bound counts:

* *cut at a layer*.  The matrix is a sum over the neurons j of one layer, and the term of j factors through that
neuron.  Its rank is at
  most that of the table with one row per (row block, way from j to the output) and one column per (way to j, column),
  whose entries say how the flattening weighs the path.  Ways through the same types count once.  Summed over neurons
  of one type, the term also has at most as many columns as the flattening has independent ones there.
* *telescoping*, for a difference M_i - M_j: it is a sum over the layers of products in which only that layer's
masks differ, hence
  rank at most the number of neurons that flip, each layer's term capped by the active neurons of the other layers.
* *minimum cut*, for blocks side by side (or stacked): the network unrolled once per block, with neurons shared where
  everything behind (before) them agrees; the rank is at most the number of neurons that separate inputs from outputs.

All ranks here are over Q, since a rank modulo a prime could be too small to be an upper bound.
Source: own; for shallow networks the cut is the bound by flats of the types, for one block the classical least width.
"""

from __future__ import annotations

from dataclasses import dataclass

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.flattenings import Flattening
from exactrelu.varieties.mincut import minimum_vertex_cut
from exactrelu.varieties.parametrisation import Parametrisation
from exactrelu.varieties.type_paths import Node, TypeStructure

__all__ = ["RankBound", "certified_bound"]


@dataclass(frozen=True, slots=True)
class RankBound:
    """rank <= value on the variety, because of `reason`."""

    value: int
    reason: str


def certified_bound(structure: TypeStructure, flattening: Flattening) -> RankBound:
    """Return the least bound that the arguments of this module prove.

    >>> from exactrelu.varieties.flattenings import flatten
    >>> structure = TypeStructure(Blocks.of((3, 4, 3), "1110|0011"))
    >>> certified_bound(structure, flatten(structure.blocks, (((0, 1),),)))
    RankBound(value=2, reason='cut at hidden layer 1: 1 of type 01, 1 of type 11')
    """
    n_rows, n_columns = flattening.shape(structure.blocks.architecture.n_outputs)
    best = RankBound(min(n_rows, n_columns), "size of the matrix")
    table = _Directions(structure, flattening)
    for layer in range(len(structure.nodes)):
        bound = _layer_cut(structure, table, layer)
        if bound.value < best.value:
            best = bound
    for bound in (*_telescope(structure.blocks, flattening), *_cut_of_blocks(structure.blocks, flattening)):
        if bound.value < best.value:
            best = bound
    return best


class _Directions:
    """For every row block p and block i the matrix X_i C_p[i]: what the flattening multiplies M_i by."""

    def __init__(self, structure: TypeStructure, flattening: Flattening) -> None:
        self.tables: list[list[list[list[int]]]] = []
        inputs = Parametrisation(structure.blocks).inputs
        for piece in flattening.pieces:
            start, row = 0, []
            for i, size in enumerate(structure.blocks.sizes):
                part = list(zip(*piece[start : start + size], strict=True))
                row.append([[sum(a * b for a, b in zip(x, q, strict=True)) for q in part] for x in inputs[i]])
                start += size
            self.tables.append(row)


def _layer_cut(structure: TypeStructure, table: _Directions, layer: int) -> RankBound:
    """The cut through all neurons of one hidden layer."""
    total, words = 0, []
    for node in structure.nodes[layer]:
        through = _node_rank(structure, table, layer, node)
        if through:
            total += through
            kind = "bias unit" if node.is_bias else f"type {''.join(map(str, node.vector))}"
            words.append(f"{through} of {kind}" if not node.is_bias else f"{through} by the bias unit")
    return RankBound(total, f"cut at hidden layer {layer + 1}: " + (", ".join(words) or "nothing passes"))


def _node_rank(structure: TypeStructure, table: _Directions, layer: int, node: Node) -> int:
    """Bound for the part of the flattening that passes the neurons of one node."""
    suffixes = structure.suffix_vectors(layer, node)
    prefixes = structure.prefix_vectors(layer, node)
    on = [i for i, bit in enumerate(node.vector) if bit]
    rows = []
    for directions in table.tables:
        for suffix in suffixes:
            row: list[int] = []
            active = [i for i in on if suffix[i]]
            for column, vectors in prefixes.items():
                for vector in vectors:
                    used = [directions[i][column] for i in active if vector[i]]
                    row.extend(map(sum, zip(*used, strict=True)) if used else [0] * len(directions[0][column]))
            rows.append(row)
    if not rows or not rows[0]:
        return 0
    matrix = RationalMatrix.from_integers(rows)
    per_neuron = matrix.rank()
    if not per_neuron:
        return 0
    # The same numbers, one row per column of the flattening.
    width = len(table.tables[0][0][0])
    ways = len(rows[0]) // width
    columns = [[row[w * width + q] for row in rows for w in range(ways)] for q in range(width)]
    return min(node.multiplicity * per_neuron, RationalMatrix.from_integers(columns).rank())


def _telescope(blocks: Blocks, flattening: Flattening) -> list[RankBound]:
    """Bounds for a difference of two blocks, flipping the layers one after the other."""
    if len(flattening.grid) != 1 or len(flattening.grid[0]) != 1:
        return []
    support = [(i, a) for i, a in enumerate(flattening.grid[0][0]) if a]
    if len(support) != 2 or support[0][1] + support[1][1] != 0:
        return []
    result = []
    for i, j in ((support[0][0], support[1][0]), (support[1][0], support[0][0])):
        total, words = 0, []
        first, second = blocks.patterns[i], blocks.patterns[j]
        extra = int(blocks.architecture.bias)
        for layer, (one, two) in enumerate(zip(first.masks, second.masks, strict=True)):
            flips = sum(a != b for a, b in zip(one, two, strict=True))
            caps = [n + extra for n in (*second.counts()[:layer], *first.counts()[layer + 1 :])]
            step = min([flips, *caps])
            total += step
            if step:
                words.append(f"{step} in hidden layer {layer + 1}")
        result.append(RankBound(total, "masks change one layer at a time: " + (", ".join(words) or "no change")))
    return result


def _cut_of_blocks(blocks: Blocks, flattening: Flattening) -> list[RankBound]:
    """Minimum cuts for a concatenation or a stack of single blocks."""
    grid = flattening.grid
    if not grid or not blocks.patterns[0].masks:
        return []
    cells = [cell for row in grid for cell in row]
    if any(sorted(cell) != [0] * (len(cell) - 1) + [1] for cell in cells) or min(len(grid), len(grid[0])) > 1:
        return []
    chosen = [blocks.patterns[cell.index(1)] for cell in cells]
    value = minimum_vertex_cut(blocks.architecture, chosen, stacked=len(grid) > 1)
    return [RankBound(value, f"minimum cut of {value} neurons in the network unrolled over the blocks")]
