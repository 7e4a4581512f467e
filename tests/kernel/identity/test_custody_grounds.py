"""Recordings of people are kept on a bylaw and an assessment, or on an exception by two that residents can read."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
from boxes import BOXES, CONTENT
from desk import Desk, declared, desk, entitle

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel.identity import custody_grounds, dual_control, step_up
from peelian.kernel.identity.custody_grounds import BYLAW, MOST_A_YEAR, MOST_RECORDINGS, exceptions_of, ground_of
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Admission
from peelian.kernel.verbs import authorizations, custody
from peelian.oversight.transparency.inventory import inventory_of

OF_PEOPLE = dataclasses.replace(
    BOXES, formats=lambda: tuple(dataclasses.replace(one, of_people=True) for one in BOXES.formats())
)
FORMAT = BOXES.formats()[0].id
WHY, CASE = "the trial begins on Monday", {"technology": "boxes", "reference": "2026-CR-17"}


@pytest.fixture
def town() -> Desk:
    return desk((OF_PEOPLE,))


def keep(town: Desk) -> Admission:
    given, file = declared(Purpose.DISCLOSURE), io.BytesIO(CONTENT)
    return custody.keep(town.kernel, town.people["clerk"], given, file, format=FORMAT)


def excepted(town: Desk, first: str = "board", second: str = "privacy-officer", **body: Any) -> str:
    proposal = dual_control.propose(
        town.kernel, town.people[first], custody_grounds.EXCEPT, words=WHY, body=CASE | body
    )
    step_up.prove(town.kernel, town.people[second])
    dual_control.approve(town.kernel, town.people[second], proposal)
    return proposal


def test_an_empty_office_keeps_nothing_and_says_all_that_is_missing(town: Desk) -> None:
    before = town.kinds()
    with pytest.raises(Refused, match=r"No council approval .*No privacy assessment"):
        keep(town)
    assert town.kinds() == before and not town.kernel.state.datasets


@pytest.mark.parametrize("without", custody_grounds.NEEDED)
def test_one_of_the_two_is_not_enough(town: Desk, without: AuthorizationKind) -> None:
    entitle(town.kernel, town.people["council"])
    (made,) = (one for one in town.kernel.state.authorizations.values() if one.kind is without)
    town.kernel.append("REVOKED", before=authorizations.digest_of(made), authorization=str(without), by="office")
    with pytest.raises(Refused, match="in force for these recordings"):
        keep(town)


def test_an_approval_that_names_no_bylaw_or_has_ended_is_none(town: Desk) -> None:
    entitle(town.kernel, town.people["council"])
    kind, capability = AuthorizationKind.COUNCIL_APPROVAL, BOXES.capabilities[0]
    assert keep(town).declaration["legal_basis"] == f"{BYLAW} {'ab' * 32}", "whatever the clerk typed"
    with pytest.raises(InputError, match="not the SHA-256 of a bylaw"):
        council, told = town.people["council"], {"serves": "boxes.*", "purposes": (Purpose.DISCLOSURE,), "days": 9}
        authorizations.issue(town.kernel, council, kind, **told, body={BYLAW: "bylaw 7"})
    town.clock.days(3651)
    with pytest.raises(PeelianError):
        ground_of(town.kernel, "boxes")
    town.authorization(AuthorizationKind.IMPACT_ASSESSMENT, capability)
    town.authorization(kind, capability)
    with pytest.raises(Refused, match="names no bylaw"):
        ground_of(town.kernel, "boxes")


def test_two_except_a_running_case_for_thirty_days_and_residents_read_why(town: Desk) -> None:
    excepted(town)
    (one,) = exceptions_of(town.kernel, "boxes")
    assert keep(town).declaration["legal_basis"] == f"exception {one.digest}"
    (shown,) = inventory_of(town.kernel)
    assert [(told.words, told.recordings) for told in shown.unapproved] == [(WHY, 1)]
    town.clock.days(30)
    with pytest.raises(Refused, match="No council approval"):
        keep(town)


def test_an_exception_takes_one_of_the_board_and_one_privacy_officer(town: Desk) -> None:
    with pytest.raises(Refused):
        dual_control.propose(town.kernel, town.people["clerk"], custody_grounds.EXCEPT, words=WHY, body=CASE)
    proposal = dual_control.propose(town.kernel, town.people["board"], custody_grounds.EXCEPT, words=WHY, body=CASE)
    for second in ("board", "auditor", "clerk"):
        step_up.prove(town.kernel, town.people[second])
        with pytest.raises(Refused):
            dual_control.approve(town.kernel, town.people[second], proposal)
    with pytest.raises(Refused, match="No council approval"):
        keep(town)


def test_no_office_lives_on_exceptions(town: Desk) -> None:
    for n in range(MOST_A_YEAR):
        excepted(town, reference=f"2026-CR-{n}")
        with pytest.raises(OutOfOrder, match="in force already"):
            excepted(town)
        town.clock.days(31)
    with pytest.raises(OutOfOrder, match="This year has had 3 exceptions"):
        excepted(town)


def test_an_exception_is_for_few_recordings(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custody_grounds, "MOST_RECORDINGS", 2)
    excepted(town)
    for _ in range(2):
        keep(town)
    with pytest.raises(Refused, match="No council approval"):
        keep(town)
    assert MOST_RECORDINGS == 20


def test_an_exception_that_nobody_needs_or_may_read_is_refused(town: Desk) -> None:
    for body in ({"technology": "none"}, {"reference": " "}, {"reference": "x" * 201}, {"reference": "a@b.example"}):
        with pytest.raises(InputError):
            excepted(town, **body)
    with pytest.raises(InputError):
        words = "call 416 555 0199 about it"
        dual_control.propose(town.kernel, town.people["board"], custody_grounds.EXCEPT, words=words, body=CASE)
    entitle(town.kernel, town.people["council"])
    with pytest.raises(OutOfOrder, match="No exception is needed"):
        excepted(town)


def test_a_ground_that_was_taken_back_while_it_was_read_admits_nothing(town: Desk) -> None:
    entitle(town.kernel, town.people["council"])

    class Revoking(io.BytesIO):
        def read(self, n: int | None = -1) -> bytes:
            for digest, made in list(town.kernel.state.authorizations.items()):
                kind = str(made.kind)
                town.kernel.append("REVOKED", before=digest, authorization=kind, by="office")
            return super().read(n)

    with pytest.raises(Refused, match="No council approval"):
        given = declared(Purpose.DISCLOSURE)
        custody.keep(town.kernel, town.people["clerk"], given, Revoking(CONTENT), format=FORMAT)
    assert not town.kernel.state.datasets and town.kinds()[-1] == "TURNED_AWAY"
