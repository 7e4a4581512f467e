"""The disclosure package for one recipient, whose public key is checked before anything is made for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Findings,
    Need,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.custody_declarations import Delivery, Make
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.parameters import REQUIRED, choice, number, parsed
from peelian.kernel.model.tables import digest, group
from peelian.technologies.footage.shapes import FOOTAGE, PACKAGE, PLAN, REDACTED

ACCEPTED = "the recipient's public key: age1… as `age-keygen` prints it, or ssh-ed25519 …"
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_AGE = re.compile(r"age1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}")
_SSH = re.compile(r"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}={0,2}( \S{1,100})?")
_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def must_be_recipient(text: str) -> None:
    """InputError unless this is a public key for encryption. A secret key has an error of its own."""
    if text.strip().upper().startswith("AGE-SECRET-KEY-"):
        raise InputError(
            "this is a secret key: its owner must make a new key pair", column="recipient", accepted=ACCEPTED
        )
    if _SSH.fullmatch(text) or (_AGE.fullmatch(text) and checksum_holds(text)):
        return
    raise InputError("not a public key", column="recipient", accepted=ACCEPTED)


def checksum_holds(text: str) -> bool:
    """Whether a bech32 word's checksum is right (BIP 173): any one or two wrong letters are found.

    >>> checksum_holds("a12uel5l"), checksum_holds("a12uel5q")
    (True, False)
    """
    head, _, body = text.rpartition("1")
    values = [ord(c) >> 5 for c in head] + [0] + [ord(c) & 31 for c in head] + [_LETTERS.find(c) for c in body]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, step in enumerate(_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check == 1 and -1 not in values


COURT_ORDER, DISCLOSURE = "court_order", "disclose"
GROUNDS: Mapping[str, str] = {
    "access_request": "access request",
    COURT_ORDER: "court order",
    "prosecution": "prosecution",
    "complaint": "complaint",
    "public_interest": "public interest",
}
PARTS = Emit(
    table="parts",
    title="parts of the package",
    columns={
        "part": group("Part", {"original": "Original", "redacted": "Redacted copy", "plan": "Redaction plan"}),
        "digest": digest("SHA-256"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscloseParams:
    """Recipient, grounds and time for delivery."""

    recipient: str = parsed(
        REQUIRED, "Recipient's public key (age1… or ssh-ed25519 …)", must_be_recipient, private=True
    )
    grounds: str = choice("access_request", "Grounds for disclosure", GROUNDS)
    days: int = number(30, "Time for delivery after the decision", 1, 365, "days")


def _described(params: DiscloseParams, found: Findings) -> Admitted:
    return Admitted(table=found.table("parts"), facts={"grounds": params.grounds, "days": params.days})


ORDER = Need(
    kind=AuthorizationKind.WARRANT,
    when=lambda params: params.grounds == COURT_ORDER,
    covers=lambda params: {"operations": DISCLOSURE},
    how=(
        "Have the court's order recorded and confirmed, with the recording's SHA-256 as item_sha256 and the operation "
        "disclose: `peelian warrant record`"
    ),
)
DISCLOSE = Capability(
    id="footage.disclose",
    warrant="Warrant needed where the grounds are a court order. Otherwise the recipient is entitled to the recording.",
    title="Disclosure package for one recipient",
    about=(
        "Prepares the redacted copy, its provenance, redaction plan and history for one entitled "
        "recipient. Delivery is encrypted to the recipient's key."
    ),
    asks=Asks(
        params=DiscloseParams,
        purposes=frozenset({Purpose.DISCLOSURE}),
        askers=frozenset({Role.CLERK}),
        deciders=frozenset({Role.PRIVACY_OFFICER, Role.BOARD}),
    ),
    reads=(
        Read(role="item", title="recording", shape=FOOTAGE, needs=(ORDER,)),
        Read(role="redacted", title="redacted copy", shape=REDACTED, history=True),
        Read(role="plan", title="plan", shape=PLAN),
    ),
    emits=(PARTS,),
    makes=(Make(role="package", shape=PACKAGE, of="redacted", describe=_described),),
    delivers=lambda params: Delivery(make="package", recipient=params.recipient, days=params.days),
    arithmetic=deferred("peelian.technologies.footage.disclosure.case:ARITHMETIC"),
    seen=("redacted",),
)
