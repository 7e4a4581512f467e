"""Sessions at the pages: who is logged on, until when, and what ends it; start and end are in the log.

A session's secret is known to the browser alone: here only its digest is kept, in memory, and the log knows the session
by a part of it. Whether somebody may still be here is asked of the policy at every request, so that expired training
or a closed account ends a session at once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from peelian.errors import Reason, Refused
from peelian.kernel.model.people import Person
from peelian.kernel.model.policy_port import Action
from peelian.kernel.state.authorization_status import proof_key
from peelian.kernel.state.kernel import Kernel

IDLE, LONGEST = timedelta(minutes=10), timedelta(hours=8)
FRESH = timedelta(minutes=5)
ENDINGS = frozenset({"idle", "limit", "ended", "policy", "shut", "restart"})  # why the office ends one by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person's open session."""

    session: str  # as the log names it
    person: str  # token
    how: str  # key, passkey or provider
    form: str  # what every form of this session carries, so that no other site's form passes for one of ours
    began: datetime
    seen: datetime


class Sessions:
    """The open sessions of one run of the pages."""

    def __init__(self, kernel: Kernel, *, idle: timedelta = IDLE, longest: timedelta = LONGEST) -> None:
        self.kernel, self.idle, self.longest = kernel, idle, longest
        self._open: dict[str, Seat] = {}  # by the secret's digest

    def begin(self, person: Person, how: str, *, proof: Mapping[str, str | int] | None) -> tuple[str, Seat]:
        """Begin a session: its secret, for the browser, and the seat. Refused where the policy lets nobody such in.

        `proof`: logging on so is a step-up as well (a key, an authenticator), and what its entry says; None: it is not.
        """
        if reasons := why_not_enter(self.kernel, person, "desk"):
            raise Refused(reasons)
        secret = secrets.token_urlsafe(32)
        digest, now = _digest(secret), self.kernel.now()
        seat = Seat(
            session=digest[:20],
            person=person.token,
            how=how,
            form=secrets.token_urlsafe(24),
            began=now,
            seen=now,
        )
        with self.kernel.lock:
            if proof is not None:  # first: whoever holds the log lets a session begin that was proven
                stepped_up(self.kernel, seat, proof)
            self.kernel.append("SESSION_BEGAN", session=seat.session, by=person.token, how=how)
            self._open[digest] = seat
        return secret, seat

    def seat(self, secret: str) -> Seat | None:
        """The seat of who holds this secret, seen now; None where it is no secret of an open session. O(open)."""
        with self.kernel.lock:
            self._sweep()
            digest = _digest(secret)
            seat = self._open.get(digest)
            if seat is not None:
                seat = self._open[digest] = replace(seat, seen=self.kernel.now())
            return seat

    def open_seats(self) -> tuple[Seat, ...]:
        """Every open session, the one that was begun last first."""
        with self.kernel.lock:
            self._sweep()
            return tuple(sorted(self._open.values(), key=lambda seat: seat.began, reverse=True))

    def end(self, seat: Seat, why: str, by: str) -> None:
        """End a session; nothing happens where it was ended before."""
        with self.kernel.lock:
            for digest in [d for d, one in self._open.items() if one.session == seat.session]:
                del self._open[digest]
            if seat.session in self.kernel.state.authorization_status.seated:
                self.kernel.append("SESSION_ENDED", session=seat.session, why=why, by=by)

    def close(self) -> None:
        """End all of them: the pages are no longer served."""
        for seat in self.open_seats():
            self.end(seat, "shut", "office")

    def _sweep(self) -> None:
        """End what is over: too long idle, too old, ended by somebody, or of a person who may no longer be here."""
        now = self.kernel.now()
        for seat in list(self._open.values()):
            if why := self._over(seat, now):
                self.end(seat, why, "office")

    def _over(self, seat: Seat, now: datetime) -> str:
        if seat.session in self.kernel.state.ended:
            return "ended"
        if now - seat.seen >= self.idle:
            return "idle"
        if now - seat.began >= self.longest:
            return "limit"
        person = self.kernel.state.people.get(seat.person)
        return "policy" if why_not_enter(self.kernel, person, "desk") else ""


def end_left_open(kernel: Kernel) -> None:
    """End the sessions of an earlier run of the pages that ended without saying so: those that were open already when
    this program opened the office. The pages do it when they begin; a registrar that begins anew ends nobody's."""
    with kernel.lock:
        for session in sorted(
            kernel.state.authorization_status.left_open & kernel.state.authorization_status.seated.keys()
        ):
            kernel.append("SESSION_ENDED", session=session, why="restart", by="office")
        kernel.state.authorization_status.left_open.clear()


def why_not_enter(
    kernel: Kernel, person: Person | None, room: str, *, proved: datetime | None = None
) -> tuple[Reason, ...]:
    """Every reason why a person may not enter a room of the pages; none: they may. The policy alone knows."""
    act = Action(
        action="enter",
        rule="the_person_may_enter",
        person=person,
        roles=frozenset(),
        now=kernel.latest(),
        proved=proved,
        room=room,
    )
    return kernel.policy.judge_action(act)


def why_not_here(kernel: Kernel, seat: Seat, room: str) -> tuple[Reason, ...]:
    """The same for whoever sits at a seat, with the step-up of that session."""
    proved = proved_at(kernel, seat)
    return why_not_enter(kernel, kernel.state.people.get(seat.person), room, proved=proved)


def proved_at(kernel: Kernel, seat: Seat) -> datetime | None:
    """When a session's person last proved in it that they are at the desk."""
    return kernel.state.authorization_status.proved.get(proof_key(seat.person, seat.session))


def stepped_up(kernel: Kernel, seat: Seat, proof: Mapping[str, str | int]) -> None:
    """Log that a session's person has proved, just now, that they are at the desk."""
    kernel.append("PROVED", by=seat.person, session=seat.session, **proof)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
