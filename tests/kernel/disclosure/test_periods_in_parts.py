"""Months beside the year to date: what a chain of earlier releases makes of a period is compared with it, too."""

from __future__ import annotations

import numpy as np
import pytest
from released import edition, emit_of

from peelian.kernel.disclosure.editions import beside_earlier
from peelian.kernel.disclosure.periods_in_parts import PeriodRelease, fewest, most, put_together, span_of
from peelian.kernel.disclosure.published_counts import laid_out, told_of
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table

JANUARY, FEBRUARY, MARCH, QUARTER = (0, 31), (31, 59), (59, 90), (0, 90)


def counts(*n: int) -> Table:
    return table("wells", {"area": (Kind.PLACE, list("abcdef")[: len(n)]), "n": (Kind.COUNT, list(n))})


def found(made: Table) -> Findings:
    return Findings(tables=(made,), notes=(Note(text="%(n)d in all.", values={"n": int(np.sum(made["n"]))}),))


def told(span: tuple[int, int], *n: int) -> PeriodRelease:
    one = found(counts(*n))
    laid = laid_out(one.tables[0], emit_of(one.tables[0]))
    assert laid is not None
    return PeriodRelease(span, {"wells": laid}, told_of(one))


def published(span: tuple[int, int], earlier: list[PeriodRelease], *n: int) -> dict[str, int]:
    """What is public of these counts beside releases of other days; nothing where it is withheld."""
    one = found(counts(*n))
    emits = {"wells": emit_of(one.tables[0])}
    public = Findings(tables=(one.tables[0].take(np.asarray(one.tables[0]["n"]) >= LOW),), notes=one.notes)
    parts = list(put_together(span, earlier))
    made, faults = beside_earlier(one, public, parts, emits, unpacked=lambda one: found(counts()), told=told_of(public))
    rows = made.findings.table("wells")
    return {} if faults else dict(zip(rows["area"].tolist(), rows["n"].tolist(), strict=True))


MONTHS = [told(JANUARY, 50, 60, 70, 80), told(FEBRUARY, 50, 60, 70, 80), told(MARCH, 50, 60, 70, 80)]


@pytest.mark.parametrize(
    ("counts_now", "left"),
    [
        ((150, 180, 210, 240), "abcd"),  # the very sum
        ((161, 191, 221, 251), "abcd"),  # each eleven more
        ((151, 211, 241, 271), "bc"),  # one more of one: another goes, too, that the total does not tell
        ((151, 180, 210, 240), ""),  # one more: the total tells, too
    ],
)
def test_a_quarter_beside_its_months(counts_now: tuple[int, ...], left: str) -> None:
    assert set(published(QUARTER, MONTHS, *counts_now)) == set(left)


def test_the_last_month_beside_the_quarter_and_the_others() -> None:
    earlier = [*MONTHS[:2], told(QUARTER, 151, 220, 260, 300)]
    assert set(published(MARCH, earlier, 50, 60, 70, 80)) == {"c", "d"}
    assert len(published(MARCH, [*MONTHS[:2], told(QUARTER, 150, 180, 210, 240)], 50, 60, 70, 80)) == 4


def test_a_row_that_a_month_hides_does_not_follow_from_the_quarter() -> None:
    """The second month had five there: the quarter less the two others."""
    months = [MONTHS[0], told(FEBRUARY, 40, 60, 70), MONTHS[2]]  # its fourth area is not shown
    assert "d" not in published(QUARTER, months, 140, 180, 210, 165)
    assert "d" in published(QUARTER, months, 140, 180, 210, 171)


def test_the_newest_of_several_releases_of_a_month_is_in_the_chain() -> None:
    spans = [JANUARY, JANUARY, FEBRUARY, MARCH]
    assert fewest(QUARTER, spans) == most(QUARTER, spans) == [(1, 1), (1, 2), (1, 3)]


def test_days_that_nothing_makes_up_are_compared_with_nothing() -> None:
    assert list(put_together(QUARTER, MONTHS[:2])) == []
    assert list(put_together(QUARTER, [told(QUARTER, 1, 2)])) == [], "the same days are compared as they are"
    assert span_of("", "2026-01-31") is None and span_of("2026-01-01", "2026-01-31") is not None


def test_a_table_that_one_part_lays_out_otherwise_is_not_added_up() -> None:
    wide = table("wells", {"area": (Kind.PLACE, ["a"]), "n": (Kind.COUNT, [50]), "late": (Kind.COUNT, [20])})
    laid = laid_out(wide, emit_of(wide))
    assert laid is not None
    (made,) = put_together(QUARTER, [MONTHS[0], PeriodRelease(FEBRUARY, {"wells": laid}, {}), MONTHS[2]])
    assert made.tables["wells"][1].tolist() == [[100], [120], [140], [160]] and made.told == {}
    assert edition(found(counts(50))).tables["wells"][0].counts == ("n",)
