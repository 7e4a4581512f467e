"""The audit: from a tally to the tables and notes of a report, and its example."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Scalar, Shows
from peelian.measure.rates import Area
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.audit.conclusions import Found, conclusions, repeats
from peelian.technologies.risk.audit.contest import contest
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.fidelity import fidelity
from peelian.technologies.risk.audit.figures import (
    areas,
    balances,
    bands,
    compared_rates,
    prices,
    rates_at_other_cuts,
    rates_at_the_cut,
)
from peelian.technologies.risk.audit.followup import FollowUp, follow_up, missing_outcomes
from peelian.technologies.risk.audit.leakage import leakage, score_tells_group
from peelian.technologies.risk.audit.page import view
from peelian.technologies.risk.audit.publication import long_csv, public, report_json
from peelian.technologies.risk.audit.recording import forced, label_bias
from peelian.technologies.risk.audit.rows import figures_table, rates_table
from peelian.technologies.risk.audit.verdicts import (
    Judged,
    adjusted,
    adjusted_figures,
    agreement_of,
    area_of,
    enough,
    family,
    judged,
    persons,
    plans,
    verdicts,
)
from peelian.technologies.risk.audit.words import MESSAGES, VOCABULARY
from peelian.technologies.risk.measure.bootstrap import drawn
from peelian.technologies.risk.measure.counts import Floats, known
from peelian.technologies.risk.measure.promises import (
    Calibrated,
    calibrated,
    calibrations,
    dependent,
    disagreement,
    nij_index,
    promised,
)
from peelian.technologies.risk.measure.study import Figure, Rate, Study, study
from peelian.technologies.risk.shared import CROSSED, EVERYONE


def run(params: AuditParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Every figure of the audit of the tally in the role "tally". O(cells + bootstraps x nodes x levels)."""
    tally = _complete(datasets["tally"].table, params)
    context.progress("Counting", 0.0)
    found = study(tally, params.plan())
    own = params.probability
    promise = promised(found, probability=own)
    draws = drawn(
        found.levels,
        found.nodes,
        replicates=params.bootstraps,
        seed=context.seed,
        probability=promise if own else None,
        progress=lambda share: context.progress("Resampling", share),
    )
    held = dependent(found, calibrated(found, promise, draws, probability=own), probability=own)
    area = area_of(found)
    window = follow_up(tally, found)
    leaks = leakage(tally, found, seed=context.seed)
    match = contest(tally, found, seed=context.seed)
    verdict = _judged(found, area, held, (leaks, window), params)
    rates, beside = _rates(tally, found, promise, window)
    figures = [
        *areas(found, area),
        *calibrations(found, held, probability=own),
        *_figures(found, params),
        *nij_index(found, held.found.brier),
        *(*persons(found), *plans(found, promise, fewest=params.fewest_events)),
        *adjusted_figures(found, verdict),
        *beside,
    ]
    long = rates_table(rates, found.nodes, level=params.level)
    said = Found(
        study=found,
        area=area,
        promise=promise,
        held=held,
        judged=verdict,
        figures=figures,
        window=window,
        leakage=leaks,
        rivals=match.rivals,
        rates=long,
        chosen_cut=params.cut is None,
        probability=own,
        disagreement=float("nan") if found.replicates else disagreement(found, draws),
        weighted="weight" in tally,
    )
    printed = figures_table(figures, found.nodes, found.shown)
    tables = (verdicts(found, verdict), long, printed, leaks, match.rivals, match.rules)
    again, counted = repeats(found, datasets["tally"].facts)
    return Findings(tables=tables, notes=(*conclusions(said), *again), facts=_facts(found, params) | counted)


def _judged(
    found: Study, area: Area, held: Calibrated, beside: tuple[Table, FollowUp | None], params: AuditParams
) -> Judged:
    """The verdicts, from all tests of the report together: on groups, and `beside` them on leakage and follow-up."""
    leaks, window = beside
    promise, own = promised(found, probability=params.probability), params.probability
    fit, validated = agreement_of(found, promise, probability=own), enough(found, params.fewest_events)
    tests = family(found, validated, area, fit, everyone=own)
    tests |= {"leakage": leaks["p"], "follow_up": np.array([window.p if window and window.open_ else np.nan])}
    return judged(found, area, fit, held.found, adjusted(tests), validated=validated, everyone=own)


def _rates(tally: Table, found: Study, promise: Floats, window: FollowUp | None) -> tuple[list[Rate], list[Figure]]:
    """Every rate, and the figures that come with them."""
    observed, promises = bands(found, promise)
    missing, bounds = missing_outcomes(tally, found)
    faithful, gaps = fidelity(tally, found)
    rates = [*rates_at_the_cut(found), *rates_at_other_cuts(found), *observed, *missing, *faithful]
    return [*rates, *(window.rates if window else ())], [*promises, *bounds, *gaps]


def _figures(found: Study, params: AuditParams) -> list[Figure]:
    """The figures that need nothing but the counts."""
    return [
        *balances(found),
        *compared_rates(found),
        *forced(found),
        *label_bias(found, params.recording),
        *score_tells_group(found),
        *prices(found),
    ]


def _complete(tally: Table, params: AuditParams) -> Table:
    """The rows the audit is about: all, or those watched for the whole window."""
    for name in ("score", "outcome", "n"):
        if name not in tally:
            raise InputError("column missing from the tally", column=name, accepted="score, outcome, n")
    if params.complete_window_only:
        if "full_window" not in tally:
            raise InputError(
                "the tally does not record complete follow-up",
                column="complete_window_only",
                accepted="a tally with full_window, or a cohort with window_days and follow-up",
            )
        tally = tally.take(tally["full_window"] == 1)
    rows = known(tally)
    n = rows["n"].astype(np.int64)
    events = int(n[rows["outcome"] == 1].sum())
    if not 0 < events < int(n.sum()):
        raise NotEnoughData(
            "only one outcome value among known outcomes",
            file="tally",
            column="outcome",
            accepted="people with and without the outcome",
        )
    return tally


def _facts(found: Study, params: AuditParams) -> dict[str, Scalar]:
    may = found.shown
    facts: dict[str, Scalar] = {
        "cut": float(found.cut),
        "level": float(params.level),
        "bootstraps": params.bootstraps,
        "groups_all": len(found.nodes.group) - 1,
        "groups_hidden": int((~may.people).sum()),
        "scores": len(found.counts.scores),
        "low_is_high_risk": params.low_is_high_risk,
        "probability": params.probability,
        "fewest_events": params.fewest_events,
    }
    if may.people[0]:
        facts["people"] = found.counts.n
    return facts


# Figures counted from propublica/compas-analysis at bafff5d; deciles 1 to 10: people without, and with, a new arrest.
COMPAS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "African-American": (
        (307, 274, 201, 208, 189, 169, 163, 114, 111, 59),
        (91, 119, 145, 177, 176, 215, 237, 245, 269, 227),
    ),
    "Asian": ((14, 4, 3, 0, 0, 1, 0, 1, 0, 0), (1, 0, 2, 0, 1, 2, 1, 1, 0, 1)),
    "Caucasian": ((539, 248, 180, 172, 130, 83, 55, 32, 30, 19), (142, 113, 93, 113, 111, 111, 88, 82, 68, 45)),
    "Hispanic": ((148, 77, 59, 34, 24, 16, 18, 13, 9, 7), (48, 36, 27, 18, 28, 21, 16, 13, 11, 14)),
    "Native American": ((0, 4, 1, 0, 0, 1, 1, 0, 1, 0), (0, 0, 0, 1, 0, 1, 3, 1, 1, 3)),
    "Other": ((124, 41, 22, 21, 12, 13, 5, 2, 2, 2), (26, 25, 14, 25, 10, 8, 5, 8, 6, 6)),
}


def compas() -> Table:
    """The counts as a tally.

    >>> int(compas()["n"].sum())
    7214
    """
    rows = [
        (race, float(decile), outcome, n)
        for race, outcomes in COMPAS.items()
        for outcome, counts in enumerate(outcomes)
        for decile, n in enumerate(counts, start=1)
        if n
    ]
    race, score, outcome, n = zip(*rows, strict=True)
    return table(
        "tally",
        {
            "score": (Kind.AMOUNT, np.array(score)),
            "outcome": (Kind.COUNT, np.array(outcome)),
            "n": (Kind.COUNT, np.array(n)),
            "race": (Kind.GROUP, np.array(race, dtype=object)),
        },
        n="people",
    )


def example() -> Example:
    """The audit at the cut ProPublica used, compared with the group its article compared with."""
    tally = compas()
    facts: dict[str, int | float | str | bool] = {
        "people": 7214,
        "axes": "race",
        "groups": ",".join(("race", EVERYONE, CROSSED, *COMPAS)),
        "window_days": 0,
    }
    dataset = Dataset(id="compas", format="risk-tally", digest=tally.digest(), table=tally, facts=facts)
    params = AuditParams(cut=5.0, reference=("Caucasian",), bootstraps=200)
    return Example(params=params, datasets={"tally": dataset})


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public,
    shows=Shows(
        view=view,
        writings={"audit.json": report_json, "csv": long_csv},
    ),
)
