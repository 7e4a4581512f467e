"""The sentences of an audit: the answer, how sure it is, whom it touches, method and limits."""

from __future__ import annotations

import math

from peelian.kernel.model.capability import Findings, Note, Scalar
from peelian.technologies.faces.audit.audited import Audit, Priced, Summary
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.tables import tables_of, threshold_shown
from peelian.technologies.faces.measure.equity import MAX_GEOMEAN
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.measure.histogram import cells_of, equal_error_rate
from peelian.technologies.faces.measure.price import MODELLED_PRICE, one_in
from peelian.technologies.faces.measure.rates import TERMS, Rate
from peelian.technologies.faces.measure.scores import EVERYBODY
from peelian.technologies.faces.measure.thresholds import ENOUGH, GIVEN, HALF, HALF_OF_ROWS, SECOND_FILE, WORST_GROUP
from peelian.technologies.faces.measure.uncertainty import AT_MOST, FEW_ERRORS, NOT_DETERMINABLE, Estimate
from peelian.technologies.faces.measure.verdicts import ENOUGH_ERRING, FAILS, MEETS, rounded_up, unseen_share
from peelian.technologies.faces.shown import CORPUS, DISTANCES, NO_USE, SIMILARITIES, ZEROS

VERDICTS = (
    "False match rate at threshold “%(policy)s”: %(verdict)s (1 in %(limit)d) for %(n)d of %(groups)d "
    "%(groups:group|groups)."
)
VERDICTS_MISSED = "False non-match rate: %(verdict)s (%(limit).1f%%) for %(n)d of %(groups)d %(groups:group|groups)."
ONE_VERDICT = "False match rate at threshold “%(policy)s”: %(verdict)s (1 in %(limit)d)."
ONE_VERDICT_MISSED = "False non-match rate: %(verdict)s (limit: %(limit).1f%%)."
LOOSER = (
    "The trial is too small to set a threshold for a false match rate of 1 in %(limit)d. That takes about "
    "%(subjects)d subjects, each compared with each, or the threshold in use. Figures are at threshold “%(policy)s”."
)
OVERALL = (
    "The overall false match rate is 1 in %(rate)d (95%% interval 1 in %(high)d to 1 in %(low)d; %(errors)d "
    "%(errors:error|errors) in %(n)d comparisons; %(adequacy)s)."
)
OVERALL_NONE = "There is no false match in %(n)d comparisons. The subjects compared cannot show that the rate is 0."
OVERALL_BARE = (
    "The overall false match rate is 1 in %(rate)d (%(errors)d %(errors:error|errors) in %(n)d comparisons; "
    "%(adequacy)s; no interval without subject pseudonyms)."
)
OVERALL_MISSED = (
    "The overall false non-match rate is %(rate).2f%% (%(errors)d %(errors:error|errors) in %(n)d comparisons; "
    "%(adequacy)s)."
)
OVERALL_MISSED_NONE = (
    "There is no false non-match in %(n)d comparisons. The subjects compared cannot show that the rate is 0."
)
WORST = (
    "The highest false match rate within a group is 1 in %(rate)d, for %(group)s (%(errors)d %(errors:error|errors) in "
    "%(n)d comparisons; %(adequacy)s)."
)
WORST_MISSED = (
    "The highest false non-match rate is %(rate).2f%%, for %(group)s (%(errors)d %(errors:error|errors) in %(n)d "
    "comparisons; %(adequacy)s)."
)
EER = "The equal error rate is %(rate).2f%% overall. The highest within a group is %(highest).2f%%, for %(group)s."
EER_ALONE = "The equal error rate is %(rate).2f%% overall."
EER_UNKNOWN = "The equal error rate is undetermined: ten errors or fewer of a kind lie where the two rates cross."
COST = (
    "Of %(searches).0f searches a day, %(alerts).1f would return a wrong person: %(of_searches).2f%% of all searches, "
    "and %(of_returned).1f%% of the searches that return somebody."
)

COST_UNSEEN = (
    "No wrong person was found at threshold “%(policy)s”. How many searches a day would return one cannot be told from "
    "these comparisons."
)
NONE_SET = "No limit was set. Nothing is met or missed."

KNOWN = (
    "%(genuine)d genuine and %(impostor)d impostor comparisons of %(subjects)d subjects in %(groups)d "
    "%(groups:group|groups)."
)
UNKNOWN = (
    "%(genuine)d genuine and %(impostor)d impostor comparisons in %(groups)d %(groups:group|groups). No subject "
    "pseudonyms given."
)
KNOWN_BARE = "%(genuine)d genuine and %(impostor)d impostor comparisons of %(subjects)d subjects. No groups given."
UNKNOWN_BARE = "%(genuine)d genuine and %(impostor)d impostor comparisons. No subject pseudonyms or groups given."
UNSEEN = (
    "Verdicts count subjects, not comparisons. With %(subjects)d subjects, look-alikes who are fewer than "
    "%(share).1f%% of people could have gone unseen."
)

NEEDED = (
    "%(unsure)d undetermined %(unsure:verdict|verdicts) on the %(measure)s might be settled by a trial of up to about "
    "%(subjects)d subjects per group."
)
GAP_SEEN = (
    "The %(measure)s differs between groups: the highest is %(times).1f times the geometric mean (%(low).1f to "
    "%(high).1f)."
)
GAP_UNSEEN = (
    "The %(measure)s may be equal in all groups: the highest is %(times).1f times the geometric mean (%(low).1f to "
    "%(high).1f)."
)
FEW_ERRING = (
    "The %(errors)d errors of the overall %(measure)s rest on fewer than %(least)d subjects. They say little about "
    "other people."
)
WORST_UNSURE = (
    "Differences between groups in the %(measure)s are undetermined: a group has fewer than 10 errors. The smallest "
    "group has %(n)d %(n:comparison|comparisons)."
)
TOUCHED = (
    "Two people of the group %(group)s are taken for each other %(times).1f times as often as two people of the group "
    "%(other)s."
)
TOUCHED_MISSED = "People of the group %(group)s are missed %(times).1f times as often as people of the group %(other)s."
NOBODY = "No difference between groups was shown."
FAILED = "%(errors)d of %(n)d genuine comparisons failed to enrol or acquire a face (%(share).2f%%)."
FAILED_WORST = "The highest failure rate is %(share).2f%%, for %(group)s (%(errors)d of %(n)d genuine comparisons)."
FAILED_NONE = "No failure to enrol or acquire is recorded. Ask the vendor whether failed images were left out."
EQUITY_PRICE = (
    "At the threshold set for the worst group, false non-matches go from %(before).2f%% to %(after).2f%% "
    "and false alerts from %(alerts_before).1f to %(alerts_after).1f a day."
)

ANSWER = (
    LOOSER, NONE_SET, VERDICTS, ONE_VERDICT, VERDICTS_MISSED, ONE_VERDICT_MISSED, OVERALL, OVERALL_NONE, OVERALL_BARE,
    OVERALL_MISSED, OVERALL_MISSED_NONE, WORST, WORST_MISSED, EER, EER_ALONE, EER_UNKNOWN, COST, COST_UNSEEN,
)  # fmt: skip
HOW_SURE = (
    KNOWN, UNKNOWN, KNOWN_BARE, UNKNOWN_BARE, UNSEEN, NEEDED, GAP_SEEN, GAP_UNSEEN, FEW_ERRING, WORST_UNSURE,
)  # fmt: skip
TOUCHES = (TOUCHED, TOUCHED_MISSED, NOBODY, FAILED, FAILED_WORST, FAILED_NONE, EQUITY_PRICE)

REPORT_VERSION = 1
WIDER = (
    "Subjects recur. The false match rate is as uncertain as with %(effective)d independent comparisons "
    "instead of %(n)d."
)
HALVES = (
    "Thresholds were set on half of the subjects and tested on the other half. %(crossing)d "
    "%(crossing:comparison|comparisons) between the halves %(crossing:was|were) left out."
)
ROW_HALVES = (
    "Thresholds were set on half of the comparisons, because no subject pseudonyms were given. This is "
    "valid only if no subject recurs."
)
SECOND = "Thresholds were set on a second file and tested on the first."
ONLY_GIVEN = "Thresholds were given, not fitted to these comparisons."
SUPPRESSED = (
    "%(n)d %(n:group is|groups are) hidden because %(n:it is|they are) small or would reveal a small group. %(n:It "
    "counts|They count) in overall figures."
)
ABSENT = (
    "%(n)d %(n:group|groups) of the subjects file %(n:has|have) no comparison. Nothing is known of %(n:its|their) "
    "errors."
)
UNLABELLED = "Some subjects have no group. They count in overall figures only."
LEFT_OUT = (
    "%(n)d %(n:group has|groups have) too few impostor comparisons and %(n:was|were) left out of the worst-group "
    "threshold."
)
NO_INTERVALS = "No intervals and no verdicts: without subject pseudonyms, chance cannot be ruled out."
MODELLED = (
    "False alerts are modelled from the false match rate and gallery size, assuming independent "
    "comparisons. A trial of searches would measure them."
)
FDR_FLAG = "FDR is for comparison with other reports only. It can show a 40-fold gap as 0.995."
EDGES = "A histogram is exact only at bin edges. A threshold between two edges was moved to the stricter one."
METHOD = (DISTANCES, SIMILARITIES, HALVES, SECOND, ONLY_GIVEN, EDGES, WIDER)
LIMITS = (
    ROW_HALVES, NO_INTERVALS, SUPPRESSED, ABSENT, UNLABELLED, LEFT_OUT, MODELLED, ZEROS, CORPUS, FDR_FLAG, NO_USE,
)  # fmt: skip
MESSAGES = frozenset({*ANSWER, *HOW_SURE, *TOUCHES, *METHOD, *LIMITS})


def answers(audit: Audit, counts: dict[str, Scalar]) -> list[Note]:
    """The first page's notes, in the order of its sections. `counts`: genuine, impostor, subjects and groups."""
    one = audit.headline
    return [
        *_looser(audit, one),
        *_verdicts(audit, one),
        _overall(one),
        _overall_missed(one),
        *_worst(audit, one),
        *_equal_errors(audit),
        *_cost(audit, one),
        _sizes(counts),
        *_support(audit, one),
        *_few_erring(one),
        *_gap(audit, one),
        *_touched(audit, one),
        *_failures(audit),
        *_equity_price(audit, one),
    ]


def rates_under_limit(audit: Audit, one: Priced, measure: str) -> list[Rate]:
    """The rates that a limit applies to: each group's, or the overall one where there are no groups."""
    named = audit.groups or (EVERYBODY,)
    return [r for r in one.rates if r.measure == measure and r.group == r.other_group and r.group in named]


def _looser(audit: Audit, one: Priced) -> list[Note]:
    """That no threshold could be set for the limit: half of the subjects must make ten false matches at it."""
    limit = audit.params.target_fmr
    if not one.threshold.looser(limit):
        return []
    subjects = rounded_up(2 * math.sqrt(2 * ENOUGH / limit))
    return [Note(text=LOOSER, values={"limit": one_in(limit), "subjects": subjects, "policy": one.threshold.policy})]


def _verdicts(audit: Audit, one: Priced) -> list[Note]:
    params = audit.params
    sides = (
        (FMR, params.limit_fmr, VERDICTS, ONE_VERDICT, one_in(params.limit_fmr)),
        (FNMR, params.limit_fnmr, VERDICTS_MISSED, ONE_VERDICT_MISSED, 100 * params.limit_fnmr),
    )
    made = [] if params.limit_fmr or params.limit_fnmr else [Note(text=NONE_SET)]
    for measure, is_set, several, single, limit in sides:
        if not is_set:
            continue
        words = [r.verdict for r in rates_under_limit(audit, one, measure)]
        values: dict[str, Scalar] = {"limit": limit}
        if measure == FMR:
            values["policy"] = one.threshold.policy
        counts = {word: words.count(word) for word in (FAILS, NOT_DETERMINABLE, MEETS) if word in words}
        more = {"groups": len(words)} if audit.groups else {}
        made += [
            Note(
                text=several if more else single,
                values={**values, "verdict": word, **({"n": n, **more} if more else {})},
            )
            for word, n in counts.items()
        ]
    return made


def _overall(one: Priced) -> Note:
    estimate = one.rate(FMR, EVERYBODY)
    if estimate.bound == AT_MOST:
        return Note(text=OVERALL_NONE, values={"n": estimate.n})
    values = _counts(estimate)
    if not math.isfinite(estimate.low):
        return Note(text=OVERALL_BARE, values=values)
    return Note(text=OVERALL, values={**values, "low": one_in(estimate.low), "high": one_in(estimate.high)})


def _overall_missed(one: Priced) -> Note:
    estimate = one.rate(FNMR, EVERYBODY)
    if estimate.bound == AT_MOST:
        return Note(text=OVERALL_MISSED_NONE, values={"n": estimate.n})
    return Note(text=OVERALL_MISSED, values=_counts(estimate, percent=True))


def _worst(audit: Audit, one: Priced) -> list[Note]:
    """The group with the highest rate of each error; nothing where too few errors tell."""
    if len(audit.groups) < 2:
        return []
    made = []
    for measure, text in ((FMR, WORST), (FNMR, WORST_MISSED)):
        known = determined(audit, one, measure)
        if known:
            group, worst = max(known, key=lambda pair: pair[1].rate)
            made.append(Note(text=text, values={"group": group, **_counts(worst, percent=measure == FNMR)}))
    return made


def determined(audit: Audit, one: Priced, measure: str) -> list[tuple[str, Estimate]]:
    """The groups' rates that rest on ten errors or more."""
    rates = [(g, one.rate(measure, g)) for g in audit.groups]
    return [(g, e) for g, e in rates if e.n and e.adequacy != NOT_DETERMINABLE]


def _equal_errors(audit: Audit) -> list[Note]:
    failed = None if audit.trials is None else audit.trials.failed
    rates = {g: equal_error_rate(audit.histogram, g, failed) for g in (EVERYBODY, *audit.groups)}
    overall = rates.pop(EVERYBODY)
    if not math.isfinite(overall):
        return [Note(text=EER_UNKNOWN)]
    known = {g: rate for g, rate in rates.items() if math.isfinite(rate)}
    if len(known) < 2:
        return [Note(text=EER_ALONE, values={"rate": 100 * overall})]
    group = max(known, key=lambda g: known[g])
    return [Note(text=EER, values={"rate": 100 * overall, "group": group, "highest": 100 * known[group]})]


def _cost(audit: Audit, one: Priced) -> list[Note]:
    """False alerts over both denominators: all searches, and those that return somebody."""
    searches, share = audit.params.searches_per_day, one.price.searches_with_candidate
    alerts = one.price.false_alerts_per_day
    if not searches or one.threshold.looser(audit.params.target_fmr):
        return []
    if not math.isfinite(alerts) and one.rate(FMR, EVERYBODY).bound == AT_MOST:
        return [Note(text=COST_UNSEEN, values={"policy": one.threshold.policy})]
    if not math.isfinite(share) or not share:
        return []
    values: dict[str, Scalar] = {
        "alerts": alerts,
        "searches": searches,
        "of_searches": 100 * alerts / searches,
        "of_returned": min(100.0, 100 * alerts / (searches * share)),
    }
    return [Note(text=COST, values=values)]


def _sizes(counts: dict[str, Scalar]) -> Note:
    """How many comparisons, subjects and groups there are, as far as they are known."""
    values = {key: value for key, value in counts.items() if value or key in ("genuine", "impostor")}
    if "groups" in values:
        return Note(text=KNOWN if "subjects" in values else UNKNOWN, values=values)
    return Note(text=KNOWN_BARE if "subjects" in values else UNKNOWN_BARE, values=values)


def _support(audit: Audit, one: Priced) -> list[Note]:
    """The look-alikes who could be unseen in the smallest group, and how many subjects would settle a verdict."""
    rates = {measure: rates_under_limit(audit, one, measure) for measure in (FMR, FNMR)}
    least = min((r.judgement.subjects for r in rates[FMR] if r.judgement.subjects), default=0)
    if not least:
        return []
    made = [Note(text=UNSEEN, values={"subjects": least, "share": 100 * unseen_share(least)}, kind="caveat")]
    for measure, found in rates.items():
        needed = [r.judgement.needed for r in found if r.judgement.needed]
        if needed:
            values: dict[str, Scalar] = {"unsure": len(needed), "subjects": max(needed), "measure": TERMS[measure]}
            made.append(Note(text=NEEDED, values=values, kind="caveat"))
    return made


def _few_erring(one: Priced) -> list[Note]:
    """Errors of all that rest on too few subjects for an interval to be believed."""
    made = []
    for rate in one.rates:
        values: dict[str, Scalar] = {"errors": rate.estimate.errors, "least": ENOUGH_ERRING}
        overall = rate.measure in TERMS and rate.group == rate.other_group == EVERYBODY
        if overall and rate.estimate.errors >= FEW_ERRORS and 0 < rate.erring < ENOUGH_ERRING:
            made.append(Note(text=FEW_ERRING, values=values | {"measure": TERMS[rate.measure]}, kind="caveat"))
    return made


def _gap(audit: Audit, one: Priced) -> list[Note]:
    """Whether groups differ: only where the interval of max/geometric mean excludes 1."""
    if len(audit.groups) < 2:
        return []
    made = []
    for measure, term in TERMS.items():
        known = determined(audit, one, measure)
        if (summary := _apart(audit, one, measure)) is not None:
            values: dict[str, Scalar] = {"times": summary.value, "low": summary.low, "high": summary.high}
            values |= {"measure": term, "errors": min((e.errors for _, e in known), default=0)}
            made.append(Note(text=GAP_SEEN if summary.low > 1 else GAP_UNSEEN, values=values))
        if len(known) < len(audit.groups):
            least = min(one.rate(measure, g).n for g in audit.groups)
            made.append(Note(text=WORST_UNSURE, values={"n": least, "measure": term}, kind="caveat"))
    return made


def _apart(audit: Audit, one: Priced, measure: str) -> Summary | None:
    """The highest rate over the geometric mean of the groups, where it has an interval."""
    key = (one.threshold.policy, MAX_GEOMEAN, measure)
    return next((s for s in audit.summaries if (s.policy, s.measure, s.of) == key and math.isfinite(s.low)), None)


def _touched(audit: Audit, one: Priced) -> list[Note]:
    """How many times as often the worst-off group errs as the best-off one, where groups differ beyond chance."""
    made = []
    for measure, text in ((FMR, TOUCHED), (FNMR, TOUCHED_MISSED)):
        known, summary = determined(audit, one, measure), _apart(audit, one, measure)
        if summary is not None and summary.low > 1 and len(known) >= 2:
            (worst, high), (best, low) = (choose(known, key=lambda pair: pair[1].rate) for choose in (max, min))
            times, errors = high.rate / low.rate, min(high.errors, low.errors)
            made.append(Note(text=text, values={"group": worst, "other": best, "times": times, "errors": errors}))
    return made or ([Note(text=NOBODY)] if len(audit.groups) > 1 else [])


def _failures(audit: Audit) -> list[Note]:
    if audit.trials is None:
        return []
    failed, made = audit.trials.failed, audit.trials.made
    if not failed.sum():
        return [Note(text=FAILED_NONE, kind="caveat")]
    shares: dict[str, tuple[int, int]] = {}
    for group in (EVERYBODY, *audit.groups):
        _, cells = cells_of(audit.histogram, group)
        shares[group] = (int(failed[cells].sum()), int((failed + made)[cells].sum()))
    notes = [Note(text=FAILED, values=_share(shares.pop(EVERYBODY)), kind="finding")]
    known = {g: (k, n) for g, (k, n) in shares.items() if n}
    if len(known) >= 2:
        group = max(known, key=lambda g: known[g][0] / known[g][1])
        notes.append(Note(text=FAILED_WORST, values={"group": group, **_share(known[group])}))
    return notes


def _share(counts: tuple[int, int]) -> dict[str, Scalar]:
    return {"errors": counts[0], "n": counts[1], "share": 100 * counts[0] / counts[1]}


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


def _counts(one: Estimate, *, percent: bool = False) -> dict[str, Scalar]:
    rate = 100 * one.rate if percent else one_in(one.rate)
    return {"rate": rate, "errors": one.errors, "n": one.n, "adequacy": one.adequacy}


def findings_of(audit: Audit) -> Findings:
    """The findings of an audit: its tables, notes and facts."""
    keep = isinstance(audit.params, AuditParams) and audit.params.keep_histogram
    facts = _facts(audit)
    counts = {key: facts[key] for key in ("genuine", "impostor", "subjects")} | {"groups": facts["groups_shown"]}
    return Findings(
        tables=tables_of(audit, keep_histogram=keep),
        notes=(*answers(audit, counts), *_explanations(audit), *_caveats(audit)),
        facts=facts,
    )


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
    one = audit.headline
    held = {
        ROW_HALVES: any(t.threshold.set_on == HALF_OF_ROWS for t in audit.thresholds),
        NO_INTERVALS: audit.scores is None or audit.scores.probe is None,
        SUPPRESSED: 0 if audit.scores is None else len(audit.scores.suppressed),
        ABSENT: 0 if audit.scores is None else audit.scores.absent,
        UNLABELLED: audit.scores is not None and audit.scores.unlabelled,
        LEFT_OUT: len(audit.left_out),
        ZEROS: any(r.estimate.bound == AT_MOST for t in audit.thresholds for r in t.rates),
        MODELLED: one.price.basis == MODELLED_PRICE,
        FDR_FLAG: len(audit.groups) > 1,
        CORPUS: True,
        NO_USE: True,
    }
    counted = (SUPPRESSED, ABSENT, LEFT_OUT)
    return [
        Note(text=text, values={"n": int(n)} if text in counted else {}, kind="caveat") for text, n in held.items() if n
    ]


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
        "headline_threshold": threshold_shown(audit, one.threshold.value),
        "limit_fmr": params.limit_fmr,
        "limit_fnmr": params.limit_fnmr,
        "searches_per_day": params.searches_per_day,
        "gallery": params.gallery,
        "mated_share": params.mated_share,
    }
    if params.system_digest:
        facts["system_digest"] = params.system_digest
    return facts
