"""Every sentence, level and title of a metric that an audit may return."""

from __future__ import annotations

from peelian.technologies.risk.shared import BARE, CROSSED, EVERYONE, FEW, PARTNER, SHOWN

BETTER, NO_BETTER = "better than chance", "no better than chance"
TOO_FEW_TO_TELL, REVERSED = "too few to tell", "the scale looks reversed"
NOT_VALIDATED, NO_DIFFERENCE = "not validated for this group", "no calibration difference shown"
PROMISES_MORE, PROMISES_LESS = "promises more than happens", "promises less than happens"
SEPARATES_LESS, SEPARATES_MORE = "separates less than expected", "separates more than expected"
REFERENCE = "the reference of all groups"
DISCRIMINATION = (BETTER, NO_BETTER, TOO_FEW_TO_TELL, REVERSED)
DIFFERENCES = (PROMISES_MORE, PROMISES_LESS, SEPARATES_LESS, SEPARATES_MORE)

IS, AT_LEAST, AT_MOST, OTHERWISE = "is", "at least", "at most", "otherwise"
INSTRUMENT, LOGISTIC, RULES = "the instrument", "two-feature logistic", "three-line rule list"

SCORE = "score"

RATE_TITLES = {
    "base_rate": "Share with the outcome",
    "high_share": "Share scored high",
    "fpr": "False positive rate: scored high among people without the outcome",
    "fnr": "False negative rate: scored low among people with the outcome",
    "ppv": "PPV: share with the outcome among those scored high",
    "npv": "NPV: share without the outcome among those scored low",
    "accuracy": "Accuracy",
    "observed": "Observed share with the outcome, by score band",
    "incomplete_events": "Incomplete follow-up among people with the outcome",
    "incomplete_others": "Incomplete follow-up among people without the outcome",
    "base_rate_complete": "Base rate, complete follow-up only",
    "fpr_complete": "False positive rate, complete follow-up only",
    "fnr_complete": "False negative rate, complete follow-up only",
    "ppv_complete": "PPV, complete follow-up only",
    "missing_outcome": "Unknown outcome",
    "recomputed_equal": "Recorded score equal to point table score",
    "recomputed_same_side": "Recorded and point table scores on the same side of the cut-off",
}
SHORT_TITLES = {
    "base_rate": "Base rate",
    "high_share": "Scored high",
    "fpr": "FPR",
    "fnr": "FNR",
    "ppv": "PPV",
    "npv": "NPV",
    "accuracy": "Accuracy",
}
SHORT_FIGURES = {
    "auc": "AUC",
    "calibration_slope": "Slope",
    "calibration_intercept": "Intercept",
    "observed_over_expected": "Observed/expected",
    "brier": "Brier",
    "mean_score_others": "Mean score without outcome",
    "mean_score_events": "Mean score with outcome",
    "fpr_ratio": "FPR ratio",
    "fnr_ratio": "FNR ratio",
    "ppv_ratio": "PPV ratio",
    "high_share_ratio": "Ratio scored high",
    "auc_difference": "AUC difference",
    "mean_score_others_difference": "Mean score difference without outcome",
    "mean_score_events_difference": "Mean score difference with outcome",
    "nij_index": "NIJ index",
    "persons": "People",
    "persons_events": "People with outcome",
    "persons_others": "People without outcome",
    "high_per_thousand": "Scored high",
    "wrongly_high_per_thousand": "False positives",
    "wrongly_low_per_thousand": "False negatives",
    "recording_parity_ppv": "Factor for equal PPV",
    "recording_parity_fpr": "Factor for equal FPR",
    "recording_largest": "Largest possible factor",
}
FIGURE_TITLES = {
    "auc": "AUC",
    "auc_difference": "AUC difference",
    "auc_difference_p": "P-value of the AUC difference",
    "calibration_intercept": "Calibration intercept (ideal: 0)",
    "calibration_intercept_error": "Standard error of the calibration intercept",
    "calibration_slope": "Calibration slope (ideal: 1)",
    "calibration_slope_error": "Standard error of the calibration slope",
    "observed_over_expected": "Observed/expected ratio (ideal: 1)",
    "brier": "Brier score",
    "promised": "Expected share with the outcome, by score band",
    "mean_score_others": "Mean score without the outcome",
    "mean_score_others_difference": "Difference in mean score without the outcome",
    "mean_score_events": "Mean score with the outcome",
    "mean_score_events_difference": "Difference in mean score with the outcome",
    "forced_fpr": "FPR implied by the base rate at overall PPV and FNR",
    "ppv_if_recorded_less": "PPV under this under-recording factor",
    "fpr_if_recorded_less": "FPR under this under-recording factor",
    "recording_parity_ppv": "Under-recording factor for equal PPV",
    "recording_parity_fpr": "Under-recording factor for equal FPR",
    "recording_largest": "Largest under-recording factor the counts allow",
    "score_tells_group": "AUC of the score as predictor of the group (0.5: no information)",
    "nij_index": "NIJ fairness and accuracy index (for comparison only)",
    "base_rate_bounds": "Base rate, bounds for unknown outcomes",
    "fpr_bounds": "FPR, bounds for unknown outcomes",
    "ppv_bounds": "PPV, bounds for unknown outcomes",
    "recorded_above_recomputed": "Mean excess of recorded score over point table score",
    "high_per_thousand": "Scored high per 1,000 people",
    "wrongly_high_per_thousand": "False positives per 1,000 people",
    "wrongly_low_per_thousand": "False negatives per 1,000 people",
    "discrimination_p": "Corrected p-value: AUC differs from 0.5",
    "calibration_p": "Corrected p-value: calibration differs",
    "base_rate_p": "Corrected p-value: base rate differs from the reference group",
    "fpr_p": "Corrected p-value: FPR differs from the reference group",
    "fnr_p": "Corrected p-value: FNR differs from the reference group",
    "ppv_p": "Corrected p-value: PPV differs from the reference group",
    "persons": "People, each counted once",
    "persons_events": "People with the outcome, each counted once",
    "persons_others": "People without the outcome, each counted once",
    "people_for_events": "People for 100 with and 100 without the outcome",
    "people_for_fpr": "People for FPR within 5 percentage points",
    "people_for_fnr": "People for FNR within 5 percentage points",
    "people_for_auc": "People for AUC within 0.05",
    "people_for_ratio": "People for observed/expected within a fifth",
    "people_for_slope": "People for calibration slope within 0.2",
}
COMPARED_TITLES = {
    f"{metric}_{kind}": f"{SHORT_TITLES[metric]}: {words}"
    for metric in ("high_share", "fpr", "fnr", "ppv", "npv", "accuracy")
    for kind, words in (("ratio", "ratio to the reference group"), ("difference", "difference to the reference group"))
}
VOCABULARY = frozenset(
    {
        *RATE_TITLES,
        *FIGURE_TITLES,
        *COMPARED_TITLES,
        *(EVERYONE, CROSSED, SCORE, ""),
        *(SHOWN, FEW, BARE, PARTNER),
        *(*DISCRIMINATION, *DIFFERENCES, NO_DIFFERENCE, NOT_VALIDATED, REFERENCE),
        *(IS, AT_LEAST, AT_MOST, OTHERWISE),
        *(INSTRUMENT, LOGISTIC, RULES),
    }
)
LEAK = (
    "The score tells everybody's outcome without one error. No instrument does: the score was probably written from "
    "the outcome, or after it. The figures say nothing of the instrument."
)
COUNTED = "%(n)d people were counted. %(events)d (%(share).1f%%) had the outcome."
COUNTED_AGAIN = "%(n)d assessments were counted, several of some people. %(events)d (%(share).1f%%) had the outcome."
OVERALL = {
    BETTER: (
        "The score tells people with the outcome from people without it better than chance: AUC %(auc).2f "
        "(%(low).2f to %(high).2f; chance is 0.5)."
    ),
    NO_BETTER: "The score is no better than chance: AUC %(auc).2f (%(low).2f to %(high).2f; chance is 0.5).",
    TOO_FEW_TO_TELL: (
        "There are too few people to tell whether the score is better than chance: AUC %(auc).2f (%(low).2f to "
        "%(high).2f; chance is 0.5)."
    ),
    REVERSED: (
        "The scale looks reversed: people with the outcome have lower scores than others, AUC %(auc).2f (%(low).2f "
        "to %(high).2f; chance is 0.5). Check whether a low score means high risk."
    ),
}
BY_GROUP = {
    BETTER: "The score is better than chance for %(n)d of %(all)d %(all:group|groups).",
    NO_BETTER: "The score is no better than chance for %(n)d of %(all)d %(all:group|groups).",
    REVERSED: "The scale looks reversed for %(n)d of %(all)d %(all:group|groups).",
    TOO_FEW_TO_TELL: "There are too few people to tell for %(n)d of %(all)d %(all:group|groups).",
}
OVERALL_MORE = (
    "Overall, the score promises %(share).0f%% more than happens: %(observed)d had the outcome, %(expected)d were "
    "expected (observed/expected %(ratio).2f, %(low).2f to %(high).2f; slope %(slope).2f)."
)
OVERALL_LESS = (
    "Overall, the score promises %(share).0f%% less than happens: %(observed)d had the outcome, %(expected)d were "
    "expected (observed/expected %(ratio).2f, %(low).2f to %(high).2f; slope %(slope).2f)."
)
OVERALL_SLOPE_LESS = (
    "Overall, scores separate outcomes less than expected: calibration slope %(slope).2f (%(low).2f to %(high).2f; "
    "observed/expected %(ratio).2f)."
)
OVERALL_SLOPE_MORE = (
    "Overall, scores separate outcomes more than expected: calibration slope %(slope).2f (%(low).2f to %(high).2f; "
    "observed/expected %(ratio).2f)."
)
CALIBRATION_DIFFERS = (
    "Calibration differs for %(n)d of %(all)d validated %(all:group|groups): the score does not promise what happens "
    "there."
)
CALIBRATION_HOLDS = "No calibration difference was shown in %(all)d validated %(all:group|groups)."
HIGH = "A score of %(cut).6g or more counts as high: %(share).1f%% of all."
HIGH_FROM_BELOW = "A score of %(cut).6g or less counts as high risk: %(share).1f%% of all."
CUT_CHOSEN = "No cut-off was given. The program chose this one: it scores about as many people high as had the outcome."
RIVAL = (
    "A model of two features has an AUC of %(rival).3f on people it was not fitted on, the instrument %(own).3f "
    "(difference %(low).3f to %(high).3f)."
)
CORRECTED = (
    "The verdicts rest on %(n)d %(n:test|tests) that were corrected together (Holm). The chance that even one wrong "
    "difference is reported is at most %(most).0f%%."
)
MANY = (
    "Intervals in the tables stand alone: of %(n)d at the %(level).0f%% level, about %(misses)d %(misses:misses|miss) "
    "the true value by chance. No verdict rests on them."
)
RANK = (
    "The score was not declared a probability. What it promises is the share of everyone with the same score who had "
    "the outcome; each group is compared with that."
)
LIKE_PROBABILITIES = (
    "All scores lie between 0 and 1, but were not declared to be probabilities (probability). Whether they promise too "
    "much or too little overall was not tested."
)
OWN_VALUE = "The score is a probability. Each group is compared with its own scores."
PROMISES_MORE_FOR = (
    "For %(group)s, the score promises %(share).0f%% more than happens: %(observed)d had the outcome, "
    "%(expected)d were expected (observed/expected %(ratio).2f, %(low).2f to %(high).2f; slope %(slope).2f)."
)
PROMISES_LESS_FOR = (
    "For %(group)s, the score promises %(share).0f%% less than happens: %(observed)d had the outcome, "
    "%(expected)d were expected (observed/expected %(ratio).2f, %(low).2f to %(high).2f; slope %(slope).2f)."
)
NO_BETTER_FOR = (
    "For %(group)s (n = %(n)d), the score is no better than chance: AUC %(auc).2f (%(low).2f to %(high).2f)."
)
REVERSED_FOR = "For %(group)s (n = %(n)d), the scale looks reversed: AUC %(auc).2f (%(low).2f to %(high).2f)."
FPR_RATIO = "The false positive rate of %(group)s is %(ratio).2f times that of %(other)s (%(low).2f to %(high).2f)."
FNR_RATIO = "The false negative rate of %(group)s is %(ratio).2f times that of %(other)s (%(low).2f to %(high).2f)."
PPV_RATIO = (
    "A high score means the outcome less often for %(group)s: their PPV is %(ratio).2f times that of %(other)s "
    "(%(low).2f to %(high).2f)."
)
MORE_DIFFER = "Further differences between groups, in the tables: %(n)d."
CROSSED_DIFFER = "Crossed groups where calibration also differs: %(n)d."
NOBODY = "No difference between groups was shown."
IMPOSSIBLE = (
    "The base rate is %(p).1f%% for %(group)s and %(q).1f%% for %(other)s. With equal PPV (%(ppv).1f%%) "
    "and FNR (%(fnr).1f%%), their false positive rates would be %(f).1f%% and %(g).1f%%. No score can make "
    "all three equal."
)
NOTHING_FORCED = (
    "The largest difference from the reference group's base rate is within sampling error. It does not force "
    "error rates apart."
)
NOT_COMPARED = "Too few people with and without the outcome to compare base rates between groups."
SLOPE_LESS = (
    "For %(group)s, scores separate outcomes less than expected: calibration slope %(slope).2f (%(low).2f "
    "to %(high).2f; observed/expected %(ratio).2f)."
)
SLOPE_MORE = (
    "For %(group)s, scores separate outcomes more than expected: calibration slope %(slope).2f (%(low).2f "
    "to %(high).2f; observed/expected %(ratio).2f)."
)
LEAKS = "The variable %(source)s tells %(group)s from the other groups of %(axis)s: AUC %(auc).2f (0.5 is guessing)."
TOO_FEW = (
    "%(n)d of %(all)d %(all:group|groups) %(n:has|have) too few people. The instrument is not validated for "
    "%(n:it|them), which is itself a finding (Ewert v. Canada, 2018 SCC 30)."
)
TOO_FEW_CROSSED = (
    "%(n)d of %(all)d groups, crossed groups included, %(n:has|have) too few people. The instrument is not validated "
    "for %(n:it|them), which is itself a finding (Ewert v. Canada, 2018 SCC 30)."
)
ASYMMETRIC = (
    "Follow-up differs by outcome: %(n)d people were followed too briefly, %(events)d of them with the "
    "outcome. Without them, the base rate is %(after).1f%% instead of %(before).1f%% and PPV "
    "%(ppv_after).1f%% instead of %(ppv_before).1f%%."
)
SYMMETRIC = "Incomplete follow-up does not differ measurably between people with and without the outcome."
WINDOW_UNKNOWN = "The tally does not record follow-up. Incomplete follow-up was not checked."
WINDOW_HIDDEN = "Too few people had incomplete follow-up to show figures for them."
RECORDING_PPV = (
    "The PPV difference would vanish if outcomes of %(group)s were recorded %(d).2f times less often than "
    "those of %(other)s."
)
RECORDING_FPR = (
    "The difference in false positive rates would vanish if outcomes of %(group)s were recorded %(d).2f "
    "times less often than those of %(other)s."
)
NO_FEATURES = "No simple model was tested: the tally has no features or too few people."
FAITHFUL = "The recorded score equals the published point table score for %(share).1f%% of people."
NO_POINTS = "No point table was given. Recorded scores were not checked against the published one."
MISSING_OUTCOMES = "The outcome is unknown for %(share).1f%% of people. The bounds show what this could change."
HIDDEN = (
    "%(n)d %(n:group is|groups are) hidden because %(n:it has|they have) fewer than 10 people or would reveal a group "
    "that does."
)
AGREES = (
    "Bootstrap and formula intervals differ by at most %(points).2f percentage points for rates with n of 100 or more."
)
BINNED = "Scores take too many different values and were grouped into bands. Cut-offs stay exact."
CANNOT_WHY = "Counts show differences and their uncertainty. They cannot explain why groups differ."
NOT_EVENTS = "Outcomes are what was recorded, not what happened. Recording depends on who is watched."
CANNOT_FAIR = "An audit cannot make an instrument fair. People decide which measures should be equal."
NO_RANKING = "The NIJ index is for comparison only. Do not rank instruments by it: challenge entrants inflated it."
NO_PERSON = "This audit uses counts only. It holds no personal records, scores nobody and offers no calculator."
WEIGHTED = "Counts are weighted. Intervals use the effective sample size; n is the number of people."
LABELS = "Group labels came with the data. None was inferred."
ANSWER = (
    *OVERALL.values(),
    LEAK,
    COUNTED,
    COUNTED_AGAIN,
    *BY_GROUP.values(),
    OVERALL_MORE,
    OVERALL_LESS,
    OVERALL_SLOPE_LESS,
    OVERALL_SLOPE_MORE,
    CALIBRATION_DIFFERS,
    CALIBRATION_HOLDS,
    HIGH,
    HIGH_FROM_BELOW,
    CUT_CHOSEN,
    RIVAL,
)
ASSESSED = (
    "%(assessments)d assessments of %(people)d people. Counts are of assessments. Intervals allow for several "
    "assessments of one person: the variance of calibration is up to %(effect).1f times that of as many people."
)
SURE = (ASSESSED, CORRECTED, MANY, RANK, OWN_VALUE, ASYMMETRIC, SYMMETRIC, FAITHFUL)
TOUCHED = (
    PROMISES_MORE_FOR,
    PROMISES_LESS_FOR,
    NO_BETTER_FOR,
    REVERSED_FOR,
    SLOPE_LESS,
    SLOPE_MORE,
    FPR_RATIO,
    FNR_RATIO,
    PPV_RATIO,
    MORE_DIFFER,
    CROSSED_DIFFER,
    NOBODY,
    TOO_FEW,
    TOO_FEW_CROSSED,
)
UNKNOWN = (
    LIKE_PROBABILITIES,
    WINDOW_UNKNOWN,
    WINDOW_HIDDEN,
    NO_FEATURES,
    NO_POINTS,
    MISSING_OUTCOMES,
    NOT_COMPARED,
    HIDDEN,
    NOT_EVENTS,
)
FORCED = (IMPOSSIBLE, NOTHING_FORCED)
RECORDED = (RECORDING_PPV, RECORDING_FPR)
LIMITS = (AGREES, BINNED, CANNOT_WHY, CANNOT_FAIR, NO_RANKING, NO_PERSON, WEIGHTED, LABELS)
PAGE = {
    "Answer": frozenset(ANSWER),
    "How sure this is": frozenset(SURE),
    "Whom it touches": frozenset(TOUCHED),
    "What is not known": frozenset(UNKNOWN),
}
"""The board's page: which sentences stand under which heading. FORCED, RECORDED and LEAKS have sections of
their own, LIMITS end the report."""
MESSAGES = frozenset({*ANSWER, *SURE, *TOUCHED, *UNKNOWN, *FORCED, *RECORDED, LEAKS, *LIMITS})
