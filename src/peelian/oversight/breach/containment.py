"""Containing a breach through the same kernel as everything else: close, end, suspend, rotate, seal anew; all logged.

Each act may be done again and then changes nothing, so that a containment cut short is simply begun again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast, runtime_checkable

from peelian.errors import InputError, Refused
from peelian.governance.acts import must_hold, suspend
from peelian.governance.capability import Role
from peelian.governance.house import House
from peelian.governance.people import Operator
from peelian.governance.ports import Sealed
from peelian.governance.revocation import end_session, retire
from peelian.governance.signed_entries import acted
from peelian.oversight.breach.signals import Signal

PIECE = 1 << 20


@runtime_checkable
class Rotates(Protocol):
    """A vault whose wrapping keys can be replaced without touching the data."""

    def rotate_keys(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who acts: the custodian (keys, accounts) and a member of the board (the kill switch)."""

    custodian: Operator
    board: Operator


def contain(house: House, hands: Hands, signal: Signal, *, technologies: Iterable[str] = ()) -> tuple[str, ...]:
    """Do what stops this kind of breach; returns the measures taken, as words of `letters.MEASURES`.

    `technologies` are suspended where an account or a session was misused. What concerns the log's own files is done
    from outside, while the office is shut.
    """
    if signal.kind in ("session_misused", "account_leaked"):
        taken = [_sessions_ended(house, hands, signal)]
        taken += [_accounts_closed(house, hands, signal)] if signal.kind == "account_leaked" else []
        return (*taken, *_suspended(house, hands, technologies))
    if signal.kind in ("records_snooped", "records_taken"):
        return _sessions_ended(house, hands, signal), _accounts_closed(house, hands, signal)
    if signal.kind == "copy_lost":
        rotated = rotate_keys(house, hands.custodian)
        readable = [name for name, word in signal.exposure.items() if word == "readable"]
        anew = [seal_anew(house, hands.custodian, dataset) for dataset in readable]
        return (*(["keys_rotated"] if rotated else []), *(["copy_destroyed"] if any(anew) else []))
    if signal.kind == "log_altered":
        return ("log_restored", _accounts_closed(house, hands, signal))
    return {
        "export_lost": ("recipient_asked",),
        "log_stopped": ("log_reopened",),
        "witness_silent": ("witness_back",),
    }.get(signal.kind, ())


def rotate_keys(house: House, by: Operator) -> int:
    """Replace the wrapping keys of the vault, logged before and after; how many data keys were wrapped anew.

    0 where the vault keeps no ring: one in memory.
    """
    must_hold(house, by, frozenset({Role.CUSTODIAN}), "the_closer_may_close")
    if not isinstance(house.vault, Rotates):
        return 0
    acted(house, by, "ROTATING")
    n = house.vault.rotate_keys()
    acted(house, by, "ROTATED", n=n)
    return n


def seal_anew(house: House, by: Operator, dataset: str) -> bool:
    """Seal a dataset's records under a new data key and destroy the old one: a copy with the old key opens nothing
    that the office goes on using. False where they are no sealed records, or were destroyed."""
    must_hold(house, by, frozenset({Role.CUSTODIAN}), "the_closer_may_close")
    held = objects_of(house)
    object = next((name for name, of in held.items() if of == dataset), "")
    if not object:
        return False
    intent = acted(house, by, "OPENED", object=object, dataset=dataset)
    with house.vault.open(object, intent=intent) as old, house.vault.seal(dataset) as new:
        while piece := old.read(PIECE):
            new.write(piece)
    sealed: Sealed = cast(Any, new).sealed
    acted(
        house,
        by,
        "SEALED",
        dataset=dataset,
        object=sealed.object,
        digest=sealed.digest,
        size=sealed.size,
        before=object,
    )
    house.vault.destroy(object)
    acted(house, by, "KEY_DESTROYED", object=object, dataset=dataset)
    return True


def objects_of(house: House) -> Mapping[str, str]:
    """Every sealed object that was held and whose key was not destroyed since: object → dataset. O(entries)."""
    held: dict[str, str] = {}
    for _, entry in house.log.read():
        if entry["kind"] == "SEALED":
            held[str(entry["object"])] = str(entry["dataset"])
        elif entry["kind"] == "KEY_DESTROYED":
            held.pop(str(entry["object"]), None)
    return held


def kill_switch(house: House, by: Operator, technology: str) -> bool:
    """Suspend a technology at once; False where it is suspended already."""
    if technology in house.book.suspended:
        return False
    suspend(house, by, technology)
    return True


def _sessions_ended(house: House, hands: Hands, signal: Signal) -> str:
    for session in sorted(signal.sessions):
        end_session(house, hands.custodian, session)
    return "session_ended"


def _accounts_closed(house: House, hands: Hands, signal: Signal) -> str:
    kept: list[Refused] = []
    for person in sorted(signal.actors):
        try:
            retire(house, hands.custodian if person != hands.custodian.person.token else hands.board, person)
        except Refused as refused:  # the last who may approve: every other account is closed all the same
            kept.append(refused)
    if kept:
        raise kept[0]
    return "account_closed"


def _suspended(house: House, hands: Hands, technologies: Iterable[str]) -> tuple[str, ...]:
    known = {technology.id for technology in house.technologies}
    if stray := sorted(set(technologies) - known):
        raise InputError("unknown technology", column=stray[0][:40], accepted=", ".join(sorted(known)))
    named = sorted(set(technologies))
    for technology in named:
        kill_switch(house, hands.board, technology)
    return ("technology_suspended",) if named else ()
