"""Sentences and words of the subgroup search."""

from __future__ import annotations

from peelian.technologies.risk.assessments import REPEATS, ROWS

MORE, LESS, NOT_CONFIRMED = "more happens than expected", "less happens than expected", "not confirmed"
WHO = (
    "%(axis_1)s %(group_1)s",
    "%(axis_1)s %(group_1)s and %(axis_2)s %(group_2)s",
    "%(axis_1)s %(group_1)s, %(axis_2)s %(group_2)s and %(axis_3)s %(group_3)s",
)
THEN = "At the same score, the outcome is %(ratio).2f times as frequent as for everyone (%(lo).2f to %(hi).2f)."
MORE_HAPPENS = {i: f"{who}: the score promises too little. {THEN}" for i, who in enumerate(WHO, start=1)}
LESS_HAPPENS = {i: f"{who}: the score promises too much. {THEN}" for i, who in enumerate(WHO, start=1)}
NONE_FOUND = "No subgroup was found for whom the score promises too much or too little."
NOTHING_SEARCHED = "No subgroup is large enough to be tested: each needs %(n)d people in both halves."
SEARCHED = (
    "%(searched)d %(searched:subgroup was|subgroups were) looked at on a random half of the people: all that at most "
    "%(depth)d of %(columns)d columns describe, with %(n)d people or more in each half."
)
TESTED = (
    "The %(tested)d most striking %(tested:one was|ones were) tested on the other half. If the score were right for "
    "all, the chance that any is reported would be at most about %(percent).0f%% (Holm's procedure)."
)
WOULD_SEE = (
    "In each tested subgroup, an outcome that is %(percent).0f%% more or less frequent than expected would have been "
    "found with a probability of at least 80%%."
)
TOUCHED = "%(n)d people of the tested half, %(share).1f%% of it, are in one or more of these subgroups."
NOBODY = "Nobody, as far as is known: no subgroup is reported."
CAVEATS = (
    ROWS,
    "Only subgroups that the columns describe were looked at, and only those with enough people.",
    "Expected is what happens to everyone with the same score. A score that is wrong for all alike is not found.",
    "A subgroup does not say why: the score, recording or treatment may differ.",
    "Another random half may bring other subgroups to the test. The seed is recorded with the findings.",
    "Outcomes are what was recorded, not what happened. Recording depends on who is watched.",
)
MESSAGES = frozenset(
    {NONE_FOUND, NOTHING_SEARCHED, SEARCHED, TESTED, WOULD_SEE, TOUCHED, NOBODY, *CAVEATS, *REPEATS}
    | {*MORE_HAPPENS.values(), *LESS_HAPPENS.values()}
)
VOCABULARY = frozenset({MORE, LESS, NOT_CONFIRMED, ""})
