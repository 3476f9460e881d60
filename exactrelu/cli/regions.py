"""`exactrelu regions`: enumerate a network's configurations exactly and prove the list."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from exactrelu.certificates.writer import write_certificate
from exactrelu.checker.certificate import read_network
from exactrelu.checker.reading import Unreadable
from exactrelu.cli.output import write_json
from exactrelu.cli.progress import ProgressLine
from exactrelu.errors import InputError
from exactrelu.io.domains import parse_domain
from exactrelu.io.files import load_network
from exactrelu.io.json_format import write_network_json
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.counts import RegionCounts, count_regions
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, enumerate_regions

__all__ = ["add_parser", "run"]

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
    parser.add_argument("--engine", choices=["auto", "tree"], default="auto", help="how to search (default: auto)")
    parser.add_argument("--limit", type=_positive_integer, metavar="N", help="stop after about N configurations")
    parser.add_argument("--timeout", type=_positive_seconds, metavar="S", help="stop after S seconds")
    parser.add_argument("--list", action="store_true", help="list the configurations with witnesses and affine maps")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    parser.add_argument("--certificate", metavar="FILE", help="write a proof for `exactrelu check`")
    parser.set_defaults(run=run)


def _positive_integer(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be positive, not {text}")
    return value


def _positive_seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be positive, not {text}")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    network = load_network(arguments.network)
    domain = parse_domain(arguments.domain, network.n_inputs)
    provable = _provable_file(arguments, network)
    chosen = Notion.of(arguments.cells) if arguments.cells else None
    main = _search(network, domain, chosen or Notion.FULL, arguments)
    others = {} if chosen else _other_notions(main, network, domain, arguments)
    counts = count_regions(main) if main.problem.notion is Notion.FULL and main.is_complete else None
    size = None
    if arguments.certificate and main.is_complete:
        size = write_certificate(arguments.certificate, main, provable)
    report = _report(main, others, counts, arguments)
    if arguments.json:
        write_json(report, arguments.json)
    if arguments.json != "-":
        _print(main, others, counts, arguments)
        if size is not None:
            about = "" if str(provable) == arguments.network else f" about the lowered network {provable}"
            print(f"certificate{about}: {arguments.certificate} ({size} bytes)")
    if arguments.certificate and size is None:
        print(f"exactrelu: no certificate written: the search stopped at the {main.stopped}", file=sys.stderr)
    if main.stopped == "interruption":
        return 130
    return 0


def _search(network: Network, domain: HPolyhedron, notion: Notion, arguments: argparse.Namespace) -> Enumeration:
    progress = ProgressLine(f"{notion.value} configurations")
    try:
        return enumerate_regions(
            network, domain, cells=notion, limit=arguments.limit, timeout=arguments.timeout, progress=progress
        )
    finally:
        progress.clear()


def _other_notions(
    main: Enumeration, network: Network, domain: HPolyhedron, arguments: argparse.Namespace
) -> dict[Notion, tuple[int, str | None]]:
    """Count the half-open and closed configurations: the same ones if no hyperplane merely touches a cell."""
    if main.notions_agree or not main.is_complete:
        return {notion: (len(main), main.stopped) for notion in (Notion.HALF_OPEN, Notion.CLOSED)}
    found = {}
    for notion in (Notion.HALF_OPEN, Notion.CLOSED):
        enumeration = _search(network, domain, notion, arguments)
        found[notion] = (len(enumeration), enumeration.stopped)
    return found


def _provable_file(arguments: argparse.Namespace, network: Network) -> Path:
    """Return the file that a certificate speaks about: the network's own or its lowered form beside it."""
    path = Path(arguments.network)
    if not arguments.certificate:
        return path
    parent = Path(arguments.certificate).resolve().parent
    if not parent.is_dir():
        raise InputError(f"--certificate: the folder {parent} does not exist")
    try:
        read_network(path.read_bytes())
    except Unreadable:
        lowered = Path(f"{arguments.certificate}.network.json")
        lowered.write_text(write_network_json(network), encoding="utf-8")
        return lowered
    return path


def _report(
    main: Enumeration,
    others: dict[Notion, tuple[int, str | None]],
    counts: RegionCounts | None,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    report: dict[str, Any] = {
        "network": arguments.network,
        "domain": arguments.domain,
        "notion": main.problem.notion.value,
        "cells": len(main),
        "complete": main.is_complete,
        "engine": "tree",
        "seconds": round(main.seconds, 6),
    }
    if not main.is_complete:
        report["stopped"] = main.stopped
    for notion, (number, stopped) in others.items():
        report[notion.value.replace("-", "_")] = number if stopped is None else {"at_least": number, "stopped": stopped}
    if counts is not None:
        report["linear_regions"] = counts.linear_regions
        report["affine_pieces"] = counts.affine_pieces
    if arguments.list:
        report["regions"] = [
            {
                "configuration": region.configuration.bits,
                "witness": [str(x) for x in region.witness],
                "linear": [[str(a) for a in row] for row in region.affine_map.linear],
                "offset": [str(b) for b in region.affine_map.offset],
            }
            for region in main
        ]
    return report


def _print(
    main: Enumeration,
    others: dict[Notion, tuple[int, str | None]],
    counts: RegionCounts | None,
    arguments: argparse.Namespace,
) -> None:
    network = main.network
    shape = "-".join(map(str, network.widths))
    print(f"{network.name or arguments.network}: {shape}, {network.n_units} units; domain {arguments.domain}")
    rows: list[tuple[str, int, str | None]] = [(_TITLES[main.problem.notion], len(main), main.stopped)]
    rows += [(_TITLES[notion], number, stopped) for notion, (number, stopped) in others.items()]
    if counts is not None:
        rows += [
            ("linear regions", counts.linear_regions, None),
            ("distinct affine pieces", counts.affine_pieces, None),
        ]
    for title, number, stopped in rows:
        print(f"  {title:<28}{number:>10}{f'  at least (stopped at the {stopped})' if stopped else ''}")
    print(f"  {'seconds':<28}{main.seconds:>10.2f}")
    if arguments.list:
        for region in main:
            print(f"{region.configuration.bits}  {', '.join(map(str, region.witness))}")


_TITLES = {
    Notion.FULL: "full-dimensional cells",
    Notion.HALF_OPEN: "half-open configurations",
    Notion.CLOSED: "closed configurations",
}
