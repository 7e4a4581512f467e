"""Engine port: questions over entities, answered with the policies that forbid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from peelian.errors import InputError

Id = tuple[str, str]
"""An entity: its type and its name, such as `("Person", "3f…")`."""

NOTHING_PERMITS = "an_empty_policy_refuses"
A_POLICY_FAILED = "a_policy_that_fails_refuses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity with its attributes, and the entities it belongs to."""

    id: Id
    attributes: Mapping[str, Any]
    within: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this person do this with that, as things stand?"""

    person: Id
    action: str
    of: Id
    context: Mapping[str, Any]


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

    def forbidden_by(self, question: Question, things: Sequence[Entity]) -> frozenset[str]:
        """The ids of the policies that say no, given the facts; an empty set is a permission.

        Where nothing forbids and nothing permits either, the set holds `NOTHING_PERMITS`; where a policy could not be
        evaluated or the facts do not fit the schema, `A_POLICY_FAILED`.
        """
        ...

    def each_forbidden_by(self, questions: Sequence[Question], things: Sequence[Entity]) -> list[frozenset[str]]:
        """The same for several questions about the same facts, each answered by itself."""
        ...

    def digest(self, part: str = "") -> str:
        """A digest of all policies and their schema; of the town's own only where `part` is "bylaws" ("" if none)."""
        ...


class EngineAtNeed:
    """An engine that is opened when it is first asked: what only looks at the office waits for no policies.

    Where it cannot be opened, each question raises that error again, and nothing is permitted.
    """

    def __init__(self, opened: Callable[[], Engine]) -> None:
        self._opened = cache(opened)

    @property
    def bylaws(self) -> Mapping[str, Bylaw]:
        return self._opened().bylaws

    @property
    def fault(self) -> InputError | None:
        """What is wrong with the town's bylaws."""
        return getattr(self._opened(), "fault", None)

    def forbidden_by(self, question: Question, things: Sequence[Entity]) -> frozenset[str]:
        return self._opened().forbidden_by(question, things)

    def each_forbidden_by(self, questions: Sequence[Question], things: Sequence[Entity]) -> list[frozenset[str]]:
        return self._opened().each_forbidden_by(questions, things)

    def digest(self, part: str = "") -> str:
        return self._opened().digest(part)


GOES_ON = frozenset({"suspend", "enter"})
"""What the program's own policies still decide where the town's bylaws cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutBylaws:
    """Stands in where the town's bylaws are damaged: who may suspend or see a page is decided by the program's own
    policies, and everything else is refused, for a bylaw may have forbidden it. No two people adopted what stands
    there, so that no use is permitted either."""

    engine: Engine
    fault: InputError  # what is wrong, with the file
    bylaws: Mapping[str, Bylaw] = field(default_factory=dict)

    def forbidden_by(self, question: Question, things: Sequence[Entity]) -> frozenset[str]:
        return self.each_forbidden_by([question], things)[0]

    def each_forbidden_by(self, questions: Sequence[Question], things: Sequence[Entity]) -> list[frozenset[str]]:
        every = self.engine.each_forbidden_by(questions, things)
        return [
            no if asked.action in GOES_ON else no | {A_POLICY_FAILED}
            for asked, no in zip(questions, every, strict=True)
        ]

    def digest(self, part: str = "") -> str:
        return "damaged" if part == "bylaws" else self.engine.digest()


def entity(of: Id) -> dict[str, dict[str, str]]:
    """A reference to an entity as an attribute's value."""
    return {"__entity": {"type": of[0], "id": of[1]}}


def moment(time: datetime) -> str:
    """An instant as the policies read it: UTC to the millisecond."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
