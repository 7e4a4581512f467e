"""Answers the kernel's questions with Cedar: our policies, shipped with the program, and the town's bylaws.

All are parsed and checked against the schema once, when the office opens. A town's bylaws can only forbid, and Cedar
lets one "forbid" outweigh every "permit", so they can only tighten. What is told with every question for the sake of
bylaws (the time in three ways, the capability, of a paper that is no warrant what one would cover) is told only where
some policy of that action reads it: Cedar takes 2 to 6 µs for each, and several times that where its code is in no
cache of the processor. For the same reason nothing is asked twice (decision 23).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy
import msgspec

from peelian.adapters.cedar_memory import Asked, Memory
from peelian.errors import InputError, IntegrityError
from peelian.governance.engine import (
    A_POLICY_FAILED,
    FOR_WARRANTS,
    NOTHING_PERMITS,
    Bylaw,
    Id,
    Question,
    Thing,
    midnight_after,
)
from peelian.measure.canonical import digest

MOST_BYTES = 1 << 20
REMEMBERED = 64  # sets of facts: most judgements know the same people and capabilities
FOR_BYLAWS = frozenset({"now", "today", "weekday", "capability"})
_EVERYTHING = "*"
_NOW = frozenset({"now"})
_BEGINNING = "0001-01-01T00:00:00.000Z"
_ALONE = frozenset({"Paper", "Dataset"})  # no fact, context or bylaw looks into one: only who asks about it means it
_MEET = frozenset({"==", "!=", "in", "Set"})  # where a bylaw may name one: nothing of it is read there
ACCEPTED = 'policies that begin with @id("a_rule") @says("…") @remedy("…") and forbid'
_ANYBODY, _NO_FACTS = ("Person", "anybody"), "[]"
_CONTEXT = {"Var": "context"}
_ACTION = re.compile(r"^action .*?^};", re.MULTILINE | re.DOTALL)  # of the schema, with its context
_AT_NEED = re.compile(rf"\b({'|'.join(sorted(FOR_BYLAWS | FOR_WARRANTS))}):")
_ID = re.compile(r"[a-z][a-z0-9_]{2,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cedar:
    """Prepared policies and schema. What they say no to follows from what is asked, and from nothing else."""

    policies: Callable[[str], cedarpy.PolicySet]  # those that speak of this action
    shared: Callable[[str], cedarpy.Entities]  # facts parsed from their JSON, or remembered
    schema: cedarpy.Schema

    def answer(self, asked: Asked) -> frozenset[str]:
        """The ids of the policies that say no; ValueError where the facts do not fit the schema. O(policies)."""
        request = {
            "principal": _named(asked.person),
            "action": {"type": "Action", "id": asked.action},
            "resource": _named(asked.of),
            "context": asked.context,
        }
        known = self.shared(asked.shared)
        if asked.alone:  # parsed each time: once answered it is seldom asked about again, and a warrant is not kept
            known = known.with_added_json_str(asked.alone, self.schema)
        return _no(cedarpy.is_authorized(request, self.policies(asked.action), known, self.schema))


@dataclass(frozen=True, slots=True, kw_only=True)
class CedarEngine:
    """What the kernel asks. Made by `open_policies`."""

    cedar: Cedar
    remembered: Callable[[Asked], frozenset[str]]  # what Cedar answers, of the newest questions
    digests: Mapping[str, str]
    bylaws: Mapping[str, Bylaw]
    unread: Callable[[str, frozenset[str]], frozenset[str]]  # what no policy of an action reads, some of it idle
    alike: Mapping[str, str]  # an action, and the one that no policy tells it from: its answers are the same
    impersonal: Callable[[str], bool]  # whether the policies of an action look at nothing but what is asked about

    def forbidden_by(self, questions: Sequence[Question], things: Sequence[Thing]) -> list[frozenset[str]]:
        """For each question the ids of the policies that say no. O(questions × policies)."""
        try:
            shared = _spelled([_fact(one) for one in things if one.id[0] not in _ALONE])
        except ValueError:  # text that is none, such as half a character
            return [frozenset({A_POLICY_FAILED}) for _ in questions]
        alone = {one.id: one for one in things if one.id[0] in _ALONE}
        return [self._no_to(one, shared, alone.get(one.of)) for one in questions]

    def _no_to(self, question: Question, shared: str, asked_about: Thing | None) -> frozenset[str]:
        unread = self._untold(question)
        context = {key: value for key, value in question.context.items() if key not in unread}
        answer = self.cedar.answer if "now" in context else self.remembered
        if question.turns and "now" not in context:
            passed = (turn for turn in question.turns if turn <= question.context["now"])
            context["now"] = max(passed, default=_BEGINNING)
        action = self.alike.get(question.action, question.action)
        person = question.person
        if asked_about and "capability" not in context and self.impersonal(action):
            person, shared = _ANYBODY, _NO_FACTS
        try:
            alone = _spelled([_fact(asked_about)]) if asked_about else ""
            return answer(Asked(person, action, question.of, _spelled(context), shared, alone))
        except ValueError:  # facts that do not fit the schema, or text that is none
            return frozenset({A_POLICY_FAILED})

    def _untold(self, question: Question) -> frozenset[str]:
        """What Cedar is not told of its context, where what turns is known the time as well: that is told otherwise."""
        return self.unread(question.action, question.idle | _NOW if question.turns else question.idle)

    def until(self, questions: Sequence[Question]) -> str:
        """The moment before which time alone changes none of these answers. O(questions)."""
        ends = [midnight_after(one.context["now"]) for one in questions[:1]]
        for one in questions:
            now = one.context["now"]
            ends += [turn for turn in one.turns if turn > now] if "now" in self._untold(one) else [now]
        return min(ends, default="")

    def digest(self, part: str = "") -> str:
        """A digest of all policies and their schema, or of the town's own only."""
        return self.digests[part]


def open_policies(bylaws: Path | None = None) -> CedarEngine:
    """Our policies and the bylaws in a folder, checked; InputError names the file and what is wrong with it.

    IntegrityError where the policies shipped with the program are damaged.
    """
    schema, ours = _shipped()
    if checked := cedarpy.validate_policies(ours, schema).errors:
        raise IntegrityError(f"the program's own policies are damaged ({len(checked)} errors): install it again")
    known = {policy["annotations"]["id"] for policy in _parsed(ours)}
    texts: list[str] = []
    towns: dict[str, Bylaw] = {}
    for name, text in _texts_in(bylaws):
        for bylaw in _bylaws(name, text, schema):
            if bylaw.id in known | set(towns):
                raise InputError(
                    "there is a policy with this @id already", file=name, column=bylaw.id, accepted="another"
                )
            towns[bylaw.id] = bylaw
        texts.append(text)
    prepared = cedarpy.Schema.from_str(_ACTION.sub(lambda one: _AT_NEED.sub(r"\1?:", one[0]), schema))

    own, towns_own = _parsed(ours), _parsed("\n".join(texts))
    parsed = [*own, *towns_own]

    cedar = Cedar(policies=_chosen_from(parsed), shared=_parsed_facts(prepared), schema=prepared)

    @lru_cache(maxsize=REMEMBERED)
    def unread(action: str, idle: frozenset[str]) -> frozenset[str]:
        by_us, by_the_town = _read_by(own, action), _read_by(towns_own, action)
        if _EVERYTHING in by_us | by_the_town:
            return frozenset()
        return FOR_BYLAWS - by_us - by_the_town | idle - by_the_town

    @lru_cache(maxsize=REMEMBERED)
    def impersonal(action: str) -> bool:
        return not any(_looks_further(one) for one in parsed if _speaks_of(one["action"], action))

    return CedarEngine(
        cedar=cedar,
        impersonal=impersonal,
        remembered=Memory(cedar.answer),
        unread=unread,
        alike={} if any(_tells_a_run_from_its_request(one) for one in parsed) else {"run": "ask"},
        digests={"": digest([schema, ours, *texts]), "bylaws": digest(texts) if texts else ""},
        bylaws=towns,
    )


def _chosen_from(parsed: Sequence[Mapping[str, Any]]) -> Callable[[str], cedarpy.PolicySet]:
    """The policies that speak of an action."""

    @lru_cache(maxsize=REMEMBERED)
    def policies(action: str) -> cedarpy.PolicySet:
        chosen = {f"policy{n}": policy for n, policy in enumerate(parsed) if _speaks_of(policy["action"], action)}
        return cedarpy.PolicySet.from_json_str(
            json.dumps({"staticPolicies": chosen, "templates": {}, "templateLinks": []})
        )

    return policies


def _parsed_facts(schema: cedarpy.Schema) -> Callable[[str], cedarpy.Entities]:
    @lru_cache(maxsize=REMEMBERED)
    def entities(facts: str) -> cedarpy.Entities:
        return cedarpy.Entities.from_json_str(facts, schema)

    return entities


def _shipped() -> tuple[str, str]:
    folder = files("peelian.governance").joinpath("policies")
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if ".cedar" in entry.name}
    ours = [texts[name] for name in sorted(texts) if name.endswith(".cedar")]
    return texts["peelian.cedarschema"], "\n".join(ours)


def _texts_in(folder: Path | None) -> Iterator[tuple[str, str]]:
    if folder is None or not folder.exists():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix != ".cedar" or not path.is_file():
            raise InputError("only policies lie here", file=f"bylaws/{path.name}", accepted="files that end in .cedar")
        if path.stat().st_size > MOST_BYTES:
            raise InputError("this file is too long for bylaws", file=f"bylaws/{path.name}", accepted="up to 1 MiB")
        try:
            yield f"bylaws/{path.name}", path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise InputError("this is no text", file=f"bylaws/{path.name}", accepted="UTF-8") from None


def _bylaws(name: str, text: str, schema: str) -> Iterator[Bylaw]:
    try:
        policies = _parsed(text)
    except ValueError as wrong:
        says = str(wrong).splitlines()[0][:120]
        raise InputError(f"this is no Cedar policy ({says})", file=name, accepted=ACCEPTED) from None
    for number, policy in enumerate(policies, 1):
        notes = {name: (value or "").strip() for name, value in policy.get("annotations", {}).items()}
        if fault := _fault(policy, notes):
            raise InputError(fault, file=name, column=f"policy {number}", accepted=ACCEPTED)
        yield Bylaw(id=notes["id"], says=notes["says"], remedy=notes["remedy"])
    if errors := cedarpy.validate_policies(text, schema).errors:
        says = " ".join(errors[0].error.split())[:200]
        raise InputError(f"this bylaw speaks of what there is not: {says}", file=name, accepted="the schema's words")


def _fault(policy: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    if policy["effect"] != "forbid":
        return "a bylaw may only forbid: it can tighten and never loosen"
    if not _ID.fullmatch(notes.get("id", "")):
        return "a bylaw has no @id of small letters, digits and underscores"
    if not notes.get("says") or not notes.get("remedy"):
        return "a bylaw must say what is wrong (@says) and what puts it right (@remedy)"
    if any(_looks_into(one) for one in _conditions(policy)):
        return "a bylaw may name a paper or a dataset to compare it, but looks only into the one that is asked about"
    return ""


def _parsed(text: str) -> list[dict[str, Any]]:
    """The policies of a text in order; ValueError where it is none, or a template, which decides nothing by itself."""
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    if parsed["templates"]:
        raise ValueError("a template")
    found: dict[str, dict[str, Any]] = parsed["staticPolicies"]
    return [found[key] for key in sorted(found, key=lambda key: int(key.removeprefix("policy")))]


def _speaks_of(scope: Mapping[str, Any], action: str) -> bool:
    """Whether a policy with this scope may count for this action (the schema has no groups of actions)."""
    named = [scope["entity"]] if "entity" in scope else scope.get("entities", ())
    return not named or any(one["id"] == action for one in named)


def _read_by(policies: Sequence[Mapping[str, Any]], action: str) -> frozenset[str]:
    """The attributes of the context that policies of an action read; everything, where one takes it as a whole."""
    spoken = [policy for policy in policies if _speaks_of(policy["action"], action)]
    return frozenset(attribute for policy in spoken for one in _conditions(policy) for attribute in _read_in(one))


def _conditions(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [condition["body"] for condition in policy["conditions"]]


def _parts(expression: Mapping[str, Any]) -> tuple[str, Any, list[dict[str, Any]]]:
    """What an expression does, what with, and the expressions that are part of it."""
    ((does, given),) = expression.items()
    if does in ("Value", "Var"):
        return does, given, []
    return does, given, [one for one in (given.values() if isinstance(given, dict) else given) if isinstance(one, dict)]


def _read_in(expression: Mapping[str, Any]) -> Iterator[str]:
    does, given, parts = _parts(expression)
    if expression == _CONTEXT:
        yield _EVERYTHING
    elif does in (".", "has") and given["left"] == _CONTEXT:
        yield str(given["attr"])
    else:
        for one in parts:
            yield from _read_in(one)


def _looks_further(policy: Mapping[str, Any]) -> bool:
    """Whether a policy may look at more than what is asked about and the context: at who asks, or at one it names."""
    scoped = policy["principal"]["op"] != "All" or policy["resource"]["op"] not in ("All", "is")
    return scoped or any(_means_others(one) for one in _conditions(policy))


def _means_others(expression: Mapping[str, Any]) -> bool:
    does, given, parts = _parts(expression)
    named = does == "Value" and isinstance(given, dict)
    return named or (does, given) == ("Var", "principal") or any(_means_others(one) for one in parts)


def _tells_a_run_from_its_request(policy: Mapping[str, Any]) -> bool:
    scope = policy["action"]
    return _speaks_of(scope, "run") != _speaks_of(scope, "ask") or any(
        _names_action(one) for one in _conditions(policy)
    )


def _names_action(expression: Mapping[str, Any]) -> bool:
    does, given, parts = _parts(expression)
    return (does, given) == ("Var", "action") or any(_names_action(one) for one in parts)


def _looks_into(expression: Mapping[str, Any], *, meets: bool = False) -> bool:
    """Whether facts could be read of a paper or a dataset that is named, and not asked about."""
    does, given, parts = _parts(expression)
    if does == "Value" and isinstance(given, dict):
        return not meets and given.get("__entity", {}).get("type") in _ALONE
    return any(_looks_into(one, meets=does in _MEET) for one in parts)


def _no(answer: cedarpy.AuthzResult) -> frozenset[str]:
    if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
        return frozenset({A_POLICY_FAILED})  # Cedar skips a policy that fails: here it refuses
    if answer.allowed:
        return frozenset()
    ids = frozenset(answer.diagnostics.id_annotations_by_reason.values())
    return ids or frozenset({NOTHING_PERMITS})


def _fact(of: Thing) -> dict[str, Any]:
    return {"uid": _named(of.id), "attrs": of.attributes, "parents": [_named(above) for above in of.within]}


def _spelled(facts: Any) -> str:
    """Facts as JSON; ValueError where a text is none."""
    return msgspec.json.encode(facts).decode()


def _named(of: Id) -> dict[str, str]:
    return {"type": of[0], "id": of[1]}
