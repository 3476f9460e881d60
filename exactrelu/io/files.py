"""Networks from files, whatever their format.

The extension decides (.json, .onnx); with any other the content does: JSON begins with a brace.  Every failure to read
is a FormatError that names the file.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

from exactrelu.errors import FormatError
from exactrelu.io.json_format import read_network_json
from exactrelu.io.normalisation import RootReading
from exactrelu.io.onnx_format import read_onnx
from exactrelu.networks.network import Network

__all__ = ["load_network", "read_bytes", "read_text"]


def load_network(path: str | PathLike[str], *, batch_normalisation: RootReading = None) -> Network:
    """Return the network in a JSON or ONNX file, exactly; its name is the file's unless the file gives one.

    Raises:
        FormatError: the file cannot be read, or is no network; the message names the file and the place in it.
    """
    file = Path(path)
    data = read_bytes(file)
    suffix = file.suffix.lower()
    if suffix == ".json" or (suffix != ".onnx" and data.lstrip()[:1] == b"{"):
        network = read_network_json(_decode(data, file), source=str(file))
        return network if network.name else replace(network, name=file.stem)
    return read_onnx(data, source=str(file), name=file.stem, batch_normalisation=batch_normalisation)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; FormatError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a null character in the name
        raise FormatError(f"{str(path)!r} is no file name: {error}") from None


def read_text(path: Path) -> str:
    """Return a file's text in UTF-8; FormatError if it cannot be read."""
    return _decode(read_bytes(path), path)


def _decode(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8 text: byte {error.start} cannot be decoded") from None
