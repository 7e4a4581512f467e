"""Acts: whatever changes the office's state is done where its log is held: here, or by a divided office's registrar.

A verb marked `@act` runs in this process where the office is embedded or in memory. In a divided office the call is
carried to the registrar, which does the same verb with its own kernel, log and keys, and asks back for each signature
of the person who acts. So each rule stands once, in the verb.

Everything an act takes and returns is plain: documents, text, numbers, times. Files, tables and functions never cross.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ACTS: dict[str, Callable[..., Any]] = {}
"""Every act by its name, as its module was imported."""


class Carries(Protocol):
    """Whoever carries an act to the registrar of a divided office."""

    def act(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """What the registrar's verb of this name returned; its error is raised here."""
        ...


def act(verb: Callable[P, R]) -> Callable[P, R]:
    """Have a verb, whose first argument is the kernel, done where the log is held."""
    name, signature = f"{verb.__module__}.{verb.__qualname__}", inspect.signature(verb)
    ACTS[name] = verb

    @wraps(verb)
    def done(*args: P.args, **kwargs: P.kwargs) -> R:
        kernel: Any = args[0]
        registrar = kernel.registrar
        if registrar is None:
            with suppress(Exception):  # policies that fail are told of when they are asked: who acts is logged first
                kernel.policy.digest()  # they are read before the act takes its turn: nobody waits for that
            return verb(*args, **kwargs)
        given = dict(signature.bind(*args, **kwargs).arguments)
        del given[next(iter(given))]
        found: R = registrar.act(name, given)
        return found

    return done
