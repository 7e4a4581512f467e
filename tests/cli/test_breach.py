"""The protocol from the terminal: signal, register, worksheet, letters, clocks; and a self-test with its record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terminal import peelian

from peelian.kernel.identity.step_up import prove
from peelian.kernel.records.office_records import Seen, address_token, keep, note_access, subject_token
from peelian.operations.office import open_office
from peelian.oversight.review.people import list_subjects


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in which a session was used from two places, and an export was made."""
    here = tmp_path_factory.mktemp("town")
    assert peelian("office", "office", "--name", "Test town", cwd=here).returncode == 0
    for short, role in (("ana", "clerk"), ("pia", "privacy_officer")):
        assert (
            peelian("people", "enrol", short, "--name", short, "--unit", role, "--role", role, cwd=here).returncode == 0
        )
    (here / "people.csv").write_text("identifier,name,surname,mail\nP-1,Jane Roe,Roe,yes\nP-2,John Roe,Roe,no\n")
    with open_office(here / "office") as office:
        list_subjects(office.kernel, office.operator("ana"), "files", (here / "people.csv").read_text())
        for place, who in (("desk", "P-1"), ("elsewhere", "P-1"), ("elsewhere", "P-2")):
            seen = Seen(
                dataset="files",
                subjects=[subject_token(office.kernel, who)],
                action="export" if who == "P-2" else "read",
                session="s1",
                address=address_token(office.kernel, place),
            )
            prove(office.kernel, office.operator("ana"))
            note_access(office.kernel, office.operator("ana"), seen)
    return here


def entered(town: Path) -> str:
    (signal,) = json.loads(peelian("breach", "signals", "--json", cwd=town).stdout)
    said = peelian("breach", "report", "--fingerprint", signal["fingerprint"], "--as", "ana", "--json", cwd=town)
    return str(json.loads(said.stdout)["id"])


def weighed(town: Path, id: str, **changes: str) -> object:
    told = {"exposure": "readable", "sensitivity": "high", "likelihood": "medium", "mitigation": "low"} | changes
    words = [word for name, value in told.items() for word in (f"--{name}", value)]
    words += [w for name in ("sensitivity", "likelihood", "mitigation") for w in (f"--why-{name}", "For good reason.")]
    return peelian("breach", "weigh", id, *words, "--as", "pia", cwd=town)


def test_an_incident_goes_from_signal_to_letters_and_nothing_is_sent(town: Path) -> None:
    id = entered(town)
    assert entered(town) == id, "reported twice, it is recognised"
    cus = ("enrol", "cus", "--name", "c", "--unit", "it", "--role", "custodian", "--with", "pia")
    assert peelian(*cus, cwd=town).returncode == 0
    assert "cut off the log-on" in peelian("breach", "contain", id, "--as", "cus", cwd=town).stdout
    wrong = weighed(town, id, exposure="encrypted")
    assert wrong.returncode == 2 and "unreadable" in wrong.stderr  # type: ignore[attr-defined]
    done = weighed(town, id)
    assert "Real risk of significant harm" in done.stdout and "People to notify: 2 people." in done.stdout  # type: ignore[attr-defined]
    words = ["--to", "letters", "--officer", "Pia", "--reach", "+1 555 0100", "--as", "pia"]
    what = ["--language", "en", "--what", "A clerk's log-on was used from outside.", "--as", "ana"]
    assert peelian("breach", "describe", id, *what, cwd=town).returncode == 0
    written = peelian("breach", "letters", id, *words, cwd=town).stdout
    assert (
        "Nothing was sent" in written
        and "Missing in the letters (People concerned, en, 1): which information" in written
    )
    assert "used from outside" in (town / "letters" / "public-en.html").read_text(encoding="utf-8")
    made = sorted(path.name for path in (town / "letters").iterdir())
    assert len(made) == 5 and "Jane" not in str(made)
    shown = peelian("breach", "show", id, cwd=town).stdout
    assert "regulator" in shown and "running" in shown
    assert peelian("breach", "notified", id, "--as", "pia", cwd=town).returncode == 2
    assert peelian("breach", "notified", id, "--regulator", "--as", "pia", cwd=town).returncode == 0
    early = peelian("breach", "close", id, "--reason", "All of it is done.", "--as", "pia", cwd=town)
    assert early.returncode == 2 and "not told yet" in early.stderr
    assert "Not told yet: 1." in peelian("breach", "sent", id, "--as", "pia", cwd=town).stdout
    assert "Not told yet: 2." in peelian("breach", "returned", id, "--person", "P-1", "--as", "pia", cwd=town).stdout
    assert "Not told yet: 1." in peelian("breach", "told", id, "--person", "P-1", "--as", "pia", cwd=town).stdout
    assert peelian("oversight", "contact", "--telephone", "+1 555 0100", "--as", "ana", cwd=town).returncode == 0
    done = peelian("breach", "notice", id, "--reason", "no_contact_data", "--as", "pia", cwd=town)
    assert "Not told yet: 0." in done.stdout
    shown = peelian("breach", "show", id, cwd=town).stdout
    assert "running" not in shown and "Told: 2." in shown
    assert peelian("breach", "close", id, "--reason", "All of it is done.", "--as", "pia", cwd=town).returncode == 0
    (listed,) = json.loads(peelian("breach", "list", "--json", cwd=town).stdout)
    year = listed["aware_at"][:4]
    counted = json.loads(peelian("breach", "yearly", "--year", year, "--as", "custodian", "--json", cwd=town).stdout)[
        year
    ]
    assert (counted["incidents"], counted["people"], counted["reported_to_regulator"]) == (1, 2, 1)


def test_a_report_of_nothing_is_refused(town: Path) -> None:
    for words in ([], ["--fingerprint", "0"], ["--lost-export", "no-such-batch"]):
        done = peelian("breach", "report", *words, "--as", "ana", cwd=town)
        assert done.returncode == 2 and "--lost-export" in done.stderr
    assert peelian("breach", "show", "b-0", cwd=town).returncode == 2


def test_a_self_test_is_run_listed_and_shown(town: Path) -> None:
    words = ["drill", "self-test", "--scenario", "snooping", "--seed", "4", "--as", "pia"]
    done = peelian(*words, cwd=town)
    assert done.returncode == 0 and "(100.0%)" in done.stdout and "none sent" in done.stdout, done.stderr
    assert (town / "office" / "drills" / "snooping-4" / "THIS-IS-A-DRILL").exists()
    assert peelian(*words, cwd=town).returncode == 2
    listed = peelian("breach", "drills", cwd=town).stdout
    assert "snooping-4" in listed and "lost-laptop" in listed
    shown = peelian("breach", "drill-show", "snooping-4", "--out", "pages", "--language", "fr", cwd=town)
    page = (town / "pages" / "drill-snooping-4-fr.html").read_text(encoding="utf-8")
    assert "SELF-TEST snooping-4" in shown.stdout and "Autotest" in page
    assert peelian("breach", "drill-show", "snooping-5", cwd=town).returncode == 2


def test_a_found_copy_and_a_silent_witness_are_reported(town: Path) -> None:
    none = peelian("breach", "report", "--found-copy", "nowhere", "--as", "ana", cwd=town)
    assert none.returncode == 2 and "no such folder" in none.stderr
    done = peelian("breach", "report", "--kind", "witness_silent", "--as", "ana", cwd=town)
    assert done.returncode == 0 and "0 people" in done.stdout


def test_a_self_test_that_missed_its_targets_is_listed_and_shown_so(town: Path) -> None:
    body = {
        "drill": "snooping-9", "scenario": "snooping", "title": "somebody snoops", "seed": 9, "seconds": {},
        "began": "2026-03-02T09:00:00+00:00", "ended": "2026-03-02T09:01:00+00:00", "milliseconds": 900,
        "recall_permille": 500, "extra_permille": 0, "criteria_met": False, "missed": ["everybody_found"],
        "affected": 2,
        "found": 1, "measures": [], "contained": True, "letters": 0, "sent": 0, "log_holds": True,
    }  # fmt: skip
    with open_office(town / "office") as office:
        keep(office.kernel, office.operator("pia"), "self_test", body, drill="snooping-9", met=0)
    listed = peelian("breach", "drills", cwd=town).stdout
    assert "TARGETS MISSED: some people concerned were not found" in listed
    shown = peelian("breach", "drill-show", "snooping-9", cwd=town).stdout
    assert "MISSED: " in shown and "it opens nothing" in shown


def test_a_person_reports_a_breach_in_their_own_words_and_it_is_put_right(town: Path) -> None:
    def said(*words: str, who: str = "pia") -> dict[str, Any]:
        done = peelian("breach", *words, "--as", who, "--json", cwd=town)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    free = ["report", "--kind", "misdirected", "--words", "A letter went to the wrong house"]
    one = said(*free, who="ana")
    assert (
        not one["people_known"]
        and one["affected"] == 0
        and "people not known" in peelian("breach", "list", cwd=town).stdout
    )
    (town / "more.csv").write_text("identifier,name,mail\nP-7,Ann Lee,yes\n")
    why = ["--reason", "The letter names one person."]
    assert said("people", one["id"], "more.csv", "--complete", *why)["people_known"]
    two = said("report", "--kind", "paper_lost", "--words", "Papers left on a bench", who="ana")
    assert said("merge", two["id"], one["id"], *why)["id"] == one["id"]
    parts = said("separate", one["id"], "--report", "2", *why)
    assert parts["new"]["kind"] == "paper_lost" and parts["stays"]["kind"] == "misdirected"
    assert not said("correct", one["id"], "--not-concerned", "P-7", *why)["affected"]
    assert said("false-alarm", one["id"], *why)["false_alarm"]
    assert "false alarm" in peelian("breach", "show", one["id"], cwd=town).stdout
    for words in (["--words", "no"], ["--known-since", "2999-01-01T00:00"], ["--known-since", "1999-01-01T00:00"],
                  ["--people", "listed"], ["--exposure", "burnt"], ["--started", "monday"]):  # fmt: skip
        wrong = peelian("breach", *free, *words, "--as", "ana", cwd=town)
        assert wrong.returncode == 2 and "Expected" in wrong.stderr, (words, wrong.stderr)
