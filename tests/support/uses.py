"""Uses of a capability that needs a warrant, put together from good and bad parts, each bad part with its rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from toy import COUNT

from peelian.governance.capability import Capability, Need, Paper, Purpose, Role
from peelian.governance.documents import Admission, Authority, mark_of
from peelian.governance.issued import issued
from peelian.governance.people import Person
from peelian.governance.policy import Use

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = {name: Ed25519PrivateKey.generate() for name in ("council", "privacy", "analyst", "stranger")}
TOUCHED = {"cells": "500:1:2,500:1:3", "sensors": "s-1", "operations": "read"}
HEAT: Capability = dataclasses.replace(
    COUNT,
    id="toy.heat",
    purposes=frozenset({Purpose.ADVICE, Purpose.SAFETY}),
    needs=(Need(paper=Paper.COUNCIL_APPROVAL), Need(paper=Paper.WARRANT, covers=lambda params: TOUCHED)),
)


def person(name: str, *roles: Role, until: str = "2027-01-01") -> Person:
    key = KEYS[name].public_key().public_bytes_raw().hex()
    return Person(token=name, name=name, unit=name, roles=frozenset(roles), public_key=key, trained_until=until)


PEOPLE = {
    "council": person("council", Role.COUNCIL),
    "privacy": person("privacy", Role.PRIVACY_OFFICER),
    "analyst": person("analyst", Role.ANALYST),
}


def paper(kind: Paper, signer: str, *, key: str = "", **changes: Any) -> Authority:
    made = Authority(
        paper=kind,
        serves="toy.heat",
        purposes=("advice",),
        starts=(NOW - timedelta(days=1)).isoformat(),
        ends=(NOW + timedelta(days=30)).isoformat(),
        body={},
        by=signer,
        at=NOW.isoformat(),
    )
    made = dataclasses.replace(made, **changes)
    return dataclasses.replace(made, signature=KEYS[key or signer].sign(mark_of(made).encode()).hex())


BODY: Mapping[str, Any] = {**TOUCHED, "status": "confirmed", "reference": "QB 12/2026", "count": 3}


def warrant(signer: str = "privacy", *, hours: float = 24, key: str = "", **body: Any) -> Authority:
    kept = {name: value for name, value in {**BODY, **body}.items() if value is not None}
    starts = (NOW - timedelta(hours=hours)).isoformat()
    return paper(Paper.WARRANT, signer, key=key, body=kept, starts=starts)


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


GOOD_WARRANT = warrant()
OLD = (NOW - timedelta(days=31)).isoformat()
PAST, FUTURE = (NOW - timedelta(seconds=1)).isoformat(), (NOW + timedelta(days=1)).isoformat()
ASKER, DATA, PAPERS = "the_asker_may_ask", "the_data_may_be_used", "the_papers_are_in_order"

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
        "one nothing else serves": ("safety", PAPERS),
        "half a character": ("\ud800", "the_purpose_is_served"),
    },
    "drill_is_recent": {"good": (True, ""), "overdue": (False, "a_breach_drill_is_recent")},
    "suspended": {"good": (frozenset(), ""), "it is": (frozenset({"toy"}), "the_technology_is_not_suspended")},
    "datasets": {
        "good": ({"wells": admission()}, ""),
        "none": ({}, DATA),
        "unknown": ({"wells": None}, DATA),
        "of another shape": ({"wells": admission(shape="fountains")}, DATA),
        "for another purpose": ({"wells": admission(declaration={"purposes": (), "retention_days": 30})}, DATA),
        "past its retention": ({"wells": admission(at=OLD)}, DATA),
        "one too many": ({"wells": admission(), "fountains": admission(dataset="f")}, DATA),
    },
    "council": {
        "good": (paper(Paper.COUNCIL_APPROVAL, "council"), ""),
        "none": (None, PAPERS),
        "expired": (paper(Paper.COUNCIL_APPROVAL, "council", ends=NOW.isoformat()), PAPERS),
        "not yet in force": (paper(Paper.COUNCIL_APPROVAL, "council", starts=FUTURE), PAPERS),
        "for another purpose": (paper(Paper.COUNCIL_APPROVAL, "council", purposes=("proof",)), PAPERS),
        "for another capability": (paper(Paper.COUNCIL_APPROVAL, "council", serves="toy.other"), PAPERS),
        "for the technology": (paper(Paper.COUNCIL_APPROVAL, "council", serves="toy.*"), ""),
        "forged": (paper(Paper.COUNCIL_APPROVAL, "council", key="stranger"), PAPERS),
        "by somebody who may not": (paper(Paper.COUNCIL_APPROVAL, "privacy"), PAPERS),
        "by the asker": (paper(Paper.COUNCIL_APPROVAL, "analyst"), PAPERS),
    },
    "warrant": {
        "good": (GOOD_WARRANT, ""),
        "wider": (warrant(cells="500:1:2, 500:1:3, 500:9:9", operations="read,count"), ""),
        "none": (None, PAPERS),
        "provisional, fresh": (warrant(status="provisional", hours=47.99), ""),
        "provisional, 48 hours": (warrant(status="provisional", hours=48), PAPERS),
        "provisional, old": (warrant(status="provisional", hours=72), PAPERS),
        "of no status": (warrant(status=None), PAPERS),
        "of another status": (warrant(status="refused"), PAPERS),
        "expired": (dataclasses.replace(paper(Paper.WARRANT, "privacy", body=BODY, ends=PAST)), PAPERS),
        "not yet in force": (paper(Paper.WARRANT, "privacy", body=BODY, starts=FUTURE), PAPERS),
        "for fewer places": (warrant(cells="500:1:2"), PAPERS),
        "for no places": (warrant(cells=None), PAPERS),
        "for other sensors": (warrant(sensors="s-2,s-3"), PAPERS),
        "for other operations": (warrant(operations="count"), PAPERS),
        "for no operations": (warrant(operations=None), PAPERS),
        "without a count": (warrant(count=None), PAPERS),
        "with no uses": (warrant(count=0), PAPERS),
        "with a count that is none": (warrant(count="3"), PAPERS),
        "without a reference": (warrant(reference=" "), PAPERS),
        "used up": (warrant(count=1), PAPERS),
        "forged": (warrant(key="stranger"), PAPERS),
        "by the asker": (warrant("analyst"), PAPERS),
    },
}


def use(**ways: str) -> Use:
    """The use made of these ways its parts can be; parts not named are good."""
    made = {part: PARTS[part][ways.get(part, "good")][0] for part in PARTS}
    papers = tuple(one for one in (made.pop("council"), made.pop("warrant")) if one is not None)
    used = {mark_of(one): 1 for one in papers}  # each warrant was used once before
    return Use(
        capability=HEAT,
        params=COUNT.example().params,
        papers=issued(papers),
        issuers=PEOPLE,
        now=NOW,
        used=used,
        **made,
    )


def wanted(**ways: str) -> set[str]:
    """The rules that must refuse this use, worked out from its parts alone."""
    rules = {PARTS[part][way][1] for part, way in ways.items()} - {""}
    purpose = ways.get("purpose", "good")
    if purpose != "good":  # neither paper nor data serves another purpose
        data = ways.get("datasets", "good")
        rules |= {PAPERS, DATA} | ({"the_purpose_is_served"} if purpose != "one nothing else serves" else set())
        assert data
    return rules
