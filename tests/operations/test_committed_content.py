"""What the log commits to is missed where it is gone, and not where it was destroyed or forgotten as it should be."""

from __future__ import annotations

import io
from typing import Any

import pytest
from boxes import BOXES, CONTENT
from desk import Desk, declared, desk
from divided import lived
from sqlalchemy import Table
from toy import COUNT, TOY

from peelian.errors import IntegrityError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.noise import YEARLY, commitment
from peelian.kernel.model.pseudonyms import ANSWER
from peelian.kernel.verbs import custody
from peelian.operations.committed_content import answers_left_behind, lost_answers, lost_content, of_the_answers
from peelian.oversight.transparency.register import case_record
from peelian.storage.schema import ANSWERS, DOCUMENTS, NAMES

QUESTION = "a" * 64


@pytest.fixture
def town() -> Desk:
    """An office with documents, names and a noisy answer."""
    made = desk((TOY,))
    made.authorizations(COUNT)
    verbs.run(made.kernel, made.people["analyst"], made.ask(COUNT))
    made.kernel.release.noise.answers.keep(QUESTION, (3, 4))
    committed = commitment(QUESTION, (3, 4), lambda text: made.kernel.office.token(text, of=ANSWER))
    said: dict[str, Any] = {"dataset": "wells", "term": "2026", "question": QUESTION}
    made.kernel.append("NOISE_SPENT", **said, period="2026-01-01", milli_epsilon=YEARLY, left=0, witnessed=1)
    made.kernel.append("NOISE_DRAWN", **said, answer=committed)
    return made


def change(town: Desk, table: Table, **values: Any) -> None:
    """Change one row of a table, or take it away."""
    database: Any = town.kernel.lock
    (key, *_) = table.primary_key
    with database.writing() as connection:
        one = key == connection.execute(table.select().order_by(key)).mappings().first()[key.name]
        connection.execute(table.update().where(one).values(**values) if values else table.delete().where(one))


def test_an_office_as_its_log_says_lacks_nothing(town: Desk) -> None:
    assert list(lost_content(town.kernel)) == [] and lost_answers(town.kernel) == []


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (DOCUMENTS, {}),
        (DOCUMENTS, {"sealed": b"x" * 80}),
        (DOCUMENTS, {"partition": "another"}),
        (NAMES, {}),
        (NAMES, {"sealed": b"x" * 80}),
        (NAMES, {"person": "somebody"}),
        (ANSWERS, {}),
        (ANSWERS, {"answer": "[3, 5]"}),
        (ANSWERS, {"answer": "damaged"}),
        (ANSWERS, {"question": "b" * 64}),
    ],
    ids=str,
)
def test_what_is_gone_or_altered_is_named(town: Desk, table: Table, values: dict[str, Any]) -> None:
    change(town, table, **values)
    found = list(lost_content(town.kernel))
    assert len(found) == 1 and found[0].startswith(f"{table.name} "), found


def take_away(town: Desk, digest: str) -> None:
    database: Any = town.kernel.lock
    with database.writing() as connection:
        connection.execute(DOCUMENTS.delete().where(DOCUMENTS.c.digest == digest))


def refused(town: Desk) -> tuple[str, str]:
    """A use that was refused; its case, and the digest of its reasons."""
    with pytest.raises(Refused):
        town.ask(COUNT, "clerk")
    ((_, entry),) = town.kernel.stores.log.read(kinds=["REFUSED"])
    return str(entry["case"]), str(entry["reasons"])


def test_the_reasons_of_a_refusal_are_missed_until_their_partition_is_destroyed(town: Desk) -> None:
    case, reasons = refused(town)
    assert [reason.rule for reason in case_record(town.kernel, case).reasons]
    take_away(town, reasons)
    assert list(lost_content(town.kernel)) == [f"documents {reasons}"]
    with pytest.raises(IntegrityError, match="reasons of a refusal"):
        case_record(town.kernel, case)
    town.kernel.append("PARTITION_DESTROYED", partition=town.kernel.partition("records"), n=1, by="office")
    assert list(lost_content(town.kernel)) == [f"documents {reasons}"], "they lay elsewhere"
    town.kernel.append("PARTITION_DESTROYED", partition=town.kernel.partition("refusals"), n=1, by="office")
    assert list(lost_content(town.kernel)) == []


def test_the_reasons_that_a_restored_log_came_without_are_not_missed(town: Desk) -> None:
    case, reasons = refused(town)
    take_away(town, reasons)
    size = town.kernel.stores.log.size()
    town.kernel.append("RESTORED", before="c" * 64, size=size, copied=size - 1, lost=0)
    assert list(lost_content(town.kernel)) == [] and case_record(town.kernel, case).reasons == ()


def test_the_description_of_an_object_is_missed() -> None:
    town = desk((TOY, BOXES))
    clerk, stated = town.people["clerk"], declared("disclosure")
    kept = custody.keep(town.kernel, clerk, stated, io.BytesIO(CONTENT), format="box")
    assert list(lost_content(town.kernel)) == []
    take_away(town, kept.description)
    assert list(lost_content(town.kernel)) == [f"documents {kept.description}"]


def test_a_name_that_was_forgotten_is_not_missed(town: Desk) -> None:
    person = town.people["auditor"].person.token
    town.kernel.stores.directory.forget(person)
    assert len(list(lost_content(town.kernel))) == 2, "of the proposal and the enrolment: nobody logged it"
    town.kernel.append("FORGOTTEN", person=person)
    assert list(lost_content(town.kernel)) == []


@pytest.mark.parametrize(
    ("copied", "values", "faults", "left"),
    [
        (0, {}, 0, {QUESTION}),
        (0, {"answer": "[3, 5]"}, 1, set()),
        (0, {"answer": "damaged"}, 1, set()),
        (1, {}, 1, set()),
    ],
    ids=["lost in a restore", "another", "damaged", "lost otherwise"],
)
def test_an_answer_that_a_restore_lost_is_no_fault(
    town: Desk, copied: int, values: dict[str, Any], faults: int, left: set[str]
) -> None:
    size = town.kernel.stores.log.size()
    town.kernel.append("RESTORED", before="c" * 64, size=size, copied=copied * size, lost=0)
    change(town, ANSWERS, **values)
    assert len(lost_answers(town.kernel)) == faults and answers_left_behind(town.kernel) == left
    assert [fault for fault, *_ in of_the_answers(town.kernel)] == [bool(faults)]


def test_published_findings_are_missed_in_the_register_though_the_case_has_the_same(town: Desk) -> None:
    lived(town)
    assert list(lost_content(town.kernel)) == []
    partitions = town.kernel.stores.archive.partitions()
    (register,) = (name for name in partitions if name.startswith("register"))
    (cases,) = (name for name in partitions if name.startswith("cases"))
    (shared,) = partitions[register] & partitions[cases]
    database: Any = town.kernel.lock
    with database.writing() as connection:
        this = (DOCUMENTS.c.digest == shared, DOCUMENTS.c.partition == register)
        connection.execute(DOCUMENTS.delete().where(*this))
    assert list(lost_content(town.kernel)) == [f"documents {shared}"]


@pytest.mark.parametrize("copy", ["cases", "register"])
def test_either_copy_of_published_findings_is_missed_where_it_was_altered(town: Desk, copy: str) -> None:
    lived(town)
    held = town.kernel.stores.archive.partitions()
    (register,), (cases,) = ([name for name in held if name.startswith(of)] for of in ("register", "cases"))
    (shared,) = held[register] & held[cases]
    altered = {"register": register, "cases": cases}[copy]
    database: Any = town.kernel.lock
    with database.writing() as connection:
        this = (DOCUMENTS.c.digest == shared, DOCUMENTS.c.partition == altered)
        connection.execute(DOCUMENTS.update().where(*this).values(sealed=b"x" * 80))
    assert list(lost_content(town.kernel)) == [f"documents {shared}"]
