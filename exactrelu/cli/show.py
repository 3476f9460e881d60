"""`exactrelu show`: what a network is at one point: configuration, affine map, closed region, atoms."""

from __future__ import annotations

import argparse
from math import gcd
from typing import Any

from exactrelu.atoms.decomposition import Atoms
from exactrelu.atoms.text import format_atoms
from exactrelu.cli.output import format_affine_map, require_writable, write_json
from exactrelu.cli.reading import add_reading_options, read_network_file
from exactrelu.errors import InvariantError
from exactrelu.exact.rationals import as_vector, format_rational
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.configuration import configuration_at, covector_at
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.polyhedra.redundancy import IrredundantSystem
from exactrelu.regions.notions import Notion
from exactrelu.regions.problem import Problem

__all__ = ["add_parser", "run"]

_MOST_ATOMS = 12  # more would bury the rest

_EPILOG = """example:
  exactrelu show net.onnx --at "1/2,-0.25"

Coordinates are exact: 0.1 is 1/10.  A point that begins with a minus sign needs --at=-1,2.
On a tie (a preactivation exactly zero) the configuration has bit 0.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "show",
        help="show the region, its inequalities and the affine map at a point",
        description="Show the configuration of a point, its closed region polyhedron and the affine map there.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("network", metavar="NET", help="network file, ONNX or JSON")
    parser.add_argument("--at", required=True, metavar="POINT", help='coordinates, such as "1/2,-1"')
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    require_writable(arguments.json, "json")
    network = read_network_file(arguments.network, arguments)
    point = as_vector([part.strip() for part in arguments.at.split(",")], name="--at")
    value = network.evaluate(point)
    configuration = configuration_at(network, point)
    covector = covector_at(network, point)
    here = affine_map(network, configuration)
    region = _irredundant_region(network, configuration.bits)
    ties = [unit for unit, sign in enumerate(covector) if sign == 0]
    if arguments.json:
        report: dict[str, Any] = {
            "point": [format_rational(x) for x in point],
            "value": [format_rational(y) for y in value],
            "configuration": configuration.bits,
            "covector": list(covector),
            "linear": [[format_rational(a) for a in row] for row in here.linear],
            "offset": [format_rational(b) for b in here.offset],
            "region": [
                {
                    "normal": [format_rational(a) for a in normal],
                    "relation": relation,
                    "offset": format_rational(offset),
                }
                for normal, relation, offset in region.rows
            ],
        }
        write_json(report, arguments.json)
    if arguments.json != "-":
        print(f"point          {', '.join(map(format_rational, point))}")
        print(f"value          {', '.join(map(format_rational, value))}")
        print(f"configuration  {' '.join(configuration.by_layer(network))}")
        if ties:
            print(
                f"ties           preactivation zero at unit{'s' if len(ties) > 1 else ''} {', '.join(map(str, ties))}"
            )
        print("affine map")
        for line in format_affine_map(here):
            print(f"  {line}")
        print(f"closed region ({len(region)} inequalities that matter)")
        for line in str(region).splitlines():
            print(f"  {line}")
        atoms = Atoms(network).decompose(configuration)
        if atoms.n_atoms_formal <= _MOST_ATOMS:
            print(format_atoms(atoms))
        else:
            print(
                f"atoms          {atoms.n_atoms_formal} formal, {atoms.n_atoms_nonzero} non-zero: see `exactrelu atoms`"
            )
    return 0


def _irredundant_region(network: Network, bits: str) -> LinearSystem:
    """Return the closed region polyhedron of a configuration without redundant rows."""
    problem = Problem(network, HPolyhedron.space(network.n_inputs), Notion.HALF_OPEN)
    result = HPolyhedron(problem.system(bits).closure()).irredundant()
    if not isinstance(result, IrredundantSystem):
        raise InvariantError("the region of a point that exists is empty")
    return LinearSystem.from_integer_rows(
        (
            (tuple(a // common for a in normal), relation, offset // common)
            for normal, relation, offset in result.system.rows
            for common in (gcd(*normal, offset) or 1,)
        ),
        dimension=network.n_inputs,
    )
