"""`exactrelu variety`: dimension, rank constraints and equations of a pattern variety or an output variety."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from exactrelu.cli.output import require_writable, write_json
from exactrelu.cli.progress import ProgressLine
from exactrelu.errors import FormatError, InputError
from exactrelu.exact.rationals import format_rational
from exactrelu.io.files import read_text
from exactrelu.io.strict_json import parse_object, require_keys, rows_of_numbers
from exactrelu.varieties.architecture import parse_patterns, parse_widths
from exactrelu.varieties.membership import OnKnownEquations, RankViolation, ValueViolation
from exactrelu.varieties.realisability import Realisable, Unrealisable
from exactrelu.varieties.variety import PatternVariety

__all__ = ["add_parser", "run"]

_EPILOG = """examples:
  exactrelu variety --widths 3,4,3 --patterns "1100|1010|1001"
  exactrelu variety --widths 3,3,2,3,3 --patterns "111.11.111|011.11.111" --json -
  exactrelu variety --widths 2,2,2 --patterns "11|10" --data outputs.json

Blocks are separated by |, hidden layers by a point; 1 is on.  The data file is JSON:
  {"inputs": [block][coordinate][input], "outputs": [block][output][input]}
with quoted numbers; outputs are optional and are then tested against the rank constraints and the generators found.
Exit status 1: the outputs are impossible, since an equation fails or since no parameters have the patterns on the
inputs.  Exit status 0 does not prove that they are possible.  Without data the variety is that of the block matrices.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "variety",
        help="equations that outputs satisfy for given activation patterns",
        description="Compute dimension, rank constraints and generators of a pattern variety, exactly.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--widths", required=True, metavar="N0,...,NL", help="widths, input and output included")
    parser.add_argument("--patterns", required=True, metavar="TEXT", help='activation patterns, such as "110|011"')
    parser.add_argument("--bias", action="store_true", help="the layers have biases")
    parser.add_argument("--data", metavar="FILE", help="inputs of every block, and optionally outputs to test")
    parser.add_argument("--max-degree", type=int, default=3, metavar="D", help="last degree of generators (default: 3)")
    parser.add_argument("--latex", action="store_true", help="print the constraints in LaTeX only; not with --json")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    if arguments.max_degree < 1:
        raise InputError(f"--max-degree is {arguments.max_degree}; it must be at least 1")
    require_writable(arguments.json, "json")
    if arguments.latex and arguments.json:
        raise InputError("--latex prints the constraints and nothing else; leave out --json, or --latex")
    inputs, outputs = _read_data(Path(arguments.data)) if arguments.data else (None, None)
    variety = PatternVariety.of(
        parse_widths(arguments.widths), parse_patterns(arguments.patterns), bias=arguments.bias, inputs=inputs
    )
    if arguments.latex:
        if outputs is not None:
            raise InputError(f"--latex does not test outputs; leave out --latex, or the outputs in {arguments.data}")
        print("\n".join(variety.latex_equations()))
        return 0
    line = ProgressLine("weight spaces")
    try:
        report = variety.to_dict(arguments.max_degree, progress=line)
    finally:
        line.clear()
    if inputs is not None:
        report["realisable"] = _realisable(variety)
    if outputs is not None:
        report["outputs"] = _tested(variety, outputs, report)
    if arguments.json:
        write_json(report, arguments.json)
    if arguments.json != "-":
        _print(report)
    if report["stopped"] and arguments.json != "-":
        print(f"exactrelu: {report['stopped']}", file=sys.stderr)
    return 1 if outputs is not None and report["outputs"]["possible"] is False else 0


def _read_data(path: Path) -> tuple[list[list[list[Any]]], list[list[list[Any]]] | None]:
    """Inputs as rows, and outputs if the file has them."""
    source = str(path)
    value = parse_object(read_text(path), source=source)
    require_keys(value, required=("inputs",), optional=("outputs",), source=source)
    tables = {}
    for key in ("inputs", "outputs"):
        if key in value:
            if not isinstance(value[key], list):
                raise FormatError(f"{source}: {key} must be a list with one matrix per block")
            tables[key] = [rows_of_numbers(m, f"{source}: {key}[{i}]") for i, m in enumerate(value[key])]
    return tables["inputs"], tables.get("outputs")


def _realisable(variety: PatternVariety) -> bool | None:
    """Whether some parameters have the patterns on the inputs; None if it stayed open."""
    answer = variety.decide_realisability()
    return True if isinstance(answer, Realisable) else False if isinstance(answer, Unrealisable) else None


def _tested(variety: PatternVariety, outputs: list[list[list[Any]]], report: dict[str, Any]) -> dict[str, Any]:
    """What the equations of the report say about outputs; `possible` is False or, since nothing proves it, None."""
    answer = variety.check_outputs(outputs, max_degree=report["through_degree"])
    if isinstance(answer, OnKnownEquations):
        return {
            "possible": False if report["realisable"] is False else None,
            "satisfies_known_equations": True,
            "constraints_tested": answer.n_constraints,
            "generators_tested": answer.n_generators,
        }
    refuted: dict[str, Any] = {"possible": False, "satisfies_known_equations": False}
    if isinstance(answer, ValueViolation):
        return {**refuted, "equation": str(answer.polynomial), "value": format_rational(answer.value)}
    return {**refuted, **_minor_to_json(answer)}


def _minor_to_json(violation: RankViolation) -> dict[str, Any]:
    return {
        "violated": violation.constraint.to_dict(),
        "rows": list(violation.minor.rows),
        "columns": list(violation.minor.columns),
        "submatrix": [[format_rational(a) for a in row] for row in violation.submatrix.to_fractions()],
        "minor": format_rational(violation.value),
    }


def _print(report: dict[str, Any]) -> None:
    expected = report["expected"]
    bias = " with biases" if report["bias"] else ""
    print(f"architecture        {'-'.join(map(str, report['widths']))}{bias}")
    print(f"patterns            {' | '.join(report['patterns'])}")
    print(f"parameters          {report['parameters']}")
    print(f"dimension           {report['dimension']} of {report['ambient']} ({report['dimension_status']})")
    print(
        f"expected dimension  {expected['type']} by types, {expected['scale']} by scaling, "
        f"{expected['rank']} by rank constraints; defect {report['defect']}"
        + (f" ({report['defect_reason']})" if report["defect_reason"] else "")
    )
    print(f"linear relations    {report['linear_relations']}")
    print(f"rank constraints    {len(report['constraints'])}, conormal codimension {report['conormal_codim']}")
    for constraint in report["constraints"]:
        print(f"  rank({constraint['form']}) <= {constraint['bound']}    {constraint['reason']}")
    generators = ", ".join(f"{count} of degree {degree}" for degree, count in report["generators"].items())
    print(f"generators          {generators or 'none'} (through degree {report['through_degree']})")
    print(f"completeness        {report['completeness']}: {report['completeness_reason']}")
    if "realisable" in report:
        words = {True: "yes", False: "no: the variety says nothing about networks", None: "not decided"}
        print(f"patterns possible   {words[report['realisable']]}")
    if "outputs" in report:
        _print_outputs(report["outputs"])


def _print_outputs(tested: dict[str, Any]) -> None:
    if "violated" in tested:
        form, bound = tested["violated"]["form"], tested["violated"]["bound"]
        print(f"outputs             impossible: rank({form}) > {bound}, since the minor with")
        print(f"  rows {tested['rows']} and columns {tested['columns']} is {tested['minor']}")
    elif "equation" in tested:
        print(f"outputs             impossible: an equation of the variety has the value {tested['value']}:")
        print(f"  {tested['equation']}")
    else:
        if tested["possible"] is False:
            print("outputs             impossible: no parameters have the patterns on the inputs")
        print(
            f"equations           the outputs satisfy the {tested['constraints_tested']} constraints and "
            f"{tested['generators_tested']} generators that are known"
        )
