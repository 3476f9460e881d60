"""Atomic decompositions of affine pieces [HH19, Theorem 5]: atoms, path sums, paths, jumps, symbolic forms."""

from exactrelu.atoms.decomposition import AtomicDecomposition, Atoms, atomic_decomposition
from exactrelu.atoms.image_cone import ImageCone, ImageGenerator, image_cone
from exactrelu.atoms.jumps import Jump, JumpTerm, RankOne, jump, rank_one_factors
from exactrelu.atoms.paths import Path, iter_paths
from exactrelu.atoms.text import atoms_to_json, atoms_to_latex, format_atoms

__all__ = [
    "AtomicDecomposition",
    "Atoms",
    "ImageCone",
    "ImageGenerator",
    "Jump",
    "JumpTerm",
    "Path",
    "RankOne",
    "atomic_decomposition",
    "atoms_to_json",
    "atoms_to_latex",
    "format_atoms",
    "image_cone",
    "iter_paths",
    "jump",
    "rank_one_factors",
]
