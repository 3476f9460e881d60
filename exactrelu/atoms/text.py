"""Decompositions as text for people and as plain values for JSON.  Indices count from 0; numbers are exact text."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from exactrelu.atoms.decomposition import AtomicDecomposition
from exactrelu.exact.rationals import format_rational

__all__ = ["atoms_to_json", "atoms_to_latex", "format_atoms"]


def atoms_to_json(decomposition: AtomicDecomposition) -> dict[str, Any]:
    """Return the decomposition as a dictionary of text, numbers and lists, ready for `json.dumps`.

    alpha and beta have an entry for every formal term, zero coefficients included; keys are "i,j" and "i".

    Example:
        >>> from exactrelu.atoms.decomposition import atomic_decomposition
        >>> from exactrelu.networks.network import Network
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], ["1/2"]])
        >>> value = atoms_to_json(atomic_decomposition(absolute, "01"))
        >>> value["linear"], value["offset"], value["alpha"], value["beta"], value["n_paths"]
        ([['-1']], ['1/2'], {'1,1': '1'}, {'1': '0'}, 1)
    """
    total = decomposition.affine_map
    return {
        "configuration": decomposition.configuration.bits,
        "linear": [[format_rational(a) for a in row] for row in total.linear],
        "offset": [format_rational(a) for a in total.offset],
        "alpha": {f"{i},{j}": format_rational(a) for (i, j), a in decomposition.coefficients.items()},
        "beta": {str(i): format_rational(b) for i, b in decomposition.offsets.items()},
        "n_atoms_formal": decomposition.n_atoms_formal,
        "n_atoms_nonzero": decomposition.n_atoms_nonzero,
        "n_atoms_independent": decomposition.n_atoms_independent,
        "rank": decomposition.rank,
        "rank_bound": decomposition.rank_bound,
        "n_paths": decomposition.n_paths,
        "n_paths_per_coefficient": decomposition.n_paths_per_coefficient,
    }


def format_atoms(decomposition: AtomicDecomposition, *, limit: int = 20) -> str:
    """Return the decomposition as a few lines of text; at most `limit` atoms and offsets are written out.

    Example:
        >>> from exactrelu.atoms.decomposition import atomic_decomposition
        >>> from exactrelu.networks.network import Network
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> print(format_atoms(atomic_decomposition(hat, "11")))
        configuration 11, active units by layer: 2
        atoms: 2 formal, 2 non-zero, 1 independent; rank of the linear part 1 (bound 2)
        paths: 2, 1 for each coefficient
          alpha[0,0] = 1    times column (1) and row (1)
          alpha[1,1] = 1    times column (-2) and row (1)
          beta[0] = 0    times column (1)
          beta[1] = -1    times column (-2)
        linear part ((-1)), offset (2)
    """
    d, atoms = decomposition, decomposition.atoms
    sizes = ", ".join(str(len(active)) for active in d.supports)
    lines = [
        f"configuration {d.configuration}, active units by layer: {sizes}",
        f"atoms: {d.n_atoms_formal} formal, {d.n_atoms_nonzero} non-zero, {d.n_atoms_independent} independent; "
        f"rank of the linear part {d.rank} (bound {d.rank_bound})",
        f"paths: {d.n_paths}, {d.n_paths_per_coefficient} for each coefficient",
    ]
    terms = [
        f"  alpha[{i},{j}] = {format_rational(a)}    times column {_vector(atoms.column(i))}"
        f" and row {_vector(atoms.row(j))}"
        for (i, j), a in list(d.coefficients.items())[:limit]
    ]
    terms += _more(len(d.coefficients) - limit, "atoms")
    terms += [
        f"  beta[{i}] = {format_rational(b)}    times column {_vector(atoms.column(i))}"
        for i, b in list(d.offsets.items())[:limit]
    ]
    terms += _more(len(d.offsets) - limit, "offset terms")
    linear = ", ".join(_vector(row) for row in d.affine_map.linear)
    return "\n".join([*lines, *terms, f"linear part ({linear}), offset {_vector(d.affine_map.offset)}"])


def atoms_to_latex(decomposition: AtomicDecomposition) -> str:
    r"""Return linear part and offset as sums over atoms in LaTeX, one line each.

    Example:
        >>> from exactrelu.atoms.decomposition import atomic_decomposition
        >>> from exactrelu.networks.network import Network
        >>> hat = Network.from_weights([[[1], [1]], [[1, "-3/2"]]], [[0, -1], [0]])
        >>> print(atoms_to_latex(atomic_decomposition(hat, "11")))
        A = \begin{pmatrix} 1 \end{pmatrix} \otimes (1) + \begin{pmatrix} -\frac{3}{2} \end{pmatrix} \otimes (1)
        c = \begin{pmatrix} 0 \end{pmatrix} - \begin{pmatrix} -\frac{3}{2} \end{pmatrix}
    """
    d, atoms = decomposition, decomposition.atoms
    linear = _latex_sum(
        (alpha, rf"{_latex_column(atoms.column(i))} \otimes ({', '.join(map(_latex_number, atoms.row(j)))})")
        for (i, j), alpha in d.coefficients.items()
    )
    base = (Fraction(1), _latex_column(d.network.output.offset))
    offset = _latex_sum([base, *((beta, _latex_column(atoms.column(i))) for i, beta in d.offsets.items())])
    return f"A = {linear}\nc = {offset}"


def _latex_sum(terms: Iterable[tuple[Fraction, str]]) -> str:
    text = ""
    for factor, symbol in terms:
        if factor:
            sign = ("-" if factor < 0 else "") if not text else (" - " if factor < 0 else " + ")
            size = abs(factor)
            text += sign + (symbol if size == 1 else rf"{_latex_number(size)}\, {symbol}")
    return text or "0"


def _latex_column(values: Iterable[Fraction]) -> str:
    return r"\begin{pmatrix} " + r" \\ ".join(map(_latex_number, values)) + r" \end{pmatrix}"


def _latex_number(value: Fraction) -> str:
    if value.denominator == 1:
        return format_rational(value)
    sign = "-" if value < 0 else ""
    numerator, denominator = (format_rational(part) for part in (abs(value.numerator), value.denominator))
    return rf"{sign}\frac{{{numerator}}}{{{denominator}}}"


def _more(count: int, name: str) -> list[str]:
    return [f"  ... and {count} more {name}"] if count > 0 else []


def _vector(values: Iterable[Fraction]) -> str:
    return "(" + ", ".join(format_rational(a) for a in values) + ")"
