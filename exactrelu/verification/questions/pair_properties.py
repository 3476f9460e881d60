"""Questions about two runs: equivalence of two networks, monotonicity, fairness-style pairs.

Two runs are one network with the outputs of both: the networks in parallel, with a linear map before them that shares
the inputs that are equal in both.  So equivalence of networks with d inputs is a question in d dimensions, and a pair
of inputs that may differ in k coordinates one in d + k, rather than 2 d with d - k equations.  The query's inputs are
the first run's x[0], ..., x[d-1], then the second run's values x'[i] of the coordinates that may differ; its outputs
are y[0], ..., y[m-1] of the first run and y'[0], ..., y'[m-1] of the second.

As in `properties` the formula is the violation; `unsat` proves the property for all pairs of real inputs in the set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from exactrelu.atoms.indices import require_index
from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.rationals import as_rational
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.combining import parallel, precompose
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import Formula, conjunction, conjuncts, disjunction
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.sets import Domain, membership
from exactrelu.verification.questions.terms import Term, symbols

__all__ = ["equivalence_query", "fairness_query", "monotonicity_query", "pair_query"]

Run: TypeAlias = tuple[tuple[Term, ...], tuple[Term, ...]]
"""Inputs and outputs of one of the two runs."""


def pair_query(
    first: Network,
    second: Network,
    domain: Domain,
    violation: Callable[[Run, Run], Formula],
    *,
    free: Iterable[int] = (),
) -> Query:
    """Ask whether two runs on inputs that agree outside `free` violate something.

    sat: there are inputs x and x' in the domain, x[i] == x'[i] for all i not in `free`, with violation((x, y), (x',
    y')). unsat: there are none.

    Args:
        first, second: networks with the same number of inputs; twice the same for two runs of one network.
        domain: where both inputs lie.
        violation: makes the formula from the inputs and outputs of both runs, given as terms.
        free: the coordinates in which the two inputs may differ.

    Raises:
        ShapeError: different numbers of inputs.
        InputError: a coordinate that is none, or twice the same.

    Example:
        >>> double = Network.from_weights([[[2, 0]]], [[0]])
        >>> query = pair_query(double, double, [(0, 1), (0, 1)], lambda one, two: one[1][0] != two[1][0], free=[1])
        >>> query.input_names, query.holds_at(["1/3", 0, 1])
        (('x[0]', 'x[1]', "x'[1]"), False)
    """
    d = first.n_inputs
    if second.n_inputs != d:
        raise ShapeError(f"the networks take {d} and {second.n_inputs} inputs; two runs need the same number")
    differing = [require_index(position, d, name="free coordinate") for position in free]
    if len(set(differing)) != len(differing):
        raise InputError(f"free {differing} names a coordinate twice")
    columns = list(range(d))
    for k, position in enumerate(differing):
        columns[position] = d + k
    width = d + len(differing)
    rows = [[int(column == source) for column in range(width)] for source in (*range(d), *columns)]
    shared = precompose(parallel([first, second]), AffineMap.from_parts(rows, [0] * (2 * d), n_inputs=width))
    inputs, outputs = symbols(shared)
    one = inputs[:d], outputs[: first.n_outputs]
    two = tuple(inputs[column] for column in columns), outputs[first.n_outputs :]
    inside = conjuncts(membership(one[0], domain))
    also_inside = [part for part in conjuncts(membership(two[0], domain)) if part not in inside]
    return Query(
        shared,
        conjunction((*inside, *also_inside, violation(one, two))),
        (*(f"x[{i}]" for i in range(d)), *(f"x'[{i}]" for i in differing)),
        (*(f"y[{j}]" for j in range(first.n_outputs)), *(f"y'[{j}]" for j in range(second.n_outputs))),
    )


def equivalence_query(first: Network, second: Network, domain: Domain, *, tolerance: Any = 0) -> Query:
    """Ask whether two networks differ by more than a tolerance somewhere on a domain.

    sat: at some input |y[j] - y'[j]| > tolerance for some output j.  unsat: the outputs agree to within the
    tolerance, exactly the tolerance allowed; with tolerance 0 they are the same function there.

    Raises:
        ShapeError: different numbers of inputs or outputs.
        InputError: a negative tolerance.

    Example:
        >>> relu = Network.from_weights([[[1]], [[1]]], [[0], [0]])
        >>> twice = Network.from_weights([[[2]], [["1/2"]]], [[0], [0]])
        >>> query = equivalence_query(relu, twice, [(-1, 1)])
        >>> query.formula
        (-x0 - 1 <= 0 and x0 - 1 <= 0 and (x1 - x2 < 0 or -x1 + x2 < 0))
        >>> query.holds_at(["1/2"])
        False
    """
    if first.n_outputs != second.n_outputs:
        raise ShapeError(
            f"the networks have {first.n_outputs} and {second.n_outputs} outputs; equal numbers are needed"
        )
    allowed = _tolerance(tolerance)
    return pair_query(first, second, domain, lambda one, two: _differ(one[1], two[1], allowed))


def monotonicity_query(
    network: Network, domain: Domain, *, coordinate: int, output: int = 0, increasing: bool = True
) -> Query:
    """Ask whether an output falls (rises, if not `increasing`) when one input grows and the others stay.

    sat: inputs x, x' of the domain with x[i] <= x'[i] for the coordinate i, equal elsewhere, and y > y' (y < y').
    unsat: the output is non-decreasing (non-increasing) in this input on the domain; constant stretches are allowed.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> query = monotonicity_query(absolute, [(-1, 1)], coordinate=0)
        >>> query.holds_at([-1, 0]), query.holds_at([0, 1])
        (True, False)
    """
    i = require_index(coordinate, network.n_inputs, name="coordinate")
    j = require_index(output, network.n_outputs, name="output")

    def violation(one: Run, two: Run) -> Formula:
        (x, y), (u, v) = one, two
        return (x[i] <= u[i]) & (y[j] > v[j] if increasing else y[j] < v[j])

    return pair_query(network, network, domain, violation, free=[i])


def fairness_query(network: Network, domain: Domain, *, protected: Iterable[int], tolerance: Any = 0) -> Query:
    """Ask whether changing only protected inputs changes some output by more than a tolerance.

    sat: inputs x, x' of the domain, equal outside `protected`, with |y[j] - y'[j]| > tolerance for some output j.
    unsat: protected inputs never change an output by more; exactly the tolerance is allowed.  For a decision rather
    than a score, say it with `pair_query`: for example (y[0] >= t) & (y'[0] < t).

    Raises:
        InputError: no such coordinate, or a negative tolerance.

    Example:
        >>> score = Network.from_weights([[[1, 0]]], [[0]])
        >>> fairness_query(score, [(0, 1), (0, 1)], protected=[1]).holds_at([1, 0, 1])
        False
    """
    allowed = _tolerance(tolerance)
    return pair_query(network, network, domain, lambda one, two: _differ(one[1], two[1], allowed), free=protected)


def _tolerance(value: Any) -> Fraction:
    allowed = as_rational(value, name="tolerance")
    if allowed < 0:
        raise InputError(f"tolerance is {allowed}; it must not be negative")
    return allowed


def _differ(y: Sequence[Term], v: Sequence[Term], allowed: Fraction) -> Formula:
    """Some output differs by more than `allowed`."""
    pairs = zip(y, v, strict=True)
    return disjunction([part for a, b in pairs for part in (a - b < -allowed, a - b > allowed)])
