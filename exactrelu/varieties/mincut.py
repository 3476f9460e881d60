"""The least number of neurons that separate the inputs from the outputs of several activation patterns at once.

The layered graph has one copy of the input per pattern and one output (or, stacked, one input and one output per
pattern). Active neuron j of layer l is one node for all patterns whose masks *behind* l agree (stacked: *before*
l), since then its contribution to the output is the same linear map.  A set of nodes that meets every way from
input to output factors the concatenated matrix, so its size bounds the rank.  Input and output copies count with
their dimension.

Computed as a maximum flow by augmenting paths (Ford and Fulkerson; Menger's theorem); capacities are small
integers, so it ends after at most min(dimension) augmentations of linear cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from itertools import pairwise

from exactrelu.varieties.architecture import Architecture, Pattern

__all__ = ["minimum_vertex_cut"]


def minimum_vertex_cut(architecture: Architecture, patterns: Sequence[Pattern], *, stacked: bool) -> int:
    """Return the bound for rank [M_1 | ... | M_k], or of the stack.

    >>> widths = Architecture((3, 3, 2, 3, 3))
    >>> pair = [Pattern.parse("111.11.111"), Pattern.parse("011.11.111")]
    >>> minimum_vertex_cut(widths, pair, stacked=False)
    2
    """
    masks = [[mask + ("1" if architecture.bias else "") for mask in pattern.masks] for pattern in patterns]
    entry, exit_ = architecture.n_columns, architecture.n_outputs
    if stacked:
        # Reversing the layers turns a stack into a concatenation of transposes.
        masks = [mask[::-1] for mask in masks]
        entry, exit_ = exit_, entry
    flow = _Flow()
    flow.connect("output-in", "output-out", exit_)
    for number, layers in enumerate(masks):
        flow.connect("source", ("input", number), entry)
        sources: list[Hashable] = [("input", number)]
        for level, mask in enumerate(layers):
            behind = tuple(layers[level + 1 :])
            targets: list[Hashable] = []
            for neuron, bit in enumerate(mask):
                if bit == "1":
                    node = (level, neuron, behind)
                    flow.connect((*node, "in"), (*node, "out"), 1)
                    for source in sources:
                        flow.connect(source, (*node, "in"), _UNLIMITED)
                    targets.append((*node, "out"))
            sources = targets
        for source in sources:
            flow.connect(source, "output-in", _UNLIMITED)
    return flow.maximum("source", "output-out")


_UNLIMITED = 1 << 30


class _Flow:
    """Residual capacities of a directed graph."""

    def __init__(self) -> None:
        self._residual: dict[Hashable, dict[Hashable, int]] = {}

    def connect(self, tail: Hashable, head: Hashable, capacity: int) -> None:
        """Set the capacity of an arc; the same arc twice is one arc."""
        self._residual.setdefault(tail, {})[head] = capacity
        self._residual.setdefault(head, {}).setdefault(tail, 0)

    def maximum(self, source: Hashable, sink: Hashable) -> int:
        """Value of a maximum flow; each augmentation adds at least one, so the loop ends."""
        total = 0
        while True:
            parents: dict[Hashable, Hashable] = {source: source}
            queue = deque([source])
            while queue and sink not in parents:
                node = queue.popleft()
                for following, capacity in self._residual.get(node, {}).items():
                    if capacity and following not in parents:
                        parents[following] = node
                        queue.append(following)
            if sink not in parents:
                return total
            way = [sink]
            while way[-1] != source:
                way.append(parents[way[-1]])
            arcs = [(tail, head) for head, tail in pairwise(way)]
            step = min(self._residual[tail][head] for tail, head in arcs)
            for tail, head in arcs:
                self._residual[tail][head] -= step
                self._residual[head][tail] += step
            total += step
