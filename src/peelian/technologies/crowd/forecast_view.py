"""Pages of the crowd forecast and of its trial: verdict, what is expected, proof, counters, limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.measure.table import Table
from peelian.pictures.charts import Series, lines
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Say, tabled
from peelian.pictures.words import amount, between
from peelian.technologies.crowd.declarations.forecast import AHEAD, HORIZON, HOUR_AHEAD, PLACES, PROOF, WEEK_AHEAD
from peelian.technologies.crowd.trials_view import criteria_head


def forecast_view(findings: Findings, say: Say) -> Panels:
    """Verdict, the busiest counter's week, the next hour and the fullest hour at each counter, proof, limits."""
    return [*note_paragraphs(findings.notes, say, "finding"), *_expected(findings, say), *_proof(findings, say)]


def trial_view(findings: Findings, say: Say) -> Panels:
    """Criteria, findings, proof, limits."""
    return [*criteria_head(findings, say), *_proof(findings, say)]


def _expected(findings: Findings, say: Say) -> list[Panel]:
    rows = list(findings.table("counts_ahead").records())
    if not rows:
        return []
    week = [row for row in rows if row["horizon"] == WEEK_AHEAD]
    fullest: dict[str, Mapping[str, Any]] = {}
    for row in week:
        before = fullest.get(row["area"])
        fullest[row["area"]] = row if before is None or row["expected"] > before["expected"] else before
    panels: list[Panel] = [Heading(text=say("Expected counts"))]
    if fullest:
        busiest = max(fullest.values(), key=lambda row: float(row["expected"]))
        panels.append(_course([row for row in week if row["area"] == busiest["area"]], busiest, say))
        panels.append(_counts(list(fullest.values()), say("Fullest hour of the next week, by counter"), say))
    return [*panels, _counts([r for r in rows if r["horizon"] == HOUR_AHEAD], say("Next hour, by counter"), say)]


def _course(rows: list[Mapping[str, Any]], busiest: Mapping[str, Any], say: Say) -> Panel:
    low, high, expected = (np.array([row[name] for row in rows]) for name in ("low_95", "high_95", "expected"))
    return lines(
        [
            Series(
                name=say(AHEAD.columns["expected"].title),
                x=np.array([row["hour"] for row in rows], dtype="datetime64[s]"),
                y=expected,
                low=low,
                high=high,
            )
        ],
        x_title=say(AHEAD.columns["hour"].title),
        y_title=say("Persons per hour"),
        caption=say("Next week at the busiest counter (%(area)s), with 95%% interval", area=busiest["area"]),
        alternative=say(
            "The fullest hour is %(hour)s, with %(expected)s persons expected.",
            hour=_hour(busiest["hour"]),
            expected=_persons(busiest["expected"], say),
        ),
        x_scale="time",
        y_range=(0.0, None),
        say=say,
    )


def _counts(rows: list[Mapping[str, Any]], caption: str, say: Say) -> Grid:
    return tabled(
        rows,
        (
            AHEAD.column(say, "area"),
            AHEAD.column(say, "hour", lambda row: _hour(row["hour"])),
            AHEAD.column(say, "expected"),
            (say("80% interval"), lambda row: between(say, round(row["low_80"]), round(row["high_80"]))),
            (say("95% interval"), lambda row: between(say, round(row["low_95"]), round(row["high_95"]))),
        ),
        caption=caption,
        numeric={3, 4},
    )


def _proof(findings: Findings, say: Say) -> list[Panel]:
    proof, places = findings.table("ahead_proof"), findings.table("ahead_places")
    compared = tabled(
        proof.records(),
        (
            *PROOF.shown(say, "horizon", "n", "error", "rival_error", "gain"),
            Columns(say=say).interval(say("95% interval"), "gain_low", "gain_high"),
        ),
        caption=say("Forecast errors in persons, compared with the same hour last week"),
        source=proof,
    )
    limits = note_paragraphs(findings.notes, say, "caveat")
    return [
        Heading(text=say("Proof")),
        compared,
        _coverage(proof, say),
        _by_counter(places, say),
        Heading(text=say("Limits")),
        *limits,
    ]


def _coverage(proof: Table, say: Say) -> Grid:
    return tabled(
        proof.records(),
        PROOF.shown(say, "horizon", "covered_80", "covered_95"),
        caption=say("Counts that the intervals held"),
    )


def _by_counter(places: Table, say: Say) -> Grid:
    rows: dict[str, dict[str, float]] = {}
    for row in places.records():
        rows.setdefault(row["area"], {}).update({row["horizon"]: row["error"], "rival": row["rival_error"]})
    return tabled(
        [{"area": area, **errors} for area, errors in rows.items()],
        (
            PLACES.column(say, "area"),
            (HORIZON.cell(say, HOUR_AHEAD), lambda row: amount(say, row.get(HOUR_AHEAD, math.nan))),
            (HORIZON.cell(say, WEEK_AHEAD), lambda row: amount(say, row.get(WEEK_AHEAD, math.nan))),
            PLACES.column(say, "rival_error", lambda row: amount(say, row["rival"])),
        ),
        caption=say("Forecast errors in persons, by counter"),
        numeric={1, 2, 3},
        source=places,
    )


def _hour(hour: Any) -> str:
    return f"{np.datetime64(hour, 'h').item():%Y-%m-%d %H:%M}"


def _persons(value: float, say: Say) -> str:
    return amount(say, round(value))
