"""Branch and bound over boxes of inputs, with proofs.

A box is *closed* when certified linear bounds show that the formula cannot hold on it (`float_network`,
`objectives`).  An open box is halved across the input to which the bounds react most, unless few of its units may
still cross zero: then exact linear programs over the units' signs decide it (`phases`), so that touching and
coinciding hyperplanes end exactly.  A batch of boxes is bounded at once; candidates for counterexamples come from
every batch (`candidates`) and are accepted by exact evaluation only.

Every box that was looked at is recorded (`box_tree`): its cut, or the lines that close it, and the signs and chords of
the units that could cross zero in the box it came from.  That is the certificate's tree.

Progress is the part of the root's volume that is closed.  Cost: see `float_network`; boxes multiply with the number
of inputs that matter.  Not done here: unbounded inputs, nonlinear comparisons (`decide` chooses the method).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import FloatArray
from exactrelu.networks.network import Network
from exactrelu.verification.boxes.box_tree import BoxTree, Chunk, joined
from exactrelu.verification.boxes.candidates import Descent
from exactrelu.verification.boxes.float_network import Bounds, Boxes, FloatNetwork
from exactrelu.verification.boxes.free_inputs import FreeInputs
from exactrelu.verification.boxes.objectives import Objectives
from exactrelu.verification.boxes.phases import PhaseProof, PhaseWitness, decide_by_phases
from exactrelu.verification.questions.formulas import conjunction
from exactrelu.verification.questions.situations import Situation
from exactrelu.verification.verdicts import Line

__all__ = ["BoxSearch"]

BATCH_NUMBERS = 1 << 22
"""How many doubles one array of a batch may have."""
FEW_UNITS = 8
"""With at most this many crossing units a box is decided by exact programs, as long as these have had less time than
the boxes: neither can starve the other, whichever makes progress."""
SHORT_DENOMINATORS = (1 << 8, 1 << 12, 1 << 16, 1 << 24)
"""A witness is rounded to the first of these that leaves it one."""
PURSUED = 16
"""From so many candidates of a batch the descent goes on."""
PATIENCE = 6
"""After so many cuts with few crossing units a box is decided by exact programs whatever the time: where the
formula's boundary touches the outputs' along a surface, the boxes that meet it never close by cutting."""


class BoxSearch:
    """The search on one situation whose inputs are bounded; call `step` until `done` or `witness`.

    Args:
        holds_at: exact test of a point against the whole query.
        bits: precision of the chords.
    """

    def __init__(
        self,
        network: Network,
        situation: Situation,
        holds_at: Callable[[Sequence[Fraction]], bool],
        bits: int,
    ) -> None:
        self.network = network
        self.situation = situation
        self.holds_at = holds_at
        self.bits = bits
        self.box = [(low, high) for low, high in situation.box(network.n_inputs)]
        self.root = Boxes.around([(low, high) for low, high in self.box if low is not None and high is not None])
        self.floats = FloatNetwork(network, bits)
        self.objectives = Objectives(network, situation)
        self.descent = Descent(network, conjunction(situation.beyond_box(network.n_inputs)))
        self.inputs = FreeInputs.of(network, self.box)
        self.witness: tuple[Fraction, ...] | None = None
        self.closed = 0.0
        self.box_seconds = 0.0
        self.exact_seconds = 0.0
        self.seen = 0
        self.waited: dict[int, int] = {}  # for how many cuts a box has had few crossing units
        self.tree = BoxTree({0: self.box}, next_id=1)
        self.stack: list[Chunk] = []
        self._units = [np.flatnonzero(~layer.linear) for layer in self.floats.layers]
        widest = max([network.n_inputs, *network.widths])
        self.batch = max(1, min(512, BATCH_NUMBERS // (2 * widest * max(widest, 16))))
        if any(low is not None and high is not None and low > high for low, high in self.box):
            self._close(0, 0, [{"l": []}])
            return
        self.stack.append(self._root())

    @property
    def done(self) -> bool:
        """Whether every box is closed."""
        return not self.stack

    @property
    def open_boxes(self) -> int:
        """How many boxes are still to be looked at."""
        return sum(map(len, self.stack))

    def propose(self, seed: int, points: int = 256, steps: int = 40) -> None:
        """Look for a counterexample by descent from random points of the whole box, from fewer for a large network."""
        if self.done:
            return
        weights = sum(layer.weight.size for layer in self.floats.layers)
        points = min(points, max(16, (1 << 28) // max(1, weights)))
        root = self.root
        spread = np.random.default_rng(seed).random((points, self.network.n_inputs))
        start = root.lower + spread * (root.upper - root.lower)
        self._try(self.descent.descend(start, root.lower, root.upper, steps), tries=8)

    @np.errstate(over="ignore", invalid="ignore")
    def step(self, deadline: float) -> None:
        """Bound the next batch of boxes; close, decide or cut them."""
        started, exact_before = time.monotonic(), self.exact_seconds
        with self.all_or_nothing():
            self._step(deadline)
        self.box_seconds += time.monotonic() - started - (self.exact_seconds - exact_before)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Put the open boxes back as they were if the block is broken off, so that none is lost."""
        stack, closed = list(self.stack), self.closed
        try:
            yield
        except BaseException:
            self.stack, self.closed = stack, closed
            raise

    def _step(self, deadline: float) -> None:
        chunk = self._next()
        bounds = self.floats.bounds(chunk.boxes, Bounds(chunk.lower, chunk.upper, (), np.empty(0)))
        o = self.objectives
        lower, slopes = self.floats.lower_bounds(chunk.boxes, bounds, o.rows, o.shift, o.inputs)
        self.seen += len(chunk)
        self._record(chunk, bounds)
        closed = self.objectives.closed(lower)
        for row in np.flatnonzero(closed):
            self._close(int(chunk.ids[row]), int(chunk.depth[row]), self._leaf_lines(self.situation, lower[row]))
        known = Chunk(chunk.ids, chunk.boxes, chunk.depth, bounds.lower, bounds.upper)
        still = np.flatnonzero(~closed)
        if not len(still):
            return
        rest = known.take(still)
        slopes = slopes[still, o.decisive(lower[still])] if len(o) else np.zeros_like(rest.boxes.lower)
        self._sample(rest, slopes)
        if self.witness is not None:
            return
        axis, middle, can_cut = self._choose_cut(rest.boxes, bounds.influence[still], slopes)
        crossing = sum(
            (bounds.crossing(k)[still][:, units].sum(axis=1) for k, units in enumerate(self._units)),
            start=np.zeros(len(still), dtype=np.int64),
        )
        cut = can_cut.copy()
        for position in np.argsort(np.where(can_cut, crossing, -1), kind="stable"):
            if can_cut[position] and not self._is_due(int(rest.ids[position]), int(crossing[position])):
                continue
            cut[position] = False
            if not self._decide_exactly(rest.take([position]), deadline):
                self.stack.append(chunk.take([still[position]]))  # as it came: it will be recorded again
            if self.witness is not None:
                return
        if cut.any():
            self.stack.append(self.tree.cut(rest.take(cut), axis[cut], middle[cut]))

    def snapshot(self) -> dict[str, Any]:
        """Return the state as arrays and JSON texts, for `adopt`."""
        chunk = joined(self.stack) if self.stack else self._root().take([])
        progress = np.array([self.closed, self.seen, self.box_seconds, self.exact_seconds])
        return {**self.tree.to_arrays(), **chunk.to_arrays(), "progress": progress}

    def restore(self, arrays: Mapping[str, Any]) -> None:
        """Go on from a snapshot of a search on the same situation."""
        self.stack = []
        self.adopt(arrays)

    def adopt(self, arrays: Mapping[str, Any]) -> None:
        """Add what a snapshot knows: closed boxes, cuts and open boxes."""
        self.tree.adopt(arrays)
        closed, seen, box_seconds, exact_seconds = arrays["progress"].tolist()
        self.closed += closed
        self.seen += int(seen)
        self.box_seconds += box_seconds
        self.exact_seconds += exact_seconds
        if len(arrays["ids"]):
            self.stack.append(Chunk.from_arrays(arrays))

    def proof_lines(self) -> Iterator[Line]:
        """Yield the lines of the proof, once every box is closed."""
        return self.tree.proof_lines()

    def _is_due(self, box_id: int, crossing: int) -> bool:
        """Whether an open box is to be decided exactly now; if not, remember that it had to wait."""
        if crossing > FEW_UNITS:
            return False
        parent = self.tree.parent(box_id)
        waited = 0 if parent is None else self.waited.get(parent, 0)
        if not crossing or waited >= PATIENCE or self.exact_seconds < self.box_seconds:
            return True
        self.waited[box_id] = waited + 1
        return False

    # -- boxes ------------------------------------------------------------------------------------------------------

    def _root(self) -> Chunk:
        box = self.root
        infinite = [np.full((1, len(layer.bias)), np.inf) for layer in self.floats.layers]
        return Chunk(
            np.zeros(1, dtype=np.int64),
            box,
            np.zeros(1, dtype=np.int64),
            tuple(-a for a in infinite),
            tuple(infinite),
        )

    def _next(self) -> Chunk:
        chunks = [self.stack.pop()]
        total = len(chunks[0])
        while self.stack and total < self.batch:
            chunks.append(self.stack.pop())
            total += len(chunks[-1])
        chunk = joined(chunks)
        if total > self.batch:
            self.stack.append(chunk.take(slice(self.batch, None)))
            chunk = chunk.take(slice(0, self.batch))
        return chunk

    def _choose_cut(
        self, boxes: Boxes, influence: FloatArray, slopes: FloatArray
    ) -> tuple[NDArray[np.int64], FloatArray, NDArray[np.bool_]]:
        """The input with most influence on the crossing units, its middle, and whether a double lies between its ends.

        Where no unit crosses, the input that varies the decisive bound most.
        """
        width = boxes.upper - boxes.lower
        middles = boxes.lower + width / 2
        between = (middles > boxes.lower) & (middles < boxes.upper)
        score = np.where(influence.max(axis=1, keepdims=True) > 0, influence, np.abs(slopes) * width)
        axis = np.where(between, np.nan_to_num(score, nan=0.0), -1.0).argmax(axis=1)
        here = np.arange(len(boxes))
        return axis, middles[here, axis], between[here, axis]

    def _close(self, box_id: int, depth: int, lines: list[Line]) -> None:
        self.tree.lines[box_id] = lines
        self.closed += 0.5**depth

    # -- decisions --------------------------------------------------------------------------------------------------

    def _decide_exactly(self, box: Chunk, deadline: float) -> bool:
        """Decide one box by the units' signs; False when the time is up."""
        started = time.monotonic()
        sides: list[int | None] = []
        for number, units in enumerate(self._units):
            for unit in units:
                low, high = box.lower[number][0, unit], box.upper[number][0, unit]
                sides.append(1 if low >= 0 else 0 if high <= 0 else None)
        box_id = int(box.ids[0])
        answer = decide_by_phases(
            self.network,
            self.tree.exact_box(box_id),
            sides,
            self.situation,
            inputs=self.inputs,
            deadline=deadline,
        )
        self.exact_seconds += time.monotonic() - started
        if isinstance(answer, PhaseWitness):
            self.witness = answer.point
        elif isinstance(answer, PhaseProof):
            self._close(box_id, int(box.depth[0]), list(answer.lines))
        return answer is not None

    def _leaf_lines(self, situation: Situation, lower: FloatArray) -> list[Line]:
        """The lines that close a box: one impossible literal, or a disjunction of which every part is impossible."""
        for number, literal in enumerate(situation.literals):
            sign = self.objectives.refuting_sign(literal, lower)
            if sign:
                return [{"l": [[number, "1" if sign > 0 else "-1"]]}]
        lines: list[Line] = []
        for number, part in enumerate(situation.pending):
            if self.objectives.impossible(part, lower[None])[0]:
                lines.append({"o": number})
                for child in situation.branch(number):
                    lines.extend(self._leaf_lines(child, lower))
                break
        return lines

    def _sample(self, rest: Chunk, slopes: FloatArray) -> None:
        """Try the middles of open boxes, and the corners where the bounds are lowest, after a short descent.

        The best of them go on for longer, and may leave their boxes a little: a rare solution is often next door.
        """
        lower, upper = np.tile(rest.boxes.lower, (2, 1)), np.tile(rest.boxes.upper, (2, 1))
        points = np.concatenate(
            [(rest.boxes.lower + rest.boxes.upper) / 2, np.where(slopes > 0, rest.boxes.lower, rest.boxes.upper)]
        )
        points = self.descent.descend(points, lower, upper, steps=2)
        self._try(points, tries=2)
        if self.witness is None:
            best = np.argsort(self.descent.degrees(points), kind="stable")[:PURSUED]
            reach = 4 * (upper - lower)[best]
            low = np.maximum(points[best] - reach, self.root.lower)
            high = np.minimum(points[best] + reach, self.root.upper)
            self._try(self.descent.descend(points[best], low, high, steps=30), tries=2)

    def _try(self, points: FloatArray, tries: int) -> None:
        degrees = self.descent.degrees(points)
        degrees = np.where(np.isnan(degrees) | ~np.isfinite(points).all(axis=1), np.inf, degrees)
        for row in np.argsort(degrees, kind="stable")[:tries]:
            if degrees[row] > 0:
                break
            point = self._into_box([Fraction(float(x)) for x in points[row]])
            if self.holds_at(point):
                shorter = (self._into_box([Fraction(round(x * q), q) for x in point]) for q in SHORT_DENOMINATORS)
                self.witness = next(filter(self.holds_at, shorter), point)
                return

    def _into_box(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        return tuple(_inside(x, *ends) for x, ends in zip(point, self.box, strict=True))

    # -- the record -------------------------------------------------------------------------------------------------

    def _record(self, chunk: Chunk, bounds: Bounds) -> None:
        """Keep the signs and chords of the units that could cross zero before."""
        states, before, chords = [], [], []
        scale = 2.0**self.bits
        for number, units in enumerate(self._units):
            layer, line = self.floats.layers[number], bounds.lines[number]
            low, high = bounds.lower[number][:, units], bounds.upper[number][:, units]
            convex = layer.positive[units] >= layer.negative[units]
            through = np.where(convex, line.lower_slope[:, units], line.upper_slope[:, units])
            state = np.where(through == layer.positive[units], ord("h"), ord("l"))
            state = np.where(low >= 0, ord("+"), np.where(high <= 0, ord("-"), state))
            slope = np.where(convex, line.upper_slope[:, units], line.lower_slope[:, units])
            shift = np.where(convex, line.upper_shift[:, units], line.lower_shift[:, units])
            chord = np.isfinite(slope * scale) & np.isfinite(shift * scale)
            state = np.where((state >= ord("a")) & ~chord, ord("."), state)
            states.append(state.astype(np.uint8))
            before.append(~(chunk.lower[number][:, units] >= 0) & ~(chunk.upper[number][:, units] <= 0))
            chords.append(np.stack([slope, shift], axis=-1) * scale)
        if not states:
            return
        state_rows, open_before = np.concatenate(states, axis=1), np.concatenate(before, axis=1)
        values = np.concatenate(chords, axis=1)
        crossing = open_before & (state_rows >= ord("a"))
        for row, box_id in enumerate(chunk.ids.tolist()):
            self.tree.conclusions[box_id] = {
                "r": state_rows[row][open_before[row]].tobytes().decode("ascii"),
                "v": [int(v) for v in values[row][crossing[row]].ravel().tolist()],
            }


def _inside(value: Fraction, low: Fraction | None, high: Fraction | None) -> Fraction:
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else value
