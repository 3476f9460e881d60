"""`exactrelu bounds`: exact Lipschitz constants and ranges, and how far the known bounds are from them."""

from __future__ import annotations

import argparse
from typing import Any

from exactrelu.bounds.ranges import Extremum, OutputRange, interval_range, output_range
from exactrelu.bounds.report import bounds_report, bounds_to_json, format_bounds, format_number
from exactrelu.cli.output import require_writable, write_json
from exactrelu.cli.reading import add_reading_options, read_network_file
from exactrelu.errors import InputError
from exactrelu.exact.rationals import format_rational
from exactrelu.io.domains import parse_domain
from exactrelu.regions.results import Enumeration, enumerate_regions

__all__ = ["add_parser", "run"]

_EPILOG = """examples:
  exactrelu bounds net.onnx --domain box:-1:1
  exactrelu bounds net.json --range --json -

The exact constant is the largest operator norm over the full-dimensional cells of the domain.  For norm 2 it is an
algebraic number; the JSON has its polynomial and an isolating interval.  Bounds whose hypotheses fail are marked.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "bounds",
        help="exact Lipschitz constants, and the bounds on them",
        description="Compute exact Lipschitz constants of a network on a domain; compare the known bounds with them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("network", metavar="NET", help="network file, ONNX or JSON")
    parser.add_argument("--domain", default="space", metavar="DOMAIN", help="set of inputs (default: space)")
    parser.add_argument("--range", action="store_true", help="also the exact range of every output over the domain")
    parser.add_argument("--timeout", type=float, metavar="S", help="give up after S seconds of enumerating cells")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    require_writable(arguments.json, "json")
    network = read_network_file(arguments.network, arguments)
    domain = parse_domain(arguments.domain, network.n_inputs)
    enumeration = enumerate_regions(network, domain, timeout=arguments.timeout)
    if not enumeration.is_complete:
        raise InputError(f"the cells were not all found within {arguments.timeout} s; allow more with --timeout")
    report = bounds_report(enumeration)
    ranges = output_range(enumeration) if arguments.range else ()
    if arguments.json:
        value = bounds_to_json(report)
        if arguments.range:
            value["range"] = [
                {"minimum": _extremum_to_json(r.minimum), "maximum": _extremum_to_json(r.maximum)} for r in ranges
            ]
        write_json(value, arguments.json)
    if arguments.json != "-":
        print(format_bounds(report))
        if arguments.range:
            _print_ranges(enumeration, ranges)
    return 0


def _print_ranges(enumeration: Enumeration, ranges: tuple[OutputRange, ...]) -> None:
    print("exact range of the outputs")
    for number, one in enumerate(ranges):
        print(f"  y{number}  {_extremum(one.minimum, '-infinity')} to {_extremum(one.maximum, 'infinity')}")
    if enumeration.problem.box is not None:
        print("by interval arithmetic")
        for number, (low, high) in enumerate(interval_range(enumeration.network, enumeration.problem.domain)):
            print(f"  y{number}  {format_number(low)} to {format_number(high)}")


def _extremum(extremum: Extremum, unbounded: str) -> str:
    if extremum.value is None:
        return unbounded
    point = ", ".join(map(format_number, extremum.point))
    return f"{format_number(extremum.value)} (at {point})"


def _extremum_to_json(extremum: Extremum) -> dict[str, Any]:
    return {
        "value": None if extremum.value is None else format_rational(extremum.value),
        "point": [format_rational(a) for a in extremum.point],
        "configuration": extremum.configuration.bits,
        "ray": None if extremum.ray is None else [format_rational(a) for a in extremum.ray],
    }
