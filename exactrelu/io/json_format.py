"""Networks as JSON text, read strictly and written exactly.

    {"name": "...", "weights": [layer][output][input], "biases": [layer][output],
     "activations": [hidden layer][unit] -> [negative slope, positive slope]}

Numbers are integers or quoted ("-3/2", "0.125"); `name` and `activations` are optional, every hidden unit being a ReLU
without the latter.  Other keys are ignored unless they look like a misspelling.  This is the format that certificates
refer to (docs/certificate-format.md).

Invariant: `read_network_json(write_network_json(network))` equals `network`; not kept is `Network.origins`.
Cost: linear in the text.
"""

from __future__ import annotations

import json
from typing import Any

from exactrelu.errors import FormatError, InputError, ShapeError
from exactrelu.exact.rationals import format_rational
from exactrelu.io.strict_json import numbers, parse_object, require_keys, rows_of_numbers
from exactrelu.networks.activations import RELU, Activation
from exactrelu.networks.network import Network

__all__ = ["read_network_json", "write_network_json"]


def read_network_json(text: str, *, source: str = "network JSON") -> Network:
    """Return the network that `text` describes.

    Args:
        text: one JSON object, as in the module's description.
        source: the file's name for messages.

    Raises:
        FormatError: invalid JSON (with line and column), missing, duplicate or misspelt keys, wrong nesting, ragged or
            misfitting layers (naming layer and row), JSON floats, NaN.

    Example:
        >>> text = '{"weights": [[["1/2"], [-1]], [[1, "0.1"]]], "biases": [[0, 0], [1]]}'
        >>> read_network_json(text).evaluate([4])
        (Fraction(3, 1),)
        >>> read_network_json('{"weights": [[[0.5]]], "biases": [[0]]}', source="half")
        Traceback (most recent call last):
        exactrelu.errors.FormatError: half: weights[0][0][0] is the JSON number 0.5; quote it to be exact: "0.5"
    """
    value = parse_object(text, source=source)
    require_keys(value, required=("weights", "biases"), optional=("activations", "name"), source=source)
    name = value.get("name", "")
    if type(name) is not str:
        raise FormatError(f"{source}: name must be text")
    weights = [rows_of_numbers(rows, f"{source}: weights[{k}]") for k, rows in _layers(value, "weights", source)]
    biases = [numbers(row, f"{source}: biases[{k}]") for k, row in _layers(value, "biases", source)]
    activations = None
    if "activations" in value:
        activations = [
            [_activation(pair, source) for pair in rows_of_numbers(layer, f"{source}: activations[{k}]")]
            for k, layer in _layers(value, "activations", source)
        ]
    try:
        return Network.from_weights(weights, biases, activations=activations, name=name)
    except ShapeError as error:
        raise FormatError(f"{source}: {error}") from None


def write_network_json(network: Network) -> str:
    """Return the network as JSON text with one matrix row a line; reading it gives an equal network with the same name.

    Raises:
        InputError: the first layer has no unit, so that the text could not tell the input's dimension.

    Example:
        >>> print(write_network_json(Network.from_weights([[["1/3", 2]]], [[0]], name="tilt")), end="")
        {"name": "tilt",
         "weights": [
          [["1/3", "2"]]],
         "biases": [
          ["0"]]}
    """
    maps = network.affine_maps
    if maps[0].n_outputs == 0:
        raise InputError("the first layer has no output, so JSON cannot tell the input's dimension; give it a unit")
    weights = [[_row(row) for row in one.linear] for one in maps]
    parts = [
        f'"name": {json.dumps(network.name)}',
        f'"weights": [\n  {_join(["[" + _join(rows, 3) + "]" for rows in weights], 2)}]',
        f'"biases": [\n  {_join([_row(one.offset) for one in maps], 2)}]',
    ]
    if any(activation != RELU for layer in network.hidden for activation in layer.activations):
        slopes = [[_row((a.negative, a.positive)) for a in layer.activations] for layer in network.hidden]
        parts.append(f'"activations": [\n  {_join(["[" + _join(pairs, 3) + "]" for pairs in slopes], 2)}]')
    return "{" + ",\n ".join(parts) + "}\n"


def _layers(value: dict[str, Any], key: str, source: str) -> enumerate[Any]:
    if not isinstance(value[key], list):
        raise FormatError(f"{source}: {key} must be a list with one entry a layer")
    return enumerate(value[key])


def _activation(pair: list[Any], source: str) -> Activation:
    if len(pair) != 2:
        raise FormatError(
            f"{source}: an activation is a pair [negative slope, positive slope], not {len(pair)} entries"
        )
    return Activation(*pair)


def _row(entries: Any) -> str:
    return json.dumps([format_rational(entry) for entry in entries])


def _join(lines: list[str], indent: int) -> str:
    return (",\n" + " " * indent).join(lines)
