"""Files and notebook output: formats by suffix, well-formed, self-contained, the same bytes each time, clear errors."""

from __future__ import annotations

import builtins
import json
import re
import shutil
import subprocess
import time
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from exactrelu.errors import InputError, MissingExtraError
from exactrelu.io.files import load_network
from exactrelu.networks.network import Network
from exactrelu.plot import Picture, figure_for, plot_complex, save_plot, show
from exactrelu.plot.scene import Scene
from exactrelu.plot.spatial import page, scene_data
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide

TENT = Network.from_weights([[[2], [4]], [[1, -1]]], [[0, -2], [0]], name="tent <1>")
LINES = Network.from_weights([[[1, 0], [0, 1], [1, 1]], [[1, 1, 1]]], [[0, 0, -1], [0]])
SPACE = Network.from_weights(
    [[[1, 0, 1], [0, 1, -1], [1, 1, 0]], [[1, -2, 1], [1, 1, -1]], [[1, -1]]],
    [[0, 0, 0], [0, -1], [0]],
    name="</script> & co",
)


def complex_of(network: Network) -> SubdivisionComplex:
    """The complex on the cube."""
    return subdivide(network, HPolyhedron.cube(network.n_inputs))


def outside_references(html: str) -> list[str]:
    """Whatever in a page could make a browser fetch something."""
    return re.findall(r"https?:|//\w|@import|<link|src=(?!\"data:)[^ >]*|url\((?!#)[^)]*", html.replace("// ", ""))


@pytest.mark.parametrize("network", [TENT, LINES])
@pytest.mark.parametrize("colour", ["pieces", "value", "regions"])
def test_svg_is_xml_with_a_layer_for_each_kind(network: Network, colour: str, tmp_path: Path) -> None:
    """The file parses, and the walls of layer 0 or the cells can be found in it by name."""
    save_plot(complex_of(network), tmp_path / "out.svg", colour=colour, level="1/3")
    root = ElementTree.parse(tmp_path / "out.svg").getroot()
    assert root.tag.endswith("svg")
    names = {element.get("id") for element in root.iter()}
    assert ("layer-0" in names) == (network is LINES)
    assert ("cells" in names) == (network is TENT or colour != "value")


def test_the_same_complex_gives_the_same_svg(tmp_path: Path) -> None:
    """No date, no random identifiers."""
    for name in ("one.svg", "two.svg"):
        save_plot(complex_of(LINES), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_png_is_written_from_a_path_as_text(tmp_path: Path) -> None:
    """The suffix may be in capitals."""
    save_plot(complex_of(LINES), str(tmp_path / "out.PNG"))
    assert (tmp_path / "out.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("network", [TENT, LINES, SPACE])
def test_html_is_self_contained(network: Network, tmp_path: Path) -> None:
    """Every dimension: nothing is fetched, and names from the file cannot end a script or open a tag."""
    save_plot(complex_of(network), tmp_path / "out.html", level=0)
    html = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert outside_references(html) == []
    assert html.count("</script>") == (1 if network is SPACE else 0)
    assert "<1>" not in html
    assert len(re.findall(r"<svg", html)) == (0 if network is SPACE else 1)


@pytest.mark.parametrize("text", ['<img src="http://x.y/z.png">', '<script src="a.js">', "url(font.woff)"])
def test_an_outside_reference_is_caught(text: str) -> None:
    """The check above sees addresses, scripts and fonts."""
    assert outside_references(text)


def test_collections_hold_the_geometry() -> None:
    """One polygon a cell in its colour, one segment a wall; the title gives the counts, the legend layers and level."""
    complex = subdivide(LINES, HPolyhedron.cube(2, -2, 2))
    axes = plot_complex(complex, level=0)
    by_name = {collection.get_gid(): collection for collection in axes.collections}
    assert len(by_name["cells"].get_paths()) == len(complex) == 7
    assert len(np.unique(by_name["cells"].get_facecolor(), axis=0)) == complex.affine_pieces
    walls = len(by_name["layer-0"].get_segments()) + len(by_name["boundary"].get_segments())
    assert walls == complex.f_vector[1]
    assert len(by_name["level-flat"].get_paths()) == 1
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["layer 0", "f = 0", "f = 0 on 1 whole cell"]
    assert any("7 cells · 7 linear regions · 7 affine pieces" in text.get_text() for text in axes.texts)


def test_the_graph_on_a_line_passes_through_the_vertices() -> None:
    """The tent on [-1, 1]: values at -1, 0, 1/2, 1 are 0, 0, 1, 0."""
    axes = plot_complex(complex_of(TENT))
    (graph,) = (collection for collection in axes.collections if collection.get_gid() == "graph")
    points = {tuple(point) for segment in graph.get_segments() for point in segment.tolist()}
    assert points == {(-1.0, 0.0), (0.0, 0.0), (0.5, 1.0), (1.0, 0.0)}


def test_given_axes_are_used_and_figures_are_new() -> None:
    """`ax` is drawn on; `figure_for` makes a figure without touching pyplot's state."""
    from matplotlib import pyplot
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    assert plot_complex(complex_of(LINES), ax=axes) is axes
    assert isinstance(figure_for(complex_of(LINES)), Figure)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(("network", "start"), [(LINES, "<svg"), (SPACE, "<iframe srcdoc=")])
def test_notebooks_get_html(network: Network, start: str) -> None:
    """A picture displays itself; the page of dimension 3 stands in a frame of its own."""
    picture = show(complex_of(network))
    assert isinstance(picture, Picture)
    assert picture._repr_html_().startswith(start)


def test_degenerate_networks_are_drawn(tmp_path: Path) -> None:
    """No hidden layer, dead and duplicate units, constant output: one picture each, on a box and on all of space."""
    networks = [
        Network.from_weights([[[1, 2]]], [[0]]),
        Network.from_weights([[[0, 0], [1, 0], [2, 0]], [[0, 0, 0]]], [[0, 0, 0], [5]]),
        Network.from_weights([[[0]], [[1]]], [[-1], [0]]),
        Network.from_weights([[[0, 0, 0]], [[1]]], [[1], [0]]),
    ]
    for network in networks:
        for domain in (HPolyhedron.cube(network.n_inputs), HPolyhedron.space(network.n_inputs)):
            for colour in ("pieces", "value"):
                save_plot(subdivide(network, domain), tmp_path / "out.html", colour=colour, level=5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "red"}, "colour must be one of"),
        ({"output": 3}, "output must be"),
        ({"view": [(0, 1)]}, "view needs"),
    ],
)
def test_unknown_options_are_refused(options: dict[str, Any], message: str) -> None:
    """The message names the option and what it may be."""
    with pytest.raises(InputError, match=message):
        plot_complex(complex_of(LINES), **options)


def test_formats_and_dimensions_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """The message says what would do."""
    with pytest.raises(InputError, match=r"ends in \.png, \.svg or \.html"):
        save_plot(complex_of(LINES), tmp_path / "out.gif")
    with pytest.raises(InputError, match=r"save it as \.html"):
        save_plot(complex_of(SPACE), tmp_path / "out.png")
    four = Network.from_weights([[[1, 1, 1, 1]], [[1]]], [[0], [0]])
    with pytest.raises(InputError, match="restrict the network to a plane"):
        save_plot(complex_of(four), tmp_path / "out.html")
    assert list(tmp_path.iterdir()) == []


def test_missing_matplotlib_is_said_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error gives the command that installs it; dimension 3 works all the same."""
    original = builtins.__import__

    def without_matplotlib(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    for draw in (plot_complex, figure_for, show):
        with pytest.raises(MissingExtraError, match=r"pip install 'exactrelu\[plot\]'"):
            draw(complex_of(LINES))
    assert show(complex_of(SPACE)).html


def test_large_complexes_are_drawn_quickly(shared_data: Path, tmp_path: Path) -> None:
    """Thousands of cells take one collection, not one artist each, so seconds and not minutes."""
    network = load_network(shared_data / "nets" / "g_2-64-64-64-1.json")
    complex = complex_of(network)
    assert len(plot_complex(complex).collections) < 10
    start = time.perf_counter()
    save_plot(complex, tmp_path / "out.png")
    assert time.perf_counter() - start < 60


def test_the_viewer_is_shipped(repository: Path) -> None:
    """The page's template is package data: without it an installed package could not write a page."""
    config = ConfigParser()
    config.read(repository / "setup.cfg", encoding="utf-8")
    assert config["options.package_data"]["exactrelu.plot"] == "viewer.html"
    assert (repository / "exactrelu" / "plot" / "viewer.html").is_file()


# -- the viewer of dimension 3 -----------------------------------------------------------------------------------------


def test_the_data_of_the_viewer_describe_the_complex() -> None:
    """All 2-faces with their units and cells, all configurations, coordinates in the cube [-1, 1]^3."""
    complex = complex_of(SPACE)
    data = scene_data(Scene.of(complex, level=0))
    assert len(data["faces"]) == complex.f_vector[2]
    assert sum(face[1] >= 0 for face in data["faces"]) == len(complex.adjacency)
    assert [cell[0] for cell in data["cells"]] == [configuration.bits for configuration in complex.configurations]
    assert np.abs(data["points"]).max() == 1
    assert data["level"]["pieces"]
    json.dumps(data, allow_nan=False)


# Enough of a browser to load the script; then every wall must have its far cell drawn before its near one.
HARNESS = """
const any = new Proxy(function () {}, {
  get: (_, key) => key === Symbol.toPrimitive ? () => 0 : key === Symbol.iterator ? function* () {} : any,
  set: () => true, apply: () => any,
});
const document = any, window = any, addEventListener = any, requestAnimationFrame = () => 0, location = { hash: "" };
%s
let wrong = 0;
for (const eye of [[8, 1, 2], [-7, 3, 4], [1, -8, 0.5], [0.1, 0.2, -8]]) {
  const rank = ranks(eye);
  for (const face of faces.filter(f => f.cells.length === 2)) {
    const [one, two] = face.cells;
    const near = dot(face.normal, eye) > face.offset ? two : one, far = near === one ? two : one;
    if (rank[far] >= rank[near]) wrong++;
  }
  if (new Set(rank).size !== cells.length) wrong++;
}
console.log(wrong, pieces([8, 1, 2]).filter(p => p.face.unit >= 0).length);
"""


def run_viewer(script: str) -> list[int]:
    """Wrong ranks, and the number of walls that the viewer draws."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the viewer's script needs node to be run")
    run = subprocess.run([node, "-e", HARNESS % script], capture_output=True, text=True, check=True)
    return [int(word) for word in run.stdout.split()]


def test_the_viewer_orders_cells_from_back_to_front() -> None:
    """For each wall and eye the cell behind is drawn first, all walls are drawn; a reversed side is caught."""
    complex = complex_of(SPACE)
    (script,) = re.findall(r"<script>(.*)</script>", page(Scene.of(complex)), re.DOTALL)
    assert run_viewer(script) == [0, len(complex.adjacency)]
    mutant = script.replace("face.offset ? 0 : 1]", "face.offset ? 1 : 0]")
    assert mutant != script
    assert run_viewer(mutant)[0] > 0
