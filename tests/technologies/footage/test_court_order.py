"""A disclosure by court order rests on the order's paper, sealed and confirmed by two people, not on a word."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from court import confirmed, recorded
from desk import Desk, desk

from peelian.errors import InputError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import Permit, digest_of
from peelian.kernel.verbs import warrant_lifecycle
from peelian.operations.office import technologies
from peelian.technologies.footage.disclosure.declared import DISCLOSE

ORDER: dict[str, Any] = {"status": "confirmed", "reference": "2026-CR-9", "operations": "disclose", "count": 1}
ABOUT: dict[str, Any] = {"serves": DISCLOSE.id, "purposes": (Purpose.DISCLOSURE,)}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(tuple(technologies()))


@pytest.fixture(scope="module")
def data(town: Desk) -> dict[str, str]:
    example, shapes = DISCLOSE.arithmetic().example(), {read.role: read.shape for read in DISCLOSE.reads}
    return {
        role: town.admit(one, DISCLOSE.asks.purposes, shapes[role]).dataset for role, one in example.datasets.items()
    }


def asked(town: Desk, data: dict[str, str], grounds: str) -> Permit:
    params = dataclasses.replace(DISCLOSE.arithmetic().example().params, grounds=grounds)
    more: dict[str, Any] = {"purpose": "disclosure", "params": params, "datasets": data}
    return verbs.ask(town.kernel, town.people["clerk"], DISCLOSE.id, **more)


def test_only_a_confirmed_order_about_this_recording_discloses_it(town: Desk, data: dict[str, str]) -> None:
    kernel, officer = town.kernel, town.people["privacy-officer"]
    item, plan = (kernel.state.datasets[data[role]].digest for role in ("item", "plan"))
    assert asked(town, data, "access_request")
    with pytest.raises(Refused, match="warrant missing"):
        asked(town, data, "court_order")
    with pytest.raises(InputError, match="does not keep"):
        recorded(town, ORDER | {"item_sha256": "ef" * 32}, **ABOUT)
    order = recorded(town, ORDER | {"item_sha256": item}, **ABOUT)
    with pytest.raises(Refused, match="warrant missing"):
        asked(town, data, "court_order")
    for wrong in ({"item_sha256": plan}, {"item_sha256": item, "operations": "read", "reference": "another"}):
        confirmed(town, recorded(town, ORDER | wrong, **ABOUT))
        with pytest.raises(Refused, match=r"scope does not match|for other operations"):
            asked(town, data, "court_order")
    warrant = confirmed(town, order)
    permit = asked(town, data, "court_order")
    assert digest_of(warrant) in permit.authorizations
    assert warrant_lifecycle.refuse(kernel, officer, digest_of(warrant), words="the court withdrew it") == 0
    with pytest.raises(Refused):
        verbs.run(kernel, town.people["clerk"], permit)
