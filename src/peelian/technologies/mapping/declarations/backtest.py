"""The back-test: every model on held-out windows, against the acceptance criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peelian.kernel.model.capability import (
    Asks,
    Attempt,
    AuthorizationKind,
    Capability,
    Findings,
    Grant,
    Need,
    Purpose,
    Read,
    Role,
    Scalar,
    deferred,
)
from peelian.kernel.model.criteria import titles
from peelian.kernel.model.parameters import choice, day, number, text
from peelian.technologies.mapping.declarations.criteria import CRITERIA
from peelian.technologies.mapping.declarations.exposure import EXPOSURE
from peelian.technologies.mapping.declarations.landmarks import LANDMARK_CARD
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, offences
from peelian.technologies.mapping.declarations.scores import EMITS
from peelian.technologies.mapping.declarations.shifts import (
    ALL_SHIFTS,
    SHIFT_HELP,
    SHIFTS_HELP,
    WHEN,
    check_shifts,
    shift_facts,
)
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

PLAIN_MODELS = ("uniform", "long_run", "moving", "density", "decayed")


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestParams:
    """What is tested, on which windows. All of it is fixed before any score is computed."""

    category: str = offences()
    cell_metres: int = cell_side()
    window_days: int = days_long(7, "Length of each window")
    model: str = choice(DEFAULT, "Model to test", TITLES)
    models: tuple[str, ...] = choice(PLAIN_MODELS, "Models to compare", TITLES)
    origins: int = number(52, "Number of consecutive windows (at least 26 for a reliable result)", 1, 1_000)
    first_origin: str = day("", "First day of the first window (empty: the latest windows)", (1, 0))
    train_from: str = history_from()
    shifts: tuple[str, ...] = text((), SHIFTS_HELP)
    shift: str = text(ALL_SHIFTS, SHIFT_HELP)
    offsets: int = choice(4, "Number of grids: 1, or 4 to also score grids shifted by half a cell", (1, 4))


def report_body(params: BacktestParams, findings: Findings) -> dict[str, Scalar]:
    """The accuracy report's body: what it covers, what was reached, and the digests of data and settings."""
    return tested(params) | {name: findings.facts[name] for name in REPORTED if name in findings.facts}


def covered(params: object) -> dict[str, Scalar]:
    """What an accuracy report must agree with: category, cell, window, model, and the shift ("all" without any)."""
    return {**{name: getattr(params, name) for name in COVERED}, "shift": getattr(params, "shift", ALL_SHIFTS)}


def tested(params: Any) -> dict[str, Scalar]:
    """The same, and when the shifts begin: a shift is forecast only where it was tested."""
    return covered(params) | shift_facts(params.shifts)


def attempt(findings: Findings, data: Mapping[str, Mapping[str, Scalar]]) -> Attempt:
    """What a test scored: one category in the days of its windows. Near: where its incidents lie. Of findings that an
    older version kept without their first day, any day before the last one."""
    facts, near, bars = findings.facts, data.get("incidents", {}), findings.table("criteria")
    return Attempt(
        of=str(facts["category"]),
        first=str(facts.get("first_day", "")),
        last=str(facts["until_day"]),
        near=(float(near.get("centre_lon", "nan")), float(near.get("centre_lat", "nan"))),
        criteria=dict(zip(bars["criterion"].tolist(), bars["needed"].tolist(), strict=True)),
        results={name: facts[name] for name in RESULTS if name in facts},
    )


RESULTS = ("criteria_met", "bits", "hit_rate_5", "n")
COVERED = ("category", "cell_metres", "window_days", "model")
REPORTED = {
    "settings_digest": "SHA-256 of the settings",
    "data_digest": "SHA-256 of the data",
    "until_day": "Data until",
    "criteria_met": "Acceptance criteria met",
    "bits": "Gain over the long-run average (bits per incident)",
    "bits_low": "Lower end of its 95% interval",
    "hit_rate_5": "Hit rate at 5% of the area",
    "ground_digest": "SHA-256 of the tested ground",
    "ground_km2": "Tested ground (km²)",
    "n": "Incidents tested",
    "origins": "Windows tested",
}
"""What an accuracy report tells of a trial: its facts, by title. Without an interval `bits_low` is none of them."""
REPORT_TITLES = REPORTED | {
    "shift": "Shift",
    "shifts": "Number of shifts",
    "attempt": "Attempt on these weeks",
    "first_case": "Case of the first attempt",
    "first_criteria_met": "First attempt: acceptance criteria met",
    "first_bits": "First attempt: gain (bits per incident)",
    "first_hit_rate_5": "First attempt: hit rate at 5% of the area",
    "first_n": "First attempt: incidents tested",
    **titles(CRITERIA),
}


def settings_asked(params: BacktestParams) -> dict[str, Scalar]:
    asked: dict[str, Scalar] = {
        "offsets": params.offsets,
        "train_from": params.train_from,
        "begins": params.first_origin,
    }
    return {**covered(params), **asked}


BACKTEST = Capability(
    id="mapping.backtest",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Forecast back-test",
    about="Forecasts past weeks from earlier data only and compares each model with the long-run average.",
    asks=Asks(
        params=BacktestParams,
        titled=about("%(category)s: back-test, %(origins)d windows, %(metres)d m"),
        together=check_shifts,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True, preferred=True),
        Read(role="landmarks", title="landmarks", shape="landmarks", optional=True),
    ),
    emits=(*EMITS, TOWN_MAP, EXPOSURE, LANDMARK_CARD, *WHEN),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="mapping.forecast",
        body=report_body,
        titles=REPORT_TITLES,
        may=lambda findings: bool(findings.facts["criteria_met"]),
        attempt=attempt,
    ),
    arithmetic=deferred("peelian.technologies.mapping.backtest:ARITHMETIC"),
)
