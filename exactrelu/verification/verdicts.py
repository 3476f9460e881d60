"""The answers to a query, as values with evidence.

`Satisfiable` carries an input that makes the formula true (or, for polynomials with irrational solutions only, a
segment on which one is certain), `Unsatisfiable` a proof that none does, `Undecided` why the search ended and how far
it came.  All speak of real arithmetic on the network's exact weights and the query's exact numbers.

Not done here: writing them to a file (`certificate`), and runs in floating point (`exactrelu.io.float32`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from exactrelu.verification.polynomials.evidence import CrossingWitness
from exactrelu.verification.polynomials.mesh import MeshProof

__all__ = ["SEMANTICS", "Progress", "Satisfiable", "TreeProof", "Undecided", "Unsatisfiable", "Verdict"]

SEMANTICS = "real arithmetic on the exact weights of the file and the exact numbers of the query"

Line: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: closed part of the volume in [0, 1], boxes looked at, boxes open, seconds."""

    closed: float
    boxes: int
    open_boxes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TreeProof:
    """The lines of a proof tree (docs/verdict-format.md); chords are multiples of 2^-bits."""

    bits: int
    lines: tuple[Line, ...]

    @property
    def leaves(self) -> int:
        """How many nodes end in a contradiction."""
        return sum("l" in line for line in self.lines)

    def __repr__(self) -> str:
        return f"TreeProof(<{len(self.lines)} lines, {self.leaves} leaves>)"


@dataclass(frozen=True, slots=True)
class Satisfiable:
    """Some input makes the formula true: `witness`, with the network's exact `output` there.

    If only irrational inputs do, `crossing` proves that there is one, and witness and output are None.
    """

    witness: tuple[Fraction, ...] | None
    output: tuple[Fraction, ...] | None
    crossing: CrossingWitness | None = None
    status: Literal["sat"] = "sat"


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """No input makes the formula true."""

    proof: TreeProof | MeshProof
    status: Literal["unsat"] = "unsat"


@dataclass(frozen=True, slots=True)
class Undecided:
    """The search ended without an answer: out of time, or the question is beyond the methods here."""

    reason: str
    progress: Progress
    status: Literal["unknown", "timed-out"] = "unknown"


Verdict: TypeAlias = Satisfiable | Unsatisfiable | Undecided
