"""`exactrelu theorems`: list theorems, show them on their instances, decide them for a network."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from exactrelu.cli.alarm import TimeIsOver, alarm, positive_seconds
from exactrelu.cli.output import require_writable, write_json
from exactrelu.cli.progress import ProgressLine
from exactrelu.cli.reading import add_reading_options, read_network_file
from exactrelu.errors import ExactReluError

if TYPE_CHECKING:
    from exactrelu.networks.network import Network
    from exactrelu.theorems import Theorem

__all__ = ["add_parser", "run"]

_WIDTH = 100
_SHOWN = 12
_EPILOG = """examples:
  exactrelu theorems                                list all
  exactrelu theorems C7                             the family C7 on its built-in instances
  exactrelu theorems C7-serra-upper --network net.json
  exactrelu theorems --json -                       all on their instances, for programs

A name selects one theorem, or all whose names begin so.  Without --network each is shown on its built-in instances.
False variants are wrong statements that are easily believed: some instance refutes each of them.

exit status: 0 if every theorem keeps its promise, 1 if a theorem is refuted, 2 for wrong usage, unreadable input, or
if a theorem could not be decided.  A false variant may be refuted or hold for a given network: both are status 0.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "theorems",
        help="theorems, decided exactly on a network",
        description="List theorems about ReLU networks, or decide them exactly, with a short proof.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a name such as C7-serra-upper, or its beginning")
    parser.add_argument("--network", metavar="NET", help="decide for this network file, ONNX or JSON")
    parser.add_argument(
        "--timeout", type=positive_seconds, metavar="S", help="with --network: seconds for each theorem"
    )
    parser.add_argument("--json", metavar="FILE", help="write the verdicts as JSON (- for standard output)")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from exactrelu.theorems import THEOREMS, select

    require_writable(arguments.json, "json")
    chosen = tuple(dict.fromkeys(one for name in arguments.names for one in select(name))) or THEOREMS
    if not (arguments.names or arguments.network or arguments.json):
        return _list(chosen)
    network = None if arguments.network is None else read_network_file(arguments.network, arguments)
    progress = ProgressLine("theorems decided")
    reports: list[dict[str, Any]] = []
    for one in chosen:
        if arguments.json != "-":
            # Before the decision, which may take long: so it is seen what is being decided.
            print(_heading(one), flush=True)
        progress(len(reports) / len(chosen), len(reports))
        reports.append(_report_on_instances(one) if network is None else _report(one, network, arguments))
        progress.clear()
        if arguments.json != "-":
            print(_outcome(reports[-1]), end="\n\n", flush=True)
    if arguments.json:
        write_json(reports, arguments.json)
    return max(_exit_status(report, network is not None) for report in reports)


def _list(theorems: Sequence[Theorem]) -> int:
    names = max(len(one.name) for one in theorems)
    for one in theorems:
        print(f"{one.name:{names}}  {_title(one)} [{one.source}]")
    return 0


def _title(one: Theorem) -> str:
    return one.title if one.false_variant_of is None else f"{one.title} (false variant of {one.false_variant_of})"


def _header(one: Theorem) -> dict[str, Any]:
    return {
        "name": one.name,
        "status": "",
        "source": one.source,
        "title": one.title,
        "statement": one.statement,
        "false_variant_of": one.false_variant_of,
    }


def _report(one: Theorem, network: Network, arguments: argparse.Namespace) -> dict[str, Any]:
    """The verdict on a network that was read from a file."""
    report = _header(one) | {"network": arguments.network}
    try:
        with alarm(arguments.timeout):
            verdict = one.verify(network)
    except TimeIsOver:
        return report | {"status": "undecided", "lines": [f"The time limit of {arguments.timeout:g} s came first."]}
    except ExactReluError as error:
        return report | {"status": "undecided", "lines": [str(error)]}
    return report | {"status": verdict.status, "lines": list(verdict.lines)}


def _report_on_instances(one: Theorem) -> dict[str, Any]:
    """The verdicts on the theorem's own instances, and what they amount to."""
    outcomes = one.run_instances()
    instances = [
        {
            "instance": outcome.instance.id,
            "status": outcome.verdict.status,
            "disagreement": outcome.disagreement,
            "lines": list(outcome.verdict.lines),
        }
        for outcome in outcomes
    ]
    return _header(one) | {"status": one.overall_status(outcomes), "instances": instances}


def _exit_status(report: dict[str, Any], on_network: bool) -> int:
    if report["status"] == "undecided":
        return 2
    if report["false_variant_of"] is not None:
        return 0 if on_network or report["status"] == "refuted" else 1
    return int(report["status"] == "refuted")


def _heading(one: Theorem) -> str:
    parts = [f"{one.name}: {_title(one)}", *_wrapped(one.statement, "  "), f"  Source: {one.source}."]
    return "\n".join([*parts, *(f"  Hypothesis: {hypothesis.text}." for hypothesis in one.hypotheses)])


def _outcome(report: dict[str, Any]) -> str:
    parts = [f"  {report['status'].capitalize()}."]
    if "network" in report:
        parts += _proof(report["lines"])
    for instance in report.get("instances", ()):
        parts.append(f"  On {instance['instance']}: {instance['status']}.")
        if instance["disagreement"] is not None:
            parts.append(f"    But: {instance['disagreement']}.")
        parts += _proof(instance["lines"])
    return "\n".join(parts)


def _proof(lines: Sequence[str]) -> list[str]:
    """The first and last sentences of a proof; the conclusion is at its end."""
    kept = list(lines)
    if len(kept) > _SHOWN:
        kept = [*kept[: _SHOWN - 1], f"({len(kept) - _SHOWN} more sentences with --json)", kept[-1]]
    return [part for line in kept for part in _wrapped(line, "    ")]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
