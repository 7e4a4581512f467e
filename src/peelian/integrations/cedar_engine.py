"""Cedar: the policy engine that answers the kernel's questions with our policies and the town's bylaws.

All are parsed and checked against the schema once: when an office with bylaws opens, else before the first question. A
town's bylaws can only forbid, and Cedar lets one "forbid" outweigh every "permit", so they can only tighten. Cedar is
asked each question anew, with the time and the facts as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy

from peelian.errors import InputError, IntegrityError, sentence
from peelian.kernel.policy.engine_port import A_POLICY_FAILED, NOTHING_PERMITS, Bylaw, Entity, Id, Question
from peelian.measure.canonical import canonical_digest

MOST_BYTES = 1 << 20
ASKED_ABOUT = frozenset({"Authorization", "Dataset"})  # of these Cedar is told only the one that is asked about
ACCEPTED = 'policies that begin with @id("a_rule") @says("…") @remedy("…") and forbid'
TOO_DEEP, SETS = "a bylaw is nested too deeply to be asked", "sets with contains, not long chains of || and &&"
_COMPARISONS = frozenset({"==", "!=", "in", "is", "Set"})  # two entities are compared: nothing of either is read
_ID = re.compile(r"[a-z][a-z0-9_]{2,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CedarEngine:
    """What the kernel asks. Made by `open_policies`."""

    policies: Mapping[str, cedarpy.PolicySet]  # by action, those whose scope takes it; "": of any other action
    schema: cedarpy.Schema
    digests: Mapping[str, str]
    bylaws: Mapping[str, Bylaw]

    def forbidden_by(self, question: Question, things: Sequence[Entity]) -> frozenset[str]:
        """The ids of the policies that say no. O(policies + things)."""
        return self.each_forbidden_by([question], things)[0]

    def each_forbidden_by(self, questions: Sequence[Question], things: Sequence[Entity]) -> list[frozenset[str]]:
        """The same for each of several questions. O(questions x policies + things)."""
        facts = [
            {"uid": _named(one.id), "attrs": one.attributes, "parents": [_named(above) for above in one.within]}
            for one in things
        ]
        answers = [frozenset({A_POLICY_FAILED})] * len(questions)
        try:
            known = _entities(json.dumps(facts), self.schema)
            for action in {question.action for question in questions}:
                policies = self.policies.get(action, self.policies[""])
                asked = [n for n, question in enumerate(questions) if question.action == action]
                requests = [_request(questions[n]) for n in asked]
                found = cedarpy.is_authorized_batch(requests, policies, known, self.schema)
                for n, one in zip(asked, found, strict=True):
                    answers[n] = _no(one)
        except ValueError:  # facts that do not fit the schema, or text that is none
            return [frozenset({A_POLICY_FAILED})] * len(questions)
        return answers

    def digest(self, part: str = "") -> str:
        """A digest of all policies and their schema, or of the town's own only."""
        return self.digests[part]


def open_policies(bylaws: Path | None = None) -> CedarEngine:
    """Our policies and the bylaws in a folder, checked; InputError names the file and what is wrong with it.

    IntegrityError where the policies shipped with the program are damaged.
    """
    return _engine(*_shipped(), tuple(_texts_in(bylaws)))


@lru_cache(maxsize=16)
def _entities(facts: str, schema: cedarpy.Schema) -> cedarpy.Entities:
    """Facts as Cedar takes them. A page asks several questions in a row of the same ones, to the last letter."""
    return cedarpy.Entities.from_json_str(facts, schema)


@lru_cache(maxsize=4)
def _engine(schema: str, ours: str, named: tuple[tuple[str, str], ...]) -> CedarEngine:
    """The same texts are parsed and checked once by a process that opens its office again and again."""
    if checked := cedarpy.validate_policies(ours, schema).errors:
        says = sentence("The program's own policies are damaged (%(n)d errors). Install it again.", n=len(checked))
        raise IntegrityError(says)
    shipped = _parsed(ours)
    known = {policy["annotations"]["id"] for policy in shipped}
    texts: list[str] = []
    towns: dict[str, Bylaw] = {}
    for name, text in named:
        for bylaw in _bylaws(name, text, schema):
            if bylaw.id in known | set(towns):
                raise InputError(
                    "a policy with this @id already exists", file=name, column=bylaw.id, accepted="another"
                )
            towns[bylaw.id] = bylaw
        texts.append(text)
    parsed = [*shipped, *_parsed("\n".join(texts))]
    return CedarEngine(
        policies=_by_action(parsed),
        schema=cedarpy.Schema.from_str(schema),
        digests={"": canonical_digest([schema, ours, *texts]), "bylaws": canonical_digest(texts) if texts else ""},
        bylaws=towns,
    )


def _prepared(parsed: Sequence[Mapping[str, Any]]) -> cedarpy.PolicySet:
    """Policies ready to be asked; ValueError where one is nested more deeply than Cedar takes."""
    named = {f"policy{n}": policy for n, policy in enumerate(parsed)}
    return cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": named, "templates": {}, "templateLinks": []}))


def _by_action(parsed: Sequence[Mapping[str, Any]]) -> dict[str, cedarpy.PolicySet]:
    """The policies that each action is judged by. Cedar looks no further into one whose scope names other actions, but
    it goes through all of them: most name one or two. The schema has no groups of actions."""
    actions = {action for policy in parsed for action in _actions(policy)}
    every = {"": _prepared(parsed)}
    return every | {
        action: _prepared([one for one in parsed if not _actions(one) or action in _actions(one)]) for action in actions
    }


def _actions(policy: Mapping[str, Any]) -> frozenset[str]:
    """The actions that the scope of a policy names; empty: it takes any."""
    scope = policy["action"]
    return frozenset(
        one["id"] for one in (*scope.get("entities", ()), *([scope["entity"]] if "entity" in scope else ()))
    )


def _shipped() -> tuple[str, str]:
    folder = files("peelian.kernel.policy").joinpath("policies")
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if ".cedar" in entry.name}
    ours = [texts[name] for name in sorted(texts) if name.endswith(".cedar")]
    return texts["peelian.cedarschema"], "\n".join(ours)


def _texts_in(folder: Path | None) -> Iterator[tuple[str, str]]:
    if folder is None or not folder.exists():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix != ".cedar" or not path.is_file():
            raise InputError("not a policy file", file=f"bylaws/{path.name}", accepted="files that end in .cedar")
        if path.stat().st_size > MOST_BYTES:
            raise InputError("bylaws file too long", file=f"bylaws/{path.name}", accepted="up to 1 MiB")
        try:
            yield f"bylaws/{path.name}", path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise InputError("not text", file=f"bylaws/{path.name}", accepted="UTF-8") from None


def _bylaws(name: str, text: str, schema: str) -> Iterator[Bylaw]:
    try:
        policies = _parsed(text)
    except RecursionError:
        raise InputError(TOO_DEEP, file=name, accepted=SETS) from None
    except ValueError as wrong:
        says = str(wrong).splitlines()[0][:120]
        raise InputError(sentence("not a Cedar policy (%(why)s)", why=says), file=name, accepted=ACCEPTED) from None
    try:
        _prepared(policies)
    except (ValueError, RecursionError):
        raise InputError(TOO_DEEP, file=name, accepted=SETS) from None
    for number, policy in enumerate(policies, 1):
        notes = {name: (value or "").strip() for name, value in policy.get("annotations", {}).items()}
        if fault := _fault(policy, notes):
            raise InputError(fault, file=name, column=f"policy {number}", accepted=ACCEPTED)
        yield Bylaw(id=notes["id"], says=notes["says"], remedy=notes["remedy"])
    if errors := cedarpy.validate_policies(text, schema).errors:
        says = " ".join(errors[0].error.split())[:200]
        says = sentence("bylaw with unknown names: %(why)s", why=says)
        raise InputError(says, file=name, accepted="names of the schema")


def _fault(policy: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    if policy["effect"] != "forbid":
        return "a bylaw may only forbid: it can tighten and never loosen"
    if not _ID.fullmatch(notes.get("id", "")):
        return "a bylaw has no @id of small letters, digits and underscores"
    if not notes.get("says") or not notes.get("remedy"):
        return "a bylaw must say what is wrong (@says) and what puts it right (@remedy)"
    if ASKED_ABOUT & set(_looked_into(policy)):
        return "a bylaw may compare authorizations or datasets, but looks only into the one asked about"
    return ""


def _looked_into(policy: Mapping[str, Any]) -> Iterator[str]:
    """The types of the entities that a policy names and reads something of: "Authorization" of
    `Authorization::"9a".kind`."""
    for condition in policy["conditions"]:
        yield from _looked_into_by(condition["body"], "")


def _looked_into_by(expression: Mapping[str, Any], around: str) -> Iterator[str]:
    ((does, given),) = expression.items()
    if does == "Value":
        if isinstance(given, dict) and around not in _COMPARISONS:
            yield given.get("__entity", {}).get("type", "")
    elif does != "Var":
        for part in given.values() if isinstance(given, dict) else given:
            if isinstance(part, dict):
                yield from _looked_into_by(part, does)


def _parsed(text: str) -> list[dict[str, Any]]:
    """The policies of a text in order; ValueError where it is none, or a template, which decides nothing by itself."""
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    if parsed["templates"]:
        raise ValueError("a template")
    found: dict[str, dict[str, Any]] = parsed["staticPolicies"]
    return [found[key] for key in sorted(found, key=lambda key: int(key.removeprefix("policy")))]


def _no(answer: cedarpy.AuthzResult) -> frozenset[str]:
    if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
        return frozenset({A_POLICY_FAILED})  # Cedar skips a policy that fails: here it refuses
    if answer.allowed:
        return frozenset()
    ids = frozenset(answer.diagnostics.id_annotations_by_reason.values())
    return ids or frozenset({NOTHING_PERMITS})


def _request(question: Question) -> dict[str, Any]:
    return {
        "principal": _named(question.person),
        "action": {"type": "Action", "id": question.action},
        "resource": _named(question.of),
        "context": dict(question.context),
    }


def _named(of: Id) -> dict[str, str]:
    return {"type": of[0], "id": of[1]}
