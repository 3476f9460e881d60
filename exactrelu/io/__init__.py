"""Front ends: networks and domains from files and text, into exact values.

`files` picks a reader by extension or content, `json_format` and `onnx_format` read networks (JSON is written too),
`domains` reads the sets of inputs; `strict_json` and the other `onnx_*` modules are their parts.
"""

from exactrelu.io.domains import parse_domain, read_domain_json, write_domain_json
from exactrelu.io.files import load_network
from exactrelu.io.json_format import read_network_json, write_network_json
from exactrelu.io.onnx_format import read_onnx

__all__ = [
    "load_network",
    "parse_domain",
    "read_domain_json",
    "read_network_json",
    "read_onnx",
    "write_domain_json",
    "write_network_json",
]
