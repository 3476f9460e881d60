"""Networks from files, whatever their format.

The extension decides (.json, .onnx, .nnet, .safetensors); with any other the content does: JSON begins with a brace,
everything else is taken for ONNX.  Every failure to read is a FormatError that names the file.

What a format leaves open is said by the caller: the coordinates of a .nnet file, the reading of an irrational root in
an ONNX file.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

from exactrelu.errors import FormatError, InputError
from exactrelu.io.json_format import read_network_json
from exactrelu.io.nnet import read_nnet
from exactrelu.io.normalisation import RootChoice
from exactrelu.io.onnx_format import read_onnx
from exactrelu.io.safetensors import read_safetensors
from exactrelu.io.state_dict import network_from_state_dict
from exactrelu.networks.network import Network

__all__ = ["load_network", "read_bytes", "read_text"]


def load_network(
    path: str | PathLike[str], *, batch_normalisation: RootChoice = None, normalised: bool | None = None
) -> Network:
    """Return the network in a file, exactly; its name is the file's unless the file gives one.

    Args:
        path: a JSON, ONNX, .nnet or .safetensors file; the last as a chain of fully connected layers with ReLUs.
        batch_normalisation: how the root of a batch normalisation is read (see `read_onnx`).
        normalised: for a .nnet file, and only there: whether inputs and outputs are in normalised coordinates.

    Raises:
        FormatError: the file cannot be read, or is no network; the message names the file and the place in it.
        InputError: `normalised` is missing for a .nnet file, or given for another.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if (suffix == ".nnet") is (normalised is None):
        raise InputError(
            f"{file}: say normalised=True (the layers as they are) or False (original units)"
            if normalised is None
            else f"{file} is no .nnet file, so normalised has no meaning for it"
        )
    data = read_bytes(file)
    if normalised is not None:
        return read_nnet(_decode(data, file), normalised=normalised, source=str(file), name=file.stem)
    if suffix == ".safetensors":
        return network_from_state_dict(read_safetensors(data, source=str(file)), name=file.stem, source=str(file))
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
