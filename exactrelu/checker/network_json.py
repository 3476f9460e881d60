"""The reader of network JSON files.

    {"name": "...", "weights": [layer][output][input], "biases": [layer][output],
     "activations": [hidden layer][unit] -> [a, b]}

Numbers are rationals as `reading` defines them; a JSON float is refused, because `0.1` in a file would mean one thing
to a person and another to a computer.  Without `activations` every hidden neuron has the slopes `(0, 1)`.  Other keys
are ignored, but no key may occur twice.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .network import RELU, Network, rational_layer
from .reading import Invalid, Unreadable, parse_json, rational

__all__ = ["read_network_json"]


def read_network_json(data: bytes) -> Network:
    """Read a network from the bytes of its JSON file.

    Raises:
        Unreadable: the bytes are no such file; the message says where.

    >>> net = read_network_json(b'{"weights": [[[1], [-1]], [[1, 1]]], "biases": [[0, 0], [0]]}')
    >>> net.inputs, net.units
    (1, 2)
    """
    try:
        entries = parse_json(data.decode("utf-8"))
        if "weights" not in entries or "biases" not in entries:
            raise Invalid("the keys 'weights' and 'biases' are needed")
        weights = _list(entries["weights"], "weights")
        biases = _list(entries["biases"], "biases", len(weights))
        hidden = max(len(weights) - 1, 0)
        activations = _list(entries["activations"], "activations", hidden) if "activations" in entries else None
        layers = []
        for number, (matrix, bias) in enumerate(zip(weights, biases, strict=True)):
            where = f"layer {number}"
            rows = [_rationals(row, f"weights of {where}") for row in _list(matrix, f"weights of {where}")]
            slopes: list[tuple[Fraction, Fraction]] | None = None
            if number < hidden:
                slopes = _slopes(activations[number], where) if activations is not None else [RELU] * len(rows)
            layers.append(rational_layer(rows, _rationals(bias, f"biases of {where}"), slopes))
    except UnicodeDecodeError:
        raise Unreadable("the network file is not UTF-8 text") from None
    except Invalid as error:
        raise Unreadable(f"network file: {error}") from None
    return Network(tuple(layers))


def _list(value: object, where: str, count: int | None = None) -> list[Any]:
    if type(value) is not list or (count is not None and len(value) != count):
        raise Invalid(f"{where} must be a list" + ("" if count is None else f" of {count} entries"))
    return value


def _rationals(values: object, where: str) -> list[Fraction]:
    return [rational(value, where) for value in _list(values, where)]


def _slopes(pairs: object, where: str) -> list[tuple[Fraction, Fraction]]:
    where = f"activations of {where}"
    result = []
    for pair in _list(pairs, where):
        negative, positive = _list(pair, where, 2)
        result.append((rational(negative, where), rational(positive, where)))
    return result
