"""Who works here, who is on duty, and whom records concern: lists that the office keeps encrypted for the review.

The review needs surnames and genders of the staff and of the people in the records, and nothing more of them. They
come as CSV, are checked row by row, and live in the encrypted archive only.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from peelian.errors import InputError, sentence
from peelian.kernel.model.documents import LISTED, NOT_KNOWN, Admission, Declaration
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.model.technology import holds_people
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, address_token, keep, latest, records_of, subject_token
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

KEEPERS = MAKERS["staff"]
GENDERS = ("f", "m", "x", "")
LANGUAGES = ("en", "fr")
MOST_ROWS = 200_000
STAFF_COLUMNS = ("person", "identifier", "surname", "gender", "left", "addresses")
PEOPLE_COLUMNS = ("identifier", "name", "surname", "gender", "language", "mail", "phone", "safe", "standing", "to")
STANDINGS = ("adult", "minor", "dead", "represented")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """One of the staff: their desk's token, their own token as a person in records, surname, gender, last day."""

    token: str
    subject: str
    surname: str
    gender: str
    left: str = ""  # ISO date of the last day, "" while employed
    addresses: tuple[str, ...] = ()  # tokens of the only addresses this log-on may come from; empty: any


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom records concern: token, name for a letter, gender, language, and how they can be reached."""

    token: str
    name: str
    surname: str
    gender: str
    language: str = "en"
    mail: bool = False  # an address the town may write to
    phone: bool = False
    safe: bool = True  # a direct notice brings them no further harm
    standing: str = "adult"  # a word of `STANDINGS`: whether somebody else is written to
    to: str = ""  # the name of whoever acts for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """When somebody is on duty."""

    token: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The newest lists of the office: staff by desk token, subjects by token, datasets each concerns, shifts."""

    staff: Mapping[str, Employee] = field(default_factory=dict)
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    concerned: Mapping[str, frozenset[str]] = field(default_factory=dict)  # dataset → subjects' tokens
    shifts: tuple[Shift, ...] = ()


def lists_of(kernel: Kernel) -> Lists:
    """What the office has listed; what it has not is empty, and the review says which rules it then cannot apply."""
    staff, roster = latest(kernel, "staff"), latest(kernel, "roster")
    subjects: dict[str, Subject] = {}
    concerned: dict[str, frozenset[str]] = {}
    for _, record in records_of(kernel, "subjects"):
        listed = [Subject(**row) for row in record.body["subjects"]]
        subjects |= {subject.token: subject for subject in listed}
        concerned[str(record.body["dataset"])] = frozenset(subject.token for subject in listed)
    shifts = roster.body["shifts"] if roster else ()
    return Lists(
        staff={row["token"]: _employee(row) for row in (staff.body["staff"] if staff else ())},
        subjects=subjects,
        concerned=concerned,
        shifts=tuple(
            Shift(token=s["token"], starts=_moment(s["starts"], 0), ends=_moment(s["ends"], 0)) for s in shifts
        ),
    )


def concerned_by(kernel: Kernel, dataset: str, concerned: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Whom a dataset's records concern: those listed for it, for what it was made from, or for what it was combined
    of. O(derivations + parts)."""
    found: frozenset[str] = frozenset()
    seen: set[str] = set()
    waiting = [dataset]
    while waiting:
        one = waiting.pop()
        if one and one not in seen:
            seen.add(one)
            found |= concerned.get(one, frozenset())
            made = made_as(kernel, one)
            waiting += [made.parent if made else "", *kernel.state.objects.members.get(one, ())]
    return found


def lacks_list(kernel: Kernel, dataset: str, concerned: Mapping[str, frozenset[str]] | None = None) -> bool:
    """Whether a dataset holds people's records and nobody listed whose: neither for it, nor for what it was made from,
    nor, where it is combined, for each of its parts. Records whose shape nobody knows are taken to be people's.

    `concerned`: `Lists.concerned`, where the lists were read already. O(derivations + parts).
    """
    listed = lists_of(kernel).concerned if concerned is None else concerned
    made = made_as(kernel, dataset)
    if made is not None and not holds_people(kernel.technologies, kernel.shape_of(made)):
        return False
    while dataset not in listed:
        if parts := kernel.state.objects.members.get(dataset, ()):
            return any(lacks_list(kernel, part, listed) for part in parts)
        if made is None or not made.parent:
            return True
        dataset, made = made.parent, made_as(kernel, made.parent)
    return False


def made_as(kernel: Kernel, dataset: str) -> Admission | None:
    """How a dataset was admitted or derived, also one that is queued or destroyed; None where records were only
    sealed under that name, or it is not known."""
    state = kernel.state
    return state.datasets.get(dataset) or state.queued.get(dataset) or state.destroyed.get(dataset)


@act
def list_staff(kernel: Kernel, by: Operator, text: str) -> int:
    """Keep a staff list: CSV with person, identifier, surname, gender, left, addresses; returns how many.

    `addresses` (several with semicolons between them) are the only ones this log-on may come from, as a vendor's
    contract names them. All of it or nothing.
    """
    must_hold_role(kernel, by, KEEPERS, "the_lister_may_list")
    rows = [
        {
            "token": kernel.office.token(row["person"], of=PERSON),
            "subject": subject_token(kernel, row["identifier"]),
            "surname": folded(row["surname"]),
            "gender": _among(row["gender"].lower(), GENDERS, "gender", at),
            "left": _day(row["left"], at),
            "addresses": [address_token(kernel, part.strip()) for part in row["addresses"].split(";") if part.strip()],
        }
        for at, row in _rows(text, STAFF_COLUMNS, ("person", "identifier"))
    ]
    keep(kernel, by, "staff", {"staff": rows}, n=len(rows))
    return len(rows)


@act
def list_roster(kernel: Kernel, by: Operator, text: str) -> int:
    """Keep a duty roster: CSV with person, starts, ends (ISO date-times with their zone); returns how many shifts."""
    must_hold_role(kernel, by, KEEPERS, "the_lister_may_list")
    rows = []
    for at, row in _rows(text, ("person", "starts", "ends"), ("person", "starts", "ends")):
        starts, ends = _moment(row["starts"], at), _moment(row["ends"], at)
        if not starts < ends:
            raise InputError("shift ends before it starts", row=at, column="ends", accepted="a later time")
        token = kernel.office.token(row["person"], of=PERSON)
        rows.append({"token": token, "starts": starts.isoformat(), "ends": ends.isoformat()})
    keep(kernel, by, "roster", {"shifts": rows}, n=len(rows))
    return len(rows)


@act
def list_subjects(kernel: Kernel, by: Operator, dataset: str, text: str) -> int:
    """Keep whom a dataset's records concern: CSV with the `PEOPLE_COLUMNS`.

    It is what a breach protocol needs to know whom to tell, and how; returns how many people.
    """
    rows = must_list(kernel, by, text)
    keep(kernel, by, "subjects", {"dataset": dataset, "subjects": rows}, dataset=dataset, n=len(rows))
    return len(rows)


def must_list(kernel: Kernel, by: Operator, text: str) -> list[dict[str, Any]]:
    """The people of such a list, as `list_subjects` would keep them. Refused where this person may keep none;
    InputError names the first row that is wrong, and a list of nobody. O(rows)."""
    must_hold_role(kernel, by, KEEPERS, "the_lister_may_list")
    rows = [
        {
            "token": subject_token(kernel, row["identifier"]),
            "name": row["name"],
            "surname": folded(row["surname"]),
            "gender": _among(row["gender"].lower(), GENDERS, "gender", at),
            "language": _among(row["language"].lower() or "en", LANGUAGES, "language", at),
            **{name: _yes(row[name], name, at) for name in ("mail", "phone", "safe")},
            **_acted_for(row, at),
        }
        for at, row in _rows(text, PEOPLE_COLUMNS, ("identifier", "name"))
    ]
    if not rows:
        raise InputError(
            "list without people", accepted="one row for each person; without any, the people are not known"
        )
    return rows


def people_stated(kernel: Kernel, by: Operator, declaration: Declaration, people: str | None) -> Declaration:
    """What a recording's declaration says of the people it shows, before a byte is read: that they are listed, where
    `people` is a list that may come in. InputError where one says that they are listed without a list, or says both."""
    accepted = "a list of the people concerned, or the statement that they are not known"
    if people is None:
        if declaration.people == LISTED:
            raise InputError("list of people missing", column="people", accepted=accepted)
        return declaration
    if declaration.people == NOT_KNOWN:
        raise InputError("people both listed and not known", column="people", accepted=accepted)
    must_list(kernel, by, people)
    return replace(declaration, people=LISTED)


def folded(surname: str) -> str:
    """A surname for comparison: without case, accents, blanks and hyphens.

    >>> folded("Lévesque-Roy"), folded(" O'Neil ")
    ('levesqueroy', 'oneil')
    """
    plain = unicodedata.normalize("NFKD", surname).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _employee(row: Mapping[str, Any]) -> Employee:
    return Employee(**{**row, "addresses": tuple(row["addresses"])})


def _rows(text: str, columns: Iterable[str], wanted: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV by column, with their number (header = 1); missing optional columns are "". O(rows)."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    known = {str(name).strip().lower(): str(name) for name in _header(reader) if name}
    for column in wanted:
        if column not in known:
            raise InputError("column missing from the list", column=column, accepted=", ".join(columns))
    for at, row in enumerate(_read(reader), start=2):
        if at > MOST_ROWS + 1:
            raise InputError(sentence("more than %(most)d rows", most=MOST_ROWS), accepted="a shorter list")
        found = {column: (row.get(known.get(column, "")) or "").strip() for column in columns}
        for column in wanted:
            if not found[column]:
                raise InputError("value missing", row=at, column=column, accepted="text")
        yield at, found


def _header(reader: csv.DictReader[str]) -> Sequence[str]:
    try:
        return reader.fieldnames or ()
    except csv.Error:
        raise InputError("list is not CSV", accepted="CSV with a header") from None


def _read(reader: csv.DictReader[str]) -> Iterator[dict[str, str]]:
    try:
        yield from reader
    except csv.Error:
        raise InputError("list is not CSV", accepted="CSV with a header") from None


def _among(value: str, known: Iterable[str], column: str, at: int) -> str:
    if value not in known:
        says = sentence("text of %(n)d characters", n=len(value))
        raise InputError(says, row=at, column=column, accepted=", ".join(k or "nothing" for k in known))
    return value


def _acted_for(row: Mapping[str, str], at: int) -> dict[str, str]:
    """Who is written to instead of a person: nobody for an adult who acts for themselves."""
    standing = _among(row["standing"].lower() or "adult", STANDINGS, "standing", at)
    if standing == "adult" and row["to"]:
        says, accepted = "somebody named to act for an adult", "nothing, or a standing of minor, dead or represented"
        raise InputError(says, row=at, column="to", accepted=accepted)
    return {"standing": standing, "to": row["to"]}


def _yes(value: str, column: str, at: int) -> bool:
    words: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
    if not value:
        return column == "safe"
    if value.lower() not in words:
        says = sentence("text of %(n)d characters", n=len(value))
        raise InputError(says, row=at, column=column, accepted="yes or no")
    return words[value.lower()]


def _day(value: str, at: int) -> str:
    return _parsed(lambda: date.fromisoformat(value).isoformat(), at, "left", "a date as 2026-11-24") if value else ""


def _moment(value: str, at: int) -> datetime:
    moment = _parsed(lambda: datetime.fromisoformat(value), at, "starts or ends", "2026-11-24T08:00+00:00")
    if moment.tzinfo is None:
        raise InputError("time without its zone", row=at, accepted="2026-11-24T08:00+00:00")
    return moment.astimezone(UTC)


def _parsed(parse: Callable[[], T], at: int, column: str, accepted: str) -> T:
    try:
        return parse()
    except ValueError:
        raise InputError("not a time", row=at, column=column, accepted=accepted) from None
