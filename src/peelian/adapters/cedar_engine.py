"""Answers the kernel's questions with Cedar: our policies, shipped with the program, and the town's bylaws.

All are parsed and checked against the schema once, when the office opens. A town's bylaws can only forbid, and Cedar
lets one "forbid" outweigh every "permit", so they can only tighten. What is told with every question for the sake of
bylaws (the time in three ways, the capability, of a paper that is no warrant what one would cover, somebody's unit,
when data were admitted) is told only where some policy of that action reads it: Cedar takes 2 to 6 µs for each, and
several times that where its code is in no cache of the processor. For the same reason nothing is asked twice (decision
23), and what differs only in a name that no policy says is the same (decision 24).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy
import msgspec

from peelian.adapters.cedar_memory import Asked, Memory
from peelian.adapters.cedar_reading import EVERYTHING, Reading, reading_of, speaks_of
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
FACTS_FOR_SOME = frozenset({"unit", "admitted"})  # of Person, which only some actions' policies read, and of Dataset
_NOW = frozenset({"now"})
_BEGINNING = "0001-01-01T00:00:00.000Z"
_ALONE = frozenset({"Paper", "Dataset"})  # no fact, context or bylaw looks into one: only who asks about it means it
ACCEPTED = 'policies that begin with @id("a_rule") @says("…") @remedy("…") and forbid'
TOO_DEEP, SETS = "a bylaw is nested too deeply to be asked", "sets with contains, not long chains of || and &&"
_ANYBODY = ("Person", "anybody")
_THIS = "this"
_DECLARED = re.compile(r"^(?:entity|action) .*?^};", re.MULTILINE | re.DOTALL)  # in the schema
_AT_NEED = re.compile(rf"\b({'|'.join(sorted(FOR_BYLAWS | FOR_WARRANTS | FACTS_FOR_SOME))}):")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
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
    reading: Callable[[str], tuple[Reading, Reading]]  # what all policies of an action look at, and the town's alone
    alike: Mapping[str, str]  # an action, and the one that no policy tells it from

    def forbidden_by(self, questions: Sequence[Question], things: Sequence[Thing]) -> list[frozenset[str]]:
        """For each question the ids of the policies that say no. O(questions × (policies + things))."""
        return [self._no_to(one, things) for one in questions]

    def _no_to(self, question: Question, things: Sequence[Thing]) -> frozenset[str]:
        told, untold = dict(question.context), self._untold(question)
        for name in untold & told.keys():
            del told[name]
        answer = self.cedar.answer if "now" in told else self.remembered
        if question.turns and "now" not in told:
            told["now"] = max((turn for turn in question.turns if turn <= question.context["now"]), default=_BEGINNING)
        try:
            return answer(self._asked(question, *self._in_order(question, told, self._ranked(question, things))))
        except ValueError:  # facts that do not fit the schema, or text that is none
            return frozenset({A_POLICY_FAILED})

    def _in_order(
        self, question: Question, told: dict[str, Any], things: Sequence[Thing]
    ) -> tuple[dict[str, Any], Sequence[Thing]]:
        """Where a moment and a fact are compared with each other only, and by no bylaw, it counts which is earlier:
        they are told as the years 2 and 3, and so alike for whomever it is the same. ValueError where one is no moment.
        """
        if question.compared is None:
            return told, things
        name, of, fact = question.compared
        _, towns = self.reading(question.action)
        known = next((one for one in things if one.id == of), None)
        if known is None or name not in told or {name, EVERYTHING} & towns.context or fact in towns.attributes:
            return told, things
        moments = sorted({_moment(question.context[name]), _moment(known.attributes[fact])})
        years = {moment: f"{year:04}{_BEGINNING[4:]}" for year, moment in enumerate(moments, 2)}
        dated = _changed(things, known, fact, years[known.attributes[fact]])
        return {**told, name: years[question.context[name]]}, dated

    def _ranked(self, question: Question, things: Sequence[Thing]) -> Sequence[Thing]:
        """Where two numbers are compared with each other only, and no bylaw looks at the record that they are in, it
        counts which is smaller: they are told as 0 and 1, and so alike until that turns."""
        if question.ranked is None:
            return things
        fact, numbers = question.ranked
        _, towns = self.reading(question.action)
        known = next((one for one in things if one.id == question.of and fact in one.attributes), None)
        if known is None or fact in towns.attributes:
            return things
        record = known.attributes[fact]
        places = sorted({record[name] for name in numbers})
        return _changed(things, known, fact, {**record, **{name: places.index(record[name]) for name in numbers}})

    def _asked(self, question: Question, told: Mapping[str, Any], things: Sequence[Thing]) -> Asked:
        """What Cedar is told: no name that no policy says, and of who asks nothing, where none looks at them."""
        looks, _ = self.reading(question.action)
        _ = question.person[1].encode(), question.of[1].encode()  # what is no text fails, told or not
        about = [one for one in things if one.id == question.of and one.id[0] in _ALONE]
        names: dict[Id, Id] = {}
        if "Person" not in looks.named and "first" not in told:  # nothing else can tell who it is
            names[question.person] = _ANYBODY
        if about and question.of[0] not in looks.named:
            names[question.of] = (question.of[0], _THIS)
        impersonal = about and "capability" not in told and "principal" not in looks.variables and not looks.named
        shared = [] if impersonal else [one for one in things if one.id[0] not in _ALONE]
        untold = FACTS_FOR_SOME - looks.attributes

        def spelled(facts: Sequence[Thing]) -> str:
            return _spelled([_fact(one, names, untold) for one in facts])

        person, of = names.get(question.person, question.person), names.get(question.of, question.of)
        return Asked(person, question.action, of, _spelled(told), spelled(shared), spelled(about) if about else "")

    def _untold(self, question: Question) -> frozenset[str]:
        """What Cedar is not told of its context, where what turns is known the time as well: that is told otherwise."""
        every, towns = self.reading(question.action)
        if EVERYTHING in every.context:
            return frozenset()
        idle = question.idle | _NOW if question.turns else question.idle
        return FOR_BYLAWS - every.context | idle - towns.context

    def judged_as(self, action: str) -> str:
        """The action that no policy tells this one from, or itself."""
        return self.alike.get(action, action)

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
    prepared = cedarpy.Schema.from_str(_DECLARED.sub(lambda one: _AT_NEED.sub(r"\1?:", one[0]), schema))
    towns_own = _parsed("\n".join(texts))
    parsed = [*_parsed(ours), *towns_own]
    cedar = Cedar(policies=_chosen_from(parsed), shared=_parsed_facts(prepared), schema=prepared)

    @lru_cache(maxsize=REMEMBERED)
    def reading(action: str) -> tuple[Reading, Reading]:
        every, towns = ([one for one in some if speaks_of(one, action)] for some in (parsed, towns_own))
        return reading_of(every), reading_of(towns)

    told_apart = any(speaks_of(one, "run") != speaks_of(one, "ask") for one in parsed)
    return CedarEngine(
        cedar=cedar,
        reading=reading,
        remembered=Memory(cedar.answer),
        alike={} if told_apart or "action" in reading_of(parsed).variables else {"run": "ask"},
        digests={"": digest([schema, ours, *texts]), "bylaws": digest(texts) if texts else ""},
        bylaws=towns,
    )


def _chosen_from(parsed: Sequence[Mapping[str, Any]]) -> Callable[[str], cedarpy.PolicySet]:
    """The policies that speak of an action."""

    @lru_cache(maxsize=REMEMBERED)
    def policies(action: str) -> cedarpy.PolicySet:
        return _prepared([policy for policy in parsed if speaks_of(policy, action)])

    return policies


def _prepared(parsed: Sequence[Mapping[str, Any]]) -> cedarpy.PolicySet:
    """Policies ready to be asked; ValueError where one is nested more deeply than Cedar takes."""
    named = {f"policy{n}": policy for n, policy in enumerate(parsed)}
    return cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": named, "templates": {}, "templateLinks": []}))


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
    except RecursionError:
        raise InputError(TOO_DEEP, file=name, accepted=SETS) from None
    except ValueError as wrong:
        says = str(wrong).splitlines()[0][:120]
        raise InputError(f"this is no Cedar policy ({says})", file=name, accepted=ACCEPTED) from None
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
        raise InputError(f"this bylaw speaks of what there is not: {says}", file=name, accepted="the schema's words")


def _fault(policy: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    if policy["effect"] != "forbid":
        return "a bylaw may only forbid: it can tighten and never loosen"
    if not _ID.fullmatch(notes.get("id", "")):
        return "a bylaw has no @id of small letters, digits and underscores"
    if not notes.get("says") or not notes.get("remedy"):
        return "a bylaw must say what is wrong (@says) and what puts it right (@remedy)"
    if _ALONE & reading_of([policy]).looked_into:
        return "a bylaw may name a paper or a dataset to compare it, but looks only into the one that is asked about"
    return ""


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


def _changed(things: Sequence[Thing], known: Thing, fact: str, value: Any) -> list[Thing]:
    """The things, one of them with another fact."""
    changed = Thing(id=known.id, attributes={**known.attributes, fact: value}, within=known.within)
    return [changed if one is known else one for one in things]


def _fact(of: Thing, names: Mapping[Id, Id], untold: frozenset[str]) -> dict[str, Any]:
    told = of.attributes
    if untold & told.keys():
        told = {name: value for name, value in told.items() if name not in untold}
    return {"uid": _named(names.get(of.id, of.id)), "attrs": told, "parents": [_named(above) for above in of.within]}


def _spelled(facts: Any) -> str:
    """Facts as JSON; ValueError where a text is none."""
    return msgspec.json.encode(facts).decode()


def _moment(text: str) -> str:
    """The text, as `moment` spells one; ValueError where it is none."""
    if not _MOMENT.fullmatch(text):
        raise ValueError("no moment")
    datetime.fromisoformat(text)
    return text


def _named(of: Id) -> dict[str, str]:
    return {"type": of[0], "id": of[1]}
