"""The baseline of `verification.py`: input splitting with forward symbolic bounds, plain NumPy, no certificate.

A box is a row of centres and half-widths.  Every unit carries two affine forms in the inputs, one below it and one
above it; where a form is negative in one part of the box and positive in another, ReLU replaces it by a line of slope
u/(u - l), l and u being its own least and largest value: through the origin below, through (l, 0) above.  A query is a
conjunction of inequalities n y <= r; a box is closed when one of them fails on all of it by these bounds, and a query
is `sat` when the centre of a box fulfils all of them.  Otherwise the box is halved at the input with the largest
influence x width on the inequality nearest to failing; the influence is the sum over paths through units that may be
active of the products of |weights|.  (With the forms' own coefficients instead, an input whose influence is hidden in
the constants is never halved, and the search does not end.)  Floats throughout, rounded to nearest: the verdicts are
not proofs.  It reads the ACAS Xu properties 1 to 4 only (bounds on X, conjunctions of comparisons of Y with Y or with
a number).  Run as a command it prints verdict, boxes and seconds.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from exactrelu.io.files import load_network

BATCH = 512
TERM = re.compile(r"\(assert\s*\(([<>]=)\s+(\S+)\s+([^\s)]+)\s*\)\s*\)")


class Outcome(NamedTuple):
    """What a run came to."""

    verdict: str
    boxes: int
    seconds: float


def read_conjunction(path: Path, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper ends of the inputs, and the violation as rows n y <= r."""
    text = re.sub(r";.*", "", path.read_text(encoding="utf-8"))
    ends = np.full((2, inputs), np.nan)
    rows, bounds = [], []
    terms = TERM.findall(text)
    if len(terms) != text.count("(assert"):
        raise SystemExit(f"{path}: the prototype reads conjunctions of simple comparisons only")
    for sign, left, right in terms:
        if left.startswith("X_"):
            ends[0 if sign == ">=" else 1, int(left[2:])] = float(right)
            continue
        row, bound = np.zeros(outputs), 0.0
        for name, factor in ((left, 1.0), (right, -1.0)):
            if name.startswith("Y_"):
                row[int(name[2:])] += factor
            else:
                bound -= factor * float(name)
        rows.append(row if sign == "<=" else -row)
        bounds.append(bound if sign == "<=" else -bound)
    return ends[0], ends[1], np.array(rows), np.array(bounds)


def run(network_file: Path, query_file: Path, limit: float) -> Outcome:
    """Decide one query, or give up after the limit."""
    network = load_network(network_file)
    maps = [(np.array(m.linear, dtype=float), np.array(m.offset, dtype=float)) for m in network.affine_maps]
    low, high, rows, bounds = read_conjunction(query_file, network.n_inputs, network.n_outputs)
    last, offset = maps[-1]
    maps[-1] = (rows @ last, rows @ offset - bounds)
    start = time.perf_counter()
    centres, halves, boxes = (low + high)[None] / 2, (high - low)[None] / 2, 0
    while len(centres):
        if time.perf_counter() - start > limit:
            return Outcome("timed-out", boxes, time.perf_counter() - start)
        c, h = centres[-BATCH:], halves[-BATCH:]
        centres, halves, boxes = centres[:-BATCH], halves[:-BATCH], boxes + len(c)
        values = c.T
        for depth, (matrix, bias) in enumerate(maps):
            values = matrix @ (np.maximum(values, 0) if depth else values) + bias[:, None]
        if (values <= 0).all(axis=0).any():
            return Outcome("sat", boxes, time.perf_counter() - start)
        influence, lower = margins(maps, c, h)
        keep = np.flatnonzero((lower <= 0).all(axis=0))
        pick = influence[lower[:, keep].argmax(axis=0), keep]
        axis = (pick * h[keep]).argmax(axis=1)
        every = np.arange(len(keep))
        c, h = c[keep], h[keep].copy()
        h[every, axis] /= 2
        shift = np.zeros_like(h)
        shift[every, axis] = h[every, axis]
        centres, halves = np.concatenate([centres, c - shift, c + shift]), np.concatenate([halves, h, h])
    return Outcome("unsat", boxes, time.perf_counter() - start)


def margins(maps: list[tuple[np.ndarray, np.ndarray]], c: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Influences (inequality, box, input), and lower bounds (inequality, box) of n y - r; forms are in x - centre."""
    count, inputs = c.shape
    low = high = influence = np.broadcast_to(np.eye(inputs)[:, None, :], (inputs, count, inputs))
    low_at = high_at = np.ascontiguousarray(c.T)
    for depth, (matrix, bias) in enumerate(maps):
        signed = np.hstack([np.maximum(matrix, 0), np.minimum(matrix, 0)])
        influence = (np.abs(matrix) @ influence.reshape(len(influence), -1)).reshape(-1, count, inputs)
        flat = [low.reshape(len(low), -1), high.reshape(len(high), -1)]
        low = (signed @ np.vstack(flat)).reshape(-1, count, inputs)
        high = (signed @ np.vstack(flat[::-1])).reshape(-1, count, inputs)
        values = [low_at, high_at]
        low_at, high_at = signed @ np.vstack(values) + bias[:, None], signed @ np.vstack(values[::-1]) + bias[:, None]
        spread, reach = (np.einsum("ubi,bi->ub", np.abs(form), h) for form in (low, high))
        if depth == len(maps) - 1:
            break
        influence = (high_at + reach > 0)[:, :, None] * influence
        slope, _ = chord(low_at - spread, low_at + spread)
        low, low_at = slope[:, :, None] * low, slope * low_at
        slope, rise = chord(high_at - reach, high_at + reach)
        high, high_at = slope[:, :, None] * high, slope * high_at + rise
    return influence, low_at - spread


def chord(least: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and constant of the line above ReLU between the two values; without the constant it lies below."""
    crossing = (least < 0) & (most > 0)
    slope = np.where(crossing, most / np.where(crossing, most - least, 1), (least >= 0).astype(float))
    return slope, np.where(crossing, -slope * least, 0)


if __name__ == "__main__":
    outcome = run(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
    print(outcome.verdict, outcome.boxes, f"{outcome.seconds:.3f}")
