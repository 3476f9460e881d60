"""Polyhedra over Q: dimension, irredundant descriptions, vertices, volume, projection, all with evidence.

`hpolyhedron` is the class to use.  `affine_hull` finds dimension and implied equalities, `redundancy` drops rows with
proofs, `generators` computes vertices, rays and lines, `volume` triangulates.
"""

from exactrelu.polyhedra.affine_hull import AffineHull, ImpliedEquality, find_affine_hull
from exactrelu.polyhedra.generators import Generators, find_generators
from exactrelu.polyhedra.hpolyhedron import BoundingBox, HPolyhedron
from exactrelu.polyhedra.redundancy import Derivation, IrredundantSystem, remove_redundancy

__all__ = [
    "AffineHull",
    "BoundingBox",
    "Derivation",
    "Generators",
    "HPolyhedron",
    "ImpliedEquality",
    "IrredundantSystem",
    "find_affine_hull",
    "find_generators",
    "remove_redundancy",
]
