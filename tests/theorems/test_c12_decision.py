"""C12: level sets, and the false variant that every cell is met."""

from __future__ import annotations

from exactrelu.networks.builders import absolute_value
from exactrelu.networks.network import Network
from exactrelu.theorems import Proved, Refuted, theorem


def test_a_level_that_touches_the_boundary_of_a_cell_only_does_not_cut_it() -> None:
    """relu(x + 1) + relu(x) - 1 is x between -1 and 0, so its zero is on the boundary of that cell."""
    network = Network.from_weights([[[1], [1]], [[1, 1]]], [[1, 0], [-1]])
    verdict = theorem("C12-level-set").verify(network)
    assert isinstance(verdict, Proved)
    assert verdict.evidence["cut"] == 0


def test_every_cell_is_met_or_the_others_are_named() -> None:
    """|x| = 1 meets both cells, |x| = 0 neither."""
    every = theorem("C12-every-cell")
    assert every.verify(absolute_value(), level=1) == Proved(
        "C12-every-cell", ("{f = 1} meets the interior of every cell.",), {"missed": ()}
    )
    missed = every.verify(absolute_value())
    assert isinstance(missed, Refuted)
    assert missed.lines == ("{f = 0} does not meet the interior of 01, 10.",)
