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
* A convolution is a product for every window, an average is a sum with a constant factor, a batch normalisation
  computes its factor with four roundings, its offset with two and the value with two.
* Relu, abs, max, min, clip to representable bounds and the structural operators round nothing and enlarge no error.
  Where h <= -e the run's operand is not positive either, so relu gives 0 in both and the error vanishes.

The bounds themselves are sums of nonnegative numbers in double precision with fewer than 2^20 terms, so their relative
error is below 2^-30; every step is enlarged by 1 + 2^-20 to cover it.

The exact part shares nothing with the package: NumPy's own matrix product and broadcasting on fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce
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
    """Exact outputs of an ONNX model at inputs given in row-major order, with their error bounds, joined and flat."""
    from onnx import helper, numpy_helper

    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values: dict[str, Value] = {name: literal(array) for name, array in constants.items()}
    rest = list(point)
    for start in (value for value in model.graph.input if value.name not in constants):
        shape = [dimension.dim_value or 1 for dimension in start.type.tensor_type.shape.dim]
        size = int(np.prod(shape, dtype=int))
        values[start.name] = Value(np.array(rest[:size], dtype=object).reshape(shape), np.zeros(shape))
        rest = rest[size:]
    # Some of the files have nodes before others whose results they use.
    nodes = list(model.graph.node)
    while nodes:
        node = next(n for n in nodes if all(not name or name in values for name in n.input))
        nodes.remove(node)
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant":
            values[node.output[0]] = literal(numpy_helper.to_array(attributes["value"]))
            continue
        operands = [values[name] if name else None for name in node.input]
        if node.op_type == "Split":
            attributes["count"] = len(node.output)
        result = OPERATORS[node.op_type](operands, attributes)
        for name, value in zip(node.output, result if isinstance(result, list) else [result], strict=False):
            values[name] = value
    outputs = [values[output.name] for output in model.graph.output]
    return Value(np.concatenate([o.exact.ravel() for o in outputs]), np.concatenate([o.bound.ravel() for o in outputs]))


def literal(array: Any) -> Value:
    """An array of the file: every number is exact."""
    entries = [Fraction(entry) if np.isfinite(entry) else entry for entry in np.asarray(array).ravel().tolist()]
    exact = np.empty(len(entries), dtype=object)
    exact[:] = entries
    return Value(exact.reshape(array.shape), np.zeros(array.shape))


def magnitude(value: Value) -> Any:
    """A bound on the absolute value of the float32 run."""
    return np.asarray(np.abs(value.exact), dtype=np.float64) * SLACK + value.bound


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
    return Value(np.asarray(a.exact * b.exact, dtype=object), bound * SLACK)


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


def squeeze(operands: list[Value], attributes: dict[str, Any]) -> Value:
    axes = tuple(int(k) for k in operands[1].exact) if len(operands) > 1 else attributes.get("axes")
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


def geometry(attributes: dict[str, Any], lengths: Sequence[int], kernel: Sequence[int]) -> tuple[Any, ...]:
    """Strides, dilations, padding (before, after) and numbers of windows along the spatial axes."""
    rank = len(lengths)
    strides = attributes.get("strides", [1] * rank)
    dilations = attributes.get("dilations", [1] * rank)
    pads = list(zip(*np.reshape(attributes.get("pads", [0] * 2 * rank), (2, rank)).tolist(), strict=True))
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    auto = attributes.get("auto_pad", b"NOTSET").decode()
    counts = []
    for axis, (n, s, span) in enumerate(zip(lengths, strides, spans, strict=True)):
        if auto.startswith("SAME"):
            counts.append((n + s - 1) // s)
            missing = max(0, (counts[-1] - 1) * s + span - n)
            small, large = missing // 2, (missing + 1) // 2
            pads[axis] = (small, large) if auto.endswith("UPPER") else (large, small)
            continue
        starts = [o * s for o in range(n + sum(pads[axis])) if o * s + span <= n + sum(pads[axis])]
        if (
            attributes.get("ceil_mode")
            and starts[-1] + span < n + sum(pads[axis])
            and starts[-1] + s < n + pads[axis][0]
        ):
            starts.append(starts[-1] + s)
        counts.append(len(starts))
    return strides, dilations, pads, counts


def windows(value: Value, attributes: dict[str, Any], kernel: Sequence[int]) -> tuple[Any, Any, Any, list[int]]:
    """Entries, bounds and kind of place (1 inside, 0 padding, -1 beyond), each batch × channel × windows × taps."""
    lengths = value.exact.shape[2:]
    strides, dilations, pads, counts = geometry(attributes, lengths, kernel)
    far = [(k - 1) * d + c * s for k, d, c, s in zip(kernel, dilations, counts, strides, strict=True)]
    around = [(0, 0), (0, 0), *((before, after) for before, after in pads)]
    beyond = [(0, 0), (0, 0), *((0, extra) for extra in far)]
    arrays = [
        np.pad(np.pad(value.exact, around, constant_values=Fraction(0)), beyond, constant_values=Fraction(0)),
        np.pad(np.pad(value.bound, around), beyond),
        np.pad(np.pad(np.ones(value.exact.shape, int), around), beyond, constant_values=-1),
    ]
    cut = []
    for array in arrays:
        parts = []
        for place in np.ndindex(*counts):
            slices = [
                slice(o * s, o * s + (k - 1) * d + 1, d)
                for o, s, k, d in zip(place, strides, kernel, dilations, strict=True)
            ]
            parts.append(array[(slice(None), slice(None), *slices)].reshape(*array.shape[:2], -1))
        cut.append(np.stack(parts, axis=2))
    return (*cut, counts)


def conv(operands: list[Any], attributes: dict[str, Any]) -> Value:
    weights = operands[1]
    n_out, per_group, *kernel = weights.exact.shape
    entries, bounds, _, counts = windows(operands[0], attributes, kernel)
    groups = attributes.get("group", 1)
    results = []
    for g in range(groups):
        ours = slice(g * per_group, (g + 1) * per_group)
        rows = [np.moveaxis(a[:, ours], 1, 2).reshape(len(a), a.shape[2], -1) for a in (entries, bounds)]
        matrix = weights.exact[g * (n_out // groups) : (g + 1) * (n_out // groups)].reshape(n_out // groups, -1).T
        results.append(product(Value(*rows), Value(matrix, np.zeros(matrix.shape))))
    exact = np.concatenate([np.moveaxis(r.exact, 1, 2) for r in results], axis=1)
    bound = np.concatenate([np.moveaxis(r.bound, 1, 2) for r in results], axis=1)
    if len(operands) > 2:
        addend = operands[2].exact.reshape(1, -1, 1)
        exact = exact + addend
        # One more rounding of a sum whose terms are at most |exact| plus the error so far.
        bound = (bound + gamma(1) * (magnitude(Value(exact, bound)) + np.abs(addend).astype(float))) * SLACK
    shape = (len(entries), n_out, *counts)
    return Value(exact.reshape(shape), bound.reshape(shape))


def reduced(choose: Any, entries: Any, bounds: Any, kinds: Any) -> Value:
    """The largest or smallest entry of the last axis among those inside; the largest error bounds its own."""
    exact = np.empty(entries.shape[:-1], dtype=object)
    for place in np.ndindex(exact.shape):
        exact[place] = choose(v for v, inside in zip(entries[place], kinds[place], strict=True) if inside == 1)
    return Value(exact, bounds.max(axis=-1))


def max_pool(operands: list[Value], attributes: dict[str, Any]) -> Value:
    entries, bounds, kinds, counts = windows(operands[0], attributes, attributes["kernel_shape"])
    value = reduced(max, entries, bounds, kinds)
    return picked(lambda array: array.reshape(*array.shape[:2], *counts), value)


def mean(entries: Any, bounds: Any, numbers: Any) -> Value:
    """Sums of the last axis divided by `numbers`: n - 1 additions and a division, in any order."""
    n = entries.shape[-1]
    sizes = np.abs(entries).astype(float).sum(axis=-1) + bounds.sum(axis=-1)
    bound = (bounds.sum(axis=-1) + gamma(n + 2) * sizes) / numbers + UNDERFLOW
    exact = np.asarray(entries.sum(axis=-1), dtype=object) * np.vectorize(
        lambda k: Fraction(1, int(k)), otypes=[object]
    )(numbers)
    return Value(exact, bound * SLACK)


def average_pool(operands: list[Value], attributes: dict[str, Any]) -> Value:
    entries, bounds, kinds, counts = windows(operands[0], attributes, attributes["kernel_shape"])
    least = 0 if attributes.get("count_include_pad") else 1
    value = mean(entries, bounds, (kinds >= least).sum(axis=-1))
    return picked(lambda array: array.reshape(*array.shape[:2], *counts), value)


def over_channels(value: Value) -> Value:
    return picked(lambda array: array.reshape(*array.shape[:2], *[1] * (array.ndim - 2), -1), value)


def global_average_pool(operands: list[Value], _: dict[str, Any]) -> Value:
    value = over_channels(operands[0])
    return mean(value.exact, value.bound, np.full(value.exact.shape[:-1], value.exact.shape[-1]))


def global_max_pool(operands: list[Value], _: dict[str, Any]) -> Value:
    value = over_channels(operands[0])
    return reduced(max, value.exact, value.bound, np.ones(value.exact.shape, int))


def reduction(kind: str) -> Callable[[list[Value], dict[str, Any]], Value]:
    """Sum, mean, maximum or minimum over axes."""

    def run(operands: list[Value], attributes: dict[str, Any]) -> Value:
        value, rank = operands[0], operands[0].exact.ndim
        axes = [int(k) for k in operands[1].exact] if len(operands) > 1 else list(attributes.get("axes", []))
        if not axes and attributes.get("noop_with_empty_axes"):
            return value
        axes = sorted(k % rank for k in axes or range(rank))
        kept = [k for k in range(rank) if k not in axes]
        lengths = [value.exact.shape[k] for k in kept]
        last = picked(lambda array: np.transpose(array, kept + axes).reshape(*lengths, -1), value)
        if kind in ("sum", "mean"):
            number = last.exact.shape[-1] if kind == "mean" else 1
            result = mean(last.exact, last.bound, np.full(lengths, number))
        else:
            chosen = max if kind == "max" else min
            result = reduced(chosen, last.exact, last.bound, np.ones(last.exact.shape, int))
        if attributes.get("keepdims", 1):
            shape = [1 if k in axes else n for k, n in enumerate(value.exact.shape)]
            return picked(lambda array: np.asarray(array).reshape(shape), result)
        return Value(np.asarray(result.exact, dtype=object), np.asarray(result.bound))

    return run


def batch_normalisation(operands: list[Value], attributes: dict[str, Any]) -> Value:
    """With the factor as the nearest double of a root to 60 digits; the run rounds at most eight times in a row."""
    value, scale, bias, centre, variance = (o.exact for o in operands)
    epsilon = Fraction(attributes.get("epsilon", float(np.float32(1e-5))))
    factors = []
    for s, v in zip(scale, variance, strict=True):
        with localcontext(prec=60):
            radicand = v + epsilon
            root = (Decimal(radicand.numerator) / Decimal(radicand.denominator)).sqrt()
            factors.append(Fraction(float(Fraction(Decimal(s.numerator) / Decimal(s.denominator) / root))))
    shape = (1, -1, *[1] * (value.ndim - 2))
    f, b, m = (np.array(list(part), dtype=object).reshape(shape) for part in (factors, bias, centre))
    sizes = np.abs(f).astype(float) * (magnitude(operands[0]) + np.abs(m).astype(float)) + np.abs(b).astype(float)
    bound = np.abs(f).astype(float) * operands[0].bound + gamma(10) * sizes
    return Value(f * (value - m) + b, bound * SLACK)


def pad(operands: list[Any], attributes: dict[str, Any]) -> Value:
    """Only with nonnegative pads on all axes."""
    value = operands[0]
    given = [int(k) for k in operands[1].exact] if len(operands) > 1 else attributes["pads"]
    around = np.reshape(given, (2, -1)).T.tolist()
    mode: Any = attributes.get("mode", b"constant").decode()
    if mode != "constant":
        return picked(lambda array: np.pad(array, around, mode=mode), value)
    filler = operands[2].exact.item() if len(operands) > 2 else Fraction(attributes.get("value", 0.0))
    return Value(np.pad(value.exact, around, constant_values=filler), np.pad(value.bound, around))


def split(operands: list[Value], attributes: dict[str, Any]) -> list[Value]:
    axis = attributes.get("axis", 0)
    if len(operands) > 1:
        ends = np.cumsum([int(k) for k in operands[1].exact])[:-1]
    else:
        ends = np.arange(1, attributes["count"]) * -(-operands[0].exact.shape[axis] // attributes["count"])
    parts = zip(np.split(operands[0].exact, ends, axis), np.split(operands[0].bound, ends, axis), strict=True)
    return [Value(*part) for part in parts]


def prelu(operands: list[Value], _: dict[str, Any]) -> Value:
    slopes = np.broadcast_to(operands[1].exact, operands[0].exact.shape)
    steep = np.abs(slopes).astype(float)
    exact = np.where(operands[0].exact >= 0, operands[0].exact, slopes * operands[0].exact)
    return Value(exact, (np.maximum(1, steep) * operands[0].bound + gamma(1) * steep * magnitude(operands[0])) * SLACK)


def hard_sigmoid(operands: list[Value], attributes: dict[str, Any]) -> Value:
    alpha = literal(np.array(attributes.get("alpha", float(np.float32(0.2)))))
    beta = literal(np.array(attributes.get("beta", 0.5)))
    return entrywise(lambda t: min(max(t, Fraction(0)), Fraction(1)), add(times(operands[0], alpha), beta))


OPERATORS: dict[str, Callable[[list[Any], dict[str, Any]], Value]] = {
    "Abs": lambda o, a: entrywise(abs, o[0]),
    "Add": lambda o, a: add(*o),
    "AveragePool": average_pool,
    "BatchNormalization": batch_normalisation,
    "Cast": lambda o, a: o[0],
    "Clip": clip,
    "Concat": concat,
    "ConstantOfShape": lambda o, a: literal(np.full([int(n) for n in o[0].exact], a["value"].float_data[0])),
    "Conv": conv,
    "Div": lambda o, a: times(o[0], Value(1 / o[1].exact, gamma(2) * np.abs(1 / o[1].exact).astype(float))),
    "Dropout": lambda o, a: o[0],
    "Expand": lambda o, a: times(o[0], literal(np.ones([int(n) for n in o[1].exact]))),
    "Flatten": flatten,
    "Gather": gather,
    "Gemm": gemm,
    "GlobalAveragePool": global_average_pool,
    "GlobalMaxPool": global_max_pool,
    "HardSigmoid": hard_sigmoid,
    "Identity": lambda o, a: o[0],
    "LeakyRelu": leaky,
    "MatMul": lambda o, a: product(*o),
    "Max": lambda o, a: extreme(max, o),
    "MaxPool": max_pool,
    "Min": lambda o, a: extreme(min, o),
    "Mul": lambda o, a: times(*o),
    "Neg": lambda o, a: entrywise(lambda t: -t, o[0]),
    "PRelu": prelu,
    "Pad": pad,
    "ReduceMax": reduction("max"),
    "ReduceMean": reduction("mean"),
    "ReduceMin": reduction("min"),
    "ReduceSum": reduction("sum"),
    "Relu": relu,
    "Reshape": reshape,
    "Shape": lambda o, a: literal(np.array(o[0].exact.shape)),
    "Slice": slices,
    "Split": split,
    "Squeeze": squeeze,
    "Sub": lambda o, a: add(*o, sign=-1),
    "Sum": lambda o, a: reduce(add, o),
    "Transpose": lambda o, a: picked(lambda array: np.transpose(array, a.get("perm")), o[0]),
    "Unsqueeze": lambda o, a: picked(lambda array: np.expand_dims(array, tuple(int(k) for k in o[1].exact)), o[0]),
}
