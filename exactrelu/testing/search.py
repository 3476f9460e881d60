"""The smallest network on which an implementation breaks a law.

First the table of degenerate networks, from small to large by `network_size`; the first that fails is an upper bound.
Then Hypothesis draws networks of no more units and shrinks what fails; its result is kept if it is smaller.  Without
Hypothesis (the extra `test`) the table alone is searched.

The draws are seeded, so that the same release of Hypothesis gives the same answer.  No answer does not mean that there
is no defect.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from exactrelu.errors import InputError
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.testing.checks import ALL_CHECKS, Check
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import Skipped
from exactrelu.testing.table import DEGENERATE_CASES, Case
from exactrelu.testing.violation import Violation, network_size

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["find_violation", "smallest_violation"]


def find_violation(
    implementation: Implementation, check: Check, network: Network, domain: HPolyhedron | None = None
) -> Violation | None:
    """Run a check and return the violation, None if the law holds or the check does not apply.

    Raises:
        InexactNumberError: floats without a declared error.
    """
    try:
        check(implementation, network, domain)
    except Violation as violation:
        return violation
    except Skipped:
        pass
    return None


def smallest_violation(
    implementation: Implementation,
    check: Check | None = None,
    *,
    networks: SearchStrategy[Network] | None = None,
    cases: tuple[Case, ...] = DEGENERATE_CASES,
    max_examples: int = 100,
    seed: int = 0,
) -> Violation | None:
    """Return the violation with the smallest network that a search finds, None if it finds none.

    Args:
        check: one check; all of them, and the smallest network of any, when left out.
        networks: what Hypothesis draws; when left out `exactrelu.strategies.networks` with at most two inputs and six
            units.  They are checked on [-2, 2]^d.
        cases: the table that is searched first.
        max_examples: how many networks Hypothesis draws before it gives up; 0 searches the table alone.
        seed: of the draws.

    Raises:
        InexactNumberError: floats without a declared error.

    Cost: the table and `max_examples` runs of the check, several times as many while shrinking.

    Example (a ReLU that lets -1 pass):
        >>> def bent(network, point):
        ...     return [y if y != 0 else -1 for y in network.evaluate(point)]
        >>> smallest_violation(Implementation(evaluate=bent), max_examples=0).finding.network.name
        'one-unit'
    """
    if max_examples < 0:
        raise InputError(f"max_examples must not be negative; got {max_examples}")
    best: Violation | None = None
    for one in ALL_CHECKS if check is None else (check,):
        found = _search_table(implementation, one, cases, best)
        best = found or best
        if max_examples:
            found = _search_drawn(implementation, one, networks, best, max_examples, seed)
            best = found or best
    return best


def _search_table(
    implementation: Implementation, check: Check, cases: tuple[Case, ...], best: Violation | None
) -> Violation | None:
    for case in sorted(cases, key=lambda case: network_size(case.network)):
        if not _is_smaller(case.network, best):
            return None
        violation = find_violation(implementation, check, case.network, case.domain)
        if violation is not None:
            return violation
    return None


def _search_drawn(
    implementation: Implementation,
    check: Check,
    networks: SearchStrategy[Network] | None,
    best: Violation | None,
    max_examples: int,
    seed: int,
) -> Violation | None:
    try:
        from hypothesis import HealthCheck, Phase, find, settings
        from hypothesis.errors import NoSuchExample
    except ModuleNotFoundError:
        return None

    from exactrelu.strategies import networks as default_networks

    if networks is None and best is not None and not best.network.n_units:
        # All that would be drawn has units.
        return None

    def fails(network: Network) -> bool:
        return _is_smaller(network, best) and find_violation(implementation, check, network) is not None

    units = 6 if best is None else min(6, best.network.n_units)
    strategy = default_networks(max_inputs=2, max_units=units) if networks is None else networks
    chosen = settings(
        max_examples=max_examples,
        deadline=None,
        database=None,
        # Explaining which parts of a draw matter would trace every line of the implementation.
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        smallest = find(
            strategy,
            fails,
            settings=chosen,
            random=random.Random(seed),
        )
    except NoSuchExample:
        return None
    return find_violation(implementation, check, smallest)


def _is_smaller(network: Network, best: Violation | None) -> bool:
    return best is None or network_size(network) < network_size(best.network)
