"""One act: who does it, what they fill in, what is done, and what comes of it. Commands, forms and programs draw it.

    acts = Acts("retention", "Retention", "Retention periods, holds and destruction.")

    @acts.does("hold", "Place a hold", "Nothing that a hold covers is destroyed.", whom=holders, typed=("of",))
    def hold(office: Office, by: Operator, *, of: Annotated[str, asked("What to hold")]) -> Done: ...

is `peelian retention hold OF`, the form at `/tasks/retention-hold`, the entry of the same name of the API, and its row
in the table of doors. What it needs of the kernel is imported within the function, so that help loads none of it.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from peelian.kernel.model.doors import PERSON, Door, Enters, Leaves, Suspended
from peelian.kernel.model.parameters import Limits

if TYPE_CHECKING:
    from peelian.kernel.model.capability import Role
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office
    from peelian.pictures.panels import Grid, Panel, Panels, Say

    Roles = frozenset[Role]
    Offered = Callable[[Office, Say], Iterable[tuple[str, str]]]
    """What may be chosen now: a value, and how people read it."""
    Shown = Callable[..., Grid | None]
    """`(office, say, language, *, …)`: a table of what there is, None for nothing. Its keywords are choices."""

LINES, KIND, FILE, BINARY = "lines", "kind", "file", "binary"
ANYTHING = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that leaves, as panels: a door draws it as HTML or PDF, by the ending of its name."""

    name: str
    title: str
    panels: Panels
    language: str
    facts: tuple[tuple[str, str], ...] = ()
    made: datetime | None = None  # of a PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an act: one sentence, the page that shows it, a table, panels, a secret shown this once, a file.

    `file`: its name and content, a large one in pieces. `documents` are drawn, several of them as an `archive` of that
    name (a folder at the terminal). `proposal`: its digest, where a second person must agree first. `next`: what
    follows, for the terminal.
    `record`: the same for programs, in no language.
    """

    says: str = ""  # a `sentence`
    href: str = ""  # without the language
    grid: Grid | None = None
    panels: tuple[Panel, ...] = ()
    once: str = ""
    file: tuple[str, bytes | Iterator[bytes]] | None = None
    documents: Iterable[Document] = ()
    archive: str = ""
    proposal: str = ""
    next: tuple[str, ...] = ()
    record: Any = None


def _nothing_asked() -> type[Any] | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act as its room declares it. Without `do` it is only looked at.

    Texts are message ids. `whom` says whom the form is for; whether somebody may is the policy's, in the verb itself.
    `asks`: its parameters, made when they are first asked for; of what is looked at, the choices of its table.
    `offered`: choices of a field that the office knows only now; `hints`: what a typed field proposes. `then`: the form
    has two steps; what was chosen in the first (by field) gives the second as an act without `then`, None where that
    is no choice. `typed`: the fields that a command takes without a flag. `command`: its words after `peelian`; "": a
    command of its own does it. `proves`: at the terminal a person proves by their key that they are there.
    """

    id: str
    group: str
    title: str
    about: str
    whom: Callable[[], Roles]
    door: Door
    asks: Callable[[], type[Any] | None] = _nothing_asked
    do: Callable[[Office, Operator, Any], Done] | None = None
    offered: Mapping[str, Offered] = field(default_factory=dict)
    hints: Mapping[str, Offered] = field(default_factory=dict)
    shows: Shown | None = None
    then: Callable[[Office, Mapping[str, str]], Act | None] | None = None
    empty: str = "Nothing yet."
    record: Callable[..., Any] | None = None
    command: str = ""
    typed: tuple[str, ...] = ()
    proves: bool = False
    writes: str | None = None  # what comes of it is a file: the field that its ending decides at a terminal, or ""

    @property
    def roles(self) -> Roles:
        """Whose form this is."""
        return self.whom()

    @property
    def params(self) -> type[Any] | None:
        """What is filled in; None where it is only looked at."""
        return self.asks() if self.do else None


@dataclass(frozen=True, slots=True)
class Acts:
    """The acts of one room: the word its commands begin with, its heading at the pages, and what the word is about.

    Each function is an act; its keyword parameters, `Annotated` with what is `asked`, are its fields.
    """

    word: str
    group: str
    about: str
    known: dict[str, Act] = field(default_factory=dict)

    def does(
        self,
        name: str,
        title: str,
        about: str,
        *,
        whom: Callable[[], Roles],
        enters: Enters = Enters.WORDS,
        leaves: Leaves = Leaves.NOTHING,
        suspended: Suspended = Suspended.GOES_ON,
        reads: str = "",
        **more: Any,
    ) -> Callable[[Callable[..., Done]], Callable[..., Done]]:
        """Declare a function as an act; `more` are fields of `Act`. `reads`: what its form shows of the staff's own
        records, which is logged (`kernel/access/staff_reads.READS`)."""

        def declared(act: Callable[..., Done]) -> Callable[..., Done]:
            door = self._door(name, enters, leaves, suspended, reads)
            asks, do = cache(partial(_params, act)), _doing(act)
            given = {"asks": asks, "do": do, "whom": whom, "door": door, **self._of(name), **more}
            self._add(Act(title=title, about=about, **given))
            return act

        return declared

    def lists(
        self,
        name: str,
        title: str,
        about: str,
        *,
        whom: Callable[[], Roles],
        leaves: Leaves = Leaves.RECORDS,
        reads: str = "",
        **more: Any,
    ) -> Callable[[Shown], Shown]:
        """Declare a table that is only looked at; `record` gives the same for programs."""

        def declared(shows: Shown) -> Shown:
            door = self._door(name, Enters.NOTHING, leaves, Suspended.GOES_ON, reads)
            asks = cache(partial(_params, shows))
            given = {"asks": asks, "shows": shows, "whom": whom, "door": door, **self._of(name), **more}
            self._add(Act(title=title, about=about, **given))
            return shows

        return declared

    def _of(self, name: str) -> dict[str, Any]:
        return {"id": f"{self.word}-{name}", "group": self.group, "command": f"{self.word} {name}"}

    def _door(self, name: str, enters: Enters, leaves: Leaves, suspended: Suspended, reads: str) -> Door:
        id = f"{self.word}-{name}"
        return Door(name=id, whom=PERSON, enters=enters, leaves=leaves, suspended=suspended, reads=reads)

    def _add(self, act: Act) -> None:
        if act.id in self.known:
            raise ValueError(f"declared twice: {act.id}")
        self.known[act.id] = act


def asked(
    help: str,
    *,
    unit: str = "",
    names: Mapping[str, str] | Sequence[str] = (),
    lines: int = 1,
    kind: str = "text",
    file: str = "",
    binary: bool = False,
    limits: Limits = ANYTHING,
) -> Any:
    """What is asked of a field: `names` are its choices, each with what people call it where it does not say it
    itself; `lines` of a long text.

    `kind` as HTML has it: `date`; `password` is never shown again, nor kept while a key is unlocked (`UNKEPT`), and a
    command prompts for it. `file`: the text of a file (which kinds a browser offers), or pasted where it has lines; a
    command takes its path. It is kept nowhere on its way: not shown again after a slip, nor carried over the page that
    asks for a session or a passphrase. `binary`: it is no text, and comes in base 64.
    """
    known = names if isinstance(names, Mapping) else {}
    metadata = {"help": help, "unit": unit, "choices": tuple(names), "names": known, "limits": limits}
    return field(metadata=metadata | {LINES: lines, KIND: kind, FILE: file, BINARY: binary})


def _doing(act: Callable[..., Done]) -> Callable[[Office, Operator, Any], Done]:
    """The act as its doors call it: with the params that were filled in."""

    def do(office: Office, by: Operator, given: Any) -> Done:
        return act(office, by, **{name: getattr(given, name) for name in _keywords(act)})

    return do


def _keywords(act: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(act).parameters
    return {name: one for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY}


def _params(act: Callable[..., Any]) -> type[Any] | None:
    """A params dataclass from the keyword parameters of a function; None where it has none."""
    known, made = _keywords(act), []
    told = inspect.get_annotations(act)
    bare = SimpleNamespace(__annotations__={name: told[name] for name in known})
    hints = typing.get_type_hints(bare, act.__globals__, include_extras=True)
    for name, one in known.items():
        kind, how = typing.get_args(hints[name])
        default = dataclasses.MISSING if one.default is one.empty else one.default
        made.append((name, kind, field(default=default, metadata=how.metadata)))
    return dataclasses.make_dataclass(act.__name__, made, frozen=True, slots=True, kw_only=True) if made else None
