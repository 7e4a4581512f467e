"""Containing a breach through the same kernel as everything else: close, end, suspend, rotate, seal anew; all logged.

Each act may be done again and then changes nothing, so that a containment cut short is simply begun again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity.revocation import end_session, retire
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Rotates, Sealed
from peelian.kernel.model.suspension import Why
from peelian.kernel.model.technology import ids_of
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.records.office_records import sealed_anew
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.authorizations import suspend
from peelian.kernel.verbs.custody import looked_into
from peelian.oversight.breach.report import Report

PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who acts: the custodian (keys, accounts) and a member of the board (the kill switch)."""

    custodian: Operator
    board: Operator


def contain(kernel: Kernel, hands: Hands, signal: Report, *, technologies: Iterable[str] = ()) -> tuple[str, ...]:
    """Do what stops this kind of breach; returns the measures taken, as words of `letters.MEASURES`.

    `technologies` are suspended where an account or a session was misused. What concerns the log's own files is done
    from outside, while the office is shut.
    """
    if signal.kind in ("session_misused", "account_leaked"):
        taken = [_sessions_ended(kernel, hands, signal)]
        taken += [_accounts_closed(kernel, hands, signal)] if signal.kind == "account_leaked" else []
        return (*taken, *_suspended(kernel, hands, technologies))
    if signal.kind in ("records_snooped", "records_taken"):
        return _sessions_ended(kernel, hands, signal), _accounts_closed(kernel, hands, signal)
    if signal.kind == "copy_lost":
        rotated = rotate_keys(kernel, hands.custodian)
        readable = [name for name, word in signal.exposure.items() if word == "readable"]
        anew = [seal_anew(kernel, hands.custodian, dataset) for dataset in readable]
        return (*(["keys_rotated"] if rotated else []), *(["copy_destroyed"] if any(anew) else []))
    if signal.kind == "log_altered":
        return ("log_restored", _accounts_closed(kernel, hands, signal))
    return {
        "export_lost": ("recipient_asked",),
        "record_damaged": ("record_restored",),
        "log_stopped": ("log_reopened",),
        "witness_silent": ("witness_back",),
    }.get(signal.kind, ())


@act
def rotate_keys(kernel: Kernel, by: Operator) -> int:
    """Replace the wrapping keys of the vault, logged before and after; how many data keys were wrapped anew.

    0 where the vault keeps no ring: one in memory.
    """
    must_hold_role(kernel, by, frozenset({Role.CUSTODIAN}), "the_closer_may_close")
    if not isinstance(kernel.stores.vault, Rotates):
        return 0
    acted(kernel, by, "ROTATING")
    n = kernel.stores.vault.rotate_keys()
    acted(kernel, by, "ROTATED", n=n)
    return n


def seal_anew(kernel: Kernel, by: Operator, dataset: str) -> bool:
    """Seal a dataset's records under a new data key and destroy the old one: a copy with the old key opens nothing
    that the office goes on using. False where they are no sealed records, or were destroyed."""
    must_hold_role(kernel, by, frozenset({Role.CUSTODIAN}), "the_closer_may_close")
    held = objects_of(kernel)
    object = next((name for name, of in held.items() if of == dataset), "")
    if not object:
        return False
    intent = looked_into(kernel, by, object, dataset)
    with kernel.stores.vault.open(object, intent=intent) as old, kernel.stores.vault.seal(dataset) as new:
        while piece := old.read(PIECE):
            new.write(piece)
    sealed: Sealed = cast(Any, new).sealed
    sealed_anew(kernel, by, sealed, before=object)
    kernel.stores.vault.destroy(object)
    key_destroyed(kernel, by, object, dataset)
    return True


@act
def key_destroyed(kernel: Kernel, by: Operator, object: str, dataset: str) -> None:
    """Log that the key of an object that was sealed anew is gone."""
    with kernel.lock:
        must_hold_role(kernel, by, frozenset({Role.CUSTODIAN}), "the_closer_may_close")
        held = kernel.state.objects
        if held.datasets.get(object) != dataset or object not in held.gone:
            raise OutOfOrder("Only the key of re-encrypted data can be destroyed this way.")
        acted(kernel, by, "KEY_DESTROYED", object=object, dataset=dataset)


def objects_of(kernel: Kernel) -> Mapping[str, str]:
    """Every sealed object that was held and whose key was not destroyed since: object → dataset. O(entries)."""
    held: dict[str, str] = {}
    for _, entry in kernel.stores.log.read():
        if entry["kind"] == "SEALED":
            held[str(entry["object"])] = str(entry["dataset"])
        elif entry["kind"] == "KEY_DESTROYED":
            held.pop(str(entry["object"]), None)
    return held


def kill_switch(kernel: Kernel, by: Operator, technology: str) -> bool:
    """Suspend a technology at once; False where it is suspended already."""
    known = kernel.state.suspended.get(technology)
    if known is not None and known.is_thrown:
        return False
    suspend(kernel, by, technology, reason=Why.BREACH)
    return True


def _sessions_ended(kernel: Kernel, hands: Hands, signal: Report) -> str:
    for session in sorted(signal.sessions):
        end_session(kernel, hands.custodian, session)
    return "session_ended"


def _accounts_closed(kernel: Kernel, hands: Hands, signal: Report) -> str:
    kept: list[Refused] = []
    for person in sorted(signal.actors):
        try:
            retire(kernel, hands.custodian if person != hands.custodian.person.token else hands.board, person)
        except Refused as refused:  # the last who may approve: every other account is closed all the same
            kept.append(refused)
    if kept:
        raise kept[0]
    return "account_closed"


def _suspended(kernel: Kernel, hands: Hands, technologies: Iterable[str]) -> tuple[str, ...]:
    known = ids_of(kernel.technologies)
    if stray := sorted(set(technologies) - known):
        raise InputError("unknown technology", column=stray[0][:40], accepted=", ".join(sorted(known)))
    named = sorted(set(technologies))
    for technology in named:
        kill_switch(kernel, hands.board, technology)
    return ("technology_suspended",) if named else ()
