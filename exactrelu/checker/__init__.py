"""The stand-alone certificate checker: Python's standard library only, nothing of exactrelu.

    python -m exactrelu.checker CERTIFICATE [NETWORK]      inside an installed exactrelu
    python checker CERTIFICATE [NETWORK]                   this folder, copied out alone

Read it in the order of trust: `core` adds up and compares; `statement` reads what is claimed; `certificate` goes
through the lines; `reading` refuses inexact text; `network`, `network_json` and, for ONNX, `onnx_chain` with `chain`,
`onnx_windows`, `onnx_parts` and `protobuf` turn the user's file into integers.  The format is
`docs/certificate-format.md`.  Nothing here searches, rounds or trusts the program that wrote the certificate.
"""

from __future__ import annotations

from .certificate import Report, check

__all__ = ["Report", "check"]
