"""The continuity test: networks pass, broken lists are refuted with a point, and both kinds of evidence are checked."""

from __future__ import annotations

import dataclasses
import random
from fractions import Fraction

import pytest

from exactrelu.errors import InputError, ShapeError
from exactrelu.lp.evidence import DualCertificate
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions
from exactrelu.representations.continuity import Agreement, Continuous, Disagreement, Disjoint, decide_continuity
from exactrelu.representations.pieces import Piece, PiecewiseAffine

from .networks import MIXED, N4, VECTOR, random_layers, written_out


def line(slope: object, offset: object) -> AffineMap:
    return AffineMap.from_parts([[slope]], [offset])


def interval(lower: object, upper: object) -> HPolyhedron:
    return HPolyhedron.box([lower], [upper])


def verdict(*pairs: tuple[HPolyhedron, AffineMap]) -> Continuous | Disagreement:
    """Decide, and check the evidence either way."""
    function = PiecewiseAffine.of(pairs)
    answer = decide_continuity(function)
    assert answer.defect(function) is None
    return answer


@pytest.mark.parametrize("net", [N4, VECTOR, MIXED], ids=["n4", "two outputs", "other activations"])
def test_networks_are_continuous(net: Network) -> None:
    """Written-out networks are one continuous function, with a proof for every pair."""
    function = written_out(net)
    answer = decide_continuity(function)
    assert isinstance(answer, Continuous)
    assert answer.defect(function) is None


def test_random_networks_are_continuous_and_changed_ones_are_not() -> None:
    """Degenerate random networks pass; adding a constant to one of several pieces is found out."""
    chance = random.Random(90)
    broken = 0
    for _ in range(15):
        net = random_layers(chance, [2, 3, 2, 2])
        function = written_out(net)
        answer = decide_continuity(function)
        assert isinstance(answer, Continuous)
        assert answer.defect(function) is None
        if len(function.pieces) > 1:
            first = function.pieces[0]
            offset = [first.affine_map.offset[0] + Fraction(1, 10**9), *first.affine_map.offset[1:]]
            shifted = Piece(first.polyhedron, AffineMap.from_parts(first.affine_map.linear, offset))
            other = PiecewiseAffine((shifted, *function.pieces[1:]))
            refuted = decide_continuity(other)
            assert isinstance(refuted, Disagreement)
            assert refuted.defect(other) is None
            broken += 1
    assert broken > 5


def test_a_jump_of_rank_one_in_another_hyperplane() -> None:
    """A kink along the wrong line: rank one is not enough, the row must be the facet's."""
    left = HPolyhedron.from_rows([([1, 0], "<=", 0)])
    right = HPolyhedron.from_rows([([-1, 0], "<=", 0)])
    flat = AffineMap.from_parts([[0, 0]], [0])
    good, bad = AffineMap.from_parts([[3, 0]], [0]), AffineMap.from_parts([[0, 3]], [0])
    assert isinstance(verdict((left, flat), (right, good)), Continuous)
    assert isinstance(verdict((left, flat), (right, bad)), Disagreement)


def test_gaps_overlaps_flat_empty_and_repeated_pieces() -> None:
    """The union may be anything; only points of two pieces matter."""
    assert isinstance(verdict((interval(0, 1), line(0, 0)), (interval(2, 3), line(0, 5))), Continuous)
    assert isinstance(verdict((interval(0, 2), line(1, 0)), (interval(1, 3), line(1, 0))), Continuous)
    overlap = verdict((interval(0, 2), line(1, 0)), (interval(1, 3), line(2, -1)))
    assert isinstance(overlap, Disagreement)
    assert 1 < overlap.point[0] <= 2
    at_one = (interval(1, 1), line(7, -6))
    assert isinstance(verdict((interval(0, 2), line(1, 0)), at_one), Continuous)
    assert isinstance(verdict((interval(0, 2), line(1, 0)), (interval(1, 1), line(7, -5))), Disagreement)
    assert isinstance(verdict((interval(0, 1), line(1, 0)), (interval(1, 0), line(2, 9))), Continuous)
    assert isinstance(verdict(at_one, at_one), Continuous)


def test_unbounded_overlap() -> None:
    """Where the difference is unbounded a point beyond the agreement is found."""
    half = HPolyhedron.from_rows([([-1], "<=", 0)])
    answer = verdict((half, line(1, 0)), (HPolyhedron.space(1), line(2, 0)))
    assert isinstance(answer, Disagreement)
    assert answer.point[0] > 0


def test_meeting_in_a_corner() -> None:
    """Two quadrants that share the origin only: agreement there is enough, disagreement there refutes."""
    one = HPolyhedron.from_rows([([-1, 0], "<=", 0), ([0, -1], "<=", 0)])
    two = HPolyhedron.from_rows([([1, 0], "<=", 0), ([0, 1], "<=", 0)])
    flat, bowl = AffineMap.from_parts([[0, 0]], [0]), AffineMap.from_parts([[5, -2]], [0])
    assert isinstance(verdict((one, flat), (two, bowl)), Continuous)
    answer = verdict((one, flat), (two, AffineMap.from_parts([[5, -2]], [1])))
    assert isinstance(answer, Disagreement)
    assert answer.point == (0, 0)


def test_a_file_with_rounded_numbers() -> None:
    """0.333333 written for 1/3: a gap between the pieces is no discontinuity, a jump by a millionth is one."""
    third, rounded = Fraction(1, 3), Fraction("0.333333")
    assert isinstance(verdict((interval(0, rounded), line(3, 0)), (interval(third, 1), line(0, 1))), Continuous)
    answer = verdict((interval(0, rounded), line(3, 0)), (interval(rounded, 1), line(0, 1)))
    assert isinstance(answer, Disagreement)
    assert answer.values[0][0] - answer.values[1][0] == Fraction(-1, 10**6)


def test_no_outputs_and_no_inputs() -> None:
    """Without outputs everything agrees; on Q^0 two constants must be equal."""
    nothing = AffineMap.from_parts([], [], n_inputs=1)
    assert isinstance(verdict((interval(0, 1), nothing), (interval(0, 1), nothing)), Continuous)
    point = HPolyhedron.space(0)
    constants = [AffineMap.from_parts([[]], [value], n_inputs=0) for value in (1, 2)]
    assert isinstance(verdict((point, constants[0]), (point, constants[1])), Disagreement)


def test_tampered_evidence_is_noticed() -> None:
    """A missing pair, wrong multipliers, a point outside, equal values, wrong values: each gives a reason."""
    pairs = [(interval(0, 1), line(0, 0)), (interval(1, 2), line(1, -1)), (interval(3, 4), line(5, 0))]
    function = PiecewiseAffine.of(pairs)
    answer = decide_continuity(function)
    assert isinstance(answer, Continuous)
    assert {type(pair) for pair in answer.pairs} == {Agreement, Disjoint}
    for k, pair in enumerate(answer.pairs):
        rest = (*answer.pairs[:k], *answer.pairs[k + 1 :])
        assert Continuous(rest).defect(function) is not None
        if isinstance(pair, Agreement):
            ((upper, lower),) = pair.proofs
            doubled = DualCertificate(tuple(2 * y for y in upper.multipliers))
            for proofs in (((doubled, lower),), ((lower, upper),), ()):
                wrong = dataclasses.replace(pair, proofs=proofs)
                assert Continuous((*rest, wrong)).defect(function) is not None
        else:
            zeros = dataclasses.replace(pair.certificate, multipliers=(Fraction(0),) * 4)
            assert Continuous((*rest, dataclasses.replace(pair, certificate=zeros))).defect(function) is not None
    other = PiecewiseAffine.of([pairs[0], (interval(1, 2), line(1, 0))])
    refuted = decide_continuity(other)
    assert isinstance(refuted, Disagreement)
    assert dataclasses.replace(refuted, point=(Fraction(3),)).defect(other) is not None
    assert dataclasses.replace(refuted, values=((Fraction(0),), (Fraction(5),))).defect(other) is not None
    assert refuted.defect(function) is not None


def test_pieces_refuse() -> None:
    """No piece, pieces of different shapes, incomplete enumerations."""
    with pytest.raises(InputError, match="empty"):
        PiecewiseAffine(())
    with pytest.raises(ShapeError, match="piece 1"):
        PiecewiseAffine.of([(interval(0, 1), line(1, 0)), (HPolyhedron.cube(2), AffineMap.from_parts([[1, 1]], [0]))])
    with pytest.raises(ShapeError, match="takes 1"):
        Piece(HPolyhedron.cube(2), line(1, 0))
    with pytest.raises(InputError, match="stopped"):
        PiecewiseAffine.of_enumeration(enumerate_regions(N4, limit=1))
    assert PiecewiseAffine.of([(interval(0, 1), line(1, 0))]).evaluate([2]) is None
