"""A year's incidents by area: each counts once, in one area, in its year; what police discover is not counted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from deciding import read_and_decide
from desk import desk

from peelian.errors import InputError
from peelian.kernel import verbs
from peelian.kernel.model.capability import Context, Dataset
from peelian.measure.categories import DISCOVERED
from peelian.measure.table import Column, Table
from peelian.pictures.words import english
from peelian.technologies.mapping import TECHNOLOGY, example
from peelian.technologies.mapping.counting import COUNTED, counted_in_area, public, run
from peelian.technologies.mapping.declarations.counting import COUNTS, CountParams

DATA = {"incidents": example.incidents(), "areas": example.areas()}


def context() -> Context:
    return Context(seed=1, progress=lambda says, share: None, authorizations={})


def counted(datasets: dict[str, Dataset] = DATA, year: int = 2019) -> dict[str, int]:
    found = run(CountParams(year=year, category=example.CATEGORY), datasets, context()).table("counts")
    return dict(zip(found["area"].tolist(), found["n"].tolist(), strict=True))


def changed(name: str, column: str, values: object) -> dict[str, Dataset]:
    known = DATA[name].table
    columns = tuple(
        Column(name=c.name, kind=c.kind, values=np.asarray(values) if c.name == column else c.values)
        for c in known.columns
    )
    return {**DATA, name: dataclasses.replace(DATA[name], table=Table(name=known.name, columns=columns))}


def test_counts_agree_with_counting_by_hand() -> None:
    incidents = DATA["incidents"].table
    of_2019 = np.asarray(incidents["start_hour"]).astype("datetime64[Y]") == np.datetime64("2019")
    side = example.DISTRICT_METRES
    col, row = (np.asarray(incidents[n]) // side for n in ("east_metres", "north_metres"))
    for number in range(9):
        by_hand = int((of_2019 & (col == number % 3) & (row == number // 3)).sum())
        assert abs(counted()[f"District {number + 1}"] - by_hand) <= 5  # points on a border count on either side
    assert sum(counted(year=1999).values()) == 0


def test_one_record_more_changes_one_count_by_one_at_most() -> None:
    east = np.asarray(DATA["incidents"].table["east_metres"], dtype=np.float64).copy()
    before = counted()
    for row in (0, 100, 500):
        moved = east.copy()
        moved[row] = 9e6
        after = counted(changed("incidents", "east_metres", moved))
        assert sum(abs(after[area] - before[area]) for area in before) <= 1


def test_what_police_discover_and_years_that_are_none_are_refused() -> None:
    for wrong in (CountParams(year=2019, category=sorted(DISCOVERED)[0]), CountParams(year=12), CountParams(year=9999)):
        with pytest.raises(InputError):
            COUNTS.asks.check(wrong)


def test_what_may_be_public_has_no_exact_total() -> None:
    found = run(CountParams(year=2019, category=example.CATEGORY), DATA, context())
    assert COUNTED in {note.text for note in found.notes}
    assert COUNTED not in {note.text for note in public(found).notes}


def test_published_through_the_verbs_it_carries_noise_that_is_paid_for() -> None:
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
    town = desk((TECHNOLOGY,))
    town.authorizations(COUNTS)
    evidence, found = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNTS))
    words = {"reasons": "the year is over", "other_evidence": "document: the annual report"}
    decision = read_and_decide(town.kernel, town.people["privacy-officer"], evidence, choice="accept", **words)
    _, shown = verbs.publish(town.kernel, town.people["clerk"], decision)
    assert "NOISE_SPENT" in town.kinds() and len(shown.table("counts")) <= len(found.table("counts"))
    exact = dict(found.table("counts").rows())
    off = [abs(n - exact[area]) for area, n in shown.table("counts").rows()]
    one = dataclasses.replace(shown, tables=(shown.table("counts").take([0]),))
    assert counted_in_area(one, english).startswith(f"About {shown.table('counts')['n'][0]} incidents recorded.")
    assert max(off) < 40, "noise of epsilon 1 lies this far from 0 once in 10^17"
