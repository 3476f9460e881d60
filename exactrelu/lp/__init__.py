"""Linear programming over Q: every answer carries evidence that additions and comparisons check.

`system` states the question, `evidence` the answers and their rules.  `decide` answers: a float proposal
(`proposals`), accepted by exact arithmetic, or else the exact method (`simplex`).  `fourier_motzkin` is the
independent second method, and projects.
"""

from exactrelu.lp.decide import Tally, decide
from exactrelu.lp.evidence import (
    DualCertificate,
    FarkasCertificate,
    Feasible,
    Infeasible,
    Optimal,
    Unbounded,
    Witness,
)
from exactrelu.lp.fourier_motzkin import Projection, decide_by_elimination, project
from exactrelu.lp.optimise import maximise, minimise
from exactrelu.lp.simplex import decide_by_simplex, maximise_by_simplex
from exactrelu.lp.system import LinearSystem, Relation

__all__ = [
    "DualCertificate",
    "FarkasCertificate",
    "Feasible",
    "Infeasible",
    "LinearSystem",
    "Optimal",
    "Projection",
    "Relation",
    "Tally",
    "Unbounded",
    "Witness",
    "decide",
    "decide_by_elimination",
    "decide_by_simplex",
    "maximise",
    "maximise_by_simplex",
    "minimise",
    "project",
]
