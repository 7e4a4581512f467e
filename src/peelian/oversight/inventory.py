"""The public inventory: every technology with its risk, the data it takes, who may use it, and what mitigates harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.governance.assessed import body_key
from peelian.governance.capability import Capability, Paper, Technology, Watch
from peelian.governance.documents import Authority
from peelian.governance.house import House
from peelian.oversight.assessment.obligations import BY_LEVEL, Obligations
from peelian.oversight.assessment.signing import Assessment, assessments, changed, paper_of
from peelian.oversight.tools import Tool, tools

IN_USE, READY, CLOSED, SUSPENDED = "in_use", "ready", "closed", "suspended"
STATES: Mapping[str, str] = {
    IN_USE: "In use",
    READY: "Approved, not yet used",
    CLOSED: "Not in use: authorizations missing",
    SUSPENDED: "Suspended by the board",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One capability, or one watch that stands, as the inventory shows it."""

    capability: Capability | Watch
    state: str  # one of STATES
    takes: tuple[str, ...]  # shapes of data
    gives: tuple[str, ...]  # tables that may leave
    askers: Mapping[str, int]  # role → how many people hold it
    deciders: Mapping[str, int]
    papers: tuple[Authority, ...]
    started: str  # ISO day of the first permitted use, "" before one
    until: str  # ISO day its papers end, "" where none is in force
    asked: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One technology as the inventory shows it, with the newest signed assessment in force, if any."""

    technology: Technology
    assessment: Assessment | None
    uses: tuple[Use, ...]
    tools: tuple[Tool, ...]  # reported before approval

    @property
    def level(self) -> int:
        """The assessed level from 1 to 4; 0 where there is no assessment in force."""
        return self.assessment.level if self.assessment else 0

    @property
    def obligations(self) -> Obligations | None:
        """What that level asks for."""
        return BY_LEVEL[self.level] if self.assessment else None

    @property
    def state(self) -> str:
        """The state that says most of its uses."""
        states = {use.state for use in self.uses}
        return next((state for state in (SUSPENDED, IN_USE, READY) if state in states), CLOSED)


def inventory_of(house: House) -> tuple[Entry, ...]:
    """Every technology of the town. O(capabilities · entries)."""
    signed = [made for made in assessments(house) if paper_of(house, made) and not changed(house, made)]
    reported = tools(house).values()
    return tuple(
        Entry(
            technology=technology,
            assessment=next((m for m in signed if m.serves.partition(".")[0] == technology.id), None),
            uses=tuple(_use(house, one) for one in declared_by(technology)),
            tools=tuple(tool for tool in reported if tool.technology == technology.id),
        )
        for technology in house.technologies
    )


def declared_by(technology: Technology) -> tuple[Capability | Watch, ...]:
    """All that a technology can do: its capabilities, then its watches."""
    return (*technology.capabilities, *technology.watches)


def current(house: House, capability: Capability | Watch, paper: Authority) -> bool:
    """Whether a paper serves this capability and is in force now."""
    now = house.now().isoformat()
    serves = paper.serves in (capability.id, f"{capability.technology}.*") or _is_named(capability, paper)
    return serves and paper.starts <= now < paper.ends


def _is_named(capability: Capability | Watch, paper: Authority) -> bool:
    return any(paper.paper is need.paper and paper.serves == need.or_of for need in capability.needs)


def _use(house: House, capability: Capability | Watch) -> Use:
    papers = tuple(paper for paper in house.book.papers.values() if current(house, capability, paper))
    asked, refused, started = (_stood if isinstance(capability, Watch) else _asked)(house, capability.id)
    return Use(
        capability=capability,
        state=_state(house, capability, papers, started=bool(started)),
        takes=_takes(capability),
        gives=_gives(capability),
        askers=_holders(house, capability.askers),
        deciders=_holders(house, capability.deciders),
        papers=papers,
        started=started,
        until=min((paper.ends[:10] for paper in papers), default=""),
        asked=asked,
        refused=refused,
    )


def _asked(house: House, capability: str) -> tuple[int, int, str]:
    """How often it was asked for and refused, and the day of its first permit ("" before one)."""
    tracks = [track for track in house.book.tracks.values() if track.capability == capability]
    entries = [entry for track in tracks for _, entry in track.entries]
    starts = [str(entry["t"])[:10] for entry in entries if entry["kind"] == "PERMITTED"]
    return len(tracks), sum(entry["kind"] == "REFUSED" for entry in entries), min(starts, default="")


def _stood(house: House, watch: str) -> tuple[int, int, str]:
    """The same of a watch: asked to stand, refused, and the day it first stood. O(entries)."""
    asked = sum(entry["kind"] == "WATCH_ASKED" and entry["watch"] == watch for _, entry in house.log.read())
    watching = house.book.watching
    return asked, asked - watching.stood.get(watch, 0), watching.began.get(watch, "")[:10]


def _takes(declared: Capability | Watch) -> tuple[str, ...]:
    """Shapes of data; of a watch also what a reading may be."""
    readings = sorted(declared.takes) if isinstance(declared, Watch) else []
    return tuple(dict.fromkeys([*(read.shape for read in declared.reads), *readings]))


def _gives(declared: Capability | Watch) -> tuple[str, ...]:
    """Tables that may leave; of a watch its kinds of signal."""
    return tuple(sorted(declared.signals) if isinstance(declared, Watch) else (e.table for e in declared.emits))


def _state(house: House, capability: Capability | Watch, papers: tuple[Authority, ...], *, started: bool) -> str:
    if capability.technology in house.book.suspended:
        return SUSPENDED
    held = {paper.paper for paper in papers if paper.paper is not Paper.IMPACT_ASSESSMENT or _names(capability, paper)}
    if {need.paper for need in capability.needs} - held:
        return CLOSED
    return IN_USE if started else READY


def _names(capability: Capability | Watch, paper: Authority) -> bool:
    return body_key(capability.id) in paper.body


def _holders(house: House, roles: frozenset[str]) -> dict[str, int]:
    people = house.book.people.values()
    return {str(role): sum(role in person.roles for person in people) for role in sorted(roles)}
