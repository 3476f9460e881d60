"""A network's pieces written out: SymPy, LaTeX, SMT-LIB 2, JSON, Python; and the exact test of continuity."""

from exactrelu.representations.continuity import (
    Agreement,
    Continuous,
    Disagreement,
    Disjoint,
    decide_continuity,
)
from exactrelu.representations.latex import to_latex
from exactrelu.representations.pieces import Piece, PiecewiseAffine
from exactrelu.representations.pieces_json import read_pieces_json, write_pieces_json
from exactrelu.representations.python_source import to_python
from exactrelu.representations.smtlib import network_to_smtlib, to_smtlib
from exactrelu.representations.sympy_form import to_sympy

__all__ = [
    "Agreement",
    "Continuous",
    "Disagreement",
    "Disjoint",
    "Piece",
    "PiecewiseAffine",
    "decide_continuity",
    "network_to_smtlib",
    "read_pieces_json",
    "to_latex",
    "to_python",
    "to_smtlib",
    "to_sympy",
    "write_pieces_json",
]
