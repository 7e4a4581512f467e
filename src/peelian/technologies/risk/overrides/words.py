"""Sentences and words of the override audit."""

from __future__ import annotations

from peelian.technologies.risk.assessments import REPEATS, ROWS
from peelian.technologies.risk.shared import BARE, EVERYONE, FEW, PARTNER, SHOWN

UP, DOWN = "upward", "downward"
MORE, LESS, NO_DIFFERENCE, TOO_FEW = "more often", "less often", "no difference found", "too few to tell"
OVERALL = (
    "Decisions depart from the score for %(up).1f%% of %(up_n)d people with a low score (upward: decided as for a high "
    "one) and for %(down).1f%% of %(down_n)d people with a high score (downward)."
)
MORE_OFTEN = {
    UP: (
        "Low scores of %(group)s are overruled upward %(ratio).2f times as often as those of everyone at the same "
        "score (%(low).2f to %(high).2f)."
    ),
    DOWN: (
        "High scores of %(group)s are overruled downward %(ratio).2f times as often as those of everyone at the same "
        "score (%(low).2f to %(high).2f)."
    ),
}
LESS_OFTEN = {
    UP: (
        "Low scores of %(group)s are overruled upward less often, %(ratio).2f times as often as those of everyone at "
        "the same score (%(low).2f to %(high).2f)."
    ),
    DOWN: (
        "High scores of %(group)s are overruled downward less often, %(ratio).2f times as often as those of everyone "
        "at the same score (%(low).2f to %(high).2f)."
    ),
}
NONE_DIFFERS = (
    "No group was found whose scores are overruled more or less often than those of everyone at the same score."
)
NO_GROUPS = "No group has enough overrides to be compared."
UNKNOWN_TO_US = "Too few people to say how often decisions depart from the score."
HOLM = (
    "%(tests)d %(tests:comparison was|comparisons were) made. If no group differed, the chance that this page says one "
    "does would be at most about %(percent).0f%% (Holm's procedure)."
)
WOULD_SEE = (
    "A difference of %(percent).0f%% from everyone would have been found with a probability of 80%% for %(group)s, "
    "where it is hardest to see; for the other groups, a smaller one."
)
AGREES = "Decision and score agree for %(share).1f%% of %(n)d people."
TOUCHED = {
    UP: "%(group)s: %(n)d people have a low score. %(share).1f%% of them are overruled upward.",
    DOWN: "%(group)s: %(n)d people have a high score. %(share).1f%% of them are overruled downward.",
}
OUTCOMES = (
    "Of the people with a high score who were decided low, %(down).1f%% had the outcome (of %(n)d with a known one); "
    "of those with a low score who were decided low, %(low).1f%%."
)
CUT = "A score of %(cut).6g or beyond counts as high."
CUT_CHOSEN = (
    "No cut-off was given. A score of %(cut).6g or beyond counts as high, so that about as many people score high as "
    "were decided high. With another cut-off, other decisions are overrides."
)
CAVEATS = (
    ROWS,
    "Counts do not say whether an override was right. Decision-makers may know what the score does not.",
    "What would have happened to people had they been decided otherwise is not known: outcomes of different decisions "
    "cannot be compared as if people were alike.",
    "Groups are compared at the same score. What else differs between them is not taken into account.",
    "No decision-maker and no person is read, counted or named.",
)
MESSAGES = frozenset(
    {
        OVERALL,
        NONE_DIFFERS,
        NO_GROUPS,
        UNKNOWN_TO_US,
        HOLM,
        WOULD_SEE,
        AGREES,
        OUTCOMES,
        CUT,
        CUT_CHOSEN,
        *CAVEATS,
        *REPEATS,
    }
    | {*MORE_OFTEN.values(), *LESS_OFTEN.values(), *TOUCHED.values()}
)
VOCABULARY = frozenset(
    {UP, DOWN, MORE, LESS, NO_DIFFERENCE, TOO_FEW, "low", "high", EVERYONE, "", SHOWN, FEW, BARE, PARTNER}
)
