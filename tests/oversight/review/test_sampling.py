"""The sample is drawn once, cannot be foreseen or steered, and anybody can check it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import replace

import pytest
from desk import another_program
from precinct import WEEK, ordinary_week, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.records.office_records import keep
from peelian.oversight.review.accesses import accesses
from peelian.oversight.review.sampling import bounds, draw, holds, pick, pledge, root_after, sample_of, week_of
from peelian.oversight.review.week import draw_week


def test_a_sample_is_pledged_drawn_once_and_can_be_checked() -> None:
    at = precinct()
    kernel, auditor = at.desk.kernel, at.desk.people["auditor"]
    pledge(kernel, auditor, "2026-W11")
    at.desk.clock.now = bounds("2026-W11")[0]
    ordinary = [at.look("anna", f"P-{n:04d}", at=f"2026-03-10T10:{n:02d}")[0] for n in range(40)]
    at.desk.clock.now = bounds("2026-W11")[1]
    sample = draw_week(kernel, auditor, "2026-W11")
    assert len(sample.entries) == 5 and set(sample.entries) <= set(ordinary) and sample.nonce
    assert draw_week(kernel, auditor, "2026-W11") == sample == sample_of(kernel, "2026-W11")
    assert holds(kernel, sample, ordinary)
    other = min(set(ordinary) - set(sample.entries))
    for forged in (
        replace(sample, nonce="0" * 64),
        replace(sample, root="0" * 64),
        replace(sample, entries=tuple(sorted((other, *sample.entries[1:])))),
    ):
        assert not holds(kernel, forged, ordinary)


def test_a_week_is_drawn_when_it_is_over_and_pledged_before_it_begins() -> None:
    at = precinct()
    ordinary_week(at)
    auditor = at.desk.people["auditor"]
    with pytest.raises(OutOfOrder, match="is over"):
        draw_week(at.desk.kernel, auditor, WEEK)
    with pytest.raises(OutOfOrder, match="before its week"):
        pledge(at.desk.kernel, auditor, WEEK)
    pledge(at.desk.kernel, auditor, "2026-W20")
    other = another_program(at.desk)
    pledge(other, auditor, "2026-W21")
    for kernel, week in ((at.desk.kernel, "2026-W20"), (other, "2026-W20"), (other, "2026-W21")):
        with pytest.raises(OutOfOrder, match="already"):
            pledge(kernel, auditor, week)
    with pytest.raises(Refused):
        draw(at.desk.kernel, at.officers["anna"], WEEK, [])


def test_it_is_a_fiftieth_of_a_busy_week_and_five_of_a_quiet_one() -> None:
    at = precinct()
    at.week_over()
    kernel, auditor = at.desk.kernel, at.desk.people["auditor"]
    sizes = {"2026-W07": (1000, 20), "2026-W08": (100, 5), "2026-W09": (3, 3)}
    drawn = {week: len(draw(kernel, auditor, week, range(n)).entries) for week, (n, _) in sizes.items()}
    assert drawn == {week: many for week, (_, many) in sizes.items()}


def test_of_two_samples_of_a_week_the_first_counts() -> None:
    """Whoever writes a second one past the office's own check has not chosen what is looked at."""
    at = precinct()
    at.week_over()
    kernel, auditor = at.desk.kernel, at.desk.people["auditor"]
    first = draw(kernel, auditor, WEEK, range(100))
    body = {**dataclasses.asdict(first), "entries": (1, 2, 3, 4, 5)}
    keep(kernel, auditor, "sample", body, week=WEEK, size=first.size, root=first.root, n=5)
    assert sample_of(kernel, WEEK) == first


def test_the_root_covers_the_week_and_the_first_entry_after_it_and_does_not_change() -> None:
    at = precinct()
    ordinary_week(at)
    at.week_over()
    draw_week(at.desk.kernel, at.desk.people["auditor"], WEEK)
    size, root = root_after(at.desk.kernel, bounds(WEEK)[1])
    assert size == max(a.index for a in accesses(at.desk.kernel)) + 2
    at.look("anna", "P-0001")
    assert root_after(at.desk.kernel, bounds(WEEK)[1]) == (size, root)


def test_every_access_is_picked_equally_often() -> None:
    picked = Counter(e for i in range(4000) for e in pick(range(10), 2, nonce=str(i), root="r"))
    assert sum(picked.values()) == 8000 and max(abs(n - 800) for n in picked.values()) < 5 * 25.3


@pytest.mark.parametrize("text", ["2026", "2026-W60", "W10", "2026-W1x"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="week"):
        bounds(text)


def test_a_week_is_the_iso_week() -> None:
    assert week_of(bounds("2026-W01")[0]) == "2026-W01"
