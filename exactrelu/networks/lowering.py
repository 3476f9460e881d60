"""Lowering: place the values of a graph in layers, exactly and without false breakpoints.

Units stand in the layer of their depth.  A value of an earlier layer that a later one needs is passed on by linear
(identity) units, entry by entry, and only as far as it is needed; a junction is worked out once, from the layer of
its depth, and passed on itself.  Units that the output does not depend on are left out.

A chain (affine, activation, affine, ...) lowers to the very same layers; a graph that ends in an activation gets an
identity output layer.  Within a layer the blocks of units come in the order of their making, then the values passed
on.  So the numbering of units depends on the graph only, and on a chain it is that of the certificate format.

Cost: one integer matrix product for each junction in a layer, copies otherwise; linear in the size of the layered
network.  Neighbours: `expressions` and `piecewise` build graphs, the ONNX reader does so from files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import IDENTITY
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.expressions import Anchor, Expression, dense
from exactrelu.networks.network import Layer, Network

__all__ = ["lower"]


def lower(output: Expression, *, name: str = "") -> Network:
    """Return the network whose value at every input is `output`.

    Args:
        output: an expression; its graph's input becomes the network's input.
        name: shown to people.

    Returns:
        A network with as many hidden layers as `output` has depth; `origins` says for every unit where it was made.

    Example:
        >>> from exactrelu.networks.expressions import Graph
        >>> from exactrelu.networks.piecewise import maximum_of
        >>> x = Graph(2).input
        >>> larger = lower(maximum_of([x.select([0]), x.select([1])], origin="Max"))
        >>> larger.widths, larger.n_units, larger.origins, larger.evaluate([3, "7/2"])
        ((2, 2, 1), 1, ('Max[0]',), (Fraction(7, 2),))
    """
    depth = output.depth
    needs = _needs(output, depth)
    anchors = sorted(needs, key=lambda anchor: anchor.number)
    state = [_Segment(output.graph.input.terms[0][0], None)]
    hidden = []
    origins: list[str] = []
    for number in range(1, depth + 1):
        here = _Place(state, [a for a in anchors if a.is_junction and a.depth == number - 1])
        blocks = [a for a in anchors if a.activations is not None and a.depth == number]
        passed = [
            _Segment(a, columns)
            for a in anchors
            if a.depth < number and (columns := tuple(j for j, last in needs[a].items() if last >= number))
        ]
        rows = [here.write(a.definition) for a in blocks if a.definition is not None]
        rows += [here.write(_named(output, segment)) for segment in passed]
        activations = [f for a in blocks for f in a.activations or ()]
        activations += [IDENTITY] * sum(len(segment.columns or ()) for segment in passed)
        hidden.append(Layer(AffineMap(rows[0].vstack(*rows[1:])), tuple(activations)))
        origins += [f"{a.origin}[{j}]" for a in blocks for j, f in enumerate(a.activations or ()) if not f.is_linear]
        state = [_Segment(a, None) for a in blocks] + passed
    last = _Place(state, [a for a in anchors if a.is_junction and a.depth == depth])
    return Network(tuple(hidden), AffineMap(last.write(output)), name, tuple(origins))


@dataclass(frozen=True, slots=True)
class _Segment:
    """Consecutive coordinates of a layer's values: the chosen columns of an anchor, all of them for None."""

    anchor: Anchor
    columns: tuple[int, ...] | None

    @property
    def width(self) -> int:
        return self.anchor.size if self.columns is None else len(self.columns)


class _Place:
    """The values after one layer, on which expressions are written as augmented matrices [W | b]."""

    def __init__(self, state: Sequence[_Segment], junctions: Sequence[Anchor]) -> None:
        self._state = state
        self._held = {segment.anchor for segment in state}
        self._junctions: dict[Anchor, RationalMatrix] = {}
        # In the order of their making, since a junction may use earlier ones of its own depth.
        for junction in junctions:
            if junction.definition is not None:
                self._junctions[junction] = self.write(junction.definition)

    def write(self, value: Expression) -> RationalMatrix:
        """The expression over this layer's values: one row an entry, the offset in the last column."""
        matrices = dict(value.terms)
        blocks = [_block(segment, matrices, value.size) for segment in self._state]
        total = blocks[0].hstack(*blocks[1:], value.offset)
        for anchor, m in value.terms:
            # What is neither held nor a junction of this depth has a zero matrix, else it would have been passed on.
            expanded = None if anchor in self._held else self._junctions.get(anchor)
            if expanded is not None:
                total = total + (expanded if m is None else m @ expanded)
        return total


def _block(segment: _Segment, matrices: dict[Anchor, RationalMatrix | None], n_rows: int) -> RationalMatrix:
    """The columns of an expression's matrix that meet a segment."""
    if segment.anchor not in matrices:
        return RationalMatrix.zeros(n_rows, segment.width)
    m = dense(segment.anchor, matrices[segment.anchor])
    return m if segment.columns is None else m.select_columns(segment.columns)


def _named(output: Expression, segment: _Segment) -> Expression:
    """The segment's own entries as an expression."""
    anchor = segment.anchor
    whole = Expression(output.graph, ((anchor, None),), RationalMatrix.zeros(anchor.size, 1))
    return whole.select(segment.columns or ())


def _needs(output: Expression, depth: int) -> dict[Anchor, dict[int, int]]:
    """For every anchor that the output depends on: entry -> last layer that must hold it.

    Entries needed only in the layer of the anchor's own depth are left out, as nothing passes them on.
    """
    needs: dict[Anchor, dict[int, int]] = {output.graph.input.terms[0][0]: {}}
    pending: list[tuple[int, Anchor]] = []

    def use(value: Expression, layer: int) -> None:
        """Note that `value` is computed from the values after `layer`."""
        for anchor, m in value.terms:
            if anchor not in needs:
                needs[anchor] = {}
                heappush(pending, (-anchor.number, anchor))
            if layer > anchor.depth:
                held = needs[anchor]
                for j in range(anchor.size) if m is None else m.used_columns():
                    held[j] = max(held.get(j, 0), layer)

    use(output, depth)
    # Largest number first: then all uses of an anchor are known before its definition is looked at.
    while pending:
        _, anchor = heappop(pending)
        if anchor.definition is not None:
            use(anchor.definition, anchor.depth if anchor.is_junction else anchor.depth - 1)
    return {anchor: dict(sorted(held.items())) for anchor, held in needs.items()}
