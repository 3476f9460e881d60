"""Decisions agree with exact enumeration; equal networks are proved equal, nearly equal ones told apart."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from exactrelu.errors import InputError
from exactrelu.exact.polynomials import Polynomial
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.builders import random_network as rational_network
from exactrelu.networks.combining import padded
from exactrelu.networks.network import Network
from exactrelu.verification import (
    FALSE,
    TRUE,
    CrossingWitness,
    Formula,
    MeshProof,
    Progress,
    Query,
    Satisfiable,
    TreeProof,
    Undecided,
    Unsatisfiable,
    Verdict,
    decide_query,
    equivalence_query,
    fairness_query,
    monotonicity_query,
    output_range_query,
    robustness_query,
    symbols,
)
from exactrelu.verification.questions.formulas import compare, conjunction, disjunction
from tests.verification.network_cases import SLOPES, random_box, random_network, small, tenths
from tests.verification.proof_cases import box_formula, objection, oracle, random_formula

X, Y, ONE = Polynomial.variable(0), Polynomial.variable(1), Polynomial.constant(1)
ABSOLUTE = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])


def confirmed(query: Query, verdict: Verdict) -> str:
    """The verdict's status, after its evidence was looked at: a witness by substitution, a tree by the checker."""
    if isinstance(verdict, Satisfiable) and verdict.witness is not None:
        assert query.holds_at(verdict.witness)
        assert verdict.output == query.network.evaluate(verdict.witness)
    elif isinstance(verdict, Unsatisfiable) and isinstance(verdict.proof, TreeProof):
        assert objection(query.network, query.formula, verdict.proof.lines, verdict.proof.bits) is None
    return verdict.status


# -- against enumeration ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_verdicts_agree_with_enumeration(seed: int) -> None:
    """Random small networks with all kinds of units, formulas that touch attained values, boxes open on some sides."""
    rng = random.Random(seed)
    network = random_network(rng, rng.choice([small, tenths]), SLOPES, widths=[rng.randint(1, 3)] * rng.randint(0, 2))
    box = random_box(rng, network.n_inputs)
    sides = [(low if rng.random() < 0.7 else None, high if rng.random() < 0.7 else None) for low, high in box]
    domain = box_formula(box if seed % 2 else sides)
    query = Query(network, conjunction((domain, random_formula(rng, network, box))))
    expected = "unsat" if oracle(network, query.formula) is None else "sat"
    assert confirmed(query, decide_query(query, seed=seed)) == expected


def line_violates(network: Network, formula: Formula, low: int, high: int) -> bool:
    """Whether a formula holds at one of 2,000 points of an interval."""
    query = Query(network, formula)
    return any(query.holds_at([low + Fraction(i * (high - low), 2000)]) for i in range(2001))


@pytest.mark.parametrize("seed", range(20))
def test_polynomial_verdicts_agree_with_sampling(seed: int) -> None:
    """One input, quadratic comparisons: `unsat` means that no point of a fine grid is a solution."""
    rng = random.Random(seed)
    network = random_network(rng, small, SLOPES, inputs=1, outputs=1, widths=[3])
    a, b, c, e = (Polynomial.constant(rng.randint(-3, 3)) for _ in range(4))
    domain = compare(X, ">=", -ONE) & compare(X, "<=", ONE)
    query = Query(network, conjunction((domain, compare(a * Y * Y + b * X * Y + c * X + e, rng.choice(["<=", "<"])))))
    verdict = decide_query(query, timeout=20)
    assert confirmed(query, verdict) in ("sat", "unsat")
    assert verdict.status == "sat" or not line_violates(network, query.formula, -1, 1)


# -- degenerate questions --------------------------------------------------------------------------------------------

CONSTANT = Network.from_weights([[[0]], [[0]]], [[0], ["3/4"]])
SHIFT = Network.from_weights([[[1]]], [["1/3"]])
DEGENERATE: dict[str, tuple[Query, str]] = {
    "false": (Query(ABSOLUTE, FALSE), "unsat"),
    "true": (Query(ABSOLUTE, TRUE), "sat"),
    "a point": (Query(ABSOLUTE, compare(X, "==", ONE) & compare(Y, "==", ONE)), "sat"),
    "not at the point": (Query(ABSOLUTE, compare(X, "==", ONE) & compare(Y, "!=", ONE)), "unsat"),
    "contradictory inputs": (Query(ABSOLUTE, compare(X, "<", ONE) & compare(X, ">", ONE)), "unsat"),
    "touching inputs": (Query(ABSOLUTE, compare(X, "<=", ONE) & compare(X, ">", ONE) & compare(Y, ">=")), "unsat"),
    "the minimum is attained": (output_range_query(ABSOLUTE, [(-1, 1)], 0, lower="1e-30"), "sat"),
    "the minimum is allowed": (output_range_query(ABSOLUTE, [(-1, 1)], 0, lower=0), "unsat"),
    "no hidden layer": (output_range_query(SHIFT, [(None, 1)], 0, upper="4/3"), "unsat"),
    "no hidden layer, exceeded": (output_range_query(SHIFT, [(None, 1)], 0, upper="1.33333333333333333333"), "sat"),
    "constant": (output_range_query(CONSTANT, [(None, None)], 0, lower="3/4", upper="0.75"), "unsat"),
    "constant, elsewhere": (output_range_query(CONSTANT, [(-1, 1)], 0, upper="0.7"), "sat"),
    "two intervals": (
        Query(
            ABSOLUTE,
            disjunction([compare(X, "==", ONE * 3), compare(X, "<=", -ONE) & compare(X, ">=", -ONE - ONE)])
            & compare(Y, "<", ONE),
        ),
        "unsat",
    ),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_questions_have_answers(case: str) -> None:
    """Empty sets, points, constants, networks without hidden layers; ties are told from violations."""
    query, status = DEGENERATE[case]
    assert confirmed(query, decide_query(query)) == status


def test_what_the_methods_cannot_do_is_said() -> None:
    """Polynomials of four inputs or of unbounded ones: unknown, with the reason."""
    four = Network.from_weights([[[1, 1, 1, 1]]], [[0]])
    product = compare(Polynomial.variable(0) * Polynomial.variable(1), ">", ONE)
    answer = decide_query(Query(four, product))
    assert isinstance(answer, Undecided)
    assert (answer.status, "at most 3 inputs" in answer.reason) == ("unknown", True)
    answer = decide_query(Query(ABSOLUTE, compare(Y * Y, "<", X)))
    assert isinstance(answer, Undecided)
    assert "X[0] has none" in answer.reason


def test_irrational_solutions_are_proved_by_a_crossing() -> None:
    """2 y^2 = 1 on [-1, 1] has no rational solution; y^2 > 1 has none at all, by a mesh."""
    domain = compare(X, ">=", -ONE) & compare(X, "<=", ONE)
    answer = decide_query(Query(ABSOLUTE, domain & compare(2 * Y * Y, "==", ONE)))
    assert isinstance(answer, Satisfiable)
    assert (answer.witness, answer.output, isinstance(answer.crossing, CrossingWitness)) == (None, None, True)
    answer = decide_query(Query(ABSOLUTE, domain & compare(Y * Y, ">", ONE)))
    assert isinstance(answer, Unsatisfiable)
    assert isinstance(answer.proof, MeshProof)


# -- properties ------------------------------------------------------------------------------------------------------


def test_properties_are_decided_with_ties() -> None:
    """Robustness loses at a tie; |x| rises on [0, 1] only; a score that ignores an input is fair in it."""
    classes = Network.from_weights([[[1, 0], [0, 1]]], [[0, 0]])
    tie = robustness_query(classes, ["0.75", "0.25"], "0.25", label=0)
    assert confirmed(tie, decide_query(tie)) == "sat"
    allowed = robustness_query(classes, ["0.75", "0.25"], "0.25", label=0, ties="allowed")
    assert confirmed(allowed, decide_query(allowed)) == "unsat"
    for domain, status in (((0, 1), "unsat"), (("-1e-9", 1), "sat")):
        rising = monotonicity_query(ABSOLUTE, [domain], coordinate=0)
        assert confirmed(rising, decide_query(rising)) == status
    score = Network.from_weights([[[1, 0], [1, "1e-20"]], [[1, 1]]], [[0, 0], [0]])
    for coordinate, tolerance, status in ((1, 0, "sat"), (1, "1e-20", "unsat"), (0, 1, "sat")):
        fair = fairness_query(score, [(0, 1), (0, 1)], protected=[coordinate], tolerance=tolerance)
        assert confirmed(fair, decide_query(fair)) == status


# -- equivalence -----------------------------------------------------------------------------------------------------


def parts(network: Network) -> tuple[list[list[list[Fraction]]], list[list[Fraction]]]:
    """Weights and biases as lists."""
    maps = network.affine_maps
    return [[list(row) for row in one.linear] for one in maps], [list(one.offset) for one in maps]


def rescaled(network: Network) -> Network:
    """Every unit times a positive number, its outgoing weights divided by it."""
    rng = random.Random(1)
    weights, biases = parts(network)
    for k in range(len(weights) - 1):
        for j in range(len(weights[k])):
            factor = Fraction(rng.randint(1, 9), rng.randint(1, 9))
            weights[k][j] = [factor * w for w in weights[k][j]]
            biases[k][j] *= factor
            for row in weights[k + 1]:
                row[j] /= factor
    return Network.from_weights(weights, biases)


def permuted(network: Network) -> Network:
    """The units of every layer in another order."""
    weights, biases = parts(network)
    for k in range(len(weights) - 1):
        order = list(reversed(range(len(weights[k]))))
        weights[k] = [weights[k][i] for i in order]
        biases[k] = [biases[k][i] for i in order]
        weights[k + 1] = [[row[i] for i in order] for row in weights[k + 1]]
    return Network.from_weights(weights, biases)


def split_input(network: Network) -> Network:
    """A layer relu(x), relu(-x) before the first one."""
    weights, biases = parts(network)
    d = network.n_inputs
    identity = [[Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    first = [[*row, *(-w for w in row)] for row in weights[0]]
    both = identity + [[-w for w in row] for row in identity]
    return Network.from_weights([both, first, *weights[1:]], [[Fraction(0)] * 2 * d, *biases])


def changed(network: Network) -> Network:
    """The same with 2^-40 added to the last weight of the last layer."""
    weights, biases = parts(network)
    weights[-1][0][-1] += Fraction(1, 1 << 40)
    return Network.from_weights(weights, biases)


TRANSFORMATIONS: dict[str, Callable[[Network], Network]] = {
    "rescaled": rescaled,
    "permuted": permuted,
    "identity layers after": lambda net: padded(net, len(net.hidden) + 2),
    "identity of relu pairs after": lambda net: padded(net, len(net.hidden) + 1, relu_only=True),
    "identity of relu pairs before": split_input,
    "everything": lambda net: padded(permuted(rescaled(net)), len(net.hidden) + 1),
}
SEED = 3  # every unit is active somewhere in the box
EQUAL = [(widths, name) for widths in ([1, 3, 1], [2, 3, 2]) for name in TRANSFORMATIONS] + [
    ([2, 4, 3, 1], "everything")
]


@pytest.mark.parametrize("domain", ["box", "space"])
@pytest.mark.parametrize(("widths", "name"), EQUAL)
def test_equal_networks_are_proved_equal(widths: list[int], name: str, domain: str) -> None:
    """The same function by other weights, on a box and on all inputs; a change of 2^-40 is found, with a witness."""
    network = rational_network(widths, seed=SEED)
    other = TRANSFORMATIONS[name](network)
    inputs = [(-2, 3) if domain == "box" else (None, None)] * widths[0]
    query = equivalence_query(network, other, inputs)
    assert confirmed(query, decide_query(query)) == "unsat"
    query = equivalence_query(network, changed(other), inputs)
    assert confirmed(query, decide_query(query)) == "sat"


def test_a_tolerance_is_a_closed_bound() -> None:
    """|x| and |x| + 1/10 agree to within 0.1, not to within less."""
    raised = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], ["0.1"]])
    for tolerance, status in (("0.1", "unsat"), ("0.0999999999999999999999", "sat")):
        query = equivalence_query(ABSOLUTE, raised, [(-5, 5)], tolerance=tolerance)
        assert confirmed(query, decide_query(query)) == status


# -- time, progress, state -------------------------------------------------------------------------------------------


def near_maximum() -> Query:
    """A range that a network of six inputs all but leaves; some seconds."""
    return output_range_query(rational_network([6, 16, 16, 1], seed=2, height=9), [(-1, 1)] * 6, 0, upper=176)


def test_progress_grows_and_a_limit_ends_the_search(tmp_path: Path) -> None:
    """The closed share lies in [0, 1] and grows; the state file is there when the time is over."""
    seen: list[Progress] = []
    answer = decide_query(near_maximum(), timeout=0.6, report=seen.append, state=tmp_path / "state")
    assert isinstance(answer, Undecided)
    assert answer.status == "timed-out"
    shares = [one.closed for one in [*seen, answer.progress]]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] < 1
    assert seen
    assert (tmp_path / "state").exists()
    again = decide_query(near_maximum(), timeout=1e-9, state=tmp_path / "state")
    assert isinstance(again, Undecided)
    assert again.progress.boxes >= answer.progress.boxes


def test_a_resumed_search_proves_the_same(tmp_path: Path) -> None:
    """Interrupted between two batches and resumed, also in the second alternative, the proof holds."""
    network = rational_network([3, 12, 12, 1], seed=3, height=9)
    inside = box_formula([(Fraction(-1), Fraction(1))] * 3)
    x = Polynomial.variable(0)
    halves = disjunction([compare(x, "<="), compare(x, ">=")])
    query = Query(network, conjunction((inside, halves, compare(Polynomial.variable(3), ">", ONE * 1000))))
    highest = query.network.evaluate([1, 1, 1])
    assert highest[0] < 1000
    calls = 0

    def interrupt(_: Progress) -> None:
        nonlocal calls
        calls += 1
        raise KeyboardInterrupt

    state = tmp_path / "state"
    with pytest.raises(KeyboardInterrupt):
        decide_query(query, report=interrupt, state=state)
    assert calls == 1
    assert confirmed(query, decide_query(query, state=state)) == "unsat"
    assert not state.exists()


def test_many_alternatives_on_the_inputs_end_in_time() -> None:
    """Seven disjunctions leave 128 alternatives, thirty leave 2^30: one bound closes what they have in common."""
    for n in (7, 30):
        network = Network.from_weights([[[1] * n, [-1] * n], [[1, 1]]], [[0, 0], [0]])
        inside = box_formula([(Fraction(-1), Fraction(1))] * n)
        outer = [
            disjunction(
                [compare(2 * Polynomial.variable(i), "<=", -ONE), compare(2 * Polynomial.variable(i), ">=", ONE)]
            )
            for i in range(n)
        ]
        above = compare(Polynomial.variable(n), ">", n * ONE)
        started = time.monotonic()
        query = Query(network, conjunction((inside, *outer, above)))
        assert confirmed(query, decide_query(query, timeout=60)) == "unsat"
        assert time.monotonic() - started < 30


def test_what_contradicts_the_box_is_not_split_further() -> None:
    """Of 1200 disjunctions on the input, each with two contradictory parts, one is split."""
    inside = box_formula([(Fraction(-1), Fraction(1))])
    outside = [disjunction([compare(X, "<=", -k * ONE), compare(X, ">=", k * ONE)]) for k in range(2, 1202)]
    query = Query(ABSOLUTE, conjunction((inside, *outside, compare(Y, "<=", ONE))))
    answer = decide_query(query)
    assert confirmed(query, answer) == "unsat"
    assert isinstance(answer, Unsatisfiable)
    assert isinstance(answer.proof, TreeProof)
    assert answer.proof.leaves == 2


def test_a_high_degree_is_an_answer_and_no_traceback() -> None:
    """A power of 1200: "unsat", or "unknown"."""
    inside = box_formula([(Fraction(-1), Fraction(1))])
    query = Query(ABSOLUTE, conjunction((inside, compare(X**1200 + Y + ONE, "<="))))
    assert decide_query(query, timeout=5).status != "sat"


@pytest.mark.parametrize("degree", [1, 2])
def test_deep_nesting_is_an_answer_and_no_traceback(degree: int) -> None:
    """Formulas nest 3000 deep: the answer is right, or "unknown"."""
    formula = compare(Y**degree, "<=", -ONE)
    for k in range(1500):
        formula = disjunction((compare(Y, "<=", -(k + 2) * ONE), formula))
        formula = conjunction((compare(X, "<=", (k + 1) * ONE), formula))
    for inside in (box_formula([(Fraction(-1), Fraction(1))]), TRUE):
        assert decide_query(Query(ABSOLUTE, conjunction((inside, formula))), timeout=1).status != "sat"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without end")
def test_a_state_that_is_no_regular_file_is_refused() -> None:
    """A device is not read to its end, which it may not have."""
    with pytest.raises(InputError, match="no saved search"):
        decide_query(near_maximum(), timeout=1e-9, state="/dev/zero")


def test_a_state_of_another_query_is_refused(tmp_path: Path) -> None:
    """Another bound, another weight, another activation: each is another question."""
    state = tmp_path / "state"
    decide_query(near_maximum(), timeout=1e-9, state=state)
    network = rational_network([6, 16, 16, 1], seed=2, height=9)
    weights, biases = parts(network)
    others = [
        output_range_query(network, [(-1, 1)] * 6, 0, upper=177),
        output_range_query(changed(network), [(-1, 1)] * 6, 0, upper=176),
        output_range_query(
            Network.from_weights(weights, biases, activations=[[RELU] * 16, [*[RELU] * 15, Activation.of(["1/9", 1])]]),
            [(-1, 1)] * 6,
            0,
            upper=176,
        ),
    ]
    for query in others:
        with pytest.raises(InputError, match="another query"):
            decide_query(query, timeout=1e-9, state=state)
    state.write_bytes(state.read_bytes()[:-200])
    with pytest.raises(InputError, match="no saved search"):
        decide_query(near_maximum(), timeout=1e-9, state=state)


def test_the_seed_changes_no_verdict() -> None:
    """Other starting points, perhaps another witness, the same verdict."""
    for upper, status in (("0.9", "sat"), (1, "unsat")):
        query = output_range_query(ABSOLUTE, [(-1, 1)], 0, upper=upper)
        assert {confirmed(query, decide_query(query, seed=seed)) for seed in range(5)} == {status}


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_is_a_positive_number(timeout: float) -> None:
    """Anything else is refused by name: a limit of nan would never come."""
    with pytest.raises(InputError, match="timeout"):
        decide_query(near_maximum(), timeout=timeout)


def test_alternatives_that_are_not_split_still_count() -> None:
    """A witness lies in one of the alternatives of every disjunction, also of those that the boxes take care of."""
    network = rational_network([14, 4, 1], seed=1)
    x, y = symbols(network)
    inputs = conjunction([(v >= -1) & (v <= 1) & ((v <= "-1/2") | (v >= "1/2")) for v in x])
    query = Query(network, inputs & (y[0] >= -10_000))
    assert confirmed(query, decide_query(query, timeout=60)) == "sat"
    hollow = conjunction([inputs, (x[13] <= "1/4") & (x[13] >= "-1/4")])
    assert confirmed(Query(network, hollow), decide_query(Query(network, hollow), timeout=60)) == "unsat"
