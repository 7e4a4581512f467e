"""Strays are taken out and said, intervals count in parts, late records are not known early, discovered refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData, Refused
from peelian.kernel.model.capability import Dataset
from peelian.measure.grid import square_grid
from peelian.measure.table import Kind, table
from peelian.technologies.mapping import incidents as said
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.incidents import Incidents, incidents_of, outside, recorded, since, with_all_reported

DAY = np.datetime64("2019-03-01", "h")
NEVER = np.datetime64("NaT", "h")


def dataset(n: int = 200, **columns: Any) -> Dataset:
    """`n` incidents, six hours apart, at one place; any column may be given."""
    start = DAY + np.arange(n) * np.timedelta64(6, "h")
    values: dict[str, Any] = {
        "category": np.full(n, "robbery", dtype=object),
        "start_hour": start,
        "end_hour": columns.get("start_hour", start),
        "known_hour": np.full(n, NEVER),
        "east_metres": np.full(n, 100.0),
        "north_metres": np.full(n, 100.0),
        **columns,
    }
    kinds = dict.fromkeys(("start_hour", "end_hour", "known_hour"), Kind.TIME)
    made = table("incidents", {k: (kinds.get(k, Kind.PERSONAL), v) for k, v in values.items()})
    return Dataset(id="d", format="f", digest="0" * 64, table=made, facts={})


def texts(found: Incidents) -> set[str]:
    return {note.text for note in found.notes}


def changed(values: Any, where: int, to: Any) -> Any:
    new = np.array(values)
    new[where] = to
    return new


def test_exact_times_stay_as_they_are() -> None:
    found = incidents_of(dataset(), "robbery")
    assert found.n == 200 and found.weight.sum() == 200 and found.embargo_hours == 0
    assert day_of(found.from_hour) == "2019-03-01" and found.until_hour % 24 == 0
    assert said.UNKNOWN_LAG in texts(found)


def test_all_means_what_people_report() -> None:
    mixed = np.array(["robbery", "drugs", "assault", "drugs"] * 50, dtype=object)
    assert incidents_of(dataset(category=mixed), "all").n == 100


def test_discovered_offences_are_refused_without_a_decision_and_marked_with_one() -> None:
    drugs = dataset(category=np.full(200, "drugs", dtype=object))
    with pytest.raises(Refused) as refused:
        incidents_of(drugs, "drugs")
    assert "decision on discovered offences" in refused.value.reasons[0].remedy
    assert said.DISCOVERED_USED in texts(incidents_of(drugs, "drugs", discovered_admitted=True))


def test_a_file_that_police_found_is_told_why_it_trains_nothing_and_what_would_do() -> None:
    drugs = dataset(category=np.full(200, "drugs", dtype=object))
    with pytest.raises(Refused) as refused:
        incidents_of(drugs, "all")
    (reason,) = refused.value.reasons
    assert "depends on where they look" in reason.says and "200 incidents" in reason.says
    assert "that people report" in reason.remedy and "patrol hours" in reason.remedy


def test_categories_that_are_not_there_are_named() -> None:
    with pytest.raises(InputError, match="unknown category"):
        incidents_of(dataset(), "jaywalking")
    with pytest.raises(NotEnoughData, match="no incident of this category"):
        incidents_of(dataset(), "arson")


def test_a_null_island_point_is_taken_out_with_its_row() -> None:
    base = dataset()
    far = dataset(east_metres=changed(base.table["east_metres"], 17, 8_837_000.0))
    note = next(n for n in incidents_of(far, "robbery").notes if n.text == said.FAR_AWAY)
    assert note.values == {"n": 1, "row": 18} and note.kind == "caveat"


@pytest.mark.parametrize("date", ["2099-01-01T00", "1900-01-01T00"])
def test_a_date_far_off_is_taken_out(date: str) -> None:
    starts = changed(dataset().table["start_hour"], 5, np.datetime64(date, "h"))
    found = incidents_of(dataset(start_hour=starts), "robbery")
    assert found.n == 199 and said.FAR_OFF in texts(found)
    assert found.until_hour < hour_of("2020-01-01")


def test_half_of_the_dates_decades_off_is_said() -> None:
    starts = dataset().table["start_hour"].copy()
    starts[::2] -= np.timedelta64(40 * 365 * 24, "h")
    found = incidents_of(dataset(start_hour=starts), "robbery")
    (silent,) = (note for note in found.notes if note.text == said.SILENT)
    assert found.n == 200 and silent.kind == "caveat" and int(silent.values["days"]) > 30 * 365
    assert said.SILENT not in texts(incidents_of(dataset(), "robbery"))


def test_incidents_without_place_or_with_a_vague_time_are_counted_out() -> None:
    base = dataset().table
    lost = changed(base["east_metres"], [3, 4], np.nan)
    ends = changed(base["start_hour"], 9, base["start_hour"][9] + np.timedelta64(24 * 60, "h"))
    ends = changed(ends, 10, base["start_hour"][10] - np.timedelta64(5, "h"))
    found = incidents_of(dataset(east_metres=lost, end_hour=ends), "robbery")
    assert found.n == 196 and {said.PLACELESS, said.VAGUE} <= texts(found)


def test_nothing_with_a_place_is_not_enough() -> None:
    with pytest.raises(NotEnoughData, match="has a location and a time"):
        incidents_of(dataset(east_metres=np.full(200, np.nan)), "robbery")


def test_an_interval_counts_in_parts_by_day_and_sums_to_one() -> None:
    starts = np.array([np.datetime64("2019-03-01T18", "h"), *dataset(30).table["start_hour"]])
    ends = np.array([np.datetime64("2019-03-03T06", "h"), *dataset(30).table["start_hour"]])
    places = np.zeros(31)
    made = dataset(31, start_hour=starts, end_hour=ends, east_metres=places, north_metres=places)
    found = incidents_of(made, "robbery")
    first = found.row == 0
    assert found.weight[first].tolist() == pytest.approx([6 / 36, 24 / 36, 6 / 36])
    assert [day_of(hour) for hour in found.hour[first]] == ["2019-03-01", "2019-03-02", "2019-03-03"]
    assert found.n == 31 and found.weight.sum() == pytest.approx(31) and (np.diff(found.hour) >= 0).all()
    assert said.IN_PARTS in texts(found)


def test_a_whole_day_is_one_row_at_its_middle() -> None:
    starts = DAY + np.arange(40) * np.timedelta64(24, "h")
    found = incidents_of(dataset(40, start_hour=starts, end_hour=starts + np.timedelta64(23, "h")), "robbery")
    assert len(found.hour) == 40 and set(found.hour % 24) == {11.5}


def test_as_known_then_a_late_record_is_not_seen_early_and_recent_days_are_left_out() -> None:
    starts = dataset().table["start_hour"]
    known = starts + np.timedelta64(48, "h")
    known[50] = starts[50] + np.timedelta64(20 * 24, "h")
    found = incidents_of(dataset(known_hour=known), "robbery")
    assert found.embargo_hours == 48 and said.LATE in texts(found)
    all_of_it = recorded(found, square_grid(cell_metres=250.0, rows=1, cols=1))
    origin = found.hour[100]
    seen = all_of_it.known_at(origin)
    assert (seen.hour < origin - 48).all() and found.hour[50] not in seen.hour
    assert found.hour[50] in all_of_it.known_at(origin + 20 * 24).hour
    assert seen.until_hour == origin - 48


def test_a_last_updated_column_is_not_mistaken_for_a_report() -> None:
    known = dataset().table["start_hour"] + np.timedelta64(24 * 400, "h")
    found = incidents_of(dataset(known_hour=known), "robbery")
    assert found.embargo_hours == 0 and said.NOT_A_REPORT in texts(found)


def test_the_recording_ends_no_later_than_its_last_day() -> None:
    found = incidents_of(dataset(), "robbery")
    all_of_it = recorded(found, square_grid(cell_metres=250.0, rows=1, cols=1))
    assert all_of_it.known_at(found.until_hour + 500).until_hour == found.until_hour


def test_facts_set_the_days_of_the_recording_where_they_agree() -> None:
    facts = {"from_day": "2019-01-01", "to_day": "2019-04-30"}
    found = incidents_of(replace(dataset(), facts=facts), "robbery")
    assert (day_of(found.from_hour), day_of(found.until_hour - 1)) == ("2019-01-01", "2019-04-30")
    wrong = incidents_of(replace(dataset(), facts={"from_day": "1970-01-01", "to_day": "no day"}), "robbery")
    assert day_of(wrong.from_hour) == "2019-03-01"


def test_since_cuts_the_past_and_says_when_nothing_is_left() -> None:
    found = since(incidents_of(dataset(), "robbery"), hour_of("2019-03-11"))
    assert found.n == 160 and day_of(found.from_hour) == "2019-03-11"
    with pytest.raises(NotEnoughData, match="train_from"):
        since(found, hour_of("2030-01-01"))


def test_outside_is_said_and_a_wrong_boundary_is_refused() -> None:
    east = np.where(np.arange(200) < 10, 400.0, 100.0)
    found = incidents_of(dataset(east_metres=east), "robbery")
    grid = square_grid(cell_metres=250.0, rows=1, cols=1)
    note = outside(found, grid)
    assert note is not None and note.values == {"n": 10, "row": 1}
    assert outside(found, square_grid(cell_metres=250.0, rows=1, cols=2)) is None
    with pytest.raises(InputError, match=r"^areas: \d+ of \d+ incidents lie outside the areas .* four in five"):
        outside(found, square_grid(cell_metres=250.0, rows=1, cols=1, first_col=1))


def test_a_day_is_a_date_or_an_error() -> None:
    assert day_of(hour_of("2020-02-29")) == "2020-02-29"
    for text in ("", "NaT", "yesterday", "2020-13-01"):
        with pytest.raises(InputError, match="not a date"):
            hour_of(text, "start_day")


@pytest.mark.parametrize(("began", "warned"), [("2016-03-01", True), ("2019-01-01", False)])
def test_a_category_that_appears_late_in_a_file_is_said(began: str, warned: bool) -> None:
    found = incidents_of(replace(dataset(), facts={"from_day": began}), "robbery")
    late = [note for note in found.notes if note.text == said.STARTS_LATE]
    assert bool(late) is warned
    assert all(note.values == {"first": "2019-03-01", "began": began} and note.kind == "caveat" for note in late)


def test_all_reported_categories_stand_beside_one_and_discovered_offences_never() -> None:
    words = np.array(["robbery", "drugs", "assault", "theft"] * 50, dtype=object)
    data = dataset(category=words)
    every = with_all_reported(incidents_of(data, "robbery"), data, "robbery").all_reported
    assert every is not None and every.n == 150 and (np.diff(every.hour) >= 0).all()
    assert set(words[every.row].tolist()) == {"robbery", "assault", "theft"}
    patrolled = incidents_of(data, "drugs", discovered_admitted=True)
    beside = with_all_reported(patrolled, data, "drugs").all_reported
    assert beside is not None and set(words[beside.row].tolist()) == {"robbery", "assault", "theft"}


@pytest.mark.parametrize("category", ["robbery", "all"])
def test_where_there_is_no_other_category_nothing_stands_beside(category: str) -> None:
    other = "drugs" if category == "robbery" else "assault"
    data = dataset(category=np.array(["robbery", other] * 100, dtype=object))
    assert with_all_reported(incidents_of(data, category), data, category).all_reported is None


def test_another_category_is_known_no_earlier_than_its_own_records_are() -> None:
    words = np.array(["robbery", "assault"] * 100, dtype=object)
    starts = dataset().table["start_hour"]
    lag = np.where(words == "assault", 10 * 24, 0).astype("timedelta64[h]")
    known = starts + lag
    known[51] = starts[51] + np.timedelta64(30 * 24, "h")
    data = dataset(category=words, known_hour=known)
    found = with_all_reported(incidents_of(data, "robbery"), data, "robbery")
    origin = float(found.hour[60])
    seen = recorded(found, square_grid(cell_metres=250.0, rows=1, cols=1)).known_at(origin)
    every = seen.all_reported
    assert every is not None and found.embargo_hours == 0 and every.until_hour == seen.until_hour == origin
    theirs = incidents_of(data, "assault")
    assert theirs.embargo_hours == 240
    expected = theirs.hour[(theirs.hour < origin - 240) & (theirs.ready <= origin)]
    assert sorted({*every.hour} - {*seen.hour}) == expected.tolist() and theirs.hour[25] not in every.hour
