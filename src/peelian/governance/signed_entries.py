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
from peelian.governance.ports import Entry

PREFIX = b"peelian entry 1\n"


def acted(house: House, by: Operator, kind: str, **fields: str | int) -> int:
    """Append an entry that says who acts (and in which session) and that they sign; its index.

    The caller has checked that they may. Refused where their key is not at hand.
    """
    with house.lock:
        return house.take(said_by(house, by, kind, **fields))


def said_by(house: House, by: Operator, kind: str, **fields: str | int) -> Entry:
    """The same entry, not appended yet: for what is logged together with others."""
    return signed_entry(house, by, house.entry(kind, _said(by, fields)))


def shown(house: House, by: Operator, kind: str, **fields: str | int) -> int:
    """The same for what is only shown, taken out or ended: in a session of the pages whose person keeps their key
    elsewhere the session stands for the signature, since they see everything there; it was proven when it began."""
    try:
        return acted(house, by, kind, **fields)
    except Refused:
        if not by.session:
            raise
        return house.append(kind, **_said(by, fields))


def signed_entry(house: House, by: Operator, entry: Entry) -> Entry:
    """The entry with the signature of whoever acts.

    Words serve once: what somebody does again within the same hundredth of a second says that it is again.
    """
    signed: Entry = {**entry, "signature": by.sign(signed_part(house, entry)).hex()}
    if house.book.words.first(signed, -1) == -1:
        return signed
    return signed_entry(house, by, {**entry, "again": int(entry.get("again", 0)) + 1})


def _said(by: Operator, fields: Mapping[str, str | int]) -> dict[str, str | int]:
    """Who acts and what; their session is called their `seat` where the act is about another."""
    own = {"seat" if "session" in fields else "session": by.session} if by.session else {}
    return {"by": by.person.token, **own, **fields}


def signed_part(house: House, entry: Mapping[str, Any]) -> bytes:
    """What is signed of an entry: everything but the signature, and which office it is of."""
    rest = {key: value for key, value in entry.items() if key != "signature"}
    return PREFIX + house.public_key.encode() + b"\n" + encode_entry(rest)


def signer_of(house: House, entry: Mapping[str, Any]) -> Person:
    """The enrolled person who signed an entry; OutOfOrder where nobody did, or somebody else than it says."""
    person = house.book.people.get(str(entry.get("by", "")))
    if person is None or "signature" not in entry:
        raise OutOfOrder("This entry is a person's act. That person must sign it.")
    if not signature_holds(person.public_key, str(entry["signature"]), signed_part(house, entry)):
        raise OutOfOrder("The entry is not signed by the person it names.")
    return person


def actor_of(house: House, entry: Mapping[str, Any]) -> Person:
    """The same; a session of the pages that the log holds open as theirs, and in which they have proven that it is
    they (the city's provider proves nothing to whoever holds the keys), stands for the signature."""
    session, token, orders = (
        str(entry.get("seat", entry.get("session", ""))),
        str(entry.get("by", "")),
        house.book.orders,
    )
    if "signature" in entry or not session or orders.seated.get(session) != token:
        return signer_of(house, entry)
    person = house.book.people.get(token)
    if person is None or proof_key(token, session) not in orders.proved:
        raise OutOfOrder("Identity not confirmed in this session. Confirm it with a key or passkey.")
    return person


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
