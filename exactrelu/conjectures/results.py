"""The two answers of an exploration: a counterexample, or how many networks of which kinds the statement survived.

Neither says that a statement is true: `Survived` is a count.  A `Counterexample` is decided by exact arithmetic and
can be replayed: as a network file, or as a test.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TypeVar

from exactrelu.conjectures.sources import statement_source
from exactrelu.conjectures.statements import Statement
from exactrelu.errors import InputError
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network
from exactrelu.networks.source import network_source

__all__ = ["Counterexample", "Spread", "Survived", "Tally"]

K = TypeVar("K", bound=Hashable)
Counts = tuple[tuple[K, int], ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A network for which the statement fails, and no simpler one was found.

    Fields:
        network: the counterexample.
        evidence: the message of the failed assertion, or what the statement returned.
        tried: networks that were tried before a counterexample was met, that one included.
        smallest_of_all: every smaller network with one output and entries -1, 0, 1 was tried, up to the order of
            units; otherwise the network was met at random and made smaller while the statement failed.
        seconds: time of the exploration.
        statement: the statement, for `as_test`.
    """

    network: Network
    evidence: str
    tried: int
    smallest_of_all: bool
    seconds: float
    statement: Statement

    @property
    def units(self) -> int:
        """Number of hidden units."""
        return sum(self.network.widths[1:-1])

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the network as a JSON file that `load_network` reads, and return the path.

        Raises:
            InputError: the name does not end in ".json", by which `load_network` knows the format.
        """
        file = Path(path)
        if file.suffix != ".json":
            raise InputError(f"path is {str(path)!r}; a name that ends in .json is needed")
        file.write_text(write_network_json(self.network), encoding="utf-8")
        return file

    def as_test(self, *, demand: bool = False) -> str:
        """Return the source of a pytest module about this network.

        The statement is imported if it is a function of a module, and copied into the test with the names that it uses
        if it was defined interactively and its source can be read; otherwise the test says what must be filled in.

        Args:
            demand: False: the test states that the conjecture is false, so it passes.  True: it demands the statement
                for this network, so it fails until whatever is at fault is mended.
        """
        name = getattr(self.statement, "__name__", "statement")
        name = name if name.isidentifier() else "statement"
        title = re.sub(r"\W+", "_", name).strip("_")
        used = "Activation, Network" if _has_other_activations(self.network) else "Network"
        source = statement_source(self.statement, name)
        imports = {f"from exactrelu import {used}", "from exactrelu.conjectures import holds", *source.imports}
        if used != "Network":
            imports.discard("from exactrelu import Network")
        lines = [
            f'"""A counterexample to `{name}`, found by exactrelu.explore."""',
            "",
            *sorted(imports),
            *(f"\n\n{definition}" for definition in source.definitions),
            "",
            "",
            f"def test_{title}() -> None:",
            f'    """{"The statement holds for" if demand else "The statement fails for"} a network with '
            f'{self.units} hidden unit{"" if self.units == 1 else "s"}."""',
            f"    network = {network_source(self.network)}",
            f"    assert {'' if demand else 'not '}holds({name}, network)",
        ]
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        how = "every smaller network was tried" if self.smallest_of_all else "found at random, then made smaller"
        widths = "-".join(map(str, self.network.widths))
        return (
            f"counterexample with widths {widths} ({how}; {self.tried} networks tried)\n"
            f"  {network_source(self.network)}\n  {self.evidence}"
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """How many networks of which kind were tried.

    Fields:
        widths: for every architecture, most frequent first.
        inputs, units: for every input dimension and number of hidden units, in order.
        traits: "zero-bias" (all biases are 0), "integer" (all entries are), "twins" (equal rows in a hidden layer),
            "zero row" (a unit with all incoming weights 0), and "none of these".
        complete: architectures of which every network with entries -1, 0, 1 was tried, up to the order of units.
    """

    widths: Counts[tuple[int, ...]]
    inputs: Counts[int]
    units: Counts[int]
    traits: Counts[str]
    complete: tuple[tuple[int, ...], ...] = ()

    def __str__(self) -> str:
        shown = [(f"{'-'.join(map(str, widths))}", number) for widths, number in self.widths[:8]]
        rest = sum(number for _, number in self.widths[8:])
        lines = [
            "widths: " + _joined([*shown, ("others", rest)] if rest else shown),
            "inputs: " + _joined(self.inputs),
            "units: " + _joined(self.units),
            "traits: " + _joined(self.traits),
        ]
        if self.complete:
            lines.append("all with entries -1, 0, 1: " + ", ".join("-".join(map(str, one)) for one in self.complete))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Survived:
    """No counterexample was met; this is no proof.

    Fields:
        tried: number of networks, without those that `where` excluded.
        excluded: networks that `where` excluded.
        spread: how many of which kind.
        stopped: "budget", "interruption" (Ctrl-C), or "exhausted": the strategy has no other networks.
        seconds: time of the exploration.
    """

    tried: int
    excluded: int
    spread: Spread
    stopped: str
    seconds: float

    def __str__(self) -> str:
        return f"survived {self.tried} networks ({self.excluded} excluded; stopped: {self.stopped})\n{self.spread}"


class Tally:
    """Counts networks while an exploration runs; `spread` freezes the counts."""

    def __init__(self) -> None:
        self.tried = 0
        self.excluded = 0
        self.complete: list[tuple[int, ...]] = []
        self._widths: Counter[tuple[int, ...]] = Counter()
        self._traits: Counter[str] = Counter()

    def add(self, network: Network) -> None:
        """Count one network."""
        self.tried += 1
        self._widths[network.widths] += 1
        self._traits.update(_traits(network) or ["none of these"])

    def spread(self) -> Spread:
        """Return the counts so far."""
        inputs: Counter[int] = Counter()
        units: Counter[int] = Counter()
        for widths, number in self._widths.items():
            inputs[widths[0]] += number
            units[sum(widths[1:-1])] += number
        by_number = sorted(self._widths.items(), key=lambda item: (-item[1], item[0]))
        return Spread(tuple(by_number), _sorted(inputs), _sorted(units), _sorted(self._traits), tuple(self.complete))


def _sorted(counts: Counter[K]) -> Counts[K]:
    return tuple(sorted(counts.items()))


def _traits(network: Network) -> list[str]:
    tables = [affine.augmented for affine in network.affine_maps]
    hidden = tables[:-1]
    found = {
        "integer": all(table.denominator == 1 for table in tables),
        "twins": any(len(set(table.numerators)) < table.n_rows for table in hidden),
        "zero row": any(not any(row[:-1]) for table in hidden for row in table.numerators),
        "zero-bias": not any(row[-1] for table in tables for row in table.numerators),
    }
    return [name for name, present in found.items() if present]


def _joined(counts: Iterable[tuple[object, int]]) -> str:
    return ", ".join(f"{key}: {number}" for key, number in counts)


def _has_other_activations(network: Network) -> bool:
    return any(activation != RELU for layer in network.hidden for activation in layer.activations)
