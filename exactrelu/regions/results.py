"""What an enumeration returns: regions with their evidence, as values.

`enumerate_regions` runs the search and gives an `Enumeration`: the configurations sorted as strings, each with a
rational witness, and for everything that is not there a refutation.  A `Region` computes its affine map and its
polyhedron when they are asked for, exactly.

Evidence: the witnesses prove that every listed configuration occurs, the refutations that no other does (they
complete the list to a full binary tree); `exactrelu.certificates` writes both into a file that the stand-alone
checker accepts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import InputError
from exactrelu.exact.enclosures import FloatArray
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.regions.problem import Problem, Refutation
from exactrelu.regions.tree.search import Found, Progress, search
from exactrelu.regions.tree.splitting import RefutationBatch

__all__ = ["Enumeration", "RefinementNode", "Region", "enumerate_regions"]


@dataclass(frozen=True)
class Region:
    """One configuration, a point that has it, and what the network is there.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> left, right = enumerate_regions(absolute, HPolyhedron.cube(1))
        >>> left.configuration.bits, left.affine_map
        ('01', AffineMap.from_parts([['-1']], ['0']))
    """

    problem: Problem = field(repr=False)
    configuration: Configuration
    witness: tuple[Fraction, ...]

    @cached_property
    def affine_map(self) -> AffineMap:
        """The affine map that the network computes on the region [HH19, (10)]."""
        layers = len(self.problem.network.hidden)
        return self.problem.linearisation.layer_map(self.configuration.bits, layers)

    @cached_property
    def system(self) -> LinearSystem:
        """The exact constraints: those of the domain, then one row for each unit, strict where the notion says so."""
        return self.problem.system(self.configuration.bits)

    @cached_property
    def polyhedron(self) -> HPolyhedron:
        """The closed region polyhedron: rows of `system`, strict ones weakened, none 0 <= b; may be redundant."""
        rows = [row for row in self.system.closure().rows if any(row[0]) or row[2] < 0]
        return HPolyhedron(LinearSystem.from_integer_rows(rows, dimension=self.system.dimension))

    def __contains__(self, point: Sequence[Any]) -> bool:
        return self.system.is_satisfied(point)

    def _repr_latex_(self) -> str:
        """Show the affine map and the configuration in a notebook."""
        here = self.affine_map
        rows = [_latex_form(row, offset) for row, offset in zip(here.linear, here.offset, strict=True)]
        body = r",\; ".join(rows)
        return rf"${self.configuration.bits}:\; x \mapsto \left({body}\right)$"


def _latex_form(row: Sequence[Fraction], offset: Fraction) -> str:
    terms = [rf"{a}\,x_{{{i}}}" for i, a in enumerate(row) if a]
    return " + ".join([*terms, str(offset)] if offset or not terms else terms).replace("+ -", "- ")


@dataclass(frozen=True, slots=True)
class RefinementNode:
    """A node of the chain of refinements: the configuration of the first `layer` hidden layers, and its extensions by
    one layer."""

    bits: str
    layer: int
    children: tuple[RefinementNode, ...]


@dataclass(frozen=True, eq=False)
class Enumeration:
    """All configurations of a network in a domain, sorted, with evidence.

    Fields:
        problem: network, domain and notion.
        stopped: None if the list is complete; else "limit", "timeout" or "interruption".
        seconds: time of the search.
        decisions: how many sides were decided in which way (certified range, certified cut, rounded multipliers, exact
            multipliers, exact linear program) and how many nodes needed exact arithmetic throughout.
    """

    problem: Problem
    stopped: str | None
    seconds: float
    decisions: dict[str, int]
    _bits: NDArray[np.uint8] = field(repr=False)
    _order: NDArray[np.int64] = field(repr=False)
    _found: Found = field(repr=False)

    @classmethod
    def of(cls, problem: Problem, found: Found, seconds: float) -> Enumeration:
        """Sort what a search found."""
        units = problem.network.n_units
        exact = np.array([[int(bit) for bit in leaf.bits] for leaf in found.exact], dtype=np.uint8)
        bits = np.concatenate([*found.bits, exact.reshape(len(found.exact), units)]).astype(np.uint8)
        order = np.lexsort(bits.T[::-1]) if units else np.arange(len(bits))
        return cls(problem, found.stopped, seconds, dict(found.counts), bits, order, found)

    @property
    def network(self) -> Network:
        """The network."""
        return self.problem.network

    @property
    def is_complete(self) -> bool:
        """Whether the search went to its end."""
        return self.stopped is None

    def __len__(self) -> int:
        return len(self._order)

    @cached_property
    def bit_array(self) -> NDArray[np.uint8]:
        """The configurations as an (N, units) array of 0 and 1, sorted as strings."""
        return self._bits[self._order]

    @cached_property
    def configurations(self) -> tuple[Configuration, ...]:
        """The configurations, sorted as strings."""
        return tuple(Configuration(text) for text in bit_strings(self.bit_array))

    @cached_property
    def _float_witnesses(self) -> FloatArray:
        d = self.network.n_inputs
        return np.concatenate([np.zeros((0, d)), *self._found.witnesses])

    def witness(self, index: int) -> tuple[Fraction, ...]:
        """Return the witness of the configuration at a position of the sorted list."""
        source = int(self._order[index])
        if source < len(self._float_witnesses):
            return tuple(Fraction(float(x)) for x in self._float_witnesses[source])
        return self._found.exact[source - len(self._float_witnesses)].witness

    def __getitem__(self, key: SupportsIndex | str | Configuration) -> Region:
        """Return a region by position or by configuration; KeyError if that configuration is not listed."""
        if isinstance(key, (str, Configuration)):
            text = str(key)
            found = self._positions.get(text)
            if found is None:
                raise KeyError(f"no region has the configuration {text}")
            index = found
        else:
            index = range(len(self))[key]
            text = bit_strings(self.bit_array[index : index + 1])[0]
        return Region(self.problem, Configuration(text), self.witness(index))

    def __contains__(self, configuration: str | Configuration) -> bool:
        return str(configuration) in self._positions

    def __eq__(self, other: object) -> bool:
        """Whether both answer the same question with the same list."""
        if not isinstance(other, Enumeration):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def _content(self) -> tuple[Problem, str | None, bytes]:
        return self.problem, self.stopped, self.bit_array.tobytes()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {configuration.bits: index for index, configuration in enumerate(self.configurations)}

    def __iter__(self) -> Iterator[Region]:
        return (self[index] for index in range(len(self)))

    def refutation_batches(self) -> Sequence[RefutationBatch]:
        """Return the refutations that were found in batches."""
        return self._found.refuted

    def refutations(self) -> Sequence[Refutation]:
        """Return the refutations that were found one by one."""
        return self._found.refutations

    @cached_property
    def notions_agree(self) -> bool:
        """Whether the full, half-open and closed configurations are certainly the same.

        True if every refutation of the full notion also refutes the weak inequalities (its sum is negative, not zero).
        """
        if self.problem.notion is not Notion.FULL or not self.is_complete:
            return False
        batches = any(batch.touches for batch in self._found.refuted)
        return not batches and not any(one.touches for one in self._found.refutations)

    def refinement(self) -> RefinementNode:
        """Return the tree of configurations by layers: children of a node extend it by the next hidden layer.

        Source: [HH19, Prop. 3].

        Example:
            >>> e2 = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]], [[1]]], [[0, 0], [-1], [0]])
            >>> tree = enumerate_regions(e2).refinement()
            >>> [(node.bits, [child.bits for child in node.children]) for node in tree.children]
            [('00', ['000']), ('01', ['010', '011']), ('10', ['100', '101']), ('11', ['110', '111'])]
        """
        ends = [units.stop for units in self.network.layer_units]

        def node(texts: Sequence[str], layer: int) -> RefinementNode:
            bits = texts[0][: ends[layer - 1]] if layer and texts else ""
            if layer == len(ends) or not texts:
                return RefinementNode(bits, layer, ())
            groups: dict[str, list[str]] = {}
            for text in texts:
                groups.setdefault(text[: ends[layer]], []).append(text)
            return RefinementNode(bits, layer, tuple(node(group, layer + 1) for group in groups.values()))

        return node([configuration.bits for configuration in self.configurations], 0)

    def _repr_html_(self) -> str:
        """Show a summary and the first regions in a notebook."""
        rows = "".join(
            f"<tr><td><code>{region.configuration}</code></td><td>{', '.join(map(str, region.witness))}</td></tr>"
            for region in (self[i] for i in range(min(10, len(self))))
        )
        more = f"<p>and {len(self) - 10} more</p>" if len(self) > 10 else ""
        state = "complete" if self.is_complete else f"stopped at the {self.stopped}"
        return (
            f"<b>{len(self)} configurations</b> ({self.problem.notion.value}, {state})"
            f"<table><tr><th>configuration</th><th>witness</th></tr>{rows}</table>{more}"
        )


def bit_strings(bits: NDArray[np.uint8]) -> list[str]:
    """Write the rows of a 0/1 array as strings."""
    width = bits.shape[1]
    text = (bits + ord("0")).astype(np.uint8).tobytes().decode("ascii")
    return [text[start : start + width] for start in range(0, len(text), width)] if width else [""] * len(bits)


def enumerate_regions(
    network: Network,
    domain: HPolyhedron | None = None,
    *,
    cells: Notion | str = Notion.FULL,
    limit: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Enumeration:
    """Enumerate exactly the configurations of `network` that occur in `domain`.

    Args:
        domain: a closed polyhedron of the network's input dimension; all of space when left out.
        cells: "full" (full-dimensional cells), "half-open" (the paper's configurations; they partition the domain) or
            "closed".
        limit: stop once this many are found (a few more may come with the last step).
        timeout: stop after this many seconds.
        progress: called now and then with the finished share (0 to 1) and the number found so far.

    Returns:
        The configurations with a witness each, and a refutation for everything else.  A unit that is zero on a whole
        cell has bit 0 there (in the closed notion both bits are listed).

    Raises:
        DomainError: the domain's dimension is not the network's input dimension.
        InputError: an unknown notion, or a limit or timeout that is not positive.

    Cost: exponential in the worst case; about 0.1 ms a cell for a dozen inputs and two hidden layers of ten.

    Source: [HH19, Prop. 3 and Cor. 4].

    Example:
        >>> lines = Network.from_weights([[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, 0], [0]])
        >>> [len(enumerate_regions(lines, cells=notion)) for notion in ("full", "half-open", "closed")]
        [6, 6, 8]
    """
    for name, value in (("limit", limit), ("timeout", timeout)):
        if value is not None and not value > 0:
            raise InputError(f"{name} must be positive; got {value}")
    start = time.perf_counter()
    problem = Problem.of(network, domain, Notion.of(cells))
    found = search(problem, limit=limit, timeout=timeout, progress=progress)
    return Enumeration.of(problem, found, time.perf_counter() - start)
