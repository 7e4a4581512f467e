"""The review of accesses from the terminal: lists in, queue and sample, signature; a person answered, never echoed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from terminal import peelian

from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.records.office_records import Seen, note_access, subject_token
from peelian.operations.office import new_office, open_office
from peelian.oversight.review.sampling import bounds, week_of

LAST = week_of(datetime.now(UTC) - timedelta(days=14))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in which Ana looked at somebody's record the week before last."""
    here = tmp_path_factory.mktemp("town")
    with new_office(here / "office", name="Test town", clock=lambda: bounds(LAST)[0] + timedelta(hours=34)) as office:
        custodian = office.enrol("custodian", name="custodian", unit="city IT", roles={Role.CUSTODIAN})
        for short, role in (("ana", Role.CLERK), ("audra", Role.AUDITOR)):
            office.enrol(short, name=short, unit=str(role), roles={role}, by=custodian)
        seen = Seen(dataset="files", subjects=[subject_token(office.kernel, "P-1")], action="read", session="s1")
        prove(office.kernel, office.operator("ana"))
        note_access(office.kernel, office.operator("ana"), seen)
    return here


def test_lists_come_in_from_csv(town: Path) -> None:
    (town / "staff.csv").write_text("person,identifier,surname\nana,S-1,Ana\n")
    (town / "roster.csv").write_text("person,starts,ends\nana,2026-01-01T08:00+00:00,2026-01-01T16:00+00:00\n")
    (town / "people.csv").write_text("identifier,name,surname\nP-1,Jane Roe,Roe\n")
    for words in (
        ["staff", "staff.csv"],
        ["roster", "roster.csv"],
    ):
        done = peelian("accesses", *words, "--as", "ana", cwd=town)
        assert done.returncode == 0 and ": 1." in done.stdout, done.stderr
    unknown = peelian("accesses", "subjects", "people.csv", "--dataset", "files", "--as", "ana", cwd=town)
    assert unknown.returncode == 2 and "The dataset is unknown" in unknown.stderr
    missing = peelian("accesses", "staff", "nowhere.csv", "--as", "ana", cwd=town)
    assert missing.returncode == 2 and "cannot read the file" in missing.stderr


def test_a_week_is_drawn_looked_through_and_signed(town: Path) -> None:
    assert "OVERDUE" in peelian("accesses", "weeks", "--as", "audra", cwd=town).stdout
    assert "log root alone" in peelian("accesses", "draw", LAST, "--as", "audra", cwd=town).stdout
    queue = json.loads(peelian("accesses", "queue", LAST, "--as", "audra", "--json", cwd=town).stdout)
    assert {item["rule"] for item in queue["items"]} >= {"unexplained", "sample"}
    ids = [item["id"] for item in queue["items"]]
    bare = peelian("accesses", "sign", LAST, "--as", "audra", "--item", f"{ids[0]}=justified", cwd=town)
    assert bare.returncode == 2 and "reason" in bare.stderr
    one_text = [word for id in ids for word in ("--item", f"{id}=referred:Nobody could say why.")]
    alike = peelian("accesses", "sign", LAST, "--as", "audra", *one_text, cwd=town)
    assert alike.returncode == 2 and "same words" in alike.stderr and "for each item" in alike.stderr
    first = peelian("accesses", "sign", LAST, "--as", "audra", *one_text[:2], cwd=town)
    assert first.returncode == 0 and f"still open: {len(ids) - 1}" in first.stdout, first.stderr
    rest = [word for n, id in enumerate(ids[1:]) for word in ("--item", f"{id}=referred:Nobody knew of number {n}.")]
    done = peelian("accesses", "sign", LAST, "--as", "audra", *rest, cwd=town)
    assert done.returncode == 0, done.stderr
    (week,) = json.loads(peelian("accesses", "weeks", "--as", "audra", "--json", cwd=town).stdout)
    assert week["signed"] and not week["overdue"]


def test_a_pledge_is_for_a_week_to_come_and_a_plan_for_a_decided_case(town: Path) -> None:
    later = week_of(datetime.now(UTC) + timedelta(days=14))
    assert peelian("accesses", "pledge", later, "--as", "audra", cwd=town).returncode == 0
    assert peelian("accesses", "pledge", LAST, "--as", "audra", cwd=town).returncode == 2
    plan = peelian("accesses", "assign", "c-0", "--unit", "clerk", "--as", "ana", cwd=town)
    assert plan.returncode == 3 and "commander" in plan.stderr


def test_a_person_is_answered_and_their_identifier_is_never_echoed(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ["accesses", "who-viewed", "--as", "ana", "--check", "photo_id_seen"]
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "P-1")
    done = peelian(*told, cwd=town)
    assert (
        "Answered: 1 access, from" in done.stdout
        and "Unexplained" in done.stdout
        and "P-1" not in done.stdout + done.stderr
    )
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "P-9")
    letter = peelian(*told, "--to", "answer.html", "--language", "fr", cwd=town)
    assert "Answered: 0 accesses" in letter.stdout
    file = town / "answer.html"
    assert "Personne n’a consulté" in file.read_text(encoding="utf-8") and file.stat().st_mode & 0o077 == 0
    with open_office(town / "office") as office:
        assert "P-1" not in str([entry for _, entry in office.kernel.stores.log.read()])
