"""Exact Lipschitz constants of a network next to the known bounds, and how far each bound is above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.bounds.algebraic import AlgebraicNumber
from exactrelu.bounds.lipschitz import LipschitzConstant, lipschitz_constant
from exactrelu.bounds.norms import ExactNumber, Norm, enclose
from exactrelu.bounds.theorem_six import TheoremSix, product_bound, theorem_six
from exactrelu.exact.rationals import format_rational
from exactrelu.regions.results import Enumeration

__all__ = ["Bound", "BoundsReport", "bounds_report", "bounds_to_json", "format_bounds", "format_number"]

_WIDTH = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Bound:
    """An upper bound of one constant.

    Fields:
        name: where it comes from.
        norm: whose constant it bounds.
        value: the bound; for roots the upper end of an enclosure.
        applies: whether its hypotheses hold; otherwise the number is no bound.
        ratio: value divided by the exact constant, the exact constant taken from above; None if that is zero.
    """

    name: str
    norm: Norm
    value: Fraction
    applies: bool
    ratio: Fraction | None


@dataclass(frozen=True, slots=True)
class BoundsReport:
    """Exact constants for the norms 1, inf and 2, and bounds on them; `theorem` is None without a hidden layer."""

    constants: tuple[LipschitzConstant, ...]
    bounds: tuple[Bound, ...]
    theorem: TheoremSix | None


def bounds_report(enumeration: Enumeration) -> BoundsReport:
    """Compute exact constants and bounds on the domain of a complete enumeration of full cells.

    Raises:
        InputError, DomainError: as `lipschitz_constant`.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> report = bounds_report(enumerate_regions(hat))
        >>> [(bound.name, str(bound.value), str(bound.ratio)) for bound in report.bounds[:2]]
        [('product of layer norms', '6', '6'), ('product of layer norms', '4', '4')]
    """
    network = enumeration.network
    constants = tuple(lipschitz_constant(enumeration, norm) for norm in (Norm.ONE, Norm.INFINITY, Norm.TWO))
    by_norm = {constant.norm: constant.value for constant in constants}
    theorem = theorem_six(network) if network.hidden else None
    entries: list[tuple[str, Norm, Fraction, bool]] = []
    for norm in by_norm:
        entries.append(("product of layer norms", norm, product_bound(network, norm), True))
    if theorem is not None:
        steep = theorem.hypotheses[-1].holds
        power = theorem.spectral_bound(_WIDTH)
        entries.append(("sigma^L", Norm.TWO, power, steep))
        entries.append(("m^(L-2) N^(L-1)", Norm.TWO, theorem.global_bound, theorem.normalised))
        entries.append(("m^(L-2) n_1...n_(L-1)", Norm.TWO, theorem.width_bound, theorem.normalised))
        best = theorem.best_path_bound(enumeration.configurations)
        entries.append(("m^(L-2) max s_1...s_(L-1)", Norm.TWO, best, theorem.normalised))
    bounds = tuple(
        Bound(name, norm, value, applies, _ratio(value, by_norm[norm])) for name, norm, value, applies in entries
    )
    return BoundsReport(constants, bounds, theorem)


def bounds_to_json(report: BoundsReport) -> dict[str, Any]:
    """Return the report as a dictionary of text and lists, ready for `json.dumps`; numbers are exact text."""
    theorem = report.theorem
    return {
        "lipschitz": [_constant_to_json(constant) for constant in report.constants],
        "bounds": [
            {
                "name": bound.name,
                "norm": bound.norm.value,
                "value": format_rational(bound.value),
                "applies": bound.applies,
                "ratio": None if bound.ratio is None else format_rational(bound.ratio),
            }
            for bound in report.bounds
        ],
        "hypotheses": [
            {"statement": h.statement, "holds": h.holds, "failure": h.failure}
            for h in (theorem.hypotheses if theorem else ())
        ],
    }


def format_bounds(report: BoundsReport) -> str:
    """Return the report as lines of text.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> print(format_bounds(bounds_report(enumerate_regions(absolute))))
        exact Lipschitz constants over 2 cells
          norm 1    1    at configuration 01
          norm inf  1    at configuration 01
          norm 2    1    at configuration 01
        bounds, and how many times the exact constant they are
          norm 1    product of layer norms     2.000000  (2.000)
          norm inf  product of layer norms     2.000000  (2.000)
          norm 2    product of layer norms     2.000000  (2.000)
          norm 2    sigma^L                    2.000000  (2.000)
          norm 2    m^(L-2) N^(L-1)            2.000000  (2.000)
          norm 2    m^(L-2) n_1...n_(L-1)      2.000000  (2.000)
          norm 2    m^(L-2) max s_1...s_(L-1)  1.000000  (1.000)
        hypotheses of the bounds with m
          holds: every row of M^1 has Euclidean norm 1
          holds: every column of M^L has Euclidean norm 1
          holds: every slope has absolute value at most 1
    """
    lines = [f"exact Lipschitz constants over {report.constants[0].n_cells} cells"]
    for constant in report.constants:
        value = format_number(constant.value)
        lines.append(f"  norm {constant.norm.value:4} {value}    at configuration {constant.configuration}")
    lines.append("bounds, and how many times the exact constant they are")
    for bound in report.bounds:
        ratio = "constant is 0" if bound.ratio is None else _decimal(bound.ratio, 3)
        note = "" if bound.applies else "  no bound: a hypothesis fails"
        lines.append(f"  norm {bound.norm.value:4} {bound.name:25}  {_decimal(bound.value, 6)}  ({ratio}){note}")
    if report.theorem is not None:
        lines.append("hypotheses of the bounds with m")
        for h in report.theorem.hypotheses:
            lines.append(f"  holds: {h.statement}" if h.holds else f"  fails: {h.statement} ({h.failure})")
    return "\n".join(lines)


def _constant_to_json(constant: LipschitzConstant) -> dict[str, Any]:
    value = constant.value
    report: dict[str, Any] = {
        "norm": constant.norm.value,
        "value": None,
        "configuration": constant.configuration.bits,
        "n_cells": constant.n_cells,
    }
    if isinstance(value, AlgebraicNumber):
        report["polynomial"] = [str(c) for c in value.polynomial]
        report["interval"] = _texts(value.isolating_interval)
        report["enclosure"] = _texts(value.enclosure(_WIDTH))
        value = value.rational if value.rational is not None else value
    if isinstance(value, Fraction):
        report["value"] = format_rational(value)
    if constant.pair is not None:
        report["pair"] = [_texts(point) for point in constant.pair]
    return report


def format_number(value: ExactNumber) -> str:
    """Write a number for people: a short rational as it is, another one by its first digits.

    Example:
        >>> format_number(Fraction(-1, 3)), format_number(Fraction(10**30 + 1, 3 * 10**30))
        ('-1/3', '0.33333333...')
    """
    number = value if isinstance(value, AlgebraicNumber) else AlgebraicNumber.of_rational(value)
    text = "" if number.rational is None else format_rational(number.rational)
    return text if 0 < len(text) <= 24 else f"{number.decimal(8)}..."


def _texts(values: Iterable[Fraction]) -> list[str]:
    return [format_rational(a) for a in values]


def _ratio(bound: Fraction, constant: ExactNumber) -> Fraction | None:
    upper = enclose(constant, _WIDTH)[1]
    return bound / upper if upper else None


def _decimal(value: Fraction, digits: int) -> str:
    """A nonnegative rational rounded up in the last decimal, so that what is shown still bounds; for people only."""
    scaled = -(-value.numerator * 10**digits // value.denominator)
    whole, rest = divmod(scaled, 10**digits)
    return f"{whole}.{rest:0{digits}d}"
