"""Parts of a search by boxes, worked on elsewhere: in other threads, processes or machines.

`divide` takes all open boxes out of a search and hands them out; `work_on`, a plain function of a value that can be
pickled, searches a part for a while and returns a snapshot, finished or not; `BoxSearch.adopt` takes it back.  New
boxes of different parts get different numbers.  Cost of a part: building the float network again, so a part should
have a second of work or more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.networks.network import Network
from exactrelu.verification.boxes.box_tree import BoxTree, Chunk, joined
from exactrelu.verification.boxes.free_inputs import ExactBox
from exactrelu.verification.boxes.search import BoxSearch
from exactrelu.verification.questions.situations import Situation

__all__ = ["Part", "divide", "work_on"]

NUMBERS_OF_A_PART = 1 << 32


@dataclass(frozen=True)
class Part:
    """Some open boxes of a search, and all that is needed to go on with them for some seconds."""

    network: Network
    situation: Situation
    holds_at: Callable[[Sequence[Fraction]], bool]
    bits: int
    chunk: Chunk
    boxes: dict[int, ExactBox]
    next_id: int
    seconds: float


def divide(search: BoxSearch, count: int, seconds: float) -> list[Part]:
    """Take the open boxes out of a search, in at most `count` parts; neighbours go to different parts."""
    chunk = joined(search.stack)
    search.stack = []
    parts = []
    for number in range(min(count, len(chunk))):
        own = chunk.take(slice(number, None, count))
        boxes: dict[int, ExactBox] = {box_id: search.tree.exact_box(box_id) for box_id in own.ids.tolist()}
        first = search.tree.next_id + number * NUMBERS_OF_A_PART
        parts.append(Part(search.network, search.situation, search.holds_at, search.bits, own, boxes, first, seconds))
    search.tree.next_id += count * NUMBERS_OF_A_PART
    return parts


def work_on(part: Part) -> tuple[dict[str, Any], tuple[Fraction, ...] | None]:
    """Search a part for its time; return the snapshot of what was found and the witness, if there is one."""
    search = BoxSearch(part.network, part.situation, part.holds_at, part.bits)
    search.tree = BoxTree(part.boxes, part.next_id)
    search.stack = [part.chunk]
    end = time.monotonic() + part.seconds
    while not search.done and search.witness is None and time.monotonic() < end:
        search.step(end)
    return search.snapshot(), search.witness
