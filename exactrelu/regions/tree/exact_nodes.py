"""Nodes of the refinement tree that need exact arithmetic: flat ones, and ones too thin for doubles.

An `ExactNode` is a prefix with a rational witness.  Its two children are decided one by one: the witness settles its
own side, the exact linear program the other.  This is the whole search in its plainest form; the vectorised search
hands over what its certified bounds leave open, so it is also the reference against which that search is tested.

Cost: at most two exact decisions a node.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactrelu.lp.evidence import Feasible
from exactrelu.regions.problem import Problem, Refutation

__all__ = ["ExactNode", "expand", "root"]


@dataclass(frozen=True, slots=True)
class ExactNode:
    """A prefix, a rational point that has it, and its share of the search (for progress only)."""

    bits: str
    witness: tuple[Fraction, ...]
    weight: float


def root(problem: Problem) -> ExactNode | Refutation:
    """Return the node of the empty prefix, or the refutation of an empty domain."""
    answer = problem.decide("")
    if isinstance(answer, Refutation):
        return answer
    return ExactNode("", answer.witness.point, 1.0)


def expand(problem: Problem, node: ExactNode) -> tuple[list[ExactNode], list[Refutation]]:
    """Return the children of a node and a refutation for every side that has none.

    A unit that is constant on the whole domain takes the side of its constant (both, in the closed notion, if it is
    zero).
    """
    constant = problem.constant_sign(node.bits)
    if constant is not None:
        sides = problem.sides_of_constant(constant)
        share = node.weight / len(sides)
        children = [ExactNode(f"{node.bits}{bit}", node.witness, share) for bit in sides]
        return children, [problem.refute_constant(f"{node.bits}{bit}") for bit in (0, 1) if bit not in sides]
    value = problem.preactivation(node.bits, node.witness)
    points: dict[int, tuple[Fraction, ...]] = {}
    refutations: dict[int, Refutation] = {}
    for bit in (0, 1):
        if problem.holds(bit, value):
            points[bit] = node.witness
            continue
        answer = problem.decide(f"{node.bits}{bit}")
        if isinstance(answer, Feasible):
            points[bit] = answer.witness.point
        else:
            refutations[bit] = answer
    share = node.weight / len(points)
    return [ExactNode(f"{node.bits}{bit}", point, share) for bit, point in sorted(points.items())], [
        *refutations.values()
    ]
