"""The safetensors format: every element type by its exact value, and every byte accounted for."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exactrelu.errors import FormatError
from exactrelu.io.files import load_network
from exactrelu.io.safetensors import read_safetensors
from exactrelu.networks.network import Network

NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int8": "I8",
    "uint16": "U16",
    "bool": "BOOL",
}


def pack(header: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def write(arrays: dict[str, Any]) -> bytes:
    """A file with the arrays in the order given."""
    header: dict[str, Any] = {"__metadata__": {"format": "np"}}
    body = b""
    for name, array in arrays.items():
        start = len(body)
        body += array.tobytes()
        offsets = [start, len(body)]
        header[name] = {"dtype": NAMES[str(array.dtype)], "shape": list(array.shape), "data_offsets": offsets}
    return pack(header, body)


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_element_types(kind: str) -> None:
    """Arrays of every type, of rank 0 to 3 and empty, come back with the same numbers."""
    arrays = {
        str(shape): np.arange(int(np.prod(shape, dtype=int))).reshape(shape).astype(kind)
        for shape in ((), (3,), (2, 2), (1, 2, 3), (0, 4))
    }
    found = read_safetensors(write(arrays))
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_bfloat16_is_exact() -> None:
    """Sixteen bits are the upper half of a float32: all patterns of one sign but those of NaN."""
    patterns = np.arange(0x7F81, dtype=np.uint16)
    data = pack(
        {"a": {"dtype": "BF16", "shape": [len(patterns)], "data_offsets": [0, 2 * len(patterns)]}}, patterns.tobytes()
    )
    found = read_safetensors(data)["a"]
    assert found[0x3F80] == 1
    assert found[0x4049] == 3.140625
    assert np.isinf(found[0x7F80])
    for k in (1, 0x7F, 0x80, 0x3FC0, 0x7F7F):
        exponent, fraction = k >> 7, k & 0x7F
        value = (
            Fraction(fraction, 128) * Fraction(2) ** -126
            if exponent == 0
            else (1 + Fraction(fraction, 128)) * Fraction(2) ** (exponent - 127)
        )
        assert Fraction(float(found[k])) == value


GOOD = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no safetensors file"),
    "header longer than the file": ((10**9).to_bytes(8, "little") + b"{}", "no safetensors file"),
    "not UTF-8": ((1).to_bytes(8, "little") + b"\xff", "not UTF-8"),
    "not JSON": ((1).to_bytes(8, "little") + b"{", "invalid JSON"),
    "gap": (pack({"a": {**GOOD["a"], "data_offsets": [4, 12]}}, bytes(12)), "lies at bytes 4 to 12"),
    "overlap": (pack({**GOOD, "b": {**GOOD["a"], "data_offsets": [4, 12]}}, bytes(12)), "'b' .* which does not fit"),
    "twice": (pack({**GOOD, "b": GOOD["a"]}, bytes(8)), "does not fit"),
    "too short": (pack(GOOD, bytes(7)), "does not fit"),
    "rest": (pack(GOOD, bytes(9)), "1 bytes at the end belong to no array"),
    "wrong size": (pack({"a": {**GOOD["a"], "shape": [3]}}, bytes(8)), "does not fit"),
    "negative shape": (pack({"a": {**GOOD["a"], "shape": [-2]}}, bytes(8)), "natural numbers"),
    "shape of text": (pack({"a": {**GOOD["a"], "shape": "2"}}, bytes(8)), "natural numbers"),
    "three offsets": (pack({"a": {**GOOD["a"], "data_offsets": [0, 4, 8]}}, bytes(8)), "a start and an end"),
    "type": (pack({"a": {**GOOD["a"], "dtype": "F8_E4M3"}}, bytes(8)), "element type F8_E4M3"),
    "missing key": (pack({"a": {"dtype": "F32"}}, b""), "needs dtype, shape and data_offsets"),
    "entry that is no object": (pack({"a": [1]}, b""), "needs dtype, shape and data_offsets"),
    "key twice": ((16).to_bytes(8, "little") + b'{"a":{},  "a":{}}'[:16], "invalid JSON|occurs twice"),
}


@pytest.mark.parametrize("case", BAD)
def test_damaged_files(case: str) -> None:
    """Each defect is a FormatError with the file's name."""
    data, message = BAD[case]
    with pytest.raises(FormatError, match="^net.safetensors.*" + message):
        read_safetensors(data, source="net.safetensors")


def test_random_damage_raises_nothing_else() -> None:
    """Changed bytes give other arrays or a FormatError."""
    data, chance = pack(GOOD, bytes(8)), random.Random(5)
    for _ in range(1500):
        damaged = bytearray(data)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read_safetensors(bytes(damaged))
        except FormatError:
            continue


def test_a_network_from_a_file(tmp_path: Path) -> None:
    """Weights and biases of a sequence of layers, whatever the order of their bytes."""
    arrays = {
        "net.10.weight": np.float32([[0.1, -1]]),
        "net.10.bias": np.float32([3]),
        "net.2.weight": np.float32([[1, 2], [3, 4]]),
        "net.2.bias": np.float32([0, -1]),
    }
    (tmp_path / "two.safetensors").write_bytes(write(arrays))
    found = load_network(tmp_path / "two.safetensors")
    tenth = Fraction(13421773, 2**27)
    assert found == Network.from_weights([[[1, 2], [3, 4]], [[tenth, -1]]], [[0, -1], [3]])
    assert found.name == "two"
