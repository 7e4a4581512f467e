"""What each level of an assessment asks for before use: reviews, approval, explanation, training, fallback.

Source: level requirements of the Directive on Automated Decision-Making, Appendix C, as the official tool lists them;
a municipality's ranks stand for the federal ones, and where ours are stricter the stricter counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import Role

PARTS: Mapping[str, str] = {
    "role": "What the system does, and where people act",
    "inputs": "Inputs and their sources",
    "criteria": "Inputs judged",
    "reviews": "Review and audit findings",
    "output": "Meaning and limits of its output",
    "factors": "Highest-scoring answers",
    "recourse": "How to contest",
}
"""The seven parts of a published explanation."""

NOTICE, GROUPS, FALLBACK = "notice", "groups", "fallback"
MORE: Mapping[str, str] = {
    NOTICE: "Public notice",
    GROUPS: "Effects on groups, missing data and measures",
    FALLBACK: "Work without the system",
}
"""What an explanation holds besides its seven parts, as the level asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What one level asks for."""

    level: int
    reviews: int  # peer reviews by qualified people of other units
    approvers: frozenset[Role]  # who may approve: the rank rises with the level
    texts: tuple[str, ...]  # parts an explanation must hold, in English and in French
    training: str  # none, documentation, courses, recurring: a message id
    trained: bool  # whether everybody who may ask or decide must be trained now
    human: str  # a message id


CLERKS = frozenset({Role.COMMANDER, Role.BOARD, Role.COUNCIL})
DOCUMENTATION = "documentation of design and operation"
COURSES = "documentation, and completed courses for everyone who requests or decides"
RECURRING = "documentation, and yearly courses for everyone who requests or decides"
HUMAN = "a named person decides every case. At any level, no output counts as a decision"
HUMAN_STRICT = "a named person makes the final decision, at defined steps"

BY_LEVEL: Mapping[int, Obligations] = {
    1: Obligations(level=1, reviews=0, approvers=CLERKS, texts=(), training=DOCUMENTATION, trained=False, human=HUMAN),
    2: Obligations(
        level=2,
        reviews=1,
        approvers=CLERKS,
        texts=(*PARTS, NOTICE, GROUPS),
        training=DOCUMENTATION,
        trained=False,
        human=HUMAN,
    ),
    3: Obligations(
        level=3,
        reviews=1,
        approvers=frozenset({Role.BOARD, Role.COUNCIL}),
        texts=(*PARTS, NOTICE, GROUPS, FALLBACK),
        training=COURSES,
        trained=True,
        human=HUMAN_STRICT,
    ),
    4: Obligations(
        level=4,
        reviews=2,
        approvers=frozenset({Role.COUNCIL}),
        texts=(*PARTS, NOTICE, GROUPS, FALLBACK),
        training=RECURRING,
        trained=True,
        human=HUMAN_STRICT,
    ),
}
