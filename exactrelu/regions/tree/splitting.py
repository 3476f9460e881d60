"""One step of the vectorised search: decide the next unit for a whole batch of full-dimensional cells.

For each cell the witness fixes one side of the unit's hyperplane.  The other side is empty or not:

1. certainly empty by the unit's range over the domain's box alone;
2. else the dictionaries look for a vertex of the closed cell on the other side.  If there is one, a point between
   witness and vertex is proposed as the witness of the other child and must pass the certified test;
3. if there is none, the dual multipliers are proposed as refutation: rounded to few bits, then to more, each time
   tested with certainty; then solved for exactly on the proposed support;
4. whatever is still open is decided by the exact linear program, and its child, if any, becomes an exact node.

A refutation with maximum exactly zero means that the hyperplane touches the cell without cutting it.  In the
half-open and closed notions the touching face may be a configuration of its own: it is decided exactly.

Invariant: the nodes of the batch are full-dimensional, their witnesses are strictly inside with certainty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import flint
import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure, FloatArray
from exactrelu.lp.dictionaries import Dictionaries
from exactrelu.lp.evidence import Feasible
from exactrelu.regions.float_layers import FloatLayers
from exactrelu.regions.notions import Notion
from exactrelu.regions.problem import Problem, Refutation
from exactrelu.regions.tree.batch import CellBatch
from exactrelu.regions.tree.certified import FloatDomain, round_multipliers, rows_at
from exactrelu.regions.tree.exact_nodes import ExactNode, expand

__all__ = ["RefutationBatch", "Splitter", "Step"]

IntArray = NDArray[np.int64]

_NEAR = 1e-9  # when a vertex counts as lying on a hyperplane: steers proposals only
_PRECISIONS = (10, 24, 48)  # bits of proposed multipliers, shortest proof first


@dataclass(frozen=True, slots=True)
class RefutationBatch:
    """Refutations found together: bits (B, k), the last one refuted, and multipliers (B, k), dyadic doubles >= 0.

    touches: as in `Refutation`, the same for all of them.
    """

    bits: NDArray[np.uint8]
    multipliers: FloatArray
    touches: bool = False

    def __len__(self) -> int:
        return len(self.bits)


@dataclass(slots=True)
class Step:
    """What one step produced."""

    batches: list[CellBatch] = field(default_factory=list)
    exact: list[ExactNode] = field(default_factory=list)
    refuted: list[RefutationBatch] = field(default_factory=list)
    refutations: list[Refutation] = field(default_factory=list)


@dataclass(slots=True)
class Splitter:
    """Decides units of one problem for batches of cells; counts how each answer was found."""

    problem: Problem
    layers: FloatLayers
    domain: FloatDomain
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("range", "split", "rounded", "exact multipliers", "exact program", "exact nodes"), 0
        )
    )

    @property
    def n_box_rows(self) -> int:
        """How many names of constraints belong to the (possibly infinite) box of the dictionaries."""
        return 2 * self.problem.network.n_inputs

    @property
    def first_unit_name(self) -> int:
        """Name of unit 0 in the dictionaries; the domain's inequalities come before."""
        return self.n_box_rows + (0 if self.domain.lower is not None else len(self.domain.rows.value))

    def advance(self, batch: CellBatch) -> Step:
        """Decide the next unit for every node of the batch."""
        step = Step()
        self._enter_layer(batch)
        sign, constant = self._certain_signs(batch)
        lost = (sign == 0) & ~constant
        for node in np.flatnonzero(lost).tolist():
            point = tuple(Fraction(x) for x in batch.witness[node].tolist())
            self._expand_exactly(ExactNode(batch.prefix(node), point, float(batch.weight[node])), step)
        zero = (sign == 0) & constant
        if zero.any():
            self._zero_children(batch.take(zero), step)
        settled = sign != 0
        if not settled.all():
            batch, sign, constant = batch.take(settled), sign[settled], constant[settled]
        if not len(batch):
            return step
        row = batch.rows[:, batch.depth]
        far_side = Enclosure(row.value * -sign[:, None], row.radius)
        ranged = constant | (self.domain.maximum(far_side) < 0)
        if ranged.any():
            self._keep(batch.take(ranged), sign[ranged], step)
            self._record_range(batch, ranged, sign, step)
        if not ranged.all():
            self._cut(batch.take(~ranged), sign[~ranged], step)
        return step

    def _enter_layer(self, batch: CellBatch) -> None:
        """Compose the maps of the layer that begins at this unit, if one does."""
        network = self.problem.network
        layer = network.units[batch.depth].layer
        if batch.depth != self.layers.starts[layer]:
            return
        if layer:
            first = layer
            while first and not len(network.layer_units[first - 1]):
                first -= 1
            for current in range(max(first, 1), layer + 1):
                units = network.layer_units[current - 1]
                batch.maps = self.layers.next(batch.maps, batch.bits[:, units.start : units.stop], current)
        units = network.layer_units[layer]
        positions = self.layers.breakpoints[layer]
        batch.rows.value[:, units.start : units.stop] = batch.maps.value[:, positions]
        batch.rows.radius[:, units.start : units.stop] = batch.maps.radius[:, positions]

    def _signs(self, batch: CellBatch) -> NDArray[np.int8]:
        """Return the certain sign of the next unit at each witness, 0 where there is none."""
        row = batch.rows[:, batch.depth]
        values = rows_at(Enclosure(row.value[:, None], row.radius[:, None]), batch.witness)
        return values.signs()[:, 0]

    def _certain_signs(self, batch: CellBatch) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """Return the certain sign of the next unit at each witness, and whether the preactivation is constant.

        Where the enclosure leaves the sign open, the exact formula may turn out constant, or another witness may do (it
        replaces the old one).  Sign 0 of a unit that is not constant: nothing helped.
        """
        sign = self._signs(batch)
        row = batch.rows[:, batch.depth]
        constant = ~row.value[:, :-1].any(axis=1) & ~row.radius[:, :-1].any(axis=1) & (sign != 0)
        for node in np.flatnonzero(sign == 0).tolist():
            exact = self.problem.constant_sign(batch.prefix(node))
            if exact is None:
                sign[node] = self._move_witness(batch, node)
            else:
                sign[node], constant[node] = exact, True
                self._fix_row(batch, node)
        return sign, constant

    def _fix_row(self, batch: CellBatch, node: int) -> None:
        """Write the enclosure of the exact constant (an affine form without linear part) over an unclear row."""
        address = self.problem.network.units[batch.depth]
        numerators, q = self.problem.linearisation.unit_row(batch.prefix(node), batch.depth)
        exact = Enclosure.from_integers([numerators], q)[0]
        for target, position in ((batch.rows, batch.depth), (batch.maps, address.position)):
            target.value[node, position] = exact.value
            target.radius[node, position] = exact.radius

    def _move_witness(self, batch: CellBatch, node: int) -> int:
        """Try points between the witness and the dictionary's vertex; return the first certain sign, or 0."""
        vertex = self._vertices(batch.cells.take(np.array([node])))[0]
        one = batch.take(np.array([node]))
        for part in (0.37, 0.11, 0.71):
            one.witness = batch.witness[[node]] + part * (vertex - batch.witness[[node]])
            sign = int(self._signs(one)[0])
            if sign and self.is_inside(one, batch.depth)[0]:
                batch.witness[node] = one.witness[0]
                return sign
        return 0

    def _vertices(self, cells: Dictionaries) -> FloatArray:
        finite, infinite = cells.vertices()
        if self.domain.lower is not None:
            return finite
        return finite + cells.scale_of_infinity()[:, None] * infinite

    def is_inside(self, batch: CellBatch, depth: int) -> NDArray[np.bool_]:
        """Whether the witnesses are certainly strictly inside: the domain, and the sides of the first `depth` units.

        Units that do not cut the cell need no test: the rest implies their side.
        """
        inside = self.domain.contains(batch.witness)
        if depth:
            values = rows_at(batch.rows[:, :depth], batch.witness)
            wanted = batch.bits[:, :depth].astype(np.int8) * 2 - 1
            inside &= ((values.signs() == wanted) | ~batch.cuts[:, :depth]).all(axis=1)
        return np.asarray(inside)

    def _child(self, batch: CellBatch, bits: NDArray[np.int64] | int) -> CellBatch:
        batch.bits[:, batch.depth] = bits
        batch.depth += 1
        return batch

    def _keep(self, batch: CellBatch, sign: NDArray[np.int8], step: Step) -> None:
        """Pass on nodes whose unit stays on the witness's side."""
        step.batches.append(self._child(batch, (sign > 0).astype(np.int64)))

    def _zero_children(self, batch: CellBatch, step: Step) -> None:
        """Handle units that are identically zero: bit 0, and bit 1 too in the closed notion."""
        sides = self.problem.sides_of_constant(0)
        batch.weight = batch.weight / len(sides)
        if 1 in sides:
            step.batches.append(self._child(batch.take(np.arange(len(batch))), 1))
        else:
            step.refuted.append(self._range_record(batch, -np.ones(len(batch), dtype=np.int8), touches=True))
        step.batches.append(self._child(batch, 0))

    def _range_record(self, batch: CellBatch, sign: NDArray[np.int8], *, touches: bool = False) -> RefutationBatch:
        """Refute the side opposite to `sign` by the unit alone."""
        bits = batch.bits[:, : batch.depth + 1].copy()
        bits[:, batch.depth] = sign < 0
        multipliers = np.zeros((len(batch), batch.depth + 1))
        multipliers[:, batch.depth] = 1.0
        return RefutationBatch(bits, multipliers, touches)

    def _record_range(self, batch: CellBatch, chosen: NDArray[np.bool_], sign: NDArray[np.int8], step: Step) -> None:
        step.refuted.append(self._range_record(batch.take(chosen), sign[chosen]))
        self.counts["range"] += int(chosen.sum())

    # -- cutting ---------------------------------------------------------------------------------------------------

    def _cut(self, batch: CellBatch, sign: NDArray[np.int8], step: Step) -> None:
        """Decide the far side of the next unit where the range over the box does not."""
        depth = batch.depth
        row = batch.rows.value[:, depth]
        norm = np.exp2(-np.frexp(np.abs(row[:, :-1]).max(axis=1))[1].astype(np.float64))
        scaled = row * (norm * sign)[:, None]
        near = batch.cells
        objective = near.express(scaled)
        value = near.values(objective)
        beyond = value < -_NEAR  # the vertex itself lies on the far side
        far = near.take(beyond)
        far_objective = objective[beyond]
        objective, _ = near.raise_objective(objective, _NEAR)
        search = np.flatnonzero(~beyond)
        seeker = near.take(search)
        result, found = seeker.raise_objective(-objective[search], _NEAR)

        splits = beyond.copy()
        splits[search[found]] = True
        dictionaries = near.take(np.arange(len(batch)))
        expressed = objective.copy()
        if len(far):
            dictionaries.put(np.flatnonzero(beyond), far)
            expressed[beyond] = far_objective
        dictionaries.put(search, seeker)
        expressed[search] = -result

        self._refute(batch, sign, np.setdiff1d(search, search[found]), dictionaries, expressed, norm, step)
        if splits.any():
            index = np.flatnonzero(splits)
            far_cells = dictionaries.take(index)
            self._split(batch.take(index), sign[index], far_cells, objective[index], expressed[index], step)

    def _split(
        self,
        batch: CellBatch,
        sign: NDArray[np.int8],
        far_cells: Dictionaries,
        near_row: FloatArray,
        far_row: FloatArray,
        step: Step,
    ) -> None:
        """Make both children of nodes that a hyperplane seems to cut; the far witness must pass the certified test."""
        depth = batch.depth
        names = np.full(len(batch), self.first_unit_name + depth)
        batch.cuts[:, depth] = True
        far = batch.take(np.arange(len(batch)))
        # With its own row on board the far dictionary knows how large R must be for its vertex to lie beyond the cut.
        far.cells = far_cells.append(-far_row, names)
        far.bits[:, depth] = sign < 0
        vertex = self._vertices(far.cells)
        row = batch.rows.value[:, depth]
        at_witness = np.abs((row[:, :-1] * batch.witness).sum(axis=1) + row[:, -1])
        at_vertex = np.abs((row[:, :-1] * vertex).sum(axis=1) + row[:, -1])
        crossing = at_witness / (at_witness + at_vertex)
        accepted = np.zeros(len(batch), dtype=bool)
        chosen = batch.witness.copy()
        for part in (0.5, 0.125, 0.02):
            share = crossing + part * (1 - crossing)
            far.witness = batch.witness + share[:, None] * (vertex - batch.witness)
            fresh = self.is_inside(far, depth + 1) & ~accepted
            chosen[fresh] = far.witness[fresh]
            accepted |= fresh
            if accepted.all():
                break
        far.witness = chosen
        self.counts["split"] += int(accepted.sum())
        both = np.flatnonzero(accepted)
        batch.cells = batch.cells.append(near_row, names)
        batch.weight[both] *= 0.5
        far.weight *= 0.5
        for node in np.flatnonzero(~accepted).tolist():
            self._decide_far_side(batch, node, sign, step)
        step.batches.append(self._child(batch, (sign > 0).astype(np.int64)))
        far = far.take(both)
        far.depth += 1
        step.batches.append(far)

    # -- refuting --------------------------------------------------------------------------------------------------

    def _refute(
        self,
        batch: CellBatch,
        sign: NDArray[np.int8],
        nodes: IntArray,
        cells: Dictionaries,
        optimum: FloatArray,
        norm: FloatArray,
        step: Step,
    ) -> None:
        """Refute the far side of some nodes by their dual multipliers; keep the near side."""
        if not len(nodes):
            return
        depth = batch.depth
        multipliers = np.zeros((len(nodes), depth + 1))
        multipliers[:, depth] = 1.0
        units = cells.nonbasic[nodes] - self.first_unit_name
        at, column = np.nonzero(units >= 0)
        # The dictionaries' rows are scaled by powers of two; so are the multipliers, without rounding.
        which = units[at, column]
        scale = np.exp2(-np.frexp(np.abs(batch.rows.value[nodes[at], which, :-1]).max(axis=1))[1].astype(np.float64))
        multipliers[at, which] = np.maximum(optimum[nodes[at], column], 0.0)
        rescale = np.ones_like(multipliers)
        rescale[at, which] = scale
        rescale[:, depth] = norm[nodes]
        signs = np.where(batch.bits[nodes, : depth + 1] > 0, 1.0, -1.0)
        signs[:, depth] = -sign[nodes]
        rows = batch.rows[nodes, : depth + 1]
        open_nodes = np.arange(len(nodes)) if self.domain.lower is not None else np.arange(0)
        closed = np.zeros(len(nodes), dtype=bool)
        for precision in _PRECISIONS:
            if not len(open_nodes):
                break
            rounded = round_multipliers(multipliers[open_nodes], precision) * rescale[open_nodes]
            sure = self.domain.is_refuted(rows[open_nodes], rounded * signs[open_nodes])
            sure &= rounded[:, depth] > 0
            accepted = open_nodes[sure]
            if len(accepted):
                bits = batch.bits[nodes[accepted], : depth + 1].copy()
                bits[:, depth] = sign[nodes[accepted]] < 0
                step.refuted.append(RefutationBatch(bits, rounded[sure]))
                closed[accepted] = True
            open_nodes = open_nodes[~sure]
        self.counts["rounded"] += int(closed.sum())
        for position in np.flatnonzero(~closed):
            node = int(nodes[position])
            if not self._refute_exactly(batch, node, sign, cells.nonbasic[node], step):
                self._decide_far_side(batch, node, sign, step)
        kept = batch.take(nodes)
        self._keep(kept, sign[nodes], step)

    def _refute_exactly(self, batch: CellBatch, node: int, sign: NDArray[np.int8], names: IntArray, step: Step) -> bool:
        """Solve for the multipliers on the d tight constraints exactly; True if they refute the far side."""
        problem = self.problem
        bits = batch.prefix(node, int(sign[node] < 0))
        d = problem.network.n_inputs
        rows, scales = [], []
        for name in (int(n) for n in names):
            row, q = self._exact_row(name, bits)
            rows.append(row)
            scales.append(q)
        (target, _, offset), target_scale = problem.unit_row(bits, batch.depth)
        matrix = flint.fmpz_mat([[rows[j][0][i] for j in range(d)] for i in range(d)])
        right = flint.fmpz_mat([[-target[i]] for i in range(d)])
        try:
            solution = matrix.solve(right)
        except ZeroDivisionError:
            return False
        total = Fraction(offset)
        units: dict[int, Fraction] = {batch.depth: Fraction(target_scale)}
        domain: dict[int, Fraction] = {}
        for j, name in enumerate(int(n) for n in names):
            y = Fraction(int(solution[j, 0].p), int(solution[j, 0].q))
            if y < 0:
                return False
            if not y:
                continue
            total += y * rows[j][1]
            if name >= self.first_unit_name:
                units[name - self.first_unit_name] = y * scales[j]
            elif self.domain.lower is None:
                if name < self.n_box_rows:
                    return False
                domain[name - self.n_box_rows] = y
        if total > 0 or (total == 0 and problem.notion is not Notion.FULL):
            return False  # a tie in the other notions: the touching face is decided by the exact program
        step.refutations.append(problem.refutation(bits, units, domain, touches=total == 0))
        self.counts["exact multipliers"] += 1
        return True

    def _exact_row(self, name: int, bits: str) -> tuple[tuple[tuple[int, ...], int], int]:
        """Return the exact row normal·x <= offset of a constraint's name, and its denominator."""
        problem = self.problem
        d = problem.network.n_inputs
        if name >= self.first_unit_name:
            (normal, _, offset), q = problem.unit_row(bits, name - self.first_unit_name)
            return (normal, offset), q
        if name >= self.n_box_rows:
            normal, _, offset = problem.domain_rows[name - self.n_box_rows]
            return (normal, offset), 1
        upper = name >= d
        normal = tuple((1 if upper else -1) * int(i == name % d) for i in range(d))
        if problem.box is None:
            return (normal, 0), 1
        bound = problem.box[1][name - d] if upper else -problem.box[0][name]
        return (tuple(a * bound.denominator for a in normal), bound.numerator), 1

    def _decide_far_side(self, batch: CellBatch, node: int, sign: NDArray[np.int8], step: Step) -> None:
        """Decide the far side of one node by the exact linear program; a child joins the exact search."""
        self.counts["exact program"] += 1
        bits = batch.prefix(node, int(sign[node] < 0))
        answer = self.problem.decide(bits)
        if isinstance(answer, Feasible):
            batch.cuts[node, batch.depth] = True  # from now on the row says something about the near child
            batch.weight[node] *= 0.5
            step.exact.append(ExactNode(bits, answer.witness.point, float(batch.weight[node])))
        else:
            step.refutations.append(answer)

    def _expand_exactly(self, node: ExactNode, step: Step) -> None:
        children, refutations = expand(self.problem, node)
        step.exact.extend(children)
        step.refutations.extend(refutations)
