"""C18: gradients against zonotope vertices."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.networks.network import Network
from exactrelu.theorems import NotApplicable, Proved, Refuted, c18_zonotope, theorem
from exactrelu.theorems.examples import example


def cone(rows: list[tuple[int, ...]], weights: list[int]) -> Network:
    """sum v_i relu(w_i·x)."""
    return Network.from_weights([rows, [weights]], [[0] * len(rows), [7]])


ROWS = st.integers(1, 3).flatmap(
    lambda n: st.lists(
        st.tuples(
            *[st.integers(-2, 2)] * n,
        ),
        min_size=1,
        max_size=4,
    )
)


@settings(max_examples=40)
@given(rows=ROWS, weights=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_the_gradients_are_the_vertices(rows: list[tuple[int, ...]], weights: list[int]) -> None:
    """For any rows, zero, parallel and opposite ones included."""
    network = cone(rows, weights[: len(rows)])
    for name in ("C18-vertices", "C18-support"):
        assert isinstance(theorem(name).verify(network), Proved)


def test_degenerate_zonotopes() -> None:
    """Only zero rows give one vertex; one row gives two; opposite rows merge."""
    for rows, vertices in (([(0, 0)], 1), ([(1, 0)], 2), ([(1, 0), (-1, 0)], 2), ([(1,), (-2,), (0,)], 2)):
        verdict = theorem("C18-vertices").verify(cone(rows, [1] * len(rows)))
        assert isinstance(verdict, Proved)
        assert len(verdict.evidence["vertices"]) == vertices == verdict.evidence["N_full"]


def test_what_is_not_applicable() -> None:
    """A bias, a negative output weight, a second hidden layer."""
    for name in ("count-g3", "convex-c2", "count-z"):
        assert isinstance(theorem("C18-vertices").verify(example(name)), NotApplicable)


def test_a_lost_vertex_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """One vertex less than there are cells refutes the bijection."""
    original = c18_zonotope.zonotope_vertices
    monkeypatch.setattr(
        c18_zonotope, "zonotope_vertices", lambda segments, *, dimension: original(segments, dimension=dimension)[1:]
    )
    for name in ("C18-vertices", "C18-support"):
        assert isinstance(theorem(name).verify(example("zonotope-B2")), Refuted)
