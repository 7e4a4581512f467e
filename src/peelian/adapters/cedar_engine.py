"""Answers the kernel's questions with Cedar: our policies, shipped with the program, and the town's bylaws.

All are parsed and checked against the schema once, when the office opens. A town's bylaws can only forbid, and Cedar
lets one "forbid" outweigh every "permit", so they can only tighten. What is told with every question for the sake of
bylaws (the time in three ways, the capability, of a paper that is no warrant what one would cover) is told only where
some policy of that action reads it: Cedar takes 2 to 6 µs for each, and twice that where its code is not in the
processor's caches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import cedarpy
import msgspec

from peelian.errors import InputError, IntegrityError
from peelian.governance.engine import A_POLICY_FAILED, FOR_WARRANTS, NOTHING_PERMITS, Bylaw, Id, Question, Thing
from peelian.measure.canonical import digest

MOST_BYTES = 1 << 20
REMEMBERED = 64  # sets of entities; parsing one is a third of a judgement, and most judgements know the same things
ANSWERS = 256  # remembered: a run asks again what its `ask` did, and a page what the page before it did
FOR_BYLAWS = frozenset({"now", "today", "weekday", "capability"})
_EVERYTHING = "*"
_NOW = frozenset({"now"})
_BEGINNING = "0001-01-01T00:00:00.000Z"
_ALONE = frozenset({"Paper", "Dataset"})  # no fact and no context speaks of one: only who asks about it can mean it
ACCEPTED = 'policies that begin with @id("a_rule") @says("…") @remedy("…") and forbid'
_CONTEXT = {"Var": "context"}
_ACTION = re.compile(r"^action .*?^};", re.MULTILINE | re.DOTALL)  # of the schema, with its context
_AT_NEED = re.compile(rf"\b({'|'.join(sorted(FOR_BYLAWS | FOR_WARRANTS))}):")
_ID = re.compile(r"[a-z][a-z0-9_]{2,79}")


class Asked(NamedTuple):
    """Everything that Cedar is told of one question. The same told again has the same answer."""

    person: Id
    action: str
    of: Id
    context: str  # JSON
    facts: tuple[str, ...]  # JSON, what changes least first: who and what for, then the paper or dataset asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class CedarEngine:
    """Prepared policies and schema. Made by `open_policies`."""

    policies: Callable[[str], cedarpy.PolicySet]  # those that speak of this action
    schema: cedarpy.Schema
    answer: Callable[[Asked], frozenset[str]]  # the policies that say no; ValueError where the facts do not fit
    remembered: Callable[[Asked], frozenset[str]]  # the same, of the newest ones
    digests: Mapping[str, str]
    bylaws: Mapping[str, Bylaw]
    unread: Callable[[str, frozenset[str]], frozenset[str]]  # what no policy of an action reads, some of it idle

    def forbidden_by(self, questions: Sequence[Question], things: Sequence[Thing]) -> list[frozenset[str]]:
        """For each question the ids of the policies that say no. O(questions × policies)."""
        return [self._no_to(question, things) for question in questions]

    def _no_to(self, question: Question, things: Sequence[Thing]) -> frozenset[str]:
        turning = question.idle | _NOW if question.turns else question.idle
        context = _without(question.context, self.unread(question.action, turning))
        answer = self.answer if "now" in context else self.remembered
        if question.turns and "now" not in context:
            context["now"] = max(
                (turn for turn in question.turns if turn <= question.context["now"]), default=_BEGINNING
            )
        shared = [one for one in things if one.id[0] not in _ALONE]
        alone = [one for one in things if one.id == question.of and one.id[0] in _ALONE]
        try:
            facts = tuple(_spelled([_fact(one) for one in layer]) for layer in (shared, alone) if layer)
            return answer(Asked(question.person, question.action, question.of, _spelled(context), facts))
        except ValueError:  # entities that do not fit the schema, or text that is none, such as half a character
            return frozenset({A_POLICY_FAILED})

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

    policies = _chosen_from(parsed)
    answer = answering(policies, prepared)

    @lru_cache(maxsize=REMEMBERED)
    def unread(action: str, idle: frozenset[str]) -> frozenset[str]:
        by_us, by_the_town = _read_by(own, action), _read_by(towns_own, action)
        if _EVERYTHING in by_us | by_the_town:
            return frozenset()
        return FOR_BYLAWS - by_us - by_the_town | idle - by_the_town

    return CedarEngine(
        policies=policies,
        schema=prepared,
        answer=answer,
        remembered=lru_cache(maxsize=ANSWERS)(answer),
        unread=unread,
        digests={"": digest([schema, ours, *texts]), "bylaws": digest(texts) if texts else ""},
        bylaws=towns,
    )


def answering(
    policies: Callable[[str], cedarpy.PolicySet], schema: cedarpy.Schema
) -> Callable[[Asked], frozenset[str]]:
    """What these policies say no to; the answers follow from what is asked, and from nothing else."""
    entities = _parsed_entities(schema)

    def answer(asked: Asked) -> frozenset[str]:
        request = {
            "principal": _named(asked.person),
            "action": {"type": "Action", "id": asked.action},
            "resource": _named(asked.of),
            "context": asked.context,
        }
        return _no(cedarpy.is_authorized(request, policies(asked.action), entities(asked.facts), schema))

    return answer


def _chosen_from(parsed: Sequence[Mapping[str, Any]]) -> Callable[[str], cedarpy.PolicySet]:
    """The policies that speak of an action."""

    @lru_cache(maxsize=REMEMBERED)
    def policies(action: str) -> cedarpy.PolicySet:
        chosen = {f"policy{n}": policy for n, policy in enumerate(parsed) if _speaks_of(policy["action"], action)}
        return cedarpy.PolicySet.from_json_str(
            json.dumps({"staticPolicies": chosen, "templates": {}, "templateLinks": []})
        )

    return policies


def _parsed_entities(schema: cedarpy.Schema) -> Callable[[tuple[str, ...]], cedarpy.Entities]:
    """Parses layers of things, one upon the other. Of the newest ones each layer is remembered with those below it."""

    @lru_cache(maxsize=REMEMBERED)
    def entities(layers: tuple[str, ...]) -> cedarpy.Entities:
        if not layers:
            return cedarpy.Entities.from_json_str("[]", schema)
        return entities(layers[:-1]).with_added_json_str(layers[-1], schema)

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
        if fault := _fault(policy["effect"], notes):
            raise InputError(fault, file=name, column=f"policy {number}", accepted=ACCEPTED)
        yield Bylaw(id=notes["id"], says=notes["says"], remedy=notes["remedy"])
    if errors := cedarpy.validate_policies(text, schema).errors:
        says = " ".join(errors[0].error.split())[:200]
        raise InputError(f"this bylaw speaks of what there is not: {says}", file=name, accepted="the schema's words")


def _fault(effect: str, notes: Mapping[str, str]) -> str:
    if effect != "forbid":
        return "a bylaw may only forbid: it can tighten and never loosen"
    if not _ID.fullmatch(notes.get("id", "")):
        return "a bylaw has no @id of small letters, digits and underscores"
    if not notes.get("says") or not notes.get("remedy"):
        return "a bylaw must say what is wrong (@says) and what puts it right (@remedy)"
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
    spoken = [one["conditions"] for one in policies if _speaks_of(one["action"], action)]
    return frozenset(_read_of_context(spoken))


def _read_of_context(node: Any) -> Iterator[str]:
    """The attributes of the context that a policy's conditions read; everything, where they take it as a whole."""
    if node == _CONTEXT:
        yield _EVERYTHING
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in (".", "has") and value["left"] == _CONTEXT:
                yield str(value["attr"])
            else:
                yield from _read_of_context(value)
    elif isinstance(node, list):
        for one in node:
            yield from _read_of_context(one)


def _no(answer: cedarpy.AuthzResult) -> frozenset[str]:
    if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
        return frozenset({A_POLICY_FAILED})  # Cedar skips a policy that fails: here it refuses
    if answer.allowed:
        return frozenset()
    ids = frozenset(answer.diagnostics.id_annotations_by_reason.values())
    return ids or frozenset({NOTHING_PERMITS})


def _fact(of: Thing) -> dict[str, Any]:
    return {"uid": _named(of.id), "attrs": of.attributes, "parents": [_named(above) for above in of.within]}


def _without(context: Mapping[str, Any], unread: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in context.items() if key not in unread}


def _spelled(facts: Any) -> str:
    """Facts as JSON; ValueError where a text is none."""
    return msgspec.json.encode(facts).decode()


def _named(of: Id) -> dict[str, str]:
    return {"type": of[0], "id": of[1]}
