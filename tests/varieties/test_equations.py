"""Equations: the table of known varieties, exact verification, and statuses that claim no more than was proved."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import BudgetExceeded, InputError
from exactrelu.varieties import Blocks, CompletenessStatus, GeneratorSet, Pattern, PatternVariety
from exactrelu.varieties.completeness import generator_codimension
from exactrelu.varieties.conormal import conormal_codimension
from exactrelu.varieties.coordinates import Coordinates
from exactrelu.varieties.elimination import elimination_degree
from exactrelu.varieties.external import analyse_ideal, eliminate, find_engine
from exactrelu.varieties.families import constraints_of
from exactrelu.varieties.generators import find_generators
from exactrelu.varieties.interpolation import Interpolator, partitions
from exactrelu.varieties.minor_ideal import compare_minors
from exactrelu.varieties.modular import SMALL_PRIME, rational_reconstruction
from exactrelu.varieties.substitution import Substitution
from exactrelu.varieties.type_paths import TypeStructure
from tests.varieties.instances import blocks, blocks_of_row, exact_outputs, table


def test_every_row_of_the_table(shared_data: Path) -> None:
    """Counts, dimensions, expected dimensions, conormal codimension, linear relations, generators up to degree 4."""
    rows = table(shared_data)
    if not rows:
        pytest.skip("the table of varieties is not in the data folder")
    for row in rows:
        name = row["id"]
        variety = PatternVariety(blocks_of_row(row))
        assert variety.n_parameters == row["n_params"], name
        assert variety.ambient_dimension == row["ambient_dim"], name
        assert variety.dimension.value == row["actual_dim"], name
        assert variety.dimension.status.value == "certified", name
        assert (variety.expected_dimension.type, variety.defect) == (row["expected_dim"], row["defect"]), name
        if row["expected_dim_scaling"] is not None:
            assert variety.expected_dimension.scale == row["expected_dim_scaling"], name
        if row["live_params"] is not None:
            assert variety.parameter_count.live == row["live_params"], name
        if row["rank_constraint_codim"] is not None:
            flats = constraints_of(variety.blocks, conics=False)
            assert conormal_codimension(variety.blocks, flats) == row["rank_constraint_codim"], name
        if row["generator_degrees"] is not None:
            wanted = {int(degree): count for degree, count in row["generator_degrees"].items()}
            last = min(4, max([3, *wanted]))
            counts = variety.generators(last).counts
            assert counts == {degree: count for degree, count in wanted.items() if degree <= last}, name
            assert counts.get(1, 0) == variety.structure.n_linear_relations, name
            if variety.completeness(last).status is CompletenessStatus.PROVED:
                assert max(wanted, default=1) <= last, name


def test_example_37_through_degree_4() -> None:
    """3-4-3 with 1100|1010|1001: dimension 20 of 27, six cubics, no quartic, certainly incomplete."""
    variety = PatternVariety.of((3, 4, 3), "1100|1010|1001")
    found = variety.generators(4)
    assert (variety.ambient_dimension, variety.dimension.value, variety.conormal_codimension) == (27, 20, 7)
    assert (found.counts, found.dimensions, found.is_minimal_proved) == ({3: 6}, {2: 0, 3: 6, 4: 162}, True)
    assert variety.completeness(4).status is CompletenessStatus.INCOMPLETE
    assert generator_codimension(found) == 6


def test_example_31() -> None:
    """3-3-2-3-3 with 111.11.111|011.11.111: nine quadrics and ten cubics, locally complete."""
    variety = PatternVariety.of((3, 3, 2, 3, 3), "111.11.111|011.11.111")
    assert variety.generators(3).counts == {2: 9, 3: 10}
    assert str(variety.completeness(3)) == "locally complete"


@given(blocks(max_hidden=2), st.integers(0, 99))
@settings(max_examples=25)
def test_generators_vanish_on_outputs(instance: Blocks, seed: int) -> None:
    """Every generator, orbits expanded, is zero at the outputs of random parameters."""
    variety = PatternVariety(instance)
    found = variety.generators(2)
    outputs = exact_outputs(instance, seed)
    answer = variety.check_outputs(outputs, max_degree=2)
    assert type(answer).__name__ == "OnKnownEquations"
    assert answer.n_generators == sum(found.counts.values())


@given(blocks(max_hidden=2, data=False, bias=False), st.integers(0, 99))
@settings(max_examples=25)
def test_relabelling_changes_nothing(instance: Blocks, seed: int) -> None:
    """Renumbering neurons within layers, and blocks, leaves dimension, codimension and generators unchanged."""
    chance = random.Random(seed)
    orders = [chance.sample(range(n), n) for n in instance.architecture.hidden]
    patterns = [
        Pattern(tuple("".join(mask[j] for j in order) for mask, order in zip(p.masks, orders, strict=True)))
        for p in instance.patterns
    ]
    chance.shuffle(patterns)
    one = PatternVariety(instance)
    two = PatternVariety(replace(instance, patterns=tuple(patterns)))
    assert _facts(one) == _facts(two)


@given(blocks(max_hidden=2, data=False, bias=False))
@settings(max_examples=25)
def test_reversing_the_layers_transposes(instance: Blocks) -> None:
    """Reversed widths and masks give the transposed block matrices: the same dimension, codimension and generators."""
    patterns = [Pattern(p.masks[::-1]) for p in instance.patterns]
    mirrored = PatternVariety.of(instance.architecture.widths[::-1], patterns)
    assert _facts(PatternVariety(instance)) == _facts(mirrored)


@given(blocks(max_hidden=2, data=False), st.data())
@settings(max_examples=25)
def test_dead_neurons_and_repeated_blocks(instance: Blocks, data: st.DataObject) -> None:
    """A neuron dead in all blocks changes nothing; a repeated block adds linear relations only."""
    variety = PatternVariety(instance)
    layer = data.draw(st.integers(0, len(instance.architecture.hidden) - 1))
    widths = list(instance.architecture.widths)
    widths[layer + 1] += 1
    bias = instance.architecture.bias
    dead = [Pattern(tuple(m + "0" if i == layer else m for i, m in enumerate(p.masks))) for p in instance.patterns]
    assert _facts(PatternVariety.of(widths, dead, bias=bias)) == _facts(variety)
    doubled = PatternVariety.of(instance.architecture.widths, [*instance.patterns, instance.patterns[0]], bias=bias)
    dimension, _, counts = _facts(variety)
    extra = instance.architecture.n_outputs * instance.architecture.n_columns
    linear = counts.pop(1, 0) + extra
    assert doubled.dimension.value == dimension
    assert doubled.generators(3).counts == {1: linear, **counts}


def _facts(variety: PatternVariety) -> tuple[int, int, dict[int, int]]:
    return variety.dimension.value, variety.conormal_codimension, variety.generators(3).counts


def test_minors_generate_for_two_blocks() -> None:
    """Conjecture 6.1 of [AM25] in low degree: minors and interpolation agree (3-3-3 through degree 5)."""
    for widths, patterns, last in (((3, 3, 3), "110|011", 5), ((4, 3, 3), "110|011", 3), ((3, 3, 2), "111|001", 4)):
        variety = PatternVariety.of(widths, patterns)
        assert all(c.agrees for c in compare_minors(variety.structure, variety.constraints, last))


def test_missing_minors_are_noticed() -> None:
    """The mutant: without the constraint on M1 - M2 the ideal of minors is too small."""
    variety = PatternVariety.of((3, 3, 3), "110|011")
    fewer = [c for c in variety.constraints if c.form != "M1 - M2"]
    assert [c.agrees for c in compare_minors(variety.structure, fewer, 3)] == [True, False]


def test_a_changed_coefficient_is_no_equation() -> None:
    """The mutant: exact substitution rejects a determinant with one sign changed."""
    found = PatternVariety.of((3, 2, 3), "11").generators(3)
    (generator,) = found.generators
    slice_ = Substitution(found.coordinates)
    assert slice_.vanishes(generator.terms)
    monomial = next(iter(generator.terms))
    assert not slice_.vanishes({**generator.terms, monomial: -generator.terms[monomial]})


def test_statuses_are_not_exaggerated() -> None:
    """Too few degrees are not called complete; 2-5-3 has equations that nothing known explains."""
    assert str(PatternVariety.of((3, 2, 3), "11").completeness(2)) == "incomplete"
    assert str(PatternVariety.of((3, 2, 3), "11").completeness(3)) == "proved"
    cubics = PatternVariety.of((4, 3, 4), "110|011").completeness(3, eliminate=False)
    assert cubics.status is CompletenessStatus.LOCALLY_COMPLETE  # there are 40 quartics more
    unknown = PatternVariety.of((2, 5, 3), "11010|01001|10001").completeness(3, eliminate=False)
    assert unknown.status in (CompletenessStatus.INCOMPLETE, CompletenessStatus.THROUGH_DEGREE)


def test_elimination_proves_small_cases() -> None:
    """Elimination shows that the toric example is generated in degree 2; limits stop it elsewhere."""
    toric = TypeStructure(Blocks.of((2, 2, 2, 2), "11.11|10.11|11.10|10.10"))
    assert elimination_degree(Substitution(Coordinates(toric))) == 2
    large = TypeStructure(Blocks.of((3, 4, 3), "1100|1010|1001"))
    assert elimination_degree(Substitution(Coordinates(large))) is None
    assert elimination_degree(Substitution(Coordinates(toric)), limits=(16, 5, 5)) is None


def test_a_budget_returns_what_is_complete() -> None:
    """Too large a weight space ends the search with the degrees before it."""
    structure = TypeStructure(Blocks.of((3, 4, 3), "1100|1010|1001"))
    with pytest.raises(BudgetExceeded, match="degree 4") as caught:
        find_generators(structure, max_degree=4, max_monomials=300)
    partial = caught.value.progress
    assert isinstance(partial, GeneratorSet)
    assert (partial.through_degree, partial.counts) == (3, {3: 6})


def test_a_refusal_comes_before_any_interpolation(monkeypatch: pytest.MonkeyPatch) -> None:
    """All sizes of a degree are known before a kernel is computed; counting agrees with listing the monomials."""
    coordinates = Coordinates(TypeStructure(Blocks.of((3, 4, 3), "1100|1010|1001")))
    sizes = [len(m) for _, m, _ in Interpolator(coordinates).dominant_weights(4)]
    Interpolator(coordinates, max_monomials=max(sizes)).require_sizes(4)
    with pytest.raises(BudgetExceeded, match=f"the limit is {max(sizes) - 1}"):
        Interpolator(coordinates, max_monomials=max(sizes) - 1).require_sizes(4)
    monkeypatch.setattr(Interpolator, "kernel", lambda *_: pytest.fail("interpolated"))
    with pytest.raises(BudgetExceeded, match="degree 2"):
        find_generators(coordinates.structure, max_degree=4, max_monomials=1)


def test_what_was_complete_before_a_refusal_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a budget ended the search nothing of it is computed again; the summary stops at the degree before."""
    variety = PatternVariety.of((2, 5, 3), "11010|01001|10001")
    monkeypatch.setattr(Interpolator, "require_sizes", _refuse_from_4)
    with pytest.raises(BudgetExceeded, match="degree 4"):
        variety.generators(6)
    monkeypatch.setattr(Interpolator, "kernel", lambda *_: pytest.fail("interpolated again"))
    assert variety.generators(3).through_degree == 3
    report = variety.to_dict(6)
    assert (report["through_degree"], report["stopped"]) == (3, "degree 4: too large")


def _refuse_from_4(interpolator: Interpolator, degree: int) -> None:
    if degree >= 4:
        raise BudgetExceeded("too large")


def test_the_search_stops_where_completeness_is_proved() -> None:
    """By determinantal ideals, by a hypersurface, by linearity, by elimination: no degree more."""
    for widths, patterns, last in (
        ((3, 2, 3), "10|11", 2),
        ((3, 4, 3), "1110|0011", 3),
        ((3, 3, 3), "111|000", 1),
        ((2, 2, 2, 2), "11.11|10.11|11.10|10.10", 2),
    ):
        variety = PatternVariety.of(widths, patterns)
        report = variety.to_dict(99)
        assert (report["through_degree"], report["completeness"], report["stopped"]) == (last, "proved", None)
        assert report["generators"] == {str(d): n for d, n in variety.generators(last + 1).counts.items()}


def test_a_search_goes_on_where_another_ended() -> None:
    """Degree by degree or at once: the same generators, dimensions and proofs of minimality."""
    structure = TypeStructure(Blocks.of((3, 3, 2, 3, 3), "111.11.111|011.11.111"))
    at_once = find_generators(structure, max_degree=3)
    later = find_generators(structure, max_degree=3, known=find_generators(structure, max_degree=2))
    assert (later.counts, later.dimensions) == (at_once.counts, at_once.dimensions)
    assert later.is_minimal_proved == at_once.is_minimal_proved
    assert [g.terms for g in later.generators] == [g.terms for g in at_once.generators]


@pytest.mark.parametrize("degree", [2.5, "3", 0, -1, True, None])
def test_bad_degrees_are_refused(degree: object) -> None:
    """Degrees are integers of at least 1, for every question that takes one."""
    variety = PatternVariety.of((2, 1, 2), "1")
    for call in (variety.generators, variety.completeness, variety.to_dict, variety.generators_until_proved):
        with pytest.raises(InputError, match="max_degree is"):
            call(degree)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="max_degree is"):
        variety.check_outputs([[[1, 2], [2, 4]]], max_degree=degree)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [999, 2**24])
def test_long_coefficients_are_lifted_from_several_primes(size: int) -> None:
    """Long inputs give long coefficients, which one prime of 31 bits does not determine."""
    chance = random.Random(1)
    inputs = [[[chance.randint(-size, size) for _ in range(m)] for _ in range(3)] for m in (3, 2)]
    found = PatternVariety.of((3, 2, 3), "11|10", inputs=inputs).generators(3)
    assert found.counts == {2: 6, 3: 4}
    assert max(abs(a) for g in found.generators for a in g.terms.values()) > size


def test_progress_is_reported() -> None:
    """Shares grow from 0 and stay below 1."""
    seen: list[float] = []
    structure = TypeStructure(Blocks.of((3, 3, 3), "110|011"))
    find_generators(structure, max_degree=3, progress=lambda share, count: seen.append(share))
    assert seen == sorted(seen)
    assert 0 == seen[0] < seen[-1] < 1


def test_gradings_and_symmetries() -> None:
    """Block matrices have the column grading and permutations of columns; independent types are graded apart."""
    plain = Coordinates(TypeStructure(Blocks.of((3, 4, 3), "1100|1010|1001")))
    assert (plain.count, len(set(plain.degrees)), len(plain.symmetries)) == (9, 3, 2)
    apart = Coordinates(TypeStructure(Blocks.of((3, 2, 3), "10|01")))
    assert len(set(apart.degrees)) == 6
    data = Coordinates(TypeStructure(Blocks.of((2, 2, 2), "11", inputs=[[[1], [2]]])))
    assert (data.count, len(data.symmetries)) == (1, 0)
    intercept = Coordinates(TypeStructure(Blocks.of((2, 1, 2), "1", bias=True)))
    assert (intercept.count, len(intercept.symmetries)) == (3, 1)


def test_wide_networks_are_treated_by_orbits() -> None:
    """Twelve inputs and outputs, two neurons: every 3-minor of a 12 x 12 matrix, from one weight space."""
    found = PatternVariety.of((12, 2, 12), "11").generators(3)
    assert (found.counts, len(found.generators)) == ({3: 220 * 220}, 1)


def test_partitions_and_reconstruction() -> None:
    """Partitions are decreasing; short fractions are recovered from residues, others are not."""
    assert len(list(partitions(6, 6))) == 11
    p = SMALL_PRIME
    assert rational_reconstruction(pow(7, -1, p) * -22 % p, p) == (-22, 7)
    assert [rational_reconstruction(r, 11) for r in (1, 3, 6)] == [(1, 1), None, (1, 2)]
    assert rational_reconstruction(50_000, p) is None
    interpolator = Interpolator(Coordinates(TypeStructure(Blocks.of((2, 1, 2), "1"))))
    (space,) = [m for w, m, _ in interpolator.dominant_weights(2) if len(m) > 1]
    kernel = interpolator.kernel(space)
    assert (len(kernel.free), kernel.table) == (1, ((p - 1,),))


@pytest.mark.parametrize("engine", ["Singular", "M2"])
def test_engines_agree(engine: str) -> None:
    """An independent system eliminates to the same degrees, and finds 3-3-2-3-3 prime of degree 27."""
    if find_engine(engine) is None:
        pytest.skip(f"{engine} is not on PATH")
    for widths, patterns in (((2, 2, 2), "11|10"), ((2, 2, 2, 2), "11.11|10.10"), ((2, 3, 2), "110|101|011")):
        found = PatternVariety.of(widths, patterns).generators(3)
        expected = {degree: count for degree, count in found.counts.items() if degree > 1}
        assert eliminate(Substitution(found.coordinates), engine=engine) == expected
    variety = PatternVariety.of((3, 3, 2, 3, 3), "111.11.111|011.11.111")
    found = variety.generators(3)
    names = [str(g) for g in next(found.iter_polynomials()).context().gens()]
    facts = analyse_ideal(names, found.iter_polynomials(), engine=engine)
    assert facts is not None
    assert (facts.dimension, facts.degree, facts.is_prime) == (12, 27, True)
    if engine == "Singular":
        assert str(variety.completeness(3, external=30)) == "proved"


def test_engines_may_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any engine on PATH the answers are None, and the status stays what the package proves itself."""
    monkeypatch.setenv("PATH", "")
    variety = PatternVariety.of((3, 3, 3), "110|011")
    assert find_engine() is None
    assert eliminate(Substitution(variety.generators(3).coordinates)) is None
    assert str(variety.completeness(3, eliminate=False, external=5)) == "locally complete"
