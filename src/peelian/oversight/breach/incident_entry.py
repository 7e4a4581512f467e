"""One incident as the register has it: what its reports say together, who was told, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peelian.oversight.breach.account import Account
from peelian.oversight.breach.channels import Told
from peelian.oversight.breach.regimes import keep_until, strictest
from peelian.oversight.breach.report import Facts, Report
from peelian.oversight.breach.taken_secrets import TakenSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One entry of the register. Times are ISO, "" while a step was not taken; people are tokens."""

    id: str
    internal_at: str  # when it was recorded, which is the report inside the office
    reports: tuple[Report, ...]
    facts: Facts = field(default_factory=Facts)
    regimes: tuple[str, ...] = ()
    drill: bool = False
    added: frozenset[str] = frozenset()  # people who were added since
    without: frozenset[str] = frozenset()  # people whom a correction leaves out
    listed: frozenset[str] = frozenset()  # people listed since for data that lacked their list
    unlisted: frozenset[str] = frozenset()  # data of people that lack it still
    complete: bool = False  # the privacy officer states that everybody concerned is known
    harm: Mapping[str, Any] = field(default_factory=dict)
    measures: tuple[str, ...] = ()  # words of `letters.MEASURES`, taken
    telling: Mapping[str, Told] = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)  # person → since when they have to be told
    unknown_since: str = ""  # since when people are concerned whom nobody knows
    notice_at: str = ""  # the public notice stands since then
    notice_reason: str = ""
    regulator_at: str = ""
    supplement: bool = False  # the regulator was told of facts that are worse now
    late_reason: str = ""
    accounts: Mapping[str, Account] = field(default_factory=dict)  # language → what letters say in the office's words
    lettered_at: str = ""  # the letters were written, and say what is known
    closed_at: str = ""
    false_alarm: bool = False
    merged_into: str = ""
    apart: frozenset[str] = frozenset()  # incidents that a person separated from this one
    secrets: tuple[TakenSecret, ...] = ()  # in what was taken
    trace: tuple[tuple[str, str], ...] = ()  # (time, step), for the public

    @property
    def kind(self) -> str:
        return self.facts.kinds[0]

    @property
    def circumstances(self) -> tuple[str, ...]:
        """Every kind that was reported; the one that names the incident first."""
        return self.facts.kinds

    @property
    def started(self) -> str:
        return self.facts.started

    @property
    def ended(self) -> str:
        return self.facts.ended or self.aware_at

    @property
    def aware_at(self) -> str:
        """Since when the office knows of it."""
        return self.facts.known_since or self.internal_at

    @property
    def information(self) -> tuple[str, ...]:
        return tuple(sorted(self.facts.information))

    @property
    def exposure(self) -> Mapping[str, str]:
        return self.facts.exposure

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everybody known to be concerned."""
        return tuple(sorted((self.facts.subjects | self.added | self.listed) - self.without))

    @property
    def entries(self) -> tuple[int, ...]:
        return self.facts.entries

    @property
    def people_known(self) -> bool:
        """Whether everybody concerned is known: then the number of `subjects` is the number of people."""
        return self.complete or (self.facts.people_known and not self.unlisted)

    @property
    def affected(self) -> int:
        """How many people are known to be concerned."""
        return len(self.subjects)

    @property
    def in_province(self) -> int:
        return self.affected

    @property
    def keep_until(self) -> str:
        return keep_until(strictest(self.regimes), datetime.fromisoformat(self.internal_at)).isoformat()

    @property
    def effects(self) -> str:
        """The rule that the worksheet of harm came to, "" while it is not weighed."""
        return str(self.harm.get("rule", ""))

    @property
    def concerns_people(self) -> bool:
        """Whether anybody is concerned, known or not."""
        return bool(self.subjects) or not self.people_known

    @property
    def must_tell(self) -> bool:
        """Whether people have to be told: somebody is concerned, and no weighing said that there is no real risk."""
        ended = self.false_alarm or self.merged_into
        return not ended and self.concerns_people and bool(self.harm.get("real_risk", True))

    @property
    def untold(self) -> tuple[str, ...]:
        """Who of those known was not told of the facts as they stand."""
        notice, nobody = bool(self.notice_at), Told(channel="", reason="")
        return tuple(one for one in self.subjects if not self.telling.get(one, nobody).done(notice=notice))

    @property
    def all_told(self) -> bool:
        """Whether everybody was told, and a public notice stands where not everybody is known."""
        return self.concerns_people and not self.untold and (self.people_known or bool(self.notice_at))

    @property
    def persons_at(self) -> str:
        """When the last person was told, "" while anybody is not."""
        if not (self.all_told and self.must_tell):
            return ""
        return max([self.told_at(one) for one in self.subjects] + [self.notice_at] * (not self.people_known))

    def told_at(self, person: str) -> str:
        """When a person was told; by the public notice where they are told that way."""
        told = self.telling[person]
        return self.notice_at if told.channel == "indirect" else told.at
