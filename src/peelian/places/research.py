"""What every result of the library says of itself, and where the heavy libraries are imported."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from peelian.errors import InputError

RESEARCH = "research use: no accuracy report"
EXTRAS = {"geopandas": "geo", "matplotlib": "plots"}


def library(name: str) -> Any:
    """A library of an extra, imported when it is first used; InputError says which extra to install."""
    if find_spec(name.partition(".")[0]) is None:
        extra = EXTRAS.get(name.partition(".")[0], "geo")
        raise InputError(f"this needs the extra {extra}", accepted=f'pip install "peelian[{extra}]"')
    return import_module(name)


def marked(frame: Any) -> Any:
    """The frame, which now says in its `attrs` that it is for research."""
    frame.attrs["use"] = RESEARCH
    return frame
