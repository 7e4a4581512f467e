"""publish, and the five verbs from end to end: the log says every step in order."""

from __future__ import annotations

import dataclasses

import pytest
from changed import changed
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, PROVE, TOY, example, wells

from peelian.errors import InputError, IntegrityError, OutOfOrder, Unreachable, Unsure, Withheld
from peelian.kernel import verbs
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.technology import Technology

GOOD = {"reasons": "the bars were met", "other_evidence": "document: reports of the residents"}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def other(run: object = None, **changes: object) -> tuple[Technology, Capability]:
    """The toy with another arithmetic, or another public part."""
    made = changed(COUNT, **({"run": run} if run else {}), **changes)  # type: ignore[arg-type]
    return dataclasses.replace(TOY, capabilities=(made, PROVE)), made


def test_every_step_is_in_the_log_in_order(town: Desk) -> None:
    town.authorizations(COUNT)
    before = len(town.kinds())
    permit = town.ask(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], permit)
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    verbs.publish(town.kernel, town.people["clerk"], decision)
    assert town.kinds()[before:] == [
        "KEEPING", "ADMITTED", "ASKED", "PERMITTED", "STARTED", "OPENED", "RAN", "LOOKED", "DECIDED", "PUBLISHED",
    ]  # fmt: skip


def test_digests_chain_from_request_to_publication(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], permit)
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    publication, _ = verbs.publish(town.kernel, town.people["clerk"], decision)
    assert publication.before == digest_of(decision)
    assert decision.before == digest_of(evidence)
    assert evidence.before == digest_of(permit)
    assert permit.before == town.kernel.state.histories[permit.case].digests("ASKED")[0]


def test_a_case_is_decided_and_published_once(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="decline", **GOOD)
    with pytest.raises(OutOfOrder):
        read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    verbs.publish(town.kernel, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder):
        verbs.publish(town.kernel, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder):
        verbs.publish(town.kernel, town.people["clerk"], dataclasses.replace(decision, choice="accept"))


@pytest.mark.parametrize("statement", ["Contact John Smith at 416-555-0199", "Écrivez à j.smith@town.example."])
def test_a_statement_with_a_contact_detail_is_refused_and_can_be_mended(town: Desk, statement: str) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    before = town.kinds()
    with pytest.raises(InputError, match="in a text that is published"):
        verbs.publish(town.kernel, town.people["clerk"], decision, statement=statement)
    assert town.kinds() == before
    made, _ = verbs.publish(town.kernel, town.people["clerk"], decision, statement="12 of 4,165 on 2024-05-31.")
    assert made.statement == "12 of 4,165 on 2024-05-31."


def test_a_database_lost_after_the_publication_is_not_told_as_nothing_recorded(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    reads = type(town.kernel.stores.archive).get

    def get(archive: object, digest: str, **where: str) -> bytes:
        if "PUBLISHED" in town.kinds():
            raise Unreachable("The database does not answer.")
        return reads(archive, digest, **where)  # type: ignore[arg-type]

    monkeypatch.setattr(type(town.kernel.stores.archive), "get", get)
    with pytest.raises(Unsure, match="was published"):
        verbs.publish(town.kernel, town.people["clerk"], decision)
    assert town.kinds().count("PUBLISHED") == 1


def test_no_append_no_act() -> None:
    """Where the log cannot be written nothing is opened, run, decided or published."""
    town = desk((TOY,))
    town.authorizations(COUNT)
    permit = town.ask(COUNT)

    class Full:
        def append(self, entry: object) -> int:
            raise IntegrityError("the disk is full")

        append_all = append

        def __getattr__(self, name: str) -> object:
            return getattr(town.kernel.stores.log, name)

    stuck = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=Full()))  # type: ignore[arg-type]
    ran = []
    spying = changed(COUNT, run=lambda *a: ran.append(a))
    stuck = dataclasses.replace(stuck, technologies=(dataclasses.replace(TOY, capabilities=(spying, PROVE)),))
    with pytest.raises(IntegrityError):
        verbs.run(stuck, town.people["analyst"], permit)
    assert ran == [] and "OPENED" not in town.kinds()


def test_the_log_holds_no_name_and_no_free_text(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    story = "the complaint of the baker in the third house"
    decision = read_and_decide(
        town.kernel,
        town.people["commander"],
        evidence,
        choice="accept",
        reasons=story,
        other_evidence="document: a letter",
    )
    verbs.publish(town.kernel, town.people["clerk"], decision)
    text = " ".join(str(entry) for _, entry in town.kernel.stores.log.read())
    assert story not in text
    for name, person in town.people.items():
        if name not in ("board", "council", "analyst"):
            assert f"'{person.person.name}'" not in text


def test_small_counts_are_published_by_nobody() -> None:
    known, made = other(public=lambda findings: findings)
    town = desk((known,))
    town.authorizations(made)
    few = dataclasses.replace(example().datasets["wells"], table=wells(n=3))
    data = town.admit(few, made.asks.purposes)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(made, datasets={"wells": data.dataset}))
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **GOOD)
    with pytest.raises(Withheld):
        verbs.publish(town.kernel, town.people["clerk"], decision)
    assert town.kinds()[-1] == "WITHHELD" and "PUBLISHED" not in town.kinds()
