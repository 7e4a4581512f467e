"""Notes and facts of an audit: findings, method and limits."""

from __future__ import annotations

import math

from peelian.kernel.model.capability import Findings, Note, Scalar
from peelian.technologies.faces.audit import Audit, Priced
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.params import AuditParams
from peelian.technologies.faces.price import MODELLED_PRICE
from peelian.technologies.faces.rates import FMR, FNMR
from peelian.technologies.faces.tables import shown, tables_of
from peelian.technologies.faces.thresholds import GIVEN, HALF, HALF_OF_ROWS, SECOND_FILE, WORST_GROUP
from peelian.technologies.faces.uncertainty import AT_MOST, NOT_DETERMINABLE
from peelian.technologies.faces.verdicts import FAILS, MEETS

REPORT_VERSION = 1

KNOWN = "%(genuine)d genuine and %(impostor)d impostor comparisons of %(subjects)d subjects in %(groups)d groups."
UNKNOWN = "%(genuine)d genuine and %(impostor)d impostor comparisons in %(groups)d groups. No subject pseudonyms given."
KNOWN_BARE = "%(genuine)d genuine and %(impostor)d impostor comparisons of %(subjects)d subjects. No groups given."
UNKNOWN_BARE = "%(genuine)d genuine and %(impostor)d impostor comparisons. No subject pseudonyms or groups given."
OVERALL = (
    "At threshold “%(policy)s”, the overall false match rate is %(rate).2e (95%% interval %(low).2e to "
    "%(high).2e; %(errors)d errors in %(n)d comparisons; %(adequacy)s)."
)
OVERALL_NONE = (
    "At threshold “%(policy)s”, there is no false match in %(n)d comparisons: the rate is at most %(high).2e "
    "(95%% confidence)."
)
OVERALL_BARE = (
    "At threshold “%(policy)s”, the overall false match rate is %(rate).2e (%(errors)d errors in %(n)d "
    "comparisons; %(adequacy)s; no interval without subject pseudonyms)."
)
WORST = (
    "The highest false match rate within a group is %(rate).2e, for %(group)s: %(times).1f times the "
    "geometric mean of groups (%(errors)d errors in %(n)d comparisons; %(adequacy)s)."
)
WORST_ALONE = (
    "The highest false match rate within a group is %(rate).2e, for %(group)s (%(errors)d errors in %(n)d "
    "comparisons; %(adequacy)s)."
)
WORST_UNSURE = (
    "Differences between groups are undetermined: a group has fewer than 10 errors. The smallest group has "
    "%(n)d comparisons."
)
VERDICTS = "%(meets)d of %(groups)d groups meet the false match limit, %(misses)d do not, %(unsure)d undetermined."
COST = (
    "At this threshold, %(alerts).1f of %(searches).0f searches a day would return a wrong person. "
    "%(share).1f%% of searches would return somebody."
)
EQUITY_PRICE = (
    "At the threshold set for the worst group, false non-matches go from %(before).2f%% to %(after).2f%% "
    "and false alerts from %(alerts_before).1f to %(alerts_after).1f a day."
)
WIDER = (
    "Subjects recur. The false match rate is as uncertain as with %(effective)d independent comparisons "
    "instead of %(n)d."
)

DISTANCES = "Scores are distances: a score at or below the threshold is a match."
SIMILARITIES = "Scores are similarities: a score at or above the threshold is a match."
HALVES = (
    "Thresholds were set on half of the subjects and tested on the other half. %(crossing)d comparisons "
    "between the halves were left out."
)
ROW_HALVES = (
    "Thresholds were set on half of the comparisons, because no subject pseudonyms were given. This is "
    "valid only if no subject recurs."
)
SECOND = "Thresholds were set on a second file and tested on the first."
ONLY_GIVEN = "Thresholds were given, not fitted to these comparisons."
SUPPRESSED = (
    "%(n)d groups are hidden because they are small or would reveal a small group. They count in overall figures."
)
LEFT_OUT = "%(n)d groups have too few impostor comparisons and were left out of the worst-group threshold."
NO_INTERVALS = "No intervals: without subject pseudonyms, they would be too narrow."
MODELLED = (
    "False alerts are modelled from the false match rate and gallery size, assuming independent "
    "comparisons. A trial of searches would measure them."
)
ZEROS = "Rates without any error are given as at most 3/n, assuming independent comparisons."
CORPUS = "Figures hold only for similar images and people. Other cameras, lighting, ages or years change them."
FDR_FLAG = "FDR is for comparison with other reports only. It can show a 40-fold gap as 0.995."
NO_USE = "This audit does not authorize use of the matcher."
EDGES = "A histogram is exact only at bin edges. A threshold between two edges was moved to the stricter one."

MESSAGES = frozenset(
    {
        KNOWN, UNKNOWN, KNOWN_BARE, UNKNOWN_BARE, OVERALL, OVERALL_NONE, OVERALL_BARE, WORST, WORST_ALONE, WORST_UNSURE,
        VERDICTS, COST, EQUITY_PRICE, WIDER, DISTANCES, SIMILARITIES, HALVES, ROW_HALVES, SECOND, ONLY_GIVEN,
        SUPPRESSED, LEFT_OUT, NO_INTERVALS, MODELLED, ZEROS, CORPUS, FDR_FLAG, NO_USE, EDGES,
    }
)  # fmt: skip


def findings_of(audit: Audit) -> Findings:
    """The findings of an audit: its tables, notes and facts."""
    keep = isinstance(audit.params, AuditParams) and audit.params.keep_histogram
    return Findings(
        tables=tables_of(audit, keep_histogram=keep),
        notes=(*_findings(audit), *_explanations(audit), *_caveats(audit)),
        facts=_facts(audit),
    )


def _findings(audit: Audit) -> list[Note]:
    made = [_sizes(audit)]
    one = audit.headline
    made += [_overall(one), *_worst(audit, one), *_verdicts(audit, one)]
    if math.isfinite(one.price.searches_with_candidate):
        values: dict[str, Scalar] = {
            "alerts": one.price.false_alerts_per_day,
            "searches": audit.params.searches_per_day,
            "share": 100 * one.price.searches_with_candidate,
        }
        made.append(Note(text=COST, values=values))
    return [*made, *_equity_price(audit, one)]


def _sizes(audit: Audit) -> Note:
    """How many comparisons, subjects and groups there are, as far as they are known."""
    facts = _facts(audit)
    values: dict[str, Scalar] = {key: facts[key] for key in ("genuine", "impostor")}
    if facts["subjects"]:
        values["subjects"] = facts["subjects"]
    if facts["groups_shown"]:
        values["groups"] = facts["groups_shown"]
        return Note(text=KNOWN if facts["subjects"] else UNKNOWN, values=values)
    return Note(text=KNOWN_BARE if facts["subjects"] else UNKNOWN_BARE, values=values)


def _overall(one: Priced) -> Note:
    estimate = one.rate(FMR, EVERYBODY)
    values: dict[str, Scalar] = {"policy": one.threshold.policy, "n": estimate.n}
    if estimate.bound == AT_MOST:
        return Note(text=OVERALL_NONE, values={**values, "high": estimate.high})
    values |= {"rate": estimate.rate, "errors": estimate.errors, "adequacy": estimate.adequacy}
    if not math.isfinite(estimate.low):
        return Note(text=OVERALL_BARE, values=values)
    return Note(text=OVERALL, values={**values, "low": estimate.low, "high": estimate.high})


def _worst(audit: Audit, one: Priced) -> list[Note]:
    """The group with the highest false match rate, or that differences are undetermined."""
    if len(audit.groups) < 2:
        return []
    worst = one.worst(FMR, audit.groups)
    times = [s for s in audit.summaries if s.policy == one.threshold.policy and s.measure == "max/geometric mean"]
    known = [s.value for s in times if s.of == FMR and math.isfinite(s.value)]
    least = min(one.rate(FMR, g).n for g in audit.groups)
    unsure = Note(text=WORST_UNSURE, values={"n": least}, kind="caveat")
    if worst is None or worst[1].bound == AT_MOST or worst[1].adequacy == NOT_DETERMINABLE:
        return [unsure]
    group, estimate = worst
    values: dict[str, Scalar] = {
        "group": group,
        "rate": estimate.rate,
        "errors": estimate.errors,
        "n": estimate.n,
        "adequacy": estimate.adequacy,
    }
    if not known:
        return [Note(text=WORST_ALONE, values=values), unsure]
    return [Note(text=WORST, values={**values, "times": known[0]})]


def _verdicts(audit: Audit, one: Priced) -> list[Note]:
    if not audit.groups:
        return []
    words = [r.verdict for r in one.rates if r.measure == FMR and r.group == r.other_group and r.group in audit.groups]
    values: dict[str, Scalar] = {
        "groups": len(words),
        "meets": words.count(MEETS),
        "misses": words.count(FAILS),
        "unsure": words.count(NOT_DETERMINABLE),
    }
    return [Note(text=VERDICTS, values=values)]


def _equity_price(audit: Audit, one: Priced) -> list[Note]:
    """Errors at the threshold set for the worst group, compared with the headline threshold."""
    other = next((t for t in audit.thresholds if t.threshold.policy == WORST_GROUP), None)
    if other is None or other is one:
        return []
    rates = [t.rate(FNMR, EVERYBODY).rate for t in (one, other)]
    alerts = [t.price.false_alerts_per_day for t in (one, other)]
    if not all(math.isfinite(v) for v in (*rates, *alerts)):
        return []
    values: dict[str, Scalar] = {
        "before": 100 * rates[0],
        "after": 100 * rates[1],
        "alerts_before": alerts[0],
        "alerts_after": alerts[1],
    }
    return [Note(text=EQUITY_PRICE, values=values)]


def _explanations(audit: Audit) -> list[Note]:
    made = [Note(text=DISTANCES if audit.histogram.distance else SIMILARITIES, kind="explanation")]
    how = {t.threshold.set_on for t in audit.thresholds}
    if HALF in how:
        made.append(Note(text=HALVES, values={"crossing": audit.crossing}, kind="explanation"))
    if SECOND_FILE in how:
        made.append(Note(text=SECOND, kind="explanation"))
    if how == {GIVEN}:
        made.append(Note(text=ONLY_GIVEN, kind="explanation"))
    if audit.scores is None:
        made.append(Note(text=EDGES, kind="explanation"))
    one = next(r for r in audit.headline.rates if r.measure == FMR)
    if math.isfinite(one.design_effect) and one.design_effect > 1:
        values: dict[str, Scalar] = {"n": one.estimate.n, "effective": int(one.estimate.n / one.design_effect)}
        made.append(Note(text=WIDER, values=values, kind="explanation"))
    return made


def _caveats(audit: Audit) -> list[Note]:
    made = []
    if any(t.threshold.set_on == HALF_OF_ROWS for t in audit.thresholds):
        made.append(Note(text=ROW_HALVES, kind="caveat"))
    if audit.scores is None or audit.scores.probe is None:
        made.append(Note(text=NO_INTERVALS, kind="caveat"))
    if audit.scores is not None and audit.scores.suppressed:
        made.append(Note(text=SUPPRESSED, values={"n": len(audit.scores.suppressed)}, kind="caveat"))
    if audit.left_out:
        made.append(Note(text=LEFT_OUT, values={"n": len(audit.left_out)}, kind="caveat"))
    if any(r.estimate.bound == AT_MOST for t in audit.thresholds for r in t.rates):
        made.append(Note(text=ZEROS, kind="caveat"))
    if audit.headline.price.basis == MODELLED_PRICE:
        made.append(Note(text=MODELLED, kind="caveat"))
    if len(audit.groups) > 1:
        made.append(Note(text=FDR_FLAG, kind="caveat"))
    return [*made, Note(text=CORPUS, kind="caveat"), Note(text=NO_USE, kind="caveat")]


def _facts(audit: Audit) -> dict[str, Scalar]:
    made, cells = audit.histogram.made(), audit.histogram.cells
    first, params = cells.impostor_cells, audit.params
    one = audit.headline
    facts: dict[str, Scalar] = {
        "report_version": REPORT_VERSION,
        "impostor": int(made[:first].sum()),
        "genuine": int(made[first:].sum()),
        "failed": 0 if audit.trials is None else int(audit.trials.failed.sum()),
        "subjects": 0 if audit.scores is None else audit.scores.subjects,
        "groups_shown": len(audit.groups),
        "groups_suppressed": 0 if audit.scores is None else len(audit.scores.suppressed),
        "distances": audit.histogram.distance,
        "headline": one.threshold.policy,
        "headline_threshold": shown(audit, one.threshold.value),
        "limit_fmr": params.limit_fmr,
        "limit_fnmr": params.limit_fnmr,
        "searches_per_day": params.searches_per_day,
        "gallery": params.gallery,
        "mated_share": params.mated_share,
    }
    if params.system_digest:
        facts["system_digest"] = params.system_digest
    return facts
