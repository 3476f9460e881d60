"""Reading ONNX files: what the largest networks cost, in the package and in the checker.

    python benchmarks/formats.py [--data DIR]

For each file the time to read it and to evaluate it once, the peak memory of a process that does just that, the time
and peak memory of the checker's own reader where the graph is a chain, and the largest difference between the exact
outputs and those of onnxruntime in single precision at one random input.  The last row is a residual network made up on
the spot: 32×32 pixels, three convolutions with 16 channels, a branch, maxima of overlapping windows.

Demanded: each file is read in less than ten seconds and a gigabyte.  The exit status is 1 if one is not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

FILES = (
    "vnncomp2022/collins_rul/NN_rul_small_window_20.onnx",
    "marabou/cnn_max_mninst2.onnx",
    "marabou/traffic-classifier64.onnx",
    "marabou/conv_mp1.onnx",
)
SECONDS, MEGABYTES = 10, 1000

READ = """
import json, random, resource, sys, time
from fractions import Fraction
import numpy as np
from exactrelu import load_network
path = sys.argv[1]
load_network(sys.argv[2])  # imports are not counted
start = time.perf_counter()
network = load_network(path)
read = time.perf_counter() - start
chance = random.Random(0)
point = [Fraction(float(np.float32(chance.uniform(-1, 1)))) for _ in range(network.n_inputs)]
start = time.perf_counter()
value = network.evaluate(point)
evaluated = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
import onnxruntime
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
(port,) = session.get_inputs()
array = np.array([float(x) for x in point], np.float32).reshape([n if isinstance(n, int) else 1 for n in port.shape])
run = np.concatenate([np.ravel(output) for output in session.run(None, {port.name: array})])
error = max(abs(float(a - Fraction(float(b)))) for a, b in zip(value, run, strict=True))
print(json.dumps([network.n_units, read, evaluated, memory, error]))
"""
CHECK = """
import json, resource, sys, time
from pathlib import Path
from exactrelu.checker.onnx_chain import read_onnx_chain
from exactrelu.checker.reading import Unreadable
data = Path(sys.argv[1]).read_bytes()
start = time.perf_counter()
try:
    read_onnx_chain(data)
    print(json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))
except Unreadable:
    print("null")
"""


def residual_network() -> bytes:
    """The made-up network of the last row."""
    from onnx import TensorProto, helper, numpy_helper

    chance = np.random.default_rng(0)
    shapes = {"A": (16, 3, 3, 3), "B": (16, 16, 3, 3), "C": (16, 16, 3, 3), "D": (16, 10)}
    arrays = [numpy_helper.from_array(chance.normal(size=s).astype(np.float32) / 8, n) for n, s in shapes.items()]
    node = helper.make_node
    nodes = [
        *(node("Conv", ["x", "A"], ["a"], pads=[1] * 4), node("Relu", ["a"], ["b"])),
        *(node("Conv", ["b", "B"], ["c"], pads=[1] * 4), node("Relu", ["c"], ["d"])),
        *(node("Conv", ["d", "C"], ["e"], pads=[1] * 4), node("Add", ["e", "b"], ["f"]), node("Relu", ["f"], ["g"])),
        node("MaxPool", ["g"], ["h"], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4),
        *(node("GlobalAveragePool", ["h"], ["i"]), node("Flatten", ["i"], ["j"]), node("Gemm", ["j", "D"], ["y"])),
    ]
    ends = (("x", [1, 3, 32, 32]), ("y", [1, 10]))
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in ends]
    graph = helper.make_graph(nodes, "residual", ports[:1], ports[1:], arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def measure(program: str, *paths: Path) -> list[float] | None:
    """What the program prints, run in a process of its own."""
    command = [sys.executable, "-c", program, *map(str, paths)]
    found: list[float] | None = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main(arguments: list[str]) -> int:
    """Print the table; 1 if a file takes more than is demanded."""
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="cost of reading ONNX files")
    default = os.environ.get("EXACTRELU_SHARED") or root.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=default, help="folder with the benchmark networks")
    data = Path(parser.parse_args(arguments).data)
    print(f"{'file':30} {'units':>6} {'read':>7} {'eval':>7} {'memory':>8}   {'checker':>16} {'error':>8}")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        made_up = Path(folder) / "residual (made up).onnx"
        made_up.write_bytes(residual_network())
        for path in (*(data / "benchmarks" / name for name in FILES), made_up):
            if not path.is_file():
                print(f"{path.stem:30} is not there")
                continue
            ours, theirs = measure(READ, path, root / "examples" / "iris.onnx"), measure(CHECK, path)
            assert ours is not None
            units, read, evaluated, memory, error = ours
            checker = "no chain" if theirs is None else f"{theirs[0]:.2f} s {theirs[1]:4.0f} MB"
            times = f"{read:5.2f} s {evaluated:5.2f} s"
            print(f"{path.stem:30} {units:6.0f} {times} {memory:5.0f} MB   {checker:>16} {error:8.1e}")
            failed |= read > SECONDS or memory > MEGABYTES
    print("demands not met" if failed else "demands met: each file in less than 10 s and 1 GB")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
