"""Verification: does some input make a network's output violate a property?

`questions`: formulas, queries, properties as Python expressions.  `decide_query` answers with a verdict and evidence,
`Satisfiable`, `Unsatisfiable` or `Undecided`; `write_verdict` writes it as a certificate for the stand-alone checker.
Methods: `boxes` for linear formulas (branch and bound with certified bounds, exact programs over units' signs) and
`polynomials` for others (Bernstein forms, cell by cell).
"""

from exactrelu.verification.certificate import NetworkFile, write_verdict
from exactrelu.verification.decide import decide_query
from exactrelu.verification.polynomials.evidence import CrossingWitness
from exactrelu.verification.polynomials.mesh import MeshProof
from exactrelu.verification.questions.formulas import FALSE, TRUE, And, Comparison, Formula, Or
from exactrelu.verification.questions.pair_properties import (
    equivalence_query,
    fairness_query,
    monotonicity_query,
    pair_query,
)
from exactrelu.verification.questions.properties import (
    claim_query,
    output_range_query,
    robustness_query,
    stability_query,
)
from exactrelu.verification.questions.query import Query
from exactrelu.verification.questions.sets import ball, membership
from exactrelu.verification.questions.terms import Term, symbols
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
