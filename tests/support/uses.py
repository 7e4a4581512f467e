"""Uses of a capability that needs a warrant, put together from good and bad parts, each bad part with its rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from changed import changed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from toy import COUNT

from peelian.kernel.model.capability import AuthorizationKind, Capability, Need, Purpose, Role
from peelian.kernel.model.documents import Admission, Authorization, digest_of
from peelian.kernel.model.people import Person
from peelian.kernel.model.policy_port import Use

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = {name: Ed25519PrivateKey.generate() for name in ("council", "privacy", "analyst", "stranger")}
TOUCHED = {"cells": "500:1:2,500:1:3", "sensors": "s-1", "operations": "read"}
HEAT: Capability = changed(
    COUNT,
    id="toy.heat",
    purposes=frozenset({Purpose.ADVICE, Purpose.SAFETY}),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.WARRANT, covers=lambda params: TOUCHED),
    ),
)


def person(name: str, *roles: Role, until: str = "2027-01-01") -> Person:
    key = KEYS[name].public_key().public_bytes_raw().hex()
    return Person(token=name, name=name, unit=name, roles=frozenset(roles), public_key=key, trained_until=until)


PEOPLE = {
    "council": person("council", Role.COUNCIL),
    "privacy": person("privacy", Role.PRIVACY_OFFICER),
    "analyst": person("analyst", Role.ANALYST),
}


def authorization(kind: AuthorizationKind, signer: str, *, key: str = "", **changes: Any) -> Authorization:
    made = Authorization(
        kind=kind,
        serves="toy.heat",
        purposes=("advice",),
        starts=(NOW - timedelta(days=1)).isoformat(),
        ends=(NOW + timedelta(days=30)).isoformat(),
        body={},
        by=signer,
        at=NOW.isoformat(),
    )
    made = dataclasses.replace(made, **changes)
    return dataclasses.replace(made, signature=KEYS[key or signer].sign(digest_of(made).encode()).hex())


PAPER = {"paper": "ab" * 32, "court": "King's Bench", "judge": "B. Invented", "issued": "2026-03-01"}
PAPER |= {"ends": "2026-03-30", "recorded_by": "another officer"}
BODY: Mapping[str, Any] = {**TOUCHED, **PAPER, "status": "confirmed", "reference": "QB 12/2026", "count": 3}


def warrant(signer: str = "privacy", *, hours: float = 24, key: str = "", **body: Any) -> Authorization:
    kept = {name: value for name, value in {**BODY, **body}.items() if value is not None}
    starts = (NOW - timedelta(hours=hours)).isoformat()
    return authorization(AuthorizationKind.WARRANT, signer, key=key, body=kept, starts=starts)


def admission(**changes: Any) -> Admission:
    declaration = {"purposes": ("advice",), "retention_days": 30}
    made = Admission(
        dataset="wells-1",
        shape="wells",
        format="toy-wells",
        object="0" * 32,
        digest="0" * 64,
        rows=1,
        declaration=declaration,
        facts={},
        dropped=(),
        by="custodian",
        at=(NOW - timedelta(days=1)).isoformat(),
    )
    return dataclasses.replace(made, **changes)


ASKED = {"recorded_by": "privacy", "urgency": "it is deleted tonight"}  # of a provisional one
OWNERS = {"toy-wells": "toy", "oil-wells": "oil"}  # format → technology
GOOD_WARRANT = warrant()
OLD = (NOW - timedelta(days=31)).isoformat()
PAST, FUTURE = (NOW - timedelta(seconds=1)).isoformat(), (NOW + timedelta(days=1)).isoformat()
ASKER, DATA, AUTHORIZATIONS = "the_asker_may_ask", "the_data_may_be_used", "the_authorizations_are_in_order"

# part → name of a way it can be → (the part, the rule that must refuse it; "" where it is good)
PARTS: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "person": {
        "good": (PEOPLE["analyst"], ""),
        "nobody": (None, ASKER),
        "in another role": (person("analyst", Role.CLERK), ASKER),
        "in no role": (person("analyst"), ASKER),
        "untrained": (person("analyst", Role.ANALYST, until="2026-03-01"), ASKER),
        "trained until today": (person("analyst", Role.ANALYST, until="2026-03-02"), ""),
    },
    "purpose": {
        "good": ("advice", ""),
        "none": ("", "the_purpose_is_served"),
        "curiosity": ("curiosity", "the_purpose_is_served"),
        "one nothing else serves": ("safety", AUTHORIZATIONS),
        "half a character": ("\ud800", "the_purpose_is_served"),
    },
    "drill_is_recent": {"good": (True, ""), "overdue": (False, "a_breach_drill_is_recent")},
    "suspended": {"good": (frozenset(), ""), "it is": (frozenset({"toy"}), "the_technology_is_not_suspended")},
    "datasets": {
        "good": ({"wells": admission()}, ""),
        "none": ({}, DATA),
        "unknown": ({"wells": None}, DATA),
        "of another shape": ({"wells": admission(shape="fountains")}, DATA),
        "of another technology": ({"wells": admission(format="oil-wells")}, DATA),
        "of no technology": ({"wells": admission(format="unknown")}, DATA),
        "for another purpose": ({"wells": admission(declaration={"purposes": (), "retention_days": 30})}, DATA),
        "past its retention": ({"wells": admission(at=OLD)}, DATA),
        "one too many": ({"wells": admission(), "fountains": admission(dataset="f")}, DATA),
    },
    "council": {
        "good": (authorization(AuthorizationKind.COUNCIL_APPROVAL, "council"), ""),
        "none": (None, AUTHORIZATIONS),
        "expired": (authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", ends=NOW.isoformat()), AUTHORIZATIONS),
        "not yet in force": (
            authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", starts=FUTURE),
            AUTHORIZATIONS,
        ),
        "for another purpose": (
            authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", purposes=("proof",)),
            AUTHORIZATIONS,
        ),
        "for another capability": (
            authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", serves="toy.other"),
            AUTHORIZATIONS,
        ),
        "for the technology": (authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", serves="toy.*"), ""),
        "forged": (authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", key="stranger"), AUTHORIZATIONS),
        "by somebody who may not": (authorization(AuthorizationKind.COUNCIL_APPROVAL, "privacy"), AUTHORIZATIONS),
        "by the asker": (authorization(AuthorizationKind.COUNCIL_APPROVAL, "analyst"), AUTHORIZATIONS),
    },
    "warrant": {
        "good": (GOOD_WARRANT, ""),
        "wider": (warrant(cells="500:1:2, 500:1:3, 500:9:9", operations="read,count"), ""),
        "none": (None, AUTHORIZATIONS),
        "without its paper": (warrant(paper=None), AUTHORIZATIONS),
        "with a paper that is none": (warrant(paper="QB 12/2026"), AUTHORIZATIONS),
        "without its judge": (warrant(judge=" "), AUTHORIZATIONS),
        "by one person": (warrant(recorded_by="privacy"), AUTHORIZATIONS),
        "by nobody who recorded it": (warrant(recorded_by=None), AUTHORIZATIONS),
        "provisional, fresh": (warrant(status="provisional", hours=47.99, **ASKED), AUTHORIZATIONS),
        "provisional, 48 hours": (warrant(status="provisional", hours=48, **ASKED), AUTHORIZATIONS),
        "provisional, old": (warrant(status="provisional", hours=72), AUTHORIZATIONS),
        "of no status": (warrant(status=None), AUTHORIZATIONS),
        "of another status": (warrant(status="refused"), AUTHORIZATIONS),
        "expired": (
            dataclasses.replace(authorization(AuthorizationKind.WARRANT, "privacy", body=BODY, ends=PAST)),
            AUTHORIZATIONS,
        ),
        "not yet in force": (
            authorization(AuthorizationKind.WARRANT, "privacy", body=BODY, starts=FUTURE),
            AUTHORIZATIONS,
        ),
        "for fewer places": (warrant(cells="500:1:2"), AUTHORIZATIONS),
        "for no places": (warrant(cells=None), AUTHORIZATIONS),
        "for other sensors": (warrant(sensors="s-2,s-3"), AUTHORIZATIONS),
        "for other operations": (warrant(operations="count"), AUTHORIZATIONS),
        "for no operations": (warrant(operations=None), AUTHORIZATIONS),
        "without a count": (warrant(count=None), AUTHORIZATIONS),
        "with no uses": (warrant(count=0), AUTHORIZATIONS),
        "with a count that is none": (warrant(count="3"), AUTHORIZATIONS),
        "without a reference": (warrant(reference=" "), AUTHORIZATIONS),
        "used up": (warrant(count=1), AUTHORIZATIONS),
        "forged": (warrant(key="stranger"), AUTHORIZATIONS),
        "by the asker": (warrant("analyst"), AUTHORIZATIONS),
    },
}


def use(**ways: str) -> Use:
    """The use made of these ways its parts can be; parts not named are good."""
    made = {part: PARTS[part][ways.get(part, "good")][0] for part in PARTS}
    authorizations = tuple(one for one in (made.pop("council"), made.pop("warrant")) if one is not None)
    used = {digest_of(one): 1 for one in authorizations}  # each warrant was used once before
    return Use(
        capability=HEAT,
        params=COUNT.arithmetic().example().params,
        authorizations=authorizations,
        issuers=PEOPLE,
        now=NOW,
        used=used,
        owner_of=lambda format: OWNERS.get(format, ""),
        **made,
    )


def wanted(**ways: str) -> set[str]:
    """The rules that must refuse this use, worked out from its parts alone."""
    rules = {PARTS[part][way][1] for part, way in ways.items()} - {""}
    purpose = ways.get("purpose", "good")
    if purpose != "good":  # neither authorization nor data serves another purpose
        data = ways.get("datasets", "good")
        rules |= {AUTHORIZATIONS, DATA} | ({"the_purpose_is_served"} if purpose != "one nothing else serves" else set())
        assert data
    return rules
