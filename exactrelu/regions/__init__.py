"""Regions: the polyhedra on which a network is affine, enumerated exactly in any dimension by a refinement tree."""
