"""Signed entries: acts without a document, whose log entry the acting person signs.

Whoever holds the keys, or looks at the log later, can tell that it was them: the signature is over the whole entry, its
time with it, and over the office it is of. Nobody else can make such an entry; the same one said twice shows as such.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from peelian.errors import KeyLocked, OutOfOrder, Refused
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person, signature_holds
from peelian.kernel.model.policy_port import Action
from peelian.kernel.model.ports import Entry
from peelian.kernel.policy.authorize import bound_person
from peelian.kernel.state.kernel import Kernel

PREFIX = b"peelian entry 1\n"


def acted(kernel: Kernel, by: Operator, kind: str, **fields: str | int) -> int:
    """Append an entry that says who acts (and in which session) and that they sign; its index.

    The caller has checked that they may. Refused where their key is not at hand.
    """
    with kernel.lock:
        return kernel.take(entry_by(kernel, by, kind, **fields))


def entry_by(kernel: Kernel, by: Operator, kind: str, **fields: str | int) -> Entry:
    """The same entry, not appended yet: for what is logged together with others."""
    return signed_entry(kernel, by, kernel.entry(kind, _said(by, fields)))


def shown(kernel: Kernel, by: Operator, kind: str, **fields: str | int) -> int:
    """The same for what is only shown, taken out or ended: in a session of the pages whose person keeps their key
    elsewhere or locked the session stands for the signature, since they see everything there; it was proven when it
    began."""
    try:
        return acted(kernel, by, kind, **fields)
    except (Refused, KeyLocked):
        if not by.session:
            raise
        entry = kernel.entry(kind, _said(by, fields))
        actor_of(kernel, entry)
        return kernel.take(entry)


def signed_entry(kernel: Kernel, by: Operator, entry: Entry) -> Entry:
    """The entry with the signature of whoever acts.

    Words serve once: what somebody does again within the same hundredth of a second says that it is again.
    """
    signed: Entry = {**entry, "signature": by.sign(signed_part(kernel, entry)).hex()}
    if kernel.state.first_said(signed) == -1:
        return signed
    return signed_entry(kernel, by, {**entry, "again": int(entry.get("again", 0)) + 1})


def _said(by: Operator, fields: Mapping[str, str | int]) -> dict[str, str | int]:
    """Who acts and what; their session is called their `seat` where the act is about another."""
    own = {"seat" if "session" in fields else "session": by.session} if by.session else {}
    return {"by": by.person.token, **own, **fields}


def signed_part(kernel: Kernel, entry: Mapping[str, Any]) -> bytes:
    """What is signed of an entry: everything but the signature, and which office it is of."""
    rest = {key: value for key, value in entry.items() if key != "signature"}
    return PREFIX + kernel.office.public_key.encode() + b"\n" + encode_entry(rest)


def signer_of(kernel: Kernel, entry: Mapping[str, Any]) -> Person:
    """The enrolled person who signed an entry; OutOfOrder where nobody did, or somebody else than it says."""
    person = kernel.state.people.get(str(entry.get("by", "")))
    if person is None or "signature" not in entry:
        raise OutOfOrder("This entry is a person's act. That person must sign it.")
    if not signature_holds(person.public_key, str(entry["signature"]), signed_part(kernel, entry)):
        raise OutOfOrder("The entry is not signed by the person it names.")
    return person


def actor_of(kernel: Kernel, entry: Mapping[str, Any]) -> Person:
    """The same; a session of the pages that the log holds open as theirs, and in which they have proven that it is
    they (the city's provider proves nothing to whoever holds the keys), stands for the signature."""
    session, token = str(entry.get("seat", entry.get("session", ""))), str(entry.get("by", ""))
    if "signature" in entry or not session or kernel.state.seated.get(session) != token:
        return signer_of(kernel, entry)
    person = bound_person(kernel, token, session)
    if person is None or kernel.state.proved(token, session) is None:
        raise OutOfOrder("Identity not confirmed in this session. Confirm it with a key or passkey.")
    return person


def must_be_permitted(
    kernel: Kernel,
    token: str,
    roles: Collection[str | Role],
    rule: str,
    *,
    action: str = "act",
    first: tuple[str, str] = ("", ""),
    session: str = "",
) -> None:
    """Refused unless the policy lets this person do such an act, judged by the log alone.

    `first`: the token and the unit of whom they agree with. `session`: where they act, and stepped up.
    """
    act = Action(
        action=action,
        rule=rule,
        person=bound_person(kernel, token, session),
        roles=frozenset(Role(role) for role in roles),
        now=kernel.now(),
        first=first[0],
        first_unit=first[1],
        proved=kernel.state.proved(token, session),
    )
    if reasons := kernel.policy.judge_action(act):
        raise Refused(reasons)
