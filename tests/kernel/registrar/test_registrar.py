"""What a registrar judges by itself: forged, misplaced and self-made documents are refused whatever a client says."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from desk import Desk, desk
from toy import COUNT, TOY

from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Decision, Enrolment, Permit, Request, digest_of, to_bytes
from peelian.kernel.policy.signed_entries import signed_entry
from peelian.kernel.registrar.registrar import Judge, read_document
from peelian.kernel.state.kernel import OfficeState, signed
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import authorizations
from peelian.operations.office import memory_office


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    made.authorizations(COUNT)
    return made


def entry(town: Desk, kind: str, **fields: object) -> dict[str, object]:
    return {"v": 1, "t": f"{town.kernel.now():%Y-%m-%dT%H:%M:%S}.00Z", "kind": kind, **fields}


def said(town: Desk, short: str, kind: str, **fields: object) -> dict[str, object]:
    who = town.people[short]
    return dict(signed_entry(town.kernel, who, entry(town, kind, by=who.person.token, **fields)))  # type: ignore[arg-type]


def put(town: Desk, document: object) -> str:
    digest = digest_of(document)  # type: ignore[type-var]
    town.kernel.stores.archive.put(digest, to_bytes(document))  # type: ignore[arg-type]
    return digest


def request_of(town: Desk, permit: Permit) -> Request:
    return archived(town.kernel, permit.before, Request)


def test_everything_that_a_use_appends_is_found_right_when_judged_in_its_turn(town: Desk) -> None:
    """A second kernel that follows the first one's log entry by entry would have allowed each of them."""
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "the records of the works"}
    decision = verbs.decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    verbs.publish(town.kernel, town.people["clerk"], decision, statement="wells were counted")
    first = town.kernel
    other = memory_office(known=(TOY,)).kernel
    stores = dataclasses.replace(first.stores, log=other.stores.log, rows=other.stores.rows)
    second = dataclasses.replace(other, office=first.office, stores=stores, state=OfficeState())
    judge = Judge(kernel=second)
    for _, said in first.stores.log.read():
        now = said["t"]
        object.__setattr__(second, "clock", lambda now=now: town.clock.now.fromisoformat(str(now)))
        judge.may_append(said)
        second.take(said)
    assert second.state.authorization_status.entries == first.state.authorization_status.entries


def test_a_document_nobody_signed_or_somebody_altered_is_not_logged(town: Desk) -> None:
    judge, permit = Judge(kernel=town.kernel), town.ask(COUNT)
    asked = request_of(town, permit)
    for forged in (
        dataclasses.replace(asked, case="c-0000000000", signature="00" * 64),
        dataclasses.replace(asked, purpose="proof"),
        signed(dataclasses.replace(asked, by="f" * 20), town.people["analyst"].sign),
    ):
        with pytest.raises(OutOfOrder):
            judge.may_append(entry(town, "ASKED", case=forged.case, document=put(town, forged), by=forged.by))
    with pytest.raises(OutOfOrder, match="another kind of document"):
        judge.may_append(entry(town, "DECIDED", case=asked.case, document=digest_of(asked)))
    with pytest.raises(OutOfOrder, match="case differs from the document's"):
        judge.may_append(entry(town, "ASKED", case="c-other", document=digest_of(asked)))
    with pytest.raises(OutOfOrder, match="must name its document"):
        judge.may_append(entry(town, "PERMITTED", case=asked.case, before=digest_of(asked)))


def test_the_office_signs_no_permit_that_the_policy_would_not_give(town: Desk) -> None:
    judge, permit = Judge(kernel=town.kernel), town.ask(COUNT)
    asked = request_of(town, permit)
    judge.may_sign(dataclasses.replace(permit, signature=""), asked)
    for longer in (
        dataclasses.replace(permit, runs=permit.runs + 1),
        dataclasses.replace(permit, until=(town.kernel.now() + timedelta(days=400)).isoformat()),
        dataclasses.replace(permit, capability="toy.prove"),
        dataclasses.replace(permit, authorizations=()),
        dataclasses.replace(permit, policy="another"),
    ):
        with pytest.raises(OutOfOrder, match="differs from what the policy permits"):
            judge.may_sign(longer, asked)
    with pytest.raises(OutOfOrder, match="needs its request"):
        judge.may_sign(permit, None)
    forged = signed(dataclasses.replace(asked, by=town.people["analyst"].person.token), town.people["clerk"].sign)
    with pytest.raises(OutOfOrder):
        judge.may_sign(dataclasses.replace(permit, before=digest_of(forged)), forged)
    authorizations.suspend(town.kernel, town.people["board"], "toy")
    with pytest.raises(Refused, match="suspended"):
        judge.may_sign(permit, asked)


def test_the_office_signs_nothing_that_a_person_signs(town: Desk) -> None:
    judge = Judge(kernel=town.kernel)
    decision = Decision(case="c", before="b", choice="accept", reasons="", other_evidence="", by="o", unit="u", at="")
    with pytest.raises(OutOfOrder, match="Only a person can sign"):
        judge.may_sign(decision, None)
    anybody = Enrolment(
        person="x", name="X", unit="u", roles=("board",), public_key="", trained_until="", by="office", at=""
    )
    with pytest.raises(OutOfOrder, match="cannot enrol people by itself"):
        judge.may_sign(anybody, None)


def test_decisions_and_second_words_are_by_others(town: Desk) -> None:
    judge = Judge(kernel=town.kernel)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    analyst = town.people["analyst"]
    own = signed(
        Decision(
            case=evidence.case, before=digest_of(evidence), choice="accept", reasons="a b c", other_evidence="d e f",
            by=analyst.person.token, unit="another", at=town.kernel.now().isoformat(),
        ),
        analyst.sign,
    )  # fmt: skip
    with pytest.raises(OutOfOrder, match="another unit"):
        judge.may_append(
            entry(
                town, "DECIDED", case=own.case, before=own.before, document=put(town, own), by=own.by, choice="accept",
                unit="another",
            )
        )  # fmt: skip
    digest = dual_control.propose(
        town.kernel, town.people["custodian"], "rotate_keys", words="the yearly rotation is due"
    )
    with pytest.raises(OutOfOrder, match=r"Not approved. Ask someone in another unit"):
        judge.may_append(said(town, "custodian", "CARRIED_OUT", before=digest, act="rotate_keys"))
    with pytest.raises(OutOfOrder, match="No key rotation"):
        judge.may_rotate()
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], digest)
    dual_control.carry_out(town.kernel, town.people["custodian"], "rotate_keys", digest)
    judge.may_rotate()
    town.kernel.append("ROTATED", before=digest)
    with pytest.raises(OutOfOrder):
        judge.may_rotate()


def test_a_decision_is_judged_as_the_verb_would_judge_it(town: Desk) -> None:
    """Its choice, its reasons, what was found and the kill switch: a program that leaves them out gets no further."""
    judge, commander = Judge(kernel=town.kernel), town.people["commander"]
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))

    def wished(**changes: str) -> dict[str, object]:
        words = {"choice": "accept", "reasons": "it fits well", "other_evidence": "the works' records"} | changes
        made = Decision(
            case=evidence.case,
            before=digest_of(evidence),
            by=commander.person.token,
            unit=commander.person.unit,
            at=town.kernel.now().isoformat(),
            **words,
        )
        made = signed(made, commander.sign)
        fields = {"before": made.before, "by": made.by, "choice": made.choice, "unit": made.unit}
        return entry(town, "DECIDED", case=made.case, document=put(town, made), **fields)

    judge.may_append(wished())
    for changes, rule in (
        ({"choice": "adopt"}, "a_decision_is_a_choice"),
        ({"reasons": "because"}, "a_decision_gives_its_reasons"),
        ({"other_evidence": ""}, "a_decision_gives_its_reasons"),
    ):
        with pytest.raises(Refused) as refused:
            judge.may_append(wished(**changes))
        assert [reason.rule for reason in refused.value.reasons] == [rule]
    authorizations.suspend(town.kernel, town.people["board"], "toy")
    with pytest.raises(Refused):
        judge.may_append(wished())
    judge.may_append(wished(choice="decline"))


def test_times_that_are_not_the_present_and_objects_with_two_names_are_refused(town: Desk) -> None:
    judge = Judge(kernel=town.kernel)
    town.ask(COUNT)
    data = next(iter(town.kernel.state.datasets.values()))
    with pytest.raises(OutOfOrder, match="time is not the present"):
        judge.may_append({**entry(town, "PROVED"), "t": "2031-01-01T00:00:00.00Z"})
    with pytest.raises(OutOfOrder, match="already"):
        judge.may_append(said(town, "clerk", "SEALED", object=data.object, dataset="another"))
    with pytest.raises(OutOfOrder, match="not logged"):
        judge.may_destroy(data.object)
    judge.may_destroy("0" * 32)
    with pytest.raises(OutOfOrder):
        judge.may_destroy_partition("office")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind":"House"}', b'{"record":1}', b"[" * 5_000, b"\xff"])
def test_what_is_no_document_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(PeelianError):
        read_document(data)


def test_roles_are_those_of_the_policy(town: Desk) -> None:
    judge, clerk = Judge(kernel=town.kernel), town.people["clerk"]
    person = Enrolment(
        person="y" * 20, name="Y", unit="u", roles=(str(Role.BOARD),), public_key="aa", trained_until="2030-01-01",
        by=clerk.person.token, at=town.kernel.now().isoformat(),
    )  # fmt: skip
    person = signed(person, clerk.sign)
    with pytest.raises(Refused):
        what = {"person": person.person, "unit": "u", "by": person.by}
        judge.may_append(entry(town, "ENROLLED", **what, document=put(town, person)))


def _enrolment(town: Desk, by: str, **changes: object) -> Enrolment:
    told = {
        "person": "a" * 20, "name": "n" * 64, "unit": "hall", "roles": ("board",), "public_key": "00" * 32,
        "trained_until": "2027-01-01", "by": town.people[by].person.token, "at": town.kernel.now().isoformat(),
    }  # fmt: skip
    return signed(Enrolment(**(told | changes)), town.people[by].sign)  # type: ignore[arg-type]


def _agreed_on(town: Desk, made: Enrolment) -> str:
    body = {
        "person": made.person, "name": made.name, "unit": made.unit, "roles": ",".join(made.roles),
        "public_key": made.public_key, "trained_until": made.trained_until,
    }  # fmt: skip
    words = "the term of the last one ended"
    digest = dual_control.propose(town.kernel, town.people["custodian"], "enrol", words=words, body=body)
    step_up.prove(town.kernel, town.people["council"])
    dual_control.approve(town.kernel, town.people["council"], digest)
    return digest


def test_who_oversees_is_enrolled_by_two_people_whatever_a_client_says(town: Desk) -> None:
    judge, made = Judge(kernel=town.kernel), _enrolment(town, "custodian")
    told: dict[str, object] = {"document": put(town, made), "person": made.person, "by": made.by, "unit": "hall"}
    for more in ({}, {"founding": 1}):
        with pytest.raises(Refused, match="One person alone"):
            judge.may_append(entry(town, "ENROLLED", **told, **more))
    with pytest.raises(OutOfOrder, match="No proposal"):
        judge.may_append(entry(town, "ENROLLED", **told, before="0" * 64))
    agreed = _agreed_on(town, made)
    judge.may_append(entry(town, "ENROLLED", **told, before=agreed))
    with pytest.raises(OutOfOrder, match="founding"):
        judge.may_append(entry(town, "ENROLLED", **told, before=agreed, founding=1))
    other = _enrolment(town, "custodian", roles=("board", "council"))
    with pytest.raises(OutOfOrder, match="for another person"):
        judge.may_append(entry(town, "ENROLLED", **(told | {"document": put(town, other)}), before=agreed))
    king = _enrolment(town, "custodian", roles=("king",))
    with pytest.raises(OutOfOrder, match="unknown role"):
        judge.may_append(entry(town, "ENROLLED", **(told | {"document": put(town, king)})))
    town.kernel.record(made, before=agreed, person=made.person, unit="hall", by=made.by)
    again = _enrolment(town, "custodian", unit="other")
    with pytest.raises(OutOfOrder, match="Already carried out"):
        judge.may_append(
            entry(town, "ENROLLED", **(told | {"document": put(town, again), "unit": "other"}), before=agreed)
        )
