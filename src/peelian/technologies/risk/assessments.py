"""Where some person has several assessments: what is said."""

from __future__ import annotations

from peelian.kernel.model.capability import Dataset, Note, Scalar
from peelian.technologies.risk.measure.jackknife import FEWEST_GROUPS
from peelian.technologies.risk.publication import SMALLEST_PUBLIC

ROWS = (
    "Rows without a pid are taken as different people. Several assessments of one person then make intervals too "
    "narrow."
)
COUNTED = (
    "%(assessments)d assessments of %(people)d people. Numbers of people in sentences and pictures count assessments. "
    "Intervals and tests allow for several assessments of one person."
)
CANNOT_TELL = (
    "It cannot be told: there are %(assessments)d assessments, but of %(people)d people only. A verdict needs at least "
    "%(n)d people in each group."
)
REPEATS = (COUNTED, CANNOT_TELL)


def assessed(data: Dataset, *, told: bool) -> tuple[tuple[Note, ...], dict[str, Scalar]]:
    """What a comparison, drift, subgroups or overrides say, and the facts, where some person has several assessments.

    `told`: whether there are people enough for any verdict.
    """
    people = int(data.facts.get("people", 0))
    if "fold" not in data.table or people < SMALLEST_PUBLIC:
        return (), {}
    counted: dict[str, Scalar] = {"assessments": int(data.table["n"].sum()), "people": people}
    short = () if told else (Note(text=CANNOT_TELL, values={**counted, "n": FEWEST_GROUPS}),)
    return (*short, Note(text=COUNTED, values=counted, kind="caveat")), counted if "distinct" in data.table else {}
