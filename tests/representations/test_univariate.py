"""Univariate forms and minimal widths: known answers, and every answer as a network."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import BudgetExceeded, InputError, ShapeError
from exactrelu.networks.builders import maximum, random_network, tent
from exactrelu.networks.network import Network
from exactrelu.regions.equality import EqualFunctions, decide_equality
from exactrelu.representations.univariate import UnivariateForm, minimal_width, univariate_form

KNOWN = [
    (0, [1], 1),
    (-1, [2], 2),
    (-1, [3], 2),
    (0, [1, -2, 1], 3),
    (1, [-2, 2], 3),
    (1, [-1, 5], 2),
    (3, [], 2),
    (0, [], 0),
]


@pytest.mark.parametrize(("slope", "jumps", "width"), KNOWN)
def test_known_widths(slope: int, jumps: list[int], width: int) -> None:
    """The worked examples, each with a network of that width and that function."""
    form = UnivariateForm.of_jumps(slope, jumps, range(len(jumps)), 7)
    answer = minimal_width(form)
    assert answer.width == width == answer.network.n_units
    assert univariate_form(answer.network) == form


@given(seed=st.integers(0, 10**6), hidden=st.lists(st.integers(1, 3), max_size=3))
def test_the_form_is_the_function_and_the_network_computes_it(seed: int, hidden: list[int]) -> None:
    """f = form at many points; the narrow network equals f everywhere and is never wider than a single hidden layer."""
    network = random_network([1, *hidden, 1], seed=seed, height=3)
    form = univariate_form(network)
    for x in (*form.breakpoints, 0, -100, 100, "1/3"):
        assert form(x) == network([x])[0]
    answer = minimal_width(form)
    assert isinstance(decide_equality(network, answer.network), EqualFunctions)
    if len(hidden) == 1:
        assert answer.width <= hidden[0]


@given(slope=st.integers(-3, 3), jumps=st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=5))
def test_the_width_is_k_iff_a_subset_sum_fits(slope: int, jumps: list[int]) -> None:
    """Compared with all subsets, one by one."""
    answer = minimal_width(UnivariateForm.of_jumps(slope, jumps, range(len(jumps))))
    fits = any(slope + sum(T) == 0 for k in range(len(jumps) + 1) for T in combinations(jumps, k))
    assert answer.width == len(jumps) + (not fits)
    assert (answer.left_facing is not None) is fits


def test_degenerate_networks() -> None:
    """Dead units, duplicates and cancelling units have no breakpoint."""
    dead = Network.from_weights([[[1], [0]], [[0, 3]]], [[0, -1], [2]])
    assert univariate_form(dead) == UnivariateForm((), (0,), 2)
    cancelling = Network.from_weights([[[1], [1]], [[1, -1]]], [[0, 0], [0]])
    assert minimal_width(univariate_form(cancelling)).width == 0
    assert len(univariate_form(tent(3)).breakpoints) == 9


def test_wrong_forms_are_refused() -> None:
    """Breakpoints in order, slopes that differ, one slope more; and the budget of sums."""
    with pytest.raises(InputError, match="increase"):
        UnivariateForm.of_jumps(0, [1, 1], [1, 0])
    with pytest.raises(InputError, match="equal"):
        UnivariateForm.of_jumps(0, [0], [0])
    with pytest.raises(ShapeError, match="one slope more"):
        UnivariateForm((), (), 0)
    with pytest.raises(ShapeError, match="2 inputs"):
        univariate_form(maximum(2))
    with pytest.raises(BudgetExceeded, match="subset sums"):
        minimal_width(UnivariateForm.of_jumps(1, [2**k for k in range(8)], range(8)), max_sums=100)
