"""Each format says what the network computes: evaluated or read back, exactly, at points and by a solver."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

import pytest
import sympy

from exactrelu.errors import FormatError, InputError
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.results import enumerate_regions
from exactrelu.representations.latex import to_latex
from exactrelu.representations.pieces import Piece, PiecewiseAffine
from exactrelu.representations.pieces_json import read_pieces_json, write_pieces_json
from exactrelu.representations.python_source import to_python
from exactrelu.representations.smtlib import network_to_smtlib, to_smtlib
from exactrelu.representations.sympy_form import inputs_of, to_sympy

from .networks import AFFINE, MIXED, N4, NETWORKS, VECTOR, points, written_out

every_network = pytest.mark.parametrize("net", NETWORKS.values(), ids=NETWORKS)


@every_network
def test_pieces(net: Network) -> None:
    """The list of pieces has the network's value everywhere."""
    function = written_out(net)
    assert all(function.evaluate(x) == net(x) for x in points(net))


@every_network
def test_sympy(net: Network) -> None:
    """The Piecewise expressions have the exact value, also after writing them to text and reading that."""
    function = written_out(net)
    formulas, x = to_sympy(function), inputs_of(function)
    again = [sympy.sympify(str(f), locals={str(s): s for s in x}) for f in formulas]
    for point in points(net, 5):
        values = dict(zip(x, (sympy.Rational(a.numerator, a.denominator) for a in point), strict=True))
        for read in (formulas, again):
            assert tuple(Fraction(str(f.subs(values))) for f in read) == net(point)


@pytest.mark.parametrize("cells", ["half-open", "closed"])
def test_other_notions_are_refused(cells: Literal["half-open", "closed"]) -> None:
    """|x| has two pieces; its three half-open configurations would add a flat one."""
    absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    assert len(written_out(absolute).pieces) == 2
    with pytest.raises(InputError, match="full"):
        PiecewiseAffine.of_enumeration(enumerate_regions(absolute, cells=cells))


def test_sympy_is_undefined_outside() -> None:
    """Outside the domain the expression is nan, not a wrong number."""
    function = written_out(N4, HPolyhedron.cube(2))
    x = inputs_of(function)
    (formula,) = to_sympy(function)
    assert formula.subs({x[0]: 2, x[1]: 0}) is sympy.nan


def _latex_value(text: str, point: tuple[Fraction, ...]) -> list[Fraction] | None:
    """Evaluate the cases environment by turning it into Python."""

    def python(form: str) -> str:
        form = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"F(\1,\2)", form)
        form = re.sub(r"x_\{(\d+)\}", r"x[\1]", form)
        return re.sub(r"([\d)]) x", r"\1*x", form)

    scope = {"F": Fraction, "x": point}
    body = text[text.index(r"\begin{cases}") + 13 : text.rindex(r"\end{cases}")]
    for line in body.strip().split(", \\\\\n"):
        value, condition = line.split(" & ")
        tests = [] if "everywhere" in condition else condition.replace(r"\text{if } ", "").split(r",\; ")
        if all(eval(python(t).replace(r"\leq", "<=").replace(" = ", " == "), scope) for t in tests):
            inner = value.strip().removeprefix(r"\begin{pmatrix} ").removesuffix(r" \end{pmatrix}")
            return [Fraction(eval(python(form), scope)) for form in inner.split(r" \\ ")]
    return None


@every_network
def test_latex(net: Network) -> None:
    """The LaTeX source, evaluated, has the network's values."""
    text = to_latex(written_out(net))
    assert text.count("{") == text.count("}")
    for point in points(net):
        value = _latex_value(text, point)
        assert value is not None
        assert tuple(value) == net(point)


@every_network
def test_python(net: Network) -> None:
    """The generated function runs on its own and gives exact values."""
    scope: dict[str, object] = {}
    exec(to_python(written_out(net)), scope)
    function = scope["network"]
    assert callable(function)
    for point in points(net):
        assert function(point) == net(point)
        assert all(type(y) is Fraction for y in function(point))
    with pytest.raises(TypeError, match="floats"):
        function([0.5] * net.n_inputs)


def test_python_outside_and_names() -> None:
    """Outside the domain it raises; a name from a file cannot leave its comment; a bad function name is refused."""
    strange = Piece(HPolyhedron.box([0], [1]), AffineMap.from_parts([[1]], [0]), "a\nimport os\rimport sys")
    source = to_python(PiecewiseAffine((strange,)))
    assert "# a import os import sys" in source
    scope: dict[str, object] = {}
    exec(source, scope)
    function = scope["network"]
    assert callable(function)
    with pytest.raises(ValueError, match="outside"):
        function([2])
    with pytest.raises(InputError, match="identifier"):
        to_python(PiecewiseAffine((strange,)), name="a b")


@pytest.mark.parametrize("name", ["class", "None", "Fraction", "tuple", "isinstance", "float", "ValueError"])
def test_python_names_with_a_meaning_are_refused(name: str) -> None:
    """A keyword gives no valid source; a builtin or Fraction would be called by the function itself."""
    with pytest.raises(InputError, match="another identifier"):
        to_python(written_out(AFFINE), name=name)


@every_network
def test_json_reads_back(net: Network) -> None:
    """Equal after a round trip."""
    function = written_out(net)
    assert read_pieces_json(write_pieces_json(function)) == function


PIECE = '{"rows": [[[1], "<=", 0]], "linear": [[1]], "offset": [0]}'


def document(*pieces: str, inputs: str = "1", outputs: str = "1") -> str:
    """The text of a function with the given pieces."""
    return f'{{"inputs": {inputs}, "outputs": {outputs}, "pieces": [{", ".join(pieces)}]}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1 column 2"),
        ("[]", "object"),
        ('{"inputs": 1, "outputs": 1}', "'pieces' is missing"),
        (document(), "empty"),
        (document(PIECE, outputs="2"), "outputs is 2"),
        (document(PIECE, inputs='"1"'), "integer"),
        (document(PIECE, inputs="2"), "piece 0"),
        (document(PIECE, '{"rows": []}'), "piece 1: the key 'linear' is missing"),
        (document(PIECE.replace('"<="', '"<"')), "piece 0.*strict"),
        (document(PIECE.replace("[[1]]", "[[1e5]]")), "1e5"),
        (document(PIECE.replace("[[1]]", "[[NaN]]")), "NaN"),
    ],
)
def test_json_errors(text: str, message: str) -> None:
    """Every mistake is a FormatError that says where."""
    with pytest.raises(FormatError, match=message):
        read_pieces_json(text)


@every_network
def test_smtlib_pieces_equal_the_network(net: Network) -> None:
    """A solver reads both scripts and finds no input where pieces and network differ."""
    z3 = pytest.importorskip("z3")
    solver = z3.Solver()
    solver.add(z3.parse_smt2_string(to_smtlib(written_out(net))))
    other = network_to_smtlib(net).replace("y", "w")
    solver.add(z3.parse_smt2_string(other))
    outputs = range(net.n_outputs)
    assert solver.check() == z3.sat
    solver.add(z3.Or(*(z3.Real(f"y{k}") != z3.Real(f"w{k}") for k in outputs)))
    assert solver.check() == z3.unsat


def test_smtlib_notices_a_changed_piece() -> None:
    """The comparison fails when one coefficient of one piece is changed."""
    z3 = pytest.importorskip("z3")
    function = written_out(MIXED)
    changed = AffineMap.from_parts([[a + 1 for a in function.pieces[0].affine_map.linear[0]]], [0])
    pieces = (Piece(function.pieces[0].polyhedron, changed), *function.pieces[1:])
    solver = z3.Solver()
    solver.add(z3.parse_smt2_string(to_smtlib(PiecewiseAffine(pieces))))
    solver.add(z3.parse_smt2_string(network_to_smtlib(MIXED).replace("y", "w")))
    solver.add(z3.Real("y0") != z3.Real("w0"))
    assert solver.check() == z3.sat


def test_smtlib_value_at_a_point() -> None:
    """With the input fixed the solver's model is the exact output, a fraction included."""
    z3 = pytest.importorskip("z3")
    solver = z3.Solver()
    solver.add(z3.parse_smt2_string(to_smtlib(written_out(VECTOR))))
    x = (Fraction(1, 3), Fraction(-2, 7))
    solver.add(*(z3.Real(f"x{k}") == z3.Q(a.numerator, a.denominator) for k, a in enumerate(x)))
    assert solver.check() == z3.sat
    model = solver.model()
    read = (model[z3.Real(f"y{k}")] for k in range(2))
    assert tuple(Fraction(y.numerator_as_long(), y.denominator_as_long()) for y in read) == VECTOR(x)


def test_affine_networks_are_one_piece() -> None:
    """Without a condition each format still is well formed."""
    function = written_out(AFFINE)
    assert len(function.pieces) == 1
    assert "everywhere" in to_latex(function)
    assert "if True" in to_python(function)
    assert "(or" not in to_smtlib(function)
    silent = PiecewiseAffine.of([(HPolyhedron.space(1), AffineMap.from_parts([], [], n_inputs=1))])
    assert "(assert true)" in to_smtlib(silent)
