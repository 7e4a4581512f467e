"""Compile a plain Python loop with numba on first use; where numba is not installed the loop runs as it is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import ParamSpec, TypeVar

from peelian.errors import InputError, sentence

P = ParamSpec("P")
R = TypeVar("R")

BEARABLE_WITHOUT_NUMBA = 200_000  # steps of a loop that plain Python does in about a second


@cache
def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`function` compiled to machine code (kept on disk beside its module), or itself where numba is missing.

    The loops are written so that both give the same numbers; the tests run each of them both ways. No argument of a
    loop may be a Python list or dict. Compiled loops release the interpreter lock, so that threads share them.
    """
    try:
        from numba import njit  # half a second to import: only when a loop is needed
    except ImportError:
        return function
    made: Callable[P, R] = njit(cache=True, nogil=True, error_model="numpy")(function)
    return made


def numba_is_here() -> bool:
    """Whether loops are compiled."""
    return find_spec("numba") is not None


def refuse_slow(steps: float, what: str) -> None:
    """Raise InputError naming the extra where numba is missing and plain Python would take too long over `steps`."""
    if steps > BEARABLE_WITHOUT_NUMBA and not numba_is_here():
        accepted = sentence(
            "pip install 'peelian[fast]', or at most %(most)d steps without it", most=BEARABLE_WITHOUT_NUMBA
        )
        raise InputError(sentence("%(what)s needs numba for this much data", what=sentence(what)), accepted=accepted)
