"""The sentences and facts of an audit: what was found, what it rests on, and what it cannot tell."""

from __future__ import annotations

import math

from peelian.governance.capability import Findings, Note, Scalar
from peelian.technologies.faces.audit import Audit, Priced
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.params import AuditParams
from peelian.technologies.faces.price import MODELLED_PRICE
from peelian.technologies.faces.rates import FMR, FNMR
from peelian.technologies.faces.tables import shown, tables_of
from peelian.technologies.faces.thresholds import GIVEN, HALF, HALF_OF_ROWS, SECOND_FILE, WORST_GROUP
from peelian.technologies.faces.uncertainty import AT_MOST, FAILS, MEETS, NOT_DETERMINABLE

REPORT_VERSION = 1

KNOWN = "%(genuine)d genuine and %(impostor)d impostor comparisons of %(subjects)d subjects in %(groups)d groups."
UNKNOWN = "%(genuine)d genuine and %(impostor)d impostor comparisons in %(groups)d groups; subjects are not named."
KNOWN_BARE = "%(genuine)d genuine and %(impostor)d impostor comparisons of %(subjects)d subjects; no groups were given."
UNKNOWN_BARE = "%(genuine)d genuine and %(impostor)d impostor comparisons; neither subjects nor groups are named."
OVERALL = (
    "At the threshold %(policy)s the false match rate over all impostor pairs is %(rate).2e "
    "(95%% interval %(low).2e to %(high).2e; %(errors)d errors in %(n)d comparisons; %(adequacy)s)."
)
OVERALL_NONE = (
    "At the threshold %(policy)s no false match was seen in %(n)d comparisons: the rate is at most %(high).2e."
)
OVERALL_BARE = (
    "At the threshold %(policy)s the false match rate over all impostor pairs is %(rate).2e "
    "(%(errors)d errors in %(n)d comparisons; %(adequacy)s; no interval, for subjects are not named)."
)
WORST = (
    "The highest false match rate within a group is that of %(group)s: %(rate).2e, "
    "%(times).1f times the geometric mean over groups (%(errors)d errors in %(n)d comparisons; %(adequacy)s)."
)
WORST_ALONE = (
    "The highest false match rate within a group is that of %(group)s: %(rate).2e "
    "(%(errors)d errors in %(n)d comparisons; %(adequacy)s)."
)
WORST_UNSURE = (
    "How far apart the groups' false match rates lie is not determinable: a group has fewer than 10 errors "
    "in %(n)d comparisons or more."
)
VERDICTS = (
    "At this threshold %(meets)d of %(groups)d groups meet the bar for false matches, %(misses)d miss it, "
    "and for %(unsure)d it is not determinable."
)
COST = (
    "At this threshold %(alerts).1f of %(searches).0f searches a day would return a wrong person, "
    "and %(share).1f%% of searches would return somebody."
)
EQUITY_PRICE = (
    "Where the worst group meets the bar, false non-matches go from %(before).2f%% to %(after).2f%% "
    "and false alerts go from %(alerts_before).1f to %(alerts_after).1f a day."
)
WIDER = (
    "Subjects recur in the comparisons: the false match rate is as uncertain as with %(effective)d "
    "independent comparisons instead of %(n)d."
)

DISTANCES = "The scores are distances: a comparison at or below a threshold is a match."
SIMILARITIES = "The scores are similarities: a comparison at or above a threshold is a match."
HALVES = (
    "Thresholds were set on one half of the subjects and are reported on the other half; "
    "%(crossing)d comparisons across the halves are used by neither."
)
ROW_HALVES = (
    "Thresholds were set on one half of the comparisons, for the subjects are not named: "
    "this is sound only if no subject recurs."
)
SECOND = "Thresholds were set on a second file and are reported on the first one."
ONLY_GIVEN = "The thresholds in use were given: nothing was fitted to the comparisons reported."
SUPPRESSED = "%(n)d groups have too few subjects to be shown; they count in the figures over all."
LEFT_OUT = "%(n)d groups have too few impostor comparisons to take part in the threshold of the worst group."
NO_INTERVALS = (
    "Subjects are not named, so no interval can be given: one for independent comparisons would be too narrow."
)
MODELLED = (
    "False alerts are modelled from the false match rate and the size of the gallery, "
    "as if comparisons were independent: a trial of searches measures them."
)
ZEROS = "Where no error was seen the rate is given as at most 3 in n, which takes comparisons as independent."
CORPUS = (
    "The figures hold for images and people like those of this set: other cameras, light, ages and years change them."
)
FDR_FLAG = "FDR is printed for comparison with other reports only: it gives a 40-fold gap as 0.995."
NO_USE = "An audit decides nothing about a person and is no permission to use the matcher."
EDGES = "A histogram is exact at the edges of its bins: a threshold between two edges was moved to the stricter one."

MESSAGES = frozenset(
    {
        KNOWN, UNKNOWN, KNOWN_BARE, UNKNOWN_BARE, OVERALL, OVERALL_NONE, OVERALL_BARE, WORST, WORST_ALONE, WORST_UNSURE,
        VERDICTS, COST, EQUITY_PRICE, WIDER, DISTANCES, SIMILARITIES, HALVES, ROW_HALVES, SECOND, ONLY_GIVEN,
        SUPPRESSED, LEFT_OUT, NO_INTERVALS, MODELLED, ZEROS, CORPUS, FDR_FLAG, NO_USE, EDGES,
    }
)  # fmt: skip


def findings_of(audit: Audit) -> Findings:
    """The findings of an audit: its tables, sentences and facts."""
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
    """Which group bears most; silent where it rests on too little."""
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
    """What the threshold that protects the worst group costs, beside the headline one."""
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
        "bar_fmr": params.bar_fmr,
        "bar_fnmr": params.bar_fnmr,
        "searches_per_day": params.searches_per_day,
        "gallery": params.gallery,
        "mated_share": params.mated_share,
    }
    if params.system_digest:
        facts["system_digest"] = params.system_digest
    return facts
