"""A simplex with the Bernstein forms of the comparisons on it, and what single ones and pairs of them say there.

A pair p REL 0, q REL 0 is refuted, or narrowed, by p + t q with t > 0: each coefficient bounds t from below or from
above, so the numbers t for which no coefficient is negative form an interval, read off in one pass.

Cost: one form for each polynomial and degree; they are kept with the piece.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from exactrelu.exact.polynomials import Polynomial
from exactrelu.verification.polynomials.bernstein_form import BernsteinForm, HomogeneousForm, Point
from exactrelu.verification.polynomials.circuit import Circuit
from exactrelu.verification.questions.formulas import Comparison, Formula

__all__ = ["Pair", "Piece", "circuit_of", "homogeneous", "signs_of", "simple_between"]


@lru_cache(maxsize=4096)
def homogeneous(polynomial: Polynomial, n_variables: int, degree: int = 1) -> HomogeneousForm:
    """Return the homogeneous form of a polynomial; the same few are asked for on every piece."""
    return HomogeneousForm.of(polynomial, n_variables, degree)


@lru_cache(maxsize=4096)
def circuit_of(formula: Formula) -> Circuit:
    """Return the circuit of a formula."""
    return Circuit.of(formula)


def signs_of(atom: Comparison) -> tuple[int, ...]:
    """Return the signs s for which the comparison implies s·polynomial <= 0."""
    return (1, -1) if atom.relation == "==" else (1,)


@dataclass(frozen=True, slots=True)
class Pair:
    """A combination of two comparisons without negative coefficients: integer multipliers, and its form.

    strict: one of the two is "<", so that the combination refutes both.
    """

    multipliers: tuple[int, int]
    form: BernsteinForm
    strict: bool


@dataclass(slots=True)
class Piece:
    """A simplex, with the Bernstein forms that have been asked for."""

    points: tuple[Point, ...]
    forms: dict[tuple[Polynomial, int], BernsteinForm] = field(default_factory=dict)

    @property
    def n_variables(self) -> int:
        """Number of coordinates of a point."""
        return len(self.points[0]) - 1

    def form(self, polynomial: Polynomial, degree: int = 1) -> BernsteinForm:
        """Return the form of a polynomial, of at least the given degree."""
        key = (polynomial, degree)
        if key not in self.forms:
            self.forms[key] = homogeneous(polynomial, self.n_variables, degree).on(self.points)
        return self.forms[key]

    def refutes(self, atom: Comparison) -> bool:
        """Whether the atom holds nowhere on the piece, by its coefficients."""
        return self.form(atom.polynomial).is_refuted(atom.relation)

    def proves(self, atom: Comparison) -> bool:
        """Whether the atom holds everywhere on the piece, by its coefficients."""
        return self.form(atom.polynomial).is_valid(atom.relation)

    def proves_formula(self, formula: Formula) -> bool:
        """Whether single comparisons prove a formula everywhere on the piece."""
        circuit = circuit_of(formula)
        return bool(circuit.evaluate([self.proves(atom) for atom in circuit.atoms]))

    def refutes_formula(self, formula: Formula) -> bool:
        """Whether single comparisons refute a formula everywhere on the piece."""
        circuit = circuit_of(formula)
        return not circuit.evaluate([not self.refutes(atom) for atom in circuit.atoms])

    def pair(self, one: Comparison, two: Comparison) -> Pair | None:
        """Return a combination of two comparisons that says something; None if there is none."""
        for a in signs_of(one):
            for b in signs_of(two):
                found = self._pair(one, two, a, b)
                if found is not None:
                    return found
        return None

    def excludes(self, one: Comparison, two: Comparison) -> bool:
        """Whether a combination refutes two comparisons together."""
        found = self.pair(one, two)
        return found is not None and (found.strict or min(found.form.vertex_values) > 0)

    def _pair(self, one: Comparison, two: Comparison, sign_one: int, sign_two: int) -> Pair | None:
        degree = max(one.polynomial.degree, two.polynomial.degree)
        p = [sign_one * c for c in self.form(one.polynomial, degree).coefficients]
        q = [sign_two * c for c in self.form(two.polynomial, degree).coefficients]
        low, high = Fraction(0), None
        for a, b in zip(p, q, strict=True):
            if b > 0:
                if a < 0 and -a > low * b:
                    low = Fraction(-a, b)
            elif b < 0:
                if a <= 0:
                    return None
                if high is None or a < high * -b:
                    high = Fraction(a, -b)
            elif a < 0:
                return None
            if high is not None and high < low:
                return None
        ratio = simple_between(low, high)
        total = tuple(a * ratio.denominator + b * ratio.numerator for a, b in zip(p, q, strict=True))
        strict = "<" in (one.relation, two.relation)
        if not any(total) and not strict:
            return None
        # The forms carry the common denominators of their polynomials as factors.
        scales = [homogeneous(atom.polynomial, self.n_variables, degree).scale for atom in (one, two)]
        multipliers = (sign_one * ratio.denominator * scales[0], sign_two * ratio.numerator * scales[1])
        return Pair(multipliers, BernsteinForm(len(self.points), degree, total), strict)


def simple_between(low: Fraction, high: Fraction | None) -> Fraction:
    """Return a number of the closed interval, with a small denominator if there is room."""
    if high is None:
        return low + 1
    middle = (low + high) / 2
    for bits in (1, 4, 16):
        rounded = middle.limit_denominator(2**bits)
        if low < rounded < high:
            return rounded
    return middle
