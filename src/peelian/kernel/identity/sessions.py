"""Sessions at the pages: who is logged on, until when, and what ends it; start and end are in the log.

A session's secret is known to the browser alone: only its digest is kept, and the log knows the session by a part of
it. Whose it is and since when is what the log says; every process that serves the pages knows it, also after a restart.
 Whether somebody may still be here is asked of the policy at every request, so that expired training
or a closed account ends a session at once.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Reason, Refused
from peelian.kernel.identity.access_tokens import LENT, token_made
from peelian.kernel.identity.session_binding import PARTS, the_proof_holds, the_session_may_begin
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.policy_port import Action
from peelian.kernel.policy.authorize import bound_person, stands_in
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

IDLE, LONGEST = timedelta(minutes=10), timedelta(hours=8)
WRITTEN = timedelta(minutes=1)  # how often it is written when somebody was seen
TICKET = "seat"
STOPPING = "suspend"  # the room in which a technology is suspended
_PROOF = frozenset({"nonce", "code", "at", "pass", "passkey", "counter", "challenge", *PARTS})
_PIECE, _TOKEN = re.compile(r"_[0-9]{1,2}$"), re.compile(r"[0-9a-f]{20}")
ENDINGS = frozenset({"idle", "limit", "ended", "policy"})  # why the office ends one by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person's open session."""

    session: str  # as the log names it
    person: str  # token
    how: str  # key, passkey, provider or token
    form: str  # what every form of this session carries, so that no other site's form passes for one of ours
    began: datetime
    seen: datetime


class Sessions:
    """The open sessions of the office's pages, however many processes serve them."""

    def __init__(self, kernel: Kernel, *, idle: timedelta = IDLE, longest: timedelta = LONGEST) -> None:
        self.kernel, self.idle, self.longest = kernel, idle, longest

    def begin(self, person: Person, how: str, *, proof: Mapping[str, str | int] | None) -> tuple[str, Seat]:
        """Begin a session: its secret, for the browser, and the seat. Refused where the policy lets nobody such in.

        `proof`: logging on so is a step-up as well (a key, an authenticator), and what its entry says; None: it is not.
        """
        if reasons := why_not_enter(self.kernel, person, "desk"):
            raise Refused(reasons)
        secret = secrets.token_urlsafe(32)
        digest, now = _digest(secret), self.kernel.now()
        form = secrets.token_urlsafe(24)
        seat = Seat(session=digest[:20], person=person.token, how=how, form=form, began=now, seen=now)
        with self.kernel.lock:
            session_began(self.kernel, person.token, seat.session, how=how, proof=proof)
            self._keep(digest, seat)
        return secret, seat

    def lend(self, by: Operator, role: Role, *, days: int) -> str:
        """Begin a session that a program opens with a token, in one role of its person: the token, told this once.

        Refused without a fresh step-up, or where they do not hold the role; InputError for another number of days.
        """
        token, now = f"peelian_{secrets.token_urlsafe(32)}", self.kernel.now()
        digest, person = _digest(token), by.person.token
        with self.kernel.lock:
            token_made(self.kernel, by, digest[:20], role=role, until=time_text(now + timedelta(days=min(days, 1_000))))
            self._keep(digest, Seat(session=digest[:20], person=person, how=LENT, form="", began=now, seen=now))
        return token

    def seat(self, secret: str) -> Seat | None:
        """The seat of who holds this secret, seen now; None where it is no secret of an open session. O(1).

        What other processes did counts from then on. When it was seen is written at most once a minute.
        """
        digest, now = _digest(secret), self.kernel.now()
        self.kernel.stores.follow()
        seat, ended = self._known(digest)
        if seat is None:
            return None
        if why := "ended" if ended else self._over(seat, now):
            self.end(seat, why, "office")
            return None
        if now - seat.seen >= WRITTEN or now < seat.seen:
            self._keep(digest, replace(seat, seen=now))
        return replace(seat, seen=now)

    def open_seats(self) -> tuple[Seat, ...]:
        """Every open session, the one that was begun last first; those that are over are ended. O(open)."""
        now, found = self.kernel.now(), []
        for digest, _ in self.kernel.stores.tickets.all(TICKET):
            seat, ended = self._known(digest)
            if seat is not None:
                if why := "ended" if ended else self._over(seat, now):
                    self.end(seat, why, "office")
                else:
                    found.append(seat)
        return tuple(sorted(found, key=lambda seat: seat.began, reverse=True))

    def end(self, seat: Seat, why: str, by: str) -> None:
        """End a session; nothing happens where it was ended before."""
        with self.kernel.lock:
            for digest, _ in self.kernel.stores.tickets.all(TICKET):
                if digest.startswith(seat.session):
                    self.kernel.stores.tickets.take(TICKET, digest)
            session_over(self.kernel, seat.session, why=why, by=by)

    def _known(self, digest: str) -> tuple[Seat | None, bool]:
        """The seat under a secret's digest, of whom and since when the log says, None where it has no such session;
        and whether the log says that it ended."""
        told, row = self.kernel.stores.tickets.get(TICKET, digest), self.kernel.stores.rows.row("sessions", digest[:20])
        if told is None or row is None:
            return None, False
        said = json.loads(told)
        seat = Seat(
            session=digest[:20],
            person=str(row["person"]),
            how=str(row["how"]).partition(" ")[0],
            form=str(said["form"]),
            began=min(datetime.fromisoformat(said["began"]), datetime.fromisoformat(str(row["at"]))),
            seen=datetime.fromisoformat(said["seen"]),
        )
        return seat, row["status"] == "ended"

    def _keep(self, digest: str, seat: Seat) -> None:
        said = {"form": seat.form, "began": seat.began.isoformat(), "seen": seat.seen.isoformat()}
        self.kernel.stores.tickets.put(TICKET, digest, json.dumps(said), seat.began)

    def _over(self, seat: Seat, now: datetime) -> str:
        bound = self.kernel.state.bound(seat.session) if seat.how == LENT else None
        if bound is None and now - seat.seen >= self.idle:
            return "idle"
        if abs(now - seat.began) >= self.longest if bound is None else now >= bound[1]:  # or the clock was set back
            return "limit"
        return "policy" if why_not_enter(self.kernel, person_at(self.kernel, seat), "desk") else ""


def why_not_enter(
    kernel: Kernel, person: Person | None, room: str, *, proved: datetime | None = None
) -> tuple[Reason, ...]:
    """Every reason why a person may not enter a room of the pages; none: they may. The policy alone knows.

    Where the clock lies behind the log, the log's time counts; not where a technology is suspended, as for the act.
    """
    now = kernel.now() if room == STOPPING else kernel.latest()
    return kernel.policy.judge_action(_entering(kernel, person, room, now, proved))


def _entering(kernel: Kernel, person: Person | None, room: str, now: datetime, proved: datetime | None) -> Action:
    return Action(
        action="enter",
        rule="the_person_may_enter",
        person=person,
        roles=frozenset(),
        now=now,
        proved=proved,
        room=room,
        stands_in=stands_in(kernel, person, now),
    )


def why_not_here(kernel: Kernel, seat: Seat, room: str) -> tuple[Reason, ...]:
    """The same for whoever sits at a seat, with the step-up of that session."""
    proved = proved_at(kernel, seat)
    return why_not_enter(kernel, person_at(kernel, seat), room, proved=proved)


def person_at(kernel: Kernel, seat: Seat) -> Person | None:
    """The enrolled person of a session; in one of an access token they have its one role, until its end."""
    return bound_person(kernel, seat.person, seat.session if seat.how == LENT else "")


def rooms_open(kernel: Kernel, seat: Seat, rooms: Iterable[str]) -> frozenset[str]:
    """Those of the rooms that whoever sits at a seat may enter; what is known of them is read once. O(rooms)."""
    person, proved = person_at(kernel, seat), proved_at(kernel, seat)
    known, latest = sorted(set(rooms)), kernel.latest()
    acts = [_entering(kernel, person, room, kernel.now() if room == STOPPING else latest, proved) for room in known]
    return frozenset(room for room, is_open in zip(known, kernel.policy.are_permitted(acts), strict=True) if is_open)


def proved_at(kernel: Kernel, seat: Seat) -> datetime | None:
    """When a session's person last proved in it that they are at the desk."""
    return kernel.state.proved(seat.person, seat.session)


@act
def proved(kernel: Kernel, person: str, session: str, *, proof: Mapping[str, str | int]) -> None:
    """Log a pass or an authenticator's answer, once it is found to be this person's, of now and of this session."""
    with kernel.lock:
        if any(_PIECE.sub("", name) not in _PROOF for name in proof):
            raise OutOfOrder("Confirm your identity with a code or a passkey.")
        entry = kernel.entry("PROVED", {**proof, "by": person, "session": session})
        the_proof_holds(kernel, entry)
        kernel.take(entry)


@act
def session_began(
    kernel: Kernel, person: str, session: str, *, how: str, proof: Mapping[str, str | int] | None
) -> None:
    """Log that a session begins: a new one, of somebody enrolled, proven first where they came with key or passkey."""
    with kernel.lock:
        if proof is not None:
            proved(kernel, person, session, proof=proof)
        entry = kernel.entry("SESSION_BEGAN", {"session": session, "by": person, "how": how})
        the_session_may_begin(kernel, entry)
        kernel.take(entry)


@act
def session_over(kernel: Kernel, session: str, *, why: str, by: str) -> None:
    """Log that a session ended: by itself ("office", and why) or by its own person. Nothing where it had ended."""
    with kernel.lock:
        seated = kernel.state.seated.get(session)
        if seated is None:
            return
        if not (why in ENDINGS if by == "office" else by == seated and why == "off"):
            raise OutOfOrder("Only its own person, or the office, ends a session this way.")
        kernel.append("SESSION_ENDED", session=session, why=why, by=by)


@act
def locked(kernel: Kernel, address: str) -> None:
    """Log that somebody guesses codes: none is taken for a while from this address (a keyed token)."""
    if not _TOKEN.fullmatch(address):
        raise InputError("not a token", column="address", accepted="20 hexadecimal digits")
    kernel.append("LOG_ON_LOCKED", address=address)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
