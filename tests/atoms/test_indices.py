"""Positions of units and layers: integers in range; nothing is read from the end, no bare IndexError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from exactrelu.atoms.decomposition import Atoms
from exactrelu.atoms.indices import require_index
from exactrelu.atoms.paths import iter_paths
from exactrelu.errors import InputError

from .networks import E2, N4

ATOMS = Atoms(N4)
PIECE = ATOMS.at([1, 1])
CALLS: dict[str, tuple[int, Callable[[Any], object]]] = {
    "atom i": (2, lambda i: ATOMS.atom(i, 0)),
    "atom j": (3, lambda j: ATOMS.atom(0, j)),
    "column": (2, ATOMS.column),
    "row": (3, ATOMS.row),
    "offset_terms": (2, PIECE.offset_terms),
    "first": (3, lambda k: PIECE.iter_paths(first=k)),
    "last": (2, lambda k: PIECE.iter_paths(last=k)),
    "start": (3, lambda k: iter_paths(N4, "1011111", start=k)),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_position_in_range_is_accepted_and_no_other(name: str) -> None:
    """The call itself refuses, not a later iteration, and gives the range."""
    count, call = CALLS[name]
    for k in range(count):
        call(k)
    for bad in (-1, -count, count, 9, 0.0, "0", None if "atom" in name else 1.5, True):
        with pytest.raises(InputError, match=f"an integer from 0 to {count - 1} is needed"):
            call(bad)


def test_atoms_seen_before_are_no_way_round() -> None:
    """The remembered atom (1, 0) is not the answer for (True, 0) or (1.0, 0)."""
    atoms = Atoms(N4)
    integer: Any = np.int64(1)
    assert atoms.atom(1, 0) == atoms.atom(integer, 0)
    wrong: list[Any] = [True, 1.0]
    for i in wrong:
        with pytest.raises(InputError):
            atoms.atom(i, 0)


def test_nothing_to_choose_from() -> None:
    """With one unit the range is 0 to 0; with none the message says so."""
    with pytest.raises(InputError, match="from 0 to 0"):
        Atoms(E2).column(1)
    with pytest.raises(InputError, match="layer is 0; there is none"):
        require_index(0, 0, name="layer")
