"""How commands read a network file: the options for what a format leaves open, and the reading itself."""

from __future__ import annotations

import argparse
from os import PathLike
from pathlib import Path

from exactrelu.errors import InputError
from exactrelu.io.files import load_network
from exactrelu.networks.network import Network

__all__ = ["add_reading_options", "read_network_file"]


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `read_network_file` looks at."""
    group = parser.add_argument_group("what a network file leaves open")
    group.add_argument(
        "--coordinates",
        choices=["normalised", "original"],
        help="for .nnet files: inputs and outputs as the layers take them, or in the file's original units",
    )
    group.add_argument(
        "--batch-normalisation",
        metavar="READING",
        help="how an irrational root is read: float32, float64, or a positive rational whose multiples are taken",
    )


def read_network_file(path: str | PathLike[str], arguments: argparse.Namespace) -> Network:
    """Return the network in a file as the options say.

    Raises:
        FormatError: the file cannot be read, or is no network.
        InputError: an option is missing for this file, or has no meaning for it.
    """
    is_nnet = Path(path).suffix.lower() == ".nnet"
    if is_nnet and arguments.coordinates is None:
        raise InputError(
            f"{path}: say --coordinates normalised (the layers as they are) or original (the file's units)"
        )
    if arguments.coordinates is not None and not is_nnet:
        raise InputError(f"--coordinates has no meaning for {path}; it is for .nnet files")
    normalised = None if arguments.coordinates is None else arguments.coordinates == "normalised"
    return load_network(path, batch_normalisation=arguments.batch_normalisation, normalised=normalised)
