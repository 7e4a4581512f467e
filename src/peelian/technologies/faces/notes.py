"""Notes and facts of an audit: the first page, method and limits."""

from __future__ import annotations

import math

from peelian.kernel.model.capability import Findings, Note, Scalar
from peelian.technologies.faces.answers import ANSWER, HOW_SURE, TOUCHES, answers
from peelian.technologies.faces.audit import Audit
from peelian.technologies.faces.params import AuditParams
from peelian.technologies.faces.price import MODELLED_PRICE
from peelian.technologies.faces.rates import FMR
from peelian.technologies.faces.tables import shown, tables_of
from peelian.technologies.faces.thresholds import GIVEN, HALF, HALF_OF_ROWS, SECOND_FILE
from peelian.technologies.faces.uncertainty import AT_MOST

REPORT_VERSION = 1

WIDER = (
    "Subjects recur. The false match rate is as uncertain as with %(effective)d independent comparisons "
    "instead of %(n)d."
)

DISTANCES = "Scores are distances: a score at or below the threshold is a match."
SIMILARITIES = "Scores are similarities: a score at or above the threshold is a match."
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
ZEROS = (
    "Rates without any error are given as at most 3/n, assuming independent comparisons. No verdict rests on "
    "that bound."
)
CORPUS = "Figures hold only for similar images and people. Other cameras, lighting, ages or years change them."
FDR_FLAG = "FDR is for comparison with other reports only. It can show a 40-fold gap as 0.995."
NO_USE = "This audit does not authorize use of the matcher."
EDGES = "A histogram is exact only at bin edges. A threshold between two edges was moved to the stricter one."

METHOD = (DISTANCES, SIMILARITIES, HALVES, SECOND, ONLY_GIVEN, EDGES, WIDER)
LIMITS = (
    ROW_HALVES, NO_INTERVALS, SUPPRESSED, ABSENT, UNLABELLED, LEFT_OUT, MODELLED, ZEROS, CORPUS, FDR_FLAG, NO_USE,
)  # fmt: skip
MESSAGES = frozenset({*ANSWER, *HOW_SURE, *TOUCHES, *METHOD, *LIMITS})


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
