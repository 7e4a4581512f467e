"""One task: who does it, what they fill in, what is done with it, and what its page shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from peelian.acts.act import BINARY, FILE, KIND, LINES
from peelian.acts.act import Done as Done
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Say

Offered = Callable[[Office, Say], Iterable[tuple[str, str]]]
"""What may be chosen now: a value, and how people read it."""
Shown = Callable[[Office, Say, str], Grid | None]
"""A table of what there is, in a language; None: there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as its room declares it. `params`, `do`: what is filled in and done; without them it is only looked at.

    Texts are message ids. `roles` says whom the page is for; whether somebody may is the policy's, in the act itself.
    `offered`: choices of a field that the office knows only now; `hints`: what a typed field proposes. `then`: the form
    has two steps; what was chosen in the first (by field) gives the second as a task without `then`, None where that
    is no choice.
    """

    id: str
    group: str
    title: str
    about: str
    roles: frozenset[Role]
    params: type[Any] | None = None
    do: Callable[[Office, Operator, Any], Done] | None = None
    offered: Mapping[str, Offered] = field(default_factory=dict)
    hints: Mapping[str, Offered] = field(default_factory=dict)
    shows: Shown | None = None
    then: Callable[[Office, Mapping[str, str]], Task | None] | None = None
    empty: str = "Nothing yet."

    def asks(self) -> type[Any] | None:
        return self.params


def asked(
    help: str,
    *,
    default: Any = dataclasses.MISSING,
    unit: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
    lines: int = 1,
    kind: str = "text",
    file: str = "",
    binary: bool = False,
) -> Any:
    """A field of a task's params: `names` are its choices, each with what people call it; `lines` of a long text.

    `kind` as HTML has it: `date`; `password` is never shown again, nor kept while a key is unlocked (`UNKEPT`).
    `file`: the text of a file (which kinds a browser offers), or pasted where it has lines. It is kept nowhere on its
    way: not shown again after a slip, nor carried over the page that asks for a session or a passphrase. `binary`: it
    is no text, and comes in base 64.
    """
    metadata = {"help": help, "unit": unit, "choices": tuple(names), "names": names, LINES: lines, KIND: kind}
    return field(default=default, metadata=metadata | {FILE: file, BINARY: binary})
