"""The command: check one certificate, print one line, exit with 0 (valid), 1 (invalid) or 2 (usage, unreadable file).

`python -m exactrelu.checker` and `python checker` (the folder copied out alone) both come here.  In the second case
there is no package around this file, so the folder itself is loaded as one: from its own path, without touching
`sys.path`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

USAGE = """usage: python -m exactrelu.checker CERTIFICATE [NETWORK]
   or: python -m exactrelu.checker CERTIFICATE NETWORK... QUERY
   or: python checker ...                            (this folder alone; nothing else is needed)

Checks that a certificate (JSON lines) proves its claim about the network file (JSON or ONNX), or, for a verdict
('sat', 'unsat'), about the network files and the query file (VNN-LIB), which comes last.
The claim 'infeasible' is about a linear system and takes no network.
Exit status: 0 valid, 1 invalid (the first reason is printed), 2 wrong usage or an unreadable file."""


def _load_checker() -> Any:
    if __package__:
        return importlib.import_module(__package__)
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        "exactrelu_checker", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        sys.exit("the checker's folder is incomplete")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status."""
    if arguments in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if not arguments or any(argument.startswith("-") for argument in arguments):
        print(USAGE, file=sys.stderr)
        return 2
    certificate, *files = arguments
    checker = _load_checker()
    report = checker.check(certificate, files[:-1], files[-1]) if len(files) > 1 else checker.check(certificate, files)
    # A terminal that knows no Unicode must not turn a reason that quotes the file into a traceback.
    line = report.summary().encode("ascii", "backslashreplace").decode("ascii")
    print(line, file=sys.stdout if report.readable else sys.stderr)
    return 0 if report.valid else 1 if report.readable else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
