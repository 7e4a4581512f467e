"""Reports of one event are one incident in any order, and what they say together is the worst and the union."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import permutations

import pytest
from precinct import Precinct, person, precinct

from peelian.errors import InputError, Refused
from peelian.kernel.records.office_records import hold, subject_token
from peelian.oversight.breach.course import merged, opened, with_report
from peelian.oversight.breach.incident import _touched, completed, incident_of, merge, open_incident, register, separate
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.report import Report, joined
from peelian.oversight.breach.signals import Copy, lost_copy, lost_export, signals_in

AT = "2026-03-02T12:00:00+00:00"


def six(at: Precinct) -> list[Report]:
    """One event told six times: a copy, the same with keys, a lost export, an access to the same records, a person in
    their own words, and the first again."""
    kernel = at.desk.kernel
    name = hold(kernel, at.desk.people["clerk"], at.dataset, b"records")
    at.look("anna", person(1), session="s")
    (index,) = at.look("anna", person(2), session="s", address="elsewhere", action="export")
    batch = str(dict(kernel.stores.log.read())[index]["batch"])
    found = kernel.now().isoformat()
    closed = lost_copy(kernel, Copy(objects=frozenset({name}), opens=frozenset(), found=found))
    with_keys = lost_copy(kernel, Copy(objects=frozenset({name}), opens=frozenset({name}), found=found))
    lost = lost_export(kernel, batch, at=found)
    (misused,) = signals_in(kernel)
    assert lost is not None and set(misused.entries) == set(lost.entries)
    free = Report(
        kind="device_lost", words="the disk was taken", exposure={at.dataset: "unknown", "notes": "unknown"},
        whole=frozenset({at.dataset, "notes"}),
    )  # fmt: skip
    return [completed(kernel, one) for one in (closed, with_keys, lost, misused, free, closed)]


def recorded(reports: tuple[Report, ...]) -> list[Incident]:
    """The register after these reports, as `open_incident` makes it, without an office."""
    known: list[Incident] = []
    for n, report in enumerate(reports):
        touched = _touched(known, report, "")
        if not touched:
            known.append(opened(f"b-{n}", report, at=AT))
            continue
        first = touched[0]
        for other in touched[1:]:
            first = merged(first, other, AT)
            known = [replace(one, merged_into=first.id) if one.id == other.id else one for one in known]
        first = with_report(first, report, AT)
        known = [first if one.id == first.id else one for one in known]
    return known


def test_all_orders_of_six_reports_of_one_event_give_one_incident_with_the_worst_and_the_union() -> None:
    at = precinct()
    reports = six(at)
    whole = joined(reports)
    orders = 0
    for order in permutations(reports):
        (one,) = [incident for incident in recorded(order) if not incident.merged_into]
        assert one.facts == whole and one.exposure == {at.dataset: "readable", "notes": "unknown"}
        assert one.affected == 60 and not one.people_known and one.unlisted == {"notes"}
        orders += 1
    assert orders == 720


@pytest.mark.parametrize("every", [range(0, 720, 144 if not os.environ.get("PEELIAN_TESTS_FULL") else 24)])
def test_the_office_records_them_as_one_in_these_orders(every: range) -> None:
    for n in every:
        at = precinct()
        reports = six(at)
        order = list(permutations(range(6)))[n]
        for k in order:
            of = next((one.id for one in register(at.desk.kernel)), "") if k == 4 else ""
            open_incident(at.desk.kernel, at.desk.people["clerk"], reports[k], of=of)
        (one,) = [incident for incident in register(at.desk.kernel) if not incident.merged_into]
        assert one.id == register(at.desk.kernel)[0].id, "the older keeps its number"
        assert replace(one.facts, known_since="") == replace(joined(reports), known_since=""), order


def test_twice_the_same_changes_nothing_and_contradicting_reports_keep_the_worst() -> None:
    closed, readable, *_ = six(precinct())
    once, twice = joined([closed]), joined([closed, closed])
    assert once == twice
    assert with_report(opened("b", readable, at=AT), closed, AT).exposure == readable.exposure
    elsewhere = replace(closed, people_known=False)
    assert not joined([closed, elsewhere]).people_known


def test_worse_facts_open_a_closed_incident_and_are_told_anew() -> None:
    closed, readable, *_ = six(precinct())
    incident = opened("b", closed, at=AT)
    done = replace(incident, harm={"real_risk": False, "rule": "the_keys_are_safe"}, lettered_at=AT, closed_at=AT,
                   regulator_at=AT)  # fmt: skip
    again = with_report(done, replace(closed, known_since=AT), AT)
    assert again.closed_at and again.harm, "the same again is nothing worse"
    worse = with_report(done, readable, AT)
    assert not worse.harm and not worse.closed_at and not worse.lettered_at and worse.supplement
    assert worse.trace == ((AT, "reopened"),) and worse.must_tell and len(worse.untold) == 60


def test_one_that_is_two_is_separated_and_stays_so() -> None:
    at = precinct()
    kernel, officer = at.desk.kernel, at.desk.people["privacy-officer"]
    closed, _, lost, *_ = six(at)
    one, _ = open_incident(kernel, officer, closed)
    open_incident(kernel, officer, lost)
    assert len(incident_of(kernel, one.id).reports) == 2
    with pytest.raises(InputError, match="separated"):
        separate(kernel, officer, one.id, [1, 2], reason="They are two events.")
    stays, new = separate(kernel, officer, one.id, [2], reason="They are two events.")
    assert (
        stays.kind == "copy_lost" and new.kind == "export_lost" and new.subjects == (subject_token(kernel, person(2)),)
    )
    assert stays.trace[-1][1] == new.trace[-1][1] == "separated"
    again, fresh = open_incident(kernel, officer, lost)
    assert not fresh and sum(not incident.merged_into for incident in register(kernel)) == 2, again.id


def test_two_that_are_one_are_merged_and_the_younger_says_into_which() -> None:
    at = precinct()
    kernel, officer = at.desk.kernel, at.desk.people["privacy-officer"]
    first, _ = open_incident(kernel, officer, Report(kind="other", words="a letter is missing", people_known=False))
    second, _ = open_incident(kernel, officer, Report(kind="paper_lost", words="papers on a bench", people_known=False))
    assert first.id != second.id
    with pytest.raises(Refused):
        merge(kernel, at.desk.people["clerk"], first.id, second.id, reason="It is one letter.")
    one = merge(kernel, officer, second.id, first.id, reason="It is one letter.")
    assert one.id == first.id and set(one.facts.kinds) == {"other", "paper_lost"}
    assert incident_of(kernel, second.id).merged_into == first.id
    named, fresh = open_incident(kernel, officer, Report(kind="misdirected", words="sent again"), of=second.id)
    assert named.id == first.id and not fresh
