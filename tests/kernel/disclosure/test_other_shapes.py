"""Attempts to get one person out of two files of other kinds about the same people, and of the days that months leave
of a year."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from deciding import read_and_decide
from desk import Desk, desk
from two_releases import People, a_file, but, of_scored, only

from peelian.errors import Withheld
from peelian.kernel import verbs
from peelian.kernel.disclosure.divided_files import is_of_three
from peelian.kernel.model.capability import Dataset, Findings
from peelian.kernel.model.findings import REPEATED
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, table
from peelian.technologies.risk.audit.declared import AUDIT, AuditParams
from peelian.technologies.risk.compare.declared import COMPARE, CompareParams
from peelian.technologies.risk.drift.declared import DRIFT, DriftParams
from peelian.technologies.risk.shared import CROSSED, EVERYONE

ALL = of_scored()
ONE = ("African-American", "Female", "25 - 45", 9, 1)
LESS = but(ALL, ONE)
BY_30 = but(LESS, ("Caucasian", "Male", "25 - 45", 1, 0), by=30)
BY_90 = but(LESS, ("Caucasian", "Male", "25 - 45", 1, 0), by=90)
SHAPES = {
    "audit": (AUDIT, AuditParams(cut=5.0, bootstraps=100)),
    "compare": (COMPARE, CompareParams(cut=5.0, cut_2=5.0)),
    "drift": (DRIFT, DriftParams(cut=5.0)),
}


@pytest.fixture
def town() -> Desk:
    return desk(None)


def a_pair(people: People) -> Dataset:
    """Two scores of these people, the second one a little higher."""
    return _of(people, "pair", {"score_2": (Kind.AMOUNT, [min(10.0, cell[3] + cell[4]) for cell in people])})


def by_quarter(people: People) -> Dataset:
    """The same people in four quarters, as their score has it."""
    days = np.array(["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"], dtype="M8[D]")
    return _of(people, "quarters", {"quarter": (Kind.TIME, days[[cell[3] % 4 for cell in people]])})


def _of(people: People, shape: str, more: dict[str, Any]) -> Dataset:
    cells = list(people)
    columns: dict[str, Any] = {
        "score": (Kind.AMOUNT, np.array([float(cell[3]) for cell in cells])),
        **{name: (kind, np.array(values)) for name, (kind, values) in more.items()},
        "outcome": (Kind.COUNT, np.array([cell[4] for cell in cells])),
        "n": (Kind.COUNT, np.array(list(people.values()))),
        "race": (Kind.GROUP, np.array([cell[0] for cell in cells], dtype=object)),
    }
    made = table(shape, columns, n="people")
    made = made.take(np.asarray(made["n"]) > 0)
    words = [EVERYONE, CROSSED, "race", *sorted({cell[0] for cell in cells})]
    facts: dict[str, Any] = {"people": sum(people.values()), "axes": "race", "groups": ",".join(words)}
    return Dataset(id="file", format=f"risk-{shape}", digest=made.digest(), table=made, facts=facts)


FILES = {"audit": lambda people: a_file(people, "race"), "compare": a_pair, "drift": by_quarter}


def publish(town: Desk, shape: str, people: People) -> Findings:
    """What is public of these people in a file of this shape."""
    declared, params = SHAPES[shape]
    role, purpose = declared.reads[0].role, sorted(declared.asks.purposes)[0]
    dataset = town.admit(FILES[shape](people), declared.asks.purposes, role).dataset
    asker = town.asker(declared)
    permit = verbs.ask(
        town.kernel, town.people[asker], declared.id, purpose=purpose, params=params, datasets={role: dataset}
    )
    try:
        evidence, _ = verbs.run(town.kernel, town.people[asker], permit)
    except Withheld as held:
        raise AssertionError(held) from None
    decider = town.decider(declared, town.people[asker].person.unit)
    said = {"choice": "decline", "reasons": "three words here", "other_evidence": "document: three more words"}
    return verbs.publish(town.kernel, town.people["clerk"], read_and_decide(town.kernel, decider, evidence, **said))[1]


def numbers(one: Findings) -> dict[str, int]:
    """What a release tells of everybody: how many there are, with the outcome and without, and how many of each are
    called high by the first score."""
    found: dict[str, int] = {}
    for made in one.tables:
        for row in made.records():
            if row.get("group", EVERYONE) != EVERYONE:
                continue
            if made.name == "verdicts":
                found |= {name: row[name] for name in ("n", "events", "others") if row[name]}
            elif made.name == "rates" and row["metric"] in ("fpr", "fnr") and row["den"]:
                found[f"{row['metric']} of"], found[row["metric"]] = row["den"], row["num"]
            elif made.name == "comparison" and row["metric"] in ("fpr", "fnr", "auc") and row["n"]:
                found[f"{row['metric']} of"] = row["n"]
                found[row["metric"]] = round(row["first"] * row["n"])
    found["n"] = found.get("n", found.get("auc of", found.get("fpr of", 0) + found.get("fnr of", 0)))
    return {name: n for name, n in found.items() if not name.startswith("auc") and n}


@pytest.mark.parametrize("second", [LESS, BY_30, BY_90], ids=["less one", "and thirty others", "and ninety others"])
@pytest.mark.parametrize("shapes", [("audit", "compare"), ("compare", "audit")], ids="-".join)
def test_the_same_people_but_one_in_a_file_of_another_kind_tell_nobody(
    town: Desk, shapes: Sequence[str], second: People
) -> None:
    first = publish(town, shapes[0], ALL)
    with suppress(Withheld):
        after = numbers(publish(town, shapes[1], second))
        before = numbers(first)
        assert not [name for name in before.keys() & after.keys() if 0 < abs(before[name] - after[name]) < LOW]


def test_the_same_people_in_a_file_of_another_kind_are_published(town: Desk) -> None:
    """And others of whom eleven differ; one in seven thousand by quarter is refused, with what to do."""
    assert numbers(publish(town, "audit", ALL))["n"] == 7214
    assert numbers(publish(town, "compare", ALL))["n"] == 7214
    with pytest.raises(Withheld) as held:
        publish(town, "drift", LESS)
    assert [reason.remedy for reason in held.value.reasons] == [
        "Give both files the same people, or publish once 11 or more differ."
    ]
    assert publish(town, "drift", ALL).table("by_quarter")
    fewer = but(ALL, *(("Caucasian", sex, "25 - 45", 1, 0) for sex in ("Male", "Female")), by=14)
    assert numbers(publish(town, "audit", only(fewer, "Caucasian"))), "a part of them"


AGES = ("Less than 25", "25 - 45", "Greater than 45")


@pytest.mark.parametrize("one", [*range(3), 3])
def test_a_file_in_three_parts_and_whole_tells_nobody(town: Desk, one: int) -> None:
    """The whole last, or one of the parts."""
    files = [only(ALL, age) for age in AGES]
    files = [*files, LESS] if one == 3 else [*files[:one], *files[one + 1 :], LESS, files[one]]
    given = [publish(town, "audit", part) for part in files[:3]]
    with suppress(Withheld):
        last = publish(town, "audit", files[3])
        assert last.notes[0].text == REPEATED and numbers(last) in [numbers(part) for part in given], "nothing new"


def test_files_that_only_grow_are_no_three_parts_of_one_another() -> None:
    """A year of undated weekly files, each with some forty people more."""
    rng = np.random.default_rng(5)
    groups = rng.poisson(40 * np.array([0.4, 0.3, 0.15, 0.1, 0.05]), size=(52, 5))
    events = rng.binomial(groups, 0.45)
    counts = np.stack([groups, events, groups - events], axis=2).cumsum(axis=0)
    counts = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
    whole, there = np.arange(6) == 0, np.ones((52, 6), dtype=np.bool_)
    found = [is_of_three(counts[i], counts[max(0, i - 32) : i], there[max(0, i - 32) : i], whole) for i in range(52)]
    assert sum(found) <= 1
