"""`exactrelu check`: let the stand-alone checker decide about a certificate."""

from __future__ import annotations

import argparse
import sys

from exactrelu.checker import check

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "check",
        help="check a certificate",
        description=(
            "Check a certificate against the files it is about with the stand-alone checker: the network file, and for "
            "a verdict (sat, unsat) the query file after it. "
            "Exit status: 0 valid, 1 invalid (with the reason), 2 a file cannot be read."
        ),
        epilog="examples:\n  exactrelu check proof.jsonl net.onnx\n  exactrelu check proof.jsonl net.onnx query.vnnlib",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("certificate", metavar="CERTIFICATE", help="certificate file")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="network file (none for emptiness certificates); for a verdict the network files, then the query file",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    files = arguments.files
    report = (
        check(arguments.certificate, files[:-1], files[-1]) if len(files) > 1 else check(arguments.certificate, files)
    )
    print(report.summary(), file=sys.stdout if report.readable else sys.stderr)
    if not report.readable:
        return 2
    return 0 if report.valid else 1
