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
            "Check a certificate against its network file with the stand-alone checker. "
            "Exit status: 0 valid, 1 invalid (with the reason), 2 a file cannot be read."
        ),
        epilog="example:\n  exactrelu check proof.jsonl net.onnx",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("certificate", metavar="CERTIFICATE", help="certificate file")
    parser.add_argument("network", metavar="NET", nargs="?", help="network file (not for emptiness certificates)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    report = check(arguments.certificate, arguments.network)
    print(report.summary(), file=sys.stdout if report.readable else sys.stderr)
    if not report.readable:
        return 2
    return 0 if report.valid else 1
