"""The feedback stress test as a case: what would patrols that follow records do to this town in the long run?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

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
from peelian.measure.projection import Projection
from peelian.measure.sums import inner
from peelian.measure.table import Table
from peelian.technologies.mapping import example, incidents
from peelian.technologies.mapping.areas import Areas, areas_of
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.sending import Sending, Way
from peelian.technologies.mapping.declarations.stressing import BY_AREA, COURSE, WAYS, StressParams
from peelian.technologies.mapping.feedback import Course, Floats, Stress, live_through
from peelian.technologies.mapping.ground import NOT_IN_TABLES
from peelian.technologies.mapping.incidents import Incidents, incidents_at_points
from peelian.technologies.mapping.map_views import STRESSED_MAP
from peelian.technologies.mapping.stressing_view import stressing_view
from peelian.technologies.mapping.town_map import map_of_areas

LEAST_AREAS = 4
LEAST_INCIDENTS = 50

MISPLACED = (
    "After %(days)d days of patrols that follow the records, %(naive).0f%% of patrols are misplaced with "
    "records as they are, %(corrected).0f%% with discoveries weighted by the inverse chance of a patrol, "
    "and %(surveyed).0f%% with reports divided by the reporting rate."
)
TOWARDS = (
    "Areas with an above-median share of %(group)s have %(truth).0f%% of true incidents. They get "
    "%(naive).0f%%, %(corrected).0f%% and %(surveyed).0f%% of patrols by the three methods."
)
RUNS_AWAY = "Uncorrected patrols drift from true incidents: misplaced patrols rise from %(first).0f%% to %(last).0f%%."
HOLDS = "Under these assumptions, uncorrected patrols do not drift from true incidents."
NOT_REPAIRED = (
    "Weighting corrects what patrols discover. It cannot correct lower reporting in some areas. Only a "
    "survey of residents can."
)
ASSUMED = (
    "True incidents are assumed, not measured: records divided by a reporting rate of %(high).0f%% where "
    "the share of %(group)s is lowest and %(low).0f%% where it is highest. Only a survey can measure the "
    "reporting rate."
)
LIVED = "Based on %(runs)d simulations. In them, patrols change only what is recorded."
MESSAGES = frozenset({MISPLACED, TOWARDS, RUNS_AWAY, HOLDS, NOT_REPAIRED, ASSUMED, LIVED, *incidents.SENTENCES})


def run(params: StressParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Simulate the town by the three methods. O(methods × days × runs × areas)."""
    admitted = AuthorizationKind.DISCOVERED_OFFENCES in context.authorizations
    found = incidents_at_points(datasets["incidents"], params.category, discovered_admitted=admitted)
    facts = datasets["incidents"].facts
    centre = {name: float(facts[name]) for name in ("centre_lon", "centre_lat")}
    areas = areas_of(datasets["areas"], Projection(**centre))
    group, share = _group(params, areas)
    stress = stress_of(params, _counts(found, areas), share, (found.until_hour - found.from_hour) / 24, context.seed)
    courses = []
    for k, way in enumerate(Way):
        context.progress("Running the simulations", k / len(Way))
        courses.append(live_through(stress, way))
    upper = share >= np.median(share)
    return Findings(
        tables=(_ways(courses, upper), _course(courses), _by_area(courses, areas, stress), _map(courses[0], areas)),
        notes=(*_notes(params, courses, upper, group), *found.notes, *_caveats(params, stress, group)),
        facts={
            "category": params.category,
            "group": group,
            "n": found.n,
            "areas": len(areas),
            "days": params.days,
            "misplaced_naive": courses[0].misplaced,
            "misplaced_corrected": courses[1].misplaced,
            "data_digest": datasets["incidents"].digest,
        },
    )


def stress_of(params: StressParams, counts: Floats, share: Floats, days: float, seed: int) -> Stress:
    """The town under stress: records per area and the group's share of residents there become rates and reporting.

    What is reported falls linearly from the area where the group's share is lowest to where it is highest.
    """
    spread = float(share.max() - share.min())
    place = (share - share.min()) / spread if spread > 0 else np.full(len(share), 0.5)
    reported = np.clip(params.reported + params.reporting_gap * (0.5 - place), 0.02, 1.0)
    return Stress(
        rates=counts / reported / days,
        reported=reported,
        discovered=params.discovered,
        patrols=min(params.patrols, len(counts)),
        days=params.days,
        keep=float(0.5 ** (1 / params.half_life_days)),
        explore=params.explore,
        sending=Sending(params.sending),
        runs=params.runs,
        seed=seed,
    )


def _group(params: StressParams, areas: Areas) -> tuple[str, Floats]:
    """The group's label and its share of residents per area."""
    if len(areas) < LEAST_AREAS or not areas.members:
        says = sentence(
            "Not enough data: %(n)d areas and %(groups)d groups, %(least)d and 1 needed",
            n=len(areas),
            groups=len(areas.members),
            least=LEAST_AREAS,
        )
        raise NotEnoughData(says, accepted="an areas dataset with at least one declared group")
    group = params.group or next(iter(areas.members))
    if group not in areas.members:
        raise InputError("unknown group", accepted=", ".join(areas.members))
    members, residents = areas.members[group], areas.residents
    return group, np.divide(members, residents, out=np.zeros(len(areas)), where=residents > 0)


def _counts(found: Incidents, areas: Areas) -> Floats:
    """Incidents per area; NotEnoughData below 50. O(n log areas)."""
    point, area = shapely.STRtree(areas.outlines).query(shapely.points(found.east, found.north), predicate="intersects")
    _, first = np.unique(point, return_index=True)  # on a shared edge the first area takes it
    counts = np.bincount(area[first], weights=found.weight[point[first]], minlength=len(areas)).astype(np.float64)
    if counts.sum() < LEAST_INCIDENTS:
        says = sentence(
            "Not enough data: %(n).0f incidents in the areas, %(least)d needed", n=counts.sum(), least=LEAST_INCIDENTS
        )
        raise NotEnoughData(says, accepted="areas of the same town, or a wider category")
    return counts


def _upper(course: Course, upper: Any) -> float:
    return inner(course.mean_shares, np.asarray(upper, dtype=np.float64))


def _true_upper(course: Course, upper: Any) -> float:
    return inner(course.truth, np.asarray(upper, dtype=np.float64))


def _ways(courses: list[Course], upper: Any) -> Table:
    return WAYS.of(
        {
            "way": [str(course.way) for course in courses],
            "misplaced": np.array([course.misplaced for course in courses]),
            "upper_areas": np.array([_upper(course, upper) for course in courses]),
            "upper_areas_true": np.array([_true_upper(course, upper) for course in courses]),
        }
    )


def _course(courses: list[Course]) -> Table:
    return COURSE.of(
        {
            "way": np.concatenate([np.full(len(c.day), str(c.way), dtype=object) for c in courses]),
            "day": np.concatenate([c.day for c in courses]),
            "misplaced": np.concatenate([c.error for c in courses]),
        }
    )


def _by_area(courses: list[Course], areas: Areas, stress: Stress) -> Table:
    return BY_AREA.of(
        {
            "way": np.repeat(np.array([str(c.way) for c in courses], dtype=object), len(areas)),
            "area": np.array([*areas.names] * len(courses), dtype=object),
            "true_share": np.concatenate([c.truth for c in courses]),
            "patrol_share": np.concatenate([c.mean_shares for c in courses]),
            "reported": np.tile(stress.reported, len(courses)),
        }
    )


def _map(naive: Course, areas: Areas) -> Table:
    """Patrols over true incidents by area, with records as they are: 1 where an area gets its share."""
    ratio = np.divide(naive.mean_shares, naive.truth, out=np.full(len(areas), np.nan), where=naive.truth > 0)
    return map_of_areas(areas, ratio)


def _notes(params: StressParams, courses: list[Course], upper: Any, group: str) -> list[Note]:
    misplaced: dict[str, Scalar] = {str(c.way): 100 * c.misplaced for c in courses}
    towards: dict[str, Scalar] = {str(c.way): 100 * _upper(c, upper) for c in courses}
    towards |= {"group": group, "truth": 100 * _true_upper(courses[0], upper)}
    error = courses[0].error
    part = max(len(error) // 5, 1)
    first, last = float(error[:part].mean()), float(error[-part:].mean())
    ends: dict[str, Scalar] = {"first": 100 * first, "last": 100 * last}
    moved = Note(text=RUNS_AWAY, values=ends) if last > first + 0.02 else Note(text=HOLDS)
    return [
        Note(text=MISPLACED, values={**misplaced, "days": params.days}),
        Note(text=TOWARDS, values=towards),
        moved,
    ]


def _caveats(params: StressParams, stress: Stress, group: str) -> list[Note]:
    assumed: dict[str, Scalar] = {
        "high": 100 * float(stress.reported.max()),
        "low": 100 * float(stress.reported.min()),
        "group": group,
    }
    return [
        Note(text=NOT_REPAIRED, kind="caveat"),
        Note(text=ASSUMED, values=assumed, kind="caveat"),
        Note(text=LIVED, values={"runs": params.runs}, kind="caveat"),
    ]


def what_may_be_public(findings: Findings) -> Findings:
    """The ways and their course, without the areas: their true shares come from small counts."""
    kept = tuple(one for one in findings.tables if one.name not in ("stress_areas", "town_map"))
    return Findings(tables=kept, notes=findings.notes, facts=findings.facts)


def stress_example() -> Example:
    """The made-up town with its nine districts."""
    params = StressParams(category=example.CATEGORY, days=364, runs=10)
    datasets = {"incidents": example.incidents(), "areas": example.areas()}
    return Example(params=params, datasets=datasets)


ARITHMETIC = Arithmetic(
    run=run,
    example=stress_example,
    messages=MESSAGES,
    vocabulary=frozenset({*(str(way) for way in Way), ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(view=stressing_view, map=STRESSED_MAP),
    counts=NOT_IN_TABLES,
)
