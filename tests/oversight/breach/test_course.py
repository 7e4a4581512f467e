"""No order of steps makes the deadline of the people concerned met while anybody is untold; times that cannot be."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from precinct import precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.retention import retention
from peelian.oversight.breach.channels import INDIRECT_FOR
from peelian.oversight.breach.course import merged, opened, separated, taken
from peelian.oversight.breach.incident import open_incident
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.protocol import clocks_of
from peelian.oversight.breach.report import WORST, Report

SEQUENCES = 10_000 if os.environ.get("PEELIAN_TESTS_FULL") else 1_000
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = tuple("abcdef")
RISK = {"real_risk": True, "rule": "in_doubt_people_are_told"}
WHY = "Because it is so."


def any_report(rng: random.Random) -> Report:
    named = frozenset(rng.sample(PEOPLE, rng.randint(0, 3)))
    exposure = {one: rng.choice(WORST) for one in rng.sample("xyz", rng.randint(0, 2))}
    lacks = frozenset(one for one in exposure if rng.random() < 0.3)
    return Report(kind=rng.choice(["copy_lost", "misdirected", "other"]), subjects=named, exposure=exposure,
                  unlisted=lacks, people_known=rng.random() < 0.7, words=str(rng.random()))  # fmt: skip


class Told:
    """What the test itself knows: who is concerned, and who was told since the facts were last found to be worse."""

    def __init__(self, first: Report) -> None:
        self.reports, self.told, self.indirect = [first], set[str](), set[str]()
        self.added, self.out, self.notice, self.complete = set[str](), set[str](), False, False

    def facts(self) -> tuple[Any, ...]:
        worst = {name: max((r.exposure[name] for r in self.reports if name in r.exposure), key=WORST.index)
                 for r in self.reports for name in r.exposure}  # fmt: skip
        return worst, {r.kind for r in self.reports}

    def report(self, one: Report) -> None:
        before = self.facts()
        self.reports.append(one)
        if before[0] != self.facts()[0]:
            self.told, self.indirect, self.notice = set(), set(), False
        self.out -= one.subjects
        if one.unlisted or not one.people_known:
            self.complete = False

    def took(self, step: str, some: set[str]) -> None:
        """What a step that was taken says of these people."""
        self.complete |= step == "complete"
        self.notice = step == "notice" or (self.notice and step != "notice_ended")
        added, out, told, indirect = {
            "people": (some, set(), set(), set()),
            "corrected": (set(), some, set(), set()),
            "sent": (set(), set(), some, set()),
            "told": (set(), set(), some, set()),
            "indirect": (set(), set(), set(), some),
        }.get(step, (set(), set(), set(), set()))
        self.added, self.out = self.added | added, (self.out - added) | out
        back = some if step == "returned" else set()
        self.told, self.indirect = (self.told - indirect - back) | told, (self.indirect - told) | indirect

    @property
    def people(self) -> set[str]:
        return ({p for r in self.reports for p in r.subjects} | self.added) - self.out

    @property
    def known(self) -> bool:
        return self.complete or not any(r.unlisted or not r.people_known for r in self.reports)

    @property
    def everybody(self) -> bool:
        reached = self.told | (self.indirect if self.notice else set())
        return self.people <= reached and (self.known or self.notice)


def one_step(rng: random.Random, incident: Incident, oracle: Told, at: str) -> Incident:
    some = [rng.choice(PEOPLE) for _ in range(rng.randint(1, 2))]
    step = rng.choice(["reported", "assessed", "people", "sent", "told", "returned", "indirect", "notice",
                       "notice_ended", "corrected", "closed", "lettered", "regulator", "complete"])  # fmt: skip
    plan = {one: {"channel": rng.choice(["letter", "call"]), "reason": "direct_by_default"} for one in PEOPLE}
    report = any_report(rng)
    told: dict[str, Any] = {
        "reported": {"report": report.body()},
        "assessed": {"harm": RISK, "telling": plan},
        "people": {"subjects": some, "telling": plan},
        "complete": {"complete": True, "reason": WHY},
        "corrected": {"without": some, "reason": WHY},
        "lettered": {"telling": plan},
    }.get(step, {"people": some, "reason": rng.choice(sorted(INDIRECT_FOR)) if "not" in step or step == "indirect"
                 else WHY})  # fmt: skip
    if step == "notice_ended":
        told = {"reason": WHY}
    made = taken(incident, "people" if step == "complete" else step, told, at)
    if step == "reported":
        oracle.report(report)
    else:
        oracle.took(step, set(some))
    return made


def test_no_order_of_steps_is_met_with_somebody_affected_untold() -> None:
    kernel, met, steps = precinct().desk.kernel, 0, 0
    for seed in range(SEQUENCES):
        rng = random.Random(seed)
        first = any_report(rng)
        incident, oracle, now = opened("b", first, at=START.isoformat()), Told(first), START
        for _ in range(rng.randint(4, 20)):
            now += timedelta(hours=rng.randint(0, 5))
            with suppress(InputError, OutOfOrder):
                incident = one_step(rng, incident, oracle, now.isoformat())
                steps += 1
            persons = next(c for c in clocks_of(kernel, incident) if c.what == "persons")
            assert set(incident.subjects) == oracle.people, seed
            if persons.done or persons.state == "met":
                met += 1
                assert oracle.everybody, (seed, incident)
            if incident.closed_at and incident.must_tell:
                assert oracle.everybody, (seed, incident)
    assert met > SEQUENCES / 20 and steps > 2 * SEQUENCES, "the sequences reach what they are to prove"


def test_joining_and_separating_leave_nobody_out_and_nobody_told_by_it() -> None:
    for seed in range(SEQUENCES // 10):
        rng = random.Random(seed)
        one, two = (opened(f"b-{n}", any_report(rng), at=START.isoformat()) for n in range(2))
        both = merged(one, two, START.isoformat())
        assert set(both.subjects) == {*one.subjects, *two.subjects} and not both.all_told
        assert both.people_known == (one.people_known and two.people_known)
        stays, new = separated(both, [2], "b-9", START.isoformat())
        assert {*stays.subjects, *new.subjects} == set(both.subjects) and not (stays.harm or new.harm)


def test_the_72_hours_are_hours_also_where_clocks_change() -> None:
    kernel = precinct().desk.kernel
    at = "2026-03-07T12:00:00+00:00"  # Toronto's clocks change on 8 March 2026
    incident = opened("b", Report(kind="other", people_known=False), at=at)
    due = {clock.what: clock.due for clock in clocks_of(kernel, incident)}
    assert due["persons"] == due["regulator"] == datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_time_that_cannot_be_is_told_with_its_remedy() -> None:
    at = precinct().desk
    report = Report(kind="other", words="a letter", people_known=False)
    clerk, now = at.people["clerk"], at.kernel.now()
    for changes, says in (
        ({"known_since": (now + timedelta(days=1)).isoformat()}, "future"),
        ({"known_since": "2020-01-01T00:00:00+00:00"}, "before the office began"),
        ({"known_since": (now - timedelta(seconds=1)).isoformat(), "started": "monday"}, "not a time"),
        ({"started": (now + timedelta(days=1)).isoformat()}, "future"),
        ({"started": now.isoformat(), "ended": (now - timedelta(days=1)).isoformat()}, "ended before"),
    ):
        with pytest.raises(InputError, match=says):
            open_incident(at.kernel, clerk, replace(report, **changes))
    at.clock.days(2)
    earlier = replace(report, known_since=now.isoformat())
    with pytest.raises(InputError, match="later than known"):
        open_incident(at.kernel, clerk, earlier)
    made, _ = open_incident(at.kernel, clerk, replace(earlier, why_earlier="The desk was shut on Sunday."))
    assert made.aware_at == now.isoformat() and made.internal_at > made.aware_at
    assert {c.what: c.state for c in clocks_of(at.kernel, made)}["internal"] == "late"


def test_who_may_not_record_is_told_whom_to_tell() -> None:
    at = precinct().desk
    for role in ("analyst", "board", "auditor"):
        with pytest.raises(Refused, match="Tell the privacy officer"):
            open_incident(at.kernel, at.people[role], Report(kind="other", words="x"))
    assert "INCIDENT" not in at.kinds()


def test_what_an_incident_concerns_is_held_and_what_is_queued_is_not_destroyed() -> None:
    at = precinct()
    kernel, of = at.desk.kernel, at.desk.people
    report = Report(kind="device_lost", exposure={at.dataset: "unknown", "elsewhere": "none"})
    open_incident(kernel, of["clerk"], report)
    assert list(kernel.state.retention.holds[at.dataset].values()) == ["incident"]
    open_incident(kernel, of["custodian"], report)
    assert at.desk.kinds().count("HELD") == 1, "it is held once"
    item = next(item for item in retention.items(kernel) if item.dataset == at.dataset)
    assert item.held
    with pytest.raises(Refused, match="hold"):
        retention.queue(kernel, of["privacy-officer"], at.dataset, words="It may go now.")


def test_an_incident_of_the_register_itself_is_an_incident() -> None:
    at = precinct().desk
    first, _ = open_incident(at.kernel, at.people["clerk"], Report(kind="other", words="x", people_known=False))
    entry = next(index for index, one in at.kernel.stores.log.read() if one["kind"] == "INCIDENT")
    own = Report(kind="viewed_without_need", words="the register was read", entries=(entry,), people_known=False)
    made, new = open_incident(at.kernel, at.people["clerk"], own)
    assert new and made.id != first.id and made.must_tell


def assessed(**changes: Any) -> Incident:
    """An incident of two people whom somebody counted and judged to be at risk."""
    first = Report(
        kind="copy_lost", subjects=frozenset("ab"), exposure={"x": "readable"}, people_known=True, words="one"
    )
    return replace(opened("b", first, at=START.isoformat()), harm=RISK, complete=True, **changes)


@pytest.mark.parametrize(
    ("report", "judged_again"),
    [
        ({}, False),
        ({"subjects": frozenset("b")}, True),  # who had been left out is named again
        ({"unlisted": frozenset("x")}, True),
        ({"people_known": False}, True),
    ],
)
def test_an_incident_is_judged_again_where_it_may_concern_somebody_else(
    report: dict[str, Any], judged_again: bool
) -> None:
    before = assessed(without=frozenset("b"))
    more = replace(before.reports[0], words="another", **({"subjects": frozenset("a")} | report))
    after = taken(before, "reported", {"report": more.body()}, (START + timedelta(hours=1)).isoformat())
    assert (after.harm == {}) == judged_again and ("b" in after.subjects) == ("b" in more.subjects)


def test_a_report_after_the_regulator_was_told_is_told_as_a_supplement() -> None:
    for told in ("", START.isoformat()):
        before = assessed(regulator_at=told)
        more = replace(before.reports[0], words="another", subjects=frozenset("abc"))
        after = taken(before, "reported", {"report": more.body()}, (START + timedelta(hours=1)).isoformat())
        assert after.supplement == bool(told)


def test_worse_facts_are_told_again_to_whoever_was_told_the_first() -> None:
    plan = {"a": {"channel": "letter", "told": START.isoformat()}}
    before = assessed(telling=plan)
    at = (START + timedelta(hours=1)).isoformat()
    same, worse = ({"subjects": frozenset("abc")}, {"exposure": {"x": "readable", "y": "readable"}})
    for change, kept in ((same, plan), (worse, {})):
        more = replace(before.reports[0], words="another", **change)
        assert taken(before, "reported", {"report": more.body()}, at).telling == kept


def test_what_a_later_report_has_no_list_of_is_asked_for_and_what_was_listed_is_not_asked_for_again() -> None:
    before = replace(assessed(), complete=False)
    at = (START + timedelta(hours=1)).isoformat()
    more = replace(before.reports[0], words="another", exposure={"y": "readable"}, unlisted=frozenset("y"))
    assert taken(before, "reported", {"report": more.body()}, at).unlisted == {"y"}


def test_an_incident_is_not_closed_while_somebody_is_untold() -> None:
    with pytest.raises(OutOfOrder, match="was not told yet"):
        taken(assessed(regulator_at=START.isoformat()), "closed", {"reason": WHY}, START.isoformat())
