"""Conjectures about networks: state a property in Python, and search for the smallest network without it.

`exploring` has `explore` and the decorator `conjecture`; `statements` says what it means that a statement holds;
`sizes` what "smaller" means, and the steps that make a network smaller; `small_networks` lists the smallest networks;
`results` has the answers, `Counterexample` and `Survived`; `sources` writes the statement into a test.
"""

from exactrelu.conjectures.exploring import Conjecture, conjecture, explore
from exactrelu.conjectures.results import Counterexample, Spread, Survived
from exactrelu.conjectures.sizes import network_size
from exactrelu.conjectures.statements import Statement, holds

__all__ = [
    "Conjecture",
    "Counterexample",
    "Spread",
    "Statement",
    "Survived",
    "conjecture",
    "explore",
    "holds",
    "network_size",
]
