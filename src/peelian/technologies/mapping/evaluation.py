"""Evaluate an action at places: the plan with its power, and the verdict from placebo ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import (
    Arithmetic,
    AuthorizationKind,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
)
from peelian.measure.table import Table
from peelian.technologies.mapping import example, incidents
from peelian.technologies.mapping.before_after import (
    NOTHING,
    Estimate,
    relative_difference,
    synthetic_weights,
    weighted_displacement,
)
from peelian.technologies.mapping.days import day_of
from peelian.technologies.mapping.declarations.evaluation import (
    ACTIONS,
    BY_AREA,
    COURSE,
    FALLS,
    MEASURES,
    PLACEBOS,
    POWER,
    EvaluationParams,
    PlanParams,
    registered,
)
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.evaluated_ground import Ground, ground_of, windows_of
from peelian.technologies.mapping.evaluation_view import evaluation_view, plan_view
from peelian.technologies.mapping.ground import NOT_IN_TABLES
from peelian.technologies.mapping.map_views import EVALUATED_MAP, PLANNED_MAP
from peelian.technologies.mapping.placebos import (
    LEAST_BEFORE,
    LEAST_PLACEBOS,
    SURE,
    Judged,
    Pairs,
    Windows,
    change_against_placebos,
    pairs_of,
    power,
)
from peelian.technologies.mapping.town_map import map_of_areas, without_map

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MONTH_DAYS = 28
ENOUGH_SHOWN = 11  # incidents of an area before it has a figure on the map
MUCH_LARGER = 2.0
TREATED, NEARBY, COMPARED = "treated", "nearby", "compared"

FELL = (
    "Reported incidents fell at the treated areas by %(change).0f%% (95%% interval %(least).0f%% to %(most).0f%%) more "
    "than at comparable places and times without treatment (p = %(p).3f)."
)
ROSE = (
    "Reported incidents rose at the treated areas by %(change).0f%% (95%% interval %(least).0f%% to %(most).0f%%) more "
    "than at comparable places and times without treatment (p = %(p).3f)."
)
NOT_SHOWN = (
    "No effect is shown: %(ratio).2f times as many incidents as predicted (95%% interval %(low).2f to %(high).2f, "
    "p = %(p).3f that it fell)."
)
NO_VERDICT = (
    "No verdict: %(n)d comparable places and times, %(least)d are needed. More history, shorter periods or more areas "
    "give more."
)
RANKED = "Compared with %(n)d pairs of an area and a time that stood out as much before and were not treated."
POWER_TOLD = "A fall of 40%% would be found %(forty).0f times in 100, one of 20%% %(twenty).0f times."
POWER_PLANNED = (
    "A fall of 40%% will be found %(forty).0f times in 100, one of 20%% %(twenty).0f times. If that is too rarely, "
    "treat more areas or wait longer."
)
NEARBY_TOLD = (
    "In the %(areas)d areas within %(metres)d m, incidents came to %(ratio).2f times what the town's change gives "
    "(95%% interval %(low).2f to %(high).2f, by counts alone)."
)
NO_NEARBY = "No area lies within %(metres)d m of the treated ones. Displacement was not looked at."
WINDOWS = (
    "Treated areas: %(areas)d. Periods: %(before)d days long before, %(chosen)d days just before, %(after)d days from "
    "%(since)s on."
)
REGISTERED = (
    "Registered before the action: the plan was adopted on %(adopted)s, from data until %(day)s. The action began on "
    "%(since)s."
)
RETROSPECTIVE = (
    "Retrospective: the plan was adopted on %(adopted)s, after the action began on %(since)s. Whoever chose the "
    "settings could know the outcome."
)
UNDATED = "Retrospective: nothing shows that the plan was adopted before the action began on %(since)s."
ADOPT_BY = "Adopt this plan by %(since)s, the first day of the action. Adopted later, the evaluation is retrospective."
AFTER_A_PEAK = (
    "Places are usually chosen after a peak, and counts then fall by themselves. That is why the comparison is with "
    "places and times that stood out as much."
)
OTHER_CHANGES = "Whatever else changed at the treated areas at the same time counts as effect."
REPORTED_ONLY = "Only reported incidents count. An action can change how much people report."
LARGEST = "No place compared with is nearly as large as a treated area. Smaller places may change differently."
BY_COUNTS = (
    "Difference in differences and weighted displacement are descriptions. Their intervals know of chance in the "
    "counts only and are too narrow."
)
MESSAGES = frozenset(
    {
        FELL, ROSE, NOT_SHOWN, NO_VERDICT, RANKED, POWER_TOLD, POWER_PLANNED, NEARBY_TOLD, NO_NEARBY, WINDOWS,
        REGISTERED, RETROSPECTIVE, UNDATED, ADOPT_BY,
        AFTER_A_PEAK, OTHER_CHANGES, REPORTED_ONLY, LARGEST, BY_COUNTS, *incidents.SENTENCES,
    }
)  # fmt: skip


def run(params: EvaluationParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """The verdict with its descriptions. O(incidents log areas + areas × times + placebo sets × treated)."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    wanted = registered(params)
    if any(criteria.get(name) != value for name, value in wanted.items()):
        raise InputError("not what was registered", accepted="exactly the settings of the adopted plan")
    ground = ground_of(params, datasets, context, planned=False)
    windows = windows_of(params)
    pairs = pairs_of(ground.total, windows, ground.since, apart=ground.apart)
    found = _judged(pairs, ground, context.seed)
    context.progress("Comparing with places without treatment", 0.5)
    powers = _powers(found, context.seed)
    measures = _measures(ground, windows, pairs, found)
    return Findings(
        tables=(
            _measure_table(measures),
            *_power_tables(powers),
            *_placebo_tables(found),
            _course(ground, windows),
            _by_area(ground, windows),
            _map(ground, pairs),
        ),
        notes=(
            *_verdict(found),
            when := _planned(params.since, str(criteria["planned_until"]), context),
            *_told(params, ground, measures, powers),
            *_caveats(ground, pairs, found),
        ),
        facts=_facts(params, datasets, ground, found, powers)
        | {"verdict": _word(found), "registered_before": when.text == REGISTERED},
    )


def run_plan(params: EvaluationParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """What the evaluation could find, from the time before the action. Growth as `run`."""
    ground = ground_of(params, datasets, context, planned=True)
    pairs = pairs_of(ground.total, windows_of(params), ground.since, apart=ground.apart, known=False)
    found = _judged(pairs, ground, context.seed)
    powers = _powers(found, context.seed)
    first = _power_note(POWER_PLANNED, powers) if powers else _too_few(found)
    by = Note(text=ADOPT_BY, values={"since": params.since}, kind="caveat")
    return Findings(
        tables=(*_power_tables(powers), _map_of_parts(ground)),
        notes=(first, _ranked(found), _windows_note(params), by, *_always(), *_on_data(ground)),
        facts=_facts(params, datasets, ground, found, powers) | {"enough": bool(powers)},
    )


def _judged(pairs: Pairs, ground: Ground, seed: int) -> Judged:
    found = change_against_placebos(pairs, ground.treated, ground.since, ground.apart, seed)
    if found is None:
        says = sentence("Not enough data: a treated area has fewer than %(n)d incidents long before", n=LEAST_BEFORE)
        raise NotEnoughData(says, accepted="a longer period before, larger areas or a wider category")
    return found


def _powers(found: Judged, seed: int) -> dict[float, float]:
    return {fall: power(found, fall, seed) for fall in FALLS} if len(found.z) else {}


def _measures(ground: Ground, windows: Windows, pairs: Pairs, found: Judged) -> dict[str, Estimate]:
    compared = np.flatnonzero(~ground.apart)
    treated, control = ground.counts(ground.treated, windows), ground.counts(compared, windows)
    nearby = np.flatnonzero(ground.nearby)
    around = ground.counts(nearby, windows)
    like_treated, like_nearby = _alike(pairs, ground, ground.treated), _alike(pairs, ground, nearby)
    displaced = weighted_displacement(
        treated,
        ground.counts(like_treated, windows),
        around,
        ground.counts(like_nearby, windows),
        length=windows.after / windows.before,
    )
    return {
        "matched": Estimate(value=found.ratio, low=found.low, high=found.high),
        "difference": relative_difference(treated, control),
        "synthetic": _synthetic(ground, windows),
        "around": relative_difference(around, control) if len(nearby) else NOTHING,
        "displacement": displaced,
    }


def _alike(pairs: Pairs, ground: Ground, of: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each area one that is neither treated nor nearby and had about as many incidents before; each once."""
    now = pairs.day == ground.since
    before = np.zeros(len(ground.areas))
    before[pairs.area[now]] = pairs.before[now]
    free, taken = np.flatnonzero(~ground.apart).tolist(), []
    for area in of.tolist():
        if free:
            taken.append(free.pop(int(np.argmin(np.abs(before[free] - before[area])))))
    return np.array(taken, dtype=np.int64)


def _periods(ground: Ground, windows: Windows) -> tuple[Floats, int]:
    """Incidents of each area in periods of four weeks, and how many of these lie before the action."""
    span = min(ground.since, windows.before + windows.chosen)
    past, ahead = span // MONTH_DAYS, windows.after // MONTH_DAYS
    edges = ground.since + MONTH_DAYS * np.arange(-past, ahead + 1)
    return np.diff(ground.total[:, edges], axis=1), past


def _synthetic_course(ground: Ground, windows: Windows) -> tuple[Floats, Floats, int]:
    counts, past = _periods(ground, windows)
    treated, donors = counts[ground.treated].sum(axis=0), counts[~ground.apart]
    scaled = donors * (treated[:past].sum() / np.maximum(donors[:, :past].sum(axis=1, keepdims=True), 1.0))
    weights = synthetic_weights(treated[:past], scaled[:, :past])
    return treated, weights @ scaled, past


def _synthetic(ground: Ground, windows: Windows) -> Estimate:
    if bool(ground.apart.all()) or windows.before + windows.chosen < MONTH_DAYS or windows.after < MONTH_DAYS:
        return NOTHING
    treated, made, past = _synthetic_course(ground, windows)
    ratio = float(treated[past:].sum() / made[past:].sum()) if made[past:].sum() > 0 else float("nan")
    return Estimate(value=ratio, low=float("nan"), high=float("nan"))


def _measure_table(measures: Mapping[str, Estimate]) -> Table:
    return MEASURES.of(
        {
            "measure": [*measures],
            "value": np.array([one.value for one in measures.values()]),
            "low": np.array([one.low for one in measures.values()]),
            "high": np.array([one.high for one in measures.values()]),
        }
    )


def _power_tables(powers: Mapping[float, float]) -> tuple[Table, ...]:
    return (POWER.of({"fall": [*powers], "power": [*powers.values()]}),) if powers else ()


def _placebo_tables(found: Judged) -> tuple[Table, ...]:
    """The ratios at the placebo sets, lowest first; they name no place."""
    if not len(found.z):
        return ()
    ratios = np.sort(np.exp(found.sums / (1 / found.spread).sum()))
    return (PLACEBOS.of({"rank": np.arange(1, len(ratios) + 1), "ratio": ratios}),)


def _course(ground: Ground, windows: Windows) -> Table:
    treated, made, past = _synthetic_course(ground, windows)
    return COURSE.of({"month": np.arange(len(treated)) - past, "treated": treated, "synthetic": made})


def _parts(ground: Ground) -> NDArray[Any]:
    parts = np.where(ground.nearby, NEARBY, COMPARED).astype(object)
    parts[ground.treated] = TREATED
    return parts


def _by_area(ground: Ground, windows: Windows) -> Table:
    counts = [ground.counts([k], windows) for k in range(len(ground.areas))]
    return BY_AREA.of(
        {
            "area": np.array(ground.areas.names, dtype=object),
            "part": _parts(ground),
            "before": np.array([before for before, _ in counts]),
            "after": np.array([after for _, after in counts]),
        }
    )


def _map(ground: Ground, pairs: Pairs) -> Table:
    """What came over what the town's change gives, by area; no figure below 11 incidents before."""
    now = pairs.day == ground.since
    ratio = np.full(len(ground.areas), np.nan)
    enough = now & (pairs.before >= ENOUGH_SHOWN) & (pairs.expected > 0)
    ratio[pairs.area[enough]] = pairs.after[enough] / pairs.expected[enough]
    return map_of_areas(ground.areas, ratio)


def _map_of_parts(ground: Ground) -> Table:
    """2 for treated areas, 1 for those nearby, 0 for those compared with."""
    values = ground.nearby.astype(np.float64)
    values[ground.treated] = 2.0
    return map_of_areas(ground.areas, values)


def _word(found: Judged) -> str:
    if not len(found.z):
        return "undecided"
    return "fell" if found.p_fell <= SURE else "rose" if found.p_rose <= SURE / 2 else "not_shown"


def _too_few(found: Judged) -> Note:
    return Note(text=NO_VERDICT, values={"n": found.distinct, "least": LEAST_PLACEBOS})


def _power_note(text: str, powers: Mapping[float, float]) -> Note:
    return Note(text=text, values={"forty": 100 * powers[0.4], "twenty": 100 * powers[0.2]})


def _ranked(found: Judged) -> Note:
    return Note(text=RANKED, values={"n": found.distinct})


def _verdict(found: Judged) -> list[Note]:
    word = _word(found)
    if word == "undecided":
        return [_too_few(found)]
    away = sorted((abs(100 * (found.low - 1)), abs(100 * (found.high - 1))))
    change: dict[str, Scalar] = {"change": abs(100 * (found.ratio - 1)), "least": away[0], "most": away[1]}
    told: dict[str, Scalar] = {"ratio": found.ratio, "low": found.low, "high": found.high, "p": found.p_fell}
    says = {
        "fell": Note(text=FELL, values={**change, "p": found.p_fell}),
        "rose": Note(text=ROSE, values={**change, "p": found.p_rose}),
        "not_shown": Note(text=NOT_SHOWN, values=told),
    }
    return [says[word], _ranked(found)]


def _windows_note(params: EvaluationParams) -> Note:
    values: dict[str, Scalar] = {
        "areas": len(params.treated),
        "before": params.before_days,
        "chosen": params.chosen_days,
        "after": params.after_days,
        "since": params.since,
    }
    return Note(text=WINDOWS, values=values)


def _planned(since: str, day: str, context: Context) -> Note:
    """Whether the log has the plan's adoption by the first day of the action; else it is retrospective."""
    adopted = context.issued.get(AuthorizationKind.ACCEPTANCE_CRITERIA, "")
    if not adopted:
        return Note(text=UNDATED, values={"since": since}, kind="caveat")
    values: dict[str, Scalar] = {"adopted": adopted, "since": since}
    if adopted > since:
        return Note(text=RETROSPECTIVE, values=values, kind="caveat")
    return Note(text=REGISTERED, values=values | {"day": day})


def _told(
    params: EvaluationParams, ground: Ground, measures: Mapping[str, Estimate], powers: Mapping[float, float]
) -> list[Note]:
    notes, around = [], measures["around"]
    if powers:
        notes.append(_power_note(POWER_TOLD, powers))
    if np.isfinite(around.value):
        told: dict[str, Scalar] = {"ratio": around.value, "low": around.low, "high": around.high}
        told |= {"areas": int(ground.nearby.sum()), "metres": params.nearby_metres}
        notes.append(Note(text=NEARBY_TOLD, values=told))
    elif not ground.nearby.any():
        notes.append(Note(text=NO_NEARBY, values={"metres": params.nearby_metres}))
    return [*notes, _windows_note(params), *_on_data(ground)]


def _on_data(ground: Ground) -> list[Note]:
    """What is said of the data, without what only a forecast has to know."""
    return [note for note in ground.found.notes if note.text not in (incidents.LATE, incidents.UNKNOWN_LAG)]


def _always() -> tuple[Note, ...]:
    return tuple(Note(text=text, kind="caveat") for text in (AFTER_A_PEAK, OTHER_CHANGES, REPORTED_ONLY))


def _caveats(ground: Ground, pairs: Pairs, found: Judged) -> list[Note]:
    others = pairs.expected[~ground.apart[pairs.area] & np.isfinite(pairs.expected)]
    largest = float(others.max()) if len(others) else 0.0
    notes = [*_always(), Note(text=BY_COUNTS, kind="caveat")]
    if len(found.z) and float(found.offset.max()) > MUCH_LARGER * largest:
        notes.insert(0, Note(text=LARGEST, kind="caveat"))
    return notes


def _facts(
    params: EvaluationParams,
    datasets: Mapping[str, Dataset],
    ground: Ground,
    found: Judged,
    powers: Mapping[float, float],
) -> dict[str, Scalar]:
    return {
        "category": params.category,
        "action": params.action,
        "since": params.since,
        "after_days": params.after_days,
        "treated_areas": len(ground.treated),
        "areas": len(ground.areas),
        "n": ground.found.n,
        "placebos": found.distinct,
        "until_day": day_of(ground.found.until_hour - 1),
        "power_40": round(powers.get(0.4, 0.0), 3),
        "data_digest": datasets["incidents"].digest,
    }


def what_may_be_public(findings: Findings) -> Findings:
    """Verdict, ratios, power and the placebos' ratios; no counts of areas or months, and no map."""
    tables = []
    for one in without_map(findings).tables:
        if one.name == "evaluation":
            kept = np.asarray(one["measure"], dtype=object) != "displacement"
            tables.append(one.take(np.flatnonzero(kept)))
        elif one.name in ("evaluation_power", "evaluation_placebos"):
            tables.append(one)
    return Findings(tables=tuple(tables), notes=findings.notes, facts=findings.facts)


def _example(*, planned: bool) -> Example:
    """The made-up town; one of its districts had new lights for eight weeks."""
    params = (PlanParams if planned else EvaluationParams)(
        treated=("District 1",), since="2019-11-04", category=example.CATEGORY,
        after_days=56, before_days=182, chosen_days=28,
    )  # fmt: skip
    made = example.incidents()
    datasets = {"incidents": until(made, params.since) if planned else made, "areas": example.areas()}
    if planned:
        return Example(params=params, datasets=datasets)
    body = {**registered(params), "planned_until": "2019-11-03", "power_40": 0.5}
    return Example(params=params, datasets=datasets, authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: body})


def until(dataset: Dataset, day: str) -> Dataset:
    """The incidents that began before `day`, as they were known then."""
    kept = np.flatnonzero(np.asarray(dataset.table["start_hour"]) < np.datetime64(day, "h"))
    last = str(np.datetime64(day, "D") - np.timedelta64(1, "D"))
    facts = {**dataset.facts, "to_day": last, "n": len(kept)}
    return replace(dataset, id="example-earlier", digest="7" * 64, table=dataset.table.take(kept), facts=facts)


VOCABULARY = frozenset(
    {*ACTIONS, "matched", "difference", "synthetic", "around", "displacement", TREATED, NEARBY, COMPARED, ALL_REPORTED,
     "fell", "rose", "not_shown", "undecided"})  # fmt: skip
ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: _example(planned=False),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=what_may_be_public,
    shows=Shows(view=evaluation_view, map=EVALUATED_MAP),
    counts=NOT_IN_TABLES,
)
PLAN_ARITHMETIC = Arithmetic(
    run=run_plan,
    example=lambda: _example(planned=True),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=without_map,
    shows=Shows(view=plan_view, map=PLANNED_MAP),
    counts=NOT_IN_TABLES,
)
