"""Checks of values: outputs, configurations, affine maps, sums of atoms, ranges.

Each compares with exact arithmetic from another route: outputs with the forward recursion at a point of every face, so
in particular on every tie; affine maps with the products of matrices; atoms with what they must add up to; ranges
with exact linear programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NoReturn

from exactrelu.errors import InputError
from exactrelu.networks.configuration import configuration_at
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.testing.geometry import find_outside, find_point
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import (
    ZERO,
    AbsentCallable,
    Approximation,
    ReadMap,
    Skipped,
    Subject,
    interior,
    read_bits,
)
from exactrelu.testing.violation import format_vector

__all__ = ["check_affine_maps", "check_atoms", "check_configurations", "check_evaluation", "check_range"]


def check_evaluation(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check `evaluate` at one exact point of every face of the network's complex on the box, ties included.

    Raises:
        Violation: an output that is not the network's; the evidence is the point.
        Skipped: there is no `evaluate`, or it declines.
        InexactNumberError: floats without a declared error.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> check_evaluation(Implementation(evaluate=lambda network, point: network.evaluate(point)), absolute)
        >>> try:
        ...     check_evaluation(Implementation(evaluate=lambda network, point: point), absolute)
        ... except AssertionError as violation:
        ...     print(violation)
        the implementation breaks evaluation: output 0 is wrong
          at point  (-2)
          expected  2
          found     -2
          network   Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
          domain    box from (-2) to (2)
    """
    subject = Subject.of(implementation, "evaluation", network, domain)
    subject.require("evaluate")
    for point in subject.reference.probes:
        compare_values(subject, evaluate(subject, point), network.evaluate(point), point)


def evaluate(subject: Subject, point: tuple[Fraction, ...]) -> tuple[Approximation, ...]:
    """Call `evaluate` and read the outputs."""
    n = subject.network.n_outputs
    found: tuple[Approximation, ...] = subject.call(
        "evaluate", subject.network, point, read=lambda raw: subject.numbers(raw, n, "outputs")
    )
    return found


def compare_values(
    subject: Subject, found: tuple[Approximation, ...], exact: tuple[Fraction, ...], point: tuple[Fraction, ...]
) -> None:
    """Raise the violation if an output cannot be the exact one."""
    for index, (value, expected) in enumerate(zip(found, exact, strict=True)):
        if not value.admits(expected):
            subject.fail(f"output {index} is wrong", point=point, expected=str(expected), found=str(value))


def check_configurations(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check `configuration` at one exact point of every face: bit 1 iff the preactivation is > 0, so 0 on a tie.

    Where `regions` lists rows together with a configuration, the rows may not leave the closed cell of the latter.

    Raises:
        Violation: a wrong bit, with the point; or a point of the rows that the configuration does not have.
        Skipped: there is neither `configuration` nor `regions`, or it declines.
    """
    subject = Subject.of(implementation, "configurations", network, domain)
    if not implementation.offers("regions"):
        subject.require("configuration")
    if implementation.offers("configuration"):
        for point in subject.reference.probes:
            found: str = subject.call("configuration", network, point, read=lambda raw: read_bits(raw, network))
            expected = configuration_at(network, point).bits
            if found != expected:
                _fail_bit(subject, point, expected, found)
    if implementation.offers("regions"):
        for cell in subject.cells():
            if cell.raw.rows is not None and cell.configuration is not None:
                outside = find_outside(cell.inner, subject.reference.closed_cell(cell.configuration))
                if outside is not None:
                    subject.fail(
                        f"the rows of cell {cell.position} have a point that its configuration does not have",
                        point=outside,
                        cells=(cell.position,),
                        expected=cell.configuration,
                        found=configuration_at(network, outside).bits,
                    )


def _fail_bit(subject: Subject, point: tuple[Fraction, ...], expected: str, found: str) -> NoReturn:
    network = subject.network
    unit = next(k for k, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)
    address = network.units[unit]
    z = network.preactivations(point)[address.layer][address.position]
    subject.fail(
        f"the bit of unit {unit}, whose preactivation is {z}, is wrong", point=point, expected=expected, found=found
    )


def check_affine_maps(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check the affine maps: `affine_map` on every cell's configuration, and the maps that `regions` attaches to cells.

    A map that is attached to a cell must be the network's on every exact cell that the listed one meets in an open
    set, so a cell across a breakpoint is found here, too.

    Raises:
        Violation: a wrong coefficient, with a point of the cell.
        Skipped: there is no affine map anywhere, or the implementation declines.
    """
    subject = Subject.of(implementation, "affine_maps", network, domain)
    if not implementation.offers("affine_map"):
        subject.require("regions")
    facts = subject.reference
    if implementation.offers("affine_map"):
        for bits in facts.configurations:
            found = subject.call("affine_map", network, bits, read=subject.affine_map)
            _compare_maps(subject, found, bits, find_point(interior(facts.closed_cell(bits))), ())
    if not implementation.offers("regions"):
        return
    attached = [cell for cell in subject.cells() if cell.raw.affine_map is not None]
    if not attached and not implementation.offers("affine_map"):
        raise AbsentCallable(f"the cells of {implementation.name} have no affine maps; affine_maps needs them")
    for cell, own in zip(attached, subject.maps(attached), strict=True):
        for bits in facts.configurations:
            point = find_point(interior(cell.inner) + interior(facts.closed_cell(bits)))
            if point is not None:
                _compare_maps(subject, own, bits, point, (cell.position,))


def _compare_maps(subject: Subject, found: ReadMap, bits: str, point: Any, cells: tuple[int, ...]) -> None:
    exact = subject.reference.affine_map(bits)
    if not found.admits(exact):
        expected = "; ".join(" ".join(map(str, row)) for row in exact.augmented.to_fractions())
        subject.fail(
            f"the affine map of {bits or 'the only cell'} is wrong (coefficients, then the offset)",
            point=point,
            cells=cells,
            expected=expected,
            found=str(found),
        )


def check_atoms(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that the atoms re-sum to the affine map on every cell: A = sum alpha_ij a_ij, c = b + sum beta_i m_i.

    Here a_ij is column i of the last matrix times row j of the first, and m_i is that column [HH19, Theorem 5].

    Raises:
        Violation: the sum is not the affine map of a configuration.
        Skipped: there is no `atoms`, the network has no hidden layer, or the implementation declines.
    """
    subject = Subject.of(implementation, "atoms", network, domain)
    subject.require("atoms")
    if not network.hidden:
        raise Skipped("a network without hidden layers has no atoms")
    for bits in subject.reference.configurations:
        found = subject.call("atoms", network, bits, read=lambda raw: _sum_of_atoms(subject, raw))
        _compare_maps(subject, found, bits, find_point(interior(subject.reference.closed_cell(bits))), ())


def _sum_of_atoms(subject: Subject, raw: Any) -> ReadMap:
    alpha, beta = raw
    if not isinstance(alpha, Mapping) or not isinstance(beta, Mapping):
        raise InputError("atoms must give two mappings, {(i, j): number} and {i: number}")
    network = subject.network
    last, first = network.output, network.affine_maps[0].linear
    columns = list(zip(*last.linear, strict=True))
    size = (network.n_outputs, network.n_inputs + 1)
    value = [[ZERO] * size[1] for _ in range(size[0])]
    error = [[ZERO] * size[1] for _ in range(size[0])]
    terms = [(subject.number(a, f"alpha[{i}, {j}]"), columns[i], (*first[j], ZERO)) for (i, j), a in alpha.items()]
    constant = (ZERO,) * network.n_inputs + (Fraction(1),)
    terms += [(subject.number(b, f"beta[{i}]"), columns[i], constant) for i, b in beta.items()]
    for weight, column, row in terms:
        for p, u in enumerate(column):
            for q, v in enumerate(row):
                value[p][q] += weight.value * u * v
                error[p][q] += weight.error * abs(u * v)
    for p, b in enumerate(last.offset):
        value[p][-1] += b
    return ReadMap(tuple(tuple(map(Approximation, row, errors)) for row, errors in zip(value, error, strict=True)))


def check_range(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that `output_range` gives the exact minimum and maximum of every output on the box.

    Raises:
        Violation: a wrong end, with a point where the network attains the exact one.
        Skipped: there is no `output_range`, or it declines.
    """
    subject = Subject.of(implementation, "range", network, domain)
    subject.require("output_range")
    found = subject.call("output_range", network, subject.domain, read=lambda raw: _read_ranges(subject, raw))
    for output, (ends, exact) in enumerate(zip(found, subject.reference.ranges, strict=True)):
        for name, value, extremum in zip(("minimum", "maximum"), ends, (exact.minimum, exact.maximum), strict=True):
            assert extremum.value is not None  # the box is bounded
            if not value.admits(extremum.value):
                subject.fail(
                    f"the {name} of output {output} is wrong; it is attained at {format_vector(extremum.point)}",
                    point=extremum.point,
                    expected=str(extremum.value),
                    found=str(value),
                )


def _read_ranges(subject: Subject, raw: Any) -> list[tuple[Approximation, ...]]:
    found = [subject.numbers(pair, 2, f"output_range[{index}]") for index, pair in enumerate(raw)]
    if len(found) != subject.network.n_outputs:
        raise InputError(f"output_range has {len(found)} entries; the network has {subject.network.n_outputs} outputs")
    return found
