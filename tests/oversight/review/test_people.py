"""Staff, roster and subjects come in row by row, are refused whole when one is wrong, and lie encrypted."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest
import toy
from desk import desk
from precinct import Precinct, person, precinct

from peelian.errors import InputError, Refused
from peelian.kernel.records.office_records import subject_token
from peelian.oversight.review.people import (
    concerned_by,
    folded,
    lacks_list,
    list_roster,
    list_staff,
    list_subjects,
    lists_of,
)


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


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("child,Max Roe", "row 3, column standing.*adult, minor, dead, represented"),
        (",Max Roe", "row 3, column to.*minor, dead or represented"),
        ("adult,Max Roe", "row 3, column to"),
    ],
)
def test_who_acts_for_a_person_is_told_with_a_standing_that_is_known(row: str, says: str) -> None:
    at = desk()
    header = "identifier,name,standing,to\nP-1,Jane Roe,Minor,Ann Roe\n"
    with pytest.raises(InputError, match=says) as error:
        list_subjects(at.kernel, at.people["clerk"], "d", f"{header}P-2,John Doe,{row}")
    assert "Roe" not in str(error.value) and "child" not in str(error.value)
    list_subjects(at.kernel, at.people["clerk"], "d", f"{header}P-2,John Doe,,\nP-3,Joe Poe,dead,")
    listed = {one.name: (one.standing, one.to) for one in lists_of(at.kernel).subjects.values()}
    assert listed == {"Jane Roe": ("minor", "Ann Roe"), "John Doe": ("adult", ""), "Joe Poe": ("dead", "")}


def test_a_dataset_of_people_lacks_its_list_until_it_is_given() -> None:
    at = precinct()
    kernel = at.desk.kernel
    assert not lacks_list(kernel, at.dataset)
    assert lacks_list(kernel, "records-nobody-listed")
    list_subjects(kernel, at.desk.people["clerk"], "records-nobody-listed", "identifier,name\nP-1,A")
    assert not lacks_list(kernel, "records-nobody-listed")


def of_parts(at: Precinct) -> Any:
    """The office's kernel with more data than it holds: a copy, data nobody listed, and two that were combined."""
    kernel = at.desk.kernel
    original = kernel.state.datasets[at.dataset]
    known = {
        at.dataset: original,
        "copy": dataclasses.replace(original, dataset="copy", parent=at.dataset),
        "other": dataclasses.replace(original, dataset="other"),
    }
    members = {"whole": frozenset({"copy"}), "half": frozenset({"copy", "other"})}
    state = SimpleNamespace(datasets=known, queued={}, destroyed={}, objects=SimpleNamespace(members=members))
    return SimpleNamespace(state=state, technologies=kernel.technologies, shape_of=kernel.shape_of)


def test_what_was_made_from_listed_data_or_combined_of_them_is_listed() -> None:
    at = precinct()
    listed, kernel = lists_of(at.desk.kernel).concerned, of_parts(at)
    assert not lacks_list(kernel, "copy", listed) and not lacks_list(kernel, "whole", listed)
    assert lacks_list(kernel, "other", listed) and lacks_list(kernel, "half", listed)
    assert len(concerned_by(kernel, "whole", listed)) == len(concerned_by(kernel, "half", listed)) == 60


def test_data_of_places_and_counts_need_no_list() -> None:
    at = precinct()
    kernel, shape = of_parts(at), at.desk.kernel.state.datasets[at.dataset].shape
    assert lacks_list(kernel, "other", {})
    kernel.technologies = (dataclasses.replace(toy.TOY, impersonal=frozenset({shape})),)
    assert not lacks_list(kernel, "other", {})
    assert lacks_list(kernel, "sealed-without-a-shape", {})
