"""The rules of retention, beside a second statement of the published ones that was written without looking at them."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime, timedelta

import pytest

from peelian.kernel.model.retention_schedule import (
    Category,
    Item,
    RetentionState,
    categories_of,
    coming,
    destroyed_at,
    due_at,
    fold_retention,
    to_destroy,
    to_queue,
    why_kept,
)

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def published(evidence: dict[str, object], today: int) -> str:
    """The market leader's published rules in days since a first day: kept, queue or destroy.

    Deletion dates are calculated from the recorded-on date; in several categories the longest retention is used; the
    default is "until manually deleted"; evidence in a case or on hold is exempt; without a category nothing is deleted;
    files can be recovered for 7 days after they were queued; what was restored is due 30 days after that at the
    earliest, and never where its category has no period.
    """
    periods: list[int | None] = evidence["periods"]  # type: ignore[assignment]
    exempt = evidence["case"] or evidence["hold"]
    if evidence["queued"] is not None:
        gone = today >= int(str(evidence["queued"])) + 7
        return "destroy" if gone and not exempt else "kept"
    if exempt or not periods:
        return "kept"
    for period in periods:
        if period is None:
            return "kept"
    longest = 0
    for period in periods:
        longest = max(longest, period or 0)
    date = int(str(evidence["recorded"])) + longest
    if evidence["restored"] is not None:
        date = max(date, int(str(evidence["restored"])) + 30)
    return "queue" if today >= date else "kept"


def test_ten_thousand_random_cases_agree_with_the_published_rules() -> None:
    rng = random.Random(20261124)
    seen = {"kept": 0, "queue": 0, "destroy": 0}
    for n in range(10_000):
        periods = [rng.choice([None, 1, 30, 31, 365, 1095, 36_160]) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
        if rng.random() < 0.7:
            periods = [p for p in periods if p is not None]
        recorded, today = rng.randrange(2000), rng.randrange(4000)
        evidence = {
            "periods": periods,
            "recorded": recorded,
            "hold": rng.random() < 0.15,
            "case": rng.random() < 0.15,
            "queued": rng.randrange(4000) if rng.random() < 0.3 else None,
            "restored": rng.randrange(4000) if rng.random() < 0.2 else None,
        }
        at = {k: DAY + timedelta(days=int(str(v))) if v is not None else None
              for k, v in evidence.items() if k in ("queued", "restored")}  # fmt: skip
        item = Item(
            dataset=f"d{n}",
            recorded_at=DAY + timedelta(days=recorded),
            categories=tuple(Category(id=f"c{i}", days=p or 0) for i, p in enumerate(periods)),
            held=bool(evidence["hold"]),
            in_case=bool(evidence["case"]),
            queued_at=at["queued"],
            recovered_at=at["restored"],
        )
        now = DAY + timedelta(days=today)
        own = "queue" if to_queue([item], now) else "destroy" if to_destroy([item], now) else "kept"
        assert own == published(evidence, today), (evidence, today)
        seen[own] += 1
    assert min(seen.values()) > 300, "every outcome was met often"


@pytest.mark.parametrize(
    ("item", "word"),
    [
        (Item(dataset="a", recorded_at=DAY, held=True), "held"),
        (Item(dataset="a", recorded_at=DAY, in_case=True), "case"),
        (Item(dataset="a", recorded_at=DAY), "uncategorised"),
        (Item(dataset="a", recorded_at=DAY, categories=(Category(id="c"),)), "person"),
        (Item(dataset="a", recorded_at=DAY, categories=(Category(id="c", days=1),)), ""),
    ],
)
def test_why_it_is_kept_is_one_word(item: Item, word: str) -> None:
    assert why_kept(item) == word
    assert (due_at(item) is None) is bool(word)


def test_the_weekly_list_holds_what_comes_in_the_order_of_its_date() -> None:
    def item(name: str, days: int, queued: int | None = None) -> Item:
        at = None if queued is None else DAY + timedelta(days=queued)
        return Item(dataset=name, recorded_at=DAY, categories=(Category(id="c", days=days),), queued_at=at)

    items = [item("late", 30), item("soon", 12), item("now", 9), item("queued", 1, 6)]
    listed = coming(items, DAY + timedelta(days=10))
    assert [i.dataset for _, i in listed] == ["now", "soon", "queued"]
    assert destroyed_at(items[3]) == DAY + timedelta(days=13)


def test_the_partition_is_folded_from_the_log() -> None:
    state = RetentionState()
    stamp = "2026-01-01T00:00:00.00Z"
    for entry in (
        {"kind": "CATEGORY", "category": "stop", "days": 30, "access": ""},
        {"kind": "TAGGED", "dataset": "d", "categories": "stop"},
        {"kind": "HELD", "dataset": "d", "hold": "h", "why": "legal"},
        {"kind": "QUEUED", "dataset": "d", "t": stamp},
        {"kind": "RELEASED", "dataset": "d", "hold": "h"},
        {"kind": "RECOVERED", "dataset": "d", "t": stamp},
        {"kind": "ADMITTED", "dataset": "d"},
    ):
        fold_retention(state, entry)
    assert state.tags == {"d": ("stop",)} and state.holds == {"d": {}} and state.queued == {}
    assert state.recovered["d"] == DAY
    assert categories_of(state, ("stop", "gone"), 0) == (Category(id="stop", days=30),)
    assert categories_of(state, (), 9)[0].days == 9 and categories_of(state, (), 0) == ()


def test_an_item_is_due_at_the_moment_and_listed_on_the_last_day_of_the_week() -> None:
    item = Item(dataset="a", recorded_at=DAY, categories=(Category(id="stop", days=30),))
    due, moment = DAY + timedelta(days=30), timedelta(microseconds=1)
    assert to_queue([item], due) == (item,) and to_queue([item], due - moment) == ()
    assert coming([item], due - timedelta(days=7)) == ((due, item),)
    assert coming([item], due - timedelta(days=7) - moment) == ()
    queued = dataclasses.replace(item, queued_at=due)
    gone = due + timedelta(days=7)
    assert to_destroy([queued], gone) == (queued,) and to_destroy([queued], gone - moment) == ()
