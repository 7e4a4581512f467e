"""Optional libraries of footage, imported where they are used, with the command that installs them."""

from __future__ import annotations

import importlib
from typing import Any

from peelian.errors import InputError, sentence

INSTALL = "pip install 'peelian[vision]'"


def library(name: str) -> Any:
    """The module of the `vision` extra with this name; InputError gives the one line that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        says = sentence("footage needs %(name)s, which is not installed", name=name)
        raise InputError(says, accepted=INSTALL) from None
