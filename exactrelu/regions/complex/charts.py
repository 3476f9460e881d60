"""Charts: affine maps u -> p + B u into the input space, and networks and domains seen through them.

The first affine map of a network is composed with the chart, the later layers stay as they are, so units keep their
numbers.  A domain's rows are composed likewise.  Points come back by the chart itself.  A chart need not be
injective.
"""

from __future__ import annotations

from collections.abc import Iterable

from exactrelu.errors import ShapeError
from exactrelu.exact.rationals import as_vector
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron

__all__ = ["affine_chart", "restrict", "restrict_domain"]


def affine_chart(*points: Iterable[object]) -> AffineMap:
    """Return u -> p_0 + u_1 (p_1 - p_0) + ... + u_k (p_k - p_0): two points give a line, three a plane.

    Raises:
        ShapeError: no point, or points of different dimensions.

    Example:
        >>> affine_chart([1, 0], [1, 2])(["1/2"])
        (Fraction(1, 1), Fraction(1, 1))
    """
    if not points:
        raise ShapeError("points is empty; pass two for a line, three for a plane")
    origin, *others = [as_vector(point, name=f"points[{k}]") for k, point in enumerate(points)]
    if any(len(other) != len(origin) for other in others):
        raise ShapeError(f"the points have {[len(p) for p in (origin, *others)]} coordinates; all need the same number")
    rows = [[other[i] - start for other in others] for i, start in enumerate(origin)]
    return AffineMap.from_parts(rows, origin, n_inputs=len(others))


def restrict(network: Network, chart: AffineMap) -> Network:
    """Return u -> network(chart(u)), with the same units in the same order.

    Raises:
        ShapeError: the chart has another number of outputs than the network has inputs.

    Example:
        >>> bent = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
        >>> restrict(bent, affine_chart([-1, 1], [1, 1])).evaluate(["3/4"])
        (Fraction(3, 2),)
    """
    if chart.n_outputs != network.n_inputs:
        raise ShapeError(f"the chart has {chart.n_outputs} outputs; the network takes {network.n_inputs} inputs")
    first = network.affine_maps[0].after(chart)
    if not network.hidden:
        return Network((), first, network.name)
    layers = (Layer(first, network.hidden[0].activations), *network.hidden[1:])
    return Network(layers, network.output, network.name, network.origins)


def restrict_domain(domain: HPolyhedron, chart: AffineMap) -> HPolyhedron:
    """Return {u : chart(u) in domain}; it may be empty.

    Raises:
        ShapeError: the chart has another number of outputs than the domain's space has coordinates.
    """
    if chart.n_outputs != domain.ambient_dimension:
        raise ShapeError(f"the chart has {chart.n_outputs} outputs; the domain lies in Q^{domain.ambient_dimension}")
    rows = []
    for normal, relation, offset in domain.system.rows:
        form = AffineMap.from_parts([normal], [-offset]).after(chart)
        rows.append((form.linear[0], relation, -form.offset[0]))
    return HPolyhedron.from_rows(rows, dimension=chart.n_inputs)
