"""Deciding a situation on one box by fixing units one after another, with exact linear programs.

Depth first over the units that may still take both signs, first layer first: with all earlier units fixed a unit's
preactivation is affine in the input.  If it keeps its sign on the box nothing is split; otherwise the two sides
z <= 0 and z >= 0 are decided by a linear program each, whose refutation, if there is one, closes that side.
When every unit is fixed the outputs are affine too, so each literal of the situation is a row, and each pending
disjunction is split.

Exact at ties: both sides are closed, so every point of the box is in one of them, and no tolerance occurs.  The proof
is a list of lines in the order of a depth-first walk (`docs/certificate-format.md`, claim "unsat").

Cost: exponential in the number of units that really change sign, one linear program for each side of each split.
It suits small boxes and small networks; `search` sends it only what has few such units.
Not done here: nonlinear literals.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Infeasible
from exactrelu.lp.system import LinearSystem, Relation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.verification.boxes.free_inputs import ExactBox, FreeInputs
from exactrelu.verification.questions.formulas import Comparison
from exactrelu.verification.questions.situations import Situation

__all__ = ["PhaseProof", "PhaseWitness", "decide_by_phases"]

Line: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PhaseProof:
    """No point of the box fulfils the situation: the lines of the proof, in the order of the walk."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PhaseWitness:
    """A rational point of the box that fulfils the situation."""

    point: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """normal·x REL offset in integers, and what it is a multiple of: a unit's or a literal's number, or the box."""

    normal: tuple[int, ...]
    relation: Relation
    offset: int
    kind: str
    number: int
    scale: Fraction


class _GivenUp(Exception):  # noqa: N818 - it carries no error, only the way out of the recursion
    pass


def decide_by_phases(
    network: Network,
    box: ExactBox,
    sides: Sequence[int | None],
    situation: Situation,
    *,
    inputs: FreeInputs | None = None,
    deadline: float = math.inf,
) -> PhaseProof | PhaseWitness | None:
    """Decide whether some point of the box fulfils the situation.

    Args:
        box: bounds of every input, None for no bound.
        sides: for every unit 0 or 1 where its sign on the box is known, else None.
        inputs: the free inputs of this box or a larger one with the same fixed ones, to be kept between calls.
        deadline: value of `time.monotonic` at which to give up.

    Returns:
        A proof, a witness, or None: the time is up, or a literal that is not linear was needed.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> below = Situation().assume(compare(Polynomial.variable(1), "<"))
        >>> [sorted(line) for line in decide_by_phases(absolute, [(None, None)], [None, None], below).lines]
        [['u'], ['u'], ['l'], ['b', 'l'], ['u'], ['b', 'l'], ['l']]
        >>> touch = Situation().assume(compare(Polynomial.variable(1), "<="))
        >>> decide_by_phases(absolute, [(None, None)], [None, None], touch)
        PhaseWitness(point=(Fraction(0, 1),))
    """
    walk = _Walk(network.n_inputs, box, sides, inputs or FreeInputs.of(network, box), deadline)
    try:
        found = walk.start(situation)
    except _GivenUp:
        return None
    return PhaseProof(tuple(walk.lines)) if found is None else PhaseWitness(found)


Point: TypeAlias = tuple[Fraction, ...]


class _Walk:
    """The depth-first walk; `lines` grows in its order."""

    def __init__(
        self, n_inputs: int, box: ExactBox, sides: Sequence[int | None], inputs: FreeInputs, deadline: float
    ) -> None:
        self.n_inputs = n_inputs
        self.inputs = inputs
        self.maps = inputs.maps
        self.box = [box[i] for i in inputs.free]
        self.sides = sides
        self.deadline = deadline
        self.lines: list[Line] = []

    def start(self, situation: Situation) -> Point | None:
        rows = [*self._box_rows(), *self._literal_rows(situation, 0, None)]
        crossing = tuple(unit for unit, side in enumerate(self.sides) if side is None)
        stack = [("", crossing, rows)]  # no recursion: a path may be as long as there are units
        while stack:
            bits, crossing, rows = stack.pop()
            if self._refuted(rows):
                continue
            bits, crossing, split = self._skip(bits, crossing)
            if split is None:
                if (found := self._outputs(bits, rows, situation)) is not None:
                    return found
                continue
            normal, constant, scale = split
            unit = len(bits)
            self.lines.append({"u": unit})
            rest = tuple(u for u in crossing if u != unit)
            for bit, sign in (("1", -1), ("0", 1)):  # the last one comes first
                side = _Row(tuple(sign * a for a in normal), "<=", -sign * constant, "b", unit, Fraction(scale))
                stack.append((bits + bit, rest, [*rows, side]))
        return None

    def _skip(
        self, bits: str, crossing: tuple[int, ...]
    ) -> tuple[str, tuple[int, ...], tuple[tuple[int, ...], int, int] | None]:
        """Pass by units whose side is known, and record those that keep their sign on the box."""
        states = dict.fromkeys(crossing, ".")
        split = None
        while len(bits) < len(self.sides):
            unit = len(bits)
            side = self.sides[unit]
            if side is not None:
                bits += str(side)
                continue
            row, scale = self.maps.unit_row(bits, unit)
            least, greatest = self._range(row)
            if least is not None and least >= 0:
                states[unit], bits = "+", bits + "1"
            elif greatest is not None and greatest <= 0:
                states[unit], bits = "-", bits + "0"
            else:
                split = (row[:-1], row[-1], scale)
                break
        if any(state != "." for state in states.values()):
            self.lines.append({"r": "".join(states.values()), "v": []})
            crossing = tuple(unit for unit, state in states.items() if state == ".")
        return bits, crossing, split

    def _range(self, row: tuple[int, ...]) -> tuple[Fraction | None, Fraction | None]:
        """The least and greatest value of an affine row on the box, None where there is none."""
        least: Fraction | None = Fraction(row[-1])
        greatest: Fraction | None = Fraction(row[-1])
        for a, (low, high) in zip(row[:-1], self.box, strict=True):
            if a:
                near, far = (low, high) if a > 0 else (high, low)
                least = None if least is None or near is None else least + a * near
                greatest = None if greatest is None or far is None else greatest + a * far
        return least, greatest

    def _outputs(self, bits: str, rows: list[_Row], situation: Situation) -> Point | None:
        """All units are fixed: add the literals about outputs, and split what is pending."""
        outputs = self.maps.layer_map(bits, len(self.maps.network.hidden))
        stack = [([*rows, *self._literal_rows(situation, 0, outputs)], situation)]
        while stack:
            rows, here = stack.pop()
            answer = self._solve(rows)
            if isinstance(answer, dict):
                self.lines.append(answer)
                continue
            if not all(literal.polynomial.is_linear for literal in here.literals):
                raise _GivenUp
            if not here.pending:
                return answer
            self.lines.append({"o": 0})
            first = len(here.literals)
            for child in reversed(here.branch(0)):
                more = [*self._literal_rows(child, first, None), *self._literal_rows(child, first, outputs)]
                stack.append(([*rows, *more], child))
        return None

    def _refuted(self, rows: list[_Row]) -> bool:
        answer = self._solve(rows)
        if isinstance(answer, dict):
            self.lines.append(answer)
            return True
        return False

    def _solve(self, rows: list[_Row]) -> Point | Line:
        """A solution of the rows, or the leaf that refutes them."""
        if time.monotonic() > self.deadline:
            raise _GivenUp
        system = LinearSystem(
            len(self.box), tuple(r.normal for r in rows), tuple(r.relation for r in rows), tuple(r.offset for r in rows)
        )
        answer = decide(system)
        if not isinstance(answer, Infeasible):
            return self.inputs.expand(answer.witness.point)
        pairs: dict[str, list[tuple[int, Fraction]]] = {"l": [], "b": []}
        for row, y in zip(rows, answer.certificate.multipliers, strict=True):
            if y and row.kind:
                pairs[row.kind].append((row.number, y * row.scale))
        common = math.lcm(*(y.denominator for found in pairs.values() for _, y in found))
        return {
            kind: [[number, f"{int(y * common):x}"] for number, y in found]
            for kind, found in pairs.items()
            if found or kind == "l"
        }

    def _box_rows(self) -> list[_Row]:
        rows = []
        for i, (low, high) in enumerate(self.box):
            for bound, sign in ((low, -1), (high, 1)):
                if bound is not None:
                    normal = [0] * len(self.box)
                    normal[i] = sign * bound.denominator
                    rows.append(_Row(tuple(normal), "<=", sign * bound.numerator, "", i, Fraction(1)))
        return rows

    def _literal_rows(self, situation: Situation, first: int, outputs: AffineMap | None) -> list[_Row]:
        """Rows of the linear literals from number `first` on; those with outputs only if `outputs` is given."""
        rows = []
        for number, literal in enumerate(situation.literals[first:], start=first):
            if not literal.polynomial.is_linear:
                continue
            mentions_outputs = literal.polynomial.variables[-1] >= self.n_inputs
            if mentions_outputs is (outputs is None):
                continue
            row = self._literal_row(number, literal, outputs)
            if any(row.normal) or not _is_true(row):
                rows.append(row)
        return rows

    def _literal_row(self, number: int, literal: Comparison, outputs: AffineMap | None) -> _Row:
        """The literal as a row of the free inputs."""
        coefficients, constant = literal.polynomial.linear_part()
        normal = [coefficients.get(i, Fraction(0)) for i in self.inputs.free]
        for variable, c in coefficients.items():
            if variable < self.n_inputs:
                constant += c * self.inputs.values[variable]
            elif outputs is not None:
                q = outputs.augmented.denominator
                row = outputs.augmented.numerators[variable - self.n_inputs]
                for i, a in enumerate(row[:-1]):
                    normal[i] += c * a / q
                constant += c * Fraction(row[-1], q)
        return _integral_row(number, literal, normal, constant)


def _is_true(row: _Row) -> bool:
    """Whether a row without variables, 0 REL offset, holds."""
    return {"<=": row.offset >= 0, "<": row.offset > 0, "==": row.offset == 0}[row.relation]


def _integral_row(number: int, literal: Comparison, normal: list[Fraction], constant: Fraction) -> _Row:
    scale = math.lcm(constant.denominator, *(a.denominator for a in normal))
    return _Row(
        tuple(int(a * scale) for a in normal),
        literal.relation,
        int(-constant * scale),
        "l",
        number,
        Fraction(scale),
    )
