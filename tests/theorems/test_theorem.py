"""The value `Theorem`: hypotheses come first, parameters are checked, and the registry is consistent."""

from __future__ import annotations

import dataclasses
import re

import pytest

from exactrelu.errors import InputError
from exactrelu.networks.builders import absolute_value
from exactrelu.networks.network import Network
from exactrelu.theorems import (
    THEOREMS,
    Hypothesis,
    Instance,
    NotApplicable,
    Proved,
    Refuted,
    Theorem,
    select,
    theorem,
)
from exactrelu.theorems.theorem import Decision

FAMILIES = tuple(f"C{k}" for k in range(1, 26))


def narrow(network: Network, **_: object) -> str | None:
    """A hypothesis."""
    return None if network.widths[1] <= 2 else f"width {network.widths[1]}"


def at_most(network: Network, bound: int) -> Decision:
    """A decision with a parameter."""
    units = network.n_units
    return units <= bound, (f"{units} units, bound {bound}.",), {"units": units}


SMALL = Theorem(
    "X-small",
    "Few units",
    "There are at most so many units.",
    r"N \le b",
    "a test",
    (Hypothesis("width at most 2", narrow),),
    at_most,
    (
        Instance("abs", absolute_value, "proved", answers={"units": 2}),
        Instance("abs", absolute_value, "refuted", parameters={"bound": 1}),
    ),
    subject=lambda network: {"bound": 5},
)


def test_the_three_verdicts() -> None:
    """Proved, refuted with another parameter, not applicable before anything is decided."""
    assert SMALL.verify(absolute_value()) == Proved("X-small", ("2 units, bound 5.",), {"units": 2})
    assert SMALL.verify(absolute_value(), bound=1) == Refuted("X-small", ("2 units, bound 1.",), {"units": 2})
    wide = Network.from_weights([[[1]] * 3, [[1, 1, 1]]], [[0] * 3, [0]])
    assert SMALL.verify(wide) == NotApplicable("X-small", "width at most 2", "width 3")
    assert SMALL.verify(wide).lines == ("The hypothesis 'width at most 2' fails: width 3.",)


def test_an_unknown_parameter_is_refused() -> None:
    """The message names it, and those that there are."""
    with pytest.raises(InputError, match="X-small takes no parameter 'limit'; it has: bound"):
        SMALL.verify(absolute_value(), limit=3)
    with pytest.raises(InputError, match="it has: none"):
        theorem("C1-partition").verify(absolute_value(), limit=3)


def test_the_overall_status_notices_a_disagreement() -> None:
    """A verdict or an answer that is not the known one turns the status round; so does an empty list."""
    assert SMALL.overall_status(SMALL.run_instances()) == "proved"
    for instance, disagreement in (
        (Instance("abs", absolute_value, "refuted"), "proved, known to be refuted"),
        (Instance("abs", absolute_value, "proved", answers={"units": 3}), "units is 2, known to be 3"),
        (Instance("abs", absolute_value, "proved", answers={"other": 3}), "other is None, known to be 3"),
    ):
        wrong = dataclasses.replace(SMALL, instances=(instance,))
        (outcome,) = wrong.run_instances()
        assert outcome.disagreement == disagreement
        assert wrong.overall_status((outcome,)) == "refuted"
    assert SMALL.overall_status(()) == "refuted"


def test_an_instance_needs_a_known_verdict() -> None:
    """Anything else is refused."""
    with pytest.raises(InputError, match="expected is 'true'"):
        Instance("abs", absolute_value, "true")


def test_theorem_and_select() -> None:
    """By name, by family, by beginning; an unknown one is refused."""
    assert theorem("C7-serra-upper") in select("C7")
    assert {one.name.split("-")[0] for one in select("C1")} == {"C1"}
    assert select("C7-serra-upper") == (theorem("C7-serra-upper"),) == select("C7-se")
    for wrong in ("", "D", "C77", "c7"):
        with pytest.raises(InputError, match="no theorem"):
            select(wrong)
        with pytest.raises(InputError, match="no theorem"):
            theorem(wrong)


def test_the_registry_is_consistent() -> None:
    """Names differ and begin with a family; false variants belong to a true theorem; all texts are there."""
    names = [one.name for one in THEOREMS]
    assert len(set(names)) == len(names)
    assert {name.split("-")[0] for name in names} == set(FAMILIES)
    for one in THEOREMS:
        assert re.fullmatch(r"C\d+(-[a-z0-9^]+)+", one.name), one.name
        assert all((one.title, one.statement, one.latex, one.source, one.instances)), one.name
        assert one.statement.endswith(".")
        if one.false_variant_of is not None:
            assert theorem(one.false_variant_of).false_variant_of is None


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_both_kinds(family: str) -> None:
    """At least one theorem and one false variant."""
    kinds = {one.false_variant_of is None for one in select(family)}
    assert kinds == {True, False}


@pytest.mark.parametrize("one", THEOREMS, ids=lambda one: one.name)
def test_every_theorem_keeps_its_promise_on_its_instances(one: Theorem) -> None:
    """Proved on positive instances, refuted on a negative one for false variants, with the exact answers."""
    outcomes = one.run_instances()
    assert [(outcome.instance.id, outcome.disagreement) for outcome in outcomes if outcome.disagreement] == []
    assert one.overall_status(outcomes) == one.promise
    assert all(outcome.verdict.lines for outcome in outcomes)
    for outcome in outcomes:
        assert all(line.endswith(".") for line in outcome.verdict.lines), outcome.verdict.lines


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("C25-range", {"box": 3}, "box must be a sequence, such as a tuple; got 3"),
        ("C23-restriction", {"p": "12"}, "p must be a sequence, such as a tuple; got '12'"),
        ("C24-difference", {"other": [[1]]}, r"other must be a Network; got \[\[1\]\]"),
    ],
)
def test_a_parameter_of_the_wrong_kind_is_refused_by_name(
    name: str, parameters: dict[str, object], message: str
) -> None:
    """Before any hypothesis sees it."""
    with pytest.raises(InputError, match=message):
        theorem(name).verify(absolute_value(), **parameters)


def test_something_that_is_no_network_is_refused() -> None:
    """A path is not opened; `load_network` does that."""
    with pytest.raises(InputError, match=r"network must be a Network; got 'net\.json'"):
        theorem("C1-partition").verify("net.json")  # type: ignore[arg-type]
