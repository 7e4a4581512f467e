"""Optional libraries of footage, imported where they are used, with the command that installs them."""

from __future__ import annotations

import importlib
from typing import Any

from peelian.errors import InputError

INSTALL = "pip install 'peelian[vision]'"


def library(name: str) -> Any:
    """The module of the `vision` extra with this name; InputError gives the one line that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise InputError(f"footage needs {name}, which is not installed", accepted=INSTALL) from None
