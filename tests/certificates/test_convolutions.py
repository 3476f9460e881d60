"""Certificates about convolutional files: the checker reads convolution and pooling itself and accepts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from exactrelu import HPolyhedron, check, enumerate_regions, load_network, write_certificate

pytest.importorskip("onnx")

from onnx import helper, numpy_helper

from tests.io.onnx_models import model_of, weights

node = helper.make_node


@pytest.mark.parametrize("pooling", ["MaxPool", "AveragePool"])
def test_a_row_of_four_pixels(pooling: str, tmp_path: Path) -> None:
    """Convolution, rectifier, pooling, dense layer: the enumeration is certified from the file, a change is noticed."""
    kernel = weights("K", (2, 1, 2), 3)
    model = model_of(
        [
            node("Conv", ["x", "K"], ["c"], pads=[0, 1]),
            node("Relu", ["c"], ["r"]),
            node(pooling, ["r"], ["p"], kernel_shape=[2], strides=[2]),
            node("Dropout", ["p"], ["d"]),
            node("Flatten", ["d"], ["f"]),
            node("Gemm", ["f", "W"], ["y"]),
        ],
        [kernel, weights("W", (4, 1), 4)],
        (1, 1, 4),
    )
    file, proof = tmp_path / "net.onnx", tmp_path / "proof.jsonl"
    before = model.SerializeToString()
    file.write_bytes(before)
    network = load_network(file)
    write_certificate(proof, enumerate_regions(network, HPolyhedron.cube(4)), file)
    report = check(proof, file)
    assert report.valid, report.reason
    assert (report.units, report.inputs) == (network.n_units, 4)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(kernel), "K"))
    after = model.SerializeToString()
    file.write_bytes(after)
    assert "another network file" in str(check(proof, file).reason)
    # With the digest of the other file the certificate is about it, and its lines do not hold there.
    sums = [hashlib.sha256(data).hexdigest() for data in (before, after)]
    proof.write_text(proof.read_text(encoding="utf-8").replace(*sums), encoding="utf-8")
    assert "witness" in str(check(proof, file).reason)
