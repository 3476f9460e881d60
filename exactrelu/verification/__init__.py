"""Verification: does some input make a network's output violate a property?

Questions: `formulas` are Boolean combinations of polynomial comparisons, `query` joins one to a network; `terms` and
`sets` write formulas as Python expressions, `properties` and `pair_properties` are the common questions.
"""

from exactrelu.verification.formulas import FALSE, TRUE, And, Comparison, Formula, Or
from exactrelu.verification.pair_properties import equivalence_query, fairness_query, monotonicity_query, pair_query
from exactrelu.verification.properties import claim_query, output_range_query, robustness_query, stability_query
from exactrelu.verification.query import Query
from exactrelu.verification.sets import ball, membership
from exactrelu.verification.terms import Term, symbols

__all__ = [
    "FALSE",
    "TRUE",
    "And",
    "Comparison",
    "Formula",
    "Or",
    "Query",
    "Term",
    "ball",
    "claim_query",
    "equivalence_query",
    "fairness_query",
    "membership",
    "monotonicity_query",
    "output_range_query",
    "pair_query",
    "robustness_query",
    "stability_query",
    "symbols",
]
