"""Verification: does some input make a network's output violate a property?

Questions: `formulas` are Boolean combinations of polynomial comparisons, `query` joins one to a network; `terms` and
`sets` write formulas as Python expressions, `properties` and `pair_properties` are the common questions.

Answers: `decide_query` returns a verdict, `Satisfiable`, `Unsatisfiable` or `Undecided`, with its evidence;
`write_verdict` writes it as a certificate for the stand-alone checker.  Further modules are parts of the search:
`search` and `float_network` (boxes with certified bounds), `phases` (exact programs over units' signs), `cellwise` and
the modules beginning with polynomial (nonlinear formulas).
"""

from exactrelu.verification.certificate import NetworkFile, write_verdict
from exactrelu.verification.decide import decide_query
from exactrelu.verification.formulas import FALSE, TRUE, And, Comparison, Formula, Or
from exactrelu.verification.mesh import MeshProof
from exactrelu.verification.pair_properties import equivalence_query, fairness_query, monotonicity_query, pair_query
from exactrelu.verification.polynomial_evidence import CrossingWitness
from exactrelu.verification.properties import claim_query, output_range_query, robustness_query, stability_query
from exactrelu.verification.query import Query
from exactrelu.verification.sets import ball, membership
from exactrelu.verification.terms import Term, symbols
from exactrelu.verification.verdicts import Progress, Satisfiable, TreeProof, Undecided, Unsatisfiable, Verdict

__all__ = [
    "FALSE",
    "TRUE",
    "And",
    "Comparison",
    "CrossingWitness",
    "Formula",
    "MeshProof",
    "NetworkFile",
    "Or",
    "Progress",
    "Query",
    "Satisfiable",
    "Term",
    "TreeProof",
    "Undecided",
    "Unsatisfiable",
    "Verdict",
    "ball",
    "claim_query",
    "decide_query",
    "equivalence_query",
    "fairness_query",
    "membership",
    "monotonicity_query",
    "output_range_query",
    "pair_query",
    "robustness_query",
    "stability_query",
    "symbols",
    "write_verdict",
]
