"""Sentences and words of drift."""

from __future__ import annotations

from peelian.technologies.risk.assessments import REPEATS
from peelian.technologies.risk.shared import BARE, FEW, SHOWN

CHANGED, STANDS_OUT, NO_DRIFT = "changed", "single quarters stand out", "no drift found"
TOO_FEW, TOO_FEW_PEOPLE = "too few quarters to tell", "too few people to tell"
INSIDE, OUTSIDE = "inside the limits", "outside the limits"
SHIFTED = {
    "auc": (
        "The score separates people with and without the outcome differently since %(since)s: AUC "
        "%(before).3f before and %(after).3f after (difference %(lo).3f to %(hi).3f)."
    ),
    "observed_over_expected": (
        "The same score means a different risk since %(since)s: observed over expected was %(before).2f "
        "before and is %(after).2f after (difference %(lo).2f to %(hi).2f)."
    ),
    "high_share": (
        "A different share of people is scored high since %(since)s: %(before).1f%% before and "
        "%(after).1f%% after (difference %(lo).1f to %(hi).1f points)."
    ),
}
ODD = {
    "auc": "AUC differs in single quarters, without a lasting change.",
    "observed_over_expected": "Observed over expected differs in single quarters, without a lasting change.",
    "high_share": "The share scored high differs in single quarters, without a lasting change.",
}
NO_DRIFT_FOUND = (
    "No drift was found: AUC, observed over expected and share scored high vary between quarters no more than chance "
    "allows, as far as they could be tested."
)
NOT_TESTED = {
    "auc": "Too few quarters to test AUC: %(n)d with enough people with and without the outcome are needed.",
    "observed_over_expected": (
        "Too few quarters to test observed over expected: %(n)d with enough known outcomes are needed."
    ),
    "high_share": "Too few quarters to test the share scored high: %(n)d with 30 people are needed.",
}
ALARMS = "Outside their control limits: %(n)d %(n:figure|figures) of single quarters, marked in the table."
TRIED = (
    "The limits hold for the whole series: without drift, the chance that any quarter or any change of any figure is "
    "reported is about %(percent).0f%%, however many quarters there are."
)
WOULD_SEE = {
    "auc": (
        "A lasting change of AUC by %(shift).3f from the middle on would have been found with a probability of 80%%."
    ),
    "observed_over_expected": (
        "A lasting change of observed over expected by %(shift).2f from the middle on would have been found with a "
        "probability of 80%%."
    ),
    "high_share": (
        "A lasting change of the share scored high by %(shift).1f points from the middle on would have been found with "
        "a probability of 80%%."
    ),
}
SIZE = "%(n)d people were scored in %(quarters)d %(quarters:quarter|quarters)."
TOUCHED = "%(n)d people were scored since %(since)s."
CAVEATS = (
    "Expected shares of a score that is no probability are those of the whole period: the figures compare quarters "
    "with one another, not with a promise.",
    "Outcomes need the same follow-up in every quarter. Recent quarters with a shorter one look safer than they are.",
    "A change does not say why: the score, the people scored, recording, the law or the season may have changed.",
    "The limits take assessments as independent where no pid says whose they are. Seasons make more alarms.",
    "The number of people scored is shown, not judged.",
)
MESSAGES = frozenset(
    {NO_DRIFT_FOUND, ALARMS, TRIED, SIZE, TOUCHED, *SHIFTED.values(), *NOT_TESTED.values(), *WOULD_SEE.values()}
    | {*ODD.values(), *CAVEATS, *REPEATS}
)
VOCABULARY = frozenset({CHANGED, STANDS_OUT, NO_DRIFT, TOO_FEW, TOO_FEW_PEOPLE, INSIDE, OUTSIDE, "", SHOWN, FEW, BARE})
