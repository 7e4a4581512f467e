"""Attempts to get a few people out of two releases: the same published again with a little less, or a little more."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pytest
from attempts import attempts
from deciding import read_and_decide
from desk import Desk, desk
from differencing import Release, differenced
from hypothesis import given
from hypothesis import strategies as st
from released import edition, emit_of
from two_releases import a_file, but, of_scored, only, subtracted, with_a_second_column

from peelian.errors import InputError, IntegrityError, Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure.editions import beside_earlier
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.disclosure.published_counts import laid_out, told_of
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Dataset, Findings, Note
from peelian.kernel.model.documents import Publication
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.state.signed_documents import archived
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table
from peelian.storage.schema import DOCUMENTS
from peelian.technologies.risk.audit.declared import AUDIT as RISK
from peelian.technologies.risk.audit.declared import AuditParams

TOLD = "%(n)d in all."


def counted(n: Sequence[int]) -> Table:
    return table("counts", {"place": (Kind.PLACE, list("abcdefgh")[: len(n)]), "n": (Kind.COUNT, list(n))})


EMITS = {"counts": emit_of(counted([11]))}


def publication(counts: Sequence[int], before: Sequence[Findings], *, total: bool) -> Findings | None:
    """What is published of these counts after these releases, as a publication has it; None where nothing may be."""
    full = counted(counts)
    told = (Note(text=TOLD, values={"n": sum(counts)}),) if total and sum(counts) >= LOW else ()
    found = Findings(tables=(full,), notes=told)
    public = Findings(tables=(full.take(np.asarray(full["n"]) >= LOW),), notes=told)
    return beside(found, public, before)


def beside(found: Findings, public: Findings, before: Sequence[Findings]) -> Findings | None:
    earlier = [edition(one, EMITS, index) for index, one in enumerate(before)]
    made, faults = beside_earlier(
        found, public, earlier, EMITS, unpacked=lambda one: before[one.index], told=told_of(public)
    )
    return None if faults else made.findings


def kept(published: Findings) -> Release:
    rows = published.table("counts")
    said = next((int(note.values["n"]) for note in published.notes if note.text == TOLD), None)
    return dict(zip(rows["place"].tolist(), rows["n"].tolist(), strict=True)), said


def changes(counts: list[int]) -> st.SearchStrategy[list[int]]:
    steps = st.sampled_from([0, 0, 1, -1, 2, -3, 5, 9, 10, 11, -11, 12, 20, 60])
    return st.lists(steps, min_size=len(counts), max_size=len(counts)).map(
        lambda by: [max(0, n + d) for n, d in zip(counts, by, strict=True)]
    )


@attempts(100)
@given(st.lists(st.integers(0, 90), min_size=2, max_size=7), st.data(), st.booleans())
def test_no_two_of_many_releases_differ_by_a_few(counts: list[int], data: st.DataObject, total: bool) -> None:
    """Two to five releases of changing counts, with or without the total: no difference is 1 to k - 1."""
    before: list[Findings] = []
    for _ in range(data.draw(st.integers(2, 5))):
        made = publication(counts, before, total=total)
        before += [made] if made is not None else []
        counts = data.draw(changes(counts))
    assert differenced([kept(one) for one in before], LOW) == []


@pytest.mark.parametrize(
    "releases",
    [
        [[40, 60, 14, 5, 11, 0], [52, 72, 17, 2, 14, 11], [60, 69, 20, 3, 26, 10]],
        [
            [11, 14, 0, 12, 60, 9],
            [31, 11, 11, 24, 72, 9],
            [51, 26, 10, 39, 84, 12],
            [54, 26, 10, 47, 99, 20],
            [54, 23, 50, 47, 95, 21],
        ],
    ],
)
def test_a_row_that_stays_though_it_fell_under_k_is_no_part_of_what_the_total_leaves(releases: list[list[int]]) -> None:
    """It stood again after the total was compared with the others, and the total less the others told of it."""
    before: list[Findings] = []
    for counts in releases:
        before += [made] if (made := publication(counts, before, total=True)) is not None else []
    assert len(before) == len(releases) and differenced([kept(one) for one in before], LOW) == []


def test_the_attacker_finds_what_a_careless_second_release_gives_away() -> None:
    first, second = ({"a": 40, "b": 50}, 90), ({"a": 41, "b": 61}, 102)
    assert differenced([first, second], LOW) == [(0, 1, "a")]
    assert differenced([first, ({"a": 40, "b": 61}, 102)], LOW) == [(0, 1, "rest")]


# Attempt 6: a risk file and the same less one row, admitted twice, each published. Their counts differed by 1: race,
# outcome and score band of one person.

SCORED = RISK.arithmetic().example()


@pytest.fixture
def town() -> Desk:
    return desk(None)


def cohort(change: Callable[[np.ndarray], np.ndarray] = lambda n: n, rows: slice = slice(None)) -> Dataset:
    """ProPublica's cohort as counts, and what an attacker made of it: a new file each time."""
    known = SCORED.datasets["tally"]
    made = dataclasses.replace(known.table.column("n"), values=change(np.array(known.table["n"])))
    columns = tuple(made if c.name == "n" else c for c in known.table.columns)
    whole = Table(name=known.table.name, columns=columns)
    whole = whole.take(whole["n"] > 0).take(np.arange(int((whole["n"] > 0).sum()))[rows])
    return dataclasses.replace(known, table=whole, digest=whole.digest())


def one_less(row: int, n: int = 1) -> Callable[[np.ndarray], np.ndarray]:
    return lambda counts: np.where(np.arange(len(counts)) == row, counts - n, counts)


def published(town: Desk, data: Dataset, **params: object) -> Findings:
    """What is public of an audit of this file."""
    return published_of(town, data, dataclasses.replace(SCORED.params, bootstraps=100, **params))


def published_of(town: Desk, data: Dataset, params: AuditParams) -> Findings:
    dataset = town.admit(data, RISK.asks.purposes, "tally").dataset
    asked = {"params": params, "datasets": {"tally": dataset}}
    asker = town.asker(RISK)
    permit = verbs.ask(town.kernel, town.people[asker], RISK.id, purpose=sorted(RISK.asks.purposes)[0], **asked)
    evidence, _ = verbs.run(town.kernel, town.people[asker], permit)
    decider = town.decider(RISK, town.people[asker].person.unit)
    said = {"choice": "decline", "reasons": "three words here", "other_evidence": "document: three more words"}
    return verbs.publish(town.kernel, town.people["clerk"], read_and_decide(town.kernel, decider, evidence, **said))[1]


def told_between(first: Findings, second: Findings) -> list[tuple[str, object, int]]:
    """Every difference of 1 to 10 between two audits: of counts, of those they leave out of one another, and of whole
    numbers in facts and sentences."""
    emits = {emit.table: emit for emit in RISK.emits}
    found: list[tuple[str, object, int]] = []
    for after in second.tables:
        now, then = (laid_out(one, emits[after.name]) for one in (after, first.table(after.name)))
        if now is None or then is None:
            continue
        known = dict(zip(then[0].rows, then[1], strict=True))
        for key, counts in zip(now[0].rows, now[1], strict=True):
            change = counts - known.get(key, counts)
            every = [*change, *(a - b for i, a in enumerate(change) for b in change[:i])]
            found += [(after.name, key, int(d)) for d in every if 0 < abs(d) < LOW]
    said, known_told = told_of(second), told_of(first)
    kept = {"groups", "groups_all", "level", "scores", "bootstraps", "fewest_events"}
    names = [name for name in said.keys() & known_told.keys() if name.split()[-1] not in kept]
    return found + [("told", n, said[n] - known_told[n]) for n in names if 0 < abs(said[n] - known_told[n]) < LOW]


def figures(one: Findings) -> dict[object, list[float]]:
    """Rates and other derived figures of everybody and of each group."""
    return {
        (t.name, *row[:3]): [v for v in row if isinstance(v, float) and not math.isnan(v)]
        for t in one.tables
        for row in t.rows()
    }


WAYS = {
    "the same less one row": one_less(0),
    "one row more": one_less(0, -1),
    "ten rows less": one_less(40, 10),
    "one in one group, one in another": lambda n: one_less(0)(one_less(45)(n)),
    "one moved from one band to the next": lambda n: one_less(0)(one_less(1, -1)(n)),
    "one swapped for another group's": lambda n: one_less(0)(one_less(45, -1)(n)),
    "one outcome changed": lambda n: one_less(4)(one_less(14, -1)(n)),
    "one among a hundred of another group": lambda n: one_less(0)(one_less(45, -100)(n)),
    "nine of each of two groups": lambda n: one_less(0, 9)(one_less(45, 9)(n)),
}


def called(otherwise: Mapping[str, str], change: Callable[[np.ndarray], np.ndarray]) -> Dataset:
    """The cohort with groups under other labels, and with other counts."""
    made = cohort(change)
    columns = tuple(
        dataclasses.replace(c, values=np.array([otherwise.get(str(v), v) for v in c.values.tolist()], dtype=object))
        if c.kind is Kind.GROUP
        else c
        for c in made.table.columns
    )
    whole = Table(name=made.table.name, columns=columns)
    return dataclasses.replace(made, table=whole, digest=whole.digest())


def people_of(one: Findings) -> dict[str, int]:
    verdicts = one.table("verdicts")
    return dict(zip(verdicts["group"].tolist(), verdicts["n"].tolist(), strict=True))


@pytest.mark.parametrize(
    "words",
    [
        {"African-American": "Black"},
        {"African-American": "AFRICAN AMERICAN"},
        {"African-American": "Black", "Caucasian": "White", "Hispanic": "Latino"},
        {"Male": "Men", "Female": "Women"},
        {"Caucasian": "Other", "Hispanic": "Other"},
    ],
)
@pytest.mark.parametrize("more", [0, 300], ids=["one less", "one less of one, hundreds more of another"])
def test_a_group_under_another_label_is_the_same_people(town: Desk, words: dict[str, str], more: int) -> None:
    def change(counts: np.ndarray) -> np.ndarray:
        return one_less(0)(one_less(60, -more)(counts))

    first = people_of(published(town, cohort(), reference=()))
    try:
        second = people_of(published(town, called(words, change), reference=()))
    except Withheld:
        return
    old, new = set(first) - set(second), set(second) - set(first)
    assert not [(a, b) for a in old for b in new if 0 < abs(first[a] - second[b]) < LOW]
    assert not [group for group in first.keys() & second.keys() if 0 < abs(first[group] - second[group]) < LOW]


@pytest.mark.parametrize("way", WAYS)
def test_a_second_file_that_differs_by_a_few_tells_nobody(town: Desk, way: str) -> None:
    first = published(town, cohort())
    second = published(town, cohort(WAYS[way]))
    assert told_between(first, second) == []
    if "hundred" not in way:
        assert figures(second) == figures(first), "no rate, interval or area under a curve is new"


# The same in the ways that come to an outsider who has a file, and one less a person: African-American, with a new
# arrest.

ALL = of_scored()
ONE = ("African-American", "Female", "25 - 45", 9, 1)
LESS = but(ALL, ONE)
BY_30 = but(LESS, ("Caucasian", "Male", "25 - 45", 1, 0), by=30)
MEN, WOMEN = only(LESS, "Male"), only(LESS, "Female")
RACE = ("race",)
UNITS = dict(zip(sorted({cell[0] for cell in ALL}), ("A", "small", "B", "C", "small", "small"), strict=True))
MINORITY = {"African-American": "Minority", "Hispanic": "Minority"}
FILES: dict[str, list[Dataset]] = {
    "rows in another order": [a_file(ALL, *RACE), a_file(LESS, *RACE, backwards=True)],
    "another name of the column": [a_file(ALL, *RACE), a_file(LESS, *RACE, called={"race": "ethnicity"})],
    "that, and thirty others": [a_file(ALL, *RACE), a_file(BY_30, *RACE, called={"race": "ethnicity"})],
    "the column twice, and thirty others": [
        a_file(ALL, *RACE),
        with_a_second_column(a_file(BY_30, *RACE), "unit", UNITS),
    ],
    "another column": [a_file(ALL, *RACE), a_file(LESS, "sex")],
    "one column more": [a_file(ALL, *RACE), a_file(LESS, "race", "sex")],
    "one column less": [a_file(ALL, "race", "sex"), a_file(LESS, *RACE)],
    "one group alone, by another column": [a_file(ALL, *RACE), a_file(only(LESS, ONE[0]), "sex")],
    "one group alone, then all": [a_file(only(ALL, ONE[0]), "sex"), a_file(LESS, *RACE)],
    "one group alone, then all but thirty": [a_file(only(ALL, ONE[0]), "sex"), a_file(BY_30, *RACE)],
    "without one group": [a_file(ALL, *RACE), a_file(only(LESS, ONE[0], "Hispanic", "Other"), *RACE)],
    "whole, then in two parts": [a_file(one, *RACE) for one in (ALL, MEN, WOMEN)],
    "in two parts, then whole": [a_file(one, *RACE) for one in (only(ALL, "Male"), only(ALL, "Female"), LESS)],
    "in two parts, then whole but thirty": [a_file(one, *RACE) for one in (MEN, only(ALL, "Female"), BY_30)],
    "a part, the whole, the other part": [a_file(one, *RACE) for one in (MEN, ALL, WOMEN)],
    "by age: old and young, then whole": [
        a_file(one, *RACE) for one in (only(ALL, "Less than 25", "25 - 45"), only(ALL, "Greater than 45"), LESS)
    ],
    "parts with a group in common": [
        a_file(one, *RACE) for one in (ALL, only(ALL, ONE[0], "Hispanic"), only(LESS, ONE[0], "Caucasian", "Other"))
    ],
    "small groups merged": [a_file(ALL, *RACE), a_file(LESS, *RACE, called={"Asian": "Other", "Hispanic": "Other"})],
    "two groups merged under a new label": [a_file(ALL, *RACE), a_file(LESS, *RACE, called=MINORITY)],
    "merged under a new label, and thirty others": [a_file(ALL, *RACE), a_file(BY_30, *RACE, called=MINORITY)],
    "merged into another group": [a_file(ALL, *RACE), a_file(BY_30, *RACE, called={"African-American": "Other"})],
    "a correction, and the correction withdrawn": [a_file(one, *RACE) for one in (ALL, LESS, ALL)],
    "five times, each one less": [a_file(but(ALL, *[ONE] * n), *RACE) for n in range(5)],
    "one outcome changed, and thirty others": [
        a_file(ALL, *RACE),
        a_file(but(BY_30, (*ONE[:4], 0), by=-1), *RACE),
    ],
    "one group changed, and thirty others": [
        a_file(ALL, *RACE),
        a_file(but(BY_30, ("Hispanic", *ONE[1:]), by=-1), *RACE),
    ],
    "three more of one group, thirty less of another": [
        a_file(ALL, *RACE),
        a_file(but(BY_30, ONE, by=-4), *RACE),
    ],
}
READ = {"ethnicity": "race", "unit": "race", **{unit: label for label, unit in UNITS.items() if unit != "small"}}


@pytest.mark.parametrize("way", FILES)
def test_who_has_every_release_of_a_file_cannot_subtract_one_person(town: Desk, way: str) -> None:
    """Counts, bases of rates, what they leave of everyone, groups under other labels, sums of two releases."""
    given, same = [], {**READ, **(MINORITY if "new label" in way else {})}
    for data in FILES[way]:
        with suppress(Withheld):
            given.append(published_as(town, data))
    assert given and list(subtracted(given, same)) == []


@pytest.mark.parametrize(
    "params",
    [
        {"axes": ("race",)},
        {"reference": ("Hispanic",)},
        {"cut": 7.0},
        {"cut": 2.0, "crossed": False},
        {"low_is_high_risk": True},
        {"title": "Tool of another vendor, another town"},
        {"bootstraps": 101},
    ],
)
def test_other_settings_of_a_divided_file_subtract_nobody(town: Desk, params: dict[str, Any]) -> None:
    given = [published_as(town, a_file(ALL, *RACE))]
    for data in (a_file(LESS, *RACE), a_file(BY_30, *RACE), a_file(MEN, *RACE), a_file(WOMEN, *RACE)):
        with suppress(Withheld):
            given.append(published_as(town, data, **params))
    assert list(subtracted(given, {})) == []


def test_parts_of_a_file_that_lack_nobody_are_published(town: Desk) -> None:
    """And those from which a difference of eleven follows."""
    for one in (ALL, only(ALL, "Male"), but(only(ALL, "Female"), ("Caucasian", "Female", "25 - 45", 1, 0), by=11)):
        assert published_as(town, a_file(one, *RACE)).facts["people"] == sum(one.values())


def published_as(town: Desk, data: Dataset, **params: Any) -> Findings:
    asked = AuditParams(**{"cut": 5.0, "bootstraps": 100, **params})
    return published_of(town, data, asked)


@pytest.mark.parametrize(
    "params",
    [
        {"title": "Another title"},
        {"cut": 5.5},
        {"level": 0.9},
        {"crossed": False},
        {"recording": (1.1, 1.3)},
        {"fewest_events": 101},
    ],
)
def test_other_parameters_or_another_title_make_no_other_subject(town: Desk, params: dict[str, object]) -> None:
    published(town, cohort())
    with pytest.raises(Withheld) as held:
        published(town, cohort(one_less(0)), **params)
    assert [reason.rule for reason in held.value.reasons] == ["differences_stay_inside"]


def test_an_instrument_that_nobody_adopted_is_refused(town: Desk) -> None:
    with pytest.raises(InputError, match="instrument not in the register"):
        published(town, cohort(), instrument="Another instrument")


def test_an_instrument_that_two_people_adopted_is_another_subject_and_one_left_out_is_not(town: Desk) -> None:
    adopt_words(town, LabelKind.INSTRUMENT, "COMPAS", "LSI-R")
    first = published(town, cohort(), instrument="COMPAS")
    assert told_between(first, published(town, cohort(one_less(0)), instrument="compas")) == [], "spelled otherwise"
    with pytest.raises(Withheld):
        published(town, cohort(one_less(0)))
    other = published(town, cohort(one_less(0)), instrument="LSI-R")
    assert int(other.facts["people"]) == 7213, "two people said that it is another one"


@pytest.mark.parametrize("what", ["document", "findings"])
def test_a_damaged_earlier_release_shuts_releases_of_its_subject_and_no_others(town: Desk, what: str) -> None:
    adopt_words(town, LabelKind.INSTRUMENT, "COMPAS", "LSI-R")
    published(town, cohort(), instrument="COMPAS")
    ((_, entry),) = town.kernel.stores.log.read(kinds=["PUBLISHED"])
    digest = str(entry["document"])
    if what == "findings":
        digest = archived(town.kernel, digest, Publication).findings
    with damaged(town, digest):
        other = published(town, cohort(one_less(0)), instrument="LSI-R")
        assert int(other.facts["people"]) == 7213
        with pytest.raises(IntegrityError, match=r"published is damaged.*then publish"):
            published(town, cohort(one_less(0)), instrument="COMPAS")
        with pytest.raises(IntegrityError, match="published is damaged"):
            published(town, cohort(one_less(0)))
    assert published(town, cohort(one_less(0)), instrument="COMPAS")


@contextmanager
def damaged(town: Desk, digest: str) -> Iterator[None]:
    """A byte of a document is another, until the end."""
    archive: Any = town.kernel.stores.archive
    database = archive._database
    with database.writing() as connection:
        was = connection.execute(DOCUMENTS.select().where(DOCUMENTS.c.digest == digest)).one().sealed
        now = bytes([was[-1] ^ 1])
        connection.execute(DOCUMENTS.update().where(DOCUMENTS.c.digest == digest).values(sealed=was[:-1] + now))
    yield
    with database.writing() as connection:
        connection.execute(DOCUMENTS.update().where(DOCUMENTS.c.digest == digest).values(sealed=was))


def adopt_words(town: Desk, kind: LabelKind, *words: str) -> None:
    listed = Vocabulary(kind=kind, source="the contract", labels=tuple(Label(label=word) for word in words))
    proposal = propose_vocabulary(town.kernel, town.people["custodian"], listed, words="as the contract names them")
    step_up.prove(town.kernel, second := town.people["privacy-officer"])
    dual_control.approve(town.kernel, second, proposal)
