"""The command line: one module a command, and the frame around them.

Every command is a module with `add_parser(subparsers)` and `run(arguments) -> int`.  Exit status: 0 done, 1 the
answer is no (an invalid certificate), 2 wrong usage or unreadable input, 130 interrupted.  Errors of the package
become one line on standard error; a traceback is a defect.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from exactrelu import __version__
from exactrelu.errors import ExactReluError

__all__ = ["main"]

_COMMANDS = ("regions", "show", "atoms", "bounds", "variety", "theorems", "verify", "check")

_DESCRIPTION = "Exact rational analysis of ReLU networks, with evidence that a stand-alone checker verifies."
_EXAMPLES = """examples:
  exactrelu regions net.onnx --domain box:-1:1                      count the regions in a box
  exactrelu regions net.json --cells half-open --json -             configurations in the paper's sense, for programs
  exactrelu regions net.onnx --domain box:0:1 --certificate c.jsonl write a proof of the count
  exactrelu check c.jsonl net.onnx                                  check it
  exactrelu show net.onnx --at "1/2,-1"                             region, affine map and atoms at a point
  exactrelu atoms net.json --at "1/2,-1" --symbolic                 how paths make up the affine map
  exactrelu bounds net.onnx                                         Lipschitz constants
  exactrelu theorems C7 --network net.json                          decide theorems about a network
  exactrelu verify query.vnnlib --network net.onnx                  a verdict with a witness or a proof
  exactrelu variety --widths 3,4,3 --patterns "1100|1010|1001"      equations of the outputs
"""


def build_parser(commands: Sequence[str] = _COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of the named commands; their modules are imported here, because some need half a second."""
    parser = argparse.ArgumentParser(
        prog="exactrelu",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"exactrelu {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands:
        importlib.import_module(f"exactrelu.cli.{command}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = sys.argv[1:] if argv is None else list(argv)
    known = words[:1] if words and words[0] in _COMMANDS else _COMMANDS
    arguments = build_parser(known).parse_args(words)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("exactrelu: interrupted", file=sys.stderr)
        return 130
    except (ExactReluError, OSError) as error:
        print(f"exactrelu: {error}", file=sys.stderr)
        return 2
