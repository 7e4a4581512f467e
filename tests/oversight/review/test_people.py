"""Staff, roster and subjects come in row by row, are refused whole when one is wrong, and lie encrypted."""

from __future__ import annotations

import pytest
from desk import desk
from precinct import person, precinct

from peelian.errors import InputError, Refused
from peelian.kernel.records.office_records import subject_token
from peelian.oversight.review.people import folded, list_roster, list_staff, list_subjects, lists_of


def test_what_was_listed_is_found_by_token_and_nothing_of_it_is_in_the_log() -> None:
    at = precinct()
    lists = lists_of(at.desk.kernel)
    anna = at.officers["anna"].person.token
    assert lists.staff[anna].surname == "staff0" and len(lists.shifts) == 30
    someone = lists.subjects[subject_token(at.desk.kernel, person(3))]
    assert (someone.surname, someone.language, someone.mail, someone.safe) == ("dubois", "fr", True, True)
    assert len(lists.concerned[at.dataset]) == 60
    log = str([entry for _, entry in at.desk.kernel.stores.log.read()]).lower()
    assert "dubois" not in log and "staff0" not in log and "p-0003" not in log


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("person,surname\nanna,A", "identifier"),
        ("person,identifier\nanna,", "row 2, column identifier"),
        ("person,identifier,gender\nanna,S-1,female", "row 2, column gender"),
        ("person,identifier,left\nanna,S-1,yesterday", "row 2, column left"),
        ('person,identifier\n"anna,S-1', "not CSV"),
    ],
)
def test_a_wrong_staff_list_says_where(text: str, says: str) -> None:
    at = desk()
    with pytest.raises(InputError, match=says):
        list_staff(at.kernel, at.people["custodian"], text)
    assert "STAFF_LISTED" not in at.kinds()


@pytest.mark.parametrize(
    ("shift", "says"),
    [
        ("2026-03-02T18:00+00:00,2026-03-02T08:00+00:00", "ends before"),
        ("2026-03-02T08:00,2026-03-02T18:00", "zone"),
        ("monday,tuesday", "not a time"),
    ],
)
def test_a_wrong_roster_says_where(shift: str, says: str) -> None:
    at = desk()
    with pytest.raises(InputError, match=says):
        list_roster(at.kernel, at.people["custodian"], f"person,starts,ends\nanna,{shift}")


def test_only_who_keeps_lists_may_list_and_messages_hold_no_value() -> None:
    at = desk()
    with pytest.raises(Refused):
        list_subjects(at.kernel, at.people["analyst"], "d", "identifier,name\nP,Name")
    with pytest.raises(InputError) as error:
        list_subjects(at.kernel, at.people["clerk"], "d", "identifier,name,mail\nP-1,Jane Roe,perhaps")
    assert "Jane" not in str(error.value) and "perhaps" not in str(error.value)
    assert folded("St-Pierre") == folded("ST PIERRE")
