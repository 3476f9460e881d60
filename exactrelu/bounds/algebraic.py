"""Real algebraic numbers: an irreducible integer polynomial and which of its real roots is meant.

Spectral norms are square roots of eigenvalues, hence algebraic, and no decision in this package needs more than their
order.  An `AlgebraicNumber` is canonical: the polynomial is primitive, irreducible, with positive leading coefficient,
and `index` counts its real roots from below; so equal numbers are equal values.  Its isolating interval has rational
ends and contains no other root; it can be made as narrow as one likes by bisection.

Method: Sturm's theorem counts the roots in an interval [Basu, Pollack, Roy, *Algorithms in Real Algebraic Geometry*,
Theorem 2.62]; results of operations are found among the roots of a polynomial that must vanish at them, by refining
until one root fits. Cost: polynomials of degree r (the smaller side of a matrix) with large coefficients; meant for r
up to some dozens. Not here: general arithmetic; sums and products of two such numbers are enclosed by intervals where
they are needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache, total_ordering
from itertools import pairwise
from typing import Any

import flint

from exactrelu.errors import InputError, InvariantError
from exactrelu.exact.rationals import as_rational, format_rational

__all__ = ["AlgebraicNumber", "Interval", "largest_real_root"]

Interval = tuple[Fraction, Fraction]


@total_ordering
@dataclass(frozen=True)
class AlgebraicNumber:
    """The real root number `index` (from 0, ascending) of an irreducible polynomial, coefficients from the constant up.

    Build one by `of_rational`, `largest_real_root`, `square_root`, `power`, `scaled`.

    Example:
        >>> root = largest_real_root([-2, 0, 1])
        >>> root, root.enclosure(Fraction(1, 8))
        (AlgebraicNumber(polynomial=(-2, 0, 1), index=1), (Fraction(11, 8), Fraction(3, 2)))
        >>> root.power(2) == 2, root < Fraction(3, 2)
        (True, True)
    """

    polynomial: tuple[int, ...]
    index: int

    @classmethod
    def of_rational(cls, value: Any) -> AlgebraicNumber:
        """Return a rational number p/q as the root of q t - p.

        Raises:
            InexactNumberError: a float.
            InputError: no rational number.
        """
        q = as_rational(value, name="value")
        return cls((-q.numerator, q.denominator), 0)

    @property
    def degree(self) -> int:
        """Degree of the minimal polynomial; 1 for a rational number."""
        return len(self.polynomial) - 1

    @property
    def rational(self) -> Fraction | None:
        """The number as a fraction if it is rational, else None."""
        return Fraction(-self.polynomial[0], self.polynomial[1]) if self.degree == 1 else None

    @cached_property
    def isolating_interval(self) -> Interval:
        """Rational ends lower < upper with exactly this root of the polynomial between them; equal ends if it is
        rational."""
        if self.rational is not None:
            return self.rational, self.rational
        return _isolate(self.polynomial)[self.index]

    def enclosure(self, width: Any) -> Interval:
        """Return lower <= number <= upper with upper - lower <= width.

        Raises:
            InexactNumberError: a float.
            InputError: a width that is not positive.
        """
        limit = as_rational(width, name="width")
        if limit <= 0:
            raise InputError(f"width is {limit}; a positive number is needed")
        lower, upper = self.isolating_interval
        f = _flint(self.polynomial)
        rising = upper != lower and _sign(f, upper) > 0
        while upper - lower > limit:
            middle = (lower + upper) / 2
            # An irreducible polynomial of degree > 1 has no rational root, so the sign is never zero.
            if (_sign(f, middle) > 0) == rising:
                upper = middle
            else:
                lower = middle
        return lower, upper

    def compare(self, other: AlgebraicNumber | Fraction | int) -> int:
        """Return -1, 0 or +1 as this number is smaller than, equal to or larger than the other.

        Raises:
            InexactNumberError: a float; the operators <, <=, >, >= raise TypeError for one.
        """
        that = other if isinstance(other, AlgebraicNumber) else AlgebraicNumber.of_rational(other)
        if self.polynomial == that.polynomial:
            return (self.index > that.index) - (self.index < that.index)
        # Different minimal polynomials: different numbers, so refining separates them.
        width = Fraction(1)
        while True:
            (a, b), (c, d) = self.enclosure(width), that.enclosure(width)
            if b < c:
                return -1
            if d < a:
                return 1
            width /= 16

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | Fraction):
            return self.rational == other
        if isinstance(other, AlgebraicNumber):
            return (self.polynomial, self.index) == (other.polynomial, other.index)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.polynomial, self.index)) if self.degree > 1 else hash(self.rational)

    def __lt__(self, other: AlgebraicNumber | Fraction | int) -> bool:
        if not isinstance(other, AlgebraicNumber | Fraction | int):
            return NotImplemented
        return self.compare(other) < 0

    def square_root(self) -> AlgebraicNumber:
        """Return the nonnegative square root; InputError for a negative number.

        >>> AlgebraicNumber.of_rational(Fraction(9, 4)).square_root().rational
        Fraction(3, 2)
        """
        if self.compare(0) < 0:
            raise InputError("a negative number has no real square root")
        spread = [0] * (2 * self.degree + 1)
        spread[::2] = self.polynomial

        def enclose(width: Fraction) -> Interval:
            lower, upper = self.enclosure(width * width)
            return _root_below(max(lower, Fraction(0)), width), _root_below(upper, width) + width

        return _root_inside(spread, enclose)

    def power(self, exponent: int) -> AlgebraicNumber:
        """Return the number raised to a nonnegative integer power; InputError for another exponent."""
        if type(exponent) is not int or exponent < 0:
            raise InputError(f"exponent is {exponent!r}; a nonnegative integer is needed")
        if self.rational is not None:
            return AlgebraicNumber.of_rational(self.rational**exponent)
        # The companion matrix C has the roots as eigenvalues, so charpoly(C^k) vanishes at their k-th powers.
        n = self.degree
        top = flint.fmpq(self.polynomial[-1])
        companion = flint.fmpq_mat(n, n)
        for i in range(n):
            companion[i, n - 1] = -flint.fmpq(self.polynomial[i]) / top
            if i:
                companion[i, i - 1] = 1
        vanishing = (companion**exponent).charpoly().numer()

        def enclose(width: Fraction) -> Interval:
            lower, upper = self.enclosure(width)
            ends = (lower**exponent, upper**exponent)
            return (Fraction(0) if lower < 0 < upper else min(ends)), max(ends)

        return _root_inside([int(c) for c in vanishing.coeffs()], enclose)

    def scaled(self, factor: Any) -> AlgebraicNumber:
        """Return the number times a positive rational factor; InputError for another one, a float included."""
        ratio = as_rational(factor, name="factor")
        if ratio <= 0:
            raise InputError(f"factor is {ratio}; a positive rational is needed")
        n = self.degree
        terms = [c * ratio.denominator**k * ratio.numerator ** (n - k) for k, c in enumerate(self.polynomial)]
        divisor = math.gcd(*terms)
        return AlgebraicNumber(tuple(c // divisor for c in terms), self.index)

    def __str__(self) -> str:
        """Show a rational as such, another number by its first digits and its polynomial."""
        if self.rational is not None:
            return format_rational(self.rational)
        return f"{self.decimal(8)}... (root {self.index} of {_flint(self.polynomial)})".replace("x", "t")

    def decimal(self, digits: int) -> str:
        """Return the number cut (not rounded) after so many decimals; InputError for no nonnegative integer.

        >>> largest_real_root([-2, 0, 1]).decimal(5), AlgebraicNumber.of_rational(Fraction(-1, 8)).decimal(2)
        ('1.41421', '-0.12')
        """
        if type(digits) is not int or digits < 0:
            raise InputError(f"digits is {digits!r}; a nonnegative integer is needed")
        scale = 10**digits
        sign = "-" if self.compare(0) < 0 else ""
        width = Fraction(1, 4 * scale)
        while True:
            ends = sorted(abs(end) for end in self.enclosure(width))
            low, high = (math.floor(end * scale) for end in ends)
            if low == high:
                break
            width /= 16
        whole, rest = divmod(low, scale)
        return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def largest_real_root(coefficients: Sequence[object]) -> AlgebraicNumber:
    """Return the largest real root of a polynomial, coefficients rational and from the constant term up.

    Raises:
        InputError: the polynomial is constant, or has no real root.

    >>> str(largest_real_root([4, -5, 1]))
    '4'
    """
    values = [as_rational(c, name=f"coefficients[{k}]") for k, c in enumerate(coefficients)]
    scale = math.lcm(*(v.denominator for v in values))
    roots = []
    for factor in _irreducible_factors([int(v * scale) for v in values]):
        count = len(_isolate(factor))
        if count:
            roots.append(AlgebraicNumber(factor, count - 1))
    if not roots:
        raise InputError("the polynomial has no real root")
    return max(roots)


def _flint(coefficients: Sequence[int]) -> Any:
    return flint.fmpz_poly(list(coefficients))


def _irreducible_factors(coefficients: Sequence[int]) -> list[tuple[int, ...]]:
    """The distinct irreducible factors of positive degree, primitive, with positive leading coefficient."""
    polynomial = _flint(coefficients)
    if polynomial.degree() < 1:
        raise InputError("a polynomial of positive degree is needed")
    found = []
    for factor, _ in polynomial.factor()[1]:
        table = [int(c) for c in factor.coeffs()]
        sign = 1 if table[-1] > 0 else -1
        found.append(tuple(sign * c for c in table))
    return found


def _sign(polynomial: Any, point: Fraction) -> int:
    value = polynomial(flint.fmpq(point.numerator, point.denominator))
    return int((value > 0) - (value < 0))


@lru_cache(maxsize=256)
def _sturm_chain(coefficients: tuple[int, ...]) -> tuple[Any, ...]:
    """p, p', and the negated remainders, each made primitive (positive factors do not change signs)."""
    chain = [_flint(coefficients)]
    chain.append(chain[0].derivative())
    while chain[-1].degree() > 0:
        remainder = -(flint.fmpq_poly(chain[-2]) % flint.fmpq_poly(chain[-1]))
        integral = remainder.numer()
        if not integral:
            break
        content = math.gcd(*(int(c) for c in integral.coeffs()))
        chain.append(_flint([int(c) // content for c in integral.coeffs()]))
    return tuple(chain)


def _variations(coefficients: tuple[int, ...], point: Fraction) -> int:
    signs = [s for s in (_sign(f, point) for f in _sturm_chain(coefficients)) if s]
    return sum(a != b for a, b in pairwise(signs))


def _count_roots(coefficients: tuple[int, ...], lower: Fraction, upper: Fraction) -> int:
    """Number of distinct real roots in (lower, upper]."""
    return _variations(coefficients, lower) - _variations(coefficients, upper)


@lru_cache(maxsize=256)
def _isolate(coefficients: tuple[int, ...]) -> tuple[Interval, ...]:
    """Disjoint intervals (lower, upper], one for each real root of an irreducible polynomial, ascending."""
    if len(coefficients) == 2:
        root = Fraction(-coefficients[0], coefficients[1])
        return ((root, root),)
    # Cauchy's bound, rounded up to a power of two, so that all ends are dyadic.
    size = 1 + max(abs(c) for c in coefficients[:-1]) // abs(coefficients[-1]) + 1
    bound = Fraction(1 << size.bit_length())
    found: list[Interval] = []
    waiting = [(-bound, bound, _count_roots(coefficients, -bound, bound))]
    while waiting:
        lower, upper, count = waiting.pop()
        if count == 1:
            found.append((lower, upper))
        elif count > 1:
            middle = (lower + upper) / 2
            left = _count_roots(coefficients, lower, middle)
            waiting += [(middle, upper, count - left), (lower, middle, left)]
    return tuple(sorted(found))


def _root_inside(coefficients: Sequence[int], enclose: Callable[[Fraction], Interval]) -> AlgebraicNumber:
    """The root of a polynomial that lies in all the shrinking closed intervals `enclose(width)`."""
    factors = _irreducible_factors(coefficients)
    width = Fraction(1)
    while True:
        lower, upper = enclose(width)
        fitting = []
        for factor in factors:
            for index, (a, b) in enumerate(_isolate(factor)):
                number = AlgebraicNumber(factor, index)
                if b < lower or upper < a:
                    continue
                if number.compare(lower) >= 0 and number.compare(upper) <= 0:
                    fitting.append(number)
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise InvariantError("no root of the polynomial lies in the enclosure")
        width /= 256


def _root_below(value: Fraction, width: Fraction) -> Fraction:
    """A rational r with 0 <= r <= sqrt(value) < r + width."""
    scale = math.ceil(1 / width)
    # floor(scale sqrt(value)) = isqrt(floor(scale^2 value)), because squares of integers are integers.
    return Fraction(math.isqrt(math.floor(value * scale * scale)), scale)
