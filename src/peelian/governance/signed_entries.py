"""Acts that need no document: a log entry that the person who acts signs with their key, and who may act so.

Whoever holds the keys, or looks at the log later, can tell that it was them: the signature is over the whole entry, its
time with it, and over the office it is of. Nobody else can make such an entry; the same one said twice shows as such.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from peelian.errors import OutOfOrder, Refused
from peelian.governance.capability import Role
from peelian.governance.entries import encode_entry
from peelian.governance.house import House
from peelian.governance.orders import proof_key
from peelian.governance.people import Operator, Person, signature_holds
from peelian.governance.policy import Deed

PREFIX = b"peelian entry 1\n"


def acted(house: House, by: Operator, kind: str, **fields: str | int) -> int:
    """Append an entry that says who acts (and in which session) and that they sign; its index.

    The caller has checked that they may. Refused where their key is not at hand.
    """
    session: dict[str, str | int] = {"session": by.session} if by.session else {}
    with house.lock:
        entry = house.entry(kind, {"by": by.person.token, **session, **fields})
        return house.take({**entry, "signature": by.sign(signed_part(house, entry)).hex()})


def shown(house: House, by: Operator, kind: str, **fields: str | int) -> int:
    """Append an entry on something that is only shown: in a session of the pages the session stands for the signature,
    since whoever keeps their key elsewhere sees everything there; at the terminal it is signed."""
    if not by.session:
        return acted(house, by, kind, **fields)
    return house.append(kind, by=by.person.token, session=by.session, **fields)


def signed_part(house: House, entry: Mapping[str, Any]) -> bytes:
    """What is signed of an entry: everything but the signature, and which office it is of."""
    rest = {key: value for key, value in entry.items() if key != "signature"}
    return PREFIX + house.public_key.encode() + b"\n" + encode_entry(rest)


def signer_of(house: House, entry: Mapping[str, Any]) -> Person:
    """The enrolled person who signed an entry; OutOfOrder where nobody did, or somebody else than it says."""
    person = house.book.people.get(str(entry.get("by", "")))
    if person is None or "signature" not in entry:
        raise OutOfOrder("this entry says what a person does: the person signs it")
    if not signature_holds(person.public_key, str(entry["signature"]), signed_part(house, entry)):
        raise OutOfOrder("the entry is not signed by the person it names")
    return person


def actor_of(house: House, entry: Mapping[str, Any]) -> Person:
    """The same; in a session of the pages that the log holds open as theirs, the session stands for the signature."""
    session, token = str(entry.get("session", "")), str(entry.get("by", ""))
    if "signature" not in entry and session and house.book.orders.seated.get(session) == token:
        person = house.book.people.get(token)
        if person is not None:
            return person
    return signer_of(house, entry)


def must_be_permitted(
    house: House,
    token: str,
    roles: Collection[str | Role],
    rule: str,
    *,
    action: str = "deed",
    first: tuple[str, str] = ("", ""),
    session: str = "",
) -> None:
    """Refused unless the policy lets this person do such an act, judged by the log alone.

    `first`: the token and the unit of whom they agree with. `session`: where they act, and stepped up.
    """
    deed = Deed(
        action=action,
        rule=rule,
        person=house.book.people.get(token),
        roles=frozenset(Role(role) for role in roles),
        now=house.now(),
        first=first[0],
        first_unit=first[1],
        proved=house.book.orders.proved.get(proof_key(token, session)),
    )
    if reasons := house.policy.judge_deed(deed):
        raise Refused(reasons)
