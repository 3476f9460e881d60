"""Common questions as queries: ranges, robustness, stability, and any claim written with terms.

Every function returns a `Query` whose formula is the *violation*: `unsat` proves the property for all real inputs of
the set, `sat` comes with an input that violates it.  Whether an equality violates is said each time, since exact
verdicts tell ties from violations.  Properties of two runs are in `exactrelu.verification.questions.pair_properties`.

Arguments: `domain` is a closed polyhedron or one pair (lower, upper) an input, where None is no bound.  Numbers are
integers, fractions or text.  Not done here: deciding the query.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from exactrelu.atoms.indices import require_index
from exactrelu.errors import InputError
from exactrelu.exact.rationals import as_rational
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import TRUE, Formula, disjunction, negate
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.sets import Domain, Norm, ball, membership
from exactrelu.verification.questions.terms import symbols

__all__ = ["claim_query", "output_range_query", "robustness_query", "stability_query"]


def claim_query(network: Network, claim: Formula, *, assuming: Formula = TRUE) -> Query:
    """Ask whether a claim fails somewhere under an assumption.

    sat: an input satisfies the assumption and not the claim.  unsat: the claim holds wherever the assumption does.

    Args:
        network: its inputs and outputs are what the formulas speak about (see `symbols`).
        claim, assuming: formulas over them.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> x, y = symbols(absolute)
        >>> claim_query(absolute, y[0] >= x[0], assuming=x[0] <= 1).formula
        (x0 - 1 <= 0 and -x0 + x1 < 0)
    """
    return Query(network, negate(claim)).restrict(assuming)


def output_range_query(network: Network, domain: Domain, output: int, *, lower: Any = None, upper: Any = None) -> Query:
    """Ask whether an output leaves the closed interval [lower, upper] on a domain.

    sat: at some input the output is < lower or > upper; reaching a bound is allowed.  unsat: it stays inside.

    Raises:
        InputError: no such output, or neither bound is given.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> output_range_query(absolute, [(-1, 1)], 0, upper=1).formula
        (-x0 - 1 <= 0 and x0 - 1 <= 0 and -x1 + 1 < 0)
    """
    x, y = symbols(network)
    value = y[require_index(output, len(y), name="output")]
    if lower is None and upper is None:
        raise InputError("neither lower nor upper is given, so nothing is asked")
    leaving = [] if lower is None else [value < as_rational(lower, name="lower")]
    leaving += [] if upper is None else [value > as_rational(upper, name="upper")]
    return Query(network, membership(x, domain) & disjunction(leaving))


def robustness_query(
    network: Network,
    center: Iterable[Any],
    radius: Any,
    *,
    label: int,
    norm: Norm = "inf",
    coordinates: Iterable[int] | None = None,
    margin: Any = 0,
    ties: Literal["violate", "allowed"] = "violate",
) -> Query:
    """Ask whether the class of a point changes in the closed ball around it.

    The class is the largest output; with `margin` m it has to lead every other output by more than m, or by at least
    m if ties are allowed.

    sat: at some input of the ball another output j has y[label] - y[j] <= m ("violate"), or < m ("allowed").
    unsat: the class `label` leads by more than m (at least m) on the whole ball, its boundary included.

    Args:
        center, radius, norm, coordinates: the ball, as in `sets.ball`; the norm is "inf", "1" or rows.
        label: the output that should be the largest.
        margin: m; 0 asks for the largest output itself.
        ties: whether y[label] - y[j] == m violates.

    Raises:
        InputError: no such label, a single output, a negative radius, or `ties` is neither word.

    Example:
        >>> network = Network.from_weights([[[1], [-1]]], [[0, 0]])
        >>> robustness_query(network, [1], "1/2", label=0).formula
        (-x0 + 1/2 <= 0 and x0 - 3/2 <= 0 and x1 - x2 <= 0)
    """
    x, y = symbols(network)
    if len(y) < 2:
        raise InputError("the network has a single output, so no classes; ask for stability_query")
    if ties not in ("violate", "allowed"):
        raise InputError(f"ties is {ties!r}; 'violate' or 'allowed' is needed")
    best, m = y[require_index(label, len(y), name="label")], as_rational(margin, name="margin")
    leads = [best - other for index, other in enumerate(y) if index != label]
    losing = disjunction([lead <= m if ties == "violate" else lead < m for lead in leads])
    return Query(network, ball(x, center, radius, norm=norm, coordinates=coordinates) & losing)


def stability_query(
    network: Network,
    center: Iterable[Any],
    radius: Any,
    *,
    tolerance: Any,
    norm: Norm = "inf",
    coordinates: Iterable[int] | None = None,
) -> Query:
    """Ask whether some output moves by more than a tolerance in the closed ball around a point.

    sat: at some input of the ball |y[j] - y[j](center)| > tolerance for some j.  unsat: no output moves by more;
    exactly the tolerance is allowed.

    Raises:
        InputError: a negative radius or tolerance.

    Example:
        >>> network = Network.from_weights([[[3]]], [[1]])
        >>> stability_query(network, [0], "0.1", tolerance="0.3").formula
        (-x0 - 1/10 <= 0 and x0 - 1/10 <= 0 and (x1 - 7/10 < 0 or -x1 + 13/10 < 0))
    """
    x, y = symbols(network)
    allowed = as_rational(tolerance, name="tolerance")
    if allowed < 0:
        raise InputError(f"tolerance is {allowed}; it must not be negative")
    point = tuple(center)
    inside = ball(x, point, radius, norm=norm, coordinates=coordinates)
    values = network.evaluate(point)
    moved = [f for out, v in zip(y, values, strict=True) for f in (out < v - allowed, out > v + allowed)]
    return Query(network, inside & disjunction(moved))
