"""Every access of the log is seen: openings under their case's asker, looks at people under the one who looked."""

from __future__ import annotations

from datetime import timedelta

from precinct import person, precinct

from peelian.kernel import verbs
from peelian.oversight.review.accesses import accesses, accesses_in
from peelian.oversight.transparency.register import case_record


def test_an_opened_dataset_is_an_access_of_the_cases_asker() -> None:
    at = precinct()
    permit = case_record(at.desk.kernel, at.case).permit
    assert permit is not None
    verbs.run(at.desk.kernel, at.desk.people["analyst"], permit)
    opened = [access for access in accesses(at.desk.kernel) if access.kind == "OPENED"]
    analyst = at.desk.people["analyst"].person
    assert [(a.by, a.unit, a.dataset, a.case) for a in opened] == [(analyst.token, analyst.unit, at.dataset, at.case)]


def test_a_look_at_a_person_says_who_how_and_where_from() -> None:
    at = precinct()
    (index,) = at.look("anna", person(7), action="search", session="s9", cell="250:1:2")
    (access,) = accesses(at.desk.kernel)
    assert (access.index, access.action, access.session, access.cell) == (index, "search", "s9", "250:1:2")
    assert access.by == at.officers["anna"].person.token and access.address


def test_only_the_time_asked_for() -> None:
    at = precinct()
    at.look("anna", person(1))
    later = at.desk.clock.now + timedelta(hours=1)
    at.look("anna", person(2), at="2026-03-03T10:00")
    assert len(accesses(at.desk.kernel, until=later)) == 1 == len(accesses(at.desk.kernel, since=later))
    assert len(list(accesses_in({}, at.desk.kernel.stores.log.read()))) == 2
