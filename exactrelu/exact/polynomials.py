"""Sparse polynomials over the rationals in variables x0, x1, x2, ...

A `Polynomial` is a finite sum of terms c·x^a.  A *monomial* x^a is the tuple of its (variable, exponent) pairs with
positive exponents, sorted by variable; the monomial of a constant is ().  Canonical form: no coefficient is zero and
the monomials are sorted by degree (largest first), then as tuples, so that equal polynomials are equal values with
equal hashes.  There is no ring of a fixed number of variables: a polynomial mentions the variables that it needs.

Cost: a product of polynomials with s and t terms takes s·t products of coefficients.  Meant for the few terms of a
query, not for elimination; the dense kernels over simplices are in `exactrelu.verification.polynomials.bernstein_form`.
Not done here: division, common factors, roots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.rationals import as_rational, format_rational

__all__ = ["Monomial", "Polynomial"]

Monomial = tuple[tuple[int, int], ...]
"""(variable, exponent) pairs, exponents positive, sorted by variable; () is the constant 1."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A polynomial with rational coefficients.

    Fields:
        terms: (monomial, coefficient) pairs in canonical order; none for the zero polynomial.

    Build one with `variable`, `constant`, `linear` or `from_terms` and the operators + - * **; numbers (int, Fraction)
    mix with polynomials.

    >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
    >>> print((x + y) * (x - y) + Fraction(1, 2))
    x0^2 - x1^2 + 1/2
    >>> (x + y)**2 == x * x + 2 * x * y + y * y
    True
    """

    terms: tuple[tuple[Monomial, Fraction], ...]
    _hash: int | None = field(init=False, repr=False, compare=False, default=None)

    def __hash__(self) -> int:
        """Return the hash of the terms, kept: polynomials are keys of dictionaries, and hashing fractions is slow."""
        known = self._hash
        if known is None:
            known = hash(self.terms)
            object.__setattr__(self, "_hash", known)
        return known

    def __post_init__(self) -> None:
        canonical = _collected(self.terms)
        if canonical != self.terms:
            object.__setattr__(self, "terms", canonical)

    @classmethod
    def from_terms(cls, terms: Iterable[tuple[Iterable[tuple[int, int]], object]]) -> Polynomial:
        """Return the sum of the terms; repeated variables of a monomial and repeated monomials are added up.

        Raises:
            InputError: a negative variable or exponent, or a coefficient that is no rational number.

        >>> print(Polynomial.from_terms([([(0, 1), (0, 1)], 3), ([], 1), ([(0, 2)], -2)]))
        x0^2 + 1
        """
        read = []
        for monomial, coefficient in terms:
            powers: dict[int, int] = {}
            for variable, exponent in monomial:
                if variable < 0 or exponent < 0:
                    raise InputError(f"x{variable}^{exponent} is no power; variables and exponents are 0, 1, 2, ...")
                powers[variable] = powers.get(variable, 0) + exponent
            key = tuple(sorted((v, e) for v, e in powers.items() if e))
            read.append((key, as_rational(coefficient, name="coefficient")))
        return cls(tuple(read))

    @classmethod
    def variable(cls, index: int) -> Polynomial:
        """Return the polynomial x_index; InputError if the index is negative."""
        return cls.from_terms([([(index, 1)], 1)])

    @classmethod
    def constant(cls, value: object) -> Polynomial:
        """Return a constant polynomial; InexactNumberError for a float."""
        return cls((((), as_rational(value, name="constant")),))

    @classmethod
    def linear(cls, coefficients: Mapping[int, Fraction], constant: object = 0) -> Polynomial:
        """Return the sum of coefficients[v]·x_v plus a constant.

        >>> print(Polynomial.linear({2: Fraction(1), 0: Fraction(-3)}, "1/2"))
        -3·x0 + x2 + 1/2
        """
        return cls.from_terms([*(([(v, 1)], a) for v, a in coefficients.items()), ((), constant)])

    # -- what it looks like ------------------------------------------------------------------------------------------

    @property
    def degree(self) -> int:
        """Largest total degree of a term; 0 for constants, the zero polynomial among them."""
        return max((_degree(monomial) for monomial, _ in self.terms), default=0)

    @property
    def is_linear(self) -> bool:
        """Whether the degree is at most 1 (constants count)."""
        return self.degree <= 1

    @property
    def variables(self) -> tuple[int, ...]:
        """The variables that occur, sorted."""
        return tuple(sorted({variable for monomial, _ in self.terms for variable, _ in monomial}))

    def linear_part(self) -> tuple[dict[int, Fraction], Fraction]:
        """Return the coefficients of the terms of degree 1, and the constant term; terms of higher degree are left out.

        >>> Polynomial.linear({1: Fraction(5)}, 7).linear_part()
        ({1: Fraction(5, 1)}, Fraction(7, 1))
        """
        linear = {m[0][0]: c for m, c in self.terms if _degree(m) == 1}
        return linear, next((c for m, c in self.terms if not m), Fraction(0))

    # -- arithmetic --------------------------------------------------------------------------------------------------

    def __add__(self, other: Polynomial | Fraction | int) -> Polynomial:
        right = _operand(other)
        return NotImplemented if right is None else Polynomial(self.terms + right.terms)

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial(tuple((monomial, -c) for monomial, c in self.terms))

    def __sub__(self, other: Polynomial | Fraction | int) -> Polynomial:
        right = _operand(other)
        return NotImplemented if right is None else self + -right

    def __rsub__(self, other: Fraction | int) -> Polynomial:
        return -self + other

    def __mul__(self, other: Polynomial | Fraction | int) -> Polynomial:
        right = _operand(other)
        if right is None:
            return NotImplemented
        return Polynomial(tuple((_times(m, n), c * d) for m, c in self.terms for n, d in right.terms))

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Polynomial:
        if not isinstance(exponent, int) or exponent < 0:
            raise InputError(f"the exponent is {exponent!r}; a polynomial has powers 0, 1, 2, ...")
        result = Polynomial.constant(1)
        for bit in format(exponent, "b"):
            result = result * result
            if bit == "1":
                result = result * self
        return result

    # -- values ------------------------------------------------------------------------------------------------------

    def evaluate(self, point: Sequence[Fraction]) -> Fraction:
        """Return the value at a point that gives every variable mentioned a number.

        Raises:
            ShapeError: the point is too short.

        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> (x * y - 1).evaluate([Fraction(1, 2), Fraction(4)])
        Fraction(1, 1)
        """
        if self.terms and self.variables and self.variables[-1] >= len(point):
            raise ShapeError(f"the point has {len(point)} coordinates, but x{self.variables[-1]} occurs")
        total = Fraction(0)
        for monomial, c in self.terms:
            for variable, exponent in monomial:
                c *= point[variable] ** exponent
            total += c
        return total

    def substitute(self, mapping: Mapping[int, Polynomial]) -> Polynomial:
        """Return the polynomial with variables replaced, all at once; those that are not mapped stay.

        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> print((x * y).substitute({0: y, 1: x + 1}))
        x0·x1 + x1
        """
        powers: dict[tuple[int, int], Polynomial] = {}
        total: list[tuple[Monomial, Fraction]] = []
        for monomial, c in self.terms:
            kept = tuple((v, e) for v, e in monomial if v not in mapping)
            factors = []
            for pair in monomial:
                if pair[0] in mapping:
                    if pair not in powers:
                        powers[pair] = mapping[pair[0]] ** pair[1]
                    factors.append(powers[pair])
            total.extend(reduce(Polynomial.__mul__, factors, Polynomial(((kept, c),))).terms)
        return Polynomial(tuple(total))

    def __str__(self) -> str:
        text = ""
        for monomial, c in self.terms:
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            powers = "·".join(f"x{v}" if e == 1 else f"x{v}^{e}" for v, e in monomial)
            size = format_rational(abs(c))
            text += sign + (size if not powers else powers if abs(c) == 1 else f"{size}·{powers}")
        return text or "0"


def _degree(monomial: Monomial) -> int:
    return sum(exponent for _, exponent in monomial)


def _times(one: Monomial, two: Monomial) -> Monomial:
    """Multiply two monomials."""
    if not one or not two:
        return one or two
    powers = dict(one)
    for variable, exponent in two:
        powers[variable] = powers.get(variable, 0) + exponent
    return tuple(sorted(powers.items()))


def _collected(terms: Iterable[tuple[Monomial, Fraction]]) -> tuple[tuple[Monomial, Fraction], ...]:
    """Add up equal monomials, drop zeros, sort."""
    sums: dict[Monomial, Fraction] = {}
    for monomial, c in terms:
        sums[monomial] = sums.get(monomial, Fraction(0)) + c
    return tuple(sorted(((m, c) for m, c in sums.items() if c), key=lambda term: (-_degree(term[0]), term[0])))


def _operand(value: object) -> Polynomial | None:
    """Read the other operand of an arithmetic operator; None if it is neither a polynomial nor an exact number."""
    if isinstance(value, Polynomial):
        return value
    return Polynomial.constant(value) if isinstance(value, int | Fraction) and not isinstance(value, bool) else None
