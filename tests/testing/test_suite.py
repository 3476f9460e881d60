"""The pytest class, as a third party uses it: parametrised, skipped with reasons, failing with the evidence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exactrelu.errors import InputError
from exactrelu.testing import (
    ConformanceSuite,
    Implementation,
    check_counts,
    check_evaluation,
    our_implementation,
    smallest_violation,
)
from exactrelu.testing.table import DEGENERATE_CASES

SUITE = """
from exactrelu.testing import ConformanceSuite, Implementation, check_evaluation, check_counts

class TestMine(ConformanceSuite):
    implementation = Implementation(name="mine", evaluate={evaluate})
    checks = (check_evaluation, check_counts)
    cases = ConformanceSuite.cases[:3]
    max_examples = 5
"""


def run(folder: Path, evaluate: str) -> str:
    """Run pytest on the suite above in a fresh process."""
    (folder / "test_mine.py").write_text(SUITE.format(evaluate=evaluate), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", str(folder / "test_mine.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_a_third_party_gets_one_test_per_check_and_network(tmp_path: Path) -> None:
    """Three networks and the drawn ones for the callable that is there; the rest is skipped with the reason."""
    output = run(tmp_path, "lambda network, point: network.evaluate(point)")
    assert "4 passed, 4 skipped" in output
    assert "mine offers no counts; counts needs it" in output


def test_a_failure_shows_the_evidence(tmp_path: Path) -> None:
    """The report has the point and the network as source."""
    output = run(tmp_path, "lambda network, point: [y + 1 for y in network.evaluate(point)]")
    assert "4 failed, 4 skipped" in output
    assert "mine breaks evaluation: output 0 is wrong" in output
    assert "Network.from_weights([[[2]]], [[-1]])" in output


def test_the_package_needs_neither_pytest_nor_hypothesis(tmp_path: Path) -> None:
    """Importing exactrelu and exactrelu.testing loads neither; without Hypothesis the table is searched."""
    program = (
        "import sys, exactrelu, exactrelu.testing as t\n"
        "assert not {'pytest', 'hypothesis'} & set(sys.modules)\n"
        "sys.modules['hypothesis'] = None\n"
        "found = t.smallest_violation(t.Implementation(evaluate=lambda n, p: p))\n"
        "print(found.network.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "affine"


def test_a_suite_without_implementation_is_refused() -> None:
    """The message says what to set."""

    class Empty(ConformanceSuite):
        pass

    with pytest.raises(InputError, match="class attribute implementation"):
        Empty().test_table(check_counts, DEGENERATE_CASES[0])


def test_smallest_violation_of_a_correct_implementation_is_none() -> None:
    """None is found, in the table and among drawn networks."""
    assert smallest_violation(our_implementation(), check_evaluation, max_examples=20) is None
    with pytest.raises(InputError, match="max_examples"):
        smallest_violation(our_implementation(), max_examples=-1)


def test_the_search_takes_other_networks() -> None:
    """A strategy of one's own: a defect that shows only with two outputs."""
    st = pytest.importorskip("hypothesis.strategies")
    from exactrelu.strategies import networks

    swapped = Implementation(evaluate=lambda network, point: network.evaluate(point)[::-1])
    violation = smallest_violation(
        swapped, check_evaluation, cases=(), networks=networks(min_outputs=2, max_outputs=2, max_units=2)
    )
    assert violation is not None
    assert violation.network.n_outputs == 2
    only = st.just(DEGENERATE_CASES[0].network)
    assert smallest_violation(swapped, check_evaluation, cases=(), networks=only) is None
