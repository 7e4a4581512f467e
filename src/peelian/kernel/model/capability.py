"""Capability: what a technology declares of one use. Nouns only; pages and commands are drawn from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from peelian.kernel.model.counts import Counts
from peelian.kernel.model.criteria import Criterion as Criterion
from peelian.kernel.model.custody_declarations import (
    Bench,
    Delivery,
    Make,
    Moment,
    Provenance,
    stream_of,
)
from peelian.kernel.model.fan_out import Each, InProcess
from peelian.kernel.model.parameters import must_be_within
from peelian.kernel.model.tables import Emit as Emit
from peelian.kernel.model.vocabulary import AuthorizationKind as AuthorizationKind
from peelian.kernel.model.vocabulary import Purpose as Purpose
from peelian.kernel.model.vocabulary import Role as Role
from peelian.kernel.model.vocabulary import Scalar as Scalar
from peelian.measure.table import Table
from peelian.pictures.panels import Panel, Panels, Paragraph, Say
from peelian.pictures.words import days_said

if TYPE_CHECKING:  # heavy, and only named
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from peelian.kernel.model.partitions import Partition
    from peelian.pictures.map_view import MapView

WARRANT_NEEDED, NO_WARRANT = "Warrant needed ", "No warrant needed, because "
"""How the sentence begins by which a capability says whether it takes a court's warrant."""


class OpensPartitions(Protocol):
    """A dataset's partitions, each opened when it is asked for."""

    @property
    def listed(self) -> Sequence[Partition]:
        """What the manifest lists, in order of month and region: nothing is opened."""
        ...

    def opened(self, chosen: Iterable[Partition]) -> Iterator[pa.Table]:
        """Each of these as an Arrow table (`measure/geoparquet`), one at a time; each opening is logged first.
        IntegrityError names one that is missing, altered, swapped or another dataset's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What the kernel hands to a capability: a table and the facts recorded about it at admission.

    `facts` are scalars such as `zone` (IANA name), `centre_lon`, `centre_lat`, `from_day`, `to_day`, `source`.
    For an object in custody `table` is its description, `stream` a readable, seekable file of its bytes that the kernel
    closes after the run, and `digest` their SHA-256; `history` is filled where the capability's `Read` asks for it.
    For a dataset in partitions `table` lists its areas only (`area`); `partitions` opens one partition at a time, and
    `counts` counts what is in them.
    """

    id: str
    format: str
    digest: str
    table: Table
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    stream: BinaryIO | None = None
    history: tuple[Moment, ...] = ()
    partitions: OpensPartitions | None = None
    counts: Counts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What `run` may lean on besides its data: a seed and a place to report progress; no clock, no randomness."""

    seed: int
    progress: Callable[[str, float], None]  # a short message id and a share from 0 to 1
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]] = field(
        default_factory=dict
    )  # the bodies of the authorizations it needed
    issued: Mapping[AuthorizationKind, str] = field(default_factory=dict)  # the ISO day (UTC) each of them was signed
    make: Callable[[str], AbstractContextManager[BinaryIO]] = lambda role: stream_of(b"")
    # for a capability that declares `makes`: a file to write that role's derivative into, from its first byte to its
    # last (no seeking); it is sealed as it is written, and nothing of it remains where the run fails
    scratch: Callable[[], BinaryIO] = lambda: stream_of(b"")
    # a file to write, seek and read while the run lasts: encrypted under a key that only the process's memory knows
    provenance: Provenance | None = None  # how the office signs what leaves it; None where there is no office
    each: Each = field(default_factory=InProcess)  # does parts of the run that need nothing of one another


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
class Need:
    """An authorization a capability needs. `covers(params)` says what its body must agree with, key by key.

    An authorization that serves the capability `or_of` is as good: advice under limits rests on the report of the
    forecast. `how` says how to come by it, where that differs from others of its kind: a message id. A door that offers
    what an authorization covers takes the parameters that its body names, and what `settings(body)` reads from it.
    """

    kind: AuthorizationKind
    covers: Callable[[Any], Mapping[str, Scalar]] = lambda params: {}
    or_of: str = ""
    how: str = ""
    settings: Callable[[Mapping[str, Scalar]], Mapping[str, Any]] = lambda body: {}
    criteria: tuple[Criterion, ...] = ()  # what acceptance criteria may state, where the need is for them
    when: Callable[[Any], bool] | None = None  # for which parameters it is needed; None: always


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A dataset a capability opens: the role it plays, the formats' shape it accepts, whether it may be absent."""

    role: str  # the argument's name: "incidents"
    title: str  # what people call these data: a message id, with its French in the technology's folder
    shape: str  # the shape every format of that role converts to: "incidents"; another technology's: "mapping.areas"
    optional: bool = False
    history: bool = False  # whether the log's entries about the dataset come along (`Dataset.history`)
    needs: tuple[Need, ...] = ()  # authorizations needed where it is named, each for exactly these bytes
    preferred: bool = False  # though optional: used where nobody names one and the office has one that declares groups
    partitions: bool = False  # whether `Dataset.partitions` or `counts` is read where there is no table

    def of(self, technology: str) -> str:
        """The shape with its owner, as a capability of this technology reads it: its own unless it names another."""
        return self.shape if "." in self.shape else f"{technology}.{self.shape}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a test scored: its subject, from which ISO day to which, near which place (longitude, latitude; nan where
    unknown), by which criteria, and what it came to."""

    of: str
    first: str
    last: str
    near: tuple[float, float]
    criteria: Mapping[str, float]  # by word: min_... or max_...
    results: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The authorization that an adopted case becomes: its kind, the capability it serves, its body, and how long it
    holds.

    `body(params, findings)` gives the authorization's body; `may(findings)` says whether the acceptance criteria
    were met. `titles` is what people call what the body tells of the findings, each a message id. `attempt(findings,
    facts of the data by role)` is what a test scored: who scores it again is told to (`verbs/earlier_attempts`).
    """

    kind: AuthorizationKind
    serves: str
    body: Callable[[Any, Findings], Mapping[str, Scalar]]
    may: Callable[[Findings], bool]
    titles: Mapping[str, str] = field(default_factory=dict)
    days: int = 365
    attempt: Callable[[Findings, Mapping[str, Mapping[str, Scalar]]], Attempt] | None = None


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
    role: str  # the dataset whose records are counted: budgets are kept by its shape and who owns that
    milli_epsilon: int
    period: Callable[[Findings], tuple[str, str]]  # first and last ISO day that the public counts are of
    about: Callable[[Findings], str]  # what else the question says, such as its category
    sensitivity: int = 1  # in how many cells together one record may count
    plain: frozenset[str] = frozenset()  # names of numbers in facts and sentences that are settings, not counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Places selected by a run, which whoever decides keeps, drops or swaps. All tables have a column `place`.

    `public` is a table of the public findings with `area` and `value`: an area without a value is not named in public.
    """

    table: str  # the selected places
    among: str  # all places there are
    figure: str  # the column of `table` that tells how much is expected in each
    public: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a request states and who may make it: params, purposes, roles, choices, and what a permit allows.

    `counted` are parameters that say what is counted: releases that differ in one are of different things.
    """

    params: type[Any]  # a frozen dataclass, each field made by `kernel/model/parameters`
    purposes: frozenset[Purpose]
    askers: frozenset[Role]
    deciders: frozenset[Role]
    together: Callable[[Any], None] = lambda params: None  # InputError where parameters do not go together
    titled: Callable[[Mapping[str, Any]], str] | None = None  # a sentence that names the case, from the params as filed
    choices: tuple[str, ...] = ("accept", "change", "decline")
    counted: tuple[str, ...] = ("category",)
    runs: int = 1  # how often a permit runs
    days: int = 7  # how long a permit holds

    def check(self, params: Any) -> None:
        """InputError where a parameter is none of what its field accepts, or where some do not go together."""
        must_be_within(params)
        self.together(params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """How findings are shown: on a page, as further files, on a map, and at a reviewer's desk."""

    view: Callable[[Findings, Say], Panels]
    writings: Mapping[str, Callable[[Findings], str]] = field(default_factory=dict)  # further files, by their ending
    shapes: Callable[[Findings, Mapping[str, Mapping[str, Scalar]], Say], Shapes] | None = None
    # for findings that are a map: from the findings and the facts of the datasets by role, for `peelian case export`
    map: Callable[[Findings, Mapping[str, Mapping[str, Scalar]], Say], MapView | None] | None = None
    # the same for the map page, staff's findings or the public ones; None where these hold no places
    of_area: Callable[[Findings, Say], str] | None = None
    # one sentence on an area, from public findings of which only the rows that name it are left
    bench: Bench | None = None  # how a person looks through what it proposes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """What a declaration leaves to be imported when it runs: the computation, its sentences and its pages."""

    run: Callable[[Any, Mapping[str, Dataset], Context], Findings]
    example: Callable[[], Example]
    messages: frozenset[str]  # every sentence a Note may carry
    vocabulary: frozenset[str]  # every word a CATEGORY, GROUP or LEVEL value may be, besides the published lists
    public: Callable[[Findings], Findings]  # what the public register may show of it
    shows: Shows
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by sentence ("" for facts), the names of
    # counts of people or incidents that no table counts: a release is compared with earlier ones by these, too


def note_paragraphs(
    notes: Iterable[Note],
    say: Say,
    *kinds: str,
    values: Callable[[Mapping[str, Scalar]], Mapping[str, object]] = dict,
) -> list[Panel]:
    """Notes (of these kinds, if any are named) as paragraphs, caveats as limits. `values` puts theirs into words, and
    days stand as people write them."""
    return [
        Paragraph(
            text=say(note.text, **days_said(say, values(note.values))),
            tone="limit" if note.kind == "caveat" else "plain",
        )
        for note in notes
        if not kinds or note.kind in kinds
    ]


def all_public(findings: Findings) -> Findings:
    """Findings that the public may see whole: they tell of no place, no small count and nobody."""
    return findings


def deferred(path: str) -> Callable[[], Any]:
    """A call that imports what `path` ("package.module:NAME") says: a declaration loads without it."""
    return partial(resolve_name, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing a technology can do, under the verbs. What is not declared is refused.

    A declaration is plain data and loads without numpy. `arithmetic()` imports what computes, and returns it.
    """

    id: str  # "mapping.forecast": technology, dot, verb or noun
    title: str  # a message id
    about: str  # one sentence for people who decide whether to ask: a message id
    asks: Asks
    reads: tuple[Read, ...]
    emits: tuple[Emit, ...]
    arithmetic: Callable[[], Arithmetic]
    needs: tuple[Need, ...] = ()
    grants: Grant | None = None
    makes: tuple[Make, ...] = ()
    delivers: Callable[[Any], Delivery] | None = None  # from the params: what leaves once the case is accepted
    noise: Noisy | None = None  # counts that are public only with noise
    selects: Selection | None = None  # places that a decision may drop or swap
    seen: tuple[str, ...] = ()  # roles of objects that whoever accepts must have looked through before
    warrant: str = ""  # whether it takes a court's warrant, and where or why not: a message id

    @property
    def technology(self) -> str:
        return self.id.partition(".")[0]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What acceptance criteria for it may state; none where it needs none, or a plan registers them."""
        return tuple(one for need in self.needs for one in need.criteria)

    def title_of(self, role: str) -> str:
        """What people call the data that play `role`: a message id."""
        return next((read.title for read in self.reads if read.role == role), role)
