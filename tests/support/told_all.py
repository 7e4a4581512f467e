"""An engine that tells Cedar everything and remembers nothing, and one that notes what Cedar is asked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

import cedarpy

from peelian.adapters.cedar_engine import Cedar, CedarEngine
from peelian.adapters.cedar_memory import Asked, Memory
from peelian.governance.engine import A_POLICY_FAILED, NOTHING_PERMITS, Bylaw, Id, Question, Thing


@dataclasses.dataclass(frozen=True)
class ToldAll:
    """An engine that tells Cedar everything with each question, the time, too, and remembers nothing."""

    engine: CedarEngine

    @property
    def bylaws(self) -> Mapping[str, Bylaw]:
        return self.engine.bylaws

    def digest(self, part: str = "") -> str:
        return self.engine.digest(part)

    def forbidden_by(self, questions: Sequence[Question], things: Sequence[Thing]) -> list[frozenset[str]]:
        return [self._no_to(one, things) for one in questions]

    def judged_as(self, action: str) -> str:
        return action

    def until(self, questions: Sequence[Question]) -> str:
        return ""

    def _no_to(self, question: Question, things: Sequence[Thing]) -> frozenset[str]:
        facts = [
            {"uid": _named(one.id), "attrs": one.attributes, "parents": [_named(above) for above in one.within]}
            for one in things
        ]
        request = {
            "principal": _named(question.person),
            "action": _named(("Action", question.action)),
            "resource": _named(question.of),
            "context": dict(question.context),
        }
        cedar = self.engine.cedar
        try:
            known = cedarpy.Entities.from_json_str(json.dumps(facts), cedar.schema)
            answer = cedarpy.is_authorized(request, cedar.policies(question.action), known, cedar.schema)
        except ValueError:
            return frozenset({A_POLICY_FAILED})
        if answer.allowed:
            return frozenset()
        no = frozenset(answer.diagnostics.id_annotations_by_reason.values())
        return frozenset({A_POLICY_FAILED}) if answer.diagnostics.errors else no or frozenset({NOTHING_PERMITS})


def _named(of: Id) -> dict[str, str]:
    return {"type": of[0], "id": of[1]}


def counting(engine: CedarEngine) -> tuple[CedarEngine, list[Asked]]:
    """The engine, and what Cedar itself was asked."""
    asked: list[Asked] = []

    class Counted(Cedar):
        def answer(self, one: Asked) -> frozenset[str]:
            asked.append(one)
            return engine.cedar.answer(one)

    cedar = Counted(policies=engine.cedar.policies, shared=engine.cedar.shared, schema=engine.cedar.schema)
    return dataclasses.replace(engine, cedar=cedar, remembered=Memory(cedar.answer)), asked
