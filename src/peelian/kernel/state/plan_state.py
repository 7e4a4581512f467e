"""Plan state: every version of every event plan, who confirmed it, and its exercises, as the log says.

A plan of which a version or its confirmation is damaged counts as damaged: nobody can say what is in force of it. A
damaged exercise leaves the plan in force.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peelian.errors import IntegrityError
from peelian.kernel.model.archive_partitions import ALARMS, partition_at, retention_of
from peelian.kernel.model.documents import D, ExerciseRecord, PlanConfirmation, PlannedEvent
from peelian.kernel.model.event_plan import EventPlan, PlanExercise, exercise_of, plan_of
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.known import Known

Find = Callable[[str, type[D]], D | None]
OF_PLANS = frozenset({"EVENT_PLANNED", "EVENT_PLAN_CONFIRMED", "EVENT_EXERCISED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a plan: its document's digest, who wrote it, and who confirmed it ("": nobody yet)."""

    digest: str
    plan: EventPlan
    by: str  # token
    at: str
    confirmed_by: str = ""
    confirmation: str = ""  # the digest of the second person's word


@dataclass(slots=True, kw_only=True)
class FiledPlan:
    """A plan with all its versions, oldest first, and the exercises of it."""

    versions: list[Version] = field(default_factory=list)
    exercises: list[tuple[str, PlanExercise]] = field(default_factory=list)  # with the digest of each record
    changed: str = ""  # the time of the log's newest entry on it

    @property
    def in_force(self) -> Version | None:
        """The newest version that two people signed, with the exercises of the plan. O(versions)."""
        for version in reversed(self.versions):
            if version.confirmed_by:
                exercises = tuple(one for _, one in self.exercises)
                return dataclasses.replace(version, plan=dataclasses.replace(version.plan, exercises=exercises))
        return None

    def waiting(self) -> list[Version]:
        """The versions after the one in force that nobody confirmed, newest first. O(versions)."""
        found: list[Version] = []
        for version in reversed(self.versions):
            if version.confirmed_by:
                break
            found.append(version)
        return found

    def digests(self) -> Iterator[str]:
        """Of every document of the plan."""
        for version in self.versions:
            yield version.digest
            if version.confirmation:
                yield version.confirmation
        yield from (digest for digest, _ in self.exercises)


@dataclass(slots=True)
class PlanState:
    """Folded from the log, one entry at a time. O(1) per entry; O(plans) where a partition of alarms is destroyed."""

    plans: Known[FiledPlan] = field(default_factory=Known)  # by name
    unread: Known[Any] = field(default_factory=Known)  # plan and digest of damaged records of exercises
    destroyed: set[str] = field(default_factory=set)  # partitions of alarms

    def fold(self, entry: Entry, find: Find[Any]) -> None:
        """Bring it in step; `find` reads the document with a digest (None: destroyed)."""
        kind, name = str(entry["kind"]), str(entry.get("plan", ""))
        if kind == "PARTITION_DESTROYED" and retention_of(str(entry["partition"])) == ALARMS:
            self._destroyed(str(entry["partition"]), datetime.fromisoformat(str(entry["t"])))
        if kind not in OF_PLANS or name in self.plans.faults:
            return
        try:
            self._of_plan(kind, str(entry["document"]), find)
        except IntegrityError as fault:
            if kind == "EVENT_EXERCISED":
                self.unread.damaged(f"{name} {entry['document']}", fault)
            else:
                self.plans.damaged(name, fault)
        if filed := self.plans.readable(name):
            filed.changed = str(entry["t"])

    def _of_plan(self, kind: str, digest: str, find: Find[Any]) -> None:
        if kind == "EVENT_PLANNED":
            self._planned(digest, find(digest, PlannedEvent))
        elif kind == "EVENT_PLAN_CONFIRMED":
            self._confirmed(digest, find(digest, PlanConfirmation))
        else:
            self._exercised(digest, find(digest, ExerciseRecord))

    def version(self, digest: str) -> Version | None:
        """The version with this digest. O(versions)."""
        versions = (version for filed in self.plans.values() for version in filed.versions)
        return next((version for version in versions if version.digest == digest), None)

    def _planned(self, digest: str, made: PlannedEvent | None) -> None:
        if made is not None:
            version = Version(digest=digest, plan=plan_of(made.body), by=made.by, at=made.at)
            filed = self.plans.readable(made.plan) or FiledPlan()
            filed.versions.append(version)
            self.plans.put(made.plan, filed)

    def _confirmed(self, digest: str, made: PlanConfirmation | None) -> None:
        if made is None or made.plan not in self.plans:
            return
        versions = self.plans[made.plan].versions
        for n, version in enumerate(versions):
            if version.digest == made.before:
                versions[n] = dataclasses.replace(version, confirmed_by=made.by, confirmation=digest)

    def _exercised(self, digest: str, made: ExerciseRecord | None) -> None:
        if made is not None and made.plan in self.plans:
            held = dataclasses.replace(exercise_of(made.body), by=made.by, at=datetime.fromisoformat(made.at))
            self.plans[made.plan].exercises.append((digest, held))

    def _destroyed(self, partition: str, now: datetime) -> None:
        """Let go of plans that are over and whose newest entry lay there, or earlier."""
        self.destroyed.add(partition)
        for name, filed in list(self.plans.items()):
            newest = partition_at(ALARMS, datetime.fromisoformat(filed.changed))
            if newest in self.destroyed and all(version.plan.ends <= now for version in filed.versions):
                self.plans.drop(name)
