"""What a demonstration tells, in French: a sentence without French is an error."""

from __future__ import annotations

from peelian.catalogues import say_in
from peelian.cli.words import _others
from peelian.errors import Sentence
from peelian.wording.errors import translated


def in_french(line: str) -> str:
    """A line as the terminal prints it in French; one without values may be data (an address) and stays as it is."""
    return translated(line, say_in("fr", (*_others(), "peelian.cli"), strict=isinstance(line, Sentence)))
