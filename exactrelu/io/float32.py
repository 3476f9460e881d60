"""What a float32 runtime answers at a point: a fact about that runtime, kept apart from the exact verdict.

Three semantics can disagree at one input, and each is reported under its name:

- *exact*: real arithmetic at the rational input itself;
- *rounded input*: real arithmetic at the nearest float32 numbers, which is all a float32 program can be given;
- *executed*: onnxruntime in float32 at those numbers, its outputs taken as the binary numbers they are.

`find_float32_violation` looks for float32 inputs near a rational counterexample whose execution violates the property
too.  Numbers beyond the float32 range have no counterpart there: such inputs are refused, such outputs violate nothing.
Cost: one run of the network for each point.  Needs the package onnxruntime (in the extra `test`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import InputError, MissingExtraError
from exactrelu.exact.rationals import format_rational
from exactrelu.io.onnx_format import onnx_signature
from exactrelu.verification.questions.formulas import evaluate
from exactrelu.verification.questions.query import Query

__all__ = ["Float32Runtime", "Semantics", "find_float32_violation", "nearest_float32", "semantics_at"]

Float32 = NDArray[np.float32]
LARGEST = Fraction(float(np.finfo(np.float32).max))


@dataclass(frozen=True, slots=True)
class Semantics:
    """Whether the formula holds at one input, in each of three semantics.

    point, output: rational input and exact output.  rounded_point, rounded_output: at the nearest float32 input, exact.
    executed_output: the runtime's output there.
    """

    point: tuple[Fraction, ...]
    output: tuple[Fraction, ...]
    exact: bool
    rounded_point: tuple[Fraction, ...]
    rounded_output: tuple[Fraction, ...]
    rounded: bool
    executed_output: tuple[Fraction, ...]
    executed: bool
    runtime: str


class Float32Runtime:
    """An ONNX file in onnxruntime, on one core; `run` maps (P, d) float32 inputs to (P, m) outputs.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        InputError: it refuses the file, or (in `run`) fails to run it.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtraError("a float32 replay needs onnxruntime: pip install onnxruntime") from None
        self.name = f"onnxruntime {onnxruntime.__version__}, float32"
        data = Path(path).read_bytes()
        signature = onnx_signature(data, source=str(path), batch_normalisation="float32")
        self._inputs = signature.inputs
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions have no common base of their own
            raise InputError(f"{self.name}, refuses {path}: {_first_line(error)}") from None

    def run(self, points: Float32) -> Float32:
        """Return the outputs at the rows of `points`, one call for each."""
        outputs = []
        for row in points:
            feed = {
                port.name: row[port.start : port.start + int(np.prod(port.shape))].reshape(port.shape)
                for port in self._inputs
            }
            try:
                found: list[Any] = self._session.run(None, feed)
            except Exception as error:
                raise InputError(f"{self.name}, cannot run the network: {_first_line(error)}") from None
            outputs.append(np.concatenate([np.asarray(one, dtype=np.float32).ravel() for one in found]))
        return np.stack(outputs)


def nearest_float32(value: Fraction) -> np.float32:
    """Return the float32 nearest to a rational, the even one of two.

    Raises:
        InputError: the value is beyond the largest float32.

    >>> str(nearest_float32(Fraction(1, 10)))
    '0.1'
    """
    if abs(value) > LARGEST:
        exact = format_rational(value)
        raise InputError(f"{exact if len(exact) <= 40 else exact[:37] + '...'} is beyond the largest float32 number")
    near = np.float32(float(value))  # rounds twice; a neighbour may be nearer
    around = [near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))]
    finite = [x for x in around if np.isfinite(x)]
    return min(finite, key=lambda x: (abs(Fraction(float(x)) - value), int(np.asarray(x).view(np.int32)) & 1))


def semantics_at(runtime: Float32Runtime, query: Query, point: Sequence[Fraction]) -> Semantics:
    """Evaluate a query at a rational input in the three semantics.

    Raises:
        InputError: the input is beyond the float32 range, or the executed output is infinite or no number.
    """
    exact_point = tuple(point)
    output = query.network.evaluate(exact_point)
    floats = np.array([nearest_float32(x) for x in exact_point], dtype=np.float32)
    rounded_point = _fractions(floats)
    rounded_output = query.network.evaluate(rounded_point)
    executed = runtime.run(floats[None])[0]
    if not np.isfinite(executed).all():
        raise InputError(f"{runtime.name}: the output {', '.join(map(str, executed))} is not a real number")
    executed_output = _fractions(executed)
    return Semantics(
        exact_point,
        output,
        evaluate(query.formula, (*exact_point, *output)),
        rounded_point,
        rounded_output,
        evaluate(query.formula, (*rounded_point, *rounded_output)),
        executed_output,
        evaluate(query.formula, (*rounded_point, *executed_output)),
        runtime.name,
    )


def find_float32_violation(
    runtime: Float32Runtime, query: Query, witness: Sequence[Fraction], *, tries: int = 200, seed: int = 0
) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]] | None:
    """Return a float32 input near the witness, and the runtime's output there, that make the formula true.

    The nearest float32 point is tried first, then points around it, ever further away.  None says nothing but that
    none was found.
    """
    if any(abs(x) > LARGEST for x in witness):
        return None
    start = np.array([nearest_float32(x) for x in witness], dtype=np.float32)
    generator = np.random.default_rng(seed)
    step = np.spacing(np.abs(start))
    for attempt in range(tries):
        shift = generator.integers(-1, 2, len(start)) if attempt else np.zeros(len(start))
        with np.errstate(over="ignore"):
            candidate = (start + shift * step * 2.0 ** (attempt * 20 // tries)).astype(np.float32)
        if not np.isfinite(candidate).all():
            continue
        point = _fractions(candidate)
        if not all(evaluate(part, point) for part in query.input_conjuncts()):
            continue
        executed = runtime.run(candidate[None])[0]
        if np.isfinite(executed).all() and evaluate(query.formula, (*point, *_fractions(executed))):
            return point, _fractions(executed)
    return None


def _fractions(values: Float32) -> tuple[Fraction, ...]:
    return tuple(Fraction(float(x)) for x in values)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
