"""What was left out of a publication does not follow from what is in it: who knows every total learns nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from differencing import recovered
from hypothesis import given, settings
from hypothesis import strategies as st
from released import editions

from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release, released, without_what_follows
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.suppression import LOW, Sum, small, two_way
from peelian.measure.table import Kind, Table, table


def _one(counts: list[int], unit: str = "") -> Table:
    places = [f"500:{n}:0" for n in range(len(counts))]
    return table("t", {"place": (Kind.PLACE, places), "n": (Kind.COUNT, counts)}, n=unit)


def _public(full: Table, **facts: int) -> Findings:
    return Findings(tables=(full.take(np.asarray(full["n"]) >= LOW),), facts=facts)


def test_small_counts_are_named_and_others_are_not() -> None:
    assert [r.rule for r in faults_of_a_release(Findings(tables=(_one([0, 10]),)))] == ["small_counts_stay_inside"]
    assert not faults_of_a_release(Findings(tables=(_one([0, 11]),)))
    assert not faults_of_a_release(Findings(tables=(_one([3], unit="weeks"),)))


def test_one_hidden_row_under_a_stated_total_takes_another_with_it() -> None:
    full = _one([5, 14, 30, 0])
    whole = Findings(tables=(full,))
    kept, faults = released(whole, _public(full, total=49))
    assert not faults and kept.tables[0]["n"].tolist() == [30]
    alone = without_what_follows(whole, _public(full))
    assert alone.tables[0]["n"].tolist() == [14, 30], "without the total nothing follows"
    said = Findings(tables=_public(full).tables, notes=(Note(text="%(n)d", values={"n": 49}),))
    assert without_what_follows(whole, said).tables[0]["n"].tolist() == [30], "a sentence tells a total, too"


def test_a_count_put_to_zero_counts_as_hidden() -> None:
    full = _one([5, 14, 30])
    blanked = table("t", {"place": (Kind.PLACE, full["place"]), "n": (Kind.COUNT, [0, 14, 30])})
    kept = without_what_follows(Findings(tables=(full,)), Findings(tables=(blanked,), facts={"total": 49}))
    assert 14 not in kept.tables[0]["n"].tolist()


def test_what_cannot_be_hidden_is_withheld() -> None:
    full = table(
        "t",
        {
            "place": (Kind.PLACE, ["a", "a", "b", "b"]),
            "category": (Kind.CATEGORY, ["theft", "robbery"] * 2),
            "n": (Kind.COUNT, [1, 0, 1, 20]),
        },
    )
    public = Findings(tables=(full.take(np.array([False, False, False, True])),), facts={"theft": 2, "all": 22})
    _, faults = released(Findings(tables=(full,)), public)
    assert [fault.rule for fault in faults] == ["small_counts_stay_inside"]


def test_rows_that_are_no_longer_those_that_were_found_are_left_alone() -> None:
    full = _one([5, 14, 30])
    merged = table("t", {"place": (Kind.PLACE, ["north"]), "n": (Kind.COUNT, [49])})
    public = Findings(tables=(merged, _one([20, 20])), facts={"total": 49})
    assert without_what_follows(Findings(tables=(full,)), public) == public


@settings(max_examples=300, deadline=None)
@given(counts=st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_nothing_is_recovered_under_a_total(counts: list[int]) -> None:
    full = _one(counts)
    total = sum(counts)
    kept, faults = released(Findings(tables=(full,)), _public(full, total=total))
    if faults:
        return
    shown = set(kept.tables[0]["place"].tolist())
    if 0 < total < LOW:
        return  # then the total itself is a small count, which the technology must not state
    cells = np.array([*counts, total])
    mask = np.array([*(place in shown for place in full["place"]), True])
    if small(cells, LOW).any():
        assert recovered([(cells, (Sum(total=len(counts), parts=tuple(range(len(counts)))),), mask)], [LOW])[1] == 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), a=st.integers(2, 4), b=st.integers(2, 4))
def test_nothing_is_recovered_under_margins(seed: int, a: int, b: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 40, a * b)
    keys = [(f"500:{i}:0", f"g{j}") for i in range(a) for j in range(b)]
    full = table(
        "t",
        {
            "place": (Kind.PLACE, [k[0] for k in keys]),
            "group": (Kind.GROUP, [k[1] for k in keys]),
            "n": (Kind.COUNT, counts.tolist()),
        },
    )
    grid = np.zeros((a + 1, b + 1), np.int64)
    grid[:a, :b] = counts.reshape(a, b)
    grid[a, :b], grid[:a, b], grid[a, b] = grid[:a, :b].sum(0), grid[:a, :b].sum(1), counts.sum()
    margins = {f"m{n}": int(v) for n, v in enumerate((*grid[a, :b], *grid[:a, b], grid[a, b]))}
    kept, faults = released(Findings(tables=(full,)), _public(full, **margins))
    if faults:
        return
    shown = set(zip(kept.tables[0]["place"].tolist(), kept.tables[0]["group"].tolist(), strict=True))
    mask = np.ones((a + 1, b + 1), np.bool_)
    mask[:a, :b] = np.array([key in shown for key in keys]).reshape(a, b)
    mask &= ~small(grid, LOW) | (np.arange(a + 1)[:, None] < a) & (np.arange(b + 1)[None, :] < b)
    cells = grid.ravel()
    if small(cells[mask.ravel()], LOW).any():
        pytest.fail("a small count is shown")
    assert recovered([(cells, two_way(a, b), mask.ravel())], [LOW])[1] == 0


def test_what_an_earlier_release_told_counts_as_known() -> None:
    full = _one([5, 14, 30, 0])
    whole, rows = Findings(tables=(full,)), _public(full)
    total = Findings(tables=(), facts={"all": 49})
    kept, faults = released(whole, rows, earlier=editions(total))
    assert not faults and kept.tables[0]["n"].tolist() == [30], "the total of before and these rows give 5 away"
    _, faults = released(whole, Findings(tables=(), facts={"all": 49}), earlier=editions(rows))
    assert [fault.rule for fault in faults] == ["small_counts_stay_inside"], "a total beside rows of before, too"
    _, faults = released(whole, _public(full, all=49), earlier=editions(rows))
    assert [fault.rule for fault in faults] == ["small_counts_stay_inside"]
    assert "could be derived from earlier publications" in faults[0].says


@pytest.mark.parametrize("order", [0, 1])
def test_a_total_is_held_against_every_earlier_table_whichever_columns_it_had(order: int) -> None:
    full = table(
        "counts",
        {"place": (Kind.PLACE, ["a", "b", "c"]), "n": (Kind.COUNT, [30, 3, 40]), "m": (Kind.COUNT, [40, 13, 50])},
    )
    large = full.take(np.array([True, False, True]))
    one, other = (
        Findings(tables=(dataclasses.replace(of, columns=tuple(c for c in of.columns if c.name in ("place", name))),))
        for of, name in ((large, "n"), (full, "m"))
    )
    earlier = [one, other][:: 1 if order else -1]
    for tables in ((), other.tables):
        _, faults = released(
            Findings(tables=(full,)), Findings(tables=tables, facts={"all": 73}), earlier=editions(*earlier)
        )
        assert [fault.rule for fault in faults] == ["small_counts_stay_inside"], "30 and 40 of 73 leave 3"
        _, faults = released(
            Findings(tables=(full,)), Findings(tables=tables, facts={"all": 103}), earlier=editions(*earlier)
        )
        assert not faults, "a total of the other column tells nothing of this one"


def test_a_coarser_release_of_before_is_a_total_of_a_finer_one() -> None:
    fine = table(
        "fine",
        {
            "place": (Kind.PLACE, ["a", "a", "a", "b", "b", "b"]),
            "category": (Kind.CATEGORY, ["theft", "robbery", "arson"] * 2),
            "n": (Kind.COUNT, [4, 20, 31, 15, 16, 17]),
        },
    )
    coarse = Findings(tables=(table("coarse", {"place": (Kind.PLACE, ["a", "b"]), "n": (Kind.COUNT, [55, 48])}),))
    public = Findings(tables=(fine.take(np.asarray(fine["n"]) >= LOW),))
    alone, _ = released(Findings(tables=(fine,)), public)
    assert len(alone.tables[0]) == 5
    kept, faults = released(Findings(tables=(fine,)), public, earlier=editions(coarse))
    assert not faults and sorted(kept.tables[0].take(kept.tables[0]["place"] == "a")["n"].tolist()) in ([20], [31])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=9), st.data())
def test_nothing_is_recovered_from_two_releases_together(counts: list[int], data: st.DataObject) -> None:
    full, total = _one(counts), sum(counts)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts))))
    first_asked = Findings(
        tables=(full.take((np.asarray(full["n"]) >= LOW) & chosen),),
        facts={"total": total} if data.draw(st.booleans()) else {},
    )
    first, faults = released(Findings(tables=(full,)), first_asked)
    earlier = [] if faults else [first]
    second, faults = released(Findings(tables=(full,)), _public(full, total=total), earlier=editions(*earlier))
    if faults or total < LOW:
        return
    shown = {place for one in (second, *earlier) for place in one.tables[0]["place"].tolist()}
    hidden = [n for place, n in zip(full["place"].tolist(), counts, strict=True) if place not in shown]
    if any(0 < n < LOW for n in hidden):
        assert len(hidden) >= 2 and sum(hidden) >= LOW


@pytest.mark.parametrize("counts", [[5, 14], [5, 3, 14], [10, 0, 11], [1, 1, 1, 30]])
def test_under_a_stated_total_so_few_are_never_left_alone(counts: list[int]) -> None:
    """Hidden rows are at least two and hold together at least the threshold, or none is shown at all."""
    full = _one(counts)
    kept = without_what_follows(Findings(tables=(full,)), _public(full, total=sum(counts))).tables[0]
    hidden = sorted(counts)[: len(counts) - len(kept)]
    shown_ones = sorted(kept["n"].tolist())
    assert shown_ones == sorted(counts)[len(hidden) :]
    assert len(hidden) >= 2 and sum(hidden) >= LOW


def _breakdowns(units: list[int], types: list[int]) -> Table:
    """All, by unit and by type, one below the other: as an audit lays out its breakdowns."""
    rows = [("all", "all", sum(units))]
    rows += [("unit", f"u{i}", n) for i, n in enumerate(units)] + [("type", f"t{i}", n) for i, n in enumerate(types)]
    by, group, n = zip(*rows, strict=True)
    return table("t", {"by": (Kind.GROUP, by), "group": (Kind.GROUP, group), "n": (Kind.COUNT, n)})


def test_a_total_of_one_breakdown_hides_another_row_of_it_too() -> None:
    full = _breakdowns([30, 10, 0], [20, 20])
    shown = full.take(np.isin(full["group"], ["u0", "t0", "t1", "u2"]))
    kept = without_what_follows(Findings(tables=(full,)), Findings(tables=(shown,), facts={"covered": 40}))
    assert kept.tables[0]["group"].tolist() == ["u2", "t0", "t1"], "30 beside 40 would tell the 10"
    alone = without_what_follows(Findings(tables=(full,)), Findings(tables=(shown,)))
    assert alone.tables[0]["group"].tolist() == shown["group"].tolist(), "without the total nothing follows"


def test_a_row_of_all_is_a_total_of_the_others() -> None:
    full = _breakdowns([30, 10, 25], [15, 50])
    shown = full.take(np.asarray(full["n"]) >= LOW)
    kept = without_what_follows(Findings(tables=(full,)), Findings(tables=(shown,)))
    assert kept.tables[0]["group"].tolist() == ["all", "u0", "t0", "t1"], "the 10 is hidden together with the 25"


@settings(max_examples=60, deadline=None)
@given(units=st.lists(st.integers(0, 40), min_size=2, max_size=5), stated=st.booleans())
def test_nothing_is_recovered_in_a_breakdown(units: list[int], stated: bool) -> None:
    total = sum(units)
    full = _breakdowns(units, [total, 0])
    shown = full.take((np.asarray(full["n"]) >= LOW) & ~(stated & (full["by"] == "all")))
    facts = {"total": total} if stated and total >= LOW else {}
    kept = without_what_follows(Findings(tables=(full,)), Findings(tables=(shown,), facts=facts)).tables[0]
    seen = {str(g) for g in kept["group"]}
    hidden = [n for i, n in enumerate(units) if f"u{i}" not in seen]
    if total >= LOW and any(0 < n < LOW for n in hidden):
        assert len(hidden) > 1 and sum(hidden) >= LOW
