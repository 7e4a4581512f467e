"""Retention classes: each document has its class and its quarter, and no time counts before its notice is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peelian.errors import InputError
from peelian.kernel.model.archive_partitions import (
    DAYS,
    NOTICE,
    Partitions,
    checked_periods,
    class_of,
    digest_of_digests,
    homes,
    partition_at,
    partitions_at,
    quarter_ends,
    retention_of,
)

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _said(at: datetime, days: int) -> dict[str, str | int]:
    return {"t": f"{at:%Y-%m-%dT%H:%M:%S}.00Z", "kind": "KEPT_FOR", "retention": "cases", "days": days}


@pytest.mark.parametrize(
    ("kind", "retention"),
    [
        ("ASKED", "cases"),
        ("ENROLLED", "people"),
        ("PUBLISHED", "register"),
        ("ALARM_CLOSED", "alarms"),
        ("REVIEWED", "records"),
        ("ASSESSED", "authorizations"),
        ("SENSOR_REGISTERED", "register"),
        ("STAFF_LISTED", "people"),
        ("X", "records"),
    ],
)
def test_every_document_has_a_class_and_what_nobody_classed_is_kept(kind: str, retention: str) -> None:
    assert class_of(kind) == retention


@pytest.mark.parametrize("month", range(1, 13))
def test_a_quarter_ends_where_the_next_begins(month: int) -> None:
    at = datetime(2026, month, 15, tzinfo=UTC)
    ends = quarter_ends(partition_at("cases", at))
    assert ends is not None and timedelta(0) < ends - at < timedelta(days=92)
    assert (
        partition_at("cases", ends) != partition_at("cases", at) == partition_at("cases", ends - timedelta(seconds=1))
    )


def test_a_document_made_at_the_turn_of_a_quarter_may_lie_on_either_partition() -> None:
    entry = {"v": 1, "t": "2026-04-01T00:00:00.00Z", "kind": "RAN"}
    assert set(homes(entry)) == {"cases.2026q1", "cases.2026q2"}
    of_a_record = homes({**entry, "t": "2026-05-05T00:00:00.00Z", "kind": "ASSESSED"})
    assert of_a_record == ("authorizations.2026q2", "records.2026q2"), "all records once were of one class"
    assert homes({**entry, "t": "2026-05-05T00:00:00.00Z", "kind": "ASKED"}) == ("cases.2026q2", "refusals.2026q2")


def test_a_document_is_put_on_a_partition_of_its_quarter_or_for_a_day_of_the_one_before() -> None:
    new_year = datetime(2027, 1, 1, 12, tzinfo=UTC)
    quarters = {one.partition(".")[2] for one in partitions_at(new_year)}
    assert quarters == {"2026q4", "2027q1"} and {one.partition(".")[0] for one in partitions_at(new_year)} == set(DAYS)
    assert {one.partition(".")[2] for one in partitions_at(new_year + timedelta(days=1))} == {"2027q1"}


def test_the_first_time_ever_said_counts_after_its_notice() -> None:
    known = Partitions()
    assert known.days("cases", DAY) == 0, "the log has said nothing yet"
    known.fold(0, _said(DAY, 400))
    assert known.days("cases", DAY + timedelta(days=29)) == 0
    assert known.days("cases", DAY + NOTICE) == 400


def test_a_shorter_time_counts_after_its_notice_and_a_longer_one_at_once() -> None:
    known = Partitions()
    known.fold(0, _said(DAY, 400))
    known.fold(0, _said(DAY + timedelta(days=100), 200))
    assert known.days("cases", DAY + timedelta(days=110)) == 400
    assert known.days("cases", DAY + timedelta(days=130)) == 200
    known.fold(0, _said(DAY + timedelta(days=131), 900))
    assert known.days("cases", DAY + timedelta(days=131)) == 900
    known.fold(0, _said(DAY + timedelta(days=140), 0))
    assert known.days("cases", DAY + timedelta(days=140)) == 0, "until a person decides"


def test_a_partition_is_due_once_its_quarter_and_its_days_are_over() -> None:
    known = Partitions()
    known.fold(0, _said(DAY, 400))
    ends = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=400)
    assert not known.is_due("cases.2026q1", ends - timedelta(seconds=1))
    assert known.is_due("cases.2026q1", ends)
    assert not any(
        known.is_due(partition, ends) for partition in ("office", "warrant-ab", "alarms.2026q1", "cases.carried-3")
    )


def test_the_same_entry_may_come_twice() -> None:
    once, twice = Partitions(), Partitions()
    entries = [
        _said(DAY, 400),
        {"t": "2027-06-01T00:00:00.00Z", "kind": "CARRIED", "partition": "cases.carried-7", "digests": "ab", "n": 1},
        {"t": "2027-06-01T00:00:00.00Z", "kind": "PARTITION_DESTROYED", "partition": "cases.2026q1"},
        {"t": "2027-06-01T00:00:00.00Z", "kind": "PARTITION_SHREDDED", "partition": "cases.2026q1"},
    ]
    for entry in entries:
        once.fold(0, entry)
    for entry in (*entries, *entries):
        twice.fold(0, entry)
    assert once == twice and not once.pending and "cases.2026q1" in once.destroyed


@pytest.mark.parametrize("days", [{"cases": 182}, {"cases": 36_161}, {"fishes": 400}, {"alarms": 182}])
def test_a_time_that_is_none_is_refused_with_what_would_be_accepted(days: dict[str, int]) -> None:
    with pytest.raises(InputError) as refused:
        checked_periods(days)
    assert refused.value.accepted


def test_what_is_not_said_keeps_its_default() -> None:
    assert checked_periods({"refusals": 365}) == {**DAYS, "refusals": 365}
    assert checked_periods({"cases": 0})["cases"] == 0


def test_the_class_of_a_partition() -> None:
    partitions = ("cases.2026q1", "cases.carried-7", "warrant-ab", "office", "alarms.2026q1")
    assert [retention_of(partition) for partition in partitions] == ["cases", "cases", "", "", "alarms"]
    assert (
        digest_of_digests(frozenset({"a", "b"}))
        == digest_of_digests(frozenset({"b", "a"}))
        != digest_of_digests(frozenset())
    )


def test_what_was_carried_over_by_an_entry_that_was_restored_without_its_documents_is_lost() -> None:
    known = Partitions()
    for index, name in ((5, "people.carried-5"), (9, "people.carried-9")):
        known.fold(index, {"kind": "CARRIED", "partition": name, "digests": "ab", "t": DAY.isoformat()})
    assert not known.lost
    known.fold(12, {"kind": "RESTORED", "copied": 7, "size": 11, "t": DAY.isoformat()})
    assert known.lost == {"people.carried-9"}
