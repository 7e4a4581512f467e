"""The office's records: kept encrypted, named by digest, never altered; accesses name people by keyed tokens only."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest
from desk import another_program, desk, founded
from precinct import person, precinct
from stored import rewritten
from vaults import plain

from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import (
    ACTIONS,
    MAKERS,
    OfficeRecord,
    Seen,
    address_token,
    assign,
    hold,
    keep,
    kept,
    latest,
    note_access,
    records_of,
    subject_token,
)
from peelian.kernel.state.record_index import RECORDS

FIELDS: dict[str, dict[str, str | int]] = {
    "passkey": {"credential": "0" * 64, "counter": 0},
    "sensor": {"sensor": "s-1", "ends": "2027-01-01"},
    "sensor_end": {"sensor": "s-1"},
    "assignment": {"under": "c-1"},
    "incident": {"incident": "b-1"},
    "amendment": {"incident": "b-1"},
}


def test_a_record_is_kept_under_its_digest_and_found_again() -> None:
    at = desk()
    digest = keep(at.kernel, at.people["auditor"], "review", {"week": "2026-W10", "share": 0.5}, week="2026-W10")
    record = kept(at.kernel, digest)
    assert isinstance(record, OfficeRecord) and record.body == {"week": "2026-W10", "share": "f0.5"}
    assert digest_of(record) == digest and latest(at.kernel, "review") == record
    assert [r for _, r in records_of(at.kernel, "review")] == [record] and latest(at.kernel, "staff") is None
    assert at.kinds()[-1] == "REVIEWED"


def test_what_another_program_of_the_office_kept_is_found() -> None:
    at = desk()
    other = another_program(at)
    digest = keep(at.kernel, at.people["auditor"], "review", {"week": "2026-W10"}, week="2026-W10")
    keep(at.kernel, at.people["auditor"], "review", {"week": "2026-W11"}, week="2026-W11")
    by_the_log = [
        (index, str(entry["document"])) for index, entry in at.kernel.stores.log.read() if entry["kind"] == "REVIEWED"
    ]
    assert by_the_log[0][1] == digest
    for kernel in (at.kernel, other):
        assert [(index, digest_of(record)) for index, record in records_of(kernel, "review")] == by_the_log
        newest = latest(kernel, "review")
        assert newest and newest.body["week"] == "2026-W11"


def test_an_altered_record_is_found_out() -> None:
    at = desk()
    digest = keep(at.kernel, at.people["auditor"], "review", {"week": "2026-W10"})
    archive = at.kernel.stores.archive
    body = json.loads(archive.get(digest))
    body["body"]["week"] = "2026-W11"
    rewritten(archive, digest, json.dumps(body).encode())
    with pytest.raises(IntegrityError, match="altered record"):
        kept(at.kernel, digest)
    rewritten(archive, digest, b"{}")
    with pytest.raises(OutOfOrder, match="not a record"):
        kept(at.kernel, digest)


@pytest.mark.parametrize("record", sorted(RECORDS))
def test_only_those_whose_work_it_is_keep_a_record(record: str) -> None:
    at = desk()
    for short, one in at.people.items():
        before, may = at.kinds(), bool(one.person.roles & MAKERS[record])
        try:
            keep(at.kernel, one, record, {"credential": "c"}, before="0" * 64, **FIELDS.get(record, {}))
            assert may and at.kinds()[-1] == RECORDS[record], short
        except Refused as refused:
            assert not may and at.kinds() == before, short
            assert [reason.rule for reason in refused.reasons] == ["the_maker_may_keep"]


def test_nobody_keeps_a_record_with_another_key_or_after_their_training() -> None:
    at = desk()
    auditor, analyst = at.people["auditor"], at.people["analyst"]
    with pytest.raises(Refused):
        keep(at.kernel, dataclasses.replace(auditor, sign=analyst.sign), "review", {"week": "2026-W10"})
    at.clock.days(400)
    with pytest.raises(Refused, match="training"):
        keep(at.kernel, auditor, "review", {"week": "2026-W10"})


def test_an_undeclared_kind_of_record_is_refused() -> None:
    at = desk()
    with pytest.raises(InputError, match="unknown kind of record"):
        keep(at.kernel, at.people["auditor"], "gossip", {})


def test_an_access_names_people_by_keyed_tokens_that_no_other_office_makes() -> None:
    at = precinct()
    indexes = at.look("anna", person(3), person(4))
    entries = dict(at.desk.kernel.stores.log.read())
    texts = [str(value) for index in indexes for value in entries[index].values()]
    assert len({entries[i]["batch"] for i in indexes}) == 1 and "P-0003" not in texts and "anna" not in texts
    assert entries[indexes[0]]["subject"] == subject_token(at.desk.kernel, " p-0003 ")
    assert subject_token(founded(()).kernel, person(3)) != subject_token(at.desk.kernel, person(3))
    assert address_token(at.desk.kernel, "") == ""


def test_what_is_no_access_is_refused_with_what_is_accepted() -> None:
    at = precinct()
    with pytest.raises(InputError, match="at least one person"):
        at.look("anna")
    with pytest.raises(InputError, match=sorted(ACTIONS)[0]):
        at.look("anna", person(1), action="admire")
    with pytest.raises(InputError, match="identifier"):
        subject_token(at.desk.kernel, "  ")


def test_a_stranger_looks_at_nothing() -> None:
    at = precinct()
    known = at.officers["anna"]
    stranger = Operator(person=known.person, sign=at.officers["bela"].sign)
    with pytest.raises(Refused):
        note_access(at.desk.kernel, stranger, Seen(dataset="d", subjects=["t"], action="read", session="s1"))
    assert at.desk.kinds()[-1] != "ACCESSED"
    assert must_hold_role(at.desk.kernel, known, known.person.roles, "the_reader_may_read")


def test_only_a_decided_case_becomes_a_plan() -> None:
    at = precinct()
    with pytest.raises(OutOfOrder, match="decided"):
        assign(at.desk.kernel, at.desk.people["commander"], at.case, unit="patrol", cells=["250:1:1"], days=7)
    with pytest.raises(Refused):
        assign(at.desk.kernel, at.officers["anna"], at.case, unit="patrol", cells=[], days=7)


def test_records_are_sealed_as_they_are_and_nothing_of_them_stands_in_the_log() -> None:
    at = desk()
    name = hold(at.kernel, at.people["clerk"], "interviews-1", b"what somebody said")
    entry = list(at.kernel.stores.log.read())[-1][1]
    assert (entry["kind"], entry["object"], entry["size"]) == ("SEALED", name, 18)
    assert plain(at.kernel.stores.vault, name) == b"what somebody said"
    with pytest.raises(Refused):
        hold(at.kernel, at.people["analyst"], "interviews-2", b"")


def test_a_record_is_shown_only_after_a_step_up_and_a_refusal_is_noted_without_one() -> None:
    at = precinct()
    kernel, anna = at.desk.kernel, at.officers["anna"]
    seen = Seen(dataset=at.dataset, subjects=[subject_token(kernel, person(1))], action="read", session="s", address="")
    with pytest.raises(Refused) as refused:
        note_access(kernel, anna, seen)
    assert [reason.rule for reason in refused.value.reasons] == ["the_step_up_is_fresh"]
    note_access(kernel, anna, dataclasses.replace(seen, outcome="refused"))
    prove(kernel, anna)
    note_access(kernel, anna, seen)
    at.desk.clock.now += timedelta(minutes=6)
    with pytest.raises(Refused):
        note_access(kernel, anna, seen)
