"""Deciding a query: which method on which part, and when to change it.

1. *Nonlinear* formulas, with at most three bounded inputs: the network's cells and Bernstein coefficients (`cellwise`).
2. *Linear* formulas: disjunctions on the inputs alone are split first.  Each alternative then is
   - searched by boxes (`search`), if it bounds every input; with at most three inputs the cells are tried too, again
     and again, with as much time as the boxes have had, so that the slower method costs at most as much as the other;
   - decided by units' signs (`phases`) if some input has no bound.

The closed part of the volume is reported as progress, but chooses nothing: where the formula's boundary touches the
outputs along a surface, boxes close nearly all of the volume at once, and the rest never.
Every verdict carries evidence that a stand-alone program checks.  Cost: exponential in the worst case, as the problem
is NP-complete; `timeout` bounds the time between two looks at the clock, which is at most a few seconds.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from fractions import Fraction
from os import PathLike

from exactrelu.errors import InputError, InvariantError
from exactrelu.verification.boxes.float_network import chord_bits
from exactrelu.verification.boxes.free_inputs import ExactBox
from exactrelu.verification.boxes.parts import divide, work_on
from exactrelu.verification.boxes.phases import PhaseProof, PhaseWitness, decide_by_phases
from exactrelu.verification.boxes.search import BoxSearch
from exactrelu.verification.polynomials.cellwise import decide_query_on_cells
from exactrelu.verification.polynomials.evidence import CrossingWitness, Witness
from exactrelu.verification.polynomials.mesh import MeshProof
from exactrelu.verification.questions.formulas import FALSE, conjunction, is_linear
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.situations import Situation
from exactrelu.verification.state import StateFile
from exactrelu.verification.verdicts import (
    Line,
    Progress,
    Satisfiable,
    TreeProof,
    Undecided,
    Unsatisfiable,
    Verdict,
)

__all__ = ["decide_query"]

FEW_INPUTS = 3
FIRST_TRIAL = 0.5
"""Seconds that boxes have before cells are considered."""
CELLS_PER_SECOND = 3_000
"""How many cells are found and decided in a second, roughly and rather too few; only the choice depends on it."""
LEAST_SHARE = 1 / 16
"""Disjunctions on inputs are split before the search until a situation has this share of the whole."""
ALONE = 1.0
"""Seconds before boxes are handed to an executor: most queries need less."""
MANY_BOXES = 16
SHIFT = 3.0
"""Seconds for which boxes are handed out."""
SAVE_EVERY = 5.0
"""Seconds between two saves of the state."""

Report = Callable[[Progress], None]


def decide_query(
    query: Query,
    *,
    timeout: float | None = None,
    report: Report | None = None,
    state: str | PathLike[str] | None = None,
    executor: Executor | None = None,
    seed: int = 0,
) -> Verdict:
    """Decide whether some input makes the query's formula true.

    Args:
        timeout: seconds; when they are over the answer is `Undecided` with status "timed-out".
        report: called with the progress about five times a second.
        state: a file in which the search by boxes is saved every few seconds and when it ends undecided, and from
            which it goes on if the file is there; removed when the query is decided.
        executor: where open boxes are worked on, once there are many; a process pool, or anything with its interface.
            The verdict is the same, the proof may be another.
        seed: of the random starting points for counterexamples; changes the time and the witness, not the verdict.

    Returns:
        `Satisfiable` with an exact witness, `Unsatisfiable` with a proof, or `Undecided`.

    Raises:
        InputError: the state file is damaged or about another query, or the timeout is not a positive number.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.verification.questions.properties import output_range_query
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> below_one = output_range_query(hat, [(-1, 4)], 0, upper=1)
        >>> decide_query(below_one).status
        'unsat'
        >>> below_half = output_range_query(hat, [(-1, 4)], 0, upper="1/2")
        >>> answer = decide_query(below_half)
        >>> answer.status, below_half.holds_at(answer.witness)
        ('sat', True)
    """
    if timeout is not None and not timeout > 0:
        raise InputError(f"timeout is {timeout}; a positive number of seconds is needed, or None for no limit")
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    if query.formula == FALSE:
        return Unsatisfiable(TreeProof(0, ({"o": 0},)))
    try:
        if not is_linear(query.formula):
            return _decide_nonlinear(query, deadline)
        file = StateFile(state, query) if state is not None else None
        return _Run(query, deadline, report, seed, file, executor).verdict()
    except RecursionError:  # float bounds follow the formula's structure, Bernstein forms the degree
        reason = "the formula nests more deeply, or has a higher degree, than the search can follow"
        return Undecided(reason, Progress(0.0, 0, 0, 0.0))


class _Run:
    """One decision of a linear query."""

    def __init__(
        self,
        query: Query,
        deadline: float,
        report: Report | None,
        seed: int,
        file: StateFile | None,
        executor: Executor | None,
    ) -> None:
        self.query = query
        self.deadline = deadline
        self.report = report
        self.seed = seed
        self.started = time.monotonic()
        self.bits = chord_bits(query.network)
        self.closed_before, self.share, self.boxes = 0.0, 1.0, 0
        self.next_report = self.started
        self.next_trial = self.started + FIRST_TRIAL
        self.file = file
        self.executor = executor
        self.next_save = self.started + SAVE_EVERY
        self.finished: list[list[Line]] = []  # alternatives that are refuted
        self.search: BoxSearch | None = None
        self._saved = file.load() if file is not None else None

    def verdict(self) -> Verdict:
        """Decide; keep the state if that is broken off, and remove it once there is a decision."""
        try:
            verdict = self.decide()
        except (KeyboardInterrupt, TimeoutError):
            self.save()
            raise
        if self.file is not None and not isinstance(verdict, Undecided):
            self.file.remove()
        return verdict

    def save(self) -> None:
        """Write the state file, if one is wanted and there is something to go on from."""
        if self.file is None or self.search is None or self.search.done:
            return
        started = time.monotonic()
        self.file.save(self.finished, self.search.snapshot())
        self.next_save = time.monotonic() + max(SAVE_EVERY, 20 * (time.monotonic() - started))

    def decide(self) -> Verdict:
        lines: list[Line] = []
        earlier = list(self._saved[0]) if self._saved is not None else []
        for root in _roots(Situation().assume(self.query.formula), self.query.network.n_inputs):
            if isinstance(root, dict):
                lines.append(root)
                continue
            situation, self.share = root
            answer = earlier.pop(0) if earlier else self._situation(situation)
            if not isinstance(answer, list):
                return answer
            self.finished.append(answer)
            lines.extend(answer)
            self.closed_before += self.share
        return Unsatisfiable(TreeProof(self.bits, tuple(lines)))

    def _situation(self, situation: Situation) -> list[Line] | Verdict:
        """The lines that refute one alternative, or the verdict on the whole query."""
        box = situation.box(self.query.network.n_inputs)
        if _is_empty(box):
            return [{"l": []}]
        if self.finished and self._saved is None and time.monotonic() > self.deadline:
            return Undecided("the time is over", self._between(), "timed-out")
        if any(low is None or high is None for low, high in box):
            return self._by_phases(situation)
        search = self.search = BoxSearch(self.query.network, situation, self.query.holds_at, self.bits)
        if self._saved is not None:
            search.restore(self._saved[1])
            self._saved = None
        is_late = self.share < 1  # of many alternatives most close at the first step, sooner than a proposal is made
        if not is_late:
            search.propose(self.seed)
        while not search.done and search.witness is None:
            now = time.monotonic()
            if now > self.deadline:
                self.save()
                return Undecided("the time is over", self._progress(search), "timed-out")
            if self.report is not None and now >= self.next_report:
                self.report(self._progress(search))
                self.next_report = now + 0.2
            if now >= self.next_save:
                self.save()
            if now >= self.next_trial:
                answer = self._try_cells(now)
                if answer is not None:
                    return answer
            if self.executor is not None and now - self.started > ALONE and search.open_boxes >= MANY_BOXES:
                self._work_elsewhere(search, self.executor)
            else:
                search.step(self.deadline)
            if is_late and search.witness is None:
                search.propose(self.seed)
                is_late = False
        self.boxes += search.seen
        if search.witness is not None:
            return self._satisfiable(search.witness)
        return list(search.proof_lines())

    def _work_elsewhere(self, search: BoxSearch, executor: Executor) -> None:
        """Hand the open boxes to the executor for a while, and take back what it found."""
        seconds = min(SHIFT, self.deadline - time.monotonic())
        with search.all_or_nothing():
            for found, witness in executor.map(work_on, divide(search, 2 * (os.cpu_count() or 1), seconds)):
                search.adopt(found)
                search.witness = search.witness or witness

    def _by_phases(self, situation: Situation) -> list[Line] | Verdict:
        network = self.query.network
        box = situation.box(network.n_inputs)
        answer = decide_by_phases(network, box, [None] * network.n_units, situation, deadline=self.deadline)
        if isinstance(answer, PhaseWitness):
            return self._satisfiable(answer.point)
        if isinstance(answer, PhaseProof):
            return list(answer.lines)
        return Undecided("the time is over", self._between(), "timed-out")

    def _try_cells(self, now: float) -> Verdict | None:
        """Give the cells as much time as the boxes had, where that may be enough."""
        spent = now - self.started
        self.next_trial = now + 2 * spent
        network = self.query.network
        cells = sum(math.comb(network.n_units, i) for i in range(network.n_inputs + 1))  # of units in general position
        if network.n_inputs > FEW_INPUTS or cells > CELLS_PER_SECOND * spent:
            return None
        found = _by_cells(self.query, min(self.deadline, now + spent))
        return None if isinstance(found, Undecided) else found

    def _between(self) -> Progress:
        """The progress while no boxes are searched."""
        return Progress(self.closed_before, self.boxes, 1, time.monotonic() - self.started)

    def _progress(self, search: BoxSearch) -> Progress:
        return Progress(
            self.closed_before + self.share * search.closed,
            self.boxes + search.seen,
            search.open_boxes,
            time.monotonic() - self.started,
        )

    def _satisfiable(self, point: tuple[Fraction, ...]) -> Satisfiable:
        if not self.query.holds_at(point):
            raise InvariantError(f"the search ended with a point that is no witness: {point}; please report this")
        return Satisfiable(point, self.query.network.evaluate(point))


def _roots(situation: Situation, n_inputs: int) -> Iterator[tuple[Situation, float] | Line]:
    """Split the disjunctions that mention inputs only: the lines that do so, and the situations that remain.

    With each its share: siblings have equal ones.  n disjunctions could leave 2^n situations: below the least share a
    bounded situation keeps its disjunctions, and the boxes take care of them; nor is an empty box split.
    """
    stack = [(situation, 1.0)]
    while stack:
        here, share = stack.pop()
        box = here.box(n_inputs)
        small = share <= LEAST_SHARE and not any(None in ends for ends in box)
        position = None if small or _is_empty(box) else here.input_disjunction(n_inputs)
        if position is None:
            yield here, share
            continue
        yield {"o": position}
        children = here.branch(position)
        stack.extend((child, share / len(children)) for child in reversed(children))


def _is_empty(box: ExactBox) -> bool:
    return any(low is not None and high is not None and low > high for low, high in box)


def _decide_nonlinear(query: Query, deadline: float) -> Verdict:
    nothing = Progress(0.0, 0, 0, 0.0)
    d = query.network.n_inputs
    clash = Situation().assume(conjunction(query.input_contradiction()))
    if clash.parts:
        answer = decide_by_phases(query.network, clash.box(d), [None] * query.network.n_units, clash)
        if isinstance(answer, PhaseProof):
            return Unsatisfiable(TreeProof(0, answer.lines))
    if d > FEW_INPUTS:
        return Undecided(
            f"polynomial queries are decided for at most {FEW_INPUTS} inputs, this network has {d}", nothing
        )
    unbounded = [query.input_names[i] for i, ends in enumerate(query.input_box()) if None in ends]
    if unbounded:
        return Undecided(f"polynomial queries need bounds of every input; {unbounded[0]} has none on one side", nothing)
    return _by_cells(query, deadline)


def _by_cells(query: Query, deadline: float) -> Verdict:
    started = time.monotonic()
    timeout = None if math.isinf(deadline) else max(0.0, deadline - started)
    answer = decide_query_on_cells(query, timeout=timeout)
    if isinstance(answer, MeshProof):
        return Unsatisfiable(answer)
    if isinstance(answer, Witness):
        point = answer.point[: query.network.n_inputs]
        return Satisfiable(point, query.network.evaluate(point))
    if isinstance(answer, CrossingWitness):
        return Satisfiable(None, None, answer)
    progress = Progress(0.0, 0, 1, time.monotonic() - started)
    late = time.monotonic() >= deadline
    return Undecided(answer.reason, progress, "timed-out" if late else "unknown")
