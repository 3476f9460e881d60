"""Certificates: writing what a search found into files that the stand-alone checker accepts."""
