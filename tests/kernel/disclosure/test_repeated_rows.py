"""What changed by 1 to k - 1 since it was published stands again as it was; what changed by 0, or by k, is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from released import edition, editions, emit_of

from peelian.kernel.disclosure.published_counts import Edition, told_of
from peelian.kernel.disclosure.repeated_rows import Edited, edited, few
from peelian.kernel.model.capability import Emit, Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table

AREAS = ["North", "South", "East", "West", "Centre", "Port"]
COUNTS = [400, 300, 200, 100, 90, 80]
TOLD = "%(n)d in all."


def areas(counts: Sequence[int], names: Sequence[str] = AREAS) -> Table:
    """A count by area, and a rate that goes with it."""
    n = np.array(counts)
    columns = {
        "area": (Kind.PLACE, list(names)),
        "n": (Kind.COUNT, n),
        "per_head": (Kind.AMOUNT, n / 1000),
    }
    return table("areas", columns)


def groups(counts: Mapping[tuple[str, str], tuple[int, int]]) -> Table:
    """Errors and people by group, and of everyone, as an audit has them."""
    axis, group = zip(*counts, strict=True)
    num, den = zip(*counts.values(), strict=True)
    columns = {
        "axis": (Kind.GROUP, list(axis)),
        "group": (Kind.GROUP, list(group)),
        "metric": (Kind.LEVEL, ["fpr"] * len(axis)),
        "value": (Kind.AMOUNT, np.array(num) / np.array(den)),
        "num": (Kind.COUNT, list(num)),
        "den": (Kind.COUNT, list(den)),
    }
    return table("rates", columns)


ALL, MEN, WOMEN = ("everyone", "everyone"), ("sex", "men"), ("sex", "women")
AUDIT = {ALL: (300, 1000), MEN: (200, 600), WOMEN: (100, 400)}
EMITS = {"areas": emit_of(areas(COUNTS)), "rates": emit_of(groups(AUDIT), whole="everyone")}


def told(full: Table) -> Findings:
    """A table with a sentence on its total, and a fact."""
    n = int(full["n"].sum())
    return Findings(tables=(full,), notes=(Note(text=TOLD, values={"n": n}),), facts={"people": n, "share": n / 9999})


def untold(full: Table) -> Findings:
    """A table alone."""
    return Findings(tables=(full,))


def again(now: Findings, *before: Findings, emits: Mapping[str, Emit] = EMITS, **how: bool) -> Edited:
    """What is published of `now` after these."""
    earlier = [edition(one, emits, index, **how) for index, one in enumerate(before)]

    def unpacked(one: Edition) -> Findings:
        return before[one.index]

    return edited(now, now, earlier, emits, unpacked=unpacked, told=told_of(now))


def shown(made: Edited) -> dict[str, int]:
    found = made.findings.table("areas")
    return dict(zip(found["area"].tolist(), found["n"].tolist(), strict=True))


def changed(*by: int) -> list[int]:
    return [n + d for n, d in zip(COUNTS, (*by, *[0] * len(COUNTS)), strict=False)]


@pytest.mark.parametrize("by", [1, -1, LOW - 1, 1 - LOW])
def test_a_row_that_changed_by_less_than_k_stands_again_whole(by: int) -> None:
    made = again(untold(areas(changed(by, 50, 60))), untold(areas(COUNTS)))
    assert shown(made)["North"] == 400 and shown(made)["South"] == 350
    assert made.findings.table("areas")["per_head"].tolist()[:2] == [0.4, 0.35], "its rate stands with it"
    assert made.waiting == 1 and not made.whole


@pytest.mark.parametrize("by", [0, LOW, -LOW, 40])
def test_a_row_that_changed_by_nothing_or_by_k_is_new(by: int) -> None:
    made = again(told(areas(changed(by, 50, 60))), told(areas(COUNTS)))
    assert shown(made)["North"] == 400 + by and made.waiting == 0


@pytest.mark.parametrize("by", [[1], [LOW - 1], [3, 4, -2], [-1, 1]])
def test_where_the_total_changed_so_little_all_of_it_stands_again(by: list[int]) -> None:
    before = told(areas(COUNTS))
    made = again(told(areas(changed(*by))), before)
    assert made.whole and made.findings == before and made.waiting == len(AREAS)
    assert made.findings.facts["share"] == before.facts["share"], "a figure of everybody, too"


def test_a_total_that_changed_little_though_its_rows_changed_much_is_no_total_to_tell() -> None:
    assert again(told(areas(changed(50, -47))), told(areas(COUNTS))).whole


def test_small_changes_add_up_over_releases_until_they_are_new() -> None:
    first = told(areas(COUNTS))
    second = again(told(areas(changed(6, 50, 60))), first)
    assert shown(second)["North"] == 400
    third = again(told(areas(changed(12, 100, 120))), first, second.findings)
    assert shown(third)["North"] == 412 and third.waiting == 0


def test_a_count_that_comes_back_is_held_against_every_release() -> None:
    first, second = told(areas(COUNTS)), told(areas(changed(20, 50, 60)))
    third = again(told(areas(changed(3, 100, 120))), first, second)
    assert shown(third)["North"] == 400, "the nearest of both"


def test_whatever_waits_is_not_what_the_total_less_the_others_tells() -> None:
    """North changed by 1 and is kept back; the total changed by 12 and South by 11: their difference would be it."""
    made = again(told(areas(changed(1, LOW))), told(areas(COUNTS)))
    assert shown(made)["North"] == 400 and shown(made)["South"] == 300
    assert made.waiting == 2


def test_a_row_that_falls_under_k_does_not_leave_the_table() -> None:
    before, now = told(areas([*COUNTS[:5], 14])), areas([450, 360, 200, 100, 90, 9])
    public = told(now.take(now["n"] >= LOW))
    emits, earlier = EMITS, editions(before, emits=EMITS)
    made = edited(public, told(now), earlier, emits, unpacked=lambda one: before, told=told_of(public))
    assert shown(made)["Port"] == 14 and made.waiting == 1
    gone = areas([450, 360, 200, 100, 90, 0])
    public = told(gone.take(gone["n"] >= LOW))
    made = edited(public, told(gone), earlier, emits, unpacked=lambda one: before, told=told_of(public))
    assert "Port" not in shown(made), "14 people are enough to be seen going"


def test_a_row_that_appears_is_new() -> None:
    now = areas([450, 360, 200, 100, 90, 80, 50], [*AREAS, "Hill"])
    assert shown(again(told(now), told(areas(COUNTS))))["Hill"] == 50


def test_a_label_that_is_spelled_otherwise_is_the_same_row() -> None:
    now = areas(changed(1, 50, 60), ["NORTH ", "South", "East", "West", "Centre", "Port"])
    made = again(told(now), told(areas(COUNTS)))
    assert shown(made)["North"] == 400 and "NORTH " not in shown(made)


def test_what_asked_something_else_is_left_out_and_not_repeated() -> None:
    made = again(untold(areas(changed(1, 50, 60))), untold(areas(COUNTS)), sure=False)
    assert "North" not in shown(made) and made.waiting == 1
    assert again(told(areas(changed(1))), told(areas(COUNTS)), sure=False).stuck


def test_a_group_s_figures_wait_with_its_counts() -> None:
    figures = table(
        "figures",
        {
            "axis": (Kind.GROUP, ["everyone", "sex", "sex", "sex"]),
            "group": (Kind.GROUP, ["everyone", "men", "women", "men"]),
            "against": (Kind.GROUP, ["", "", "", "women"]),
            "auc": (Kind.AMOUNT, [0.7, 0.71, 0.69, 0.02]),
        },
    )
    emits = {**EMITS, "figures": emit_of(figures, whole="everyone")}
    note = Note(text="Of %(group)s.", values={"group": "women", "auc": 0.69})
    before = Findings(tables=(groups(AUDIT), figures), notes=(note,))
    now = groups({ALL: (360, 1203), MEN: (257, 800), WOMEN: (103, 403)})
    moved = figures.take(np.arange(4))
    moved = table("figures", {c.name: (c.kind, c.values if c.name != "auc" else c.values + 0.1) for c in moved.columns})
    later = Findings(tables=(now, moved), notes=(Note(text=note.text, values={"group": "women", "auc": 0.79}),))
    made = again(later, before, emits=emits)
    rates = made.findings.table("rates")
    assert rates["den"].tolist()[2] == 400 and rates["value"].tolist()[2] == 0.25
    assert made.findings.table("figures")["auc"].tolist()[2:] == [0.69, 0.02], "also where others are compared with it"
    assert made.findings.notes == (note,)
    assert rates["den"].tolist()[1] == 600, "men wait with women: everyone less men would be women"
    assert rates["den"].tolist()[0] == 1203


def test_one_group_changed_alone_changes_the_total_so_all_stands_again() -> None:
    before = Findings(tables=(groups(AUDIT),))
    made = again(Findings(tables=(groups({ALL: (301, 1001), MEN: (201, 601), WOMEN: (100, 400)}),)), before)
    assert made.whole and made.findings == before


def test_a_rate_whose_complement_changed_little_waits() -> None:
    """Twenty more people and eighteen more errors are two who erred not."""
    counts = {ALL: (340, 1100), MEN: (218, 620), WOMEN: (122, 480)}
    made = again(Findings(tables=(groups(counts),)), Findings(tables=(groups(AUDIT),)))
    assert made.findings.table("rates")["den"].tolist()[1] == 600


@pytest.mark.parametrize(
    ("change", "expected"), [([0, 0], False), ([10, 30], True), ([11, 11], False), ([-10, 0], True)]
)
def test_few_is_one_to_ten_of_any_count_or_difference_of_two(change: list[int], expected: bool) -> None:
    assert bool(few(np.array(change))) is expected


def test_a_sentence_with_a_count_that_changed_little_stands_again() -> None:
    said = Note(text="South has %(n)d.", values={"n": 300})
    before = Findings(tables=(areas(COUNTS),), notes=(said,))
    now = Findings(tables=(areas(changed(50, 4, 60)),), notes=(Note(text=said.text, values={"n": 304}),))
    assert again(now, before).findings.notes == (said,)
    assert again(now, Findings(tables=(areas(COUNTS),))).findings.notes == now.notes, "nobody told it before"
