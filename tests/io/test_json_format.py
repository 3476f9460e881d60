"""Network JSON: exact both ways, and strict."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import FormatError, InputError
from exactrelu.io.files import load_network
from exactrelu.io.json_format import read_network_json, write_network_json
from exactrelu.networks.activations import Activation
from exactrelu.networks.builders import absolute_value, maximum, random_network
from exactrelu.networks.network import Layer, Network

GOOD = '{"weights": [[["1/2", -1]], [[3]]], "biases": [["0.1"], [0]]}'


def test_numbers_are_read_exactly() -> None:
    """Fractions, decimals, exponents and integers of any size mean what they say."""
    net = read_network_json(
        '{"name": "n", "weights": [[["1/3", "-0.1", "1e-5", %s]]], "biases": [["+2"]]}' % ("9" * 5000)
    )
    row = net.output.linear[0]
    assert row[:3] == (Fraction(1, 3), Fraction(-1, 10), Fraction(1, 100000))
    assert row[3] == 10**5000 - 1
    assert net.output.offset == (2,)
    assert net.name == "n"


@given(
    st.lists(st.integers(1, 3), min_size=2, max_size=4),
    st.integers(0, 10**6),
    st.lists(
        st.tuples(st.fractions(-2, 2, max_denominator=3), st.fractions(-2, 2, max_denominator=3)),
        min_size=9,
        max_size=9,
    ),
)
def test_round_trip(widths: list[int], seed: int, slopes: list[tuple[Fraction, Fraction]]) -> None:
    """Writing and reading gives an equal network with the same name, activations included."""
    base = random_network(widths, seed=seed)
    pairs = iter([Activation(*pair) for pair in slopes])
    hidden = tuple(Layer(layer.affine, tuple(next(pairs) for _ in layer.activations)) for layer in base.hidden)
    net = Network(hidden, base.output, name='a "name" with \u00fcmlaut')
    again = read_network_json(write_network_json(net))
    assert again == net
    assert again.name == net.name


def test_relu_networks_are_written_without_activations() -> None:
    """The key appears only where some unit is no plain ReLU."""
    assert "activations" not in json.loads(write_network_json(absolute_value()))
    written = json.loads(write_network_json(maximum(2)))
    assert written["activations"] == [[["0", "1"], ["1", "1"]]]


def test_shared_networks(shared_data: Path) -> None:
    """Every network of the reference data is read, has its stated shape, and survives a round trip."""
    files = sorted((shared_data / "nets").glob("*.json"))
    assert len(files) > 50
    for file in files:
        net = load_network(file)
        assert net.name == file.stem
        assert read_network_json(write_network_json(net)) == net
    examples = [e for e in json.loads((shared_data / "worked-examples.json").read_text())["examples"] if "weights" in e]
    assert len(examples) > 50
    for example in examples:
        assert list(read_network_json(json.dumps(example)).widths) == example["architecture"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: invalid JSON"),
        ('{"weights": [],\n "biases" []}', "line 2, column 11: invalid JSON"),
        ("[1]", "a JSON object .* is expected, not a list"),
        ("null", "not null"),
        ("1.5", "not the number 1.5"),
        ('{"weights": [[[1]]]}', "key 'biases' is missing; found .'weights'."),
        ('{"weight": [[[1]]], "biases": [[0]]}', "unknown key 'weight'; did you mean 'weights'"),
        (GOOD[:-1] + ', "Activations": []}', "unknown key 'Activations'; did you mean 'activations'"),
        ('{"weights": [[[1]]], "biases": [[0]], "biases": [[1]]}', "key 'biases' occurs twice"),
        (GOOD.replace("3", "3.0"), r"weights\[1\]\[0\]\[0\] is the JSON number 3.0; quote it to be exact: \"3.0\""),
        (GOOD.replace("3", "1e2"), "JSON number 1e2"),
        (GOOD.replace("3", "NaN"), r"weights\[1\]\[0\]\[0\] is NaN; a finite"),
        (GOOD.replace("3", "-Infinity"), "is -Infinity"),
        (GOOD.replace("3", "true"), "not a Boolean"),
        (GOOD.replace("3", "null"), "not null"),
        (GOOD.replace("3", "[3]"), r"weights\[1\]\[0\]\[0\] must be an integer or a quoted number, not a list"),
        (GOOD.replace("3", '"3/0"'), "denominator is zero"),
        (GOOD.replace("3", '"nan"'), "not a rational number"),
        (GOOD.replace("[3]", "3"), r"weights\[1\]\[0\] must be a list"),
        (GOOD.replace('["1/2", -1]', '["1/2", -1], [1]'), r"weights\[0\]: row 1 has 1 entries, but row 0 has 2"),
        (GOOD.replace("[[3]]", "[[3, 4]]"), "layer 0 has 1 outputs, but layer 1 takes 2"),
        (GOOD.replace("[0]]", "[0, 1]]"), "layer 1: weights have 1 rows, but bias has 2"),
        ('{"weights": [], "biases": []}', "at least one"),
        ('{"weights": {}, "biases": []}', "weights must be a list"),
        ('{"weights": [[]], "biases": [[]]}', "layer 0"),
        (GOOD[:-1] + ', "activations": [[[0, 1], [0, 1]]]}', "1 preactivations, but 2 activations"),
        (GOOD[:-1] + ', "activations": [[[0, 1, 2]]]}', "pair .* not 3 entries"),
        (GOOD[:-1] + ', "activations": [[0]]}', r"activations\[0\]\[0\] must be a list"),
        (GOOD[:-1] + ', "activations": []}', "activations has 0 layers"),
        (GOOD[:-1] + ', "activations": null}', "activations must be a list"),
        (GOOD[:-1] + ', "name": 7}', "name must be text"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_text_is_one_clear_error(text: str, message: str) -> None:
    """Every defect is a FormatError that begins with the file's name and says where."""
    with pytest.raises(FormatError, match="^net.json.*" + message):
        read_network_json(text, source="net.json")


def test_other_keys_are_ignored() -> None:
    """Notes beside the network do no harm."""
    assert read_network_json(GOOD[:-1] + ', "note": 0.5, "id": {}}') == read_network_json(GOOD)


def test_a_layer_without_units() -> None:
    """Inner layers may be empty; an empty first layer cannot be written, as the input's dimension would be lost."""
    net = Network.from_weights([[[1]], [], [[]]], [[0], [], [5]])
    assert read_network_json(write_network_json(net)) == net
    assert net.evaluate([1]) == (5,)
    with pytest.raises(InputError, match="first layer"):
        write_network_json(Network((), Network.from_weights([[[1]], []], [[0], []]).output))


def test_files_by_content_and_by_extension(tmp_path: Path) -> None:
    """The extension decides, else a leading brace; the file's name stands in for a missing one."""
    for name in ("one.json", "two.txt", "three"):
        (tmp_path / name).write_text("\n " + GOOD)
        assert load_network(tmp_path / name) == read_network_json(GOOD)
    assert load_network(str(tmp_path / "two.txt")).name == "two"


def test_unreadable_files(tmp_path: Path) -> None:
    """A missing file, a folder, and bytes that are no text are FormatErrors that name the file."""
    with pytest.raises(FormatError, match=r"absent.json cannot be read: No such file"):
        load_network(tmp_path / "absent.json")
    with pytest.raises(FormatError, match="cannot be read"):
        load_network(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xfc"}')
    with pytest.raises(FormatError, match=r"latin\.json is not UTF-8 text: byte 10"):
        load_network(tmp_path / "latin.json")
    with pytest.raises(FormatError, match="no file name"):
        load_network("a\0b")
