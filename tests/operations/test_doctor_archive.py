"""The doctor misses every document that the log names, of cases too, and none that was destroyed as it had to be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk, Hands
from toy import COUNT
from years import at_desks, office_of_years

import peelian.operations.office
from peelian.kernel import verbs
from peelian.kernel.retention.expiry_job import expire
from peelian.operations.doctor import WRONG, examined
from peelian.operations.doctor_archive import not_in_the_log, of_the_documents
from peelian.operations.office import open_office


@pytest.fixture
def folder(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with one published case."""
    path = office_of_years(tmp_path / "town", clock, monkeypatch)
    with open_office(path, clock=clock) as office:
        _published(at_desks(office, clock))
    return path


def _published(desk: Desk) -> None:
    desk.authorizations(COUNT)
    evidence, _ = verbs.run(desk.kernel, desk.people["analyst"], desk.ask(COUNT))
    decision = read_and_decide(
        desk.kernel,
        desk.people["commander"],
        evidence,
        choice="accept",
        reasons="what was found is plain",
        other_evidence="document: the ward counts agree",
    )
    verbs.publish(desk.kernel, desk.people["clerk"], decision, statement="what came of it")


def _changed(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "state" / "state.db")) as there, there:
        there.execute(statement, values)


def _found(folder: Path, clock: Hands) -> list[str]:
    with open_office(folder, clock=clock) as office:
        return [says for is_fault, says, _ in of_the_documents(office.kernel) if is_fault]


def test_nothing_is_missed_in_a_whole_archive_nor_after_its_times_are_over(folder: Path, clock: Hands) -> None:
    assert _found(folder, clock) == []
    clock.now += timedelta(days=12 * 366)
    with open_office(folder, clock=clock) as office:
        expire(office.kernel)
        assert not any(name.startswith("cases.") for name in office.kernel.stores.archive.partitions())
        assert list(of_the_documents(office.kernel)) == []


@pytest.mark.parametrize("retention", ["cases", "register"])
def test_a_lost_partition_is_said_with_its_case(folder: Path, clock: Hands, retention: str) -> None:
    with open_office(folder, clock=clock) as office:
        (case,) = office.kernel.state.histories
    _changed(folder, "DELETE FROM documents WHERE partition LIKE ?", f"{retention}.%")
    (said,) = _found(folder, clock)
    assert f"({case})" in said and "missing from the archive" in said


def test_each_document_of_a_case_that_was_altered_is_found(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        (history,) = office.kernel.state.histories.values()
        digests = [str(entry["document"]) for _, entry in history.entries if "document" in entry]
    assert len(digests) == 5
    for digest in digests:
        with closing(sqlite3.connect(folder / "state" / "state.db")) as there:
            (whole,) = there.execute("SELECT sealed FROM documents WHERE digest = ?", (digest,)).fetchone()
        changed = whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]
        _changed(folder, "UPDATE documents SET sealed = ? WHERE digest = ?", changed, digest)
        (said,) = _found(folder, clock)
        assert "Logged documents" in said and f": 1 ({history.case})" in said
        _changed(folder, "UPDATE documents SET sealed = ? WHERE digest = ?", whole, digest)


def test_documents_that_no_entry_names_are_counted(folder: Path, clock: Hands) -> None:
    with open_office(folder, clock=clock) as office:
        assert not_in_the_log(office.kernel) == 0
        office.kernel.stores.archive.put("a" * 64, b"what nobody logged", partition=office.kernel.partition("cases"))
        assert not_in_the_log(office.kernel) == 1


def test_the_doctor_says_so(folder: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "_utc_now", clock)
    assert [one.what for one in examined(folder) if one.level == WRONG] == []
    _changed(folder, "DELETE FROM documents WHERE partition LIKE 'cases.%'")
    (said,) = (one for one in examined(folder) if one.level == WRONG)
    assert "Logged documents" in said.what and "Restore the database" in said.remedy
