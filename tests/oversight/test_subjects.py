"""A person is told every access that concerned them and none that did not; nobody at all is told apart from someone."""

from __future__ import annotations

import random

import pytest
from precinct import OFFICERS, WEEK, person, precinct

from peelian.errors import InputError, Refused
from peelian.kernel import verbs
from peelian.kernel.access.staff_reads import staff_read
from peelian.kernel.records.office_records import subject_token
from peelian.oversight.review.subjects import answer, answers, subject_report
from peelian.oversight.review.week import draw_week, week_review, weeks
from peelian.oversight.transparency.register import case_record


@pytest.mark.parametrize("seed", range(5))
def test_the_report_is_complete_against_planted_accesses(seed: int) -> None:
    at, chance = precinct(), random.Random(seed)
    planted: dict[str, list[int]] = {}
    for _ in range(60):
        people = [person(chance.randrange(20)) for _ in range(chance.choice([1, 1, 3]))]
        indexes = at.look(chance.choice(OFFICERS), *people, case=chance.choice([at.case, ""]))
        for one, index in zip(people, indexes, strict=True):
            planted.setdefault(one, []).append(index)
    for one, indexes in planted.items():
        report = subject_report(at.desk.kernel, subject_token(at.desk.kernel, one))
        assert [look.index for look in report.looks] == indexes


def test_an_answer_is_kept_with_how_identity_was_checked_and_without_a_name() -> None:
    at = precinct()
    at.look("anna", person(3))
    at.look("bela", person(3), case="")
    clerk = at.desk.people["clerk"]
    _, report = answer(at.desk.kernel, clerk, person(3), check="photo_id_seen")
    assert [(look.purpose, look.ground) for look in report.looks] == [("advice", "case"), ("", "")]
    entry = list(at.desk.kernel.stores.log.read())[-1][1]
    assert entry["kind"] == "ANSWERED" and entry["n"] == 2 and entry["check"] == "photo_id_seen"
    assert person(3) not in str(entry)


def test_somebody_nobody_looked_at_gets_a_complete_empty_answer() -> None:
    at = precinct()
    _, report = answer(at.desk.kernel, at.desk.people["clerk"], "P-9999", check="photo_id_seen")
    assert report.looks == () and report.entries > 5 and report.since
    assert [n for _, n in answers(at.desk.kernel)] == [0]


def test_reads_of_pages_are_told_to_whom_they_concern_and_count_in_the_week() -> None:
    at = precinct()
    kernel, custodian = at.desk.kernel, at.desk.people["custodian"]
    for read, of in (("people", ""), ("cases", ""), ("recording", at.dataset), ("recording", "f-elsewhere")):
        staff_read(kernel, custodian, read, of=of)
    size = kernel.stores.log.size()
    told = {of: subject_report(kernel, subject_token(kernel, of)).looks for of in ("S-0", person(3), "P-9999")}
    assert [(look.index, look.action, look.ground) for look in told["S-0"]] == [(size - 4, "page", "duty")]
    assert [(look.index, look.dataset) for look in told[person(3)]] == [(size - 2, at.dataset)]
    assert told["P-9999"] == ()
    assert weeks(kernel) == (), "a read alone begins no week"
    looked = at.look("anna", person(1))
    review = week_review(kernel, WEEK)
    assert (review.accesses, review.explained) == (len(looked) + 3, len(looked) + 3)
    at.week_over()
    assert set(draw_week(kernel, at.desk.people["auditor"], WEEK).entries) == {size - 4, size - 2, size - 1, *looked}


def test_only_a_clerk_answers_and_only_after_a_known_check() -> None:
    at = precinct()
    with pytest.raises(Refused):
        answer(at.desk.kernel, at.desk.people["analyst"], person(1), check="photo_id_seen")
    with pytest.raises(InputError, match="identity"):
        answer(at.desk.kernel, at.desk.people["clerk"], person(1), check="seemed honest")


def test_a_dataset_opened_as_a_whole_is_told_to_everybody_it_concerns_and_to_nobody_else() -> None:
    at = precinct()
    kernel, permit = at.desk.kernel, case_record(at.desk.kernel, at.case).permit
    assert permit is not None
    verbs.run(kernel, at.desk.people["analyst"], permit)
    (look,) = subject_report(kernel, subject_token(kernel, person(5))).looks
    assert (look.action, look.dataset, look.ground) == ("open", at.dataset, "case")
    assert subject_report(kernel, subject_token(kernel, "P-9999")).looks == ()
