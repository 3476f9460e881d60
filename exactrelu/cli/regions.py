"""`exactrelu regions`: enumerate a network's configurations exactly and prove the list."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exactrelu.certificates.writer import write_certificate
from exactrelu.cli.output import provable_file, require_writable, write_json
from exactrelu.cli.progress import ProgressLine
from exactrelu.cli.reading import add_reading_options, read_network_file
from exactrelu.errors import BudgetExceeded, DomainError, InputError, InvariantError
from exactrelu.exact.rationals import format_rational
from exactrelu.io.domains import parse_domain
from exactrelu.networks.network import Network
from exactrelu.plot import require_format, save_plot
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.complex.configurations import count_closed_configurations, half_open_configurations
from exactrelu.regions.counts import RegionCounts, count_regions
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, Region, enumerate_regions

__all__ = ["add_parser", "run"]

_INTERRUPTED = "interrupted"
_MOST_TOUCHING = 100_000  # closed configurations can be 2^units; nobody asked for them by name
_COMPLEX_DIMENSION = 4  # above, faces outnumber cells so much that the tree is faster

_EPILOG = """examples:
  exactrelu regions net.onnx --domain box:-1:1
  exactrelu regions net.json --domain box:0:1,-2:2 --cells closed --list
  exactrelu regions net.json --domain domain.json --json counts.json --certificate proof.jsonl

Without --cells all three notions are counted: full-dimensional cells, half-open and closed configurations.
A domain is "space", "box:LOWER:UPPER" (for all coordinates, or one pair for each, separated by commas), or a JSON file.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "regions",
        help="enumerate the regions of a network exactly",
        description="Enumerate the configurations of a network in a domain, exactly.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("network", metavar="NET", help="network file, ONNX or JSON")
    parser.add_argument("--domain", default="space", metavar="DOMAIN", help="set of inputs (default: space)")
    parser.add_argument("--cells", choices=[notion.value for notion in Notion], help="count one notion only")
    parser.add_argument(
        "--engine", choices=["auto", "complex", "tree"], default="auto", help="how to search (default: auto)"
    )
    parser.add_argument("--limit", type=_positive_integer, metavar="N", help="stop after about N configurations")
    parser.add_argument("--timeout", type=_positive_seconds, metavar="S", help="stop after S seconds")
    parser.add_argument("--list", action="store_true", help="list the configurations with witnesses and affine maps")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    parser.add_argument("--plot", metavar="FILE", help="draw the complex: .png, .svg or .html (up to 3 dimensions)")
    parser.add_argument("--certificate", metavar="FILE", help="write a proof for `exactrelu check`")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def _positive_integer(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a positive integer, not {text!r}")
    return int(text)


def _positive_seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds, not {text!r}")
    return value


@dataclass(frozen=True)
class _Answer:
    """What either engine found.

    notions: for each notion counted the number and why the search stopped, if it did.  cells: the regions of the main
        notion.
    proof: a complete enumeration with evidence, if there is one.
    """

    engine: str
    main: Notion
    notions: dict[Notion, tuple[int, str | None]]
    counts: RegionCounts | None
    f_vector: tuple[int, ...] | None
    seconds: float
    cells: Iterable[Region]
    complex: SubdivisionComplex | None
    proof: Enumeration | None
    remark: str | None = None

    @property
    def stopped(self) -> str | None:
        """Why the search for the main notion stopped, None if it is complete."""
        return self.notions[self.main][1]

    @property
    def is_interrupted(self) -> bool:
        """Whether the user interrupted some part; the rest is there."""
        return self.remark == _INTERRUPTED or self.stopped == "interruption"


def run(arguments: argparse.Namespace) -> int:
    """Run the command: decide, print, then write files, so that a full disk costs no answer."""
    for option in ("json", "certificate", "plot"):
        require_writable(getattr(arguments, option), option)
    arguments.deadline = None if arguments.timeout is None else time.monotonic() + arguments.timeout
    network = read_network_file(arguments.network, arguments)
    domain = parse_domain(arguments.domain, network.n_inputs)
    engine = _engine(arguments, domain)
    answer = (_by_complex if engine == "complex" else _by_tree)(network, domain, arguments)
    if arguments.json != "-":
        _print(answer, network, arguments)
    if arguments.json:
        write_json(_report(answer, arguments), arguments.json)
    if arguments.certificate:
        _certify(answer, network, arguments)
    if arguments.plot and answer.complex is not None:
        # The decision boundary of a classifier: f = 0, or f_0 = f_1 for two outputs.
        output = (0, 1) if network.n_outputs == 2 else 0
        save_plot(answer.complex, arguments.plot, level=0 if network.n_outputs <= 2 else None, output=output)
        _say(arguments, f"picture: {arguments.plot}")
    return 130 if answer.is_interrupted else 0


def _certify(answer: _Answer, network: Network, arguments: argparse.Namespace) -> None:
    """Write the certificate of a complete answer, about the network's own file or its lowered form."""
    if answer.proof is None:
        print(f"exactrelu: no certificate written: the search stopped at the {answer.stopped}", file=sys.stderr)
        return
    provable = provable_file(Path(arguments.network), network, Path(f"{arguments.certificate}.network.json"))
    size = write_certificate(arguments.certificate, answer.proof, provable)
    about = "" if str(provable) == arguments.network else f" about the lowered network {provable}"
    _say(arguments, f"certificate{about}: {arguments.certificate} ({size} bytes)")


def _say(arguments: argparse.Namespace, line: str) -> None:
    """Print a line unless standard output belongs to JSON."""
    if arguments.json != "-":
        print(line)


def _engine(arguments: argparse.Namespace, domain: HPolyhedron) -> str:
    """Choose the engine: the complex in low dimension, the tree for the rest and for whatever needs to stop early."""
    stops = arguments.limit is not None or arguments.timeout is not None
    dimension = domain.dimension()
    engine: str = arguments.engine
    if engine == "auto":
        fits = 1 <= dimension <= _COMPLEX_DIMENSION and not stops
        engine = "complex" if (fits and arguments.cells in (None, "full")) or arguments.plot else "tree"
    if engine == "complex":
        if stops:
            raise InputError("--limit and --timeout need --engine tree: the complex has no partial answer")
        if dimension < 1:
            raise DomainError("the complex needs a domain of dimension at least 1; use --engine tree")
    elif arguments.plot:
        raise InputError("--plot needs the complex: leave out --engine tree")
    if arguments.plot:
        require_format(arguments.plot, dimension)
    return engine


def _by_complex(network: Network, domain: HPolyhedron, arguments: argparse.Namespace) -> _Answer:
    """Build the subdivision complex; a certificate comes from the tree, which must find the same cells."""
    try:
        subdivision = subdivide(network, domain)
    except KeyboardInterrupt:
        print("exactrelu: the complex has no partial answer; --engine tree keeps what it found", file=sys.stderr)
        raise
    main = Notion.of(arguments.cells or Notion.FULL)
    found = {Notion.FULL: len(subdivision)}
    if arguments.cells is None or main is Notion.HALF_OPEN:
        found[Notion.HALF_OPEN] = len(half_open_configurations(subdivision))
    if arguments.cells is None or main is Notion.CLOSED:
        found[Notion.CLOSED] = count_closed_configurations(subdivision)
    counts = RegionCounts(len(subdivision), subdivision.linear_regions, subdivision.affine_pieces)
    needs_tree = arguments.certificate or main is not Notion.FULL
    proof = _search(network, domain, main, arguments) if needs_tree else None
    if proof is not None and proof.is_complete and len(proof) != found[main]:
        raise InvariantError(f"the engines disagree: {found[main]} and {len(proof)}; please report the network")
    return _Answer(
        "complex",
        main,
        {notion: (number, None) for notion, number in found.items() if arguments.cells is None or notion is main},
        counts if main is Notion.FULL else None,
        subdivision.f_vector,
        subdivision.seconds,
        subdivision if main is Notion.FULL or proof is None else proof,
        subdivision,
        proof if proof is not None and proof.is_complete else None,
    )


def _by_tree(network: Network, domain: HPolyhedron, arguments: argparse.Namespace) -> _Answer:
    """Search the refinement tree; whatever comes after the main search may be stopped without losing it."""
    main = Notion.of(arguments.cells or Notion.FULL)
    enumeration = _search(network, domain, main, arguments)
    notions: dict[Notion, tuple[int, str | None]] = {main: (len(enumeration), enumeration.stopped)}
    counts, remark = None, None
    try:
        if main is Notion.FULL and enumeration.is_complete:
            counts = count_regions(enumeration, timeout=_remaining(arguments))
        if arguments.cells is None and enumeration.is_complete:
            for notion in (Notion.HALF_OPEN, Notion.CLOSED):
                # If no hyperplane merely touches a cell, the three notions list the same configurations.
                other = enumeration
                if not enumeration.notions_agree:
                    other = _search(network, domain, notion, arguments, arguments.limit or _MOST_TOUCHING)
                notions[notion] = (len(other), other.stopped)
    except BudgetExceeded as error:
        remark = str(error)
    except KeyboardInterrupt:
        remark = _INTERRUPTED
    complete = enumeration if enumeration.is_complete else None
    seconds = enumeration.seconds
    return _Answer("tree", main, notions, counts, None, seconds, enumeration, None, complete, remark)


def _remaining(arguments: argparse.Namespace) -> float | None:
    """Return the seconds left of --timeout (a little, when it is over)."""
    return None if arguments.deadline is None else max(1e-3, arguments.deadline - time.monotonic())


def _search(
    network: Network, domain: HPolyhedron, notion: Notion, arguments: argparse.Namespace, limit: int | None = None
) -> Enumeration:
    progress = ProgressLine(f"{notion.value} configurations")
    try:
        return enumerate_regions(
            network,
            domain,
            cells=notion,
            limit=limit or arguments.limit,
            timeout=_remaining(arguments),
            progress=progress,
        )
    finally:
        progress.clear()


def _report(answer: _Answer, arguments: argparse.Namespace) -> dict[str, Any]:
    number, stopped = answer.notions[answer.main]
    report: dict[str, Any] = {
        "network": arguments.network,
        "domain": arguments.domain,
        "notion": answer.main.value,
        "cells": number,
        "complete": stopped is None,
        "engine": answer.engine,
        "seconds": round(answer.seconds, 6),
    }
    if stopped is not None:
        report["stopped"] = stopped
    if answer.remark is not None:
        report["remark"] = answer.remark
    for notion, (count, reason) in answer.notions.items():
        if notion is not answer.main:
            key = notion.value.replace("-", "_")
            report[key] = count if reason is None else {"at_least": count, "stopped": reason}
    if answer.counts is not None:
        report["linear_regions"] = answer.counts.linear_regions
        report["affine_pieces"] = answer.counts.affine_pieces
    if answer.f_vector is not None:
        report["f_vector"] = list(answer.f_vector)
    if arguments.list:
        report["regions"] = [
            {
                "configuration": region.configuration.bits,
                "witness": [format_rational(x) for x in region.witness],
                "linear": [[format_rational(a) for a in row] for row in region.affine_map.linear],
                "offset": [format_rational(b) for b in region.affine_map.offset],
            }
            for region in answer.cells
        ]
    return report


def _print(answer: _Answer, network: Network, arguments: argparse.Namespace) -> None:
    shape = "-".join(map(str, network.widths))
    print(f"{network.name or arguments.network}: {shape}, {network.n_units} units; domain {arguments.domain}")
    rows = [(_TITLES[notion], number, stopped) for notion, (number, stopped) in answer.notions.items()]
    if answer.counts is not None:
        rows.append(("linear regions", answer.counts.linear_regions, None))
        rows.append(("distinct affine pieces", answer.counts.affine_pieces, None))
    for title, number, stopped in rows:
        print(f"  {title:<28}{number:>10}{f'  at least (stopped at the {stopped})' if stopped else ''}")
    if answer.f_vector is not None:
        print(f"  {'faces by dimension':<28}{' '.join(map(str, answer.f_vector)):>10}")
    print(f"  {'seconds':<28}{answer.seconds:>10.2f}")
    if answer.remark is not None:
        print(f"  not finished: {answer.remark}")
    if answer.notions[answer.main] == (0, None):
        print("  the domain is empty")
    if arguments.list:
        for region in answer.cells:
            print(f"{region.configuration.bits}  {', '.join(map(format_rational, region.witness))}")


_TITLES = {
    Notion.FULL: "full-dimensional cells",
    Notion.HALF_OPEN: "half-open configurations",
    Notion.CLOSED: "closed configurations",
}
