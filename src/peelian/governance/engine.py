"""What the kernel asks of a policy engine: questions over facts, answered with the policies that said no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

Id = tuple[str, str]
"""An entity: its type and its name, such as `("Person", "3f…")`."""

NOTHING_PERMITS = "an_empty_policy_refuses"
FOR_WARRANTS = frozenset({"cells", "sensors", "operations"})
"""What a question about a paper tells of what a warrant would have to cover."""
A_POLICY_FAILED = "a_policy_that_fails_refuses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An entity with its attributes, and the entities it belongs to."""

    id: Id
    attributes: Mapping[str, Any]
    within: tuple[Id, ...] = ()


class Compared(NamedTuple):
    """A moment of the context, what has the fact, and the fact, a moment as well."""

    moment: str
    of: Id
    fact: str


class Ranked(NamedTuple):
    """A record among the facts of what is asked about, and two numbers in it."""

    fact: str
    numbers: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this person do this with that, as things stand?

    `idle` names what of the context our own policies do not read of such a thing: it is told where a bylaw reads it.
    `turns` are the moments, as `moment` spells them, at which what our own policies say of it may change, where they
    are known: between two of them any time is as good as another. `compared` is a moment of the context and a fact of
    something with which our own policies compare it, and each of the two with nothing else, if there are such. `ranked`
    are two numbers of which the same holds.
    """

    person: Id
    action: str
    of: Id
    context: Mapping[str, Any]
    idle: frozenset[str] = frozenset()
    turns: tuple[str, ...] = ()
    compared: Compared | None = None
    ranked: Ranked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bylaw:
    """A town's own policy: it only forbids. `id` is its rule; it says what is wrong and what would put it right."""

    id: str
    says: str
    remedy: str


class Engine(Protocol):
    """Answers questions by its policies. No policy, a policy that cannot be evaluated: the answer is no."""

    @property
    def bylaws(self) -> Mapping[str, Bylaw]:
        """The town's own policies by their id."""
        ...

    def forbidden_by(self, questions: Sequence[Question], things: Sequence[Thing]) -> list[frozenset[str]]:
        """For each question the ids of the policies that say no; an empty set is a permission.

        Where nothing forbids and nothing permits either, the set holds `NOTHING_PERMITS`; where a policy could not be
        evaluated or the facts do not fit the schema, `A_POLICY_FAILED`.
        """
        ...

    def judged_as(self, action: str) -> str:
        """The action that no policy tells this one from, or itself: what is said of one holds for both."""
        ...

    def until(self, questions: Sequence[Question]) -> str:
        """The moment before which time alone changes none of these answers, as `moment` spells it: at the latest the
        next midnight, and the question's own where a policy is told the time."""
        ...

    def digest(self, part: str = "") -> str:
        """A digest of all policies and their schema; of the town's own only where `part` is "bylaws" ("" if none)."""
        ...


def entity(of: Id) -> dict[str, dict[str, str]]:
    """A reference to an entity as an attribute's value."""
    return {"__entity": {"type": of[0], "id": of[1]}}


def midnight_after(time: str) -> str:
    """The next midnight after a moment, both as `moment` spells them; the moment itself on the last day there is."""
    day = date.fromisoformat(time[:10])
    return f"{day + timedelta(days=1)}T00:00:00.000Z" if day < date.max else time


def moment(time: datetime) -> str:
    """An instant as the policies read it: UTC to the millisecond."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
