"""This package passes its own suites, in both notions."""

from __future__ import annotations

from exactrelu.testing import ConformanceSuite, check_partition, check_refinement, check_volumes, our_implementation


class TestFull(ConformanceSuite):
    """Cells are full-dimensional."""

    implementation = our_implementation()
    max_examples = 10


class TestHalfOpen(ConformanceSuite):
    """Cells are half-open configurations: every point is in exactly one."""

    implementation = our_implementation("half-open")
    checks = (check_partition, check_volumes, check_refinement)
    max_examples = 10
