"""All checks, in the order in which a defect is easiest to understand: values first, then cells, then verdicts."""

from __future__ import annotations

from typing import Protocol

from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.testing.counting import check_counts, check_euler
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.joints import check_continuity, check_facets
from exactrelu.testing.partition import check_partition, check_refinement, check_volumes
from exactrelu.testing.values import (
    check_affine_maps,
    check_atoms,
    check_configurations,
    check_evaluation,
    check_range,
)
from exactrelu.testing.verdicts import check_verdicts

__all__ = ["ALL_CHECKS", "Check"]


class Check(Protocol):
    """A check: returns if the law holds, raises `Violation` if not, `Skipped` if it does not apply."""

    __name__: str

    def __call__(self, implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
        """Run the check on one network and box."""


ALL_CHECKS: tuple[Check, ...] = (
    check_evaluation,
    check_configurations,
    check_affine_maps,
    check_partition,
    check_volumes,
    check_refinement,
    check_continuity,
    check_facets,
    check_counts,
    check_euler,
    check_atoms,
    check_range,
    check_verdicts,
)
