"""`exactrelu verify`: decide a VNN-LIB query about ONNX or JSON networks, with a witness or a proof."""

from __future__ import annotations

import argparse
import contextlib
import math
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

from exactrelu.checker import Report, check
from exactrelu.cli.alarm import TimeIsOver, alarm, positive_seconds
from exactrelu.cli.output import approximate, provable_file, require_writable, write_json
from exactrelu.cli.progress import ProgressLine
from exactrelu.cli.reading import add_reading_options, read_network_file
from exactrelu.errors import InputError, MissingExtraError
from exactrelu.exact.rationals import format_rational, parse_rational
from exactrelu.io.files import read_bytes, read_text
from exactrelu.io.float32 import Float32Runtime, Semantics, find_float32_violation, semantics_at
from exactrelu.io.vnnlib import ParsedQuery, join_networks, parse_vnnlib
from exactrelu.networks.network import Network
from exactrelu.verification.certificate import NetworkFile, write_verdict
from exactrelu.verification.decide import decide_query
from exactrelu.verification.questions.query import Query
from exactrelu.verification.verdicts import SEMANTICS, Progress, Satisfiable, Undecided, Verdict

__all__ = ["add_parser", "run"]

_GRACE = 1.0
"""Seconds after the time limit at which a step that takes longer is broken off."""

_EPILOG = """examples:
  exactrelu verify query.vnnlib --network net.onnx
  exactrelu verify query.vnnlib --network net.onnx --timeout 60 --certificate proof.jsonl
  exactrelu verify pair.vnnlib --network f=old.onnx --network g=new.onnx
  exactrelu verify query.vnnlib --network net.onnx --at="-1/2,0.3"

The first line is sat, unsat, unknown or timed-out; "sat" means that the query's assertions, which describe the
violation, can be made true. Verdicts are about real arithmetic on the exact weights and numbers of the files.
With --json - standard output is JSON and nothing else.
Exit status: 0 sat or unsat, 1 unknown or timed-out, 2 wrong usage or unreadable input.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "verify",
        help="decide whether a network can violate a property",
        description="Decide whether some input makes all assertions of a VNN-LIB query true, exactly.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("query", metavar="QUERY", help="VNN-LIB file, version 1.0 or 2.0")
    parser.add_argument(
        "--network",
        action="append",
        required=True,
        metavar="[NAME=]NET",
        help="network file; once for each network that the query declares, with its name if there are several",
    )
    parser.add_argument("--timeout", type=positive_seconds, metavar="S", help="seconds until the search gives up")
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="processes for long searches (default: 1)")
    parser.add_argument("--certificate", metavar="FILE", help="write the proof or the witness, and check it")
    parser.add_argument("--state", metavar="FILE", help="save the search there now and then, and go on from it")
    parser.add_argument("--json", metavar="FILE", help='write the answer as JSON, "-" for standard output')
    parser.add_argument("--at", metavar="POINT", help="evaluate the query at one input in three semantics instead")
    parser.add_argument(
        "--floats-as-reals", action="store_true", help="read a query about float32 numbers as one about real numbers"
    )
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    for option in ("certificate", "json", "state"):
        require_writable(getattr(arguments, option), option)
    text = read_text(Path(arguments.query))
    parsed = parse_vnnlib(text, source=arguments.query, floats_as_reals=arguments.floats_as_reals)
    files = _files(arguments.network, parsed)
    _require_other_files(arguments, [Path(arguments.query), *files.values()])
    networks = {name: read_network_file(path, arguments) for name, path in files.items()}
    query = join_networks(parsed, networks)
    executable = _executable(parsed, files)
    if arguments.at is not None:
        return _evaluate(arguments, query, executable)
    line = ProgressLine("boxes")
    started = time.monotonic()
    limit = None if arguments.timeout is None else arguments.timeout + _GRACE
    latest = Progress(0.0, 0, 0, 0.0)

    def note(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        line(progress.closed, progress.boxes)

    verdict: Verdict
    try:
        with _executor(arguments.jobs) as executor, alarm(limit):
            verdict = decide_query(
                query,
                timeout=arguments.timeout,
                report=note,
                state=arguments.state,
                executor=executor,
            )
    except TimeIsOver:
        verdict = Undecided("the time is over in the middle of a step", latest, "timed-out")
    finally:
        line.clear()
    answer = _answer(query, verdict, time.monotonic() - started)
    if arguments.json != "-":
        _describe(query, verdict, answer)
    if isinstance(verdict, Satisfiable) and verdict.witness is not None:
        answer["float32"] = _replay(query, executable, verdict.witness, quiet=arguments.json == "-")
    report = None
    if arguments.certificate and not isinstance(verdict, Undecided):
        report = _certify(arguments, query, verdict, networks, files, answer)
    if arguments.json is not None:
        write_json(answer, arguments.json)
    if report is not None and not report.valid:
        raise InputError(f"the certificate was not accepted: {report.summary()}")
    return 1 if isinstance(verdict, Undecided) else 0


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of processes")
    return int(text)


@contextlib.contextmanager
def _executor(jobs: int) -> Iterator[Executor | None]:
    """A pool of processes, or None for a single one."""
    if jobs == 1:
        yield None
        return
    # New processes, not copies of this one: each loads its own linear algebra, which then takes one core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def _require_other_files(arguments: argparse.Namespace, inputs: list[Path]) -> None:
    """Refuse to write where something is read, or two things to one file."""
    taken = {path.resolve() for path in inputs}
    for option in ("certificate", "state", "json"):
        target = getattr(arguments, option)
        if target is None or (target == "-" and option == "json"):
            continue
        if target == "-":
            raise InputError(f"--{option} needs the name of a file; only --json can be written to standard output")
        if Path(target).resolve() in taken:
            raise InputError(f"--{option}: {target} is another file of this command; name a new one")
        taken.add(Path(target).resolve())


def _files(given: list[str], parsed: ParsedQuery) -> dict[str, Path]:
    """The file of every declared network that has one of its own, in the order of the declarations."""
    own = [declared.name for declared in parsed.networks if declared.equal_to is None]
    if len(own) == 1 and len(given) == 1 and ("=" not in given[0] or Path(given[0]).exists()):
        return {own[0]: Path(given[0])}
    found: dict[str, Path] = {}
    for entry in given:
        name, separator, path = entry.partition("=")
        original = next((d.equal_to for d in parsed.networks if d.name == name), None)
        if original is not None:
            raise InputError(f"--network {entry}: the query declares {name} equal to {original}; give no file for it")
        if not separator or name not in own or name in found:
            raise InputError(f"--network {entry}: write NAME=FILE, once for each of {', '.join(own)}")
        found[name] = Path(path)
    missing = [name for name in own if name not in found]
    if missing:
        raise InputError(f"--network: the query declares {missing[0]}; add --network {missing[0]}=FILE")
    return {name: found[name] for name in own}


def _executable(parsed: ParsedQuery, files: dict[str, Path]) -> Path | None:
    """The ONNX file that computes all outputs of the query; None if there are several networks, or another format."""
    (file, *_) = files.values()
    return file if len(parsed.networks) == 1 and file.suffix.lower() == ".onnx" else None


def _answer(query: Query, verdict: Verdict, seconds: float) -> dict[str, Any]:
    answer: dict[str, Any] = {"verdict": verdict.status, "semantics": SEMANTICS, "seconds": round(seconds, 3)}
    if isinstance(verdict, Satisfiable) and verdict.witness is not None and verdict.output is not None:
        values = (*verdict.witness, *verdict.output)
        answer["witness"] = {name: format_rational(x) for name, x in zip(query.names, values, strict=True)}
    if isinstance(verdict, Undecided):
        answer["reason"] = verdict.reason
        answer["progress"] = _progress(verdict.progress)
    return answer


def _progress(progress: Progress) -> dict[str, Any]:
    return {"closed": progress.closed, "boxes": progress.boxes, "open_boxes": progress.open_boxes}


def _describe(query: Query, verdict: Verdict, answer: dict[str, Any]) -> None:
    """Print the answer for people; the verdict is the first line."""
    print(verdict.status, flush=True)
    print(f"semantics: {SEMANTICS}")
    if isinstance(verdict, Satisfiable):
        if verdict.witness is None:
            print("the solutions found are irrational; the certificate names a segment that contains one")
        elif verdict.output is not None:
            for name, value in zip(query.names, (*verdict.witness, *verdict.output), strict=True):
                print(f"  {name} = {_number(value)}")
    elif isinstance(verdict, Undecided):
        share = verdict.progress
        print(f"{verdict.reason}: {_share(share.closed)} of the inputs decided, {share.open_boxes} boxes open")
    print(f"time: {answer['seconds']} s")


def _share(closed: float) -> str:
    """The decided share, rounded down: what is undecided never says 100%.

    >>> _share(0.99996), _share(0.5)
    ('99.9%', '50.0%')
    """
    return f"{min(math.floor(1000 * closed) / 10, 99.9):.1f}%"


def _number(value: Fraction) -> str:
    exact = format_rational(value)
    if len(exact) <= 24:
        return exact
    return f"{exact if len(exact) <= 60 else exact[:57] + '...'}  (about {approximate(value)})"


def _replay(query: Query, file: Path | None, witness: tuple[Fraction, ...], *, quiet: bool) -> dict[str, Any]:
    """Look for a float32 input near the witness that violates the property in a float32 runtime too."""
    label = "float32 replay"
    if file is None:
        return {"found": None, "reason": "a replay needs one network in an ONNX file"}
    try:
        runtime = Float32Runtime(file)
        found = find_float32_violation(runtime, query, witness)
    except (MissingExtraError, InputError) as error:
        if not quiet:
            print(f"{label}: not run ({error})")
        return {"found": None, "reason": str(error)}
    if not quiet:
        if found is None:
            print(f"{label} ({runtime.name}): no violating float32 input was found near the witness")
        else:
            values = ", ".join(f"{float(x):.9g}" for x in found[0])
            print(f"{label} ({runtime.name}): violated too at the float32 input {values}")
    if found is None:
        return {"found": False, "runtime": runtime.name}
    return {"found": True, "runtime": runtime.name, "input": [format_rational(x) for x in found[0]]}


def _certify(
    arguments: argparse.Namespace,
    query: Query,
    verdict: Verdict,
    networks: dict[str, Network],
    files: dict[str, Path],
    answer: dict[str, Any],
) -> Report:
    """Write the certificate, check it with the stand-alone checker, and say how large and how quick that was."""
    provable = {
        name: provable_file(path, networks[name], Path(f"{arguments.certificate}.{name}.json"))
        for name, path in files.items()
    }
    sources = [NetworkFile(networks[name], read_bytes(path)) for name, path in provable.items()]
    size = write_verdict(arguments.certificate, verdict, query, sources, read_bytes(Path(arguments.query)))
    started = time.monotonic()
    report = check(arguments.certificate, list(provable.values()), arguments.query)
    seconds = round(time.monotonic() - started, 3)
    answer["certificate"] = {
        "file": arguments.certificate,
        "bytes": size,
        "valid": report.valid,
        "check_seconds": seconds,
        "networks": [str(path) for path in provable.values()],
    }
    for name, path in provable.items():
        if path != files[name] and arguments.json != "-":
            print(f"the checker does not read {files[name]}; the certificate is about its lowered form {path}")
    if arguments.json != "-":
        print(f"certificate: {arguments.certificate}, {size} bytes, checked in {seconds} s: {report.summary()}")
    return report


def _evaluate(arguments: argparse.Namespace, query: Query, file: Path | None) -> int:
    """Evaluate the query at one input, in three semantics."""
    point = tuple(parse_rational(text.strip()) for text in arguments.at.split(","))
    if len(point) != query.network.n_inputs:
        raise InputError(f"--at has {len(point)} coordinates; the query has {query.network.n_inputs} inputs")
    if file is None:
        raise InputError("--at compares with a float32 runtime; it needs a query about one network in an ONNX file")
    rows = _semantics_rows(semantics_at(Float32Runtime(file), query, point))
    if arguments.json is not None:
        answer = [
            {"semantics": label, "violated": held, "output": [format_rational(y) for y in output]}
            for label, held, output in rows
        ]
        write_json(answer, arguments.json)
    if arguments.json != "-":
        for label, held, output in rows:
            print(f"{'violated' if held else 'not violated'}: {label}")
            print("    output " + ", ".join(map(approximate, output)))
    return 0


def _semantics_rows(found: Semantics) -> list[tuple[str, bool, tuple[Fraction, ...]]]:
    return [
        ("real arithmetic at the exact input", found.exact, found.output),
        ("real arithmetic at the input rounded to float32", found.rounded, found.rounded_output),
        (f"{found.runtime}, at the input rounded to float32", found.executed, found.executed_output),
    ]
