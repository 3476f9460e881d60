"""Exact rational analysis of ReLU networks, with evidence that a stand-alone checker verifies.

A few jobs, a few lines each (`net.onnx` may be JSON too):

    network = exactrelu.load_network("net.onnx")
    regions = exactrelu.enumerate_regions(network, exactrelu.HPolyhedron.cube(network.n_inputs))
    print(exactrelu.count_regions(regions))

    exactrelu.write_certificate("proof.jsonl", regions, "net.onnx")
    report = exactrelu.check("proof.jsonl", "net.onnx")
    assert report.valid

    faces = exactrelu.subdivide(network)              # the whole face complex, in low dimension
    print(faces.f_vector, faces.linear_regions)

    configuration = exactrelu.configuration_at(network, ["1/2", -1])
    affine = exactrelu.affine_map(network, configuration)
    print(affine.linear, affine.offset)

    query = exactrelu.io.read_vnnlib("query.vnnlib", network)
    print(exactrelu.verification.decide_query(query).status)      # sat, unsat, unknown or timed-out

Further: `exactrelu.verification` (properties as queries, verdicts with proofs), `exactrelu.atoms` (atomic
decompositions), `exactrelu.bounds` (Lipschitz constants, gradients, ranges), `exactrelu.representations` (SymPy,
LaTeX, SMT-LIB, Python), `exactrelu.varieties` (pattern and output varieties), `exactrelu.plot` (pictures),
`exactrelu.lp` and `exactrelu.polyhedra` (exact linear programs and polyhedra).

All numbers are exact rationals; Python floats are refused unless their exact dyadic value is asked for.
"""

import sys as _sys

from exactrelu.certificates.writer import write_certificate
from exactrelu.checker import check
from exactrelu.conjectures.exploring import explore
from exactrelu.io.files import load_network
from exactrelu.networks.activations import Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration, configuration_at, covector_at
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.counts import RegionCounts, count_regions
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, Region, enumerate_regions

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "AffineMap",
    "Configuration",
    "Enumeration",
    "HPolyhedron",
    "Network",
    "Notion",
    "Region",
    "RegionCounts",
    "SubdivisionComplex",
    "affine_map",
    "check",
    "configuration_at",
    "count_regions",
    "covector_at",
    "enumerate_regions",
    "explore",
    "load_network",
    "subdivide",
    "write_certificate",
]

if _sys.modules.get("hypothesis"):
    # `st.from_type(Network)` works in a test module that imports Hypothesis first, too.  Never the other way round.
    from exactrelu.strategies.registration import register as _register

    _register()
