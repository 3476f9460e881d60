"""Exact rational analysis of ReLU networks, with evidence that a stand-alone checker verifies.

Three jobs, three lines each (`net.onnx` may be JSON too):

    network = exactrelu.load_network("net.onnx")
    regions = exactrelu.enumerate_regions(network, exactrelu.HPolyhedron.cube(network.n_inputs))
    print(exactrelu.count_regions(regions))

    exactrelu.write_certificate("proof.jsonl", regions, "net.onnx")
    report = exactrelu.check("proof.jsonl", "net.onnx")
    assert report.valid

    configuration = exactrelu.configuration_at(network, ["1/2", -1])
    affine = exactrelu.affine_map(network, configuration)
    print(affine.linear, affine.offset)

All numbers are exact rationals; Python floats are refused unless their exact dyadic value is asked for.
"""

from exactrelu.certificates.writer import write_certificate
from exactrelu.checker import check
from exactrelu.io.files import load_network
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration, configuration_at, covector_at
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.counts import RegionCounts, count_regions
from exactrelu.regions.notions import Notion
from exactrelu.regions.results import Enumeration, Region, enumerate_regions

__version__ = "0.1.0"

__all__ = [
    "AffineMap",
    "Configuration",
    "Enumeration",
    "HPolyhedron",
    "Network",
    "Notion",
    "Region",
    "RegionCounts",
    "affine_map",
    "check",
    "configuration_at",
    "count_regions",
    "covector_at",
    "enumerate_regions",
    "load_network",
    "write_certificate",
]
