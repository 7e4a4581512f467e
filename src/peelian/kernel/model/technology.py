"""Technology: what its folder exports, that is capabilities, watches, formats and a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from peelian.errors import OutOfOrder, sentence
from peelian.kernel.model.capability import NO_WARRANT, WARRANT_NEEDED, Capability, Findings, Need
from peelian.kernel.model.formats import Format
from peelian.kernel.model.former_capability import former_capability
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.vocabulary import AuthorizationKind, Purpose, Role, Scalar
from peelian.kernel.model.warrants import WarrantLaw
from peelian.kernel.model.watch import Watch
from peelian.pictures.panels import Panels, Say

OTHER_RECORDS = "other records"


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
    first: Callable[[Any], Any] = lambda params: params  # a smaller run whose answer can be shown at once


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWords:
    """What people call data of one shape, many of them and one: message ids."""

    many: str
    one: str = ""  # where each is an item of the library


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """What a technology's folder exports as `TECHNOLOGY`: its capabilities, watches and formats.

    Importing it must stay cheap: what computes is imported by `arithmetic`, `formats` and `trial`, when it is used.
    A format belongs to one technology, and so does the shape of what it converts (`owner_of_format`). `duties` are the
    roles that may open data of a shape of its own outside a case. `impersonal` are those of its shapes that tell of no
    person: of places, counts and levels only. Every other shape is taken to hold people's records. `says` imports what
    tells which readings a registered sensor may send, with which values; None: nothing is known of it. `former` are the
    titles of capabilities that earlier versions had: their cases still open (`past_capability`). `records` say what
    data of each of its shapes are called; "" names those of all others.

    Its French sentences stand in `fr.po` beside its `__init__.py`; the English sentence is the message id.
    """

    id: str
    title: str
    capabilities: tuple[Capability, ...]
    watches: tuple[Watch, ...] = ()
    formats: Callable[[], tuple[Format, ...]] = tuple  # imported when a file arrives
    trial: Callable[[], Trial] | None = None
    duties: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    impersonal: frozenset[str] = frozenset()
    says: Callable[[], Callable[[Sensor], Mapping[str, frozenset[str]] | None]] | None = None
    warrants: WarrantLaw = field(default_factory=WarrantLaw)
    former: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, RecordWords] = field(default_factory=dict)


class OnDemand(Sequence[Technology]):
    """Technologies by their folder's name: each is imported when it is asked for by name, all of them when listed."""

    def __init__(self, ids: Sequence[str], load: Callable[[str], Technology]) -> None:
        self.ids, self._load = tuple(ids), load

    def named(self, name: str) -> Technology | None:
        """The technology of this id, and no other, imported; None where there is none."""
        return _loaded(self._load, name) if name in self.ids else None

    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Technology]:
        return (_loaded(self._load, name) for name in self.ids)


def _loaded(load: Callable[[str], Technology], name: str) -> Technology:
    """The technology of this folder; OutOfOrder where it says that it is another, or declares another's uses: what
    belongs to a technology would then have two owners. And where a use does not say whether it takes a warrant."""
    technology = load(name)
    uses = (*(one.id for one in technology.capabilities), *(one.id for one in technology.watches))
    declared = (technology.id, *(id.partition(".")[0] for id in uses))
    if strange := sorted(set(declared) - {name}):
        raise OutOfOrder(
            sentence("Technology %(name)s declares what belongs to %(other)s.", name=name[:40], other=strange[0][:40])
        )
    for one in technology.capabilities:
        needed = any(need.kind is AuthorizationKind.WARRANT for need in all_needs(one))
        if not one.warrant.startswith(WARRANT_NEEDED if needed else NO_WARRANT):
            raise OutOfOrder(sentence("%(id)s does not declare whether it needs a warrant, and why.", id=one.id))
    return technology


def all_needs(one: Capability) -> tuple[Need, ...]:
    """The authorizations that a capability can need: its own, and those of what it reads."""
    return (*one.needs, *(need for read in one.reads for need in read.needs))


def technology_of(technologies: Sequence[Technology], name: str) -> Technology | None:
    """The technology that `name` belongs to: its own id, or that of a capability or a watch of it."""
    id = name.partition(".")[0]
    if isinstance(technologies, OnDemand):
        return technologies.named(id)
    return next((technology for technology in technologies if technology.id == id), None)


def capability_of(technologies: Sequence[Technology], name: str) -> Capability:
    """The capability with this id; OutOfOrder names the ones there are."""
    if (declared := _declared(technology_of(technologies, name), name)) is not None:
        return declared
    known = sorted(capability.id for technology in technologies for capability in technology.capabilities)
    raise OutOfOrder(f"Unknown capability {name[:60]!r}. Known: {', '.join(known)}")


def past_capability(technologies: Sequence[Technology], name: str) -> Capability:
    """The capability of a case that somebody may have asked for long ago: where this version no longer has it, one that
    nobody can ask for, run or decide, under its former title. What reads old cases asks this; acts ask for what is
    declared."""
    technology = technology_of(technologies, name)
    return _declared(technology, name) or former_capability(name, technology.former.get(name, "") if technology else "")


def _declared(technology: Technology | None, name: str) -> Capability | None:
    return next((one for one in technology.capabilities if one.id == name), None) if technology else None


def formats_of(technologies: Iterable[Technology], id: str = "") -> Callable[[], tuple[Format, ...]]:
    """What returns all their formats, or those of the technology alone that has one with this id; another process can
    be told of it, as each `formats` is a module's function."""
    every = tuple(technology.formats for technology in technologies)
    holding = next((some for some in every if id and any(one.id == id for one in some())), None)
    return partial(_every, (holding,) if holding else every)


def _every(formats: Iterable[Callable[[], tuple[Format, ...]]]) -> tuple[Format, ...]:
    """All of them; OutOfOrder where two have one id."""
    every = tuple(one for some in formats for one in some())
    seen: set[str] = set()
    for one in every:
        if one.id in seen:
            raise OutOfOrder(sentence("Format %(format)s is declared twice.", format=one.id[:40]))
        seen.add(one.id)
    return every


def holds_people(technologies: Sequence[Technology], shape: str) -> bool:
    """Whether data of a shape, named with its owner ("footage.footage"), hold people's records: all do but those that
    their technology declares impersonal."""
    owner, _, bare = shape.partition(".")
    technology = technology_of(technologies, owner)
    return technology is None or bare not in technology.impersonal


def records_said(technologies: Sequence[Technology], shape: str) -> str:
    """What people call data of a shape, with its owner: a message id; "other records" where nobody says."""
    technology = technology_of(technologies, shape)
    known = technology.records if technology else {}
    told = known.get(shape.partition(".")[2]) or known.get("")
    return told.many if told else OTHER_RECORDS


def personal_shapes(technologies: Sequence[Technology]) -> frozenset[str]:
    """Every shape, with its owner, that files or runs give and that holds people's records. It imports all formats."""
    found = {f"{one.id}.{format.shape}" for one in technologies for format in one.formats()}
    found |= {f"{one.id}.{make.shape}" for one in technologies for use in one.capabilities for make in use.makes}
    return frozenset(shape for shape in found if holds_people(technologies, shape))


def owner_of_format(technologies: Iterable[Technology], id: str) -> str:
    """The technology that a recorded format belongs to: whose files have it, or whose capability it is, where a run
    made the data. "" where nobody owns it; OutOfOrder where two claim one.

    It imports every technology's formats when it is first asked, and remembers them. O(technologies).
    """
    claims = tuple((one.id, one.formats, tuple(c.id for c in one.capabilities)) for one in technologies)
    return _owners(claims).get(id, "")


@lru_cache(maxsize=16)
def _owners(
    claims: tuple[tuple[str, Callable[[], tuple[Format, ...]], tuple[str, ...]], ...],
) -> Mapping[str, str]:
    owners: dict[str, str] = {}
    if twice := sorted({one for one, *_ in claims if sum(one == other for other, *_ in claims) > 1}):
        raise OutOfOrder(sentence("Two technologies are called %(name)s. Remove one of them.", name=twice[0][:40]))
    for owner, formats, capabilities in claims:
        for id in (*(one.id for one in formats()), *capabilities):
            if owners.setdefault(id, owner) != owner:
                what = {"format": id[:40], "one": owners[id][:40], "other": owner[:40]}
                says = "Format %(format)s is declared by two technologies, %(one)s and %(other)s. Remove one of them."
                raise OutOfOrder(sentence(says, **what))
    return owners


def ids_of(technologies: Sequence[Technology]) -> frozenset[str]:
    """The ids of all technologies; none is imported for it."""
    return frozenset(technologies.ids if isinstance(technologies, OnDemand) else (t.id for t in technologies))
