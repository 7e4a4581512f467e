"""Every word and every sentence an audit may let out: metrics, verdicts, reasons for hiding, and what it says."""

from __future__ import annotations

from peelian.technologies.risk.contest import INSTRUMENT, LOGISTIC, RULES
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.leakage import SCORE
from peelian.technologies.risk.suppression import BARE, FEW, PARTNER, SHOWN
from peelian.technologies.risk.verdicts import MEASURED, MISCALIBRATED, NOT_VALIDATED

RATE_TITLES = {
    "base_rate": "Share to whom the outcome happened",
    "high_share": "Share scored high",
    "fpr": "False positive rate: scored high among those to whom it did not happen",
    "fnr": "False negative rate: scored low among those to whom it happened",
    "ppv": "PPV: it happened, among those scored high",
    "npv": "NPV: it did not happen, among those scored low",
    "accuracy": "Accuracy",
    "observed": "Observed share in a band of scores",
    "incomplete_events": "Watched too briefly, among those to whom it happened",
    "incomplete_others": "Watched too briefly, among those to whom it did not happen",
    "base_rate_complete": "Base rate without those watched too briefly",
    "fpr_complete": "False positive rate without those watched too briefly",
    "fnr_complete": "False negative rate without those watched too briefly",
    "ppv_complete": "PPV without those watched too briefly",
    "missing_outcome": "Outcome unknown",
    "recomputed_equal": "Recorded score equal to the point table's",
    "recomputed_same_side": "Recorded score on the same side of the cut as the point table's",
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
    "auc": "Area",
    "calibration_slope": "Slope",
    "calibration_intercept": "Intercept",
    "observed_over_expected": "Observed/expected",
    "brier": "Brier",
    "mean_score_others": "Mean score, others",
    "mean_score_events": "Mean score, events",
    "fpr_ratio": "FPR ratio",
    "fnr_ratio": "FNR ratio",
    "ppv_ratio": "PPV ratio",
    "high_share_ratio": "Ratio of high scores",
    "auc_difference": "Area, difference",
    "mean_score_others_difference": "Mean score of others, difference",
    "mean_score_events_difference": "Mean score of events, difference",
    "nij_index": "NIJ index",
    "high_per_thousand": "High",
    "wrongly_high_per_thousand": "Wrongly high",
    "wrongly_low_per_thousand": "Wrongly low",
    "recording_parity_ppv": "For equal PPV",
    "recording_parity_fpr": "For equal FPR",
    "recording_largest": "Most possible",
}
FIGURE_TITLES = {
    "auc": "Area under the curve",
    "auc_difference": "Difference of areas",
    "auc_difference_p": "Probability of such a difference by chance",
    "calibration_intercept": "Calibration intercept (0 is ideal)",
    "calibration_intercept_error": "Standard error of the intercept",
    "calibration_slope": "Calibration slope (1 is ideal)",
    "calibration_slope_error": "Standard error of the slope",
    "observed_over_expected": "Observed over expected (1 is ideal)",
    "brier": "Brier score",
    "promised": "Promised share in a band of scores",
    "mean_score_others": "Mean score where it did not happen",
    "mean_score_others_difference": "Difference of mean scores where it did not happen",
    "mean_score_events": "Mean score where it happened",
    "mean_score_events_difference": "Difference of mean scores where it happened",
    "forced_fpr": "FPR that the base rate forces at everyone's PPV and FNR",
    "ppv_if_recorded_less": "PPV if events were recorded that many times less often",
    "fpr_if_recorded_less": "FPR if events were recorded that many times less often",
    "recording_parity_ppv": "Times less often recorded at which PPV would be equal",
    "recording_parity_fpr": "Times less often recorded at which FPR would be equal",
    "recording_largest": "Times less often recorded: the most the counts allow",
    "score_tells_group": "Area of the score as a test of the group (0.5 tells nothing)",
    "nij_index": "NIJ fairness-and-accuracy index (for comparability only)",
    "base_rate_bounds": "Base rate, whatever the unknown outcomes are",
    "fpr_bounds": "FPR, whatever the unknown outcomes are",
    "ppv_bounds": "PPV, whatever the unknown outcomes are",
    "recorded_above_recomputed": "Recorded score above the point table's, on average",
    "high_per_thousand": "Scored high per thousand people",
    "wrongly_high_per_thousand": "Wrongly scored high per thousand people",
    "wrongly_low_per_thousand": "Wrongly scored low per thousand people",
    "people_for_events": "People for 100 events and 100 others",
    "people_for_fpr": "People for FPR to within 5 points",
    "people_for_fnr": "People for FNR to within 5 points",
    "people_for_auc": "People for the area to within 0.05",
    "people_for_ratio": "People for observed over expected to within a fifth",
    "people_for_slope": "People for the calibration slope to within 0.2",
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
        *(MEASURED, MISCALIBRATED, NOT_VALIDATED),
        *(INSTRUMENT, LOGISTIC, RULES),
    }
)

COUNTED = "%(n)d people were counted; the outcome happened to %(events)d of them (%(share).1f%%)."
HIGH = "A score of at least %(cut).6g counts as high: %(share).1f%% of people."
HIGH_FROM_BELOW = "A score of at most %(cut).6g counts as high risk: %(share).1f%% of people."
CUT_CHOSEN = "No cut was given: this is the score that as many people reach as the outcome happened to."
FPR_RATIO = (
    "Among people to whom it did not happen, %(group)s were scored high %(ratio).2f times as often as %(other)s "
    "(%(low).2f to %(high).2f)."
)
FNR_RATIO = (
    "Among people to whom it happened, %(group)s were scored low %(ratio).2f times as often as %(other)s "
    "(%(low).2f to %(high).2f)."
)
IMPOSSIBLE = (
    "The outcome happened to %(p).1f%% of %(group)s and %(q).1f%% of %(other)s. With the same PPV (%(ppv).1f%%) and "
    "the same FNR (%(fnr).1f%%) for both, their false positive rates would have to be %(f).1f%% and %(g).1f%%: no "
    "score can make all three equal."
)
NOTHING_FORCED = "No two groups' base rates differ measurably here, so that nothing forces their error rates apart."
TOO_FEW = (
    "%(n)d of %(all)d groups have too few people: the instrument is not validated for these groups. The absence of "
    "validation is itself the finding (Ewert v. Canada, 2018 SCC 30)."
)
SLOPE_LESS = (
    "For %(group)s the scores tell less than they promise: calibration slope %(slope).2f (%(low).2f to %(high).2f)."
)
SLOPE_MORE = (
    "For %(group)s the scores tell more than they promise: calibration slope %(slope).2f (%(low).2f to %(high).2f)."
)
CALIBRATION_HOLDS = (
    "In no group that is large enough does calibration measurably and noticeably differ from everyone's."
)
ASYMMETRIC = (
    "The outcome window is not the same for both outcomes: %(n)d people were watched too briefly, %(events)d of them "
    "with an event. Without them the base rate is %(after).1f%% in place of %(before).1f%%, PPV %(ppv_after).1f%% in "
    "place of %(ppv_before).1f%%."
)
SYMMETRIC = "The outcome window is about equally often cut short for both outcomes."
WINDOW_UNKNOWN = "The tally does not say whether everybody was watched for the whole window; this was not checked."
WINDOW_HIDDEN = "Too few people were watched too briefly for their figures to be shown."
RECORDING_PPV = (
    "If events of %(group)s were recorded %(d).2f times less often than those of "
    "%(other)s, the difference in PPV would vanish."
)
RECORDING_FPR = (
    "If events of %(group)s were recorded %(d).2f times less often than those of %(other)s, the difference in false "
    "positive rates would vanish."
)
LEAKS = (
    "Of %(axis)s, %(source)s alone lets the group be guessed right in %(right).1f%% of cases (%(blind).1f%% blindly)."
)
RIVAL = (
    "Two plain features reach an area of %(rival).3f on people held back, the instrument %(own).3f (difference "
    "%(low).3f to %(high).3f)."
)
NO_FEATURES = "The tally carries no plain features (or too few people): whether they do as well was not tested."
FAITHFUL = "The recorded score equals the published point table's for %(share).1f%% of people."
NO_POINTS = "No point table was given: whether the recorded scores follow the published recipe was not tested."
MISSING_OUTCOMES = "The outcome of %(share).1f%% of people is unknown; the bounds show what that could change."
HIDDEN = "%(n)d groups are hidden because they, or others by subtraction, have fewer than 10 people."
AGREES = "Bootstrap and formula intervals differ by at most %(points).2f points for rates over 100 people or more."
MANY = (
    "The tables hold %(n)d intervals at %(level).0f%%: about %(misses)d of them would miss the truth by chance alone."
)
BINNED = "The instrument gave more than 4,096 different scores: they were grouped in bands; cuts stay exact."
CANNOT_WHY = "Counts show which differences there are and how sure that is. They cannot tell why groups differ."
NOT_EVENTS = (
    "An outcome recorded is not an event: an instrument is judged here by what was recorded about people, which also "
    "depends on who was watched."
)
CANNOT_FAIR = (
    "No audit makes an instrument fair. Which of these measures should be equal is a question for people, not for this "
    "program."
)
NO_RANKING = (
    "NIJ's index is printed for comparability only, and instruments are not ranked by it: entrants of the challenge "
    "raised it by tricks."
)
NO_PERSON = "The audit worked on counts. It holds no person, scores nobody, and offers no calculator."
WEIGHTED = "The counts are weighted: intervals rest on the effective number of people, and n is how many there were."
LABELS = "Groups are the labels that came with the data; nothing about them was inferred."

MESSAGES = frozenset(
    {
        *(COUNTED, HIGH, HIGH_FROM_BELOW, CUT_CHOSEN, FPR_RATIO, FNR_RATIO, IMPOSSIBLE, NOTHING_FORCED, TOO_FEW),
        *(
            SLOPE_LESS,
            SLOPE_MORE,
            CALIBRATION_HOLDS,
            ASYMMETRIC,
            SYMMETRIC,
            WINDOW_UNKNOWN,
            WINDOW_HIDDEN,
            RECORDING_PPV,
            RECORDING_FPR,
            LEAKS,
        ),
        *(RIVAL, NO_FEATURES, FAITHFUL, NO_POINTS, MISSING_OUTCOMES, HIDDEN, AGREES, MANY, BINNED, CANNOT_WHY),
        *(NOT_EVENTS, CANNOT_FAIR, NO_RANKING, NO_PERSON, WEIGHTED, LABELS),
    }
)
