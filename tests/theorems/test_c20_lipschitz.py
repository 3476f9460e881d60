"""C20: exact Lipschitz constants from both sides."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.theorems import Proved, Refuted, c20_lipschitz, theorem
from exactrelu.theorems.examples import example


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 3),
    hidden=st.lists(st.integers(1, 3), max_size=2),
    outputs=st.integers(1, 2),
)
def test_the_constant_of_random_networks(seed: int, n: int, hidden: list[int], outputs: int) -> None:
    """Attained, the largest norm of a cell, and at most the product."""
    network = random_network([n, *hidden, outputs], seed=seed, height=2)
    verdict = theorem("C20-exact").verify(network)
    assert isinstance(verdict, Proved)
    for x, y in (((0,) * n, (1,) * n), ((-3,) * n, (2,) + (0,) * (n - 1))):
        values = max(abs(a - b) for a, b in zip(network(x), network(y), strict=True))
        assert values <= verdict.evidence["linf"] * max(abs(a - b) for a, b in zip(x, y, strict=True))


def test_constants_and_affine_maps() -> None:
    """A constant has constant 0, an affine map its norm; there the product is the constant."""
    constant = Network.from_weights([[[0, 0]], [[1]]], [[0], [4]])
    assert theorem("C20-exact").verify(constant).evidence["linf"] == 0
    affine = Network.from_weights([[[1, -2], [3, 0]]], [[0, 0]])
    assert theorem("C20-exact").verify(affine).evidence["l1"] == 4
    assert isinstance(theorem("C20-product").verify(affine), Proved)


def test_a_constant_that_is_off_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """2^-40 too much is not attained; another cell's constant is not the maximum."""
    original = c20_lipschitz.lipschitz_constant
    tiny = Fraction(1, 2**40)

    def shifted(cells: object, norm: str) -> object:
        found = original(cells, norm)
        return replace(found, value=found.value + tiny)

    monkeypatch.setattr(c20_lipschitz, "lipschitz_constant", shifted)
    assert isinstance(theorem("C20-exact").verify(example("lip-n4")), Refuted)

    def smaller(cells: object, norm: str) -> object:
        found = original(cells, norm)
        return replace(found, value=Fraction(0), pair=((Fraction(0), Fraction(0)), (Fraction(0), Fraction(1))))

    monkeypatch.setattr(c20_lipschitz, "lipschitz_constant", smaller)
    assert isinstance(theorem("C20-exact").verify(example("lip-n4")), Refuted)
