"""Suites for other implementations: laws of ReLU networks that they are tested against, with exact arithmetic.

A third party describes its implementation by callables (`Implementation`), runs checks or a pytest class
(`ConformanceSuite`), and gets each failure as a `Violation` with the network, the point, and both values.
`smallest_violation` looks for a small network that shows the defect.  `docs/testing.md` is the guide.
"""

from exactrelu.testing.checks import ALL_CHECKS, Check
from exactrelu.testing.counting import check_counts, check_euler
from exactrelu.testing.implementation import Cell, Implementation
from exactrelu.testing.joints import check_continuity, check_facets
from exactrelu.testing.ours import our_implementation
from exactrelu.testing.partition import check_partition, check_refinement, check_volumes
from exactrelu.testing.reading import Skipped
from exactrelu.testing.search import find_violation, smallest_violation
from exactrelu.testing.suite import ConformanceSuite
from exactrelu.testing.table import DEGENERATE_CASES, Case
from exactrelu.testing.values import (
    check_affine_maps,
    check_atoms,
    check_configurations,
    check_evaluation,
    check_range,
)
from exactrelu.testing.verdicts import check_verdicts
from exactrelu.testing.violation import Finding, Violation

__all__ = [
    "ALL_CHECKS",
    "DEGENERATE_CASES",
    "Case",
    "Cell",
    "Check",
    "ConformanceSuite",
    "Finding",
    "Implementation",
    "Skipped",
    "Violation",
    "check_affine_maps",
    "check_atoms",
    "check_configurations",
    "check_continuity",
    "check_counts",
    "check_euler",
    "check_evaluation",
    "check_facets",
    "check_partition",
    "check_range",
    "check_refinement",
    "check_verdicts",
    "check_volumes",
    "find_violation",
    "our_implementation",
    "smallest_violation",
]
