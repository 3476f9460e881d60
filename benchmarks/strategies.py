"""How many networks a second Hypothesis draws from `networks`, next to plain lists of as many fractions.

    python -m benchmarks.strategies [--examples 2000] [--repeat 3]

Each figure is the best of some repetitions of a test that does nothing, with a new seed each time: examples divided
by seconds of processor time, Hypothesis's own work included.  `integers` is that work alone.  The baseline draws the
33 weights and biases of a network with widths 2-8-1 as a list of fractions, and builds nothing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.strategies import KINDS, networks

ENTRIES = 33


def rate(strategy: SearchStrategy[object], examples: int, repeat: int) -> float:
    """Examples per second of processor time, the best of `repeat` runs."""
    best = 0.0
    for number in range(repeat):
        count = 0

        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def test(value: object) -> None:
            nonlocal count
            count += 1

        start = time.process_time()
        test()
        best = max(best, count / (time.process_time() - start))
    return best


def cases() -> Iterator[tuple[str, SearchStrategy[object], int]]:
    """Name, strategy, and by how much fewer examples to draw."""
    yield "integers", st.integers(), 1
    yield f"baseline: lists of {ENTRIES} fractions", st.lists(st.fractions(), min_size=ENTRIES, max_size=ENTRIES), 20
    yield "8 units, widths 2-8-1", networks(widths=[2, 8, 1]), 1
    yield "8 units, widths 2-4-4-1", networks(widths=[2, 4, 4, 1]), 1
    for kind in KINDS:
        yield f"8 units, any shape, {kind}", networks(min_units=8, max_units=8, kind=kind), 1


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    for name, strategy, fewer in cases():
        figure = rate(strategy, max(20, arguments.examples // fewer), arguments.repeat)
        print(f"{name:40} {figure:8.0f} a second", flush=True)


if __name__ == "__main__":
    main()
