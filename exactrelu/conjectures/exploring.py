"""Search for a network that refutes a conjecture: the smallest ones first, then random ones, made smaller.

Course of `explore`, within one budget:

1. Without a strategy of the caller: all networks with entries -1, 0, 1 in order of architecture (`small_networks`),
   for half of the budget.  A counterexample found here has every smaller such network before it.
2. Networks drawn by Hypothesis from the strategy (`exactrelu.strategies.networks` when left out), each tried once.
3. A counterexample of step 2 is shrunk by Hypothesis, which stays inside the strategy; without a strategy of the
   caller it is then made smaller step by step (`sizes`), as long as the statement fails.

Everything is decided by the statement itself; make it exact.  The same seed and the same budget as a number of
networks give the same answer; with a budget in seconds the first counterexample is the same, and it may be made
smaller by more or fewer steps.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, overload

from exactrelu.conjectures.results import Counterexample, Survived, Tally
from exactrelu.conjectures.sizes import iter_smaller, network_size
from exactrelu.conjectures.small_networks import iter_architectures, iter_networks
from exactrelu.conjectures.statements import Statement, find_failure
from exactrelu.errors import InputError
from exactrelu.networks.network import Network

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Conjecture", "conjecture", "explore"]

Budget = int | str | timedelta

_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|min|h)\s*\Z")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_MANY = 10**9
_SHRINKS_PER_NETWORK = 50
"""A budget of n networks lets the search for a smaller counterexample try so many times n, at least 1000."""


class _OutOfBudgetError(BaseException):
    """Leaves Hypothesis at once; it catches every Exception, and takes it for a failure of the statement."""


@dataclass(frozen=True, slots=True)
class Conjecture:
    """A statement with the networks it is about; call it for one network, or `explore` it."""

    statement: Statement
    networks: SearchStrategy[Network] | None = None
    budget: Budget = "10 s"
    where: Callable[[Network], bool] | None = None
    seed: int = 0

    def __call__(self, network: Network) -> object:
        """Return what the statement says of a network."""
        return self.statement(network)

    def explore(self, *, budget: Budget | None = None, seed: int | None = None) -> Counterexample | Survived:
        """Search for a counterexample; budget and seed of the decorator unless given."""
        return explore(
            self.statement,
            networks=self.networks,
            budget=self.budget if budget is None else budget,
            where=self.where,
            seed=self.seed if seed is None else seed,
        )


@overload
def conjecture(statement: Statement, /) -> Conjecture: ...


@overload
def conjecture(
    *,
    networks: SearchStrategy[Network] | None = None,
    budget: Budget = "10 s",
    where: Callable[[Network], bool] | None = None,
    seed: int = 0,
) -> Callable[[Statement], Conjecture]: ...


def conjecture(
    statement: Statement | None = None,
    /,
    *,
    networks: SearchStrategy[Network] | None = None,
    budget: Budget = "10 s",
    where: Callable[[Network], bool] | None = None,
    seed: int = 0,
) -> Callable[[Statement], Conjecture] | Conjecture:
    """Return a decorator that makes a statement a `Conjecture`; arguments as `explore`.

    Without arguments it may stand without parentheses.

    Example:
        >>> @conjecture(budget=200)
        ... def values_are_positive(network):
        ...     return network([0] * network.n_inputs) >= (0,)
        >>> values_are_positive.explore().network.output
        AffineMap.from_parts([['0']], ['-1'])
    """
    _checked(statement, budget, where, seed, networks)
    if statement is not None:
        return Conjecture(statement, networks, budget, where, seed)
    return lambda decorated: Conjecture(decorated, networks, budget, where, seed)


def explore(
    statement: Statement,
    *,
    networks: SearchStrategy[Network] | None = None,
    budget: Budget = "10 s",
    where: Callable[[Network], bool] | None = None,
    seed: int = 0,
) -> Counterexample | Survived:
    """Search for the smallest network for which a statement fails.

    Args:
        statement: called with a network; it fails if it raises AssertionError or returns something false but None.
            Of a `Conjecture` the statement alone is taken; its method `explore` uses the rest.
        networks: a Hypothesis strategy; the statement is about what it draws, and the counterexample is drawn from
            it.  When left out, the statement is about all ReLU networks, and small ones are tried systematically.
        budget: a number of networks, or a time such as "30 s", "5 min" or a `datetime.timedelta`.
        where: the conjecture's hypothesis: only networks for which it is true are tried.
        seed: of the random networks.

    Returns:
        `Counterexample` with the network and the evidence, or `Survived` with the number and spread of what was tried.
        Ctrl-C ends the search and returns what there is.

    Raises:
        InputError: a budget that is not positive or no budget, a seed below 0, arguments of the wrong kind, or a
            strategy that draws something else than networks.
        MissingExtraError: Hypothesis is not installed.

    What the statement raises besides AssertionError is passed on, with a note that says for which network.

    Example:
        >>> found = explore(lambda network: network.evaluate([0] * network.n_inputs) == (0,), budget=100)
        >>> found.network.affine_maps, found.smallest_of_all
        ((AffineMap.from_parts([['0']], ['0']), AffineMap.from_parts([['0']], ['1'])), True)
        >>> explore(lambda network: network.n_units > 0, budget=100).tried
        100
    """
    import exactrelu.strategies  # noqa: F401 - says what to install if Hypothesis is missing, before anything runs

    if isinstance(statement, Conjecture):
        statement = statement.statement
    _checked(statement, budget, where, seed, networks)
    run = _Run(statement, where, _Limits.of(budget))
    stopped = "exhausted"
    try:
        if networks is None:
            run.enumerate_small()
        run.draw(networks, seed)
        if run.found is not None and networks is None and not run.smallest_of_all:
            run.descend()
        if run.spent() >= 1:
            stopped = "budget"
    except _OutOfBudgetError:
        stopped = "budget"
    except KeyboardInterrupt:
        stopped = "interruption"
    finally:
        run.progress.clear()
    return run.answer(stopped)


@dataclass(frozen=True, slots=True)
class _Limits:
    """A budget: a number of networks, or seconds; the other is None."""

    networks: int | None
    seconds: float | None

    @classmethod
    def of(cls, budget: Budget) -> _Limits:
        if isinstance(budget, timedelta):
            return cls(None, budget.total_seconds())
        if isinstance(budget, str):
            match = _DURATION.match(budget)
            if match is not None:
                return cls(None, float(match[1]) * _SECONDS[match[2]])
        elif isinstance(budget, int) and not isinstance(budget, bool):
            return cls(budget, None)
        raise InputError(f"budget is {budget!r}; pass a number of networks, or a time such as '30 s' or '5 min'")


def _checked(statement: object, budget: Budget, where: object, seed: object, networks: object) -> None:
    limits = _Limits.of(budget)
    if (limits.networks or limits.seconds or 0) <= 0:
        raise InputError(f"budget is {budget!r}; it must be positive")
    if statement is not None and not callable(statement):
        raise InputError(f"statement must be callable with a network; got {statement!r}")
    if where is not None and not callable(where):
        raise InputError(f"where must be callable with a network; got {where!r}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed is {seed!r}; an integer of at least 0 is needed")
    if networks is not None:
        from exactrelu.strategies.validation import require_strategy

        require_strategy(networks, name="networks")


class _Run:
    """The state of one exploration."""

    def __init__(self, statement: Statement, where: Callable[[Network], bool] | None, limits: _Limits) -> None:
        self.statement = statement
        self.where = where
        self.limits = limits
        self.start = time.monotonic()
        self.tally = Tally()
        self.found: Network | None = None
        self.evidence = ""
        self.smallest_of_all = False
        self.attempts = 0
        self.progress = _Progress(self)

    def spent(self) -> float:
        """The share of the budget that is used up."""
        if self.limits.seconds is not None:
            return (time.monotonic() - self.start) / self.limits.seconds
        assert self.limits.networks is not None
        if self.found is not None:
            return self.attempts / max(1000, _SHRINKS_PER_NETWORK * self.limits.networks)
        return (self.tally.tried + self.tally.excluded) / self.limits.networks

    def fails(self, network: Network) -> bool:
        """Try a network: count it unless it is part of making a counterexample smaller; keep it if it is one."""
        if self.spent() >= 1:
            raise _OutOfBudgetError
        self.progress.show()
        searching = self.found is None
        self.attempts += not searching
        if self.where is not None and not self.where(network):
            self.tally.excluded += searching
            return False
        if searching:
            self.tally.add(network)
        evidence = find_failure(self.statement, network)
        if evidence is None:
            return False
        if self.found is None or network_size(network) <= network_size(self.found):
            self.found, self.evidence = network, evidence
        return True

    def enumerate_small(self) -> None:
        """Try the smallest networks until half of the budget is spent."""
        for widths in iter_architectures():
            for network in iter_networks(widths):
                if self.spent() >= 0.5:
                    return
                if self.fails(network):
                    self.smallest_of_all = True
                    return
            self.tally.complete.append(widths)

    def draw(self, networks: SearchStrategy[Network] | None, seed: int) -> None:
        """Try what Hypothesis draws; at a counterexample it shrinks, and `found` follows."""
        if self.found is not None:
            return
        import hypothesis

        from exactrelu.strategies import networks as all_networks

        settings = hypothesis.settings(
            max_examples=_MANY if self.limits.networks is None else max(1, self.limits.networks - self.tally.tried),
            database=None,
            deadline=None,
            derandomize=False,
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck),
            verbosity=hypothesis.Verbosity.quiet,
        )

        @hypothesis.seed(seed)
        @settings
        @hypothesis.given(all_networks() if networks is None else networks)
        def attempt(network: Network) -> None:
            if not isinstance(network, Network):
                raise InputError(f"networks must draw networks; it drew {network!r}")
            if self.fails(network):
                raise _CounterexampleMetError

        try:
            attempt()
        except _CounterexampleMetError:
            return

    def descend(self) -> None:
        """Make the counterexample smaller while there is a step after which the statement still fails."""
        while self.found is not None and any(self.fails(smaller) for smaller in iter_smaller(self.found)):
            pass

    def answer(self, stopped: str) -> Counterexample | Survived:
        """Return what was found."""
        seconds = time.monotonic() - self.start
        if self.found is None:
            return Survived(self.tally.tried, self.tally.excluded, self.tally.spread(), stopped, seconds)
        return Counterexample(
            self.found, self.evidence, self.tally.tried, self.smallest_of_all, seconds, self.statement
        )


class _CounterexampleMetError(Exception):
    """Tells Hypothesis that the statement failed."""


class _Progress:
    """One line on standard error after two seconds, if that is a terminal."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._next = run.start + 2
        self._shows = sys.stderr.isatty()
        self._drawn = False

    def show(self) -> None:
        """Redraw the line if it is time."""
        now = time.monotonic()
        if not self._shows or now < self._next:
            return
        self._next = now + 0.2
        self._drawn = True
        doing = "networks tried" if self._run.found is None else "networks tried; making a counterexample smaller"
        sys.stderr.write(f"\r\x1b[K{100 * min(self._run.spent(), 1):.0f} %  {self._run.tally.tried} {doing}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
