"""Atoms and bounds: what the project's claims cost, each next to a baseline in the same run.

    python benchmarks/atoms_bounds.py [--data DIR] [--networks N] [--only NAME ...]

* laws: N random networks (2 to 6 affine layers, widths to 6, rational unit vectors in the first and last matrix).  On
  their cells in a box: decompositions re-sum, path counts, image cone at witnesses, Theorem 6 (i) and (ii), local and
  global, jumps of rank <= 1 in their facets.  Beside them, how often each deliberately false variant is refuted by the
  same code.  Demanded: no law fails, every false variant is refuted at least once.
* symbolic: the identity (11), (12) for all architectures with at most five affine layers and widths to 3; baseline:
  SymPy, one configuration after the other.  Demanded: every architecture is proved.
* deep: 20 layers of width 20 with all units active, at a point, best of three; baseline: enumerating paths.  Demanded:
  less than 0.2 s.
* lipschitz: exact constants of a 2-64-64-64-1 network in three norms; baseline: exact norms of all cells.  Demanded:
  each takes less than three times the enumeration of the cells.  Skipped without the network's file.

The exit status is 1 if a demand is not met.  One process, one core.  Baselines that would take too long are measured on
a part and scaled; the output says so.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice, pairwise, product
from pathlib import Path

from exactrelu.atoms.decomposition import Atoms
from exactrelu.atoms.identity import IdentityProof, prove_identity
from exactrelu.atoms.image_cone import image_cone
from exactrelu.atoms.jumps import jump
from exactrelu.atoms.symbolic import symbolic_decomposition
from exactrelu.bounds.lipschitz import cell_lipschitz, lipschitz_constant
from exactrelu.bounds.norms import decide_spectral_norm_at_most
from exactrelu.bounds.theorem_six import path_bound, theorem_six
from exactrelu.exact.definiteness import PositiveSemidefinite
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.files import load_network
from exactrelu.lp.evidence import Feasible
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.adjacency import shared_facets
from exactrelu.regions.results import Region, enumerate_regions

ROOT = Path(__file__).resolve().parent.parent
MOST_CELLS = 150
MOST_SECONDS_DEEP = 0.2
MOST_SHARE_LIPSCHITZ = 3
EQUALITY_CASE = Network.from_weights(
    [[["3/5", "4/5"]] * 2, [["1/2", "1/2"]] * 2, [["3/5", "3/5"], ["4/5", "4/5"]]], [[0, 0], [0, 0], [0, 0]]
)


def unit_vector(chance: random.Random, dimension: int) -> list[Fraction]:
    """A rational vector of Euclidean norm 1, by inverse stereographic projection."""
    t = [Fraction(chance.randint(-3, 3), chance.randint(1, 2)) for _ in range(dimension - 1)]
    square = sum((a * a for a in t), Fraction(0))
    return [2 * a / (square + 1) for a in t] + [(square - 1) / (square + 1)]


def random_network(chance: random.Random) -> tuple[Network, Network]:
    """A network that fulfils the hypotheses of Theorem 6 (i), and the same without normalisation."""
    widths = [chance.randint(1, 6) for _ in range(chance.randint(2, 6) + 1)]
    weights = [
        [[Fraction(chance.randint(-6, 6), chance.randint(2, 9)) for _ in range(a)] for _ in range(b)]
        for a, b in pairwise(widths)
    ]
    biases = [[Fraction(chance.randint(-4, 4), chance.randint(1, 4)) for _ in range(b)] for b in widths[1:]]
    raw = Network.from_weights(weights, biases)
    weights[0] = [unit_vector(chance, widths[0]) for _ in range(widths[1])]
    columns = [unit_vector(chance, widths[-1]) for _ in range(widths[-2])]
    weights[-1] = [list(row) for row in zip(*columns, strict=True)]
    return Network.from_weights(weights, biases), raw


def at_most(linear: RationalMatrix, bound: Fraction) -> bool:
    """Whether the 2-norm is at most the bound, decided by a semidefinite matrix."""
    return isinstance(decide_spectral_norm_at_most(linear, bound), PositiveSemidefinite)


def laws(count: int) -> bool:
    """Check the true statements on every cell, count refutations of the false ones: none of the first may fail, and
    every one of the second must."""
    chance = random.Random(2026)
    checked: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    refuted: Counter[str] = Counter()
    complete = 0
    start = time.perf_counter()

    def law(name: str, holds: bool) -> None:
        checked[name] += 1
        failed[name] += not holds

    # The equality case of the theorem refutes every smaller constant.
    check_cells(EQUALITY_CASE, list(enumerate_regions(EQUALITY_CASE)), law, refuted)
    for _ in range(count):
        net, raw = random_network(chance)
        box = HPolyhedron.cube(net.n_inputs, -4, 4)
        found = enumerate_regions(net, box, limit=MOST_CELLS)
        complete += found.is_complete
        cells = list(islice(found, MOST_CELLS))
        check_cells(net, cells, law, refuted)
        if found.is_complete:
            report = theorem_six(net)
            constant = lipschitz_constant(found, 2).value
            squared = constant**2 if isinstance(constant, Fraction) else constant.power(2)
            law("global constant <= m^(L-2) max s", constant <= report.best_path_bound(found.configurations))
            law("global constant <= sigma^L", squared <= report.spectral_bound_squared)
        for region in islice(enumerate_regions(raw, box, limit=MOST_CELLS), 20):
            refuted["(i) without unit rows and columns"] += not theorem_six(raw).holds_at(region.configuration)
    print(f"laws: {count} networks, {complete} enumerated completely, {time.perf_counter() - start:.1f} s")
    for name, number in checked.items():
        print(f"  {name:45} {number:7} checked, {failed[name]} failed")
    print("  false variants, times refuted by the same code:")
    for name, number in refuted.items():
        print(f"  {name:45} {number:7}")
    return not any(failed.values()) and all(refuted.values())


def check_cells(net: Network, cells: list[Region], law: Callable[[str, bool], None], refuted: Counter[str]) -> None:
    """All laws on the cells of one network."""
    report, atoms = theorem_six(net), Atoms(net)
    for region in cells:
        piece = atoms.decompose(region.configuration)
        sizes = [len(active) for active in piece.supports]
        linear = RationalMatrix.from_rows(piece.affine_map.linear, n_columns=net.n_inputs)
        law("decomposition re-sums", piece.defect() is None)
        if piece.n_paths <= 2000:
            law("number of paths", sum(1 for _ in piece.iter_paths()) == piece.n_paths)
        cone = image_cone(piece)
        value = net.evaluate(region.witness)
        law("value at the witness in the image cone", isinstance(cone.decide_membership(value), Feasible))
        law("(i) on the cell", report.holds_at(region.configuration))
        law("(i) with N^(L-1)", at_most(linear, report.global_bound))
        # The false variants: a smaller constant, a larger domain.
        refuted["(i) without the factor s_1"] += not at_most(linear, path_bound(report.m, [1, *sizes[1:]]))
        refuted["(i) without the factor s_(L-1)"] += not at_most(linear, path_bound(report.m, [*sizes[:-1], 1]))
        power = report.m * path_bound(report.m, sizes)
        refuted["(i) with exponent L-1"] += not at_most(linear, power)
        far = [1000 * (x + 1) for x in region.witness]
        outside = cone.decide_membership(piece.affine_map(far))
        refuted["the affine map stays in the cone on all of space"] += not isinstance(outside, Feasible)
    for facet in shared_facets(cells):
        one, two = cells[facet.negative].configuration, cells[facet.positive].configuration
        factors = jump(net, one, two).rank_one()
        in_plane = factors is not None and (
            not any(factors.outward) or (*factors.normal, factors.constant) == facet.hyperplane
        )
        law("jump of rank <= 1 in the facet's hyperplane", in_plane)
    for here, there in islice(pairwise(cells), 20):
        refuted["jump of rank <= 1 between any two cells"] += (
            jump(net, here.configuration, there.configuration).rank_one() is None
        )


def symbolic() -> bool:
    """The identity for all small architectures, every one of which must be proved."""
    start = time.perf_counter()
    sizes = [w for depth in range(2, 6) for w in product((1, 2, 3), repeat=depth + 1)]
    proofs = [prove_identity(widths) for widths in sizes]
    seconds = time.perf_counter() - start
    proved = [proof for proof in proofs if isinstance(proof, IdentityProof)]
    configurations = sum(proof.n_configurations for proof in proved)
    print(f"symbolic: {len(proved)} of {len(sizes)} architectures, {configurations} configurations, {seconds:.2f} s")
    widths, some = (2, 2, 2, 2, 1), 16
    start = time.perf_counter()
    for bits in islice(product("10", repeat=6), some):
        one = symbolic_decomposition(widths, "".join(bits))
        linear, offset = one.matrix_product()
        if any((one.linear - linear).expand()) or any((one.offset - offset).expand()):
            raise SystemExit("SymPy found a difference")
    each = (time.perf_counter() - start) / some
    seconds = each * configurations
    print(f"  baseline: SymPy, {1000 * each:.1f} ms a configuration of {widths}, {seconds:.0f} s (scaled)")
    return len(proved) == len(sizes)


def deep() -> bool:
    """20 layers of width 20, decomposed in less than the allowed time."""
    chance = random.Random(1)
    weights = [[[Fraction(chance.randint(1, 2**24), 2**24) for _ in range(20)] for _ in range(20)] for _ in range(20)]
    net = Network.from_weights(weights, [[Fraction(1, 4)] * 20] * 20)
    point = [Fraction(chance.randint(1, 9), 7) for _ in range(20)]
    times = []
    for _ in range(3):
        start = time.perf_counter()
        piece = Atoms(net).at(point)
        alpha, beta, total = piece.coefficients, piece.offsets, piece.affine_map
        times.append(time.perf_counter() - start)
    seconds = min(times)
    if total(point) != net.evaluate(point):
        raise SystemExit("the decomposition is wrong")
    print(f"deep: {piece.n_paths:.1e} paths, {len(alpha)} coefficients, {len(beta)} offsets, {seconds:.3f} s")
    some = 200_000
    start = time.perf_counter()
    for _ in islice(piece.iter_paths(), some):
        pass
    rate = some / (time.perf_counter() - start)
    print(f"  baseline: {rate:.0f} paths a second, so {piece.n_paths / rate / 3.15e7:.0e} years (scaled)")
    return seconds < MOST_SECONDS_DEEP


def lipschitz(data: Path) -> bool:
    """The exact constant of a trained-size network with two inputs, within a multiple of the enumeration's time."""
    path = data / "nets" / "g_2-64-64-64-1.json"
    if not path.is_file():
        print(f"lipschitz: skipped, there is no {path.name} in a folder nets of --data")
        return True
    network = load_network(path)
    cells = enumerate_regions(network, HPolyhedron.cube(2))
    print(f"lipschitz: {len(cells)} cells, enumerated in {cells.seconds:.2f} s")
    shares = []
    for norm in ("inf", "1", "2"):
        start = time.perf_counter()
        constant = lipschitz_constant(cells, norm)
        seconds = time.perf_counter() - start
        shares.append(seconds / cells.seconds)
        print(
            f"  norm {norm:3}  {seconds:.2f} s, {shares[-1]:.3f} of the enumeration; "
            f"{constant.n_exact} maps computed exactly"
        )
    some = 300
    start = time.perf_counter()
    for region in islice(cells, some):
        cell_lipschitz(region, "inf")
    scaled = (time.perf_counter() - start) / some * len(cells)
    share = scaled / cells.seconds
    print(f"  baseline: exact norms of all cells, {scaled:.1f} s, {share:.2f} of the enumeration (scaled)")
    return max(shares) < MOST_SHARE_LIPSCHITZ


def main(words: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 if a demand is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder with nets/g_2-64-64-64-1.json"
    )
    parser.add_argument("--networks", type=int, default=200, help="number of random networks (default: 200)")
    parser.add_argument("--only", nargs="+", choices=["laws", "symbolic", "deep", "lipschitz"], help="run only these")
    arguments = parser.parse_args(words)
    if arguments.networks < 1:
        parser.error(f"--networks is {arguments.networks}; at least one is needed")
    studies: dict[str, Callable[[], bool]] = {
        "laws": lambda: laws(arguments.networks),
        "symbolic": symbolic,
        "deep": deep,
        "lipschitz": lambda: lipschitz(arguments.data),
    }
    failed = [name for name, study in studies.items() if (not arguments.only or name in arguments.only) and not study()]
    if failed:
        print(f"demands not met: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
