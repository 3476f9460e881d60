"""`exactrelu atoms`: the atomic decomposition of one configuration."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from exactrelu.atoms.decomposition import AtomicDecomposition, Atoms
from exactrelu.atoms.symbolic import input_expressions, symbolic_decomposition
from exactrelu.atoms.text import atoms_to_json, atoms_to_latex, format_atoms
from exactrelu.cli.output import require_writable, write_json
from exactrelu.cli.reading import add_reading_options, read_network_file
from exactrelu.errors import InputError
from exactrelu.exact.rationals import as_vector
from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network

__all__ = ["add_parser", "run"]

_EPILOG = """examples:
  exactrelu atoms net.json --configuration 1011111
  exactrelu atoms net.onnx --at "1/2,-1" --json -
  exactrelu atoms net.json --configuration 1011111 --symbolic --format latex

Indices count from 0.  A configuration has one bit for every hidden unit with a breakpoint, first layer first; it need
not occur.  --symbolic writes the path sums in symbols for weights and biases, and the outputs in the input.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "atoms",
        help="decompose an affine piece into atoms",
        description="Write the affine map of a configuration as a combination of atoms, exactly.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("network", metavar="NET", help="network file, ONNX or JSON")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--configuration", metavar="BITS", help="one bit for every hidden unit, such as 1011111")
    place.add_argument("--at", metavar="POINT", help='take the configuration of a point, such as "1/2,-1"')
    parser.add_argument("--symbolic", action="store_true", help="symbols for weights and biases, and for the input")
    parser.add_argument("--format", choices=["text", "latex", "json"], default="text", help="output (default: text)")
    parser.add_argument("--json", metavar="FILE", help="write the result as JSON (- for standard output)")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    require_writable(arguments.json, "json")
    network = read_network_file(arguments.network, arguments)
    atoms = Atoms(network)
    if arguments.at is not None:
        decomposition = atoms.at(as_vector([part.strip() for part in arguments.at.split(",")], name="--at"))
    else:
        decomposition = atoms.decompose(arguments.configuration)
    report = atoms_to_json(decomposition)
    if arguments.symbolic:
        report["symbolic"] = _symbols(network, decomposition)
    if arguments.json:
        write_json(report, arguments.json)
    if arguments.json == "-":
        return 0
    if arguments.format == "json":
        sys.stdout.write(json.dumps(report, indent=1) + "\n")
    elif arguments.format == "latex":
        print(_generic(network, decomposition).latex() if arguments.symbolic else atoms_to_latex(decomposition))
    else:
        print(format_atoms(decomposition))
        if arguments.symbolic:
            _print_symbols(report["symbolic"])
    return 0


def _generic(network: Network, decomposition: AtomicDecomposition) -> Any:
    """The decomposition in symbols for weights and biases; these formulas are for ReLU units."""
    if not network.hidden:
        raise InputError("--symbolic writes sums over paths through hidden layers; this network has no hidden layer")
    if any(activation != RELU for layer in network.hidden for activation in layer.activations):
        raise InputError("--symbolic writes the formulas for ReLU units; this network has other activations")
    return symbolic_decomposition(network.widths, decomposition.configuration)


def _symbols(network: Network, decomposition: AtomicDecomposition) -> dict[str, Any]:
    generic = _generic(network, decomposition)
    piece = input_expressions(decomposition)
    return {
        "alpha": {f"{i},{j}": str(expression) for (i, j), expression in generic.alpha.items()},
        "beta": {str(i): str(expression) for i, expression in generic.beta.items()},
        "weights": {str(i): str(expression) for i, expression in piece.weights.items()},
        "outputs": [str(expression) for expression in piece.outputs],
    }


def _print_symbols(symbols: dict[str, Any]) -> None:
    print("in symbols (m2_0_1 is entry (0,1) of the second matrix, b2_0 of the second bias)")
    for key, expression in symbols["alpha"].items():
        print(f"  alpha[{key}] = {expression}")
    for key, expression in symbols["beta"].items():
        print(f"  beta[{key}] = {expression}")
    print("in the input")
    for key, expression in symbols["weights"].items():
        print(f"  c[{key}](x) = {expression}")
    for number, expression in enumerate(symbols["outputs"]):
        print(f"  y{number} = {expression}")
