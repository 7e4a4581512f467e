"""Who opened recordings without a list, by time, event and place: never by a person, only within an answer, logged.

Of random sequences of coming in, listing, opening and delivering, the answer says "no one" only where every opened
dataset of people has its list and the person is in none.
"""

from __future__ import annotations

import dataclasses
import io
import random
from typing import Any

import pytest
from desk import Desk, desk, entitle
from recordings import DECLARED, life

from peelian.acts.answers import answer_document
from peelian.errors import InputError, Refused
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import subject_token
from peelian.kernel.verbs import custody, delivery
from peelian.operations.office import technologies
from peelian.oversight.review.accesses import accesses
from peelian.oversight.review.occasions import Occasion
from peelian.oversight.review.people import lacks_list, list_subjects, lists_of
from peelian.oversight.review.subjects import OccasionReport, SubjectReport, answer, subject_report
from peelian.technologies.footage.example import example_clip
from peelian.web.documents import drawn

NOON = Occasion(starts="2026-03-01T12:00:00Z", ends="2026-03-01T13:00:00Z")
HEAD = "identifier,name\n"


def recording(town: Desk, at: str = "2026-03-01T12:30:00Z", **stated: str) -> str:
    """A recording comes in, of people not known; it is opened, as each is, to be described."""
    options, file = {"recorded_at": at, **stated}, io.BytesIO(example_clip())
    entitle(town.kernel, town.people["council"])
    return custody.keep(town.kernel, town.people["clerk"], DECLARED, file, format="video", options=options).dataset


def asked(town: Desk, occasion: Occasion | None = NOON, who: str = "P-1") -> SubjectReport:
    return answer(town.kernel, town.people["clerk"], who, check="photo_id_seen", occasion=occasion)[1]


def found(town: Desk, **changed: str) -> OccasionReport:
    told = {"starts": NOON.starts, "ends": NOON.ends, **changed}
    report = asked(town, Occasion(**told)).occasion
    assert report is not None
    return report


@pytest.fixture
def town() -> Desk:
    return desk(technologies())


def test_an_opened_recording_without_a_list_is_counted_and_no_one_is_not_said(town: Desk) -> None:
    assert asked(town, None).no_one
    item = recording(town)
    report = asked(town, None)
    assert report.looks == () and not report.no_one
    (one,) = report.unsearched
    assert (one.kind, one.n, one.first, one.last) == ("footage.footage", 1, "2026-03-01", "2026-03-01")
    list_subjects(town.kernel, town.people["clerk"], item, HEAD + "P-2,Jane Roe\n")
    assert asked(town, None).no_one
    assert len(asked(town, None, "P-2").looks) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_letter_says_no_one_only_where_that_can_be_said(town: Desk, language: str) -> None:
    none = {"en": "No one viewed a record about you.", "fr": "Personne n’a consulté de dossier qui vous concerne."}
    lacks = {"en": "nobody listed whom they concern", "fr": "personne n’a dressé la liste"}

    def letter(report: SubjectReport) -> str:
        return drawn(answer_document(town.office, report, language, name="a.html"), town.office).decode()

    before = letter(asked(town, None))
    assert none[language] in before and lacks[language] not in before
    item = recording(town)
    after = letter(asked(town))
    assert none[language] not in after and lacks[language] in after and item not in after
    list_subjects(town.kernel, town.people["clerk"], item, HEAD + "P-2,Jane Roe\n")
    assert none[language] in letter(asked(town, None))


def test_recordings_are_found_by_time_event_and_place_and_only_their_accesses_are_told(town: Desk) -> None:
    here = recording(town, event="2026-118", place="City  Hall")
    recording(town, event="2026-119", place="Market Square")
    recording(town)
    recording(town, at="2026-03-02T12:30:00Z", place="City Hall")
    told = found(town, place="city hall")
    assert (told.recordings, told.others, told.unstated) == (1, 1, 1)
    assert {look.dataset for look in told.looks} == {here} and {look.action for look in told.looks} == {"open"}
    assert found(town, event="2026-118").recordings == 1
    assert found(town, event="2026-118", place="Market Square").recordings == 0
    assert found(town).recordings == 3


def test_a_copy_made_from_a_recording_and_its_delivery_are_told_with_it() -> None:
    known = life()
    kernel = known.town.kernel
    told = found(known.town, starts="2026-03-01T09:00:00Z", ends="2026-03-01T11:00:00Z")
    assert told.recordings == 1
    assert {known.item, known.redacted} <= {look.dataset for look in told.looks}
    list_subjects(kernel, known.town.people["clerk"], known.item, HEAD + "P-2,Jane Roe\n")
    again = found(known.town, starts="2026-03-01T09:00:00Z", ends="2026-03-01T11:00:00Z")
    assert again.recordings == 0 and again.looks == (), "who is on a list is told by the list"


def test_neither_badge_device_nor_person_finds_a_recording(town: Desk) -> None:
    recording(town, officer="4711", device="CAM-42", event="7", place="Hall")
    for text in ("4711", "CAM-42", "P-1", "Jane Roe"):
        assert found(town, event=text).recordings == 0 and found(town, place=text).recordings == 0
    assert set(Occasion.__dataclass_fields__) == {"starts", "ends", "event", "place"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"starts": "2026-03-01T12:00:00"}, "time zone"),
        ({"starts": "noon"}, "time zone"),
        ({"starts": "0001-01-01T00:00:00+23:59"}, "time zone"),
        ({"ends": ""}, "time zone"),
        ({"ends": "2026-03-01T11:00:00Z"}, "before it starts"),
        ({"ends": "2026-03-02T12:00:01Z"}, "too long"),
        ({"starts": "2027-01-01T00:00:00Z", "ends": "2027-01-01T01:00:00Z"}, "future"),
        ({"event": "x" * 121}, "name of an event"),
        ({"place": "Hall\nJane"}, "name of an event"),
        ({"place": "Hall\u202e"}, "name of an event"),
    ],
)
def test_bad_input_is_told_without_its_value_and_nothing_is_logged(town: Desk, changed: dict, says: str) -> None:
    before = len(list(town.kernel.stores.log.read()))
    with pytest.raises(InputError, match=says) as fault:
        found(town, **changed)
    assert not any(text and text in str(fault.value) for text in changed.values())
    assert len(list(town.kernel.stores.log.read())) == before


def test_it_runs_only_within_an_answer_whose_identity_was_checked(town: Desk) -> None:
    recording(town)
    clerk, kernel = town.people["clerk"], town.kernel
    with pytest.raises(InputError, match="identity"):
        answer(kernel, clerk, "P-1", check="seemed honest", occasion=NOON)
    with pytest.raises(InputError, match="not identified"):
        answer(kernel, clerk, "  ", check="photo_id_seen", occasion=NOON)
    with pytest.raises(Refused):
        answer(kernel, town.people["analyst"], "P-1", check="photo_id_seen", occasion=NOON)


def test_the_log_says_that_it_was_asked_and_never_where_when_or_of_whom(town: Desk) -> None:
    recording(town, event="2026-118", place="City Hall")
    found(town, event="2026-118", place="City Hall")
    entry = list(town.kernel.stores.log.read())[-1][1]
    assert (entry["kind"], entry["recordings"], entry["found"], entry["unsearched"]) == ("ANSWERED", 1, 1, 1)
    assert not {"P-1", "2026-118", "City", "2026-03-01T12:00:00"} & set(str(entry).split("'"))
    asked(town, None)
    assert "found" not in list(town.kernel.stores.log.read())[-1][1]


def may_say_no_one(town: Desk, who: str) -> bool:
    """The rule itself, from the log's entries: each opened dataset of people has a list that lacks this person."""
    kernel, token = town.kernel, subject_token(town.kernel, who)
    concerned = lists_of(kernel).concerned
    for one in accesses(kernel):
        line = [one.dataset]
        while parent := getattr(kernel.state.datasets.get(line[-1]), "parent", ""):
            line.append(parent)
        lists = [concerned[name] for name in line if name in concerned]
        if not lists or any(token in names for names in lists):
            return False
    return True


@pytest.mark.parametrize("seed", range(25))
def test_no_one_is_said_only_where_every_opened_dataset_has_its_list_and_the_person_is_in_none(seed: int) -> None:
    chance, town = random.Random(seed), desk(technologies())
    kernel, items = town.kernel, [""]
    for _ in range(chance.randrange(1, 9)):
        step, item = chance.choice(("admit", "list", "list", "open")), chance.choice(items)
        if step == "admit":
            items.append(recording(town))
        elif item and step == "list":
            names = chance.sample(["P-1", "P-2", "P-3", "P-4"], chance.randrange(1, 3))
            list_subjects(kernel, town.people["clerk"], item, HEAD + "".join(f"{n},A Name\n" for n in names))
        elif item:
            opened_again(town, item)
        for who in ("P-1", "P-2"):
            assert subject_report(kernel, subject_token(kernel, who)).no_one == may_say_no_one(town, who)


def opened_again(town: Desk, item: str) -> None:
    """Its bytes are opened by a use, as for a proposal."""
    made = town.kernel.state.datasets[item]
    town.holder.append("OPENED", case="c-made", object=made.object, dataset=item)
    town.kernel.stores.follow()


def test_after_a_delivery_no_one_is_said_only_with_lists_of_all_that_was_opened() -> None:
    known = life()
    town = known.town
    clerk: Operator = town.people["clerk"]

    def send(source: Any, to: Any) -> None:
        while source.read(1 << 20):
            pass

    prove(town.kernel, clerk)
    delivery.deliver(town.kernel, clerk, known.decision, send)
    kinds = {one.kind for one in asked(town, None).unsearched}
    assert {"footage.footage", "footage.footage_package", "footage.redacted_footage"} <= kinds
    for item in (known.item, known.plan):
        assert not asked(town, None).no_one
        list_subjects(town.kernel, clerk, item, HEAD + "P-2,Jane Roe\n")
    assert asked(town, None).no_one and may_say_no_one(town, "P-1")
    assert any(look.action == "export" for look in asked(town, None, "P-2").looks)


def test_a_list_that_was_promised_and_never_came_counts_as_missing(town: Desk) -> None:
    said = dataclasses.replace(DECLARED, people="listed")
    options = {"recorded_at": "2026-03-01T12:30:00Z"}
    entitle(town.kernel, town.people["council"])
    made = custody.keep(
        town.kernel, town.people["clerk"], said, io.BytesIO(example_clip()), format="video", options=options
    )
    assert lacks_list(town.kernel, made.dataset) and not asked(town, None).no_one
