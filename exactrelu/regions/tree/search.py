"""The refinement tree, searched depth first in batches, with an exact stack beside it for what floats cannot decide.

All nodes of one depth that wait are taken together (up to a fixed number), the deepest depth first; so memory stays
bounded by depth times batch size while every array operation serves hundreds of cells.  The tree is the paper's chain
of refinements [HH19, Prop. 3]: the configurations of the first k units partition the domain, those of k + 1 units
refine them.

A search ends when nothing waits, or at a limit of cells or of time; then what was found is returned and marked as
incomplete.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.lp.dictionaries import Dictionaries
from exactrelu.regions.float_layers import FloatLayers
from exactrelu.regions.problem import Problem, Refutation
from exactrelu.regions.tree.batch import CellBatch
from exactrelu.regions.tree.certified import FloatDomain
from exactrelu.regions.tree.exact_nodes import ExactNode, expand, root
from exactrelu.regions.tree.splitting import RefutationBatch, Splitter, Step

__all__ = ["Found", "Progress", "search"]

Progress = Callable[[float, int], None]

_BATCH = 256
_GRIDS = (6, 12, 24)  # bits after the binary point of the witnesses tried, shortest first


@dataclass(slots=True)
class Found:
    """Everything a search found.

    bits: arrays (B, units); witnesses: arrays (B, d) in the same order; exact: leaves of the exact search; stopped:
        why it is incomplete, or None; counts: how the answers were found.
    """

    bits: list[NDArray[np.uint8]] = field(default_factory=list)
    witnesses: list[FloatArray] = field(default_factory=list)
    exact: list[ExactNode] = field(default_factory=list)
    refuted: list[RefutationBatch] = field(default_factory=list)
    refutations: list[Refutation] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    stopped: str | None = None

    @property
    def n_cells(self) -> int:
        """Number of configurations found so far."""
        return sum(map(len, self.bits)) + len(self.exact)


def search(
    problem: Problem, *, limit: int | None = None, timeout: float | None = None, progress: Progress | None = None
) -> Found:
    """Enumerate the configurations of a problem.

    Args:
        limit: stop once this many are found (a few more may come with the last step).
        timeout: stop after this many seconds.
        progress: called with the finished share of the search and the number of configurations.
    """
    return _Search(problem, limit, timeout, progress).run()


class _Search:
    def __init__(self, problem: Problem, limit: int | None, timeout: float | None, progress: Progress | None) -> None:
        self.problem = problem
        self.domain = FloatDomain.of(problem)
        self.layers = FloatLayers.of(problem.network)
        self.splitter = Splitter(problem, self.layers, self.domain)
        self.waiting: dict[int, list[CellBatch]] = {}
        self.exact: list[ExactNode] = []
        self.found = Found(counts=self.splitter.counts)
        self.done = 0.0
        self.limit, self.progress = limit, progress
        self.batch = _BATCH if limit is None else min(_BATCH, limit)
        self.deadline = None if timeout is None else time.monotonic() + timeout

    def run(self) -> Found:
        if self._start():
            try:
                with np.errstate(all="ignore"):  # infinities and nan decide nothing, by construction
                    while self._stopped() is None and self._next():
                        if self.progress is not None:
                            self.progress(self.done, self.found.n_cells)
            except KeyboardInterrupt:
                self.found.stopped = "interruption"
        return self.found

    def _stopped(self) -> str | None:
        if self.waiting or self.exact:
            if self.limit is not None and self.found.n_cells >= self.limit:
                self.found.stopped = "limit"
            elif self.deadline is not None and time.monotonic() >= self.deadline:
                self.found.stopped = "timeout"
        return self.found.stopped

    def _start(self) -> bool:
        """Put the root into the search; False if the domain is empty."""
        start = root(self.problem)
        if isinstance(start, Refutation):
            self.found.refutations.append(start)
            return False
        batch = self._root_batch() if self.problem.network.n_units else None
        if batch is None:
            self._push_exact(start)
        else:
            self.waiting[0] = [batch]
        return True

    def _root_batch(self) -> CellBatch | None:
        """Return the root as a batch of one, or None if its interior cannot be certified in floats."""
        network, problem = self.problem.network, self.problem
        d, units = network.n_inputs, network.n_units
        if d == 0 or problem.hull is not None or not problem.interior:
            return None
        if self.domain.lower is not None and self.domain.upper is not None:
            if not (np.isfinite(self.domain.lower).all() and np.isfinite(self.domain.upper).all()):
                return None
            # Fixed odd fractions of each side: a centre would lie on the hyperplanes of symmetric networks.
            shares = 0.5 + 0.17 * np.sin(1.0 + 2.0 * np.arange(d))
            point = self.domain.lower + shares * (self.domain.upper - self.domain.lower)
            cells = Dictionaries.corner(self.domain.lower, self.domain.upper, infinite=False)
        else:
            try:
                point = np.array([float(x) for x in problem.interior])
            except OverflowError:
                return None
            if not problem.domain_rows:
                point += 0.1 * np.sin(1.0 + np.arange(d))
            corner = Dictionaries.corner(np.zeros(d), np.zeros(d), infinite=True)
            bounded = self._bounded(corner)
            if bounded is None:
                return None
            cells = bounded
        if not self.domain.contains(point[None])[0]:
            return None
        rows = Enclosure.exact(np.zeros((1, units, d + 1)))
        bits, cuts = np.zeros((1, units), dtype=np.uint8), np.zeros((1, units), dtype=bool)
        return CellBatch(0, bits, cuts, rows, self.layers.first(), point[None], cells, np.ones(1))

    def _bounded(self, cells: Dictionaries) -> Dictionaries | None:
        """Add the domain's inequalities to the root's dictionary."""
        for index, row in enumerate(self.domain.rows.value):
            scale = np.abs(row[:-1]).max()
            if scale == 0:
                continue
            objective, reached = cells.raise_objective(cells.express(row[None] / scale))
            if not reached[0]:
                return None
            cells = cells.append(objective, np.array([2 * cells.dimension + index]))
        return cells

    def _next(self) -> bool:
        """Advance some of the deepest nodes; False if nothing waits."""
        if self.exact:
            node = self.exact.pop()
            children, refutations = expand(self.problem, node)
            self.found.refutations.extend(refutations)
            for child in children:
                self._push_exact(child)
            return True
        if not self.waiting:
            return False
        depth = max(self.waiting)
        batch = CellBatch.join(self.waiting.pop(depth))
        if len(batch) > self.batch:
            self.waiting[depth] = [batch.take(np.arange(self.batch, len(batch)))]
            batch = batch.take(np.arange(self.batch))
        self._collect(self.splitter.advance(batch))
        return True

    def _collect(self, step: Step) -> None:
        for batch in step.batches:
            if not len(batch):
                continue
            if batch.depth == self.problem.network.n_units:
                self._finish(batch)
            else:
                self.waiting.setdefault(batch.depth, []).append(batch)
        for node in step.exact:
            self._push_exact(node)
        self.found.refuted.extend(step.refuted)
        self.found.refutations.extend(step.refutations)

    def _push_exact(self, node: ExactNode) -> None:
        self.splitter.counts["exact nodes"] += 1
        if len(node.bits) == self.problem.network.n_units:
            self.done += node.weight
            self.found.exact.append(node)
        else:
            self.exact.append(node)

    def _finish(self, batch: CellBatch) -> None:
        """Keep the leaves, with witnesses of as few bits as the certified test accepts."""
        self.done += float(batch.weight.sum())
        wanted = self.splitter.is_inside(batch, batch.depth)
        witnesses = batch.witness.copy()
        todo = np.flatnonzero(wanted)
        for bits in _GRIDS:
            if not len(todo):
                break
            one = batch.take(todo)
            one.witness = np.ldexp(np.rint(np.ldexp(one.witness, bits)), -bits)
            good = self.splitter.is_inside(one, one.depth)
            witnesses[todo[good]] = one.witness[good]
            todo = todo[~good]
        self.found.bits.append(batch.bits)
        self.found.witnesses.append(witnesses)
