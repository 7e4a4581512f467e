"""The office's own words on an incident: short, fit for the public, naming nobody; they fall with the facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from precinct import Precinct, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.oversight.breach.account import Account, account_of, must_name_nobody
from peelian.oversight.breach.course import merged, opened, separated, taken
from peelian.oversight.breach.incident import amend, incident_of, open_incident, separate
from peelian.oversight.breach.protocol import add_people, correct, describe_incident
from peelian.oversight.breach.report import Report
from peelian.oversight.review.people import lists_of

AT = "2026-03-02T12:00:00+00:00"
WORDS = {"language": "en", "what": "A letter of ours went to the house next door.", "which": "A complaint of May."}
SAID = Account(what=WORDS["what"], which=WORDS["which"])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"language": "de"}, "language"),
        ({"what": "A letter went astray"}, "at least 5 words"),
        ({"what": "word " * 200}, "too long"),
        ({"which": "word " * 200}, "too long"),
        ({"what": "Ask Pia at pia.roy@town.example about it."}, "e-mail address"),
        ({"which": "The paper said +1 416 555 0199 at the top."}, "telephone number"),
    ],
)
def test_words_that_are_not_fit_to_be_published_are_refused(changes: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        account_of(WORDS | changes)


def test_somebody_concerned_is_not_named_in_any_order_or_case() -> None:
    for text in ("The letter to JANE ROE went astray.", "A file on Roe, Jane was lost."):
        for account in (Account(what=text), Account(what="x", which=text)):
            with pytest.raises(InputError, match="somebody concerned") as told:
                must_name_nobody(account, ["Max Poe", "Jane Roe"])
            assert "Roe" not in str(told.value) and "ROE" not in str(told.value)
    must_name_nobody(Account(what="On 1 March Jane Street was closed."), ["Jane Roe", "March"])


@pytest.fixture(scope="module")
def at() -> Precinct:
    return precinct()


def entered(at: Precinct, words: str) -> str:
    report = Report(kind="misdirected", words=words, people_known=False)
    return open_incident(at.desk.kernel, at.desk.people["clerk"], report)[0].id


def test_whoever_records_incidents_describes_them_and_nobody_else(at: Precinct) -> None:
    kernel, people, id = at.desk.kernel, at.desk.people, entered(at, "one")
    made = describe_incident(kernel, people["clerk"], id, **WORDS)
    assert made.accounts == {"en": SAID}
    made = describe_incident(
        kernel, people["custodian"], id, language="fr", what="Une lettre est allée chez le voisin."
    )
    assert made.accounts["en"] == SAID and made.accounts["fr"].what.startswith("Une lettre")
    with pytest.raises(Refused):
        describe_incident(kernel, people["analyst"], id, **WORDS)
    with pytest.raises(InputError, match="e-mail"):  # no other door either
        amend(kernel, people["clerk"], id, step="described", changes=WORDS | {"which": "a@town.example"})
    add_people(kernel, people["privacy-officer"], id, "identifier,name\nP-900,Jane Roe")
    with pytest.raises(InputError, match="somebody concerned"):
        describe_incident(kernel, people["clerk"], id, **WORDS | {"what": "The letter to Jane Roe went astray."})
    assert "Jane Roe" in {one.name for one in lists_of(kernel).subjects.values()}
    assert "next door" not in str([entry for _, entry in kernel.stores.log.read()])


def test_words_fall_with_the_facts_they_were_said_of() -> None:
    """Worse facts, and an incident that turns out to be two, are described anew; more people are not."""
    shut = Report(kind="copy_lost", exposure={"d": "encrypted"}, known_since=AT)
    said = taken(opened("b-1", shut, at=AT), "described", WORDS, AT)
    assert said.accounts == {"en": SAID} and said.lettered_at == ""
    more = taken(said, "reported", {"report": replace(shut, subjects=frozenset("a")).body()}, AT)
    assert more.accounts == {"en": SAID}
    worse = taken(said, "reported", {"report": replace(shut, exposure={"d": "readable"}).body()}, AT)
    assert worse.accounts == {}
    assert [one.accounts for one in separated(more, [2], "b-2", AT)] == [{}, {}]
    assert merged(opened("b-0", shut, at=AT), said, AT).accounts == {"en": SAID}
    assert merged(said, opened("b-2", shut, at=AT), AT).accounts == {"en": SAID}
    other = opened("b-2", replace(shut, exposure={"d": "readable"}), at=AT)
    assert merged(said, other, AT).accounts == {}, "what was said is not true of both"


def test_letters_are_to_be_written_anew_once_the_words_change() -> None:
    shut = opened("b-1", Report(kind="copy_lost", known_since=AT), at=AT)
    assert taken(taken(shut, "lettered", {}, AT), "described", WORDS, AT).lettered_at == ""


def test_the_law_of_an_incident_is_corrected_without_weighing_it_again(at: Precinct) -> None:
    kernel, officer, id = at.desk.kernel, at.desk.people["privacy-officer"], entered(at, "two")
    harm = {"harm": {"real_risk": True, "rule": "in_doubt_people_are_told"}, "telling": {}}
    amend(kernel, officer, id, step="assessed", changes=harm)
    made = correct(kernel, officer, id, reason="The town is in Ontario.", regimes=["mfippa"])
    assert made.regimes == ("mfippa",) and made.harm and made.trace[-1][1] == "corrected"
    with pytest.raises(InputError, match="regime"):
        correct(kernel, officer, id, reason="The town is in Ontario.", regimes=["none"])
    made = correct(kernel, officer, id, reason="The town is in Quebec.", regimes=["quebec"], changes={"kind": "other"})
    assert made.regimes == ("quebec",) and not made.harm


def test_what_is_separated_or_not_there_is_not_described(at: Precinct) -> None:
    kernel, people = at.desk.kernel, at.desk.people
    report = Report(kind="device_lost", words="three", people_known=False)
    id, _ = open_incident(kernel, people["clerk"], report)
    open_incident(kernel, people["clerk"], replace(report, words="four"), of=id.id)
    separate(kernel, people["privacy-officer"], id.id, [2], reason="They are two devices.")
    assert incident_of(kernel, id.id).accounts == {}
    with pytest.raises(OutOfOrder):
        describe_incident(kernel, people["clerk"], "b-none", **WORDS)
