"""The worksheet, the letters and the public page of one incident say the same: how many people, what kinds, what others
can do with the information, and when; in every state that an incident can be in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
import toy
from authentication import at_pages
from precinct import Precinct, person, precinct

from peelian.errors import OutOfOrder
from peelian.kernel.records.office_records import hold, subject_token
from peelian.operations.letters import letters, local, zone_of
from peelian.oversight.breach.circumstances import CAUSES, CIRCUMSTANCES, TO_YOU
from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import amend, incident_of, merge, open_incident
from peelian.oversight.breach.letters import EXPOSURES_TOLD, STANDINGS, UNREACHED_TOLD, Contact, period
from peelian.oversight.breach.protocol import correct, lettered, letters_sent, weigh_incident
from peelian.oversight.breach.public_notice import public_notices, publish_notice
from peelian.oversight.breach.report import Report
from peelian.oversight.breach.signals import Copy, lost_copy, signals_in
from peelian.oversight.breach.worksheet import EXPOSED
from peelian.oversight.review.people import list_subjects, lists_of
from peelian.oversight.transparency.contact import Contact as OfficeContact
from peelian.oversight.transparency.contact import state_contact
from peelian.pictures.panels import Grid, Panels, Paragraph
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.breach.pages import incident_panels, one_incident_panels

CONTACT = Contact(office="Town", officer="Privacy officer", reach="+1 555 0100")
SHEET = Worksheet(
    exposure="readable",
    sensitivity="high",
    likelihood="medium",
    mitigation="low",
    why_sensitivity="Police records are sensitive.",
    why_likelihood="Nobody knows who has it.",
    why_mitigation="It cannot be unread.",
)
TOLD = {*EXPOSURES_TOLD.values(), *UNREACHED_TOLD.values()}
TORONTO = "America/Toronto"


def copy(at: Precinct, *, keys: bool, name: str = "") -> Report:
    kernel = at.desk.kernel
    held = name or hold(kernel, at.desk.people["clerk"], at.dataset, b"records")
    opens = frozenset({held}) if keys else frozenset()
    return lost_copy(kernel, Copy(objects=frozenset({held}), opens=opens, found=kernel.now().isoformat()))


def entered(at: Precinct, report: Report) -> str:
    return open_incident(at.desk.kernel, at.desk.people["clerk"], report)[0].id


def weighed(at: Precinct, id: str, **changes: str) -> str:
    weigh_incident(at.desk.kernel, at.desk.people["privacy-officer"], id, replace(SHEET, **changes))
    return id


def misused(at: Precinct) -> Report:
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (sign,) = signals_in(at.desk.kernel)
    return sign


def without_keys(at: Precinct) -> str:
    return weighed(at, entered(at, copy(at, keys=False)), exposure="encrypted", likelihood="low")


def with_keys_later(at: Precinct) -> str:
    held = hold(at.desk.kernel, at.desk.people["clerk"], at.dataset, b"records")
    first = weighed(at, entered(at, copy(at, keys=False, name=held)), exposure="encrypted", likelihood="low")
    assert entered(at, copy(at, keys=True, name=held)) == first
    return weighed(at, first)


def not_known(at: Precinct) -> str:
    report = Report(kind="device_lost", exposure={"camera-7": "unknown"}, whole=frozenset({"camera-7"}))
    return weighed(at, entered(at, report), exposure="unknown")


def some_known(at: Precinct) -> str:
    report = replace(misused(at), people_known=False)
    return weighed(at, entered(at, report))


def left_out(at: Precinct) -> str:
    """Everybody was written to, and then somebody was found not to be concerned."""
    id = weighed(at, entered(at, misused(at)))
    officer = at.desk.people["privacy-officer"]
    letters_sent(at.desk.kernel, officer, id)
    correct(at.desk.kernel, officer, id, reason="It was somebody else.", without=[person(3)])
    return weighed(at, id)


def false_alarm(at: Precinct) -> str:
    id = weighed(at, entered(at, misused(at)))
    reason = {"reason": "It was a test of ours."}
    amend(at.desk.kernel, at.desk.people["privacy-officer"], id, step="false_alarm", changes=reason)
    return id


def joined(at: Precinct) -> str:
    first, second = entered(at, misused(at)), entered(at, copy(at, keys=False))
    assert first != second
    merge(at.desk.kernel, at.desk.people["privacy-officer"], first, second, reason="It was the same night.")
    return weighed(at, first)


def closed(at: Precinct) -> str:
    id, kernel, officer = weighed(at, entered(at, misused(at))), at.desk.kernel, at.desk.people["privacy-officer"]
    letters_sent(kernel, officer, id)
    amend(kernel, officer, id, step="regulator", changes={})
    amend(kernel, officer, id, step="closed", changes={"reason": "Everybody was told."})
    return id


def told(panels: Panels) -> list[str]:
    return [panel.text for panel in panels if isinstance(panel, Paragraph)]


def grid(panels: Panels, caption: str) -> tuple[tuple[str, ...], ...]:
    return next(panel.rows for panel in panels if isinstance(panel, Grid) and panel.caption == caption)


STATES: list[tuple[Callable[[Precinct], str], str, str, set[str]]] = [
    (without_keys, "60", "60", {"encrypted"}),
    (with_keys_later, "60", "60", {"readable"}),
    (not_known, "not known", "not known", {"unknown"}),
    (some_known, "not known", "at least 2, not all known", {"viewed"}),
    (left_out, "fewer than 20", "1", {"viewed"}),
    (false_alarm, "fewer than 20", "2", {"viewed"}),
    (joined, "60", "60", {"viewed", "readable"}),
    (closed, "fewer than 20", "2", {"viewed"}),
]


@pytest.mark.parametrize(("state", "public", "inside", "exposed"), STATES, ids=lambda v: getattr(v, "__name__", ""))
def test_worksheet_letters_and_page_agree(
    state: Callable[[Precinct], str], public: str, inside: str, exposed: set[str]
) -> None:
    at = in_toronto()
    kernel, office = at.desk.kernel, at.desk.office
    incident = incident_of(kernel, state(at))
    when = local("en", TORONTO)
    every = [one for one in letters(office, incident, CONTACT, lists_of(kernel).subjects) if one.language == "en"]
    page = list(one_incident_panels(office, incident, english, "en"))
    (row,) = (one for one in grid([*incident_panels(office, english, "en")], "Incidents") if "Merged" not in one[5])

    kinds, happened = set(incident.facts.kinds), period(incident, english, when)
    report, notice, *persons = (told(one.panels) for one in every)
    for said in (report, notice, told(page)):
        assert {kind for kind, text in CIRCUMSTANCES.items() if text in said} == kinds
    assert {kind for kind, text in CIRCUMSTANCES.items() if text in row[1]} == kinds
    assert {kind for kind, text in CAUSES.items() if text in report} == kinds
    for said in persons:
        assert {kind for kind in kinds if TO_YOU[kind] in said or CIRCUMSTANCES[kind] in said} == kinds

    assert all(happened in said for said in (report, notice, *persons, told(page)))
    learned = f"We learned of it on {when(incident.aware_at)}."
    assert all(learned in said for said in (notice, *persons)) and "local time" in learned
    assert all(TOLD & set(said) == {EXPOSURES_TOLD[word] for word in exposed} for said in (report, notice, *persons))
    if incident.harm:
        rows = grid(page, "Readable information")
        assert rows == grid(every[0].panels, "Readable information")
        assert {EXPOSED[word] for word in exposed - {"viewed"}} <= {word for _, word in rows}

    assert row[2] == public and f"People concerned: {inside}" in told(page)
    numbered = [said for said in report if said.startswith("Number of people")]
    assert [int(text) for said in numbered for text in re.findall(r"\d+", said)] == [
        int(text) for text in re.findall(r"\d+", inside)
    ]
    assert ("Not everybody concerned is known." in report) == ("known" in inside) == (public == "not known")
    if incident.must_tell:
        lettered_to = {one.to for one in letters(office, incident, CONTACT, lists_of(kernel).subjects)}
        assert lettered_to - {"regulator", "public"} == set(incident.subjects)


def in_toronto() -> Precinct:
    """An office whose data state one zone."""
    at = precinct()
    example = toy.COUNT.arithmetic().example().datasets["wells"]
    at.desk.admit(replace(example, facts={"groups": "", "zone": TORONTO}), toy.COUNT.asks.purposes)
    assert zone_of(at.desk.kernel) == TORONTO
    state_contact(at.desk.kernel, at.desk.people["clerk"], OfficeContact(telephone="+1 555 0100"))
    return at


@pytest.mark.parametrize("language", ["en", "fr"])
def test_clocks_are_in_the_towns_time_and_in_utc_where_no_zone_is_known(language: str) -> None:
    for at, here, days in ((in_toronto(), TORONTO, "2026-03-01"), (precinct(), "", "2026-03-02")):
        at.desk.clock.now = at.desk.clock.now.replace(hour=2)
        report = Report(kind="misdirected", words="A letter to a wrong address.", people_known=False)
        incident = incident_of(at.desk.kernel, entered(at, report))
        say = at.desk.office.say(language)
        panels = list(one_incident_panels(at.desk.office, incident, say, language))
        due, done = grid(panels, say("Clocks"))[0][1:3]
        assert done == local(language, here)(incident.internal_at) and done.endswith("UTC") == (not here)
        assert due.endswith(")" if here else "UTC") and grid(panels, say("Reports"))[0][3] == done
        assert grid([*incident_panels(at.desk.office, say, language)], say("Incidents"))[0][0] == days


def test_a_false_alarm_takes_its_notice_down_and_has_no_letters() -> None:
    at = in_toronto()
    kernel, officer = at.desk.kernel, at.desk.people["privacy-officer"]
    id = entered(at, misused(at))
    publish_notice(kernel, officer, id, reason="not_in_lists")
    anybody = at_pages(make_app(at.desk.office))
    here = f"/en/incidents/{id}/notice"
    assert anybody.get(here).status_code == 200
    amend(kernel, officer, id, step="false_alarm", changes={"reason": "It was a test of ours."})
    assert public_notices(kernel) == () and anybody.get(here).status_code == 404
    page = unescape(anybody.get("/en/incidents").text)
    assert here not in page and "False alarm, stated on" in page
    with pytest.raises(OutOfOrder, match="false alarm"):
        lettered(kernel, officer, id)
    with pytest.raises(OutOfOrder, match="false alarm"):
        publish_notice(kernel, officer, id, reason="not_in_lists")
    first = incident_of(kernel, id).reports[0]
    entered(at, replace(first, subjects=first.subjects | {subject_token(kernel, person(4))}))
    again = incident_of(kernel, id)
    assert not again.false_alarm and not again.notice_at and public_notices(kernel) == ()


def test_a_merged_incident_has_one_notice() -> None:
    at = in_toronto()
    kernel, officer = at.desk.kernel, at.desk.people["privacy-officer"]
    first, second = entered(at, misused(at)), entered(at, copy(at, keys=True))
    for id in (first, second):
        publish_notice(kernel, officer, id, reason="not_in_lists")
    assert [one.id for one in public_notices(kernel)] == [first, second]
    merge(kernel, officer, first, second, reason="It was the same night.")
    assert second not in [one.id for one in public_notices(kernel)]


def test_the_letter_of_who_has_a_representative_goes_to_them_in_their_own_words() -> None:
    at = in_toronto()
    kernel = at.desk.kernel
    rows = "identifier,name,mail,standing,to\n" + "\n".join(
        f"{person(n)},Jane {word},yes,{word},{to}"
        for n, (word, to) in enumerate([("minor", "Max Roe"), ("dead", ""), ("represented", "Ada Poe"), ("adult", "")])
    )
    list_subjects(kernel, at.desk.people["clerk"], at.dataset, rows)
    id = weighed(at, entered(at, copy(at, keys=True)))
    first = {}
    for letter in letters(at.desk.office, incident_of(kernel, id), CONTACT, lists_of(kernel).subjects):
        if letter.to not in ("regulator", "public"):
            first[letter.title, letter.to] = told(letter.panels)[:3]
    openings = sorted(first.values())
    assert [one[0] for one in openings] == ["Ada Poe", "Jane adult", "Max Roe", "To the family of Jane dead"]
    for word, to in (("minor", "Max Roe"), ("represented", "Ada Poe")):
        (opening,) = (one for one in openings if one[0] == to)
        assert opening[1:] == [text % {"name": f"Jane {word}"} for text in STANDINGS[word]]
