"""Exact numbers: rationals, rational matrices, definiteness, and certified float enclosures.

`rationals` reads numbers exactly, `matrices` is linear algebra over Q on python-flint, `definiteness` decides
v^T A v >= 0 with evidence, `enclosures` are floats that carry a proven error bound.
"""

from exactrelu.exact.definiteness import Indefinite, PositiveSemidefinite, decide_positive_semidefinite
from exactrelu.exact.matrices import NoSolution, RationalMatrix, Solution, dot
from exactrelu.exact.rationals import as_rational, as_vector, format_rational, parse_rational

__all__ = [
    "Indefinite",
    "NoSolution",
    "PositiveSemidefinite",
    "RationalMatrix",
    "Solution",
    "as_rational",
    "as_vector",
    "decide_positive_semidefinite",
    "dot",
    "format_rational",
    "parse_rational",
]
