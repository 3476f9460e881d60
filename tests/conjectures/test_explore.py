"""`explore` finds the smallest counterexample, says what it tried, and never counts wrongly."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import integers

import exactrelu
from exactrelu import Activation, Network, enumerate_regions, explore, load_network
from exactrelu.conjectures import Conjecture, Counterexample, Survived, conjecture, holds, network_size
from exactrelu.conjectures.sizes import iter_smaller
from exactrelu.conjectures.small_networks import iter_architectures, iter_networks
from exactrelu.errors import InputError
from exactrelu.networks.source import network_source
from exactrelu.strategies import activations, networks


def has_few_cells(network: Network) -> bool:
    """At most two full-dimensional cells: false from two units on."""
    return len(enumerate_regions(network)) <= 2


def zero_stays_zero(network: Network) -> bool:
    """f(0) = 0: false as soon as there is an output bias."""
    return not any(network([0] * network.n_inputs))


def weights_are_integers(network: Network) -> bool:
    """False for random networks only: the enumerated ones have entries -1, 0, 1."""
    return all(row.denominator == 1 for affine in network.affine_maps for row in sum(affine.linear, ()))


def test_the_smallest_counterexample_of_all_is_found_by_enumeration() -> None:
    """Three cells need two units and, on a line, two different breakpoints: one bias."""
    found = explore(has_few_cells, budget=4000)
    assert isinstance(found, Counterexample)
    assert found.smallest_of_all
    assert found.units == 2
    assert network_source(found.network) == "Network.from_weights([[[1], [1]], [[0, 0]]], [[1, 0], [0]])"
    assert found.evidence == "the statement returned False"
    smaller = [n for n in iter_networks((1, 2, 1)) if network_size(n)[:5] < network_size(found.network)[:5]]
    assert all(has_few_cells(network) for network in smaller)


def test_a_random_counterexample_is_made_smaller() -> None:
    """What no enumerated network shows: one entry is left, of the least height, and no hidden layer."""
    found = explore(weights_are_integers, budget=200)
    assert isinstance(found, Counterexample)
    assert not found.smallest_of_all
    assert network_size(found.network)[:5] == (0, 0, 1, 1, 1)
    assert not holds(weights_are_integers, found.network)


def test_a_strategy_is_never_left() -> None:
    """With networks of the caller the counterexample is one of theirs: here both biases stay positive integers."""
    found = explore(has_few_cells, networks=networks(kind="generic", widths=[1, 2, 1]), budget=100)
    assert isinstance(found, Counterexample)
    assert found.network.widths == (1, 2, 1)
    assert all(found.network.hidden[0].affine.offset)


def test_a_true_statement_survives_with_the_right_counts() -> None:
    """The counts add up to the number of networks, by each classification that has one class a network."""
    answer = explore(lambda network: None, budget=300)
    assert isinstance(answer, Survived)
    assert (answer.tried, answer.excluded, answer.stopped) == (300, 0, "budget")
    for counts in (answer.spread.widths, answer.spread.inputs, answer.spread.units):
        assert sum(number for _, number in counts) == 300
    assert answer.spread.complete == ((1, 1, 1),)
    assert "1-1-1: " in str(answer)


def test_where_excludes_networks_and_says_how_many() -> None:
    """No excluded network reaches the statement."""
    answer = explore(zero_stays_zero, where=lambda n: not any(map(any, (m.offset for m in n.affine_maps))), budget=200)
    assert isinstance(answer, Survived)
    assert answer.tried + answer.excluded == 200
    assert answer.excluded > 0


def test_a_strategy_with_few_networks_is_exhausted() -> None:
    """The answer says that there was nothing more to try."""
    from hypothesis import strategies as st

    one = Network.from_weights([[[1]], [[1]]], [[0], [0]])
    answer = explore(zero_stays_zero, networks=st.just(one), budget=50)
    assert isinstance(answer, Survived)
    assert (answer.tried, answer.stopped) == (1, "exhausted")


def test_the_same_seed_gives_the_same_answer() -> None:
    """Twice the same network; the seed matters where networks are random."""
    strategy = networks(kind="float32", widths=[1, 1, 1])
    runs = [explore(lambda n: n([1]) <= (10**6,), networks=strategy, budget=200, seed=seed) for seed in (3, 3)]
    assert isinstance(runs[0], Counterexample)
    assert runs[0].network == runs[1].network  # type: ignore[union-attr]


def test_a_budget_of_time_ends() -> None:
    """A fifth of a second, by text or timedelta."""
    for budget in ("0.2 s", timedelta(seconds=0.2)):
        answer = explore(lambda network: True, budget=budget)
        assert isinstance(answer, Survived)
        assert answer.stopped == "budget"
        assert 0.2 <= answer.seconds < 5


def test_an_interruption_returns_what_was_tried() -> None:
    """Ctrl-C is no loss, in the enumeration and in the random part."""
    for limit, strategy in ((5, None), (5, networks())):
        seen: list[Network] = []

        def statement(network: Network, seen: list[Network] = seen, limit: int = limit) -> bool:
            seen.append(network)
            if len(seen) > limit:
                raise KeyboardInterrupt
            return True

        answer = explore(statement, networks=strategy, budget=1000)
        assert isinstance(answer, Survived)
        assert (answer.stopped, answer.tried) == ("interruption", limit + 1)


def test_assertions_are_evidence_and_other_exceptions_are_passed_on() -> None:
    """The message of an assertion is kept; an error names the network."""

    def asserts(network: Network) -> None:
        value = network([0] * network.n_inputs)
        assert value == (0,), f"f(0) = {value[0]}"

    found = explore(asserts, budget=100)
    assert isinstance(found, Counterexample)
    assert found.evidence.startswith("f(0) = 1")
    with pytest.raises(ZeroDivisionError) as caught:
        explore(lambda network: 1 // 0, budget=10)
    assert "for Network.from_weights([[[0]], [[0]]], [[0], [0]])" in caught.value.__notes__[0]


def test_a_counterexample_becomes_a_network_file_and_a_test_that_passes(tmp_path: Path, repository: Path) -> None:
    """The file has the network; the test passes, and demanding the statement instead fails."""
    (tmp_path / "my_claims.py").write_text(
        "def zero_stays_zero(network):\n    return not any(network([0] * network.n_inputs))\n", encoding="utf-8"
    )
    program = (
        "import my_claims\nfrom exactrelu import explore\n"
        "found = explore(my_claims.zero_stays_zero, budget=100)\n"
        "found.save('found.json')\n"
        "open('test_it.py', 'w').write(found.as_test())\n"
        "open('test_demand.py', 'w').write(found.as_test(demand=True))\n"
    )
    environment = {"PYTHONPATH": f"{repository}:{tmp_path}", "PATH": ""}
    run = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "check": False}
    assert subprocess.run([sys.executable, "-c", program], **run).returncode == 0  # type: ignore[call-overload]
    assert load_network(tmp_path / "found.json")([0]) == (1,)
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*pytest_run, "test_it.py", "test_demand.py"], **run)  # type: ignore[call-overload]
    assert "1 failed, 1 passed" in done.stdout, done.stdout


def test_a_local_statement_is_copied_into_the_test() -> None:
    """A function that cannot be imported is written out; a lambda leaves a place to fill in."""

    def local(network: Network) -> bool:
        return network.n_units > 1

    found, other = explore(local, budget=10), explore(lambda network: network.n_units > 1, budget=10)
    assert isinstance(found, Counterexample)
    assert isinstance(other, Counterexample)
    assert "return network.n_units > 1" in found.as_test()
    assert "NotImplementedError" in other.as_test()
    compile(found.as_test(), "test_found.py", "exec")
    compile(other.as_test(), "test_other.py", "exec")


@given(networks(activations=activations(), max_outputs=2))
def test_the_source_of_a_network_builds_it(network: Network) -> None:
    """What a test has in it is the network itself."""
    assert eval(network_source(network), {"Network": Network, "Activation": Activation}) == network


@given(networks(max_outputs=2, activations=activations()))
def test_every_step_makes_a_network_smaller(network: Network) -> None:
    """So a descent ends."""
    assert all(network_size(smaller) < network_size(network) for smaller in iter_smaller(network))


def test_small_networks_are_all_there_once() -> None:
    """Every network 1-2-1 with entries -1, 0, 1 is there up to the order of its units, and none twice."""
    found = list(iter_networks((1, 2, 1)))
    assert len(set(found)) == len(found) == 3 * 3**2 * (9 * 10 // 2)
    architectures = iter_architectures()
    first = [next(architectures) for _ in range(12)]
    assert len(set(first)) == 12
    assert [sum(widths[1:-1]) for widths in first] == sorted(sum(widths[1:-1]) for widths in first)


def test_the_decorator_keeps_statement_and_settings() -> None:
    """A conjecture can be called, and explored again with another budget."""

    @conjecture(networks=networks(kind="zero-bias"), budget=60)
    def at_zero(network: Network) -> bool:
        return zero_stays_zero(network)

    assert isinstance(at_zero, Conjecture)
    assert at_zero(Network.from_weights([[[1]]], [[0]]))
    answer = at_zero.explore()
    assert isinstance(answer, Survived)
    assert answer.tried <= 60
    assert at_zero.explore(budget=7).tried == 7


def test_a_terminal_shows_progress_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, redrawn and removed at the end; nothing in a pipe or before."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    clock = iter(range(10**6))
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr("exactrelu.conjectures.exploring.time.monotonic", lambda: float(next(clock)))
    explore(lambda network: True, budget=30)
    assert "networks tried" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: explore(zero_stays_zero, budget=0), "budget is 0; it must be positive"),
        (lambda: explore(zero_stays_zero, budget="0 s"), "budget is '0 s'; it must be positive"),
        (lambda: explore(zero_stays_zero, budget="soon"), "budget is 'soon'; pass a number of networks, or a time"),
        (lambda: explore(zero_stays_zero, budget=1.5), "budget is 1.5; pass a number"),  # type: ignore[arg-type]
        (lambda: explore(3), "statement must be callable"),  # type: ignore[arg-type]
        (lambda: explore(zero_stays_zero, where=3), "where must be callable"),  # type: ignore[arg-type]
        (lambda: explore(zero_stays_zero, seed=-1), "seed is -1"),
        (lambda: explore(zero_stays_zero, networks=[]), "networks must be a strategy"),  # type: ignore[arg-type]
        (lambda: conjecture(budget="never"), "budget is 'never'"),
    ],
)
def test_a_mistake_is_named_at_the_call(call: Callable[[], object], message: str) -> None:
    """Nothing runs with arguments that make no sense."""
    with pytest.raises(InputError, match=message):
        call()


def test_exported_where_people_look() -> None:
    """`exactrelu.explore` is the function."""
    assert exactrelu.explore is explore


def test_a_strategy_for_something_else_is_refused() -> None:
    """The message has what was drawn."""
    with pytest.raises(InputError, match="networks must draw networks; it drew 0"):
        explore(zero_stays_zero, networks=integers(), budget=5)  # type: ignore[arg-type]


def test_a_network_file_has_the_ending_by_which_it_is_read(tmp_path: Path) -> None:
    """JSON under the name of another format could not be loaded."""
    found = explore(zero_stays_zero, budget=100)
    assert isinstance(found, Counterexample)
    with pytest.raises(InputError, match=r"found\.onnx'; a name that ends in \.json is needed"):
        found.save(tmp_path / "found.onnx")
    assert not list(tmp_path.iterdir())
