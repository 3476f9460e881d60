"""Certified enclosures: the true value is always within the radius, at every exponent; mutants are caught."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactrelu.exact import enclosures
from exactrelu.exact.enclosures import Enclosure

SEED = 20260101


def doubles(generator: np.random.Generator, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """Random doubles with exponents from low to high, one in eight exactly zero, signs mixed."""
    mantissa = generator.uniform(1, 2, shape) * generator.choice([-1, 1], shape)
    values = np.ldexp(mantissa, generator.integers(low, high, shape))
    return np.where(generator.random(shape) < 0.125, 0.0, values)


def exact(array: np.ndarray) -> np.ndarray:
    """The same numbers as fractions."""
    return np.vectorize(Fraction, otypes=[object])(array)


def is_sound(enclosed: Enclosure, truth: np.ndarray) -> bool:
    """Whether every true value lies within its radius (an infinite or undefined enclosure says nothing)."""
    for value, radius, true in zip(enclosed.value.flat, enclosed.radius.flat, truth.flat, strict=True):
        if np.isfinite(value) and np.isfinite(radius) and abs(Fraction(float(value)) - true) > Fraction(float(radius)):
            return False
    return True


RANGES = [(-3, 3), (-40, 40), (-1074, -1000), (-600, 600), (-1074, 100)]


def products(low: int, high: int, rounds: int = 60) -> bool:
    """Whether products of random enclosures are sound, true factors being at the ends of their intervals."""
    generator = np.random.default_rng(SEED)
    for _ in range(rounds):
        terms = int(generator.integers(1, 9))
        left, right = doubles(generator, (3, terms), low, high), doubles(generator, (terms, 2), low, high)
        radii = [np.abs(doubles(generator, a.shape, low, high)) * 2.0**-20 for a in (left, right)]
        if generator.random() < 0.5:
            radii = [np.zeros_like(left), np.zeros_like(right)]
        true = [
            exact(a) + exact(r) * generator.choice([-1, 0, 1], a.shape)
            for a, r in zip((left, right), radii, strict=True)
        ]
        with np.errstate(all="ignore"):
            enclosed = Enclosure(left, radii[0]).matmul(Enclosure(right, radii[1]))
        if not is_sound(enclosed, true[0] @ true[1]):
            return False
    return True


@pytest.mark.parametrize("exponents", RANGES)
def test_products_are_enclosed(exponents: tuple[int, int]) -> None:
    """Matrix products, with and without radii, normal and subnormal."""
    assert products(*exponents)


@pytest.mark.parametrize("exponents", RANGES)
def test_sums_and_multiples_are_enclosed(exponents: tuple[int, int]) -> None:
    """Sums, and products with doubles taken as exact."""
    generator = np.random.default_rng(SEED)
    for _ in range(60):
        one, two, factor = (doubles(generator, (40,), *exponents) for _ in range(3))
        ra, rb = (np.abs(doubles(generator, (40,), *exponents)) * 2.0**-30 for _ in range(2))
        x = exact(one) + exact(ra) * generator.choice([-1, 0, 1], 40)
        y = exact(two) + exact(rb) * generator.choice([-1, 0, 1], 40)
        with np.errstate(all="ignore"):
            assert is_sound(Enclosure(one, ra).plus(Enclosure(two, rb)), x + y)
            assert is_sound(Enclosure(one, ra).multiply(Enclosure.exact(factor)), x * exact(factor))


def test_a_tiny_factor_beside_a_huge_one() -> None:
    """The unit roundoff times a subnormal factor must not vanish before a huge one multiplies it."""
    left = np.array([[-2.745208606104415e120, 1.935531080134698e120, 5.425955211836128e115, 0.0]])
    right = np.array([[3.07974510052e-312], [4.368073879734e-312], [5e-324], [1.0]])
    radius = np.array([[0.0], [0.0], [0.0], [2e-323]])
    enclosed = Enclosure.exact(left).matmul(Enclosure(right, radius))
    assert is_sound(enclosed, exact(left) @ exact(right))


def test_fractions_are_enclosed_and_doubles_kept_exact() -> None:
    """Any fraction lies within the radius; one that is a double has radius zero; out of range says nothing."""
    generator = np.random.default_rng(SEED)
    rows = [[int(generator.integers(-(2**60), 2**60)) for _ in range(5)] for _ in range(20)]
    for denominator in (1, 3, 2**70, 10**330):
        enclosed = Enclosure.from_integers(rows, denominator)
        assert is_sound(enclosed, np.array([[Fraction(n, denominator) for n in row] for row in rows], dtype=object))
    assert not Enclosure.from_fractions([Fraction(3, 8), Fraction(0)]).radius.any()
    assert np.isinf(Enclosure.from_fractions([Fraction(10**400)]).radius[0])
    assert Enclosure.from_fractions([Fraction(1, 10**400)]).signs()[0] == 0


def test_undecided_is_not_zero() -> None:
    """Sign 0 is certain only for an exact zero; nan and infinity decide nothing."""
    values = np.array([0.0, 0.0, 1.0, 1.0, np.nan, np.inf])
    radii = np.array([0.0, 1e-300, 2.0, 0.5, 1.0, np.inf])
    enclosed = Enclosure(values, radii)
    assert enclosed.signs().tolist() == [0, 0, 0, 1, 0, 0]
    assert enclosed.is_decided().tolist() == [True, False, False, True, False, False]


def _without_rounding(self: Enclosure, other: Enclosure) -> Enclosure:
    radius = np.abs(self.value) @ other.radius + self.radius @ (np.abs(other.value) + other.radius)
    return Enclosure(self.value @ other.value, radius)


def _unit_first(self: Enclosure, other: Enclosure) -> Enclosure:
    terms = self.value.shape[-1]
    radius = np.abs(self.value) @ (other.radius + terms * 1.0001 * enclosures._UNIT * np.abs(other.value))
    radius = radius + self.radius @ (np.abs(other.value) + other.radius)
    return Enclosure(self.value @ other.value, radius + terms * enclosures._TINY)


@pytest.mark.parametrize(("mutant", "exponents"), [(_without_rounding, (-3, 3)), (_unit_first, (-1074, 100))])
def test_mutants_of_the_bound_are_caught(
    monkeypatch: pytest.MonkeyPatch, mutant: Any, exponents: tuple[int, int]
) -> None:
    """A product without the rounding term, or with the unit multiplied too early, is unsound on some example."""
    monkeypatch.setattr(Enclosure, "matmul", mutant)
    assert not products(*exponents, rounds=400)
