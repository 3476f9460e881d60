"""Front ends: networks and domains from files and text, into exact values.

`files` picks a reader by extension or content, `json_format` and `onnx_format` read networks (JSON is written too),
`domains` reads the sets of inputs, `vnnlib` reads queries and `vnnlib_writer` writes them; `strict_json` and the
other `onnx_*` and `vnnlib_*` modules are their parts.
"""

from exactrelu.io.domains import parse_domain, read_domain_json, write_domain_json
from exactrelu.io.files import load_network
from exactrelu.io.json_format import read_network_json, write_network_json
from exactrelu.io.onnx_format import read_onnx
from exactrelu.io.vnnlib import ParsedQuery, join_networks, parse_vnnlib, read_vnnlib
from exactrelu.io.vnnlib_writer import format_vnnlib, write_vnnlib

__all__ = [
    "ParsedQuery",
    "format_vnnlib",
    "join_networks",
    "load_network",
    "parse_domain",
    "parse_vnnlib",
    "read_domain_json",
    "read_network_json",
    "read_onnx",
    "read_vnnlib",
    "write_domain_json",
    "write_network_json",
    "write_vnnlib",
]
