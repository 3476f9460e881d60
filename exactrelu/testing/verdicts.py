"""Check of a verifier: verdicts and counterexamples on properties around the exact range, touching ones included.

For every output with range [m, M] the unsafe sets are y >= M (reached, on the boundary), y > M (just missed), y == M,
y >= M - 2^-40 (reached, hardly), y >= M + 1, and the same at the minimum; for two outputs also y_0 <= y_1 and
y_0 < y_1, and both at once.  Whether an unsafe set is reached is decided exactly, cell by cell.

A verdict "sat" needs a point: in the box, exactly, and its exact outputs in the unsafe set.  "unsat" must be true.
"unknown" claims nothing and is always accepted.  With a declared error e the offsets of the unsafe set may be missed by
e: a counterexample counts if it satisfies the rows relaxed by e, and "unsat" is refuted only if the rows tightened by
e are reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError
from exactrelu.lp.system import LinearSystem, Relation, Row
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import ZERO, Subject
from exactrelu.testing.reference import Reference
from exactrelu.testing.violation import format_vector

__all__ = ["check_verdicts", "output_properties"]

Vector = tuple[Fraction, ...]
HARDLY = Fraction(1, 2**40)


def output_properties(facts: Reference) -> Iterator[LinearSystem]:
    """Yield the unsafe sets of the module's text, as rows on the outputs."""
    m = facts.network.n_outputs

    def unsafe(*rows: tuple[list[int], Relation, Fraction]) -> LinearSystem:
        return LinearSystem.from_rows(rows, dimension=m)

    for k, ends in enumerate(facts.ranges):
        up = [int(i == k) for i in range(m)]
        down = [-a for a in up]
        for extremum, outward, inward in ((ends.maximum, down, up), (ends.minimum, up, down)):
            assert extremum.value is not None  # the box is bounded
            # outward · y <= bound says that y is at the end of the range or beyond.
            bound = outward[k] * extremum.value
            yield unsafe((outward, "<=", bound))
            yield unsafe((outward, "<", bound))
            yield unsafe((inward, "==", -bound))
            yield unsafe((outward, "<=", bound + HARDLY))
            yield unsafe((outward, "<=", bound - 1))
    if m > 1:
        less = [1, -1, *(0 for _ in range(m - 2))]
        more = [-a for a in less]
        yield unsafe((less, "<=", ZERO))
        yield unsafe((less, "<", ZERO))
        yield unsafe((less, "<=", ZERO), (more, "<=", ZERO))


def check_verdicts(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check the answers of `verify`: "sat" with a true counterexample, "unsat" only where nothing is reached.

    Raises:
        Violation: "sat" without a point, with a point outside of the box, or one whose exact outputs are safe; "unsat"
            although a point is reached, which is the evidence.
        Skipped: there is no `verify`, or it declines.

    Example (a verifier that never finds anything):
        >>> never = Implementation(verify=lambda network, domain, unsafe: ("unsat", None))
        >>> try:
        ...     check_verdicts(never, Network.from_weights([[[1]], [[1]]], [[0], [0]]))
        ... except AssertionError as violation:
        ...     print(violation.message, violation.point)
        the verdict is unsat, but the point has an output with -x0 <= -2 (Fraction(2, 1),)
    """
    subject = Subject.of(implementation, "verdicts", network, domain)
    subject.require("verify")
    for unsafe in output_properties(subject.reference):
        answer, point = subject.call("verify", network, subject.domain, unsafe, read=lambda raw: _read(subject, raw))
        if answer == "sat":
            _check_counterexample(subject, unsafe, point)
        elif answer == "unsat":
            reached = subject.reference.find_reaching(_moved(subject, unsafe, -1))
            if reached is not None:
                subject.fail(
                    f"the verdict is unsat, but the point has an output with {_text(unsafe)}",
                    point=reached,
                    expected="sat",
                    found="unsat",
                )


def _check_counterexample(subject: Subject, unsafe: LinearSystem, point: Vector | None) -> None:
    if point is None:
        subject.fail(f"the verdict is sat for {_text(unsafe)}, but there is no counterexample", found="sat")
    if not subject.domain.contains(point):
        subject.fail(f"the counterexample to {_text(unsafe)} is outside of the box", point=point, found="sat")
    outputs = subject.network.evaluate(point)
    if not _moved(subject, unsafe, 1).is_satisfied(outputs):
        subject.fail(
            f"the counterexample is none: its outputs {format_vector(outputs)} do not satisfy {_text(unsafe)}",
            point=point,
            found="sat",
        )


def _read(subject: Subject, raw: Any) -> tuple[str, Vector | None]:
    answer, point = raw
    if answer not in ("sat", "unsat", "unknown"):
        raise InputError(f"the verdict is {answer!r}; it must be 'sat', 'unsat' or 'unknown'")
    return answer, None if point is None or answer != "sat" else subject.point(point, "the counterexample")


def _moved(subject: Subject, unsafe: LinearSystem, side: int) -> LinearSystem:
    """Relax (side 1) or tighten (side -1) the rows by the declared error; an equation becomes a strip, or stays."""
    if not subject.implementation.takes_floats:
        return unsafe
    rows: list[Row | tuple[tuple[int, ...], Relation, Fraction]] = []
    for normal, relation, offset in unsafe.rows:
        error = subject.declared_error(Fraction(offset))
        if relation != "==":
            rows.append((normal, relation, offset + side * error))
        else:
            opposite = tuple(-a for a in normal)
            rows += [(normal, "<=", offset + side * error), (opposite, "<=", -offset + side * error)]
    return LinearSystem.from_rows(rows, dimension=unsafe.dimension)


def _text(unsafe: LinearSystem) -> str:
    return " and ".join(str(unsafe).split("\n"))
