"""What a technology declares: nouns only. The kernel reads them, the doors draw themselves from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import (
    Bench,
    Delivery,
    Make,
    Moment,
    Provenance,
    dropped,
    scratch_in_memory,
)
from peelian.kernel.model.vocabulary import AuthorizationKind as AuthorizationKind
from peelian.kernel.model.vocabulary import Purpose as Purpose
from peelian.kernel.model.vocabulary import Role as Role
from peelian.kernel.model.vocabulary import Scalar as Scalar
from peelian.measure.table import Kind, Table
from peelian.pictures.panels import Panels, Say

if TYPE_CHECKING:  # heavy, and only named
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What the kernel hands to a capability: a table and the facts recorded about it at admission.

    `facts` are scalars such as `zone` (IANA name), `centre_lon`, `centre_lat`, `from_day`, `to_day`, `source`.
    For an object in custody `table` is its description, `stream` a readable, seekable file of its bytes that the kernel
    closes after the run, and `digest` their SHA-256; `history` is filled where the capability's `Read` asks for it.
    """

    id: str
    format: str
    digest: str
    table: Table
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    stream: BinaryIO | None = None
    history: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What `run` may lean on besides its data: a seed and a place to report progress; no clock, no randomness."""

    seed: int
    progress: Callable[[str, float], None]  # a short message id and a share from 0 to 1
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]] = field(
        default_factory=dict
    )  # the bodies of the authorizations it needed
    make: Callable[[str], AbstractContextManager[BinaryIO]] = dropped
    # for a capability that declares `makes`: a file to write that role's derivative into, from its first byte to its
    # last (no seeking); it is sealed as it is written, and nothing of it remains where the run fails
    scratch: Callable[[], BinaryIO] = scratch_in_memory
    # a file to write, seek and read while the run lasts: encrypted under a key that only the process's memory knows
    provenance: Provenance | None = None  # how the office signs what leaves it; None where there is no office


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sentence of a finding: a message id (the English sentence with `%(name)s` places) and its values.

    `kind` is finding, caveat (what it cannot tell) or explanation. The door out lets through only sentences that the
    capability lists in `messages`, and values that are numbers, dates, places or words of its vocabulary.
    """

    text: str
    values: Mapping[str, Scalar] = field(default_factory=dict)
    kind: str = "finding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What `run` returns: tables, sentences, and facts (scalars that later authorizations or pages rely on)."""

    tables: tuple[Table, ...]
    notes: tuple[Note, ...] = ()
    facts: Mapping[str, Scalar] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """The table called `name`; KeyError where there is none."""
        return {table.name: table for table in self.tables}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A dataset a capability opens: the role it plays, the formats' shape it accepts, whether it may be absent."""

    role: str  # the argument's name: "incidents"
    shape: str  # the shape every format of that role converts to: "incidents"
    optional: bool = False
    history: bool = False  # whether the log's entries about the dataset come along (`Dataset.history`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """A table a capability may return, column by column; anything else is stopped at the door."""

    table: str
    columns: Mapping[str, Kind]
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An authorization a capability needs. `covers(params)` says what its body must agree with, key by key.

    An authorization that serves the capability `or_of` is as good: advice under limits rests on the report of the
    forecast.
    """

    kind: AuthorizationKind
    covers: Callable[[Any], Mapping[str, Scalar]] = lambda params: {}
    or_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The authorization that an adopted case becomes: its kind, the capability it serves, its body, and how long it
    holds.

    `body(params, findings)` gives the authorization's body; `may(findings)` says whether the acceptance criteria
    were met.
    """

    kind: AuthorizationKind
    serves: str
    body: Callable[[Any, Findings], Mapping[str, Scalar]]
    may: Callable[[Findings], bool]
    days: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small, complete use: params, datasets by role, and the bodies of authorizations that have one."""

    params: Any
    datasets: Mapping[str, Dataset]
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Places for a map program: their rows, their outlines, and what every row must say of where it comes from.

    `rings` is float64[rows, points, 2]: closed outlines, counter-clockwise, in degrees (longitude, latitude; WGS 84).
    `additive` are the columns whose values may be summed over places.
    """

    table: Table
    rings: NDArray[np.float64]
    provenance: Mapping[str, Scalar]
    additive: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noisy:
    """Which counts of its public findings a capability publishes only with noise, and what that costs."""

    table: str
    column: str  # a COUNT
    role: str  # the dataset whose records are counted: budgets are kept by its shape
    milli_epsilon: int
    period: Callable[[Findings], tuple[str, str]]  # first and last ISO day that the public counts are of
    about: Callable[[Findings], str]  # what else the question says, such as its category
    sensitivity: int = 1  # in how many cells together one record may count
    plain: frozenset[str] = frozenset()  # names of numbers in facts and sentences that are settings, not counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing a technology can do, under the verbs. What is not declared is refused."""

    id: str  # "mapping.forecast": technology, dot, verb or noun
    title: str  # a message id
    about: str  # one sentence for people who decide whether to ask: a message id
    params: type[Any]  # a frozen dataclass; field metadata: {"help": "...", "unit": "..."}
    run: Callable[[Any, Mapping[str, Dataset], Context], Findings]
    check: Callable[[Any], None]  # raises InputError
    reads: tuple[Read, ...]
    emits: tuple[Emit, ...]
    purposes: frozenset[Purpose]
    askers: frozenset[Role]
    deciders: frozenset[Role]
    view: Callable[[Findings, Say], Panels]  # what a page shows
    public: Callable[[Findings], Findings]  # what the public register may show of it
    example: Callable[[], Example]
    messages: frozenset[str]  # every sentence a Note may carry
    vocabulary: frozenset[str]  # every word a CATEGORY, GROUP or LEVEL value may be, besides the published lists
    needs: tuple[Need, ...] = ()
    grants: Grant | None = None
    choices: tuple[str, ...] = ("accept", "change", "decline")
    writings: Mapping[str, Callable[[Findings], str]] = field(
        default_factory=dict
    )  # a report's further files by ending
    runs_per_permit: int = 1
    permit_days: int = 7
    shapes: Callable[[Findings, Mapping[str, Mapping[str, Scalar]], Say], Shapes] | None = None
    # for findings that are a map: from the findings and the facts of the datasets by role, for `peelian export`
    makes: tuple[Make, ...] = ()
    delivers: Callable[[Any], Delivery] | None = None  # from the params: what leaves once the case is accepted
    noise: Noisy | None = None  # counts that are public only with noise
    bench: Bench | None = None  # how a person looks through what it proposes (kernel/reviewing)

    @property
    def technology(self) -> str:
        """The folder it lives in."""
        return self.id.partition(".")[0]


def _no_table(text: Table, options: Mapping[str, str]) -> Admitted:
    """The conversion of a format that converts no table, because it keeps objects whole."""
    raise InputError("files of this format are kept whole, not read as a table", accepted="`peelian keep`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How one kind of file becomes one shape of dataset: a declaration and a pure conversion.

    `columns` are the only columns the door in reads; `required` must all be there for the header to be recognised
    (compared without case and surrounding blanks). `convert(text, options)` gets a Table of text columns (kind
    PERSONAL, arrays of str, "" for missing, plus COUNT `row`: the row in the file, header = 1); returns what is kept.
    """

    id: str  # "toronto-mci"
    title: str
    shape: str  # what it converts to: "incidents", "areas", "tally"…
    required: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    convert: Callable[[Table, Mapping[str, str]], Admitted] = _no_table
    options: Mapping[str, str] = field(default_factory=dict)  # option name → what it means
    kinds: tuple[str, ...] = ("csv", "parquet")
    # file kinds the reader may offer it: csv, parquet, geojson, json; or columns: text without a header, whose columns
    # are called 1, 2, … and whose first row is row 1; such a format is never guessed, it must be named
    packed: frozenset[str] = frozenset()  # columns that may arrive as fixed-width UTF-8 bytes (numpy "S"): dates
    numbers: frozenset[str] = frozenset()  # columns that may arrive as float64 (NaN for missing): coordinates
    pick: Callable[[tuple[str, ...], Mapping[str, str]], Mapping[str, str]] | None = None
    # for a format whose columns the header and the options name: the format's own name → the header's name
    stream: Callable[[Iterable[Table], Mapping[str, str]], Admitted] | None = None
    # for large files: `convert` over parts that arrive one by one, so that text never lies in memory as a whole
    inspect: Callable[[BinaryIO, Mapping[str, str]], Admitted] | None = None
    # for objects kept whole, of kinds ("stream",): looks at a readable, seekable file of the bytes and returns a small
    # description and facts, never content; `kernel/custody.keep` takes such a file in
    tokens: frozenset[str] = frozenset()  # options that name a person: `inspect` and the facts only see a keyed token


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Rows that were not kept: why (a message id), how many, and the first row number as an example."""

    why: str
    n: int
    first_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What a format's conversion returns: the table to seal, facts about it, and what was dropped and why."""

    table: Table
    facts: Mapping[str, Scalar]
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What one trial runs, by parameters: those who hold too little are left out and said, as are the `left_out`.

    `otherwise` is run where none of `each` holds enough. `left_out` are parameters and why (a message id).
    """

    each: tuple[Any, ...]
    otherwise: Any = None
    left_out: tuple[tuple[Any, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What `peelian try` does with a stranger's own file: the capability it runs and the role the file plays.

    The authorizations come from `authorizations` or else from the capability's example: a trial proves or audits,
    and never needs an accuracy report.
    `fitted(params, given, facts)` may fit parameters that were not given to what was admitted under the trial's role;
    `runs(params, given, facts)` may make several runs of them, each under its `title(params, say)`. `overview` shows
    several runs' findings side by side.
    """

    capability: str
    role: str
    purpose: Purpose
    fitted: Callable[[Any, Set[str], Mapping[str, Scalar]], Any] = lambda params, given, facts: params
    runs: Callable[[Any, Set[str], Mapping[str, Scalar]], Runs] = lambda params, given, facts: Runs(each=(params,))
    title: Callable[[Any, Say], str] = lambda params, say: ""
    overview: Callable[[Sequence[Findings], Say], Panels] = lambda findings, say: ()
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]] = field(default_factory=dict)


class Level(StrEnum):
    """How urgent a signal is."""

    NOTICE = "notice"
    WARNING = "warning"
    URGENT = "urgent"


class Turn(StrEnum):
    """What a signal says: a condition holds and must be seen, it began but has yet to hold, it ended; or of a sensor:
    it cannot be trusted, it can again."""

    RAISE = "raise"
    HOLD = "hold"
    CLEAR = "clear"
    FAULT = "fault"
    WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a sensor of the register measured: numbers by name, at an instant (UTC). The kernel fills in the zone."""

    sensor: str
    time: datetime
    what: str  # "laeq_1s", "count", "density"…
    values: Mapping[str, float]
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a watch says of a zone (of a sensor: turn fault or well), with numbers only."""

    zone: str
    type: str  # one of the watch's `signals`
    turn: Turn
    time: datetime  # of the reading that brought it
    level: Level = Level.NOTICE
    facts: Mapping[str, float] = field(default_factory=dict)
    sensor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchExample:
    """A small, complete watch: params, readings in order that raise and clear, zones by sensor, bodies of
    authorizations."""

    params: Any
    sensors: Mapping[str, str]  # sensor → zone
    readings: tuple[Reading, ...]
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A capability that stands: a pure reducer over readings. One state is kept for each sensor, or for each zone.

    `step(state, reading)` returns the next state and what it says; readings of one sensor arrive in order of time.
    `pack` makes a state plain JSON that holds no raw reading, `unpack(params, packed)` takes it up again. Raw readings
    that a state must have seen again after a crash, up to `window_seconds` of them, are given to `refill`.
    """

    id: str  # "crowd.noise"
    title: str
    about: str
    params: type[Any]
    check: Callable[[Any], None]
    takes: Mapping[str, frozenset[str]]  # what a reading may be → the names of its values
    signals: Mapping[str, frozenset[str]]  # signal type → the names of its facts
    start: Callable[[Any], Any]
    step: Callable[[Any, Reading], tuple[Any, tuple[Signal, ...]]]
    pack: Callable[[Any], Any]
    unpack: Callable[[Any, Any], Any]
    purposes: frozenset[Purpose]
    askers: frozenset[Role]
    deciders: frozenset[Role]
    example: Callable[[], WatchExample]
    needs: tuple[Need, ...] = ()
    reads: tuple[Read, ...] = ()
    state_per: str = "sensor"  # or "zone"
    refill: Callable[[Any, Reading], Any] | None = None
    window_seconds: float = 0.0
    waiting: Callable[[Any], Mapping[str, datetime]] | None = None  # state → signals yet to last, since when
    permit_days: int = 365
    titles: Mapping[str, str] = field(default_factory=dict)  # signal type → what an operator reads: a message id
    fact_titles: Mapping[str, str] = field(default_factory=dict)  # fact → the same, with %(value)s, %(letter)s

    @property
    def technology(self) -> str:
        """The folder it lives in."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """What a technology's folder exports as `TECHNOLOGY`: its capabilities and formats.

    Its French sentences stand in `fr.po` beside its `__init__.py`; the English sentence is the message id.
    """

    id: str
    title: str
    capabilities: tuple[Capability, ...]
    formats: tuple[Format, ...] = ()
    trial: Trial | None = None
    watches: tuple[Watch, ...] = ()
