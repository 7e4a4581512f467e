"""Attempts to get a few people out of two releases: the same published again with a little less, or a little more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attempts import attempts
from differencing import Release, differenced
from hypothesis import given
from hypothesis import strategies as st
from released import edition, emit_of

from peelian.kernel.disclosure.editions import beside_earlier
from peelian.kernel.disclosure.published_counts import told_of
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table

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


def test_the_attacker_finds_what_a_careless_second_release_gives_away() -> None:
    first, second = ({"a": 40, "b": 50}, 90), ({"a": 41, "b": 61}, 102)
    assert differenced([first, second], LOW) == [(0, 1, "a")]
    assert differenced([first, ({"a": 40, "b": 61}, 102)], LOW) == [(0, 1, "rest")]
