"""The test that a counterexample becomes runs as it stands, wherever the statement was defined."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from exactrelu import Network, enumerate_regions
from exactrelu.conjectures import Conjecture, Counterexample, conjecture, explore
from exactrelu.conjectures.sources import statement_source

SCRIPT = '''
import math as m
from fractions import Fraction
from exactrelu import enumerate_regions as cells_of, explore
from exactrelu.conjectures import conjecture

LIMIT = 1
HALF = Fraction(1, 2)

def cells(network):
    return len(cells_of(network))

@conjecture(
    budget=200,
)
def few(network):
    """At most one cell."""
    assert cells(network) <= m.gcd(LIMIT, 3) + 0 * HALF, "more"

def made(bound):
    def at_most(network):
        return cells(network) <= bound
    return at_most

for number, found in enumerate([few.explore(), explore(few, budget=200), explore(made(1), budget=200)]):
    open(f"test_{number}.py", "w").write(found.as_test())
'''


@conjecture
def has_one_cell(network: Network) -> bool:
    """False as soon as a unit changes its sign."""
    return len(enumerate_regions(network)) == 1


def test_a_script_makes_tests_that_pass(tmp_path: Path, repository: Path) -> None:
    """Decorators, helpers, constants, imports under another name and closed-over variables come along."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    run = {"cwd": tmp_path, "env": {"PYTHONPATH": str(repository), "PATH": ""}, "capture_output": True, "text": True}
    made = subprocess.run([sys.executable, "script.py"], check=False, **run)  # type: ignore[call-overload]
    assert made.returncode == 0, made.stderr
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"test_{k}.py" for k in range(3))]
    done = subprocess.run(command, check=False, **run)  # type: ignore[call-overload]
    assert "3 passed" in done.stdout, done.stdout


def test_a_decorated_statement_of_a_module_is_imported() -> None:
    """`holds` calls the conjecture as it calls the statement."""
    assert isinstance(has_one_cell, Conjecture)
    for found in (has_one_cell.explore(budget=100), explore(has_one_cell, budget=100)):
        assert isinstance(found, Counterexample)
        assert f"from {__name__} import has_one_cell\n" in found.as_test()


def test_what_cannot_be_written_is_named() -> None:
    """An object of another kind is left to the reader, a bound method as a whole."""
    memory = {Fraction(1): 2}

    def remembers(network: Network) -> bool:
        return network.n_units in memory

    class Holder:
        def claim(self, network: Network) -> bool:
            return network.n_units > 1

    assert statement_source(remembers, "remembers").definitions[0] == "# memory must be defined here"
    (placeholder,) = statement_source(Holder().claim, "claim").definitions
    assert "NotImplementedError" in placeholder
