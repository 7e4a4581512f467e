"""Which records are the newest of what they are about, told from the log's entries alone."""

from __future__ import annotations

import pytest

from peelian.kernel.model.archive_partitions import class_of
from peelian.kernel.state.record_index import FOLLOWING, NEWEST, RECORDS, TOOL, VENDOR, RecordIndex

NEEDS_NOTHING = {
    "PLEDGED",  # a week's secret number
    "SAMPLED",
    "REVIEWED",
    "ANSWERED",
    "SENSOR_RELEASED",
    "WARRANT_NOTICED",
    "DRILL_STEPPED",  # the report and the log tell of it
}
BY_OTHERS = {
    "SENSOR_REGISTERED",
    "SENSORS_STATED",
    "SENSOR_UPDATED",
    "SENSOR_ENDED",
    "PASSKEY_ENROLLED",
    "ASSESSED",
    "VOCABULARY_STATED",
}  # by register, authenticator, authorization, adoption


def test_it_was_decided_of_every_kind_of_record_what_is_needed_of_it() -> None:
    known = {*NEWEST, *FOLLOWING, TOOL, VENDOR, "ASSIGNED", "INCIDENT", "AMENDED", *BY_OTHERS, *NEEDS_NOTHING}
    assert set(RECORDS.values()) <= known
    assert {class_of(kind) for kind in NEEDS_NOTHING} == {"records", "register"}


@pytest.mark.parametrize("kind", sorted(NEWEST))
def test_of_each_the_newest_counts_and_of_another_its_own(kind: str) -> None:
    filed = RecordIndex()
    about = NEWEST[kind]
    for index, (digest, value) in enumerate((("1", "a"), ("2", "a"), ("3", "b"))):
        filed.fold(index, {"kind": kind, "document": digest, **({about: value} if about else {})})
    assert filed.records.get(kind, [(0, "1"), (1, "2"), (2, "3")]) == [(0, "1"), (1, "2"), (2, "3")]
    assert (kind in filed.records) == (kind in RECORDS.values())
    assert [str(entry["document"]) for _, entry in filed.of(kind)] == (["2", "3"] if about else ["3"])


def test_what_goes_on_from_another_is_found_by_it() -> None:
    filed = RecordIndex()
    filed.fold(0, {"kind": "PEER_REVIEWED", "document": "2", "before": "1"})
    filed.fold(1, {"kind": "AMENDED", "document": "3", "before": "1", "incident": "i"})
    filed.fold(2, {"kind": "ASSIGNED", "document": "4", "under": "c"})
    filed.fold(3, {"kind": TOOL, "document": "5", "state": "paused"})
    filed.fold(4, {"kind": "ASKED", "document": "6", "case": "c"})
    assert (filed.following, filed.incidents, filed.plans) == ({"1": ["2"]}, {"i": ["3"]}, {"c": ["4"]})
    assert filed.records == {
        "PEER_REVIEWED": [(0, "2")],
        "AMENDED": [(1, "3")],
        "ASSIGNED": [(2, "4")],
        TOOL: [(3, "5")],
    }
