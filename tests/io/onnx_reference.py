"""A second evaluation of ONNX graphs for the tests: exact, node by node, with a proven bound on float32 errors.

Each tensor is a pair (exact, bound): an object array of fractions, the value in real arithmetic; and an array of floats
such that, for a run in IEEE single precision with any order of summation, |run - exact| <= bound in every entry.

Derivation.  Let u = 2^-24 be the unit roundoff and g(n) = n u / (1 - n u).  Let the operands have values h and errors
at most e.

* A sum of n products (a matrix product, with its addend if there is one) is computed as sum w_j h_j (1 + t_j) with
  |t_j| <= g(n + 2), in whatever order, fused or not [Higham, Accuracy and Stability, sections 3.1 and 4.2].  The run's
  operands are at most |h| + e, so the error is at most sum |w_j| e_j + g(n + 2) sum |w_j| (|h_j| + e_j), plus
  n 2^-149 for products that underflow.
* Addition, subtraction and product with a constant are the cases n = 1 and 2 of it.
* Relu, abs, max, min, clip to representable bounds and the structural operators round nothing and enlarge no error.
  Where h <= -e the run's operand is not positive either, so relu gives 0 in both and the error vanishes.

The bounds themselves are sums of nonnegative numbers in double precision with fewer than 2^20 terms, so their relative
error is below 2^-30; every step is enlarged by 1 + 2^-20 to cover it.

The exact part shares nothing with the package: NumPy's own matrix product and broadcasting on fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

UNIT_ROUNDOFF = 2.0**-24
UNDERFLOW = 2.0**-149
SLACK = 1 + 2.0**-20


@dataclass(frozen=True)
class Value:
    """An exact array, and a bound on the error of a float32 run in each entry."""

    exact: Any
    bound: Any


def evaluate(model: Any, point: Sequence[Fraction]) -> Value:
    """Exact output of an ONNX model at an input given in row-major order, with its error bound."""
    from onnx import helper, numpy_helper

    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values: dict[str, Value] = {name: literal(array) for name, array in constants.items()}
    (start,) = [value for value in model.graph.input if value.name not in constants]
    shape = [dimension.dim_value or 1 for dimension in start.type.tensor_type.shape.dim]
    values[start.name] = Value(np.array(list(point), dtype=object).reshape(shape), np.zeros(shape))
    # Some of the files have constants after the nodes that use them.
    for node in sorted(model.graph.node, key=lambda node: node.op_type != "Constant"):
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
            values[node.output[0]] = literal(constants[node.output[0]])
            continue
        operands = [values[name] if name else None for name in node.input]
        values[node.output[0]] = OPERATORS[node.op_type](operands, attributes)
    return values[model.graph.output[0].name]


def literal(array: Any) -> Value:
    """An array of the file: every number is exact."""
    entries = [Fraction(entry) if np.isfinite(entry) else entry for entry in array.ravel().tolist()]
    exact = np.empty(len(entries), dtype=object)
    exact[:] = entries
    return Value(exact.reshape(array.shape), np.zeros(array.shape))


def magnitude(value: Value) -> Any:
    """A bound on the absolute value of the float32 run."""
    return np.abs(value.exact).astype(np.float64) * SLACK + value.bound


def gamma(n: int) -> float:
    """The constant g(n) of the derivation."""
    return n * UNIT_ROUNDOFF / (1 - n * UNIT_ROUNDOFF)


def add(a: Value, b: Value, sign: int = 1) -> Value:
    """Sum or difference, rounded once."""
    exact = a.exact + b.exact if sign > 0 else a.exact - b.exact
    return Value(exact, (a.bound + b.bound + gamma(1) * (magnitude(a) + magnitude(b))) * SLACK)


def product(a: Value, b: Value, addend: Value | None = None, alpha: float = 1.0, beta: float = 1.0) -> Value:
    """alpha a b + beta addend, where a or b is exact; two more roundings for alpha and beta."""
    n = a.exact.shape[-1] + 4
    sizes = np.matmul(magnitude(a), magnitude(b))
    exact = np.asarray(np.matmul(a.exact, b.exact), dtype=object) * Fraction(alpha)
    exact = np.asarray(exact, dtype=object)
    # One of the factors has error zero, so that the product of errors vanishes.
    bound = abs(alpha) * (
        np.matmul(a.bound, magnitude(b)) + np.matmul(magnitude(a), b.bound) + gamma(n) * sizes + n * UNDERFLOW
    )
    if addend is not None:
        exact = exact + addend.exact * Fraction(beta)
        bound = bound + abs(beta) * (addend.bound + gamma(n) * magnitude(addend))
    return Value(exact, np.asarray(bound * SLACK))


def times(a: Value, b: Value) -> Value:
    """Entrywise product, one factor exact."""
    bound = a.bound * magnitude(b) + b.bound * magnitude(a) + gamma(1) * magnitude(a) * magnitude(b) + UNDERFLOW
    return Value(a.exact * b.exact, bound * SLACK)


def gemm(operands: list[Any], attributes: dict[str, Any]) -> Value:
    a, b = operands[:2]
    if attributes.get("transA"):
        a = Value(a.exact.T, a.bound.T)
    if attributes.get("transB"):
        b = Value(b.exact.T, b.bound.T)
    addend = operands[2] if len(operands) > 2 else None
    return product(a, b, addend, attributes.get("alpha", 1.0), attributes.get("beta", 1.0))


def picked(rearrange: Callable[[Any], Any], value: Value) -> Value:
    return Value(rearrange(value.exact), rearrange(value.bound))


def entrywise(function: Callable[[Any], Any], value: Value, factor: float = 1.0, rounding: float = 0.0) -> Value:
    """A function of each entry with Lipschitz constant `factor`, rounded with relative error `rounding`."""
    exact = np.empty(value.exact.shape, dtype=object)
    exact.ravel()[:] = [function(t) for t in value.exact.ravel()]
    return Value(exact, (factor * value.bound + rounding * magnitude(value) + (UNDERFLOW if rounding else 0)) * SLACK)


def extreme(choose: Any, operands: list[Value]) -> Value:
    """Entrywise maximum or minimum; the largest of the errors bounds the result's."""
    first = operands[0]
    for other in operands[1:]:
        bound = np.maximum(*np.broadcast_arrays(first.bound, other.bound))
        first = Value(np.frompyfunc(choose, 2, 1)(first.exact, other.exact), bound)
    return first


def relu(operands: list[Value], _: dict[str, Any]) -> Value:
    value = entrywise(lambda t: max(t, Fraction(0)), operands[0])
    surely_off = operands[0].exact <= -operands[0].bound  # fractions compare with floats exactly
    return Value(value.exact, np.where(surely_off.astype(bool), 0.0, value.bound))


def leaky(operands: list[Value], attributes: dict[str, Any]) -> Value:
    alpha = Fraction(attributes.get("alpha", float(np.float32(0.01))))
    return entrywise(
        lambda t: t if t >= 0 else alpha * t, operands[0], max(1.0, abs(float(alpha))), gamma(1) * abs(float(alpha))
    )


def clip(operands: list[Any], attributes: dict[str, Any]) -> Value:
    bounds = [o.exact.item() if o is not None else None for o in (*operands[1:], None, None)[:2]]
    low = attributes.get("min", bounds[0])
    high = attributes.get("max", bounds[1])

    def cut(t: Any) -> Any:
        t = t if low is None or t >= low else Fraction(low)
        return t if high is None or t <= high else Fraction(high)

    return entrywise(cut, operands[0])


def reshape(operands: list[Value], _: dict[str, Any]) -> Value:
    wanted = [int(n) for n in operands[1].exact]
    shape = [operands[0].exact.shape[k] if n == 0 else n for k, n in enumerate(wanted)]
    return picked(lambda array: array.reshape(shape), operands[0])


def flatten(operands: list[Value], attributes: dict[str, Any]) -> Value:
    axis = attributes.get("axis", 1)
    return picked(lambda array: array.reshape(int(np.prod(array.shape[:axis], dtype=int)), -1), operands[0])


def concat(operands: list[Value], attributes: dict[str, Any]) -> Value:
    axis = attributes["axis"]
    return Value(
        np.concatenate([o.exact for o in operands], axis=axis), np.concatenate([o.bound for o in operands], axis=axis)
    )


def squeeze(operands: list[Value], _: dict[str, Any]) -> Value:
    axes = tuple(int(k) for k in operands[1].exact) if len(operands) > 1 else None
    return picked(lambda array: np.squeeze(array, axes), operands[0])


def gather(operands: list[Value], attributes: dict[str, Any]) -> Value:
    indices = operands[1].exact.astype(int)
    return picked(lambda array: np.take(array, indices, axis=attributes.get("axis", 0)), operands[0])


def slices(operands: list[Value], _: dict[str, Any]) -> Value:
    starts, ends, axes, steps = ([int(k) for k in o.exact] for o in operands[1:])
    window: dict[int, slice] = {}
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        window[axis] = slice(start, end, step)
    return picked(lambda array: array[tuple(window.get(k, slice(None)) for k in range(array.ndim))], operands[0])


OPERATORS: dict[str, Callable[[list[Any], dict[str, Any]], Value]] = {
    "Abs": lambda o, a: entrywise(abs, o[0]),
    "Add": lambda o, a: add(*o),
    "Clip": clip,
    "Concat": concat,
    "Div": lambda o, a: times(o[0], Value(1 / o[1].exact, gamma(2) * np.abs(1 / o[1].exact).astype(float))),
    "Dropout": lambda o, a: o[0],
    "Flatten": flatten,
    "Gather": gather,
    "Gemm": gemm,
    "Identity": lambda o, a: o[0],
    "LeakyRelu": leaky,
    "MatMul": lambda o, a: product(*o),
    "Max": lambda o, a: extreme(max, o),
    "Min": lambda o, a: extreme(min, o),
    "Mul": lambda o, a: times(*o),
    "Neg": lambda o, a: entrywise(lambda t: -t, o[0]),
    "Relu": relu,
    "Reshape": reshape,
    "Slice": slices,
    "Squeeze": squeeze,
    "Sub": lambda o, a: add(*o, sign=-1),
    "Transpose": lambda o, a: picked(lambda array: np.transpose(array, a.get("perm")), o[0]),
    "Unsqueeze": lambda o, a: picked(lambda array: np.expand_dims(array, tuple(int(k) for k in o[1].exact)), o[0]),
}
