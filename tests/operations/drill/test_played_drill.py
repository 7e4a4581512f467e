"""A drill comes back from its town to the real office with the state of the town's log, and the two never mix."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.capability import Role
from peelian.kernel.records.drill_records import abandon_drill, countersign_drill, courses, is_drill_town, step_drill
from peelian.operations.drill.played_drill import (
    drill_status,
    folder_of,
    log_on_code,
    open_played,
    report,
    sit,
    town_of,
)
from peelian.operations.office import Office, new_office
from peelian.oversight.breach.incident import open_incident, register
from peelian.oversight.breach.told_incidents import free_report
from peelian.oversight.drills import play as drill_play
from peelian.oversight.verification.verifier import verify_log

LESSON = {"words": "keep the list of keys at hand", "until": "2027-01-31"}
PLAYERS = {"pia": "privacy_officer", "it": "custodian", "cleo": "clerk"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with new_office(tmp_path_factory.mktemp("played") / "office", name="A town") as office:
        it = office.enrol("it", name="IT", unit="it", roles={Role.CUSTODIAN})
        office.enrol("pia", name="Pia", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=it)
        office.enrol("cleo", name="Cleo", unit="records", roles={Role.CLERK}, by=it)
        yield office


def test_it_is_played_reported_with_the_towns_log_and_counts(office: Office) -> None:
    """And what is left in the middle, gone, or of another office is told; a real incident stays a real one."""
    by = {short: office.operator(short) for short in PLAYERS}
    with pytest.raises(InputError, match="insider"):
        open_played(office, by["pia"], "fire")
    left = open_played(office, by["it"], "insider")
    with pytest.raises(OutOfOrder, match="being played"):
        open_played(office, by["pia"], "insider")
    shutil.rmtree(folder_of(office, left.name).path)
    with pytest.raises(OutOfOrder, match="is gone"):
        drill_status(office, left.name)
    abandon_drill(office.kernel, by["pia"], left.name, reason="the town is gone")
    course = open_played(office, by["pia"], "insider")
    names = {short: sit(office, by[short], course.name, role) for short, role in PLAYERS.items()}
    with pytest.raises(OutOfOrder, match="not being served"):
        log_on_code(office, by["pia"], course.name)
    with pytest.raises(OutOfOrder, match="not over"):
        report(office, by["pia"], course.name, [{**LESSON, "owner": by["it"].person.token}])
    played_through(office, course.name, names)
    real, _ = open_incident(office.kernel, by["pia"], free_report({"kind": "other", "words": "a real one came in"}))
    done = report(office, by["pia"], course.name, [{**LESSON, "owner": by["it"].person.token}])
    verdict = verify_log(folder_of(office, course.name).office / "log")
    assert done.report is not None and done.report.body["town"]["root"] == verdict.root and not done.lacking
    assert (done.report.body["affected"], done.report.body["found"], done.report.body["extra"]) == (6, 6, 42)
    countersign_drill(office.kernel, by["cleo"], course.name)
    assert office.kernel.state.duties.drilled and [one.counts for one in courses(office.kernel)] == [True, False]
    assert [one.id for one in register(office.kernel)] == [real.id] and not is_drill_town(office.kernel)
    with pytest.raises(OutOfOrder, match="no drill town"):
        step_drill(office.kernel, by["pia"], "started", {"factor": 0})


def played_through(office: Office, name: str, names: dict[str, str]) -> None:
    """One step of each in the town; the incident is recorded there."""
    with town_of(office, name) as town:
        kernel, at = town.kernel, {short: town.operator(desk) for short, desk in names.items()}
        drill_play.start(kernel, at["pia"], 0)
        told = {"kind": "viewed_without_need", "words": "six records of one street", "people": "listed"}
        open_incident(kernel, at["pia"], free_report({**told, "datasets": "drill-records-1"}))
        drill_play.decide(kernel, at["it"], "account", "the account is closed")
        drill_play.call(kernel, at["cleo"], "council", reached=True, minutes=2)
        drill_play.move_on(kernel, at["pia"], 60)
        drill_play.end(kernel, at["pia"])
        assert len(register(kernel)) == 1 and is_drill_town(kernel)
