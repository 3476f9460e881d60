"""How answers are read: exact numbers, floats with a declared error, and what counts as a defect."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactrelu import HPolyhedron, Network
from exactrelu.errors import DomainError, InexactNumberError, InputError
from exactrelu.testing import (
    Cell,
    Implementation,
    Skipped,
    Violation,
    check_affine_maps,
    check_atoms,
    check_configurations,
    check_continuity,
    check_counts,
    check_euler,
    check_evaluation,
    check_facets,
    check_partition,
    check_range,
    check_verdicts,
    check_volumes,
    find_violation,
    our_implementation,
)

ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
LEFT, RIGHT = [([1], "<=", 0)], [([-1], "<=", 0)]
MINUS, PLUS = ([[-1]], [0]), ([[1]], [0])


def listing(*cells: Any) -> Callable[..., Any]:
    """A callable that always lists the same cells."""
    return lambda network, domain: cells


def test_a_float_without_declared_error_is_refused() -> None:
    """The message names the implementation and the remedy; it is no violation."""
    mine = Implementation(name="mine", evaluate=lambda network, point: [float(point[0])])
    with pytest.raises(InexactNumberError, match=r"mine: .*absolute_error"):
        check_evaluation(mine, ABSOLUTE)


@pytest.mark.parametrize(("error", "passes"), [("1e-9", True), ("1e-11", False), (0, False)])
def test_a_float_stands_for_the_numbers_within_the_declared_error(error: Any, passes: bool) -> None:
    """An output that is off by 1e-10 passes with a declared error of 1e-9, not with 1e-11."""
    mine = Implementation(evaluate=lambda network, point: [abs(float(point[0])) + 1e-10], absolute_error=error)
    assert (find_violation(mine, check_evaluation, ABSOLUTE) is None) is passes


def test_a_relative_error_grows_with_the_number() -> None:
    """1 % of 2 is enough for an error of 0.01 at 2, but not for the same error at 0."""

    def outputs(network: Network, point: Any) -> list[float]:
        return [abs(float(point[0])) * 1.005]

    assert find_violation(Implementation(evaluate=outputs, relative_error="0.01"), check_evaluation, ABSOLUTE) is None
    shifted = Implementation(evaluate=lambda n, p: [outputs(n, p)[0] + 0.01], relative_error="0.01")
    violation = find_violation(shifted, check_evaluation, ABSOLUTE)
    assert violation is not None
    assert violation.point == (0,)


def test_exact_numbers_stay_exact_beside_a_declared_error() -> None:
    """The declared error is one of floats: a wrong fraction fails however small the defect."""
    mine = Implementation(evaluate=lambda n, p: [abs(p[0]) + Fraction(1, 10**12)], absolute_error="1e-6")
    assert find_violation(mine, check_evaluation, ABSOLUTE) is not None


@pytest.mark.parametrize("number", [np.float32, np.float64, float])
def test_dyadic_floats_pass_with_a_declared_error_of_zero(number: Callable[[Any], Any]) -> None:
    """On dyadic points |x| is exact in every float format."""
    mine = Implementation(evaluate=lambda n, p: [number(abs(float(p[0])))], absolute_error=0)
    check_evaluation(mine, ABSOLUTE)


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ([math.nan], "nan"),
        ([math.inf], "inf"),
        ([1, 1], "2 entries"),
        ([], "0 entries"),
        ("1", "sequence"),
        (None, "NoneType"),
        ([True], "bool"),
    ],
)
def test_an_unreadable_answer_is_a_violation(outputs: Any, reason: str) -> None:
    """Not a number, a wrong length and other nonsense count as defects of the implementation."""
    mine = Implementation(evaluate=lambda n, p: outputs, absolute_error=0)
    violation = find_violation(mine, check_evaluation, ABSOLUTE)
    assert violation is not None
    assert "evaluate gives no readable answer" in violation.message
    assert reason in violation.message


def test_an_exception_is_a_violation_and_not_implemented_a_skip() -> None:
    """A crash counts as a defect; an implementation that declines a network is skipped."""

    def crash(network: Network, point: Any) -> Any:
        return 1 // 0

    def decline(network: Network, point: Any) -> Any:
        raise NotImplementedError("too deep")

    violation = find_violation(Implementation(evaluate=crash), check_evaluation, ABSOLUTE)
    assert violation is not None
    assert "ZeroDivisionError" in violation.message
    with pytest.raises(Skipped, match="declines: too deep"):
        check_evaluation(Implementation(evaluate=decline), ABSOLUTE)


@pytest.mark.parametrize(
    "check",
    [
        check_evaluation,
        check_configurations,
        check_affine_maps,
        check_partition,
        check_volumes,
        check_continuity,
        check_facets,
        check_counts,
        check_euler,
        check_atoms,
        check_range,
        check_verdicts,
    ],
)
def test_an_absent_callable_skips_the_check_with_a_reason(check: Any) -> None:
    """An implementation that offers nothing is skipped everywhere."""
    with pytest.raises(Skipped, match="offers no"):
        check(Implementation(), ABSOLUTE)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"notion": "closed"}, "notion must be .* overlap"),
        ({"notion": "open"}, "notion must be .* got 'open'"),
        ({"evaluate": 3}, "evaluate must be a function"),
        ({"absolute_error": -1}, "negative"),
        ({"absolute_error": 0.1}, "float"),
    ],
)
def test_a_wrong_field_is_refused(fields: dict[str, Any], message: str) -> None:
    """The message names the field."""
    with pytest.raises(InputError, match=message):
        Implementation(**fields)


def test_a_cell_without_points_is_refused() -> None:
    """A cell needs rows or a configuration."""
    with pytest.raises(InputError, match="configuration or rows"):
        Cell(point=[0])


@pytest.mark.parametrize("domain", [HPolyhedron.space(1), HPolyhedron.box([0], [0]), HPolyhedron.simplex(2)])
def test_only_boxes_with_interior_are_domains(domain: HPolyhedron) -> None:
    """Unbounded, flat and other domains are refused by name."""
    network = Network.from_weights([[[1] * domain.ambient_dimension]], [[0]])
    with pytest.raises(DomainError, match="box"):
        check_evaluation(our_implementation(), network, domain)


def test_cells_may_come_without_configurations() -> None:
    """Rows and maps alone suffice for partition, volumes, continuity and affine maps."""
    mine = Implementation(regions=listing(Cell(rows=LEFT, affine_map=MINUS), Cell(rows=RIGHT, affine_map=PLUS)))
    for check in (check_partition, check_volumes, check_continuity, check_affine_maps):
        check(mine, ABSOLUTE)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([Cell(rows=LEFT), Cell(rows=RIGHT), Cell(rows=[([1], "==", 0)])], "cell 2 has no interior"),
        ([Cell(rows=LEFT), Cell(rows=RIGHT), Cell(rows=[([1], "<=", -3)])], "cell 2 has no interior"),
        ([Cell(rows=LEFT), Cell(rows=RIGHT), Cell(rows=[([0], "<=", -1)])], "cell 2 has no interior"),
        ([Cell(rows=LEFT), Cell(rows=RIGHT, point=[-1])], "the point of cell 1 is not in it"),
        ([Cell(rows=LEFT), Cell(rows=[([-1], "<=", 1)])], "overlap"),
        ([Cell(rows=LEFT), Cell(rows=[([-1], "<=", -1)])], "in none of the 2 cells"),
        ([], "in none of the 0 cells"),
        ([Cell(rows=[([1, 1], "<=", 0)])], "2 entries"),
        ([Cell(rows=[([1], ">=", 0)])], "relation '>='"),
        (["012"], "no readable answer"),
        (["0"], "no readable answer"),
    ],
)
def test_bad_lists_of_cells_are_found(cells: list[Any], message: str) -> None:
    """Flat, empty, overlapping, missing and malformed cells each have their message."""
    violation = find_violation(Implementation(regions=listing(*cells)), check_partition, ABSOLUTE)
    assert violation is not None
    assert message in violation.message


def test_a_gap_within_the_declared_error_passes_and_a_wider_one_does_not() -> None:
    """Float rows are moved outwards by the error before a gap counts, inwards before an overlap counts."""
    for offset, passes in ((1e-10, True), (-1e-10, True), (1e-8, False), (-1e-8, False)):
        cells = [Cell(rows=[([1.0], "<=", offset)]), Cell(rows=RIGHT)]
        mine = Implementation(regions=listing(*cells), absolute_error="1e-9")
        for check in (check_partition, check_volumes):
            assert (find_violation(mine, check, ABSOLUTE) is None) is passes


def test_half_open_cells_share_no_point() -> None:
    """Two weak rows overlap at 0 in the half-open notion; one strict row mends it, two leave a gap."""
    for one, other, passes in (("<=", "<=", False), ("<=", "<", True), ("<", "<", False)):
        mine = Implementation(
            regions=listing(Cell(rows=[([1], one, 0)]), Cell(rows=[([-1], other, 0)])), notion="half-open"
        )
        violation = find_violation(mine, check_partition, ABSOLUTE)
        assert (violation is None) is passes
        assert violation is None or violation.point == (0,)


@pytest.mark.parametrize(
    ("facets", "message"),
    [
        ([(0, 1, ([1], 0))], None),
        ([(1, 0, ([-3], 0))], None),
        ([], "missing"),
        ([(0, 1, ([1], 0)), (1, 0, ([1], 0))], "twice"),
        ([(0, 2, ([1], 0))], "there are 2 cells"),
        ([(0, 0, ([1], 0))], "there are 2 cells"),
        ([(0, 1, ([1], 1))], "not in its hyperplane"),
        ([(0, 1, ([0], 0))], "no normal"),
        ([("0", 1, ([1], 0))], "positions"),
    ],
)
def test_lists_of_facets(facets: list[Any], message: str | None) -> None:
    """Order and scale are free; missing, doubled, misplaced and malformed facets are found."""
    mine = Implementation(regions=listing("01", "10"), facets=lambda n, d: facets)
    violation = find_violation(mine, check_facets, ABSOLUTE)
    assert (violation is None) is (message is None)
    assert violation is None or (message is not None and message in violation.message)


def test_facets_and_continuity_with_a_declared_error_use_the_exact_common_points() -> None:
    """Float rows that are off by less than the error still meet in the facet of the exact cells."""

    def cells(value: float) -> Any:
        return listing(
            Cell(rows=[([1.0], "<=", 1e-12)], affine_map=([[-1.0]], [0.0])),
            Cell(rows=[([-1.0], "<=", 1e-12)], affine_map=([[1.0]], [value])),
        )

    for value, passes in ((1e-10, True), (1e-6, False)):
        mine = Implementation(regions=cells(value), facets=lambda n, d: [(0, 1, ([1.0], 0.0))], absolute_error="1e-9")
        assert (find_violation(mine, check_continuity, ABSOLUTE) is None) is passes
        check_facets(mine, ABSOLUTE)
    lost = Implementation(regions=cells(0.0), facets=lambda n, d: [], absolute_error="1e-9")
    assert find_violation(lost, check_facets, ABSOLUTE) is not None


def test_continuity_compares_with_evaluate_where_cells_meet() -> None:
    """A ReLU that is 1 at zero is found on the boundary."""
    mine = Implementation(
        evaluate=lambda n, p: [abs(p[0]) or 1],
        regions=listing(Cell("01", affine_map=MINUS), Cell("10", affine_map=PLUS)),
    )
    violation = find_violation(mine, check_continuity, ABSOLUTE)
    assert violation is not None
    assert violation.message.startswith("evaluate and the affine map of cell 0 differ")
    assert violation.point == (0,)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (("unknown", None), None),
        (("sat", None), "no counterexample"),
        (("sat", [3]), "outside of the box"),
        (("sat", [0]), "the counterexample is none"),
        (("sat", [0, 0]), "2 coordinates"),
        (("unsat", None), "the verdict is unsat"),
        (("yes", None), "'sat', 'unsat' or 'unknown'"),
        ("sat", "no readable answer"),
    ],
)
def test_verdicts(answer: Any, message: str | None) -> None:
    """ "unknown" claims nothing; all else is checked exactly."""
    violation = find_violation(Implementation(verify=lambda n, d, unsafe: answer), check_verdicts, ABSOLUTE)
    assert (violation is None) is (message is None)
    assert violation is None or (message is not None and message in violation.message)


def test_verdicts_with_a_declared_error_may_miss_by_it() -> None:
    """A verifier that relaxes all rows by 1e-12 passes with a declared error of 1e-9, and fails with 0."""
    from exactrelu.lp import LinearSystem

    ours = our_implementation()
    assert ours.verify is not None

    def relaxed(network: Network, domain: HPolyhedron, unsafe: LinearSystem) -> Any:
        rows = [
            row
            for normal, relation, offset in unsafe.rows
            for row in (
                [(normal, "<=", offset + Fraction(1, 10**12))]
                if relation != "=="
                else [(normal, "<=", offset), ([-a for a in normal], "<=", -offset)]
            )
        ]
        assert ours.verify is not None
        return ours.verify(network, domain, LinearSystem.from_rows(rows, dimension=unsafe.dimension))

    assert find_violation(Implementation(verify=relaxed, absolute_error="1e-9"), check_verdicts, ABSOLUTE) is None
    assert find_violation(Implementation(verify=relaxed), check_verdicts, ABSOLUTE) is not None


@pytest.mark.parametrize("counts", [{}, {"cells": "2"}, {"regions": 2}, 2, {"cells": True}])
def test_malformed_counts_are_violations(counts: Any) -> None:
    """Unknown keys, no keys and numbers that are no integers are found."""
    violation = find_violation(Implementation(counts=lambda n, d: counts), check_counts, ABSOLUTE)
    assert violation is not None
    assert "counts gives no readable answer" in violation.message


def test_an_f_vector_of_another_length_or_sum_is_found() -> None:
    """Length first, then Euler's relation, then the numbers."""
    for found, message in (((3,), "1 entries"), ((3, 3), "alternating sum"), ((4, 3), "a number of faces")):
        violation = find_violation(Implementation(f_vector=lambda n, d, f=found: f), check_euler, ABSOLUTE)
        assert violation is not None
        assert message in violation.message


def test_malformed_atoms_and_ranges_are_violations() -> None:
    """Lists in place of mappings, units that do not exist, ranges of another length."""
    for answer in (([], {}), ({(5, 0): 1}, {}), 3):
        violation = find_violation(Implementation(atoms=lambda n, c, a=answer: a), check_atoms, ABSOLUTE)
        assert violation is not None
        assert "atoms gives no readable answer" in violation.message
    for pairs in ([], [(0,)], [(0, 2), (0, 2)]):
        violation = find_violation(Implementation(output_range=lambda n, d, p=pairs: p), check_range, ABSOLUTE)
        assert violation is not None


def test_a_violation_is_an_assertion_error_with_read_only_evidence() -> None:
    """Fields of the finding are properties of the exception, and cannot be set."""
    violation = find_violation(Implementation(regions=listing("10")), check_partition, ABSOLUTE)
    assert isinstance(violation, AssertionError)
    assert (violation.check, violation.network, violation.cells) == ("partition", ABSOLUTE, ())
    with pytest.raises(AttributeError):
        violation.point = None  # type: ignore[misc]
    with pytest.raises(AttributeError):
        violation.finding.point = None  # type: ignore[misc]
    assert Violation(violation.finding).finding == violation.finding
    assert pickle.loads(pickle.dumps(violation)).finding == violation.finding
