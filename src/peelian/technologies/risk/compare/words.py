"""Sentences and words of the comparison of two scores."""

from __future__ import annotations

from peelian.technologies.risk.assessments import REPEATS, ROWS
from peelian.technologies.risk.shared import BARE, EVERYONE, FEW, PARTNER, SHOWN

HIGHER, LOWER, NO_DIFFERENCE, TOO_FEW = "second higher", "second lower", "no difference found", "too few to tell"
AUC_BETTER = (
    "The second score separates people with and without the outcome better: AUC %(second).3f against %(first).3f "
    "(difference %(lo).3f to %(hi).3f)."
)
AUC_WORSE = (
    "The second score separates people with and without the outcome worse: AUC %(second).3f against %(first).3f "
    "(difference %(lo).3f to %(hi).3f)."
)
AUC_SAME = (
    "No difference in how well the two scores separate people with and without the outcome was found: AUC "
    "%(second).3f against %(first).3f (difference %(lo).3f to %(hi).3f)."
)
DIFFERS = {
    "auc": (
        "For %(group)s, the second score has an AUC of %(second).3f, the first %(first).3f (difference %(lo).3f to "
        "%(hi).3f)."
    ),
    "fpr": (
        "False positive rate of %(group)s: %(second).1f%% under the second score, %(first).1f%% under the first "
        "(difference %(lo).1f to %(hi).1f points)."
    ),
    "fnr": (
        "False negative rate of %(group)s: %(second).1f%% under the second score, %(first).1f%% under the first "
        "(difference %(lo).1f to %(hi).1f points)."
    ),
    "expected": (
        "Of %(group)s, the second score leads one to expect the outcome for %(second).1f%%, the first for "
        "%(first).1f%% (difference %(lo).1f to %(hi).1f points)."
    ),
}
NOTHING_BY_GROUP = "No other difference was found: neither in error rates nor in expected shares, overall or by group."
UNKNOWN_TO_US = (
    "Too few people to compare the two scores: at least 30 with and 30 without the outcome, and no group that could be "
    "identified."
)
HOLM = (
    "%(n)d people have both scores. %(tests)d %(tests:difference was|differences were) tested. If there were none, the "
    "chance that this page says one would be at most about %(percent).0f%% (Holm's procedure)."
)
WOULD_SEE = (
    "A true difference in AUC of %(auc).3f or more would have been found with a probability of 80%%. Smaller ones may "
    "exist unseen. The table gives the same for every group and rate."
)
MOVED = (
    "Of 1,000 people, %(first).0f are scored high by the first score only, and %(second).0f by the second only. "
    "For them the choice of the score matters."
)
BY_GROUP = "The table gives, for every group, the share that each score calls high."
CUTS = "Rates are at a cut-off of %(cut).6g for the first score and %(cut_2).6g for the second. Other cut-offs differ."
CHOSEN_CUTS = (
    "Rates are at a cut-off of %(cut).6g for the first score and %(cut_2).6g for the second. One that was not given "
    "was chosen so that about as many people score high as had the outcome."
)
CAVEATS = (
    ROWS,
    "Outcomes are what was recorded, not what happened. Recording depends on who is watched.",
    "A score that was fitted on these people looks better here than it will be elsewhere.",
    "Which errors weigh more is for people to decide. Neither score is recommended here.",
    "If people were treated according to one of the scores, their outcomes may depend on it.",
)
MESSAGES = frozenset(
    {AUC_BETTER, AUC_WORSE, AUC_SAME, NOTHING_BY_GROUP, UNKNOWN_TO_US, HOLM, WOULD_SEE, MOVED, BY_GROUP, CUTS}
    | {CHOSEN_CUTS, *DIFFERS.values(), *CAVEATS, *REPEATS}
)
VOCABULARY = frozenset({HIGHER, LOWER, NO_DIFFERENCE, TOO_FEW, EVERYONE, "", SHOWN, FEW, BARE, PARTNER})
