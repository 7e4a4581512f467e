"""Shift log: what happened on the operators' floor, entry by entry, the newest few hundred of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from peelian.kernel.model.alarms import Move
from peelian.kernel.model.ports import Entry

MOST = 500  # entries that are kept in memory: more than anybody reads of a shift
UNSAID = frozenset({"ALARM_ANOTHER", "ALARM_FEWER", "ALARM_OPENED", "WATCH_ASKED"})  # nothing for a person
NOTES = ("choice", "disposition", "item", "reason")  # of a step's detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One entry as an operator reads of it. `by` is a token, or "office"."""

    at: datetime
    kind: str  # of the entry
    alarm: str = ""
    zone: str = ""
    type: str = ""
    level: str = ""
    exercise: bool = False
    about: str = ""  # a sensor, a connection, a plan or a watch
    note: tuple[tuple[str, str], ...] = ()  # what a person chose or did, by the name of its field
    by: str = ""


@dataclass(slots=True)
class ShiftLog:
    """The newest happenings, oldest first. O(1) per entry."""

    newest: deque[Happening] = field(default_factory=lambda: deque(maxlen=MOST))

    def take(self, entry: Entry, move: Move | None = None) -> None:
        """Note an entry of the alarms' topic; `move`: the step that it names."""
        kind = str(entry["kind"])
        if kind in UNSAID or entry.get("of") == "silent":
            return
        given = {name: str(entry[name]) for name in ("alarm", "zone", "type", "level", "by") if name in entry}
        about = next((str(entry[name]) for name in ("sensor", "connection", "plan", "watch") if name in entry), "")
        detail = move.detail if move else {}
        note = tuple((name, str(detail[name])) for name in NOTES if name in detail)
        exercise = entry.get("of") == "exercise"
        at = datetime.fromisoformat(str(entry["t"]))
        self.newest.append(Happening(at=at, kind=kind, about=about, note=note, exercise=exercise, **given))

    def since(self, moment: datetime) -> Iterator[Happening]:
        """What happened since then, newest first. O(those)."""
        for one in reversed(self.newest):
            if one.at < moment:
                return
            yield one

    def forget(self, alarm: str) -> None:
        """Drop what is said of an alarm that was destroyed. O(kept)."""
        kept = [one for one in self.newest if one.alarm != alarm]
        self.newest.clear()
        self.newest.extend(kept)
