"""A class for pytest: one test for each check and network of the table, and one for each check on drawn networks.

    from exactrelu.testing import ConformanceSuite, Implementation

    class TestMine(ConformanceSuite):
        implementation = Implementation(name="mine", evaluate=my_evaluate, regions=my_regions)

Checks whose callables are absent are skipped, with the reason.  Subclasses may choose other `checks`, `cases`,
`networks` (a Hypothesis strategy) or `max_examples`.  This module does not import pytest; it is imported where a test
is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from exactrelu.errors import InputError
from exactrelu.networks.network import Network
from exactrelu.testing.checks import ALL_CHECKS, Check
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import AbsentCallable, Skipped
from exactrelu.testing.search import smallest_violation
from exactrelu.testing.table import DEGENERATE_CASES, Case
from exactrelu.testing.violation import Violation

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["ConformanceSuite"]


class ConformanceSuite:
    """Base class of a test class: set `implementation` in a subclass whose name starts with Test.

    Class attributes:
        implementation: the implementation under test.
        checks: the laws; all of them by default.
        cases: the table of networks with their boxes.
        networks: what Hypothesis draws for `test_drawn_networks`; small networks by default.
        max_examples: how many networks are drawn for each check; 0 leaves that test out.
    """

    implementation: ClassVar[Implementation | None] = None
    checks: ClassVar[tuple[Check, ...]] = ALL_CHECKS
    cases: ClassVar[tuple[Case, ...]] = DEGENERATE_CASES
    networks: ClassVar[SearchStrategy[Network] | None] = None
    max_examples: ClassVar[int] = 25

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make one test of each check, and of each network where the test takes one."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", self.checks, ids=[check.__name__ for check in self.checks])
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", self.cases, ids=[case.name for case in self.cases])

    def test_table(self, check: Check, case: Case) -> None:
        """The law holds on a network of the table."""
        try:
            check(self._subject(), case.network, case.domain)
        except Skipped as reason:
            _skip(reason)

    def test_drawn_networks(self, check: Check) -> None:
        """The law holds on drawn networks; else the smallest one found is reported."""
        implementation = self._subject()
        if not self.max_examples:
            _skip("max_examples is 0")
        network = Network.from_weights([[[1]], [[1]]], [[0], [0]])
        try:
            check(implementation, network)
        except AbsentCallable as reason:
            _skip(reason)
        except (Skipped, Violation):
            # It applies; what it says is found again below, if it holds for a drawn network.
            pass
        violation = smallest_violation(
            implementation, check, networks=self.networks, cases=(), max_examples=self.max_examples
        )
        if violation is not None:
            raise violation

    def _subject(self) -> Implementation:
        if self.implementation is None:
            raise InputError("set the class attribute implementation to an Implementation")
        return self.implementation


def _skip(reason: object) -> NoReturn:
    import pytest

    pytest.skip(str(reason))
