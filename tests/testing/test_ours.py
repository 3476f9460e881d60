"""This package passes its own suites, in both notions."""

from __future__ import annotations

from hypothesis import strategies as st

from exactrelu.strategies import networks
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


class TestDegenerateDraws(ConformanceSuite):
    """Networks that are degenerate on purpose, with up to three inputs and two outputs."""

    implementation = our_implementation()
    cases = ConformanceSuite.cases[-1:]
    networks = st.one_of(
        *(networks(kind=kind, max_units=4) for kind in ("dead", "duplicate", "coincident", "zero-bias")),
        networks(kind="float32", max_units=3, max_outputs=2),
        networks(max_inputs=3, max_units=3),
    )
    max_examples = 12
