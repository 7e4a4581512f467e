"""What an earlier version of the program kept of incidents stays readable, and goes on with the steps of today."""

from __future__ import annotations

from typing import Any

from precinct import Precinct, person, precinct

from peelian.kernel.records.office_records import keep, subject_token
from peelian.oversight.breach.incident import amend, incident_of, people_counted, register
from peelian.oversight.breach.letters import Contact, regulator_report
from peelian.oversight.breach.protocol import clocks_of
from peelian.oversight.review.people import lists_of
from peelian.pictures.panels import Paragraph
from peelian.pictures.words import english

HARM = {
    "real_risk": True,
    "rule": "in_doubt_people_are_told",
    "exposure": "readable",
    "sensitivity": "high",
    "likelihood": "medium",
    "mitigation": "low",
    "why_sensitivity": "Police records are sensitive.",
    "why_likelihood": "Nobody knows who has it.",
    "why_mitigation": "It cannot be unread.",
}


def body(at: Precinct, id: str, **facts: Any) -> dict[str, Any]:
    """An entry with every field that the first version of the register wrote, as its `asdict` gave them."""
    now = at.desk.kernel.now().isoformat()
    return {
        "id": id, "kind": "session_misused", "fingerprint": "f" * 24, "circumstances": "session_misused",
        "started": "2026-03-02T09:00:00+00:00", "ended": "2026-03-02T09:30:00+00:00", "aware_at": now,
        "information": ("records",), "exposure": {at.dataset: "readable"}, "subjects": (), "entries": (3, 4),
        "regimes": ("ontario",), "keep_until": "2028-03-02T09:00:00+00:00", "internal_at": now, "regulator_at": "",
        "persons_at": "", "harm": {}, "measures": (), "channels": {}, "untold": {}, "in_province": 0, "effects": "",
        "late_reason": "", "reported_again": 0, "closed_at": "", "drill": False, **facts,
    }  # fmt: skip


def kept(at: Precinct, **facts: Any) -> str:
    entry = body(at, facts.pop("id", "b-00000001"), **facts)
    keep(at.desk.kernel, at.desk.people["clerk"], "incident", entry, incident=entry["id"], n=len(entry["subjects"]))
    return str(entry["id"])


def step(at: Precinct, id: str, step: str, **changes: Any) -> None:
    """An amendment as the first version kept it."""
    kernel = at.desk.kernel
    told = {"changes": changes, "step": step}
    before = kernel.state.records.incidents[id][-1]
    officer = at.desk.people["privacy-officer"]
    keep(kernel, officer, "amendment", told, before=before, incident=id, step=step, n=2)


def two(at: Precinct) -> tuple[str, ...]:
    return tuple(sorted(subject_token(at.desk.kernel, person(n)) for n in (1, 2)))


def test_an_entry_and_its_amendments_of_then_say_today_what_they_said() -> None:
    at = precinct()
    people = two(at)
    id = kept(at, subjects=people)
    step(at, id, "reported_again", reported_again=1)
    ways = {one: {"channel": "letter", "reason": "direct_by_default"} for one in people}
    step(at, id, "assessed", harm=HARM, measures=("session_ended",), channels=ways, effects=HARM["rule"])
    at.desk.clock.days(1)
    step(at, id, "regulator", regulator_at=at.desk.kernel.now().isoformat())
    (read,) = register(at.desk.kernel)
    assert (read.subjects, read.entries, dict(read.exposure)) == (people, (3, 4), {at.dataset: "readable"})
    assert (read.started, read.ended) == ("2026-03-02T09:00:00+00:00", "2026-03-02T09:30:00+00:00")
    assert read.people_known and read.must_tell and set(read.untold) == set(people)
    assert read.measures == ("session_ended",) and read.effects == HARM["rule"] and read.regimes == ("ontario",)
    assert {clock.what: clock.state for clock in clocks_of(at.desk.kernel, read)}["persons"] == "running"
    step(at, id, "told", persons_at=at.desk.kernel.now().isoformat())
    read = incident_of(at.desk.kernel, id)
    assert read.all_told and read.persons_at and not read.untold and people_counted(read) == {"fewer_than": 20}
    report = regulator_report(read, Contact(office="Town", officer="", reach="x"), english, lambda text: text[:10])
    assert "Number of people known so far: 2." in [part.text for part in report if isinstance(part, Paragraph)]


def test_it_goes_on_with_the_steps_of_today() -> None:
    at = precinct()
    id = kept(at, subjects=two(at), harm=HARM)
    officer = at.desk.people["privacy-officer"]
    amend(at.desk.kernel, officer, id, step="sent", changes={"people": list(two(at))})
    amend(at.desk.kernel, officer, id, step="regulator", changes={})
    assert amend(at.desk.kernel, officer, id, step="closed", changes={"reason": "Everybody was told."}).closed_at


def test_data_of_then_without_anybody_named_were_of_people_whom_nobody_knew() -> None:
    at = precinct()
    copy = incident_of(at.desk.kernel, kept(at, kind="copy_lost", circumstances="copy_lost", entries=()))
    assert not copy.people_known and copy.must_tell and people_counted(copy) == {"people": "not_known"}
    damaged = incident_of(at.desk.kernel, kept(at, id="b-00000002", kind="record_damaged", entries=()))
    assert damaged.people_known and not damaged.must_tell


def test_people_of_then_that_were_listed_without_a_standing_are_adults() -> None:
    at = precinct()
    row = {"token": subject_token(at.desk.kernel, person(1)), "name": "A B", "surname": "b", "gender": "",
           "language": "en", "mail": True, "phone": False, "safe": True}  # fmt: skip
    listed = {"dataset": "old", "subjects": [row]}
    keep(at.desk.kernel, at.desk.people["clerk"], "subjects", listed, dataset="old", n=1)
    read = lists_of(at.desk.kernel).subjects[row["token"]]
    assert (read.name, read.standing, read.to) == ("A B", "adult", "")
