"""The near-repeat test: are incidents near in place also near in time more often than by chance?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

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
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.nearness import PAIRS, SURE, KnoxParams
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.diagnostics.knox import Knox, KnoxPlan, knox
from peelian.technologies.mapping.ground import NOT_IN_TABLES
from peelian.technologies.mapping.incidents import Incidents, incidents_of, since
from peelian.technologies.mapping.nearness_view import nearness_view

Floats = NDArray[np.float64]

SAME_PLACE_METRES = 0.1
TELLING_RATIO = 1.2  # Ratcliffe 2009: fewer than a fifth more pairs than expected is nothing to act on

FOUND = (
    "Near repeats occur more than by chance: %(bands)d of %(all)d combinations of distance and delay are "
    "significant (adjusted p at most 0.05, ratio at least 1.2)."
)
STRONGEST = (
    "Strongest at %(from_metres).0f to %(to_metres).0f m and %(from_days).0f to %(to_days).0f days apart: "
    "%(pairs)d pairs, %(ratio).2f times the expected number (p = %(p).3f)."
)
NOTHING = "No near repeats beyond chance. There is no evidence for using a near-repeat model."
RESTS_ON = "%(n)d incidents from %(first)s to %(last)s, tested with %(permutations)d random permutations of their days."
NOT_WHY = (
    "Near repeats may come from the same offenders, from places that stay attractive or from more "
    "reporting after a first incident. The test cannot tell which."
)
SEASONS = "A district that was busy in only one season also looks like near repeats."
ROUNDED = "Locations rounded to a block or junction make different addresses look the same."
MESSAGES = frozenset({FOUND, STRONGEST, NOTHING, RESTS_ON, NOT_WHY, SEASONS, ROUNDED, *incidents.SENTENCES})


def run(params: KnoxParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Count near pairs and test them. O(pairs within reach × permutations)."""
    admitted = AuthorizationKind.DISCOVERED_OFFENCES in context.authorizations
    found = incidents_of(datasets["incidents"], params.category, discovered_admitted=admitted)
    found = since(found, hour_of(params.train_from, "train_from")) if params.train_from else found
    east, north, days = one_each(found)
    plan = plan_of(params, context.seed)
    result = knox((east, north), days, plan, lambda share: context.progress("Permuting days", share))
    return Findings(
        tables=(pairs_table(result),),
        notes=(
            *_notes(result, found),
            *found.notes,
            *(Note(text=t, kind="caveat") for t in (NOT_WHY, SEASONS, ROUNDED)),
        ),
        facts={
            "category": params.category,
            "n": result.n,
            "permutations": plan.permutations,
            "repeats": bool(_telling(result).any()),
            "data_digest": datasets["incidents"].digest,
        },
    )


def plan_of(params: KnoxParams, seed: int) -> KnoxPlan:
    """The edges of the bands: the same place, then equal bands of metres and of days."""
    metres = [0.0, SAME_PLACE_METRES, *(float(params.band_metres * k) for k in range(1, params.bands + 1))]
    return KnoxPlan(
        bands_metres=tuple(metres),
        bands_days=tuple(float(params.band_days * k) for k in range(params.delays + 1)),
        permutations=params.permutations,
        seed=seed,
        manhattan=params.along_streets,
    )


def one_each(found: Incidents) -> tuple[Floats, Floats, Floats]:
    """(east, north, whole day), one row per incident: parts of an interval stand at their weighted mean day.

    Whole days, because many records carry a date only. O(n log n).
    """
    _, first, member = np.unique(found.row, return_index=True, return_inverse=True)
    weight = np.bincount(member, weights=found.weight)
    hour = np.bincount(member, weights=found.weight * found.hour) / weight
    return found.east[first], found.north[first], np.floor(hour / 24)


def pairs_table(result: Knox) -> Table:
    """One row per band of distance and delay."""
    metres, days = result.plan.bands_metres, result.plan.bands_days
    bands, delays = result.observed.shape
    return PAIRS.of(
        {
            "from_metres": np.repeat(metres[:-1], delays),
            "to_metres": np.repeat(metres[1:], delays),
            "from_days": np.tile(days[:-1], bands),
            "to_days": np.tile(days[1:], bands),
            "pairs": result.observed.ravel(),
            "expected": result.expected.ravel(),
            "ratio": result.ratio.ravel(),
            "p": result.p.ravel(),
            "p_holm": result.p_holm.ravel(),
        }
    )


def _telling(result: Knox) -> NDArray[np.bool_]:
    return np.asarray((result.p_holm <= SURE) & (result.ratio >= TELLING_RATIO))


def _notes(result: Knox, found: Incidents) -> list[Note]:
    source: dict[str, Scalar] = {
        "n": result.n,
        "first": day_of(found.from_hour),
        "last": day_of(found.until_hour - 1),
        "permutations": result.plan.permutations,
    }
    rests = Note(text=RESTS_ON, values=source)
    telling = _telling(result)
    if not telling.any():
        return [Note(text=NOTHING), rests]
    counted: dict[str, Scalar] = {"bands": int(telling.sum()), "all": int(telling.size)}
    band, delay = np.unravel_index(int(np.argmax(np.where(telling, result.ratio, 0.0))), telling.shape)
    metres, days = result.plan.bands_metres, result.plan.bands_days
    best: dict[str, Scalar] = {
        "from_metres": metres[int(band)],
        "to_metres": metres[int(band) + 1],
        "from_days": days[int(delay)],
        "to_days": days[int(delay) + 1],
        "pairs": int(result.observed[band, delay]),
        "ratio": float(result.ratio[band, delay]),
        "p": float(result.p[band, delay]),
    }
    return [Note(text=FOUND, values=counted), Note(text=STRONGEST, values=best), rests]


def what_may_be_public(findings: Findings) -> Findings:
    """Expected pairs, ratios and p, without the counts of pairs: small ones say how few incidents there were."""
    kept = tuple(
        Table(name=one.name, columns=tuple(column for column in one.columns if column.name in _PUBLIC))
        for one in findings.tables
    )
    notes = tuple(note for note in findings.notes if note.text != STRONGEST)
    return Findings(tables=kept, notes=notes, facts=findings.facts)


_PUBLIC = PAIRS.columns.keys() - PAIRS.optional


def knox_example() -> Example:
    """The made-up town's incidents."""
    params = KnoxParams(category=example.CATEGORY, permutations=319)
    return Example(params=params, datasets={"incidents": example.incidents(800)})


ARITHMETIC = Arithmetic(
    run=run,
    example=knox_example,
    messages=MESSAGES,
    vocabulary=frozenset({ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(view=nearness_view),
    counts={**NOT_IN_TABLES, RESTS_ON: ("n",)},
)
