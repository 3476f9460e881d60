"""C4: Lipschitz bounds of a network, Theorem 6 of [HH19].

On a cell the 2-norm constant is the spectral norm of its matrix A.  "||A|| <= B" is the matrix B^2 I - A^T A being
positive semidefinite; no root is taken.  The bound of (i) counts active units by layers, that of (ii) uses the
largest spectral norm of a layer, an algebraic number.  Every part of (i) is needed: the false variants leave out one
part each, and the network `thm6-tight` or an unnormalised one refutes them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from exactrelu.bounds.algebraic import AlgebraicNumber
from exactrelu.bounds.norms import decide_spectral_norm_at_most, spectral_norm_squared
from exactrelu.bounds.theorem_six import TheoremSix, theorem_six
from exactrelu.exact.definiteness import PositiveSemidefinite
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.network import Network
from exactrelu.regions.results import Region
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

# The bound from L, m and the support sizes s_1, ..., s_{L-1}.
_Bound = Callable[[TheoremSix, tuple[int, ...]], Fraction]


def _path_bound(report: TheoremSix, sizes: tuple[int, ...]) -> Fraction:
    return report.m ** (report.depth - 2) * prod(sizes)


def _matrix(region: Region) -> RationalMatrix:
    return RationalMatrix.from_rows(region.affine_map.linear, n_columns=region.problem.network.n_inputs)


def _show(number: AlgebraicNumber) -> str:
    return str(number.rational) if number.rational is not None else f"about {number.decimal(6)}"


def _decide_bound(network: Network, bound: _Bound) -> Decision:
    """Compare the norm of every half-open cell's matrix with a bound from its support sizes."""
    report = theorem_six(network)
    lines, norms, failures = [], {}, {}
    for region in cells_of(network, "half-open"):
        bits = region.configuration.bits
        sizes = tuple(part.count("1") for part in region.configuration.by_layer(network))
        value = bound(report, sizes)
        matrix = _matrix(region)
        square = spectral_norm_squared(matrix)
        norms[bits] = square.rational if square.rational is not None else square
        if isinstance(decide_spectral_norm_at_most(matrix, value), PositiveSemidefinite):
            lines.append(f"{bits}: ||A||^2 = {_show(square)} <= ({value})^2, supports {sizes}.")
        else:
            failures[bits] = (norms[bits], value)
            lines.append(f"{bits}: ||A||^2 = {_show(square)} exceeds ({value})^2, supports {sizes}.")
    evidence = {"norms_squared": norms, "m": report.m, "failures": failures}
    return not failures, tuple(lines), evidence


def _decide_local(network: Network) -> Decision:
    return _decide_bound(network, _path_bound)


def _decide_global(network: Network) -> Decision:
    report = theorem_six(network)
    worst = max(spectral_norm_squared(_matrix(region)) for region in cells_of(network))
    bounds = (report.width_bound, report.global_bound)
    lines = (
        f"The Lipschitz constant is the largest ||A|| of a cell; its square is {_show(worst)}.",
        f"m = {report.m}, L = {report.depth}, hidden widths {report.hidden_widths}: m^(L-2) times their product is "
        f"{bounds[0]}, m^(L-2) N^(L-1) is {bounds[1]}.",
    )
    holds = bounds[0] <= bounds[1] and all(
        isinstance(decide_spectral_norm_at_most(_matrix(region), bounds[0]), PositiveSemidefinite)
        for region in cells_of(network)
    )
    return holds, lines, {"constant_squared": worst.rational, "bounds": bounds}


def _decide_spectral(network: Network) -> Decision:
    report = theorem_six(network)
    bound = report.spectral_bound_squared
    lines = [f"sigma^2 = {_show(report.sigma_squared)}, so sigma^(2 L) = {_show(bound)}, L = {report.depth}."]
    for region in cells_of(network):
        square = spectral_norm_squared(_matrix(region))
        if square > bound:
            line = f"At {region.configuration} ||A||^2 = {_show(square)} is larger."
            return False, (*lines, line), {"configuration": region.configuration.bits}
        lines.append(f"{region.configuration}: ||A||^2 = {_show(square)}.")
    return True, tuple(lines), {"bound_squared": bound}


def _without_first(network: Network) -> Decision:
    return _decide_bound(network, lambda report, sizes: report.m ** (report.depth - 2) * prod(sizes[1:]))


def _without_last(network: Network) -> Decision:
    return _decide_bound(network, lambda report, sizes: report.m ** (report.depth - 2) * prod(sizes[:-1]))


def _larger_exponent(network: Network) -> Decision:
    return _decide_bound(network, lambda report, sizes: report.m ** (report.depth - 1) * prod(sizes))


def _normalised(network: Network, **_: object) -> str | None:
    return next((f"{h.failure}, so not: {h.statement}" for h in theorem_six(network).hypotheses if not h.holds), None)


_NORMALISED = Hypothesis("the rows of the first and the columns of the last matrix have Euclidean norm 1", _normalised)
_HYPOTHESES = (HIDDEN_LAYER, RELU_UNITS, _NORMALISED)
_SOURCE = "Heinecke, Hwang 2019, Theorem 6"
_TIGHT = example("thm6-tight")
_TIGHT_ANSWERS = {"norms_squared": {"0000": Fraction(0), "1111": Fraction(4)}, "m": Fraction(1, 2)}
_REFUTED_BY_TIGHT = (
    Instance("thm6-tight", _TIGHT, "refuted"),
    Instance("thm6-unnormalised", example("thm6-unnormalised"), "not applicable"),
)

THEOREMS = (
    Theorem(
        name="C4-path-bound",
        title="Lipschitz bound of a cell by its active units",
        statement="If the rows of the first and the columns of the last matrix have norm 1 and m bounds the entries "
        "of the others, the network is Lipschitz on the cell of D with constant m^(L-2) s_1 ... s_{L-1}.",
        latex=r"\|A_D\|_2 \le m^{L-2} \prod_{\ell=1}^{L-1} s_\ell",
        source=_SOURCE + "(i)",
        hypotheses=_HYPOTHESES,
        decide=_decide_local,
        instances=(
            Instance("thm6-tight", _TIGHT, "proved", answers=_TIGHT_ANSWERS),
            Instance("count-abs", example("count-abs"), "proved"),
            Instance("thm6-unnormalised", example("thm6-unnormalised"), "not applicable"),
        ),
    ),
    Theorem(
        name="C4-global-bound",
        title="Global Lipschitz bound by the widths",
        statement="Under the hypotheses of the bound of a cell, m^(L-2) n_1 ... n_{L-1} and m^(L-2) N^(L-1), N the "
        "largest hidden width, are Lipschitz constants of the network.",
        latex=r"\operatorname{Lip}_2(\mathcal M) \le m^{L-2} \prod_{\ell<L} n_\ell \le m^{L-2} N^{L-1}",
        source=_SOURCE + "(i)",
        hypotheses=_HYPOTHESES,
        decide=_decide_global,
        instances=(
            Instance("thm6-tight", _TIGHT, "proved", answers={"constant_squared": Fraction(4), "bounds": (2, 2)}),
            Instance("smooth-tight", example("smooth-tight"), "proved", answers={"constant_squared": Fraction(4)}),
        ),
    ),
    Theorem(
        name="C4-spectral-bound",
        title="Lipschitz bound by the largest spectral norm",
        statement="With sigma the largest spectral norm of a matrix of the network, sigma^L is a Lipschitz constant.",
        latex=r"\|A_D\|_2 \le \sigma^L, \quad \sigma = \max_\ell \|M^\ell\|_2",
        source=_SOURCE + "(ii)",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_spectral,
        instances=tuple(Instance(n, example(n), "proved") for n in ("thm6-tight", "thm6-unnormalised", "lip-n4")),
    ),
    Theorem(
        name="C4-unnormalised",
        title="Theorem 6(i) without normalisation",
        statement="With m the largest entry of the matrices between the first and the last, the network is Lipschitz "
        "on the cell of D with constant m^(L-2) s_1 ... s_{L-1}, whatever the norms of rows and columns.",
        latex=r"\|A_D\|_2 \le m^{L-2} \prod_\ell s_\ell \quad \text{for any } M^1, M^L",
        source="pitfall: both normalisations are needed",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_local,
        instances=(
            Instance(
                "thm6-unnormalised",
                example("thm6-unnormalised"),
                "refuted",
                answers={"failures": {"101": (4, 1), "111": (5, 2)}},
            ),
            Instance("thm6-tight", _TIGHT, "proved"),
        ),
        false_variant_of="C4-path-bound",
    ),
    Theorem(
        name="C4-without-first-support",
        title="Theorem 6(i) without the first support",
        statement="Under the hypotheses of Theorem 6(i) the constant is at most m^(L-2) s_2 ... s_{L-1}.",
        latex=r"\|A_D\|_2 \le m^{L-2} \prod_{\ell=2}^{L-1} s_\ell",
        source="pitfall: every support is needed",
        hypotheses=_HYPOTHESES,
        decide=_without_first,
        instances=_REFUTED_BY_TIGHT,
        false_variant_of="C4-path-bound",
    ),
    Theorem(
        name="C4-without-last-support",
        title="Theorem 6(i) without the last support",
        statement="Under the hypotheses of Theorem 6(i) the constant is at most m^(L-2) s_1 ... s_{L-2}.",
        latex=r"\|A_D\|_2 \le m^{L-2} \prod_{\ell=1}^{L-2} s_\ell",
        source="pitfall: every support is needed",
        hypotheses=_HYPOTHESES,
        decide=_without_last,
        instances=_REFUTED_BY_TIGHT,
        false_variant_of="C4-path-bound",
    ),
    Theorem(
        name="C4-larger-exponent",
        title="Theorem 6(i) with exponent L - 1",
        statement="Under the hypotheses of Theorem 6(i) the constant is at most m^(L-1) s_1 ... s_{L-1}.",
        latex=r"\|A_D\|_2 \le m^{L-1} \prod_{\ell=1}^{L-1} s_\ell",
        source="pitfall: the exponent of m is L - 2",
        hypotheses=_HYPOTHESES,
        decide=_larger_exponent,
        instances=_REFUTED_BY_TIGHT,
        false_variant_of="C4-path-bound",
    ),
)
