"""Front ends: networks and domains from files and text, into exact values.

`files` picks a reader by extension or content; `json_format`, `onnx_format`, `nnet` and `state_dict` (which
`safetensors` feeds) read networks, `json_format` and `onnx_writer` write them; `domains` reads the sets of inputs,
`vnnlib` reads queries and `vnnlib_writer` writes them; `normalisation`, `strict_json` and the other `onnx_*` and
`vnnlib_*` modules are their parts.
"""

from exactrelu.io.domains import parse_domain, read_domain_json, write_domain_json
from exactrelu.io.files import load_network
from exactrelu.io.json_format import read_network_json, write_network_json
from exactrelu.io.nnet import NnetFile, parse_nnet, read_nnet
from exactrelu.io.onnx_format import Port, Signature, onnx_signature, read_onnx
from exactrelu.io.onnx_writer import write_onnx
from exactrelu.io.safetensors import read_safetensors
from exactrelu.io.state_dict import network_from_state_dict
from exactrelu.io.vnnlib import ParsedQuery, join_networks, parse_vnnlib, read_vnnlib
from exactrelu.io.vnnlib_writer import format_vnnlib, write_vnnlib

__all__ = [
    "NnetFile",
    "ParsedQuery",
    "Port",
    "Signature",
    "format_vnnlib",
    "join_networks",
    "load_network",
    "network_from_state_dict",
    "onnx_signature",
    "parse_domain",
    "parse_nnet",
    "parse_vnnlib",
    "read_domain_json",
    "read_network_json",
    "read_nnet",
    "read_onnx",
    "read_safetensors",
    "read_vnnlib",
    "write_domain_json",
    "write_network_json",
    "write_onnx",
    "write_vnnlib",
]
