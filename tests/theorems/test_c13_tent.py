"""C13: pieces of iterated tent maps on [0, 1] and on the line."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exactrelu.networks.builders import absolute_value, tent
from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c13_tent, theorem


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_three_statements_hold_beyond_the_instances(k: int) -> None:
    """Also for k = 5, which is no worked example."""
    for name in ("C13-unit-interval", "C13-line", "C13-shallow"):
        assert isinstance(theorem(name).verify(tent(k)), Proved)
    assert isinstance(theorem("C13-line-2^k").verify(tent(k)), Refuted)


def test_another_network_is_not_a_tent_map() -> None:
    """A changed weight, another function, no hidden layer: the failing hypothesis is named."""
    changed = Network.from_weights([[[2], [4]], [[1, "-1000001/1000000"]]], [[0, -2], [0]])
    for network, reason in (
        (changed, "1-fold"),
        (absolute_value(), "1-fold"),
        (Network.from_weights([[[1]]], [[0]]), "no hidden"),
    ):
        verdict = theorem("C13-line").verify(network)
        assert isinstance(verdict, NotApplicable)
        assert reason in verdict.reason


def test_a_wrong_count_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A breakpoint moved by 2^-40, and a lost breakpoint, refute the statement about [0, 1]."""
    original = c13_tent.univariate_form
    tiny = Fraction(1, 2**40)

    def moved(network: Network) -> object:
        form = original(network)
        return type(form)(
            (form.breakpoints[0], form.breakpoints[1] + tiny, *form.breakpoints[2:]), form.slopes, form.value_at_zero
        )

    monkeypatch.setattr(c13_tent, "univariate_form", moved)
    assert isinstance(theorem("C13-unit-interval").verify(tent(2)), Refuted)
