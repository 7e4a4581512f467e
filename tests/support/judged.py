"""An office in memory whose entries are judged before they are appended, by a second kernel as a registrar has one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, desk

from peelian.errors import PeelianError, Refused
from peelian.kernel.identity.session_binding import Authenticator
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.technology import Technology
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.policy.signed_entries import signed_entry
from peelian.kernel.registrar.registrar import Judge
from peelian.kernel.state.state import OfficeState


class JudgedLog:
    """A log that asks the judge first."""

    def __init__(self, log: Any, judge: Judge) -> None:
        self._log, self._judge = log, judge

    def append(self, entry: Entry) -> int:
        """Judged, then appended."""
        self._judge.may_append(entry)
        return int(self._log.append(entry))

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """One after the other."""
        return [self.append(entry) for entry in entries]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


@dataclasses.dataclass(frozen=True)
class Court:
    """An office at its desks, and the judge of what is wished of it."""

    town: Desk
    judge: Judge

    def entry(self, kind: str, **fields: Any) -> dict[str, Any]:
        """An entry of now."""
        return dict(self.town.kernel.entry(kind, fields))

    def by(self, short: str, kind: str, **fields: Any) -> dict[str, Any]:
        """An entry of now that a person signed."""
        who = self.town.people[short]
        said = self.entry(kind, **{"by": who.person.token, **fields})
        return dict(signed_entry(self.town.kernel, who, said))

    def refuses(self, entry: Mapping[str, Any], match: str) -> None:
        """The entry may not stand next in the log, and in these words it is said."""
        with pytest.raises(PeelianError, match=match):
            self.judge.may_append(entry)


def court(known: tuple[Technology, ...] = (), *, authenticator: Authenticator | None = None) -> Court:
    """A judged office: whatever the verbs append is judged first, entry by entry."""
    town = desk(known)
    town.clock.now += timedelta(minutes=6)  # whoever agreed to the enrolments had stepped up
    judge = Judge(kernel=dataclasses.replace(town.kernel, state=OfficeState()), authenticator=authenticator)
    log: Any = JudgedLog(town.kernel.stores.log, judge)
    office = dataclasses.replace(
        town.office, kernel=dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=log))
    )
    return Court(town=dataclasses.replace(town, office=office), judge=judge)


def without(entry: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The entry without some of its fields."""
    return {key: value for key, value in entry.items() if key not in keys}


def away(by: Operator, session: str = "") -> Operator:
    """The same person, in a session or at no terminal of ours, whose key is elsewhere."""

    def sign(message: bytes) -> bytes:
        raise Refused([refusal("the_key_is_at_hand", "it is elsewhere", "sign there")])

    return Operator(person=by.person, sign=sign, session=session)
