"""The disclosure package for one recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from peelian.technologies.footage.recipients import must_be_recipient
from peelian.technologies.footage.shapes import FOOTAGE, PACKAGE, PLAN, REDACTED

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
        "disclose: `peelian record-warrant`"
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
    arithmetic=deferred("peelian.technologies.footage.disclosure:ARITHMETIC"),
    seen=("redacted",),
)
