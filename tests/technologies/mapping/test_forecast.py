"""The forecast: tested settings only, long-run average beside it, no person, no cell in public, no future data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData, Refused
from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release
from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings, Scalar
from peelian.measure.table import Kind, Table
from peelian.pictures.words import english
from peelian.technologies.mapping import forecast
from peelian.technologies.mapping import when as timing
from peelian.technologies.mapping.areas import ground_digest
from peelian.technologies.mapping.declarations.forecast import FORECAST, ForecastParams
from peelian.technologies.mapping.example import incidents
from peelian.technologies.mapping.models.excitation import THETA
from peelian.technologies.mapping.public_exposure import FEW

EXAMPLE = FORECAST.arithmetic().example()
CONTEXT = Context(seed=1, progress=lambda says, share: None, authorizations=EXAMPLE.authorizations)
WORDS = Words(
    words=FORECAST.arithmetic().vocabulary,
    areas=frozenset(EXAMPLE.datasets["areas"].table["area"].tolist()) | {""},
    groups=frozenset({"newcomers", "long_settled"}),
)


def ran(params: ForecastParams = EXAMPLE.params, datasets: Mapping[str, Dataset] = EXAMPLE.datasets) -> Findings:
    return FORECAST.arithmetic().run(params, datasets, CONTEXT)


FOUND = ran()


def test_what_it_finds_may_leave_and_only_totals_are_public() -> None:
    assert release_faults(FOUND, FORECAST, WORDS) == ()
    public = FORECAST.arithmetic().public(FOUND)
    assert faults_of_a_release(public) == ()
    assert [one.name for one in public.tables] == ["exposure", "town_map"]
    assert not {c.kind for t in public.tables for c in t.columns} & {Kind.PERSONAL}


def test_figures_of_selected_cells_are_public_with_few_digits_and_exposure_of_few_cells_not_at_all() -> None:
    public = FORECAST.arithmetic().public(FOUND)
    seen = [public.facts["expected_named"], *(public.notes[0].values[name] for name in ("named", "share", "area"))]
    assert all(float(value) == float(f"{float(value):.1e}") for value in seen)
    said, exact = (english(one.notes[0].text, **one.notes[0].values) for one in (public, FOUND))
    assert re.search(r"hold about [\d.]+ of them \(about \d\d%\), rounded for the public", said), "no digit too many"
    assert re.search(r"hold \d+\.\d of them \(\d\d\.\d%\)", exact)
    assert FOUND.facts["expected_named"] != public.facts["expected_named"], "those who decide see all digits"
    few = FORECAST.arithmetic().public(ran(replace(EXAMPLE.params, advised_cells=19)))
    assert [one.name for one in few.tables] == ["town_map"] and FEW in {note.text for note in few.notes}


def test_the_public_map_has_one_figure_for_each_area_and_none_of_few_incidents() -> None:
    squares = FORECAST.arithmetic().public(FOUND).table("town_map").records()
    by_area: dict[str, set[float]] = {}
    for row in squares:
        by_area.setdefault(row["area"], set()).add(round(row["value"], 9))
    assert len(by_area) > 4 and all(len(values) == 1 for area, values in by_area.items() if area)
    assert {row["place"].partition(":")[0] for row in squares} == {"500"}
    told = [row["value"] for row in squares if np.isfinite(row["value"])]
    np.testing.assert_allclose(told, [float(f"{value:.0e}") for value in told], rtol=1e-12)
    made = incidents()
    corner = (made.table["east_metres"] > 2_700) & (made.table["north_metres"] > 2_700)  # District 9 and its border
    kept = ~corner | (np.cumsum(corner) <= 10)
    few = replace(made, table=made.table.take(np.flatnonzero(kept)))
    left = ran(datasets={**EXAMPLE.datasets, "incidents": few}).table("town_map").records()
    assert {row["area"] for row in left if np.isnan(row["value"])} == {"District 9"}


def test_every_cell_has_its_count_interval_and_the_count_maps_own() -> None:
    everywhere = FOUND.table("forecast")
    assert len(everywhere) == FOUND.facts["cells"]
    assert (everywhere["low"] <= everywhere["high"]).all() and (everywhere["expected"] > 0).all()
    assert (everywhere["long_run"] > 0).all()
    assert everywhere["expected"].sum() == pytest.approx(FOUND.facts["expected_total"])


def test_advised_places_are_the_highest_and_their_parts_add_up() -> None:
    advice, everywhere = FOUND.table("advice"), FOUND.table("forecast")
    assert len(advice) == EXAMPLE.params.advised_cells
    assert advice["expected"].tolist() == sorted(everywhere["expected"].tolist(), reverse=True)[: len(advice)]
    np.testing.assert_allclose(advice["background"] + advice["recent"], advice["expected"], rtol=1e-9)
    assert (advice["recent"] >= 0).all() and advice["recent_n"].sum() > 0


def test_a_held_out_window_sees_nothing_of_itself_or_later() -> None:
    params = replace(EXAMPLE.params, start_day="2019-06-03", shifts=())
    made = incidents()
    before = made.table["start_hour"] < np.datetime64("2019-06-03", "h")
    cut = replace(made, table=made.table.take(before), facts={**made.facts, "to_day": "2019-06-02"})
    whole, past = (ran(params, {**EXAMPLE.datasets, "incidents": data}) for data in (made, cut))
    np.testing.assert_allclose(whole.table("forecast")["expected"], past.table("forecast")["expected"], rtol=1e-12)


def test_what_it_expects_comes() -> None:
    params = replace(EXAMPLE.params, start_day="2019-11-04", window_days=28)
    found = ran(params)
    made = incidents().table["start_hour"]
    start = np.datetime64("2019-11-04", "h")
    came = int(((made >= start) & (made < start + np.timedelta64(28 * 24, "h"))).sum())
    assert found.facts["expected_total"] == pytest.approx(came, rel=0.25)


def test_old_data_are_said_and_too_old_ones_refused() -> None:
    later = ran(replace(EXAMPLE.params, start_day="2020-01-20"))
    assert [n.values["days"] for n in later.notes if n.text == forecast.STALE] == [21]
    with pytest.raises(InputError, match="ends 98 days before"):
        ran(replace(EXAMPLE.params, start_day="2020-04-06"))


def test_too_little_before_the_start_is_not_enough() -> None:
    with pytest.raises(NotEnoughData, match="needed"):
        ran(replace(EXAMPLE.params, start_day="2018-01-06"))


@pytest.mark.parametrize(("days", "points"), [(19, 400), (400, 19)])
def test_advice_needs_twenty_dates_and_twenty_points(days: int, points: int) -> None:
    made, chance = incidents(), np.random.default_rng(1)
    hours = chance.integers(0, days, 3_000) * 24 + chance.integers(0, 24, 3_000)
    when = np.datetime64("2019-11-01", "h") + (hours % (59 * 24)).astype("timedelta64[h]")
    spot = chance.integers(0, points, 3_000)
    moved = {
        "start_hour": when,
        "end_hour": when,
        "east_metres": 220.0 * (spot % 20),
        "north_metres": 220.0 * (spot // 20),
    }
    columns = tuple(replace(column, values=moved.get(column.name, column.values)) for column in made.table.columns)
    few = replace(made, table=replace(made.table, columns=columns))
    with pytest.raises(NotEnoughData, match=rf"{min(days, 59)} dates and {points} points before start_day"):
        ran(replace(EXAMPLE.params, start_day="2019-12-30"), {**EXAMPLE.datasets, "incidents": few})


def test_discovered_offences_are_refused() -> None:
    with pytest.raises(Refused):
        ran(replace(EXAMPLE.params, category="public_order"))


def test_it_needs_the_report_of_exactly_this_use() -> None:
    need = next(n for n in FORECAST.needs if n.kind is AuthorizationKind.ACCURACY_REPORT)
    begins = {"shifts", "shift_day", "shift_evening", "shift_night"}
    plain = {"category", "cell_metres", "window_days", "model", "shift"}
    assert set(need.covers(EXAMPLE.params)) == plain | begins
    assert set(need.covers(replace(EXAMPLE.params, shifts=()))) == plain
    assert {n.kind for n in FORECAST.needs} >= {AuthorizationKind.COUNCIL_APPROVAL, AuthorizationKind.IMPACT_ASSESSMENT}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"start_day": "tomorrow"}, "start_day"),
        ({"advised_cells": 0}, "advised_cells"),
        ({"advised_cells": 5000}, "advised_cells"),
        ({"train_from": "x"}, "train_from"),
        ({"model": "oracle"}, "column models?: not one of the choices"),
    ],
)
def test_impossible_parameters_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        FORECAST.asks.check(replace(EXAMPLE.params, **changes))


def test_no_advice_is_given_whose_exposure_cannot_be_told() -> None:
    assert not next(read for read in FORECAST.reads if read.role == "areas").optional
    areas = EXAMPLE.datasets["areas"]
    too_few = replace(areas, table=areas.table.take(np.arange(7)))
    no_group = replace(areas, facts={**areas.facts, "groups": ""})
    for given in ({}, {"areas": too_few}, {"areas": no_group}):
        with pytest.raises(NotEnoughData, match=r"exposure by group cannot be told.*at least 8 areas with residents"):
            ran(datasets={"incidents": EXAMPLE.datasets["incidents"], **given})


@pytest.mark.parametrize(
    ("tested", "says"),
    [
        ({}, "tested without the town's areas"),
        ({"ground_digest": "0" * 64, "ground_km2": 12.25}, "other ground .12.2 km². than these areas .20.2 km²."),
    ],
)
def test_a_forecast_is_of_the_ground_that_was_tested(tested: dict[str, Scalar], says: str) -> None:
    report = dict(EXAMPLE.authorizations[AuthorizationKind.ACCURACY_REPORT])
    del report["ground_digest"]
    context = replace(CONTEXT, authorizations={AuthorizationKind.ACCURACY_REPORT: {**report, **tested}})
    with pytest.raises(InputError, match=says):
        FORECAST.arithmetic().run(EXAMPLE.params, EXAMPLE.datasets, context)


def test_areas_in_another_order_are_the_same_ground_and_other_outlines_are_not() -> None:
    areas = EXAMPLE.datasets["areas"]
    turned, fewer = (replace(areas, table=areas.table.take(rows)) for rows in (np.arange(9)[::-1], np.arange(8)))
    assert ground_digest(turned) == ground_digest(areas) != ground_digest(fewer)


def test_what_was_recorded_in_each_selected_cell_is_told_by_eight_weeks() -> None:
    past, advice = FOUND.table("history"), FOUND.table("advice")
    last = past["from_day"] == past["from_day"].max()
    assert past["place"][last].tolist() == advice["place"].tolist()
    assert past["n"][last].tolist() == advice["recent_n"].tolist(), "the last period is the recent one"
    n = len(np.unique(past["from_day"]))
    assert n == 13 and len(past) == n * len(advice) and set(np.diff(np.unique(past["from_day"])).astype(int)) == {56}
    assert past["n"].sum() <= FOUND.facts["n"]
    assert "history" not in {table.name for table in FORECAST.arithmetic().public(FOUND).tables}, "no cell is public"


def test_the_places_named_are_cells_never_persons() -> None:
    table: Table = FOUND.table("advice")
    assert not {column.kind for column in table.columns} & {Kind.PERSONAL, Kind.PSEUDONYM}
    assert all(place.startswith("250:") for place in table["place"].tolist())


def test_what_a_model_cannot_tell_is_said_with_its_forecast() -> None:
    params = replace(EXAMPLE.params, model="self_exciting")
    authorizations = {
        **EXAMPLE.authorizations,
        AuthorizationKind.ACCURACY_REPORT: {
            **EXAMPLE.authorizations[AuthorizationKind.ACCURACY_REPORT],
            "model": params.model,
        },
    }
    context = Context(seed=1, progress=lambda says, share: None, authorizations=authorizations)
    found = FORECAST.arithmetic().run(params, EXAMPLE.datasets, context)
    assert release_faults(found, FORECAST, WORDS) == ()
    assert [note.values["theta"] >= 0 for note in found.notes if note.text == THETA] == [True]


def test_the_shifts_together_are_the_window_and_one_alone_is_its_part() -> None:
    """The counts of each shift, cell by cell, sum to those of the window; so do both parts of every reason."""
    parts = [ran(replace(EXAMPLE.params, shift=shift)) for shift in ("day", "evening", "night")]
    whole = FOUND.table("forecast")
    for name in ("expected", "long_run"):
        np.testing.assert_allclose(sum(part.table("forecast")[name] for part in parts), whole[name], rtol=1e-9)
    for part, expected in zip(parts, FOUND.table("shifts")["expected"], strict=True):
        advice = part.table("advice")
        assert part.table("forecast")["expected"].sum() == pytest.approx(expected)
        np.testing.assert_allclose(advice["background"] + advice["recent"], advice["expected"], rtol=1e-9)
        assert "shift" not in advice and timing.ONE_SHIFT in {note.text for note in part.notes}
    assert [part.facts["shift"] for part in parts] == ["day", "evening", "night"]
    assert set(FOUND.table("advice")["shift"].tolist()) <= {"day", "evening", "night"}


def test_a_day_of_shifts_sees_what_was_recorded_before_its_first_hour_only() -> None:
    params = replace(EXAMPLE.params, start_day="2019-06-03", shift="night")
    made = incidents()
    before = made.table["start_hour"] < np.datetime64("2019-06-03T07", "h")
    cut = replace(made, table=made.table.take(before), facts={**made.facts, "to_day": "2019-06-03"})
    whole, past = (ran(params, {**EXAMPLE.datasets, "incidents": data}) for data in (made, cut))
    np.testing.assert_allclose(whole.table("forecast")["expected"], past.table("forecast")["expected"], rtol=1e-12)


def test_months_alone_have_no_shifts() -> None:
    months = replace(EXAMPLE.datasets["incidents"], facts={**EXAMPLE.datasets["incidents"].facts, "months_only": True})
    with pytest.raises(InputError, match="months only: no shifts"):
        ran(replace(EXAMPLE.params, window_days=31), {**EXAMPLE.datasets, "incidents": months})
