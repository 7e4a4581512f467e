"""An engine that tells Cedar everything and remembers nothing, and one that notes what Cedar is asked.

The first has the shipped policies and schema from their files and the bylaws from their text, all of them for every
question: it takes nothing from the engine that it is compared with.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

import cedarpy

from peelian.adapters.cedar_engine import Cedar, CedarEngine
from peelian.adapters.cedar_memory import Asked, Memory
from peelian.governance.engine import A_POLICY_FAILED, NOTHING_PERMITS, Bylaw, Id, Question, Thing
from peelian.measure.canonical import digest

FOLDER = files("peelian.governance").joinpath("policies")
SHIPPED = "\n".join(file.read_text(encoding="utf-8") for file in FOLDER.iterdir() if file.name.endswith(".cedar"))
SCHEMA = cedarpy.Schema.from_str(FOLDER.joinpath("peelian.cedarschema").read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _all_policies(bylaws: str) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str(f"{SHIPPED}\n{bylaws}")


@dataclasses.dataclass(frozen=True)
class ToldAll:
    """An engine that tells Cedar everything with each question, the time, too, and remembers nothing. `folder`: of the
    bylaws that the engine was opened with."""

    engine: CedarEngine
    folder: Path | None = None

    def __post_init__(self) -> None:
        assert self.engine.digest("bylaws") == (digest(self._texts) if self._texts else ""), "the same bylaws"

    @cached_property
    def _texts(self) -> list[str]:
        return [path.read_text(encoding="utf-8") for path in sorted(self.folder.iterdir())] if self.folder else []

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
        try:
            known = cedarpy.Entities.from_json_str(json.dumps(facts), SCHEMA)
            answer = cedarpy.is_authorized(request, _all_policies("\n".join(self._texts)), known, SCHEMA)
        except ValueError:
            return frozenset({A_POLICY_FAILED})
        if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
            return frozenset({A_POLICY_FAILED})
        if answer.allowed:
            return frozenset()
        return frozenset(answer.diagnostics.id_annotations_by_reason.values()) or frozenset({NOTHING_PERMITS})


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
