"""A piecewise affine function as JSON text, read back exactly.

    {"inputs": n, "outputs": m, "pieces": [{"name": "...", "rows": [[[normal], "<=", offset], ...],
                                            "linear": [[...], ...], "offset": [...]}, ...]}

Numbers are integers or text ("-3/2"); JSON floats are refused.  Rows are integers with "<=" or "==".  Reading what was
written gives an equal value.
"""

from __future__ import annotations

import json
from typing import Any

from exactrelu.errors import FormatError, InputError
from exactrelu.exact.rationals import format_rational
from exactrelu.networks.affine import AffineMap
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.representations.pieces import Piece, PiecewiseAffine

__all__ = ["read_pieces_json", "write_pieces_json"]


def write_pieces_json(function: PiecewiseAffine) -> str:
    """Return the function as JSON text, one line a piece.

    Example:
        >>> line = PiecewiseAffine.of([(HPolyhedron.box([0], [1]), AffineMap.from_parts([["1/2"]], [3]))])
        >>> read_pieces_json(write_pieces_json(line)) == line
        True
    """
    pieces = []
    for piece in function.pieces:
        value = {
            "name": piece.name,
            "rows": [
                [[format_rational(a) for a in normal], relation, format_rational(offset)]
                for normal, relation, offset in piece.polyhedron.system.rows
            ],
            "linear": [[format_rational(a) for a in row] for row in piece.affine_map.linear],
            "offset": [format_rational(a) for a in piece.affine_map.offset],
        }
        pieces.append(json.dumps(value))
    body = ",\n  ".join(pieces)
    return f'{{"inputs": {function.n_inputs}, "outputs": {function.n_outputs}, "pieces": [\n  {body}]}}\n'


def read_pieces_json(text: str) -> PiecewiseAffine:
    """Return the function that `text` describes; it need not be continuous (see `decide_continuity`).

    Raises:
        FormatError: invalid JSON (with line and column), a missing key, a float, or pieces that do not fit; the message
            names the piece.

    Example:
        >>> read_pieces_json('{"inputs": 1, "outputs": 1, "pieces": [{"rows": [], "linear": [[0.5]], "offset": [0]}]}')
        Traceback (most recent call last):
        exactrelu.errors.FormatError: the number 0.5 is a JSON float; quote it to be exact: "0.5"
    """
    try:
        value = json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
    except json.JSONDecodeError as error:
        raise FormatError(f"line {error.lineno} column {error.colno}: {error.msg}") from None
    if not isinstance(value, dict):
        raise FormatError("a JSON object with inputs, outputs and pieces is expected")
    for key in ("inputs", "outputs", "pieces"):
        if key not in value:
            raise FormatError(f"the key {key!r} is missing")
    dimension = value["inputs"]
    if type(dimension) is not int or dimension < 0 or not isinstance(value["pieces"], list):
        raise FormatError("inputs must be a nonnegative integer and pieces a list")
    pieces = []
    for number, entry in enumerate(value["pieces"]):
        try:
            pieces.append(_piece(entry, dimension))
        except (InputError, KeyError, TypeError, ValueError) as error:
            reason = f"the key {error} is missing" if isinstance(error, KeyError) else error
            raise FormatError(f"piece {number}: {reason}") from None
    try:
        function = PiecewiseAffine(tuple(pieces))
    except InputError as error:
        raise FormatError(str(error)) from None
    if function.n_outputs != value["outputs"]:
        raise FormatError(f"outputs is {value['outputs']!r}; the pieces have {function.n_outputs}")
    return function


def _piece(entry: Any, dimension: int) -> Piece:
    rows = [(normal, relation, offset) for normal, relation, offset in entry["rows"]]
    polyhedron = HPolyhedron.from_rows(rows, dimension=dimension)
    return Piece(
        polyhedron,
        AffineMap.from_parts(entry["linear"], entry["offset"], n_inputs=dimension),
        str(entry.get("name", "")),
    )


def _refuse_float(text: str) -> Any:
    raise FormatError(f'the number {text} is a JSON float; quote it to be exact: "{text}"')
