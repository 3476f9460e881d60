"""C23: a network along a segment is a network of one variable with the same later layers.

t -> f((1 - t) p + t q) only changes the first affine map.  Its breakpoints are computed twice: by carrying the ends of
the affine parts through the layers, and from the subdivision complex of the restricted network; values and slopes are
compared, and the values with evaluations of f.  The segment is from (-1, ..., -1) to (1, ..., 1) unless p and q are
given.

Along a segment the output may bend more often than there are units, and need not bend where a unit changes sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from exactrelu.bounds.segments import SegmentProfile, restrict_to_segment, segment_profile
from exactrelu.networks.network import Network
from exactrelu.regions.complex.restriction import restrict_to_segment as complex_on_segment
from exactrelu.theorems.common import show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

Vector = tuple[Fraction, ...]


def _diagonal(network: Network) -> Mapping[str, object]:
    return {"p": (-1,) * network.n_inputs, "q": (1,) * network.n_inputs}


def _point(p: Sequence[object], q: Sequence[object], t: Fraction) -> Vector:
    return tuple((1 - t) * Fraction(str(a)) + t * Fraction(str(b)) for a, b in zip(p, q, strict=True))


def _flat(vectors: Sequence[Vector]) -> tuple[object, ...]:
    """Numbers in place of vectors with one entry."""
    return tuple(v[0] if len(v) == 1 else v for v in vectors)


def _show(vectors: Sequence[Vector]) -> str:
    return ", ".join(str(v[0]) if len(v) == 1 else show_point(v) for v in vectors)


def _describe(profile: SegmentProfile) -> str:
    bends = ", ".join(map(str, profile.breakpoints)) or "none"
    return f"Breakpoints: {bends}; values: {_show(profile.values)}; slopes: {_show(profile.slopes)}."


def _decide_restriction(network: Network, *, p: Sequence[object], q: Sequence[object]) -> Decision:
    line = restrict_to_segment(network, p, q)
    profile = segment_profile(network, p, q)
    again = complex_on_segment(network, p, q)
    knots = (Fraction(0), *profile.knots, Fraction(1))
    times = (*knots, *((s + t) / 2 for s, t in pairwise(knots)))
    same_layers = line.affine_maps[1:] == network.affine_maps[1:]
    same_values = all(line([t]) == network(_point(p, q, t)) == profile(t) for t in times)
    same_profile = (profile.breakpoints, profile.values, profile.slopes) == (
        again.breakpoints,
        again.values,
        again.slopes,
    )
    lines = (
        f"From {show_point(p)} to {show_point(q)}: {len(profile.knots)} changes of a sign inside. {_describe(profile)}",
        f"The restricted network agrees with f at {len(times)} points of the segment: {same_values}; "
        f"its later layers are unchanged: {same_layers}.",
        f"The complex of the restricted network gives the same pieces: {same_profile}.",
    )
    evidence = {
        "breakpoints": profile.breakpoints,
        "values": _flat(profile.values),
        "slopes": _flat(profile.slopes),
        "network": line,
    }
    return same_layers and same_values and same_profile, lines, evidence


def _decide_few_bends(network: Network, *, p: Sequence[object], q: Sequence[object]) -> Decision:
    bends = len(segment_profile(network, p, q).breakpoints)
    line = f"From {show_point(p)} to {show_point(q)} the output bends {bends} times; there are {network.n_units} units."
    return bends <= network.n_units, (line,), {"breakpoints": bends, "units": network.n_units}


def _decide_crossings(network: Network, *, p: Sequence[object], q: Sequence[object]) -> Decision:
    profile = segment_profile(network, p, q)
    smooth = tuple(t for t in profile.knots if t not in profile.breakpoints)
    lines = [f"A unit changes sign at {len(profile.knots)} inner points, the slope at {len(profile.breakpoints)}."]
    lines += [f"At t = {t} a unit changes sign and the slope does not." for t in smooth]
    return not smooth, tuple(lines), {"smooth": smooth}


def _has_ends(network: Network, *, p: Sequence[object], q: Sequence[object]) -> str | None:
    n = network.n_inputs
    if len(p) == len(q) == n:
        return None
    return f"the ends have {len(p)} and {len(q)} coordinates, and the network takes {n}"


_ENDS = (Hypothesis("both ends are inputs of the network", _has_ends),)
_UNIT_INTERVAL = {"p": (0,), "q": (1,)}
_SOURCE = "own; composition with an affine chart"

THEOREMS = (
    Theorem(
        name="C23-restriction",
        title="A network along a segment",
        statement="t -> f((1 - t) p + t q) is computed by the network whose first affine map is composed with the "
        "segment; it is piecewise affine with finitely many breakpoints in (0, 1).",
        latex=r"t \mapsto f((1-t)p+tq) = (M^L\rho \cdots \rho)(M^1(q-p)\,t + M^1p + b^1)",
        source=_SOURCE,
        hypotheses=_ENDS,
        decide=_decide_restriction,
        instances=(
            Instance(
                "segment-n4",
                example("segment-n4"),
                "proved",
                {"p": (-2, -2), "q": (2, 2)},
                answers={
                    "breakpoints": (Fraction(5, 12), Fraction(7, 12)),
                    "values": (11, 11, 37, 92),
                    "slopes": (0, 156, 132),
                },
            ),
            Instance("telgarsky-3", example("telgarsky-3"), "proved", _UNIT_INTERVAL),
            Instance("max3", example("max3"), "proved"),
            Instance("count-n4", example("count-n4"), "not applicable", _UNIT_INTERVAL),
        ),
        subject=_diagonal,
    ),
    Theorem(
        name="C23-one-bend-a-unit",
        title="At most one bend a unit",
        statement="Along a segment the output has at most as many breakpoints as there are hidden units.",
        latex=r"\#\mathrm{breakpoints} \le \textstyle\sum_{\ell<L} n_\ell",
        source="true for one hidden layer, taken over to deep networks",
        hypotheses=_ENDS,
        decide=_decide_few_bends,
        instances=(
            Instance("telgarsky-3", example("telgarsky-3"), "refuted", _UNIT_INTERVAL, {"breakpoints": 7, "units": 6}),
            Instance("count-hat", example("count-hat"), "proved"),
        ),
        false_variant_of="C23-restriction",
        subject=_diagonal,
    ),
    Theorem(
        name="C23-every-crossing-bends",
        title="The output bends at every change of sign",
        statement="Along a segment the slope of the output changes wherever a unit's preactivation changes its sign.",
        latex=r"z_k \text{ changes sign at } t \Rightarrow f' \text{ jumps at } t",
        source="cells taken for linear regions",
        hypotheses=_ENDS,
        decide=_decide_crossings,
        instances=(
            Instance("count-e2", example("count-e2"), "refuted", {"p": (-1, -1), "q": (2, 2)}),
            Instance("segment-n4", example("segment-n4"), "proved", {"p": (-2, -2), "q": (2, 2)}),
        ),
        false_variant_of="C23-restriction",
        subject=_diagonal,
    ),
)
